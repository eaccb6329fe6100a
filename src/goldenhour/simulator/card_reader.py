"""A DOUBLE of an identity card reader: it gives the cards of the made-up residents.

Rule 1: it writes its own bytes and never imports `wire.id_card`, so that the product's reading is
        judged by somebody else's card.
Rule 2: its people are those of the resident record double, so that a card that was read has a
        record; nobody of them exists.
Rule 3: the next card lies there once one was read to its end; `fault` makes it fail like a real
        reader.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.simulator.residents import Person, list_people

WARNING: Final = (
    "WARNING: a DOUBLE of an identity card reader: every card on it is made up."
    " Never put it into a live vehicle."
)
SLOW_S: Final = 1.0
_ATR: Final = bytes.fromhex("3B 80 80 01 01")
_OK: Final = b"\x90\x00"
_NO_FILE: Final = b"\x6a\x82"
_NOT_SELECTED: Final = b"\x69\x86"
_NO_SUCH_PLACE: Final = b"\x6b\x00"
_NO_SUCH_COMMAND: Final = b"\x6d\x00"
_BLOCK_BYTES: Final = 256


class Fault(StrEnum):
    NONE = "none"
    NO_CARD = "no-card"
    PULLED = "pulled"
    """Taken away after the first part of the text."""
    WRONG_DIGIT = "wrong-digit"
    """A card whose number fails its own check."""
    GARBAGE = "garbage"
    """Noise where the text should be."""
    REFUSED = "refused"
    """The reader cannot open the card."""
    UNPLUGGED = "unplugged"
    SLOW = "slow"
    SILENT = "silent"


class CardReaderConfig(Record):
    port: int
    """0 lets the system choose one."""
    seed: int = 1
    people: int = 200
    fault: Fault = Fault.NONE


class CardReaderDouble:
    """`async with double.running() as port:` listens on loopback until the block ends."""

    def __init__(self, config: CardReaderConfig) -> None:
        self.config = config
        self.people = list_people(config.seed, config.people)
        self.given = 0
        """Cards that were read to their end."""
        self._dice = Random(config.seed)  # noqa: S311 (a simulation, no secret)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", self.config.port)
        async with server:
            yield server.sockets[0].getsockname()[1]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        card = _Card(self._block(), self.config.fault)
        try:
            while self.config.fault is not Fault.UNPLUGGED:
                length = int.from_bytes(await reader.readexactly(2), "big")
                message = await reader.readexactly(length)
                answer = card.answer(message)
                if answer is None:
                    continue
                if self.config.fault is Fault.SILENT:
                    await reader.read()  # until the asker goes away
                    return
                if self.config.fault is Fault.SLOW:
                    await asyncio.sleep(SLOW_S)
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()
                if card.read_bytes == _BLOCK_BYTES:
                    card.read_bytes = 0
                    self.given += 1
        except (OSError, EOFError):
            pass  # who asks hangs up when it has what it wanted
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    def _block(self) -> bytes:
        if self.config.fault is Fault.GARBAGE:
            return self._dice.randbytes(_BLOCK_BYTES)
        person = self.people[self.given % len(self.people)]
        return text_block(person, wrong_digit=self.config.fault is Fault.WRONG_DIGIT)


class _Card:
    """One card on the reader, for one asker."""

    def __init__(self, block: bytes, fault: Fault) -> None:
        self._block = block
        self._fault = fault
        self._selected = False
        self.read_bytes = 0

    def answer(self, message: bytes) -> bytes | None:
        """None: this message has no answer."""
        if len(message) == 1:
            return self._control(message)
        gone = self._fault is Fault.PULLED and self.read_bytes > 0
        if gone or self._fault is Fault.NO_CARD:
            return b""
        match message[:2]:
            case b"\x00\xa4":
                self._selected = message[2:] == bytes.fromhex("02 0C 02 10 01")
                return _OK if self._selected else _NO_FILE
            case b"\x00\xb0":
                return self._read(int.from_bytes(message[2:4], "big"), message[4])
            case _:
                return _NO_SUCH_COMMAND

    def _control(self, message: bytes) -> bytes | None:
        if message != b"\x04":
            return None
        return b"" if self._fault is Fault.NO_CARD else _ATR

    def _read(self, offset: int, length: int) -> bytes:
        if not self._selected:
            return _NOT_SELECTED
        if self._fault is Fault.REFUSED:
            return b"\x69\x82"
        part = self._block[offset : offset + length]
        if not part:
            return _NO_SUCH_PLACE
        self.read_bytes += len(part)
        return part + _OK


def text_block(person: Person, *, wrong_digit: bool = False) -> bytes:
    """The 256 bytes of a card that this person would have."""
    number = person.id_number
    if wrong_digit:
        number = number[:-1] + ("0" if number[-1] != "0" else "1")
    texts = (
        (person.name, 15),
        ("1" if person.story.male else "2", 1),
        ("01", 2),
        (f"{person.born:%Y%m%d}", 8),
        ("安澜市澜溪区虚构路1号", 35),
        (number, 18),
        ("安澜市公安局(虚构)", 15),
        ("20200101", 8),
        ("长期", 8),
        ("", 18),
    )
    return "".join(text.ljust(width) for text, width in texts).encode("utf-16-le")
