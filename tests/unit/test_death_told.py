"""A death that the record says is told to whoever waits for the patient, and can be taken back."""

import pytest

from factories.full_record import write
from factories.world import TestWorld
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.vehicle_authority import AUTHORITY
from goldenhour.domain import commands as c
from goldenhour.domain.care.record import DIED
from goldenhour.domain.handover.events import PreAlertDeathTold, Tier
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Rhythm
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import HandoverRow, PatientRow


async def announced() -> tuple[TestWorld, str, str, str]:
    """The world, and the ids of the run, the patient and the accepted pre-alert."""
    world = TestWorld()
    await world.list_hospital("h1")
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id, handover_id = await world.prealert(mission_id)
    await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="2"))
    return world, mission_id, patient_id, handover_id


def rows(world: TestWorld, patient_id: str, handover_id: str) -> tuple[PatientRow, HandoverRow]:
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    person, told = view.rows["patients", patient_id], view.rows["handovers", handover_id]
    assert isinstance(person, PatientRow)
    assert isinstance(told, HandoverRow)
    return person, told


def asked(hospital_id: str, handover_id: str, mission_id: str, patient_id: str) -> c.PreAlert:
    return c.PreAlert(
        handover_id=handover_id,
        mission_id=mission_id,
        patient_id=patient_id,
        hospital_id=hospital_id,
        tier=Tier.ALERT,
    )


async def test_the_hospital_is_told_at_once_and_asked_anew() -> None:
    world, _, patient_id, handover_id = await announced()
    world.clock.at_ms += 60_000
    died_ms = world.clock.at_ms
    await write(world, patient_id, DIED, died_ms)
    person, told = rows(world, patient_id, handover_id)
    assert (person.died_ms, told.died_ms) == (died_ms, died_ms)
    assert (told.state, told.changed, told.corrections) == ("sent", ("death",), 1)
    assert told.answer_due_ms == died_ms + world.facts.limits.prealert_s * 1000
    stale = c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="2", corrections=0)
    refused = await world.send(stale, role="hospital")
    assert refused == Refused(code="prealert_corrected", field="corrections")
    await world.accept(
        c.AcknowledgePreAlert(handover_id=handover_id, name="韩晓", bay="", corrections=1),
        role="hospital",
    )
    assert rows(world, patient_id, handover_id)[1].state == "acknowledged"


async def test_it_is_taken_back_by_a_new_write_and_told_so() -> None:
    world, _, patient_id, handover_id = await announced()
    first = await write(world, patient_id, DIED, world.clock.at_ms)
    second = await write(world, patient_id, DIED, world.clock.at_ms - 60_000, first)
    assert rows(world, patient_id, handover_id)[1].died_ms == world.clock.at_ms - 60_000
    await write(world, patient_id, DIED, None, second)
    person, told = rows(world, patient_id, handover_id)
    assert (person.died_ms, told.died_ms, told.corrections) == (None, None, 3)
    events = [e.kind for e in world.journal.streams[f"handover:{handover_id}"]]
    assert events.count("handover.death_told.v1") == 3, "nothing is taken out of the journal"


async def test_a_hospital_that_is_asked_afterwards_is_told_with_the_pre_alert() -> None:
    world, mission_id, patient_id, handover_id = await announced()
    await world.accept(c.DeclinePreAlert(handover_id=handover_id, reason="no_bed"))
    await write(world, patient_id, DIED, world.clock.at_ms)
    assert rows(world, patient_id, handover_id)[1].died_ms is None, "it waits for nobody"
    later = world.new_id()
    await world.accept(asked("h1", later, mission_id, patient_id))
    assert rows(world, patient_id, later)[1].died_ms == world.clock.at_ms


@pytest.mark.parametrize("patient", ["first", "second"])
async def test_only_the_hospital_of_this_patient_is_told(patient: str) -> None:
    world, mission_id, first, handover_id = await announced()
    second = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=second, mission_id=mission_id))
    await write(world, first if patient == "first" else second, DIED, world.clock.at_ms)
    told = rows(world, first, handover_id)[1]
    assert (told.died_ms is not None) == (patient == "first")


@pytest.mark.parametrize("announced_on", ["first", "second"])
@pytest.mark.parametrize("written_on", ["first", "second"])
async def test_of_two_records_that_are_one_persons_either_may_say_it(
    announced_on: str, written_on: str
) -> None:
    world, mission_id, own, handover_id = await announced()
    other = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id))
    first, second = (own, other) if announced_on == "first" else (other, own)
    merge = c.MergePatients(
        patient_id=first, other_id=second, handover_ids=(handover_id,), reason="同一人"
    )
    await world.accept(merge)
    await write(world, first if written_on == "first" else second, DIED, world.clock.at_ms)
    assert rows(world, own, handover_id)[1].died_ms == world.clock.at_ms


async def test_it_is_told_when_the_records_become_one_and_taken_back_when_they_part() -> None:
    world, mission_id, patient_id, handover_id = await announced()
    other = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id))
    await write(world, other, DIED, world.clock.at_ms)
    assert rows(world, patient_id, handover_id)[1].died_ms is None
    named = (handover_id,)
    await world.accept(
        c.MergePatients(patient_id=patient_id, other_id=other, handover_ids=named, reason="同一人")
    )
    assert rows(world, patient_id, handover_id)[1].died_ms == world.clock.at_ms
    await world.accept(
        c.PartPatients(patient_id=patient_id, other_id=other, handover_ids=named, reason="看错")
    )
    assert rows(world, patient_id, handover_id)[1].died_ms is None


async def test_a_pre_alert_tells_what_a_record_merged_into_it_says() -> None:
    world, mission_id, patient_id, _ = await announced()
    other = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id))
    await world.accept(c.MergePatients(patient_id=patient_id, other_id=other, reason="同一人"))
    await write(world, other, DIED, world.clock.at_ms)
    later = world.new_id()
    await world.list_hospital("h2")
    await world.accept(asked("h2", later, mission_id, patient_id))
    assert rows(world, patient_id, later)[1].died_ms == world.clock.at_ms


async def test_whoever_has_died_alarms_no_more_until_it_is_taken_back() -> None:
    world, _, patient_id, handover_id = await announced()
    await world.accept(
        c.SetRhythm(patient_id=patient_id, device_id="E-1", rhythm=Rhythm.NO_BEAT), role="vehicle"
    )
    written = await write(world, patient_id, DIED, world.clock.at_ms)
    assert rows(world, patient_id, handover_id)[0].rhythms == ()
    await write(world, patient_id, DIED, None, written)
    assert len(rows(world, patient_id, handover_id)[0].rhythms) == 1


async def test_a_hospital_that_does_not_answer_it_is_told_to_the_centre() -> None:
    world, _, patient_id, handover_id = await announced()
    await write(world, patient_id, DIED, world.clock.at_ms)
    await world.accept(c.CheckPreAlert(handover_id=handover_id))
    stream = f"alert:prealert_unanswered.{handover_id}"
    assert (await world.journal.load([stream], SYSTEM))[stream].events


def test_the_vehicle_is_the_authority_for_it() -> None:
    assert PreAlertDeathTold in AUTHORITY["handover"]
