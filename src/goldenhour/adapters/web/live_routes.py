"""Live views over WebSocket: a snapshot at N, then patches after N, and telemetry beside them.

Rule 1: the session is looked up again at every sign of life, so a revoked right closes the socket;
        whoever's organisation has moved in the tree goes on with a whole new snapshot.
Rule 2: a follower that is too slow gets a snapshot again, never a queue without bound.
Rule 3: what a seat has painted is recorded, at most once a second.
Rule 4: a dispatching seat is shown no record and no portrait of a patient.
"""

import asyncio
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from litestar import WebSocket, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery

from goldenhour.adapters.web.identity import ANYONE, Door, principal_of
from goldenhour.adapters.web.services import Desk, Services
from goldenhour.app.access import DESK, Principal, Role
from goldenhour.app.live import Hub, OwnNumerics, Scope
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.views.desk import for_desk
from goldenhour.views.fold import Key
from goldenhour.views.masked import for_crew
from goldenhour.views.rows import Row, UnrecordedRow

PING_S: Final = 2.0
TELEMETRY_S: Final = 1.0
CLOSE_ENDED: Final = 4401

_log = structlog.get_logger()


class Snapshot(Record, tag="snapshot", tag_field="type"):
    at: int
    rows: tuple[Row, ...]


class PatchMessage(Record, tag="patch", tag_field="type"):
    at: int
    put: tuple[Row, ...]
    drop: tuple[Key, ...]


class Fixes(Record, tag="fixes", tag_field="type"):
    fixes: tuple[Fix, ...]
    doubted: tuple[str, ...]
    """Every unit of the screen whose newest report is not believed: it stands where it was."""


class Numerics(Record, tag="numerics", tag_field="type"):
    numerics: tuple[NumericSet, ...]


class Unrecorded(Record, tag="unrecorded", tag_field="type"):
    """All that alarms in a vehicle and stands in no record; its own screens alone are told."""

    alarms: tuple[UnrecordedRow, ...]


class Ping(Record, tag="ping", tag_field="type"):
    server_ms: int
    delivery: int


class Ended(Record, tag="ended", tag_field="type"):
    code: str


ServerMessage = Snapshot | PatchMessage | Fixes | Numerics | Unrecorded | Ping | Ended


class Painted(Record, tag="painted", tag_field="type"):
    at: int


_PAINTED = msgspec.json.Decoder(Painted)
Socket = WebSocket[Any, Any, Any]


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    @websocket("/api/live", opt={"access": ANYONE})
    async def live(socket: Socket, after: FromQuery[int | None] = None) -> None:
        principal = principal_of(socket)
        await socket.accept()
        follower = _Follower(services, door, socket, principal)
        with suppress(WebSocketDisconnect, ConnectionError):
            await follower.run(after)

    handlers: list[Any] = [live]
    return handlers


class _MovedError(Exception):
    """The principal may read something else now, since the tree of organisations has changed."""


class _Follower:
    def __init__(
        self, services: Services, door: Door, socket: Socket, principal: Principal
    ) -> None:
        self._services = services
        self._door = door
        self._socket = socket
        self._principal = principal
        self._desk: Desk = services.desk_of(principal)
        self._sending = asyncio.Lock()

    async def run(self, after: int | None) -> None:
        while True:
            try:
                return await self._run_scope(after)
            except _MovedError:
                after = None

    async def _run_scope(self, after: int | None) -> None:
        scope = await self._desk.hub.scope(self._services.identity_of(self._principal))
        scope.followers += 1
        watching = self._desk.hub.watching
        watching[self._principal.person_id] += 1
        tasks = [
            asyncio.create_task(work)
            for work in (
                self._follow(scope, after),
                self._listen(),
                self._keep_alive(scope),
                self._telemetry(scope, self._desk.hub),
            )
        ]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                error = task.exception()
                if error and not isinstance(error, WebSocketDisconnect | ConnectionError):
                    raise error
        finally:
            scope.followers -= 1
            watching[self._principal.person_id] -= 1
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _send(self, message: ServerMessage) -> None:
        async with self._sending:
            await self._socket.send_text(msgspec.json.encode(message).decode())

    async def _follow(self, scope: Scope, after: int | None) -> None:
        position = scope.find_position(after)
        if position is None:
            position = await self._snapshot(scope)
        while True:
            patches = scope.patches_from(position)
            if patches is None:
                position = await self._snapshot(scope)
                continue
            for patch in patches:
                put = self._shown(patch.put)
                await self._send(PatchMessage(at=patch.at, put=put, drop=patch.drop))
            position += len(patches)
            async with scope.changed:
                await scope.changed.wait_for(lambda at=position: scope.position > at)  # type: ignore[misc] # the default binds this turn's value

    async def _snapshot(self, scope: Scope) -> int:
        rows = self._shown(scope.view.snapshot())
        position, message = scope.position, Snapshot(at=scope.at, rows=rows)
        await self._send(message)
        return position

    def _shown(self, rows: tuple[Row, ...]) -> tuple[Row, ...]:
        if self._principal.role in DESK:
            return for_desk(rows)
        if self._principal.role is Role.CREW and self._services.mask_callers:
            return for_crew(rows)
        return rows

    async def _listen(self) -> None:
        while True:
            text = await self._socket.receive_text()
            try:
                painted = _PAINTED.decode(text)
            except msgspec.DecodeError:
                _log.warning("live.odd_message", seat=self._principal.seat)
                continue
            if self._services.painted is not None:
                await self._services.painted(self._principal, painted.at)

    async def _keep_alive(self, scope: Scope) -> None:
        while True:
            now_ms = self._services.clock.now_ms()
            await self._send(Ping(server_ms=now_ms, delivery=scope.at))
            await asyncio.sleep(PING_S)
            if await self._door.find_principal(self._socket) != self._principal:
                await self._send(Ended(code="session_ended"))
                await self._socket.close(code=CLOSE_ENDED)
                return
            if self._services.identity_of(self._principal) != scope.identity:
                raise _MovedError

    async def _telemetry(self, scope: Scope, hub: Hub) -> None:
        """The newest fix of every unit on the screen and set of its devices, once a second."""
        fixes: dict[str, Fix] = {}
        numerics = OwnNumerics(scope)
        doubted: tuple[str, ...] = ()
        unrecorded: tuple[UnrecordedRow, ...] | None = None
        while True:
            before = doubted
            doubted = tuple(unit for unit in hub.positions.doubted if scope.shows_unit(unit))
            new_fixes = [
                fix
                for unit_id, fix in hub.positions.fixes.items()
                if fixes.get(unit_id) is not fix and scope.shows_unit(unit_id)
            ]
            new_numerics = numerics.list_new(hub.numerics.values())
            fixes |= {fix.unit_id: fix for fix in new_fixes}
            if new_fixes or doubted != before:
                await self._send(Fixes(fixes=tuple(new_fixes), doubted=doubted))
            if new_numerics:
                await self._send(Numerics(numerics=tuple(new_numerics)))
            # Once at least: a screen that comes back may show what is over.
            if (now := scope.list_unrecorded(hub.unrecorded)) != unrecorded:
                unrecorded = now
                await self._send(Unrecorded(alarms=now))
            await asyncio.sleep(TELEMETRY_S)
