"""A unit that waits has waited since its last run ended, whatever began before."""

from factories.world import TestWorld
from goldenhour.app.handle import recorded_of
from goldenhour.domain import commands as c
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import UnitRow


async def row_of(world: TestWorld, unit_id: str) -> UnitRow:
    view = Folded(renderer(world.facts), Reveal({}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    found = view.rows["units", unit_id]
    assert isinstance(found, UnitRow)
    return found


async def test_it_counts_from_the_end_of_the_run_and_not_from_the_begin_of_the_duty() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    begun_ms = (await row_of(world, unit_id)).since_ms
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    world.clock.at_ms += 40 * MINUTE_MS
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    ended_ms = world.clock.at_ms
    row = await row_of(world, unit_id)
    assert (row.state, row.since_ms) == ("ready", ended_ms)
    assert row.since_ms - begun_ms >= 40 * MINUTE_MS

    # What the unit itself says later counts from then.
    world.clock.at_ms += MINUTE_MS
    out = c.TakeOutOfService(unit_id=unit_id, reason="refuel")
    await world.accept(out)
    assert (await row_of(world, unit_id)).since_ms == world.clock.at_ms
