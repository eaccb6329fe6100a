"""The journal as evidence: signed roots that leave the host, and exports that anybody can check.

Rule 1: a root covers the deliveries up to a number: the heads of every stream that changed since
        the root before it, in a Merkle tree, chained to that root and signed.
Rule 2: whoever owns the host can rebuild the chain and sign it again; only a root kept elsewhere
        shows that. So every root is written to the outside folder, and one an hour to the log.
Rule 3: an export holds the stored bytes as they are, right or wrong; judging is the business of
        main/verify.py, which shares no code with this file. The format is described in
        docs/interfaces/evidence-export.md.
"""

import asyncio
import hashlib
import os
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO, Final
from urllib.parse import quote_from_bytes

import psycopg
import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from psycopg.rows import class_row

from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.app.ports import Clock
from goldenhour.kernel import chain
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, to_datetime

FORMAT: Final = b"goldenhour-evidence-1"
ROOT_ALGORITHM: Final = b"merkle-sha256-1"
ROOT_LINE: Final = "goldenhour-root-1"
INTERVAL_S: Final = 60.0
_ROOT_FILE: Final = re.compile(r"root-(\d{1,18})\.txt")
_LENGTH: Final = 8
_BATCH: Final = 2000

_EVENTS: Final = """
select previous_hash, stream, version, body, actor, seat, role, org, installation, sequence, part,
  occurred_ms, received_ms, origin, hash, kind
from event where %(streams)s::text[] is null or stream = any (%(streams)s) order by stream, version
"""
_PERSONAL: Final = """
select row_id, stream, coalesce(salt, ''), coalesce(content, ''), written_ms,
  coalesce(erased_ms::text, '')
from personal where %(streams)s::text[] is null or stream = any (%(streams)s) order by row_id
"""

_log = structlog.get_logger()


class Root(Record):
    id: int
    made_ms: int
    delivery: int
    """Every event delivered up to this number is covered."""
    heads: bytes
    """(stream, version, hash) of each stream that changed, as length-prefixed bytes."""
    previous: bytes
    hash: bytes
    signature: bytes


class Leaf(Record):
    stream: bytes
    version: bytes
    hash: bytes


def pack(*items: bytes | str | int) -> bytes:
    """Each item after its length, the form that everything here is hashed and written in."""
    raw = (item if isinstance(item, bytes) else str(item).encode() for item in items)
    return b"".join(len(item).to_bytes(_LENGTH, "big") + item for item in raw)


def leaves_of(heads: bytes) -> list[Leaf]:
    """The heads of a root; none where somebody has broken them, so that the verifier says so."""
    items, at = [], 0
    while at < len(heads):
        start = at + _LENGTH
        at = start + int.from_bytes(heads[at:start], "big")
        items.append(heads[start:at])
    if at != len(heads) or len(items) % 3:
        return []
    return [
        Leaf(stream=stream, version=version, hash=digest)
        for stream, version, digest in zip(items[::3], items[1::3], items[2::3], strict=True)
    ]


def merkle(leaves: Sequence[Leaf]) -> tuple[bytes, list[bytes]]:
    """The root of the tree and each leaf's path to it: side and hash of every sibling.

    A leaf is hashed after 0x00 and a pair after 0x01, so that neither passes for the other; an odd
    node at the end of a row moves up as it is.
    """
    row = [hashlib.sha256(b"\0" + pack(x.stream, x.version, x.hash)).digest() for x in leaves]
    paths = [b""] * len(row)
    members = [[index] for index in range(len(row))]
    while len(row) > 1:
        pairs = range(0, len(row) - 1, 2)
        for at in pairs:
            for index in members[at]:
                paths[index] += b"R" + row[at + 1]
            for index in members[at + 1]:
                paths[index] += b"L" + row[at]
        odd = len(row) % 2
        row, members = (
            [hashlib.sha256(b"\1" + row[at] + row[at + 1]).digest() for at in pairs]
            + row[-1:] * odd,
            [members[at] + members[at + 1] for at in pairs] + members[-1:] * odd,
        )
    return (row[0] if row else hashlib.sha256(b"").digest()), paths


def root_preimage(root: Root, leaves: Sequence[Leaf], top: bytes) -> bytes:
    return pack(
        ROOT_ALGORITHM, root.previous, root.id, root.made_ms, root.delivery, len(leaves), top
    )


