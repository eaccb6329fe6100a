"""What a command is about: its streams, and the facts that a decider is given with them."""

from collections.abc import Iterable
from typing import Any

from goldenhour.domain import commands as c
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import assess, patient, record
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.intake import incident
from goldenhour.domain.register.roster import list_neighbours
from goldenhour.domain.register.shift_check import ShiftCheck
from goldenhour.domain.triage import determine
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded, Stamp


class Facts(Record):
    """Everything outside the case, gathered first."""

    limits: Limits
    triage: determine.TriageContent
    scores: assess.ScoreTables
    care: CareContent
    shift_check: ShiftCheck
    case_number: str = ""
    node: str = ""
    """This node's name; empty: it is the only one."""


def stream_id(kind: str, ident: str) -> str:
    return f"{kind}:{ident}"


def node_org(node: str) -> str:
    """Another node, as a reader of the cases that it has a part in."""
    return f"node:{node}"


_PRIMARY = {
    "call": "call_id",
    "incident": "incident_id",
    "mission": "mission_id",
    "patient": "patient_id",
    "handover": "handover_id",
    "alert": "alert_id",
    "unit": "unit_id",
    "hospital": "hospital_id",
    "road": "closure_id",
    "roster": "roster_id",
    "station": "station_id",
}


_NAMED = ("call_id", "incident_id", "mission_id", "patient_id", "unit_id", "hospital_id")
"""Fields that name a stream, whatever the command is about."""


def primary(command: c.Command) -> str:
    """The stream that a command is about: the first word of its kind."""
    kind = str(command.__struct_config__.tag).partition(".")[0]
    return stream_id(kind, getattr(command, _PRIMARY[kind]))


def needs(command: c.Command, states: States) -> frozenset[str]:
    """The streams to load for a command, given those already loaded."""
    found = {primary(command)}
    found |= {
        stream_id(field.removesuffix("_id"), ident)
        for field in _NAMED
        if (ident := getattr(command, field, ""))
    }
    match command:
        case c.CloseIncident() | c.LoseRun():
            state = states.get(stream_id("incident", command.incident_id))
            if isinstance(state, incident.Incident):
                found |= {stream_id("mission", m) for m in state.missions}
        case c.Activate():
            found |= _activated(command, states)
        case c.Divert():
            found |= _diverted(command, states)
        case c.Relieve():
            found |= _relieved(command, states)
        case c.Reroute():
            found |= _rerouted(command, states)
        case c.CorrectMonitor():
            run = states.get(stream_id("mission", command.mission_id))
            if isinstance(run, mission.Mission):
                worn = run.devices.told | {*run.put.values()}
                worn |= {one.patient_id for one in command.files}
                found |= {stream_id("patient", ident) for ident in worn}
        case c.PutRunFile():
            run = states.get(stream_id("mission", command.mission_id))
            if isinstance(run, mission.Mission) and command.sha256 in run.put:
                found.add(stream_id("patient", run.put[command.sha256]))
        case c.CheckAcknowledged() | c.CheckDeparted() | c.CheckPreAlert() | c.CheckEcg():
            found |= _watched(command, states)
        case c.CheckWindow():
            found |= _reserved(command, states)
        case c.MergePatients() | c.PartPatients():
            named = {stream_id("handover", ident) for ident in command.handover_ids}
            found |= named | _waited_for((command.patient_id, command.other_id), states)
        case c.WriteField(field=record.DIED):
            found |= _waited_for((command.patient_id,), states)
        case (
            c.GiveDrug()
            | c.SignForm()
            | c.SignRecord()
            | c.SeeWorsening()
            | c.ConfirmLevel()
            | c.PreAlert()
        ):
            found |= _joined(command, states)
        case c.CheckMoved():
            found.add(stream_id("alert", unconfirmed_id(command.incident_id)))
        case c.RaiseAlert():
            found.add(command.subject)
        case c.PlanShift() | c.ChangeShift():
            around = list_neighbours(command.unit_id, command.from_ms)
            found |= {stream_id("roster", ident) for ident in around}
        case c.ImportRoster():
            found = found.union(*(needs(part, states) for part in command.parts))
        case c.ImportUnits() | c.ImportStations():
            found |= _imported(command)
        case _:
            pass
    return frozenset(found)


def _joined(
    command: c.GiveDrug | c.SignForm | c.SignRecord | c.SeeWorsening | c.ConfirmLevel | c.PreAlert,
    states: States,
) -> set[str]:
    """What is shown with a record; of a merged one that is asked so, what shows it as well."""
    person = states.get(stream_id("patient", command.patient_id))
    if not isinstance(person, patient.Patient):
        return set()
    if isinstance(command, c.GiveDrug | c.SignForm):
        return {stream_id("patient", one) for one in _shown_as_one(command.patient_id, states)}
    return {stream_id("patient", ident) for ident in person.joined}


def unconfirmed_id(incident_id: str) -> str:
    """The alert of a case of which the node that took it has not said that it has it."""
    return f"case_unconfirmed.{incident_id}"


def _imported(command: c.ImportUnits | c.ImportStations) -> set[str]:
    if isinstance(command, c.ImportUnits):
        return {stream_id("unit", change.unit_id) for change in command.changes}
    stations = {stream_id("station", change.station_id) for change in command.changes}
    return stations | {stream_id("unit", ident) for ident in command.unit_ids}


