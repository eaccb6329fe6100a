"""A resident's record out of FHIR R4 bundles (4.0.1): bytes in, values out.

Rule 1: total over any JSON. What is no bundle raises FhirError; an entry that cannot be read is
        counted as not understood and never guessed at.
Rule 2: an entry about somebody else than the patient asked for is an error of the whole bundle: a
        record with two people in it is worse than none.
Rule 3: entered in error is as if never written. Refuted and negative stand, as such.
"""

import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Final

import msgspec

from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import (
    Code,
    FactKind,
    FactWords,
    Resident,
    ResidentFact,
    Standing,
    Words,
)

MOST_FACTS: Final = 500
"""More is no record of one person; what is beyond is counted as not understood."""
LONGEST_TEXT: Final = 200
SYSTEMS: Final = {
    "http://hl7.org/fhir/sid/icd-10": "icd10",
    "http://hl7.org/fhir/sid/icd-10-cn": "icd10",
    "http://www.whocc.no/atc": "atc",
    "http://loinc.org": "loinc",
    "http://snomed.info/sct": "snomed",
}
ANAPHYLAXIS: Final = frozenset({"39579001", "609433001"})
"""SNOMED CT: anaphylaxis, hypersensitivity to be taken for it."""
NEGATIVE: Final = frozenset({"260385009", "260415000", "NEG", "negative"})
POSITIVE: Final = frozenset({"10828004", "260373001", "POS", "positive"})
_ANSWERS: Final = {"阴性": NEGATIVE, "阳性": POSITIVE}
_KINDS: Final = {
    "Condition": FactKind.CONDITION,
    "AllergyIntolerance": FactKind.ALLERGY,
    "MedicationStatement": FactKind.MEDICINE,
    "Observation": FactKind.OBSERVATION,
    "Device": FactKind.DEVICE,
    "Flag": FactKind.DIRECTIVE,
    "Consent": FactKind.DIRECTIVE,
}
_PAST: Final = frozenset(
    {"inactive", "resolved", "remission", "completed", "stopped", "on-hold", "rejected"}
)
_VOID: Final = frozenset({"entered-in-error", "not-taken", "not-done", "cancelled"})
_DAY: Final = re.compile(r"\d{4}(-\d{2}(-\d{2})?)?")


