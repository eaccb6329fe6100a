"""What a FHIR document is made of, in the record's own words and with the codes already chosen.

Rule 1: None is "not known" and is left out or named as absent; it is never guessed.
Rule 2: whatever was withdrawn keeps its reason and leaves as entered in error.
"""

from goldenhour.kernel.record import Record


class Code(Record):
    system: str
    code: str
    display: str


class Concept(Record):
    text: str
    codes: tuple[Code, ...] = ()


class Quantity(Record):
    value: float
    unit: str
    ucum: str
    """Empty: the unit has no UCUM code that we know."""
    at_least: bool = False


class Moment(Record):
    at_ms: int


type Value = Quantity | Concept | Moment | str | bool | float


class Part(Record):
    """One value of a line that holds several."""

    concept: Concept
    value: Value | None
    absent: str = ""
    """Why there is no value, a code of FHIR's data-absent-reason, and in words."""
    why: str = ""


class Lasting(Record):
    """From the line's time on."""

    until_ms: int | None
    """None: it is not over, as far as is known."""


class Line(Record):
    """Something that was measured, seen, judged or written down."""

    id: str
    section: str
    category: str
    concept: Concept
    at_ms: int
    by: str
    value: Value | None = None
    parts: tuple[Part, ...] = ()
    absent: str = ""
    """Why there is no value, a code of FHIR's data-absent-reason."""
    site: Concept | None = None
    note: str = ""
    withdrawn: str = ""
    lasting: Lasting | None = None
    """None: it is of a moment."""
    device: str = ""


class Dose(Record):
    value: float | None
    unit: str
    ucum: str
    rate: bool
    route: Concept | None


class DrugLine(Record):
    id: str
    drug: Concept
    at_ms: int
    by: str
    dose: Dose
    note: str = ""
    withdrawn: str = ""


class Deed(Record):
    """A procedure."""

    id: str
    procedure: Concept
    at_ms: int
    by: str
    result: Concept
    site: Concept | None
    withdrawn: str = ""


class Item(Record):
    id: str
    text: str
    values: tuple[Value, ...]
    """More than one: several choices, or a conflict that nobody has settled."""
    absent: str = ""


class Form(Record):
    """A questionnaire with its answers: the record's own fields, or an assessment sheet."""

    id: str
    section: str
    canonical: str
    title: str
    items: tuple[Item, ...]
    at_ms: int
    complete: bool


class Paper(Record):
    """A text that somebody signed."""

    id: str
    concept: Concept
    text: str
    decision: Concept
    consent: bool
    """It agrees or refuses; otherwise it is a notice."""
    refuses: bool
    signer: str | None
    relation: str
    witness: str | None
    strokes: str | None
    """The signature as an SVG path."""
    details: str | None
    at_ms: int
    by: str


class Correction(Record):
    target: str
    """`patient`, the id of a form, or of a line."""
    was: str
    by: str
    at_ms: int
    reason: str


class File(Record):
    id: str
    title: str
    media: str
    url: str
    at_ms: int
    size_bytes: int | None = None


class Person(Record):
    id: str
    name: str | None
    name_absent: str
    """Why there is no name."""
    working_name: str
    """What they are called meanwhile; empty for one who has a name, though it be erased."""
    sex: str
    age_y: float | None
    age: Concept
    id_number: str | None
    phone: str | None
    address: str | None
    allergies: tuple[Concept, ...]
    no_allergy: Concept | None
    """They were asked, and there is none."""
    impressions: tuple[str, ...]
    impression_ms: int | None


class Stay(Record):
    """The run as FHIR's encounter."""

    number: str
    begun_ms: int
    ended_ms: int | None
    cancelled: bool
    vehicle: str
    hospital: str
    place: str


class CareDocument(Record):
    base: str
    """Head of our own code systems and identifiers."""
    kind: Concept
    language: str
    title: str
    made_ms: int
    test: bool
    author: str
    signed_by: str
    signed_ms: int | None
    amended: bool
    """Something was changed after the signature."""
    person: Person
    stay: Stay
    lines: tuple[Line, ...]
    drugs: tuple[DrugLine, ...]
    deeds: tuple[Deed, ...]
    forms: tuple[Form, ...]
    papers: tuple[Paper, ...]
    corrections: tuple[Correction, ...]
    files: tuple[File, ...]
    sections: dict[str, str]
    """Titles of the sections, in their order."""
