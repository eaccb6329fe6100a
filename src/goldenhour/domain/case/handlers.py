"""From a command to events, or to a refusal.

Rule 1: pure. The streams that a command needs are loaded before (`needs`, asked again until it
        names nothing new), everything else outside the case arrives as `Facts`.
Rule 2: a refusal is a value with a stable code; nothing here raises for a person's mistake.
Rule 3: a check on another stream only gives an early, friendly refusal. What must hold across
        streams is a claim, and the store enforces it.

It is one match over all commands with the deciders that it calls, and long for that: divided, it
would no longer show in one place what every command does.
"""

from typing import Any

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import AlertRaised, AlertResolved
from goldenhour.domain.care import own_alarms, patient
from goldenhour.domain.care.events import (
    DeviceSilent,
    Observed,
    PatientRegistered,
    RhythmAlarmed,
    VitalAlarmed,
    VitalsCharted,
)
from goldenhour.domain.care.observed import decide_observed
from goldenhour.domain.case import (
    across,
    announcing,
    calling,
    charting,
    devices,
    enrolling,
    lending,
    merging,
    paper,
    putting,
    reading,
    rostering,
    untreated,
)
from goldenhour.domain.case.across import one, or_refuse
from goldenhour.domain.case.loading import Facts, as_recorded, node_org, primary, stream_id
from goldenhour.domain.case.streams import State, States
from goldenhour.domain.dispatch import mission, road
from goldenhour.domain.dispatch.events import (
    MilestoneProposed,
    MilestoneReached,
    RoadChanged,
    RoadClosed,
    RunFileAdded,
    TaskTextSent,
)
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import (
    PreAlertDeclined,
    PreAlertWithdrawn,
)
from goldenhour.domain.intake import call, incident, transfer
from goldenhour.domain.intake.events import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallFieldRecorded,
    CallRang,
    CallRungBack,
    CaseOffered,
    CaseTaken,
    ComplaintSet,
    IncidentReopened,
    InstructionGiven,
    LocationSet,
    OfferOutcome,
    QuestionAnswered,
)
from goldenhour.domain.register import home, hospital, unit
from goldenhour.domain.register.events import (
    DiversionSet,
    DutyChanged,
    HospitalListed,
    UnitListed,
)
from goldenhour.domain.triage import determine
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp


