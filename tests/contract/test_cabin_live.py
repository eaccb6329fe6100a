"""The cabin live: a vehicle's line, the centre between, and the hospital that watches."""

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
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

from factories.cabin import units_of
from factories.ecg_files import UNIT, on_the_way
from factories.jt1078 import CAMERA, filmed
from factories.office import Office, listening, opened, person
from factories.world import FakeClock
from goldenhour.adapters.jt1078 import CabinLive, VideoUplinkConfig
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import cabin_routes
from goldenhour.adapters.web.cabin_routes import CabinState
from goldenhour.app.access import Role
from goldenhour.app.accounts import Device
from goldenhour.app.cabin import CabinAsk, CabinSaid
from goldenhour.app.uplinks import ClockOffset, DataClass, Uplink
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.wire.jt1078 import (
    MOST_OLD_MS,
    Joiner,
    Kept,
    Kind,
    Slice,
    read_kept,
    read_slice,
    write_kept,
    write_slice,
)

KEY = "k" * 32
OTHER_KEY = "o" * 32
ONE = f"{CAMERA}/1"
RUN = "run-1"
WITHIN_S = 20
SLICE_BYTES = 300
AHEAD_MS = 5_000
"""The centre's clock before the vehicle's."""


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cabin_routes, "CHECK_S", 0.05)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    names = ("localhost", "127.0.0.1")
    return ensure_certificate(tmp_path_factory.mktemp("tls"), names, now_ms=1_795_000_000_000)


def unit(at_ms: int, *, key: bool = False) -> Kept:
    kind = Kind.KEY if key else Kind.PREDICTED
    data = b"picture %d" % at_ms
    return Kept(device_ms=at_ms, received_ms=at_ms, payload_type=98, kind=kind, data=data)


def sliced(*units: Kept, camera: str = ONE, anew: bool = False) -> bytes:
    return write_slice(Slice(camera=camera, anew=anew, part=b"".join(map(write_kept, units))))


def said(*, cameras: tuple[str, ...] = (ONE,), closed: bool = False) -> str:
    return msgspec.json.encode(CabinSaid(cameras=cameras, closed=closed)).decode()


# ---- the centre


@asynccontextmanager
async def vehicle(
    office: Office, address: str, mission_id: str, *, unit_id: str = UNIT, key: str = KEY
) -> AsyncIterator[ClientConnection]:
    digest = hashlib.sha256(key.encode()).hexdigest()
    await office.accounts.put_device(
        Device(id=digest, kind="edge", unit_id=unit_id, key="", enabled=True)
    )
    async with connect(
        f"{address}/api/edge/cabin?mission_id={mission_id}",
        additional_headers={"Authorization": f"Edge installation-1:{key}"},
    ) as socket:
        yield socket


@asynccontextmanager
async def watching(
    office: Office, address: str, mission_id: str, username: str = "hospital1"
) -> AsyncIterator[ClientConnection]:
    async with connect(
        f"{address}/api/cabin?mission_id={mission_id}",
        additional_headers=await office.cookie(username),
    ) as socket:
        yield socket


