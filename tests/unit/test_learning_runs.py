"""What runs teach: a vehicle drives up a street at half of its speed; the board is looked at."""

from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from factories.advice import fix_at
from factories.match_truth import DEG_M, town
from factories.world import TestWorld
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import Grounds, etas_for, recommend_for
from goldenhour.app.handle import recorded_of
from goldenhour.app.learn import (
    Learner,
    Lore,
    answer_of,
    factors_to_bytes,
    learnt_of,
    list_legs,
    update_of,
)
from goldenhour.app.positions import Positions
from goldenhour.compute.roads import Snapper
from goldenhour.compute.roads.learn import StreetSpeeds
from goldenhour.compute.roads.match import Matcher
from goldenhour.content.rules import load_rules
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.arrival import Driven, spread_of
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.answers import RecommendAnswer
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

RULES = load_street_speeds()
DISPATCH = load_rules().dispatch
EAST, NORTH = 9.70 * DEG_M, 50.86 * DEG_M  # of the scene, as factories.match_truth counts
STREET = town([([(EAST, NORTH - 6_000), (EAST, NORTH), (EAST, NORTH + 3_000)], True)])
"""36 km/h."""
AWAY_M, TOOK_S = 3_000, 600


@dataclass
class Track:
    """A vehicle's positions, as they are stored."""

    fixes: list[Fix] = field(default_factory=list)
    away: bool = False

    async def list_track(self, unit_id: str, from_ms: int, to_ms: int) -> list[Fix]:
        if self.away:
            raise OSError("the store is away")
        return [
            fix
            for fix in self.fixes
            if fix.unit_id == unit_id and from_ms <= fix.device_ms <= to_ms
        ]


def view_of(world: TestWorld, *, revealed: bool = True) -> Folded:
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    view = Folded(renderer(world.facts), Reveal(texts if revealed else {}))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    return view


IN_TIME = Driven(ended_ms=1, foretold_s=300, took_s=300, low_s=280, high_s=400)
SOME_LATE = (*[IN_TIME] * (RULES.arrival.fewest - 6), *[replace(IN_TIME, took_s=360)] * 6)


def learner() -> Learner:
    return Learner(
        matcher=Matcher(STREET, Snapper(STREET)),
        speeds=StreetSpeeds(STREET, RULES.streets),
        travel=RoadTravel(STREET, DISPATCH.crow_speed_kmh),
        rules=RULES.arrival,
        lore=Lore(),
    )


def seen(at_ms: int, north_m: float) -> Fix:
    place = Point(lat=50.86 + north_m / DEG_M, lon=9.70)
    return fix_at(
        place, unit_id="A-01", speed_kmh=18.0, heading_deg=0, device_ms=at_ms, received_ms=at_ms
    )


async def depart(world: TestWorld) -> tuple[str, Track]:
    """It is on its way, 3 km south of the scene, and will need ten minutes."""
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    begun_ms = world.clock.at_ms
    return mission_id, Track([
        seen(begun_ms + n * SECOND_MS, -AWAY_M * (1 - n / TOOK_S)) for n in range(0, TOOK_S + 1, 10)
    ])  # fmt: skip


async def arrive(world: TestWorld, mission_id: str) -> None:
    world.clock.at_ms += (TOOK_S - 60) * SECOND_MS
    await world.reach(mission_id, Milestone.ON_SCENE)


async def test_a_run_teaches_the_street_and_is_compared_with_its_forecast() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    world.clock.at_ms += 200 * SECOND_MS
    await taught.look(view_of(world), track, world.clock.at_ms)
    on_the_way = taught.speeds.factors(world.clock.at_ms).min()
    assert on_the_way < 0.95, "what was driven so far counts already"
    assert taught.lore.driven == ()
    world.clock.at_ms -= 200 * SECOND_MS
    await arrive(world, mission_id)
    await taught.look(view_of(world), track, world.clock.at_ms)
    assert taught.speeds.factors(world.clock.at_ms).min() < on_the_way
    (compared,) = taught.lore.driven
    assert compared.foretold_s == pytest.approx(AWAY_M / 10, rel=0.02)
    assert compared.took_s == TOOK_S
    assert compared.low_s is None


async def test_what_drives_take_beyond_their_streets_is_in_the_speeds_that_screens_go_by() -> None:
    world, taught = TestWorld(), learner()
    late = Driven(ended_ms=1, foretold_s=300, took_s=360, low_s=None, high_s=None)
    taught.lore = Lore(driven=(late,) * RULES.arrival.fewest)
    mission_id, track = await depart(world)
    factors = taught.factors(world.clock.at_ms)
    assert factors.tolist() == (taught.speeds.factors(world.clock.at_ms) / 1.2).tolist()
    assert isinstance(taught.travel, RoadTravel)
    await taught.travel.change_speeds(update_of(factors_to_bytes(factors), STREET))
    await arrive(world, mission_id)
    await taught.look(view_of(world), track, world.clock.at_ms)
    compared = taught.lore.driven[-1]
    assert compared.foretold_s == pytest.approx(1.2 * AWAY_M / 10, rel=0.02)
    assert compared.own_drag == pytest.approx(TOOK_S / (AWAY_M / 10), rel=0.02)


async def test_a_drive_is_learnt_once_however_often_the_board_is_looked_at() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    await taught.look(view_of(world), track, world.clock.at_ms)
    first = taught.speeds.driven_s().sum()
    lore = taught.lore
    await taught.look(view_of(world), track, world.clock.at_ms)
    assert taught.speeds.driven_s().sum() == first > 0.9 * TOOK_S
    assert taught.lore.driven == lore.driven


