"""The centre's map over its routes and the vehicle's own link."""

import asyncio
import hashlib
import time
from pathlib import Path

import pytest
from test_taught_speeds import until

from factories.office import listening, opened
from goldenhour.adapters.city.shelf import CityShelf
from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore, FetchMap, MapFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.accounts import Device
from goldenhour.app.uplinks import Uplink
from goldenhour.main.local_ca import ensure_certificate

KEY = "a-key-of-a-box-that-is-long-enough"


async def test_a_vehicle_fetches_the_map_of_its_centre(database: Database, tmp_path: Path) -> None:
    city = tmp_path / "city"
    city.mkdir()
    (city / "city.json").write_bytes(b"{}")
    (city / "tiles.pmtiles").write_bytes(bytes(range(256)) * 600)
    certificate = ensure_certificate(
        tmp_path / "tls", ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000
    )
    async with opened(database, seats=True, maps=CityShelf(city)) as office:
        await office.accounts.put_device(
            Device(
                id=hashlib.sha256(KEY.encode()).hexdigest(),
                kind="edge",
                unit_id="A-01",
                key="",
                enabled=True,
            )
        )
        maps, renewed = MapFolder(tmp_path / "maps", 0), asyncio.Event()
        fetch = FetchMap(maps, office.world.clock, renewed.set)
        async with listening(office, certificate) as address:
            store = EdgeStore(tmp_path / "edge.sqlite", office.world.entropy, office.world.clock)
            config = EdgeConfig(
                uplinks=(Uplink(name="private", url=address.replace("wss", "https")),),
                unit_id="A-01", key=KEY, ca_file=str(certificate.ca),
                slow_beat_s=0.05, knock_s=0.02, first_pause_s=0.02, longest_pause_s=0.1,
            )  # fmt: skip
            link = EdgeLink(
                config, store, office.world.clock, office.world.entropy,
                on_fix=lambda _fix: None, errands=(fetch,),
            )  # fmt: skip
            stopping = asyncio.Event()
            running = asyncio.create_task(link.run(stopping))
            await until(renewed.is_set)
            stopping.set()
            await running
            await store.close()
        found = maps.find_current()
        assert found is not None
        assert (found[0] / "tiles.pmtiles").read_bytes() == bytes(range(256)) * 600

        crew = await office.cookie("crew1")
        assert (await office.client.get("/api/edge/map", headers=crew)).status_code == 401
        vehicle = {"Authorization": f"Edge box-0001:{KEY}"}
        for said, status in (
            ({"sha256": "0" * 64}, 404),
            ({"sha256": "../city.json"}, 400),
            ({"sha256": "0" * 64, "offset": -1}, 400),
            ({"sha256": "0" * 64, "size": 1 << 30}, 400),
        ):
            answer = await office.client.get("/api/edge/map/file", params=said, headers=vehicle)
            assert answer.status_code == status, said


@pytest.mark.parametrize("path", ["/api/edge/map", "/api/edge/map/file?sha256=" + "0" * 64])
async def test_a_centre_without_a_map_says_so(database: Database, path: str) -> None:
    async with opened(database, seats=True) as office:
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await office.accounts.put_device(
            Device(id=digest, kind="edge", unit_id="A-01", key="", enabled=True)
        )
        vehicle = {"Authorization": f"Edge box-0001:{KEY}"}
        answer = await office.client.get(path, headers=vehicle)
        assert answer.status_code == (404 if "file" in path else 204)
