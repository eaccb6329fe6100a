"""What only a person can judge: asked one by one, three answers, and none of them is normal."""

import pytest
from msgspec.structs import replace
from test_level_of_sheets import patient, state, write

from factories.world import TestWorld
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Scored
from goldenhour.domain.care.findings import Findings
from goldenhour.domain.care.triage import triage_level
from goldenhour.kernel.condition import UNKNOWN
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused

FACTS = load_facts()
TABLES = FACTS.scores
ALL = [item.id for table in TABLES.triage for item in table.judged]


async def scored(world: TestWorld, patient_id: str) -> Scored:
    found = (await state(world, patient_id)).scored
    assert found is not None
    return found


def test_every_indicator_of_the_level_card_is_asked_once() -> None:
    sheet = FACTS.care.find_sheet("judged")
    assert sheet is not None
    asked = [item.id for item in sheet.list_items()]
    assert len(ALL) == 41
    assert sorted(asked) == sorted([*ALL, "sbp_fell", "spo2_corrected"])
    assert all(section.items for section in sheet.sections)


async def test_a_yes_counts_and_is_taken_back_by_a_new_word() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    assert (await scored(world, patient_id)).level is TriageLevel.IV
    first = await write(world, patient_id, "judged.suspected_pe", value=True)
    rose = await scored(world, patient_id)
    assert rose.level is TriageLevel.II
    assert rose.level_reasons[0] == "triage_common@2#suspected_pe"
    # Somebody has looked, and nobody has got worse by it.
    assert (await state(world, patient_id)).worse == ()
    second = await write(world, patient_id, "judged.suspected_pe", None, first)
    assert (await scored(world, patient_id)).level is TriageLevel.IV
    await write(world, patient_id, "judged.shock", True, second)
    assert (await scored(world, patient_id)).level is TriageLevel.I


@pytest.mark.parametrize("answer", [UNKNOWN, None])
async def test_unknown_and_no_answer_exclude_nothing(answer: str | None) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "judged.shock", answer)
    await write(world, patient_id, "judged.stupor", value=False)
    found = await scored(world, patient_id)
    assert "judged" in found.level_missing
    assert "judged.shock" in (found.level_unknown or ())
    assert "judged.stupor" not in (found.level_unknown or ())


async def test_all_answered_no_leaves_nothing_to_judge() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    for item in ALL:
        await write(world, patient_id, f"judged.{item}", value=False)
    found = await scored(world, patient_id)
    assert "judged" not in found.level_missing
    assert not [name for name in found.level_unknown or () if name.startswith("judged")]


async def test_what_was_judged_is_good_for_a_while_and_a_yes_stands_longer() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    for item in ALL:
        await write(world, patient_id, f"judged.{item}", value=item == "acute_stroke")
    world.clock.at_ms += 31 * 60_000
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    found = await scored(world, patient_id)
    assert found.level is TriageLevel.II
    assert "judged" in found.level_missing


async def test_a_sudden_fall_of_pressure_and_a_corrected_saturation_are_asked() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "judged.sbp_fell", value=True)
    found = await scored(world, patient_id)
    assert found.level is TriageLevel.I
    assert found.level_reasons[0].endswith("#sbp_fell")
    low = Findings(age_y=66, spo2_pct=88, judged=())
    assert triage_level(low, TABLES.triage, TABLES.mews).level is TriageLevel.II
    corrected = triage_level(replace(low, spo2_corrected=True), TABLES.triage, TABLES.mews)
    assert corrected.level is not TriageLevel.II
    assert [one.row_id for one in corrected.advisory] == ["spo2_2"]


async def test_two_tablets_that_differ_leave_the_graver_word() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "judged.shock", value=True)
    await write(world, patient_id, "judged.shock", value=False)  # has not seen the other
    assert (await scored(world, patient_id)).level is TriageLevel.I


async def test_what_nobody_lists_cannot_be_judged() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    for field, value in (("judged.tired", True), ("judged.shock", "very")):
        refused = await world.send(
            c.WriteField(patient_id=patient_id, write_id=world.new_id(), field=field, value=value)
        )
        assert isinstance(refused, Refused)
