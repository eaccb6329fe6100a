"""The gateway's part in the terminals' console: how they stand, and asking what is ordered."""

import asyncio
import contextlib
from itertools import batched, chain, islice, takewhile

import psycopg
import structlog
from msgspec.structs import replace

from goldenhour.adapters.jt808.adapter import Jt808Gateway
from goldenhour.app.ports import Clock
from goldenhour.app.terminals import (
    LOOK_MS,
    TELL_MS,
    Order,
    OrderKind,
    OrderRow,
    TerminalBook,
    TerminalState,
    decode_value,
    encode_value,
)
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import CHINA, SECOND_MS, to_datetime
from goldenhour.wire.jt808 import UnencodableError, Version
from goldenhour.wire.jt808.driver import Driver
from goldenhour.wire.jt808.media import CameraAnswer, CameraResult, TakePicture
from goldenhour.wire.jt808.messages import (
    Body,
    Parameter,
    ParametersAnswer,
    PositionAnswer,
    QueryDriver,
    QueryParameters,
    QueryPosition,
    Result,
    SetParameters,
    TerminalAnswer,
    Track,
    show_and_speak,
)

TURN_S = 1.0
TOLD_AT_ONCE = 1_200
"""Terminals written down in one turn, so that as many as may connect are told every `TELL_MS`."""
SLICE = 50
"""And so many in one go: a thousand held up everybody's positions for ten milliseconds."""
PACE_S = 0.02
"""Between two of these, so that positions find the way free."""
STALE_MS = 60 * SECOND_MS
"""An order that waited so long, while the gateway was away, is given up: nobody waits any more."""
_WORDS: dict[int, str] = {
    Result.OK: "done",
    Result.FAILED: "refused",
    Result.BAD_MESSAGE: "refused",
    Result.UNSUPPORTED: "unsupported",
}
_CAMERA_WORDS: dict[int, str] = {CameraResult.OK: "done", CameraResult.NO_CHANNEL: "no_channel"}
_log = structlog.get_logger(__name__)


async def serve_console(
    gateway: Jt808Gateway, book: TerminalBook, clock: Clock, stopping: asyncio.Event
) -> None:
    """Until the gateway stops; a database that is away is waited for."""
    console, loop = Console(gateway, book, clock), asyncio.get_running_loop()
    async with asyncio.TaskGroup() as group:
        while not stopping.is_set():
            next_s = loop.time() + TURN_S
            try:
                await console.turn(group)
            except psycopg.OperationalError as error:
                _log.warning("gateway.console_away", error=str(error))
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout_at(next_s):
                    await stopping.wait()


