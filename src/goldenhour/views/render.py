"""Rows from states. Nothing is decided here: limits, targets and next questions are content.

Every screen uses the same renderers; what a screen may show is decided by what its reader may read.
"""

import json
from typing import Any

import msgspec

from goldenhour.domain.attention.alert import Alert, next_owner
from goldenhour.domain.care import assess, merge
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case import Facts, State, kind_of
from goldenhour.domain.case.loading import node_org
from goldenhour.domain.case.streams import Unknown, event_kind
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.dispatch.road import Road
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.incident import Incident, Location
from goldenhour.domain.register.hospital import Hospital
from goldenhour.domain.register.roster import UnitWeek
from goldenhour.domain.register.station import Station
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage import determine
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.personal import Clear, Personal, Sealed
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views import person
from goldenhour.views.alarms import (
    alarm_rows,
    device_alarm_rows,
    misleading_rows,
    reassess_row,
    rhythm_rows,
    worse_rows,
)
from goldenhour.views.fold import Folded, Renderer, Reveal
from goldenhour.views.homes import is_shown, other_node, rang_at
from goldenhour.views.missions import mission_row
from goldenhour.views.monitors import (
    measured_rows,
    newest_values,
)
from goldenhour.views.portrait import portrait_row
from goldenhour.views.record import record_row, written_row
from goldenhour.views.roads import road_row
from goldenhour.views.rows import (
    AlertRow,
    CallRow,
    HandoverRow,
    HospitalRow,
    IncidentRow,
    InstructionRow,
    LogRow,
    PatientRow,
    Row,
    ScoreRow,
    SignatureRow,
    WantedRow,
)
from goldenhour.views.units import unit_row


def renderer(facts: Facts) -> Renderer:
    """The renderer of a release's content."""

    def row(ident: str, state: State | None, view: Folded) -> Row | None:
        match state:
            case Call():
                return call_row(ident, state, view, facts)
            case Incident():
                shown = is_shown(f"incident:{ident}", state, view, facts)
                return incident_row(ident, state, view, facts) if shown else None
            case Mission():
                led = view.states.get(f"incident:{state.incident_id}")
                level = led.level if isinstance(led, Incident) else None
                return mission_row(ident, state, facts, level or state.level, view.reveal)
            case Unit():
                return unit_row(ident, state, view)
            case Hospital():
                return hospital_row(ident, state)
            case Patient():
                return patient_row(ident, state, view, facts)
            case Handover():
                return handover_row(ident, state, view.reveal, facts)
            case Alert():
                return alert_row(ident, state, facts)
            case Road():
                return road_row(ident, state)
            case UnitWeek() | Station() | None:
                return None

    def log(recorded: Recorded, before: State | None, after: State | None) -> LogRow | None:
        # A plan is no happening: one table would push a whole night's events out of the log.
        return None if kind_of(recorded.stream) == "roster" else log_row(recorded, before, after)

    return Renderer(row=row, log=log)


def location_of(personal: Personal | None, reveal: Reveal) -> Location | None:
    text = reveal.text(personal)
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=Location)
    except msgspec.DecodeError:
        return None


def call_row(ident: str, state: Call, view: Folded, facts: Facts) -> CallRow:
    reveal = view.reveal
    home = rang_at(state, view.states.get(f"incident:{state.incident_id}"), facts)
    return CallRow(
        id=ident,
        state=state.state,
        number=reveal.text(state.number),
        line=state.line,
        location=location_of(state.location, reveal),
        fields={f: reveal.text(value) or "" for f, value in state.fields.items()},
        owner=f"{home}/{state.owner}" if home else state.owner,
        incident_id=state.incident_id,
        disposition=state.disposition or "",
        rang_ms=state.rang_ms,
        answered_ms=state.answered_ms,
        abandoned_ms=state.abandoned_ms,
        ended_ms=state.ended_ms,
        ring_backs=state.ring_backs,
        node=home,
    )


