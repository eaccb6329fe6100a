"""Elements of a standard, where our record holds each, and which of them a case has filled.

Rule 1: a place is KIND:NAME (`field:complaint`, `node:T9`, `vitals:spo2`); content names it.
Rule 2: what we do not hold says why; it is never counted as filled.
"""

from enum import StrEnum

from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record


class Usage(StrEnum):
    MANDATORY = "mandatory"
    REQUIRED = "required"
    RECOMMENDED = "recommended"
    OPTIONAL = "optional"


COUNTED = (Usage.MANDATORY, Usage.REQUIRED)


class Element(Record):
    id: str
    usage: Usage
    zh: str
    held: tuple[str, ...]
    """Any of them fills it; empty: `reason` says why we do not hold it."""
    reason: str = ""


class Group(Record):
    id: str
    """The head of its elements' ids."""
    applies: tuple[str, ...]
    """Its elements count when any of these places is filled."""


class ElementList(Record):
    about: About
    groups: tuple[Group, ...]
    elements: tuple[Element, ...]


class Found(StrEnum):
    FILLED = "filled"
    EMPTY = "empty"
    NOT_HELD = "not_held"
    NOT_APPLICABLE = "not_applicable"


class ElementRow(Record):
    id: str
    usage: Usage
    zh: str
    found: Found
    held: tuple[str, ...]
    reason: str


class Completeness(Record):
    standard: str
    filled: int
    counted: int
    """Mandatory and required elements that apply to the case, whether we hold them or not."""
    rows: tuple[ElementRow, ...]


class MappedPlace(Record):
    """A place of our record with the element of another standard that it answers."""

    place: str
    zh: str
    element: str = ""
    """Its id in the standard; empty: not confirmed."""
    name: str = ""
    note: str = ""


class PlaceTable(Record):
    about: About
    rows: tuple[MappedPlace, ...]
