"""City and county, one unit, at the same moment: one is obeyed, the other is told.

Each race sends a county's unit to two incidents through the deciders on a real PostgreSQL, a random
moment apart: the city to its own, the county to its own. Each reads and writes behind the second
wall, where the county sees nothing of the city's case. The claims are counted by SQL while the run
is active, and at the end every mission is folded again in the order of the journal. A quarter as
many races go between two nodes with a database each (`race_nodes`).

Planted bug: the claims lose their primary key.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM, Identity, Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.case import State, evolve
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.main.drills import lab
from goldenhour.main.drills.race_nodes import race_nodes
from goldenhour.main.drills.report import Options, Report, start
from goldenhour.simulator import cases
from goldenhour.simulator.cases import Step

N: Final = 10_000
LANES: Final = 12
PER_INCIDENT: Final = 20
"""Races a pair of incidents; then a new pair, since a command loads the whole incident."""
NODE_SHARE: Final = 4
"""One race between two nodes for so many within one."""
APART_S: Final = 0.004
CITY: Final = "centre"
COUNTY: Final = "county"
_PLANT: Final = "alter table claim drop constraint claim_pkey"


class Tally:
    def __init__(self) -> None:
        self.left = 0
        self.faults: Counter[str] = Counter()


def run(options: Options) -> Report:
    with lab.server() as running:
        lab.add_database(running, COUNTY)
        if options.plant:
            for name in (lab.DATABASE, COUNTY):
                lab.own(running, _PLANT, name)
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n = options.n or N
    tally = Tally()
    tally.left = n
    async with (
        lab.opened(running, size=LANES * 2) as database,
        lab.opened(running, size=LANES * 2, name=COUNTY) as other,
    ):
        world = lab.LabWorld(database, lab.LabClock(), options.seed)
        lanes = [f"A-{number:02d}" for number in range(LANES)]
        for unit_id in lanes:
            for step in cases.list_unit(unit_id):
                await world.accept(step)
        await asyncio.gather(*(_lane(world, database, unit_id, tally) for unit_id in lanes))
        tally.faults["two_runs_in_the_journal"] = await _fold(world)
        between = max(1, n // NODE_SHARE)
        nodes = (database, other)
        tally.faults.update(await race_nodes(nodes, options.seed, between, LANES))
    value = tally.faults.total()
    return Report(
        name="race",
        value=value,
        unit="double assignments or wrong answers",
        goal=0,
        passed=value == 0,
        n=n,
        spread={name: float(count) for name, count in tally.faults.items()},
    )


async def _lane(world: lab.LabWorld, database: Database, unit_id: str, tally: Tally) -> None:
    while tally.left > 0:
        incidents = {}
        for org in (CITY, COUNTY):
            _, incident_id, calling = cases.call_to_dispatchable(world.dice, world.new_id)
            for step in calling:
                await world.accept(replace(step, org=org))
            incidents[org] = incident_id
        for _ in range(PER_INCIDENT):
            if tally.left <= 0:
                return
            tally.left -= 1
            await _race(world, database, unit_id, incidents, tally)


async def _race(
    world: lab.LabWorld, database: Database, unit_id: str, incidents: dict[str, str], tally: Tally
) -> None:
    missions = [world.new_id() for _ in incidents]

    async def dispatch(mission_id: str, org: str, incident_id: str) -> Outcome | Refused:
        await asyncio.sleep(world.dice.random() * APART_S)
        assign = c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id)
        step = Step(after_ms=0, command=assign, role=Role.DISPATCHER, org=org, seat="03")
        return await world.send(step, _desk_of(org, unit_id))

    outcomes = await asyncio.gather(
        *(dispatch(m, *case) for m, case in zip(missions, incidents.items(), strict=True))
    )
    async with database.system() as connection:
        cursor = await connection.execute(
            "select count(*) from claim where kind = 'unit' and key = %s", (unit_id,)
        )
        row = await cursor.fetchone()
    obeyed = [m for m, o in zip(missions, outcomes, strict=True) if isinstance(o, Outcome)]
    tally.faults["claims_not_one"] += row != (1,)
    tally.faults["obeyed_not_one"] += len(obeyed) != 1
    told = [o.code for o in outcomes if isinstance(o, Refused)]
    tally.faults["loser_not_told"] += told != ["unit_claimed"]
    for mission_id in obeyed:
        stand_down = c.StandDown(mission_id=mission_id, reason="mistake")
        await world.accept(cases.dispatcher(0, stand_down))


def _desk_of(org: str, unit_id: str) -> Identity:
    """The unit is the county's, and the county is below the city."""
    orgs = {CITY: (CITY, COUNTY), COUNTY: (COUNTY,)}[org]
    return Identity(orgs=(*orgs, f"unit:{unit_id}"), topics=TOPICS[Role.DISPATCHER])


async def _fold(world: lab.LabWorld) -> int:
    """How often the journal shows two active runs of one unit."""
    begun = await world.journal.list_begun("mission", 0, lab.START_MS + 1, SYSTEM)
    # One race of a unit ends before its next begins, so the commands' numbers give the order.
    states: dict[str, State | None] = {}
    active: dict[str, set[str]] = {}
    doubled = 0
    for envelope in sorted(begun, key=lambda envelope: envelope.sequence):
        stream = envelope.stream
        states[stream] = state = evolve(stream, states.get(stream), recorded_of(envelope))
        assert isinstance(state, Mission)
        holders = active.setdefault(state.unit_id, set())
        holders.discard(stream)
        if state.active:
            holders.add(stream)
            doubled += len(holders) > 1
    return doubled
