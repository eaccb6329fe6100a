"""Advice on a live view: a city in memory, positions, and the straight line for travel times."""

from typing import Any

from msgspec.structs import replace

from factories.advice import fix_at
from factories.world import PLACE, TestWorld
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import (
    Grounds,
    duplicates_for,
    etas_for,
    hospitals_for,
    next_levels_for,
    propose_for,
    recommend_for,
    way_to_case,
)
from goldenhour.app.handle import recorded_of
from goldenhour.app.positions import Positions
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Confidence, Doubt, Milestone
from goldenhour.domain.handover.choose import RankedHospital
from goldenhour.domain.intake.events import LocationSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.answers import DuplicateAnswer, RecommendAnswer
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import IncidentRow, MissionRow

RULES = load_rules()
TRAVEL = RoadTravel(None, RULES.dispatch.crow_speed_kmh)
SCENE = Point(lat=50.86, lon=9.70)  # of factories.world.PLACE
AT_THE_FENCE = Point(lat=50.8607, lon=9.70)


def view_of(world: TestWorld, *, revealed: bool = True) -> Folded:
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    view = Folded(renderer(world.facts), Reveal(texts if revealed else {}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    return view


def seen(world: TestWorld, unit_id: str, place: Point, **changes: Any) -> Fix:
    at_ms = world.clock.at_ms
    return fix_at(
        place, **({"unit_id": unit_id, "device_ms": at_ms, "received_ms": at_ms} | changes)
    )


def positions_of(fixes: tuple[Fix, ...]) -> Positions:
    positions = Positions(TRAVEL.locate)
    for fix in fixes:
        positions.take(fix)
    return positions


def recommended(
    world: TestWorld, incident_id: str, *fixes: Fix, **changes: Any
) -> RecommendAnswer | Refused:
    grounds = Grounds(
        view=view_of(world, **changes),
        positions=positions_of(fixes),
        travel=TRAVEL,
        facts=world.facts,
        rules=RULES.dispatch,
        now_ms=world.clock.at_ms,
    )
    return recommend_for(grounds, incident_id)


async def test_the_nearest_free_unit_is_ranked_and_the_others_say_why_not() -> None:
    world = TestWorld()
    for unit_id in ("A-01", "A-02", "A-03", "A-04"):
        await world.list_unit(unit_id)
    _call, first = await world.open_incident()
    await world.assign(first, "A-02")
    await world.accept(
        c.Reserve(
            mission_id=world.new_id(),
            incident_id=first,
            unit_id="A-03",
            due_ms=world.clock.at_ms + 60_000,
        )
    )
    _call, second = await world.open_incident()
    found = recommended(
        world,
        second,
        seen(world, "A-01", SCENE),
        seen(world, "A-02", SCENE),
        seen(world, "A-03", SCENE),
    )
    assert isinstance(found, RecommendAnswer)
    ranked = [(u.call_sign, u.eta_s, u.position_age_s) for u in found.ranked]
    assert ranked[0] == ("A-01", 0, 0)
    assert ranked[1][0] == "A-04"
    assert ranked[1][2] is None
    assert "position_assumed_station" in found.ranked[1].reasons
    assert all(u.estimated for u in found.ranked)
    skipped = {u.call_sign: u.reasons[0] for u in found.skipped}
    assert skipped == {"A-02": "on_mission", "A-03": "reserved_soon"}
    assert found.metric_version == 0


async def test_a_position_grows_old() -> None:
    world = TestWorld()
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    fix = seen(world, "A-01", SCENE)
    world.clock.at_ms += 301_000
    found = recommended(world, incident_id, fix)
    assert isinstance(found, RecommendAnswer)
    assert found.skipped[0].reasons[0] == "position_stale"
    assert found.shortfall == ("positions_stale",)


async def test_no_recommendation_without_a_place() -> None:
    world = TestWorld()
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    refused = Refused(code="no_location", field="incident_id")
    assert recommended(world, incident_id, revealed=False) == refused
    assert recommended(world, "nowhere") == Refused(code="absent", field="incident_id")


async def hospital(world: TestWorld, ident: str, lat: float, *can: str) -> None:
    await world.accept(
        c.ListHospital(
            hospital_id=ident,
            name=ident,
            name_en=ident,
            point=Point(lat=lat, lon=9.70),
            capabilities=("ct_24h", *can),
            assumed=False,
        )
    )


def hospitals(
    world: TestWorld, mission_id: str, *needs: str, fixes: tuple[Fix, ...] = ()
) -> tuple[RankedHospital, ...] | Refused:
    return hospitals_for(
        view_of(world),
        positions_of(fixes),
        TRAVEL,
        rules=RULES.destination,
        mission_id=mission_id,
        needs=needs,
        now_ms=world.clock.at_ms,
    )


async def test_hospitals_are_timed_from_the_scene_and_then_from_the_vehicle() -> None:
    world = TestWorld()
    await world.list_unit()
    await hospital(world, "south", 50.84)
    await hospital(world, "north", 50.89)
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    north = Point(lat=50.88, lon=9.70)
    found = hospitals(world, mission_id, fixes=(seen(world, "A-01", north),))
    assert isinstance(found, tuple)
    assert [h.hospital_id for h in found] == ["south", "north"]  # the patient is at the scene
    await world.reach(mission_id, Milestone.LEFT_SCENE)
    found = hospitals(world, mission_id, fixes=(seen(world, "A-01", north),))
    assert isinstance(found, tuple)
    assert [h.hospital_id for h in found] == ["north", "south"]


async def test_first_contact_starts_the_clock() -> None:
    world = TestWorld()
    await world.list_unit()
    await hospital(world, "far", 51.16, "pci_24h")  # about 80 min by the straight line
    await hospital(world, "near", 50.87, "thrombolysis")
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    unknown = hospitals(world, mission_id, "stemi")
    assert isinstance(unknown, tuple)
    assert unknown[0].hospital_id == "far"
    assert "clock_unknown:fmc" in unknown[0].reasons
    await world.reach(mission_id, Milestone.AT_PATIENT)
    world.clock.at_ms += 15 * 60_000
    known = hospitals(world, mission_id, "stemi")
    assert isinstance(known, tuple)
    assert known[0].hospital_id == "near"
    assert hospitals(world, mission_id, "miracle") == Refused(
        code="unknown_value", field="needs", detail="miracle"
    )
    assert hospitals(world, "nowhere") == Refused(code="absent", field="mission_id")


async def place(world: TestWorld, incident_id: str, lat: float) -> None:
    await world.accept(
        c.SetLocation(
            incident_id=incident_id,
            location=Clear(text=PLACE.replace("50.86", str(lat))),
            source=LocationSource.MAP_PIN,
            accuracy_m=15,
        )
    )


async def test_duplicates_are_open_near_and_recent() -> None:
    world = TestWorld()
    opened: dict[str, str] = {}
    for name, lat, wait_min in (
        ("old", 50.86, 0),
        ("near", 50.862, 10),  # 222 m
        ("far", 50.866, 1),  # 667 m
        ("closed", 50.86, 1),
        ("new", 50.86, 19),
    ):
        world.clock.at_ms += wait_min * 60_000
        _call, opened[name] = await world.open_incident()
        await place(world, opened[name], lat)
    await world.accept(c.CloseIncident(incident_id=opened["closed"], reason="done"))
    view = view_of(world)
    found = duplicates_for(view, rules=RULES.dispatch, incident_id=opened["new"])
    assert isinstance(found, tuple)
    assert found == (
        DuplicateAnswer(
            incident_id=opened["near"],
            number=found[0].number,
            distance_m=222,
            minutes=21,
            label="学府路 76 号",
            topic="",
        ),
    )
    hidden = view_of(world, revealed=False)
    assert duplicates_for(hidden, rules=RULES.dispatch, incident_id=opened["new"]) == ()
    for call_id, seen in (("c-here", '{"label":"","lat":50.862,"lon":9.7}'), ("c-nowhere", None)):
        ring = c.Ring(
            call_id=call_id,
            number=Clear(text="139"),
            line="trunk",
            location=Clear(text=seen) if seen else None,
        )
        await world.accept(ring)
    view = view_of(world)
    near = duplicates_for(view, rules=RULES.dispatch, call_id="c-here")
    assert isinstance(near, tuple)
    assert {d.incident_id for d in near} >= {opened["near"], opened["new"]}
    assert duplicates_for(view, rules=RULES.dispatch, call_id="c-nowhere") == ()
    assert duplicates_for(view, rules=RULES.dispatch, call_id="none") == Refused(
        code="absent", field="call_id"
    )
    assert duplicates_for(view, rules=RULES.dispatch, incident_id="nowhere") == Refused(
        code="absent", field="incident_id"
    )


async def test_a_fix_proposes_a_node_of_the_run_that_its_unit_is_on() -> None:
    world = TestWorld()
    await world.list_unit()
    await world.list_unit("A-02")
    await world.list_hospital("h1")
    _call, incident_id = await world.open_incident()
    ended = await world.assign(incident_id)
    await world.accept(c.StandDown(mission_id=ended, reason="mistake"))
    mission_id = await world.assign(incident_id)

    def proposed(fix: Fix) -> tuple[str, Milestone, int] | None:
        now_ms = world.clock.at_ms
        found = propose_for(view_of(world), fix, rules=RULES.dispatch, now_ms=now_ms)
        return (found.mission_id, found.milestone, found.distance_m) if found else None

    moving = seen(world, "A-01", Point(lat=50.875, lon=9.71), speed_kmh=30.0)
    assert proposed(moving) == (mission_id, Milestone.DEPARTED, 556)
    assert proposed(seen(world, "A-01", SCENE)) == (mission_id, Milestone.ON_SCENE, 0)
    assert proposed(seen(world, "A-02", SCENE)) is None
    assert proposed(seen(world, "unknown", SCENE)) is None
    await world.accept(c.SetDestination(mission_id=mission_id, hospital_id="h1", reason="专科"))
    await world.reach(mission_id, Milestone.LEFT_SCENE)
    at_door = seen(world, "A-01", Point(lat=50.88, lon=9.72))
    assert proposed(at_door) == (mission_id, Milestone.AT_HOSPITAL, 0)


async def test_an_unsure_proposal_is_shown_as_one_sets_nothing_and_gives_way_to_a_surer_one() -> (
    None
):
    world = TestWorld()
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)

    def shown() -> MissionRow:
        row = view_of(world).rows["missions", mission_id]
        assert isinstance(row, MissionRow)
        return row

    async def hear(fix: Fix, *before: Fix) -> MissionRow:
        now_ms = world.clock.at_ms
        view = view_of(world)
        found = propose_for(view, fix, rules=RULES.dispatch, now_ms=now_ms, before=before)
        if found:
            await world.accept(found)
        return shown()

    first = await hear(seen(world, "A-01", AT_THE_FENCE))
    assert [(p.confidence, p.doubts) for p in first.proposals] == [
        (Confidence.LOW, (Doubt.EDGE, Doubt.SINGLE))
    ]
    assert first.nodes == ()
    assert await hear(seen(world, "A-01", AT_THE_FENCE)) == first
    earlier = seen(world, "A-01", SCENE)
    earlier = replace(earlier, device_ms=earlier.device_ms - 10_000)
    surer = await hear(seen(world, "A-01", SCENE), earlier)
    assert surer.proposed == (Milestone.ON_SCENE,)
    assert [(p.confidence, p.doubts) for p in surer.proposals] == [(Confidence.HIGH, ())]
    assert surer.nodes == ()
    await world.reach(mission_id, Milestone.ON_SCENE)
    assert (shown().proposed, shown().proposals) == ((), ())


async def test_a_run_under_way_has_a_time_of_arrival_and_one_that_has_arrived_has_none() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    near = seen(world, "A-01", Point(lat=50.865, lon=9.70))
    (eta,) = etas_for(
        view_of(world), positions_of((near,)), TRAVEL, now_ms=world.clock.at_ms + 7_000
    )
    assert (eta.mission_id, eta.unit_id, eta.to) == (mission_id, "A-01", "scene")
    assert eta.estimated
    assert eta.position_age_s == 7
    (unseen,) = etas_for(view_of(world), positions_of(()), TRAVEL, now_ms=world.clock.at_ms)
    assert unseen.position_age_s is None
    assert eta.seconds is not None
    assert unseen.seconds is not None
    assert eta.seconds < unseen.seconds, "the station is farther than the vehicle"
    for milestone in (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE):
        await world.reach(mission_id, milestone)
    assert etas_for(view_of(world), positions_of((near,)), TRAVEL, now_ms=world.clock.at_ms) == ()


async def test_the_way_of_a_unit_that_is_not_sent_begins_where_it_is() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    here = Point(lat=50.865, lon=9.70)
    view = view_of(world)
    assert way_to_case(view, {"A-01": seen(world, "A-01", here)}, "A-01", incident_id) == (
        here,
        SCENE,
    )
    assert way_to_case(view, {}, "A-02", incident_id) is None
    assert way_to_case(view_of(world, revealed=False), {}, "A-01", incident_id) is None


async def test_each_answer_to_the_open_question_says_which_level_it_would_establish() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    view = view_of(world)

    def levels(question: str, ident: str = incident_id) -> dict[str, str] | Refused:
        found = next_levels_for(view, facts=world.facts, incident_id=ident, question=question)
        return found if isinstance(found, Refused) else {one.answer: one.level for one in found}

    asked = levels("massive_bleed")
    assert isinstance(asked, dict)
    await world.answer(incident_id, "massive_bleed", True)
    row = view_of(world).rows["incidents", incident_id]
    assert isinstance(row, IncidentRow)
    assert asked == {"true": row.level, "false": ""}
    assert levels("age_y") == {}, "a number has no options"
    assert levels("no_such_question") == {}
    assert levels("massive_bleed", "absent") == Refused(code="absent", field="incident_id")


async def test_a_crash_asks_for_two_crews_and_tells_the_others() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    _, incident_id = await world.open_incident()
    await world.accept(c.SetComplaint(incident_id=incident_id, topic="traffic"))
    await world.accept(
        c.OverrideLevel(incident_id=incident_id, level=DispatchLevel.R1, reason="多人受伤")
    )
    row = view_of(world).rows["incidents", incident_id]
    assert isinstance(row, IncidentRow)
    assert row.wanted is not None
    assert (row.wanted.crews, row.wanted.others) == (2, ("police", "fire"))
    assert not row.wanted.staged
    found = recommended(world, incident_id)
    assert isinstance(found, RecommendAnswer)
    assert "too_few_units" in found.shortfall, "one unit is not two crews"


async def test_where_the_scene_is_not_safe_units_wait() -> None:
    world = TestWorld()
    _, incident_id = await world.open_incident()
    row = view_of(world).rows["incidents", incident_id]
    assert isinstance(row, IncidentRow)
    assert row.wanted is None, "no level yet"
    await world.accept(c.SetComplaint(incident_id=incident_id, topic="assault"))
    await world.accept(
        c.OverrideLevel(incident_id=incident_id, level=DispatchLevel.R2, reason="刀")
    )
    row = view_of(world).rows["incidents", incident_id]
    assert isinstance(row, IncidentRow)
    assert row.wanted is not None
    assert (row.wanted.others, row.wanted.staged) == (("police",), True)
