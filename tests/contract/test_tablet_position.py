"""A position by the crew's tablet: from its page through the vehicle's computer to the board."""

import asyncio
import hashlib
import time
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning
from test_edge_link import until
from websockets.asyncio.client import connect

from factories.advice import fix_at
from factories.office import Office, listening, live, opened
from factories.world import START_MS
from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.web.app import create_app
from goldenhour.app.accounts import Device
from goldenhour.app.devices import SEAT
from goldenhour.app.edge import FeedHello
from goldenhour.app.positions import Positions
from goldenhour.app.tablet import VehicleEar
from goldenhour.app.uplinks import Uplink
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.local_ca import Certificate, ensure_certificate

UNIT = "A-01"
KEY = "k" * 32
HERE = Point(lat=50.8, lon=9.7)
DAY_MS = 86_400_000
CLOCKS_MS = 2_000
"""As far as two clocks may be read apart over a busy line."""


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database, seats=True) as made:
        for unit_id in (UNIT, "A-02"):
            await made.world.list_unit(unit_id)
        await made.pump()
        await register(made, KEY, "edge", UNIT)
        yield made


async def register(office: Office, key: str, kind: str, unit_id: str, **place: str) -> None:
    digest = hashlib.sha256(key.encode()).hexdigest()
    await office.accounts.put_device(
        Device(id=digest, kind=kind, unit_id=unit_id, key="", enabled=True, **place)
    )


def said(unit_id: str = UNIT, at_ms: int = START_MS, **changes: object) -> dict[str, Any]:
    return {
        "unit_id": unit_id,
        "point": msgspec.to_builtins(HERE),
        "accuracy_m": 8.5,
        "speed_kmh": 42.5,
        "heading_deg": 90,
        "device_ms": at_ms,
    } | changes


def terminal(at_ms: int) -> Fix:
    return fix_at(HERE, unit_id=UNIT, device_ms=at_ms, received_ms=at_ms)


async def stored(office: Office) -> list[Fix]:
    return await PostgresTelemetry(office.database).list_track(UNIT, 0, START_MS + DAY_MS)


class Vehicle:
    """Its computer: the page's server, its link, and what its own map shows."""

    def __init__(self, office: Office, link: EdgeLink, positions: Positions, client: Any) -> None:
        self.office, self.link, self.positions = office, link, positions
        self.client: httpx.AsyncClient = client

    async def say(self, username: str = "crew1", **changes: Any) -> httpx.Response:
        return await self.client.post(
            "/api/tablets/position",
            json=said(**changes),
            headers=await self.office.cookie(username),
        )


@asynccontextmanager
async def vehicle(
    office: Office, certificate: Certificate, address: str, folder: Path
) -> AsyncIterator[Vehicle]:
    clock, positions = office.world.clock, Positions()
    store = EdgeStore(folder / "edge.sqlite", office.world.entropy, clock)
    config = EdgeConfig(
        uplinks=(Uplink(name="private", url=address.replace("wss", "https")),),
        unit_id=UNIT, key=KEY, ca_file=str(certificate.ca),
        slow_beat_s=0.05, knock_s=0.02, first_pause_s=0.02, longest_pause_s=0.1,
    )  # fmt: skip
    link = EdgeLink(config, store, clock, office.world.entropy, on_fix=positions.take)
    rules = office.services.rules.dispatch.credible
    ear = VehicleEar(positions, link.tell_position, clock, rules)
    services = replace(
        office.services,
        edge_centre=None,
        edge_status=lambda _unit_id: link.status(),
        ear_of={UNIT: ear}.get,
    )
    with warnings.catch_warnings():
        # Some routes still declare parameters in the style that Litestar 3 drops.
        warnings.simplefilter("ignore", LitestarDeprecationWarning)
        app = create_app(services)
    stopping = asyncio.Event()
    running = asyncio.create_task(link.run(stopping))
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own ASGI types
    try:
        async with httpx.AsyncClient(transport=transport, base_url="https://car.local") as client:
            yield Vehicle(office, link, positions, client)
    finally:
        stopping.set()
        await running
        await store.close()


