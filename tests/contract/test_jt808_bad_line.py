"""The simulator's terminal, which shares no code with the gateway, over a line that loses parts."""

import asyncio
from contextlib import suppress
from random import Random  # noqa: TID251 (a seed fixes the test)

import pytest
from jt808_doubles import PHONES, running

from goldenhour.kernel.geo import Point
from goldenhour.simulator import jt808_frames as frames
from goldenhour.simulator.driving import DrivePlan
from goldenhour.simulator.jt808_outbox import LongMessages, PartFaults
from goldenhour.simulator.terminals import (
    Faults,
    TerminalDouble,
    TerminalsConfig,
    run_terminals,
)

PHONE = next(iter(PHONES))
WANTED = 400


class Parked:
    async def current(self, unit_id: str) -> DrivePlan | None:  # noqa: ARG002 (the port's form)
        return None


class Fast:
    """A clock on which every reading is half a second later."""

    def __init__(self) -> None:
        self._ms = 1_767_225_600_000

    def now_ms(self) -> int:
        self._ms += 500
        return self._ms


@pytest.mark.parametrize("v2019", [False, True])
async def test_a_long_history_arrives_whole_and_so_does_the_drivers_card(
    v2019: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    again: list[bytes] = []
    send_again = LongMessages.send_again

    def counted(long: LongMessages, body: bytes) -> list[bytes]:
        again.append(body)
        return send_again(long, body)

    monkeypatch.setattr(LongMessages, "send_again", counted)
    terminal = TerminalDouble(
        unit_id=PHONES[PHONE],
        identity=frames.Identity(phone=PHONE, v2019=v2019, plate="测A00001"),
        home=Point(lat=30, lon=120),
        card=frames.Card(
            name="测试员",
            certificate="140400199001012222",
            issuer="测试运管局",
            valid_until="20340409",
            id_number="140400199001012222",
        ),
    )
    async with running(part_s=0.01) as world:
        config = TerminalsConfig(
            host="127.0.0.1",
            port=world.gateway.port,
            terminals=(terminal,),
            moving_period_s=0.002,
            parked_period_s=0.1,
            retry_s=0.01,
            answer_timeout_s=1_000.0,
            faults=Faults(
                silence=0.01,
                silence_s=50.0,
                long_batch=1.0,
                parts=PartFaults(lost=0.3, doubled=0.3, reordered=0.5),
            ),
        )
        driving = asyncio.create_task(
            run_terminals(config, plan=Parked(), clock=Fast(), rng=Random(5))
        )
        caught_up: list[int] = []
        try:
            while len(caught_up) < WANTED or not again:
                world.store.arrived.clear()
                await world.store.arrived.wait()
                caught_up = [fix.device_ms for fix in world.store.fixes if fix.catch_up]
        finally:
            driving.cancel()
            with suppress(asyncio.CancelledError):
                await driving
        said = world.drivers.said[PHONE]
        assert (said.card, said.result, said.certificate[-4:]) == ("inserted", "read", "2222")
        assert world.count("jt808_connections_closed_total", reason="flood") == 0
        # What was given up for its parts comes again in another message, and little of it twice.
        assert len(set(caught_up)) > WANTED / 2
        assert {fix.point for fix in world.store.fixes} == {terminal.home}
