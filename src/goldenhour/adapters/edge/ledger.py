"""What a vehicle holds, in SQLite: plain calls of one thread, every change one transaction.

Rule 1: a stream is what the centre has said, by its versions, then what was recorded here and has
        not come back from the centre yet, in the order of recording. The versions of the latter
        are provisional, and their hash is their item's origin: only the centre links streams.
Rule 2: the centre's copy of an own event, known by (installation, sequence, part), takes the place
        of the pending one.
Rule 3: an event of the centre must continue what is here by its hash. Where it replaces something,
        the centre is right; where it leaves a gap, the stream is asked for whole.
Rule 4: what is not yet durable at the centre is never deleted, not even when the centre orders it.
Rule 5: a claim is the centre's to give. A fallback seat, which decides alone, refuses besides what
        another stream here holds already, so that it never sends one unit twice.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import structlog

from goldenhour.adapters.edge.people import People
from goldenhour.adapters.edge.schema import connect
from goldenhour.adapters.edge.uploads import ProtocolError, Uploads
from goldenhour.adapters.edge.vitals import Vitals
from goldenhour.app.edge import FedEvent, FeedMessage, UploadAnswer
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import (
    Append,
    ClaimHeld,
    Conflict,
    Envelope,
    Head,
    IdentityReused,
    Loaded,
    Replayed,
)
from goldenhour.domain import case
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.views.fold import personal_rows

_FIELDS: Final = Envelope.__struct_fields__
_COLUMNS: Final = ", ".join(_FIELDS)
_PENDING: Final = """
select kind, body, actor, seat, role, org, e.sequence, part, occurred_ms, received_ms, origin
from own_event e join item using (sequence)
where stream = ? and state = 'pending' order by e.sequence, part
"""
_PENDING_FIELDS: Final = (
    *("kind", "body", "actor", "seat", "role", "org"),
    *("sequence", "part", "occurred_ms", "received_ms", "origin"),
)
_CLAIMING: Final = ("incident", "mission", "unit")
"""Kinds of stream that hold anything alone."""
_log = structlog.get_logger()


class Ledger:
    def __init__(
        self,
        path: Path,
        entropy: Entropy,
        now_ms: int,
        key: bytes | None = None,
        series: str = "",
    ) -> None:
        """Open, or make at first start; raises StoreError.

        `series`: of the case numbers that a fallback seat gives; empty at a vehicle.
        """
        self._db = connect(path, key)
        self._series = series
        self._db.execute(
            "insert or ignore into own_installation (only, id, confirmed) values (1, ?, 0)",
            (uuid7(now_ms, entropy),),
        )
        self.installation: str = self._db.one("select id from own_installation")
        self._source = f"edge:{self.installation}"
        """Under this name the centre records what comes from here."""
        self.uploads = Uploads(self._db, self.installation)
        self.vitals = Vitals(self._db, self.installation)
        self.people = People(self._db)

    def close(self) -> None:
        self._db.close()

    # ---- the journal

    def events(self, stream: str) -> list[Envelope]:
        events = [
            Envelope(**dict(zip(_FIELDS, row, strict=True)))
            for row in self._db.execute(
                f"select {_COLUMNS} from centre_event where stream = ? order by version",  # noqa: S608 (names of this release's own record)
                (stream,),
            )
        ]
        for row in self._db.execute(_PENDING, (stream,)):
            found = dict(zip(_PENDING_FIELDS, row, strict=True))
            events.append(
                Envelope(
                    **found,
                    stream=stream,
                    version=events[-1].version + 1 if events else 1,
                    installation=self._source,
                    previous_hash=events[-1].hash if events else GENESIS,
                    hash=found["origin"],
                )
            )
        return events

    def load(self, streams: Iterable[str]) -> dict[str, Loaded]:
        owners = self.owners(streams)
        held = {stream: self.events(stream) for stream in owners}
        return {
            stream: Loaded(
                head=Head(version=events[-1].version, hash=events[-1].hash, org=owners[stream]),
                events=tuple(events),
            )
            for stream, events in held.items()
            if events
        }

    def append(self, append: Append) -> None:
        if not append.events:
            return
        first = append.events[0]
        starts = {e.stream: e for e in reversed(append.events)}
        with self._db.transaction():
            before = self.find_replay(first.installation, first.sequence, append.fingerprint)
            if before is not None:
                raise Replayed(before)
            heads = {stream: loaded.head for stream, loaded in self.load(starts).items()}
            for stream, event in starts.items():
                head = heads.get(stream)
                version, digest = (head.version, head.hash) if head else (0, GENESIS)
                # The hash as well: with one event set aside and another one new, the version
                # stands where it stood.
                if event.version != version + 1 or event.previous_hash != digest:
                    raise Conflict
            if self._series:
                self._refuse_held(append, starts)
            self._db.executemany(
                "insert or ignore into stream (stream, owner) values (?, ?)",
                [(stream, append.owners[stream]) for stream in starts],
            )
            self.uploads.put_append(append)
            self._deliver(starts)

    def find_replay(
        self, installation: str, sequence: int, fingerprint: bytes
    ) -> dict[str, int] | None:
        found = self._db.execute(
            "select sequence, fingerprint from item where installation = ? and asked = ?",
            (installation, sequence),
        ).fetchone()
        if found is None:
            return None
        own, stored = found
        if stored != fingerprint:
            _log.error("edge.identity_reused", installation=installation, sequence=sequence)
            raise IdentityReused
        streams = self._db.column("select stream from own_event where sequence = ?", own)
        return {
            e.stream: e.version
            for stream in streams
            for e in self.events(stream)
            if (e.installation, e.sequence) == (self._source, own)
        }

    def _refuse_held(self, append: Append, written: Iterable[str]) -> None:
        """Raises ClaimHeld. What the written streams let go of, they may take again."""
        wanted = {claim for _stream, claim in append.claimed}
        if not wanted:
            return
        for stream in set(self.streams()) - set(written):
            if case.kind_of(stream) in _CLAIMING:
                for claim in wanted & case.claims(fold(stream, self.events(stream))):
                    raise ClaimHeld(claim.kind)

    def next_case_number(self, day: str) -> str:
        """Never one that is known here, even if this store was made anew in the middle of a day."""
        if not self._series:
            raise RuntimeError(f"{day}: only a centre and its fallback seat open incidents")
        prefix = f"{day}-{self._series}"
        with self._db.transaction():
            found = self._db.column("select last from case_number where day = ?", day)
            known = [
                int(count)
                for stream in self.streams()
                if case.kind_of(stream) == "incident"
                for number in [getattr(fold(stream, self.events(stream)), "number", "")]
                if number.startswith(prefix) and (count := number.removeprefix(prefix)).isdigit()
            ]
            last = max([0, *found, *known]) + 1
            self._db.execute(
                "insert into case_number (day, last) values (?1, ?2)"
                " on conflict (day) do update set last = ?2",
                (day, last),
            )
        return f"{prefix}{last:03d}"

    def append_numerics(self, sets: Sequence[NumericSet]) -> None:
        with self._db.transaction():
            self.vitals.put(sets)

    # ---- what the centre says

    def known(self) -> dict[str, int]:
        return dict(
            self._db.execute(
                "select stream, max(version) from centre_event group by stream"
            ).fetchall()
        )

    def take(self, message: FeedMessage) -> tuple[str, ...]:
        """Make a message durable; the streams that do not continue what is here."""
        touched: set[str] = set()
        broken: set[str] = set()
        with self._db.transaction():
            for stream in message.forget:
                touched.update(
                    self._db.column(
                        "update stream set forgotten = 1 where stream = ? returning stream", stream
                    )
                )
                self._db.execute("delete from centre_event where stream = ?", (stream,))
            for event in message.events:
                if event.stream in broken:
                    continue
                try:
                    if not self._follows(event):
                        broken.add(event.stream)
                    elif self._put(event, message.personal):
                        touched.add(event.stream)
                except OverflowError as error:
                    raise ProtocolError("events", "a number is too large") from error
            self._deliver(touched | self._drop_forgotten())
        return tuple(sorted(broken))

    def confirm(self, answer: UploadAnswer) -> None:
        with self._db.transaction():
            self._deliver(self.uploads.confirm(answer) | self._drop_forgotten())

    def confirm_vitals(self, answer: UploadAnswer) -> None:
        with self._db.transaction():
            self.vitals.confirm(answer)

    def _hash_at(self, stream: str, version: int) -> bytes | None:
        found = self._db.column(
            "select hash from centre_event where stream = ? and version = ?", stream, version
        )
        return found[0] if found else None

    def _follows(self, event: FedEvent) -> bool:
        before = GENESIS if event.version == 1 else self._hash_at(event.stream, event.version - 1)
        return event.previous_hash == before

    def _put(self, event: FedEvent, texts: dict[str, str]) -> bool:
        """Whether it was news."""
        if self._hash_at(event.stream, event.version) == event.hash:
            return False
        # If another history begins here, what we said in the old one waits for the centre again.
        self._db.execute(
            "update own_event set state = 'pending' where state = 'seen' and (sequence, part) in"
            " (select sequence, part from centre_event"
            " where stream = ? and version >= ? and installation = ?)",
            (event.stream, event.version, self._source),
        )
        self._db.execute(
            "delete from centre_event where stream = ? and version >= ?",
            (event.stream, event.version),
        )
        envelope = Envelope(**{name: getattr(event, name) for name in _FIELDS})
        self._db.execute(
            f"insert into centre_event ({_COLUMNS}) values ({', '.join('?' * len(_FIELDS))})",  # noqa: S608 (as above)
            [getattr(event, name) for name in _FIELDS],
        )
        self._db.execute(
            "insert into stream (stream, owner) values (?, ?)"
            " on conflict (stream) do update set owner = excluded.owner, forgotten = 0",
            (event.stream, event.owner),
        )
        if event.installation == self._source:
            self._db.execute(
                "update own_event set state = 'seen' where sequence = ? and part = ?",
                (event.sequence, event.part),
            )
        self._db.executemany(
            "insert or ignore into personal (row_id, stream, sequence, salt, content)"
            " values (?, ?, 0, x'', ?)",
            [
                (row, event.stream, texts[row].encode())
                for row in personal_rows(recorded_of(envelope))
                if row in texts
            ],
        )
        return True

    def _drop_forgotten(self) -> set[str]:
        """Delete what the centre has of the streams that it told us to forget."""
        changed: set[str] = set()
        for stream in self._db.column("select stream from stream where forgotten"):
            for table in ("own_event", "personal"):
                gone = self._db.execute(
                    f"delete from {table} where stream = ?"  # noqa: S608 (two constants)
                    " and sequence <= (select confirmed from own_installation)",
                    (stream,),
                )
                if gone.rowcount:
                    changed.add(stream)
            self._db.execute(
                "delete from stream where stream = ?1"
                " and not exists (select 1 from own_event where stream = ?1)",
                (stream,),
            )
        return changed

    def _deliver(self, streams: Iterable[str]) -> None:
        self._db.executemany(
            "insert into delivery (stream) values (?)", [(stream,) for stream in sorted(streams)]
        )

    # ---- reading for screens

    def streams(self) -> list[str]:
        return self._db.column("select stream from stream order by stream")

    def owners(self, streams: Iterable[str]) -> dict[str, str]:
        return dict(
            self._db.execute(
                "select stream, owner from stream where stream in (select value from json_each(?))",
                (json.dumps(list(streams)),),
            ).fetchall()
        )

    def reveal(self, rows: Iterable[str]) -> dict[str, str]:
        return {
            row: found[0].decode()
            for row in rows
            if (found := self._db.column("select content from personal where row_id = ?", row))
        }

    def last_delivery(self) -> int:
        return int(self._db.one("select coalesce(max(delivery), 0) from delivery"))

    def deliveries_after(self, delivery: int, limit: int) -> list[tuple[int, str, int]]:
        """(delivery, stream, delivery): here a delivery says that a stream changed."""
        return self._db.execute(
            "select delivery, stream, delivery from delivery where delivery > ?"
            " order by delivery limit ?",
            (delivery, limit),
        ).fetchall()

    def delivered(self, seqs: Iterable[int]) -> set[str]:
        """The streams that these deliveries touched."""
        return {
            stream
            for seq in seqs
            for stream in self._db.column("select stream from delivery where delivery = ?", seq)
        }
