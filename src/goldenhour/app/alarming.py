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
Rule 5: what a device alarms by itself stands at whoever wears it, until the device ends it. When it
        goes to another patient, or is taken off, it ends where it was: it is no more about them.
Rule 6: a device that has said nothing for as long as a screen calls it silent (`monitor_silent_s`;
        `alarms_silent_s`, where it measures nothing and speaks of alarms alone) may be off or
        unplugged: what it alarmed is told as what was known last, and since when, until it tells of
        it again. Its live ECG comes over a line of its own, and proves nothing of its alarms.
Rule 7: of a device that is on nobody the centre is told which, what of it alarms, how urgently and
        since when, and nothing else (`domain/dispatch/scene_alarms.py`).
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

import structlog
from msgspec.structs import replace

from goldenhour.app.chart import find_run, find_wearer, list_patients, own_values
from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, StoreFullError
from goldenhour.app.wearer import Untold, Wearer
from goldenhour.domain.care import own_alarms
from goldenhour.domain.care.alarms import Change, watch
from goldenhour.domain.care.own_alarms import OwnAlarm, name_of
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.rhythm import RhythmWatch, watch_rhythm
from goldenhour.domain.commands import Command, SetDeviceSilent
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.kernel.device_alarm import DeviceAlarm
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import NumericSet, Rhythm
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.alarms import device_alarm_row, in_order
from goldenhour.views.fold import Folded
from goldenhour.views.rows import AlarmRow, RhythmRow, UnrecordedRow

_log = structlog.get_logger(__name__)
_ON_THE_WAY: Final = frozenset({State.RESERVED, State.ASSIGNED, State.ACKNOWLEDGED, State.EN_ROUTE})
_MOST_OWN: Final = 32
"""Alarms of one device at once; the latest count."""
Found = tuple[Wearer, Patient | None]


class Heard(NamedTuple):
    """What the live ECG of a device looks like now."""

    device_id: str
    rhythm: Rhythm
    at_ms: int


