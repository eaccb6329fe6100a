"""A DICOM waveform as a record: 12-lead, General and other ECGs, 8 to 32 bits, any sensible scale.

Rule 1: of several multiplex groups the longest original one is read; what is left out is noted.
Rule 2: padding becomes a gap of its lead. A file that declares none has none.
Rule 3: samples without a scale or a rate are refused: they could be drawn, but not read.
"""

from datetime import UTC, datetime, timedelta, timezone, tzinfo
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.kernel.time import CHINA, from_datetime
from goldenhour.wire.ecg_files.elements import (
    Item,
    items_of,
    octets_of,
    read_elements,
    text_of,
    word_of,
)
from goldenhour.wire.ecg_files.leads import name_in, name_of_number
from goldenhour.wire.ecg_files.record import (
    AGE,
    MAX_FILE_BYTES,
    MAX_RATE_HZ,
    EcgFileError,
    EcgRecord,
    Lead,
    check_size,
    with_gaps,
)

_CHARACTER_SET: Final = 0x00080005
_SERIES_DATE, _SERIES_CLOCK = 0x00080023, 0x00080033
_STUDY_DATE, _STUDY_CLOCK = 0x00080020, 0x00080030
_ACQUIRED: Final = 0x0008002A
_ZONE: Final = 0x00080201
_MODEL: Final = 0x00081090
_PATIENT_ID, _PATIENT_SEX, _PATIENT_AGE = 0x00100020, 0x00100040, 0x00101010
_QUALITY_CONTROL: Final = 0x00100200
_STUDY_ID: Final = 0x00200010
_CODE_VALUE, _CODE_SCHEME, _CODE_MEANING = 0x00080100, 0x00080102, 0x00080104
_WAVEFORMS: Final = 0x54000100
_ORIGINALITY, _CHANNELS, _SAMPLES, _RATE = 0x003A0004, 0x003A0005, 0x003A0010, 0x003A001A
_DEFINITIONS, _LABEL, _SOURCE = 0x003A0200, 0x003A0203, 0x003A0208
_SENSITIVITY, _UNITS, _CORRECTION = 0x003A0210, 0x003A0211, 0x003A0212
_BASELINE, _SKEW = 0x003A0213, 0x003A0215
_BITS, _INTERPRETATION, _PADDING, _DATA = 0x54001004, 0x54001006, 0x5400100A, 0x54001010

