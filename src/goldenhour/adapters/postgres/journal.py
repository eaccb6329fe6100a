"""The journal on PostgreSQL: the append is one function of the database, called in one statement.

Rule 1: no global lock and no counter inside the append; they would break group commit. The order
        of delivery is made afterwards by the relay.
Rule 2: what must not happen twice is a unique key, and its violation is translated here.
Rule 3: nothing else writes the journal's tables; nobody has the right to.
"""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
import psycopg
import structlog
from msgspec.structs import replace
from prometheus_client import Counter
from psycopg.errors import DeadlockDetected, InsufficientPrivilege, UniqueViolation
from psycopg.rows import class_row

from goldenhour.adapters.postgres.pool import Connection, Database
from goldenhour.app.journal import (
    SYSTEM,
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
from goldenhour.kernel.outcome import At, Claim, Effect, Grant, GrantUntil
from goldenhour.kernel.personal import PersonalRow

_log = structlog.get_logger()
_APPENDS: Final = Counter("goldenhour_appends", "Transactions that the journal has taken")
_TIMER_GONE: Final = "GH001"
_MOVED_ON: Final = "GH002"
_WOULD_NOT_DO: Final = (UniqueViolation, InsufficientPrivilege, DeadlockDetected)
_MOST_FOUND: Final = 50
"""Nobody reads more records of one resident; a number of a test would have thousands."""

ENVELOPE_COLUMNS: Final = (
    "stream, version, kind, body, actor, seat, role, org, installation, sequence, part,"
    " occurred_ms, received_ms, origin, previous_hash, hash"
)


class _Stream(msgspec.Struct, omit_defaults=True):
    """What an append writes to one stream, and all that belongs to it."""

    stream: str
    owner: str
    before: int
    previous: bytes
    version: int
    hash: bytes
    is_open: bool
    case_stream: str
    events: list[Envelope]
    node: str = ""
    released: list[Claim] = []
    claimed: list[Claim] = []
    cancelled: list[str] = []
    timers: list[At] = []
    effects: list[Effect] = []
    personal: list[PersonalRow] = []


class _Document(msgspec.Struct, omit_defaults=True):
    """The argument of the function `append` (migrations/0005_one_append.sql); bytes are base64."""

    orgs: str
    topics: str
    """Comma separated."""
    now_ms: int
    fingerprint: bytes
    streams: list[_Stream]
    grants: tuple[Grant, ...] = ()
    limits: tuple[GrantUntil, ...] = ()
    again: bool = False
    """Some stream has what is written in a second round: claims, timers, effects, personal rows."""
    timer_key: str | None = None
    timer_due_ms: int | None = None


class PostgresJournal:
    """The journal port over a `Database`."""

    rewrites = False
    """What was read once at a version stays there."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        now_ms = self._clock.now_ms()
        async with self._database.reading(identity, now_ms) as connection:
            cursor = await connection.execute(
                "select stream, version, hash, owner, node from stream_head"
                " where stream = any (%s)",
                (list(streams),),
            )
            heads = {
                stream: Head(version=version, hash=digest, org=owner, node=node)
                for stream, version, digest, owner, node in await cursor.fetchall()
            }
            events: dict[str, list[Envelope]] = {stream: [] for stream in heads}
            for envelope in await _envelopes(
                connection, "where stream = any (%s) order by stream, version", list(heads)
            ):
                events[envelope.stream].append(envelope)
        # An append may have committed between the two reads; the events then reach further.
        return {
            stream: Loaded(
                head=replace(heads[stream], version=found[-1].version, hash=found[-1].hash),
                events=tuple(found),
            )
            for stream, found in events.items()
            if found
        }

    async def append(self, append: Append, identity: Identity, *, copies: str = "") -> None:
        """`copies`: of another node's streams, kept in the same transaction (copies.py)."""
        if not (append.events or append.fired):
            return
        document = _document(append, identity)
        try:
            async with self._database.plain(identity) as connection:
                if not copies:
                    await connection.execute("select append(%s::jsonb)", (document,))
                else:
                    await connection.execute(
                        "select append_copies(%s::jsonb), append(%s::jsonb)", (copies, document)
                    )
        except UniqueViolation as violation:
            await self._explain(violation, append)
        except DeadlockDetected:
            raise Conflict from None
        except InsufficientPrivilege as error:
            # A stream of others under an id that the caller cannot see, or a hole in the first
            # wall: to the caller both are a stream that is taken.
            _log.warning("journal.second_wall", error=str(error).partition("\n")[0])
            raise Conflict from None
        except psycopg.Error as error:
            if error.sqlstate == _TIMER_GONE:
                raise TimerGone from None
            if error.sqlstate == _MOVED_ON:
                raise Conflict from None
            raise
        _APPENDS.inc()

    async def append_all(self, appends: Sequence[Append], identity: Identity) -> bool:
        """One transaction: all of them or none."""
        documents = "[" + ",".join(_document(append, identity) for append in appends) + "]"
        try:
            async with self._database.plain(identity) as connection:
                await connection.execute("select append_all(%s::jsonb)", (documents,))
        except psycopg.Error as error:
            if isinstance(error, _WOULD_NOT_DO) or error.sqlstate in (_TIMER_GONE, _MOVED_ON):
                return False
            raise
        _APPENDS.inc(len(appends))
        return True

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
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute(
                "select distinct installation from event where installation = any (%s)",
                (list(installations),),
            )
            return {str(row[0]) for row in await cursor.fetchall()}

    async def next_case_number(self, day: str) -> str:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "insert into case_number (day, last) values (%s, 1)"
                " on conflict (day) do update set last = case_number.last + 1 returning last",
                (day,),
            )
            row = await cursor.fetchone()
        assert row is not None
        return f"{day}-{row[0]:04d}"

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:
        if not rows:
            return {}
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select row_id, content from personal where row_id = any (%s)"
                " and content is not null",
                (list(rows),),
            )
            return {row: bytes(content).decode() for row, content in await cursor.fetchall()}

    async def find_written(self, texts: Sequence[str], identity: Identity) -> list[str]:
        """At most `_MOST_FOUND`. The conditions beside the text are those of its index."""
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream from personal where topic = 'patient'"
                " and octet_length(content) <= 128 and content = any (%s::bytea[])"
                " group by stream order by max(written_ms) desc, stream limit %s",
                ([text.encode() for text in texts], _MOST_FOUND),
            )
            return [str(row[0]) for row in await cursor.fetchall()]

    async def list_open(self, identity: Identity, since_ms: int) -> list[Envelope]:
        """Every event of the streams that `app.live.list_shown` names, oldest first.

        Within a stream that is the order of its versions: each waits for the one before.
        """
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection,
                "where stream in (select stream from stream_head where is_open or changed_ms >= %s"
                " or case_stream in (select case_stream from stream_head"
                " where case_stream <> '' and (is_open or changed_ms >= %s))) order by seq",
                since_ms,
                since_ms,
            )

    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]:
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection, "where stream = any (%s) order by stream, version", list(streams)
            )

    async def list_seqs(self, seqs: Sequence[int], identity: Identity) -> list[Envelope]:
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            return await _envelopes(
                connection,
                "where seq = any (%s) order by array_position(%s, seq)",
                list(seqs),
                list(seqs),
            )

    async def readable(self, streams: Sequence[str], identity: Identity) -> set[str]:
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream from stream_head where stream = any (%s)", (list(streams),)
            )
            return {str(row[0]) for row in await cursor.fetchall()}

    async def case_streams(self, incidents: Sequence[str], identity: Identity) -> list[str]:
        """Every readable stream of these cases."""
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream from stream_head where case_stream = any (%s)", (list(incidents),)
            )
            return [str(row[0]) for row in await cursor.fetchall()]

    async def list_copies(self, streams: Sequence[str], identity: Identity) -> dict[str, str]:
        """Those of these streams that are another node's, with its name."""
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select stream, node from stream_head where stream = any (%s) and node <> ''",
                (list(streams),),
            )
            return {str(stream): str(node) for stream, node in await cursor.fetchall()}

    async def owners(self, streams: Sequence[str]) -> dict[str, str]:
        """The owning organisation of each stream."""
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute(
                "select stream, owner from stream_head where stream = any (%s)", (list(streams),)
            )
            return {str(stream): str(owner) for stream, owner in await cursor.fetchall()}

    async def readers(self, streams: Sequence[str]) -> dict[str, frozenset[str]]:
        async with self._database.plain(SYSTEM) as connection:
            cursor = await connection.execute(
                "select stream, owner from stream_head where stream = any (%(streams)s)"
                " union select stream, org from access_grant where stream = any (%(streams)s)",
                {"streams": list(streams)},
            )
            found: dict[str, set[str]] = {}
            for stream, org in await cursor.fetchall():
                found.setdefault(str(stream), set()).add(str(org))
        return {stream: frozenset(orgs) for stream, orgs in found.items()}

    async def list_file_runs(self, since_ms: int, identity: Identity) -> list[str]:
        """Runs to which a file came while it was nobody's. The kind is that of its index."""
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
            cursor = await connection.execute(
                "select distinct stream from event"
                " where kind = 'mission.file_added.v1' and received_ms >= %s",
                (since_ms,),
            )
            return sorted(str(row[0]) for row in await cursor.fetchall())

    async def list_begun(
        self, topic: str, from_ms: int, to_ms: int, identity: Identity
    ) -> list[Envelope]:
        """Every event of the streams of a kind that began in the period, in stream order."""
        async with self._database.reading(identity, self._clock.now_ms()) as connection:
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