def sealed(root: Root, key: Ed25519PrivateKey) -> Root:
    """The root with its hash and signature."""
    leaves = leaves_of(root.heads)
    digest = hashlib.sha256(root_preimage(root, leaves, merkle(leaves)[0])).digest()
    return Root(
        id=root.id,
        made_ms=root.made_ms,
        delivery=root.delivery,
        heads=root.heads,
        previous=root.previous,
        hash=digest,
        signature=key.sign(digest),
    )


def load_key(path: Path) -> Ed25519PrivateKey:
    """The signing key in the state folder, made at the first start."""
    with suppress(FileExistsError):
        making = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(making, "wb") as file:
            file.write(Ed25519PrivateKey.generate().private_bytes_raw())
            file.flush()
            os.fsync(file.fileno())
    return Ed25519PrivateKey.from_private_bytes(path.read_bytes())


# ---- roots


async def make_root(database: Database, key: Ed25519PrivateKey, now_ms: int) -> Root | None:
    """Cover what was delivered since the last root; None when nothing was."""
    try:
        async with database.system() as connection:
            last = await _find_newest(connection)
            covered = last.delivery if last else 0
            cursor = await connection.execute(
                "select distinct on (e.stream) e.stream, e.version, e.hash, max(f.delivery) over ()"
                " from feed f join event e on e.seq = f.seq where f.delivery > %s"
                " order by e.stream, e.version desc",
                (covered,),
            )
            rows = await cursor.fetchall()
            if not rows:
                return None
            unsealed = Root(
                id=(last.id if last else 0) + 1,
                made_ms=now_ms,
                delivery=rows[0][3],
                heads=b"".join(
                    pack(stream, version, digest) for stream, version, digest, _ in rows
                ),
                previous=last.hash if last else chain.GENESIS,
                hash=b"",
                signature=b"",
            )
            root = sealed(unsealed, key)
            await connection.execute(
                "insert into root (id, made_ms, delivery, heads, previous, hash, signature)"
                " values (%s, %s, %s, %s, %s, %s, %s)",
                (
                    root.id,
                    root.made_ms,
                    root.delivery,
                    root.heads,
                    root.previous,
                    root.hash,
                    root.signature,
                ),
            )
    except psycopg.errors.UniqueViolation:
        return None  # another worker made this one
    return root


def root_line(root: Root, key: Ed25519PrivateKey) -> str:
    """One line that proves everything up to this root; print it, send it, pin it to a wall."""
    public = key.public_key().public_bytes_raw().hex()
    return f"{ROOT_LINE} {root.id} {root.made_ms} {root.hash.hex()} {public} {root.signature.hex()}"


async def find_newest_line(database: Database, key: Ed25519PrivateKey) -> str | None:
    async with database.system() as connection:
        newest = await _find_newest(connection)
    return root_line(newest, key) if newest else None


async def write_outside(database: Database, key: Ed25519PrivateKey, folder: Path) -> int:
    """Write every root that the folder does not hold yet; the count written.

    One file a root in one folder a day. A folder that was out of reach is caught up.
    """
    held = await asyncio.to_thread(_find_held, folder)
    async with database.system() as connection:
        newest = await _find_newest(connection)
        if newest is not None and held > newest.id:
            _log.error(
                "evidence.folder_of_another_journal",
                held=held,
                newest=newest.id,
                meaning="roots do not leave this host: this database needs a folder of its own",
            )
        roots = await _list_roots(connection, held)
    for root in roots:
        await asyncio.to_thread(_write_file, folder, root, root_line(root, key))
    return len(roots)


def _find_held(folder: Path) -> int:
    # Others write here too: what is no root's name says nothing.
    found = (_ROOT_FILE.fullmatch(path.name) for path in folder.glob("*/root-*.txt"))
    return max((int(one[1]) for one in found if one), default=0)


def _write_file(folder: Path, root: Root, line: str) -> None:
    day = folder / to_datetime(root.made_ms).strftime("%Y%m%d")
    day.mkdir(parents=True, exist_ok=True)
    leaves = [
        f"leaf {quote_from_bytes(x.stream, safe=':')} {x.version.decode()} {x.hash.hex()}"
        for x in leaves_of(root.heads)
    ]
    path = day / f"root-{root.id:08d}.txt"
    making = path.with_suffix(".new")
    with making.open("w", encoding="utf-8") as file:
        file.write("\n".join([line, *leaves, ""]))
        file.flush()
        os.fsync(file.fileno())
    making.rename(path)


