"""What the centre has learnt of its streets reaches a vehicle over the real link, and stays."""

import asyncio
import hashlib
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import numpy as np
import pytest
from test_edge_link import until

from factories.match_truth import town
from factories.office import Office, listening, opened
from goldenhour.adapters.edge import EdgeConfig, EdgeLink, EdgeStore, FetchSpeeds
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.streets import PostgresStreets
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.accounts import Device
from goldenhour.app.learn import Lore, factors_to_bytes
from goldenhour.app.travel_times import Spots
from goldenhour.app.uplinks import Uplink
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.learn import BINS, bin_of
from goldenhour.kernel.geo import Point
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.learner import Follower
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.main.taught_speeds import VehicleSpeeds

STREET = town([([(0, 0), (3_000, 0)], True)])
OTHER = town([([(0, 0), (2_000, 0)], True), ([(2_000, 0), (2_000, 500)], True)])
HOURS = tuple(1.0 if n % 2 else 0.5 for n in range(BINS))
KEY = "k" * 32


def seconds(travel: RoadTravel) -> float:
    ends = (Point(lat=0, lon=0.001), Point(lat=0, lon=0.01))
    start, end = (travel.locate_fixed(place) for place in ends)
    found = travel.times_to(end, Spots.of([start])).legs[0].seconds
    assert found is not None
    return found


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    streets = Follower(PostgresStreets(database), STREET, RoadTravel(STREET, 35.0))
    async with opened(database, streets=streets, seats=True) as made:
        await made.world.list_unit("A-01")
        await made.pump()
        digest = hashlib.sha256(KEY.encode()).hexdigest()
        await made.accounts.put_device(
            Device(id=digest, kind="edge", unit_id="A-01", key="", enabled=True)
        )
        yield made


async def learn(office: Office, factor: float, learnt_ms: int) -> None:
    lore = Lore(learnt_ms=learnt_ms, by_hour=HOURS, driven_s=(60.0,) * BINS)
    factors = factors_to_bytes(np.full(STREET.arc_count, factor))
    await PostgresStreets(office.database).put(STREET.digest(), lore, b"", factors)
    assert office.streets is not None
    await office.streets.follow()


@asynccontextmanager
async def linked(
    office: Office, certificate: Certificate, address: str, folder: Path, speeds: VehicleSpeeds
) -> AsyncIterator[None]:
    store = EdgeStore(folder / "edge.sqlite", office.world.entropy, office.world.clock)
    config = EdgeConfig(
        uplinks=(Uplink(name="private", url=address.replace("wss", "https")),),
        unit_id="A-01", key=KEY, ca_file=str(certificate.ca),
        slow_beat_s=0.05, knock_s=0.02, first_pause_s=0.02, longest_pause_s=0.1,
    )  # fmt: skip
    link = EdgeLink(
        config, store, office.world.clock, office.world.entropy,
        on_fix=lambda _fix: None, errands=(FetchSpeeds(speeds, 0.05),),
    )  # fmt: skip
    stopping = asyncio.Event()
    running = asyncio.create_task(link.run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await running
        await store.close()


def pupil(
    office: Office, folder: Path, network: RoadNetwork = STREET
) -> tuple[VehicleSpeeds, RoadTravel]:
    travel = RoadTravel(network, 35.0)
    path = folder / "edge" / "street-speeds.json"
    return VehicleSpeeds(network, travel, office.world.clock, path), travel


async def test_a_vehicle_drives_at_what_was_learnt_and_follows(
    office: Office, certificate: Certificate, tmp_path: Path
) -> None:
    speeds, travel = pupil(office, tmp_path)
    usual_s, now_ms = seconds(travel), office.world.clock.now_ms()
    async with (
        listening(office, certificate) as address,
        linked(office, certificate, address, tmp_path, speeds),
    ):
        await learn(office, 0.5, now_ms)
        await until(lambda: speeds.known_ms == now_ms)
        assert seconds(travel) == pytest.approx(2 * usual_s, rel=0.02)
        await learn(office, 0.25, now_ms + 1)
        await until(lambda: speeds.known_ms == now_ms + 1)
        assert seconds(travel) == pytest.approx(4 * usual_s, rel=0.02)

    # Without a link, after a restart, and in the next hour.
    again, travel = pupil(office, tmp_path)
    running = asyncio.create_task(again.run())
    await until(lambda: again.known_ms == now_ms + 1)
    running.cancel()
    kept_s = seconds(travel)
    assert kept_s == pytest.approx(4 * usual_s, rel=0.02)
    office.world.clock.at_ms += HOUR_MS
    await again.turn()
    turned = HOURS[bin_of(now_ms + HOUR_MS)] / HOURS[bin_of(now_ms)]
    assert turned in (0.5, 2.0)
    assert seconds(travel) / kept_s == pytest.approx(1 / turned, rel=0.02)


async def test_a_vehicle_with_another_map_is_taught_nothing(
    office: Office, certificate: Certificate, tmp_path: Path
) -> None:
    speeds, travel = pupil(office, tmp_path, OTHER)
    usual_s = seconds(travel)
    await learn(office, 0.5, office.world.clock.now_ms())
    async with (
        listening(office, certificate) as address,
        linked(office, certificate, address, tmp_path, speeds),
    ):
        headers = {"authorization": f"Edge x:{KEY}"}
        path = f"/api/edge/speeds?network={speeds.network}"
        answer = await office.client.get(path, headers=headers)
        assert (answer.status_code, answer.content) == (204, b"")
    assert (speeds.known_ms, seconds(travel)) == (0, usual_s)


async def test_what_was_kept_and_cannot_be_read_is_left_alone(
    office: Office, tmp_path: Path
) -> None:
    speeds, travel = pupil(office, tmp_path)
    usual_s = seconds(travel)
    (tmp_path / "edge").mkdir()
    (tmp_path / "edge" / "street-speeds.json").write_bytes(b"{torn")
    running = asyncio.create_task(speeds.run())
    await asyncio.sleep(0)
    await speeds.turn()
    running.cancel()
    assert (speeds.known_ms, seconds(travel)) == (0, usual_s)


async def test_nobody_but_a_vehicle_is_taught(office: Office) -> None:
    cookie = await office.cookie("dispatcher")
    answer = await office.client.get("/api/edge/speeds?network=x", headers=cookie)
    assert answer.status_code in (401, 403)
