"""Every message three times, shuffled, by many writers, some of whom dawdle before they commit.

Checked at the end: each message had exactly one effect and all its copies the same answer, the
deliveries are dense, a subscriber saw every event once, and the versions of a stream in order.

Planted bug: the subscriber resumes by insert sequence instead of by delivery number.
"""

import asyncio
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Final

from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.relay import BATCH, Feed, run_relay
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import commands as c
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator import cases

N: Final = 100_000
COPIES: Final = 3  # as `_shuffled` makes them
WRITERS: Final = 48
HELD_S: Final = 2.0
HELD_SHARE: Final = 0.005
PER_STREAM: Final = 8
"""Messages a stream: streams are small, and so is what a command has to load."""
_POLL_S: Final = 0.01
SENDER: Final = "sender"

# Holds the transaction open after its events are written and before it commits.
_DAWDLE: Final = f"""
create function dawdle() returns trigger language plpgsql as $$ begin
  if random() < {HELD_SHARE} then perform pg_sleep(random() * {HELD_S}); end if;
  return null;
end $$;
create constraint trigger dawdle after insert on event deferrable initially deferred
  for each row execute function dawdle();
"""


class Message(Record):
    step: cases.Step
    sequence: int
    stream: str
    """Where its effect must be seen."""


class Seen:
    """What a subscriber was given, in its order."""

    def __init__(self) -> None:
        self.deliveries: list[int] = []
        self.seqs: list[int] = []

    def take(self, batch: list[tuple[int, str, int]]) -> None:
        self.deliveries.extend(delivery for delivery, _stream, _seq in batch)
        self.seqs.extend(seq for _delivery, _stream, seq in batch)


def run(options: Options) -> Report:
    with lab.server() as running:
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    n = options.n or N
    async with lab.opened(running, size=WRITERS) as database:
        world = lab.LabWorld(database, lab.LabClock(), options.seed)
        messages = await _prepare(world, n)
        lab.own(running, _DAWDLE)
        written, stopping, seen = asyncio.Event(), asyncio.Event(), Seen()
        relay = asyncio.create_task(run_relay(database.worker_conninfo, stopping))
        subscriber = asyncio.create_task(
            _subscribe(database, seen, written, by_insert=options.plant)
        )
        differing = await _send_all(world, messages)
        await _drained(database)
        written.set()
        await subscriber
        stopping.set()
        await relay
        faults = await _faults(database, messages, seen) | {"answers_differ": differing}
    value = sum(faults.values())
    return Report(
        name="shuffle",
        value=value,
        unit="effects lost, doubled or out of order",
        goal=0,
        passed=value == 0,
        n=n * COPIES,
        spread={name: float(count) for name, count in faults.items()}
        | {"messages": n, "events_seen": len(seen.seqs)},
    )


async def _prepare(world: lab.LabWorld, n: int) -> list[Message]:
    """Messages that need no order among themselves, and the streams that they speak of."""
    messages: list[Message] = []
    while len(messages) < n:
        block = f"{len(messages)}"
        hospital_id, unit_id = f"h{block}", f"U{block}"
        for step in (*cases.list_hospital(hospital_id), *cases.list_unit(unit_id)):
            await world.accept(step)
        _, incident_id, calling = cases.call_to_dispatchable(world.dice, world.new_id)
        for step in calling:
            await world.accept(step)
        mission_id = world.new_id()
        assign = c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id)
        given: list[tuple[c.Command, str]] = [(assign, f"mission:{mission_id}")]
        for number in range(PER_STREAM):
            beds = c.ReportBeds(hospital_id=hospital_id, free={"icu": number})
            duty = c.SetDuty(unit_id=unit_id, on_duty=True, crew=(str(number),))
            call_id = world.new_id()
            ring = c.Ring(call_id=call_id, number=Clear(text=f"139{number:08d}"), line="120")
            given += [
                (beds, f"hospital:{hospital_id}"),
                (duty, f"unit:{unit_id}"),
                (ring, f"call:{call_id}"),
            ]
        for command, stream in given[: n - len(messages)]:
            step = cases.dispatcher(0, command)
            messages.append(Message(step=step, sequence=len(messages), stream=stream))
    return messages


