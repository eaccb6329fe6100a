"""Texts to a vehicle over real loopback sockets, against doubles of the ports (jt808_doubles)."""

import asyncio

import pytest
from jt808_doubles import PHONES, TerminalDouble, World, running

from goldenhour.adapters.jt808 import TextOutcome
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import (
    Body,
    Result,
    TerminalAnswer,
    Text,
)


async def texted(
    world: World, terminal: TerminalDouble, *, urgent: bool, result: int
) -> tuple[Body, TextOutcome]:
    sending = asyncio.create_task(world.gateway.send_text("unit-1", "速到人民路1号", urgent=urgent))
    asked = await terminal.receive()
    # An answer to something else must not count.
    terminal.send(TerminalAnswer(serial=asked.header.serial, message_id=0x8103, result=1 - result))
    terminal.send(TerminalAnswer(serial=asked.header.serial, message_id=0x8300, result=result))
    return asked.body, await sending


async def test_a_text_is_delivered_or_refused_by_the_terminals_answer() -> None:
    async with running() as world:
        new = await world.terminal()
        assert await texted(world, new, urgent=True, result=0) == (
            Text(flags=0b1110, kind=1, text="速到人民路1号"),
            TextOutcome.DELIVERED,
        )
        old = await world.terminal(version=Version.V2013)
        assert await texted(world, old, urgent=True, result=1) == (
            Text(flags=0b1101, text="速到人民路1号"),
            TextOutcome.REFUSED,
        )


async def test_a_text_without_answer_times_out() -> None:
    async with running(answer_s=0.01) as world:
        await world.terminal()
        outcome = await world.gateway.send_text("unit-1", "出车", urgent=False)
        assert outcome is TextOutcome.TIMEOUT


async def test_a_text_on_a_line_that_breaks_is_not_delivered() -> None:
    async with running() as world:
        terminal = await world.terminal()
        sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=False))
        await terminal.receive()
        terminal.writer.close()
        assert await sending is TextOutcome.TIMEOUT
        assert (
            await world.gateway.send_text("unit-1", "出车", urgent=False)
            is TextOutcome.NOT_CONNECTED
        )


async def test_a_text_that_cannot_be_written_is_said_so() -> None:
    async with running() as world:
        await world.terminal()
        for text in ("\U0001f691", "救" * 600):
            outcome = await world.gateway.send_text("unit-1", text, urgent=False)
            assert outcome is TextOutcome.UNSENDABLE


async def answer(terminal: TerminalDouble, result: int) -> None:
    asked = await terminal.receive()
    assert isinstance(asked.body, Text)
    terminal.send(TerminalAnswer(serial=asked.header.serial, message_id=0x8300, result=result))


async def two_of_one_vehicle(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> tuple[TerminalDouble, TerminalDouble]:
    """A recorder, which connected first, and a terminal."""
    monkeypatch.setitem(PHONES, "13800000002", "unit-1")
    return await world.terminal(), await world.terminal("13800000002")


async def test_a_recorder_that_knows_no_texts_does_not_hide_the_terminal(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(answer_s=60) as world:
        recorder, terminal = await two_of_one_vehicle(world, monkeypatch)
        for first, second in ((recorder, terminal), (terminal, recorder)):
            sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=True))
            await answer(first, Result.UNSUPPORTED if first is recorder else Result.OK)
            await answer(second, Result.UNSUPPORTED if second is recorder else Result.OK)
            assert await sending is TextOutcome.DELIVERED


async def test_a_mute_recorder_holds_up_nothing_that_the_terminal_has_shown(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(answer_s=60) as world:
        recorder, terminal = await two_of_one_vehicle(world, monkeypatch)
        sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=True))
        await answer(terminal, Result.OK)
        assert await sending is TextOutcome.DELIVERED
        await answer(recorder, Result.UNSUPPORTED)  # too late to count, and no fault
        assert recorder.writer.transport.is_closing() is False


async def test_a_silent_terminal_counts_before_a_recorder_that_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(answer_s=0.5) as world:
        recorder, terminal = await two_of_one_vehicle(world, monkeypatch)
        sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=True))
        await answer(recorder, Result.UNSUPPORTED)
        await terminal.receive()
        assert await sending is TextOutcome.TIMEOUT  # and is tried again


async def test_where_every_terminal_refuses_the_text_is_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with running(answer_s=60) as world:
        both = await two_of_one_vehicle(world, monkeypatch)
        sending = asyncio.create_task(world.gateway.send_text("unit-1", "出车", urgent=True))
        for terminal in both:
            await answer(terminal, Result.FAILED)
        assert await sending is TextOutcome.REFUSED
