"""What the fleet drove is told of the units that the asker may see, and of no other."""

from collections.abc import AsyncIterator

import pytest

from factories.advice import NOW_MS, fix_at
from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.kernel.geo import Point

PATH = f"/api/fleet/mileage?from_ms={NOW_MS}&to_ms={NOW_MS + 86_400_000}&over_kmh=120"


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        store = PostgresTelemetry(database)
        here = Point(lat=36, lon=113)
        await store.append_fixes([fix_at(here, unit_id="A-01", device_ms=NOW_MS, speed_kmh=50)])
        for unit_id in ("A-01", "A-02"):
            await made.world.list_unit(unit_id)
        await made.pump()
        yield made


async def test_a_centre_reads_its_own_fleet_and_what_was_never_seen_says_so(
    office: Office,
) -> None:
    answer = await office.client.get(PATH, headers=await office.cookie("quality"))
    assert answer.status_code == 200
    first, second = answer.json()
    assert (first["call_sign"], first["driven"]["fixes"], first["driven"]["top_kmh"]) == (
        "A-01",
        1,
        50,
    )
    assert (second["call_sign"], second["driven"]) == ("A-02", None)


async def test_another_centre_and_other_roles_read_nothing(office: Office) -> None:
    county = await office.client.get(PATH, headers=await office.cookie("county"))
    assert (county.status_code, county.json()) == (200, [])
    for username in ("crew1", "hospital1", "admin"):
        refused = await office.client.get(PATH, headers=await office.cookie(username))
        assert refused.status_code == 403


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (f"from_ms={NOW_MS}&to_ms={NOW_MS}&over_kmh=120", "ends_before_it_begins"),
        (f"from_ms=0&to_ms={NOW_MS}&over_kmh=120", "period_too_long"),
    ],
)
async def test_a_period_that_is_none_or_too_long_is_refused(
    office: Office, query: str, code: str
) -> None:
    answer = await office.client.get(
        f"/api/fleet/mileage?{query}", headers=await office.cookie("quality")
    )
    assert (answer.status_code, answer.json()["code"]) == (400, code)
