"""The vehicle gateway: terminals of JT/T 808 on one side, directory, store and bus on the other.

Rule 1: a terminal has one connection; a second one replaces the first, since a terminal that lost
        its radio comes back long before its old socket dies.
Rule 2: a gateway holds no state that a restart loses: what was not stored was not acknowledged, and
        terminals register again by themselves.
"""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from ipaddress import ip_address, ip_network
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from goldenhour.adapters.jt808.alarms import Alarms
from goldenhour.adapters.jt808.cabin_video import CabinVideo
from goldenhour.adapters.jt808.config import Jt808Config
from goldenhour.adapters.jt808.connection import Connection
from goldenhour.adapters.jt808.intake import Intake
from goldenhour.adapters.jt808.metrics import Metrics
from goldenhour.adapters.jt808.writer import FixWriter
from goldenhour.app.ports import (
    Bus,
    Clock,
    TelemetryStore,
    Terminal,
    TerminalDirectory,
    TerminalReads,
)
from goldenhour.app.terminal_media import MediaKeeper
from goldenhour.app.terminals import DriverBook, HelpLine, TerminalState
from goldenhour.kernel.time import SECOND_MS
from goldenhour.wire.jt808 import Room, UnencodableError
from goldenhour.wire.jt808.messages import Body, Result
from goldenhour.wire.jt808.plain import warm

_log = structlog.get_logger(__name__)
_BACKLOG = 4096  # every terminal of a city may come back in one second


class TextOutcome(StrEnum):
    DELIVERED = "delivered"
    REFUSED = "refused"
    NOT_CONNECTED = "not_connected"
    TIMEOUT = "timeout"
    """No answer, or the line broke: the text may have been shown or not."""
    UNSENDABLE = "unsendable"
    """A character that GBK lacks, or longer than the standard allows; nothing was sent."""


_BEST_FIRST: Final = (
    TextOutcome.DELIVERED,
    TextOutcome.TIMEOUT,  # before a refusal, so that it is tried again
    TextOutcome.REFUSED,
    TextOutcome.UNSENDABLE,
    TextOutcome.NOT_CONNECTED,
)


