"""What alarms at a scene before anybody is registered: for the centre, without a patient.

Rule 1: told are which device, what of it alarms, how urgent that is and since when; never a value.
Rule 2: it ends when the vehicle says so, and when its device goes to a patient, in whose record it
        stands from then on, or is taken off everybody.
"""

from collections.abc import Mapping

from goldenhour.domain.dispatch.events import MonitorBound, MonitorTakenOff, SceneAlarmed
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.record import Record


class SceneAlarming(Record):
    device_id: str
    what: str
    how: str
    priority: Priority
    since_ms: int
    silent_ms: int | None = None


Standing = Mapping[str, SceneAlarming]
"""By `name_of`."""


def name_of(device_id: str, what: str) -> str:
    return f"{device_id} {what}"


def evolve(state: Standing, event: SceneAlarmed, at_ms: int) -> dict[str, SceneAlarming]:
    key = name_of(event.device_id, event.what)
    after = {one: said for one, said in state.items() if one != key}
    if event.priority is not None:
        begun_ms = state[key].since_ms if key in state else at_ms
        after[key] = SceneAlarming(
            device_id=event.device_id,
            what=event.what,
            how=event.how,
            priority=event.priority,
            since_ms=begun_ms,
            silent_ms=event.silent_ms,
        )
    return after


def after_moving(
    state: Standing, event: MonitorBound | MonitorTakenOff
) -> dict[str, SceneAlarming]:
    return {key: one for key, one in state.items() if one.device_id != event.device_id}


def decide(state: Standing, event: SceneAlarmed) -> SceneAlarmed | None:
    """None: it is no news."""
    before = state.get(name_of(event.device_id, event.what))
    said = (before.how, before.priority, before.silent_ms) if before else ("", None, None)
    over = event.priority is None and before is None
    return None if over or said == (event.how, event.priority, event.silent_ms) else event
