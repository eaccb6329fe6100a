"""Doubles for the vehicle gateway: its ports in memory, and a terminal on a real socket."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from prometheus_client import CollectorRegistry

from goldenhour.adapters.jt808 import Jt808Config, Jt808Gateway
from goldenhour.app.ports import Terminal, TerminalProfile
from goldenhour.app.terminal_media import Announced, MediaKeeper, MediaRow
from goldenhour.app.terminals import DriverBook, DriverSaid
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.wire.jt808 import Message, Splitter, Version, decode, encode
from goldenhour.wire.jt808.messages import (
    Authenticate,
    Body,
    PlatformAnswer,
    Result,
)
from goldenhour.wire.jt808.position import POSITIONED, Item, Position

NOW_MS = 1_750_000_000_000
DEVICE_MS = 1_749_999_999_000
PHONES = {"13800000001": "unit-1", "13800000002": "unit-2"}


class DirectoryDouble:
    """Two terminals."""

    def __init__(self) -> None:
        self.enabled = True
        self.broken = False
        self.profile = TerminalProfile()
        self.once = False
        """Whether a key is given once; terminals of these tests keep none."""
        self.given: set[str] = set()

    async def find_terminal(self, phone: str) -> Terminal | None:
        if self.broken:
            raise OSError("the directory is away")
        if phone not in PHONES:
            return None
        return Terminal(
            phone=phone,
            unit_id=PHONES[phone],
            key=f"key-{phone}",
            enabled=self.enabled,
            profile=self.profile,
        )

    async def note_key_given(self, phone: str, now_ms: int) -> bool:  # noqa: ARG002 (the port's form)
        first = phone not in self.given
        self.given.add(phone)
        return first or not self.once


class StoreDouble:
    """A store whose appends return only while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.calls: list[list[Fix]] = []
        self.failures = 0
        self.arrived = asyncio.Event()
        self.running = 0
        self.most_running = 0

    @property
    def fixes(self) -> list[Fix]:
        return [fix for call in self.calls for fix in call]

    async def append_fixes(self, fixes: Sequence[Fix]) -> None:
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        self.arrived.set()
        try:
            await self.gate.wait()
            if self.failures:
                self.failures -= 1
                raise OSError("the disk is full")
            self.calls.append(list(fixes))
        finally:
            self.running -= 1

    async def append_numerics(self, sets: Sequence[NumericSet]) -> None:
        raise AssertionError(f"the gateway of vehicles has no numerics: {sets}")


class DriversDouble:
    """Takes a driver's card while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self.said: dict[str, DriverSaid] = {}
        self.broken = False

    async def put_driver(self, phone: str, said: DriverSaid) -> None:
        self.arrived.set()
        await self.gate.wait()
        if self.broken:
            raise OSError("the database is away")
        self.said[phone] = said


class MediaDouble:
    """Takes what terminals took while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self.kept: list[tuple[MediaRow, bytes]] = []
        self.announced: list[Announced] = []
        self.failures = 0

    async def keep(self, row: MediaRow, data: bytes) -> None:
        self.arrived.set()
        await self.gate.wait()
        if self.failures:
            self.failures -= 1
            raise OSError("the disk is full")
        self.kept.append((row, data))

    async def announce(self, said: Announced) -> None:
        await self.gate.wait()
        self.announced.append(said)


