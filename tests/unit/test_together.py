"""Several cases wait at once: who gets which unit, and what each dispatcher is told."""

from itertools import permutations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.world import TestWorld
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import Grounds
from goldenhour.app.handle import recorded_of
from goldenhour.app.positions import Positions
from goldenhour.app.together import MOST, together_for
from goldenhour.compute.policy import NOBODY, assign, lost
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.intake.events import LocationSource
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.personal import Clear
from goldenhour.views.answers import TogetherAnswer
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

RULES = load_rules().dispatch
TRAVEL = RoadTravel(None, RULES.crow_speed_kmh)


async def wait_at(world: TestWorld, lat: float, level: DispatchLevel) -> str:
    """A case at this place, so far north of every unit's station at 50.87."""
    _call, incident_id = await world.open_incident()
    await world.accept(
        c.SetLocation(
            incident_id=incident_id,
            location=Clear(text=f'{{"label":"路","lat":{lat},"lon":9.71}}'),
            source=LocationSource.TYPED,
            accuracy_m=15,
        )
    )
    await world.accept(c.OverrideLevel(incident_id=incident_id, level=level, reason="test"))
    return incident_id


def shared(world: TestWorld) -> dict[str, TogetherAnswer]:
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    view = Folded(renderer(world.facts), Reveal(texts))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    grounds = Grounds(
        view=view,
        positions=Positions(TRAVEL.locate),
        travel=TRAVEL,
        facts=world.facts,
        rules=RULES,
        now_ms=world.clock.at_ms,
    )
    return {one.incident_id: one for one in together_for(grounds)}


def sent(answer: TogetherAnswer) -> str:
    return answer.candidate.call_sign if answer.candidate else ""


async def test_one_case_alone_is_no_question() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    await wait_at(world, 50.88, DispatchLevel.R1)
    assert shared(world) == {}


async def test_the_only_unit_goes_to_the_worse_case_though_the_other_is_nearer() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    mild = await wait_at(world, 50.871, DispatchLevel.R3)
    grave = await wait_at(world, 50.90, DispatchLevel.R0)
    found = shared(world)
    assert (sent(found[grave]), found[grave].first_for) == ("A-01", "")
    told = found[mild]
    assert (sent(told), told.first_call_sign) == ("", "A-01")
    assert (told.first_for_level, told.first_for) == ("R0", found_number(world, grave))


def found_number(world: TestWorld, incident_id: str) -> str:
    state = next(e for e in world.journal.feed if e.stream == f"incident:{incident_id}")
    return str(recorded_of(state).event.number)


async def test_the_graver_case_is_never_told_to_leave_its_first_choice() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    await world.list_unit("A-02")
    await world.accept(
        c.ListUnit(
            unit_id="A-02",
            call_sign="A-02",
            station_id="s1",
            station_name="一站",
            station_point=Point(lat=50.87, lon=9.71),
            unit_kind=UnitKind.BLS,
            assumed=True,
        ),
        org="unit:A-02",
    )
    # As near as the other, the basic unit is the better share for R0; it stays the first choice's.
    grave = await wait_at(world, 50.88, DispatchLevel.R0)
    mild = await wait_at(world, 50.88, DispatchLevel.R2)
    found = shared(world)
    assert (found[grave].first_call_sign, found[grave].first_for) == ("A-01", "")
    assert found[mild].first_for == ""


async def test_a_case_that_has_its_unit_waits_no_more() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    await world.list_unit("A-02")
    first = await wait_at(world, 50.88, DispatchLevel.R1)
    await wait_at(world, 50.89, DispatchLevel.R1)
    assert len(shared(world)) == 2
    await world.assign(first, "A-01")
    assert shared(world) == {}


async def test_enough_units_give_everybody_one_and_nobody_two() -> None:
    world = TestWorld()
    for n in range(1, 5):
        await world.list_unit(f"A-0{n}")
    for n in range(3):
        await wait_at(world, 50.88 + n / 100, DispatchLevel.R1)
    given_to = [sent(one) for one in shared(world).values()]
    assert len(set(given_to)) == len(given_to) == 3


async def test_who_is_told_to_leave_its_first_choice_reads_why_in_the_proposal() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    await world.list_unit("A-02")
    grave = await wait_at(world, 50.90, DispatchLevel.R0)
    mild = await wait_at(world, 50.90, DispatchLevel.R3)
    found = shared(world)
    told = found[mild]
    assert told.candidate is not None
    assert sent(told) != sent(found[grave]) == told.first_call_sign
    assert f"first_left_for:{found_number(world, grave)}" in told.candidate.reasons


async def test_in_a_surge_the_gravest_are_shared_out() -> None:
    world = TestWorld()
    await world.list_unit("A-01")
    mild = [await wait_at(world, 50.88, DispatchLevel.R3) for _ in range(MOST)]
    grave = await wait_at(world, 50.90, DispatchLevel.R0)
    found = shared(world)
    assert len(found) == MOST
    assert sent(found[grave]) == "A-01"
    assert mild[-1] not in found


# ---- the arithmetic


def test_half_is_lost_after_the_half_time_and_all_by_never() -> None:
    assert lost(np.array([0.0, 300.0, 600.0, np.inf]), 8.0, 300.0).tolist() == [0, 4, 6, 8]


def test_nobody_is_sent_where_nobody_may_go() -> None:
    costs = np.array([[np.inf, 1.0], [np.inf, 2.0]])
    assert assign(costs, np.array([5.0, 9.0])) == [NOBODY, 1]
    assert assign(np.empty((2, 0)), np.array([5.0, 9.0])) == [NOBODY, NOBODY]


@given(
    st.integers(1, 4).flatmap(
        lambda cases: st.lists(
            st.lists(st.just(np.inf) | st.floats(0, 100), min_size=3, max_size=3),
            min_size=cases,
            max_size=cases,
        )
    ),
    st.lists(st.floats(0, 100), min_size=4, max_size=4),
)
def test_no_other_sharing_out_loses_less(table: list[list[float]], alone: list[float]) -> None:
    costs, unserved = np.array(table), np.array(alone[: len(table)])
    chosen = assign(costs, unserved)
    real = [unit for unit in chosen if unit != NOBODY]
    assert len(set(real)) == len(real)

    def total(units: tuple[int, ...] | list[int]) -> float:
        pairs = enumerate(units)
        return sum(unserved[case] if u == NOBODY else costs[case, u] for case, u in pairs)

    everyone = [*range(3), *[NOBODY] * len(table)]
    best = min(total(some) for some in permutations(everyone, len(table)))
    assert total(chosen) == pytest.approx(best)
