"""Personal data lives apart from the journal.

Rule 1: an event holds a `Sealed`: the id of a row and a commitment to its bytes, never the text.
Rule 2: commitment = SHA-256(salt + bytes). Erasing row and salt leaves the journal whole, and
        nobody can tell from the commitment what was there.
Rule 3: a correction is a new row; a row is never changed.
"""

import hashlib
from typing import Final

import msgspec

from goldenhour.kernel.ids import Entropy, Id, uuid7
from goldenhour.kernel.record import Record

SALT_LENGTH: Final = 16


class Clear(Record, tag="clear", tag_field="as"):
    """Text as a person or a device gave it, on its way in."""

    text: str


class Sealed(Record, tag="sealed", tag_field="as"):
    """A pointer to a personal row."""

    row: Id
    commitment: str
    """Hexadecimal SHA-256 of salt and bytes."""


Personal = Clear | Sealed
"""Commands carry `Clear` at the edge and `Sealed` when they reach a decider."""


class PersonalRow(Record):
    row: Id
    salt: bytes
    content: bytes


def commitment(salt: bytes, content: bytes) -> str:
    return hashlib.sha256(salt + content).hexdigest()


def seal_fields[T: Record](value: T, at_ms: int, entropy: Entropy) -> tuple[T, list[PersonalRow]]:
    """Replace every `Clear` among the fields of `value` by a `Sealed` and return the rows."""
    rows: list[PersonalRow] = []
    sealed: dict[str, Sealed] = {}
    for name in value.__struct_fields__:
        field = getattr(value, name)
        if isinstance(field, Clear):
            row = PersonalRow(
                row=uuid7(at_ms, entropy), salt=entropy(SALT_LENGTH), content=field.text.encode()
            )
            rows.append(row)
            sealed[name] = Sealed(row=row.row, commitment=commitment(row.salt, row.content))
    return (msgspec.structs.replace(value, **sealed) if sealed else value), rows