class FhirError(ValueError):
    """The peer's answer is no bundle, or not of this person."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code = code
        """not_understood, wrong_person"""


class Found(Record):
    """A patient of a search."""

    id: str
    identifiers: frozenset[tuple[str, str]]
    """(system, value)"""
    birth_day: str


def read_patients(body: bytes) -> tuple[Found, ...]:
    """The patients of a searchset; raises FhirError."""
    return tuple(
        Found(
            id=_text(resource.get("id")),
            identifiers=frozenset(
                (_text(one.get("system")), _text(one.get("value")))
                for one in _objects(resource.get("identifier"))
            ),
            birth_day=_day(resource.get("birthDate")),
        )
        for resource in _resources(body)
        if resource.get("resourceType") == "Patient"
    )


def next_page(body: bytes) -> str:
    """Where a bundle goes on; empty: it is whole. Raises FhirError."""
    links = _objects(_bundle(body).get("link"))
    return next((_whole(one.get("url")) for one in links if one.get("relation") == "next"), "")


def read_everything(pages: Sequence[bytes], patient_id: str) -> Resident:
    """The record of a patient out of the pages of `$everything`; raises FhirError."""
    facts: dict[str, ResidentFact] = {}
    words: dict[str, FactWords] = {}
    contacts: list[str] = []
    not_understood = 0
    for resource in chain.from_iterable(map(_resources, pages)):
        kind = _KINDS.get(_text(resource.get("resourceType")))
        if resource.get("resourceType") == "Patient":
            if _text(resource.get("id")) != patient_id:
                raise FhirError("wrong_person", "a second patient in the record")
            contacts += _contacts(resource)
            continue
        about = _object(resource.get("subject") or resource.get("patient"))
        if about and not _is_about(about, patient_id):
            raise FhirError("wrong_person", f"an entry {resource.get('resourceType')} of another")
        if kind is not None and _void(resource):
            continue
        ident = f"{resource.get('resourceType')}/{_text(resource.get('id'))}"
        fact = None if kind is None else _fact(ident, kind, resource)
        if fact is None or ident in facts or not about or len(facts) >= MOST_FACTS:
            not_understood += 1
            continue
        facts[ident] = fact
        words[ident] = _words(kind, resource)
    return Resident(
        facts=tuple(facts.values()),
        words=Words(facts=words, contacts=tuple(contacts)),
        not_understood=not_understood,
    )


def _bundle(body: bytes) -> dict[str, Any]:
    try:
        bundle = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise FhirError("not_understood", str(error)) from error
    if not isinstance(bundle, dict) or bundle.get("resourceType") != "Bundle":
        raise FhirError("not_understood", "resourceType: not a Bundle")
    return bundle


def _resources(body: bytes) -> Iterator[dict[str, Any]]:
    for entry in _objects(_bundle(body).get("entry")):
        if resource := _object(entry.get("resource")):
            yield resource


def _fact(ident: str, kind: FactKind, resource: dict[str, Any]) -> ResidentFact | None:
    concept = _concept(kind, resource)
    codes = tuple(_codes(concept))
    if not codes and not _concept_text(concept):
        return None
    value, unit = _quantity(resource)
    verification = _status_code(resource.get("verificationStatus"))
    return ResidentFact(
        id=ident,
        kind=kind,
        standing=_standing(kind, resource),
        codes=codes,
        day=_first_day(
            resource,
            ("onsetDateTime", "onsetPeriod", "effectiveDateTime", "effectivePeriod", "period"),
        ),
        told_day=_first_day(
            resource,
            ("recordedDate", "dateAsserted", "issued", "dateTime", "effectiveDateTime", "meta"),
        ),
        verified=verification == "confirmed" or kind is FactKind.OBSERVATION,
        severity=_severity(resource) if kind is FactKind.ALLERGY else "",
        value=value,
        unit=unit,
    )


def _concept(kind: FactKind, resource: dict[str, Any]) -> dict[str, Any]:
    match kind:
        case FactKind.MEDICINE:
            found = resource.get("medicationCodeableConcept")
        case FactKind.DEVICE:
            found = resource.get("type")
        case FactKind.DIRECTIVE if resource.get("resourceType") == "Consent":
            found = next(iter(_objects(resource.get("category"))), None)
        case _:
            found = resource.get("code")
    return _object(found)


def _codes(concept: dict[str, Any]) -> Iterator[Code]:
    for coding in _objects(concept.get("coding")):
        code = _text(coding.get("code"))
        if code:
            yield Code(system=SYSTEMS.get(_text(coding.get("system")), "other"), code=code)


def _concept_text(concept: dict[str, Any]) -> str:
    displays = [_text(coding.get("display")) for coding in _objects(concept.get("coding"))]
    return next(filter(None, (_text(concept.get("text")), *displays)), "")


def _standing(kind: FactKind, resource: dict[str, Any]) -> Standing:
    if _status_code(resource.get("verificationStatus")) == "refuted":
        return Standing.REFUTED
    if kind is FactKind.OBSERVATION:
        return _answer(resource)
    states = {_status_code(resource.get("clinicalStatus")), _text(resource.get("status"))}
    over = states & _PAST or resource.get("abatementDateTime")
    return Standing.PAST if over else Standing.ACTIVE


def _answer(resource: dict[str, Any]) -> Standing:
    """A test that found nothing refutes; a value or a finding stands."""
    concept = _object(resource.get("valueCodeableConcept"))
    said = {code.code for code in _codes(concept)}
    for word, codes in _ANSWERS.items():
        if word in (_concept_text(concept), _text(resource.get("valueString"))):
            said |= codes
    if said & POSITIVE:
        return Standing.ACTIVE
    return Standing.REFUTED if said & NEGATIVE else Standing.ACTIVE


def _severity(resource: dict[str, Any]) -> str:
    found = ""
    for reaction in _objects(resource.get("reaction")):
        for manifestation in _objects(reaction.get("manifestation")):
            if any(code.code in ANAPHYLAXIS for code in _codes(manifestation)):
                return "anaphylaxis"
        severity = _text(reaction.get("severity"))
        order = ("", "mild", "moderate", "severe")
        if severity in order and order.index(severity) > order.index(found):
            found = severity
    return found or ("severe" if resource.get("criticality") == "high" else "")


def _words(kind: FactKind | None, resource: dict[str, Any]) -> FactWords:
    name = "" if kind is None else _concept_text(_concept(kind, resource))
    value = _concept_text(_object(resource.get("valueCodeableConcept")))
    said = value or _text(resource.get("valueString"))
    reactions = [
        _concept_text(manifestation)
        for reaction in _objects(resource.get("reaction"))
        for manifestation in _objects(reaction.get("manifestation"))
    ]
    source = next(
        filter(
            None,
            (
                _text(_object(resource.get(key)).get("display"))
                for key in ("recorder", "asserter", "informationSource", "author")
            ),
        ),
        "",
    ) or _text(_object(resource.get("meta")).get("source"))
    performers = [_text(one.get("display")) for one in _objects(resource.get("performer"))]
    return FactWords(
        name=f"{name}: {said}" if said else name,
        reaction=", ".join(filter(None, reactions))[:LONGEST_TEXT],
        source=source or next(filter(None, performers), ""),
    )


def _contacts(resource: dict[str, Any]) -> Iterator[str]:
    for contact in _objects(resource.get("contact")):
        name = _text(_object(contact.get("name")).get("text"))
        numbers = [_text(one.get("value")) for one in _objects(contact.get("telecom"))]
        if said := " ".join(filter(None, (name, *numbers))):
            yield said[:LONGEST_TEXT]


def _is_about(reference: dict[str, Any], patient_id: str) -> bool:
    parts = _text(reference.get("reference")).split("/")
    return parts[-2:] == ["Patient", patient_id]


def _void(resource: dict[str, Any]) -> bool:
    states = {_status_code(resource.get("verificationStatus")), _text(resource.get("status"))}
    return bool(states & _VOID)


def _quantity(resource: dict[str, Any]) -> tuple[float | None, str]:
    quantity = _object(resource.get("valueQuantity"))
    value = quantity.get("value")
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None, ""
    return float(value), _text(quantity.get("code")) or _text(quantity.get("unit"))


def _first_day(resource: dict[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        found = resource.get(name)
        inner = _object(found)
        if day := _day(found) or _day(inner.get("start")) or _day(inner.get("lastUpdated")):
            return day
    return ""


def _day(value: object) -> str:
    """The day of a date or an instant, as precise as it was written."""
    text = value if isinstance(value, str) else ""
    found = _DAY.match(text.partition("T")[0])
    return found[0] if found and found[0] == text.partition("T")[0] else ""


def _status_code(value: object) -> str:
    return next(
        (_text(coding.get("code")) for coding in _objects(_object(value).get("coding"))), ""
    )


def _object(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _objects(value: object) -> Iterator[dict[str, Any]]:
    return (
        (item for item in value if isinstance(item, dict)) if isinstance(value, list) else iter(())
    )


def _whole(value: object) -> str:
    return value if isinstance(value, str) else ""


def _text(value: object) -> str:
    return value[:LONGEST_TEXT] if isinstance(value, str) else ""
