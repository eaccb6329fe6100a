"""When a reserved unit is to be activated, and when its window can no longer be kept."""

import json
from typing import Any

import pytest

from factories.advice import fix_at
from factories.timers import pass_time
from factories.world import START_MS, TestWorld
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.positions import Positions
from goldenhour.app.windows import checks_for, windows_for
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.dispatch.window import Keeping, Window, activate_ms, keeping
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS, SECOND_MS
from goldenhour.views.answers import WindowAnswer
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import MissionRow

DUE_MS, LATEST_MS = START_MS + HOUR_MS, START_MS + HOUR_MS + 20 * MINUTE_MS
TRAVEL = RoadTravel(None, 36.0)  # ten metres a second along the straight line
NEAR, FAR = Point(lat=50.8627, lon=9.70), Point(lat=51.22, lon=9.70)  # 5 min and 1 h 7 min away


async def reserved(world: TestWorld, latest_ms: int | None = LATEST_MS) -> tuple[str, str]:
    """(incident, mission)"""
    await world.list_unit()
    _, incident_id = await world.open_incident()
    reserve = c.Reserve(
        mission_id="m1",
        incident_id=incident_id,
        unit_id="A-01",
        due_ms=DUE_MS,
        latest_ms=latest_ms,
    )
    await world.accept(reserve)
    return incident_id, "m1"


async def alert_of(world: TestWorld, code: str) -> Any:
    ident = f"alert:{code}.m1"
    found = (await world.journal.load([ident], SYSTEM)).get(ident)
    state = fold(ident, found.events) if found else None
    assert state is None or isinstance(state, Alert)
    return state


def view_of(world: TestWorld) -> Folded:
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    view = Folded(renderer(world.facts), Reveal(texts))
    for envelope in world.journal.feed:
        view.apply(recorded_of(envelope))
    return view


def answers(world: TestWorld, at: Point | None = None) -> tuple[Folded, tuple[WindowAnswer, ...]]:
    view, positions, now_ms = view_of(world), Positions(TRAVEL.locate), world.clock.at_ms
    if at is not None:
        positions.take(fix_at(at, unit_id="A-01", device_ms=now_ms, received_ms=now_ms))
    get_away_s = world.facts.limits.depart_s
    found = windows_for(view, positions, TRAVEL, get_away_s=get_away_s, now_ms=now_ms)
    return view, found


async def look(world: TestWorld, at: Point) -> None:
    """As the api does it while a desk has its screen open."""
    for check in checks_for(*answers(world, at)):
        await world.accept(check, actor="system", installation="window", sequence=world.clock.at_ms)


# ---- the rule


@pytest.mark.parametrize(
    ("latest_ms", "road_s", "now_ms", "expected"),
    [
        (20_000_000, 600, 9_219_999, Keeping.EARLY),
        (20_000_000, 600, 9_220_000, Keeping.NOW),
        (20_000_000, None, 9_819_999, Keeping.EARLY),
        (20_000_000, None, 9_820_000, Keeping.NOW),
        (20_000_000, 600, 19_400_000, Keeping.NOW),
        (20_000_000, 600, 19_400_001, Keeping.LOST),
        (20_000_000, None, 19_999_999, Keeping.NOW),
        (20_000_000, None, 20_000_000, Keeping.LOST),
        (10_000_000, 3_600, 6_300_000, Keeping.NOW),
        (10_000_000, 3_600, 6_500_000, Keeping.LOST),
        (None, 600, 90_000_000, Keeping.NOW),
    ],
)
def test_it_is_due_so_that_it_gets_away_and_drives_and_lost_only_by_the_road(
    latest_ms: int | None, road_s: int | None, now_ms: int, expected: Keeping
) -> None:
    wanted = Window(due_ms=10_000_000, latest_ms=latest_ms)
    assert keeping(wanted, road_s, 180, now_ms) is expected


def test_it_is_activated_so_that_it_arrives_at_the_earliest_moment() -> None:
    wanted = Window(due_ms=10_000_000, latest_ms=None)
    assert activate_ms(wanted, 600, 180) == 10_000_000 - 780 * SECOND_MS
    assert activate_ms(wanted, None, 180) == 10_000_000 - 180 * SECOND_MS


# ---- what is stored


async def test_the_window_stands_in_the_row_and_without_one_nothing_new_is_written() -> None:
    world = TestWorld()
    await reserved(world)
    row = next(r for r in view_of(world).rows.values() if isinstance(r, MissionRow))
    assert (row.due_ms, row.latest_ms) == (DUE_MS, LATEST_MS)
    plain = TestWorld()
    await reserved(plain, latest_ms=None)
    (event,) = plain.journal.streams["mission:m1"]
    assert "latest_ms" not in json.loads(event.body), "an older vehicle reads it"
    row = next(r for r in view_of(plain).rows.values() if isinstance(r, MissionRow))
    assert (row.due_ms, row.latest_ms) == (DUE_MS, None)


async def test_a_window_that_ends_before_it_begins_or_has_ended_is_refused() -> None:
    world = TestWorld()
    unit_id = await world.list_unit()
    _, incident_id = await world.open_incident()

    async def asked(due_ms: int, latest_ms: int) -> Any:
        return await world.send(
            c.Reserve(
                mission_id="m1",
                incident_id=incident_id,
                unit_id=unit_id,
                due_ms=due_ms,
                latest_ms=latest_ms,
            )
        )

    reversed_ = Refused(code="window_reversed", field="latest_ms")
    assert await asked(DUE_MS, DUE_MS - 1) == reversed_
    over = Refused(code="in_the_past", field="latest_ms")
    assert await asked(START_MS - HOUR_MS, START_MS) == over
    # Somebody who is ready since an hour may be fetched until later.
    assert not isinstance(await asked(START_MS - HOUR_MS, START_MS + 1), Refused)


