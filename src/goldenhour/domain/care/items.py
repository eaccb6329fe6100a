"""What a score table or a guided sheet asks: one input each, with its words and its limits.

Rule 1: a value outside its hard range, or of another kind, is refused and named; never corrected.
Rule 2: "unknown" is an answer of its own: asked, and nobody knows.
"""

from enum import StrEnum
from typing import Annotated, Literal

from msgspec import Meta

from goldenhour.kernel.condition import UNKNOWN, Answer
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

type Points = int | float


class ItemKind(StrEnum):
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    """Any number of them; an empty answer says that a person looked and none applies."""
    NUMBER = "number"
    TEXT = "text"
    TIME = "time"
    """Milliseconds since 1970; how long ago that was is a number of its own, `*_min`."""


class ItemChoice(Record):
    id: Annotated[str, Meta(pattern="^[A-Za-z0-9_]+$")]
    zh: str
    en: str
    points: Points | None = None
    """In a score table: what the choice adds."""


class Item(Record):
    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    kind: ItemKind
    zh: str
    en: str
    choices: tuple[ItemChoice, ...] = ()
    """In one list the order is from harmless to severe wherever the choices have such an order."""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    """The hard range of a number; both ends are possible values."""
    helper: Literal["", "burns"] = ""
    """What helps to find the value: burns, the surface by regions of the body."""
    fills_from: str = ""
    """The finding that stands here until a person answers."""
    since: bool = False
    """Minutes from a moment until now: what was written grows with the clock."""
    points: Points | None = None
    """In a score table, of a flag: what "yes" adds."""


class Origin(StrEnum):
    PERSON = "person"
    LIVE = "live"


class Used(Record):
    item_id: str
    value: Answer
    origin: Origin
    live: Answer | None = None
    """The live value, where a person says otherwise."""


def check_item(item: Item, value: Answer) -> Refused | None:
    """None when the value can be an answer to the item."""
    if value == UNKNOWN and item.kind is not ItemKind.TEXT:
        return None
    match item.kind:
        case ItemKind.FLAG:
            fits = isinstance(value, bool)
        case ItemKind.NUMBER:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case ItemKind.TIME:
            fits = isinstance(value, int) and not isinstance(value, bool)
        case ItemKind.CHOICES:
            fits = isinstance(value, tuple)
        case ItemKind.CHOICE | ItemKind.TEXT:
            fits = isinstance(value, str)
    if not fits:
        return Refused(code="wrong_kind", field=item.id, detail=item.kind)
    if isinstance(value, int | float) and not isinstance(value, bool):
        low = 0 if item.kind is ItemKind.TIME else item.low
        if (low is not None and not value >= low) or (
            item.high is not None and not value <= item.high
        ):
            return Refused(code="out_of_range", field=item.id, detail=_range(item))
    if item.kind in (ItemKind.CHOICE, ItemKind.CHOICES):
        listed = {choice.id for choice in item.choices}
        chosen = value if isinstance(value, tuple) else (str(value),)
        if unknown := [choice for choice in chosen if choice not in listed]:
            return Refused(code="unknown_choice", field=item.id, detail=str(unknown[0]))
    return None


def _range(item: Item) -> str:
    ends = ["" if end is None else f"{end:g}" for end in (item.low, item.high)]
    return f"{ends[0]}..{ends[1]} {item.unit}".strip()