_TYPES: Final = {
    ("SB", 8): "<i1",
    ("UB", 8): "<u1",
    ("SS", 16): "<i2",
    ("US", 16): "<u2",
    ("SL", 32): "<i4",
}
_NANOVOLTS: Final = {"nV": 1, "uV": 1_000, "µV": 1_000, "mV": 1_000_000, "V": 1_000_000_000}
_ENCODINGS: Final = {
    "": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
_LEAD_SCHEMES: Final = frozenset({"SCPECG", "MDC"})
_NUMBER_CHARS: Final = 32


def read_dicom(data: bytes) -> EcgRecord:
    """Raises EcgFileError, and nothing else, for whatever the bytes are."""
    if len(data) > MAX_FILE_BYTES:
        raise EcgFileError("file", f"{len(data)} bytes, {MAX_FILE_BYTES} are possible")
    file = read_elements(data)
    groups = items_of(file, _WAVEFORMS, "WaveformSequence")
    originals = [
        group
        for group in groups
        if text_of(group, _ORIGINALITY, "WaveformOriginality") in ("ORIGINAL", "")
    ]
    if not originals:
        raise EcgFileError("WaveformSequence", "no original waveform in it")
    group = max(originals, key=_sample_count)
    notes = []
    if len(groups) > 1:
        notes.append(f"{len(groups) - 1} further multiplex groups left out")
    encoding = _encoding_of(file)
    leads, skewed = _leads(group, encoding)
    if skewed:
        notes.append("channel skew left out")
    samples, mask = _samples(group, len(leads))
    record = EcgRecord(
        leads=leads,
        rate_hz=_rate(group),
        samples=samples,
        begun_ms=_begun_ms(file),
        device=text_of(file, _MODEL, "ManufacturerModelName", encoding),
        test=text_of(file, _QUALITY_CONTROL, "QualityControlSubject") == "YES",
        subject=text_of(file, _PATIENT_ID, "PatientID", encoding),
        case=text_of(file, _STUDY_ID, "StudyID", encoding),
        sex=_sex(file),
        age=_age(file),
        notes=tuple(notes),
    )
    return with_gaps(record, mask)


def _encoding_of(file: Item) -> str:
    name = text_of(file, _CHARACTER_SET, "SpecificCharacterSet")
    return _ENCODINGS.get(name, "ascii")


def _sample_count(group: Item) -> int:
    return word_of(group, _SAMPLES, "NumberOfWaveformSamples", 4)


def _rate(group: Item) -> Fraction:
    rate_hz = _number(group, _RATE, "SamplingFrequency")
    if rate_hz is None or not 0 < rate_hz <= MAX_RATE_HZ:
        raise EcgFileError("SamplingFrequency", f"{rate_hz} is no rate of an ECG")
    return rate_hz


def _leads(group: Item, encoding: str) -> tuple[tuple[Lead, ...], bool]:
    count = word_of(group, _CHANNELS, "NumberOfWaveformChannels")
    channels = items_of(group, _DEFINITIONS, "ChannelDefinitionSequence")
    check_size(1, count, "NumberOfWaveformChannels")
    if len(channels) != count:
        raise EcgFileError("ChannelDefinitionSequence", f"{len(channels)} items for {count}")
    leads = []
    for place, channel in enumerate(channels):
        sensitivity = _number(channel, _SENSITIVITY, "ChannelSensitivity")
        if sensitivity is None:
            raise EcgFileError("ChannelSensitivity", "absent: the samples have no scale")
        unit_nv = _unit_nv(channel)
        correction = _number(channel, _CORRECTION, "ChannelSensitivityCorrectionFactor")
        lsb_nv = sensitivity * unit_nv * (1 if correction is None else correction)
        if not lsb_nv:
            raise EcgFileError("ChannelSensitivity", "0: the samples have no scale")
        baseline = _number(channel, _BASELINE, "ChannelBaseline")
        leads.append(
            Lead(
                name=_lead_name(channel, place, encoding),
                lsb_nv=lsb_nv,
                zero_nv=(baseline or Fraction(0)) * unit_nv,
            )
        )
    skews = (_number(channel, _SKEW, "ChannelSampleSkew") for channel in channels)
    return tuple(leads), any(skews)


def _lead_name(channel: Item, place: int, encoding: str) -> str:
    for source in items_of(channel, _SOURCE, "ChannelSourceSequence"):
        value = text_of(source, _CODE_VALUE, "CodeValue", encoding)
        scheme = text_of(source, _CODE_SCHEME, "CodingSchemeDesignator", encoding)
        number = value.removeprefix("5.6.3-9-").removeprefix("2:")
        if scheme in _LEAD_SCHEMES and number.isascii() and number.isdigit():
            known = name_of_number(int(number[:6]))
            if known:
                return known
        meaning = text_of(source, _CODE_MEANING, "CodeMeaning", encoding)
        if meaning:
            return name_in(meaning)
    label = text_of(channel, _LABEL, "ChannelLabel", encoding)
    return name_in(label) if label else f"{place + 1}"


def _unit_nv(channel: Item) -> int:
    units = items_of(channel, _UNITS, "ChannelSensitivityUnitsSequence")
    unit = text_of(units[0], _CODE_VALUE, "CodeValue", "latin-1") if units else ""
    if unit not in _NANOVOLTS:
        raise EcgFileError("ChannelSensitivityUnitsSequence", f"{unit or 'absent'}: no voltage")
    return _NANOVOLTS[unit]


def _samples(group: Item, leads: int) -> tuple[NDArray[np.int32], NDArray[np.bool_]]:
    interpretation = text_of(group, _INTERPRETATION, "WaveformSampleInterpretation")
    bits = word_of(group, _BITS, "WaveformBitsAllocated")
    kind = _TYPES.get((interpretation, bits))
    if kind is None:
        raise EcgFileError(
            "WaveformSampleInterpretation", f"{interpretation or 'absent'} of {bits} bits"
        )
    count = _sample_count(group)
    check_size(count, leads, "NumberOfWaveformSamples")
    raw = octets_of(group, _DATA, "WaveformData")
    size = bits // 8
    if len(raw) < count * leads * size:
        raise EcgFileError("WaveformData", f"{len(raw)} bytes instead of {count * leads * size}")
    values = np.frombuffer(raw, kind, count * leads).reshape(count, leads)
    padding = octets_of(group, _PADDING, "WaveformPaddingValue")
    mask = np.zeros(values.shape, np.bool_)
    if len(padding) >= size:
        mask = values == np.frombuffer(padding, kind, 1)[0]
    return values.astype(np.int32), mask


def _number(item: Item, tag: int, field: str) -> Fraction | None:
    """A decimal string, exactly; None where it is absent or empty."""
    text = text_of(item, tag, field)
    if not text:
        return None
    mantissa, _, exponent = text.lower().partition("e")
    try:
        # A fraction is exact, so that an exponent of a billion would be a billion digits.
        if len(text) > _NUMBER_CHARS or abs(int(exponent or 0)) > _NUMBER_CHARS or "/" in text:
            raise EcgFileError(field, f"{text[:_NUMBER_CHARS]!r} is out of range")
        return Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
    except (ValueError, ZeroDivisionError) as error:
        raise EcgFileError(field, f"{text[:_NUMBER_CHARS]!r} is no number") from error


def _begun_ms(file: Item) -> int | None:
    """Where the file names no zone it is China's: people here set their devices by it."""
    zone = _zone(text_of(file, _ZONE, "TimezoneOffsetFromUTC")) or CHINA
    text = text_of(file, _ACQUIRED, "AcquisitionDateTime")
    if not text:
        for date, clock in ((_SERIES_DATE, _SERIES_CLOCK), (_STUDY_DATE, _STUDY_CLOCK)):
            text = text_of(file, date, "ContentDate") + text_of(file, clock, "ContentTime")
            if text:
                break
    if not text:
        return None
    for sign in "+-":
        if sign in text:
            text, _, offset = text.partition(sign)
            zone = _zone(sign + offset) or zone
    whole, _, part = text.partition(".")
    if len(whole) >= 8:  # noqa: PLR2004 (a date; hours and what follows may be left out)
        whole = whole.ljust(14, "0")
    try:
        when = datetime.strptime(whole, "%Y%m%d%H%M%S").replace(tzinfo=zone)
        micro = int((part + "000000")[:6])
        return from_datetime(when.astimezone(UTC) + timedelta(microseconds=micro))
    except (ValueError, OverflowError) as error:
        raise EcgFileError("AcquisitionDateTime", f"{text[:30]!r} is no time") from error


def _zone(text: str) -> tzinfo | None:
    if len(text) != 5 or text[0] not in "+-" or not text[1:].isdecimal():  # noqa: PLR2004 (&ZZXX)
        return None
    minutes = int(text[1:3]) * 60 + int(text[3:5])
    if minutes > 14 * 60:
        return None
    return timezone(timedelta(minutes=-minutes if text[0] == "-" else minutes))


def _sex(file: Item) -> str:
    sex = text_of(file, _PATIENT_SEX, "PatientSex")
    return sex if sex in ("M", "F", "O") else ""


def _age(file: Item) -> str:
    text = text_of(file, _PATIENT_AGE, "PatientAge")
    return text if AGE.fullmatch(text) else ""
