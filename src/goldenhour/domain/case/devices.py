"""Devices of a run and the patients they are on, decided over the run and its patients together."""

from typing import Any

from msgspec.structs import replace

from goldenhour.domain import commands as c
from goldenhour.domain.care import assess, files, moved, patient
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut
from goldenhour.domain.case.across import one, or_refuse
from goldenhour.domain.case.following import Following, list_following
from goldenhour.domain.case.loading import Facts, as_recorded, primary, stream_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import leads, mission, monitors, scene_alarms
from goldenhour.domain.dispatch.events import (
    LeadsPlaced,
    Milestone,
    MonitorCorrected,
    RunFilePut,
    SceneAlarmed,
)
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp

Placing = (
    c.BindMonitor
    | c.GiveBand
    | c.TakeBand
    | c.TakeOffMonitor
    | c.PutBackMonitor
    | c.PlaceLeads
    | c.PlaceMonitor
    | c.CorrectMonitor
    | c.SetSceneAlarm
)


def place(command: Placing, states: States, stamp: Stamp, facts: Facts) -> Accepted | Refused:
    stream = primary(command)
    run = states.get(stream)
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    match command:
        case c.PlaceMonitor():
            said = monitors.decide_place(run.devices, command.device_id, command.patient_id)
            return one(stream, said) if said else Accepted(writes=())
        case c.SetSceneAlarm():
            alarmed = scene_alarms.decide(
                run.scene_alarms,
                SceneAlarmed(
                    device_id=command.device_id,
                    what=command.what,
                    how=command.how,
                    priority=command.priority,
                    silent_ms=command.silent_ms,
                ),
            )
            return one(stream, alarmed) if alarmed and run.active else Accepted(writes=())
        case c.BindMonitor():
            return _bind(command, run, states)
        case c.GiveBand():
            return _give(command, run, states)
        case c.TakeBand() | c.TakeOffMonitor() | c.PutBackMonitor():
            return _take(command, run)
        case c.PlaceLeads():
            return _place_leads(command, run, stamp, facts)
        case c.CorrectMonitor():
            return _correct(command, run, states, stamp, facts)


def _bind(command: c.BindMonitor, run: mission.Mission, states: States) -> Accepted | Refused:
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    if command.patient_id and not _is_aboard(states, command.patient_id, command.mission_id):
        return Refused(code="absent", field="patient_id")
    said = monitors.decide_bind(
        run.devices, command.device_id, command.band.strip(), command.patient_id
    )
    if isinstance(said, Refused):
        return said
    return Accepted(writes=(Write(stream=primary(command), events=said),) if said else ())


def _give(command: c.GiveBand, run: mission.Mission, states: States) -> Accepted | Refused:
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    if not _is_aboard(states, command.patient_id, command.mission_id):
        return Refused(code="absent", field="patient_id")
    said = monitors.decide_give(run.devices, command.band.strip(), command.patient_id)
    if isinstance(said, Refused):
        return said
    return one(primary(command), said) if said else Accepted(writes=())


def _take(
    command: c.TakeBand | c.TakeOffMonitor | c.PutBackMonitor, run: mission.Mission
) -> Accepted | Refused:
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    stream = primary(command)
    match command:
        case c.TakeBand():
            said = monitors.decide_take(run.devices, command.band.strip(), command.reason.strip())
            if isinstance(said, Refused):
                return said
            return Accepted(writes=(Write(stream=stream, events=said),))
        case c.TakeOffMonitor():
            off = monitors.decide_take_off(run.devices, command.device_id)
            return or_refuse(stream, off) if off else Accepted(writes=())
        case c.PutBackMonitor():
            return or_refuse(stream, monitors.decide_put_back(run.devices, command.device_id))


