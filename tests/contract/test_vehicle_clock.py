"""What a vehicle says of its clock is kept, and stands beside the times that it tells."""

import hashlib
from collections.abc import AsyncIterator

import pytest

from factories.office import Office, opened
from factories.whole_case import whole_case
from goldenhour.adapters.postgres.clocks import PostgresClocks
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.accounts import Device
from goldenhour.app.clocks import AGAIN_MS, ClockSeen, is_news

KEY = "a-key-of-a-box-that-is-long-enough"
UNIT = "A-01"


def seen(heard_ms: int, offset_ms: int = 0, uncertainty_ms: int = 20) -> ClockSeen:
    return ClockSeen(
        unit_id=UNIT, heard_ms=heard_ms, offset_ms=offset_ms, uncertainty_ms=uncertainty_ms
    )


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, seats=True) as made:
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await made.accounts.put_device(
            Device(id=digest, kind="edge", unit_id=UNIT, key="", enabled=True)
        )
        yield made


async def upload(office: Office, said: str = "") -> int:
    answer = await office.client.post(
        f"/api/edge/upload?reasons=true{said}",
        json={"installation": "box-0001", "items": []},
        headers={"Authorization": f"Edge box-0001:{KEY}"},
    )
    return answer.status_code


def test_what_is_kept_is_what_is_new() -> None:
    assert is_news(None, seen(0))
    assert not is_news(seen(0, 500), seen(1_000, 530))
    assert is_news(seen(0, 500), seen(1_000, 541))
    assert is_news(seen(0, 500), seen(AGAIN_MS, 500))


async def test_those_of_a_time_come_with_the_nearest_on_both_sides(database: Database) -> None:
    store = PostgresClocks(database)
    for at_ms in (100, 200, 300, 400, 500):
        await store.append(seen(at_ms, at_ms))
    await store.append(seen(100, 9))  # heard twice in one millisecond: the first stands

    async def around(from_ms: int, to_ms: int) -> list[int]:
        return [one.offset_ms for one in await store.list_around(UNIT, from_ms, to_ms)]

    assert await around(250, 350) == [200, 300, 400]
    assert await around(200, 200) == [200]
    assert await around(0, 50) == [100]
    assert await around(600, 700) == [500]
    assert await store.list_around("A-02", 0, 999) == []


async def test_a_timeline_shows_the_clocks_of_its_vehicles(office: Office) -> None:
    incident_id = await whole_case(office.world)
    await office.pump()
    at_ms = office.world.clock.at_ms
    assert await upload(office) == 200, "an older vehicle says nothing of it"
    assert await upload(office, "&clock_ms=2500&clock_within_ms=40") == 200
    assert await upload(office, "&clock_ms=2510&clock_within_ms=40") == 200
    assert await upload(office, "&clock_ms=1&clock_within_ms=-1") == 400
    answer = await office.client.get(
        f"/api/cases/{incident_id}/timeline", headers=await office.cookie("quality")
    )
    assert answer.json()["clocks"] == [
        {
            "unit_id": UNIT,
            "call_sign": answer.json()["clocks"][0]["call_sign"],
            "heard_ms": at_ms,
            "offset_ms": 2500,
            "uncertainty_ms": 40,
        }
    ]
