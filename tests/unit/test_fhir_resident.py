"""A resident's record out of FHIR: what is understood, what is counted, what is refused."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.residents import bundle, concept, entry, state
from goldenhour.kernel.resident import Code, FactKind, FactWords, Resident, Standing
from goldenhour.wire.fhir import FhirError, next_page, read_everything, read_patients

PATIENT = {
    "resourceType": "Patient",
    "id": "r1",
    "identifier": [{"system": "urn:oid:2.16.156.10011.1.3", "value": "990000196203040017"}],
    "birthDate": "1962-03-04",
    "contact": [{"name": {"text": "周测试"}, "telecom": [{"value": "13900000000"}]}],
}


def read(*resources: dict[str, Any]) -> Resident:
    return read_everything([bundle(*resources)], "r1")


def test_patients_of_a_search() -> None:
    (found,) = read_patients(bundle(PATIENT))
    assert found.id == "r1"
    assert ("urn:oid:2.16.156.10011.1.3", "990000196203040017") in found.identifiers
    assert found.birth_day == "1962-03-04"
    assert read_patients(bundle()) == ()


def test_every_kind_of_entry() -> None:
    found = read(
            PATIENT,
            entry(
                "Condition", "c1", code=concept("icd10|J44.9", "慢阻肺"),
                clinicalStatus=state("active"), verificationStatus=state("confirmed"),
                onsetDateTime="2019", recordedDate="2026-09-30T08:00:00+08:00",
                recorder={"display": "安澜市人民医院"},
            ),
            entry(
                "AllergyIntolerance", "a1", code=concept("", "青霉素"), criticality="high",
                reaction=[{"manifestation": [concept("snomed|39579001", "过敏性休克")]}],
            ),
            entry(
                "MedicationStatement", "m1", status="stopped",
                medicationCodeableConcept=concept("atc|B01AA03", "华法林"),
            ),
            entry(
                "Observation", "o1", code=concept("loinc|718-7", "血红蛋白"),
                valueQuantity={"value": 58, "code": "g/L"}, effectiveDateTime="2026-11-02",
            ),
            entry(
                "Observation", "o2", code=concept("loinc|11545-1", "结核培养"),
                valueCodeableConcept=concept("snomed|260385009", "阴性"),
            ),
            entry("Device", "d1", type=concept("snomed|14106009", "起搏器"), status="active"),
            entry("Flag", "f1", code=concept("", "器官捐献登记"), status="active"),
            entry("Consent", "k1", category=[concept("", "生前预嘱")], status="active"),
    )  # fmt: skip
    assert [(one.id, one.kind, one.standing) for one in found.facts] == [
        ("Condition/c1", FactKind.CONDITION, Standing.ACTIVE),
        ("AllergyIntolerance/a1", FactKind.ALLERGY, Standing.ACTIVE),
        ("MedicationStatement/m1", FactKind.MEDICINE, Standing.PAST),
        ("Observation/o1", FactKind.OBSERVATION, Standing.ACTIVE),
        ("Observation/o2", FactKind.OBSERVATION, Standing.REFUTED),
        ("Device/d1", FactKind.DEVICE, Standing.ACTIVE),
        ("Flag/f1", FactKind.DIRECTIVE, Standing.ACTIVE),
        ("Consent/k1", FactKind.DIRECTIVE, Standing.ACTIVE),
    ]
    copd, allergy, _, haemoglobin, *_ = found.facts
    assert copd.codes == (Code(system="icd10", code="J44.9"),)
    assert (copd.day, copd.told_day, copd.verified) == ("2019", "2026-09-30", True)
    assert allergy.severity == "anaphylaxis"
    assert (haemoglobin.value, haemoglobin.unit, haemoglobin.day) == (58.0, "g/L", "2026-11-02")
    assert found.words.facts["Condition/c1"] == FactWords(name="慢阻肺", source="安澜市人民医院")
    assert found.words.facts["AllergyIntolerance/a1"].reaction == "过敏性休克"
    assert found.words.contacts == ("周测试 13900000000",)
    assert found.not_understood == 0


def test_no_words_stand_among_the_facts() -> None:
    condition = entry("Condition", "c1", code=concept("icd10|I10", "高血压"))
    facts = read(PATIENT, condition).facts
    assert "高血压" not in msgspec.json.encode(facts).decode()


def test_what_is_not_understood_is_counted() -> None:
    found = read(
        PATIENT,
        entry("Immunization", "i1"),
        entry("Condition", "c1"),
        entry("Condition", "c2", code=concept("icd10|I10")),
        entry("Condition", "c2", code=concept("icd10|E11")),
        {"resourceType": "Condition", "id": "c3", "code": concept("icd10|I48")},
        {"odd": 1},
    )
    assert [one.id for one in found.facts] == ["Condition/c2"]
    assert found.not_understood == 5


def test_entered_in_error_was_never_written() -> None:
    void = entry(
        "AllergyIntolerance", "a1", code=concept("", "青霉素"),
        verificationStatus=state("entered-in-error"),
    )  # fmt: skip
    found = read(PATIENT, void)
    assert (found.facts, found.not_understood) == ((), 0)


def test_a_record_with_two_people_in_it_is_refused() -> None:
    other = entry("Condition", "c1", code=concept("icd10|I10")) | {
        "subject": {"reference": "Patient/r2"}
    }
    for wrong in (other, PATIENT | {"id": "r2"}):
        with pytest.raises(FhirError) as raised:
            read(PATIENT, wrong)
        assert raised.value.code == "wrong_person"


def test_a_record_of_several_pages() -> None:
    pages = [
        bundle(PATIENT, entry("Condition", "c1", code=concept("icd10|I10"))),
        bundle(entry("Condition", "c2", code=concept("icd10|E11"))),
    ]
    assert [one.id for one in read_everything(pages, "r1").facts] == [
        "Condition/c1",
        "Condition/c2",
    ]
    first = msgspec.json.decode(pages[0]) | {"link": [{"relation": "next", "url": "https://r/2"}]}
    assert next_page(msgspec.json.encode(first)) == "https://r/2"
    assert next_page(pages[1]) == ""


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"resourceType":"Patient"}', b"\xff"])
def test_what_is_no_bundle_is_not_understood(body: bytes) -> None:
    with pytest.raises(FhirError) as raised:
        read_everything([body], "r1")
    assert raised.value.code == "not_understood"


json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3)
    ),
    max_leaves=8,
)
NAMES = (
    "code", "status", "clinicalStatus", "verificationStatus", "reaction", "valueQuantity",
    "onsetDateTime", "onsetPeriod", "recordedDate", "meta", "performer", "recorder", "category",
    "type", "medicationCodeableConcept", "valueCodeableConcept", "contact", "identifier",
)  # fmt: skip
resources = st.builds(
    lambda kind, more: entry(kind, "x1") | more,
    st.sampled_from(
        ["Condition", "AllergyIntolerance", "MedicationStatement", "Observation", "Device", "Flag",
         "Consent", "Patient", "Other"]
    ),
    st.dictionaries(st.sampled_from([*NAMES, "id", "subject", "coding"]), json, max_size=4),
)  # fmt: skip


def refusal(read: Callable[[], Any]) -> str:
    """The code that a reading was refused with; empty: it was read."""
    try:
        read()
    except FhirError as error:
        return error.code
    return ""


@given(st.lists(resources | json, max_size=4))
def test_any_bundle_is_read_or_refused(found: list[Any]) -> None:
    body = msgspec.json.encode(
        {"resourceType": "Bundle", "entry": [{"resource": one} for one in found]}
    )
    assert refusal(lambda: read_everything([body], "r1")) in ("", "wrong_person")
    assert refusal(lambda: read_patients(body)) == ""


@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    assert refusal(lambda: read_patients(body)) in ("", "not_understood")
