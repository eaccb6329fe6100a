"""What devices alarm by themselves at a patient, beside the limits of ours, and what they did.

Rule 1: it stands since when it began; a word that says no priority keeps the one that was said
        before. It is told anew when it is more or less urgent or quiet at the device, not with
        every number: devices repeat it every second.
Rule 2: it ends when the device says so, or when the device goes to somebody else. What was a moment
        stands no time.
Rule 3: of a device that has fallen silent it is only what was known last: it neither ends nor
        counts as active until the device tells of it again.
Rule 4: what is over stays, with its begin, its end, the highest priority that it had, and since
        when it was quiet at the device.
Rule 5: a stretch of time that a device was on somebody else is cut out of what it alarmed, and
        what touches what is there already is one with it.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from msgspec.structs import asdict, replace

from goldenhour.domain.care.events import DeviceAlarmed
from goldenhour.kernel.device_alarm import RANKS, DeviceAlarm, Priority
from goldenhour.kernel.record import Record


class End(StrEnum):
    DEVICE = "device"
    """It said so."""
    LEFT = "left"
    """It went to somebody else, or was taken off."""
    MOMENT = "moment"


class OwnAlarm(Record):
    told: DeviceAlarm
    """As it was told last."""
    since_ms: int
    highest: Priority = Priority.LOW
    quiet: str = ""
    """How it was made quiet at the device first, and when; empty: it never was."""
    quiet_ms: int | None = None
    silent_ms: int | None = None
    """Since when the device has said nothing at all; None: it speaks."""
    ended_ms: int | None = None
    """None: it stands."""
    end: End | None = None


Standing = Mapping[str, OwnAlarm]
"""By `name_of`."""
Past = tuple[OwnAlarm, ...]


def name_of(alarm: DeviceAlarm | DeviceAlarmed) -> str:
    return f"{alarm.device_id} {alarm.key}"


def evolve(
    state: Standing, past: Past, event: DeviceAlarmed, at_ms: int
) -> tuple[dict[str, OwnAlarm], Past]:
    """What stands, and what is over."""
    own = name_of(event)
    after = {key: one for key, one in state.items() if key != own}
    told = DeviceAlarm(**asdict(event))
    before = state.get(own)
    now = OwnAlarm(told=told, since_ms=at_ms) if before is None else replace(before, told=told)
    now = replace(now, highest=worse(now.highest, told.priority), silent_ms=None)
    if told.silenced and not now.quiet:
        now = replace(now, quiet=told.silenced, quiet_ms=at_ms)
    if event.passing:
        # A moment of what stands is no end of it.
        moment = replace(now, since_ms=at_ms, ended_ms=at_ms, end=End.MOMENT)
        return dict(state), (*past, moment)
    if not event.over:
        return after | {own: now}, past
    if before is None:
        return after, past
    # Its last word is its end, which carries no state of its own.
    told = replace(before.told, over=True)
    ended_ms = max(at_ms, before.since_ms)
    end = End.LEFT if event.left else End.DEVICE
    return after, (*past, replace(before, told=told, ended_ms=ended_ms, end=end))


def fall_silent(state: Standing, device_id: str, since_ms: int) -> dict[str, OwnAlarm]:
    return {
        name: replace(one, silent_ms=max(since_ms, one.since_ms))
        if one.told.device_id == device_id and one.silent_ms is None
        else one
        for name, one in state.items()
    }


def decide(state: Standing, told: DeviceAlarm) -> DeviceAlarmed | None:
    """None: it is no news."""
    said = news(state.get(name_of(told)), told)
    return DeviceAlarmed(**asdict(said)) if said else None


def news(before: OwnAlarm | None, told: DeviceAlarm) -> DeviceAlarm | None:
    """What is to be said of it now, where it stood as `before`; None: nothing new."""
    if before is None:
        return None if told.over and not told.passing else told
    if told.priority is Priority.UNKNOWN:
        told = replace(told, priority=before.told.priority)
    same = before.silent_ms is None and (told.priority, told.nature, told.silenced) == (
        before.told.priority,
        before.told.nature,
        before.told.silenced,
    )
    return None if same and not told.over and not told.passing else told


def worse(one: Priority, other: Priority) -> Priority:
    return min(one, other, key=RANKS.index)


def cut(
    alarms: Iterable[OwnAlarm], device_id: str, from_ms: int, to_ms: int
) -> tuple[Past, tuple[OwnAlarm, ...]]:
    """What of a device's alarms lies in [from_ms, to_ms), and what is left of all of them."""
    inside: list[OwnAlarm] = []
    outside: list[OwnAlarm] = []
    for one in alarms:
        moment = one.end is End.MOMENT
        begun_ms, ended_ms = one.since_ms, one.ended_ms
        over = from_ms if moment else from_ms + 1
        apart = begun_ms >= to_ms or (ended_ms is not None and ended_ms < over)
        if one.told.device_id != device_id or apart:
            outside.append(one)
            continue
        if begun_ms < from_ms:
            outside.append(replace(one, ended_ms=from_ms, end=End.LEFT))
        if ended_ms is not None and ended_ms <= to_ms:
            inside.append(replace(one, since_ms=max(begun_ms, from_ms)))
        else:
            inside.append(
                replace(one, since_ms=max(begun_ms, from_ms), ended_ms=to_ms, end=End.LEFT)
            )
            outside.append(replace(one, since_ms=to_ms))
    return tuple(inside), tuple(outside)


def join(alarms: Iterable[OwnAlarm]) -> tuple[OwnAlarm, ...]:
    """Of one alarm's stretches those that touch are one; in the order of their begin."""
    found: list[OwnAlarm] = []
    for one in sorted(alarms, key=lambda one: one.since_ms):
        place = next((at for at, other in enumerate(found) if _touch(other, one)), None)
        if place is None:
            found.append(one)
        else:
            found[place] = _joined(found[place], one)
    return tuple(found)


def overlap(one: OwnAlarm, other: OwnAlarm) -> bool:
    """Whether they are of one alarm, and of one time at least in part."""
    first, later = sorted((one, other), key=lambda found: found.since_ms)
    if End.MOMENT in (one.end, other.end):
        return name_of(one.told) == name_of(other.told) and first.since_ms == later.since_ms
    return _touch(first, later) and first.ended_ms != later.since_ms


def _touch(first: OwnAlarm, later: OwnAlarm) -> bool:
    moments = End.MOMENT in (first.end, later.end)
    same = name_of(first.told) == name_of(later.told) and not moments
    return same and (first.ended_ms is None or first.ended_ms >= later.since_ms)


def _joined(first: OwnAlarm, later: OwnAlarm) -> OwnAlarm:
    by_end = (first, later)
    last = max(by_end, key=lambda one: (one.ended_ms is None, one.ended_ms or 0))
    quiet = first if first.quiet else later
    return replace(
        last,
        since_ms=first.since_ms,
        highest=worse(first.highest, later.highest),
        quiet=quiet.quiet,
        quiet_ms=quiet.quiet_ms,
    )


def part(alarms: Iterable[OwnAlarm]) -> tuple[dict[str, OwnAlarm], Past]:
    """What stands, and what is over."""
    every = tuple(alarms)
    standing = {name_of(one.told): one for one in every if one.ended_ms is None}
    return standing, tuple(one for one in every if one.ended_ms is not None)
