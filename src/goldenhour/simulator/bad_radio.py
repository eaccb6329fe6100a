"""A bad radio link: a TCP relay that does to a connection what bad radio does. It needs no rights.

The model, for each direction:
- Rate: the bytes of all connections share one line, in segments, each in its turn.
- Delay: half a round trip and a jitter; the bytes of a connection stay in order, as TCP gives them.
- Loss: a lost segment is repaired by TCP, so it appears as a pause of its connection and takes the
  line once more. With a full segment (more follows, so the receiver asks again) the pause is one
  round trip; with a short one (the end of a message) it is the retransmission timeout, which
  doubles with every further loss. That the sender also narrows its window is not modelled.
- Reordering: a segment that is late holds up those behind it.
- Dark: nothing passes. What was under way goes on at the next retransmission after the end, whose
  pauses have doubled meanwhile, up to two minutes: whoever only waits, waits long.
- Cut answer: the request has arrived, the connection breaks before its answer. A client that is
  right asks again, so this is where duplicates come from.
A true black hole would not answer the first SYN; here the system accepts, and nothing follows.

Rule 1: this only spoils a link, it never changes a byte: TLS goes through it unread.
Rule 2: it is a test tool. It says so loudly, and a live world does not start it.
"""

import asyncio
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from importlib import resources
from random import Random  # noqa: TID251 (a simulator rolls the dice that it is given)
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from goldenhour.kernel.record import Record

FILE: Final = "bad_radio.toml"
SEGMENT_BYTES: Final = 1_400
IN_FLIGHT: Final = 32
"""Segments of one connection and direction under way at once: TCP's window, about."""
_FIRST_WINDOW_BYTES: Final = 10 * SEGMENT_BYTES
"""What a sender lets out before it must hear an acknowledgement."""
_LEAST_TIMEOUT_S: Final = 0.2
_CONNECT_TIMEOUT_S: Final = 1.0
_LONGEST_TIMEOUT_S: Final = 120.0
_PORTAL: Final = (
    b"HTTP/1.1 302 Found\r\nLocation: http://portal.invalid/login\r\n"
    b"Content-Length: 0\r\nConnection: close\r\n\r\n"
)

Share = Annotated[float, Meta(ge=0, lt=1)]
Duration = Annotated[float, Meta(ge=0)]
Rate = Annotated[float, Meta(gt=0)]


class Trouble(StrEnum):
    NONE = "none"
    CUT = "cut"
    """Open connections break, new ones are refused."""
    HOLE = "hole"
    """Connections are accepted, and nothing passes."""
    DEAF = "deaf"
    """One-way loss: what the vehicle says arrives, answers and acknowledgements do not."""
    PORTAL = "portal"
    """Somebody else answers: a log-in page in the way."""


class Profile(Record):
    up_kbit_s: Rate
    """From whoever connects to this relay."""
    down_kbit_s: Rate
    delay_ms: Duration = 0
    """One way."""
    jitter_ms: Duration = 0
    loss: Share = 0
    reorder: Share = 0
    reorder_ms: Duration = 0
    answers_cut: Share = 0
    reset_every_s: Duration = 0
    """About how long a connection lives; 0: as long as it likes."""
    good_s: Duration = 0
    dead_s: Duration = 0
    """Good and dark in turn; without `dead_s` it is never dark."""
    trouble: Trouble = Trouble.NONE


def load_profiles() -> dict[str, Profile]:
    """Those of `bad_radio.toml`; raises ValueError with the field that is wrong."""
    text = resources.files("goldenhour.simulator").joinpath(FILE).read_text(encoding="utf-8")
    try:
        return msgspec.convert(tomllib.loads(text), dict[str, Profile])
    except msgspec.ValidationError as error:
        raise ValueError(f"{FILE}: {error}") from error


class _Line:
    """One direction of the radio: when it is free again."""

    def __init__(self) -> None:
        self.free_at_s = 0.0

    def take(self, now_s: float, count: int, rate_kbit_s: float) -> float:
        """When so many bytes have left, if they start as soon as it is free."""
        self.free_at_s = max(now_s, self.free_at_s) + count * 8 / (rate_kbit_s * 1000)
        return self.free_at_s


