"""A resident's other records, found under the identity of who asks.

Rule 1: what the asker may not read is as absent as none: nobody is told that there is more.
Rule 2: who it is in clear is read to be compared and goes nowhere: no answer and no log holds it.
"""

from collections.abc import Sequence
from typing import Protocol

from goldenhour.app.handle import fold
from goldenhour.app.journal import Envelope, Identity
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.same_person import (
    Identified,
    Named,
    list_forms,
    list_texts,
    named,
    same_person,
)
from goldenhour.kernel.personal import Sealed
from goldenhour.kernel.record import Record


class Records(Protocol):
    """Where streams and personal texts are read. Test double: tests/factories/memory_reader."""

    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]: ...
    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]: ...


class Writings(Protocol):
    """Where a text is looked for. Test double: `app.memory.MemoryJournal`."""

    async def find_written(self, texts: Sequence[str], identity: Identity) -> list[str]:
        """Readable patients' streams in which one of these texts was ever written, newest first."""


class Resident(Record):
    standing: Identified
    patients: tuple[str, ...]
    """Ids of their other records; empty unless known."""


async def find_resident(
    patient: Patient,
    own: Sequence[str],
    records: Records,
    writings: Writings,
    identity: Identity,
) -> Resident:
    """`own`: ids of the records that `patient` is made of."""
    who = await _named(patient, records, identity)
    if who.standing is not Identified.KNOWN:
        return Resident(standing=who.standing, patients=())
    found: list[str] = []
    for stream in await writings.find_written(list_forms(who.numbers.values()), identity):
        ident = stream.partition(":")[2]
        other = fold(stream, await records.list_streams([stream], identity))
        # The text may be a note, or a number that was written over.
        if (
            ident not in own
            and isinstance(other, Patient)
            and same_person(who, await _named(other, records, identity))
        ):
            found.append(ident)
    return Resident(standing=Identified.KNOWN, patients=tuple(found))


async def _named(patient: Patient, records: Records, identity: Identity) -> Named:
    rows = [text.row for _field, text in list_texts(patient.record) if isinstance(text, Sealed)]
    return named(patient.record, await records.reveal(rows, identity))
