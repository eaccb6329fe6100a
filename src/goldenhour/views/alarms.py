"""What calls for somebody: a sign beyond its limits, a device's own alarm, that it got worse."""

from collections.abc import Iterable

from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import CRITICAL
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.device_alarm import RANKS, DeviceAlarm
from goldenhour.views.rows import (
    AlarmRow,
    DeviceAlarmRow,
    RhythmRow,
    SceneAlarmRow,
    WorseRow,
)


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


def device_alarm_row(told: DeviceAlarm, since_ms: int) -> DeviceAlarmRow:
    return DeviceAlarmRow(
        device_id=told.device_id,
        key=told.key,
        event=told.event,
        source=told.source,
        nature=told.nature,
        priority=told.priority,
        words=told.words,
        value=told.value,
        limits=told.limits,
        silenced=told.silenced,
        since_ms=since_ms,
    )


def device_alarm_rows(state: Patient) -> tuple[DeviceAlarmRow, ...]:
    return in_order(device_alarm_row(o.told, o.since_ms) for o in state.device_alarms.values())


def in_order(rows: Iterable[DeviceAlarmRow]) -> tuple[DeviceAlarmRow, ...]:
    return tuple(sorted(rows, key=lambda row: (RANKS.index(row.priority), -row.since_ms)))


def scene_alarm_rows(state: Mission) -> tuple[SceneAlarmRow, ...]:
    rows = (
        SceneAlarmRow(
            device_id=one.device_id,
            what=one.what,
            how=one.how,
            priority=one.priority,
            since_ms=one.since_ms,
        )
        for one in state.scene_alarms.values()
        if state.active
    )
    return tuple(sorted(rows, key=lambda row: (RANKS.index(row.priority), -row.since_ms)))


def worse_rows(state: Patient) -> tuple[WorseRow, ...]:
    return tuple(
        WorseRow(what=one.what, before=one.before, after=one.after, at_ms=one.at_ms)
        for one in sorted(state.worse, key=lambda one: one.at_ms)
    )
