"""Live ECG: from a vehicle's computer, and on to whoever may read that vehicle's patient.

Rule 1: a screen gets what was measured in the running mission and while the device was on its
        patient, however late it came: the rest belongs to somebody else. Whoever names no patient
        gets what nobody is known to have worn.
Rule 2: session and right are looked up again at every sign of life; without them the socket closes.
Rule 3: packets pass as they came; nothing is decoded here. Where the crew has moved electrodes the
        leads are named anew.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

import msgspec
import structlog
from litestar import Response, WebSocket, get, websocket
from litestar.exceptions import WebSocketDisconnect
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.ecg_file_routes import placed_of
from goldenhour.adapters.web.identity import EDGE, AnyRequest, Door, access, principal_of
from goldenhour.adapters.web.joined import records_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.live import Scope
from goldenhour.app.ports import Clock
from goldenhour.app.strips import StreamState, names_at
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS, phase_of
from goldenhour.wire.ecg_stream import Relabeller, wrap

PING_S: Final = 2.0
RUN_MS: Final = 10 * MINUTE_MS
"""The most of a run in one answer: a megabyte and a half of twelve leads."""
CLOSE_ENDED: Final = 4401
CLOSE_BAD: Final = 1003
_STATES = msgspec.json.Decoder(tuple[StreamState, ...])
_log = structlog.get_logger(__name__)

Socket = WebSocket[Any, Any, Any]
READERS: Final = access(Role.CREW, Role.HOSPITAL)


class EcgPing(Record, tag="ping", tag_field="type"):
    server_ms: int
    elsewhere: bool
    """There is an ECG aboard, and it is another patient's now, or nobody's."""
    late_ms: int
    """How long before it was sent here the newest packet was measured; 0: none was sent."""


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    @websocket("/api/ecg", opt=READERS)
    async def follow(socket: Socket, unit: str, patient_id: str = "") -> None:
        principal = principal_of(socket)
        await socket.accept()
        with suppress(WebSocketDisconnect, ConnectionError):
            await _follow(services, door, socket, principal, unit_id=unit, patient_id=patient_id)

    @get("/api/ecg/run", opt=READERS)
    async def run(
        request: AnyRequest, unit: str, patient_id: str = "", from_ms: int = 0, to_ms: int = 0
    ) -> Response[bytes]:
        """What is stored of the patient in the running mission, or the part [from_ms, to_ms) of it.

        Frames as on the wire: a length of two bytes and the packet. At most `RUN_MS` of them, the
        newest; `x-from-ms` says where they begin, and the mission with `x-begun-ms`.
        """
        principal = principal_of(request)
        desk = services.desk_of(principal)
        scope = await desk.hub.scope(services.identity_of(principal))
        mission, own = _mission_of(scope, unit), _records_of(scope, patient_id)
        if mission is None or mission.assigned_ms is None or own is None or desk.ecg is None:
            raise ProblemError(404, "absent", "ecg")
        end_ms = min(to_ms or services.clock.now_ms(), services.clock.now_ms())
        begin_ms = max(mission.assigned_ms, from_ms, end_ms - RUN_MS)

        def worn(device_id: str) -> tuple[tuple[int, int], ...]:
            begun_ms, now_ms = mission.assigned_ms or 0, services.clock.now_ms()
            return mission.devices.list_stretches(device_id, own, begun_ms, now_ms)

        packets = (
            await desk.ecg.list_packets(unit, begin_ms, end_ms, worn, placed_of(mission))
            if begin_ms < end_ms
            else []
        )
        return Response(
            b"".join(wrap(data) for data in packets),
            media_type="application/octet-stream",
            headers={
                "cache-control": "no-store",
                "x-from-ms": str(begin_ms),
                "x-begun-ms": str(mission.assigned_ms),
            },
        )

    handlers: list[Any] = [follow, run]
    if services.strip_sink is not None:
        handlers.append(_uplink(services))
    return handlers


def _mission_of(scope: Scope, unit_id: str) -> Mission | None:
    """The running mission of the vehicle, when the reader may read it."""
    missions = (
        state
        for stream, state in scope.view.states.items()
        if stream.startswith("mission:") and isinstance(state, Mission)
    )
    return next((m for m in missions if m.unit_id == unit_id and m.active), None)


def _records_of(scope: Scope, patient_id: str) -> frozenset[str] | None:
    """None: the reader may not read this patient."""
    if not patient_id:
        return frozenset()
    state = scope.view.states.get(f"patient:{patient_id}")
    return records_of(patient_id, state) if isinstance(state, Patient) else None


def _rewritten(mission: Mission) -> tuple[Any, ...]:
    return mission.devices.corrections, mission.devices.leads


def _own_of(scope: Scope, unit_id: str, patient_id: str) -> Callable[[str, int], bool]:
    """Whether a device was on this patient at a moment, as the run says it now."""

    def is_own(device_id: str, at_ms: int) -> bool:
        mission, own = _mission_of(scope, unit_id), _records_of(scope, patient_id)
        return (
            mission is not None and own is not None and mission.devices.is_on(device_id, at_ms, own)
        )

    return is_own


def _names_of(scope: Scope, unit_id: str) -> Callable[[str, int], Mapping[str, str]]:
    """Which declared lead was which other, as the run says it now."""

    def names(device_id: str, at_ms: int) -> Mapping[str, str]:
        mission = _mission_of(scope, unit_id)
        return names_at(placed_of(mission), device_id, at_ms) if mission else {}

    return names


class _Told:
    """What one screen has heard of."""

    def __init__(self, is_own: Callable[[str, int], bool], clock: Clock) -> None:
        self._is_own = is_own
        self._clock = clock
        self._heard: dict[str, int] = {}
        """Of each device when it measured what it said last."""
        self._newest_ms = 0
        self.late_ms = 0
        """How long before it was sent the newest was measured."""

    def hear(self, device_id: str, at_ms: int) -> bool:
        """Whether it is this screen's."""
        self._heard[device_id] = max(at_ms, self._heard.get(device_id, 0))
        own = self._is_own(device_id, at_ms)
        if own and at_ms > self._newest_ms:
            self._newest_ms, self.late_ms = at_ms, self._clock.now_ms() - at_ms
        return own

    @property
    def is_elsewhere(self) -> bool:
        return bool(self._heard) and not any(self._is_own(*one) for one in self._heard.items())


