"""Roads that are shut or slow: what may be said of them, who reads it, when they open again."""

from typing import Any

import pytest

from factories.memory_reader import MemoryReader
from factories.timers import pass_time
from factories.world import TestWorld, facts
from goldenhour.app import roads
from goldenhour.app.access import Organisation, Organisations, Principal, Role, identity_of
from goldenhour.app.live import Hub
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import RoadReason
from goldenhour.kernel.geo import Point, distance_to_line_m
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.fold import Folded
from goldenhour.views.rows import RoadRow

WEST, MIDDLE, EAST = (Point(lat=31.2, lon=lon) for lon in (105.39, 105.4, 105.41))
TREE = Organisations(
    [
        Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        for ident, parent, kind in (
            ("city", "", "city"),
            ("centre", "city", "centre"),
            ("county", "city", "centre"),
            ("unit:A-01", "county", "unit"),
            ("hospital:h1", "city", "hospital"),
        )
    ]
)


def shut(closure_id: str = "r1", **changes: Any) -> c.CloseRoad:
    given: dict[str, Any] = {
        "closure_id": closure_id,
        "line": (WEST, MIDDLE, EAST),
        "reason": RoadReason.CRASH,
        "label": "滨江大道",
    }
    return c.CloseRoad(**(given | changes))


def reader(role: Role, org: str) -> Any:
    return identity_of(
        Principal(person_id="p", name="", role=role, org=org, seat="", unit_id="", hospital_id=""),
        TREE,
    )


def hub_of(world: TestWorld) -> Hub:
    memory = MemoryReader(world.journal)
    return Hub(memory, memory, facts(), world.clock)


def rows_of(view: Folded) -> list[RoadRow]:
    return [row for row in view.rows.values() if isinstance(row, RoadRow)]


async def test_a_road_is_shut_changed_and_opened_again() -> None:
    world, until_ms = TestWorld(), TestWorld().clock.at_ms + HOUR_MS
    hub = hub_of(world)
    await world.accept(shut(until_ms=until_ms))
    view = (await hub.scope(reader(Role.DISPATCHER, "centre"))).view
    (row,) = rows_of(view)
    assert (row.label, row.reason, row.share, row.until_ms) == ("滨江大道", "crash", 0, until_ms)
    assert row.line == (WEST, MIDDLE, EAST)
    await world.accept(c.ChangeClosure(closure_id="r1", share=0.5, until_ms=None), seat="04")
    await hub.advance()
    (row,) = rows_of(view)
    assert (row.share, row.until_ms, row.seat) == (0.5, None, "04")
    await world.accept(c.ReopenRoad(closure_id="r1", reason="open"))
    await hub.advance()
    assert rows_of(view) == []
    assert [(line.kind, line.summary["label"]) for line in view.log] == [
        ("road.closed.v1", "滨江大道"),
        ("road.changed.v1", "滨江大道"),
        ("road.reopened.v1", "滨江大道"),
    ]


@pytest.mark.parametrize(
    ("command", "refusal"),
    [
        (shut("r2", line=(WEST, WEST)), Refused(code="bad_line", field="line")),
        (shut("r2", until_ms=1), Refused(code="in_the_past", field="until_ms")),
        (shut(), Refused(code="exists", field="closure_id")),
        (
            c.ChangeClosure(closure_id="r1", share=0, until_ms=1),
            Refused(code="in_the_past", field="until_ms"),
        ),
        (
            c.ReopenRoad(closure_id="r1", reason="because"),
            Refused(code="unknown_value", field="reason"),
        ),
        (
            c.ReopenRoad(closure_id="r9", reason="open"),
            Refused(code="absent", field="closure_id"),
        ),
        (
            c.ReopenRoad(closure_id="gone", reason="open"),
            Refused(code="road_open", field="closure_id", detail="滨江大道"),
        ),
        (
            c.ChangeClosure(closure_id="gone", share=0, until_ms=None),
            Refused(code="road_open", field="closure_id", detail="滨江大道"),
        ),
    ],
)
async def test_refusals(command: c.Command, refusal: Refused) -> None:
    world = TestWorld()
    for ident in ("r1", "gone"):
        await world.accept(shut(ident))
    await world.accept(c.ReopenRoad(closure_id="gone", reason="mistake"))
    assert await world.send(command) == refusal