class Jt808Gateway:
    def __init__(
        self,
        config: Jt808Config,
        *,
        directory: TerminalDirectory,
        drivers: DriverBook,
        media: MediaKeeper,
        telemetry: TelemetryStore,
        bus: Bus,
        clock: Clock,
        registry: CollectorRegistry,
        help_line: HelpLine | None = None,
        on_stranger: Callable[[str, str], None] = lambda _phone, _reason: None,
    ) -> None:
        """`on_stranger`: the number and the offence of a terminal that is in no register."""
        self.config = config
        self.directory = directory
        self.drivers = drivers
        self.media = media
        self.clock = clock
        self.stranger = on_stranger
        self.metrics = Metrics(registry)
        self.writer = FixWriter(
            config, store=telemetry, bus=bus, metrics=self.metrics, on_room=self._on_room
        )
        self.alarms = Alarms(help_line, config.help_alarms, round(config.help_alarm_s * SECOND_MS))
        self.intake = Intake(self.writer, self.alarms, self.metrics, clock)
        self.room = Room(config.max_part_bytes_of_all)
        self._video = CabinVideo(config.video)
        self._connections: set[Connection] = set()
        self._by_phone: dict[str, Connection] = {}
        self._looked_at: set[str] = set()
        self._logging_since, self._logged = 0.0, 0
        self._blocked: dict[Connection, None] = {}  # a dict, for its order
        self._gateways = [ip_network(network) for network in config.gateways]
        self._server: asyncio.Server | None = None
        self._writing: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        assert self._server is not None
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Listens; OSError when the address is taken."""
        warm()
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            lambda: Connection(self), self.config.host, self.config.port, backlog=_BACKLOG
        )
        self._writing = loop.create_task(self.writer.run())

    async def stop(self) -> None:
        """Ends when every position taken is stored and acknowledged and all sockets are shut."""
        if self._server is None or self._writing is None:
            return
        self._server.close()
        self.intake.run()
        self.writer.stop()
        await self._writing
        for connection in list(self._connections):
            connection.close("stopping")
        await self._server.wait_closed()
        self._server = self._writing = None

    async def send_text(self, unit_id: str, text: str, *, urgent: bool) -> TextOutcome:
        """Shows and speaks a text in the vehicle; the outcome is the best answer of its terminals.

        All are asked at once: a recorder that stands beside the terminal may know no texts. The
        first that has shown it is enough, so that a mute one holds up nothing.
        """
        asked = [
            asyncio.create_task(_ask_text(found, text, urgent=urgent))
            for found in self._by_phone.values()
            if found.unit_id == unit_id
        ]
        outcomes = [TextOutcome.NOT_CONNECTED]
        try:
            for answer in asyncio.as_completed(asked):
                outcomes.append(await answer)
                if outcomes[-1] is TextOutcome.DELIVERED:
                    break
        finally:
            for one in asked:
                one.cancel()
        return min(outcomes, key=_BEST_FIRST.index)

    def confirms(self, phone: str) -> bool:
        """Whether its driver can say that a text was read."""
        connection = self._by_phone.get(phone)
        return connection is not None and connection.profile.reads is TerminalReads.QUESTION

    async def ask_read(self, unit_id: str, text: str) -> bool:
        """Whether a driver of the unit pressed, in time, that the text was read."""
        here = [p for p, found in self._by_phone.items() if found.unit_id == unit_id]
        asked = [
            asyncio.create_task(self.ask_read_of(phone, text))
            for phone in here
            if self.confirms(phone)
        ]
        try:
            for answer in asyncio.as_completed(asked):
                if await answer:
                    return True
        finally:
            for one in asked:
                one.cancel()
        return False

    async def ask_read_of(self, phone: str, text: str) -> bool:
        """As `ask_read`, of one terminal."""
        connection = self._by_phone.get(phone)
        if connection is None:
            return False
        try:
            return await connection.ask_read(text)
        except (UnencodableError, TimeoutError, ConnectionError):
            return False

    def ask_video(self, unit_id: str) -> None:
        """Once more, of each of the unit's recorders; what comes of it is in the log."""
        for connection in self._by_phone.values():
            if connection.unit_id == unit_id:
                self._video.ask(connection)

    async def ask(self, phone: str, body: Body) -> Body:
        """The terminal's answer.

        ConnectionError: it is not connected, or its line broke; TimeoutError: it says nothing;
        UnencodableError: nothing could be sent.
        """
        connection = self._by_phone.get(phone)
        if connection is None:
            raise ConnectionError("not connected")
        return await connection.ask(body)

    def look(self, looked_at: set[str]) -> None:
        """These keep their newest frames, the others no longer."""
        for phone in looked_at | self._looked_at:
            if connection := self._by_phone.get(phone):
                connection.watch.look(on=phone in looked_at)
        self._looked_at = looked_at

    def list_states(self, phones: Iterable[str]) -> list[TerminalState]:
        """Of those among them that are connected; with their newest frames if they keep them."""
        return [self._by_phone[phone].state() for phone in phones if phone in self._by_phone]

    def list_phones(self) -> set[str]:
        """The terminals that are connected and authenticated."""
        return set(self._by_phone)

    def keep_only(self, terminals: Mapping[str, Terminal], phones: Iterable[str]) -> None:
        """Close those of these that are not in this directory any more, or stand there anew.

        One whose profile was changed connects again by itself, and is read by the new one then.
        """
        for phone in phones:
            connection, found = self._by_phone.get(phone), terminals.get(phone)
            if connection is None:
                continue
            if found is None or found.unit_id != connection.unit_id:
                connection.close("revoked")
            elif found.profile != connection.profile:
                connection.close("profile")

    # What connections call (connection.Hub).

    def opened(self, connection: Connection) -> bool:
        self._connections.add(connection)
        self.metrics.connections.set(len(self._connections))
        return len(self._connections) <= self.config.max_connections

    def closed(self, connection: Connection) -> None:
        self._connections.discard(connection)
        self._blocked.pop(connection, None)
        self.metrics.connections.set(len(self._connections))
        self.logged_out(connection)

    def authenticated(self, connection: Connection) -> None:
        first = self._by_phone.get(connection.phone)
        self._by_phone[connection.phone] = connection
        if first is not None and first is not connection:
            first.close("replaced")
        self._video.ask(connection)

    def logged_out(self, connection: Connection) -> None:
        if self._by_phone.get(connection.phone) is connection:
            del self._by_phone[connection.phone]

    def is_gateway(self, peer: str) -> bool:
        try:
            address = ip_address(peer)
        except ValueError:
            return False
        return any(address in network for network in self._gateways)

    def may_log(self) -> bool:
        now, most = asyncio.get_running_loop().time(), self.config.bad_frames_logged_per_s
        if now - self._logging_since >= 1:
            if self._logged > most:
                _log.warning("jt808.bad_frames_not_logged", count=self._logged - most)
            self._logging_since, self._logged = now, 0
        self._logged += 1
        return self._logged <= most

    def wait_for_room(self, connection: Connection) -> None:
        self._blocked[connection] = None

    def _on_room(self) -> None:
        blocked, self._blocked = self._blocked, {}
        for connection in blocked:
            connection.pump()


async def _ask_text(connection: Connection, text: str, *, urgent: bool) -> TextOutcome:
    try:
        result = await connection.ask_text(text, urgent=urgent)
    except UnencodableError:
        return TextOutcome.UNSENDABLE
    except (TimeoutError, ConnectionError):
        return TextOutcome.TIMEOUT
    return TextOutcome.DELIVERED if result == Result.OK else TextOutcome.REFUSED
