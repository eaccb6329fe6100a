"""What the record asks for: fields, lists to choose from and forms to sign, as content.

Rule 1: a value is checked for kind, choice and range when it is written; it is never converted.
Rule 2: what is missing is named at the signature, by the ids of fields and forms.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from goldenhour.domain.care.items import Item, ItemChoice, ItemKind, check_item
from goldenhour.domain.care.unknown import UnknownName
from goldenhour.kernel.condition import Answer, Answers, parse, truth
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record


class Field(Item):
    """An item that stands in the record for good."""

    open: bool = False
    """Other words than the listed choices are allowed."""
    required: bool = False
    required_when: str = ""
    """Over the other fields' values."""
    nemsis: tuple[str, ...] = ()
    """Elements of NEMSIS 3.5.1 that it answers."""


class Section(Record):
    id: str
    title: Text
    fields: tuple[Field, ...]


class Region(Record):
    id: str
    zh: str
    en: str
    side: str
    """front, back"""


class PaperForm(Record):
    """A text that somebody signs."""

    id: str
    version: int
    title: Text
    text: Text
    decisions: tuple[ItemChoice, ...]
    relations: tuple[str, ...]
    witness: bool = False
    """Nobody signs it alone."""
    required_when: str = ""
    details_for: tuple[str, ...] = ()
    """Decisions that mean nothing without details: what was handed over, which measure."""
    fields: tuple[str, ...] = ()
    """Fields of the record that are asked with it."""


class NobodyTreated(Record):
    """Why a run had no patient, and what the crew signs for it."""

    id: str
    title: Text
    text: Text
    signed: bool = False
    """Somebody else than the crew signs too: it is that person's decision."""


class RecordForm(Record):
    about: About
    unknown: UnknownName
    routes: tuple[ItemChoice, ...]
    units: tuple[str, ...]
    procedures: tuple[ItemChoice, ...]
    regions: tuple[Region, ...]
    sections: tuple[Section, ...]
    forms: tuple[PaperForm, ...]
    adult_y: float
    """Whoever is younger does not sign for themselves alone."""
    nobody_treated: tuple[NobodyTreated, ...] = ()

    def list_fields(self) -> list[Field]:
        return [field for section in self.sections for field in section.fields]

    def find_field(self, name: str) -> Field | None:
        return next((field for field in self.list_fields() if field.id == name), None)

    def find_form(self, name: str) -> PaperForm | None:
        return next((form for form in self.forms if form.id == name), None)


def refuse_value(item: Item, value: Answer | None, *, has_text: bool) -> Refused | None:
    """None when the value may stand there; an empty value always may."""
    is_text = item.kind is ItemKind.TEXT
    if (has_text and not is_text) or (value is not None and is_text):
        return Refused(code="wrong_kind", field="value", detail=item.id)
    if value is None:
        return None
    if isinstance(item, Field) and item.open and isinstance(value, tuple):
        return None
    wrong = check_item(item, value)
    return replace(wrong, field="value", detail=item.id) if wrong else None


def list_missing(
    form: RecordForm, values: Answers, texts: Mapping[str, bool], signed: frozenset[str]
) -> tuple[str, ...]:
    """What the signature waits for: ids of fields, and of forms as `form.ID`.

    `texts` says which text fields are written; `signed` holds the ids of signed forms.
    """

    def asked(always: bool, when: str) -> bool:
        return always or (bool(when) and truth(parse(when), values) is True)

    fields = [
        field.id
        for field in form.list_fields()
        if asked(field.required, field.required_when)
        and field.id not in values
        and not texts.get(field.id)
    ]
    forms = [
        f"form.{paper.id}"
        for paper in form.forms
        if asked(always=False, when=paper.required_when) and paper.id not in signed
    ]
    return (*fields, *forms)
