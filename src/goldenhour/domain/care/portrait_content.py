"""What the health portrait is painted by: regions, rules and alerts, as content."""

from enum import StrEnum
from typing import Protocol

from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import FactKind


class Colour(StrEnum):
    GREY = "grey"
    GREEN = "green"
    ORANGE = "orange"
    RED = "red"


class Codes(Protocol):
    """Which entries are meant. ICD-10 (without its point) and ATC by their beginnings."""

    @property
    def icd10(self) -> tuple[str, ...]: ...
    @property
    def atc(self) -> tuple[str, ...]: ...
    @property
    def exact(self) -> tuple[str, ...]:
        """Codes of LOINC and SNOMED CT."""


class Named(Record):
    id: str
    zh: str
    en: str
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


class Region(Named):
    """A row of the portrait; the codes say what the record may know of it without a rule."""

    when: str = ""
    """For whom it exists: over what is known of the patient."""


class Rule(Record):
    id: str
    region: str
    colour: Colour
    zh: str
    en: str
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    active: bool = False
    """Only what is still going on; without it history counts."""
    within_days: int | None = None
    """Only what began not longer ago."""
    below: float | None = None
    least: float | None = None
    unit: str = ""
    """Of a measured value with its bounds; the record's value must be in it."""
    when: str = ""
    """Over what is known now, and over the ids of rules with codes."""
    candidate: bool = False

    @property
    def has_codes(self) -> bool:
        return bool(self.icd10 or self.atc or self.exact)


class Spoken(Named):
    """What a record may also name in words."""

    words: tuple[str, ...] = ()


class Allergen(Spoken):
    drugs: tuple[str, ...] = ()
    """Names under which its drugs are ordered, where the formulary does not class them."""


class Infection(Record):
    id: str
    ppe: str
    zh: str
    en: str
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    active: bool = True
    """Over, it is no danger any more; false: it stays."""
    cleared: bool = False
    """A later negative test ends it."""


class Device(Spoken):
    no_mri: bool = False


class Ppe(Record):
    id: str
    zh: str
    en: str


class Baseline(Record):
    """A sign whose value in the record is this patient's own normal."""

    id: str
    """The name of how far it has fallen below."""
    finding: str
    unit: str
    icd10: tuple[str, ...] = ()
    atc: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()


class PortraitContent(Record):
    about: About
    old_days: int
    infection_old_days: int
    anaphylaxis_words: tuple[str, ...]
    id_number_system: str
    """Identifier of FHIR under which a resident is asked for."""
    health_card_system: str
    regions: tuple[Region, ...]
    rules: tuple[Rule, ...]
    allergens: tuple[Allergen, ...]
    infections: tuple[Infection, ...]
    ppe: tuple[Ppe, ...]
    medicines: tuple[Spoken, ...]
    directives: tuple[Spoken, ...]
    devices: tuple[Device, ...]
    baselines: tuple[Baseline, ...]

    @property
    def no_mri(self) -> frozenset[str]:
        return frozenset(device.id for device in self.devices if device.no_mri)

    def list_named(self, kind: FactKind) -> tuple[Spoken, ...]:
        match kind:
            case FactKind.ALLERGY:
                return self.allergens
            case FactKind.MEDICINE:
                return self.medicines
            case FactKind.DIRECTIVE:
                return self.directives
            case FactKind.DEVICE:
                return self.devices
            case _:
                return ()
