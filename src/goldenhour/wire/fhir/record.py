"""A record as one FHIR R4 (4.0.1) document: a Bundle that opens with its Composition.

Rule 1: the same record gives the same ids, so that a receiver can tell a second copy from a second
        patient.
Rule 2: what is unknown is left out, or named as absent where the standard wants a value.
Rule 3: a withdrawn entry leaves as entered in error, with its reason; a correction is a Provenance
        that names what stood before.
Rule 4: people of the crew are named as the record names them, and no resource is made of them:
        their register is another system's.
Rule 5: test data carries the label HTEST, which a server must keep and a client must show.
"""

from typing import Any, Final
from uuid import UUID, uuid5

from goldenhour.wire.fhir.document import CareDocument, Correction, Line, Part, Person
from goldenhour.wire.fhir.parts import deed, drug, form, paper
from goldenhour.wire.fhir.values import (
    ABSENT,
    TERMINOLOGY,
    absent,
    coding,
    concept,
    instant,
    value,
)

_IDS: Final = UUID("5b6f3f3e-6d0b-4c53-9d0d-0f2f4d1b1200")


class _Writer:
    """Collects the resources of one document with their places in its sections."""

    def __init__(self, document: CareDocument) -> None:
        self.document = document
        self.entries: list[dict[str, Any]] = []
        self.sections: dict[str, list[dict[str, str]]] = {name: [] for name in document.sections}
        self.subject = self.reference("patient")
        self.encounter = self.reference("encounter")

    def url(self, name: str) -> str:
        return f"urn:uuid:{uuid5(_IDS, f'{self.document.person.id}/{name}')}"

    def reference(self, name: str) -> dict[str, str]:
        return {"reference": self.url(name)}

    def add(self, name: str, resource: dict[str, Any], section: str = "") -> None:
        url = self.url(name)
        whole = {"id": url.removeprefix("urn:uuid:"), **resource}
        self.entries.append({"fullUrl": url, "resource": whole})
        if section:
            self.sections[section].append({"reference": url})


def bundle(document: CareDocument) -> dict[str, Any]:
    """The document as a dictionary that JSON can hold."""
    writer = _Writer(document)
    _add_person(writer)
    _add_stay(writer)
    for line in document.lines:
        writer.add(line.id, _observation(writer, line), line.section)
    about = {"subject": writer.subject}
    for given in document.drugs:
        resource = drug(given) | about | {"context": writer.encounter}
        writer.add(given.id, resource, "drugs")
    for done in document.deeds:
        writer.add(done.id, deed(done) | about | {"encounter": writer.encounter}, "procedures")
    for filled in document.forms:
        resource = form(filled) | about | {"encounter": writer.encounter}
        writer.add(filled.id, resource, filled.section)
    for signed in document.papers:
        resource = paper(signed)
        owner = "patient" if signed.consent else "subject"
        writer.add(signed.id, resource | {owner: writer.subject}, "papers")
    for file in document.files:
        attachment: dict[str, Any] = {"contentType": file.media, "url": file.url}
        attachment |= {"title": file.title}
        if file.size_bytes is not None:
            attachment["size"] = file.size_bytes
        resource = {
            "resourceType": "DocumentReference",
            "status": "current",
            "type": {"text": file.title},
            "date": instant(file.at_ms),
            "content": [{"attachment": attachment}],
        }
        writer.add(file.id, resource | about, "ecg")
    for place, correction in enumerate(document.corrections):
        writer.add(f"correction/{place}", _provenance(writer, correction), "corrections")
    name = f"{document.person.id}/{document.made_ms}"
    found: dict[str, Any] = {
        "resourceType": "Bundle",
        "type": "document",
        "identifier": {"system": f"{document.base}:document", "value": name},
        "timestamp": instant(document.made_ms),
        "entry": [
            {"fullUrl": writer.url("composition"), "resource": _composition(writer)},
            *writer.entries,
        ],
    }
    if document.test:
        label = {
            "system": f"{TERMINOLOGY}/v3-ActReason",
            "code": "HTEST",
            "display": "test health data",
        }
        found["meta"] = {"security": [label]}
    return found


def _composition(writer: _Writer) -> dict[str, Any]:
    document = writer.document
    status = "preliminary"
    if document.signed_ms is not None:
        status = "amended" if document.amended else "final"
    found: dict[str, Any] = {
        "resourceType": "Composition",
        "id": writer.url("composition").removeprefix("urn:uuid:"),
        "language": document.language,
        "status": status,
        "type": concept(document.kind),
        "subject": writer.subject,
        "encounter": writer.encounter,
        "date": instant(document.made_ms),
        "author": [{"display": document.author}],
        "title": document.title,
        "section": [
            {"title": title, "entry": writer.sections[name]}
            for name, title in document.sections.items()
            if writer.sections[name]
        ],
    }
    if document.signed_ms is not None:
        found["attester"] = [
            {
                "mode": "professional",
                "time": instant(document.signed_ms),
                "party": {"display": document.signed_by},
            }
        ]
    return found


def _name(person: Person) -> dict[str, Any]:
    if person.name:
        return {"text": person.name}
    if person.working_name:
        # `temp` is the standard's use for a name given in an emergency.
        return {"use": "temp", "text": person.working_name}
    return {"extension": [absent(person.name_absent)]}


