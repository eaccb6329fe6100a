"""The map from our record to codes of other systems, read and checked whole."""

from importlib.resources.abc import Traversable

from goldenhour.content.check import ContentError, read_file
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Sign

OBSERVED = ("consciousness", "gcs", "pain", "on_oxygen")
GCS_PARTS = ("gcs_eye", "gcs_verbal", "gcs_motor")
SECTIONS = (
    "person", "complaint", "vitals", "alarms", "scores", "judged", "drugs", "procedures",
    "notes", "sheets", "papers", "times", "ecg", "corrections",
)  # fmt: skip


class Loinc(Record):
    loinc: str
    """Empty: there is none that we are sure of."""
    display: str


class Measured(Loinc):
    id: str
    zh: str
    en: str
    unit: str
    ucum: str


class CodedField(Loinc):
    id: str
    ucum: str = ""


class PersonFields(Record):
    id_number: str
    phone: str
    address: str


class FhirMap(Record):
    about: About
    base: str
    language: str
    document: Loinc
    pressure: Loinc
    age: Loinc
    signs: tuple[Measured, ...]
    pressures: tuple[str, ...]
    observed: tuple[Measured, ...]
    gcs_parts: tuple[Measured, ...]
    fields: tuple[CodedField, ...]
    impression: str
    allergies: str
    no_allergy: str
    consents: tuple[str, ...]
    refusals: tuple[str, ...]
    person: PersonFields
    units: dict[str, str]
    sections: dict[str, Text]


def read_fhir(file: Traversable, form: RecordForm) -> FhirMap:
    """Raises ContentError."""
    found = read_file(file, FhirMap)
    where = found.about.id
    fields = {field.id for field in form.list_fields()}
    person = (found.person.id_number, found.person.phone, found.person.address)
    named = (*(row.id for row in found.fields), found.impression, found.allergies, *person)
    decisions = {one.id for paper in form.forms for one in paper.decisions}
    for name, given, known in (
        ("fields", named, fields),
        ("consents", found.consents, {paper.id for paper in form.forms}),
        ("refusals", found.refusals, decisions),
        ("pressures", found.pressures, set(Sign)),
    ):
        if unknown := set(given) - known:
            raise ContentError(where, f"{name}: there is no {min(unknown)!r}")
    for name, listed, wanted in (
        ("signs", [row.id for row in found.signs], list(Sign)),
        ("observed", [row.id for row in found.observed], OBSERVED),
        ("gcs_parts", [row.id for row in found.gcs_parts], GCS_PARTS),
        ("units", list(found.units), form.units),
        ("sections", list(found.sections), SECTIONS),
    ):
        if sorted(listed) != sorted(wanted):
            raise ContentError(where, f"{name}: needs each of {', '.join(wanted)} once")
    return found
