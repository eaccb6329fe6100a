"""A patient turns out to be somebody: one deed with its reason, and the record is asked for."""

from typing import Any

import pytest

from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed

NUMBER = Clear(text="11010519491231002X")


async def unknown(world: TestWorld) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    return patient_id


def identify(patient_id: str, /, **more: Any) -> c.Identify:
    said = {
        "patient_id": patient_id,
        "write_id": "w1",
        "field": "id_number",
        "text": NUMBER,
        "reason": "读身份证",
    }
    return c.Identify(**(said | more))


async def state_of(world: TestWorld, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    return state


async def revealed(world: TestWorld, text: object) -> str | None:
    assert isinstance(text, Sealed)
    return (await world.journal.reveal([text.row], SYSTEM)).get(text.row)


async def test_one_deed_says_who_it_is_corrects_and_asks() -> None:
    world = TestWorld()
    patient_id = await unknown(world)
    await world.accept(identify(patient_id, name=Clear(text="赵虚构"), age_y=76.0, sex=Sex.FEMALE))
    state = await state_of(world, patient_id)
    assert (state.age_y, state.sex) == (76.0, Sex.FEMALE)
    assert await revealed(world, state.name) == "赵虚构"
    (written,) = state.record.fields["id_number"]
    assert await revealed(world, written.text) == NUMBER.text
    assert written.reason == "读身份证"
    assert state.portrait is not None
    assert state.portrait.asked.event.write_id == "w1"


async def test_what_it_does_not_say_stays() -> None:
    world = TestWorld()
    patient_id = await unknown(world)
    await world.accept(identify(patient_id, name=Clear(text="赵虚构"), age_y=76.0))
    await world.accept(identify(patient_id, write_id="w2", over=("w1",)))
    state = await state_of(world, patient_id)
    assert (state.age_y, state.sex) == (76.0, Sex.UNKNOWN)
    assert await revealed(world, state.name) == "赵虚构"
    assert [one.write_id for one in state.record.fields["id_number"]] == ["w2"]


async def test_two_who_identified_apart_are_both_shown() -> None:
    world = TestWorld()
    patient_id = await unknown(world)
    await world.accept(identify(patient_id))
    await world.accept(identify(patient_id, write_id="w2"))
    state = await state_of(world, patient_id)
    assert [one.write_id for one in state.record.fields["id_number"]] == ["w1", "w2"]


@pytest.mark.parametrize(
    ("changes", "code", "field"),
    [
        ({"field": "past_history"}, "unknown_value", "field"),
        ({"reason": " "}, "reason_required", "reason"),
        ({"patient_id": "nobody"}, "absent", "patient_id"),
    ],
)
async def test_a_wrong_word_names_its_field(changes: dict[str, str], code: str, field: str) -> None:
    world = TestWorld()
    patient_id = await unknown(world)
    refused = await world.send(identify(patient_id, **changes))
    assert isinstance(refused, Refused)
    assert (refused.code, refused.field) == (code, field)
