"""Tampering by whoever owns the database: every alteration is found, and at its place.

Real cases are played through the deciders; roots go to an outside folder. Then one alteration at a
time is made as the owner of the schema, exported, judged by main/verify.py, and rolled back.

Planted bug: a verifier that passes over personal rows.
"""

import asyncio
import io
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from typing import Any, Final

import psycopg
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.embedded import OWNER
from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.kernel import chain
from goldenhour.kernel.record import Record
from goldenhour.main import verify
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator import cases

N: Final = 1_000
CASES: Final = 12
_PERCENT: Final = 100.0


class Place(Record):
    """Where an alteration must be found: a version of a stream, or a personal row."""

    stream: str = ""
    version: int = 0
    row: str = ""


class Ground(Record):
    """What the tamperer knows: everything, the product's own signing key included."""

    connection: Any
    dice: Any
    key: Any
    events: tuple[tuple[str, int], ...]
    rows: tuple[str, ...]

    def an_event(self) -> tuple[str, int]:
        stream, version = self.dice.choice(self.events)
        return str(stream), int(version)

    def last(self, stream: str) -> int:
        return max(version for name, version in self.events if name == stream)

    async def run(self, statement: str, *values: object) -> None:
        await self.connection.execute(statement.encode(), values)


Tamper = Callable[[Ground], Awaitable[list[Place]]]


