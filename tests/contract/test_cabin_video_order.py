"""Recorders are asked for their video, through the gateway over real sockets."""

import msgspec
from jt808_doubles import TerminalDouble, World, running

from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import Heartbeat, PlatformAnswer, Result, TerminalAnswer
from goldenhour.wire.jt808.video import SendVideo

FIRST = SendVideo(host="192.168.100.10", tcp_port=1078, channel=1)
SECOND = msgspec.structs.replace(FIRST, channel=2)
UNIT = "unit-1"


async def is_asked(terminal: TerminalDouble, order: SendVideo, result: Result = Result.OK) -> None:
    asked = await terminal.receive()
    assert asked.body == order
    terminal.send(TerminalAnswer(serial=asked.header.serial, message_id=0x9101, result=result))


async def is_asked_nothing(terminal: TerminalDouble) -> None:
    """What comes next is the answer to what it says now, and nothing before it."""
    answer = await terminal.ask(Heartbeat())
    assert isinstance(answer, PlatformAnswer)


async def test_a_recorder_is_asked_for_each_channel_when_it_connects_and_for_each_run() -> None:
    async with running(video=(FIRST, SECOND)) as world:
        terminal = await world.terminal()
        await is_asked(terminal, FIRST)
        await is_asked(terminal, SECOND)
        await is_asked_nothing(terminal)
        world.gateway.ask_video("unit-2")
        await is_asked_nothing(terminal)
        world.gateway.ask_video(UNIT)
        await is_asked(terminal, FIRST)
        await is_asked(terminal, SECOND)


async def test_one_of_2013_that_refuses_a_channel_is_asked_for_the_next_and_again() -> None:
    async with running(video=(FIRST, SECOND)) as world:
        terminal = await world.terminal(version=Version.V2013)
        await is_asked(terminal, FIRST, Result.FAILED)
        await is_asked(terminal, SECOND)
        await is_asked_nothing(terminal)
        world.gateway.ask_video(UNIT)
        await is_asked(terminal, FIRST)


async def test_a_terminal_that_knows_no_video_is_asked_once_a_line() -> None:
    async with running(video=(FIRST, SECOND)) as world:
        terminal = await world.terminal()
        await is_asked(terminal, FIRST, Result.UNSUPPORTED)
        await is_asked_nothing(terminal)
        world.gateway.ask_video(UNIT)
        await is_asked_nothing(terminal)
        await is_asked(await world.terminal(), FIRST)


async def test_one_that_says_nothing_holds_nothing_up_and_is_asked_at_the_next_run() -> None:
    async with running(video=(FIRST,), answer_s=0.2) as world:
        terminal = await world.terminal()
        assert (await terminal.receive()).body == FIRST
        world.gateway.ask_video(UNIT)  # while it is being asked
        await is_asked_nothing(terminal)
        await asked_again(world, terminal)


async def asked_again(world: World, terminal: TerminalDouble) -> None:
    """Once the first order was given up; what is asked before that is not said twice."""
    while True:
        world.gateway.ask_video(UNIT)
        said = terminal.send(Heartbeat())
        message = await terminal.receive()
        if message.body == FIRST:
            return
        assert isinstance(message.body, PlatformAnswer)
        assert message.body.serial == said


async def test_nobody_is_asked_where_nothing_is_set() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.gateway.ask_video(UNIT)
        await is_asked_nothing(terminal)
