"""A centre dies, its fallback seat goes on, the centre comes back: nothing is lost or doubled.

The centre is the real application on PostgreSQL behind TLS; it dies by losing its listener. The
seat is what `goldenhour seat` runs, asked through its own web application.
"""

import asyncio
import time
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (seeded)
from typing import Any

import httpx
import msgspec
import pyotp
import pytest
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning

from factories.office import PASSWORD, SECRET, Office, listening, opened
from factories.world import START_MS, FakeClock, TestWorld, facts
from goldenhour.adapters.edge import EdgeConfig, EdgeStore, Vault
from goldenhour.adapters.edge.uploads import Uploads
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.timers import Timers
from goldenhour.adapters.web.app import create_app
from goldenhour.app.access import Organisation
from goldenhour.app.devices import SEAT, Seat, register_seat
from goldenhour.app.edge import UploadAnswer
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Envelope
from goldenhour.app.seat import SILENT_MS
from goldenhour.app.timers import fire
from goldenhour.app.uplinks import Uplink
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import china_date
from goldenhour.main.city_parts import open_city
from goldenhour.main.local_ca import Certificate, ensure_certificate
from goldenhour.main.safes import Safe
from goldenhour.main.seat import SeatParts, open_seat, services_of
from goldenhour.main.settings import Settings

WITHIN_S = 30
NUMBER = {"as": "clear", "text": "13900001111"}
PLACE = {"as": "clear", "text": '{"label":"学府路 76 号","lat":50.86,"lon":9.70}'}
FIX = Fix(
    unit_id="A-01", point=Point(lat=50.8, lon=9.7), speed_kmh=40, heading_deg=90, altitude_m=0,
    device_ms=START_MS, received_ms=START_MS, catch_up=False, mileage_km=None, satellites=None,
    alarms=(),
)  # fmt: skip


