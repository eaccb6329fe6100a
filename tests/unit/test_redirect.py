"""A unit on its way to a milder case is turned to a graver one, and what it leaves."""

from factories.advice import fix_at
from factories.memory_reader import MemoryReader
from factories.timers import pass_time
from factories.world import TestWorld, facts
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import Grounds
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Hub
from goldenhour.app.positions import Positions
from goldenhour.app.redirect import redirects_for
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Assigned, Milestone, Proposal, Source
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.events import LocationSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.answers import RedirectAnswer
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import AlertRow, IncidentRow

RULES = load_rules().dispatch
TRAVEL = RoadTravel(None, RULES.crow_speed_kmh)
R0, R1, R3 = DispatchLevel.R0, DispatchLevel.R1, DispatchLevel.R3


async def case_at(world: TestWorld, lat: float, level: DispatchLevel | None) -> str:
    _call, incident_id = await world.open_incident()
    await world.accept(
        c.SetLocation(
            incident_id=incident_id,
            location=Clear(text=f'{{"label":"路","lat":{lat},"lon":9.71}}'),
            source=LocationSource.TYPED,
            accuracy_m=15,
        )
    )
    if level is not None:
        await world.accept(c.OverrideLevel(incident_id=incident_id, level=level, reason="test"))
    return incident_id


def fix(world: TestWorld, unit_id: str, lat: float) -> Fix:
    at_ms = world.clock.at_ms
    return fix_at(Point(lat=lat, lon=9.71), unit_id=unit_id, device_ms=at_ms, received_ms=at_ms)


def proposed(world: TestWorld, incident_id: str, *fixes: Fix) -> tuple[RedirectAnswer, ...]:
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    view = Folded(renderer(world.facts), Reveal(texts))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    positions = Positions(TRAVEL.locate)
    for one in fixes:
        positions.take(one)
    grounds = Grounds(
        view=view,
        positions=positions,
        travel=TRAVEL,
        facts=world.facts,
        rules=RULES,
        now_ms=world.clock.at_ms,
    )
    return redirects_for(grounds, incident_id)


async def on_its_way(level: DispatchLevel | None = R3) -> tuple[TestWorld, str, str]:
    """A-01 drives north to a case at 50.95, A-02 stands at home; (world, run, case)."""
    world = TestWorld()
    await world.list_unit("A-01")
    await world.list_unit("A-02")
    left = await case_at(world, 50.95, level)
    run = await world.assign(left, "A-01")
    await world.accept(
        c.Reach(mission_id=run, milestone=Milestone.DEPARTED, source=Source.DISPATCHER)
    )
    return world, run, left


async def test_the_unit_that_is_nearly_there_is_proposed_with_gain_and_cost() -> None:
    world, run, left = await on_its_way()
    grave = await case_at(world, 50.93, R0)
    (found,) = proposed(world, grave, fix(world, "A-01", 50.925))
    assert (found.mission_id, found.candidate.call_sign, found.from_level) == (run, "A-01", "R3")
    # 5 and 60 thousandths of a degree, lengthened by 1.4, at 35 km/h.
    assert (found.candidate.eta_s, found.sooner_s) == (80, 881)
    assert (found.instead_call_sign, found.later_s) == ("A-02", 881)
    assert found.from_number == number_of(world, left)
    assert found.candidate.reasons[:3] == (
        f"redirected_from:{found.from_number}",
        "sooner_by:881",
        "left_later_by:881",
    )


def number_of(world: TestWorld, incident_id: str) -> str:
    opened = next(e for e in world.journal.feed if e.stream == f"incident:{incident_id}")
    return str(recorded_of(opened).event.number)


async def test_nothing_is_proposed_where_little_is_gained_or_it_is_no_milder_case() -> None:
    world, _run, _left = await on_its_way()
    near = await case_at(world, 50.88, R0)
    assert proposed(world, near, fix(world, "A-01", 50.872)) == ()
    equal = await case_at(world, 50.93, R3)
    assert proposed(world, equal, fix(world, "A-01", 50.925)) == ()
    for level in (R1, None):
        other, _run, _left = await on_its_way(level)
        grave = await case_at(other, 50.93, R0 if level is None else R1)
        assert proposed(other, grave, fix(other, "A-01", 50.925)) == ()


async def test_a_run_that_is_at_its_scene_is_left_alone() -> None:
    world, run, _left = await on_its_way()
    await world.accept(
        c.Reach(mission_id=run, milestone=Milestone.ON_SCENE, source=Source.DISPATCHER)
    )
    grave = await case_at(world, 50.93, R0)
    assert proposed(world, grave, fix(world, "A-01", 50.925)) == ()


async def test_without_another_unit_the_milder_case_waits_and_that_is_said() -> None:
    world, _run, _left = await on_its_way()
    await world.accept(c.SetDuty(unit_id="A-02", on_duty=False))
    grave = await case_at(world, 50.93, R0)
    (found,) = proposed(world, grave, fix(world, "A-01", 50.925))
    assert (found.sooner_s, found.instead_call_sign, found.later_s) == (None, "", None)
    assert "leaves_none" in found.candidate.reasons


