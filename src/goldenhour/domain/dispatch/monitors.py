"""Which patient of a run a monitor or a meter is on.

Rule 1: a device is on the only patient of its vehicle. With more than one it is on nobody until a
        person binds it by the code of a patient's band. No name is read, and nothing that the
        device itself says of a patient.
Rule 2: what a person bound stands until a person binds otherwise, and so does that a person took a
        device off: it is on nobody, however few patients there are, until a person puts it back.
Rule 3: a correction says where the device was in a stretch of the past; of several that cover a
        moment the latest counts. Every word said before it is kept.
Rule 4: a band that is taken back names nobody. What was bound by it is as if nobody had bound it.
"""

from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import Final

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.dispatch.events import (
    BandGiven,
    BandTaken,
    MonitorBound,
    MonitorCorrected,
    MonitorReleased,
    MonitorTakenOff,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

CORRECTS_ALWAYS: Final = "quality"
"""The role that may correct after the hand-over was signed."""


class Place(Record):
    """Where a device is from a moment on."""

    device_id: str
    patient_id: str
    """Empty: on nobody."""
    band: str
    """Empty: by the vehicle, or on nobody."""
    from_ms: int
    by: str
    off: bool = False
    """A person took it off: it stays on nobody."""

    @property
    def by_person(self) -> bool:
        return bool(self.band) or self.off


class Correction(Record):
    id: str
    device_id: str
    from_ms: int
    to_ms: int
    patient_id: str
    """Empty: on nobody."""
    reason: str
    by: str
    at_ms: int


class LeadsPlacing(Record):
    """Where the electrodes of an ECG are from a moment on: `dispatch/leads.py`."""

    device_id: str
    placement: str
    names: dict[str, str]
    from_ms: int
    by: str
    at_ms: int


class Monitors(Record):
    """Everything said in a run about its devices and bands."""

    places: tuple[Place, ...] = ()
    """In the order of time."""
    corrections: tuple[Correction, ...] = ()
    """In the order in which they were said."""
    bands: dict[str, str] = field(default_factory=dict)
    """By the code of a band the patient who wears it."""
    unbanded: frozenset[str] = frozenset()
    """Patients who wore a band that was taken back."""
    leads: tuple[LeadsPlacing, ...] = ()
    """In the order in which they were said."""

    @property
    def told(self) -> frozenset[str]:
        """The patients whom the run has told of."""
        placed = {p.patient_id for p in self.places} | {one.patient_id for one in self.corrections}
        return frozenset((placed | set(self.bands.values()) | self.unbanded) - {""})

    def find_place(self, device_id: str) -> Place | None:
        """Where the device is now; None: it has not spoken in this run."""
        return next((p for p in reversed(self.places) if p.device_id == device_id), None)

    def wearer_at(self, device_id: str, at_ms: int) -> str | None:
        """The patient at that moment; empty: nobody; None: nothing was said of that time."""
        for one in reversed(self.corrections):
            if one.device_id == device_id and one.from_ms <= at_ms < one.to_ms:
                return one.patient_id
        for place in reversed(self.places):
            if place.device_id == device_id and place.from_ms <= at_ms:
                return place.patient_id
        return None

    def is_on(self, device_id: str, at_ms: int, own: AbstractSet[str]) -> bool:
        """Whether a device was on this person at that moment; `own`: their records.

        Of a time of which nothing was said it was, unless the run has told of somebody else.
        """
        worn = self.wearer_at(device_id, at_ms)
        if worn is not None:
            return worn in own
        told = {p.patient_id for p in self.places if not p.off}
        told |= {*self.bands.values(), *self.unbanded}
        return told <= own

    def list_stretches(
        self, device_id: str, own: AbstractSet[str], from_ms: int, to_ms: int
    ) -> tuple[tuple[int, int], ...]:
        """When, from `from_ms` on and before `to_ms`, the device was on this person."""
        said = {p.from_ms for p in self.places if p.device_id == device_id}
        for one in self.corrections:
            said |= {one.from_ms, one.to_ms}
        edges = [from_ms, *sorted(at for at in said if from_ms < at < to_ms), to_ms]
        found: list[tuple[int, int]] = []
        for begin_ms, end_ms in pairwise(edges):
            if begin_ms >= end_ms or not self.is_on(device_id, begin_ms, own):
                continue
            joined = found and found[-1][1] == begin_ms
            found.append((found.pop()[0] if joined else begin_ms, end_ms))
        return tuple(found)


Said = BandGiven | BandTaken | MonitorBound | MonitorReleased | MonitorTakenOff | MonitorCorrected


def evolve(
    state: Monitors,
    event: Said,
    recorded: Recorded,
) -> Monitors:
    match event:
        case BandGiven():
            return replace(state, bands=state.bands | {event.band: event.patient_id})
        case BandTaken():
            left = {code: who for code, who in state.bands.items() if code != event.band}
            return replace(state, bands=left, unbanded=state.unbanded | {event.patient_id})
        case MonitorBound():
            return _placed(state, event.device_id, event.patient_id, event.band, recorded)
        case MonitorReleased():
            return _placed(state, event.device_id, "", "", recorded)
        case MonitorTakenOff():
            return _placed(state, event.device_id, "", "", recorded, off=True)
        case MonitorCorrected():
            one = Correction(
                id=event.correction_id,
                device_id=event.device_id,
                from_ms=event.from_ms,
                to_ms=event.to_ms,
                patient_id=event.patient_id,
                reason=event.reason,
                by=recorded.actor,
                at_ms=recorded.occurred_ms,
            )
            return replace(state, corrections=(*state.corrections, one))


def _placed(
    state: Monitors,
    device_id: str,
    patient_id: str,
    band: str,
    recorded: Recorded,
    *,
    off: bool = False,
) -> Monitors:
    place = Place(
        device_id=device_id,
        patient_id=patient_id,
        band=band,
        from_ms=recorded.occurred_ms,
        by=recorded.actor,
        off=off,
    )
    # What a vehicle out of reach said arrives later than it was said.
    ordered = sorted((*state.places, place), key=lambda one: one.from_ms)
    return replace(state, places=tuple(ordered))


def decide_place(
    state: Monitors, device_id: str, patient_id: str
) -> MonitorBound | MonitorReleased | None:
    """What the vehicle says by itself; `patient_id` is its only patient, or empty."""
    place = state.find_place(device_id)
    if place and (place.by_person or place.patient_id == patient_id):
        return None
    if not patient_id:
        return MonitorReleased(device_id=device_id)
    return MonitorBound(device_id=device_id, patient_id=patient_id, band="")


def decide_bind(
    state: Monitors, device_id: str, band: str, patient_id: str
) -> tuple[BandGiven | MonitorBound, ...] | Refused:
    """`patient_id` is who gets the band when it is new; empty: it is on somebody already."""
    if not band:
        return Refused(code="required", field="band")
    place = state.find_place(device_id)
    if place is None:
        return Refused(code="unknown_device", field="device_id")
    owner = state.bands.get(band, "")
    if not owner and not patient_id:
        return Refused(code="unknown_band", field="band")
    if owner and patient_id and owner != patient_id:
        return Refused(code="band_of_another", field="band")
    bound = MonitorBound(device_id=device_id, patient_id=owner or patient_id, band=band)
    if not owner:
        return (BandGiven(patient_id=patient_id, band=band), bound)
    return () if (place.patient_id, place.band) == (owner, band) else (bound,)


def decide_give(state: Monitors, band: str, patient_id: str) -> BandGiven | Refused | None:
    """None: the patient wears it already."""
    if not band:
        return Refused(code="required", field="band")
    owner = state.bands.get(band, "")
    if not owner:
        return BandGiven(patient_id=patient_id, band=band)
    return None if owner == patient_id else Refused(code="band_of_another", field="band")


def decide_take(state: Monitors, band: str, reason: str) -> tuple[Said, ...] | Refused:
    """The band, and the devices that were bound by it: they are on nobody until it is said anew."""
    owner = state.bands.get(band, "")
    if not owner:
        return Refused(code="band_unworn", field="band")
    if not reason:
        return Refused(code="reason_required", field="reason")
    newest = {place.device_id: place for place in state.places}
    bound = (one.device_id for one in newest.values() if one.band == band)
    released = tuple(MonitorReleased(device_id=device_id) for device_id in sorted(bound))
    return (BandTaken(patient_id=owner, band=band, reason=reason), *released)


def decide_take_off(state: Monitors, device_id: str) -> MonitorTakenOff | Refused | None:
    """None: it is off already."""
    place = state.find_place(device_id)
    if place is None:
        return Refused(code="unknown_device", field="device_id")
    return None if place.off else MonitorTakenOff(device_id=device_id)


def decide_put_back(state: Monitors, device_id: str) -> MonitorBound | MonitorReleased | Refused:
    """Where a person bound it before; else on nobody, until the vehicle says by rule 1."""
    place = state.find_place(device_id)
    if place is None or not place.off:
        return Refused(code="device_not_off", field="device_id")
    own = (p for p in reversed(state.places) if p.device_id == device_id and not p.off)
    before = next(own, None)
    if before is None or not before.band or state.bands.get(before.band) != before.patient_id:
        return MonitorReleased(device_id=device_id)
    return MonitorBound(device_id=device_id, patient_id=before.patient_id, band=before.band)


def decide_correct(
    state: Monitors, event: MonitorCorrected, role: str, now_ms: int, *, handed_over: bool
) -> MonitorCorrected | Refused:
    if handed_over and role != CORRECTS_ALWAYS:
        return Refused(code="already_handed_over")
    if state.find_place(event.device_id) is None:
        return Refused(code="unknown_device", field="device_id")
    if not event.reason:
        return Refused(code="reason_required", field="reason")
    if event.from_ms >= event.to_ms:
        return Refused(code="out_of_range", field="to_ms")
    if event.to_ms > now_ms:
        return Refused(code="in_the_future", field="to_ms")
    if any(one.id == event.correction_id for one in state.corrections):
        return Refused(code="exists", field="correction_id")
    return event
