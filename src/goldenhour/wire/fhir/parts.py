"""Resources of a document that know nothing of the others: drugs, procedures, forms, papers."""

import re
from base64 import b64encode
from typing import Any, Final

from goldenhour.wire.fhir.document import (
    Concept,
    Deed,
    DrugLine,
    Form,
    Item,
    Moment,
    Paper,
    Quantity,
    Value,
)
from goldenhour.wire.fhir.values import (
    TERMINOLOGY,
    UCUM,
    absent,
    coding,
    concept,
    instant,
    number,
    quantity,
    value,
)

_STROKES: Final = re.compile(r"[MLHVCSQTAZmlhvcsqtaz0-9eE+\-., ]+")
"""An SVG path and nothing else may stand in the picture of a signature."""
_PAD: Final = "0 0 600 180"


def drug(given: DrugLine) -> dict[str, Any]:
    dose = given.dose
    dosage: dict[str, Any] = {}
    if dose.value is not None:
        amount = {"value": number(dose.value), "unit": dose.unit}
        if dose.ucum:
            amount |= {"system": UCUM, "code": dose.ucum}
        dosage["rateQuantity" if dose.rate else "dose"] = amount
        if dose.route:
            dosage["route"] = concept(dose.route)
    found: dict[str, Any] = {
        "resourceType": "MedicationAdministration",
        "status": "entered-in-error" if given.withdrawn else "completed",
        "medicationCodeableConcept": concept(given.drug),
        "effectiveDateTime": instant(given.at_ms),
        "performer": [{"actor": {"display": given.by}}],
    }
    if dosage:
        found["dosage"] = dosage
    # FHIR allows no route without an amount, so a route alone is told in words.
    route = dose.route.text if dose.route and not dosage else ""
    if notes := [text for text in (route, given.note, given.withdrawn) if text]:
        found["note"] = [{"text": text} for text in notes]
    return found


def deed(done: Deed) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Procedure",
        "status": "entered-in-error" if done.withdrawn else "completed",
        "code": concept(done.procedure),
        "performedDateTime": instant(done.at_ms),
        "performer": [{"actor": {"display": done.by}}],
        "outcome": concept(done.result),
    }
    if done.site:
        found["bodySite"] = [concept(done.site)]
    if done.withdrawn:
        found["note"] = [{"text": done.withdrawn}]
    return found


def form(filled: Form) -> dict[str, Any]:
    return {
        "resourceType": "QuestionnaireResponse",
        "questionnaire": filled.canonical,
        "status": "completed" if filled.complete else "in-progress",
        "authored": instant(filled.at_ms),
        "item": [_item(item) for item in filled.items],
    }


def _item(item: Item) -> dict[str, Any]:
    found: dict[str, Any] = {"linkId": item.id, "text": item.text}
    if item.absent:
        found["extension"] = [absent(item.absent)]
    if item.values:
        found["answer"] = [_answer(one) for one in item.values]
    return found


def _answer(found: Value) -> dict[str, Any]:
    match found:
        case Concept(codes=(code, *_)):
            return {
                "valueCoding": {
                    "system": code.system,
                    "code": code.code,
                    "display": code.display or found.text,
                }
            }
        case Concept():
            return {"valueString": found.text}
        case bool() | str() | Moment():
            return value(found)
        case Quantity():
            return {"valueQuantity": quantity(found)}
        case _:
            return {"valueDecimal": number(found)}


def paper(signed: Paper) -> dict[str, Any]:
    """A consent, or a notice as a document; who signed stands in its text beside the strokes."""
    words = [signed.concept.text, signed.text, signed.decision.text]
    words += [f"{signed.signer or '-'} ({signed.relation})"]
    words += [text for text in (signed.witness, signed.details) if text]
    text = "\n".join(words)
    if not signed.consent:
        contents = [{"attachment": _attachment("text/plain; charset=utf-8", text)}]
        if picture := _picture(signed.strokes):
            contents.append({"attachment": _attachment("image/svg+xml", picture)})
        return {
            "resourceType": "DocumentReference",
            "status": "current",
            "type": concept(signed.concept),
            "date": instant(signed.at_ms),
            "author": [{"display": signed.by}],
            "description": signed.decision.text,
            "content": contents,
        }
    found: dict[str, Any] = {
        "resourceType": "Consent",
        "status": "rejected" if signed.refuses else "active",
        "scope": coding(f"{TERMINOLOGY}/consentscope", "treatment"),
        "category": [concept(signed.concept)],
        "dateTime": instant(signed.at_ms),
        "policyRule": {"text": signed.text},
        "provision": {
            "type": "deny" if signed.refuses else "permit",
            "code": [concept(signed.decision)],
        },
    }
    if signed.signer:
        found["performer"] = [{"display": f"{signed.signer} ({signed.relation})"}]
    # Who watched and what was added stand beside the strokes, or in words where there are none.
    if picture := _picture(signed.strokes):
        found["sourceAttachment"] = _attachment("image/svg+xml", picture) | {"title": text}
    else:
        found["sourceAttachment"] = _attachment("text/plain; charset=utf-8", text)
    return found


def _picture(strokes: str | None) -> str:
    if not strokes or not _STROKES.fullmatch(strokes):
        return ""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{_PAD}">'
        f'<path d="{strokes}" fill="none" stroke="black" stroke-width="3"/></svg>'
    )


def _attachment(media: str, text: str) -> dict[str, str]:
    return {"contentType": media, "data": b64encode(text.encode()).decode()}