def _place_leads(
    command: c.PlaceLeads, run: mission.Mission, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    said = leads.decide_place(
        run.devices,
        LeadsPlaced(
            device_id=command.device_id,
            placement=command.placement,
            names={},
            from_ms=stamp.now_ms if command.from_ms is None else command.from_ms,
        ),
        {ident: one.leads for ident, one in facts.care.ecg.placements.items()},
        begun_ms=run.since_ms if run.assigned_ms is None else run.assigned_ms,
        now_ms=stamp.now_ms,
    )
    return or_refuse(primary(command), said) if said else Accepted(writes=())


def _correct(
    command: c.CorrectMonitor, run: mission.Mission, states: States, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    """The correction of the run, and what follows from it at every patient."""
    if command.patient_id and not _is_aboard(states, command.patient_id, command.mission_id):
        return Refused(code="absent", field="patient_id")
    reason = command.reason.strip()
    corrected = MonitorCorrected(
        correction_id=command.correction_id,
        device_id=command.device_id,
        from_ms=command.from_ms,
        to_ms=command.to_ms,
        patient_id=command.patient_id,
        reason=reason,
    )
    said = monitors.decide_correct(
        run.devices,
        corrected,
        stamp.role,
        stamp.now_ms,
        handed_over=run.find_node(Milestone.HANDED_OVER) is not None,
    )
    if isinstance(said, Refused):
        return said
    people = {
        stream.partition(":")[2]: state
        for stream, state in sorted(states.items())
        if isinstance(state, patient.Patient) and state.mission_id == command.mission_id
    }
    following = list_following(run, people, said, command.files)
    if isinstance(following, Refused):
        return following
    writes = [_of_run(command, run, said, following)]
    out = VitalsMovedOut(
        correction_id=command.correction_id,
        device_id=command.device_id,
        from_ms=command.from_ms,
        to_ms=command.to_ms,
        reason=reason,
        sets=0,
        scores=(),
    )
    come = VitalsMovedIn(
        correction_id=command.correction_id,
        device_id=command.device_id,
        from_ms=command.from_ms,
        to_ms=command.to_ms,
        reason=reason,
        sets=moved.list_lost_sets(people.values(), out),
        ecgs=moved.list_lost_ecgs(people.values(), out),
        scores=(),
        alarms=moved.list_lost_alarms(people.values(), out),
    )
    for ident, state in people.items():
        if ident == command.patient_id:
            continue
        stream = stream_id("patient", ident)
        gone = tuple(
            files.move_out(one.kept, command.correction_id, reason)
            for one in following
            if one.came_from == ident
        )
        lost = moved.move_out(state, out, facts.scores, facts.care)
        if lost is not None:
            come = replace(
                come,
                sets=(*come.sets, *moved.list_sets(state, out)),
                ecgs=(*come.ecgs, *moved.list_ecgs(state, out)),
                alarms=(*come.alarms, *moved.list_own_alarms(state, out)),
            )
        told = () if lost is None else _with_sheets(stream, state, lost, stamp, facts)
        if told or gone:
            writes.append(Write(stream=stream, events=(*told, *gone)))
    if not command.patient_id:
        return Accepted(writes=tuple(writes))
    target, found = stream_id("patient", command.patient_id), people[command.patient_id]
    told = ()
    if come.sets or come.ecgs or come.alarms:
        come = moved.move_in(found, come, facts.scores, facts.care)
        told = _with_sheets(target, found, come, stamp, facts)
    got = tuple(
        files.move_in(one.kept, one.came_from, command.correction_id, reason) for one in following
    )
    if told or got:
        writes.append(Write(stream=target, events=(*told, *got)))
    return Accepted(writes=tuple(writes))


def _of_run(
    command: c.CorrectMonitor,
    run: mission.Mission,
    said: MonitorCorrected,
    following: tuple[Following, ...],
) -> Write:
    """The correction, and of the files that came to the run whose they are now."""
    put = tuple(
        RunFilePut(sha256=sha256, patient_id=said.patient_id, reason=said.reason)
        for one in following
        if run.find_file(sha256 := one.kept.file.sha256)
    )
    return Write(stream=primary(command), events=(said, *put))


def _with_sheets(
    stream: str,
    state: patient.Patient,
    event: VitalsMovedOut | VitalsMovedIn,
    stamp: Stamp,
    facts: Facts,
) -> tuple[Any, ...]:
    """The event, and the readings of the opened sheets that it changes."""
    after = patient.evolve(state, as_recorded(stream, event, stamp))
    read = assess.read_sheets(after, stamp.now_ms, facts.scores, facts.care) if after else ()
    return (event, *read)


def _is_aboard(states: States, patient_id: str, mission_id: str) -> bool:
    found = states.get(stream_id("patient", patient_id))
    return isinstance(found, patient.Patient) and found.mission_id == mission_id