async def test_a_run_whose_scene_cannot_be_read_is_no_proposal() -> None:
    world, _run, left = await on_its_way()
    grave = await case_at(world, 50.93, R0)
    places = [
        row for row, (stream, _) in world.journal.personal.items() if stream == f"incident:{left}"
    ]
    assert places
    for row in places:
        del world.journal.personal[row]
    assert proposed(world, grave, fix(world, "A-01", 50.925)) == ()


async def test_the_proposal_is_kept_with_the_run_that_it_led_to() -> None:
    world, run, _left = await on_its_way()
    grave = await case_at(world, 50.93, R0)
    (found,) = proposed(world, grave, fix(world, "A-01", 50.925))
    kept = Proposal(
        ranked=(found.candidate,), skipped=(), metric_version=3, computed_ms=world.clock.at_ms
    )
    new = world.new_id()
    await world.accept(
        c.Divert(mission_id=run, new_mission_id=new, incident_id=grave, proposal=kept)
    )
    (assigned,) = [recorded_of(e).event for e in world.journal.feed if e.stream == f"mission:{new}"]
    assert isinstance(assigned, Assigned)
    assert assigned.proposal == kept


async def test_the_case_that_is_left_waits_again_and_somebody_is_told() -> None:
    world, run, left = await on_its_way()
    grave = await case_at(world, 50.93, R0)
    await world.accept(c.Divert(mission_id=run, new_mission_id=world.new_id(), incident_id=grave))
    memory = MemoryReader(world.journal)
    view = (await Hub(memory, memory, facts(), world.clock).scope(SYSTEM)).view
    row = view.rows["incidents", left]
    assert isinstance(row, IncidentRow)
    assert row.dispatched_ms is None
    line = next(one for one in view.log if one.kind == "incident.unit_taken.v1")
    assert line.summary["call_sign"] == "A-01"
    assert line.summary["for_number"] == number_of(world, grave)
    await pass_time(world, 3600)
    alerts = [
        alert
        for alert in (
            await Hub(memory, memory, facts(), world.clock).scope(SYSTEM)
        ).view.rows.values()
        if isinstance(alert, AlertRow)
    ]
    assert [(a.code, a.incident_id, a.state) for a in alerts if a.incident_id == left] == [
        ("not_dispatched", left, "open")
    ]
    await world.assign(left, "A-02")
    await pass_time(world, 1)
    view = (await Hub(memory, memory, facts(), world.clock).scope(SYSTEM)).view
    assert not [
        row
        for row in view.rows.values()
        if isinstance(row, AlertRow) and row.code == "not_dispatched" and row.state != "resolved"
    ]


async def test_a_case_that_was_sent_to_late_is_told_of_too_when_its_unit_leaves() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    left = await case_at(world, 50.95, R1)
    await pass_time(world, 3600)
    run = await world.assign(left, "A-01")
    await pass_time(world, 1)
    grave = await case_at(world, 50.93, R0)
    await world.accept(c.Divert(mission_id=run, new_mission_id=world.new_id(), incident_id=grave))
    await pass_time(world, 1)
    memory = MemoryReader(world.journal)
    view = (await Hub(memory, memory, facts(), world.clock).scope(SYSTEM)).view
    waiting = [row for row in view.rows.values() if isinstance(row, AlertRow)]
    assert [(row.state, row.code) for row in waiting if row.incident_id == left] == [
        ("resolved", "not_dispatched"),
        ("open", "not_dispatched"),
    ]


async def test_a_case_with_another_unit_on_its_way_does_not_wait() -> None:
    world, run, left = await on_its_way()
    await world.assign(left, "A-02")
    grave = await case_at(world, 50.93, R0)
    await world.accept(c.Divert(mission_id=run, new_mission_id=world.new_id(), incident_id=grave))
    kinds = [e.kind for e in world.journal.feed if e.stream == f"incident:{left}"]
    assert "incident.unit_taken.v1" not in kinds


async def test_a_unit_is_relieved_by_another_in_one_step() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    await world.list_unit("A-02")
    _, incident_id = await world.open_incident()
    first, second = await world.assign(incident_id, "A-01"), world.new_id()
    outcome = await world.accept(c.Relieve(mission_id=first, new_mission_id=second, unit_id="A-02"))
    assert set(outcome.versions) == {
        f"mission:{first}",
        f"mission:{second}",
        f"incident:{incident_id}",
    }
    loaded = await world.journal.load([f"mission:{first}", f"mission:{second}"], SYSTEM)
    states = {stream: fold(stream, found.events) for stream, found in loaded.items()}
    left, came = states[f"mission:{first}"], states[f"mission:{second}"]
    assert isinstance(left, Mission)
    assert isinstance(came, Mission)
    assert (left.stand_down_reason, left.active) == ("relieved", False)
    assert (came.unit_id, came.incident_id, came.active) == ("A-02", incident_id, True)
    # The first unit is free at once, and its place is taken.
    _, other = await world.open_incident()
    await world.assign(other, "A-01")
