"""What the made-up residents have: each story shows something that a portrait must get right.

Entries are (kind, days ago, further fields of FHIR); codes are as the content names them.
"""

from typing import Any, Final, NamedTuple

Entry = tuple[str, int, dict[str, Any]]


class Story(NamedTuple):
    about: str
    male: bool
    ages_y: tuple[int, int]
    entries: tuple[Entry, ...]


_ICD: Final = "http://hl7.org/fhir/sid/icd-10"
_ATC: Final = "http://www.whocc.no/atc"
_LOINC: Final = "http://loinc.org"
_SNOMED: Final = "http://snomed.info/sct"
_HOSPITAL: Final = "安澜市人民医院 出院小结(虚构)"
_CLINIC: Final = "澜溪社区卫生服务中心 慢病随访(虚构)"


def _concept(system: str, code: str, text: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code}], "text": text}


def _state(word: str) -> dict[str, Any]:
    return {"coding": [{"code": word}]}


def _has(
    code: str, text: str, days_ago: int, state: str = "active", source: str = _HOSPITAL
) -> Entry:
    fields = {
        "code": _concept(_ICD, code, text),
        "clinicalStatus": _state(state),
        "verificationStatus": _state("confirmed"),
        "recorder": {"display": source},
    }
    return "Condition", days_ago, fields


def _takes(code: str, text: str, days_ago: int, status: str = "active") -> Entry:
    fields = {
        "status": status,
        "medicationCodeableConcept": _concept(_ATC, code, text),
        "informationSource": {"display": "澜溪社区卫生服务中心(虚构)"},
    }
    return "MedicationStatement", days_ago, fields


def _allergic(text: str, reaction: str, days_ago: int, **more: Any) -> Entry:
    fields = {
        "code": {"text": text},
        "clinicalStatus": _state("active"),
        "verificationStatus": _state("confirmed"),
        "reaction": [{"manifestation": [{"text": reaction}]}],
        "recorder": {"display": _HOSPITAL},
    }
    return "AllergyIntolerance", days_ago, fields | more


def _measured(code: str, text: str, value: float, unit: str, days_ago: int) -> Entry:
    fields = {
        "status": "final",
        "code": _concept(_LOINC, code, text),
        "valueQuantity": {"value": value, "unit": unit, "code": unit},
        "performer": [{"display": "安澜市人民医院 检验科(虚构)"}],
    }
    return "Observation", days_ago, fields


def _tested(code: str, text: str, *, positive: bool, days_ago: int) -> Entry:
    answer = ("10828004", "阳性") if positive else ("260385009", "阴性")
    fields = {
        "status": "final",
        "code": _concept(_LOINC, code, text),
        "valueCodeableConcept": _concept(_SNOMED, *answer),
        "performer": [{"display": "安澜市疾控中心(虚构)"}],
    }
    return "Observation", days_ago, fields


_EGFR: Final = "mL/min/{1.73_m2}"
STORIES: Final = (
    Story(
        "penicillin anaphylaxis; hypertension, diabetes, ulcer",
        True,
        (60, 66),
        (
            _allergic("青霉素", "过敏性休克", 2_700, criticality="high"),
            _has("I10", "高血压病", 4_000, source=_CLINIC),
            _has("E11.9", "2型糖尿病", 2_900, source=_CLINIC),
            _has("K25.3", "胃溃疡", 1_600, "resolved"),
            _takes("C08CA01", "氨氯地平", 52),
            _takes("A10BA02", "二甲双胍", 52),
            _measured("33914-3", "估算肾小球滤过率", 82, _EGFR, 52),
        ),
    ),
    Story(
        "COPD with oxygen at home; own saturation 91 %",
        True,
        (68, 80),
        (
            _has("J44.9", "慢性阻塞性肺疾病", 3_000, source=_CLINIC),
            _takes("V03AN01", "家庭氧疗", 300),
            _measured("59408-5", "静息血氧饱和度", 91, "%", 40),
            _has("I27.9", "肺心病", 800),
        ),
    ),
    Story(
        "atrial fibrillation on warfarin; old stroke",
        False,
        (70, 84),
        (
            _has("I48", "心房颤动", 2_000, source=_CLINIC),
            _has("I63.9", "脑梗死", 1_500, "resolved"),
            _takes("B01AA03", "华法林钠片", 30),
            _takes("C07AB02", "美托洛尔", 30),
            _measured("6301-6", "国际标准化比值", 2.4, "{INR}", 20),
        ),
    ),
    Story(
        "open tuberculosis three months ago, no negative test",
        True,
        (28, 55),
        (
            _has("A15.0", "肺结核, 痰涂片阳性", 92),
            _tested("11545-1", "痰抗酸杆菌", positive=True, days_ago=92),
        ),
    ),
    Story(
        "dialysis with a fistula arm; heart failure",
        False,
        (50, 70),
        (
            _has("N18.6", "慢性肾衰竭, 尿毒症期", 1_200),
            _has("Z99.2", "维持性血液透析, 左前臂内瘘", 900),
            _has("I50.9", "心力衰竭", 400),
            _measured("718-7", "血红蛋白", 78, "g/L", 12),
            _measured("2823-3", "血钾", 5.4, "mmol/L", 12),
        ),
    ),
    Story(
        "pacemaker and defibrillator; advance directive",
        True,
        (62, 78),
        (
            _has("I25.5", "缺血性心肌病", 1_800),
            (
                "Device",
                700,
                {"status": "active", "type": _concept(_SNOMED, "72506001", "植入式心律转复除颤器")},
            ),
            ("Consent", 200, {"status": "active", "category": [{"text": "生前预嘱"}]}),
            _takes("B01AC04", "氯吡格雷", 60),
        ),
    ),
    Story(
        "two sources disagree about penicillin",
        False,
        (30, 50),
        (
            _allergic("青霉素", "皮疹", 1_000),
            (
                "AllergyIntolerance",
                100,
                {
                    "code": _concept(_SNOMED, "716186003", "无已知过敏"),
                    "clinicalStatus": _state("active"),
                    "recorder": {"display": "澜溪社区卫生服务中心(虚构)"},
                },
            ),
            _has("J45.9", "支气管哮喘", 1_500, source=_CLINIC),
        ),
    ),
    Story(
        "hepatitis B and a penicillin test refuted; healthy otherwise",
        True,
        (25, 45),
        (
            _has("B18.1", "慢性乙型病毒性肝炎", 2_000),
            _allergic("青霉素", "皮疹", 3_000, verificationStatus=_state("refuted")),
            _measured("1742-6", "丙氨酸氨基转移酶", 31, "U/L", 90),
        ),
    ),
    Story(
        "high-risk pregnancy",
        False,
        (24, 38),
        (
            _has("O14.0", "子痫前期", 30),
            _has("Z35.8", "高危妊娠监督", 60),
            _measured("718-7", "血红蛋白", 104, "g/L", 20),
        ),
    ),
    Story(
        "child: preterm, congenital heart disease",
        True,
        (2, 6),
        (_has("P07.3", "早产儿", 1_500), _has("Q21.0", "室间隔缺损", 1_400)),
    ),
    Story("a record with nothing in it", False, (20, 40), ()),
    Story(
        "intracranial haemorrhage six weeks ago; epilepsy; depression",
        True,
        (45, 65),
        (
            _has("I61.9", "脑出血", 42),
            _has("G40.9", "癫痫", 30),
            _has("F32.9", "抑郁发作", 700),
            ("Immunization", 300, {"status": "completed"}),
        ),
    ),
)
