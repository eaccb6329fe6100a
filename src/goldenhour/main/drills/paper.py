"""A night on paper, typed in by two clerks who do not know of each other: each form is in once.

Forms of random cases, some with a run, some without, are entered through the deciders on a real
PostgreSQL, in another order by each of two clerks, each pressing twice now and then. At the end
every case is folded from the journal and held against its form: the times, the source, the end; and
nothing followed from it: no timer, no deed outside, no unit that is held.

Planted bug: the claims lose their primary key.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec.structs import replace

from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.incident import Incident, State
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, start
from goldenhour.simulator import cases

N: Final = 1_000
CLERKS: Final = 2
UNITS: Final = ("A-01", "A-02", "A-03")
TWICE: Final = 0.2
"""So often a clerk presses a second time."""
WITH_A_RUN: Final = 0.8
_PLANT: Final = "alter table claim drop constraint claim_pkey"


def run(options: Options) -> Report:
    with lab.server() as running:
        if options.plant:
            lab.own(running, _PLANT)
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n = options.n or N
    faults: Counter[str] = Counter()
    async with lab.opened(running, size=2 * CLERKS) as database:
        world = lab.LabWorld(database, lab.LabClock(), options.seed)
        for unit_id in UNITS:
            for step in cases.list_unit(unit_id):
                await world.accept(step)
        before = await _count(database, "select count(*) from timer")
        forms = [_form(world, number) for number in range(n)]
        accepted: list[c.EnterPaper] = []
        await asyncio.gather(*(_type_in(world, forms, accepted, faults) for _ in range(CLERKS)))
        faults["not_once"] = abs(len(accepted) - n)
        for card in accepted:
            await _compare(world, card, faults)
        faults["followed"] = await _count(database, "select count(*) from timer") - before
        faults["followed"] += await _count(database, "select count(*) from effect")
        faults["held"] = await _count(database, "select count(*) from claim where kind = 'unit'")
    value = faults.total()
    return Report(
        name="paper",
        value=value,
        unit="forms lost, doubled or changed, and what followed from them",
        goal=0,
        passed=value == 0,
        n=n,
        spread={name: float(count) for name, count in faults.items()},
    )


def _form(world: lab.LabWorld, number: int) -> c.EnterPaper:
    """One that passes: its times are in order, with gaps."""
    dice = world.dice
    at_ms = world.clock.now_ms() - dice.randint(6, 30) * HOUR_MS
    card = c.EnterPaper(
        incident_id="",
        call_id="",
        paper_number=f"P-{number:06d}",
        called_ms=at_ms,
        reason="handed_over",
        number=Clear(text=f"139{number:08d}"),
        note=Clear(text=f"form {number}"),
        topic="chest_pain",
    )
    if dice.random() > WITH_A_RUN:
        return card
    times: dict[Milestone, int] = {}
    assigned_ms = at_ms = at_ms + dice.randint(0, 3) * MINUTE_MS
    for milestone in Milestone:
        at_ms += dice.randint(0, 20) * MINUTE_MS
        if milestone is Milestone.CLEARED or dice.random() > 0.3:  # noqa: PLR2004 (gaps on paper)
            times[milestone] = at_ms
    return replace(
        card,
        mission_id="run",
        unit_id=dice.choice(UNITS),
        assigned_ms=assigned_ms,
        times=times,
    )


async def _type_in(
    world: lab.LabWorld,
    forms: list[c.EnterPaper],
    accepted: list[c.EnterPaper],
    faults: Counter[str],
) -> None:
    """One clerk, from one pile; the ids are the page's own."""
    pile = forms.copy()
    world.dice.shuffle(pile)
    for form in pile:
        card = replace(
            form,
            incident_id=world.new_id(),
            call_id=world.new_id(),
            mission_id=world.new_id() if form.mission_id else "",
        )
        step = cases.dispatcher(0, card)
        outcome = await world.send(step)
        if isinstance(outcome, Outcome):
            accepted.append(card)
        elif outcome != Refused(code="paper_claimed"):
            faults[f"refused_{outcome.code}"] += 1
        if world.dice.random() < TWICE:
            again = await world.send(step)
            faults["pressed_twice"] += isinstance(again, Outcome)


async def _compare(world: lab.LabWorld, card: c.EnterPaper, faults: Counter[str]) -> None:
    streams = [f"incident:{card.incident_id}"]
    streams += [f"mission:{card.mission_id}"] if card.mission_id else []
    loaded = await world.journal.load(streams, SYSTEM)
    states = {stream: fold(stream, found.events) for stream, found in loaded.items()}
    case = states[streams[0]]
    assert isinstance(case, Incident)
    faults["not_closed"] += case.state is not State.CLOSED
    faults["other_time"] += case.opened_ms != card.called_ms
    if card.mission_id:
        run_state = states[streams[1]]
        assert isinstance(run_state, Mission)
        faults["other_time"] += {n.milestone: n.at_ms for n in run_state.nodes} != card.times
        faults["other_source"] += any(n.source is not Source.PAPER for n in run_state.nodes)
        faults["still_running"] += run_state.active


async def _count(database: Database, question: str) -> int:
    async with database.system() as connection:
        cursor = await connection.execute(question.encode())
        row = await cursor.fetchone()
    assert row is not None
    return int(row[0])
