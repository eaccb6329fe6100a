"""Many positions at once through the gateway, and on to the centre (doubles: jt808_doubles)."""

import asyncio

from jt808_doubles import a_position, running

from factories.memory_reader import MemoryReader
from factories.world import TestWorld
from goldenhour.app.live import Hub
from goldenhour.main.centre import to_hub
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import Heartbeat, Logout, PlatformAnswer, Raw, Result


async def test_a_broken_frame_amid_a_batch_costs_itself_alone() -> None:
    for version in Version:
        async with running() as world:
            terminal = await world.terminal(version=version)
            frames = [terminal.frame(a_position()) for _ in range(6)]
            flipped = bytearray(frames[2])
            flipped[20] ^= 0x01
            too_short = terminal.frame(Raw(message_id=0x0200, data=b"short"))
            terminal.writer.write(
                b"".join((*frames[:2], bytes(flipped), *frames[3:5], too_short, frames[5]))
            )
            answers = {(await terminal.receive()).body for _ in range(6)}
            # The handshake was message 1, so the frames are 2 to 7 and the short one is 8.
            assert answers == {
                *(PlatformAnswer(serial=n, message_id=0x0200, result=0) for n in (2, 3, 5, 6, 7)),
                PlatformAnswer(serial=8, message_id=0x0200, result=Result.BAD_MESSAGE),
            }
            assert len(world.store.fixes) == 5
            assert world.count("jt808_bad_frames_total", reason="checksum") == 1


async def test_of_a_batch_nothing_is_acknowledged_before_the_store_returned() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.store.gate.clear()
        frames = [terminal.frame(a_position()) for _ in range(5)]
        terminal.writer.write(b"".join(frames))
        await world.store.arrived.wait()
        assert await terminal.result(Heartbeat()) == Result.OK  # nothing came before it
        world.store.gate.set()
        last = terminal.send(a_position())  # in the next batch
        for ours, serial in enumerate((*range(2, 7), last), start=2):
            answer = await terminal.receive()
            assert answer.body == PlatformAnswer(serial=serial, message_id=0x0200, result=0)
            assert answer.header.serial == ours  # the handshake's and the heartbeat's came before
        assert [len(call) for call in world.store.calls] == [5, 1]


async def test_of_a_batch_that_the_store_refuses_nothing_is_acknowledged() -> None:
    async with running() as world:
        terminal = await world.terminal()
        world.store.failures = 1
        world.store.gate.clear()
        terminal.writer.write(b"".join(terminal.frame(a_position()) for _ in range(5)))
        await world.store.arrived.wait()
        world.store.gate.set()
        again = terminal.send(a_position())
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=again, message_id=0x0200, result=0)
        assert world.count("jt808_append_failures_total") == 1


async def test_what_stands_between_positions_is_handled_in_its_turn() -> None:
    for version in Version:
        async with running() as world:
            terminal = await world.terminal(version=version)
            bodies = (a_position(), Heartbeat(), a_position(), Logout(), a_position())
            terminal.writer.write(b"".join(map(terminal.frame, bodies)))
            answers = {(await terminal.receive()).body for _ in bodies}
            # The handshake was message 1.
            assert answers == {
                PlatformAnswer(serial=2, message_id=0x0200, result=0),
                PlatformAnswer(serial=3, message_id=0x0002, result=0),
                PlatformAnswer(serial=4, message_id=0x0200, result=0),
                PlatformAnswer(serial=5, message_id=0x0003, result=0),
                PlatformAnswer(serial=6, message_id=0x0200, result=Result.FAILED),
            }
            assert len(world.store.fixes) == 2


async def test_positions_cut_anywhere_are_the_same_positions() -> None:
    async with running(max_waiting_messages=1_000) as world:
        terminal = await world.terminal()
        line = world.gateway._by_phone[terminal.phone]
        world.store.gate.clear()
        three = b"".join(terminal.frame(a_position()) for _ in range(3))
        for cut in range(len(three)):
            for piece in (three[:cut], three[cut:]):
                line.data_received(piece)
                world.gateway.intake.run()
        world.store.gate.set()
        answers = [(await terminal.receive()).body for _ in range(3 * len(three))]
        assert answers.count(PlatformAnswer(serial=2, message_id=0x0200, result=0)) == len(three)
        assert len(world.store.fixes) == 3 * len(three)
        assert world.count("jt808_bad_frames_total", reason="checksum") == 0


async def test_what_a_terminal_said_last_is_stored_although_it_is_gone() -> None:
    async with running() as world:
        terminal = await world.terminal()
        line = world.gateway._by_phone[terminal.phone]
        # As uvloop tells it: all of this in one turn, before anything else may run.
        line.data_received(terminal.frame(a_position()))
        line.eof_received()
        line._transport.close()
        await world.store.arrived.wait()
        await terminal.closed()
        assert len(world.store.fixes) == 1


async def test_the_first_position_is_stored_at_once_then_few_wait_for_company() -> None:
    async with running(gather_fixes=3, gather_s=3_600) as world:
        first, second = await world.terminal(), await world.terminal("13800000002")
        assert await first.result(a_position()) == Result.OK  # none was stored just before
        world.store.calls.clear()
        world.store.arrived.clear()
        first.send(a_position())
        second.send(a_position())
        for terminal in (first, second):
            assert await terminal.result(Heartbeat()) == Result.OK
        assert world.store.calls == []
        first.send(a_position())
        await world.store.arrived.wait()
        for terminal, count in ((first, 2), (second, 1)):
            for _ in range(count):
                assert isinstance((await terminal.receive()).body, PlatformAnswer)
        assert [len(call) for call in world.store.calls] == [3]
        last = first.send(a_position())
        assert await first.result(Heartbeat()) == Result.OK
        stopping = asyncio.create_task(world.gateway.stop())  # nobody is kept waiting at the end
        answer = (await first.receive()).body
        assert answer == PlatformAnswer(serial=last, message_id=0x0200, result=0)
        await first.closed()
        await stopping


async def test_what_is_published_moves_the_vehicle_at_the_centre() -> None:
    office = TestWorld()
    reader = MemoryReader(office.journal)
    hub = Hub(reader, reader, office.facts, office.clock)
    async with running() as world:
        terminal = await world.terminal()
        assert await terminal.result(a_position()) == Result.OK
        to_hub(hub)(*await world.bus.payloads.get())
    assert hub.positions.fixes["unit-1"] == world.store.fixes[0]
