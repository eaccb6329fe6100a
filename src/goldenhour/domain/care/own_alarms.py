"""What devices alarm by themselves at a patient, beside the limits of ours.

Rule 1: it stands since when it began; a word that says no priority keeps the one that was said
        before. It is told anew when it is more or less urgent or quiet at the device, not with
        every number: devices repeat it every second.
Rule 2: it ends when the device says so, or when the device goes to somebody else. What was a moment
        stands no time.
"""

from collections.abc import Mapping

from msgspec.structs import asdict, replace

from goldenhour.domain.care.events import DeviceAlarmed
from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.kernel.record import Record


class OwnAlarm(Record):
    told: DeviceAlarm
    since_ms: int


Standing = Mapping[str, OwnAlarm]
"""By `name_of`."""


def name_of(alarm: DeviceAlarm | DeviceAlarmed) -> str:
    return f"{alarm.device_id} {alarm.key}"


def evolve(state: Standing, event: DeviceAlarmed, at_ms: int) -> dict[str, OwnAlarm]:
    own = name_of(event)
    after = {key: one for key, one in state.items() if key != own}
    if not event.over and not event.passing:
        before = state.get(own)
        told = DeviceAlarm(**asdict(event))
        after[own] = OwnAlarm(told=told, since_ms=before.since_ms if before else at_ms)
    return after


def decide(state: Standing, told: DeviceAlarm) -> DeviceAlarmed | None:
    """None: it is no news."""
    before = state.get(name_of(told))
    said = news(before.told if before else None, told)
    return DeviceAlarmed(**asdict(said)) if said else None


def news(before: DeviceAlarm | None, told: DeviceAlarm) -> DeviceAlarm | None:
    """What is to be said of it now, where it stood as `before`; None: nothing new."""
    if before is None:
        return None if told.over and not told.passing else told
    if told.priority is Priority.UNKNOWN:
        told = replace(told, priority=before.priority)
    same = (told.priority, told.nature, told.silenced) == (
        before.priority,
        before.nature,
        before.silenced,
    )
    return None if same and not told.over and not told.passing else told