def decide(  # noqa: PLR0915 (one line or one call a command; the slices hold the rules)
    command: c.Command, states: States, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    def state_of[T: State](kind: str, ident: str, of: type[T]) -> T | None:
        state = states.get(stream_id(kind, ident))
        return state if isinstance(state, of) else None

    own = primary(command)
    match command:
        # ---- calls
        case c.Ring():
            if own in states:
                return Refused(code="exists", field="call_id")
            return one(
                own,
                CallRang(number=command.number, line=command.line, location=command.location),
            )
        case c.Answer():
            return _call(command.call_id, states, CallAnswered())
        case c.Abandon():
            return _call(command.call_id, states, CallAbandoned())
        case c.RingBack():
            return _call(command.call_id, states, CallRungBack(reached=command.reached))
        case c.RecordCallField():
            return _call(
                command.call_id,
                states,
                CallFieldRecorded(field=command.field, value=command.value),
            )
        case c.EndCall():
            return _call(command.call_id, states, CallEnded(disposition=command.disposition))

        # ---- incidents
        case c.OpenIncident():
            return across.open_incident(command, states, facts)
        case c.OpenStandby():
            return across.open_standby(command, states, stamp, facts)
        case c.EnterPaper():
            return paper.enter(command, states, stamp, facts)
        case c.JoinCall():
            return across.join(command, states)
        case c.SetLocation():
            return _incident(
                states,
                own,
                LocationSet(
                    location=command.location,
                    source=command.source,
                    accuracy_m=command.accuracy_m,
                ),
            )
        case c.SetComplaint():
            if not facts.triage.has_topic(command.topic):
                return Refused(code="unknown_value", field="topic")
            return _determined(states, own, ComplaintSet(topic=command.topic), stamp, facts)
        case c.AnswerQuestion():
            wrong = facts.triage.check(command.card, command.question, command.answer)
            card = facts.triage.find_card(command.card)
            if wrong or card is None:
                return wrong or Refused(code="unknown_value", field="card")
            answered = QuestionAnswered(
                card=command.card,
                card_version=str(card.about.version),
                question=command.question,
                answer=command.answer,
            )
            return _determined(states, own, answered, stamp, facts)
        case c.OverrideLevel():
            found = state_of("incident", command.incident_id, incident.Incident)
            refused = incident.refuse_unless_open(found)
            if refused or found is None:
                return refused or Refused(code="absent", field="incident_id")
            return or_refuse(own, incident.decide_override(found, command.level, command.reason))
        case c.GiveInstruction():
            return _incident(
                states,
                own,
                InstructionGiven(instruction=command.instruction, step=command.step),
            )
        case c.CloseIncident():
            return across.close(command, states)
        case c.ReopenIncident():
            found = state_of("incident", command.incident_id, incident.Incident)
            if found is None:
                return Refused(code="absent", field="incident_id")
            if found.state is incident.State.OPEN:
                return Refused(code="incident_open")
            return one(own, IncidentReopened(reason=command.reason))

        case c.OfferCase():
            offered = CaseOffered(
                org=command.org,
                org_name=command.org_name,
                seat=command.seat,
                reason=command.reason.strip(),
                node=facts.node if command.org.startswith(node_org("")) else "",
            )
            found = state_of("incident", command.incident_id, incident.Incident)
            return or_refuse(own, transfer.decide_offer(found, offered))
        case c.WithdrawOffer() | c.DeclineCase():
            withdrawn = isinstance(command, c.WithdrawOffer)
            outcome = OfferOutcome.WITHDRAWN if withdrawn else OfferOutcome.DECLINED
            found = state_of("incident", command.incident_id, incident.Incident)
            reason = command.reason.strip()
            return or_refuse(own, transfer.decide_end(found, outcome, reason, stamp))
        case c.TakeCase():
            found = state_of("incident", command.incident_id, incident.Incident)
            taken = CaseTaken(
                from_org="",
                from_seat="",
                org_name=command.org_name,
                reason=command.reason.strip(),
                unasked="",
                node=command.node,
                from_node=facts.node if command.node else "",
            )
            return or_refuse(own, transfer.decide_take(found, taken, stamp))
        case c.CheckMoved():
            return lending.check_moved(command, states)

        case (
            c.AskUnit()
            | c.WithdrawAsk()
            | c.CheckAsk()
            | c.AnswerAsk()
            | c.LinkRun()
            | c.LoseRun()
            | c.Lend()
        ):
            return lending.decide(command, states, stamp, facts)

        # ---- missions
        case c.Assign():
            return across.send(command, states, facts)
        case c.Reserve():
            return across.reserve(command, states, stamp, facts)
        case c.Activate():
            return across.activate(command, states, facts)
        case c.Reach():
            return or_refuse(
                own,
                mission.decide_reach(
                    state_of("mission", command.mission_id, mission.Mission),
                    MilestoneReached(
                        milestone=command.milestone,
                        source=command.source,
                        point=command.point,
                        supplied_late=command.at_ms is not None,
                    ),
                    command.at_ms,
                    stamp.now_ms,
                ),
            )
        case c.ProposeMilestone():
            run = state_of("mission", command.mission_id, mission.Mission)
            proposed = MilestoneProposed(
                milestone=command.milestone,
                distance_m=command.distance_m,
                confidence=command.confidence,
                doubts=command.doubts,
                sight=command.sight,
            )
            if run is None or not mission.is_news(run, proposed):
                return Accepted(writes=())
            return one(own, proposed)
        case c.UndoMilestone():
            return or_refuse(
                own,
                mission.decide_undo(
                    state_of("mission", command.mission_id, mission.Mission),
                    command.milestone,
                    stamp.now_ms,
                    facts.limits.undo_s * 1000,
                ),
            )
        case c.CorrectMilestone():
            return or_refuse(
                own,
                mission.decide_correct(
                    state_of("mission", command.mission_id, mission.Mission),
                    command.milestone,
                    command.at_ms,
                    command.reason,
                    stamp.now_ms,
                ),
            )
        case c.StandDown():
            run = state_of("mission", command.mission_id, mission.Mission)
            return or_refuse(own, mission.decide_stand_down(run, command.reason))
        case c.SeeStandDown():
            seen = mission.decide_seen(state_of("mission", command.mission_id, mission.Mission))
            return Accepted(writes=()) if seen is None else or_refuse(own, seen)
        case c.CloseUntreated():
            run = state_of("mission", command.mission_id, mission.Mission)
            return or_refuse(own, untreated.decide(command, run, facts.care.form))
        case c.Divert():
            return across.divert(command, states, facts)
        case c.Relieve():
            return across.relieve(command, states, facts)
        case c.RefuseOrder():
            run = state_of("mission", command.mission_id, mission.Mission)
            lower = mission.decide_refuse(run, command.epoch, command.node)
            return one(own, lower) if lower else Accepted(writes=())
        case c.SetDestination():
            return or_refuse(own, announcing.set_destination(command, states, stamp))
        case c.Reroute():
            return announcing.reroute(command, states, stamp)
        case c.RecordTaskText():
            return one(own, TaskTextSent(outcome=command.outcome))
        case c.AddRunFile():
            run = state_of("mission", command.mission_id, mission.Mission)
            if run is None:
                return Refused(code="absent", field="mission_id")
            if run.find_file(command.sha256):
                return Accepted(writes=())
            return one(
                own,
                RunFileAdded(
                    sha256=command.sha256,
                    file_kind=command.file_kind,
                    media_type=command.media_type,
                    size_bytes=command.size_bytes,
                    taken_ms=command.taken_ms,
                    taken_source=command.taken_source,
                    device=command.device,
                    waiting=command.waiting,
                ),
            )
        case c.PutRunFile():
            return putting.put(command, states, stamp.role)
        case c.AskCallback() | c.AnswerCallback() | c.ShowNumber():
            return calling.decide(
                command, state_of("mission", command.mission_id, mission.Mission), stamp, facts
            )
        case (
            c.BindMonitor()
            | c.GiveBand()
            | c.TakeBand()
            | c.TakeOffMonitor()
            | c.PutBackMonitor()
            | c.PlaceLeads()
            | c.PlaceMonitor()
            | c.CorrectMonitor()
            | c.SetSceneAlarm()
        ):
            return devices.place(command, states, stamp, facts)
        case c.CheckAcknowledged():
            run = state_of("mission", command.mission_id, mission.Mission)
            if run is None or run.state is not mission.State.ASSIGNED:
                return Accepted(writes=())
            return across.watch(command, states, run, own)
        case c.CheckDeparted():
            run = state_of("mission", command.mission_id, mission.Mission)
            waiting = (mission.State.ASSIGNED, mission.State.ACKNOWLEDGED)
            if run is None or run.state not in waiting:
                return Accepted(writes=())
            return across.watch(command, states, run, own)

        case c.CheckWindow():
            return across.look_at_window(command, states, stamp, facts)

        # ---- patients
        case c.RegisterPatient():
            run = state_of("mission", command.mission_id, mission.Mission)
            if run is None:
                return Refused(code="absent", field="mission_id")
            if own in states:
                return Refused(code="exists", field="patient_id")
            return one(
                own,
                PatientRegistered(
                    incident_id=run.incident_id,
                    mission_id=command.mission_id,
                    unit_id=run.unit_id,
                    name=command.name,
                    age_y=command.age_y,
                    sex=command.sex,
                    letter=command.letter,
                ),
            )
        case c.CorrectDemographic():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            if not command.reason.strip():
                return Refused(code="reason_required", field="reason")
            corrected = charting.corrected_by(command, person, stamp)
            return charting.assessed(states, own, corrected, stamp, facts)
        case c.MergePatients():
            return announcing.tell_death(merging.merge_patients(command, states), states, stamp)
        case c.PartPatients():
            return announcing.tell_death(merging.part_patients(command, states), states, stamp)
        case c.ChartVitals():
            return charting.assessed(
                states, own, VitalsCharted(vitals=command.vitals), stamp, facts
            )
        case c.SetAlarm():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            standing = person.alarms.get(command.sign)
            if (standing.alarm if standing else None) is command.alarm:
                return Accepted(writes=())
            return one(
                own,
                VitalAlarmed(
                    sign=command.sign,
                    alarm=command.alarm,
                    value=command.value,
                    limit_id=command.limit_id,
                ),
            )
        case c.SetRhythm() | c.SeeRhythm():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            suspected = person.rhythms.get(command.device_id)
            rhythm = command.rhythm if isinstance(command, c.SetRhythm) else None
            if (suspected.rhythm if suspected else None) is rhythm:
                return Accepted(writes=())
            return one(own, RhythmAlarmed(device_id=command.device_id, rhythm=rhythm))
        case c.SetDeviceAlarm():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            alarmed = own_alarms.decide(person.device_alarms, command.told)
            return one(own, alarmed) if alarmed else Accepted(writes=())
        case c.SetDeviceSilent():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            silent = own_alarms.fall_silent(
                person.device_alarms, command.device_id, command.since_ms
            )
            if silent == person.device_alarms:
                return Accepted(writes=())
            return one(own, DeviceSilent(device_id=command.device_id, since_ms=command.since_ms))
        case c.Observe():
            said = Observed(
                consciousness=command.consciousness,
                on_oxygen=command.on_oxygen,
                gcs=command.gcs,
                pain=command.pain,
                gcs_motor=command.gcs_motor,
                gcs_parts=command.gcs_parts,
                as_before=command.as_before,
            )
            observed = decide_observed(said, facts.scores.gcs)
            if isinstance(observed, Refused):
                return observed
            return charting.assessed(states, own, observed, stamp, facts)
        case c.ConfirmLevel():
            person = state_of("patient", command.patient_id, patient.Patient)
            both = merging.whole(person, states) if person else None
            confirmed = patient.decide_confirm(both, command.level, command.reason)
            if isinstance(confirmed, Refused) or person is None:
                return or_refuse(own, confirmed)
            # What was merged into it is shown with it, and answered with it.
            rest = charting.seen(states, charting.shown_with(person, states), stamp.now_ms)
            return Accepted(writes=(Write(stream=own, events=(confirmed,)), *rest))

        case c.SeeWorsening():
            person = state_of("patient", command.patient_id, patient.Patient)
            if person is None:
                return Refused(code="absent", field="patient_id")
            # Without a write where somebody else was quicker.
            shown = (own, *charting.shown_with(person, states))
            return Accepted(writes=charting.seen(states, shown, command.through_ms))

        case (
            c.Identify()
            | c.EnterVitals()
            | c.WriteField()
            | c.OpenSheet()
            | c.GiveDrug()
            | c.DoProcedure()
            | c.TakeNote()
            | c.RecordEcg()
            | c.InterpretEcg()
            | c.WithdrawEntry()
            | c.SignForm()
            | c.SignRecord()
            | c.AskPortrait()
            | c.RecordPortrait()
            | c.AddFile()
            | c.WithdrawFile()
        ):
            return charting.chart(command, states, stamp, facts)

        case c.CheckEcg():
            return reading.check(command, states)

        # ---- hand-over
        case c.PreAlert():
            return announcing.send_prealert(command, states)
        case c.CorrectPreAlert():
            return or_refuse(own, announcing.correct_prealert(command, states))
        case c.AcknowledgePreAlert():
            told = state_of("handover", command.handover_id, prealert.Handover)
            return or_refuse(
                own,
                prealert.decide_acknowledge(told, command.name, command.bay, command.corrections),
            )
        case c.DeclinePreAlert():
            if not command.reason.strip():
                return Refused(code="reason_required", field="reason")
            return _handover(states, own, PreAlertDeclined(reason=command.reason))
        case c.WithdrawPreAlert():
            return _handover(states, own, PreAlertWithdrawn(reason=command.reason))
        case c.Sign():
            signed = state_of("handover", command.handover_id, prealert.Handover)
            return or_refuse(own, prealert.decide_sign(signed, command.side, command.name))
        case c.CheckPreAlert():
            sent = state_of("handover", command.handover_id, prealert.Handover)
            if sent is None or sent.state is not prealert.State.SENT:
                return Accepted(writes=())
            return across.watch(command, states, sent, own)
        case c.DropPreAlert():
            waiting_for = state_of("handover", command.handover_id, prealert.Handover)
            if prealert.refuse_unless(waiting_for, PreAlertWithdrawn):
                return Accepted(writes=())  # declined or withdrawn before
            return one(own, PreAlertWithdrawn(reason=command.reason))

        # ---- alerts
        case c.RaiseAlert():
            stands = state_of("alert", command.alert_id, alert.Alert)
            if command.if_changed:
                if stands is not None and stands.details == command.details:
                    return Accepted(writes=())
            elif alert.stands(stands) and not (command.anew and alert.was_answered(stands)):
                return Accepted(writes=())
            return one(
                own,
                AlertRaised(
                    code=command.code,
                    priority=command.priority,
                    subject=command.subject,
                    incident_id=command.incident_id,
                    owner=command.owner,
                    details=command.details,
                ),
            )
        case c.AcknowledgeAlert():
            return or_refuse(
                own, alert.decide_acknowledge(state_of("alert", command.alert_id, alert.Alert))
            )
        case c.EscalateAlert():
            climbed = alert.decide_escalate(state_of("alert", command.alert_id, alert.Alert))
            return one(own, climbed) if climbed else Accepted(writes=())
        case c.MoveAlert():
            moved = alert.decide_move(
                state_of("alert", command.alert_id, alert.Alert), command.owner
            )
            return one(own, moved) if moved else Accepted(writes=())
        case c.ResolveAlert():
            raised = state_of("alert", command.alert_id, alert.Alert)
            if raised is None or raised.state is alert.State.RESOLVED:
                return Accepted(writes=())
            return one(own, AlertResolved(reason=command.reason))

        # ---- register
        case c.ListUnit():
            return one(
                own,
                UnitListed(
                    call_sign=command.call_sign,
                    station_id=command.station_id,
                    station_name=command.station_name,
                    station_point=command.station_point,
                    unit_kind=command.unit_kind,
                    assumed=command.assumed,
                ),
            )
        case c.ImportStations():
            return enrolling.import_stations(command, states)
        case c.ImportUnits():
            return enrolling.import_units(command, states)
        case c.SetDuty():
            if state_of("unit", command.unit_id, unit.Unit) is None:
                return Refused(code="absent", field="unit_id")
            return one(own, DutyChanged(on_duty=command.on_duty, crew=command.crew))
        case c.CheckUnit():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(
                own,
                unit.decide_check(
                    found_unit, command.check_id, command.name, command.answers, facts.shift_check
                ),
            )
        case c.TakeOverCheck():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(own, unit.decide_take_over(found_unit, command.check_id, command.name))
        case c.TakeOutOfService():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(own, unit.decide_out_of_service(found_unit, command.reason))
        case c.PutBackInService():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(own, unit.decide_back_in_service(found_unit))
        case c.CallHelp():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(own, unit.decide_help(found_unit, command.point, command.by_alarm))
        case c.EndHelp():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return or_refuse(own, unit.decide_end_help(found_unit, command.reason))
        case c.NameHome() | c.TakeUnitOver() | c.GiveUnit() | c.LearnHome():
            found_unit = state_of("unit", command.unit_id, unit.Unit)
            return _homed(own, command, found_unit, facts.node)
        case c.PlanShift() | c.ChangeShift() | c.WithdrawShift():
            return rostering.decide_shift(command, states, stamp, facts)
        case c.ImportRoster():
            return rostering.import_roster(command, states, stamp, facts)
        case c.ListHospital():
            return one(
                own,
                HospitalListed(
                    name=command.name,
                    name_en=command.name_en,
                    point=command.point,
                    capabilities=command.capabilities,
                    assumed=command.assumed,
                ),
            )
        case c.ReportBeds():
            where = state_of("hospital", command.hospital_id, hospital.Hospital)
            return or_refuse(own, hospital.decide_report_beds(where, command.free))
        case c.SetDiversion():
            if state_of("hospital", command.hospital_id, hospital.Hospital) is None:
                return Refused(code="absent", field="hospital_id")
            return one(own, DiversionSet(diverting=command.diverting, reason=command.reason))

        # ---- roads
        case c.CloseRoad():
            closed = RoadClosed(
                line=command.line,
                both_ways=command.both_ways,
                share=command.share,
                reason=command.reason,
                label=command.label.strip(),
                until_ms=command.until_ms,
            )
            known_road = state_of("road", command.closure_id, road.Road)
            return or_refuse(own, road.decide_close(known_road, closed, stamp.now_ms))
        case c.ChangeClosure():
            known_road = state_of("road", command.closure_id, road.Road)
            changed = RoadChanged(share=command.share, until_ms=command.until_ms)
            return or_refuse(own, road.decide_change(known_road, changed, stamp.now_ms))
        case c.ReopenRoad():
            known_road = state_of("road", command.closure_id, road.Road)
            return or_refuse(own, road.decide_reopen(known_road, command.reason))


def _call(ident: str, states: States, event: Any) -> Accepted | Refused:
    stream = stream_id("call", ident)
    state = states.get(stream)
    refused = call.refuse_unless(state if isinstance(state, call.Call) else None, type(event))
    return refused or one(stream, event)


def _incident(states: States, stream: str, event: Any) -> Accepted | Refused:
    state = states.get(stream)
    refused = incident.refuse_unless_open(state if isinstance(state, incident.Incident) else None)
    return refused or one(stream, event)


def _handover(states: States, stream: str, event: Any) -> Accepted | Refused:
    state = states.get(stream)
    refused = prealert.refuse_unless(
        state if isinstance(state, prealert.Handover) else None, type(event)
    )
    return refused or one(stream, event)


def _homed(
    stream: str,
    command: c.NameHome | c.TakeUnitOver | c.GiveUnit | c.LearnHome,
    state: unit.Unit | None,
    node: str,
) -> Accepted | Refused:
    ident = command.unit_id
    match command:
        case c.NameHome():
            return or_refuse(stream, home.decide_name(state, ident, command.node.strip(), node))
        case c.TakeUnitOver():
            return or_refuse(stream, home.decide_take(state, ident, command.reason, node))
        case c.GiveUnit():
            to = command.node.strip()
            return or_refuse(stream, home.decide_give(state, ident, to, command.reason, node))
        case c.LearnHome():
            learnt = home.decide_learn(state, ident, command.node, command.epoch, node)
            return one(stream, learnt) if learnt else Accepted(writes=())


def _determined(
    states: States, stream: str, event: Any, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    """The answer, and the protocol's new result when the answer changed it."""
    state = states.get(stream)
    found = state if isinstance(state, incident.Incident) else None
    refused = incident.refuse_unless_open(found)
    if refused or found is None:
        return refused or Refused(code="absent", field="incident_id")
    after = incident.evolve(found, as_recorded(stream, event, stamp))
    if after is None:
        return one(stream, event)
    result = determine.determine(after, facts.triage)
    events = (event,) if result == found.determined else (event, result)
    return Accepted(writes=(Write(stream=stream, events=events),))
