"""Personal data lives apart from the journal.

Rule 1: an event holds a `Sealed`: the id of a row and a commitment to its bytes, never the text.
Rule 2: commitment = SHA-256(salt + bytes). Erasing row and salt leaves the journal whole, and
        nobody can tell from the commitment what was there.
Rule 3: a correction is a new row; a row is never changed.
"""

import hashlib
from collections.abc import Callable
from typing import Any, Final, cast

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
    """Replace every `Clear` in `value`, however deep, by a `Sealed` and return the rows."""
    rows: list[PersonalRow] = []

    def seal(text: Clear) -> Sealed:
        row = PersonalRow(
            row=uuid7(at_ms, entropy), salt=entropy(SALT_LENGTH), content=text.text.encode()
        )
        rows.append(row)
        return Sealed(row=row.row, commitment=commitment(row.salt, row.content))

    return each_clear(value, seal), rows


def each_clear[T](value: T, change: Callable[[Clear], Personal]) -> T:
    """With each `Clear` changed: among the fields of a record, and of the records in its tuples."""
    found: Any = value
    if isinstance(value, Clear):
        found = change(value)
    elif isinstance(value, tuple):
        changed = tuple(each_clear(one, change) for one in value)
        found = changed if any(a is not b for a, b in zip(changed, value, strict=True)) else value
    elif isinstance(value, Record):
        fields = {name: getattr(value, name) for name in value.__struct_fields__}
        new = {name: each_clear(field, change) for name, field in fields.items()}
        new = {name: field for name, field in new.items() if field is not fields[name]}
        found = msgspec.structs.replace(value, **new) if new else value
    return cast("T", found)
