"""The centre's side of a vehicle's computer: upload, feed, roster, beat. Protocol: app/edge.py.

A centre's fallback seat uses the same routes.
"""

import asyncio
import zlib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any, Final, NamedTuple

import msgspec
from litestar import Request, Response, WebSocket, get, post, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler
from litestar.params import FromQuery, JSONBody
from msgspec.structs import replace

from goldenhour.adapters.web.identity import EDGES, AnyRequest, Door, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import EdgeCentre, Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.clocks import ClockSeen
from goldenhour.app.edge import (
    Beat,
    BeatAnswer,
    FedEvent,
    FeedHello,
    FeedMessage,
    Roster,
    Share,
    Upload,
    UploadAnswer,
    vitals_lane,
)
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import Identity
from goldenhour.app.live import Hub, Reader, Scope
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.fold import personal_rows

SIGN_OF_LIFE_S: Final = 2.0
MOST_STREAMS: Final = 50
"""Read at once: a centre's whole board is more than a message may be."""
MOST_BYTES: Final = 128 * 1024
"""Of events and their texts in one message, of which one goes in any case: over a slow line a
message must have come whole before the other side takes the silence for a lost link."""
MOST_UNPACKED_BYTES: Final = 8 * 1024 * 1024
"""Of an upload: no vehicle packs as much; a few bytes that unpack without end are no upload."""
_FARTHEST_MS: Final = 2**53
"""A clock that was never set is decades off; more is no clock."""
_HELLO = msgspec.json.Decoder(FeedHello)
_BEAT = msgspec.json.Decoder(Beat)

Socket = WebSocket[Any, Any, Any]


class _MayBePacked(Request[Any, Any, Any]):
    """Whose content a vehicle may have packed."""

    async def body(self) -> bytes:
        data = await super().body()
        coding = self.headers.get("content-encoding", "identity")
        if coding == "identity":
            return data
        if coding != "deflate":
            raise ProblemError(415, "invalid", "content-encoding")
        unpacking = zlib.decompressobj()
        try:
            plain = unpacking.decompress(data, MOST_UNPACKED_BYTES)
        except zlib.error as error:
            raise ProblemError(400, "invalid", "body", str(error)) from error
        if not unpacking.eof:
            raise ProblemError(400, "invalid", "body", "cut off, or more than a vehicle packs")
        return plain


def routes(services: Services, centre: EdgeCentre, door: Door) -> list[BaseRouteHandler]:
    @post("/api/edge/upload", opt={"access": EDGES}, status_code=200, request_class=_MayBePacked)
    async def upload(
        request: Request[Any, Any, Any],
        data: JSONBody[Upload],
        *,
        reasons: FromQuery[bool] = False,
        packs: FromQuery[bool] = False,
        clock_ms: FromQuery[int | None] = None,
        clock_within_ms: FromQuery[int | None] = None,
    ) -> UploadAnswer:
        """`clock_ms`: what a vehicle has to add to its clock, give or take `clock_within_ms`."""
        vehicle = principal_of(request)
        if data.installation not in {vehicle.person_id, vitals_lane(vehicle.person_id)}:
            raise ProblemError(403, "not_allowed", "installation")
        if clock_ms is not None and clock_within_ms is not None:
            await _hear_clock(services, vehicle, clock_ms, clock_within_ms)
        answer = await centre.take(data, vehicle)
        return replace(answer, reasons=answer.reasons if reasons else {}, unpacks=packs)

    @get("/api/edge/roster", opt={"access": EDGES})
    async def roster(request: AnyRequest) -> Roster:
        found = await centre.roster(principal_of(request))
        if found is None:
            raise ProblemError(404, "absent")
        return found

    @get("/api/edge/share", opt={"access": EDGES})
    async def share(request: AnyRequest) -> Share:
        device = await door.find_computer(request)
        if device is None or not device.key:
            # Registered by a release that knew of no shares: it must be registered anew.
            raise ProblemError(404, "absent")
        return Share(share=bytes.fromhex(device.key))

    @get("/api/edge/speeds", opt={"access": EDGES})
    async def speeds(network: str, than_ms: int = 0) -> Response[bytes]:
        """`TaughtSpeeds` of this road network; no content where there is nothing newer."""
        taught = services.taught_speeds(network) if services.taught_speeds else None
        if taught is None or taught.learnt_ms <= than_ms:
            return Response(b"", status_code=204)
        return Response(msgspec.json.encode(taught), media_type="application/json")

    @websocket("/api/edge/feed", opt={"access": EDGES})
    async def feed(socket: Socket, tablets: FromQuery[bool] = False) -> None:
        vehicle = principal_of(socket)
        await socket.accept()
        with suppress(WebSocketDisconnect, ConnectionError, msgspec.DecodeError):
            known = _HELLO.decode(await socket.receive_text()).known
            await _feed(services, door, socket, vehicle, dict(known), tablets=tablets)

    @websocket("/api/edge/beat", opt={"access": EDGES})
    async def beat(socket: Socket) -> None:
        vehicle = principal_of(socket)
        await socket.accept(headers={"Accept-Encoding": "deflate"})  # what goes up may be packed
        with suppress(WebSocketDisconnect, ConnectionError, msgspec.DecodeError):
            while await door.find_vehicle(socket) == vehicle:
                asked = _BEAT.decode(await socket.receive_text())
                answer = BeatAnswer(number=asked.number, server_ms=services.clock.now_ms())
                await socket.send_text(msgspec.json.encode(answer).decode())

    handlers: list[Any] = [upload, roster, share, speeds, feed, beat]
    return handlers


