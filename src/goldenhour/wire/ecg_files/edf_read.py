"""An EDF or EDF+ file as a record; read by hand, since limits must hold before anything is made.

Rule 1: the header is checked against the file's length before samples are looked at; scales are
        exact fractions of what it says in characters.
Rule 2: EDF+D's pauses and the annotation `Signal gap` become gaps.
Rule 3: signals that are no voltage, or sampled at another rate than most, are left out and noted.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from goldenhour.kernel.time import CHINA, from_datetime
from goldenhour.wire.ecg_files.edf import ENDS, GAP, OF_LEAD, TEST_WORD
from goldenhour.wire.ecg_files.leads import name_in
from goldenhour.wire.ecg_files.record import (
    MAX_FILE_BYTES,
    MAX_RATE_HZ,
    EcgFileError,
    EcgRecord,
    Lead,
    check_size,
    cut,
    with_gaps,
)

_HEAD_BYTES: Final = 256
_MAX_SIGNALS: Final = 256
_MAX_RECORDS: Final = 200_000
_MAX_TALS: Final = 200_000
"""Data records and annotations are Python's objects, so their number is bounded apart."""
_ANNOTATIONS: Final = "EDF Annotations"
_SIGNAL_FIELDS: Final = (
    ("label", 16),
    ("transducer", 80),
    ("dimension", 8),
    ("physical_min", 8),
    ("physical_max", 8),
    ("digital_min", 8),
    ("digital_max", 8),
    ("prefiltering", 80),
    ("samples_per_record", 8),
    ("reserved", 32),
)
_NANOVOLTS: Final = {"nV": 1, "uV": 1_000, "µV": 1_000, "mV": 1_000_000, "V": 1_000_000_000}
_NUMBER: Final = re.compile(r"[+-]?\d{1,20}(\.\d{0,20})?")
_TAL: Final = re.compile(
    rb"([+-]\d{1,12}(?:\.\d{0,20})?)(?:\x15(\d{1,12}(?:\.\d{0,20})?))?\x14([^\x00]*)\x14"
)
_MONTHS: Final = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905 (as the format's text lists them)


class _Signal(NamedTuple):
    label: str
    unit_nv: int | None
    """None: no voltage."""
    physical: tuple[Fraction, Fraction]
    digital: tuple[int, int]
    in_record: int
    """Samples in a data record."""
    at: int
    """The place of the first of them."""


class _Note(NamedTuple):
    onset_s: Fraction
    duration_s: Fraction
    text: str


def read_edf(data: bytes) -> EcgRecord:
    """Raises EcgFileError, and nothing else, for whatever the bytes are."""
    if len(data) > MAX_FILE_BYTES:
        raise EcgFileError("file", f"{len(data)} bytes, {MAX_FILE_BYTES} are possible")
    if data[:8].rstrip() != b"0":
        raise EcgFileError("version", "this is no EDF file")
    signals = _signals(data)
    record_s = _number(data[244:252], "data_record_duration")
    if record_s <= 0:
        raise EcgFileError("data_record_duration", f"{record_s} s is no length")
    width = sum(signal.in_record for signal in signals)
    notes: list[str] = []
    records = _record_count(data, signals, width, notes)
    begin = _HEAD_BYTES * (1 + len(signals))
    table = np.frombuffer(data, "<i2", records * width, begin).reshape(records, width)
    chosen = _chosen(signals, notes)
    in_record = chosen[0].in_record
    rate_hz = in_record / record_s
    if not 0 < rate_hz <= MAX_RATE_HZ:
        raise EcgFileError("samples_per_record", f"{float(rate_hz):g} Hz is no rate of an ECG")
    onsets, remarks = _annotations(table, signals)
    begun_s = onsets[0] if onsets else Fraction(0)
    places = _places(_text(data[192:236]), onsets, records, in_record, rate_hz)
    total = places[-1] + in_record
    check_size(total, len(chosen), "num_data_records")

    samples = np.zeros((total, len(chosen)), np.int32)
    mask = np.ones(samples.shape, np.bool_)
    for row, place in enumerate(places):
        mask[place : place + in_record] = False
        for column, signal in enumerate(chosen):
            part = table[row, signal.at : signal.at + signal.in_record]
            samples[place : place + signal.in_record, column] = part
    labels = [signal.label for signal in chosen]
    end = _mark(mask, [r._replace(onset_s=r.onset_s - begun_s) for r in remarks], labels, rate_hz)
    recording = _text(data[88:168]).split()
    patient = _text(data[8:88]).split()
    record = EcgRecord(
        leads=tuple(_lead(signal) for signal in chosen),
        rate_hz=rate_hz,
        samples=samples,
        begun_ms=_begun_ms(data, recording, begun_s),
        device=_code(recording, 4),
        test=TEST_WORD in recording[5:],
        subject=_code(patient, 0),
        case=_code(recording, 2),
        sex=_code(patient, 1) if _code(patient, 1) in ("M", "F") else "",
        notes=tuple(notes),
    )
    whole = with_gaps(record, mask)
    return whole if end is None else cut(whole, 0, end)


def _signals(data: bytes) -> list[_Signal]:
    count = _integer(data[252:256], "num_signals")
    if not 1 <= count <= _MAX_SIGNALS:
        raise EcgFileError("num_signals", f"{count}, 1 to {_MAX_SIGNALS} are possible")
    if len(data) < _HEAD_BYTES * (1 + count):
        raise EcgFileError("header", "cut short")
    if _integer(data[184:192], "bytes_in_header") != _HEAD_BYTES * (1 + count):
        raise EcgFileError("bytes_in_header", f"wrong for {count} signals")
    columns: dict[str, list[bytes]] = {}
    at = _HEAD_BYTES
    for name, size in _SIGNAL_FIELDS:
        columns[name] = [data[at + n * size : at + (n + 1) * size] for n in range(count)]
        at += count * size
    signals, begin = [], 0
    for n in range(count):
        fields = {name: column[n] for name, column in columns.items()}
        signals.append(_signal(fields, begin))
        begin += signals[-1].in_record
    return signals


def _signal(fields: dict[str, bytes], begin: int) -> _Signal:
    label = _text(fields["label"])
    count = _integer(fields["samples_per_record"], "samples_per_record")
    if count < 1:
        raise EcgFileError("samples_per_record", f"{count}")
    unit_nv = None if label == _ANNOTATIONS else _NANOVOLTS.get(_text(fields["dimension"]))
    physical, digital = (Fraction(0), Fraction(1)), (0, 1)
    if unit_nv is not None:
        low, high = (_number(fields[n], n) for n in ("physical_min", "physical_max"))
        least, greatest = (_integer(fields[n], n) for n in ("digital_min", "digital_max"))
        if low == high:
            raise EcgFileError("physical_max", f"{label}: equals physical_min, there is no scale")
        if least >= greatest:
            raise EcgFileError("digital_max", f"{label}: not above digital_min")
        physical, digital = (low, high), (least, greatest)
    return _Signal(label, unit_nv, physical, digital, count, begin)


def _record_count(data: bytes, signals: list[_Signal], width: int, notes: list[str]) -> int:
    told = _integer(data[236:244], "num_data_records")
    there = (len(data) - _HEAD_BYTES * (1 + len(signals))) // (2 * width)
    if told == -1:
        told = there
    if not 1 <= told <= there:
        raise EcgFileError("num_data_records", f"{told}, but {there} are in the file")
    if told > _MAX_RECORDS:
        raise EcgFileError("num_data_records", f"{told}, {_MAX_RECORDS} are possible")
    if told < there:
        notes.append(f"{there - told} data records beyond the header's number left out")
    return told


def _chosen(signals: list[_Signal], notes: list[str]) -> list[_Signal]:
    voltages = [signal for signal in signals if signal.unit_nv is not None]
    if not voltages:
        raise EcgFileError("physical_dimension", "no signal is a voltage")
    counts = [signal.in_record for signal in voltages]
    most = max(set(counts), key=lambda count: (counts.count(count), count))
    chosen = [signal for signal in voltages if signal.in_record == most]
    notes += [
        f"signal {signal.label!r} left out"
        for signal in signals
        if signal not in chosen and signal.label != _ANNOTATIONS
    ]
    return chosen


def _lead(signal: _Signal) -> Lead:
    assert signal.unit_nv is not None  # only voltages are chosen
    (low, high), (least, greatest) = signal.physical, signal.digital
    lsb = (high - low) / (greatest - least)
    return Lead(
        name=name_in(signal.label),
        lsb_nv=lsb * signal.unit_nv,
        zero_nv=(low - lsb * least) * signal.unit_nv,
    )


def _places(
    kind: str, onsets: list[Fraction], records: int, count: int, rate_hz: Fraction
) -> list[int]:
    """The first sample of each data record on the record's own grid."""
    if not kind.startswith("EDF+D"):
        return [row * count for row in range(records)]
    if len(onsets) != records:
        raise EcgFileError("annotations", "a data record without its time in an EDF+D file")
    places = [round((onset - onsets[0]) * rate_hz) for onset in onsets]
    if any(later < place + count for place, later in pairwise(places)):
        raise EcgFileError("annotations", "data records that overlap")
    return places


def _annotations(
    table: NDArray[np.int16], signals: list[_Signal]
) -> tuple[list[Fraction], list[_Note]]:
    """When each data record begins, as its first annotation says, and our own annotations."""
    onsets: list[Fraction] = []
    remarks: list[_Note] = []
    lanes = [signal for signal in signals if signal.label == _ANNOTATIONS]
    seen = 0
    for row in table if lanes else ():
        for lane in lanes:
            for number, tal in enumerate(_tals(row[lane.at : lane.at + lane.in_record].tobytes())):
                seen += 1
                if seen > _MAX_TALS:
                    raise EcgFileError("annotations", f"more than {_MAX_TALS}")
                if number == 0 and lane is lanes[0]:
                    onsets.append(tal.onset_s)
                if tal.text.startswith((GAP, ENDS)):
                    remarks.append(tal)
    return onsets, remarks


def _tals(raw: bytes) -> Iterator[_Note]:
    for match in _TAL.finditer(raw):
        for text in match[3].split(b"\x14"):
            yield _Note(
                Fraction(match[1].decode()),
                Fraction((match[2] or b"0").decode()),
                text.decode("utf-8", "replace"),
            )


def _mark(
    mask: NDArray[np.bool_], remarks: list[_Note], labels: list[str], rate_hz: Fraction
) -> int | None:
    """Sets the gaps that were annotated; where the recording ends, if that was."""
    end = None
    for remark in remarks:
        first = max(round(remark.onset_s * rate_hz), 0)
        if remark.text == ENDS:
            end = first
            continue
        until = max(round((remark.onset_s + remark.duration_s) * rate_hz), 0)
        _, tied, label = remark.text.partition(OF_LEAD)
        if tied and label in labels:
            mask[first:until, labels.index(label)] = True
        else:
            mask[first:until] = True
    return end


def _begun_ms(data: bytes, recording: list[str], begun_s: Fraction) -> int | None:
    date, clock = _text(data[168:176]), _text(data[176:184])
    try:
        day, month, year = (int(part) for part in re.split(r"[./-]", date))
        year += 1900 if year >= 85 else 2000  # noqa: PLR2004 (the format's pivot)
        if recording[:1] == ["Startdate"] and len(recording) > 1:
            if recording[1] == "X":
                return None
            of_plus = recording[1].split("-")
            day, month, year = int(of_plus[0]), _MONTHS.index(of_plus[1]) + 1, int(of_plus[2])
        hour, minute, second = (int(part) for part in re.split(r"[.:]", clock))
        local = datetime(year, month, day, hour, minute, second, tzinfo=CHINA)
    except (ValueError, IndexError, OverflowError) as error:
        raise EcgFileError("startdate", f"{date!r} {clock!r} is no time") from error
    return from_datetime(local.astimezone(UTC)) + round(begun_s * 1000)


def _code(fields: list[str], place: int) -> str:
    text = fields[place] if len(fields) > place else "X"
    return "" if text == "X" else text


def _text(raw: bytes) -> str:
    return raw.decode("latin-1").strip()


def _number(raw: bytes, field: str) -> Fraction:
    text = _text(raw)
    if not (text.isascii() and _NUMBER.fullmatch(text)):
        raise EcgFileError(field, f"{text!r} is no number")
    return Fraction(text)


def _integer(raw: bytes, field: str) -> int:
    number = _number(raw, field)
    if number.denominator != 1:
        raise EcgFileError(field, f"{number} is no whole number")
    return int(number)
