"""What calls for somebody: beyond a limit, a device's own alarm, worse, old, not to be trusted."""

from collections.abc import Iterable, Mapping

from goldenhour.domain.care.misled import list_misleading
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import CRITICAL, Misleading
from goldenhour.domain.care.reassess import reassessment
from goldenhour.domain.case import State
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.device_alarm import RANKS, DeviceAlarm
from goldenhour.views.rows import (
    AlarmRow,
    DeviceAlarmRow,
    MisleadingRow,
    ReassessRow,
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


def device_alarm_row(
    told: DeviceAlarm, since_ms: int, silent_ms: int | None = None
) -> DeviceAlarmRow:
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
        silent_ms=silent_ms,
    )


def device_alarm_rows(state: Patient) -> tuple[DeviceAlarmRow, ...]:
    return in_order(
        device_alarm_row(one.told, one.since_ms, one.silent_ms)
        for one in state.device_alarms.values()
    )


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
            silent_ms=one.silent_ms,
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


def reassess_row(
    state: Patient, run: State | None, intervals_s: Mapping[str, int]
) -> ReassessRow | None:
    node = run.find_node(Milestone.AT_PATIENT) if isinstance(run, Mission) else None
    found = reassessment(state, intervals_s, node.at_ms if node else None)
    if found is None:
        return None
    return ReassessRow(level=found.level or "", taken_ms=found.taken_ms, due_ms=found.due_ms)


def misleading_rows(state: Patient, rows: Iterable[Misleading]) -> tuple[MisleadingRow, ...]:
    return tuple(
        MisleadingRow(finding=row.finding, zh=row.zh, en=row.en)
        for row in list_misleading(state.record, rows)
    )
