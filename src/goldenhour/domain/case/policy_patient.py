"""What follows from an event of a patient, and of the hospital that was told of them."""

import re
from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import interpret, patient, record
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    EntryWithdrawn,
    FieldWritten,
    PatientJoined,
    PatientMerged,
    PatientParted,
    PatientRegistered,
    PatientUnmerged,
    SheetRead,
)
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut
from goldenhour.domain.care.portrait_events import PortraitAsked
from goldenhour.domain.care.sheets import Who
from goldenhour.domain.case.loading import Facts, stream_id, watch_alert_id
from goldenhour.domain.case.reactions import (
    ECG_UNREAD,
    NOT_COMING,
    centre_owner,
    declined_alert,
    grant,
    hospital_org,
    resolve,
    unit_org,
)
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import (
    PreAlertCorrected,
    PreAlertDeathTold,
    PreAlertDeclined,
    PreAlerted,
)
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import At, Cancel, Effect, Reaction
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import HOUR_MS, SECOND_MS

URGENT: Final = (DispatchLevel.R0, DispatchLevel.R1)
"""Immediate threat to life (clinical fact sheet 1.1)."""
_CODE: Final = re.compile(r"[a-z][a-z0-9_]*")


def of_patient(state: patient.Patient, recorded: Recorded, facts: Facts) -> tuple[Reaction, ...]:
    limits = facts.limits
    match recorded.event:
        case PatientRegistered():
            return (grant(unit_org(state.unit_id), (recorded.stream,), recorded),)
        case (
            PatientJoined(other_id=ident, hospital_ids=wards)
            | PatientMerged(into=ident, hospital_ids=wards)
        ):
            # The time runs from here: what would end it, run or hand-over, may be over.
            hours = (limits.grant_after_run_h, limits.grant_after_handover_h)
            return _share(state, ident, wards, recorded, (hours[0] * HOUR_MS, hours[1] * HOUR_MS))
        case (
            PatientParted(other_id=ident, hospital_ids=wards)
            | PatientUnmerged(out_of=ident, hospital_ids=wards)
        ):
            soon_ms = limits.grant_after_reroute_s * SECOND_MS
            return _share(state, ident, wards, recorded, (soon_ms, soon_ms))
        case (
            EcgRead()
            | EcgInterpreted()
            | EntryWithdrawn()
            | VitalsMovedOut()
            | VitalsMovedIn()
            | FieldWritten(field=record.DIED)
        ):
            return _ecg_clock(state, recorded, limits)
        case PortraitAsked(ask_id=ask_id):
            ident = recorded.stream.partition(":")[2]
            return (
                Effect(
                    kind="portrait",
                    key=f"portrait:{ident}:{ask_id}",
                    body={"patient_id": ident, "ask_id": ask_id},
                ),
            )
        case SheetRead(response=response) if response is not None:
            return (_scene_asks(state, response, recorded, facts),)
        case _:
            return ()


def _ecg_clock(state: patient.Patient, recorded: Recorded, limits: Limits) -> tuple[Reaction, ...]:
    """The oldest ECG that waits for a physician is the one whose time runs; of the dead, none."""
    ident = recorded.stream.partition(":")[2]
    key, at_ms = f"{ECG_UNREAD}:{ident}", recorded.received_ms
    ended = resolve(f"{ECG_UNREAD}.{ident}", "read", at_ms)
    died = state.record.died_ms is not None
    unread = () if died else interpret.list_unread(state.record)
    if not unread:
        ecgs = (one.entry for one in state.record.entries if isinstance(one.entry, EcgRead))
        return (Cancel(key=key), ended) if any(ecgs) else ()
    due_ms = min(kept.at_ms for kept in unread) + limits.ecg_read_s * SECOND_MS
    check = c.CheckEcg(patient_id=ident)
    return (
        At(key=key, due_ms=max(due_ms, at_ms), command=check),
        *((ended,) if due_ms > at_ms else ()),
    )