# ---- by the clock


async def test_the_seat_hears_that_it_is_to_be_activated_and_then_that_the_window_is_lost() -> None:
    world = TestWorld()
    await reserved(world)
    get_away_s = world.facts.limits.depart_s
    await pass_time(world, 3_600 - get_away_s - 1)
    assert await alert_of(world, "reservation_due") is None
    await pass_time(world, 1)
    due = await alert_of(world, "reservation_due")
    assert (due.state, due.priority, due.owner) == (AlertState.OPEN, 2, "03")
    assert due.details["due_ms"] == str(DUE_MS)
    assert due.details["latest_ms"] == str(LATEST_MS)
    await pass_time(world, get_away_s + 20 * 60 - 1)
    assert await alert_of(world, "window_lost") is None
    await pass_time(world, 1)
    lost = await alert_of(world, "window_lost")
    assert (lost.state, lost.priority, lost.owner) == (AlertState.OPEN, 1, "03")
    assert (await alert_of(world, "reservation_due")).state is AlertState.RESOLVED, "one is enough"


async def test_without_a_window_nothing_is_lost() -> None:
    world = TestWorld()
    await reserved(world, latest_ms=None)
    await pass_time(world, 24 * 3_600)
    due = await alert_of(world, "reservation_due")
    assert due.state is AlertState.OPEN
    assert "latest_ms" not in due.details
    assert await alert_of(world, "window_lost") is None


@pytest.mark.parametrize("how", ["activated", "stood_down"])
@pytest.mark.parametrize("before_s", [0, 2 * 3_600])
async def test_what_was_activated_or_let_go_is_asked_for_no_more(how: str, before_s: int) -> None:
    world = TestWorld()
    _, mission_id = await reserved(world)
    await pass_time(world, before_s)
    if how == "activated":
        await world.accept(c.Activate(mission_id=mission_id))
        await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    else:
        await world.accept(c.StandDown(mission_id=mission_id, reason="cancelled"))
    await pass_time(world, 3 * 3_600)
    for code in ("reservation_due", "window_lost"):
        found = await alert_of(world, code)
        assert (found.state if found else None) is (AlertState.RESOLVED if before_s else None)


async def test_its_alerts_go_with_the_case_to_another_seat() -> None:
    world = TestWorld()
    incident_id, _ = await reserved(world)
    await pass_time(world, 3_600)
    await world.accept(
        c.TakeCase(incident_id=incident_id, reason="换班"), seat="05", role="supervisor"
    )
    await pass_time(world, 0)
    assert (await alert_of(world, "reservation_due")).owner in ("05", "supervisor", "all")


# ---- by the road


async def test_the_screen_is_told_when_to_activate_it_by_the_road_from_where_it_is() -> None:
    world = TestWorld()
    _, mission_id = await reserved(world)
    _, (near,) = answers(world, NEAR)
    assert (near.mission_id, near.keeping, near.busy) == (mission_id, Keeping.EARLY, False)
    assert near.road_s is not None
    get_away_s = world.facts.limits.depart_s
    assert near.activate_ms == DUE_MS - (near.road_s + get_away_s) * SECOND_MS
    world.clock.at_ms = near.activate_ms
    assert answers(world, NEAR)[1][0].keeping is Keeping.NOW
    world.clock.at_ms = LATEST_MS - near.road_s * SECOND_MS + 1
    assert answers(world, NEAR)[1][0].keeping is Keeping.LOST


async def test_of_a_unit_that_is_on_another_run_it_is_said() -> None:
    world = TestWorld()
    await reserved(world)
    _, other = await world.open_incident()
    await world.assign(other, "A-01")
    _, (answer,) = answers(world, NEAR)
    assert answer.busy


async def test_a_unit_that_was_given_to_another_node_is_not_ours_to_activate() -> None:
    world = TestWorld(node="city")
    await reserved(world)
    assert len(answers(world)[1]) == 1
    await world.accept(c.GiveUnit(unit_id="A-01", node="county", reason="新站"))
    assert answers(world)[1] == ()


async def test_by_the_road_it_is_alarmed_sooner_and_what_was_feared_is_taken_back() -> None:
    world = TestWorld()
    await reserved(world)
    await look(world, NEAR)
    assert await alert_of(world, "reservation_due") is None
    # It stands an hour away: the clock alone would not have said so for a long time.
    world.clock.at_ms = START_MS + 20 * MINUTE_MS
    await look(world, FAR)
    lost = await alert_of(world, "window_lost")
    assert lost.state is AlertState.OPEN
    # By the clock it would be due at its time; what the road has said stands.
    await world.accept(c.CheckWindow(mission_id="m1"), actor="system")
    assert (await alert_of(world, "window_lost")).state is AlertState.OPEN
    count = len(world.journal.feed)
    await look(world, FAR)
    assert len(world.journal.feed) == count, "told once"
    world.clock.at_ms += MINUTE_MS
    await look(world, NEAR)
    assert (await alert_of(world, "window_lost")).state is AlertState.RESOLVED
    world.clock.at_ms = DUE_MS - 10 * MINUTE_MS
    assert await alert_of(world, "reservation_due") is None
    await look(world, Point(lat=50.92, lon=9.70))
    assert (await alert_of(world, "reservation_due")).state is AlertState.OPEN
