"""A DOUBLE of vehicle terminals: one process, many TCP connections speaking JT/T 808.

Rule 1: it never imports `wire.jt808`; see `jt808_frames`.
Rule 2: a fix lives until the platform has answered for it. What was kept while the link was down,
or was sent and never answered, follows as 0x0704 type 1, oldest first, a long one in parts.
Rule 3: everything drawn comes from the given `rng`; each terminal has a stream of its own.
Rule 4: nothing here may reach a live world: it warns once, loudly.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from random import Random  # noqa: TID251 (a simulator makes generators from the one it is given)
from typing import Final, Protocol

import structlog

from goldenhour.app.ports import Clock
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS
from goldenhour.simulator import jt808_frames as frames
from goldenhour.simulator.driving import DrivePlan, Vehicle
from goldenhour.simulator.jt808_camera import Camera, CameraFaults, Picture
from goldenhour.simulator.jt808_outbox import LONG_BYTES, LongMessages, Outbox, PartFaults

_log = structlog.get_logger(__name__)

_CHUNK_BYTES: Final = 4_096
_SERIALS: Final = 0x1_0000
_OK: Final = 0
_FAILED: Final = 1
_NO_CHANNEL: Final = 2
_UNSUPPORTED: Final = 3


class PlanSource(Protocol):
    """Where a unit shall drive; it does not raise. Test double: `Plans` in test_terminals.py."""

    async def current(self, unit_id: str) -> DrivePlan | None: ...


class Faults(Record):
    """Chances of each fault, per report."""

    zero_fix: float = 0.0
    duplicate: float = 0.0
    out_of_order: float = 0.0
    wrong_length: float = 0.0
    silence: float = 0.0
    silence_s: float = 720.0
    long_batch: float = 0.0
    """That a history goes as one message in parts."""
    parts: PartFaults = PartFaults()
    camera: CameraFaults = CameraFaults()


class TerminalDouble(Record):
    unit_id: str
    identity: frames.Identity
    home: Point
    code: str = ""
    """The authentication code of an earlier registration; empty: it registers first."""
    card: frames.Card | None = None
    """Of the driver; None: there is none in the reader."""
    channels: tuple[int, ...] = (1,)
    """Of its cameras."""


class TerminalsConfig(Record):
    host: str
    port: int
    terminals: tuple[TerminalDouble, ...]
    moving_period_s: float = 1.0
    parked_period_s: float = 10.0
    heartbeat_s: float = 30.0
    answer_timeout_s: float = 20.0
    retry_s: float = 5.0
    reading_s: tuple[float, float] = (3.0, 15.0)
    """How soon and how late a crew confirms a text."""
    kept_fixes: int = 20_000
    faults: Faults = Faults()


def list_terminals(
    homes: Mapping[str, Point], *, first_phone: int = 13_900_000_000
) -> tuple[TerminalDouble, ...]:
    """One terminal for each unit, every second one of the 2019 edition."""
    return tuple(
        TerminalDouble(
            unit_id=unit_id,
            identity=frames.Identity(
                phone=str(first_phone + number), v2019=number % 2 == 1, plate=f"测A{number:05d}"
            ),
            home=home,
            card=frames.Card(
                name="测试员",
                certificate=f"{number:018}",
                issuer="测试运管局",
                valid_until="20991231",
                id_number=f"{number:018}",
            ),
        )
        for number, (unit_id, home) in enumerate(homes.items())
    )


async def run_terminals(
    config: TerminalsConfig, *, plan: PlanSource, clock: Clock, rng: Random
) -> None:
    """Runs until cancelled."""
    _log.warning(
        "simulator.terminal_double",
        meaning="THESE VEHICLE TERMINALS ARE A DOUBLE: no vehicle is where they say",
        terminals=len(config.terminals),
    )
    async with asyncio.TaskGroup() as group:
        for terminal in config.terminals:
            own = Random(rng.getrandbits(64))  # noqa: S311 (a simulation, no secret)
            running = _Terminal(config, terminal, plan, clock, own)
            group.create_task(running.drive())
            group.create_task(running.stay_connected())


class _RefusedError(Exception):
    """The platform did not let the terminal in."""


class _Terminal:
    def __init__(
        self,
        config: TerminalsConfig,
        terminal: TerminalDouble,
        plans: PlanSource,
        clock: Clock,
        rng: Random,
    ) -> None:
        self._config = config
        self._unit_id = terminal.unit_id
        self._who = terminal.identity
        self._code = terminal.code
        self._plans = plans
        self._clock = clock
        self._rng = rng
        self._vehicle = Vehicle(terminal.home)
        self._outbox = Outbox(config.kept_fixes)
        self._card = terminal.card
        self._long = LongMessages(terminal.identity, config.faults.parts, rng)
        self._camera = Camera(terminal.identity, terminal.channels, config.faults.camera, rng)
        self._splitter = frames.Splitter(terminal.identity)
        self._writer: asyncio.StreamWriter | None = None
        self._online = False
        self._serial = rng.randrange(_SERIALS)
        self._held: bytes | None = None
        self._texts: list[tuple[int, int]] = []
        self._questions: list[tuple[int, int]] = []
        self._silent_until_ms = 0
        self._last_sent_ms = 0
        self._log = _log.bind(unit_id=terminal.unit_id)

    # Driving: one tick after another, whether or not anybody listens.

    async def drive(self) -> None:
        await asyncio.sleep(self._rng.random() * self._config.moving_period_s)
        before_ms = self._clock.now_ms()
        reported_ms: int | None = None
        while True:
            now_ms = self._clock.now_ms()
            was_moving = self._vehicle.speed_kmh > 0
            plan = await self._plans.current(self._unit_id)
            self._vehicle.advance(plan, (now_ms - before_ms) / SECOND_MS)
            before_ms = now_ms
            moves = was_moving or self._vehicle.speed_kmh > 0  # the stop itself is reported too
            due_ms = (0 if moves else self._config.parked_period_s) * SECOND_MS
            if reported_ms is None or now_ms - reported_ms >= due_ms:
                reported_ms = now_ms
                self._report(now_ms)
            self._catch_up(now_ms)
            await asyncio.sleep(self._config.moving_period_s)

    def _report(self, now_ms: int) -> None:
        faults = self._config.faults
        if self._happens(faults.silence):
            self._silent_until_ms = now_ms + round(faults.silence_s * SECOND_MS)
        body = self._position(now_ms, lost=self._happens(faults.zero_fix))
        if not self._may_send(now_ms):
            self._outbox.kept.append(body)
            return
        if self._held is None and self._happens(faults.out_of_order):
            self._held = body
            return
        if self._happens(faults.wrong_length):
            broken = frames.build_with_wrong_length(
                self._who, frames.Id.POSITION, self._next_serial(), body
            )
            self._write(broken, now_ms)
        late, self._held = self._held, None
        for one in (body, late):
            if one is not None:
                times = 2 if self._happens(faults.duplicate) else 1
                self._send_fixes(frames.Id.POSITION, one, [one], now_ms, times=times)

    def _position(self, now_ms: int, *, lost: bool) -> bytes:
        vehicle = self._vehicle
        return frames.position(
            self._who,
            frames.Position(
                point=None if lost else vehicle.point,
                speed_kmh=0.0 if lost else vehicle.speed_kmh,
                heading_deg=vehicle.heading_deg,
                altitude_m=0 if lost else 40,
                at_ms=now_ms,
                mileage_km=vehicle.mileage_km,
                satellites=0 if lost else 14,
            ),
        )

    def _catch_up(self, now_ms: int) -> None:
        """Everything that is due besides the fix of this moment."""
        if not self._may_send(now_ms):
            return
        while self._outbox.kept:
            long = self._happens(self._config.faults.long_batch)
            batch = self._outbox.take_batch(LONG_BYTES if long else frames.MAX_BODY_BYTES)
            self._send_fixes(frames.Id.BATCH, frames.catch_up(batch), batch, now_ms)
        for due_ms, serial in [text for text in self._texts if text[0] <= now_ms]:
            self._texts.remove((due_ms, serial))
            self._answer(serial, frames.Id.TEXT, _OK, now_ms)
        for due_ms, serial in [asked for asked in self._questions if asked[0] <= now_ms]:
            self._questions.remove((due_ms, serial))
            self._send(frames.Id.QUESTION_ANSWER, frames.press(serial), now_ms)
        if now_ms - self._last_sent_ms >= self._config.heartbeat_s * SECOND_MS:
            self._send(frames.Id.HEARTBEAT, b"", now_ms)
            for first_serial, missing in self._splitter.list_missing():
                again = frames.resend(self._who, first_serial, missing)
                self._send(frames.Id.RESEND, again, now_ms)
        oldest_ms = self._outbox.oldest_ms()
        timeout_ms = self._config.answer_timeout_s * SECOND_MS
        if oldest_ms is not None and now_ms - oldest_ms >= timeout_ms and self._writer is not None:
            self._log.info("simulator.terminal_unanswered")
            self._writer.transport.abort()

    def _happens(self, chance: float) -> bool:
        return self._rng.random() < chance

    def _may_send(self, now_ms: int) -> bool:
        return self._online and now_ms >= self._silent_until_ms

    def _send_fixes(
        self, message_id: int, body: bytes, fixes: list[bytes], now_ms: int, *, times: int = 1
    ) -> None:
        serial = self._next_serial()
        if len(body) > frames.MAX_BODY_BYTES:
            parts, count = self._long.send(message_id, serial, body)
            self._serial = (serial + count - 1) % _SERIALS
            self._outbox.sent(self._serial, fixes, now_ms)  # all parts are answered together
            self._write(b"".join(parts), now_ms)
            return
        self._outbox.sent(serial, fixes, now_ms)
        self._write(frames.build(self._who, message_id, serial, body) * times, now_ms)

    def _send(self, message_id: int, body: bytes, now_ms: int) -> None:
        self._write(frames.build(self._who, message_id, self._next_serial(), body), now_ms)

    def _say_card(self, now_ms: int) -> None:
        self._send(frames.Id.DRIVER, frames.driver(self._who, self._card, now_ms), now_ms)

    def _photograph(self, order: frames.Heard, now_ms: int) -> None:
        channel, count = frames.read_camera(order.body)
        if count and not self._camera.has(channel):
            refusal = frames.camera_answer(order.serial, _NO_CHANNEL, [])
            self._send(frames.Id.CAMERA_ANSWER, refusal, now_ms)
            return
        place = self._position(now_ms, lost=False)
        taken = [self._camera.take(channel, place, now_ms)] if count else []
        numbers = [picture.media_id for picture in taken]
        answer = frames.camera_answer(order.serial, _OK, numbers)
        self._send(frames.Id.CAMERA_ANSWER, answer, now_ms)
        for picture in taken:
            self._send(frames.Id.MEDIA_EVENT, picture.event, now_ms)
            self._send_picture(picture, now_ms)

    def _send_picture(self, picture: Picture, now_ms: int) -> None:
        serial = self._next_serial()
        parts, count = self._long.send(frames.Id.MEDIA, serial, picture.body)
        self._serial = (serial + count - 1) % _SERIALS
        self._camera.sent(picture, serial)
        self._write(b"".join(parts), now_ms)

    def _on_media_answer(self, body: bytes, now_ms: int) -> None:
        media_id, missing = frames.read_media_answer(body)
        if missing:
            again = self._long.list_again(self._camera.first_serial(media_id), missing)
            self._write(b"".join(again), now_ms)
            return
        for picture in self._camera.answered(media_id):
            self._send_picture(picture, now_ms)

    def _answer(self, serial: int, message_id: int, result: int, now_ms: int) -> None:
        answer = frames.answer(serial, message_id, result)
        self._send(frames.Id.TERMINAL_ANSWER, answer, now_ms)

    def _write(self, frame: bytes, now_ms: int) -> None:
        assert self._writer is not None
        self._last_sent_ms = now_ms
        self._writer.write(frame)  # a link that no longer drains is found by its missing answers

    def _next_serial(self) -> int:
        self._serial = (self._serial + 1) % _SERIALS
        return self._serial

    # The link: connect, be let in, listen.

    async def stay_connected(self) -> None:
        while True:
            try:
                await self._connect()
            except (OSError, TimeoutError, _RefusedError) as error:
                self._log.info("simulator.terminal_link_lost", reason=str(error))
            await asyncio.sleep(self._config.retry_s * (0.5 + self._rng.random()))

    async def _connect(self) -> None:
        reader, self._writer = await asyncio.open_connection(self._config.host, self._config.port)
        heard = self._listen(reader)
        try:
            if not self._code:
                await self._register(heard)
            await self._authenticate(heard)
            self._online = True
            self._say_card(self._clock.now_ms())
            for picture in self._camera.list_unanswered():
                self._send_picture(picture, self._clock.now_ms())
            async for frame in heard:
                self._on_heard(frame)
        finally:
            self._online = False
            if self._held is not None:
                self._outbox.kept.append(self._held)
                self._held = None
            self._outbox.link_lost()
            self._long.link_lost()
            self._texts.clear()
            self._writer.close()
            self._writer = None

    async def _listen(self, reader: asyncio.StreamReader) -> AsyncIterator[frames.Heard]:
        self._splitter = splitter = frames.Splitter(self._who)
        while chunk := await reader.read(_CHUNK_BYTES):
            for frame in splitter.feed(chunk):
                yield frame
        raise ConnectionResetError("the platform closed the link")

    async def _register(self, heard: AsyncIterator[frames.Heard]) -> None:
        self._send(frames.Id.REGISTER, frames.register(self._who), self._clock.now_ms())
        body = await self._wait_for(frames.Id.REGISTER_ANSWER, heard)
        if body[2:3] != bytes([_OK]):
            raise _RefusedError(f"registration answered {body.hex()}")
        self._code = body[3:].decode("gbk", errors="replace")

    async def _authenticate(self, heard: AsyncIterator[frames.Heard]) -> None:
        code = frames.authenticate(self._who, self._code)
        self._send(frames.Id.AUTHENTICATE, code, self._clock.now_ms())
        body = await self._wait_for(frames.Id.PLATFORM_ANSWER, heard)
        if body[4:5] != bytes([_OK]):
            self._code = ""  # the platform has forgotten us
            raise _RefusedError(f"authentication answered {body.hex()}")

    async def _wait_for(self, message_id: int, heard: AsyncIterator[frames.Heard]) -> bytes:
        async with asyncio.timeout(self._config.answer_timeout_s):
            while True:
                frame = await anext(heard)
                if frame.message_id == message_id:
                    return frame.body

    def _on_heard(self, heard: frames.Heard) -> None:
        now_ms = self._clock.now_ms()
        if heard.message_id == frames.Id.PLATFORM_ANSWER:
            if heard.body[4:5] != bytes([_FAILED]):  # what failed is offered again in time
                self._outbox.answered(int.from_bytes(heard.body[:2]))
        elif heard.message_id == frames.Id.TEXT:
            text = frames.read_text(self._who, heard.body)
            self._log.info("simulator.terminal_text", length=len(text))
            wait_s = self._rng.uniform(*self._config.reading_s)
            self._texts.append((now_ms + round(wait_s * SECOND_MS), heard.serial))
        elif heard.message_id == frames.Id.QUESTION:
            self._answer(heard.serial, heard.message_id, _OK, now_ms)
            wait_s = self._rng.uniform(*self._config.reading_s)
            self._questions.append((now_ms + round(wait_s * SECOND_MS), heard.serial))
        elif heard.message_id == frames.Id.QUERY_DRIVER:
            self._say_card(now_ms)
        elif heard.message_id == frames.Id.CAMERA:
            self._photograph(heard, now_ms)
        elif heard.message_id == frames.Id.MEDIA_ANSWER:
            self._on_media_answer(heard.body, now_ms)
        elif heard.message_id == frames.Id.PLATFORM_RESEND:
            self._write(b"".join(self._long.send_again(heard.body)), now_ms)
        elif heard.message_id != frames.Id.REGISTER_ANSWER and now_ms >= self._silent_until_ms:
            self._answer(heard.serial, heard.message_id, _UNSUPPORTED, now_ms)
