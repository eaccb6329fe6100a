"""The vital signs that were recorded here: a lane beside the events, with a chain of its own.

Rule 1: sets are dense from 1 and never renumbered; (lane, sequence) names one for ever.
Rule 2: what a set said is deleted when the centre has it and it is old; its place in the chain
        stays.

A store of an older release holds some as items among its events; they go with those.
Every change is part of the caller's transaction.
"""

import hashlib
from collections.abc import Sequence
from typing import Final

import msgspec

from goldenhour.adapters.edge.schema import Database
from goldenhour.adapters.edge.uploads import check
from goldenhour.app.edge import Upload, UploadAnswer, UploadItem, vitals_lane
from goldenhour.app.origin import origin_after
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.kernel.time import HOUR_MS

NUMERICS_KEPT_MS: Final = 72 * HOUR_MS
"""Vital signs that the centre has are shown here for so long, then deleted."""

_JSON: Final = msgspec.json.Encoder(order="deterministic")
_NUMERICS: Final = msgspec.json.Decoder(NumericSet)


class Vitals:
    def __init__(self, database: Database, installation: str) -> None:
        self._db = database
        self._lane = vitals_lane(installation)

    def last(self) -> int:
        return int(self._db.one("select coalesce(max(sequence), 0) from vital"))

    def confirmed(self) -> int:
        return int(self._db.one("select vitals_confirmed from own_installation"))

    def pending(self) -> int:
        return self.last() - self.confirmed()

    def put(self, sets: Sequence[NumericSet]) -> None:
        for given in sets:
            # Typed as a reader will have it: an int in a float's place is written otherwise, and
            # the chain would not be the one that the centre computes.
            content = _JSON.encode(_NUMERICS.decode(_JSON.encode(given)))
            sequence = self.last() + 1
            previous = (
                self._db.one("select origin from vital where sequence = ?", sequence - 1)
                if sequence > 1
                else GENESIS
            )
            item = _item(sequence, content, hashlib.sha256(content).digest(), b"")
            self._db.execute(
                "insert into vital (sequence, unit_id, received_ms, content, fingerprint, origin)"
                " values (?, ?, ?, ?, ?, ?)",
                (
                    sequence,
                    given.unit_id,
                    given.received_ms,
                    content,
                    item.fingerprint,
                    origin_after(previous, self._lane, item),
                ),
            )
            old_ms = given.received_ms - NUMERICS_KEPT_MS
            self._db.execute(
                "update vital set content = null"
                " where received_ms < ? and sequence <= ? and content is not null",
                (old_ms, self.confirmed()),
            )
            self._db.execute(
                "delete from numerics where received_ms < ?"
                " and sequence <= (select confirmed from own_installation)",
                (old_ms,),
            )

    def list_numerics(self, unit_id: str, from_ms: int, to_ms: int) -> list[NumericSet]:
        rows = self._db.execute(
            "select 1, sequence, received_ms, content from numerics"
            " where unit_id = ?1 and received_ms >= ?2 and received_ms < ?3"
            " union all select 2, sequence, received_ms, content from vital"
            " where unit_id = ?1 and received_ms >= ?2 and received_ms < ?3"
            " and content is not null"
            " order by 3, 1, 2",
            (unit_id, from_ms, to_ms),
        )
        return [_NUMERICS.decode(content) for _kind, _sequence, _at, content in rows]

    def next_upload(self, limit_bytes: int) -> Upload | None:
        """The oldest that the centre has not confirmed: at least one, about so many bytes."""
        items: list[UploadItem] = []
        size = 0
        for row in self._db.execute(
            "select sequence, content, fingerprint, origin from vital"
            " where sequence > ? order by sequence",
            (self.confirmed(),),
        ):
            item = _item(*row)
            size += len(_JSON.encode(item))
            if items and size > limit_bytes:
                break
            items.append(item)
        return Upload(installation=self._lane, items=tuple(items)) if items else None

    def confirm(self, answer: UploadAnswer) -> None:
        """As `Uploads.confirm`. Raises ProtocolError."""
        check(answer, self.last(), self.confirmed())
        self._db.execute("update own_installation set vitals_confirmed = ?", (answer.through,))


def _item(sequence: int, content: bytes | None, fingerprint: bytes, origin: bytes) -> UploadItem:
    numerics = None if content is None else _NUMERICS.decode(content)
    return UploadItem(
        sequence=sequence,
        events=(),
        actor=numerics.device_id if numerics else "",
        seat="",
        role="device",
        occurred_ms=numerics.received_ms if numerics else 0,
        fingerprint=fingerprint,
        origin=origin,
        personal=(),
        numerics=numerics,
    )
