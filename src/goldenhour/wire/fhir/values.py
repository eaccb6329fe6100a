"""Data types of FHIR R4: concepts, quantities, instants, and why a value is absent."""

from typing import Any, Final

from goldenhour.kernel.time import to_datetime
from goldenhour.wire.fhir.document import Concept, Moment, Quantity, Value

TERMINOLOGY: Final = "http://terminology.hl7.org/CodeSystem"
ABSENT: Final = f"{TERMINOLOGY}/data-absent-reason"
UCUM: Final = "http://unitsofmeasure.org"
_EXTENSION: Final = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"


def concept(found: Concept) -> dict[str, Any]:
    codes = [
        {
            "system": one.system,
            "code": one.code,
            **({"display": one.display} if one.display else {}),
        }
        for one in found.codes
    ]
    return ({"coding": codes} if codes else {}) | {"text": found.text}


def value(found: Value, head: str = "value") -> dict[str, Any]:
    """The value under its name with its type, as FHIR spells choices."""
    match found:
        case Quantity():
            return {f"{head}Quantity": quantity(found)}
        case Concept():
            return {f"{head}CodeableConcept": concept(found)}
        case Moment():
            return {f"{head}DateTime": instant(found.at_ms)}
        case bool():
            return {f"{head}Boolean": found}
        case str():
            return {f"{head}String": found}
        case _:
            return {f"{head}Quantity": {"value": found}}


def quantity(found: Quantity) -> dict[str, Any]:
    made: dict[str, Any] = {"value": number(found.value)}
    if found.at_least:
        made["comparator"] = ">="
    if found.unit:
        made["unit"] = found.unit
    if found.ucum:
        made |= {"system": UCUM, "code": found.ucum}
    return made


def number(found: float) -> int | float:
    """36.0 as 36: a digit behind the point would claim a precision."""
    return int(found) if float(found).is_integer() else found


def instant(at_ms: int) -> str:
    return to_datetime(at_ms).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def absent(code: str) -> dict[str, str]:
    return {"url": _EXTENSION, "valueCode": code or "unknown"}


def coding(system: str, code: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}]}
