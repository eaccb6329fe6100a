"""What a crew looks at before its shift.

Rule 1: every item is answered; what nobody looked at is not in order.
Rule 2: a defect is told and takes nobody off duty: whether a unit may go is a person's decision.
Rule 3: a number beyond `least` and `most` is a slip of the hand and is refused; beyond `low` and
        `high` it is a defect.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from goldenhour.kernel.content import About, Text
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

Found = bool | float
"""Yes or no, or a number."""


class CheckKind(StrEnum):
    YES_NO = "yes_no"
    NUMBER = "number"


class CheckItem(Record):
    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    kind: CheckKind
    zh: str
    en: str
    defect: Text
    """As the dispatcher reads it."""
    unit: str = ""
    least: float = 0
    most: float = 0
    low: float | None = None
    high: float | None = None


class CheckSection(Record):
    id: str
    title: Text
    items: tuple[CheckItem, ...]


class ShiftCheck(Record):
    about: About
    every_h: Annotated[int, Meta(ge=1)]
    """After so long a check is another shift's."""
    early_min: Annotated[int, Meta(ge=0)]
    """So long before its duty begins a crew may look."""
    sections: tuple[CheckSection, ...]

    def list_items(self) -> list[CheckItem]:
        return [item for section in self.sections for item in section.items]


def list_defects(content: ShiftCheck, answers: Mapping[str, Found]) -> tuple[str, ...]:
    """Ids of the items that are not in order, as the content orders them."""
    return tuple(
        item.id
        for item in content.list_items()
        if item.id in answers and _is_defect(item, answers[item.id])
    )


def refuse_answers(content: ShiftCheck, answers: Mapping[str, Found]) -> Refused | None:
    """None: every item is answered, and so that it can be."""
    items = {item.id: item for item in content.list_items()}
    if unknown := sorted(set(answers) - set(items)):
        return Refused(code="unknown_value", field="answers", detail=unknown[0])
    for name, value in answers.items():
        item = items[name]
        if isinstance(value, bool) != (item.kind is CheckKind.YES_NO):
            return Refused(code="wrong_kind", field="answers", detail=name)
        if item.kind is CheckKind.NUMBER and not item.least <= value <= item.most:
            span = f"{name}: {item.least:g}..{item.most:g} {item.unit}"
            return Refused(code="out_of_range", field="answers", detail=span)
    if missing := [name for name in items if name not in answers]:
        return Refused(code="check_incomplete", field="answers", detail=", ".join(missing))
    return None


def _is_defect(item: CheckItem, value: Found) -> bool:
    if item.kind is CheckKind.YES_NO:
        return not value
    return (item.low is not None and value < item.low) or (
        item.high is not None and value > item.high
    )
