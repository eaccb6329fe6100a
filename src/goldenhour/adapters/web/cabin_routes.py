"""The cabin, live: from a vehicle's computer, and on to the hospital that watches.

Rule 1: a hospital as long as it may read the run and the run is active; the answer to anybody else
        is that of a run that does not exist. The first wall turns other roles away.
Rule 2: session, right and run are looked up again every two seconds; without them it closes.
Rule 3: who looked at which run is on the access log before the first picture.
Rule 4: pictures pass as they came and are not kept. A vehicle speaks for a run of its own only.
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from litestar import WebSocket, post, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody

from goldenhour.adapters.web.identity import EDGE, AnyRequest, Door, access, principal_of
from goldenhour.adapters.web.looks import Looks
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.adapters.web.video_routes import find_run
from goldenhour.app.access import Principal, Role
from goldenhour.app.cabin import CabinLine, CabinPicture, CabinSaid, CabinSwitch, CabinWatch
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.wire.jt1078 import Joiner, Kept, Slice, begins, read_slice, write_kept

CHECK_S: Final = 2.0
CLOSE_ENDED: Final = 4401
CLOSE_BAD: Final = 1003
_SAID = msgspec.json.Decoder(CabinSaid)
_log = structlog.get_logger(__name__)

Socket = WebSocket[Any, Any, Any]


class CabinState(Record):
    """What a screen is told, at every change and every two seconds."""

    server_ms: int
    cameras: tuple[str, ...]
    camera: str
    """Of which pictures come now; empty: none answers."""
    closed: bool
    """The crew lets nobody watch."""


class CabinSwitched(Record):
    closed: bool


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    looks = Looks(services)

    @websocket("/api/cabin", opt=access(Role.HOSPITAL))
    async def watch(socket: Socket, mission_id: str, camera: str = "") -> None:
        principal = principal_of(socket)
        await socket.accept()
        with suppress(WebSocketDisconnect, ConnectionError):
            if not await _may_watch(services, principal, mission_id):
                await socket.close(code=CLOSE_ENDED, reason="absent")
                return
            await looks.log(principal.person_id, "cabin.view", mission_id)
            with services.desk_of(principal).cabin.watch(mission_id, camera) as look:
                await _watch(services, door, socket, mission_id, look)

    handlers: list[Any] = [watch]
    if services.edge_centre is not None:
        handlers.append(_from_vehicle(services, door))
    if services.cabin_of is not None:
        handlers.append(_switch(services.cabin_of))
    return handlers


async def _may_watch(services: Services, principal: Principal, mission_id: str) -> bool:
    run = await find_run(services, principal, mission_id)
    return run is not None and run.active


async def _watch(
    services: Services, door: Door, socket: Socket, mission_id: str, look: CabinWatch
) -> None:
    principal = principal_of(socket)

    async def show() -> None:
        while True:
            for picture in await look.next():
                await socket.send_bytes(picture.data)

    async def tell() -> None:
        told: tuple[CabinSaid | None, str] | None = None
        while True:
            changed, now = look.changed, (look.heard, look.camera)
            if now != told:
                told = now
                await _send(socket, _state(services, look))
            await changed.wait()

    async def check() -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            session = await door.find_principal(socket) == principal
            if not session or not await _may_watch(services, principal, mission_id):
                reason = "absent" if session else "session_ended"
                await socket.close(code=CLOSE_ENDED, reason=reason)
                return
            await _send(socket, _state(services, look))

    await _first_of(show, tell, check, lambda: _listen(socket))


def _state(services: Services, look: CabinWatch) -> CabinState:
    heard = look.heard
    return CabinState(
        server_ms=services.clock.now_ms(),
        cameras=heard.cameras if heard else (),
        camera=look.camera if heard else "",
        closed=heard is not None and heard.closed,
    )


async def _listen(socket: Socket) -> None:
    while True:
        await socket.receive_text()


def _from_vehicle(services: Services, door: Door) -> Any:
    @websocket("/api/edge/cabin", opt={"access": EDGE})
    async def filmed(socket: Socket, mission_id: str) -> None:
        vehicle = principal_of(socket)
        await socket.accept()
        with suppress(WebSocketDisconnect, ConnectionError):
            if not await _is_on(services, vehicle, mission_id):
                await socket.close(code=CLOSE_ENDED, reason="absent")
                return
            with services.desk_of(vehicle).cabin.line(mission_id) as line:
                await _take(services, door, socket, mission_id, line)

    return filmed


async def _is_on(services: Services, vehicle: Principal, mission_id: str) -> bool:
    """By the view that its feed holds in memory: every vehicle on a run asks."""
    scope = await services.desk_of(vehicle).hub.scope(services.identity_of(vehicle))
    run = scope.view.states.get(f"mission:{mission_id}")
    return isinstance(run, Mission) and run.active and run.unit_id == vehicle.unit_id


async def _take(
    services: Services, door: Door, socket: Socket, mission_id: str, line: CabinLine
) -> None:
    vehicle = principal_of(socket)
    joiners: defaultdict[str, Joiner] = defaultdict(Joiner)
    last: dict[str, Kept] = {}
    """Of each camera."""

    def pictures(item: Slice) -> list[CabinPicture]:
        found = []
        for unit in joiners[item.camera].put(item):
            new = begins(last.get(item.camera), unit)
            found.append(CabinPicture(begins=new, data=write_kept(unit)))
            last[item.camera] = unit
        return found

    async def hear() -> None:
        while True:
            message: dict[str, Any] = dict(await socket.receive())
            if message["type"] == "websocket.disconnect":
                return
            try:
                if (data := message.get("bytes")) is not None:
                    item = read_slice(data)
                    line.take(item.camera, pictures(item))
                else:
                    line.say(_SAID.decode(message.get("text") or ""))
            except (ValueError, msgspec.DecodeError) as error:
                # The peer is broken or newer than we are; it is told by the close.
                _log.warning("cabin.refused", unit=vehicle.unit_id, reason=str(error))
                await socket.close(code=CLOSE_BAD)
                return

    async def ask() -> None:
        asked = None
        while True:
            changed, now = line.changed, line.ask()
            if now != asked:
                asked = now
                await _send(socket, now)
            await changed.wait()

    async def check() -> None:
        while True:
            await asyncio.sleep(CHECK_S)
            known = await door.find_vehicle(socket) == vehicle
            if not known or not await _is_on(services, vehicle, mission_id):
                await socket.close(code=CLOSE_ENDED, reason="absent")
                return

    await _first_of(hear, ask, check)


def _switch(cabin_of: Callable[[str], CabinSwitch | None]) -> Any:
    @post("/api/edge/cabin/switch", opt=access(Role.CREW), status_code=200)
    async def switch(request: AnyRequest, data: JSONBody[CabinSwitched]) -> CabinSwitched:
        """Whether hospitals may watch the run that the vehicle is on."""
        cabin = cabin_of(principal_of(request).unit_id)
        if cabin is None:
            raise ProblemError(404, "absent", "cabin")
        await cabin.switch(closed=data.closed)
        return CabinSwitched(closed=cabin.closed)

    return switch


async def _send(socket: Socket, message: Record) -> None:
    await socket.send_text(msgspec.json.encode(message).decode())


async def _first_of(*works: Callable[[], Awaitable[None]]) -> None:
    """Until one of them ends; raises what ended it."""
    tasks: Sequence[asyncio.Future[None]] = [asyncio.ensure_future(work()) for work in works]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
