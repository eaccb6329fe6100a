"""The cabin live at the vehicle: what goes over its line, and what the crew has closed."""

import asyncio
import hashlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec
import pytest
from test_edge_link import until
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from factories.cabin import ONE, WITHIN_S, pictures, told, units_of
from factories.ecg_files import UNIT, on_the_way
from factories.jt1078 import CAMERA, filmed
from factories.office import Office, listening, opened
from factories.world import FakeClock
from goldenhour.adapters.jt1078 import CabinLive, VideoUplinkConfig
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.cabin_routes import CabinState
from goldenhour.app.accounts import Device
from goldenhour.app.cabin import CabinAsk, CabinSaid
from goldenhour.app.uplinks import ClockOffset, DataClass, Uplink
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.wire.jt1078 import (
    MOST_OLD_MS,
    Joiner,
    Kind,
    Slice,
    read_slice,
)

KEY = "k" * 32
RUN = "run-1"
SLICE_BYTES = 300
AHEAD_MS = 5_000
"""The centre's clock before the vehicle's."""


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    names = ("localhost", "127.0.0.1")
    return ensure_certificate(tmp_path_factory.mktemp("tls"), names, now_ms=1_795_000_000_000)


@dataclass
class Line:
    """One network that always lives."""

    url: str
    sent_bytes: list[int] = field(default_factory=list)

    async def during(self, data: DataClass, work: Callable[[Uplink], Awaitable[None]]) -> None:
        assert data is DataClass.VIDEO
        await work(Uplink(name="line", url=self.url))

    @asynccontextmanager
    async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
        assert (uplink, data) == ("line", DataClass.VIDEO)
        yield

    def slice_bytes(self, uplink: str) -> int:
        del uplink
        return SLICE_BYTES

    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None:
        del uplink, took_s
        self.sent_bytes.append(sent_bytes)

    def clock_offset(self) -> ClockOffset | None:
        return ClockOffset(offset_ms=AHEAD_MS, uncertainty_ms=10)


@dataclass
class Centre:
    """Asks when the test says so, and says that a slice was taken when it lets it."""

    lines: asyncio.Queue[tuple[str, ServerConnection]] = field(default_factory=asyncio.Queue)
    said: asyncio.Queue[CabinSaid] = field(default_factory=asyncio.Queue)
    slices: asyncio.Queue[Slice] = field(default_factory=asyncio.Queue)

    async def talk(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        self.lines.put_nowait((socket.request.path, socket))
        with suppress(ConnectionClosed):
            async for message in socket:
                if isinstance(message, bytes):
                    self.slices.put_nowait(read_slice(message))
                else:
                    self.said.put_nowait(msgspec.json.decode(message, type=CabinSaid))

    async def line(self) -> tuple[str, ServerConnection]:
        async with asyncio.timeout(WITHIN_S):
            return await self.lines.get()

    async def heard(self, wanted: CabinSaid) -> None:
        async with asyncio.timeout(WITHIN_S):
            while await self.said.get() != wanted:
                pass

    async def slice(self) -> Slice:
        async with asyncio.timeout(WITHIN_S):
            return await self.slices.get()


@dataclass
class Car:
    live: CabinLive
    clock: FakeClock
    run: list[str]
    line: Line
    sequence: int = 0

    def film(self, first_ms: int, last_ms: int) -> None:
        """What the camera sends; the box has each picture at once."""
        for at_ms, packet in filmed(first_ms, last_ms, key_every=10):
            self.clock.at_ms = at_ms
            self.live.take(self.run[0], CAMERA, units_of([packet]), at_ms)


def ask(taken: int, *, cameras: tuple[str, ...] = (ONE,), watchers: int = 1) -> str:
    return msgspec.json.encode(CabinAsk(cameras=cameras, watchers=watchers, taken=taken)).decode()


async def watched(car: Car, watchers: int) -> None:
    await until(lambda: car.live.watchers == watchers)


@asynccontextmanager
async def on_a_run(
    certificate: Certificate, folder: Path, run_id: str = RUN
) -> AsyncIterator[tuple[Car, Centre]]:
    centre, context = Centre(), ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate.chain, certificate.key)
    async with serve(centre.talk, "127.0.0.1", 0, ssl=context) as server:
        line = Line(f"https://localhost:{next(iter(server.sockets)).getsockname()[1]}")
        config = VideoUplinkConfig(
            unit_id=UNIT, authorization="Edge x:y", ca_file=str(certificate.ca), look_s=0.02
        )
        run, clock = [run_id], FakeClock()

        async def run_now() -> str:
            return run[0]

        live = CabinLive(config, line, run_now, clock, folder / "cabin-closed")
        stopping = asyncio.Event()
        task = asyncio.create_task(live.run(stopping))
        try:
            yield Car(live, clock, run, line), centre
        finally:
            stopping.set()
            await task


