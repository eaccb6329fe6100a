"""The proposed level is the worst of the level tables' and of the opened sheets'."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care.assess import assess, findings_of
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.worse import What
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear


async def patient(world: TestWorld, age_y: float = 66, sex: Sex = Sex.MALE) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(
        c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=age_y, sex=sex)
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


@pytest.mark.parametrize(
    ("field", "value", "level", "row"),
    [
        ("newborn.potassium_mmol_l", 7.2, "I", "potassium_1"),
        ("cardiac_arrest.ecg_suggests_ami", True, "II", "ecg_2"),
    ],
)
async def test_what_a_sheet_was_told_reaches_the_level_tables(
    field: str, value: Any, level: str, row: str
) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, field, value)
    scored = (await state(world, patient_id)).scored
    assert scored is not None
    assert scored.level == level
    assert scored.level_reasons[0].endswith(f"#{row}")


async def test_a_woman_with_contractions_is_judged_by_them() -> None:
    world = TestWorld()
    patient_id = await patient(world, age_y=30, sex=Sex.FEMALE)
    await write(world, patient_id, "obstetric.pregnant", value=True)
    await write(world, patient_id, "obstetric.contraction_min", 4)
    found = findings_of(await state(world, patient_id), world.clock.at_ms, world.facts.scores)
    assert (found.pregnant, found.contraction_min) == (True, 4)
    scored = (await state(world, patient_id)).scored
    assert scored is not None
    assert scored.level is TriageLevel.II
    assert any(one.endswith("#contractions_2") for one in scored.level_reasons)
    await write(world, patient_id, "obstetric.vaginal_bleeding", "more")
    after = (await state(world, patient_id)).scored
    assert after is not None
    assert after.level is TriageLevel.I


async def test_a_confirmed_target_of_88_to_92_takes_the_second_scale() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "infection.spo2_scale_2", value=True)
    assert findings_of(await state(world, patient_id), 0, world.facts.scores).spo2_scale_2 is True


async def test_a_childs_completed_pews_is_one_of_the_level_tables() -> None:
    world = TestWorld()
    patient_id = await patient(world, age_y=5)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="child"))
    sheet = world.facts.care.find_sheet("child")
    assert sheet is not None
    for item in world.facts.care.scores["pews"].items:
        worst = item.choices[-1].id if item.choices else True
        await write(world, patient_id, f"child.{item.id}", worst)
    scored = (await state(world, patient_id)).scored
    assert scored is not None
    assert scored.level is TriageLevel.I
    assert any("#pews" in one and one.startswith("triage_child@") for one in scored.level_reasons)


async def test_of_two_answers_the_graver_counts_until_one_is_chosen() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    yes = await write(world, patient_id, "stroke.cpss_face", value=True)
    world.clock.at_ms += 1
    no = await write(world, patient_id, "stroke.cpss_face", value=False)
    found = await state(world, patient_id)
    assert found.scored is not None
    assert found.scored.level is TriageLevel.II
    assert "stroke.cpss_face" in found.scored.level_missing
    reading = found.record.sheets["stroke"]
    assert reading is not None
    assert (reading.status, reading.missing[0]) == ("partial", "cpss_face")
    assert "stroke" in reading.needs
    await write(world, patient_id, "stroke.cpss_face", False, yes, no)
    after = (await state(world, patient_id)).scored
    assert after is not None
    assert after.level is TriageLevel.IV
    # An answer that changes nothing keeps no sheet open.
    for phone in ("1", "2"):
        await world.accept(
            c.WriteField(
                patient_id=patient_id,
                write_id=world.new_id(),
                field="stroke.witness_phone",
                text=Clear(text=phone),
            )
        )
    settled = (await state(world, patient_id)).record.sheets["stroke"]
    assert settled is not None
    assert "witness_phone" not in settled.missing