class HelpDouble:
    """Takes calls for help while its gate is open."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.gate.set()
        self.arrived = asyncio.Event()
        self.told = asyncio.Event()
        self.called: list[tuple[str, str]] = []
        self.broken = False

    async def call(self, alarm: str, fix: Fix) -> None:
        self.arrived.set()
        await self.gate.wait()
        if self.broken:
            raise OSError("the database is away")
        self.called.append((alarm, fix.unit_id))
        self.told.set()


class BusDouble:
    def __init__(self) -> None:
        self.payloads: asyncio.Queue[tuple[str, bytes]] = asyncio.Queue()
        self.hangs = False

    async def publish(self, topic: str, payload: bytes) -> None:
        if self.hangs:
            await asyncio.Event().wait()
        self.payloads.put_nowait((topic, payload))


class ClockDouble:
    def now_ms(self) -> int:
        return NOW_MS


class TerminalDouble:
    """A vehicle terminal on a real socket."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        phone: str,
        version: Version,
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.phone = phone
        self.version = version
        self._serial = 0
        self._splitter = Splitter()
        self._inbox: list[Message] = []

    def frame(self, body: Body) -> bytes:
        self._serial += 1
        return encode(body, version=self.version, phone=self.phone, serial=self._serial)

    def send(self, body: Body) -> int:
        self.writer.write(self.frame(body))
        return self._serial

    async def receive(self) -> Message:
        while not self._inbox:
            chunk = await self.reader.read(65536)
            assert chunk, "the gateway closed the connection"
            for found in self._splitter.feed(chunk):
                assert isinstance(found, bytes)
                message = decode(found)
                assert isinstance(message, Message)
                assert message.header.version is self.version
                assert message.header.phone == self.phone
                self._inbox.append(message)
        return self._inbox.pop(0)

    async def ask(self, body: Body) -> Body:
        self.send(body)
        return (await self.receive()).body

    async def result(self, body: Body) -> int:
        """The result of the general answer to this very message."""
        serial = self.send(body)
        answer = (await self.receive()).body
        assert isinstance(answer, PlatformAnswer)
        assert answer.serial == serial
        return answer.result

    async def authenticate(self) -> None:
        assert await self.result(Authenticate(key=f"key-{self.phone}")) == Result.OK

    async def closed(self) -> None:
        """Returns when the gateway has closed the connection."""
        try:
            while await self.reader.read(65536):
                pass
        except ConnectionError:
            pass


class World:
    """A running gateway with its doubles."""

    def __init__(
        self,
        drivers: DriverBook | None = None,
        keeper: MediaKeeper | None = None,
        **settings: Any,
    ) -> None:
        self.directory = DirectoryDouble()
        self.drivers = DriversDouble()
        self.media = MediaDouble()
        self.help = HelpDouble()
        self.store = StoreDouble()
        self.bus = BusDouble()
        self.registry = CollectorRegistry()
        self.gateway = Jt808Gateway(
            Jt808Config(host="127.0.0.1", port=0, **settings),
            directory=self.directory,
            drivers=drivers or self.drivers,
            media=keeper or self.media,
            telemetry=self.store,
            bus=self.bus,
            clock=ClockDouble(),
            registry=self.registry,
            help_line=self.help,
            on_stranger=lambda *wanted_in: self.strangers.append(wanted_in),
        )
        self.strangers: list[tuple[str, str]] = []
        self._terminals: list[TerminalDouble] = []

    async def connect(
        self, phone: str = "13800000001", version: Version = Version.V2019
    ) -> TerminalDouble:
        """Connected, not authenticated."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.gateway.port)
        self._terminals.append(TerminalDouble(reader, writer, phone, version))
        return self._terminals[-1]

    async def terminal(
        self, phone: str = "13800000001", version: Version = Version.V2019
    ) -> TerminalDouble:
        found = await self.connect(phone, version)
        await found.authenticate()
        return found

    def count(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(name, labels) or 0.0

    async def hang_up(self) -> None:
        for terminal in self._terminals:
            terminal.writer.close()
            await asyncio.gather(terminal.writer.wait_closed(), return_exceptions=True)


@asynccontextmanager
async def running(**settings: Any) -> AsyncIterator[World]:
    world = World(**settings)
    await world.gateway.start()
    try:
        async with asyncio.timeout(20):  # a hang is a failure, not a wait
            yield world
    finally:
        world.store.gate.set()
        world.drivers.gate.set()
        world.media.gate.set()
        world.help.gate.set()
        async with asyncio.timeout(20):
            await world.gateway.stop()
        await world.hang_up()


def a_position(device_ms: int | None = DEVICE_MS, alarm_bits: int = 0) -> Position:
    return Position(
        alarm_bits=alarm_bits,
        status_bits=POSITIONED,
        lat_microdeg=36_195_400,
        lon_microdeg=113_116_300,
        altitude_m=930,
        speed_dkmh=423,
        direction_deg=90,
        device_ms=device_ms,
        items=(Item(item_id=0x01, data=b"\0\0\0\x65"), Item(item_id=0x31, data=b"\x0b")),
    )
