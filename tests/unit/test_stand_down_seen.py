"""A run that was called off is told to its crew until the crew says that it has read so."""

from factories.world import TestWorld
from goldenhour.app.access import Principal, Role, may_send
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.vehicle_authority import AUTHORITY
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, StandDownSeen
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import MissionRow


async def called_off(world: TestWorld) -> c.SeeStandDown:
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED)
    early = c.SeeStandDown(mission_id=mission_id)
    assert await world.send(early) == Refused(code="not_called_off", field="mission_id")
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"), seat="03")
    return early


async def row_of(world: TestWorld, mission_id: str) -> MissionRow:
    view = Folded(renderer(world.facts), Reveal({}))
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    (row,) = (r for r in view.rows.values() if isinstance(r, MissionRow) and r.id == mission_id)
    return row


async def test_the_crew_reads_who_called_it_off_and_says_so_once() -> None:
    world = TestWorld()
    seen = await called_off(world)
    row = await row_of(world, seen.mission_id)
    assert (row.stand_down_seat, row.stand_down_seen_ms) == ("03", None)

    await world.accept(seen, role="crew")
    at_ms = (await row_of(world, seen.mission_id)).stand_down_seen_ms
    assert at_ms is not None
    world.clock.at_ms += 1000
    assert (await world.accept(seen, role="crew")).versions == {}
    stream = f"mission:{seen.mission_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Mission)
    assert state.stand_down_seen_ms == at_ms
    assert not state.flags


async def test_a_run_that_is_not_known_cannot_be_read() -> None:
    world = TestWorld()
    gone = await world.send(c.SeeStandDown(mission_id="none"))
    assert gone == Refused(code="absent", field="mission_id")


def test_only_the_crew_says_that_it_has_read_so() -> None:
    seen = c.SeeStandDown(mission_id="m1")
    for role in Role:
        who = Principal(
            person_id="p", name="", role=role, org="", seat="", unit_id="", hospital_id=""
        )
        assert may_send(who, seen) == (role is Role.CREW)
    assert StandDownSeen in AUTHORITY["mission"]
