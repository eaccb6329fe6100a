"""The race between two nodes with a database each: who gives a unit away, and who sends it.

In each race the unit's home sends it and gives it away at a random moment apart, while the other
node tries to send it, hears of the gift as the link tells it, and tries again. Then the home's name
changes sides, or stays. However it falls, one run at most is active over both nodes, and whoever
was refused was told why.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, field

from msgspec.structs import replace

from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role
from goldenhour.app.journal import Outcome
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.case import Facts
from goldenhour.kernel.outcome import Refused
from goldenhour.main.drills import lab
from goldenhour.simulator import cases
from goldenhour.simulator.cases import Step

NODES = ("city", "county")
APART_S = 0.004
APART_SEEDS = 1_000_000
_TOLD = frozenset({"unit_claimed", "unit_of_other_node"})


@dataclass
class Side:
    name: str
    database: Database
    world: lab.LabWorld
    incidents: dict[str, str] = field(default_factory=dict)
    """The case that each unit is sent to."""


async def race_nodes(
    databases: tuple[Database, Database], seed: int, n: int, lanes: int
) -> Counter[str]:
    """The faults of `n` races of so many units."""
    faults: Counter[str] = Counter()
    facts = load_facts()
    sides = tuple(
        Side(name=name, database=database, world=_world(name, database, facts, seed))
        for name, database in zip(NODES, databases, strict=True)
    )
    units = [f"N-{number:02d}" for number in range(lanes)]
    for unit_id in units:
        for side in sides:
            await _enrol(side, unit_id)
        await sides[1].world.accept(_by_desk(c.NameHome(unit_id=unit_id, node=sides[0].name)))
    share = -(-n // lanes)
    await asyncio.gather(*(_lane(sides, unit_id, share, faults) for unit_id in units))
    return faults


def _world(name: str, database: Database, facts: Facts, seed: int) -> lab.LabWorld:
    # Ids are drawn too: no other world of this drill may throw the same dice.
    dice = seed + APART_SEEDS * (1 + NODES.index(name))
    return lab.LabWorld(database, lab.LabClock(), dice, replace(facts, node=name), source=name)


async def _enrol(side: Side, unit_id: str) -> None:
    for step in cases.list_unit(unit_id):
        await side.world.accept(step)
    _, side.incidents[unit_id], calling = cases.call_to_dispatchable(
        side.world.dice, side.world.new_id
    )
    for step in calling:
        await side.world.accept(step)


async def _lane(sides: tuple[Side, ...], unit_id: str, n: int, faults: Counter[str]) -> None:
    home, other, epoch = sides[0], sides[1], 0
    for _ in range(n):
        if await _race(home, other, unit_id, epoch + 1, faults):
            home, other, epoch = other, home, epoch + 1


async def _race(home: Side, other: Side, unit_id: str, epoch: int, faults: Counter[str]) -> bool:
    """Whether the unit was given."""
    dice = home.world.dice

    async def assign(side: Side) -> Outcome | Refused:
        await asyncio.sleep(dice.random() * APART_S)
        ident = side.world.new_id()
        command = c.Assign(mission_id=ident, incident_id=side.incidents[unit_id], unit_id=unit_id)
        return await side.world.send(_by_desk(command))

    async def give() -> Outcome | Refused:
        await asyncio.sleep(dice.random() * APART_S)
        gift = c.GiveUnit(unit_id=unit_id, node=other.name, reason="drill")
        return await home.world.send(_by_desk(gift))

    async def hear() -> tuple[Outcome | Refused, Outcome | Refused]:
        given = await give()
        if isinstance(given, Outcome):
            learnt = c.LearnHome(unit_id=unit_id, node=other.name, epoch=epoch)
            await other.world.accept(_by_desk(learnt))
        return given, await assign(other)

    first, early, (given, late) = await asyncio.gather(assign(home), assign(other), hear())
    runs = [run for side in (home, other) for run in await _list_runs(side, unit_id)]
    faults["two_nodes_sent_one_unit"] += len(runs) > 1
    faults["nobody_sent_it"] += not runs
    told = {one.code for one in (first, early, given, late) if isinstance(one, Refused)}
    faults["loser_not_told_why"] += not told <= _TOLD
    for side, mission_id in runs:
        await side.world.accept(
            cases.dispatcher(0, c.StandDown(mission_id=mission_id, reason="mistake"))
        )
    return isinstance(given, Outcome)


async def _list_runs(side: Side, unit_id: str) -> list[tuple[Side, str]]:
    async with side.database.system() as connection:
        cursor = await connection.execute(
            "select stream from claim where kind = 'unit' and key = %s"
            " and stream like 'mission:%%'",
            (unit_id,),
        )
        return [(side, str(stream).partition(":")[2]) for (stream,) in await cursor.fetchall()]


def _by_desk(command: c.Command) -> Step:
    return Step(after_ms=0, command=command, role=Role.SUPERVISOR, org="centre", seat="03")
