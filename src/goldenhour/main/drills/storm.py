"""The network comes back and everybody with it, in one second: terminals and consoles.

A gateway and the web application on sockets of their own, the store and the register on an embedded
PostgreSQL. All terminals connect at once, say who they are and where they are; all consoles connect
at once and want their picture; meanwhile calls come in. Counted are positions that were
acknowledged and are not stored, terminals and consoles that are not back within 30 s, and calls
that were not taken. How soon everybody is back judges the machine too, so tests look at the counts
alone.

Planted bug: the store forgets every tenth batch that it has acknowledged.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import AsyncExitStack
from itertools import count
from pathlib import Path
from statistics import median
from typing import Final

import httpx
from prometheus_client import CollectorRegistry
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from goldenhour.adapters.bus.unix import BusClient, BusServer
from goldenhour.adapters.jt808 import Jt808Config, Jt808Gateway, MediaFolder
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.terminal_media import PostgresTerminalMedia
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.adapters.web.identity import token_hash
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Device, Person
from goldenhour.app.ports import TelemetryStore
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import authz_site as site
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.main.file_limit import allow_connections
from goldenhour.simulator import jt808_frames as frames

N: Final = 1_000
"""Terminals; a fifth as many consoles."""
CONSOLES_EACH: Final = 5
GOAL_S: Final = 30.0
CALL_EVERY_S: Final = 0.25
WAVES: Final = 2
PLACE: Final = Point(lat=36.1, lon=113.1)
FILES: Final = 8_192
"""Both ends of every line are in this process."""
TOKEN: Final = "0123456789abcdef"  # noqa: S105 (of a database that is gone afterwards)
_COOKIE: Final = {"cookie": f"{site.COOKIE}={TOKEN}"}


class Forgetful:
    """The planted bug."""

    def __init__(self, store: TelemetryStore) -> None:
        self._store = store
        self._batches = 0

    async def append_fixes(self, fixes: Sequence[Fix]) -> None:
        self._batches += 1
        if self._batches % 10 != 1:
            await self._store.append_fixes(fixes)

    async def append_numerics(self, sets: Sequence[NumericSet]) -> None:
        await self._store.append_numerics(sets)


def run(options: Options) -> Report:
    allow_connections(FILES)
    with lab.server() as running:
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n, clock = options.n or N, SystemClock()
    faults: Counter[str] = Counter()
    lab.own(running, f"select make_partitions({clock.now_ms()}, 1)")
    backs: list[float] = []
    calls: list[float] = []
    with tempfile.TemporaryDirectory(prefix="goldenhour-storm-") as folder:
        path = Path(folder) / "bus.sock"
        async with AsyncExitStack() as stack:
            database = await stack.enter_async_context(lab.opened(running))
            await stack.enter_async_context(BusServer(path, lambda _topic, _data: None))
            bus = await stack.enter_async_context(BusClient(path))
            accounts = PostgresAccounts(database)
            await _furnish(accounts, n, clock.now_ms())
            telemetry: TelemetryStore = PostgresTelemetry(database)
            gateway = Jt808Gateway(
                Jt808Config(host="127.0.0.1", port=0),
                directory=accounts,
                drivers=PostgresTerminals(database),
                media=TerminalMedia(MediaFolder(path.parent), PostgresTerminalMedia(database)),
                telemetry=Forgetful(telemetry) if options.plant else telemetry,
                bus=bus,
                clock=clock,
                registry=CollectorRegistry(),
            )
            await gateway.start()
            stack.push_async_callback(gateway.stop)
            world = lab.LabWorld(database, clock, options.seed)
            app = site.make_app(await site.services(database, world, accounts, world.clock))  # type: ignore[arg-type] # any clock will do
            port = await stack.enter_async_context(site.listening(app))
            for wave in range(WAVES):
                back_s, waits = await _wave(gateway.port, port, n, wave, faults)
                say(f"wave {wave}: everybody is back after {back_s:.1f} s")
                backs.append(back_s)
                calls.extend(waits)
            stored = await _count(database)
    faults["positions_lost"] = max(0, n * WAVES - stored - faults["terminals_away"])
    value = faults.total()
    return Report(
        name="storm",
        value=value,
        unit="positions lost after their acknowledgement, terminals, consoles and calls not served",
        goal=0,
        passed=value == 0 and max(backs) <= GOAL_S,
        n=n,
        spread={
            **{name: float(count) for name, count in faults.items()},
            "back_s": round(max(backs), 2),
            "call_p50_ms": round(median(calls) * 1_000, 1) if calls else 0.0,
            "call_max_ms": round(max(calls, default=0.0) * 1_000, 1),
        },
    )


async def _furnish(accounts: PostgresAccounts, n: int, now_ms: int) -> None:
    for ident, parent, kind in (("city", "", "city"), ("centre", "city", "centre")):
        await accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    person = Person(
        id="dispatcher",
        username="dispatcher",
        name="dispatcher",
        role=Role.DISPATCHER,
        org="centre",
        seat="03",
        unit_id="",
        hospital_id="",
        password_hash="",
        totp_secret="",
        active=True,
        demo=False,
    )
    await accounts.put_person(person, now_ms)
    day_ms = 86_400_000
    await accounts.open_session(token_hash(TOKEN), person.id, now_ms, now_ms + day_ms)
    for number in range(n):
        await accounts.put_device(
            Device(
                id=_phone(number),
                kind="terminal",
                unit_id=f"u{number}",
                key=_key(number),
                enabled=True,
            )
        )


async def _wave(
    gateway_port: int, web_port: int, n: int, wave: int, faults: Counter[str]
) -> tuple[float, list[float]]:
    """Everybody at once; (seconds until all are served, seconds of each call)."""
    waits: list[float] = []
    calling = asyncio.create_task(_call_in(web_port, wave, waits, faults))
    begun = time.monotonic()
    # Everybody holds the line until the last one is served.
    async with AsyncExitStack() as lines:
        served = await asyncio.gather(
            *(_within(_terminal(gateway_port, number, lines)) for number in range(n)),
            *(_within(_console(web_port, lines)) for _ in range(n // CONSOLES_EACH)),
        )
        took_s = time.monotonic() - begun
    faults["terminals_away"] += n - sum(served[:n])
    faults["consoles_away"] += len(served) - n - sum(served[n:])
    calling.cancel()
    await asyncio.gather(calling, return_exceptions=True)
    return took_s, waits


async def _within(served: Awaitable[None]) -> bool:
    try:
        await asyncio.wait_for(served, GOAL_S)
    except (OSError, TimeoutError, WebSocketException):
        return False
    return True


async def _terminal(port: int, number: int, lines: AsyncExitStack) -> None:
    """Says who it is and where, and has the answer to both."""
    who = frames.Identity(phone=_phone(number), v2019=number % 2 == 1, plate="测A00001")
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    lines.callback(writer.close)
    heard = frames.Splitter(who)

    async def ask(serial: int, message_id: int, body: bytes) -> None:
        writer.write(frames.build(who, message_id, serial, body))
        while chunk := await reader.read(4_096):
            for frame in heard.feed(chunk):
                if frame.body == frames.answer(serial, message_id, 0):
                    return
        raise ConnectionError("hung up")

    await ask(1, frames.Id.AUTHENTICATE, frames.authenticate(who, _key(number)))
    fix = frames.Position(
        point=PLACE,
        speed_kmh=0.0,
        heading_deg=0,
        altitude_m=930,
        at_ms=SystemClock().now_ms(),
        mileage_km=1.0,
        satellites=11,
    )
    await ask(2, frames.Id.POSITION, frames.position(who, fix))


async def _console(port: int, lines: AsyncExitStack) -> None:
    """Has its whole picture."""
    socket = await lines.enter_async_context(
        connect(
            f"ws://127.0.0.1:{port}/api/live",
            additional_headers=_COOKIE,
            proxy=None,
            open_timeout=None,
            close_timeout=1,
        )
    )
    while '"snapshot"' not in await socket.recv(decode=True):
        pass


async def _call_in(port: int, wave: int, waits: list[float], faults: Counter[str]) -> None:
    """Somebody calls again and again, for as long as the storm lasts."""
    async with httpx.AsyncClient(
        base_url=f"http://127.0.0.1:{port}", headers=_COOKIE, timeout=GOAL_S, trust_env=False
    ) as client:
        for number in count(1):
            command = {
                "kind": "call.ring",
                "call_id": f"call-{wave}-{number}",
                "number": {"as": "clear", "text": "139"},
                "line": "typed",
            }
            body = {"installation": f"storm-wave-{wave}", "sequence": number, "command": command}
            begun = time.monotonic()
            answer = await client.post("/api/commands", json=body)
            waits.append(time.monotonic() - begun)
            faults["calls_not_taken"] += not answer.is_success
            await asyncio.sleep(CALL_EVERY_S)


def _phone(number: int) -> str:
    return str(13_800_000_000 + number)


def _key(number: int) -> str:
    return f"key-{number}"


async def _count(database: Database) -> int:
    async with database.system() as connection:
        cursor = await connection.execute("select count(*) from fix")
        row = await cursor.fetchone()
    return int(row[0]) if row else 0
