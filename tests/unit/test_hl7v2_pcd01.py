"""Frames in the manner of real monitors and gateways, with the faults seen in public ones."""

from datetime import UTC, datetime

# ruff: noqa: E501 (a table of cases reads best with one case a line)
import msgspec
import pytest
from hl7v2_frames import COMEN, DOUBTFUL_GATEWAY, GE, MINDRAY, frame, obx, seen

from goldenhour.kernel.telemetry import Numeric, Sign
from goldenhour.kernel.time import from_datetime
from goldenhour.wire.hl7v2 import (
    AckCode,
    Envelope,
    Observation,
    Reason,
    Rejected,
    build_ack,
    decode,
)

PERCENT = "262688^MDC_DIM_PERCENT^MDC"
SPO2 = "150456^MDC_PULS_OXIM_SAT_O2^MDC"


def values(observation: Observation) -> dict[Sign, float | None]:
    return {numeric.sign: numeric.value for numeric in observation.values}


def only(*rows: str) -> Numeric:
    (numeric,) = seen(frame(*rows)).values
    return numeric


def test_a_profile_conformant_gateway() -> None:
    observation = seen(MINDRAY)
    assert observation.device_id == "000F14049B507238"  # the monitor's, not the gateway's
    assert values(observation) == {
        Sign.HEART_RATE: 66,
        Sign.PULSE: 65,
        Sign.SPO2: 98,
        Sign.RESP: 17,
        Sign.NIBP_SYS: 121,
        Sign.NIBP_DIA: 79,
        Sign.NIBP_MEAN: 93,
    }
    assert observation.device_ms == from_datetime(datetime(2026, 9, 12, 6, 30, tzinfo=UTC))
    assert observation.device_offset_min == 330
    assert "352^MNDRY_ECG_VPB_RATE^99MNDRY" in observation.ignored
    assert not any("MDS" in code for code in observation.ignored)
    assert observation.envelope.control_id == "5512"


def test_a_value_that_is_told_again_says_how_old_it_is() -> None:
    ages = {numeric.sign: numeric.age_ms for numeric in seen(MINDRAY).values}
    assert {ages[sign] for sign in (Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MEAN)} == {300_000}
    assert ages[Sign.HEART_RATE] == 0
    # A row whose clock was never set says nothing of its age.
    unset = MINDRAY.replace("20260912115500", "20000101000000")
    assert {numeric.age_ms for numeric in seen(unset).values} == {0}


def test_a_row_without_a_time_is_of_the_request_and_the_cuffs_own_is_older() -> None:
    cuff = "OBX|1|NM|150021^MDC_PRESS_BLD_NONINV_SYS^MDC|1.1.9.1|121|266016^MDC_DIM_MMHG^MDC"
    rate = "OBX|2|NM|147842^MDC_ECG_HEART_RATE^MDC|1.7.4.1|66|264864^MDC_DIM_BEAT_PER_MIN^MDC"
    observation = seen(frame(f"{cuff}|||||R|||20260912112000+0800", f"{rate}|||||R"))
    ages = {numeric.sign: numeric.age_ms for numeric in observation.values}
    assert ages == {Sign.HEART_RATE: 0, Sign.NIBP_SYS: 40 * 60_000}
    assert observation.device_ms == from_datetime(datetime(2026, 9, 12, 4, 0, tzinfo=UTC))


def test_a_bedside_monitor_without_any_of_the_optional_fields() -> None:
    observation = seen(COMEN)
    assert observation.device_id == "KC575235977G"  # MSH-4: MSH-3 is empty, OBX-18 absent
    assert values(observation) == {
        Sign.HEART_RATE: 89,
        Sign.PULSE: 88,
        Sign.SPO2: 97,
        Sign.RESP: 18,
        Sign.NIBP_SYS: 128,  # known by its name: the maker's code is that of another pressure
        Sign.NIBP_DIA: 76,
        Sign.NIBP_MEAN: 93,
        Sign.TEMP: 36.8,
    }
    assert observation.patient_name == ""
    assert observation.ignored == ("2453^COMEN_POS_BODY^99COMEN",)
    # No offset anywhere: a Chinese clock.
    assert observation.device_offset_min is None
    assert observation.device_ms == from_datetime(datetime(2026, 7, 26, 4, 5, tzinfo=UTC))


