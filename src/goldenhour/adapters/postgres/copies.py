"""Copies on PostgreSQL: what is told to another node, and what is kept of what it tells.

Rule 1: what is told is read under the other node's own identity: row-level security decides.
Rule 2: a copy is written by the function `append_copies` and by nothing else (0030_copies.sql).
Rule 3: of each node the latest refusals are kept, so that no node fills the list.
"""

from collections.abc import Mapping
from typing import Final

import msgspec
import psycopg
from psycopg.rows import class_row

from goldenhour.adapters.postgres.journal import ENVELOPE_COLUMNS, PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.copies import Copied, Kept, RefusedCopy, Unkept, told_to
from goldenhour.app.edge import PersonalText
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM, Append, Conflict, Envelope, Identity
from goldenhour.app.ports import Clock
from goldenhour.domain.case.loading import node_org
from goldenhour.views.fold import personal_rows

MOST_STREAMS: Final = 50
MOST_EVENTS: Final = 500
"""Of one message, which is read into memory at both ends."""
MOST_REFUSED: Final = 200
_MOVED_ON: Final = "GH002"


class PostgresCopies:
    def __init__(self, database: Database, journal: PostgresJournal, clock: Clock) -> None:
        self._database = database
        self._journal = journal
        self._clock = clock

    async def list_told(self, node: str) -> dict[str, int]:
        now_ms = self._clock.now_ms()
        async with self._database.transaction(told_to(node), now_ms) as connection:
            cursor = await connection.execute(
                # A case that it was handed: the last word of this node in it.
                "select stream, version from stream_head"
                " where node = '' or (node = %s and topic = 'incident')",
                (node,),
            )
            return {str(stream): int(version) for stream, version in await cursor.fetchall()}

    async def list_kept(self, node: str) -> dict[str, int]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                # What it has handed over here was its own, too.
                "select h.stream, h.version from stream_head h where h.node = %s or h.stream in"
                " (select g.stream from access_grant g where g.org = %s and g.whole)",
                (node, node_org(node)),
            )
            return {str(stream): int(version) for stream, version in await cursor.fetchall()}

    async def list_open(self, node: str) -> list[str]:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "select m.stream from stream_head m join stream_head i on i.stream = m.case_stream"
                " where m.node = %s and m.topic = 'mission' and i.node = '' and i.is_open"
                " union select i.stream from stream_head i join access_grant g using (stream)"
                " where i.topic = 'incident' and i.is_open and g.org = %s and g.whole",
                (node, node_org(node)),
            )
            return [str(stream) for (stream,) in await cursor.fetchall()]

    async def read(self, known: Mapping[str, int], identity: Identity) -> Copied:
        # The case before what belongs to it.
        first = sorted(known, key=lambda stream: (not stream.startswith("incident:"), stream))
        streams = first[:MOST_STREAMS]
        async with self._database.transaction(identity, self._clock.now_ms()) as connection:
            async with connection.cursor(row_factory=class_row(Envelope)) as reading:
                await reading.execute(
                    f"select {ENVELOPE_COLUMNS} from event"  # noqa: S608 (a constant)
                    " join unnest(%s::text[], %s::integer[]) as wanted (wanted, since)"
                    " on stream = wanted and version > since"
                    " order by array_position(%s::text[], stream), version limit %s",
                    (streams, [known[one] for one in streams], streams, MOST_EVENTS),
                )
                events = await reading.fetchall()
            rows = [row for event in events for row in personal_rows(recorded_of(event))]
            cursor = await connection.execute(
                "select row_id, salt, content from personal"
                " where row_id = any (%s) and content is not null",
                (rows,),
            )
            texts = [
                PersonalText(row=row, salt=bytes(salt), content=bytes(content))
                for row, salt, content in await cursor.fetchall()
            ]
        return Copied(events=tuple(events), personal=tuple(texts))

    async def keep(self, kept: Kept) -> None:
        try:
            async with self._database.system() as connection:
                await connection.execute("select append_copies(%s::jsonb)", (_document(kept),))
                await connection.execute(
                    "delete from refused_copy where node = %s and stream = any (%s)",
                    (kept.node, [one.stream for one in kept.streams]),
                )
        except psycopg.Error as error:
            if error.sqlstate == _MOVED_ON or isinstance(error, psycopg.errors.UniqueViolation):
                raise Conflict from None
            raise

    async def refuse(
        self, node: str, stream: str, version: int, reason: Unkept, now_ms: int
    ) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "insert into refused_copy as r"
                " (node, stream, version, reason, first_ms, last_ms, times)"
                " values (%s, %s, %s, %s, %s, %s, 1)"
                " on conflict (node, stream) do update set version = excluded.version,"
                " reason = excluded.reason, last_ms = excluded.last_ms, times = r.times + 1",
                (node, stream, version, reason, now_ms, now_ms),
            )
            await connection.execute(
                "delete from refused_copy where node = %(node)s and stream in"
                " (select stream from refused_copy where node = %(node)s"
                " order by last_ms desc, stream offset %(most)s)",
                {"node": node, "most": MOST_REFUSED},
            )

    async def clear_refusal(self, node: str, stream: str) -> None:
        async with self._database.system() as connection:
            await connection.execute(
                "delete from refused_copy where node = %s and stream = %s", (node, stream)
            )

    async def list_refused(self) -> list[RefusedCopy]:
        async with (
            self._database.system() as connection,
            connection.cursor(row_factory=class_row(RefusedCopy)) as cursor,
        ):
            await cursor.execute(
                "select node, stream, version, reason, first_ms, last_ms, times, dismissed_ms,"
                " dismissed_by from refused_copy order by last_ms desc, node, stream"
            )
            return await cursor.fetchall()

    async def dismiss_refused(self, node: str, stream: str, person: str, at_ms: int | None) -> bool:
        async with self._database.system() as connection:
            cursor = await connection.execute(
                "update refused_copy set dismissed_ms = %s, dismissed_by = %s"
                " where node = %s and stream = %s",
                (at_ms, "" if at_ms is None else person, node, stream),
            )
            return cursor.rowcount == 1

    async def append_with(self, kept: Kept, append: Append) -> None:
        copies = _document(kept) if kept.streams else ""
        await self._journal.append(append, SYSTEM, copies=copies)


def _document(kept: Kept) -> str:
    """The argument of `append_copies`; bytes are base64."""
    return msgspec.json.encode(kept).decode()