async def test_its_time_opens_it_and_a_new_time_counts() -> None:
    world = TestWorld()
    start_ms = world.clock.at_ms
    await world.accept(shut(until_ms=start_ms + HOUR_MS))
    await world.accept(c.ChangeClosure(closure_id="r1", share=0, until_ms=start_ms + 2 * HOUR_MS))
    hub = hub_of(world)
    view = (await hub.scope(reader(Role.DISPATCHER, "centre"))).view
    await pass_time(world, 3600 + 60)
    await hub.advance()
    assert len(rows_of(view)) == 1
    await pass_time(world, 3600)
    await hub.advance()
    assert rows_of(view) == []
    assert view.log[-1].summary["reason"] == "over"


async def test_without_an_end_nothing_opens_it_but_a_person() -> None:
    world = TestWorld()
    await world.accept(shut(until_ms=world.clock.at_ms + HOUR_MS))
    await world.accept(c.ChangeClosure(closure_id="r1", share=0, until_ms=None))
    assert await pass_time(world, 100 * 3600) == 0


async def test_whoever_drives_or_sends_reads_it_and_nobody_else() -> None:
    world = TestWorld()
    await world.accept(shut(), org="centre")
    for role, org, sees in (
        (Role.DISPATCHER, "county", True),
        (Role.CREW, "unit:A-01", True),
        (Role.VEHICLE, "unit:A-01", True),
        (Role.QUALITY, "county", True),
        (Role.HOSPITAL, "hospital:h1", False),
        (Role.ADMIN, "city", False),
    ):
        found = await world.journal.load(["road:r1"], reader(role, org))
        assert bool(found) is sees, role


async def test_the_travel_times_know_before_a_screen_does() -> None:
    world = TestWorld()
    hub = hub_of(world)
    heard: list[tuple[int, int]] = []

    async def heed(view: Folded) -> None:
        heard.append((len(roads.stretches_of(view)), len(rows_of(screen) if screen else ())))

    screen: Folded | None = None
    await hub.lead(roads.READER, heed)
    screen = (await hub.scope(reader(Role.CREW, "unit:A-01"))).view
    await world.accept(shut())
    await hub.advance()
    assert rows_of(screen)
    assert heard == [(0, 0), (1, 0)]
    await world.list_unit()
    await hub.advance()
    assert heard == [(0, 0), (1, 0)], "an event that is none of its own"
    await world.accept(c.ReopenRoad(closure_id="r1", reason="open"))
    await hub.advance()
    assert heard[-1] == (0, 1)


async def test_a_way_keeps_off_what_is_shut_unless_it_leads_there() -> None:
    world = TestWorld()
    await world.accept(shut())
    await world.accept(shut("slow", share=0.3))
    hub = hub_of(world)
    view = (await hub.scope(reader(Role.CREW, "unit:A-01"))).view
    away, inside = Point(lat=31.21, lon=105.4), Point(lat=31.20002, lon=105.4051)
    assert roads.avoided(view, (away, Point(lat=31.19, lon=105.4))) == ((WEST, MIDDLE, EAST),)
    assert roads.avoided(view, (away, inside)) == ()
    assert roads.avoided(view, (inside, away)) == ()
    assert roads.leads_into_shut(view, (away, inside))
    assert roads.leads_into_shut(view, (inside, away))
    assert not roads.leads_into_shut(view, (away, away))


def test_the_distance_to_a_line_is_that_to_its_nearest_place() -> None:
    line = (WEST, EAST)
    assert distance_to_line_m(MIDDLE, line) == pytest.approx(0, abs=0.01)
    north = Point(lat=31.201, lon=105.4)
    assert distance_to_line_m(north, line) == pytest.approx(111.2, abs=0.1)
    beyond = Point(lat=31.2, lon=105.411)
    assert distance_to_line_m(beyond, line) == pytest.approx(95.1, abs=0.1)
    assert distance_to_line_m(north, (MIDDLE, MIDDLE)) == pytest.approx(111.2, abs=0.1)