def incident_row(ident: str, state: Incident, view: Folded, facts: Facts) -> IncidentRow:
    found = state.determined
    stream = f"incident:{ident}"
    level, home = state.level, other_node(state, facts)
    return IncidentRow(
        id=ident,
        state=state.state,
        number=state.number,
        calls=state.calls,
        location=location_of(state.location, view.reveal),
        location_source=state.location_source or "",
        accuracy_m=state.accuracy_m,
        topic=state.topic,
        answers=state.answers,
        next_questions=determine.next_questions(state, facts.triage),
        level=level or "",
        level_possible=(found.possible or "") if found else "",
        level_overridden=state.override is not None,
        level_complete=found.complete if found else False,
        rules=found.rules if found else (),
        flags=found.flags if found else (),
        plan=found.plan if found else (),
        scripts=found.scripts if found else (),
        instructions=tuple(
            InstructionRow(instruction=i.instruction, step=i.step, at_ms=i.at_ms)
            for i in state.instructions
        ),
        dispatchable=state.dispatchable,
        # Two nodes have a seat 03 each, and their centres may have one name.
        seat=f"{home}/{state.seat}" if home else state.seat,
        opened_ms=state.opened_ms,
        located_ms=state.located_ms,
        levelled_ms=state.levelled_ms,
        dispatched_ms=state.dispatched_ms,
        dispatch_target_s=facts.triage.dispatch_target_s(level) if level else None,
        waiting_since_ms=state.opened_ms,
        closed_ms=state.closed_ms,
        close_reason=state.close_reason,
        missions=state.missions,
        patients=tuple(view.linked(stream, "patient")),
        standby=state.standby,
        paper_number=state.paper_number,
        org=node_org(home) if home else state.org,
        offer=state.offer,
        wanted=_wanted(state, facts),
        asks=state.asks,
        node=home,
        moved=state.moved,
    )


def _wanted(state: Incident, facts: Facts) -> WantedRow | None:
    plan = facts.triage.find_plan(state.level, state.topic) if state.level else None
    if state.level is None or plan is None:
        return None
    asked = facts.triage.find_response(state.level, state.topic)
    return WantedRow(
        unit_kinds=plan.unit_kinds,
        crews=plan.crews,
        others=asked.others if asked else (),
        staged=asked.staged if asked else False,
    )


def hospital_row(ident: str, state: Hospital) -> HospitalRow:
    return HospitalRow(
        id=ident,
        name=state.name,
        name_en=state.name_en,
        point=state.point,
        capabilities=state.capabilities,
        assumed=state.assumed,
        free_beds=state.free_beds,
        beds_reported_ms=state.beds_reported_ms,
        diverting=state.diverting,
        diversion_reason=state.diversion_reason,
    )


def patient_row(ident: str, state: Patient, view: Folded, facts: Facts) -> PatientRow:
    run = view.states.get(f"mission:{state.mission_id}")
    own, state = state, merge.together(state, person.joined(state, view))
    seen = state.observed
    said = {
        name: tuple(written_row(one, view.reveal) for one in writes)
        for name, writes in state.identity.said.items()
    }
    news2_until, level_until = assess.valid_until(state, facts.scores)
    died = state.record.died_ms is not None
    return PatientRow(
        id=ident,
        incident_id=state.incident_id,
        mission_id=state.mission_id,
        unit_id=state.unit_id,
        call_sign=run.call_sign if isinstance(run, Mission) else "",
        name=view.reveal.text(state.name),
        age_y=state.age_y,
        sex=state.sex,
        vitals=newest_values(state.vitals),
        vitals_ms=state.vitals_ms,
        measured=measured_rows(state.vitals),
        consciousness=(seen.consciousness or "") if seen else "",
        on_oxygen=seen.on_oxygen if seen else None,
        gcs=seen.gcs if seen else None,
        gcs_motor=seen.gcs_motor if seen else None,
        gcs_parts=seen.gcs_parts if seen else None,
        gcs_text=seen.gcs_text if seen else "",
        pain=seen.pain if seen else None,
        score=_score(state.history[-1]) if state.history else None,
        score_history=tuple(_score(item) for item in state.history),
        level=state.level or "",
        level_by=state.level_by,
        level_ms=state.level_ms,
        registered_ms=state.registered_ms,
        record=record_row(state, view.reveal, facts.care),
        alarms=() if died else alarm_rows(state),
        worse=() if died else worse_rows(state),
        portrait=portrait_row(state, view.reveal, facts),
        seen_ms=state.seen_ms,
        news2_until=news2_until,
        level_until=level_until,
        working_name=person.working_name(own, run, facts),
        letter=own.letter,
        joined=own.joined,
        merged_into=own.merged_into,
        identity=said,
        differs=person.differing(state, said),
        rhythms=() if died else rhythm_rows(state),
        device_alarms=() if died else device_alarm_rows(state),
        reassess=reassess_row(state, run, facts.limits.reassess_s),
        misleading=misleading_rows(state, facts.scores.misleads),
        died_ms=state.record.died_ms,
    )


