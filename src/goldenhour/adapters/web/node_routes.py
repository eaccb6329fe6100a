"""Between nodes: board, shared cases and answers for another one; the others' boards for desks.

Rule 1: what another node told and this one could not keep is shown to whoever can telephone it: the
        administrator of the whole and the supervisors. They have it told again, or dismiss it; who
        did is on the access log.
"""

import asyncio
from collections import Counter
from contextlib import suppress
from typing import Any, Final

import msgspec
from litestar import Request, WebSocket, get, post, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec.structs import replace

from goldenhour.adapters.web.identity import NODES, AnyRequest, Door, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.realm import realm_of
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import DESK, Role
from goldenhour.app.copies import CopiesHello, CopyStore, RefusedCopy, told_to
from goldenhour.app.handing import CaseDeed
from goldenhour.app.lending import NO_COPIES, Ask, AskAnswer
from goldenhour.app.peers import NodeBoard, PeerStatus, board_of
from goldenhour.kernel.record import Record

SIGN_OF_LIFE_S: Final = 2.0
_HELLO: Final = msgspec.json.Decoder(CopiesHello)

Socket = WebSocket[Any, Any, Any]


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    @get("/api/node/board", opt={"access": NODES})
    async def board(request: AnyRequest) -> NodeBoard:
        """What the organisation that the other node was registered for may read of units."""
        if not services.facts.node:
            raise ProblemError(404, "absent")
        principal = principal_of(request)
        hub = services.desk_of(principal).hub
        scope = await hub.scope(services.identity_of(principal))
        rows, fixes = scope.view.rows.values(), hub.positions.fixes
        return board_of(services.facts.node, rows, fixes, services.clock.now_ms())

    @post("/api/node/ask", opt={"access": NODES}, status_code=200)
    async def ask(request: Request[Any, Any, Any], data: JSONBody[Ask]) -> AskAnswer:
        """For a unit of this node, or that its run be called off; answered at once."""
        if services.lender is None:
            raise ProblemError(404, "absent")
        principal = principal_of(request)
        scope = await services.desk_of(principal).hub.scope(services.identity_of(principal))
        return await services.lender.answer(principal.name, principal.org, data, scope.view)

    @post("/api/node/case", opt={"access": NODES}, status_code=200)
    async def case_deed(request: Request[Any, Any, Any], data: JSONBody[CaseDeed]) -> AskAnswer:
        """A case that was offered to that node is taken or declined by one of its desks."""
        if services.giver is None:
            raise ProblemError(404, "absent")
        return await services.giver.answer(principal_of(request).name, data)

    @websocket("/api/node/feed", opt={"access": NODES})
    async def feed(socket: Socket) -> None:
        """The streams of this node in which the other has a part, from what it has on."""
        await socket.accept()
        if services.copies is None:
            return
        with suppress(WebSocketDisconnect, ConnectionError, msgspec.DecodeError):
            known = _HELLO.decode(await socket.receive_text()).known
            await _feed(services, services.copies, door, socket, dict(known))

    @get("/api/nodes", opt=access(*DESK))
    async def nodes() -> list[PeerStatus]:
        if services.peers is None or services.copies is None:
            return []
        refused = await services.copies.list_refused()
        counts = Counter(one.node for one in refused if one.dismissed_ms is None)
        return [replace(one, refused=counts[one.node]) for one in services.peers.list_status()]

    handlers: list[Any] = [board, ask, case_deed, feed, nodes, *_refused_routes(services)]
    return handlers


class CopyName(Record):
    node: str
    stream: str


def _refused_routes(services: Services) -> list[Any]:
    keepers = access(Role.SUPERVISOR, Role.ADMIN)

    def copies(request: AnyRequest) -> CopyStore:
        if services.copies is None:
            raise ProblemError(404, "absent")
        principal = principal_of(request)
        if principal.role is Role.ADMIN and not realm_of(request, services).is_all:
            raise ProblemError(404, "absent")
        return services.copies

    async def log(request: AnyRequest, action: str, name: CopyName) -> None:
        person_id, now_ms = principal_of(request).person_id, services.clock.now_ms()
        subject = f"{name.node} {name.stream}"
        await services.accounts.log_access(now_ms, person_id, action, subject, "accepted")

    async def dismiss_at(request: AnyRequest, name: CopyName, action: str, at: int | None) -> None:
        person_id = principal_of(request).person_id
        if not await copies(request).dismiss_refused(name.node, name.stream, person_id, at):
            raise ProblemError(404, "absent", "stream")
        await log(request, action, name)

    @get("/api/nodes/refused", opt=keepers)
    async def refused(request: AnyRequest) -> list[RefusedCopy]:
        return await copies(request).list_refused()

    @post("/api/nodes/refused/again", opt=keepers)
    async def again(request: AnyRequest, data: JSONBody[CopyName]) -> None:
        """Its node tells everything anew that is not here."""
        copies(request)
        if services.tell_again is None or not await services.tell_again(data.node):
            raise ProblemError(404, "absent", "node")
        await log(request, "copy.again", data)

    @post("/api/nodes/refused/dismiss", opt=keepers)
    async def dismiss(request: AnyRequest, data: JSONBody[CopyName]) -> None:
        await dismiss_at(request, data, "copy.dismiss", services.clock.now_ms())

    @post("/api/nodes/refused/take-back", opt=keepers)
    async def take_back(request: AnyRequest, data: JSONBody[CopyName]) -> None:
        await dismiss_at(request, data, "copy.take_back", None)

    return [refused, again, dismiss, take_back]


async def _feed(
    services: Services,
    copies: CopyStore,
    door: Door,
    socket: Socket,
    known: dict[str, int],
) -> None:
    """Until its key is revoked. An empty message is a sign of life."""
    node = principal_of(socket)
    identity = told_to(node.name)
    scope = await services.desk_of(node).hub.scope(identity)
    scope.followers += 1
    try:
        while await door.find_vehicle(socket) == node:
            position = scope.position
            told = await copies.list_told(node.name)
            waiting = {s: known.get(s, 0) for s, at in told.items() if at > known.get(s, 0)}
            message = await copies.read(waiting, identity) if waiting else NO_COPIES
            await socket.send_text(msgspec.json.encode(message).decode())
            known |= {event.stream: event.version for event in message.events}
            if message.events:
                continue
            async with scope.changed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        scope.changed.wait_for(lambda at=position: scope.position > at),  # type: ignore[misc] # the default binds this turn's value
                        SIGN_OF_LIFE_S,
                    )
    finally:
        scope.followers -= 1