def _diverted(command: c.Divert, states: States) -> frozenset[str]:
    """Both runs, and the case that is left with whoever else is there."""
    new = stream_id("mission", command.new_mission_id)
    run = states.get(stream_id("mission", command.mission_id))
    if not isinstance(run, mission.Mission):
        return frozenset({new})
    left = stream_id("incident", run.incident_id)
    state = states.get(left)
    others = state.missions if isinstance(state, incident.Incident) else ()
    return frozenset(
        {new, left, stream_id("unit", run.unit_id), *(stream_id("mission", m) for m in others)}
    )


def _relieved(command: c.Relieve, states: States) -> frozenset[str]:
    new = stream_id("mission", command.new_mission_id)
    run = states.get(stream_id("mission", command.mission_id))
    if not isinstance(run, mission.Mission):
        return frozenset({new})
    return frozenset({new, stream_id("incident", run.incident_id)})


def _rerouted(command: c.Reroute, states: States) -> set[str]:
    """Every pre-alert of the run, those to come, and the records that show whom they announce."""
    found = {stream_id("handover", one.handover_id) for one in command.renewals}
    run = states.get(stream_id("mission", command.mission_id))
    if isinstance(run, mission.Mission):
        for one in run.alerted:
            person = states.get(stream_id("patient", one.patient_id))
            found |= {stream_id("handover", one.handover_id), stream_id("patient", one.patient_id)}
            if isinstance(person, patient.Patient) and person.merged_into:
                found.add(stream_id("patient", person.merged_into))
    return found


def _watched(
    command: c.CheckAcknowledged | c.CheckDeparted | c.CheckPreAlert | c.CheckEcg, states: States
) -> frozenset[str]:
    """The alert, and the case of a run, which another seat may lead by now."""
    alert = stream_id("alert", watch_alert_id(command))
    run = states.get(primary(command))
    if isinstance(command, c.CheckEcg):
        return frozenset({alert, *_announced(command, states)})
    if not isinstance(run, mission.Mission):
        return frozenset({alert})
    return frozenset({alert, stream_id("incident", run.incident_id)})


def _activated(command: c.Activate, states: States) -> set[str]:
    run = states.get(primary(command))
    if not isinstance(run, mission.Mission):
        return set()
    return {stream_id("incident", run.incident_id), stream_id("unit", run.unit_id)}


def _reserved(command: c.CheckWindow, states: States) -> set[str]:
    alerts = (reservation_due_id(command.mission_id), window_lost_id(command.mission_id))
    run = states.get(primary(command))
    case = {stream_id("incident", run.incident_id)} if isinstance(run, mission.Mission) else set()
    return case | {stream_id("alert", ident) for ident in alerts}


def _announced(command: c.CheckEcg, states: States) -> set[str]:
    """The patient's run, and the hospitals that it was announced to."""
    person = states.get(primary(command))
    if not isinstance(person, patient.Patient):
        return set()
    stream = stream_id("mission", person.mission_id)
    run = states.get(stream)
    sent = run.alerted if isinstance(run, mission.Mission) else ()
    told = {one.handover_id for one in sent if one.patient_id == command.patient_id}
    return {stream, *(stream_id("handover", ident) for ident in told)}


def _waited_for(patient_ids: Iterable[str], states: States) -> set[str]:
    """Everything that is shown as one with these, their runs, and the hospitals told of them."""
    shown = {one for ident in patient_ids for one in _shown_as_one(ident, states)}
    found = {stream_id("patient", ident) for ident in shown}
    for stream in tuple(found):
        person = states.get(stream)
        if not isinstance(person, patient.Patient):
            continue
        found.add(stream_id("mission", person.mission_id))
        run = states.get(stream_id("mission", person.mission_id))
        sent = run.alerted if isinstance(run, mission.Mission) else ()
        found |= {stream_id("handover", one.handover_id) for one in sent if one.patient_id in shown}
    return found


def _shown_as_one(patient_id: str, states: States) -> set[str]:
    """Ids of the records that are one person's by what was merged, itself among them."""
    person = states.get(stream_id("patient", patient_id))
    if not isinstance(person, patient.Patient):
        return {patient_id}
    shows = states.get(stream_id("patient", person.merged_into)) if person.merged_into else None
    joined = shows.joined if isinstance(shows, patient.Patient) else ()
    return {patient_id, person.merged_into, *person.joined, *joined} - {""}


def watch_alert_id(
    command: c.CheckAcknowledged | c.CheckDeparted | c.CheckPreAlert | c.CheckEcg,
) -> str:
    """One alert a condition: its id is made of what it watches, so that it is raised once."""
    match command:
        case c.CheckAcknowledged():
            return f"not_acknowledged.{command.mission_id}"
        case c.CheckDeparted():
            return f"not_departed.{command.mission_id}"
        case c.CheckPreAlert():
            return f"prealert_unanswered.{command.handover_id}"
        case c.CheckEcg():
            return f"ecg_unread.{command.patient_id}"


def reservation_due_id(mission_id: str) -> str:
    """The alert that a reserved unit is to be activated now."""
    return f"reservation_due.{mission_id}"


def window_lost_id(mission_id: str) -> str:
    """The alert that a reserved unit arrives after its window, whatever is done."""
    return f"window_lost.{mission_id}"


def as_recorded(stream: str, event: Any, stamp: Stamp) -> Recorded:
    """The event as if already recorded, to see what it would change."""
    return Recorded(
        stream=stream,
        version=0,
        event=event,
        actor=stamp.actor,
        seat=stamp.seat,
        role=stamp.role,
        org=stamp.org,
        occurred_ms=stamp.now_ms,
        received_ms=stamp.now_ms,
        installation=stamp.installation,
    )