async def told[T](socket: ClientConnection, kind: type[T], wanted: Callable[[T], bool]) -> T:
    """The first message that is wanted; what comes before it is left out."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            message = await socket.recv()
            if isinstance(message, str):
                found = msgspec.json.decode(message, type=kind)
                if wanted(found):
                    return found


async def pictures(socket: ClientConnection, count: int) -> list[Kept]:
    found: list[Kept] = []
    async with asyncio.timeout(WITHIN_S):
        while len(found) < count:
            message = await socket.recv()
            if isinstance(message, bytes):
                units, whole = read_kept(message)
                assert whole == len(message)
                found += units
    return found


async def closing(socket: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(WITHIN_S):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


async def test_a_hospital_sees_the_cabin_from_a_key_frame_on_and_the_vehicle_knows_it(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    async with listening(office) as address, vehicle(office, address, mission_id) as car:
        await car.send(said())
        await told(car, CabinAsk, lambda ask: ask.watchers == 0)
        async with watching(office, address, mission_id) as screen:
            state = await told(screen, CabinState, lambda state: state.camera != "")
            assert (state.cameras, state.camera, state.closed) == ((ONE,), ONE, False)
            await told(car, CabinAsk, lambda ask: ask.cameras == (ONE,) and ask.watchers == 1)
            units = [unit(1_000, key=True), unit(1_100), unit(1_200)]
            whole = sliced(*units, anew=True)
            await car.send(whole[:-5])
            await told(car, CabinAsk, lambda ask: ask.taken == 1)
            await car.send(whole[: whole.index(b"\n") + 1].replace(b"\x01", b"\x00") + whole[-5:])
            await told(car, CabinAsk, lambda ask: ask.taken == 2)
            assert await pictures(screen, 3) == units
            await car.send(said(closed=True))
            await told(screen, CabinState, lambda state: state.closed)
        await told(car, CabinAsk, lambda ask: (ask.cameras, ask.watchers) == ((), 0))
        async with watching(office, address, mission_id) as again:
            await told(again, CabinState, lambda state: state.closed)
    async with office.database.system() as connection:
        rows = await (
            await connection.execute(
                "select person, subject, count(*) from access_log where action = 'cabin.view'"
                " group by person, subject"
            )
        ).fetchall()
    assert rows == [("hospital1", mission_id, 1)]  # one look, however often it was begun


async def test_without_a_vehicle_no_camera_answers(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    async with (
        listening(office) as address,
        watching(office, address, mission_id) as screen,
    ):
        state = await told(screen, CabinState, lambda _state: True)
        assert (state.cameras, state.camera, state.closed) == ((), "", False)


async def test_who_may_watch(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
    async with listening(office) as address:
        for username in ("quality", "crew1", "dispatcher", "supervisor", "police", "admin"):
            with pytest.raises(Exception, match="403"):
                async with watching(office, address, mission_id, username):
                    pytest.fail(f"{username} must not watch")
        for username, run in (("hospital2", mission_id), ("hospital1", "nobody")):
            async with watching(office, address, run, username) as screen:
                assert await closing(screen) == (4401, "absent")
    async with office.database.system() as connection:
        rows = await (
            await connection.execute("select 1 from access_log where action = 'cabin.view'")
        ).fetchall()
    assert rows == []


async def test_it_ends_with_the_session(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    async with listening(office) as address, watching(office, address, mission_id) as screen:
        await told(screen, CabinState, lambda _state: True)
        await office.accounts.revoke_sessions("hospital1", office.world.clock.at_ms)
        office.world.clock.at_ms += 5_000
        assert await closing(screen) == (4401, "session_ended")


async def test_it_ends_with_the_run_for_both(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    async with (
        listening(office) as address,
        vehicle(office, address, mission_id) as car,
        watching(office, address, mission_id) as screen,
    ):
        await told(screen, CabinState, lambda _state: True)
        await office.world.reach(
            mission_id,
            *(Milestone.LOADED, Milestone.LEFT_SCENE, Milestone.AT_HOSPITAL),
            *(Milestone.HANDED_OVER, Milestone.CLEARED),
        )
        await office.pump()
        assert await closing(screen) == (4401, "absent")
        assert await closing(car) == (4401, "absent")


async def test_a_vehicle_speaks_for_its_own_run_and_in_order(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    async with listening(office) as address:
        async with vehicle(office, address, mission_id, unit_id="A-02", key=OTHER_KEY) as other:
            assert await closing(other) == (4401, "absent")
        async with vehicle(office, address, "nobody") as lost:
            assert await closing(lost) == (4401, "absent")
        for odd in ('{"cameras": 1}', b"\x02x/1\n"):
            async with vehicle(office, address, mission_id) as broken:
                await broken.send(odd)
                assert (await closing(broken))[0] == 1003


# ---- the vehicle


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