def _document(append: Append, identity: Identity) -> str:
    streams: dict[str, _Stream] = {}
    for event in append.events:
        found = streams.get(event.stream)
        if found is None:
            streams[event.stream] = _Stream(
                stream=event.stream,
                owner=append.owners[event.stream],
                before=event.version - 1,
                previous=event.previous_hash,
                version=event.version,
                hash=event.hash,
                is_open=append.open_streams[event.stream],
                case_stream=append.cases.get(event.stream, ""),
                events=[event],
                node=append.moved.get(event.stream, ""),
            )
        else:
            found.version, found.hash = event.version, event.hash
            found.events.append(event)
    for stream, released in append.released:
        streams[stream].released.append(released)
    for stream, claimed in append.claimed:
        streams[stream].claimed.append(claimed)
    for stream, key in append.cancelled:
        streams[stream].cancelled.append(key)
    for stream, timer in append.timers:
        streams[stream].timers.append(timer)
    for stream, effect in append.effects:
        streams[stream].effects.append(effect)
    for stream, row in append.personal:
        streams[stream].personal.append(row)
    return msgspec.json.encode(
        _Document(
            orgs=",".join(identity.orgs),
            topics=",".join(identity.topics),
            now_ms=append.now_ms,
            again=bool(append.claimed or append.timers or append.effects or append.personal),
            fingerprint=append.fingerprint,
            streams=list(streams.values()),
            grants=append.grants,
            limits=append.limits,
            timer_key=append.fired.key if append.fired else None,
            timer_due_ms=append.fired.due_ms if append.fired else None,
        )
    ).decode()
