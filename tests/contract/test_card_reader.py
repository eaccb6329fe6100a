"""The vehicle's side of an identity card reader over a real socket, against the double."""

import asyncio
import socket
from pathlib import Path

import pytest

from factories.doubles import READY_S, running_double
from goldenhour.adapters.cards import CardReader, CardReaderConfig
from goldenhour.app.id_card import IdCard
from goldenhour.kernel.outcome import Refused
from goldenhour.simulator.card_reader import (
    WARNING,
    CardReaderDouble,
    Fault,
)
from goldenhour.simulator.card_reader import CardReaderConfig as DoubleConfig


class Clock:
    def now_ms(self) -> int:
        return 1_795_000_000_000


def reader_at(port: int, read_s: float = 8.0) -> CardReader:
    config = CardReaderConfig(host="127.0.0.1", port=port, read_s=read_s, answer_s=read_s)
    return CardReader(config, Clock())


async def test_the_cards_of_the_residents_are_read_one_after_the_other() -> None:
    double = CardReaderDouble(DoubleConfig(port=0))
    async with double.running() as port:
        reader = reader_at(port)
        for person in double.people[:3]:
            card = await reader.read()
            assert isinstance(card, IdCard)
            assert (card.name, card.number) == (person.name, person.id_number)
            assert card.birth_day == person.born.isoformat()
        assert reader.connected


async def test_looking_takes_no_card_away() -> None:
    double = CardReaderDouble(DoubleConfig(port=0))
    async with double.running() as port:
        reader = reader_at(port)
        assert not reader.connected
        await reader.look()
        assert reader.connected
        assert double.given == 0


@pytest.mark.parametrize(
    ("fault", "code", "connected"),
    [
        (Fault.NO_CARD, "card_absent", True),
        (Fault.PULLED, "card_removed", True),
        (Fault.WRONG_DIGIT, "id_check_digit", True),
        (Fault.GARBAGE, "card_unreadable", True),
        (Fault.REFUSED, "card_unreadable", True),
        (Fault.UNPLUGGED, "card_reader_absent", False),
    ],
)
async def test_every_failure_has_its_name(fault: Fault, code: str, connected: bool) -> None:
    double = CardReaderDouble(DoubleConfig(port=0, fault=fault))
    async with double.running() as port:
        reader = reader_at(port)
        said = await reader.read()
        assert isinstance(said, Refused)
        assert said.code == code
        await reader.look()
        assert reader.connected is connected


async def test_a_slow_reader_is_waited_for_and_a_silent_one_is_not() -> None:
    slow = CardReaderDouble(DoubleConfig(port=0, fault=Fault.SLOW))
    async with slow.running() as port:
        assert isinstance(await reader_at(port).read(), IdCard)
    silent = CardReaderDouble(DoubleConfig(port=0, fault=Fault.SILENT))
    async with silent.running() as port:
        assert await reader_at(port, read_s=0.2).read() == Refused(code="card_slow", field="card")


async def test_a_reader_that_is_not_there_is_found_again() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    reader = reader_at(port)
    assert await reader.read() == Refused(code="card_reader_absent", field="card")
    async with CardReaderDouble(DoubleConfig(port=port)).running():
        await reader.look()
        assert reader.connected
    await reader.look()
    assert not reader.connected


async def test_the_double_runs_alone_and_says_what_it_is(tmp_path: Path) -> None:
    async with running_double(tmp_path, "card-reader", WARNING) as port, asyncio.timeout(READY_S):
        reader = reader_at(port)
        while not reader.connected:
            await asyncio.sleep(0.05)  # a port says nothing when it opens
            await reader.look()
        assert isinstance(await reader.read(), IdCard)
