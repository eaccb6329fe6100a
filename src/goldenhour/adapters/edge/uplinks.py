"""The networks from a vehicle to its centre: which live, what goes over which, who goes first.

Rule 1: only an answer of the centre says that an uplink lives. Every uplink has a heartbeat of its
        own; what answers for the centre without its certificate is no answer.
Rule 2: what goes over an uplink that dies, or that another one replaces, is broken off at once and
        begun again elsewhere; whether it had arrived is the centre's to know, by its identity.
Rule 3: on one uplink nothing begins while something more urgent is waiting or under way.
        A line that breaks is no dead network: its heartbeat knocks once more before that is said.
Rule 4: while an uplink is dead only its heartbeat knocks, so that its return is noticed soon and a
        thousand vehicles do not storm the centre.
"""

import asyncio
import ssl
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import msgspec
import structlog
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, WebSocketException

from goldenhour.adapters.edge.config import EdgeConfig
from goldenhour.adapters.edge.uploads import ProtocolError
from goldenhour.app.edge import Beat, BeatAnswer, UplinkStatus
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import (
    FIRST_RATE,
    SAMPLES,
    WAITS_FOR,
    Choice,
    ClockOffset,
    ClockSample,
    DataClass,
    Uplink,
    UplinkLostError,
    choose,
    clock_offset,
    rate_after,
    slice_bytes,
)
from goldenhour.kernel.ids import Entropy

_ANSWER: Final = msgspec.json.Decoder(BeatAnswer)
_FAILURES: Final = (
    *(WebSocketException, OSError, TimeoutError),
    *(msgspec.DecodeError, ProtocolError),
)
_BITS_PER_BYTE: Final = 8
_log = structlog.get_logger()


class _LineBrokenError(Exception):
    """The heartbeat's own connection ended; whether the network did is not known."""


class _State:
    def __init__(self, uplink: Uplink) -> None:
        self.uplink = uplink
        self.up_since_ms: int | None = None
        self.changed_ms: int | None = None
        self.answered_ms: int | None = None
        self.falls = 0
        self.unpacks = False
        self.rate_bytes_s = FIRST_RATE
        self.samples: deque[ClockSample] = deque(maxlen=SAMPLES)
        self.wanted: Counter[DataClass] = Counter()


