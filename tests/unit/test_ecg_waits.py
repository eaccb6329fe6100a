"""How long a suspected ECG waits for a physician, who is told, and what ends it."""

from typing import Any

import pytest

from factories.timers import pass_time
from factories.world import TestWorld
from goldenhour.app.access import COMMANDS, TOPICS, Role
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.care import interpret
from goldenhour.domain.care.ecg import EcgPatient, LeadMeasured, Measured, judge
from goldenhour.domain.care.ecg_rules import Reading
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear

HOSPITAL = Identity(orgs=("hospital:h1",), topics=TOPICS[Role.HOSPITAL])
LIMIT_S = 600


async def state_of(world: TestWorld, stream: str) -> Any:
    found = (await world.journal.load([stream], SYSTEM)).get(stream)
    return fold(stream, found.events) if found else None


async def alert_of(world: TestWorld, patient_id: str) -> Alert | None:
    found = await state_of(world, f"alert:ecg_unread.{patient_id}")
    assert found is None or isinstance(found, Alert)
    return found


async def unread(world: TestWorld, patient_id: str) -> list[str]:
    person = await state_of(world, f"patient:{patient_id}")
    assert isinstance(person, Patient)
    return [kept.entry.entry_id for kept in interpret.list_unread(person.record)]


async def measured(
    world: TestWorld, patient_id: str, entry_id: str = "e1", st_mm: float = 3.0
) -> None:
    """With 3 mm in all leads some rule suspects it; with none, nothing does."""
    rules = world.facts.care.ecg
    leads = {lead: LeadMeasured(st_j_mm=st_mm, r_mm=5.0, s_mm=-1.0) for lead in rules.standard}
    found = Measured(leads=leads, qrs_ms=90.0)
    about = EcgPatient(age_y=62, sex=Sex.MALE, confounders=())
    await world.accept(
        c.RecordEcg(
            patient_id=patient_id,
            entry_id=entry_id,
            begun_ms=world.clock.at_ms - 10_000,
            lasts_ms=10_000,
            device="E-1",
            test=True,
            measured=found,
            findings=judge(found, about, rules),
        )
    )


def reads(patient_id: str, entry_id: str = "r1", **changes: Any) -> c.InterpretEcg:
    given: dict[str, Any] = {
        "patient_id": patient_id,
        "entry_id": entry_id,
        "ecg_id": "e1",
        "text": Clear(text="下壁导联 ST 段抬高"),
        "name": "李医生",
    }
    return c.InterpretEcg(**(given | changes))


async def on_the_way(world: TestWorld, *, announced: bool = True) -> tuple[str, str, str]:
    """(mission, patient, handover)"""
    await world.list_unit()
    await world.list_hospital()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT)
    if announced:
        return mission_id, *(await world.prealert(mission_id))
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=62))
    return mission_id, patient_id, ""


async def test_an_ecg_that_waits_too_long_alerts_its_hospital_and_then_everybody() -> None:
    world = TestWorld()
    assert world.facts.limits.ecg_read_s == LIMIT_S
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await pass_time(world, LIMIT_S - 1)
    assert await alert_of(world, patient_id) is None
    await pass_time(world, 1)
    raised = await alert_of(world, patient_id)
    assert raised is not None
    assert (raised.code, raised.priority, raised.owner) == ("ecg_unread", 2, "@hospital:h1")
    assert raised.details["hospital_id"] == "h1"
    stream = f"alert:ecg_unread.{patient_id}"
    assert set(await world.journal.load([stream], HOSPITAL)) == {stream}
    await pass_time(world, world.facts.limits.escalate_s["2"])
    climbed = await alert_of(world, patient_id)
    assert climbed is not None
    assert climbed.owner == "supervisor"


async def test_where_no_hospital_waits_every_seat_is_told() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world, announced=False)
    await measured(world, patient_id)
    await pass_time(world, LIMIT_S)
    raised = await alert_of(world, patient_id)
    assert raised is not None
    assert raised.owner == "all"


