"""Whether two records are of one resident: by the numbers that they hold, and by nothing else.

Rule 1: a name, an age, a place or a telephone never says that two records are one person's.
Rule 2: a number counts as the record holds it now. One that was written over, that is wrong, or
        beside which another one stands, says of nobody who it is.
Rule 3: two records that agree in one number and differ in another are two people's until somebody
        has put that right.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from goldenhour.domain.care.health_card import read_health_card
from goldenhour.domain.care.id_card import read_id_number
from goldenhour.domain.care.portrait_ask import IDENTITY_FIELDS
from goldenhour.domain.care.record import CareRecord
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Personal
from goldenhour.kernel.record import Record


class Identified(StrEnum):
    """Whether a record says who the patient is."""

    KNOWN = "known"
    UNKNOWN = "unknown"
    """Nobody wrote a number."""
    HIDDEN = "hidden"
    """There is one, and it was erased or is not for this reader."""
    WRONG = "wrong"
    DISPUTED = "disputed"
    """Two numbers stand in one field."""


class Named(Record):
    standing: Identified
    numbers: dict[str, str]
    """By field, as they are compared; empty unless known."""


def list_texts(record: CareRecord) -> tuple[tuple[str, Personal], ...]:
    """Field and text of every standing write that says who it is."""
    return tuple(
        (field, one.text)
        for field in IDENTITY_FIELDS
        for one in record.fields.get(field, ())
        if one.text is not None
    )


def named(record: CareRecord, texts: Mapping[str, str]) -> Named:
    """`texts`: the personal rows that the reader may read."""
    numbers: dict[str, str] = {}
    for field, text in list_texts(record):
        clear = text.text if isinstance(text, Clear) else texts.get(text.row)
        if clear is None:
            return Named(standing=Identified.HIDDEN, numbers={})
        number = _number(field, clear)
        if number is None:
            return Named(standing=Identified.WRONG, numbers={})
        if numbers.setdefault(field, number) != number:
            return Named(standing=Identified.DISPUTED, numbers={})
    return Named(standing=Identified.KNOWN if numbers else Identified.UNKNOWN, numbers=numbers)


def same_person(one: Named, other: Named) -> bool:
    shared = one.numbers.keys() & other.numbers.keys()
    return bool(shared) and all(one.numbers[field] == other.numbers[field] for field in shared)


def list_forms(numbers: Iterable[str]) -> tuple[str, ...]:
    """How a number may have been typed: the check digit X is written small as well."""
    return tuple(dict.fromkeys(form for number in numbers for form in (number, number.lower())))


def _number(field: str, text: str) -> str | None:
    if field != "id_number":
        card = read_health_card(text)
        return None if isinstance(card, Refused) else card
    number = read_id_number(text)
    return None if isinstance(number, Refused) else number.number
