"""Asking an identity card reader for the card that lies on it.

Rule 1: one question at a time: a reader serves one card and one asker.
Rule 2: every reading ends: with a card, or with why there is none. Nothing waits for ever.
Rule 3: nothing of a card enters a log.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import structlog

from goldenhour.adapters.cards.config import CardReaderConfig
from goldenhour.app.id_card import IdCard, check_card
from goldenhour.app.ports import Clock
from goldenhour.kernel.outcome import Refused
from goldenhour.wire.id_card import (
    GET_ATR,
    LENGTH_BYTES,
    MOST_BYTES,
    POWER_OFF,
    POWER_ON,
    BlockFault,
    Stop,
    Stopped,
    frame,
    read_block,
    read_text,
)

_log = structlog.get_logger(__name__)


class CardReader:
    def __init__(self, config: CardReaderConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._turn = asyncio.Lock()
        self._connected = False

    @property
    def connected(self) -> bool:
        """Whether it answered when it was last asked."""
        return self._connected

    async def watch(self) -> None:
        """For ever."""
        while True:
            await self.look()
            await asyncio.sleep(self._config.every_s)

    async def look(self) -> None:
        async with self._turn:
            try:
                async with asyncio.timeout(self._config.answer_s), self._line() as line:
                    await line.ask(GET_ATR)
            except (OSError, EOFError) as error:
                self._tell(connected=False, reason=type(error).__name__)
            else:
                self._tell(connected=True)

    async def read(self) -> IdCard | Refused:
        async with self._turn:
            try:
                async with asyncio.timeout(self._config.read_s), self._line() as line:
                    said = await _converse(line)
            except TimeoutError:
                return Refused(code="card_slow", field="card")
            except (OSError, EOFError) as error:
                self._tell(connected=False, reason=type(error).__name__)
                return Refused(code="card_reader_absent", field="card")
        self._tell(connected=True)
        if isinstance(said, Stopped):
            return _refusal(said)
        text = read_block(said)
        if isinstance(text, BlockFault):
            if text.field == "kind":
                return Refused(code="card_other_kind", field="card")
            return Refused(code="card_unreadable", field="card", detail=text.field)
        return check_card(
            name=text.name,
            sex=text.sex,
            birth_day=text.birth_day,
            number=text.number,
            valid_to=text.valid_to,
            now_ms=self._clock.now_ms(),
        )

    @asynccontextmanager
    async def _line(self) -> AsyncIterator["_Line"]:
        reader, writer = await asyncio.open_connection(self._config.host, self._config.port)
        try:
            writer.write(frame(POWER_ON))
            yield _Line(reader, writer)
            writer.write(frame(POWER_OFF))
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _tell(self, *, connected: bool, reason: str = "") -> None:
        if connected is not self._connected:
            _log.info("card_reader.connected" if connected else "card_reader.gone", reason=reason)
        self._connected = connected


class _Line:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def ask(self, message: bytes) -> bytes:
        self._writer.write(frame(message))
        await self._writer.drain()
        length = int.from_bytes(await self._reader.readexactly(LENGTH_BYTES), "big")
        if length > MOST_BYTES:
            raise ConnectionError("an answer longer than any that was asked for")
        return await self._reader.readexactly(length)


async def _converse(line: _Line) -> bytes | Stopped:
    talk = read_text()
    message = next(talk)
    while True:
        answer = await line.ask(message)
        try:
            message = talk.send(answer)
        except StopIteration as ended:
            said: bytes | Stopped = ended.value
            return said


def _refusal(said: Stopped) -> Refused:
    match said.stop:
        case Stop.NO_CARD:
            return Refused(code="card_absent", field="card")
        case Stop.REMOVED:
            return Refused(code="card_removed", field="card")
        case Stop.REFUSED:
            return Refused(code="card_unreadable", field="card", detail=said.status)