async def _follow(
    services: Services,
    door: Door,
    socket: Socket,
    principal: Principal,
    *,
    unit_id: str,
    patient_id: str,
) -> None:
    desk = services.desk_of(principal)
    scope = await desk.hub.scope(services.identity_of(principal))
    begun = _mission_of(scope, unit_id)
    if begun is None or begun.assigned_ms is None or _records_of(scope, patient_id) is None:
        await socket.close(code=CLOSE_ENDED, reason="absent")
        return
    from_ms, owned = begun.assigned_ms, _records_of(scope, patient_id)
    told = _Told(_own_of(scope, unit_id, patient_id), services.clock)

    async def send() -> None:
        position, relabeller = 0, Relabeller(_names_of(scope, unit_id))
        while True:
            strips, position = await desk.strips.next(unit_id, position)
            for strip in strips:
                if strip.clock is None or strip.measured_ms is None or strip.measured_ms < from_ms:
                    continue
                device_id, at_ms = strip.clock.device_id, strip.measured_ms
                data = relabeller.take(strip.data, device_id, at_ms)
                if told.hear(device_id, at_ms) and data is not None:
                    await socket.send_bytes(data)

    async def keep_alive() -> None:
        pause_s = PING_S * phase_of(unit_id)
        while True:
            ping = EcgPing(
                server_ms=services.clock.now_ms(),
                elsewhere=told.is_elsewhere,
                late_ms=told.late_ms,
            )
            await socket.send_text(msgspec.json.encode(ping).decode())
            await asyncio.sleep(pause_s)
            pause_s = PING_S
            now = _mission_of(scope, unit_id)
            same = now is not None and now.assigned_ms == from_ms
            own = _records_of(scope, patient_id)
            gone = await door.find_principal(socket) != principal
            if gone or now is None or not same or own is None:
                reason = "session_ended" if same and own is not None else "absent"
                await socket.close(code=CLOSE_ENDED, reason=reason)
                return
            if own != owned or _rewritten(now) != _rewritten(begun):
                # What the screen has may be another's now, or another lead: it asks for all again.
                await socket.close(code=CLOSE_ENDED, reason="corrected")
                return

    async def listen() -> None:
        while True:
            await socket.receive_text()

    scope.followers += 1
    tasks = [asyncio.create_task(work()) for work in (send, keep_alive, listen)]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        scope.followers -= 1
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _uplink(services: Services) -> Any:
    sink = services.strip_sink
    assert sink is not None  # the route exists only where packets are kept

    @websocket("/api/edge/ecg", opt={"access": EDGE})
    async def uplink(socket: Socket) -> None:
        vehicle = principal_of(socket)
        await socket.accept()
        with suppress(WebSocketDisconnect, ConnectionError):
            while True:
                message: dict[str, Any] = dict(await socket.receive())
                if message["type"] == "websocket.disconnect":
                    return
                try:
                    if (data := message.get("bytes")) is not None:
                        await sink.take(data, vehicle.unit_id)
                        continue
                    states = _STATES.decode(message.get("text") or "")
                except (ValueError, msgspec.DecodeError) as error:
                    # The peer is broken or newer than we are; it is told by the close.
                    _log.warning("ecg.uplink_refused", unit=vehicle.unit_id, reason=str(error))
                    await socket.close(code=CLOSE_BAD)
                    return
                missing = [await sink.missing(vehicle.unit_id, state) for state in states]
                await socket.send_text(msgspec.json.encode(missing).decode())

    return uplink
