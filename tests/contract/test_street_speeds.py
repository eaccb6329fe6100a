"""What the learner learnt, through the database, to those who foretell arrivals by it."""

from collections.abc import AsyncIterator

import numpy as np
import pytest

from factories.match_truth import matcher, town
from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.streets import PostgresStreets
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.learn import Lore, factors_to_bytes
from goldenhour.app.travel_times import Spots
from goldenhour.compute.roads.learn import BINS
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.domain.dispatch.arrival import Driven
from goldenhour.kernel.geo import Point
from goldenhour.main.learner import Follower, open_learner

STREET = town([([(0, 0), (3_000, 0)], True)])
DRIVEN = Driven(ended_ms=5, foretold_s=300, took_s=360, low_s=280, high_s=400)
LORE = Lore(learnt_ms=7, driven=(DRIVEN,) * 40, by_hour=(0.8,) * BINS, driven_s=(1_200.0,) * BINS)
ENDS = (Point(lat=0, lon=0.001), Point(lat=0, lon=0.01))


def seconds(travel: RoadTravel) -> float:
    start, end = (travel.locate_fixed(place) for place in ENDS)
    found = travel.times_to(end, Spots.of([start])).legs[0].seconds
    assert found is not None
    return found


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    travel = RoadTravel(STREET, 35.0)
    streets = Follower(PostgresStreets(database), STREET, travel)
    async with opened(database, streets=streets) as made:
        yield made


async def test_a_process_that_follows_drives_at_what_was_learnt(database: Database) -> None:
    store, travel = PostgresStreets(database), RoadTravel(STREET, 35.0)
    follower = Follower(store, STREET, travel)
    await follower.follow()
    assert follower.learnt is None
    usual_s = seconds(travel)
    half = factors_to_bytes(np.full(STREET.arc_count, 0.5))
    await store.put(STREET.digest(), LORE, b"", half)
    await follower.follow()
    assert seconds(travel) == pytest.approx(2 * usual_s)
    assert follower.learnt is not None
    assert follower.learnt.lore == LORE
    version = travel.times_to(travel.locate_fixed(ENDS[0]), Spots.of([])).metric_version
    await follower.follow()
    assert travel.times_to(travel.locate_fixed(ENDS[0]), Spots.of([])).metric_version == version


async def test_what_was_learnt_of_another_network_is_left_alone(database: Database) -> None:
    store = PostgresStreets(database)
    await store.put("another", LORE, b"", factors_to_bytes(np.full(2, 0.5)))
    follower = Follower(store, STREET, RoadTravel(STREET, 35.0))
    await follower.follow()
    assert follower.learnt is None


async def test_the_learner_goes_on_where_it_left_off(
    database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    store, travel = PostgresStreets(database), RoadTravel(STREET, 35.0)
    first = await open_learner(store, matcher(STREET), travel)
    assert first.lore == Lore()
    first.speeds.known.arc_drove[0] = 900.0
    factors = factors_to_bytes(first.speeds.factors(7))
    await store.put(STREET.digest(), LORE, first.speeds.known.to_bytes(), factors)
    again = await open_learner(store, matcher(STREET), travel)
    assert again.lore == LORE
    assert again.speeds.factors(7).tolist() == first.speeds.factors(7).tolist()
    await store.put(STREET.digest(), LORE, b"cut off", factors)
    anew = await open_learner(store, matcher(STREET), travel)
    assert anew.lore == Lore()
    assert "beginning anew" in capsys.readouterr().out


@pytest.mark.parametrize("column", ["content", "factors"])
async def test_what_cannot_be_read_stops_nobody(database: Database, column: str) -> None:
    store, travel = PostgresStreets(database), RoadTravel(STREET, 35.0)
    await store.put(STREET.digest(), LORE, b"", factors_to_bytes(np.full(2, 0.5)))
    async with database.system() as connection:
        await connection.execute(f"update street_speeds set {column} = 'x'".encode())  # noqa: S608 (two names)
    follower = Follower(store, STREET, travel)
    usual_s = seconds(travel)
    await follower.follow()
    assert follower.learnt is None
    assert seconds(travel) == usual_s
    assert (await open_learner(store, matcher(STREET), travel)).lore == Lore()


async def test_a_desk_reads_how_good_forecasts_are(office: Office) -> None:
    async def asked(username: str) -> tuple[int, object]:
        cookie = await office.cookie(username)
        answer = await office.client.get("/api/roads/learnt", headers=cookie)
        return answer.status_code, answer.json() if answer.content else None

    assert await asked("dispatcher") == (200, None)
    store = PostgresStreets(office.database)
    factors = factors_to_bytes(np.ones(STREET.arc_count))
    await store.put(STREET.digest(), LORE, b"", factors)
    assert office.streets is not None
    await office.streets.follow()
    status, told = await asked("supervisor")
    assert status == 200
    assert isinstance(told, dict)
    assert told["quality"] == {
        "drives": 40,
        "error_s": 60.0,
        "bias": 1.2,
        "ranged": 40,
        "within": 40,
    }
    assert len(told["hours"]) == BINS
    assert told["fewest"] == load_street_speeds().arrival.fewest
    assert (await asked("crew1"))[0] == 403
