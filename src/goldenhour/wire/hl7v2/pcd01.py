"""IHE PCD-01: one monitor's report as numerics in our units, and what it alarms (`alarms.py`).

Rule 1: any bytes give an `Observation` or a `Rejected`; nothing is raised.
Rule 2: code first, then name. Where both are known and disagree, there is no value.
Rule 3: no value (8388607, OBX-11 X, empty), no known unit or an impossible value is None with the
reason; it is never zero, never clipped and never a guess.
Rule 4: where several places of the containment tree report one sign, a place with a value wins,
then the better code, then the place that the maker's row prefers, then the lower OBX-4; a cuff's
three numbers come from one place.
Rule 5: PID is read to be shown and compared; it never binds anything to anybody.
Rule 6: how makers depart from the profile is an argument (`quirks.py`); without a row that applies
a message is read as the profile has it.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import timezone
from typing import Final

from msgspec.structs import replace

from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import SPOT, Numeric, Sign
from goldenhour.kernel.time import HOUR_MS
from goldenhour.wire.hl7v2 import mdc
from goldenhour.wire.hl7v2.alarms import read_alarms, split_rows
from goldenhour.wire.hl7v2.message import (
    TRIGGERS,
    Envelope,
    Message,
    Reason,
    Rejected,
    Separators,
    component,
    field,
    offset_of,
    parse,
    parse_time,
    unescape,
)
from goldenhour.wire.hl7v2.quirks import Maker, list_makers


class Observation(Record):
    envelope: Envelope
    device_id: str
    """EUI-64 in capitals without separators where there is one, else the sender's own name."""
    device_ms: int | None
    """The latest OBX-14, else OBR-7, else MSH-7, by the device's clock."""
    device_offset_min: int | None
    """MSH-7's own offset; None: it gave none."""
    patient_name: str
    patient_number: str
    """PID-3, its first component."""
    values: tuple[Numeric, ...]
    """At most one for each sign, in the order of `Sign`."""
    ignored: tuple[str, ...]
    """Codes that we do not chart, each once: `code^name^system`."""
    clock_doubted: bool = False
    reads_answers: bool = True
    """False: by its maker's row it never reads one."""
    alarms: tuple[DeviceAlarm, ...] = ()
    """What the device alarms by itself, as far as this message tells."""


class _Reading(Record):
    numeric: Numeric
    rank: int
    place: tuple[int, ...]


_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,12}(\.[0-9]{1,12})?")
_INDEX: Final = re.compile("[0-9]{1,9}")
_WITHOUT_VALUE: Final = frozenset("XDWNIO")
"""OBX-11: not available, deleted, wrong, not asked, pending, order only."""
_LONGEST_QUOTE: Final = 40
_OLDEST_MS: Final = 24 * HOUR_MS


def decode(raw: bytes, makers: Iterable[Maker] = ()) -> Observation | Rejected:
    """One message without its MLLP frame."""
    message = parse(raw)
    if isinstance(message, Rejected):
        return message
    header = message.segments[0]
    rows = message.list_segments("OBX")
    device_id = _device_id(message, rows)
    refusal = _refuse(message)
    if refusal is not None:
        return replace(refusal, device_id=device_id)
    if not device_id:
        return Rejected(
            envelope=message.envelope,
            reason=Reason.REQUIRED_FIELD,
            field="MSH-3",
            text="neither MSH-3, MSH-4 nor OBX-18 names the device",
        )
    zone = offset_of(field(header, 7))
    times = [at_ms for row in rows if (at_ms := parse_time(field(row, 14), zone)) is not None]
    requests = message.list_segments("OBR")
    other = [field(request, 7) for request in requests] + [field(header, 7)]
    told = (at_ms for text in other if (at_ms := parse_time(text, zone)) is not None)
    fallback_ms = next(told, None)
    if fallback_ms is not None and any(field(row, 5) and not field(row, 14) for row in rows):
        times.append(fallback_ms)  # of the rows without a time of their own
    device_ms = max(times, default=fallback_ms)
    offset = zone.utcoffset(None) if zone else None
    found = _list_makers(message, rows, makers)
    codebook = _codebook(found)
    signs = message.envelope.separators
    measured, alarms = split_rows(message)
    readings, ignored = _read_rows(measured, signs, codebook, zone, device_ms or 0)
    return Observation(
        envelope=message.envelope,
        device_id=device_id,
        device_ms=device_ms,
        device_offset_min=None if offset is None else int(offset.total_seconds()) // 60,
        patient_name=_patient_name(message),
        patient_number=_patient_number(message),
        values=tuple(_choose(readings, codebook.prefer)),
        ignored=tuple(ignored),
        clock_doubted=any(maker.clock_doubted for maker in found),
        reads_answers=all(maker.reads_answers for maker in found),
        alarms=read_alarms(alarms, signs, device_id),
    )