def _score(item: Any) -> ScoreRow:
    at_ms, scored = item
    return ScoreRow(
        news2=scored.news2,
        news2_band=scored.news2_band,
        news2_missing=scored.news2_missing,
        level=scored.level or "",
        level_reasons=scored.level_reasons,
        level_missing=scored.level_missing,
        complete=scored.complete,
        at_ms=at_ms,
    )


def handover_row(ident: str, state: Handover, reveal: Reveal, facts: Facts) -> HandoverRow:
    corrected = state.corrections[-1] if state.corrections else None
    return HandoverRow(
        id=ident,
        state=state.state,
        incident_id=state.incident_id,
        incident_number=state.incident_number,
        mission_id=state.mission_id,
        patient_id=state.patient_id,
        unit_id=state.unit_id,
        call_sign=state.call_sign,
        hospital_id=state.hospital_id,
        tier=state.tier,
        needs=state.needs,
        eta_s=state.eta_s,
        summary=reveal.text(state.summary),
        acknowledged_name=state.acknowledged_name,
        bay=state.bay,
        acknowledged_ms=state.acknowledged_ms,
        reason=state.reason,
        signatures={
            side: SignatureRow(name=s.name, at_ms=s.at_ms) for side, s in state.signatures.items()
        },
        sent_ms=state.sent_ms,
        answer_due_ms=(
            (corrected.at_ms if corrected else state.sent_ms) + facts.limits.prealert_s * SECOND_MS
            if state.state is prealert.State.SENT
            else None
        ),
        ended_ms=state.ended_ms,
        corrections=len(state.corrections),
        corrected_ms=corrected.at_ms if corrected else None,
        changed=corrected.changed if corrected else (),
        died_ms=state.died_ms,
        needs_before=corrected.needs_before if corrected else (),
    )


def alert_row(ident: str, state: Alert, facts: Facts) -> AlertRow:
    above = next_owner(state)
    wait_s = facts.limits.escalate_s.get(str(state.priority)) if above else None
    level = state.details.get("level") if state.code == "not_dispatched" else None
    return AlertRow(
        id=ident,
        state=state.state,
        code=state.code,
        priority=state.priority,
        subject=state.subject,
        incident_id=state.incident_id,
        owner=state.owner,
        details=state.details,
        raised_ms=state.raised_ms,
        limit_s=(
            facts.triage.dispatch_target_s(DispatchLevel(level))
            if level
            else facts.limits.alert_limit_s(state.code)
        ),
        next_owner=above if wait_s is not None else "",
        climbs_ms=None if wait_s is None else state.owned_ms + wait_s * SECOND_MS,
        acknowledged_by=state.acknowledged_by,
        acknowledged_ms=state.acknowledged_ms,
        resolved_ms=state.resolved_ms,
    )


def log_row(recorded: Recorded, before: State | None, state: State | None) -> LogRow:
    """One line of the event stream; personal text never enters it."""
    event = recorded.event
    changed, was, now = _change(before, state)
    incident_id = (
        recorded.stream.partition(":")[2]
        if kind_of(recorded.stream) == "incident"
        else getattr(state, "incident_id", "")
    )
    return LogRow(
        id=f"{recorded.stream}@{recorded.version}",
        stream=recorded.stream,
        kind=event_kind(event),
        incident_id=incident_id,
        summary=small_facts(event, state),
        changed=changed,
        was=was,
        now=now,
        actor=recorded.actor,
        seat=recorded.seat,
        role=recorded.role,
        occurred_ms=recorded.occurred_ms,
        received_ms=recorded.received_ms,
    )


def _change(before: State | None, after: State | None) -> tuple[str, str, str]:
    """The first of the fields that people follow which the event changed, before and after."""
    for name in ("state", "level", "owner"):
        was, now = (str(getattr(state, name, "") or "") for state in (before, after))
        if was != now:
            return name, was, now
    return "", "", ""


def small_facts(event: Any, state: State | None = None) -> dict[str, str]:
    """The event's own small facts as text, and the call sign that people know it by."""
    if isinstance(event, Unknown):
        return {}
    facts: dict[str, str] = {}
    for name in event.__struct_fields__:
        value = getattr(event, name)
        if isinstance(value, (Clear, Sealed)) or value is None or value == "":
            continue
        if isinstance(value, str | int | float | bool):
            facts[name] = str(value) if isinstance(value, str) else json.dumps(value)
    for name in ("call_sign", "number", "incident_number", "label"):
        known = getattr(state, name, "")
        if isinstance(known, str) and known:
            facts.setdefault(name, known)
    return facts