class Console:
    def __init__(self, gateway: Jt808Gateway, book: TerminalBook, clock: Clock) -> None:
        self._gateway, self._book, self._clock = gateway, book, clock
        self._told: dict[str, tuple[int, TerminalState]] = {}
        """When, and what; whoever was told last stands last."""
        self._under_way: set[str] = set()
        self._kept: dict[str, tuple[int, int]] = {}
        """Terminal -> the connection and the number of its newest frame that is kept."""

    async def turn(self, group: asyncio.TaskGroup) -> None:
        now_ms = self._clock.now_ms()
        looked_at = await self._book.list_looked_at(now_ms - LOOK_MS)
        self._gateway.look(looked_at)
        for row in await self._book.list_waiting():
            if row.id not in self._under_way:
                self._under_way.add(row.id)
                group.create_task(self._carry_out(row))
        await self._tell(looked_at, now_ms)

    async def _tell(self, looked_at: set[str], now_ms: int) -> None:
        here = self._gateway.list_phones()
        for some in batched(self._told.keys() - here, SLICE):
            states = [replace(self._told[phone][1], connected=False, trace=()) for phone in some]
            await self._book.put_states(states, now_ms)
            for phone in some:
                del self._told[phone]
        # Whoever was told longest ago comes first: that is the order in which they stand there.
        waited = takewhile(lambda told: now_ms - told[1][0] >= TELL_MS, self._told.items())
        due = islice(
            (
                p
                for p in chain(here - self._told.keys(), (p for p, _ in waited))
                if p not in looked_at
            ),
            TOLD_AT_ONCE,
        )
        for some in batched([*(looked_at & here), *due], SLICE):
            states = self._gateway.list_states(some)
            await self._book.put_states(states, now_ms)
            await self._keep_frames([state for state in states if state.trace], now_ms)
            for state in states:
                self._told.pop(state.phone, None)
                self._told[state.phone] = now_ms, state
            if len(some) == SLICE:
                await asyncio.sleep(PACE_S)

    async def _keep_frames(self, states: list[TerminalState], now_ms: int) -> None:
        """Each frame once."""
        kept = {
            state.phone: self._kept[state.phone][1]
            for state in states
            if self._kept.get(state.phone, (0, 0))[0] == state.since_ms
        }
        fresh = [
            replace(state, trace=tuple(f for f in state.trace if f.n > kept.get(state.phone, 0)))
            for state in states
        ]
        await self._book.keep_frames(fresh, now_ms)
        self._kept |= {state.phone: (state.since_ms, state.trace[-1].n) for state in states}

    async def _carry_out(self, row: OrderRow) -> None:
        late = self._clock.now_ms() - row.asked_ms > STALE_MS
        done = replace(row, outcome="timeout") if late else await self._asked(row)
        try:
            await self._book.finish(replace(done, done_ms=self._clock.now_ms()))
        except psycopg.OperationalError as error:
            _log.warning("gateway.order_not_finished", id=row.id, error=str(error))
        await self._ask_read(replace(done, done_ms=self._clock.now_ms()))
        self._under_way.discard(row.id)

    async def _ask_read(self, done: OrderRow) -> None:
        """A text that the terminal has taken: whether its driver says that it was read."""
        is_text = done.order.kind is OrderKind.TEXT and done.outcome == "done"
        if not (is_text and self._gateway.confirms(done.phone)):
            return
        try:
            await self._book.finish(replace(done, read="waiting"))
            read = await self._gateway.ask_read_of(done.phone, done.order.text)
            read_ms = self._clock.now_ms() if read else None
            await self._book.finish(
                replace(done, read="read" if read else "unread", read_ms=read_ms)
            )
        except psycopg.OperationalError as error:
            _log.warning("gateway.reading_not_told", id=done.id, error=str(error))

    async def _asked(self, row: OrderRow) -> OrderRow:
        try:
            answer = await self._gateway.ask(row.phone, self._body(row))
        except UnencodableError:
            return replace(row, outcome="unsendable")
        except TimeoutError:
            return replace(row, outcome="timeout")
        except ConnectionError:
            return replace(row, outcome="not_connected")
        return read_answer(row, answer)

    def _body(self, row: OrderRow) -> Body:
        editions = [state.edition for state in self._gateway.list_states((row.phone,))]
        return body_of(row.order, Version(editions[0]) if editions else Version.V2019)


def body_of(order: Order, version: Version) -> Body:
    """Raises UnencodableError where a value has no form."""
    match order.kind:
        case OrderKind.QUERY_PARAMETERS:
            return QueryParameters()
        case OrderKind.SET_PARAMETER:
            data = encode_value(order)
            if isinstance(data, Refused):
                raise UnencodableError(f"{data.field}: {data.code}")
            return SetParameters(
                parameters=(Parameter(parameter_id=order.parameter_id, data=data),)
            )
        case OrderKind.QUERY_POSITION:
            return QueryPosition()
        case OrderKind.TRACK:
            return Track(interval_s=order.interval_s, duration_s=order.duration_s)
        case OrderKind.TEXT:
            return show_and_speak(order.text, version, urgent=False)
        case OrderKind.QUERY_DRIVER:
            return QueryDriver()
        case OrderKind.TAKE_PICTURE:
            return TakePicture(channel=order.channel, command=1)


def read_answer(row: OrderRow, answer: Body) -> OrderRow:
    match answer:
        case ParametersAnswer(parameters=parameters):
            told = tuple(decode_value(p.parameter_id, p.data) for p in parameters)
            return replace(row, outcome="done", parameters=told)
        case PositionAnswer(position=position):
            point, at_ms = position.point, position.device_ms
            place = f"{point.lat:.6f}, {point.lon:.6f}" if point else "--"
            if at_ms is not None:
                place += f" · {to_datetime(at_ms).astimezone(CHINA):%Y-%m-%d %H:%M:%S}"
            return replace(row, outcome="done", place=place)
        case Driver():
            return replace(row, outcome="done")  # what it said stands at the terminal
        case CameraAnswer(result=result):
            # The picture itself follows; it stands among those of the terminal.
            return replace(row, outcome=_CAMERA_WORDS.get(result, "refused"))
        case TerminalAnswer(result=result):
            return replace(row, outcome=_WORDS.get(result, "refused"))
        case _:
            return replace(row, outcome="refused")