def _refuse(message: Message) -> Rejected | None:
    header, caret = message.segments[0], message.envelope.separators.caret
    kind = field(header, 9)
    if component(kind, caret, 1) != "ORU" or component(kind, caret, 2) not in TRIGGERS:
        # The third component is often missing, so it is not asked for.
        return Rejected(
            envelope=message.envelope,
            reason=Reason.MESSAGE_TYPE,
            field="MSH-9",
            text=f"only ORU^R01 and ORU^R40 are taken, not {kind[:_LONGEST_QUOTE]}",
        )
    version = component(field(header, 12), caret, 1)
    if not version.startswith("2."):
        return Rejected(
            envelope=message.envelope,
            reason=Reason.VERSION,
            field="MSH-12",
            text=f"only HL7 2.x is taken, not {version[:_LONGEST_QUOTE]}",
        )
    return None


def _device_id(message: Message, rows: list[tuple[str, ...]]) -> str:
    """The monitor's own number before its gateway's, an EUI-64 before any other name.

    A gateway writes itself into MSH-3 and the monitor into OBX-18 of the MDS row; a module (an
    oximeter with a number of its own) appears on lower rows only, so those come after MSH-3.
    Either is given in the form in which ids are registered (app/devices.py).
    """
    signs = message.envelope.separators
    whole = [row for row in rows if not field(row, 5) and len(_place(field(row, 4))) <= 1]
    sender = message.envelope.sender
    for text in [
        *(field(row, 18) for row in whole),
        sender,
        *(field(row, 18) for row in rows),
    ]:
        for entry in text.split(signs.tilde):
            parts = [part.strip() for part in entry.split(signs.caret)]
            if len(parts) > 1 and parts[-1].upper() == "EUI-64":
                number = parts[-2] or parts[0]
                if number:
                    return _as_registered(number.replace("-", "").replace(":", ""))
    names = (sender, message.envelope.facility)
    found = (component(name, signs.caret, at) for name in names for at in (2, 1))
    return _as_registered(next((name for name in found if name), ""))


def _as_registered(device_id: str) -> str:
    return re.sub("[^0-9A-Z._-]", "-", device_id.upper())[:64]


def _patient_name(message: Message) -> str:
    signs = message.envelope.separators
    for segment in message.list_segments("PID"):
        parts = field(segment, 5).split(signs.tilde)[0].split(signs.caret)[:2]
        words = [part.split(signs.ampersand)[0].strip() for part in parts]
        return unescape(" ".join(word for word in words if word), signs)
    return ""


def _patient_number(message: Message) -> str:
    signs = message.envelope.separators
    for segment in message.list_segments("PID"):
        first = field(segment, 3).split(signs.tilde)[0]
        return unescape(component(first, signs.caret, 1), signs)
    return ""


def _list_makers(
    message: Message, rows: list[tuple[str, ...]], makers: Iterable[Maker]
) -> tuple[Maker, ...]:
    """The rows of the table that apply; their patterns are written with the usual separators."""
    envelope = message.envelope
    signs = envelope.separators

    def usual(text: str) -> str:
        return text.replace(signs.caret, "^").replace(signs.tilde, "~")

    return list_makers(
        makers,
        sender=usual(envelope.sender),
        facility=usual(envelope.facility),
        devices=(usual(field(row, 18)) for row in rows),
        codes=(usual(field(row, 3)) for row in rows),
    )


class _Codebook(Record):
    """The tables of `mdc` with the makers' rows of one message laid over them."""

    names: dict[str, tuple[Sign, int]]
    private: dict[str, Sign]
    name_first: bool
    units: dict[Sign, str]
    no_values: frozenset[float]
    prefer: tuple[tuple[int, ...], ...]

    def find_sign(self, code: str, name: str, system: str) -> tuple[Sign, int, str] | None:
        """The sign, its rank among the codes of that sign, and a doubt; None: not ours."""
        if system.startswith("99") or system == "L":  # both mean a maker's own code
            own = self.private.get(f"{code}^{system}")
            return None if own is None else (own, len(mdc.METRICS), "")
        by_code = mdc.BY_CODE.get(code)
        by_name = self.names.get(name.upper().replace(" ", "_"))
        found = (by_name or by_code) if self.name_first else (by_code or by_name)
        if found is None:
            return None
        doubt = ""
        if by_code and by_name and by_code[0] != by_name[0] and not self.name_first:
            doubt = f"the code says {by_code[0]}, the name {by_name[0]}"
        return (*found, doubt)


def _codebook(makers: tuple[Maker, ...]) -> _Codebook:
    last = len(mdc.METRICS)
    extra = {name: (sign, last) for maker in makers for name, sign in maker.names.items()}
    return _Codebook(
        names=mdc.BY_NAME | extra,
        private={code: sign for maker in makers for code, sign in maker.private.items()},
        name_first=any(maker.name_first for maker in makers),
        units={sign: unit for maker in makers for sign, unit in maker.units.items()},
        no_values=frozenset(value for maker in makers for value in maker.no_values),
        prefer=tuple(_place(place) for maker in makers for place in maker.prefer),
    )


