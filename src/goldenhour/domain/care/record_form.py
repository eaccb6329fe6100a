"""What the record asks for: fields, lists to choose from and forms to sign, as content.

Rule 1: a value is checked for kind, choice and range when it is written; nothing is ever converted.
Rule 2: what is missing is named at the signature, by the ids of fields and forms.
"""

from collections.abc import Mapping
from enum import StrEnum

from goldenhour.kernel.condition import Answer, Answers, parse, truth
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record


class Kind(StrEnum):
    FLAG = "flag"
    CHOICE = "choice"
    CHOICES = "choices"
    NUMBER = "number"
    TEXT = "text"
    """Personal: sealed, and erasable."""
    TIME = "time"
    """Milliseconds since 1970."""


class Choice(Record):
    id: str
    zh: str
    en: str


class Field(Record):
    id: str
    kind: Kind
    zh: str
    en: str
    choices: tuple[Choice, ...] = ()
    open: bool = False
    """Other words than the listed choices are allowed."""
    unit: str = ""
    low: float | None = None
    high: float | None = None
    decimals: int = 0
    required: bool = False
    required_when: str = ""
    """Over the other fields' values."""
    nemsis: tuple[str, ...] = ()


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
    decisions: tuple[Choice, ...]
    relations: tuple[str, ...]
    witness: bool = False
    """Nobody signs it alone."""
    required_when: str = ""


class RecordForm(Record):
    about: About
    routes: tuple[Choice, ...]
    units: tuple[str, ...]
    procedures: tuple[Choice, ...]
    regions: tuple[Region, ...]
    sections: tuple[Section, ...]
    forms: tuple[PaperForm, ...]

    def list_fields(self) -> list[Field]:
        return [field for section in self.sections for field in section.fields]

    def find_field(self, name: str) -> Field | None:
        return next((field for field in self.list_fields() if field.id == name), None)

    def find_form(self, name: str) -> PaperForm | None:
        return next((form for form in self.forms if form.id == name), None)


def refuse_value(field: Field, value: Answer | None, *, has_text: bool) -> Refused | None:
    """None when the value may stand in the field; an empty value always may."""
    if has_text != (field.kind is Kind.TEXT) and (has_text or value is not None):
        return Refused(code="wrong_kind", field="value", detail=field.id)
    if value is None:
        return None
    ids = {choice.id for choice in field.choices}
    match field.kind:
        case Kind.FLAG:
            fits = isinstance(value, bool)
        case Kind.CHOICE:
            fits = isinstance(value, str)
        case Kind.CHOICES:
            fits = isinstance(value, tuple)
        case Kind.NUMBER | Kind.TIME:
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case Kind.TEXT:
            fits = False
    if not fits:
        return Refused(code="wrong_kind", field="value", detail=field.id)
    chosen = value if isinstance(value, tuple) else (value,) if isinstance(value, str) else ()
    if not field.open and (unknown := set(chosen) - ids):
        return Refused(code="unknown_value", field="value", detail=f"{field.id}: {min(unknown)}")
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = field.low, field.high
        if (low is not None and value < low) or (high is not None and value > high):
            return Refused(code="out_of_range", field="value", detail=field.id)
    return None


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
