"""What alarms in a vehicle: in the patient's record where that can be, else on its screens alone.

Rule 1: while the disk takes nothing, an alarm is told to the crew's screens, and recorded as soon
        as there is room.
Rule 2: a device of a run that is on nobody, since nobody is registered or several are and no band
        was read, is held against an adult's limits and told to the crew's screens. Whose it is is
        asked and never assumed: when somebody is known, what still alarms begins in that record.
        One that the crew has taken off everybody does not alarm.
Rule 3: an ECG without beats that is on nobody alarms once it has had beats: before, the electrodes
        may hang on nobody.
Rule 4: without a run there is no patient, and no alarm. On the way to the scene nobody of the run
        can wear a device: whoever still does is the last run's, or the crew that tries it.
"""

from dataclasses import dataclass, field
from typing import Final, NamedTuple

import structlog
from msgspec.structs import replace

from goldenhour.app.chart import find_run, find_wearer, list_patients, own_values
from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, StoreFullError
from goldenhour.domain.care.alarms import Change, Watch, watch
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.rhythm import RhythmWatch, watch_rhythm
from goldenhour.domain.commands import SetAlarm, SetRhythm
from goldenhour.domain.dispatch.mission import State
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import NumericSet, Rhythm, Sign
from goldenhour.views.fold import Folded
from goldenhour.views.rows import AlarmRow, RhythmRow, UnrecordedRow

_log = structlog.get_logger(__name__)
_ON_THE_WAY: Final = frozenset({State.RESERVED, State.ASSIGNED, State.ACKNOWLEDGED, State.EN_ROUTE})


class Heard(NamedTuple):
    """What the live ECG of a device looks like now."""

    device_id: str
    rhythm: Rhythm
    at_ms: int


@dataclass
class _Wearer:
    """A patient, or whoever wears a device that is on nobody, and what is watched of them."""

    unit_id: str
    mission_id: str
    device_id: str
    patient_id: str
    watch: Watch = field(default_factory=Watch)
    rhythms: dict[str, RhythmWatch] = field(default_factory=dict)
    """By device."""
    unrecorded: dict[Sign | str, tuple[Change | Rhythm | None, int]] = field(default_factory=dict)
    """What of a sign, and of the ECG of a device, stands in no record, and since when."""
    beaten: bool = False
    """Beats were seen, by whatever device."""