async def run_roots(
    database: Database,
    key: Ed25519PrivateKey,
    clock: Clock,
    outside: Path | None,
    stopping: asyncio.Event,
) -> None:
    """A root a minute until asked to stop, and one at the end; trouble is logged, never fatal."""
    printed_ms = 0
    if outside is None:
        _log.warning("evidence.no_outside_folder", meaning="roots leave this host in the log only")
    while True:
        last_round = stopping.is_set()
        try:
            root = await make_root(database, key, clock.now_ms())
            if root and (root.made_ms - printed_ms >= HOUR_MS or last_round):
                printed_ms = root.made_ms
                _log.info("evidence.root", line=root_line(root, key))
            if outside is not None:
                await write_outside(database, key, outside)
        except (psycopg.Error, OSError) as error:
            _log.error("evidence.root_failed", error=str(error))
        if last_round:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), INTERVAL_S)


async def _find_newest(connection: Connection) -> Root | None:
    async with connection.cursor(row_factory=class_row(Root)) as cursor:
        await cursor.execute(
            "select id, made_ms, delivery, heads, previous, hash, signature from root"
            " order by id desc limit 1"
        )
        return await cursor.fetchone()


async def _list_roots(connection: Connection, after: int) -> list[Root]:
    async with connection.cursor(row_factory=class_row(Root)) as cursor:
        await cursor.execute(
            "select id, made_ms, delivery, heads, previous, hash, signature from root"
            " where id > %s order by id",
            (after,),
        )
        return await cursor.fetchall()


# ---- exports


async def export(
    database: Database,
    key: Ed25519PrivateKey,
    now_ms: int,
    out: BinaryIO,
    streams: Sequence[str] | None = None,
) -> None:
    """Write the evidence of these streams, or of all, as of one instant.

    The streams of a case are `PostgresJournal.case_streams`.
    """
    async with database.system() as connection:
        await connection.execute("set transaction isolation level repeatable read read only")
        await write_export(connection, key.public_key().public_bytes_raw(), now_ms, out, streams)


async def write_export(
    connection: Connection,
    public_key: bytes,
    now_ms: int,
    out: BinaryIO,
    streams: Sequence[str] | None,
) -> None:
    """As `export`, on a connection that is in a transaction."""
    scope = "all" if streams is None else "streams"
    _put(out, b"H", pack(FORMAT, scope, now_ms, public_key, *(streams or ())))
    wanted = None if streams is None else {stream.encode() for stream in streams}
    roots = 0
    for root in await _list_roots(connection, 0):
        leaves = leaves_of(root.heads)
        chosen = [i for i, leaf in enumerate(leaves) if wanted is None or leaf.stream in wanted]
        if not roots and not chosen:
            continue  # older than the case
        roots += 1
        top, paths = merkle(leaves)
        preimage = root_preimage(root, leaves, top)
        _put(out, b"R", preimage + pack(root.hash, root.signature))
        for i in chosen:
            leaf = leaves[i]
            _put(out, b"L", pack(root.id, leaf.stream, leaf.version, leaf.hash, paths[i]))
    chosen_streams = {"streams": None if streams is None else list(streams)}
    events = rows = 0
    async for batch in _rows(connection, _EVENTS, chosen_streams):
        for row in batch:
            _put(out, b"E", pack(chain.ALGORITHM, *row))
        events += len(batch)
    async for batch in _rows(connection, _PERSONAL, chosen_streams):
        for row in batch:
            _put(out, b"P", pack(*row))
        rows += len(batch)
    _put(out, b"Z", pack(events, rows, roots))


async def _rows(
    connection: Connection, query: str, values: dict[str, list[str] | None]
) -> AsyncIterator[list[tuple[Any, ...]]]:
    """A server-side cursor, since a year of events does not fit in memory."""
    async with connection.cursor(name="evidence") as cursor:
        await cursor.execute(query.encode(), values)
        while batch := await cursor.fetchmany(_BATCH):
            yield batch


def _put(out: BinaryIO, kind: bytes, payload: bytes) -> None:
    out.write(kind + len(payload).to_bytes(_LENGTH, "big") + payload)
