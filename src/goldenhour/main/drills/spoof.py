"""Forged terminals and false places: nothing of a stranger is stored, a jump is doubted at once.

A gateway on a socket, the register and the store on an embedded PostgreSQL, the bus as between two
processes. Strangers know a terminal's number and the protocol, and not its key; an insider has a
key and speaks under another's number. Then an honest terminal's receiver is led astray again and
again: its vehicle must not move, and be marked within 2 s of the frame. The time judges the machine
too, so tests look at the counts alone.

Planted bug: every network is taken for an approved gateway's, so that registering again gives the
key away.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from typing import Final, Self

import msgspec
from prometheus_client import CollectorRegistry

from goldenhour.adapters.bus.unix import BusClient, BusServer
from goldenhour.adapters.jt808 import Jt808Config, Jt808Gateway, MediaFolder
from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.adapters.postgres.terminal_media import PostgresTerminalMedia
from goldenhour.adapters.postgres.terminals import PostgresTerminals
from goldenhour.app.accounts import Device
from goldenhour.app.positions import Positions
from goldenhour.app.terminal_media import TerminalMedia
from goldenhour.content.rules import load_rules
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, start
from goldenhour.simulator import jt808_frames as frames

N: Final = 100
"""Forgeries, and as many jumps."""
GOAL_S: Final = 2.0
PATIENCE_S: Final = 10.0
LANES: Final = 10
HONEST, INSIDER, NOBODY = "13800000001", "13800000002", "13800000099"
KEYS: Final = {HONEST: "0123456789abcdef", INSIDER: "fedcba9876543210"}
STRANGER: Final = "127.0.0.2"
"""From where strangers come: another network than the approved gateway's."""
APPROVED: Final = ("127.0.0.1/32",)
TRUE_PLACE, ASTRAY = Point(lat=36.1, lon=113.1), Point(lat=36.25, lon=113.12)
FORGED = Point(lat=12.5, lon=45.0)
_ALL: Final = ("0.0.0.0/0",)
_OK: Final = b"\0"


class Forgery(StrEnum):
    UNKNOWN = "unknown"
    """A number that nobody registered."""
    REGISTERS_AGAIN = "registers_again"
    """Asks for the key as if it were the terminal, after its first start."""
    WRONG_KEY = "wrong_key"
    NO_KEY = "no_key"
    """Reports without saying who it is."""
    REPLAY = "replay"
    """The very bytes of an honest report, on a line of its own."""
    OTHER_NUMBER = "other_number"
    """A terminal with a key of its own, under another's number."""


class Line:
    """A terminal's connection, as far as this drill needs one."""

    def __init__(self, who: frames.Identity, port: int, local: str) -> None:
        self.who = who
        self._port, self._local = port, local
        self._serial = 0

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._port, local_addr=(self._local, 0)
        )
        self._heard = frames.Splitter(self.who)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self._writer.close()

    def send(self, message_id: int, body: bytes, who: frames.Identity | None = None) -> None:
        self._serial += 1
        self._writer.write(frames.build(who or self.who, message_id, self._serial, body))

    def send_bytes(self, data: bytes) -> None:
        self._writer.write(data)

    async def ask(self, message_id: int, body: bytes) -> bytes:
        """The body of the answer; empty: the line was cut."""
        self.send(message_id, body)
        asked = self._serial.to_bytes(2)
        while chunk := await self._read():
            for frame in self._heard.feed(chunk):
                if frame.body.startswith(asked):
                    return frame.body
        return b""

    async def finish(self) -> None:
        """Until the gateway has read everything and hung up."""
        with suppress(OSError):  # the gateway may have hung up first
            self._writer.write_eof()
        while await self._read():
            pass

    async def _read(self) -> bytes:
        """Empty: it is over. A gateway that hangs up on what it will not read resets the line."""
        try:
            return await self._reader.read(4_096)
        except ConnectionError:
            return b""


def run(options: Options) -> Report:
    with lab.server() as running:
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n, clock = options.n or N, SystemClock()
    faults: Counter[str] = Counter()
    positions = Positions(credible=load_rules().dispatch.credible)
    news = asyncio.Event()

    def hear(topic: str, payload: bytes) -> None:
        for fix in msgspec.json.decode(payload, type=list[Fix]) if topic == "fixes" else ():
            positions.take(fix)
        news.set()

    with tempfile.TemporaryDirectory(prefix="goldenhour-spoof-") as folder:
        path = Path(folder) / "bus.sock"
        async with (
            lab.opened(running) as database,
            BusServer(path, hear),
            BusClient(path) as bus,
        ):
            accounts = PostgresAccounts(database)
            for phone, key in KEYS.items():
                await accounts.put_device(
                    Device(id=phone, kind="terminal", unit_id=phone, key=key, enabled=True)
                )
            gateways = _ALL if options.plant else APPROVED
            gateway = Jt808Gateway(
                Jt808Config(host="127.0.0.1", port=0, gateways=gateways),
                directory=accounts,
                drivers=PostgresTerminals(database),
                media=TerminalMedia(MediaFolder(path.parent), PostgresTerminalMedia(database)),
                telemetry=PostgresTelemetry(database),
                bus=bus,
                clock=clock,
                registry=CollectorRegistry(),
            )
            await gateway.start()
            try:
                waits = await _lives(gateway.port, n, positions, news, faults)
            finally:
                await gateway.stop()
            faults["accepted"] = await _count(database, FORGED)
            faults["honest_lost"] = n + 2 - await _count(database, TRUE_PLACE)
    value = faults.total()
    slowest_s = max(waits, default=PATIENCE_S)
    return Report(
        name="spoof",
        value=value,
        unit="forgeries accepted, jumps believed or not marked, honest reports lost",
        goal=0,
        passed=value == 0 and slowest_s <= GOAL_S,
        n=n,
        spread={**{k: float(v) for k, v in faults.items()}, "slowest_mark_s": round(slowest_s, 3)},
    )


