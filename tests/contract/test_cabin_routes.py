"""The cabin live at the centre: from a vehicle's line to who may watch, and the crew's switch."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
from websockets.asyncio.client import ClientConnection, connect

from factories.cabin import ONE, WITHIN_S, pictures, told
from factories.ecg_files import UNIT, on_the_way
from factories.office import Office, listening, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import cabin_routes
from goldenhour.adapters.web.cabin_routes import CabinState
from goldenhour.app.access import Role
from goldenhour.app.accounts import Device
from goldenhour.app.cabin import CabinAsk, CabinSaid
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.wire.jt1078 import (
    Kept,
    Kind,
    Slice,
    write_kept,
    write_slice,
)

KEY = "k" * 32
OTHER_KEY = "o" * 32


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cabin_routes, "CHECK_S", 0.05)


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


def unit(at_ms: int, *, key: bool = False) -> Kept:
    kind = Kind.KEY if key else Kind.PREDICTED
    data = b"picture %d" % at_ms
    return Kept(device_ms=at_ms, received_ms=at_ms, payload_type=98, kind=kind, data=data)


def sliced(*units: Kept, camera: str = ONE, anew: bool = False) -> bytes:
    return write_slice(Slice(camera=camera, anew=anew, part=b"".join(map(write_kept, units))))


def said(*, cameras: tuple[str, ...] = (ONE,), closed: bool = False) -> str:
    return msgspec.json.encode(CabinSaid(cameras=cameras, closed=closed)).decode()


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


async def closing(socket: ClientConnection) -> tuple[int, str]:
    async with asyncio.timeout(WITHIN_S):
        await socket.wait_closed()
    assert socket.close_code is not None
    return socket.close_code, socket.close_reason or ""


@dataclass
class Switch:
    """The cameras of a vehicle, as far as its crew has a hand in them."""

    watchers: int = 0
    closed: bool = False

    async def switch(self, *, closed: bool) -> None:
        self.closed = closed


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


async def test_the_crew_alone_closes_its_own_cabin(database: Database) -> None:
    switch = Switch()
    async with opened(database, cabin=switch) as office:
        for username, status in (("crew1", 200), ("crew2", 404), ("hospital1", 403)):
            answer = await office.client.post(
                "/api/edge/cabin/switch",
                json={"closed": True},
                headers=await office.cookie(username),
            )
            assert answer.status_code == status, username
        assert switch.closed
        answer = await office.client.post(
            "/api/edge/cabin/switch", json={"closed": False}, headers=await office.cookie("crew1")
        )
        assert answer.json() == {"closed": False}
        assert not switch.closed
        odd = await office.client.post(
            "/api/edge/cabin/switch", json={}, headers=await office.cookie("crew1")
        )
        assert odd.status_code == 400
