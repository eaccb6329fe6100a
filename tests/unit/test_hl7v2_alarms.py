"""What devices alarm by themselves, out of frames in the manner of public ones."""

import pytest
from hl7v2_alarm_frames import ADVISORY, EUI, INFUSION, LEAD_OFF, LEAD_ON, LOW_SPO2, PUMP
from hl7v2_frames import MINDRAY, seen

from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.wire.hl7v2 import AckCode, build_ack


def only(raw: str) -> DeviceAlarm:
    observation = seen(raw)
    (alarm,) = observation.alarms
    assert observation.values == (), "what an alarm is about is no measurement"
    assert alarm.device_id == observation.device_id
    return alarm


def test_a_lead_that_fell_off_and_is_back() -> None:
    assert only(LEAD_OFF) == DeviceAlarm(
        device_id=EUI, key="MDC_EVT_LEAD_OFF||1.7.0.196680|", event="MDC_EVT_LEAD_OFF", source="",
        nature="technical", priority=Priority.LOW, words="MDC_EVT_LEAD_OFF", value="", limits="",
        silenced="", over=False, passing=False,
    )  # fmt: skip
    back = only(LEAD_ON)
    assert (back.key, back.over) == ("MDC_EVT_LEAD_OFF||1.7.0.196680|", True)


def test_a_limit_that_is_crossed_is_told_with_its_value_and_kept_in_the_devices_words() -> None:
    alarm = only(LOW_SPO2)
    assert (alarm.event, alarm.source) == ("MDC_EVT_LO_VAL_LT_LIM", "MDC_PULS_OXIM_SAT_O2")
    assert (alarm.words, alarm.value, alarm.limits) == ("SPO2 LOW", "82 %", ">90")
    assert (alarm.priority, alarm.nature) == (Priority.HIGH, "physiological")
    assert (alarm.silenced, alarm.over) == ("audio-paused", False)


def test_an_event_of_the_makers_own_is_told_apart_by_its_words() -> None:
    alarm = only(ADVISORY)
    assert (alarm.words, alarm.priority) == ("HYPERTENSION-Alert Recheck BP", Priority.MEDIUM)
    assert alarm.nature == "advisory"
    other = only(ADVISORY.replace("HYPERTENSION-Alert Recheck BP", "SEPSIS"))
    assert other.key != alarm.key


def test_a_priority_that_nobody_knows_is_unknown_and_never_low() -> None:
    alarm = only(PUMP)
    assert alarm.priority is Priority.UNKNOWN
    assert (alarm.words, alarm.event) == ("Cassette Eject Lever", "MDC_EVT_DOOR_POSN_ERR")
    assert (alarm.nature, alarm.value) == ("technical", "")


def test_of_two_priorities_the_higher_counts() -> None:
    assert only(LEAD_OFF.replace("A~PL~ST", "A~PH~ST")).priority is Priority.HIGH


def test_a_latched_alarm_is_not_over() -> None:
    alarm = only(INFUSION)
    assert (alarm.over, alarm.words, alarm.source) == (
        *(False, "Line occluded"),
        "MDC_DEV_PUMP_INFUS_MDS",
    )
    assert only(INFUSION.replace("latched", "inactive")).over


@pytest.mark.parametrize(
    ("phase", "state", "over", "passing"),
    [
        ("start", "active", False, False),
        ("continue", "active", False, False),
        ("start", "inactive", False, False),  # they contradict: it stands
        ("end", "active", True, False),
        ("end", "inactive", True, False),
        ("", "inactive", True, False),
        ("", "active", False, False),
        ("", "", False, False),
        ("tpoint", "active", False, True),
        ("escalate", "active", False, False),
    ],
)
def test_when_it_is_over(phase: str, state: str, over: bool, passing: bool) -> None:
    alarm = only(LEAD_OFF.replace("|start", f"|{phase}").replace("|active", f"|{state}"))
    assert (alarm.over, alarm.passing) == (over, passing)


def test_an_alarm_within_a_report_of_measurements_is_read_beside_them() -> None:
    rows = [line for line in LEAD_OFF.split("\r") if line.startswith(("OBR", "OBX"))]
    both = seen(MINDRAY + "".join(f"{row}\r" for row in rows))
    assert [alarm.event for alarm in both.alarms] == ["MDC_EVT_LEAD_OFF"]
    assert both.values == seen(MINDRAY).values
    assert both.ignored == seen(MINDRAY).ignored
    assert seen(MINDRAY).alarms == ()


def test_one_message_may_tell_of_several() -> None:
    rows = [line for line in LOW_SPO2.split("\r") if line.startswith("OBX")]
    both = seen(LEAD_OFF + "".join(f"{row}\r" for row in rows))
    assert [alarm.event for alarm in both.alarms] == [
        "MDC_EVT_LEAD_OFF",
        "MDC_EVT_LO_VAL_LT_LIM",
    ]


def test_the_answer_names_the_trigger_of_the_message() -> None:
    answer = build_ack(seen(LEAD_OFF).envelope, AckCode.ACCEPT, at_ms=0)
    assert b"|ACK^R40^ACK|" in answer
    assert b"|ACK^R01^ACK|" in build_ack(seen(MINDRAY).envelope, AckCode.ACCEPT, at_ms=0)


def test_a_measurement_stays_one_however_deep_its_place() -> None:
    deep = MINDRAY.replace("|1.3.1.150456|", "|1.3.1.150456.1|")
    assert seen(deep).values == seen(MINDRAY).values
    facet = "OBX|9|CWE|196616^MDC_EVT_ALARM^MDC|1.7.0.9.1|196680^MDC_EVT_LEAD_OFF^MDC|||PL~ST"
    phase = "OBX|9|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.7.0.9.3|start"
    both = seen(f"{deep}{facet}\r{phase}\r")
    assert both.values == seen(MINDRAY).values
    assert [alarm.event for alarm in both.alarms] == ["MDC_EVT_LEAD_OFF"]