async def until(true: Callable[[], bool | Awaitable[bool]]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            found = true()
            if found if isinstance(found, bool) else await found:
                return
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    folder = tmp_path_factory.mktemp("tls")
    return ensure_certificate(folder, ["127.0.0.1"], now_ms=time.time_ns() // 1_000_000)


class Room:
    """A centre that can be killed, and its fallback seat."""

    def __init__(self, office: Office, certificate: Certificate, folder: Path, seat: Seat) -> None:
        self.office = office
        self.seat = seat
        self.clock: FakeClock = office.world.clock
        self._certificate = certificate
        self._folder = folder
        self._port = 0
        self._serving: Any = None
        self.pages = 0

    # ---- the centre

    async def serve(self) -> None:
        self._serving = listening(self.office, self._certificate, self._port)
        address = await self._serving.__aenter__()
        self._port = int(address.rpartition(":")[2])

    async def kill(self) -> None:
        await self._serving.__aexit__(None, None, None)
        self._serving = None

    async def close(self) -> None:
        if self._serving is not None:
            await self.kill()

    async def events(self, stream: str) -> list[Envelope]:
        found = await self.office.world.journal.load([stream], SYSTEM)
        return list(found[stream].events) if stream in found else []

    async def state(self, stream: str) -> Any:
        return fold(stream, await self.events(stream))

    async def of_the_seat(self) -> list[tuple[int, int, str, str]]:
        """(sequence, part, stream, kind) of what came from the seat, in the order of arrival."""
        async with self.office.database.system() as connection:
            cursor = await connection.execute(
                "select sequence, part, stream, kind from event where installation like 'edge:%'"
                " order by seq, part"
            )
            return [tuple(row) for row in await cursor.fetchall()]

    async def aside(self) -> list[str]:
        async with self.office.database.system() as connection:
            cursor = await connection.execute("select reason from quarantine order by id")
            return [str(row[0]) for row in await cursor.fetchall()]

    async def fire_all(self) -> None:
        """As the worker: what is due by now."""
        world, timers = self.office.world, Timers(self.office.database)
        while due := await timers.due(self.clock.at_ms):
            for timer in due:
                await fire(timer, self.clock.at_ms, world, timers)

    # ---- the seat

    @asynccontextmanager
    async def seated(self) -> AsyncIterator["Desk"]:
        """The seat's process, from its start to its end."""
        config = EdgeConfig(
            uplinks=(Uplink(name="centre", url=f"https://127.0.0.1:{self._port}"),),
            unit_id=self.seat.seat,
            key=self.seat.key,
            ca_file=str(self._certificate.ca),
            slow_beat_s=0.05,
            knock_s=0.02,
            first_pause_s=0.02,
            longest_pause_s=0.1,
            roster_s=0.1,
        )
        vault = Vault(self._folder / "keys.json", self.seat.key, self.clock, Random(3).randbytes)
        assert vault.open_by_centre(b"share")
        safe = Safe(computer=self.seat, folder=self._folder, vault=vault)
        city = open_city(self._folder / "no-city")
        parts = open_seat(safe, config, facts(), city, self.clock)
        settings = Settings(state=str(self._folder))
        services = await services_of(parts, settings, city, facts(), self.clock)
        with warnings.catch_warnings():
            # Some routes still declare parameters in the style that Litestar 3 drops.
            warnings.simplefilter("ignore", LitestarDeprecationWarning)
            app = create_app(services)
        transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own ASGI types
        async with httpx.AsyncClient(transport=transport, base_url="https://seat.local") as client:
            tasks = [asyncio.create_task(work()) for work in services.background]
            try:
                yield Desk(self, parts, client)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
                await parts.store.close()


class Desk:
    """A person at the seat's page."""

    def __init__(self, room: Room, parts: SeatParts, client: httpx.AsyncClient) -> None:
        self.room, self.parts, self.client = room, parts, client
        self.sequence = 0
        room.pages += 1

    async def log_in(self, username: str = "dispatcher") -> int:
        code = pyotp.TOTP(SECRET).at(self.room.clock.at_ms // 1000)
        body = {"username": username, "password": PASSWORD, "totp": code}
        answer = await self.client.post("/api/session", json=body)
        self.client.cookies.clear()
        if token := answer.cookies.get("goldenhour_seat"):
            self.client.headers["cookie"] = f"goldenhour_seat={token}"
        return answer.status_code

    async def status(self) -> dict[str, Any]:
        found: dict[str, Any] = (await self.client.get("/api/seat")).json()
        return found

    async def say(self, kind: str, sequence: int = 0, **fields: Any) -> str:
        """`accepted`, or the code of the refusal."""
        self.sequence += 1
        body = {
            "installation": f"page-000{self.room.pages}",
            "sequence": sequence or self.sequence,
            "command": {"kind": kind, **fields},
        }
        answer = (await self.client.post("/api/commands", json=body)).json()
        return str(answer.get("code") or answer["outcome"])

    async def go_alone(self) -> int:
        return (await self.client.post("/api/seat/alone")).status_code

    async def hears(self) -> None:
        await until(lambda: self.parts.link.connected)

    async def knows(self, *streams: str) -> None:
        async def known() -> bool:
            return set(streams) <= set((await self.view()).states)

        await until(known)

    async def view(self) -> Any:
        return await self.parts.mode._view()

    async def silence(self) -> None:
        """The centre dies, and time passes."""
        await self.room.kill()
        await until(lambda: not self.parts.link.connected)
        self.room.clock.at_ms += SILENT_MS

    async def take_call(self, incident: str = "i1", call: str = "c1") -> None:
        said = (
            ("call.ring", {"call_id": call, "number": NUMBER, "line": "typed"}),
            ("call.answer", {"call_id": call}),
            ("incident.open", {"incident_id": incident, "call_id": call}),
            (
                "incident.set_location",
                {
                    "incident_id": incident, "location": PLACE, "source": "typed",
                    "accuracy_m": 15,
                },
            ),
            *(
                (
                    "incident.answer",
                    {"incident_id": incident, "card": "entry", "question": q, "answer": True},
                )
                for q in ("conscious", "breathing_normal")
            ),
        )  # fmt: skip
        for kind, fields in said:
            assert await self.say(kind, **fields) == "accepted", kind

    async def assign(self, mission: str, unit: str, incident: str = "i1", sequence: int = 0) -> str:
        return await self.say(
            "mission.assign",
            sequence,
            mission_id=mission,
            incident_id=incident,
            unit_id=unit,
        )

    async def united(self) -> None:
        async def done() -> bool:
            status = await self.status()
            return status["mode"] == "centre" and status["connected"] and status["pending"] == 0

        await until(done)


@pytest.fixture
async def room(database: Database, certificate: Certificate, tmp_path: Path) -> AsyncIterator[Room]:
    async with opened(database, seats=True) as office:
        seat = await register_seat(office.accounts, office.world.entropy, org="centre", seat="01")
        assert isinstance(seat, Seat)
        for unit_id in ("A-01", "A-02"):
            await office.world.list_unit(unit_id)
        made = Room(office, certificate, tmp_path, seat)

        async def pump() -> None:
            while True:
                await office.pump()
                await asyncio.sleep(0.01)

        pumping = asyncio.create_task(pump())
        await made.serve()
        yield made
        await made.close()
        pumping.cancel()
        await asyncio.gather(pumping, return_exceptions=True)


async def ready(desk: Desk) -> None:
    """The seat has heard of its units and people, and somebody has logged in with the link up."""
    await desk.hears()
    await desk.knows("unit:A-01", "unit:A-02")
    await until(lambda: desk.parts.store.find_roster() is not None)


async def test_a_seat_goes_on_alone_and_returns_without_a_lost_or_doubled_fact(  # noqa: PLR0915 (one story)
    room: Room,
) -> None:
    room.office.hub.positions.take(FIX)
    async with room.seated() as desk:
        await ready(desk)
        await until(lambda: desk.parts.hub.positions.fixes.get("A-01") == FIX)
        roster = desk.parts.store.find_roster()
        assert roster is not None
        assert roster.units == ("A-01", "A-02")
        assert {p.username for p in roster.people} == {"dispatcher", "supervisor"}

        # While the centre answers, the board is shown and nothing is decided.
        assert await desk.log_in() == 200
        assert (await desk.status())["mode"] == "centre"
        ring = {"call_id": "c0", "number": NUMBER, "line": "typed"}
        assert await desk.say("call.ring", **ring) == "centre_answers"
        assert await desk.go_alone() == 409

        await desk.silence()
        assert await desk.log_in("supervisor") == 200
        assert (await desk.status())["mode"] == "silent"
        assert await desk.say("call.ring", **ring) == "seat_not_alone"
        assert [await desk.go_alone() for _ in range(2)] == [200, 200]

        await desk.take_call()
        assert await desk.assign("m1", "A-01", sequence=100) == "accepted"
        assert await desk.assign("m1", "A-01", sequence=100) == "accepted"  # pressed again
        await desk.take_call("i2", "c2")
        assert await desk.assign("m2", "A-01", "i2") == "unit_claimed"
        assert await desk.say("handover.withdraw", handover_id="h", reason="x") == ("needs_centre")
        status = await desk.status()
        assert (status["mode"], status["aside"]) == ("alone", 0)
        assert status["pending"] == 1 + 6 + 1 + 6

        await room.serve()
        await desk.united()

        # Once, in order, with the number that the seat gave.
        found = await room.of_the_seat()
        assert [row[0] for row in found] == sorted(row[0] for row in found)
        assert max(Counter(row[:2] for row in found).values()) == 1
        assert {row[0] for row in found} == set(range(1, 16))
        assert found[0][3] == "alert.raised.v1"
        assert found[-1][3] == "alert.resolved.v1"
        day = china_date(START_MS)
        numbers = [(await room.state(f"incident:{i}")).number for i in ("i1", "i2")]
        assert numbers == [f"{day}-01B001", f"{day}-01B002"]
        run, incident = await room.state("mission:m1"), await room.state("incident:i1")
        assert isinstance(run, Mission)
        assert isinstance(incident, Incident)
        assert (run.unit_id, run.seat, run.incident_number) == ("A-01", "supervisor", numbers[0])
        assert (incident.org, incident.seat) == ("centre", "supervisor")
        (assigned,) = await room.events("mission:m1")
        assert (assigned.actor, assigned.role, assigned.org) == ("supervisor",) * 2 + ("centre",)
        assert assigned.received_ms == assigned.occurred_ms == room.clock.at_ms
        assert await room.aside() == []

        # The centre holds the claim, and reacts: nobody has acknowledged.
        world = room.office.world
        _, other = await world.open_incident()
        command = {"mission_id": "m9", "incident_id": other, "unit_id": "A-01"}
        cookie = await room.office.cookie("dispatcher")
        answer = await room.office.say(cookie, {"kind": "mission.assign", **command})
        assert (answer[0], answer[1]["code"]) == (409, "unit_claimed")
        room.clock.at_ms += 60_000
        await room.fire_all()
        assert await room.state("alert:not_acknowledged.m1") is not None
        await desk.knows("alert:not_acknowledged.m1")

        # The seat shows what the centre has, and decides nothing again.
        assert await desk.say("call.ring", **ring) == "centre_answers"
        for stream in ("mission:m1", "incident:i1", "call:c1"):
            mine = await desk.parts.store.list_streams([stream], SYSTEM)
            assert mine == await room.events(stream), stream


async def test_a_unit_that_the_centre_sent_elsewhere_is_kept_aside_with_its_reason(
    room: Room,
) -> None:
    async with room.seated() as desk:
        await ready(desk)
        await desk.log_in()
        await desk.silence()
        # In its last second, unheard at the seat.
        _, incident_id = await room.office.world.open_incident()
        theirs = await room.office.world.assign(incident_id, "A-02")
        await desk.go_alone()
        await desk.take_call()
        assert await desk.assign("m1", "A-02") == "accepted"
        assert await desk.say("mission.stand_down", mission_id="m1", reason="mistake") == "accepted"
        assert await desk.assign("m2", "A-01") == "accepted"
        await room.serve()
        await desk.united()
        assert await room.aside() == ["unit_claimed", "not_begun"]
        status = await desk.status()
        assert (status["aside"], status["aside_units"]) == (2, ["A-02"])
        assert await room.events("mission:m1") == []
        assert (await room.state(f"mission:{theirs}")).active
        # What came after stands, and the seat shows the same.
        assert (await room.state("mission:m2")).active
        assert (await room.state("incident:i1")).missions == ("m2",)
        assert "mission:m1" not in (await desk.view()).states


async def test_a_centre_that_dies_in_the_middle_of_the_upload_has_everything_once(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = Counter[str]()

    def dies(patch: pytest.MonkeyPatch, of: type, name: str, when: Callable[[int], bool]) -> None:
        """The process is gone before this, again and again."""
        whole = getattr(of, name)

        async def dying(*given: Any) -> Any:
            calls[name] += 1
            if when(calls[name]):
                raise ConnectionError("the process is gone")
            return await whole(*given)

        patch.setattr(of, name, dying)

    async with room.seated() as desk:
        await ready(desk)
        await desk.log_in()
        await desk.silence()
        await desk.go_alone()
        await desk.take_call()
        assert await desk.assign("m1", "A-01") == "accepted"
        with monkeypatch.context() as patch:
            dies(patch, PostgresJournal, "append_all", lambda n: n <= 2)  # nothing is durable yet
            dies(patch, PostgresTelemetry, "advance", lambda n: n <= 2)  # it is, and nobody knows
            dies(patch, PostgresJournal, "append", lambda n: n % 4 == 0)  # amid one by one
            await room.serve()
            await desk.united()
        first = await room.of_the_seat()
        assert [row[0] for row in first] == sorted(row[0] for row in first)
        assert max(Counter(row[:2] for row in first).values()) == 1
        assert {row[0] for row in first} == set(range(1, 10))
        assert min(calls["append_all"], calls["advance"]) > 2  # each has died twice
        assert calls["append"] > 2 * 4

        # Restored from an older copy, it asks for everything again.
        taken: list[int] = []
        confirm = Uploads.confirm

        def spied(self: Uploads, answer: UploadAnswer) -> set[str]:
            taken.append(answer.through)
            return confirm(self, answer)

        monkeypatch.setattr(Uploads, "confirm", spied)
        await desk.parts.store.confirm(UploadAnswer(through=0, set_aside=()))
        await desk.united()
        assert taken[0] == 0
        assert taken[-1] == 9
        assert await room.of_the_seat() == first
        assert await room.aside() == []


async def test_a_power_cut_at_the_seat_leaves_it_alone_with_all_that_was_answered(
    room: Room,
) -> None:
    async with room.seated() as desk:
        await ready(desk)
        await desk.log_in()
        await desk.silence()
        await desk.go_alone()
        await desk.take_call()
    async with room.seated() as again:
        assert await again.log_in() == 200
        status = await again.status()
        assert (status["mode"], status["pending"]) == ("alone", 7)
        # The session of before still stands, the count goes on, nothing is given twice.
        await again.take_call("i2", "c2")
        assert (await again.view()).states["incident:i2"].number.endswith("-01B002")
        await room.serve()
        await again.united()
        assert len({row[0] for row in await room.of_the_seat()}) == 14


async def test_a_store_made_anew_gives_no_number_a_second_time(room: Room) -> None:
    async with room.seated() as desk:
        await ready(desk)
        await desk.log_in()
        await desk.silence()
        await desk.go_alone()
        await desk.take_call()
        await room.serve()
        await desk.united()
    for file in room._folder.glob("*"):
        file.unlink()
    async with room.seated() as desk:
        await ready(desk)
        await desk.knows("incident:i1")
        await desk.log_in()
        await desk.silence()
        await desk.go_alone()
        await desk.take_call("i2", "c2")
        assert (await desk.view()).states["incident:i2"].number.endswith("-01B002")


async def test_a_seat_speaks_for_no_vehicle_and_ends_when_it_is_revoked(room: Room) -> None:
    key = {"authorization": f"Edge box:{room.seat.key}"}
    client = room.office.client
    asked = await client.get("/api/edge/roster", headers=key)
    assert asked.status_code == 200
    upload = {"installation": "another", "items": []}
    for path, body in (("/api/edge/upload", upload), ("/api/edge/ecg-files", {})):
        answer = await client.post(path, json=body, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    (device,) = await room.office.accounts.list_devices(SEAT)
    await room.office.accounts.put_device(msgspec.structs.replace(device, enabled=False))
    room.clock.at_ms += 5_000
    for path in ("/api/edge/share", "/api/edge/roster"):
        answer = await client.get(path, headers=key)
        assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked"), path


async def test_a_centre_has_one_fallback_seat_and_a_name_is_given_once(room: Room) -> None:
    accounts: PostgresAccounts = room.office.accounts

    async def register(org: str, seat: str) -> Seat | Refused:
        return await register_seat(accounts, room.office.world.entropy, org=org, seat=seat)

    assert await register("centre", "02") == Refused(code="seat_declared", field="org", detail="01")
    assert await register("county", "01") == Refused(
        code="seat_in_use", field="seat", detail="centre"
    )
    assert await register("county", "席位") == Refused(code="seat_name", field="seat")
    (first,) = await accounts.list_devices(SEAT)
    await accounts.put_device(msgspec.structs.replace(first, enabled=False))
    assert await register("centre", "01") == Refused(
        code="seat_in_use", field="seat", detail="centre"
    )
    assert isinstance(await register("centre", "02"), Seat)


async def test_a_county_with_a_seat_of_its_own_keeps_its_units(room: Room) -> None:
    accounts, office = room.office.accounts, room.office
    rows = (
        ("district", "centre", "county"),
        ("station:s9", "district", "station"),
        ("unit:D-01", "station:s9", "unit"),
    )
    for ident, parent, kind in rows:
        row = Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        await accounts.put_organisation(row)
    centre: Any = office.counterpart
    await centre.refresh()
    key = {"authorization": f"Edge box:{room.seat.key}"}

    async def units() -> list[str]:
        found: list[str] = (await office.client.get("/api/edge/roster", headers=key)).json()[
            "units"
        ]
        return found

    assert await units() == ["A-01", "A-02", "D-01"]
    made = await register_seat(accounts, office.world.entropy, org="district", seat="D1")
    assert isinstance(made, Seat)
    await centre.refresh()
    assert await units() == ["A-01", "A-02"]


async def test_a_seats_store_counts_its_cases_and_never_holds_a_unit_twice(tmp_path: Path) -> None:
    clock = FakeClock()
    store = EdgeStore(tmp_path / "seat.sqlite", Random(1).randbytes, clock, series="01B")
    world = TestWorld(journal=store, clock=clock)
    await world.list_unit("A-01")
    (_, first), (_, other) = await world.open_incident(), await world.open_incident()
    day = china_date(clock.at_ms)
    assert await store.next_case_number(day) == f"{day}-01B003"

    def assign(mission_id: str, incident_id: str) -> c.Assign:
        return c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id="A-01")

    await world.accept(assign("m1", first))
    assert await world.send(assign("m2", other)) == Refused(code="unit_claimed")
    await world.accept(c.Divert(mission_id="m1", new_mission_id="m3", incident_id=other))
    assert await world.send(assign("m4", first)) == Refused(code="unit_claimed")
    await world.accept(c.StandDown(mission_id="m3", reason="mistake"))
    await world.accept(assign("m5", first))
    await store.close()
