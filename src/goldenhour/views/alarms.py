"""What calls for somebody at a patient: a sign beyond its limits, and that it got worse."""

from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import CRITICAL
from goldenhour.views.rows import AlarmRow, RhythmRow, WorseRow


def alarm_rows(state: Patient) -> tuple[AlarmRow, ...]:
    rows = (
        AlarmRow(sign=sign, alarm=one.alarm, value=one.value, since_ms=one.since_ms)
        for sign, one in state.alarms.items()
    )
    return tuple(sorted(rows, key=lambda row: (row.alarm not in CRITICAL, -row.since_ms)))


def rhythm_rows(state: Patient) -> tuple[RhythmRow, ...]:
    rows = (
        RhythmRow(device_id=device_id, rhythm=one.rhythm, since_ms=one.since_ms)
        for device_id, one in state.rhythms.items()
    )
    return tuple(sorted(rows, key=lambda row: -row.since_ms))


def worse_rows(state: Patient) -> tuple[WorseRow, ...]:
    return tuple(
        WorseRow(what=one.what, before=one.before, after=one.after, at_ms=one.at_ms)
        for one in sorted(state.worse, key=lambda one: one.at_ms)
    )
