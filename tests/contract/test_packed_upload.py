"""What a vehicle has packed, at the centre's door."""

import hashlib
import json
import zlib
from collections.abc import AsyncIterator

import pytest
from websockets.asyncio.client import connect

from factories.office import Office, listening, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.edge_routes import MOST_UNPACKED_BYTES
from goldenhour.app.accounts import Device

KEY = "a-key-of-a-box-that-is-long-enough"
EMPTY = json.dumps({"installation": "box-0001", "items": []}).encode()
PACKED = {"Content-Encoding": "deflate"}


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, seats=True) as made:
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await made.accounts.put_device(
            Device(id=digest, kind="edge", unit_id="A-01", key="", enabled=True)
        )
        yield made


async def upload(
    office: Office, content: bytes, headers: dict[str, str], said: str = ""
) -> tuple[int, dict[str, object]]:
    answer = await office.client.post(
        f"/api/edge/upload{said}",
        content=content,
        headers={
            "Authorization": f"Edge box-0001:{KEY}",
            "Content-Type": "application/json",
            **headers,
        },
    )
    return answer.status_code, answer.json()


async def test_whoever_opens_a_line_for_beats_is_told_that_it_may_pack(office: Office) -> None:
    key = {"Authorization": f"Edge box-0001:{KEY}"}
    async with (
        listening(office) as address,
        connect(f"{address}/api/edge/beat", additional_headers=key) as line,
    ):
        assert line.response is not None
        assert line.response.headers["Accept-Encoding"] == "deflate"


async def test_packed_or_not_it_is_the_same(office: Office) -> None:
    plain = await upload(office, EMPTY, {})
    assert plain == (200, {"through": 0, "set_aside": []}), "an older vehicle knows no more"
    assert await upload(office, zlib.compress(EMPTY, 1), PACKED) == plain
    asked = await upload(office, EMPTY, {}, "?packs=true")
    assert asked == (200, {"through": 0, "set_aside": [], "unpacks": True})


@pytest.mark.parametrize(
    "content",
    [
        EMPTY,
        b"",
        zlib.compress(EMPTY)[:-5],
        zlib.compress(EMPTY + b" " * MOST_UNPACKED_BYTES),
    ],
    ids=["not packed", "nothing", "cut off", "without end"],
)
async def test_what_cannot_be_unpacked_is_refused(office: Office, content: bytes) -> None:
    status, problem = await upload(office, content, PACKED)
    assert (status, problem["field"]) == (400, "body")


async def test_what_is_packed_otherwise_is_refused_by_name(office: Office) -> None:
    status, problem = await upload(office, EMPTY, {"Content-Encoding": "br"})
    assert (status, problem["field"]) == (415, "content-encoding")
