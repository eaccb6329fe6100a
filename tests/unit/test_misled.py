"""An oximeter takes carbon monoxide for oxygen: what it shows is bad at times, and never normal."""

import pytest
from msgspec.structs import replace
from test_level_of_sheets import patient, state, well, write

from factories.world import TestWorld
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.care import assess
from goldenhour.domain.care.events import Consciousness, Scored, SheetRead
from goldenhour.kernel.levels import TriageLevel

FACTS = load_facts()


async def poisoned(
    spo2: float, poisons: tuple[str, ...] = ("carbon_monoxide",)
) -> tuple[TestWorld, str]:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(
        c.Observe(
            patient_id=patient_id,
            consciousness=Consciousness.ALERT,
            on_oxygen=False,
            gcs=15,
            pain=0,
        )
    )
    sets = well(world.clock.at_ms)
    values = tuple(replace(one, value=spo2) if one.sign == "spo2" else one for one in sets.values)
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=replace(sets, values=values)))
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="poisoning"))
    await write(world, patient_id, "poisoning.poisons", poisons)
    return world, patient_id


async def told(world: TestWorld, patient_id: str) -> tuple[Scored, SheetRead]:
    found = await state(world, patient_id)
    assert found.scored is not None
    read = found.record.sheets["poisoning"]
    assert read is not None
    return found.scored, read


async def test_a_normal_saturation_reassures_nobody_under_carbon_monoxide() -> None:
    scored, sheet = await told(*await poisoned(99.0))
    assert (scored.news2, scored.news2_band) == (0, "")
    assert scored.news2_missing == ("spo2_pct",)
    assert "spo2_pct" in scored.level_missing
    assert "spo2_pct" in sheet.missing
    assert not scored.complete


async def test_of_another_poison_it_is_believed() -> None:
    scored, sheet = await told(*await poisoned(99.0, ("alcohol",)))
    assert (scored.news2, scored.news2_band, scored.news2_missing) == (0, "low", ())
    assert "spo2_pct" not in sheet.missing


@pytest.mark.parametrize(
    ("spo2", "news2", "level"),
    [(93.0, 2, TriageLevel.III), (85.0, 3, TriageLevel.II), (79.0, 3, TriageLevel.I)],
)
async def test_what_is_bad_by_it_is_bad(spo2: float, news2: int, level: TriageLevel) -> None:
    scored, sheet = await told(*await poisoned(spo2))
    assert (scored.news2, scored.level) == (news2, level)
    assert ("breathing" in sheet.reasons) is (spo2 < 80)


async def test_one_of_two_words_is_enough_and_so_is_a_measured_share() -> None:
    world, patient_id = await poisoned(99.0, ("unknown_poison",))
    await write(world, patient_id, "poisoning.poisons", ("carbon_monoxide",))
    assert (await told(world, patient_id))[0].news2_missing == ("spo2_pct",)
    other, patient_id = await poisoned(99.0, ())
    await write(other, patient_id, "poisoning.cohb_pct", 10)
    assert (await told(other, patient_id))[0].news2_missing == ()
    await write(other, patient_id, "poisoning.cohb_pct", 11)
    assert (await told(other, patient_id))[0].news2_missing == ("spo2_pct",)


async def test_a_number_typed_into_the_sheet_proves_no_more() -> None:
    world, patient_id = await poisoned(99.0)
    await write(world, patient_id, "poisoning.spo2_pct", 99)
    assert "spo2_pct" in (await told(world, patient_id))[1].missing
    found = await state(world, patient_id)
    now_ms = world.clock.at_ms
    assert assess.findings_of(found, now_ms, FACTS.scores).spo2_pct is None
    assert assess.misled_of(found, now_ms, FACTS.scores) == {"spo2_pct": 99.0}
