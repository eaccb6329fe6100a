"""What a patient's record lost to another patient, or got from one: a device was on the other.

Rule 1: nothing is rewritten: the sets stand in the events that charted them, and here is said that
        they count no more, or count here.
"""

from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.events import Scored
from goldenhour.domain.care.own_alarms import OwnAlarm
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import NumericSet


class ScoredAt(Record):
    at_ms: int
    scored: Scored


class VitalsMovedOut(Record, tag="patient.vitals_moved_out.v1", tag_field="kind"):
    """What this device measured in [from_ms, to_ms) was measured at another patient."""

    correction_id: str
    device_id: str
    from_ms: int
    to_ms: int
    reason: str
    sets: int
    """How many charted sets count no more."""
    scores: tuple[ScoredAt, ...]
    """Every change of the scores from `from_ms` on, as it is without them."""
    alarms: int = 0
    """How many of the device's own alarms, or parts of them, are not this patient's."""


class VitalsMovedIn(Record, tag="patient.vitals_moved_in.v1", tag_field="kind"):
    """What this device measured in [from_ms, to_ms) was measured here."""

    correction_id: str
    device_id: str
    from_ms: int
    to_ms: int
    reason: str
    sets: tuple[NumericSet, ...]
    ecgs: tuple[EcgRead, ...]
    scores: tuple[ScoredAt, ...]
    """Every change of the scores from `from_ms` on, as it is with them."""
    alarms: tuple[OwnAlarm, ...] = ()


MovedEvent = VitalsMovedOut | VitalsMovedIn


def is_covered(event: VitalsMovedOut | VitalsMovedIn, device_id: str, at_ms: int) -> bool:
    return device_id == event.device_id and event.from_ms <= at_ms < event.to_ms