class Uplinks:
    def __init__(
        self, config: EdgeConfig, authorization: str, clock: Clock, entropy: Entropy
    ) -> None:
        self._config = config
        self.headers = {"Authorization": authorization}
        self._clock = clock
        self._entropy = entropy
        self._states = {uplink.name: _State(uplink) for uplink in config.uplinks}
        now_ms = clock.now_ms()
        self.choices = {data: Choice(uplink="", since_ms=now_ms) for data in DataClass}
        self._changed = asyncio.Event()

    async def run(self) -> None:
        """Keep asking on every uplink, for ever."""
        context = ssl.create_default_context(cafile=self._config.ca_file)
        async with asyncio.TaskGroup() as group:
            for state in self._states.values():
                group.create_task(self._beat_for_ever(state, context))

    # ---- for those who send

    async def during[T](self, data: DataClass, work: Callable[[Uplink], Awaitable[T]]) -> T:
        """Work over the uplink of this class, as soon as there is one; raises UplinkLostError."""
        while not (name := self.choices[data].uplink):
            await self._changed.wait()
        state = self._states[name]
        falls = state.falls

        async def moved() -> None:
            while self.choices[data].uplink == name and state.falls == falls:
                await self._changed.wait()

        working, moving = asyncio.ensure_future(work(state.uplink)), asyncio.create_task(moved())
        try:
            await asyncio.wait({working, moving}, return_when=asyncio.FIRST_COMPLETED)
            if not working.done():
                raise UplinkLostError(name)
            return working.result()
        finally:
            for task in (working, moving):
                task.cancel()
            await asyncio.gather(working, moving, return_exceptions=True)

    @asynccontextmanager
    async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
        """Held while one slice is sent."""
        wanted = self._states[uplink].wanted
        wanted[data] += 1
        try:
            while any(wanted[other] for other in WAITS_FOR[data]):
                await self._changed.wait()
            yield
        finally:
            wanted[data] -= 1
            self._tell()

    def slice_bytes(self, uplink: str) -> int:
        return slice_bytes(self._states[uplink].rate_bytes_s)

    def sent(self, uplink: str, sent_bytes: int, took_s: float) -> None:
        """So many bytes were confirmed after so long."""
        state = self._states[uplink]
        state.rate_bytes_s = rate_after(state.rate_bytes_s, sent_bytes, took_s)

    def unpacks(self, uplink: str) -> bool:
        """The centre behind it has said so; an older one cannot."""
        return self._states[uplink].unpacks

    def heard_of_packing(self, uplink: str, *, unpacks: bool) -> None:
        """Its last word: another centre may answer an upload than opened the line for beats."""
        self._states[uplink].unpacks = unpacks

    # ---- for the screen

    def list_status(self) -> tuple[UplinkStatus, ...]:
        return tuple(
            UplinkStatus(
                name=name,
                up=state.up_since_ms is not None,
                since_ms=state.changed_ms,
                answered_ms=state.answered_ms,
                rate_kbit_s=round(state.rate_bytes_s * _BITS_PER_BYTE / 1000),
                carries=state.uplink.carries,
            )
            for name, state in self._states.items()
        )

    def clock_offset(self) -> ClockOffset | None:
        samples = [sample for state in self._states.values() for sample in state.samples]
        return clock_offset(samples, self._clock.now_ms())

    # ---- the heartbeat

    async def _beat_for_ever(self, state: _State, context: ssl.SSLContext) -> None:
        patience_s: float | None = None
        while True:
            try:
                if patience_s is None:
                    socket = await self._knock(state, context)
                else:
                    socket = await self._connect(state, context, patience_s)
                async with socket:
                    state.unpacks = _takes_packed(socket)
                    self._rise(state)  # who opened is the centre: it has its certificate
                    await self._beat(state, socket, once_more=patience_s is not None)
            except _LineBrokenError:
                _, patience_s = self._pace(state)
                continue
            except _FAILURES as error:
                self._fall(state, error)
            patience_s = None
            await self._pause()

    async def _knock(self, state: _State, context: ssl.SSLContext) -> ClientConnection:
        """Until somebody opens.

        What was asked of a dead network may never be answered, and is not waited for: after a while
        it is asked again beside that.
        """
        asking: set[asyncio.Task[ClientConnection]] = set()
        try:
            while True:
                patience_s = self._config.knock_patience_s
                asking.add(asyncio.create_task(self._connect(state, context, patience_s)))
                done, _ = await asyncio.wait(
                    asking, timeout=patience_s / 2, return_when=asyncio.FIRST_COMPLETED
                )
                for attempt in done:
                    asking.remove(attempt)
                    try:
                        return attempt.result()
                    except _FAILURES as error:
                        self._fall(state, error)
                if done:
                    await self._pause()
        finally:
            for attempt in asking:
                attempt.cancel()
            for late in await asyncio.gather(*asking, return_exceptions=True):
                if isinstance(late, ClientConnection):
                    late.transport.abort()

    async def _pause(self) -> None:
        share = int.from_bytes(self._entropy(2)) / 0xFFFF
        await asyncio.sleep(self._config.knock_s * (1 + share) / 2)

    async def _connect(
        self, state: _State, context: ssl.SSLContext, patience_s: float
    ) -> ClientConnection:
        return await connect(
            state.uplink.url.replace("https://", "wss://", 1) + "/api/edge/beat",
            ssl=context,
            additional_headers=self.headers,
            proxy=None,
            compression=None,
            open_timeout=patience_s,
            close_timeout=0.1,  # a peer that is gone says no good-bye
            ping_interval=None,
        )

    async def _beat(self, state: _State, socket: ClientConnection, *, once_more: bool) -> None:
        """Until it fails; raises _LineBrokenError where a line broke and is to be opened once more.

        One that was opened `once_more` has to be heard on for that.
        """
        loop = asyncio.get_running_loop()
        number = 0
        while True:
            number += 1
            beat_s, patience_s = self._pace(state)
            asked_ms, asked_s = self._clock.now_ms(), loop.time()
            try:
                await socket.send(msgspec.json.encode(Beat(number=number)).decode())
                async with asyncio.timeout(patience_s):
                    answer = _ANSWER.decode(await socket.recv())
                if answer.number != number:
                    raise ProtocolError("number", f"{answer.number} was not asked now")
            except _FAILURES as error:
                if isinstance(error, ConnectionClosed) and (number > 1 or not once_more):
                    raise _LineBrokenError from error
                self._fall(state, error)  # at once, before the good-byes
                raise
            took_s = loop.time() - asked_s
            state.samples.append(
                ClockSample(
                    asked_ms=asked_ms,
                    round_trip_ms=took_s * 1000,
                    server_ms=answer.server_ms,
                )
            )
            self._rise(state)
            await asyncio.sleep(max(0.0, beat_s - took_s))

    def _pace(self, state: _State) -> tuple[float, float]:
        """Quick where a silence would move something; slow where there is nowhere to go."""
        config = self._config
        in_use = any(choice.uplink == state.uplink.name for choice in self.choices.values())
        if in_use and len(self._states) > 1:
            return config.beat_s, config.beat_patience_s
        return config.slow_beat_s, config.slow_beat_patience_s

    def _rise(self, state: _State) -> None:
        state.answered_ms = self._clock.now_ms()
        if state.up_since_ms is None:
            state.up_since_ms = state.changed_ms = state.answered_ms
            _log.info("edge.uplink_up", uplink=state.uplink.name)
        self._decide()

    def _fall(self, state: _State, error: Exception) -> None:
        if state.up_since_ms is None and state.changed_ms is not None:
            return
        if state.up_since_ms is not None:
            state.falls += 1
        state.up_since_ms = None
        state.changed_ms = self._clock.now_ms()
        _log.warning("edge.uplink_down", uplink=state.uplink.name, error=repr(error))
        self._decide()

    def _decide(self) -> None:
        now_ms = self._clock.now_ms()
        up = {n: s.up_since_ms for n, s in self._states.items() if s.up_since_ms is not None}
        for data, choice in self.choices.items():
            name = choose(data, self._config.uplinks, up, choice.uplink, now_ms)
            if name != choice.uplink:
                self.choices[data] = Choice(uplink=name, since_ms=now_ms)
        self._tell()

    def _tell(self) -> None:
        self._changed.set()
        self._changed = asyncio.Event()


def _takes_packed(opened: ClientConnection) -> bool:
    """Uploads, as the answer's header says: RFC 9110, section 12.5.3, but of another address."""
    assert opened.response is not None
    return "deflate" in ",".join(opened.response.headers.get_all("Accept-Encoding"))
