"""Entries of a resident's record, as values and as FHIR."""

from typing import Any

import msgspec

from goldenhour.kernel.resident import Code, FactKind, ResidentFact, Standing

TODAY = "2026-11-21"


def fact(
    ident: str, kind: FactKind = FactKind.CONDITION, code: str = "", **more: Any
) -> ResidentFact:
    """`code` as SYSTEM|CODE; told and begun on the first of this month unless said otherwise."""
    system, _, plain = code.partition("|")
    given: dict[str, Any] = {
        "standing": Standing.ACTIVE,
        "codes": (Code(system=system, code=plain),) if code else (),
        "day": "2026-11-01",
        "told_day": "2026-11-01",
    }
    return ResidentFact(id=ident, kind=kind, **(given | more))


SYSTEMS = {
    "icd10": "http://hl7.org/fhir/sid/icd-10",
    "atc": "http://www.whocc.no/atc",
    "loinc": "http://loinc.org",
    "snomed": "http://snomed.info/sct",
}


def concept(code: str, text: str = "") -> dict[str, Any]:
    system, _, plain = code.partition("|")
    coding = [{"system": SYSTEMS[system], "code": plain}] if code else []
    return {"coding": coding, "text": text}


def state(word: str) -> dict[str, Any]:
    return {"coding": [{"code": word}]}


def bundle(*resources: dict[str, Any]) -> bytes:
    return msgspec.json.encode(
        {
            "resourceType": "Bundle",
            "type": "searchset",
            "entry": [{"resource": resource} for resource in resources],
        }
    )


def entry(kind: str, ident: str, **more: Any) -> dict[str, Any]:
    subject = "patient" if kind in ("AllergyIntolerance", "Device", "Consent") else "subject"
    return {"resourceType": kind, "id": ident, subject: {"reference": "Patient/r1"}} | more