async def test_a_signed_reading_ends_the_wait() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    assert await unread(world, patient_id) == ["e1"]
    await pass_time(world, LIMIT_S)
    await world.accept(reads(patient_id), role="hospital", actor="doctor-1")
    await pass_time(world, 0)
    ended = await alert_of(world, patient_id)
    assert ended is not None
    assert ended.state is AlertState.RESOLVED
    assert await unread(world, patient_id) == []
    # Read in time, nothing was ever raised.
    other = TestWorld()
    _mission, patient_id, _handover = await on_the_way(other)
    await measured(other, patient_id)
    await other.accept(reads(patient_id), role="crew")
    await pass_time(other, 10 * LIMIT_S)
    assert await alert_of(other, patient_id) is None


async def test_what_no_rule_suspects_and_what_was_withdrawn_waits_for_nobody() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id, "flat", st_mm=0.0)
    person = await state_of(world, f"patient:{patient_id}")
    assert person.record.entries[-1].entry.findings.reading is not Reading.SUSPECTED
    await measured(world, patient_id)
    await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id="e1", reason="wrong leads"))
    await pass_time(world, 10 * LIMIT_S)
    assert await alert_of(world, patient_id) is None


async def test_the_clock_of_a_second_ecg_goes_on_when_the_first_is_read() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await pass_time(world, 300)
    await measured(world, patient_id, "e2")
    await world.accept(reads(patient_id), role="hospital")
    await pass_time(world, LIMIT_S - 1)
    assert await alert_of(world, patient_id) is None
    await pass_time(world, 1)
    assert await alert_of(world, patient_id) is not None


async def test_a_correction_takes_the_place_and_both_stay() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await world.accept(reads(patient_id), role="hospital", actor="doctor-1")
    await world.accept(
        reads(patient_id, "r2", corrects="r1", reason="导联接反"),
        role="hospital",
        actor="doctor-2",
    )
    person = await state_of(world, f"patient:{patient_id}")
    first, second = person.record.entries[-2:]
    assert (first.withdrawn, first.withdrawn_by) == ("导联接反", "doctor-2")
    assert (second.withdrawn, second.by, second.role) == ("", "doctor-2", "hospital")
    assert await unread(world, patient_id) == []


@pytest.mark.parametrize(
    ("changes", "role", "code"),
    [
        ({"name": "  "}, "hospital", "name_required"),
        ({"ecg_id": "e9"}, "hospital", "absent"),
        ({"corrects": "r9", "reason": "x"}, "hospital", "already_withdrawn"),
        ({"corrects": "r1"}, "hospital", "reason_required"),
        ({"corrects": "r1", "reason": "x"}, "crew", "reading_of_other"),
        ({"entry_id": "r1"}, "hospital", "exists"),
    ],
)
async def test_a_reading_is_refused(changes: dict[str, str], role: str, code: str) -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await world.accept(reads(patient_id), role="hospital")
    refused = await world.send(reads(patient_id, **({"entry_id": "r2"} | changes)), role=role)
    assert isinstance(refused, Refused)
    assert refused.code == code


async def test_a_signed_reading_cannot_be_withdrawn() -> None:
    world = TestWorld()
    _mission, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await world.accept(reads(patient_id), role="hospital")
    gone = c.WithdrawEntry(patient_id=patient_id, entry_id="r1", reason="x")
    refused = await world.send(gone)
    assert isinstance(refused, Refused)
    assert refused.code == "reading_stands"
    assert COMMANDS[c.InterpretEcg] == {Role.CREW, Role.HOSPITAL}


async def test_the_end_of_the_run_ends_the_alert() -> None:
    world = TestWorld()
    mission_id, patient_id, _handover = await on_the_way(world)
    await measured(world, patient_id)
    await pass_time(world, LIMIT_S)
    await world.reach(
        mission_id,
        Milestone.LOADED,
        Milestone.LEFT_SCENE,
        Milestone.AT_HOSPITAL,
        Milestone.HANDED_OVER,
        Milestone.CLEARED,
    )
    await pass_time(world, 0)
    ended = await alert_of(world, patient_id)
    assert ended is not None
    assert ended.state is AlertState.RESOLVED