class Alarming:
    """The watch over one vehicle's devices."""

    def __init__(self) -> None:
        self._wearers: dict[str, Wearer] = {}
        self._own: dict[str, dict[str, OwnAlarm]] = {}
        """What each device alarms by itself now, by key, since when it was told so."""
        self._heard: dict[str, int] = {}
        """When each device measured or alarmed last."""
        self._measuring: set[str] = set()
        """Devices that tell what they measure, and so speak all the time."""
        self._begun_ms: int | None = None
        """Since when anybody listens for silence."""

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
                device_alarms=in_order(
                    device_alarm_row(said, since_ms, one.silent.get(key))
                    for key, (said, since_ms) in one.unrecorded.items()
                    if isinstance(said, DeviceAlarm) and not said.over and not said.passing
                ),
            )
            for one in self._wearers.values()
        )
        return tuple(row for row in rows if row.alarms or row.rhythms or row.device_alarms)

    async def take_numerics(
        self, item: NumericSet, view: Folded, world: World, *, org: str, sequence: int
    ) -> None:
        """A set against the limits; `sequence` and those after it are the device's own."""
        at_ms = item.received_ms
        self._heard[item.device_id] = at_ms
        self._measuring.add(item.device_id)
        found = self._follow(item.unit_id, item.device_id, view, at_ms)
        if found is not None:
            wearer, state = found
            if state is not None:
                stream = f"patient:{wearer.patient_id}"
                item = replace(item, values=own_values(item, view, stream, state))
            told = {s.sign: s for s, _ in wearer.unrecorded.values() if isinstance(s, Change)}
            wearer.watch, changes = watch(wearer.watch, item, state, world.facts.care.vitals, told)
            for change in changes:
                wearer.unrecorded[change.sign] = (change, at_ms)
        stamp = _stamp(item.device_id, item.unit_id, at_ms, org, sequence)
        await self._record(found, view, world, stamp)

    async def take_rhythm(
        self, unit_id: str, heard: Heard, view: Folded, world: World, *, org: str
    ) -> None:
        device_id, _, at_ms = heard
        found = self._follow(unit_id, device_id, view, at_ms)
        if found is not None:
            _look(*found, heard, world)
        stamp = _stamp(device_id, unit_id, at_ms, org, at_ms)
        await self._record(found, view, world, stamp)

    async def take_own(
        self,
        unit_id: str,
        alarms: Sequence[DeviceAlarm],
        at_ms: int,
        view: Folded,
        world: World,
        *,
        org: str,
        sequence: int,
    ) -> None:
        """What a device alarms by itself, as one message of it tells.

        Raises StoreFullError where it is about a patient and the disk did not take it.
        """
        device_id = alarms[0].device_id
        self._heard[device_id] = at_ms
        standing = self._own.setdefault(device_id, {})
        for told in alarms:
            said = own_alarms.news(standing.get(told.key), told)
            if said is None:
                continue
            standing.pop(told.key, None)
            if not said.over and not said.passing:
                standing[told.key] = OwnAlarm(told=said, since_ms=at_ms)
            if len(standing) > _MOST_OWN:
                del standing[next(iter(standing))]
        found = self._follow(unit_id, device_id, view, at_ms)
        if found is not None:
            found[0].take_own(found[1], alarms, at_ms)
        stamp = _stamp(device_id, unit_id, at_ms, org, sequence)
        await self._record(found, view, world, stamp)
        if found is not None and found[0].patient_id:
            # Of the same person a sign or the ECG may be on its way into the record meanwhile.
            lost = {name_of(told) for told in alarms} & found[0].unrecorded.keys()
            if lost:
                raise StoreFullError(f"in no record: {', '.join(sorted(lost))}")

    async def take_silence(
        self, unit_id: str, now_ms: int, view: Folded, world: World, *, org: str
    ) -> None:
        """Which devices that alarm have said nothing for too long (rule 6)."""
        begun_ms = self._begun_ms = now_ms if self._begun_ms is None else self._begun_ms
        run = find_run(view, unit_id)
        if run is None:
            return
        limits = world.facts.limits.screen

        def silent_since(device_id: str, known_ms: int) -> int | None:
            """None: it speaks. After a start nothing is known but what the record knows."""
            heard_ms = self._heard.get(device_id)
            measures = device_id in self._measuring
            after_s = limits.monitor_silent_s if measures else limits.alarms_silent_s
            silent = now_ms - max(heard_ms or 0, begun_ms) >= after_s * SECOND_MS
            return (known_ms if heard_ms is None else heard_ms) if silent else None

        for device_id, standing in self._own.items():
            if (since_ms := silent_since(device_id, now_ms)) is not None:
                self._own[device_id] = own_alarms.fall_silent(standing, device_id, since_ms)
        untold: list[tuple[str, Command]] = []
        for stream, state in list_patients(view, run[0]):
            active = [one for one in state.device_alarms.values() if one.silent_ms is None]
            for device_id in sorted({one.told.device_id for one in active}):
                since_ms = silent_since(device_id, _known_ms(state, device_id))
                if since_ms is not None:
                    said = SetDeviceSilent(
                        patient_id=stream.partition(":")[2],
                        device_id=device_id,
                        since_ms=since_ms,
                    )
                    untold.append((device_id, said))
        for wearer in self._wearers.values():
            since_ms = silent_since(wearer.device_id, now_ms)
            if wearer.patient_id or wearer.mission_id != run[0] or since_ms is None:
                continue
            wearer.silent = dict.fromkeys(wearer.unrecorded, since_ms) | wearer.silent
            untold += [
                (wearer.device_id, one.command) for one in wearer.list_for_centre(run[1], now_ms)
            ]
        for place, (device_id, command) in enumerate(untold):
            stamp = _stamp(device_id, unit_id, now_ms, org, now_ms * 100 + place)
            stamp = replace(stamp, installation=f"silent:{device_id}")
            try:
                await handle(command, stamp, SYSTEM, world)
            except StoreFullError as error:
                _log.error("vehicle.silence_not_recorded", reason=repr(error))
                return

    def _follow(self, unit_id: str, device_id: str, view: Folded, at_ms: int) -> Found | None:
        """Who wears the device now; what it alarms by itself has come with it (rule 5)."""
        found = self._find(unit_id, device_id, view)
        run = find_run(view, unit_id)
        if run is None:
            return None
        wearer, state = found or (None, None)
        standing = {name_of(one.told): one for one in self._own.get(device_id, {}).values()}
        own = {name: (one.told, one.since_ms) for name, one in standing.items()}
        if wearer is not None and state is None:
            others = (e for e in wearer.unrecorded.items() if not isinstance(e[1][0], DeviceAlarm))
            wearer.unrecorded = dict(others) | own
            wearer.silent = {
                name: one.silent_ms for name, one in standing.items() if one.silent_ms is not None
            }
        elif wearer is not None and state is not None:
            for name, one in standing.items():
                known = state.device_alarms.get(name)
                if one.silent_ms is None and own_alarms.news(known, one.told) is not None:
                    wearer.unrecorded[name] = own[name]
        for stream, other in list_patients(view, run[0]):
            if other is state:
                continue
            for name, one in other.device_alarms.items():
                if one.told.device_id == device_id:
                    left = Wearer(unit_id, run[0], device_id, stream.partition(":")[2])
                    over = replace(one.told, over=True, left=True)
                    self._wearers.setdefault(stream, left).unrecorded[name] = (over, at_ms)
        return found

    def _find(self, unit_id: str, device_id: str, view: Folded) -> Found | None:
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
            nobody = Wearer(unit_id, mission_id, device_id, "")
            return self._wearers.setdefault(f"device:{device_id}", nobody), None
        stream, state = worn
        before = self._wearers.pop(f"device:{device_id}", None)
        if stream not in self._wearers:
            wearer = Wearer(unit_id, mission_id, device_id, stream.partition(":")[2])
            if before is not None:
                wearer.watch = before.watch
            self._wearers[stream] = wearer
        return self._wearers[stream], state

    async def _record(self, found: Found | None, view: Folded, world: World, stamp: Stamp) -> None:
        """Everything that stands in no record yet, as far as the disk takes it."""
        for wearer in tuple(self._wearers.values()):
            for untold in _list_untold(wearer, found, view, stamp):
                said = replace(stamp, now_ms=untold.at_ms)
                stamp = replace(stamp, sequence=stamp.sequence + 1)
                try:
                    await handle(untold.command, said, SYSTEM, world)
                except StoreFullError as error:
                    _log.error("vehicle.alarm_not_recorded", reason=repr(error))
                    return
                # Of another device of theirs something newer may have come meanwhile.
                if wearer.patient_id and wearer.unrecorded.get(untold.key) == untold.said:
                    del wearer.unrecorded[untold.key]