async def _edit_body(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    where = "where stream = %s and version = %s"
    cursor = await ground.connection.execute(f"select body from event {where}", (stream, version))  # noqa: S608 (a constant)
    (body,) = await cursor.fetchone()
    # Inside the last value, so that the body stays well-formed wherever it can.
    at = ground.dice.randrange(len(body) // 2, len(body) - 2)
    changed = body[:at] + bytes([body[at] ^ 1]) + body[at + 1 :]
    await ground.run(f"update event set body = %s {where}", changed, stream, version)  # noqa: S608 (a constant)
    return [Place(stream=stream, version=version)]


async def _edit_time(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    column = ground.dice.choice(("occurred_ms", "received_ms"))
    await ground.run(
        f"update event set {column} = {column} - 60000 where stream = %s and version = %s",  # noqa: S608 (constants)
        stream,
        version,
    )
    return [Place(stream=stream, version=version)]


async def _edit_actor(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    await ground.run(
        "update event set actor = 'somebody-else' where stream = %s and version = %s",
        stream,
        version,
    )
    return [Place(stream=stream, version=version)]


async def _delete(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    await _remove(ground, stream, version, version)
    return [Place(stream=stream, version=version)]


async def _remove(ground: Ground, stream: str, first: int, last: int) -> None:
    seqs = "select seq from event where stream = %s and version between %s and %s"
    await ground.run(f"delete from feed where seq in ({seqs})", stream, first, last)  # noqa: S608 (a constant)
    await ground.run(
        "delete from event where stream = %s and version between %s and %s", stream, first, last
    )


async def _reorder(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    while ground.last(stream) == 1:
        stream, version = ground.an_event()
    version = min(version, ground.last(stream) - 1)
    for old, new in ((version, 1_000_000), (version + 1, version), (1_000_000, version + 1)):
        await ground.run(
            "update event set version = %s where stream = %s and version = %s", new, stream, old
        )
    return [Place(stream=stream, version=version)]


async def _truncate(ground: Ground) -> list[Place]:
    stream, version = ground.an_event()
    await _remove(ground, stream, version, ground.last(stream))
    return [Place(stream=stream, version=version)]


async def _swap(ground: Ground) -> list[Place]:
    """Two events change places: body and kind of one stand in the other."""
    places = [ground.an_event(), ground.an_event()]
    while places[0][0] == places[1][0]:
        places[1] = ground.an_event()
    contents = []
    for place in places:
        cursor = await ground.connection.execute(
            "select body, kind from event where stream = %s and version = %s", place
        )
        contents.append(await cursor.fetchone())
    for place, content in zip(places, reversed(contents), strict=True):
        await ground.run(
            "update event set body = %s, kind = %s where stream = %s and version = %s",
            *content,
            *place,
        )
    changed = contents[0] != contents[1]  # two crews' "departed" are the same bytes
    return [Place(stream=s, version=v) for s, v in places] if changed else await _edit_time(ground)


async def _delete_stream(ground: Ground) -> list[Place]:
    stream, _ = ground.an_event()
    await _remove(ground, stream, 1, ground.last(stream))
    for table in ("stream_head", "personal"):
        await ground.run(f"delete from {table} where stream = %s", stream)  # noqa: S608 (constants)
    return [Place(stream=stream, version=1)]


async def _edit_and_rebuild(ground: Ground) -> list[Place]:
    places = await _edit_time(ground)
    await _rebuild(ground, places[0].stream)
    return places


async def _truncate_and_rebuild(ground: Ground) -> list[Place]:
    places = await _truncate(ground)
    await _rebuild(ground, places[0].stream)
    return places


async def _rebuild(ground: Ground, stream: str) -> None:
    """Every later hash and root anew, signed with the product's own key."""
    cursor = await ground.connection.execute(
        "select version, body, actor, seat, role, org, installation, sequence, part, occurred_ms,"
        " received_ms, origin from event where stream = %s order by version",
        (stream,),
    )
    names = [column.name for column in cursor.description]
    digest, hashes = chain.GENESIS, {0: chain.GENESIS}
    for row in await cursor.fetchall():
        event = dict(zip(names, row, strict=True))
        previous, digest = digest, chain.link(digest, stream=stream, **event)
        hashes[event["version"]] = digest
        await ground.run(
            "update event set previous_hash = %s, hash = %s where stream = %s and version = %s",
            previous,
            digest,
            stream,
            event["version"],
        )
    cursor = await ground.connection.execute(
        "select id, made_ms, delivery, heads, previous, hash, signature from root order by id"
    )
    before = chain.GENESIS
    for row in await cursor.fetchall():
        heads = b""
        for leaf in evidence.leaves_of(row[3]):
            version, known = int(leaf.version), leaf.hash
            if leaf.stream == stream.encode():
                version = min(version, max(hashes))
                known = hashes[version]
            if version:
                heads += evidence.pack(leaf.stream, version, known)
        unsealed = evidence.Root(
            id=row[0],
            made_ms=row[1],
            delivery=row[2],
            heads=heads,
            previous=before,
            hash=b"",
            signature=b"",
        )
        root = evidence.sealed(unsealed, ground.key)
        before = root.hash
        await ground.run(
            "update root set heads = %s, previous = %s, hash = %s, signature = %s where id = %s",
            root.heads,
            root.previous,
            root.hash,
            root.signature,
            root.id,
        )


async def _edit_row(ground: Ground) -> list[Place]:
    row = ground.dice.choice(ground.rows)
    await ground.run("update personal set content = content || '!' where row_id = %s", row)
    return [Place(row=row)]


async def _swap_rows(ground: Ground) -> list[Place]:
    rows = ground.dice.sample(ground.rows, 2)
    await ground.run(
        "update personal p set salt = q.salt, content = q.content from personal q"
        " where (p.row_id, q.row_id) in ((%s, %s), (%s, %s))",
        rows[0],
        rows[1],
        rows[1],
        rows[0],
    )
    return [Place(row=row) for row in rows]


async def _remove_row(ground: Ground) -> list[Place]:
    row = ground.dice.choice(ground.rows)
    await ground.run("delete from personal where row_id = %s", row)
    return [Place(row=row)]


KINDS: Final[tuple[Tamper, ...]] = (
    _edit_body,
    _edit_time,
    _edit_actor,
    _delete,
    _reorder,
    _truncate,
    _swap,
    _delete_stream,
    _edit_and_rebuild,
    _truncate_and_rebuild,
    _edit_row,
    _swap_rows,
    _remove_row,
)


def run(options: Options) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory() as outside:
        key = Ed25519PrivateKey.generate()

        async def drill() -> Report:
            async with lab.opened(running) as database:
                await _play(database, key, options.seed, Path(outside))
            conninfo = running.conninfo(OWNER, lab.DATABASE)
            async with await psycopg.AsyncConnection.connect(conninfo) as owner:
                return await _tamper(owner, key, options, verify.read_roots([outside]))

        return asyncio.run(drill())


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


async def _play(database: Database, key: Ed25519PrivateKey, seed: int, outside: Path) -> None:
    clock = lab.LabClock()
    world = lab.LabWorld(database, clock, seed)
    for step in (*cases.list_unit("A-01"), *cases.list_hospital("h1")):
        await world.accept(step)
    async with await psycopg.AsyncConnection.connect(
        database.worker_conninfo, autocommit=True
    ) as relay:
        rooted_ms = clock.at_ms
        for _ in range(CASES):
            for step in cases.emergency(world.dice, world.new_id, "A-01", "h1"):
                clock.at_ms += step.after_ms
                await world.accept(step)
                if clock.at_ms - rooted_ms >= evidence.INTERVAL_S * 1_000:
                    rooted_ms = clock.at_ms
                    await move_once(relay)
                    await evidence.make_root(database, key, clock.at_ms)
        await move_once(relay)
        await evidence.make_root(database, key, clock.at_ms)
    await evidence.write_outside(database, key, outside)


async def _tamper(
    owner: Connection, key: Ed25519PrivateKey, options: Options, outside: verify.Outside
) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    await owner.execute("set session_replication_role = replica")  # an owner turns off what hinders
    cursor = await owner.execute("select stream, version from event order by stream, version")
    events = tuple((str(stream), int(version)) for stream, version in await cursor.fetchall())
    cursor = await owner.execute("select row_id from personal order by row_id")
    rows = tuple(str(row) for (row,) in await cursor.fetchall())
    ground = Ground(connection=owner, dice=dice, key=key, events=events, rows=rows)
    await owner.commit()
    if clean := await _judge(owner, key, outside, skip_personal=False):
        raise RuntimeError(f"the untouched journal gives findings: {clean[:3]}")
    n, found, tried = options.n or N, Counter[str](), Counter[str]()
    for number in range(n):
        tamper = KINDS[number % len(KINDS)]
        name = tamper.__name__.strip("_")
        places = await tamper(ground)
        findings = await _judge(owner, key, outside, skip_personal=options.plant)
        await owner.rollback()
        tried[name] += 1
        if all(any(_hits(finding, place) for finding in findings) for place in places):
            found[name] += 1
        else:
            say(f"tamper {number} {name} at {places} was missed; findings: {findings[:5]}")
    value = _PERCENT * found.total() / n
    return Report(
        name="tamper",
        value=value,
        unit="% found and located",
        goal=_PERCENT,
        passed=found.total() == n,
        n=n,
        spread={name: _PERCENT * found[name] / tried[name] for name in tried}
        | {"journal_events": len(events), "outside_roots": len(outside.roots)},
    )


async def _judge(
    owner: Connection, key: Ed25519PrivateKey, outside: verify.Outside, *, skip_personal: bool
) -> list[verify.Finding]:
    out = io.BytesIO()
    await evidence.write_export(owner, key.public_key().public_bytes_raw(), lab.START_MS, out, None)
    findings = verify.Check(out.getvalue(), outside).findings
    return [f for f in findings if f.part != "personal"] if skip_personal else findings


def _hits(finding: verify.Finding, place: Place) -> bool:
    if place.row:
        return finding.part == "personal" and place.row in finding.what
    return finding.stream == place.stream and finding.first <= place.version <= finding.last
