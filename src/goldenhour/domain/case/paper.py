"""A case from a paper form: everything at once, with the times that were written down.

Rule 1: it is over. Nothing follows from it: no vehicle is told, no alarm is raised, and a run holds
        no unit.
Rule 2: the times on the paper are checked against each other, since a slip of the hand is found now
        or never. What was not written down stays unknown.
Rule 3: a form's number is entered once (a claim), whoever types it.
"""

from collections.abc import Iterator
from typing import Any

from goldenhour.domain import commands as c
from goldenhour.domain.care.events import PatientRegistered
from goldenhour.domain.case.loading import Facts, stream_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.events import (
    Assigned,
    DestinationSet,
    Milestone,
    MilestoneReached,
    Source,
    StoodDown,
)
from goldenhour.domain.intake.events import (
    CallAnswered,
    CallEnded,
    CallField,
    CallFieldRecorded,
    CallLinked,
    CallRang,
    ComplaintSet,
    Disposition,
    IncidentClosed,
    IncidentOpened,
    LevelOverridden,
    LocationSet,
    LocationSource,
    MissionLinked,
    PaperEntered,
)
from goldenhour.domain.register import hospital, unit
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.recorded import Stamp

LINE = "paper"
"""In the place of a trunk."""
_Timed = tuple[int, Any]


def enter(command: c.EnterPaper, states: States, stamp: Stamp, facts: Facts) -> Accepted | Refused:
    refused = _refuse(command, states, stamp)
    if refused:
        return refused
    streams: dict[str, list[_Timed]] = {
        stream_id("call", command.call_id): [*_call(command)],
        stream_id("incident", command.incident_id): [*_incident(command, facts)],
    }
    if command.mission_id:
        run = [*_run(command, states, facts)]
        streams[stream_id("mission", command.mission_id)] = run
    if command.patient_id:
        streams[stream_id("patient", command.patient_id)] = [_patient(command)]
    writes = tuple(
        Write(
            stream=stream,
            events=tuple(event for _at, event in timed),
            at_ms=tuple(at for at, _event in timed),
        )
        for stream, timed in streams.items()
    )
    return Accepted(writes=writes, bygone=True)


def _refuse(command: c.EnterPaper, states: States, stamp: Stamp) -> Refused | None:
    for kind in ("incident", "call", "mission", "patient"):
        if stream_id(kind, getattr(command, f"{kind}_id")) in states:
            return Refused(code="exists", field=f"{kind}_id")
    for name in ("paper_number", "reason"):
        if not getattr(command, name).strip():
            return Refused(code="required", field=name)
    if command.mission_id:
        found = _refuse_run(command, states)
        if found:
            return found
    elif command.patient_id:
        return Refused(code="required", field="mission_id")
    before, told = "called_ms", command.called_ms
    for name, at_ms in _times(command):
        if at_ms < told:
            return Refused(code="times_out_of_order", field=name, detail=before)
        before, told = name, at_ms
    if told > stamp.now_ms:
        return Refused(code="in_the_future", field=before)
    return None


def _refuse_run(command: c.EnterPaper, states: States) -> Refused | None:
    if not isinstance(states.get(stream_id("unit", command.unit_id)), unit.Unit):
        return Refused(code="absent", field="unit_id")
    if command.assigned_ms is None:
        return Refused(code="required", field="assigned_ms")
    if command.stood_down and command.stood_down not in mission.STAND_DOWN_REASONS:
        return Refused(code="unknown_value", field="stood_down")
    if bool(command.stood_down) is (Milestone.CLEARED in command.times):
        return Refused(code="one_end", field="cleared")  # called off or cleared, not both or none
    place = stream_id("hospital", command.hospital_id)
    if command.hospital_id and not isinstance(states.get(place), hospital.Hospital):
        return Refused(code="absent", field="hospital_id")
    return None


def _times(command: c.EnterPaper) -> Iterator[tuple[str, int]]:
    """Those after the call, in the order in which they must have been."""
    if command.assigned_ms is not None:
        yield "assigned_ms", command.assigned_ms
    for milestone in Milestone:
        if milestone in command.times:
            yield str(milestone), command.times[milestone]


def _end_ms(command: c.EnterPaper) -> int:
    return max([command.called_ms, *(at_ms for _name, at_ms in _times(command))])


def _call(command: c.EnterPaper) -> Iterator[_Timed]:
    at_ms = command.called_ms
    yield at_ms, CallRang(number=command.number or Clear(text=""), line=LINE, location=None)
    yield at_ms, CallAnswered()
    if command.note is not None:
        yield at_ms, CallFieldRecorded(field=CallField.NOTE, value=command.note)
    yield at_ms, CallLinked(incident_id=command.incident_id)
    yield at_ms, CallEnded(disposition=Disposition.INCIDENT)


def _incident(command: c.EnterPaper, facts: Facts) -> Iterator[_Timed]:
    at_ms = command.called_ms
    yield at_ms, IncidentOpened(number=facts.case_number, call_id=command.call_id)
    yield at_ms, PaperEntered(paper_number=command.paper_number.strip())
    if command.location is not None:
        yield (
            at_ms,
            LocationSet(location=command.location, source=LocationSource.TYPED, accuracy_m=0),
        )
    if command.topic:
        yield at_ms, ComplaintSet(topic=command.topic)
    if command.level is not None:
        yield at_ms, LevelOverridden(level=command.level, reason=LINE)
    if command.mission_id and command.assigned_ms is not None:
        yield (
            command.assigned_ms,
            MissionLinked(mission_id=command.mission_id, unit_id=command.unit_id, reserved=False),
        )
    yield _end_ms(command), IncidentClosed(reason=command.reason.strip())


def _run(command: c.EnterPaper, states: States, facts: Facts) -> Iterator[_Timed]:
    vehicle = states[stream_id("unit", command.unit_id)]
    assert isinstance(vehicle, unit.Unit)
    assert command.assigned_ms is not None
    yield (
        command.assigned_ms,
        Assigned(
            incident_id=command.incident_id,
            incident_number=facts.case_number,
            unit_id=command.unit_id,
            call_sign=vehicle.call_sign,
            level=command.level or "",
            proposal=None,
        ),
    )
    place = states.get(stream_id("hospital", command.hospital_id))
    if isinstance(place, hospital.Hospital):
        yield (
            command.assigned_ms,
            DestinationSet(
                hospital_id=command.hospital_id, hospital_name=place.name, reasons=(), reason=LINE
            ),
        )
    for milestone in Milestone:
        if milestone in command.times:
            yield (
                command.times[milestone],
                MilestoneReached(
                    milestone=milestone, source=Source.PAPER, point=None, supplied_late=True
                ),
            )
    if command.stood_down:
        yield _end_ms(command), StoodDown(reason=command.stood_down)


def _patient(command: c.EnterPaper) -> _Timed:
    at_ms = command.times.get(Milestone.AT_PATIENT, command.called_ms)
    return at_ms, PatientRegistered(
        incident_id=command.incident_id,
        mission_id=command.mission_id,
        unit_id=command.unit_id,
        name=command.name,
        age_y=command.age_y,
        sex=command.sex,
    )
