"""The journal on PostgreSQL: one statement for events, heads and outbox, one transaction for all.

Rule 1: no lock and no counter inside the append; they would break group commit. The order of
        delivery is made afterwards by the relay.
Rule 2: what must not happen twice is a unique key, and its violation is translated here.
Rule 3: grants are written before the events, since a guest may write only what is granted to it.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, Final

import msgspec
import structlog
from prometheus_client import Counter
from psycopg.errors import InsufficientPrivilege, UniqueViolation
from psycopg.rows import class_row

from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.app.journal import (
    Append,
    ClaimHeld,
    Conflict,
    Envelope,
    Head,
    Identity,
    IdentityReused,
    Loaded,
    Replayed,
    TimerGone,
)
from goldenhour.app.ports import Clock
from goldenhour.domain.case import kind_of

_log = structlog.get_logger()
_APPENDS: Final = Counter("goldenhour_appends", "Transactions that the journal has taken")

ENVELOPE_COLUMNS: Final = (
    "stream, version, kind, body, actor, seat, role, org, installation, sequence, part,"
    " occurred_ms, received_ms, origin, previous_hash, hash"
)
_EVENT: Final = {
    "stream": "text",
    "version": "int",
    "topic": "text",
    "kind": "text",
    "body": "bytea",
    "actor": "text",
    "seat": "text",
    "role": "text",
    "org": "text",
    "owner": "text",
    "installation": "text",
    "sequence": "bigint",
    "part": "int",
    "fingerprint": "bytea",
    "occurred_ms": "bigint",
    "received_ms": "bigint",
    "origin": "bytea",
    "previous_hash": "bytea",
    "hash": "bytea",
}
_HEAD: Final = {
    "stream": "text",
    "topic": "text",
    "owner": "text",
    "version": "int",
    "hash": "bytea",
    "is_open": "boolean",
    "begun_ms": "bigint",
    "changed_ms": "bigint",
    "case_stream": "text",
}


def _values(columns: dict[str, str], rows: int) -> str:
    row = ", ".join(f"%s::{kind}" for kind in columns.values())
    return f"({', '.join(columns)}) values {', '.join([f'({row})'] * rows)}"


@cache
def _append_statement(events: int, streams: int) -> str:
    """Rows of plain values: arrays would be dearer to send and to plan. Few shapes ever occur."""
    return f"""