class Alarming:
    """The watch over one vehicle's devices."""

    def __init__(self) -> None:
        self._wearers: dict[str, _Wearer] = {}

    def list_unrecorded(self) -> tuple[UnrecordedRow, ...]:
        rows = (
            UnrecordedRow(
                unit_id=one.unit_id,
                mission_id=one.mission_id,
                device_id=one.device_id,
                patient_id=one.patient_id,
                alarms=tuple(
                    AlarmRow(sign=said.sign, alarm=said.alarm, value=said.value, since_ms=since_ms)
                    for said, since_ms in one.unrecorded.values()
                    if isinstance(said, Change) and said.alarm is not None
                ),
                rhythms=tuple(
                    RhythmRow(device_id=device_id, rhythm=said, since_ms=since_ms)
                    for device_id, (said, since_ms) in one.unrecorded.items()
                    if isinstance(said, Rhythm)
                ),
            )
            for one in self._wearers.values()
        )
        return tuple(row for row in rows if row.alarms or row.rhythms)

    async def take_numerics(
        self, item: NumericSet, view: Folded, world: World, *, org: str, sequence: int
    ) -> None:
        """A set against the limits; `sequence` and those after it are the device's own."""
        found = self._find(item.unit_id, item.device_id, view)
        if found is None:
            return
        wearer, state = found
        if state is not None:
            stream = f"patient:{wearer.patient_id}"
            item = replace(item, values=own_values(item, view, stream, state))
        told = {s.sign: s for s, _ in wearer.unrecorded.values() if isinstance(s, Change)}
        wearer.watch, changes = watch(wearer.watch, item, state, world.facts.care.vitals, told)
        for change in changes:
            wearer.unrecorded[change.sign] = (change, item.received_ms)
        await self._record(wearer, item.device_id, world, org=org, sequence=sequence)

    async def take_rhythm(
        self, unit_id: str, heard: Heard, view: Folded, world: World, *, org: str
    ) -> None:
        device_id, seen, at_ms = heard
        found = self._find(unit_id, device_id, view)
        if found is None:
            return
        wearer, state = found
        wearer.beaten = wearer.beaten or seen is Rhythm.BEATS
        if state is None and seen is Rhythm.NO_BEAT and not wearer.beaten:
            return
        recorded = state.rhythms.get(device_id) if state else None
        standing = recorded.rhythm if recorded else None
        if device_id in wearer.unrecorded:
            said, _ = wearer.unrecorded[device_id]
            standing = said if isinstance(said, Rhythm) else None
        after, told = watch_rhythm(
            wearer.rhythms.get(device_id),
            RhythmWatch(seen=seen, since_ms=at_ms),
            standing,
            state.rhythms_looked.get(device_id) if state else None,
            world.facts.care.rhythm,
        )
        if after is not None:
            wearer.rhythms[device_id] = after
        if told is not standing:
            wearer.unrecorded[device_id] = (told, at_ms)
        await self._record(wearer, device_id, world, org=org, sequence=at_ms)

    def _find(
        self, unit_id: str, device_id: str, view: Folded
    ) -> tuple[_Wearer, Patient | None] | None:
        run = find_run(view, unit_id)
        if run is None:
            self._wearers.clear()
            return None
        mission_id = run[0]
        self._wearers = {k: w for k, w in self._wearers.items() if w.mission_id == mission_id}
        place = run[1].devices.find_place(device_id)
        if place is not None and place.off:
            self._wearers.pop(f"device:{device_id}", None)
            return None
        worn = find_wearer(view, unit_id, device_id)
        if worn is None and run[1].state in _ON_THE_WAY and not list_patients(view, mission_id):
            return None
        if worn is None:
            nobody = _Wearer(unit_id, mission_id, device_id, "")
            return self._wearers.setdefault(f"device:{device_id}", nobody), None
        stream, state = worn
        before = self._wearers.pop(f"device:{device_id}", None)
        if stream not in self._wearers:
            wearer = _Wearer(unit_id, mission_id, device_id, stream.partition(":")[2])
            if before is not None:
                wearer.watch = before.watch
            self._wearers[stream] = wearer
        return self._wearers[stream], state

    async def _record(
        self, wearer: _Wearer, device_id: str, world: World, *, org: str, sequence: int
    ) -> None:
        """Everything that stands in no record yet, as far as the disk takes it."""
        if not wearer.patient_id:
            return
        for number, (key, said) in enumerate(tuple(wearer.unrecorded.items())):
            change, since_ms = said
            stamp = Stamp(
                actor=device_id,
                seat=wearer.unit_id,
                role="vehicle",
                org=org,
                installation=f"alarm:{device_id}",
                sequence=sequence + number,
                now_ms=since_ms,
            )
            try:
                await handle(_command(wearer.patient_id, key, change), stamp, SYSTEM, world)
            except StoreFullError as error:
                _log.error("vehicle.alarm_not_recorded", reason=repr(error))
                return
            # Of another device of theirs something newer may have come meanwhile.
            if wearer.unrecorded.get(key) is said:
                del wearer.unrecorded[key]


def _command(
    patient_id: str, key: Sign | str, change: Change | Rhythm | None
) -> SetAlarm | SetRhythm:
    if isinstance(change, Change):
        return SetAlarm(
            patient_id=patient_id,
            sign=change.sign,
            alarm=change.alarm,
            value=change.value,
            limit_id=change.limit_id,
        )
    return SetRhythm(patient_id=patient_id, device_id=key, rhythm=change)