def _read_rows(
    rows: list[tuple[str, ...]],
    signs: Separators,
    codebook: _Codebook,
    zone: timezone | None,
    newest_ms: int,
) -> tuple[list[_Reading], list[str]]:
    readings: list[_Reading] = []
    ignored: dict[str, None] = {}
    for row in rows:
        triplets = _triplets(field(row, 3), signs)
        found = next((f for t in triplets if (f := codebook.find_sign(*t)) is not None), None)
        if found is not None:
            sign, rank, doubt = found
            value, note = (None, doubt) if doubt else _value(sign, row, signs, codebook)
            at_ms = parse_time(field(row, 14), zone)
            age_ms = 0 if at_ms is None else newest_ms - at_ms
            # Nobody keeps a value for a day: a row's clock that was never set says nothing.
            age_ms = age_ms if age_ms < _OLDEST_MS else 0
            numeric = Numeric(sign=sign, value=value, note=note, age_ms=age_ms)
            readings.append(_Reading(numeric=numeric, rank=rank, place=_place(field(row, 4))))
        elif field(row, 5):  # rows of the containment tree itself carry no value
            ignored["^".join(triplets[0])] = None
    return readings, list(ignored)


def _triplets(text: str, signs: Separators) -> list[tuple[str, str, str]]:
    """Code, name, system; then the alternate three, where a maker puts its own code first.

    A tilde where a caret belongs (`MDC_TEMP~MDC`) is read as a caret: OBX-3 does not repeat.
    """
    parts = [part.strip() for part in text.replace(signs.tilde, signs.caret).split(signs.caret)]
    parts += [""] * 6
    return [(parts[0], parts[1], parts[2]), (parts[3], parts[4], parts[5])]


def _value(
    sign: Sign, row: tuple[str, ...], signs: Separators, codebook: _Codebook
) -> tuple[float | None, str]:
    text = field(row, 5).strip()
    if field(row, 11).strip().upper() in _WITHOUT_VALUE:
        return None, f"not available (OBX-11 {field(row, 11).strip()})"
    if not text:
        return None, "empty"
    if sign in SPOT and (beyond := mdc.BEYOND_WORDS.get(text.upper())):
        return None, beyond
    if _NUMBER.fullmatch(text) is None:
        return None, f"not a number: {text[:_LONGEST_QUOTE]}"
    value = float(text)
    if value == mdc.NO_VALUE:
        return None, "not available (8388607)"
    if value in codebook.no_values:
        return None, f"not available ({value:g})"
    unit, problem = _unit(sign, field(row, 6), signs, codebook)
    if problem:
        return None, problem
    note = ""
    if unit is not None and (unit.factor, unit.offset) != (1.0, 0.0):
        value, note = round(value * unit.factor + unit.offset, 2), f"converted from {unit.name}"
    low, high = mdc.LIMITS[sign]
    if not low <= value <= high:
        return None, f"impossible: {value:g} is outside {low:g} to {high:g}"
    return value, note


def _unit(
    sign: Sign, text: str, signs: Separators, codebook: _Codebook
) -> tuple[mdc.Unit | None, str]:
    """The unit, or what is wrong with it; neither where a sign has but one unit."""
    given = text.replace(signs.tilde, signs.caret)
    keys = [part.strip().upper() for part in given.split(signs.caret)[:2]]
    known = [mdc.BY_UNIT[key] for key in keys if key in mdc.BY_UNIT]
    if not any(keys):
        if usual := codebook.units.get(sign):
            return mdc.UNIT_BY_NAME[usual], ""
        return None, "" if sign in mdc.UNIT_MAY_BE_MISSING else "no unit"
    if not known:
        return None, f"unknown unit: {text[:_LONGEST_QUOTE]}"
    if any(unit != known[0] for unit in known):
        return None, f"the unit's code and name disagree: {text[:_LONGEST_QUOTE]}"
    if sign not in known[0].signs:
        return None, f"{known[0].name} is no unit of {sign}"
    return known[0], ""


def _place(text: str) -> tuple[int, ...]:
    """OBX-4 as numbers without its trailing zeros, which only say how deep the row is not."""
    place = [int(part) if _INDEX.fullmatch(part) else 0 for part in text.split(".")]
    while place and place[-1] == 0:
        place.pop()
    return tuple(place)


def _choose(readings: list[_Reading], prefer: tuple[tuple[int, ...], ...]) -> list[Numeric]:
    """Rule 4: one numeric for each sign."""
    cuffs = Counter(
        reading.place[:-1]
        for reading in readings
        if reading.numeric.sign in mdc.CUFF and reading.numeric.value is not None
    )

    def liked(place: tuple[int, ...]) -> int:
        begins = (at for at, start in enumerate(prefer) if place[: len(start)] == start)
        return next(begins, len(prefer))

    def order(reading: _Reading) -> tuple[bool, int, int, int, tuple[int, ...]]:
        whole_cuff = cuffs[reading.place[:-1]] if reading.numeric.sign in mdc.CUFF else 0
        place = reading.place
        return reading.numeric.value is None, -whole_cuff, reading.rank, liked(place), place

    best: dict[Sign, Numeric] = {}
    for reading in sorted(readings, key=order):
        best.setdefault(reading.numeric.sign, reading.numeric)
    return [best[sign] for sign in Sign if sign in best]
