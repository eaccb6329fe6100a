"""Positions are found on the roads when they arrive, and a question never sees an older one."""

import asyncio
from collections.abc import Sequence

from factories.advice import NOW_MS, fix_at
from goldenhour.app.ports import Place, Spot
from goldenhour.app.positions import Positions, without_roads
from goldenhour.kernel.geo import Point

HERE, THERE = Point(lat=36.1, lon=113.1), Point(lat=36.2, lon=113.2)


class RoadsDouble:
    """Notes what it is asked; places nothing."""

    def __init__(self) -> None:
        self.asked: list[list[Place]] = []
        self.called = asyncio.Event()

    def locate(self, places: Sequence[Place]) -> list[Spot]:
        self.asked.append(list(places))
        self.called.set()
        return without_roads(places)


async def test_a_burst_is_placed_at_once_and_a_question_finds_it_done() -> None:
    roads = RoadsDouble()
    positions = Positions(roads.locate)
    placing = asyncio.create_task(positions.place_for_ever())
    positions.take(fix_at(HERE, unit_id="u1", heading_deg=90, speed_kmh=40.0))
    positions.take(fix_at(THERE, unit_id="u2"))
    await asyncio.wait_for(roads.called.wait(), 5)
    assert roads.asked == [
        [
            Place(point=HERE, heading_deg=90, speed_kmh=40.0),
            Place(point=THERE, heading_deg=0, speed_kmh=0.0),
        ]
    ]
    for _ in range(3):
        assert positions.find_spot("u1") == without_roads([Place(point=HERE)])[0]
    assert len(roads.asked) == 1
    placing.cancel()


def test_a_question_that_comes_first_places_what_waits() -> None:
    roads = RoadsDouble()
    positions = Positions(roads.locate)
    positions.take(fix_at(HERE))
    positions.take(fix_at(THERE, device_ms=NOW_MS))
    spot = positions.find_spot("u1")
    assert spot is not None
    assert spot.point == THERE
    assert [len(places) for places in roads.asked] == [1]  # the newest one only


def test_history_late_reports_and_lost_fixes_move_nobody() -> None:
    positions = Positions(RoadsDouble().locate)
    first = fix_at(HERE, device_ms=NOW_MS)
    positions.take(first)
    positions.take(fix_at(THERE, device_ms=NOW_MS - 1))
    positions.take(fix_at(THERE, device_ms=NOW_MS + 1, catch_up=True))
    positions.take(fix_at(None, device_ms=NOW_MS + 1))
    assert positions.fixes == {"u1": first}
    spot = positions.find_spot("u1")
    assert spot is not None
    assert spot.point == HERE
    assert positions.find_spot("u2") is None


def test_a_clock_that_was_ahead_shuts_nobody_out_afterwards() -> None:
    positions = Positions(RoadsDouble().locate)
    ahead = fix_at(HERE, device_ms=NOW_MS + 86_400_000, received_ms=NOW_MS)
    after = fix_at(THERE, device_ms=NOW_MS + 1_000, received_ms=NOW_MS + 1_000)
    positions.take(ahead)
    positions.take(after)
    assert positions.fixes == {"u1": after}
