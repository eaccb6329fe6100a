"""What devices alarm by themselves: at whom it stands, when it ends, and what a scene is told."""

from typing import Any

import pytest

from factories.aboard import person, register, run, view
from factories.world import TestWorld
from goldenhour.app.access import COMMANDS, SYSTEM_ONLY
from goldenhour.app.alarming import Alarming, Heard
from goldenhour.app.journal import Append, Identity, StoreFullError
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import ORDER
from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.kernel.telemetry import Numeric, NumericSet, Rhythm, Sign
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
    assert COMMANDS[c.SetDeviceAlarm] == COMMANDS[c.SetSceneAlarm] == SYSTEM_ONLY


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