def _scene_asks(
    state: patient.Patient, response: DispatchLevel, recorded: Recorded, facts: Facts
) -> At:
    """What a crew's score of the scene asks of the centre, the police and the fire service."""
    ident, reading = recorded.stream.partition(":")[2], recorded.event
    sheet = facts.care.find_sheet(reading.sheet)
    asked = [
        row
        for row in (sheet.actions if sheet else ())
        if row.id in reading.actions and row.who is not Who.CREW
    ]
    raised = c.RaiseAlert(
        alert_id=f"scene_asks.{ident}",
        code="scene_asks",
        priority=1 if response in URGENT else 2,
        subject=recorded.stream,
        incident_id=state.incident_id,
        owner="all",
        details={
            "unit_id": state.unit_id,
            "sheet": reading.sheet,
            "level": response,
            "who": ",".join(who for who in Who if any(row.who is who for row in asked)),
            "actions": ",".join(row.id for row in asked),
        },
        if_changed=True,
    )
    return At(key=f"scene_asks:{ident}", due_ms=recorded.received_ms, command=raised)


def _share(
    state: patient.Patient,
    ident: str,
    wards: tuple[str, ...],
    recorded: Recorded,
    lasts_ms: tuple[int, int],
) -> tuple[Reaction, ...]:
    """Its vehicle and its hospitals read the other record of the same person: so long."""
    other, at_ms = (stream_id("patient", ident),), recorded.received_ms
    return (
        grant(unit_org(state.unit_id), other, recorded, at_ms + lasts_ms[0]),
        *(grant(hospital_org(one), other, recorded, at_ms + lasts_ms[1]) for one in wards),
    )


def of_handover(
    state: prealert.Handover, recorded: Recorded, limits: Limits
) -> tuple[Reaction, ...]:
    ident = recorded.stream.partition(":")[2]
    check = c.CheckPreAlert(handover_id=ident)
    streams = (
        recorded.stream,
        stream_id("incident", state.incident_id),
        stream_id("mission", state.mission_id),
        stream_id("patient", state.patient_id),
        *(stream_id("patient", ident) for ident in state.joined),
    )
    where = hospital_org(state.hospital_id)
    at_ms = recorded.received_ms
    declined_id = declined_alert(state.patient_id)
    silence: tuple[Reaction, ...] = (
        Cancel(key=f"prealert:{ident}"),
        resolve(watch_alert_id(check), str(state.state), at_ms),
    )
    ask = At(
        key=f"prealert:{ident}",
        due_ms=recorded.occurred_ms + limits.prealert_s * SECOND_MS,
        command=check,
    )
    if isinstance(recorded.event, PreAlerted):
        return (
            grant(where, streams, recorded),
            grant(unit_org(state.unit_id), (recorded.stream,), recorded),
            ask,
        )
    if isinstance(recorded.event, PreAlertCorrected | PreAlertDeathTold):
        return (ask,) if state.state is prealert.State.SENT else ()
    match state.state:
        case prealert.State.ACKNOWLEDGED:
            return (*silence, resolve(declined_id, "acknowledged", at_ms))
        case prealert.State.DECLINED | prealert.State.WITHDRAWN:
            until_ms = at_ms + limits.grant_after_reroute_s * SECOND_MS
            ended = grant(where, streams, recorded, until_ms)
            if not isinstance(recorded.event, PreAlertDeclined):
                return (*silence, ended, _not_coming(state, recorded))
            declined = c.RaiseAlert(
                alert_id=declined_id,
                code="prealert_declined",
                priority=1,
                subject=recorded.stream,
                incident_id=state.incident_id,
                owner="all",
                details={"call_sign": state.call_sign, "reason": state.reason},
                anew=True,
            )
            return (*silence, ended, At(key=f"declined:{ident}", due_ms=at_ms, command=declined))
        case prealert.State.HANDED_OVER:
            until_ms = at_ms + limits.grant_after_handover_h * HOUR_MS
            return (
                *silence,
                resolve(declined_id, "handed_over", at_ms),
                resolve(f"{ECG_UNREAD}.{state.patient_id}", "handed_over", at_ms),
                grant(where, streams, recorded, until_ms),
            )
        case _:
            return ()


def _not_coming(state: prealert.Handover, recorded: Recorded) -> At:
    """The hospital reads the case no more; of whom it need not wait for it hears by an alert."""
    ident = recorded.stream.partition(":")[2]
    told = c.RaiseAlert(
        alert_id=f"{NOT_COMING}.{ident}",
        code=NOT_COMING,
        priority=3,
        subject=recorded.stream,
        incident_id="",
        owner=centre_owner(hospital_org(state.hospital_id)),
        details={
            "call_sign": state.call_sign,
            "hospital_id": state.hospital_id,
            # Words of one's own may name the patient.
            "reason": state.reason if _CODE.fullmatch(state.reason) else "",
        },
    )
    return At(key=f"not_coming:{ident}", due_ms=recorded.received_ms, command=told)