async def test_it_reaches_the_store_the_board_and_the_worker_and_says_what_it_is(
    office: Office, certificate: Certificate, tmp_path: Path
) -> None:
    async with (
        listening(office, certificate) as address,
        vehicle(office, certificate, address, tmp_path) as car,
    ):
        await until(lambda: car.link.connected)
        answer = await car.say()
        assert (answer.status_code, answer.json()) == (200, {"unheard": None})
        assert car.positions.fixes[UNIT].tablet  # on the crew's own map at once

        async def there() -> bool:
            return len(office.told) == 1

        await until(there)
        (fix,) = await stored(office)
        assert (fix.tablet, fix.point, fix.speed_kmh, fix.heading_deg) == (True, HERE, 42.5, 90)
        assert abs(fix.device_ms - START_MS) < CLOCKS_MS
        assert fix.accuracy_m is None  # not stored; the worker's fences weigh it as it comes
        told = msgspec.structs.replace(fix, accuracy_m=8.5)
        assert office.told == [told] == list(office.hub.positions.fixes.values())
        async with listening(office) as board:
            cookie = await office.cookie("dispatcher")
            async with live(board, cookie) as screen:
                message: dict[str, Any] = {}
                while message.get("type") != "fixes":
                    message = msgspec.json.decode(await screen.recv())
        (shown,) = message["fixes"]
        assert (shown["unit_id"], shown["tablet"]) == (UNIT, True)


async def test_of_a_cut_link_the_newest_alone_arrives_and_what_is_old_never_does(
    office: Office, certificate: Certificate, tmp_path: Path
) -> None:
    serving = listening(office, certificate)
    address = await serving.__aenter__()
    port = int(address.rpartition(":")[2])
    async with vehicle(office, certificate, address, tmp_path) as car:
        await until(lambda: car.link.connected)
        await serving.__aexit__(None, None, None)
        await until(lambda: not car.link.connected)
        clock = office.world.clock
        for _ in range(3):
            clock.at_ms += 5_000
            assert (await car.say(at_ms=clock.at_ms)).status_code == 200
        newest_ms = clock.at_ms
        async with listening(office, certificate, port):

            async def there() -> bool:
                return len(office.told) > 0

            await until(there)
        assert [abs(fix.device_ms - newest_ms) < CLOCKS_MS for fix in await stored(office)] == [
            True
        ]
        await until(lambda: not car.link.connected)
        clock.at_ms += 5_000
        await car.say(at_ms=clock.at_ms)
        clock.at_ms += 31_000
        async with listening(office, certificate, port):
            await until(lambda: car.link.connected)
            clock.at_ms += 5_000
            await car.say(at_ms=clock.at_ms)

            async def second() -> bool:
                return len(office.told) > 1

            await until(second)
        assert len(await stored(office)) == 2
        assert abs(office.told[-1].device_ms - clock.at_ms) < CLOCKS_MS


async def test_a_tablet_speaks_for_the_unit_of_its_session_alone(
    office: Office, certificate: Certificate, tmp_path: Path
) -> None:
    async with vehicle(office, certificate, "wss://127.0.0.1:1", tmp_path) as car:
        assert (await car.say(unit_id="A-02")).status_code == 403
        assert (await car.say("crew2")).status_code == 403
        for username in ("dispatcher", "hospital1", "admin"):
            assert (await car.say(username)).status_code == 403
        nobody = await car.client.post("/api/tablets/position", json=said())
        assert nobody.status_code == 401
        # Of the session's unit, but this is another vehicle's computer.
        assert (await car.say("crew2", unit_id="A-02")).status_code == 404
        assert car.positions.fixes == {}
        for wrong in ({"point": {"lat": 91, "lon": 0}}, {"accuracy_m": -1}, {"heading_deg": 360}):
            assert (await car.say(**wrong)).status_code == 400
    # The centre takes none from a page.
    answer = await office.client.post(
        "/api/tablets/position", json=said(), headers=await office.cookie("crew1")
    )
    assert answer.status_code in {404, 405}


