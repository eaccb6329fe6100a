"""Texts to a vehicle over real loopback sockets, against doubles of the ports (jt808_doubles)."""

import asyncio

from jt808_doubles import TerminalDouble, World, running

from goldenhour.adapters.jt808 import TextOutcome
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import (
    Body,
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
