"""The ways of ended runs: kept once, page by page, and given while they rest on what there is."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest
from test_learning_runs import Track, depart, seen, view_of

from factories.world import TestWorld
from goldenhour.app.ways import PAGE_MS, SETTLED_MS, KeptWay, WayKeeper, holds, page_at
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.review.track import MatchedWay
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS


class Counted:
    """Matching that only says from how many positions."""

    def match(self, fixes: Sequence[Fix], gap_ms: int) -> MatchedWay:
        assert gap_ms == 120_000
        return MatchedWay(stretches=(), unmatched=(), used=len(fixes), matched=len(fixes))


@dataclass
class Shelf:
    pages: dict[tuple[str, int], KeptWay] = field(default_factory=dict)

    async def find(self, mission_id: str, from_ms: int) -> KeptWay | None:
        return self.pages.get((mission_id, from_ms))

    async def put(self, mission_id: str, from_ms: int, kept: KeptWay) -> None:
        self.pages.setdefault((mission_id, from_ms), kept)

    async def list_kept(self, missions: Sequence[str]) -> set[str]:
        return {mission for mission, _from_ms in self.pages} & set(missions)


def keeper(track: Track, shelf: Shelf) -> WayKeeper:
    return WayKeeper(matching=Counted(), network="roads", gap_ms=120_000, tracks=track, ways=shelf)


async def run_over(world: TestWorld, lasted_ms: int) -> tuple[str, Mission, Track]:
    mission_id, track = await depart(world)
    world.clock.at_ms += lasted_ms
    await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    run = view_of(world).states[f"mission:{mission_id}"]
    assert isinstance(run, Mission)
    return mission_id, run, track


async def test_a_way_is_kept_when_the_run_has_settled_and_only_once() -> None:
    world, shelf = TestWorld(), Shelf()
    mission_id, run, track = await run_over(world, 600 * SECOND_MS)
    view, end_ms = view_of(world), world.clock.at_ms
    await keeper(track, shelf).look(view, end_ms + SETTLED_MS - 1)
    assert shelf.pages == {}
    await keeper(track, shelf).look(view, end_ms + SETTLED_MS)
    ((key, kept),) = shelf.pages.items()
    assert key == (mission_id, run.assigned_ms)
    assert (kept.matched_ms, kept.network, kept.stored) == (end_ms + SETTLED_MS, "roads", 61)
    track.fixes.append(seen(end_ms - 1, 0))
    await keeper(track, shelf).look(view, end_ms + 2 * SETTLED_MS)
    assert shelf.pages == {key: kept}


async def test_a_run_that_goes_on_is_left_alone() -> None:
    world, shelf = TestWorld(), Shelf()
    _mission_id, track = await depart(world)
    await keeper(track, shelf).look(view_of(world), world.clock.at_ms + 10 * SETTLED_MS)
    assert shelf.pages == {}


async def test_a_long_run_is_kept_in_pages_that_meet() -> None:
    world, shelf = TestWorld(), Shelf()
    mission_id, run, track = await run_over(world, 2 * PAGE_MS)
    await keeper(track, shelf).look(view_of(world), world.clock.at_ms + SETTLED_MS)
    begun_ms = run.assigned_ms
    assert begun_ms is not None
    assert list(shelf.pages) == [(mission_id, begun_ms + n * PAGE_MS) for n in range(3)]
    assert [kept.stored for kept in shelf.pages.values()] == [61, 0, 0]
    first, last = page_at(run, 0, world.clock.at_ms), page_at(run, begun_ms + 2 * PAGE_MS, 0)
    assert (first.to_ms, first.next_ms) == (begun_ms + PAGE_MS - 1, begun_ms + PAGE_MS)
    assert (last.to_ms, last.next_ms) == (run.ended_ms, None)


@pytest.mark.parametrize(("positions", "given"), [(61, True), (62, False), (60, False), (0, True)])
def test_a_kept_way_is_given_while_it_rests_on_what_there_is(positions: int, given: bool) -> None:
    kept = KeptWay(
        matched_ms=1,
        network="roads",
        stored=61,
        way=MatchedWay(stretches=(), unmatched=(), used=61, matched=61),
    )
    assert holds(kept, [seen(n, 0) for n in range(positions)]) is given