def _add_person(writer: _Writer) -> None:
    person = writer.document.person
    base = writer.document.base
    found: dict[str, Any] = {
        "resourceType": "Patient",
        "identifier": [{"system": f"{base}:patient", "value": person.id}],
        "name": [_name(person)],
        "gender": person.sex,
    }
    if person.id_number:
        found["identifier"].append({"type": {"text": "identity number"}, "value": person.id_number})
    if person.phone:
        found["telecom"] = [{"system": "phone", "value": person.phone}]
    if person.address:
        found["address"] = [{"text": person.address}]
    writer.add("patient", found, "person")
    whose = {"patient": writer.subject}
    for place, allergy in enumerate((*person.allergies, person.no_allergy)):
        if allergy is None:
            continue
        resource = {
            "resourceType": "AllergyIntolerance",
            "clinicalStatus": coding(f"{TERMINOLOGY}/allergyintolerance-clinical", "active"),
            "code": concept(allergy),
        }
        writer.add(f"allergy/{place}", resource | whose, "person")
    for place, text in enumerate(person.impressions):
        condition: dict[str, Any] = {
            "resourceType": "Condition",
            "verificationStatus": coding(f"{TERMINOLOGY}/condition-ver-status", "provisional"),
            "category": [coding(f"{TERMINOLOGY}/condition-category", "encounter-diagnosis")],
            "code": {"text": text},
            "subject": writer.subject,
            "encounter": writer.encounter,
        }
        if person.impression_ms is not None:
            condition["recordedDate"] = instant(person.impression_ms)
        writer.add(f"condition/{place}", condition, "complaint")


def _add_stay(writer: _Writer) -> None:
    stay, base = writer.document.stay, writer.document.base
    period = {"start": instant(stay.begun_ms)}
    status = "in-progress"
    if stay.ended_ms is not None:
        period["end"] = instant(stay.ended_ms)
        status = "cancelled" if stay.cancelled else "finished"
    places: list[dict[str, Any]] = []
    for name, title, kind in (
        ("location/vehicle", stay.vehicle, "ve"),
        ("location/hospital", stay.hospital, "bu"),
    ):
        if title:
            places.append({"location": writer.reference(name)})
            where = coding(f"{TERMINOLOGY}/location-physical-type", kind)
            resource = {"resourceType": "Location", "name": title, "physicalType": where}
            writer.add(name, resource, "times")
    if stay.place:
        places.append({"location": writer.reference("location/scene")})
        resource = {
            "resourceType": "Location",
            "description": stay.place,
            "address": {"text": stay.place},
        }
        writer.add("location/scene", resource, "times")
    found: dict[str, Any] = {
        "resourceType": "Encounter",
        "status": status,
        "class": {"system": f"{TERMINOLOGY}/v3-ActCode", "code": "EMER", "display": "emergency"},
        "subject": writer.subject,
        "period": period,
    }
    if stay.number:
        found["identifier"] = [{"system": f"{base}:case", "value": stay.number}]
    if places:
        found["location"] = places
    writer.add("encounter", found, "times")


def _observation(writer: _Writer, line: Line) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Observation",
        "status": _status(line),
        "category": [coding(f"{TERMINOLOGY}/observation-category", line.category)],
        "code": concept(line.concept),
        "subject": writer.subject,
        "encounter": writer.encounter,
    }
    if line.lasting is None:
        found["effectiveDateTime"] = instant(line.at_ms)
    else:
        found["effectivePeriod"] = {"start": instant(line.at_ms)}
        if line.lasting.until_ms is not None:
            found["effectivePeriod"]["end"] = instant(line.lasting.until_ms)
    if line.device:
        found["device"] = {"display": line.device}
    if line.by:
        found["performer"] = [{"display": line.by}]
    if line.value is not None:
        found |= value(line.value)
    elif not line.parts:
        found["dataAbsentReason"] = coding(ABSENT, line.absent or "unknown")
    if line.parts:
        found["component"] = [_component(part) for part in line.parts]
    if line.site:
        found["bodySite"] = concept(line.site)
    if notes := [text for text in (line.note, line.withdrawn) if text]:
        found["note"] = [{"text": text} for text in notes]
    return found


def _status(line: Line) -> str:
    if line.withdrawn:
        return "entered-in-error"
    unfinished = line.lasting is not None and line.lasting.until_ms is None
    return "preliminary" if unfinished else "final"


def _component(part: Part) -> dict[str, Any]:
    found = {"code": concept(part.concept)}
    if part.value is None:
        reason = coding(ABSENT, part.absent or "unknown")
        said = {"text": part.why} if part.why else {}
        return found | {"dataAbsentReason": reason | said}
    return found | value(part.value)


def _provenance(writer: _Writer, correction: Correction) -> dict[str, Any]:
    found: dict[str, Any] = {
        "resourceType": "Provenance",
        "target": [writer.reference(correction.target)],
        "recorded": instant(correction.at_ms),
        "activity": coding(f"{TERMINOLOGY}/v3-DataOperation", "UPDATE"),
        "agent": [{"who": {"display": correction.by}}],
        "entity": [{"role": "revision", "what": {"display": correction.was}}],
    }
    if correction.reason:
        found["reason"] = [{"text": correction.reason}]
    return found
