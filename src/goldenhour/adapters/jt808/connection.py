"""One terminal's TCP connection.

Rule 1: nothing but registration and authentication is accepted before authentication, and after it
        only frames of the same terminal. Its plain positions are read with those of other
        terminals (intake).
Rule 2: a position is answered after its commit, never before; a driver's card and a picture
        likewise, and a call for help after every seat was told. A split message is answered when it
        is whole (and stored, if it holds positions), part by part; a picture once, by 0x8800.
Rule 3: frames are handled in order; while one waits for the directory, or too much waits for the
        store, nothing more is read from the socket. A peer that does not read its answers is not
        read either, and idles out.
Rule 4: a bad frame is counted and the connection lives on, until it offends too often.
Rule 5: timeouts run on the loop's monotonic clock; `received_ms` comes from the given clock.

It is the one state of a line, which every frame and timer reads and moves, and long for that: what
can stand alone (parts, questions asked, drivers, pictures, the trace) stands in files of its own.
"""

import asyncio
import hmac
from collections.abc import Coroutine, Sequence
from typing import Final, cast

import structlog

from goldenhour.adapters.jt808.asked import Asked
from goldenhour.adapters.jt808.drivers import to_said
from goldenhour.adapters.jt808.fixes import to_fix
from goldenhour.adapters.jt808.hub import Hub
from goldenhour.adapters.jt808.media import to_announced, to_row
from goldenhour.adapters.jt808.watch import Watch
from goldenhour.adapters.jt808.writer import Submission
from goldenhour.app.ports import TerminalLength, TerminalProfile
from goldenhour.app.terminals import TerminalState
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS
from goldenhour.wire.jt808 import (
    Assembler,
    Header,
    Malformed,
    Message,
    SentParts,
    Splitter,
    decode,
    encode_parts,
)
from goldenhour.wire.jt808.bodies import MESSAGE_IDS
from goldenhour.wire.jt808.driver import Driver
from goldenhour.wire.jt808.frame import DELIMITER
from goldenhour.wire.jt808.media import CameraAnswer, Media, MediaAnswer, MediaEvent
from goldenhour.wire.jt808.messages import (
    READ,
    Authenticate,
    BatchKind,
    Body,
    Heartbeat,
    Logout,
    ParametersAnswer,
    PlatformAnswer,
    PositionAnswer,
    PositionBatch,
    QueryDriver,
    Question,
    QuestionAnswer,
    Register,
    RegisterAnswer,
    RegisterResult,
    Result,
    TerminalAnswer,
    TerminalResend,
    TimeAnswer,
    TimeQuery,
    confirm_reading,
    show_and_speak,
)
from goldenhour.wire.jt808.plain import form_of
from goldenhour.wire.jt808.position import Position
from goldenhour.wire.jt808.values import SERIALS

_BAD_WINDOW_S: Final = 60.0
_BAD_LOGGED: Final = 3  # of one connection in one window; all are counted
_SILENT_HEARTBEATS: Final = 3
_log = structlog.get_logger(__name__)


