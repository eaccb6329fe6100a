"""IHE PCD-04: what a device alarms by itself, out of the rows of its message.

Rule 1: a row is an alarm's where its message is ORU^R40, its request (OBR-4) is for MDC_EVT_ALARM,
        or its place (OBX-4) is a facet of an event's: it differs in the last number alone. Such a
        row is no measurement: what an alarm is about may be older than the newest value.
Rule 2: an alarm begins with the row that names its event; the rows after it are its own, each known
        by its name, then by its code, of both editions of the profile, and never by its order.
Rule 3: the priority is what OBX-8 or the priority's row says, of two the higher. No word of it is
        `unknown`.
Rule 4: it is over when its phase is `end`, or its state is inactive and no phase says that it
        begins or goes on; while it is latched it is not. No phase and no state: it stands.
Source: IHE PCD TF-2, PCD-04, and the frames of public makers (tests/unit/hl7v2_alarm_frames.py).
"""

from collections.abc import Iterable, Sequence
from typing import Final

from goldenhour.kernel.device_alarm import RANKS, DeviceAlarm, Priority
from goldenhour.wire.hl7v2 import mdc
from goldenhour.wire.hl7v2.message import Message, Separators, component, field, unescape

Row = tuple[str, ...]

ALARM: Final = ("196616", "MDC_EVT_ALARM")
"""An event that only OBX-5 names."""
_PHASE, _STATE, _QUIET, _PRIORITY, _NATURE, _TEXT, _SOURCE = (
    *("phase", "state", "quiet", "priority"),
    *("nature", "text", "source"),
)
_FACETS: Final = {
    **dict.fromkeys(("68481", "68165", "MDC_ATTR_EVENT_PHASE", "EVENT_PHASE"), _PHASE),
    **dict.fromkeys(("68482", "68166", "MDC_ATTR_ALARM_STATE", "ALARM_STATE"), _STATE),
    "MDC_ATTR_ALERT_STATE": _STATE,
    **dict.fromkeys(("68483", "68167", "MDC_ATTR_ALARM_INACTIVATION_STATE"), _QUIET),
    "INACTIVATION_STATE": _QUIET,
    **dict.fromkeys(("68484", "68168", "MDC_ATTR_ALARM_PRIORITY"), _PRIORITY),
    **dict.fromkeys(("68485", "MDC_ATTR_ALERT_TYPE"), _NATURE),
    **dict.fromkeys(("68546", "MDC_ATTR_ALERT_TEXT"), _TEXT),
    **dict.fromkeys(("68480", "68164", "MDC_ATTR_ALERT_SOURCE"), _SOURCE),
}
_PRIORITIES: Final = {
    "PH": Priority.HIGH,
    "PM": Priority.MEDIUM,
    "PL": Priority.LOW,
    # "Informative" and "none" are below low, which is the lowest that is known here.
    "PI": Priority.LOW,
    "PN": Priority.LOW,
}
_NATURES: Final = {"SP": "physiological", "ST": "technical", "SA": "advisory"}
_BEGINS: Final = frozenset(
    {"start", "continue", "present", "update", "escalate", "deescalate", "de-escalate"}
)
_SOUNDS: Final = frozenset({"", "enabled"})
_FACET_DOTS: Final = 4
"""MDS, VMD, channel, metric, facet."""
_ORIGINAL_TEXT: Final = 9
_LONGEST: Final = 120
_MOST: Final = 32
"""Alarms of one message; a device has no more at once."""


def split_rows(message: Message) -> tuple[list[Row], list[Row]]:
    """The OBX rows of measurements, and those of alarms, each in its order."""
    signs = message.envelope.separators
    every = message.envelope.trigger == "R40"
    rows = message.list_segments("OBX")
    facets = {_stem(row) for row in rows if _is_event(row, signs)} - {""}
    measured: list[Row] = []
    alarms: list[Row] = []
    asked = False
    for segment in message.segments:
        if segment[0] == "OBR":
            asked = any(part.strip() in ALARM for part in field(segment, 4).split(signs.caret))
        elif segment[0] == "OBX":
            is_alarms = every or asked or _stem(segment) in facets
            (alarms if is_alarms else measured).append(segment)
    return measured, alarms


