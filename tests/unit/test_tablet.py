"""Positions of the crew's tablet: heard only where the terminal is silent."""

import pytest

from factories.advice import NOW_MS, fix_at
from goldenhour.app.positions import Positions
from goldenhour.app.tablet import VehicleEar, fix_of
from goldenhour.domain.dispatch.credible import Credible, Unheard, hear
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix, TabletPosition

RULES = Credible(
    jump_kmh=200, jump_m=300, drive_kmh=150, wander_m=60,
    settle_s=120, settle_reports=5, ahead_s=60,
    terminal_s=60, tablet_s=30, tablet_m=100,
)  # fmt: skip
HOME = Point(lat=36.1, lon=113.1)
FAR = Point(lat=36.25, lon=113.12)
"""16.8 km away."""
M_IN_DEGREES = 1 / 111_195


def north(metres: float) -> Point:
    return Point(lat=HOME.lat + metres * M_IN_DEGREES, lon=HOME.lon)


def terminal(seconds: float, point: Point = HOME, **changes: object) -> Fix:
    at_ms = NOW_MS + round(seconds * 1000)
    return fix_at(point, **({"device_ms": at_ms, "received_ms": at_ms} | changes))


def tablet(seconds: float, point: Point = HOME) -> Fix:
    return terminal(seconds, point, tablet=True)


def said(seconds: float = 0, point: Point = HOME, **changes: object) -> TabletPosition:
    given: dict[str, object] = {
        "unit_id": "u1", "point": point, "accuracy_m": 12.0, "speed_kmh": None, "heading_deg": None,
        "device_ms": NOW_MS + round(seconds * 1000),
    }  # fmt: skip
    return TabletPosition(**(given | changes))  # type: ignore[arg-type] # a test's own words


# ---- what is heard


@pytest.mark.parametrize(
    ("age_s", "unheard"), [(0, Unheard.TERMINAL), (59, Unheard.TERMINAL), (60, None), (600, None)]
)
def test_while_the_terminals_word_is_fresh_no_tablet_is_heard(
    age_s: int, unheard: Unheard | None
) -> None:
    assert hear(said(), terminal(-age_s), NOW_MS, RULES) is unheard


def test_a_tablet_is_heard_after_itself_and_where_nothing_is_known() -> None:
    assert hear(said(), None, NOW_MS, RULES) is None
    assert hear(said(), tablet(-5), NOW_MS, RULES) is None


@pytest.mark.parametrize(("accuracy_m", "unheard"), [(100, None), (101, Unheard.COARSE)])
def test_who_knows_its_place_roughly_is_not_heard(
    accuracy_m: float, unheard: Unheard | None
) -> None:
    assert hear(said(accuracy_m=accuracy_m), None, NOW_MS, RULES) is unheard


@pytest.mark.parametrize(("age_s", "unheard"), [(30, None), (31, Unheard.OLD)])
def test_who_tells_of_some_time_ago_is_not_heard(age_s: int, unheard: Unheard | None) -> None:
    assert hear(said(-age_s), None, NOW_MS, RULES) is unheard


# ---- what moves a unit


def test_a_terminal_goes_before_the_tablet_as_soon_as_it_speaks() -> None:
    known = Positions(credible=RULES)
    assert known.take(terminal(0))
    assert not known.take(tablet(30, north(200)))
    assert known.take(tablet(60, north(400)))
    # Its clock is a little behind the tablet's: it wins all the same.
    back = terminal(61, north(410), device_ms=NOW_MS + 58_000)
    assert known.take(back)
    assert not known.take(tablet(66, north(420)))
    assert known.fixes == {"u1": back}


def test_what_a_terminal_says_late_does_not_move_the_unit_back() -> None:
    known = Positions(credible=RULES)
    newest = tablet(100, north(900))
    known.take(newest)
    assert not known.take(terminal(101, HOME, device_ms=NOW_MS + 20_000))
    assert known.fixes == {"u1": newest}


def test_a_tablet_cannot_have_jumped_either() -> None:
    known = Positions(credible=RULES)
    first = terminal(0)
    known.take(first)
    assert not known.take(tablet(70, FAR))
    assert known.fixes == {"u1": first}
    assert known.doubted == {"u1": NOW_MS + 70_000}
    assert known.take(tablet(75, north(500)))
    assert known.doubted == {}
    assert not known.take(tablet(80, FAR))


def test_a_tablet_that_stays_there_is_believed_in_the_end() -> None:
    known = Positions(credible=RULES)
    known.take(terminal(0))
    believed = [s for s in range(70, 400, 5) if known.take(tablet(s, FAR))]
    assert believed[0] == 190
    assert len(believed) == len(range(190, 400, 5))


def test_a_terminal_is_weighed_by_its_own_word_and_not_by_the_tablets() -> None:
    """The tablet was left in another town; the terminal comes back where it was."""
    known = Positions(credible=RULES)
    known.take(terminal(0))
    assert known.take(tablet(600, FAR))
    assert known.take(terminal(605, north(40)))
    assert known.fixes["u1"].point == north(40)


def test_a_doubted_terminal_is_not_told_of_while_the_tablet_speaks() -> None:
    known = Positions(credible=RULES)
    known.take(terminal(0))
    for second in range(1, 70):
        known.take(terminal(second, FAR if second % 2 else Point(lat=0, lon=0)))
    assert known.doubted == {"u1": NOW_MS + 1000}
    assert known.take(tablet(70, north(300)))
    assert not known.take(terminal(71, FAR))
    assert known.doubted == {}


# ---- what becomes of it


def test_a_fix_of_a_tablet_says_so_and_claims_no_more_than_was_said() -> None:
    fix = fix_of(said(speed_kmh=42.0, heading_deg=90), None, NOW_MS + 40)
    assert (fix.tablet, fix.catch_up, fix.mileage_km, fix.satellites) == (True, False, None, None)
    assert (fix.device_ms, fix.received_ms, fix.speed_kmh, fix.heading_deg) == (
        NOW_MS, NOW_MS + 40, 42, 90,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("metres", "kmh"),
    [(0, 0), (11, 0), (112, 36)],  # 100 m more than it may be wrong by, in 10 s
)
def test_a_speed_that_was_not_told_is_that_of_the_way(metres: float, kmh: float) -> None:
    fix = fix_of(said(10, north(metres)), tablet(0), NOW_MS + 10_000)
    assert fix.speed_kmh == pytest.approx(kmh, abs=0.1)
    assert fix_of(said(10, north(metres)), None, NOW_MS).speed_kmh == 0


class Clock:
    def now_ms(self) -> int:
        return NOW_MS


@pytest.mark.parametrize(
    ("metres", "heading_deg"),
    [(100.0, 0), (-100.0, 180), (-5.0, 90)],
)
def test_a_heading_that_was_not_told_is_that_of_the_way(metres: float, heading_deg: int) -> None:
    known = terminal(-10, tablet=True, heading_deg=90)
    assert fix_of(said(point=north(metres)), known, NOW_MS).heading_deg == heading_deg
    assert fix_of(said(), None, NOW_MS).heading_deg == 0


async def test_the_vehicle_shows_and_tells_only_what_it_hears() -> None:
    positions, told = Positions(), list[tuple[TabletPosition, int]]()
    ear = VehicleEar(positions, lambda *one: told.append(one), Clock(), RULES)
    assert await ear.take(said(accuracy_m=500)) is Unheard.COARSE
    assert (positions.fixes, told) == ({}, [])
    assert await ear.take(said(-1)) is None
    assert positions.fixes["u1"].tablet
    assert told == [(said(-1), NOW_MS + 29_000)]