async def test_nothing_goes_unasked_and_then_from_a_key_frame_in_slices(
    certificate: Certificate, tmp_path: Path
) -> None:
    async with on_a_run(certificate, tmp_path) as (car, centre):
        path, socket = await centre.line()
        assert path == f"/api/edge/cabin?mission_id={RUN}"
        car.film(1_000, 1_500)
        await centre.heard(CabinSaid(cameras=(ONE,), closed=False))
        await socket.send(ask(0))
        await watched(car, 1)
        assert centre.slices.empty()
        car.film(1_500, 1_800)  # filmed() begins with a key frame
        joiner, found, taken = Joiner(), [], 0
        while len(found) < 3:
            item = await centre.slice()
            assert item.camera == ONE
            assert len(item.part) <= SLICE_BYTES
            assert item.anew is (taken == 0)
            assert centre.slices.empty()  # one is under way
            found += joiner.put(item)
            taken += 1
            await socket.send(ask(taken))
        assert [one.kind for one in found] == [Kind.KEY, Kind.PREDICTED, Kind.PREDICTED]
        assert [one.received_ms - AHEAD_MS for one in found] == [1_500, 1_600, 1_700]


async def test_a_line_slower_than_the_camera_gets_the_newest_group(
    certificate: Certificate, tmp_path: Path
) -> None:
    async with on_a_run(certificate, tmp_path) as (car, centre):
        _path, socket = await centre.line()
        car.film(1_000, 1_100)
        await centre.heard(CabinSaid(cameras=(ONE,), closed=False))
        await socket.send(ask(0))
        await watched(car, 1)
        car.film(2_000, 2_100)
        joiner, taken = Joiner(), 1
        found = joiner.put(await centre.slice())
        assert [one.received_ms - AHEAD_MS for one in found] == [2_000]
        car.film(3_000, 7_000)  # the centre does not answer for four seconds
        await socket.send(ask(taken))
        while not found or found[-1].received_ms - AHEAD_MS < 6_900:
            found += joiner.put(await centre.slice())
            taken += 1
            await socket.send(ask(taken))
        times = [one.received_ms - AHEAD_MS for one in found[1:]]
        assert times == list(range(5_000, 7_000, 100))
        assert found[1].kind is Kind.KEY
        assert 6_900 - times[0] <= MOST_OLD_MS


async def test_the_crew_closes_the_cabin_and_opens_it_also_over_a_restart(
    certificate: Certificate, tmp_path: Path
) -> None:
    async with on_a_run(certificate, tmp_path) as (car, centre):
        _path, socket = await centre.line()
        car.film(1_000, 1_100)
        await socket.send(ask(0))
        await watched(car, 1)
        await car.live.switch(closed=True)
        await centre.heard(CabinSaid(cameras=(ONE,), closed=True))
        assert car.live.closed
        car.film(2_000, 3_000)
    async with on_a_run(certificate, tmp_path) as (car, centre):
        _path, socket = await centre.line()
        await centre.heard(CabinSaid(cameras=(), closed=True))
        await socket.send(ask(0))
        await watched(car, 1)
        car.film(4_000, 5_000)
        await car.live.switch(closed=False)
        await centre.heard(CabinSaid(cameras=(ONE,), closed=False))
        car.film(6_000, 6_100)
        (one,) = Joiner().put(await centre.slice())
        assert one.received_ms - AHEAD_MS == 6_000  # nothing of before
    async with on_a_run(certificate, tmp_path) as (car, _centre):
        assert not car.live.closed


async def test_the_line_ends_with_its_run_and_the_next_run_is_open_again(
    certificate: Certificate, tmp_path: Path
) -> None:
    async with on_a_run(certificate, tmp_path) as (car, centre):
        _path, socket = await centre.line()
        await socket.send(ask(0, watchers=2))
        await watched(car, 2)
        await car.live.switch(closed=True)
        car.run[0] = ""
        async with asyncio.timeout(WITHIN_S):
            await socket.wait_closed()
        await watched(car, 0)
        await until(lambda: not car.live.closed)
        car.film(1_000, 1_500)  # outside a run
        car.run[0] = "run-2"
        path, _socket = await centre.line()
        assert path.endswith("=run-2")
        await centre.heard(CabinSaid(cameras=(), closed=False))
        assert centre.slices.empty()


async def test_what_a_camera_films_stands_on_the_hospitals_screen(
    office: Office, tmp_path: Path, certificate: Certificate
) -> None:
    """Vehicle and centre as they are, with one network between them."""
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    digest = hashlib.sha256(KEY.encode()).hexdigest()
    await office.accounts.put_device(
        Device(id=digest, kind="edge", unit_id=UNIT, key="", enabled=True)
    )

    async def run_now() -> str:
        return mission_id

    async with listening(office, certificate) as address:
        config = VideoUplinkConfig(
            unit_id=UNIT, authorization=f"Edge i:{KEY}", ca_file=str(certificate.ca), look_s=0.02
        )
        line = Line(address.replace("wss", "https"))
        clock, stopping = FakeClock(), asyncio.Event()
        live = CabinLive(config, line, run_now, clock, tmp_path / "cabin-closed")
        car = Car(live, clock, [mission_id], line)
        running = asyncio.create_task(live.run(stopping))
        car.film(1_000, 1_100)
        trusted = ssl.create_default_context(cafile=str(certificate.ca))
        async with connect(
            f"{address}/api/cabin?mission_id={mission_id}",
            ssl=trusted,
            additional_headers=await office.cookie("hospital1"),
        ) as screen:
            await told(screen, CabinState, lambda state: state.camera == ONE)
            await watched(car, 1)
            car.film(2_000, 3_500)
            found = await pictures(screen, 15)
            assert [one.received_ms - AHEAD_MS for one in found] == list(range(2_000, 3_500, 100))
            assert found[0].kind is Kind.KEY
            await live.switch(closed=True)
            await told(screen, CabinState, lambda state: state.closed)
        await watched(car, 0)
        stopping.set()
        await running
