"""What devices alarm by themselves: at whom it stands, when it ends, and what a scene is told."""

import asyncio
from typing import Any

import pytest

from factories.aboard import person, register, run, view
from factories.world import TestWorld
from goldenhour.app.access import COMMANDS, SYSTEM_ONLY
from goldenhour.app.alarming import Alarming, Heard
from goldenhour.app.journal import Append, Identity, StoreFullError
from goldenhour.app.record import whole_record
from goldenhour.domain import commands as c
from goldenhour.domain.care.own_alarms import End
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import ORDER
from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.kernel.telemetry import Numeric, NumericSet, Rhythm, Sign
from goldenhour.views.fold import Reveal
from goldenhour.views.rows import MissionRow, PatientRow, SceneAlarmRow

DEVICE = "M-1"


def alarm(event: str = "MDC_EVT_LEAD_OFF", **changes: Any) -> DeviceAlarm:
    given: dict[str, Any] = {
        "device_id": DEVICE,
        "key": event,
        "event": event,
        "source": "",
        "nature": "technical",
        "priority": Priority.LOW,
        "words": "导联脱落",
        "value": "",
        "limits": "",
        "silenced": "",
        "over": False,
    }
    return DeviceAlarm(**(given | changes))


class Vehicle:
    """A run, and the watch of its vehicle."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.alarming = Alarming()
        self.append = self.world.journal.append
        self.mission_id = ""

    async def begin(self) -> None:
        self.mission_id = await run(self.world)
        await self.world.reach(self.mission_id, *ORDER[: ORDER.index(Milestone.ON_SCENE) + 1])

    async def tell(self, *alarms: DeviceAlarm) -> None:
        at_ms = self._later()
        await self.alarming.take_own(
            "A-01", alarms, at_ms, view(self.world), self.world,
            org="unit:A-01", sequence=at_ms * 100,
        )  # fmt: skip

    async def measure(self, value: float = 97, seconds: int = 1) -> None:
        for _ in range(seconds):
            at_ms = self._later()
            item = NumericSet(
                device_id=DEVICE, unit_id="A-01", device_ms=None, received_ms=at_ms,
                values=(Numeric(sign=Sign.SPO2, value=value, note=""),),
            )  # fmt: skip
            await self.alarming.take_numerics(
                item, view(self.world), self.world, org="unit:A-01", sequence=at_ms * 100
            )

    async def wait(self, seconds: int) -> None:
        """The device says nothing, and the vehicle looks once a second."""
        for _ in range(seconds):
            await self.alarming.take_silence(
                "A-01", self._later(), view(self.world), self.world, org="unit:A-01"
            )

    def silent(self, patient_id: str) -> list[int | None]:
        row = view(self.world).rows["patients", patient_id]
        assert isinstance(row, PatientRow)
        return [one.silent_ms for one in row.device_alarms]

    def alarmed(self, patient_id: str) -> list[tuple[int, int | None, End | None]]:
        whole = whole_record(self.world.journal.feed, Reveal({}), self.world.facts, patient_id)
        assert whole is not None
        return [(one.begun_ms, one.ended_ms, one.end) for one in whole.device_alarms]

    def _later(self) -> int:
        self.world.clock.at_ms += 1_000
        return self.world.clock.at_ms

    def standing(self, patient_id: str) -> list[tuple[str, Priority]]:
        row = view(self.world).rows["patients", patient_id]
        assert isinstance(row, PatientRow)
        return [(one.words, one.priority) for one in row.device_alarms]

    def on_screens_alone(self) -> list[str]:
        return [a.words for row in self.alarming.list_unrecorded() for a in row.device_alarms]

    def scene(self) -> tuple[SceneAlarmRow, ...]:
        row = view(self.world).rows["missions", self.mission_id]
        assert isinstance(row, MissionRow)
        return row.scene_alarms

    def told(self) -> list[tuple[str, str, Priority]]:
        return [(one.what, one.how, one.priority) for one in self.scene()]


def test_a_vehicle_alone_says_it() -> None:
    own = (c.SetDeviceAlarm, c.SetDeviceSilent, c.SetSceneAlarm)
    assert {COMMANDS[one] for one in own} == {SYSTEM_ONLY}


async def test_it_stands_in_the_record_in_its_own_words_until_the_device_ends_it() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm())
    assert box.standing(patient_id) == [("导联脱落", Priority.LOW)]
    assert box.on_screens_alone() == []
    before = len(box.world.journal.feed)
    await box.tell(alarm(value="told again", words="said otherwise"))
    assert len(box.world.journal.feed) == before, "a device repeats itself"
    await box.measure(seconds=60)
    assert box.standing(patient_id), "silence about it is no end"
    await box.tell(alarm(over=True))
    assert box.standing(patient_id) == []
    await box.tell(alarm(over=True))
    assert person(box.world, patient_id).device_alarms == {}


async def test_its_priority_is_the_devices_own_and_one_not_said_lowers_nothing() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm(priority=Priority.MEDIUM))
    await box.tell(alarm(priority=Priority.UNKNOWN))
    assert box.standing(patient_id) == [("导联脱落", Priority.MEDIUM)]
    await box.tell(alarm(priority=Priority.HIGH))
    assert box.standing(patient_id) == [("导联脱落", Priority.HIGH)]
    await box.tell(alarm("MDC_EVT_X", words="x", priority=Priority.UNKNOWN))
    await box.tell(alarm("MDC_EVT_Y", words="y", priority=Priority.MEDIUM))
    worst_first = [Priority.HIGH, Priority.UNKNOWN, Priority.MEDIUM]
    assert [priority for _, priority in box.standing(patient_id)] == worst_first


async def test_what_was_a_moment_is_written_down_and_does_not_stand() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm("MDC_EVT_ECG_V_P_C", passing=True))
    assert box.standing(patient_id) == []
    written = [e for e in box.world.journal.feed if e.kind == "patient.device_alarmed.v1"]
    assert len(written) == 1


async def test_it_comes_with_the_device_to_whoever_is_registered() -> None:
    box = Vehicle()
    await box.begin()
    await box.tell(alarm())
    assert box.on_screens_alone() == ["导联脱落"]
    patient_id = await register(box.world, box.mission_id)
    await box.measure()
    assert box.standing(patient_id) == [("导联脱落", Priority.LOW)]
    assert box.on_screens_alone() == []


async def test_with_the_device_it_leaves_a_patient() -> None:
    box = Vehicle()
    await box.begin()
    first = await register(box.world, box.mission_id)
    await box.tell(alarm())
    second = await register(box.world, box.mission_id)
    place = c.PlaceMonitor(mission_id=box.mission_id, device_id=DEVICE, patient_id=first)
    await box.world.accept(place)
    await box.world.accept(
        c.BindMonitor(mission_id=box.mission_id, device_id=DEVICE, band="B2", patient_id=second)
    )
    await box.measure()
    assert (box.standing(first), box.standing(second)) == ([], [("导联脱落", Priority.LOW)])
    await box.world.accept(c.TakeOffMonitor(mission_id=box.mission_id, device_id=DEVICE))
    await box.measure()
    assert (box.standing(first), box.standing(second)) == ([], [])


async def test_what_no_disk_took_is_not_acknowledged(monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(_append: Append, _identity: Identity) -> None:
        raise StoreFullError("full")

    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    monkeypatch.setattr(box.world.journal, "append", refuse)
    with pytest.raises(StoreFullError):
        await box.tell(alarm())
    assert box.on_screens_alone() == ["导联脱落"]
    monkeypatch.setattr(box.world.journal, "append", box.append)
    await box.tell(alarm())
    assert box.standing(patient_id) == [("导联脱落", Priority.LOW)]


async def test_what_another_watch_is_still_writing_is_no_failure_of_the_message(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.measure()
    free, slow = asyncio.Event(), list[asyncio.Task[None]]()
    is_slow = asyncio.Event()

    async def look() -> None:
        for _ in range(6):  # a rhythm counts after five seconds
            heard = Heard(DEVICE, Rhythm.NO_BEAT, box.world.clock.at_ms)
            box.world.clock.at_ms += 1_000
            await box.alarming.take_rhythm(
                "A-01", heard, view(box.world), box.world, org="unit:A-01"
            )

    async def append(what: Append, identity: Identity) -> None:
        if not slow:
            slow.append(asyncio.create_task(look()))
            await is_slow.wait()
        elif asyncio.current_task() is slow[0]:
            is_slow.set()
            await free.wait()
        await box.append(what, identity)

    monkeypatch.setattr(box.world.journal, "append", append)
    await box.tell(alarm())
    assert box.standing(patient_id) == [("导联脱落", Priority.LOW)]
    free.set()
    await slow[0]
    row = view(box.world).rows["patients", patient_id]
    assert isinstance(row, PatientRow)
    assert [one.rhythm for one in row.rhythms] == [Rhythm.NO_BEAT]


# ---- a device that is switched off or unplugged in mid-alarm


async def test_of_a_silent_device_it_is_what_was_known_last_until_it_is_told_again() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.measure()
    await box.tell(alarm(), alarm("MDC_EVT_X", words="x"))
    heard_ms = box.world.clock.at_ms
    await box.wait(14)
    assert box.silent(patient_id) == [None, None], "a monitor may be slow"
    await box.wait(20)
    assert box.silent(patient_id) == [heard_ms, heard_ms]
    told = [e for e in box.world.journal.feed if e.kind == "patient.device_silent.v1"]
    assert len(told) == 1, "it is said once"
    await box.measure()
    assert box.silent(patient_id) == [heard_ms, heard_ms], "it speaks, and not of these"
    await box.tell(alarm())
    assert sorted(map(str, box.silent(patient_id))) == sorted((str(heard_ms), "None"))
    await box.tell(alarm(over=True))
    assert box.standing(patient_id) == [("x", Priority.LOW)]


async def test_after_a_start_silence_counts_from_it_and_since_when_is_what_the_record_knows() -> (
    None
):
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm())
    known_ms = box.world.clock.at_ms
    box.alarming = Alarming()
    box.world.clock.at_ms += 60_000
    await box.wait(14)
    assert box.silent(patient_id) == [None]
    box.world.clock.at_ms += 300_000
    await box.wait(3)
    assert box.silent(patient_id) == [known_ms]


async def test_a_device_that_tells_of_alarms_alone_may_say_nothing_for_minutes() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm())
    heard_ms = box.world.clock.at_ms
    await box.wait(60)
    assert box.silent(patient_id) == [None]
    box.world.clock.at_ms += 240_000
    await box.wait(2)
    assert box.silent(patient_id) == [heard_ms]


async def test_its_live_ecg_proves_nothing_of_its_alarms() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.measure()
    await box.tell(alarm())
    heard_ms = box.world.clock.at_ms
    for _ in range(16):
        await box.wait(1)
        heard = Heard(DEVICE, Rhythm.BEATS, box.world.clock.at_ms)
        await box.alarming.take_rhythm("A-01", heard, view(box.world), box.world, org="unit:A-01")
    assert box.silent(patient_id) == [heard_ms]


async def test_of_a_silent_device_on_nobody_crew_and_centre_are_told_too() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(75, seconds=11)
    await box.tell(alarm())
    heard_ms = box.world.clock.at_ms
    await box.wait(16)
    assert [one.silent_ms for one in box.scene()] == [heard_ms, heard_ms]
    (row,) = box.alarming.list_unrecorded()
    assert [one.silent_ms for one in row.device_alarms] == [heard_ms]
    await box.measure(75, seconds=1)
    assert {one.what: one.silent_ms for one in box.scene()} == {
        "spo2": None,
        "MDC_EVT_LEAD_OFF": heard_ms,
    }
    await box.tell(alarm())
    assert [one.silent_ms for one in box.scene()] == [None, None]


async def test_a_device_that_is_on_somebody_else_now_brings_them_nothing_old() -> None:
    box = Vehicle()
    await box.begin()
    first = await register(box.world, box.mission_id)
    await put_on(box, first)
    await box.measure()
    await box.tell(alarm())
    await box.wait(16)
    second = await register(box.world, box.mission_id)
    await box.world.accept(
        c.BindMonitor(mission_id=box.mission_id, device_id=DEVICE, band="B2", patient_id=second)
    )
    await box.measure()
    assert (box.standing(first), box.standing(second)) == ([], [])


# ---- what stays of it


async def test_the_record_keeps_begin_end_highest_priority_and_who_was_quiet() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.tell(alarm(priority=Priority.HIGH))
    begun_ms = box.world.clock.at_ms
    await box.tell(alarm(priority=Priority.MEDIUM, silenced="alert-acknowledged"))
    quiet_ms = box.world.clock.at_ms
    await box.tell(alarm(over=True))
    ended_ms = box.world.clock.at_ms
    for _ in range(3):
        await box.tell(alarm("MDC_EVT_ECG_V_P_C", passing=True))
    whole = whole_record(box.world.journal.feed, Reveal({}), box.world.facts, patient_id)
    assert whole is not None
    one, beats = whole.device_alarms
    assert (one.begun_ms, one.ended_ms, one.end) == (begun_ms, ended_ms, End.DEVICE)
    assert (one.priority, one.quiet, one.quiet_ms) == (
        Priority.HIGH,
        "alert-acknowledged",
        quiet_ms,
    )
    assert (beats.times, beats.end, beats.ended_ms) == (3, End.MOMENT, box.world.clock.at_ms)


async def put_on(box: Vehicle, patient_id: str) -> None:
    await box.world.accept(
        c.PlaceMonitor(mission_id=box.mission_id, device_id=DEVICE, patient_id=patient_id)
    )


async def correct(box: Vehicle, patient_id: str, from_ms: int, to_ms: int, name: str) -> None:
    box.world.clock.at_ms += 1
    await box.world.accept(
        c.CorrectMonitor(
            mission_id=box.mission_id, device_id=DEVICE, patient_id=patient_id,
            from_ms=from_ms, to_ms=to_ms, correction_id=name, reason="导联接错人",
        )
    )  # fmt: skip


async def test_a_swap_put_right_takes_them_along_cut_to_the_stretch() -> None:
    box = Vehicle()
    await box.begin()
    first = await register(box.world, box.mission_id)
    await put_on(box, first)
    await box.world.accept(
        c.BindMonitor(mission_id=box.mission_id, device_id=DEVICE, band="B1", patient_id=first)
    )
    await box.tell(alarm())
    begun_ms = box.world.clock.at_ms
    second = await register(box.world, box.mission_id)
    await box.tell(alarm("MDC_EVT_X", words="x"))
    middle_ms = box.world.clock.at_ms
    await box.tell(alarm("MDC_EVT_X", words="x", over=True))
    ended_ms = box.world.clock.at_ms
    before = person(box.world, first)
    await correct(box, second, middle_ms - 500, ended_ms, "k1")
    assert box.alarmed(first) == [
        (begun_ms, middle_ms - 500, End.LEFT),
        (ended_ms, None, None),
    ], "what is outside the stretch stays"
    assert box.alarmed(second) == [
        (middle_ms - 500, ended_ms, End.LEFT),
        (middle_ms, ended_ms, End.DEVICE),
    ]
    whole = whole_record(box.world.journal.feed, Reveal({}), box.world.facts, second)
    assert whole is not None
    assert ("own_alarm_in", 2) in [(one.item, one.was) for one in whole.replaced]
    await correct(box, first, middle_ms - 500, ended_ms, "k2")
    again = person(box.world, first)
    assert again.device_alarms == before.device_alarms
    assert again.past_alarms == before.past_alarms
    assert again.lost_alarms == ()
    assert box.alarmed(second) == []


async def test_a_correction_to_nobody_takes_them_and_a_later_one_gives_them_back_once() -> None:
    box = Vehicle()
    await box.begin()
    first = await register(box.world, box.mission_id)
    await put_on(box, first)
    await box.tell(alarm())
    begun_ms = box.world.clock.at_ms
    await box.tell(alarm(over=True))
    ended_ms = box.world.clock.at_ms
    await correct(box, "", begun_ms, ended_ms, "k1")
    assert box.alarmed(first) == []
    second = await register(box.world, box.mission_id)
    await correct(box, second, begun_ms, ended_ms, "k2")
    assert box.alarmed(second) == [(begun_ms, ended_ms, End.DEVICE)]
    await correct(box, second, begun_ms, ended_ms, "k3")
    assert box.alarmed(second) == [(begun_ms, ended_ms, End.DEVICE)], "once"


async def test_a_merged_record_shows_the_alarms_of_both() -> None:
    box = Vehicle()
    await box.begin()
    first = await register(box.world, box.mission_id)
    await box.tell(alarm())
    second = await register(box.world, box.mission_id)
    await box.world.accept(c.MergePatients(patient_id=second, other_id=first, reason="两次登记"))
    assert box.standing(second) == [("导联脱落", Priority.LOW)]
    assert len(box.alarmed(second)) == 1


# ---- before anybody is registered: what the centre is told


async def test_the_centre_is_told_what_alarms_at_the_scene_and_no_value() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(75, seconds=11)
    (one,) = box.scene()
    assert (one.device_id, one.what, one.how) == (DEVICE, "spo2", "critical_low")
    assert one.priority is Priority.HIGH
    await box.tell(alarm(source="MDC_ECG", words="病人张三 75"))
    assert box.told() == [
        ("spo2", "critical_low", Priority.HIGH),
        ("MDC_EVT_LEAD_OFF MDC_ECG", "technical", Priority.LOW),
    ]
    bodies = [e.body for e in box.world.journal.feed if e.kind == "mission.scene_alarmed.v1"]
    assert len(bodies) == 2, "once each"
    assert all(b"75" not in body and "张三".encode() not in body for body in bodies)


async def test_it_ends_when_the_device_says_so_or_the_sign_is_back() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(75, seconds=11)
    await box.tell(alarm())
    await box.tell(alarm(over=True))
    assert [what for what, _, _ in box.told()] == ["spo2"]
    await box.measure(97, seconds=12)
    assert box.told() == []


async def test_an_ecg_without_order_is_told_too() -> None:
    box = Vehicle()
    await box.begin()
    for _ in range(2):
        box.world.clock.at_ms += 1_000
        heard = Heard(DEVICE, Rhythm.CHAOTIC, box.world.clock.at_ms)
        await box.alarming.take_rhythm("A-01", heard, view(box.world), box.world, org="unit:A-01")
    assert box.told() == [("ecg", "chaotic", Priority.HIGH)]


async def test_a_watch_that_begins_anew_ends_nothing_that_it_has_not_seen_end() -> None:
    box = Vehicle()
    await box.begin()
    await box.tell(alarm())
    box.alarming = Alarming()
    await box.measure(97, seconds=12)
    assert [what for what, _, _ in box.told()] == ["MDC_EVT_LEAD_OFF"]
    await box.tell(alarm(over=True))
    assert box.told() == []


async def test_it_goes_from_the_run_when_the_device_has_a_patient_or_is_taken_off() -> None:
    box = Vehicle()
    await box.begin()
    await box.tell(alarm())
    patient_id = await register(box.world, box.mission_id)
    place = c.PlaceMonitor(mission_id=box.mission_id, device_id=DEVICE, patient_id=patient_id)
    await box.world.accept(place)
    assert box.told() == []

    other = Vehicle()
    await other.begin()
    await other.tell(alarm())
    await other.world.accept(
        c.PlaceMonitor(mission_id=other.mission_id, device_id=DEVICE, patient_id="")
    )
    assert other.told(), "on nobody of several it stays"
    await other.world.accept(c.TakeOffMonitor(mission_id=other.mission_id, device_id=DEVICE))
    assert other.told() == []


async def test_a_run_that_has_ended_shows_none() -> None:
    box = Vehicle()
    await box.begin()
    await box.tell(alarm())
    await box.world.accept(c.StandDown(mission_id=box.mission_id, reason="cancelled"))
    assert box.told() == []
