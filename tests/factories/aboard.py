"""A run with patients aboard: how it begins, and what a vehicle knows of it."""

from factories.world import TestWorld, facts
from goldenhour.app.handle import fold, recorded_of
from goldenhour.domain import commands as c
from goldenhour.domain.care.patient import Patient
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer


async def run(world: TestWorld) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    return await world.assign(incident_id)


async def register(world: TestWorld, mission_id: str) -> str:
    world.clock.at_ms += 1_000
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=62))
    return patient_id


def view(world: TestWorld) -> Folded:
    folded = Folded(renderer(facts()), Reveal({}))
    for envelope in world.journal.feed:
        folded.apply(recorded_of(envelope))
    return folded


def person(world: TestWorld, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    state = fold(stream, world.journal.streams[stream])
    assert isinstance(state, Patient)
    return state