async def _lives(
    port: int, n: int, positions: Positions, news: asyncio.Event, faults: Counter[str]
) -> list[float]:
    """An honest terminal is led astray; then strangers try; then it is asked whether it lives."""
    honest = frames.Identity(phone=HONEST, v2019=True, plate="测A00001")
    insider = frames.Identity(phone=INSIDER, v2019=False, plate="测A00002")
    async with Line(honest, port, "127.0.0.1") as own, Line(insider, port, "127.0.0.1") as other:
        for line in (own, other):
            answer = await line.ask(frames.Id.REGISTER, frames.register(line.who))
            key = answer[3:].decode()
            await line.ask(frames.Id.AUTHENTICATE, frames.authenticate(line.who, key))
        first = frames.position(honest, _at(TRUE_PLACE))
        await own.ask(frames.Id.POSITION, first)
        await _until(news, lambda: HONEST in positions.fixes)
        waits = [await _lead_astray(own, positions, news, faults) for _ in range(n)]
        kinds = list(Forgery)
        waiting = [kinds[number % len(kinds)] for number in range(n)]

        async def lane() -> None:
            while waiting:
                await _forge(waiting.pop(), honest, port, other)

        await asyncio.gather(*(lane() for _ in range(LANES)))
        faults["moved"] += positions.fixes[HONEST].point != TRUE_PLACE
        answer = await own.ask(frames.Id.POSITION, frames.position(honest, _at(TRUE_PLACE)))
        faults["honest_cut"] += not answer
        return waits


async def _forge(kind: Forgery, honest: frames.Identity, port: int, insider: Line) -> None:
    false = frames.position(honest, _at(FORGED))
    if kind is Forgery.OTHER_NUMBER:
        insider.send(frames.Id.POSITION, false, honest)
        return
    who = msgspec.structs.replace(honest, phone=NOBODY) if kind is Forgery.UNKNOWN else honest
    async with Line(who, port, STRANGER) as line:
        match kind:
            case Forgery.REPLAY:
                line.send_bytes(frames.build(honest, frames.Id.POSITION, 3, false))
            case Forgery.NO_KEY:
                pass
            case Forgery.WRONG_KEY:
                guess = frames.authenticate(who, "0000000000000000")
                await line.ask(frames.Id.AUTHENTICATE, guess)
            case _:
                answer = await line.ask(frames.Id.REGISTER, frames.register(who))
                key = answer[3:].decode() if answer[2:3] == _OK else "0000000000000000"
                await line.ask(frames.Id.AUTHENTICATE, frames.authenticate(who, key))
        line.send(frames.Id.POSITION, false)
        await line.finish()


async def _lead_astray(
    line: Line, positions: Positions, news: asyncio.Event, faults: Counter[str]
) -> float:
    """One jump and the way back; how long until it was marked, in seconds."""
    before = time.monotonic()
    line.send(frames.Id.POSITION, frames.position(line.who, _at(ASTRAY)))
    marked = await _until(news, lambda: HONEST in positions.doubted)
    took_s = time.monotonic() - before
    faults["not_marked"] += not marked
    faults["believed"] += positions.fixes[HONEST].point != TRUE_PLACE
    line.send(frames.Id.POSITION, frames.position(line.who, _at(TRUE_PLACE)))
    faults["still_marked"] += not await _until(news, lambda: HONEST not in positions.doubted)
    return took_s


async def _until(news: asyncio.Event, true: Callable[[], bool]) -> bool:
    try:
        async with asyncio.timeout(PATIENCE_S):
            while not true():
                news.clear()
                await news.wait()
    except TimeoutError:
        return False
    return True


def _at(point: Point) -> frames.Position:
    return frames.Position(
        point=point,
        speed_kmh=30.0,
        heading_deg=90,
        altitude_m=900,
        at_ms=SystemClock().now_ms(),
        mileage_km=1.0,
        satellites=12,
    )


async def _count(database: Database, point: Point) -> int:
    """Stored reports of that place."""
    async with database.system() as connection:
        cursor = await connection.execute(
            "select count(*) from fix where abs(lat - %s) < 0.001", (point.lat,)
        )
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