async def test_an_old_case_that_somebody_writes_in_teaches_nothing_again() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    await taught.look(view_of(world), track, world.clock.at_ms)
    first, lore = taught.speeds.driven_s().sum(), taught.lore
    two_days_ms = world.clock.at_ms + 48 * 3_600_000
    await taught.look(view_of(TestWorld()), track, two_days_ms)
    await taught.look(view_of(world), track, two_days_ms + 60_000)
    assert taught.speeds.driven_s().sum() <= first
    assert taught.lore.driven == lore.driven


async def test_what_a_tablet_told_teaches_nobodys_speed() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    track.fixes = [replace(fix, tablet=True) for fix in track.fixes]
    await arrive(world, mission_id)
    await taught.look(view_of(world), track, world.clock.at_ms)
    assert taught.speeds.driven_s().sum() == 0
    assert len(taught.lore.driven) == 1, "how long it took is known all the same"


async def test_a_restart_goes_on_where_it_left_off() -> None:
    world, before = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    await before.look(view_of(world), track, world.clock.at_ms)
    after = learner()
    after.lore = before.lore
    await after.look(view_of(world), track, world.clock.at_ms)
    assert after.speeds.driven_s().sum() == 0, "it was learnt before"
    assert after.lore.driven == before.lore.driven


async def test_a_corrected_time_is_no_measurement() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    await world.accept(
        c.CorrectMilestone(
            mission_id=mission_id,
            milestone=Milestone.ON_SCENE,
            at_ms=world.clock.at_ms - 120_000,
            reason="按晚了",
        )
    )
    await taught.look(view_of(world), track, world.clock.at_ms)
    assert taught.lore.driven == ()
    assert taught.speeds.driven_s().sum() > 0, "the street was driven all the same"


async def test_without_the_place_there_is_no_forecast_and_the_street_is_learnt() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    await taught.look(view_of(world, revealed=False), track, world.clock.at_ms)
    assert taught.lore.driven == ()
    assert taught.speeds.driven_s().sum() > 0


async def test_a_look_that_fails_teaches_nothing() -> None:
    world, taught = TestWorld(), learner()
    mission_id, track = await depart(world)
    await arrive(world, mission_id)
    with pytest.raises(OSError, match="away"):
        await taught.look(view_of(world), Track(away=True), world.clock.at_ms)
    assert taught.lore == Lore()
    await taught.look(view_of(world), track, world.clock.at_ms)
    assert len(taught.lore.driven) == 1


async def test_the_way_to_the_hospital_is_a_drive_too() -> None:
    world = TestWorld()
    await world.list_hospital()
    mission_id, _ = await depart(world)
    await arrive(world, mission_id)
    await world.reach(mission_id, Milestone.AT_PATIENT, Milestone.LOADED, Milestone.LEFT_SCENE)
    legs = {leg.to: (leg.ended_ms is not None, leg.arrived) for leg in list_legs(view_of(world))}
    assert legs == {"scene": (True, True), "hospital": (False, False)}


async def test_what_was_learnt_gives_arrivals_a_range_and_the_supervisor_an_account() -> None:
    world, taught = TestWorld(), learner()
    _, track = await depart(world)
    taught.lore = replace(taught.lore, driven=SOME_LATE)
    await taught.look(view_of(world), track, world.clock.at_ms)
    learnt = learnt_of(taught.lore, RULES.arrival)
    view, travel = view_of(world), RoadTravel(STREET, DISPATCH.crow_speed_kmh)
    positions = Positions(travel.locate)
    positions.take(track.fixes[0])
    now_ms = world.clock.at_ms
    (eta,) = etas_for(view, positions, travel, now_ms=now_ms, spread=learnt.spread)
    assert eta.seconds is not None
    assert eta.range is not None
    assert (eta.range.low_s, eta.range.high_s) == (eta.seconds, round(eta.seconds * 1.2))
    answer = answer_of(learnt)
    assert answer.quality is not None
    assert (answer.quality.ranged, answer.quality.within) == (30, 30)
    assert len(answer.hours) == 48


async def test_a_straight_line_has_no_range() -> None:
    world = TestWorld()
    await depart(world)
    await world.list_unit("A-02")
    _, incident_id = await world.open_incident()
    spread = spread_of(SOME_LATE, RULES.arrival)

    def ranked(travel: RoadTravel) -> RecommendAnswer:
        positions = Positions(travel.locate)
        positions.take(replace(seen(world.clock.at_ms, -1_000), unit_id="A-02"))
        grounds = Grounds(
            view=view_of(world),
            positions=positions,
            travel=travel,
            facts=world.facts,
            rules=DISPATCH,
            now_ms=world.clock.at_ms,
            spread=spread,
        )
        found = recommend_for(grounds, incident_id)
        assert isinstance(found, RecommendAnswer)
        return found

    assert ranked(RoadTravel(None, DISPATCH.crow_speed_kmh)).ranges == {}
    by_road = ranked(RoadTravel(STREET, DISPATCH.crow_speed_kmh))
    eta_s = by_road.ranked[0].eta_s
    assert eta_s is not None
    found = by_road.ranges["A-02"]
    assert (found.low_s, found.high_s) == (eta_s, round(eta_s * 1.2))


def test_factors_travel_as_bytes_of_their_own_network() -> None:
    factors = learner().speeds.factors(0)
    update = update_of(factors_to_bytes(factors), STREET)
    assert update.factors.tolist() == [1.0] * STREET.arc_count
    with pytest.raises(ValueError, match="factors"):
        update_of(b"\0\0\0\0", STREET)
