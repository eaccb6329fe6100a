"""When a sign alarms, for whom, and when it is over."""

from random import Random  # noqa: TID251 (a seed fixes the test)

from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care.alarms import Watch, watch
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Alarming, Patient
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.care.written import Written
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.simulator.monitor import MonitorDouble, Profile, ReportWriter
from goldenhour.wire.hl7v2 import Observation, decode

TABLE = load().vitals
ADULT = Patient(
    incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.FEMALE, vitals={},
    vitals_ms=None, observed=None, scored=None, history=(), level=None, level_by="", level_ms=None,
    registered_ms=0,
)  # fmt: skip


def at(second: float, value: float | None, sign: Sign = Sign.SPO2) -> NumericSet:
    return NumericSet(
        device_id="monitor",
        unit_id="u",
        device_ms=None,
        received_ms=round(second * 1000),
        values=(Numeric(sign=sign, value=value, note=""),),
    )


def run(*sets: NumericSet, state: Patient = ADULT) -> list[tuple[int, Sign, Alarm | None]]:
    """(second, sign, alarm) of every change, each folded into the state."""
    seen, found = Watch(), []
    for item in sets:
        seen, changes = watch(seen, item, state, TABLE)
        for change in changes:
            found.append((item.received_ms // 1000, change.sign, change.alarm))
            alarms = {s: one for s, one in state.alarms.items() if s is not change.sign}
            if change.alarm:
                alarms[change.sign] = Alarming(
                    alarm=change.alarm, value=change.value, since_ms=item.received_ms
                )
            state = replace(state, alarms=alarms)
    return found


def test_a_sign_alarms_once_when_it_has_been_low_for_ten_seconds() -> None:
    assert run(*(at(s, 90) for s in range(30))) == [(10, Sign.SPO2, Alarm.LOW)]


def test_with_the_leads_off_the_pulse_alarms() -> None:
    def oximeter(second: float, rate: float | None, pulse: float) -> NumericSet:
        both = at(second, rate, Sign.HEART_RATE)
        return replace(both, values=(*both.values, *at(second, pulse, Sign.PULSE).values))

    assert run(*(oximeter(s, None, 35) for s in range(30))) == [
        (10, Sign.PULSE, Alarm.CRITICAL_LOW)
    ]
    # With both, each is told once by its own name: they may differ, and then both are true.
    assert run(*(oximeter(s, 90, 35) for s in range(30))) == [(10, Sign.PULSE, Alarm.CRITICAL_LOW)]
    assert run(*(oximeter(s, 130, 130) for s in range(30))) == [
        (10, Sign.HEART_RATE, Alarm.HIGH),
        (10, Sign.PULSE, Alarm.HIGH),
    ]


def test_no_breath_is_critical_at_any_age() -> None:
    still = [at(s, 0, Sign.RESP) for s in range(15)]
    for age_y in (0.01, 4, 40, None):
        found = run(*still, state=replace(ADULT, age_y=age_y))
        assert found == [(10, Sign.RESP, Alarm.CRITICAL_LOW)]


def test_one_artefact_alarms_nobody() -> None:
    assert run(*(at(s, 60 if s == 5 else 97) for s in range(30))) == []


def test_a_worse_limit_alarms_anew_and_the_way_back_is_told() -> None:
    falling = [at(s, 97 if s < 5 else 90 if s < 20 else 75 if s < 40 else 97) for s in range(60)]
    assert run(*falling) == [
        (15, Sign.SPO2, Alarm.LOW),
        (30, Sign.SPO2, Alarm.CRITICAL_LOW),
        (50, Sign.SPO2, None),
    ]


def test_silence_and_a_value_that_cannot_be_are_no_recovery() -> None:
    low = [at(s, 85) for s in range(15)]
    assert run(*low, *(at(15 + s, None) for s in range(30))) == [(10, Sign.SPO2, Alarm.LOW)]
    assert run(*low, *(at(15 + s, 130) for s in range(30))) == [(10, Sign.SPO2, Alarm.LOW)]


def test_the_limits_are_the_patients_own() -> None:
    fast = [at(s, 145, Sign.HEART_RATE) for s in range(15)]
    assert run(*fast, state=replace(ADULT, age_y=6)) == [(10, Sign.HEART_RATE, Alarm.HIGH)]
    assert run(*fast, state=replace(ADULT, age_y=0.5)) == []
    assert run(*fast, state=replace(ADULT, age_y=None)) == [(10, Sign.HEART_RATE, Alarm.HIGH)]


def told(state: Patient = ADULT, **fields: Answer) -> Patient:
    """The patient with values in the form, or with two underscores in a sheet."""
    writes = {
        name.replace("__", "."): (
            Written(write_id=name, value=value, text=None, by="crew", at_ms=0, reason=""),
        )
        for name, value in fields.items()
    }
    return replace(state, record=replace(state.record, fields=writes))


def test_a_pressure_that_is_told_only_once_alarms_at_once() -> None:
    monitor = MonitorDouble(
        device_id="00A037EB21A00001", profile=Profile.BLEEDING, cuff_told_once=True
    )
    reports = ReportWriter(monitor, Random(1), cuff_period_s=300)
    sets = []
    for second in range(1_800, 1_830):
        read = decode(reports.next_report(elapsed_s=second, device_ms=0, lead_off=False))
        assert isinstance(read, Observation)
        sets.append(replace(at(second, None), values=read.values))
    cuffs = [one for one in sets if any(n.sign is Sign.NIBP_SYS for n in one.values)]
    assert cuffs == sets[:1]
    pressures = [found for found in run(*sets) if found[1] is Sign.NIBP_SYS]
    assert pressures == [(1_800, Sign.NIBP_SYS, Alarm.CRITICAL_LOW)]
    # The next one ends it as quickly.
    assert run(at(0, 84, Sign.NIBP_SYS), at(300, 118, Sign.NIBP_SYS)) == [
        (0, Sign.NIBP_SYS, Alarm.LOW),
        (300, Sign.NIBP_SYS, None),
    ]


def test_weeks_of_pregnancy_bring_a_high_limit() -> None:
    high = [at(0, 170, Sign.NIBP_SYS), at(1, 112, Sign.NIBP_DIA)]
    alarms = [
        (0, Sign.NIBP_SYS, Alarm.CRITICAL_HIGH),
        (1, Sign.NIBP_DIA, Alarm.CRITICAL_HIGH),
    ]
    assert run(*high) == []
    assert run(*high, state=told(obstetric__gestation_wk=34)) == alarms
    assert run(*high, state=told(gestation_wk=34)) == alarms
    assert run(*high, state=told(gestation_wk=34, pregnant=False)) == []
    # Nobody knows the weeks: the limits are not those of somebody who is not pregnant.
    assert run(*high, state=told(pregnant=True)) == alarms
    assert run(*high, state=told(pregnant=True, gestation_wk=12)) == []


def test_who_is_always_short_of_oxygen_alarms_later() -> None:
    low = [at(s, 90) for s in range(30)]
    assert run(*low, state=told(chronic_hypoxia=True)) == []
    assert run(*low, state=told(infection__chronic_hypoxia=True)) == []
    assert run(*low, state=told(chronic_hypoxia=False)) == [(10, Sign.SPO2, Alarm.LOW)]
    # Asked twice, the answer counts that does not reassure.
    both = told(chronic_hypoxia=False, infection__chronic_hypoxia=True)
    assert run(*low, state=both) == [(10, Sign.SPO2, Alarm.LOW)]


def test_a_newborn_has_the_saturation_of_its_minute() -> None:
    born = told(replace(ADULT, age_y=0), newborn__born_at_ms=0)

    def after(minute: int, value: float) -> list[Alarm | None]:
        sets = (at(minute * 60 + s, value) for s in range(20))
        return [alarm for _, _, alarm in run(*sets, state=born)]

    assert [after(1, 62), after(5, 82), after(10, 88)] == [[], [], []]
    assert [after(1, 55), after(5, 75)] == [[Alarm.CRITICAL_LOW]] * 2
    assert after(10, 83) == [Alarm.LOW]
    assert after(60, 88) == [Alarm.LOW]


def test_whoever_is_assessed_as_injured_has_the_limit_of_the_injured() -> None:
    low = [at(0, 105, Sign.NIBP_SYS)]
    old = replace(ADULT, age_y=70)
    opened = replace(old, record=replace(old.record, sheets={"trauma": None}))
    alarm = [(0, Sign.NIBP_SYS, Alarm.LOW)]
    assert run(*low, state=old) == []
    assert run(*low, state=told(old, injury=True)) == alarm
    assert run(*low, state=opened) == alarm
    assert run(*low, state=told(opened, injury=False)) == []
