from typing import Any

import pytest

from goldenhour.content import load
from goldenhour.domain.care import Alarm, Plausibility, Verdict, check_pressure, check_vital
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.telemetry import Sign

VITALS = load().vitals


def check(sign: str, value: Any, **facts: Answer) -> Plausibility:
    return check_vital(VITALS, Sign(sign), value, facts)


@pytest.mark.parametrize(
    ("sign", "value", "facts", "verdict", "alarm"),
    [
        ("heart_rate", 145, {"age_y": 6}, "ok", "high"),
        ("nibp_sys", 75, {"age_y": 3}, "ok", "low"),
        ("nibp_sys", 76, {"age_y": 3}, "ok", None),
        ("temp", 45, {"age_y": 40}, "implausible", None),
        ("spo2", 101, {}, "rejected", None),
        ("heart_rate", 0, {"age_y": 40}, "implausible", "critical_low"),
        ("heart_rate", 0, {"age_y": 40, "arrest": True}, "ok", "critical_low"),
        ("heart_rate", -1, {}, "rejected", None),
        ("heart_rate", float("nan"), {}, "rejected", None),
        # every age band of the table, at its alarm limits
        ("heart_rate", 79, {"age_y": 0.02, "age_d": 7}, "ok", "low"),
        ("heart_rate", 215, {"age_y": 0.02, "age_d": 7}, "ok", None),
        ("heart_rate", 221, {"age_y": 0.02, "age_d": 7}, "ok", "high"),
        ("heart_rate", 211, {"age_y": 0.5, "age_d": 180}, "ok", "high"),
        ("heart_rate", 69, {"age_y": 2.9}, "ok", "low"),
        ("heart_rate", 161, {"age_y": 5}, "ok", "high"),
        ("heart_rate", 54, {"age_y": 11}, "ok", "low"),
        ("heart_rate", 131, {"age_y": 17}, "ok", "high"),
        ("heart_rate", 49, {"age_y": 40}, "ok", "low"),
        ("heart_rate", 50, {"age_y": 40}, "ok", None),
        ("heart_rate", 121, {"age_y": 40}, "ok", "high"),
        ("heart_rate", 151, {"age_y": 40}, "ok", "critical_high"),
        # asystole and apnoea are critical at any age
        ("heart_rate", 0, {"age_y": 0.02, "age_d": 7}, "implausible", "critical_low"),
        ("heart_rate", 0, {"age_y": 9, "arrest": True}, "ok", "critical_low"),
        ("heart_rate", 1, {"age_y": 9}, "implausible", "low"),
        ("resp", 0, {"age_y": 0.5, "age_d": 180}, "implausible", "critical_low"),
        ("resp", 0, {"age_y": 40}, "implausible", "critical_low"),
        ("resp", 0, {"apnoea": True}, "ok", "critical_low"),
        ("resp", 1, {"age_y": 40}, "implausible", "low"),
        ("resp", 71, {"age_d": 7, "age_y": 0.02}, "implausible", "high"),
        ("resp", 15, {"age_y": 2}, "ok", "low"),
        ("resp", 31, {"age_y": 40}, "ok", "high"),
        ("nibp_sys", 59, {"age_y": 0.02, "age_d": 7}, "ok", "low"),
        ("nibp_sys", 69, {"age_y": 0.5, "age_d": 180}, "ok", "low"),
        ("nibp_sys", 71, {"age_y": 1.9}, "ok", "low"),
        ("nibp_sys", 89, {"age_y": 10}, "ok", "low"),
        ("nibp_sys", 88, {"age_y": 9.9}, "ok", None),
        ("nibp_sys", 69, {"age_y": 40}, "ok", "critical_low"),
        ("nibp_sys", 105, {"age_y": 70, "trauma": True}, "ok", "low"),
        ("nibp_sys", 105, {"age_y": 70, "trauma": False}, "ok", None),
        ("nibp_sys", 140, {"age_y": 30, "pregnant": True, "pregnant_wk": 34}, "ok", "high"),
        (
            "nibp_sys",
            160,
            {"age_y": 30, "pregnant": True, "pregnant_wk": 34},
            "ok",
            "critical_high",
        ),
        (
            "nibp_dia",
            110,
            {"age_y": 30, "pregnant": True, "pregnant_wk": 34},
            "ok",
            "critical_high",
        ),
        ("nibp_sys", 160, {"age_y": 30, "pregnant": True}, "ok", "critical_high"),
        ("nibp_sys", 160, {"age_y": 30, "pregnant": True, "pregnant_wk": 12}, "ok", None),
        ("spo2", 93, {"age_y": 40}, "ok", "low"),
        ("spo2", 90, {"age_y": 40, "chronic_hypoxia": True}, "ok", None),
        ("spo2", 79, {"age_y": 40, "chronic_hypoxia": True}, "ok", "critical_low"),
        ("glucose", 60, {}, "implausible", None),
    ],
)
def test_vital_signs(
    sign: str, value: Any, facts: dict[str, Any], verdict: str, alarm: str | None
) -> None:
    found = check(sign, value, **facts)
    assert found.verdict is Verdict(verdict)
    assert found.alarm is (Alarm(alarm) if alarm else None)


@pytest.mark.parametrize("age_d", [7, 180, 800, 1500, 3000, 5000, 15_000])
def test_a_pulse_alarms_as_a_heart_rate_does(age_d: int) -> None:
    facts: dict[str, Answer] = {"age_d": age_d, "age_y": age_d / 365.25}
    for value in range(0, 260, 5):
        assert check("pulse", value, **facts) == check("heart_rate", value, **facts)


def test_an_unknown_age_takes_adult_limits_and_says_so() -> None:
    found = check("heart_rate", 130)
    assert (found.alarm, found.limit_id) == (Alarm.HIGH, "adult")
    assert "age_y" in found.missing


@pytest.mark.parametrize(
    ("sbp", "dbp", "verdict"),
    [
        (85, 90, Verdict.REJECTED),
        (90, 90, Verdict.REJECTED),
        (90, 80, Verdict.IMPLAUSIBLE),
        (220, 90, Verdict.IMPLAUSIBLE),
        (120, 80, Verdict.OK),
        (95, 80, Verdict.OK),
    ],
)
def test_pressures_against_each_other(sbp: float, dbp: float, verdict: Verdict) -> None:
    assert check_pressure(VITALS, sbp, dbp) is verdict