def test_a_gateway_that_misspells_and_separates_with_a_tilde() -> None:
    assert values(seen(DOUBTFUL_GATEWAY)) == {Sign.PULSE: 83, Sign.SPO2: 100, Sign.TEMP: 36.4}


def test_a_maker_whose_names_are_right_and_codes_wrong() -> None:
    assert values(seen(GE)) == {Sign.HEART_RATE: 72, Sign.RESP: 16, Sign.ETCO2: 35}


def test_capnometry_under_the_code_of_oximetry_never_charts_as_spo2() -> None:
    row = obx("150456^MDC_CO2_ET^MDC", "35", "266016^MDC_DIM_MMHG^MDC")
    assert only(row) == Numeric(sign=Sign.SPO2, value=None, note="mmHg is no unit of spo2")
    row = obx("150456^MDC_TEMP^MDC", "36", PERCENT)
    assert only(row) == Numeric(
        sign=Sign.SPO2, value=None, note="the code says spo2, the name temp"
    )


@pytest.mark.parametrize("status", ["R", "F", "X", ""])
def test_8388607_never_charts(status: str) -> None:
    numeric = only(obx(SPO2, "8388607", PERCENT, status=status))
    assert numeric.value is None
    assert numeric.note


@pytest.mark.parametrize(
    ("text", "status", "note"),
    [
        ("97", "X", "not available (OBX-11 X)"),
        ("97", "D", "not available (OBX-11 D)"),
        ("", "R", "empty"),
        ("8388607.0", "F", "not available (8388607)"),
        ("LO", "F", "not a number: LO"),
        ("nan", "F", "not a number: nan"),
        ("1e2", "F", "not a number: 1e2"),
        ("９７", "F", "not a number: ９７"),
        ("101", "F", "impossible: 101 is outside 0 to 100"),
        ("-1", "F", "impossible: -1 is outside 0 to 100"),
    ],
)
def test_no_value_is_none_with_its_reason(text: str, status: str, note: str) -> None:
    assert only(obx(SPO2, text, PERCENT, status=status)) == Numeric(
        sign=Sign.SPO2, value=None, note=note
    )


@pytest.mark.parametrize(
    ("code", "text", "unit", "value", "note"),
    [
        ("150344^MDC_TEMP^MDC", "98.6", "268160^MDC_DIM_FAHR^MDC", 37.0, "converted from degF"),
        ("150344^MDC_TEMP^MDC", "98.6", "^MDC_DIM_FAHR^MDC", 37.0, "converted from degF"),
        ("150344^MDC_TEMP^MDC", "98.6", "[degF]^[degF]^UCUM", 37.0, "converted from degF"),
        ("150344^MDC_TEMP^MDC", "36.6", "Cel^Cel~UCUM", 36.6, ""),
        ("150344^MDC_TEMP^MDC", "98.6", "268192^MDC_DIM_DEGC^MDC", None, "impossible: 98.6 is outside 0 to 50"),
        ("150344^MDC_TEMP^MDC", "36.6", "", None, "no unit"),
        ("150344^MDC_TEMP^MDC", "98.6", "268192^MDC_DIM_FAHR^MDC", None, "the unit's code and name disagree: 268192^MDC_DIM_FAHR^MDC"),
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "16", "265987^MDC_DIM_KILO_PASCAL^MDC", 120.01, "converted from kPa"),
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "120", "mm[Hg]^mm[Hg]^UCUM", 120, ""),
        ("150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "120", "", None, "no unit"),
        ("160184^MDC_CONC_GLU_CAPILLARY_WHOLEBLOOD^MDC", "90", "264274^MDC_DIM_MILLI_G_PER_DL^MDC", 5.0, "converted from mg/dL"),
        ("147842^MDC_ECG_HEART_RATE^MDC", "0", "{beat}/min^{beat}/min^UCUM", 0, ""),
        ("147842^MDC_ECG_HEART_RATE^MDC", "72", "", 72, ""),
        ("147842^MDC_ECG_HEART_RATE^MDC", "72", "1^FURLONG^X", None, "unknown unit: 1^FURLONG^X"),
        ("^MDC_ECG_HEART_RATE^MDC", "72", "", 72, ""),
        ("2.1^PR^99COMEN^147842^MDC_ECG_HEART_RATE^MDC", "72", "", 72, ""),
    ],
)  # fmt: skip
def test_units_are_converted_by_obx_6_only(
    code: str, text: str, unit: str, value: float | None, note: str
) -> None:
    numeric = only(obx(code, text, unit))
    assert (numeric.value, numeric.note) == (value, note)


