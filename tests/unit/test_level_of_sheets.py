"""The proposed level is the worst of the level tables' and of the opened sheets'."""

from typing import Any

from msgspec.structs import replace

from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care.assess import assess
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.worse import What
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused


async def patient(world: TestWorld, age_y: float = 66) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(
        c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=age_y, sex=Sex.MALE)
    )
    # Nothing that anything measures is out of order.
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=well(world.clock.at_ms)))
    return patient_id


def well(at_ms: int) -> Any:
    usual = {"heart_rate": 80.0, "pulse": 80.0, "nibp_sys": 124.0, "nibp_dia": 76.0,
             "resp": 15.0, "spo2": 98.0, "temp": 36.8}  # fmt: skip
    sets = vitals(at_ms)
    return replace(
        sets,
        values=tuple(replace(one, value=usual.get(one.sign, one.value)) for one in sets.values),
    )


async def state(world: TestWorld, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    loaded = await world.journal.load([stream], SYSTEM)
    found = fold(stream, loaded[stream].events)
    assert isinstance(found, Patient)
    return found


async def write(world: TestWorld, patient_id: str, field: str, value: Any, *over: str) -> str:
    write_id = world.new_id()
    await world.accept(
        c.WriteField(patient_id=patient_id, write_id=write_id, field=field, value=value, over=over)
    )
    return write_id


async def test_a_sign_of_stroke_is_proposed_with_its_sheet_and_lowered_only_with_a_reason() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    before = (await state(world, patient_id)).scored
    assert before is not None
    assert before.level is TriageLevel.IV
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    await write(world, patient_id, "stroke.cpss_face", value=True)
    scored = (await state(world, patient_id)).scored
    assert scored is not None
    assert scored.level is TriageLevel.II
    assert scored.level_reasons[0].startswith("stroke@")
    assert "stroke.seizure_now" in scored.level_missing
    assert not scored.complete
    lower = c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.IV)
    refused = await world.send(lower)
    assert isinstance(refused, Refused)
    assert refused.code == "reason_required"
    await world.accept(replace(lower, reason="a palsy of ten years"))


async def test_a_sheet_that_says_more_than_before_is_a_rise_and_a_new_one_is_none() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    said = await write(world, patient_id, "stroke.seizure_now", value=False)
    face = await write(world, patient_id, "stroke.cpss_face", value=True)
    assert (await state(world, patient_id)).worse == ()
    await write(world, patient_id, "stroke.seizure_now", True, said)
    (rise,) = (await state(world, patient_id)).worse
    assert (rise.what, rise.before, rise.after) == (What.LEVEL, "II", "I")
    assert face


async def test_a_sheet_for_others_and_one_of_a_scene_say_nothing_of_the_level() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    for sheet in ("child", "crash"):
        await world.accept(c.OpenSheet(patient_id=patient_id, sheet=sheet))
    scored = (await state(world, patient_id)).scored
    assert scored is not None
    assert scored.level is TriageLevel.IV
    assert not [one for one in scored.level_missing if one.startswith(("child.", "crash."))]


async def test_a_sheet_of_a_newer_release_keeps_its_last_word() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    await write(world, patient_id, "stroke.cpss_face", value=True)
    found = await state(world, patient_id)
    older = replace(world.facts.care, sheets=())
    scored = assess(found, world.clock.at_ms, world.facts.scores, older)
    assert scored.level is TriageLevel.II
    assert scored.level_reasons[0].startswith("stroke@")
