"""The events that were recorded here, in order: their upload queue and the vehicle's own chain.

Rule 1: items are dense from 1, whatever asked for them; (installation, sequence) names one forever.
Rule 2: an item is what its bytes were when it was recorded; an upload only reads.

Every change is part of the caller's transaction.
"""

from typing import Final

import msgspec
import structlog

from goldenhour.adapters.edge.schema import Database
from goldenhour.app.edge import Aside, EdgeEvent, PersonalText, Upload, UploadAnswer, UploadItem
from goldenhour.app.journal import Append
from goldenhour.app.origin import origin_after
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.telemetry import NumericSet

_JSON: Final = msgspec.json.Encoder(order="deterministic")
_NUMERICS: Final = msgspec.json.Decoder(NumericSet)
_log = structlog.get_logger()


class ProtocolError(ValueError):
    """The centre said what the protocol does not allow; `field` names it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field


def check(answer: UploadAnswer, last: int, before: int) -> None:
    """Raises ProtocolError."""
    if not 0 <= answer.through <= last:
        raise ProtocolError("through", f"{answer.through} was never sent")
    if not all(1 <= sequence <= last for sequence in (*answer.set_aside, *answer.reasons)):
        raise ProtocolError("set_aside", "names what was never sent")
    if answer.through < before:
        _log.error("edge.centre_lost_items", before=before, through=answer.through)


class Uploads:
    def __init__(self, database: Database, installation: str) -> None:
        self._db = database
        self._installation = installation

    def last(self) -> int:
        return int(self._db.one("select coalesce(max(sequence), 0) from item"))

    def confirmed(self) -> int:
        return int(self._db.one("select confirmed from own_installation"))

    def pending(self) -> int:
        return self.last() - self.confirmed()

    def list_aside(self, since_ms: int) -> list[Aside]:
        names = Aside.__struct_fields__
        rows = self._db.execute(
            f"select {', '.join(names)} from own_event join item using (sequence)"  # noqa: S608 (our own names)
            " where state = 'aside' and received_ms >= ? order by sequence, part",
            (since_ms,),
        )
        return [Aside(**dict(zip(names, row, strict=True))) for row in rows]

    def put_append(self, append: Append) -> None:
        first = append.events[0]
        sequence = self.last() + 1
        item = UploadItem(
            sequence=sequence,
            events=tuple(
                EdgeEvent(stream=e.stream, part=e.part, body=e.body) for e in append.events
            ),
            actor=first.actor,
            seat=first.seat,
            role=first.role,
            occurred_ms=first.occurred_ms,
            fingerprint=append.fingerprint,
            origin=b"",
            personal=(),
            numerics=None,
        )
        self._put(item, first.received_ms, first.org, (first.installation, first.sequence))
        self._db.executemany(
            "insert into own_event (sequence, part, stream, kind, body, state)"
            " values (?, ?, ?, ?, ?, 'pending')",
            [(sequence, e.part, e.stream, e.kind, e.body) for e in append.events],
        )
        self._db.executemany(
            "insert into personal (row_id, stream, sequence, salt, content) values (?, ?, ?, ?, ?)",
            [(row.row, s, sequence, row.salt, row.content) for s, row in append.personal],
        )

    def next_upload(self, limit_bytes: int) -> Upload | None:
        """The oldest items that the centre has not confirmed: at least one, about so many bytes."""
        items: list[UploadItem] = []
        size = 0
        for sequence in range(self.confirmed() + 1, self.last() + 1):
            item = self._get(sequence)
            size += len(_JSON.encode(item))
            if items and size > limit_bytes:
                break
            items.append(item)
        return Upload(installation=self._installation, items=tuple(items)) if items else None

    def confirm(self, answer: UploadAnswer) -> set[str]:
        """Take the centre's word for what it has; the streams that this changes.

        A smaller number than before is taken too: a centre that was restored from an older copy
        gets again what it lost. Raises ProtocolError.
        """
        check(answer, self.last(), self.confirmed())
        self._db.execute("update own_installation set confirmed = ?", (answer.through,))
        touched: set[str] = set()
        for sequence in answer.set_aside:
            streams = self._db.column(
                "update own_event set state = 'aside', reason = ?"
                " where sequence = ? and state = 'pending' returning stream",
                answer.reasons.get(sequence, ""),
                sequence,
            )
            if streams:
                _log.error("edge.set_aside", sequence=sequence, streams=streams)
            touched.update(streams)
        return touched

    def _put(
        self, item: UploadItem, received_ms: int, org: str, asked: tuple[str | None, int | None]
    ) -> None:
        previous = (
            self._db.one("select origin from item where sequence = ?", item.sequence - 1)
            if item.sequence > 1
            else GENESIS
        )
        self._db.execute(
            "insert into item (sequence, installation, asked, fingerprint, actor, seat, role, org,"
            " occurred_ms, received_ms, origin) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (
                item.sequence,
                *asked,
                item.fingerprint,
                item.actor,
                item.seat,
                item.role,
                org,
                item.occurred_ms,
                received_ms,
                origin_after(previous, self._installation, item),
            ),
        )

    def _get(self, sequence: int) -> UploadItem:
        actor, seat, role, occurred_ms, fingerprint, origin, numerics = self._db.execute(
            "select actor, seat, role, occurred_ms, fingerprint, origin, content"
            " from item left join numerics using (sequence) where sequence = ?",
            (sequence,),
        ).fetchone()
        events = self._db.execute(
            "select stream, part, body from own_event where sequence = ? order by part", (sequence,)
        )
        personal = self._db.execute(
            "select row_id, salt, content from personal where sequence = ? order by row_id",
            (sequence,),
        )
        return UploadItem(
            sequence=sequence,
            events=tuple(EdgeEvent(stream=s, part=p, body=b) for s, p, b in events),
            actor=actor,
            seat=seat,
            role=role,
            occurred_ms=occurred_ms,
            fingerprint=fingerprint,
            origin=origin,
            personal=tuple(PersonalText(row=r, salt=s, content=c) for r, s, c in personal),
            numerics=None if numerics is None else _NUMERICS.decode(numerics),
        )
