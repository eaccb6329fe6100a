"""One process of the kill drill, to be killed at any instant: writer, relay or timers.

    python -m goldenhour.main.drills.kill_writer ROLE CONNINFO LOG [--plant]

Rule 1: the writer sends each lane's messages in order, and the next only after the acknowledgement;
        one that was not acknowledged is sent again with the same identity and the same bytes.
Rule 2: an acknowledgement is one line in the log, written after the commit (planted: before).
"""

import argparse
import asyncio
import os
import time
from itertools import count
from pathlib import Path
from typing import Final

import msgspec
import psycopg

from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import run_relay
from goldenhour.adapters.postgres.timers import Timers
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.app.timers import fire
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.case import Facts
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import lab
from goldenhour.simulator import cases

LANES: Final = 8
BLOCK: Final = 50  # messages a hospital's stream
RING_EVERY: Final = 10
RING_S: Final = 1
_THINK_S: Final = 0.01
_RETRY_S: Final = 0.05
_TIMER_POLL_S: Final = 0.1
_ROLES: Final = ("writer", "relay", "timers")
_CUT_OFF: Final = (psycopg.OperationalError, psycopg.InterfaceError)


def installation(lane: int) -> str:
    return f"lane{lane}"


def message(lane: int, number: int) -> cases.Step:
    """The same every time it is sent."""
    hospital_id = f"{installation(lane)}-{number // BLOCK}"
    if number % BLOCK == 0:
        return next(iter(cases.list_hospital(hospital_id)))
    if number % RING_EVERY == RING_EVERY // 2:
        ring = c.Ring(
            call_id=f"{installation(lane)}-{number}", number=Clear(text="139"), line="120"
        )
        return cases.dispatcher(0, ring)
    return cases.dispatcher(0, c.ReportBeds(hospital_id=hospital_id, free={"icu": number}))


def short_facts() -> Facts:
    """The release's content, but a call that rings for a second is already late."""
    facts = load_facts()
    limits = msgspec.structs.replace(facts.limits, ring_s=RING_S)
    return msgspec.structs.replace(facts, limits=limits)


def list_acknowledged(log: Path, begin: int = 0) -> list[tuple[int, int, int]]:
    """(lane, number, sent_ns) of every whole line from this byte on."""
    if not log.exists():
        return []
    with log.open("rb") as file:
        file.seek(begin)
        lines = file.read().split(b"\n")[:-1]
    found = []
    for line in lines:
        lane, number, sent_ns = line.split()
        found.append((int(lane), int(number), int(sent_ns)))
    return found


async def _write(world: lab.LabWorld, log: Path, *, plant: bool) -> None:
    done = {lane: number for lane, number, _ in list_acknowledged(log)}
    out = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)

    async def write(lane: int) -> None:
        for number in count(done.get(lane, -1) + 1):
            line = f"{lane} {number} {time.monotonic_ns()}\n".encode()
            if plant:
                os.write(out, line)
            await _send(world, lane, number, once=plant)
            if not plant:
                os.write(out, line)
            await asyncio.sleep(_THINK_S)

    await asyncio.gather(*(write(lane) for lane in range(LANES)))


async def _send(world: lab.LabWorld, lane: int, number: int, *, once: bool) -> None:
    step = message(lane, number)
    while True:
        stamp = step.stamp(installation(lane), number, world.clock.now_ms())
        try:
            outcome = await handle(step.command, stamp, SYSTEM, world)
        except _CUT_OFF:
            if once:
                return
            await asyncio.sleep(_RETRY_S)
        else:
            if isinstance(outcome, Refused) and not once:
                raise RuntimeError(f"lane {lane} message {number} was refused: {outcome.code}")
            assert once or isinstance(outcome, Outcome)
            return


async def _relay(conninfo: str) -> None:
    while True:
        try:
            await run_relay(conninfo, asyncio.Event())
        except _CUT_OFF:
            await asyncio.sleep(_RETRY_S)


async def _fire(database: Database, world: lab.LabWorld) -> None:
    timers = Timers(database)
    while True:
        try:
            for due in await timers.due(world.clock.now_ms()):
                await fire(due, world.clock.now_ms(), world, timers)
        except _CUT_OFF:
            pass
        await asyncio.sleep(_TIMER_POLL_S)


async def _work(role: str, conninfo: str, log: Path, *, plant: bool) -> None:
    database = Database(conninfo, size=LANES)
    if role == "relay":
        await _relay(database.worker_conninfo)
    await database.open()
    seed = int.from_bytes(os.urandom(8))
    world = lab.LabWorld(database, SystemClock(), seed, short_facts())
    await (_write(world, log, plant=plant) if role == "writer" else _fire(database, world))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("role", choices=_ROLES)
    parser.add_argument("conninfo")
    parser.add_argument("log", type=Path)
    parser.add_argument("--plant", action="store_true")
    given = parser.parse_args()
    asyncio.run(_work(given.role, given.conninfo, given.log, plant=given.plant))


if __name__ == "__main__":
    main()
