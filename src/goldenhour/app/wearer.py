"""Whoever wears devices of a vehicle, known or not: what alarms of them and is still to be told."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from goldenhour.domain.care.alarms import Change, Watch
from goldenhour.domain.care.own_alarms import name_of
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import CRITICAL
from goldenhour.domain.care.rhythm import RhythmWatch
from goldenhour.domain.commands import SetAlarm, SetDeviceAlarm, SetRhythm, SetSceneAlarm
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.device_alarm import RANKS, DeviceAlarm, Priority
from goldenhour.kernel.telemetry import Rhythm, Sign

ECG: Final = "ecg"
"""What of a device its live ECG is, at a scene."""
Said = Change | Rhythm | DeviceAlarm | None


class Untold(NamedTuple):
    key: Sign | str
    said: tuple[Said, int]
    """And since when."""
    command: SetAlarm | SetRhythm | SetDeviceAlarm | SetSceneAlarm
    at_ms: int


@dataclass
class Wearer:
    """A patient, or whoever wears a device that is on nobody, and what is watched of them."""

    unit_id: str
    mission_id: str
    device_id: str
    patient_id: str
    watch: Watch = field(default_factory=Watch)
    rhythms: dict[str, RhythmWatch] = field(default_factory=dict)
    """By device."""
    unrecorded: dict[Sign | str, tuple[Said, int]] = field(default_factory=dict)
    """What of a sign, of the ECG of a device (by its id), and of what a device alarms by itself
    (`name_of`) stands in no record, and since when."""
    beaten: bool = False
    """Beats were seen, by whatever device."""
    silent: dict[Sign | str, int] = field(default_factory=dict)
    """Since when the device says nothing of what stands in no record."""
    ended: set[str] = field(default_factory=set)
    """What of the device, on nobody, the device itself has ended."""

    def take_own(self, state: Patient | None, alarms: Sequence[DeviceAlarm], at_ms: int) -> None:
        """What of a message is over, or was a moment; what stands comes with the device."""
        for told in alarms:
            name, what = name_of(told), what_of(told)
            self.ended.discard(what)
            if told.over:
                self.ended.add(what)
            if state is not None and (told.passing or (told.over and name in state.device_alarms)):
                self.unrecorded[name] = (told, at_ms)
            elif told.over:
                self.unrecorded.pop(name, None)

    def list_for_record(self, only_of: str = "") -> list[Untold]:
        """What is to be said of the patient; of this device what it alarms by itself alone."""
        return [
            Untold(key, said, _command(self.patient_id, key, said[0]), said[1])
            for key, said in self.unrecorded.items()
            if not only_of or (isinstance(said[0], DeviceAlarm) and said[0].device_id == only_of)
        ]

    def list_for_centre(self, run: Mission, at_ms: int) -> list[Untold]:
        """Of a device on nobody, beside what the run tells already."""
        alarming = self._at_scene()
        own = (o for o in run.scene_alarms.values() if o.device_id == self.device_id)
        known = {one.what: (one.how, one.priority, one.silent_ms) for one in own}
        news: list[tuple[str, str, Priority | None, int, int | None]] = [
            (what, how, priority, since_ms, silent_ms)
            for what, (how, priority, since_ms, silent_ms) in alarming.items()
            if known.get(what) != (how, priority, silent_ms)
        ]
        news += [
            (what, "", None, at_ms, None)
            for what in known
            if what not in alarming and self._has_ended(what)
        ]
        return [
            Untold(
                what,
                (None, since_ms),
                SetSceneAlarm(
                    mission_id=self.mission_id,
                    device_id=self.device_id,
                    what=what,
                    how=how,
                    priority=priority,
                    silent_ms=silent_ms,
                ),
                since_ms,
            )
            for what, how, priority, since_ms, silent_ms in news
        ]

    def _at_scene(self) -> dict[str, tuple[str, Priority, int, int | None]]:
        """What alarms, how, how urgently, since when, and since when the device is silent.

        Of two of one name the worse.
        """
        found: dict[str, tuple[str, Priority, int, int | None]] = {}
        for key, (said, since_ms) in self.unrecorded.items():
            silent_ms = self.silent.get(key)
            match said:
                case Change(alarm=alarm) if alarm is not None:
                    urgent = Priority.HIGH if alarm in CRITICAL else Priority.MEDIUM
                    found[said.sign] = (alarm, urgent, since_ms, silent_ms)
                case Rhythm():
                    found[ECG] = (said, Priority.HIGH, since_ms, silent_ms)
                case DeviceAlarm():
                    what = what_of(said)
                    one = (said.nature, said.priority, since_ms, silent_ms)
                    both = (found.get(what, one), one)
                    found[what] = min(both, key=lambda known: RANKS.index(known[1]))
                case _:
                    pass
        return found

    def _has_ended(self, what: str) -> bool:
        """This watch has seen it end: after a start it knows nothing, and silence ends nothing."""
        if what == ECG:
            seen = self.rhythms.get(self.device_id)
            return seen is not None and seen.seen is Rhythm.BEATS
        if what in tuple(Sign):
            last = self.watch.seen.get(Sign(what))
            return last is not None and last[0] is None
        return what in self.ended


def what_of(told: DeviceAlarm) -> str:
    """A device's own alarm as a scene is told of it: the event, and what it is about."""
    return f"{told.event} {told.source}".strip() or "device"


def _command(patient_id: str, key: Sign | str, said: Said) -> SetAlarm | SetRhythm | SetDeviceAlarm:
    match said:
        case Change():
            return SetAlarm(
                patient_id=patient_id,
                sign=said.sign,
                alarm=said.alarm,
                value=said.value,
                limit_id=said.limit_id,
            )
        case DeviceAlarm():
            return SetDeviceAlarm(patient_id=patient_id, told=said)
        case _:
            return SetRhythm(patient_id=patient_id, device_id=key, rhythm=said)