class BadRadio:
    """Listens on `port` and passes on to `target`; `set` changes it while it runs."""

    def __init__(self, profile: Profile, target: tuple[str, int], rng: Random) -> None:
        self.profile = profile
        self.port = 0
        self.cuts = 0
        """Answers that were cut off after their request had arrived."""
        self.connections = 0
        self.passed_bytes = {"up": 0, "down": 0}
        self._target = target
        self._rng = rng
        self._lines = {"up": _Line(), "down": _Line()}
        self._open: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._dark_since_s: float | None = None

    @asynccontextmanager
    async def running(self, host: str = "127.0.0.1", port: int = 0) -> AsyncIterator[None]:
        server = await asyncio.start_server(self._serve, host, port, limit=8 * SEGMENT_BYTES)
        self.port = server.sockets[0].getsockname()[1]
        self._notice(self.profile.trouble)
        turning = asyncio.create_task(self._turn_for_ever())
        try:
            yield
        finally:
            server.close()
            for task in (turning, *self._open):
                task.cancel()
            await asyncio.gather(turning, *self._open, return_exceptions=True)

    def set(self, profile: Profile) -> None:
        """From now on the link is so; with a cut, what is open breaks."""
        self.profile = profile
        self._notice(profile.trouble)

    def trouble(self, trouble: Trouble) -> None:
        self.set(msgspec.structs.replace(self.profile, trouble=trouble))

    def break_connections(self) -> None:
        for task in self._open:
            task.cancel()

    def _notice(self, trouble: Trouble) -> None:
        now_s = asyncio.get_running_loop().time()
        if trouble is Trouble.NONE:
            self._dark_since_s = None
        elif self._dark_since_s is None:
            self._dark_since_s = now_s
        if trouble in {Trouble.CUT, Trouble.PORTAL}:
            self.break_connections()
        self._changed.set()
        self._changed = asyncio.Event()

    async def _turn_for_ever(self) -> None:
        """Good and dark in turn, as the profile says."""
        while True:
            profile, changed = self.profile, self._changed
            if not profile.dead_s:
                await changed.wait()
                continue
            dark = profile.trouble is not Trouble.NONE
            with suppress(TimeoutError):
                async with asyncio.timeout(profile.dead_s if dark else profile.good_s):
                    await changed.wait()
                    continue
            self.trouble(Trouble.NONE if dark else Trouble.HOLE)

    async def _serve(self, near: asyncio.StreamReader, near_out: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        self.connections += 1
        writers = [near_out]
        try:
            if self.profile.trouble is Trouble.CUT:
                return
            if self.profile.trouble is Trouble.PORTAL:
                await near.read(1)
                near_out.write(_PORTAL)
                await near_out.drain()
                return
            await self._wait_for_light(_CONNECT_TIMEOUT_S, whole=True)
            await asyncio.sleep(self.one_way_s() * 2)
            far, far_out = await asyncio.open_connection(*self._target, limit=8 * SEGMENT_BYTES)
            writers.append(far_out)
            connection = _Connection(self, self._rng)
            async with asyncio.TaskGroup() as group:
                group.create_task(connection.pump("up", near, far_out))
                group.create_task(connection.pump("down", far, near_out))
                group.create_task(connection.live())
        except* (OSError, _BrokenError):
            pass
        except* asyncio.CancelledError:
            pass  # the link was cut, or the relay ends
        finally:
            self._open.discard(task)
            for writer in writers:
                writer.transport.abort()

    def one_way_s(self) -> float:
        return (self.profile.delay_ms + self._rng.random() * self.profile.jitter_ms) / 1000

    def take_line(self, way: str, count: int) -> float:
        now_s = asyncio.get_running_loop().time()
        rate = self.profile.up_kbit_s if way == "up" else self.profile.down_kbit_s
        self.passed_bytes[way] += count
        return self._lines[way].take(now_s, count, rate)

    async def wait_for_light(self, way: str) -> None:
        """Until this direction carries something, and TCP has noticed."""
        passes = (Trouble.NONE, Trouble.DEAF) if way == "up" else (Trouble.NONE,)
        if self.profile.trouble not in passes:
            await self._wait_for_light(self.timeout_s(), whole=False)

    async def _wait_for_light(self, timeout_s: float, *, whole: bool) -> None:
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        dark = (Trouble.HOLE,) if whole else (Trouble.HOLE, Trouble.DEAF)
        if self.profile.trouble not in dark:
            return
        while self.profile.trouble in dark:
            await self._changed.wait()
        again_s = began_s
        while again_s <= loop.time():
            again_s += timeout_s
            timeout_s = min(timeout_s * 2, _LONGEST_TIMEOUT_S)
        await asyncio.sleep(again_s - loop.time())

    def timeout_s(self) -> float:
        return max(_LEAST_TIMEOUT_S, (4 * self.profile.delay_ms + self.profile.jitter_ms) / 1000)


class _BrokenError(Exception):
    """This connection ends here."""


class _Connection:
    def __init__(self, radio: BadRadio, rng: Random) -> None:
        self._radio = radio
        self._rng = rng
        self._asked = False
        """Something went up that nothing has come down for yet."""

    async def live(self) -> None:
        every_s = self._radio.profile.reset_every_s
        if every_s:
            await asyncio.sleep(self._rng.expovariate(1 / every_s))
            raise _BrokenError
        await asyncio.Event().wait()

    async def pump(
        self, way: str, source: asyncio.StreamReader, sink: asyncio.StreamWriter
    ) -> None:
        """Segments leave at the line's pace and arrive later, in their order."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(IN_FLIGHT)
        async with asyncio.TaskGroup() as group:
            group.create_task(self._send(way, source, under_way))
            group.create_task(self._deliver(way, under_way, sink))
        raise _BrokenError  # one side has ended; a half-open line is of no use to anybody here

    async def _send(
        self,
        way: str,
        source: asyncio.StreamReader,
        under_way: asyncio.Queue[tuple[float, bytes]],
    ) -> None:
        loop = asyncio.get_running_loop()
        arrives_s, alone_bytes = 0.0, 0
        while data := await source.read(SEGMENT_BYTES):
            profile = self._radio.profile
            await self._radio.wait_for_light(way)
            if way == "up":
                self._asked = True
                # Without acknowledgements a sender stops after its first window.
                alone_bytes = alone_bytes + len(data) if profile.trouble is Trouble.DEAF else 0
                if alone_bytes > _FIRST_WINDOW_BYTES:
                    await self._radio.wait_for_light("down")
            elif self._asked:
                self._asked = False
                if self._rng.random() < profile.answers_cut:
                    self._radio.cuts += 1
                    raise _BrokenError
            left_s = self._radio.take_line(way, len(data))
            late_s = self._radio.one_way_s()
            pause_s = (
                2 * profile.delay_ms / 1000
                if len(data) == SEGMENT_BYTES
                else self._radio.timeout_s()
            )
            while self._rng.random() < profile.loss:
                late_s += pause_s
                left_s = self._radio.take_line(way, len(data))
                pause_s = min(2 * max(pause_s, self._radio.timeout_s()), _LONGEST_TIMEOUT_S)
            if self._rng.random() < profile.reorder:
                late_s += profile.reorder_ms / 1000
            arrives_s = max(arrives_s, left_s + late_s)
            await under_way.put((arrives_s, data))
            await asyncio.sleep(left_s - loop.time())
        await under_way.put((0, b""))

    async def _deliver(
        self,
        way: str,
        under_way: asyncio.Queue[tuple[float, bytes]],
        sink: asyncio.StreamWriter,
    ) -> None:
        loop = asyncio.get_running_loop()
        while True:
            at_s, data = await under_way.get()
            if not data:
                return
            await asyncio.sleep(at_s - loop.time())
            await self._radio.wait_for_light(way)
            if sink.is_closing():
                raise _BrokenError  # whoever it was for has gone
            sink.write(data)
            await sink.drain()
