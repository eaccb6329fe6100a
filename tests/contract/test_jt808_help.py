"""A crew calls for help by its vehicle's terminal: the button's alarm, to every seat."""

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from jt808_doubles import DEVICE_MS, NOW_MS, a_position, running

from factories.world import TestWorld
from goldenhour.app.handle import recorded_of as recorded
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import HelpAlarm, HelpCalled
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.gateway import CentreLine
from goldenhour.wire.jt808 import Version
from goldenhour.wire.jt808.messages import BatchKind, Heartbeat, PositionBatch, Result

SOS, COLLISION, OVERSPEED = 1 << 0, 1 << 29, 1 << 1
WATCHED = ("sos", "collision")


@pytest.mark.parametrize("version", list(Version))
async def test_it_is_answered_after_every_seat_was_told(version: Version) -> None:
    async with running(help_alarms=WATCHED) as world:
        terminal = await world.terminal(version=version)
        world.help.gate.clear()
        asking = asyncio.create_task(terminal.result(a_position(alarm_bits=SOS | OVERSPEED)))
        await world.help.arrived.wait()
        assert (world.store.fixes, asking.done()) == ([], False)
        world.help.gate.set()
        assert await asking == Result.OK
        assert world.help.called == [("sos", "unit-1")]
        assert len(world.store.fixes) == 1


async def test_it_is_one_call_while_it_stands_and_another_when_it_rises_anew() -> None:
    async with running(help_alarms=WATCHED) as world:
        terminal = await world.terminal()
        for bits in (SOS, SOS, OVERSPEED | SOS):
            assert await terminal.result(a_position(alarm_bits=bits)) == Result.OK
        terminal = await world.terminal()  # on a new line
        assert await terminal.result(a_position(alarm_bits=SOS)) == Result.OK
        assert world.help.called == [("sos", "unit-1")]
        assert await terminal.result(a_position(alarm_bits=SOS | COLLISION)) == Result.OK
        assert await terminal.result(a_position()) == Result.OK
        assert await terminal.result(a_position(alarm_bits=SOS)) == Result.OK
        assert [alarm for alarm, _unit in world.help.called] == ["sos", "collision", "sos"]


async def test_one_that_could_not_be_told_moves_the_vehicle_and_comes_again() -> None:
    async with running(help_alarms=WATCHED) as world:
        terminal = await world.terminal()
        world.help.broken = True
        terminal.send(a_position(alarm_bits=SOS))
        # The answer that comes is that to the heartbeat.
        assert await terminal.result(Heartbeat()) == Result.OK
        await world.store.arrived.wait()
        world.help.broken = False
        assert await terminal.result(a_position(alarm_bits=SOS)) == Result.OK
        assert world.help.called == [("sos", "unit-1")]
        assert len(world.store.fixes) == 2
        assert world.count("jt808_help_failures_total") == 1


async def test_a_line_that_ends_takes_no_call_with_it() -> None:
    """The terminal is there again before the call is told, so its first line is shut."""
    async with running(help_alarms=WATCHED) as world:
        terminal = await world.terminal()
        world.help.gate.clear()
        terminal.send(a_position(alarm_bits=COLLISION))
        await world.help.arrived.wait()
        await world.terminal()
        await terminal.closed()
        await world.store.arrived.wait()  # nor the last place
        world.help.gate.set()
        await world.help.told.wait()
        assert world.help.called == [("collision", "unit-1")]


@pytest.mark.parametrize(("age_s", "calls"), [(599, 1), (601, 0)])
async def test_out_of_a_blind_zone_it_calls_unless_it_is_history(age_s: int, calls: int) -> None:
    async with running(help_alarms=WATCHED, help_alarm_s=600.0) as world:
        terminal = await world.terminal()
        reports = tuple(a_position(NOW_MS - age_s * 1000, SOS) for _ in range(3))
        batch = PositionBatch(kind=BatchKind.CATCH_UP, positions=reports)
        assert await terminal.result(batch) == Result.OK
        assert world.help.called == [("sos", "unit-1")] * calls
        assert len(world.store.fixes) == 3


def a_fix(**changes: Any) -> Fix:
    given: dict[str, Any] = {
        "unit_id": "A-01",
        "point": Point(lat=36.2, lon=113.1),
        "speed_kmh": 0.0,
        "heading_deg": 0,
        "altitude_m": 900,
        "device_ms": DEVICE_MS,
        "received_ms": NOW_MS,
        "catch_up": False,
        "mileage_km": None,
        "satellites": None,
        "alarms": ("sos",),
    }
    return Fix(**(given | changes))


async def test_at_the_centre_it_is_the_crews_call_once() -> None:
    cases = TestWorld()
    unit_id = await cases.list_unit()
    node: Any = SimpleNamespace(clock=cases.clock, world=cases)
    line, stream = CentreLine(node), f"unit:{unit_id}"

    async def called() -> list[HelpCalled]:
        held = (await cases.journal.load([stream], SYSTEM))[stream]
        return [e.event for e in map(recorded, held.events) if isinstance(e.event, HelpCalled)]

    for _ in range(2):  # the answer was lost on the way: the report comes twice
        await line.call("sos", a_fix())
    expected = HelpCalled(point=Point(lat=36.2, lon=113.1), by_alarm=HelpAlarm.SOS)
    assert await called() == [expected]
    # Over is over, also for the report that comes a third time; another press is another call.
    await cases.accept(c.EndHelp(unit_id=unit_id, reason="已与车组通话"))
    await line.call("sos", a_fix())
    assert len(await called()) == 1
    await line.call("sos", a_fix(device_ms=DEVICE_MS + 60_000))
    assert len(await called()) == 2
    # A unit that is in no register has no seat to hear of it; its positions go on.
    await line.call("sos", a_fix(unit_id="X-99"))
