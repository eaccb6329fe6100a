"""Durable appends a second: the journal beside a raw INSERT, on the same PostgreSQL.

Eight writers on eight connections. The journal's side makes a realistic single-event append: the
event encoded and hashed, the stream's head, the outbox row, row-level security by identity, all in
one transaction. The raw side inserts the same columns into a table with the same unique indexes,
one row a transaction. Runs alternate, since a disk has moods; medians are compared.
"""

import argparse
import asyncio
import hashlib
import json
import statistics
import sys
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from random import Random  # noqa: TID251 (a benchmark makes its dice from its seed)
from time import perf_counter
from typing import Any

import psycopg

from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import WORKER_ROLE
from goldenhour.app.handle import build
from goldenhour.app.journal import Append, Head, Identity
from goldenhour.content.facts import load_facts
from goldenhour.domain.case import kind_of
from goldenhour.domain.register.events import BedsReported
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.outcome import Write
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.drills import lab

WRITERS = 8
PER_STREAM = 30
WARM_UP_S = 1.0
GOAL = 0.6
IDENTITY = Identity(orgs=("hospital:h1",), topics=("hospital",))
RAW = """
create table event_raw (like event including indexes including identity);
grant select, insert on event_raw to goldenhour_worker;
"""
INSERT = """
insert into event_raw (stream, version, topic, kind, body, actor, seat, role, org, owner,
  installation, sequence, part, fingerprint, occurred_ms, received_ms, origin, previous_hash, hash)
values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""


class Source:
    """Appends of one event each, to streams of their own, as the deciders would build them."""

    def __init__(self, writer: str, seed: int) -> None:
        self._writer = writer
        self._dice = Random(seed)
        self._facts = load_facts()
        self._sequence = 0
        self._heads: dict[str, Head] = {}
        self._stream = ""

    def next(self) -> Append:
        if self._sequence % PER_STREAM == 0:
            self._stream = f"hospital:{uuid7(lab.START_MS, self._dice.randbytes)}"
            self._heads = {}
        self._sequence += 1
        stamp = Stamp(
            actor="person-1",
            seat="03",
            role="hospital",
            org="hospital:h1",
            installation=self._writer,
            sequence=self._sequence,
            now_ms=lab.START_MS + self._sequence,
        )
        event = BedsReported(
            free={f"ward_{ward:02d}": self._dice.randrange(30) for ward in range(16)}
        )
        append, _after = build(
            (Write(stream=self._stream, events=(event,)),),
            self._heads,
            {},
            stamp,
            self._facts,
            fingerprint=hashlib.sha256(f"{self._writer} {self._sequence}".encode()).digest(),
            personal=(),
            occurred_ms=stamp.now_ms,
        )
        (written,) = append.events
        head = Head(version=written.version, hash=written.hash, org="hospital:h1")
        self._heads = {self._stream: head}
        return append


async def measure(write: Callable[[int], Awaitable[None]], seconds: float) -> float:
    """Writes a second by all writers together."""
    done = [0] * WRITERS
    end = perf_counter() + seconds

    async def work(writer: int) -> None:
        while perf_counter() < end:
            await write(writer)
            done[writer] += 1

    begin = perf_counter()
    await asyncio.gather(*(work(writer) for writer in range(WRITERS)))
    return sum(done) / (perf_counter() - begin)


async def insert(connection: psycopg.AsyncConnection[Any], append: Append) -> None:
    (e,) = append.events
    values = (
        *(e.stream, e.version, kind_of(e.stream), e.kind, e.body, e.actor, e.seat, e.role, e.org),
        *(append.owners[e.stream], e.installation, e.sequence, e.part, append.fingerprint),
        *(e.occurred_ms, e.received_ms, e.origin, e.previous_hash, e.hash),
    )
    await connection.execute(INSERT, values)


async def compare(
    running: EmbeddedServer, seconds: float, repetitions: int
) -> tuple[list[float], list[float]]:
    """(journal, raw) appends a second of each run, in turns."""
    ours: list[float] = []
    raws: list[float] = []
    lab.own(running, RAW)
    conninfo = running.conninfo(WORKER_ROLE, lab.DATABASE)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(lab.opened(running, size=WRITERS))
        journal = PostgresJournal(database, lab.LabClock())
        sources = [Source(f"journal-{writer}", writer) for writer in range(WRITERS)]
        raw_sources = [Source(f"raw-{writer}", writer) for writer in range(WRITERS)]
        connections = [
            await stack.enter_async_context(
                await psycopg.AsyncConnection.connect(
                    conninfo, autocommit=True, prepare_threshold=0
                )
            )
            for _ in range(WRITERS)
        ]

        async def append(writer: int) -> None:
            await journal.append(sources[writer].next(), IDENTITY)

        async def insert_raw(writer: int) -> None:
            await insert(connections[writer], raw_sources[writer].next())

        for write in (append, insert_raw):
            await measure(write, WARM_UP_S)
        for repetition in range(repetitions):
            ours.append(await measure(append, seconds))
            raws.append(await measure(insert_raw, seconds))
            print(f"{repetition}: {ours[-1]:.0f} and raw {raws[-1]:.0f} /s", file=sys.stderr)
    return ours, raws


def run(options: argparse.Namespace) -> dict[str, Any]:
    with lab.server() as running:
        ours, raws = asyncio.run(compare(running, options.seconds, options.repetitions))
    value, peer = statistics.median(ours), statistics.median(raws)
    return {
        "name": "journal",
        "value": round(value),
        "unit": "durable appends/s, 8 writers",
        "goal": f"ratio >= {GOAL}",
        "pass": value / peer >= GOAL,
        "n": options.repetitions,
        "spread": {
            "min": round(min(ours)),
            "max": round(max(ours)),
            "peer_min": round(min(raws)),
            "peer_max": round(max(raws)),
        },
        "peer_value": round(peer),
        "ratio": round(value / peer, 3),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10.0, help="of one run")
    parser.add_argument("--repetitions", type=int, default=5)
    result = run(parser.parse_args(arguments))
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