async def _hear_clock(
    services: Services, vehicle: Principal, offset_ms: int, uncertainty_ms: int
) -> None:
    """A seat's clock proves no time of a vehicle; no bytes of an upload wait for this one."""
    if services.clocks is None or vehicle.role is Role.SEAT:
        return
    if uncertainty_ms < 0 or max(abs(offset_ms), uncertainty_ms) > _FARTHEST_MS:
        raise ProblemError(400, "out_of_range", "clock_ms")
    await services.clocks.hear(
        ClockSeen(
            unit_id=vehicle.unit_id,
            heard_ms=services.clock.now_ms(),
            offset_ms=offset_ms,
            uncertainty_ms=uncertainty_ms,
        )
    )


async def _feed(
    services: Services,
    door: Door,
    socket: Socket,
    vehicle: Principal,
    known: dict[str, int],
    *,
    tablets: bool = False,
) -> None:
    """Until the vehicle's key is revoked or its place in the tree is another; it asks again.

    `tablets`: whether it can read a position of a tablet.
    """
    desk = services.desk_of(vehicle)
    identity = services.identity_of(vehicle)
    centre = services.edge_centre
    scope: Scope = await desk.hub.scope(identity)
    is_seat = vehicle.role is Role.SEAT
    shown: dict[str, Fix] = {}
    unsent: list[_Told] = []
    scope.followers += 1
    try:
        while (
            await door.find_vehicle(socket) == vehicle and services.identity_of(vehicle) == identity
        ):
            versions = dict(scope.view.versions)
            # The right to what was read a while ago may have ended.
            unsent = [one for one in unsent if one.event.stream in versions]
            if not unsent:
                unsent = await _read(desk.reader, identity, _waiting(versions, known), known)
            count = _count_fitting(unsent)
            fresh, unsent = unsent[:count], unsent[count:]
            # By version: a stream of nothing but kinds that we do not know has no state.
            forget = tuple(s for s in known if s not in versions)
            moved = _moved(desk.hub, scope, shown) if is_seat else {}
            told = [fix for fix in moved.values() if tablets or not fix.tablet]
            own = desk.hub.positions.fixes.get(vehicle.unit_id)
            message = FeedMessage(
                server_ms=services.clock.now_ms(),
                events=tuple(one.event for one in fresh),
                personal={row: text for one in fresh for row, text in one.texts.items()},
                forget=forget,
                fix=own if own and (tablets or not own.tablet) else None,
                monitors=centre.monitors(vehicle.unit_id) if centre and not is_seat else None,
                fixes=tuple(told),
                tablets=tablets and services.ear_of is not None,
            )
            position = scope.position
            await socket.send_text(msgspec.json.encode(message).decode())
            known |= {one.event.stream: one.event.version for one in fresh}
            shown |= moved
            for stream in forget:
                known.pop(stream)
            if fresh and (unsent or _waiting(versions, known)):
                continue
            async with scope.changed:
                with suppress(TimeoutError):
                    await asyncio.wait_for(
                        scope.changed.wait_for(lambda at=position: scope.position > at),  # type: ignore[misc] # the default binds this turn's value
                        SIGN_OF_LIFE_S,
                    )
    finally:
        scope.followers -= 1


class _Told(NamedTuple):
    event: FedEvent
    texts: Mapping[str, str]
    """Of the personal rows that it points to."""


def _waiting(versions: Mapping[str, int], known: Mapping[str, int]) -> list[str]:
    return [s for s, version in versions.items() if version > known.get(s, 0)][:MOST_STREAMS]


async def _read(
    reader: Reader, identity: Identity, streams: Sequence[str], known: Mapping[str, int]
) -> list[_Told]:
    """What is newer in these streams, each in the order of its versions."""
    if not streams:
        return []
    envelopes = await reader.list_streams(streams, identity)
    fresh = [e for e in envelopes if e.version > known.get(e.stream, 0)]
    rows = [personal_rows(recorded_of(e)) for e in fresh]
    wanted = [row for own in rows for row in own]
    texts = await reader.reveal(wanted, identity) if wanted else {}
    owners = await reader.owners(streams)
    names = [name for name in FedEvent.__struct_fields__ if name != "owner"]
    return [
        _Told(
            FedEvent(**{name: getattr(e, name) for name in names}, owner=owners.get(e.stream, "")),
            {row: texts[row] for row in own if row in texts},
        )
        for e, own in zip(fresh, rows, strict=True)
    ]


def _count_fitting(told: Sequence[_Told]) -> int:
    """How many of them make one message: whole streams where that can be.

    Half of one would show a task for a moment that was called off in the next message.
    """
    size = 0
    for count, one in enumerate(told):
        size += len(msgspec.json.encode(one))
        if count and size > MOST_BYTES:
            whole = count
            while whole and told[whole].event.stream == told[whole - 1].event.stream:
                whole -= 1
            return whole or count
    return len(told)


def _moved(hub: Hub, scope: Scope, shown: dict[str, Fix]) -> dict[str, Fix]:
    """The positions that are not what was shown before, of the units on this screen."""
    return {
        unit_id: fix
        for unit_id, fix in hub.positions.fixes.items()
        if shown.get(unit_id) is not fix and scope.shows_unit(unit_id)
    }