def test_a_private_code_with_a_familiar_number_is_only_listed() -> None:
    observation = seen(frame(obx("150456^MY_INDEX^99COMEN", "12", PERCENT)))
    assert observation.values == ()
    assert observation.ignored == ("150456^MY_INDEX^99COMEN",)


def test_an_arterial_line_is_no_cuff() -> None:
    code = "150033^MDC_PRESS_BLD_ART_SYS^MDC"
    observation = seen(frame(obx(code, "112", "266016^MDC_DIM_MMHG^MDC")))
    assert (observation.values, observation.ignored) == ((), (code,))


def test_of_two_oximeters_the_one_with_a_value_then_the_lower_place() -> None:
    off = obx(SPO2, "8388607", PERCENT, place="1.3.1.1")
    second = obx(SPO2, "95", PERCENT, place="1.10.2.1")
    first = obx(SPO2, "97", PERCENT, place="1.3.2.1")
    assert only(off, second, first).value == 97
    assert only(second, off).value == 95
    assert only(off).value is None


def test_the_better_code_beats_the_lower_place() -> None:
    unit = "264864^MDC_DIM_BEAT_PER_MIN^MDC"
    cuff = obx("149546^MDC_PULS_RATE_NON_INV^MDC", "70", unit, place="1.1.1.1")
    oximeter = obx("149530^MDC_PULS_OXIM_PULS_RATE^MDC", "71", unit, place="1.9.1.1")
    assert only(cuff, oximeter).value == 71


def test_a_cuff_measurement_is_never_mixed_from_two_places() -> None:
    unit = "266016^MDC_DIM_MMHG^MDC"
    systolic, diastolic = "150021^MDC_PRESS_BLD_NONINV_SYS^MDC", "150022^X^MDC"
    observation = seen(
        frame(
            obx(systolic, "90", unit, place="1.1.1.1"),
            obx(diastolic, "8388607", unit, place="1.1.1.2"),
            obx(systolic, "140", unit, place="1.2.1.1"),
            obx(diastolic, "80", unit, place="1.2.1.2"),
        )
    )
    assert values(observation) == {Sign.NIBP_SYS: 140, Sign.NIBP_DIA: 80}


@pytest.mark.parametrize(
    ("declared", "charset"),
    [
        ("UNICODE UTF-8", "utf-8"),
        ("GB 18030-2000", "gb18030"),
        ("", "utf-8"),
        ("", "gb18030"),
        ("UNICODE UTF-8", "gb18030"),  # declares one and sends the other
    ],
)
@pytest.mark.parametrize(
    "name", ["张^丽娟", "联^通", "亅^亅亅"]
)  # 亅 ends in 7C, the field separator
def test_chinese_names_survive(name: str, charset: str, declared: str) -> None:
    raw = frame(obx(SPO2, "97", PERCENT), charset=declared, name=name).encode(charset)
    observation = decode(raw)
    assert isinstance(observation, Observation)
    assert observation.patient_name == name.replace("^", " ")
    assert values(observation) == {Sign.SPO2: 97}


def test_a_declaration_decides_where_bytes_fit_both_character_sets() -> None:
    raw = frame(obx(SPO2, "97", PERCENT), charset="GB 18030-2000", name="毛^茂").encode("gb18030")
    assert raw.decode("utf-8")  # these bytes are readable as UTF-8 too, and wrong
    observation = decode(raw)
    assert isinstance(observation, Observation)
    assert observation.patient_name == "毛 茂"


