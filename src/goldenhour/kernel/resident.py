"""What a resident's health record says, as values: between the wire, the journal and the rules.

Rule 1: codes, days and severities stand here; whatever somebody wrote in words stands apart, so
        that it can be sealed and erased.
Rule 2: a day may be a year or a month alone, as it was written; nothing is filled in.
"""

from enum import StrEnum

from msgspec import field

from goldenhour.kernel.record import Record


class FactKind(StrEnum):
    CONDITION = "condition"
    ALLERGY = "allergy"
    MEDICINE = "medicine"
    OBSERVATION = "observation"
    DEVICE = "device"
    DIRECTIVE = "directive"


class Standing(StrEnum):
    ACTIVE = "active"
    PAST = "past"
    """Over, stopped, in remission: history all the same."""
    REFUTED = "refuted"
    """Looked for and not there: a negative test, an allergy that was disproved."""


class Code(Record):
    system: str
    """icd10, atc, loinc, snomed; other."""
    code: str


class ResidentFact(Record):
    id: str
    """In the resident's record: the document that the fact comes from."""
    kind: FactKind
    standing: Standing
    codes: tuple[Code, ...] = ()
    day: str = ""
    """When it began or was measured: YYYY, YYYY-MM or YYYY-MM-DD; empty: not said."""
    told_day: str = ""
    """When it was written into the record."""
    verified: bool = False
    """Confirmed, not merely told."""
    severity: str = ""
    """Of an allergy: anaphylaxis, severe, moderate, mild; empty: not said."""
    value: float | None = None
    unit: str = ""
    means: tuple[str, ...] = ()
    """Ids of the portrait's content that its codes or words name."""


class FactWords(Record):
    name: str = ""
    reaction: str = ""
    source: str = ""
    """The document or the house that it comes from."""


class Words(Record):
    """Everything of the record that is free text."""

    facts: dict[str, FactWords] = field(default_factory=dict)
    """By fact."""
    contacts: tuple[str, ...] = ()


class Resident(Record):
    """One resident's record, as far as it was understood."""

    facts: tuple[ResidentFact, ...]
    words: Words
    not_understood: int
    """Entries that say something nobody here can read."""
