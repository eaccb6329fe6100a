"""The monitor double, judged by hl7apy (a third party) and by the product's own decoder."""

from itertools import pairwise
from random import Random  # noqa: TID251 (a seed fixes the test)

import pytest
from hl7apy.consts import VALIDATION_LEVEL
from hl7apy.parser import parse_message

from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.telemetry import Sign
from goldenhour.simulator.monitor import PROFILES, MonitorDouble, Patient, Profile, ReportWriter
from goldenhour.wire.hl7v2 import AckCode, Observation, Reason, build_ack, decode

DEVICE = "00A037EB21A00001"


def writer(seed: int = 1, *, cuff_period_s: float = 300) -> ReportWriter:
    monitor = MonitorDouble(device_id=DEVICE, profile=Profile.SEPSIS)
    return ReportWriter(monitor, Random(seed), cuff_period_s=cuff_period_s)


def read(raw: bytes) -> Observation:
    result = decode(raw)
    assert isinstance(result, Observation), result
    return result


def test_hl7apy_accepts_the_report_and_its_acknowledgements() -> None:
    raw = writer().next_report(elapsed_s=0, device_ms=1_767_225_600_000, lead_off=True)
    report = parse_message(raw.decode(), validation_level=VALIDATION_LEVEL.STRICT)
    assert report.validate()
    assert len(report.children.get("ORU_R01_PATIENT_RESULT")) == 1
    for code in AckCode:
        ack = build_ack(
            read(raw).envelope,
            code,
            at_ms=0,
            reason=Reason.DATA_TYPE,
            field="OBX-5",
            text="未存",
        )
        parsed = parse_message(ack.decode(), validation_level=VALIDATION_LEVEL.STRICT)
        assert parsed.validate()
        assert parsed.msa.msa_1.value == code
        assert parsed.msa.msa_2.value == "A00001-1"


def test_the_product_reads_every_sign_of_the_double() -> None:
    observation = read(writer().next_report(elapsed_s=0, device_ms=1_000_123, lead_off=False))
    assert observation.device_id == DEVICE
    assert observation.device_ms == 1_000_123
    assert observation.device_offset_min == 480
    assert observation.ignored == ()
    charted = {numeric.sign for numeric in observation.values if numeric.value is not None}
    assert charted == set(Sign) - {Sign.GLUCOSE}


def test_an_unplugged_oximeter_has_no_value_and_the_ecg_still_has() -> None:
    observation = read(writer().next_report(elapsed_s=0, device_ms=0, lead_off=True))
    empty = {numeric.sign for numeric in observation.values if numeric.value is None}
    assert empty == {Sign.SPO2, Sign.PULSE}


def test_the_cuff_repeats_its_last_measurement_with_its_time() -> None:
    reports = writer(cuff_period_s=60)
    first, second, third = (
        reports.next_report(elapsed_s=s, device_ms=s * 1000, lead_off=False) for s in (0, 59, 60)
    )

    def cuff(raw: bytes) -> list[bytes]:
        return [line for line in raw.split(b"\r") if b"NONINV_SYS" in line]

    assert cuff(first) == cuff(second)
    assert cuff(third) != cuff(first)


@pytest.mark.parametrize("profile", list(Profile))
def test_vitals_are_coherent_slow_and_follow_their_profile(profile: Profile) -> None:
    patient = Patient(profile, Random(7))
    samples = [patient.vitals(second) for second in range(1_801)]
    for before, after in pairwise(samples):
        assert after.diastolic < after.systolic
        assert 50 < after.spo2 <= 100
        assert abs(after.heart_rate - before.heart_rate) < 10
        assert abs(after.temp - before.temp) < 0.3
    last = PROFILES[profile][1]
    assert samples[-1].heart_rate == pytest.approx(last.heart_rate, abs=12)
    assert samples[-1].systolic == pytest.approx(last.systolic, abs=14)


def test_one_seed_one_story() -> None:
    one, same, other = (
        writer(seed).next_report(elapsed_s=5, device_ms=5, lead_off=False) for seed in (1, 1, 2)
    )
    assert one == same
    assert one != other


def test_what_it_alarms_by_itself_begins_goes_on_and_ends() -> None:
    """The product reads it as one alarm, in its own words and priority; hl7apy as HL7."""
    told = writer(cuff_period_s=1e9)
    told.next_report(elapsed_s=0, device_ms=0, lead_off=True)
    (first,) = told.next_alarms(device_ms=0)
    # hl7apy knows no ORU_R40, whose segments are those of ORU_R01.
    known = first.decode().replace("ORU^R40^ORU_R40", "ORU^R01^ORU_R01")
    assert parse_message(known, validation_level=VALIDATION_LEVEL.STRICT).validate()
    (begun,) = read(first).alarms
    assert read(first).values == ()
    assert (begun.device_id, begun.event, begun.value) == (DEVICE, "MDC_EVT_LEAD_OFF", "")
    assert (begun.words, begun.priority, begun.nature) == (
        "SpO2 探头脱落",
        Priority.LOW,
        "technical",
    )
    assert told.next_alarms(device_ms=9_000) == []
    (again,) = told.next_alarms(device_ms=10_000)
    assert read(again).alarms == (begun,)
    assert b"|continue|" in again
    told.next_report(elapsed_s=10, device_ms=10_000, lead_off=False)
    (last,) = told.next_alarms(device_ms=10_000)
    (ended,) = read(last).alarms
    assert (ended.key, ended.over) == (begun.key, True)


def test_a_sign_beyond_its_limit_is_told_with_value_and_limit() -> None:
    told = writer(cuff_period_s=1)
    told.next_report(elapsed_s=1_800, device_ms=0, lead_off=False)
    found = {one.source: one for raw in told.next_alarms(device_ms=0) for one in read(raw).alarms}
    pulse = found["MDC_ECG_HEART_RATE"]
    assert (pulse.event, pulse.priority, pulse.limits) == (
        "MDC_EVT_HI_VAL_GT_LIM",
        Priority.MEDIUM,
        "<120",
    )
    assert float(pulse.value.split()[0]) > 120
    assert found["MDC_PULS_OXIM_SAT_O2"].priority is Priority.HIGH