def _shuffled(dice: Random, messages: list[Message]) -> list[Message]:
    """Of the three copies two come at the same moment, the third at any other."""
    order: list[tuple[float, int, Message]] = []
    for message in messages:
        first = dice.random()
        order += [(at, message.sequence, message) for at in (first, first, dice.random())]
    return [message for _at, _sequence, message in sorted(order, key=itemgetter(0, 1))]


async def _send_all(world: lab.LabWorld, messages: list[Message]) -> int:
    """Send every copy; the count of messages whose copies were not answered alike."""
    waiting = _shuffled(world.dice, messages)
    answers: dict[int, set[str]] = {}

    async def write() -> None:
        while waiting:
            message = waiting.pop()
            stamp = message.step.stamp(SENDER, message.sequence, world.clock.now_ms())
            outcome = await handle(message.step.command, stamp, SYSTEM, world)
            answers.setdefault(message.sequence, set()).add(repr(outcome))
            if not isinstance(outcome, Outcome):
                raise RuntimeError(f"{message.step.command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)
            if waiting and len(waiting) % 10_000 == 0:
                say(f"{len(waiting)} messages wait")

    await asyncio.gather(*(write() for _ in range(WRITERS)))
    return sum(len(given) != 1 for given in answers.values())


async def _drained(database: Database) -> None:
    while True:
        async with database.system() as connection:
            cursor = await connection.execute("select 1 from outbox limit 1")
            if await cursor.fetchone() is None:
                return
        await asyncio.sleep(_POLL_S)


async def _subscribe(
    database: Database, seen: Seen, written: asyncio.Event, *, by_insert: bool
) -> None:
    """Follow the feed as a screen would, until everything is written and read."""
    feed, last = Feed(database), 0
    while True:
        ending = written.is_set()
        batch = await (_after_insert(database, last) if by_insert else feed.after(last))
        if batch:
            last = batch[-1][0]
            seen.take(batch)
        elif ending:
            return
        else:
            await asyncio.sleep(_POLL_S)


async def _after_insert(database: Database, last: int) -> list[tuple[int, str, int]]:
    """The planted bug: what commits late under a lower number is never read."""
    async with database.system() as connection:
        cursor = await connection.execute(
            "select seq, stream, seq from event where seq > %s order by seq limit %s", (last, BATCH)
        )
        return [(int(a), str(s), int(b)) for a, s, b in await cursor.fetchall()]


async def _faults(database: Database, messages: list[Message], seen: Seen) -> dict[str, int]:
    async with database.system() as connection:
        cursor = await connection.execute(
            "select seq, stream, version, installation, sequence from event"
        )
        events = {int(row[0]): row[1:] for row in await cursor.fetchall()}
        cursor = await connection.execute("select delivery from feed order by delivery")
        deliveries = [int(row[0]) for row in await cursor.fetchall()]
    # The incident's note of its mission is the second half of one effect.
    effects = Counter(
        (stream, sequence)
        for stream, _version, sender, sequence in events.values()
        if sender == SENDER and not stream.startswith("incident:")
    )
    wanted = Counter((message.stream, message.sequence) for message in messages)
    times = Counter(seen.seqs)
    last: dict[str, int] = {}
    reordered = 0
    for seq in seen.seqs:
        stream, version, _sender, _sequence = events[seq]
        reordered += version <= last.get(stream, 0)
        last[stream] = max(version, last.get(stream, 0))
    return {
        "effects_missing": sum((wanted - effects).values()),
        "effects_doubled": sum((effects - wanted).values()),
        "delivery_holes": sum(d != i for i, d in enumerate(deliveries, 1)),
        "never_seen": len(events.keys() - times.keys()),
        "seen_twice": sum(count - 1 for count in times.values()),
        "out_of_order": reordered,
    }