with e as (
  insert into event {_values(_EVENT, events)} returning seq, stream
), h as (
  insert into stream_head as s {_values(_HEAD, streams)}
  on conflict (stream) do update set version = excluded.version, hash = excluded.hash,
    is_open = excluded.is_open, changed_ms = excluded.changed_ms,
    case_stream = excluded.case_stream
    where s.version < excluded.version
)
insert into outbox (seq, stream) select seq, stream from e
"""  # noqa: S608 (made of this file's constants and two counts)


class PostgresJournal:
    """The journal port over a `Database`."""

    rewrites = False
    """What was read once at a version stays there."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        now_ms = self._clock.now_ms()
        async with self._database.transaction(identity, now_ms) as connection:
            cursor = await connection.execute(
                "select stream, version, hash, owner from stream_head where stream = any (%s)",
                (list(streams),),
            )
            heads = {
                stream: Head(version=version, hash=digest, org=owner)
                for stream, version, digest, owner in await cursor.fetchall()
            }
            events: dict[str, list[Envelope]] = {stream: [] for stream in heads}
            for envelope in await _envelopes(
                connection, "where stream = any (%s) order by stream, version", list(heads)
            ):
                events[envelope.stream].append(envelope)
        # An append may have committed between the two reads; the events then reach further.
        return {
            stream: Loaded(
                head=Head(version=found[-1].version, hash=found[-1].hash, org=heads[stream].org),
                events=tuple(found),
            )
            for stream, found in events.items()
            if found
        }

    async def append(self, append: Append, identity: Identity) -> None:
        try:
            if append.timer_key:
                # What follows depends on whether the timer is still there: no single round trip.
                async with self._database.transaction(identity, append.now_ms) as connection:
                    await _take_timer(connection, append)
                    async with connection.pipeline():
                        await _write(connection, append)
            elif _is_plain(append):
                async with self._database.plain(identity) as connection:
                    await _write_plain(connection, append, identity)
            elif append.events:
                async with self._database.pipelined(identity, append.now_ms) as connection:
                    await _write(connection, append)
        except UniqueViolation as violation:
            await self._explain(violation, append)
        except InsufficientPrivilege as error:
            # A stream of others under an id that the caller cannot see, or a hole in the first
            # wall: to the caller both are a stream that is taken.
            _log.warning("journal.second_wall", error=str(error).partition("\n")[0])
            raise Conflict from None

    async def _explain(self, violation: UniqueViolation, append: Append) -> None:
        constraint = violation.diag.constraint_name or ""
        first = append.events[0]
        if constraint == "event_installation_sequence_part_key":
            before = await self.find_replay(first.installation, first.sequence, append.fingerprint)
            raise Replayed(before or {}) from None
        if constraint == "claim_pkey":
            # A lost race for the claim may also be our own earlier success, told once more.
            before = await self.find_replay(first.installation, first.sequence, append.fingerprint)
            if before is not None:
                raise Replayed(before) from None
            raise ClaimHeld(append.claimed[0][1].kind) from None
        if constraint in ("event_stream_version_key", "stream_head_pkey"):
            raise Conflict from None
        raise violation

    async def find_replay(
        self, installation: str, sequence: int, fingerprint: bytes
    ) -> dict[str, int] | None:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select stream, max(version), bool_and(fingerprint = %s) from event"
                " where installation = %s and sequence = %s group by stream",
                (fingerprint, installation, sequence),
            )
            rows = await cursor.fetchall()
            if not rows:
                return None
            if all(same for _stream, _version, same in rows):
                return {stream: version for stream, version, _same in rows}
            await connection.execute(
                "insert into quarantine (reason, installation, sequence, content, received_ms)"
                " values ('identity_reused', %s, %s, %s, %s)",
                (installation, sequence, fingerprint, self._clock.now_ms()),
            )
        raise IdentityReused

    async def said(self, installations: Sequence[str]) -> set[str]:
        """Which of these have written anything yet."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select distinct installation from event where installation = any (%s)",
                (list(installations),),
            )
            return {str(row[0]) for row in await cursor.fetchall()}

    async def next_case_number(self, day: str) -> int:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "insert into case_number (day, last) values (%s, 1)"
                " on conflict (day) do update set last = case_number.last + 1 returning last",
                (day,),
            )
            row = await cursor.fetchone()
        assert row is not None
        return int(row[0])

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:
        if not rows:
            return {}
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select row_id, content from personal where row_id = any (%s)"
                " and content is not null",
                (list(rows),),
            )
            return {row: bytes(content).decode() for row, content in await cursor.fetchall()}

    async def list_open(self, identity: Identity, since_ms: int) -> list[Envelope]:
        """Every event of the open streams and of those that changed since, oldest first.

        Within a stream that is the order of its versions: each waits for the one before.
        """
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection,
                "where stream in (select stream from stream_head where is_open"
                " or changed_ms >= %s) order by seq",
                since_ms,
            )

    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]:
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection, "where stream = any (%s) order by stream, version", list(streams)
            )

    async def list_seqs(self, seqs: Sequence[int], identity: Identity) -> list[Envelope]:
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection,
                "where seq = any (%s) order by array_position(%s, seq)",
                list(seqs),
                list(seqs),
            )

    async def readable(self, streams: Sequence[str], identity: Identity) -> set[str]:
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream from stream_head where stream = any (%s)", (list(streams),)
            )
            return {str(row[0]) for row in await cursor.fetchall()}

    async def record_painted(self, seat: str, person: str, delivery: int, at_ms: int) -> None:
        """The last delivery that a seat has shown: what it could have seen."""
        async with self._database.system() as connection:
            await connection.execute(
                "insert into painted (seat, person, delivery, at_ms) values (%s, %s, %s, %s)"
                " on conflict (seat) do update set person = excluded.person,"
                " delivery = excluded.delivery, at_ms = excluded.at_ms",
                (seat, person, delivery, at_ms),
            )

    async def case_streams(self, incidents: Sequence[str], identity: Identity) -> list[str]:
        """Every readable stream of these cases."""
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream from stream_head where case_stream = any (%s)", (list(incidents),)
            )
            return [str(row[0]) for row in await cursor.fetchall()]

    async def owners(self, streams: Sequence[str]) -> dict[str, str]:
        """The owning organisation of each stream."""
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select stream, owner from stream_head where stream = any (%s)", (list(streams),)
            )
            return {str(stream): str(owner) for stream, owner in await cursor.fetchall()}

    async def list_begun(
        self, topic: str, from_ms: int, to_ms: int, identity: Identity
    ) -> list[Envelope]:
        """Every event of the streams of a kind that began in the period, in stream order."""
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection,
                "where stream in (select stream from stream_head"
                " where topic = %s and begun_ms >= %s and begun_ms < %s) order by stream, version",
                topic,
                from_ms,
                to_ms,
            )


async def _envelopes(connection: Connection, where: str, *parameters: Any) -> list[Envelope]:
    async with connection.cursor(row_factory=class_row(Envelope)) as cursor:
        await cursor.execute(f"select {ENVELOPE_COLUMNS} from event {where}", parameters)  # noqa: S608 (both parts are constants of this file)
        return await cursor.fetchall()


def _is_plain(append: Append) -> bool:
    """One event and nothing else: most answers, notes and reports of a case."""
    return len(append.events) == 1 and not (
        append.claimed
        or append.released
        or append.timers
        or append.cancelled
        or append.effects
        or append.grants
        or append.limits
        or append.personal
    )


_PLAIN: Final = f"select append_plain({', '.join(['%s'] * 25)})"


async def _write_plain(connection: Connection, append: Append, identity: Identity) -> None:
    """One statement, one round trip, one transaction."""
    (e,) = append.events
    values = (
        *(",".join(identity.orgs), ",".join(identity.topics), str(append.now_ms)),
        *(e.stream, e.version, kind_of(e.stream), e.kind, e.body, e.actor, e.seat, e.role),
        *(e.org, append.owners[e.stream], e.installation, e.sequence, e.part),
        *(append.fingerprint, e.occurred_ms, e.received_ms, e.origin, e.previous_hash, e.hash),
        *(append.open_streams[e.stream], append.now_ms, append.cases.get(e.stream, "")),
    )
    await connection.execute(_PLAIN, values)


async def _take_timer(connection: Connection, append: Append) -> None:
    cursor = await connection.execute(
        "delete from timer where key = (select key from timer where key = %s and due_ms <= %s"
        " for update skip locked) returning key",
        (append.timer_key, append.now_ms),
    )
    if await cursor.fetchone() is None:
        raise TimerGone


async def _write(connection: Connection, append: Append) -> None:
    if append.events:
        await _write_grants(connection, append)
        await _write_events(connection, append)
        await _write_rest(connection, append)


async def _write_grants(connection: Connection, append: Append) -> None:
    for grant in append.grants:
        for stream in grant.streams:
            await connection.execute(
                "insert into access_grant (org, stream, cause, until_ms) values (%s, %s, %s, %s)"
                " on conflict (org, stream, cause) do update set until_ms = excluded.until_ms",
                (grant.org, stream, grant.cause, grant.until_ms),
            )


async def _write_events(connection: Connection, append: Append) -> None:
    last = {e.stream: e for e in append.events}
    first = {e.stream: e for e in reversed(append.events)}
    values: list[Any] = []
    for e in append.events:
        values += (
            *(e.stream, e.version, kind_of(e.stream), e.kind, e.body, e.actor, e.seat, e.role),
            *(e.org, append.owners[e.stream], e.installation, e.sequence, e.part),
            *(append.fingerprint, e.occurred_ms, e.received_ms, e.origin, e.previous_hash, e.hash),
        )
    for stream, e in last.items():
        values += (
            *(stream, kind_of(stream), append.owners[stream], e.version, e.hash),
            *(append.open_streams[stream], first[stream].received_ms, append.now_ms),
            append.cases.get(stream, ""),
        )
    statement = _append_statement(len(append.events), len(last))
    await connection.execute(statement.encode(), values)


async def _write_rest(connection: Connection, append: Append) -> None:
    """Claims, timers, effects and personal rows: only the statements that are needed."""
    for stream, claim in append.released:
        await connection.execute(
            "delete from claim where kind = %s and key = %s and stream = %s",
            (claim.kind, claim.key, stream),
        )
    for stream, claim in append.claimed:
        await connection.execute(
            "insert into claim (kind, key, stream) values (%s, %s, %s)",
            (claim.kind, claim.key, stream),
        )
    if append.cancelled:
        await connection.execute(
            "delete from timer where key = any (%s)", (list(append.cancelled),)
        )
    for timer in append.timers:
        await connection.execute(
            "insert into timer (key, due_ms, command) values (%s, %s, %s)"
            " on conflict (key) do update set due_ms = excluded.due_ms, command = excluded.command",
            (timer.key, timer.due_ms, msgspec.json.encode(timer.command)),
        )
    for effect in append.effects:
        await connection.execute(
            "insert into effect (key, kind, body, due_ms) values (%s, %s, %s, %s)"
            " on conflict (key) do nothing",
            (effect.key, effect.kind, msgspec.json.encode(effect.body).decode(), append.now_ms),
        )
    for limit in append.limits:
        await connection.execute(
            "update access_grant set until_ms = %s where org = %s and stream in"
            " (select stream from stream_head where case_stream = %s)",
            (limit.until_ms, limit.org, limit.case_stream),
        )
    for stream, row in append.personal:
        await connection.execute(
            "insert into personal (row_id, stream, topic, owner, salt, content, written_ms)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (
                row.row,
                stream,
                kind_of(stream),
                append.owners[stream],
                row.salt,
                row.content,
                append.now_ms,
            ),
        )