class Connection(asyncio.Protocol):
    def __init__(self, hub: Hub) -> None:
        self.phone = ""
        self.unit_id: str | None = None
        """None until authenticated."""
        self.profile = TerminalProfile()
        self.form = b""
        """The terminal's, for its plain positions; empty until authenticated."""
        self._hub = hub
        self._loop = asyncio.get_running_loop()
        self._splitter = Splitter()
        config, age_ms = hub.config, round(hub.config.part_age_s * SECOND_MS)
        self._assembler = Assembler(
            timeout_ms=round(config.part_s * SECOND_MS),
            max_age_ms=age_ms,
            max_open=config.max_part_messages,
            max_parts=config.max_parts,
            max_bytes=config.max_part_bytes,
            room=hub.room,
        )
        self._sent = SentParts(max_age_ms=age_ms)
        self._received, self._read = b"", 0  # bytes, and how many of them were read
        self._like: Header | None = None  # of the last message; ours are written like it
        self._serial = 0
        self._waiting = 0  # messages that wait for the store
        self._task: asyncio.Task[None] | None = None  # a directory look-up
        self._choked = False  # the peer does not read
        self._paused = False  # we do not
        self._bad = 0
        self._bad_since = self._last_seen = self._loop.time()
        self._life: asyncio.TimerHandle | None = None
        self._chase: asyncio.TimerHandle | None = None
        self._asked = Asked(self._loop)
        self.watch = Watch(hub.clock)

    # What the event loop calls.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        peer = transport.get_extra_info("peername")
        self.watch.peer = str(peer[0]) if peer else ""
        self._log = _log.bind(peer=self.watch.peer or None)
        if not self._hub.opened(self):
            self.close("full")
            return
        self._life = self._loop.call_later(self._hub.config.handshake_s, self._check_life)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._life is not None:
            self._life.cancel()
        if self._chase is not None:
            self._chase.cancel()
        if self._task is not None:
            self._task.cancel()
        self._assembler.clear()
        self._asked.broke()
        self._hub.closed(self)
        if exc is not None:
            self._log.info("jt808.connection_broke", unit_id=self.unit_id, error=repr(exc))

    def data_received(self, data: bytes) -> None:
        self._received, self._read = self._received[self._read :] + data, 0
        self._hub.intake.wake(self)

    def eof_received(self) -> None:
        self._hub.intake.run()  # what it said last counts, although it is gone

    def pause_writing(self) -> None:
        self._choked = True
        self.pump()

    def resume_writing(self) -> None:
        self._choked = False
        self.pump()

    # What the gateway calls.

    def pump(self) -> None:
        """Has read what may be read now; more is received only when nothing is left."""
        if self._transport.is_closing():
            return
        if self._blocked():
            if not self._paused:
                self._paused = True
                self._transport.pause_reading()
            if self._hub.writer.full:
                self._hub.wait_for_room(self)
        elif self.unread:
            self._hub.intake.wake(self)
        elif self._paused:
            self._paused = False
            self._transport.resume_reading()

    # What the intake calls.

    @property
    def unread(self) -> bytes:
        return self._received[self._read :]

    @property
    def room(self) -> int:
        """How many plain positions it may have read at once now; 0: the next frame is none."""
        if not self.form or self._blocked() or self.watch.looking or not self._splitter.between:
            return 0
        return self._hub.config.max_waiting_messages - self._waiting

    def took(self, messages: int, size: int) -> None:
        """So many plain positions in so many bytes were read, and wait for the store."""
        self._read += size
        self._waiting += messages
        self._last_seen = self._loop.time()
        self._hub.alarms.fell(self.phone)
        self.watch.took(messages)

    def give_serials(self, count: int) -> int:
        """The first of so many serials in a row that are used up by it."""
        first = self._serial
        self._serial = (first + count) % SERIALS
        return first

    def settled(self, messages: int, answers: bytes) -> None:
        """Of those that waited; without answers they were not stored."""
        self._waiting -= messages
        if not self._transport.is_closing():
            if answers:
                self._write(answers)
            self.pump()

    def take_next(self) -> bool:
        """Reads the next frame in the general way; False when it may not, or nothing is left."""
        if self._read == len(self._received) or self._blocked():
            self.pump()
            return False
        end = self._received.find(DELIMITER, self._read) + 1 or len(self._received)
        frames = self._splitter.feed(self._received[self._read : end])
        self._read = end
        self.watch.took(len(frames))
        self.watch.note(frames, sent=False)
        try:
            for frame in frames:
                self._handle(frame)
        except Exception:  # noqa: BLE001 (costs this connection, not all that are read with it)
            self._log.exception("jt808.fault")
            self.close("fault")
        return True

    def close(self, reason: str) -> None:
        if self._transport.is_closing():
            return
        self._hub.metrics.closed.labels(reason).inc()
        self._log.info("jt808.closed", unit_id=self.unit_id, reason=reason)
        if self._transport.get_write_buffer_size():
            self._transport.abort()  # a peer that does not read would keep a closing socket open
        else:
            self._transport.close()

    async def ask_text(self, text: str, *, urgent: bool) -> int:
        """The result in the terminal's answer; raises as `ask`."""
        assert self._like is not None
        answer = await self.ask(show_and_speak(text, self._like.version, urgent=urgent))
        return answer.result if isinstance(answer, TerminalAnswer) else Result.OK

    async def ask_read(self, text: str) -> bool:
        """Whether its driver pressed, in time, that they have read it; raises as `ask`."""
        assert self._like is not None
        question = confirm_reading(text)
        serial, read_s = self._send(question, self._like), self._hub.config.read_s
        answer = await self._asked.wait(serial, MESSAGE_IDS[Question], read_s)
        return isinstance(answer, QuestionAnswer) and answer.choice == READ

    async def ask(self, body: Body) -> Body:
        """The terminal's answer to it: of its own kind, or the general one.

        What goes out in parts is answered by the answer to the last one: a terminal that confirms
        each part has only then the whole.

        UnencodableError when nothing could be sent, ConnectionError when the line broke,
        TimeoutError when it said nothing.
        """
        assert self._like is not None
        serial, answer_s = self._send(body, self._like), self._hub.config.answer_s
        return await self._asked.wait(serial, MESSAGE_IDS[type(body)], answer_s)

    def state(self) -> TerminalState:
        """How the connection stands, for an engineer."""
        connected = not self._transport.is_closing()
        return self.watch.state(self.phone, self.unit_id, self._like, connected=connected)

    # Frames.

    def _blocked(self) -> bool:
        return (
            self._task is not None
            or self._choked
            or self._waiting >= self._hub.config.max_waiting_messages
            or self._hub.writer.full
            or self._transport.is_closing()
        )

    def _handle(self, frame: bytes | Malformed) -> None:
        counted = self.profile.length is TerminalLength.COUNTED
        message = frame if isinstance(frame, Malformed) else decode(frame, counted=counted)
        if isinstance(message, Malformed):
            if self.unit_id is None and isinstance(frame, bytes):
                self._start(self._admit_counted(frame, message))
            else:
                self._refuse(message)
            return
        self._hub.metrics.messages.inc()
        header = message.header
        if self.unit_id is not None:
            if header.phone != self.phone:
                self._offend("phone_changed", header)
                return
            self._last_seen = self._loop.time()
            if header.part is not None:
                self._assemble(message)
                return
        self._dispatch(message)

    def _assemble(self, part: Message) -> None:
        whole = self._assembler.add(part, self._now_ms())
        if isinstance(whole, Malformed):
            self._refuse(whole)
        elif whole is not None:
            self._dispatch(whole)
        self._watch_parts()

    def _dispatch(self, message: Message) -> None:
        header = self._like = message.header
        match message.body:
            case Register():
                self._start(self._register(header))
            case Authenticate(key=key):
                self._start(self._authenticate(header, key))
            case _ if self.unit_id is None:
                self._answer(header, Result.FAILED)
                self._offend("unauthenticated", header)
            case PositionAnswer(serial=serial, position=position):
                self._store(header, (position,), catch_up=False)
                self._asked.answered(serial, message.body)
            case Position() as position:
                self._store(header, (position,), catch_up=False)
            case PositionBatch(kind=kind, positions=positions):
                self._store(header, positions, catch_up=kind == BatchKind.CATCH_UP)
            case Driver() as driver:
                self._start(self._note_driver(header, driver))
            case MediaEvent() as event:
                self._start(self._note_media(header, event))
            case Media() as media:
                self._start(self._keep_media(header, media))
            case TerminalResend(first_serial=first_serial, indices=indices):
                frames = self._sent.list_again(first_serial, indices, self._now_ms())
                if frames:
                    self._write(b"".join(frames))
                else:
                    self._answer(header, Result.FAILED)
            case Heartbeat():
                self._answer(header, Result.OK, whole=True)
            case ParametersAnswer(serial=serial) | CameraAnswer(serial=serial):
                self._answer(header, Result.OK, whole=True)
                self._asked.answered(serial, message.body)
            case QuestionAnswer(serial=serial):
                self._answer(header, Result.OK)
                self._asked.answered(serial, message.body)
            case TerminalAnswer(serial=serial, message_id=message_id):
                self._asked.answered(serial, message.body, message_id)
            case TimeQuery():
                self._send(TimeAnswer(at_ms=self._hub.clock.now_ms()), header)
            case Logout():
                self._answer(header, Result.OK)
                self._hub.logged_out(self)
                self.unit_id, self.form = None, b""
                self._assembler.clear()
            case _:
                self._answer(header, Result.UNSUPPORTED, whole=True)

    def _store(self, header: Header, positions: tuple[Position, ...], *, catch_up: bool) -> None:
        fixes = self._fixes(positions, catch_up=catch_up)
        if calls := self._hub.alarms.list_new(self.phone, fixes):
            self._start(self._call_help(header, fixes, calls))
        else:
            self._keep(header, fixes)

    def _keep(self, header: Header, fixes: Sequence[Fix], *, told: bool = True) -> None:
        def settle(stored: bool) -> None:
            if stored and told and not self._transport.is_closing():
                self._answer(header, Result.OK, whole=True)
            else:
                self._assembler.forget(header)
            self.settled(1, b"")

        self._waiting += 1
        self._hub.writer.submit(Submission(fixes=fixes, settle=settle))

    def _fixes(self, positions: Sequence[Position], *, catch_up: bool) -> list[Fix]:
        assert self.unit_id is not None
        unit_id, received_ms = self.unit_id, self._hub.clock.now_ms()
        return [
            to_fix(p, unit_id, received_ms, catch_up=catch_up, profile=self.profile)
            for p in positions
        ]

    # Registration and authentication.

    def _start(self, look_up: Coroutine[None, None, None]) -> None:
        async def run() -> None:
            try:
                await look_up
            except Exception:  # noqa: BLE001 (any trouble here costs this connection alone)
                self._log.exception("jt808.directory_failed")
                self.close("directory")
            finally:
                self._task = None
            self.pump()

        self._task = self._loop.create_task(run())

    async def _register(self, header: Header) -> None:
        directory = self._hub.directory
        terminal = await directory.find_terminal(header.phone)
        result, key, offence = RegisterResult.NO_TERMINAL, "", "unknown_terminal"
        if terminal is not None and terminal.enabled:
            # The protocol proves nothing: whoever knows the number could fetch the key again.
            first = await directory.note_key_given(header.phone, self._hub.clock.now_ms())
            if first or self._hub.is_gateway(self.watch.peer):
                result, key, offence = RegisterResult.OK, terminal.key, ""
            else:
                result, offence = RegisterResult.TERMINAL_TAKEN, "key_already_given"
        self._send(RegisterAnswer(serial=header.serial, result=result, key=key), header)
        if offence:
            self._offend(offence, header)
        if terminal is None or not terminal.enabled:
            self._hub.stranger(header.phone, offence)

    async def _authenticate(self, header: Header, key: str) -> None:
        terminal = await self._hub.directory.find_terminal(header.phone)
        known = terminal is not None and terminal.enabled and terminal.key
        # Some terminals end the key that they were given with a NUL.
        if not known or not hmac.compare_digest(known.encode(), key.rstrip("\0").encode()):
            self._answer(header, Result.FAILED)
            self._offend("wrong_key", header)
            if terminal is None or not terminal.enabled:
                self._hub.stranger(header.phone, "unknown_terminal")
            return
        assert terminal is not None
        self.phone, self.unit_id = header.phone, terminal.unit_id
        self.profile = terminal.profile
        self.form = form_of(header.version, header.phone)
        self._last_seen = self._loop.time()
        self._log = self._log.bind(unit_id=self.unit_id)
        self._hub.authenticated(self)
        if self._life is not None:
            self._life.cancel()
        self._check_life()
        self._answer(header, Result.OK)

    async def _call_help(
        self, header: Header, fixes: Sequence[Fix], calls: Sequence[tuple[str, Fix]]
    ) -> None:
        told = False
        self._log.warning("jt808.help_called", alarms=[name for name, _fix in calls])
        try:
            await self._hub.alarms.call(calls)
            told = True
        except Exception:  # noqa: BLE001 (whatever it is, the vehicle must not vanish from the map)
            self._log.exception("jt808.help_not_told")
            self._hub.metrics.help_failures.inc()
        finally:
            if not told:
                self._hub.alarms.fell(self.phone)
            self._keep(header, fixes, told=told)

    async def _admit_counted(self, frame: bytes, refusal: Malformed) -> None:
        """Of a terminal whose headers state wrong lengths, which only its number tells."""
        found = decode(frame, counted=True)
        if isinstance(found, Message) and isinstance(found.body, Register | Authenticate):
            terminal = await self._hub.directory.find_terminal(found.header.phone)
            if terminal and terminal.profile.length is TerminalLength.COUNTED:
                self._hub.metrics.messages.inc()
                self._like = found.header
                if isinstance(found.body, Register):
                    await self._register(found.header)
                else:
                    await self._authenticate(found.header, found.body.key)
                return
        self._refuse(refusal)

    async def _note_driver(self, header: Header, driver: Driver) -> None:
        said = to_said(driver, self._hub.clock.now_ms(), self.profile.clock)
        await self._hub.drivers.put_driver(self.phone, said)
        self._answer(header, Result.OK, whole=True)
        self._asked.answered_all(MESSAGE_IDS[QueryDriver], driver)

    async def _note_media(self, header: Header, event: MediaEvent) -> None:
        await self._hub.media.announce(to_announced(event, self.phone, self._hub.clock.now_ms()))
        self._answer(header, Result.OK, whole=True)

    async def _keep_media(self, header: Header, media: Media) -> None:
        assert self.unit_id is not None
        row = to_row(media, self.phone, self.unit_id, self._hub.clock.now_ms(), self.profile)
        try:
            await self._hub.media.keep(row, media.data)
        except Exception:  # noqa: BLE001 (a full disk costs the picture, not the positions)
            self._log.exception("jt808.media_not_kept")
            self._hub.metrics.media_failures.inc()
            self._assembler.forget(header)  # unanswered, it comes again
            return
        self._hub.metrics.media.inc()
        self._send(MediaAnswer(media_id=media.event.media_id), header)

    # Answers.

    def _answer(self, header: Header, result: Result, *, whole: bool = False) -> None:
        """Answers one frame, or each of a whole message, whose number the assembler bounds."""
        for serial in header.list_serials() if whole else (header.serial,):
            answer = PlatformAnswer(serial=serial, message_id=header.message_id, result=result)
            self._send(answer, header)

    def _send(self, body: Body, like: Header) -> int:
        """Writes it in the edition and to the terminal of `like`; gives the last frame's serial."""
        first = self._serial
        frames = encode_parts(body, version=like.version, phone=like.phone, serial=first)
        if len(frames) > 1:
            self._sent.keep(first, frames, self._now_ms())
        self._write(b"".join(frames))
        self._serial = (first + len(frames)) % SERIALS
        return (self._serial - 1) % SERIALS

    def _write(self, frames: bytes) -> None:
        self._transport.write(frames)
        self.watch.sent(frames)

    # Offences and time.

    def _refuse(self, refusal: Malformed) -> None:
        header = refusal.header
        if header is not None and self.unit_id is not None and header.phone == self.phone:
            self._answer(header, Result.BAD_MESSAGE)
        self._offend(refusal.reason, header, field=refusal.field, detail=refusal.detail)

    def _offend(
        self, reason: str, header: Header | None, *, field: str = "", detail: str = ""
    ) -> None:
        self._hub.metrics.bad_frames.labels(reason).inc()
        self.watch.refused(reason, field)
        now = self._loop.time()
        if now - self._bad_since > _BAD_WINDOW_S:
            self._bad, self._bad_since = 0, now
        self._bad += 1
        if self._bad <= _BAD_LOGGED and self._hub.may_log():
            self._log.warning(
                "jt808.bad_frame",
                reason=reason,
                field=field,
                detail=detail,
                message_id=f"{header.message_id:04X}" if header else None,
            )
        if self._bad > self._hub.config.bad_frames_per_minute:
            self.close("flood")

    def _check_life(self) -> None:
        if self.unit_id is None:
            self.close("handshake")
            return
        limit = self._hub.config.heartbeat_s * _SILENT_HEARTBEATS
        # While we do not read, silence is ours, unless the peer does not read either.
        held = self._blocked() and not self._choked
        left = limit if held else self._last_seen + limit - self._loop.time()
        if left <= 0:
            self.close("idle")
            return
        self._life = self._loop.call_later(left, self._check_life)

    def _watch_parts(self) -> None:
        if self._chase is None and len(self._assembler):
            self._chase = self._loop.call_later(self._hub.config.part_s, self._chase_parts)

    def _chase_parts(self) -> None:
        self._chase = None
        for overdue in self._assembler.list_overdue(self._now_ms()):
            if isinstance(overdue, Malformed):
                self._refuse(overdue)
            elif self._like is not None:
                self._send(overdue, self._like)
        self._watch_parts()

    def _now_ms(self) -> int:
        return int(self._loop.time() * SECOND_MS)