def read_alarms(rows: Iterable[Row], signs: Separators, device_id: str) -> tuple[DeviceAlarm, ...]:
    """At most one for each key, as it was told last."""
    groups: list[list[Row]] = []
    for row in rows:
        if _is_event(row, signs):
            groups.append([])
        if groups:
            groups[-1].append(row)
    found = (_read(group, signs, device_id) for group in groups[-_MOST:])
    return tuple({alarm.key: alarm for alarm in found}.values())


def _stem(row: Row) -> str:
    """The place of an alarm, without the number of the facet; empty: it is no facet's."""
    place = field(row, 4)
    return place.rpartition(".")[0] if place.count(".") >= _FACET_DOTS else ""


def _is_event(row: Row, signs: Separators) -> bool:
    code, name = _pair(field(row, 3), signs)
    return code == ALARM[0] or "_EVT_" in name


def _read(rows: Sequence[Row], signs: Separators, device_id: str) -> DeviceAlarm:
    first, *others = rows
    code, name = _pair(field(first, 3), signs)
    words = _text(field(first, 5), signs)
    # Where the profile's own word is no event, the maker's words tell its alarms apart.
    private = name.startswith("MDCX") or code == "0"
    if code == ALARM[0] or name == ALARM[1]:
        code, name = _pair(field(first, 5), signs) if signs.caret in field(first, 5) else ("", "")
        private = name in ("", ALARM[1])
    event = name or code
    facets: dict[str, str] = {}
    source = value = limits = ""
    for row in others:
        of_code, of_name = _pair(field(row, 3), signs)
        facet = _FACETS.get(of_name) or _FACETS.get(of_code)
        if facet is not None:
            facets.setdefault(facet, _text(field(row, 5), signs))
            if facet == _SOURCE and not source:
                source = _pair(field(row, 5), signs)[1]
        elif field(row, 5) and not source and _is_about(row):
            source, value, limits = of_name or of_code, _value(row, signs), field(row, 7)
    words = facets.get(_TEXT, "") or words or event or source or ALARM[1]
    flags = {part.strip().upper() for row in rows for part in field(row, 8).split(signs.tilde)}
    flags |= {facets.get(_PRIORITY, "").upper(), facets.get(_NATURE, "").upper()}
    said = {_PRIORITIES[flag] for flag in flags if flag in _PRIORITIES}
    phase, state = facets.get(_PHASE, "").lower(), facets.get(_STATE, "").lower()
    quiet = facets.get(_QUIET, "").lower()
    place = field(first, 4).rpartition(".")[0]
    told_apart = words if private else ""
    return DeviceAlarm(
        device_id=device_id,
        key=_short(f"{event}|{source}|{place}|{told_apart}"),
        event=_short(event),
        source=_short(source),
        nature=next((_NATURES[flag] for flag in sorted(flags) if flag in _NATURES), ""),
        priority=next((one for one in RANKS if one in said), Priority.UNKNOWN),
        words=_short(words),
        value=_short(value),
        limits=_short(_text(limits, signs)),
        silenced="" if quiet in _SOUNDS else _short(quiet),
        over=state != "latched"
        and (phase == "end" or (phase not in _BEGINS and state in ("inactive", "off"))),
        passing=phase == "tpoint",
    )


def _is_about(row: Row) -> bool:
    """The second facet, or a number."""
    return field(row, 2) in ("NM", "SN") or field(row, 4).endswith(".2")


def _pair(text: str, signs: Separators) -> tuple[str, str]:
    """Code and name of a coded entry."""
    return component(text, signs.caret, 1), component(text, signs.caret, 2).upper()


def _text(text: str, signs: Separators) -> str:
    """What people read of a value: its original text, else its name, else all of it."""
    if signs.caret not in text:
        return unescape(text.strip(), signs)
    original = component(text, signs.caret, _ORIGINAL_TEXT)
    return unescape(original or component(text, signs.caret, 2) or text.strip(), signs)


def _value(row: Row, signs: Separators) -> str:
    number = _text(field(row, 5), signs)
    if number == str(mdc.NO_VALUE):
        return ""
    keys = [part.strip().upper() for part in field(row, 6).split(signs.caret)]
    unit = next((mdc.BY_UNIT[key].name for key in keys if key in mdc.BY_UNIT), "")
    return f"{number} {unit}".strip()


def _short(text: str) -> str:
    return text[:_LONGEST]
