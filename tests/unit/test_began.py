"""Minutes since a moment: they grow with the clock, and the moment reaches the hospital choice."""

from factories.world import TestWorld
from goldenhour.app import advise
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.handover.choose import Clock
from goldenhour.kernel.time import MINUTE_MS
from unit.test_monitors import view
from unit.test_record import patient, row, write


async def minutes(world: TestWorld, patient_id: str) -> object:
    (reading,) = (await row(world, patient_id)).sheets
    return {one.item_id: one.value for one in reading.used}["lkw_min"]


async def test_last_known_well_grows_out_of_the_window() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    await write(world, patient_id, "stroke.lkw_min", 250)
    assert await minutes(world, patient_id) == 250
    world.clock.at_ms += 30 * MINUTE_MS
    await world.accept(c.Observe(patient_id=patient_id, gcs=14))
    assert await minutes(world, patient_id) == 280


async def test_the_hospital_choice_counts_from_last_known_well_and_collapse() -> None:
    world, rules = TestWorld(), load_rules().destination
    patient_id = await patient(world)
    mission_id = next(
        stream.partition(":")[2] for stream in view(world).states if stream.startswith("mission:")
    )
    now_ms = world.clock.at_ms
    assert advise.began_of(view(world), mission_id, rules) == {}
    await write(world, patient_id, "stroke.lkw_min", 250)
    await write(world, patient_id, "cardiac_arrest.collapse_min", 8)
    world.clock.at_ms += 30 * MINUTE_MS
    assert advise.began_of(view(world), mission_id, rules) == {
        Clock.LKW: now_ms - 250 * MINUTE_MS,
        Clock.COLLAPSE: now_ms - 8 * MINUTE_MS,
    }
    await write(world, patient_id, "last_well_ms", now_ms - 60 * MINUTE_MS)
    told = advise.began_of(view(world), mission_id, rules)
    assert told[Clock.LKW] == now_ms - 60 * MINUTE_MS