async def to_centre(office: Office, **changes: Any) -> httpx.Response:
    key = {"Authorization": f"Edge box-0001:{KEY}"}
    return await office.client.post("/api/edge/position", json=said(**changes), headers=key)


async def test_a_vehicle_speaks_for_itself_alone(office: Office) -> None:
    assert (await to_centre(office, unit_id="A-02")).status_code == 403
    crew = await office.client.post(
        "/api/edge/position", json=said(), headers=await office.cookie("crew1")
    )
    assert crew.status_code in {401, 403}
    assert office.told == []


async def test_where_the_centre_hears_the_terminal_it_wants_no_tablet(office: Office) -> None:
    office.hub.positions.take(terminal(START_MS - 10_000))
    assert (await to_centre(office)).json() == {"unheard": "terminal"}
    assert (await stored(office), office.told) == ([], [])
    office.world.clock.at_ms += 50_000
    answer = await to_centre(office, at_ms=office.world.clock.at_ms)
    assert answer.json() == {"unheard": None}
    assert office.hub.positions.fixes[UNIT].tablet


@pytest.mark.parametrize(("query", "told"), [("", False), ("?tablets=true", True)])
async def test_a_computer_that_does_not_say_that_it_knows_tablets_is_sent_none(
    office: Office, query: str, *, told: bool
) -> None:
    await register(office, "s" * 32, SEAT, "", org="centre", seat="01")
    assert (await to_centre(office)).status_code == 200
    async with listening(office) as address:
        for key in (KEY, "s" * 32):
            async with connect(
                f"{address}/api/edge/feed{query}",
                additional_headers={"Authorization": f"Edge box-0001:{key}"},
            ) as socket:
                await socket.send(msgspec.json.encode(FeedHello(known={})).decode())
                text = str(await socket.recv())
            message = msgspec.json.decode(text)
            fixes = [*filter(None, [message["fix"]]), *message.get("fixes", ())]
            assert [fix["tablet"] for fix in fixes] == ([True] if told else [])
            # An older one refuses words that it does not know.
            assert ("tablet" in text) is told


async def test_mileage_and_speed_are_the_terminals_alone(database: Database) -> None:
    store = PostgresTelemetry(database)

    def report(second: int, km_north: float, kmh: float, *, tablet: bool = False) -> Fix:
        at = Point(lat=50 + km_north / 111.195, lon=9)
        at_ms = START_MS + second * 1000
        return fix_at(
            at, unit_id=UNIT, device_ms=at_ms, received_ms=at_ms, speed_kmh=kmh, tablet=tablet
        )

    await store.append_fixes(
        [
            report(0, 0.0, 60),
            report(30, 0.9, 150, tablet=True),
            report(60, 1.0, 60),
            report(200, 4.0, 90, tablet=True),
        ]
    )
    (driven,) = await store.list_mileage(
        [UNIT], START_MS, START_MS + DAY_MS, jump_kmh=200, over_kmh=120
    )
    assert (driven.fixes, driven.top_kmh, driven.over_ms) == (2, 60, 0)
    assert driven.track_km == pytest.approx(1.0, abs=0.01)
    track = await store.list_track(UNIT, START_MS, START_MS + DAY_MS)
    assert [fix.tablet for fix in track] == [False, True, False, True]
    # A process that starts again knows the terminal's last word before the tablet's.
    latest = await store.list_latest(0)
    assert [(fix.tablet, fix.device_ms - START_MS) for fix in latest] == [
        (False, 60_000),
        (True, 200_000),
    ]