def test_a_module_with_a_number_of_its_own_is_not_the_monitor() -> None:
    module = obx(SPO2, "97", PERCENT) + "||||AABBCCDDEEFF0011^OXIMETER^AABBCCDDEEFF0011^EUI-64"
    assert seen(frame(module)).device_id == "00A037EB21A00001"
    nameless = frame(module).replace("MON^00A037EB21A00001^EUI-64", "")
    assert seen(nameless).device_id == "AABBCCDDEEFF0011"


def test_latin_1_is_read_when_declared() -> None:
    raw = frame(obx(SPO2, "97", PERCENT), charset="8859/1", name="Lofasz^José").encode("latin-1")
    observation = decode(raw)
    assert isinstance(observation, Observation)
    assert observation.patient_name == "Lofasz José"
    assert values(observation) == {Sign.SPO2: 97}


@pytest.mark.parametrize(
    ("time", "expected"),
    [
        ("20260102030405.1234+0800", datetime(2026, 1, 1, 19, 4, 5, 123000, tzinfo=UTC)),
        ("202601020304+0000", datetime(2026, 1, 2, 3, 4, tzinfo=UTC)),
        ("20260102030405", datetime(2026, 1, 1, 21, 34, 5, tzinfo=UTC)),  # the offset of MSH-7
        ("20261302030405+0800", None),
        ("20260102", None),
        ("20260102030405+2900", None),
    ],
)
def test_the_device_time_keeps_its_offset(time: str, expected: datetime | None) -> None:
    raw = frame(obx(SPO2, "97", PERCENT, time=time), time="20250101000000+0530")
    at = datetime(2024, 12, 31, 18, 30, tzinfo=UTC) if expected is None else expected
    assert seen(raw).device_ms == from_datetime(at)


@pytest.mark.parametrize(
    ("raw", "field", "reason"),
    [
        (b"", "MSH", Reason.REQUIRED_FIELD),
        (b"\xff\xfe\x00", "MSH", Reason.REQUIRED_FIELD),
        (b"PID|||1\r", "MSH", Reason.REQUIRED_FIELD),
        (b"MSH||||||||||||||\r", "MSH-2", Reason.DATA_TYPE),
        (b"MSH|^~\\&|A|||||||1|P|2.6\r", "MSH-9", Reason.MESSAGE_TYPE),
        (b"MSH|^~\\&|A||||||ADT^A08|1|P|2.6\r", "MSH-9", Reason.MESSAGE_TYPE),
        (b"MSH|^~\\&|A||||||ORU^R01|1|P|3\r", "MSH-12", Reason.VERSION),
        (b"MSH|^~\\&|||||||ORU^R01|1|P|2.6\r", "MSH-3", Reason.REQUIRED_FIELD),
    ],
)
def test_a_refusal_names_the_field(raw: bytes, field: str, reason: Reason) -> None:
    result = decode(raw)
    assert isinstance(result, Rejected)
    assert (result.field, result.reason) == (field, reason)


def test_an_acknowledgement_speaks_the_peers_dialect() -> None:
    raw = frame(obx(SPO2, "97", PERCENT), charset="GB 18030-2000", control_id="号1").translate(
        str.maketrans("|^", "#$")
    )
    observation = decode(raw.encode("gb18030"))
    assert isinstance(observation, Observation)
    ack = build_ack(
        observation.envelope,
        AckCode.ERROR,
        at_ms=0,
        reason=Reason.INTERNAL,
        field="OBX-5",
        text="a#b\r未存",
    ).decode("gb18030")
    assert ack.split("\r") == [
        "MSH#$~\\&#GOLDENHOUR##MON$00A037EB21A00001$EUI-64##19700101000000+0000##ACK$R01$ACK#号1#P#2.6###NE#NE##GB 18030-2000",
        "MSA#AE#号1#a\\F\\b 未存",
        "ERR##OBX$1$5#207$INTERNAL$HL70357#E####a\\F\\b 未存",
        "",
    ]


def test_values_can_be_stored_and_read_again() -> None:
    observation = seen(MINDRAY)
    assert msgspec.json.decode(msgspec.json.encode(observation), type=Observation) == observation
    assert isinstance(observation.envelope, Envelope)