def _known_ms(state: Patient, device_id: str) -> int:
    """When a patient's record last heard of a device."""
    charted = [one.received_ms for one in state.charted if one.device_id == device_id]
    own = state.device_alarms.values()
    return max((*charted, *(one.since_ms for one in own if one.told.device_id == device_id)))


def _stamp(device_id: str, unit_id: str, at_ms: int, org: str, sequence: int) -> Stamp:
    return Stamp(
        actor=device_id,
        seat=unit_id,
        role="vehicle",
        org=org,
        installation=f"alarm:{device_id}",
        sequence=sequence,
        now_ms=at_ms,
    )


def _list_untold(wearer: Wearer, found: Found | None, view: Folded, stamp: Stamp) -> list[Untold]:
    """Of who wears the device that speaks everything; of whom it was on, that it has left."""
    here = found is not None and found[0] is wearer
    if wearer.patient_id:
        return wearer.list_for_record("" if here else stamp.actor)
    run = view.states.get(f"mission:{wearer.mission_id}")
    return wearer.list_for_centre(run, stamp.now_ms) if here and isinstance(run, Mission) else []


def _look(wearer: Wearer, state: Patient | None, heard: Heard, world: World) -> None:
    """At the live ECG of a device."""
    device_id, seen, at_ms = heard
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
