"""When an ECG has waited too long for a physician."""

from goldenhour.domain import commands as c
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import AlertRaised
from goldenhour.domain.care import interpret, patient
from goldenhour.domain.case.across import one
from goldenhour.domain.case.loading import primary, stream_id, watch_alert_id
from goldenhour.domain.case.reactions import ECG_UNREAD, centre_owner, hospital_org
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.handover import prealert
from goldenhour.kernel.outcome import Accepted

_ALERT_PRIORITY = 2


def check(command: c.CheckEcg, states: States) -> Accepted:
    """The alert is the hospital's that waits for this patient; where none does, everybody's.

    None after the hand-over or the run: then the ECG is with those who treat.
    """
    stream = stream_id("alert", watch_alert_id(command))
    person = states.get(primary(command))
    nothing = Accepted(writes=())
    if not isinstance(person, patient.Patient) or alert.stands(states.get(stream)):
        return nothing
    run = states.get(stream_id("mission", person.mission_id))
    unread = interpret.list_unread(person.record)
    if not unread or not isinstance(run, mission.Mission) or not run.active:
        return nothing
    told = [
        handover
        for sent in run.alerted
        if sent.patient_id == command.patient_id
        and isinstance(
            handover := states.get(stream_id("handover", sent.handover_id)), prealert.Handover
        )
    ]
    if any(one.state is prealert.State.HANDED_OVER for one in told):
        return nothing
    waiting = [h for h in told if h.state in {prealert.State.SENT, prealert.State.ACKNOWLEDGED}]
    hospital_id = waiting[-1].hospital_id if waiting else ""
    return one(
        stream,
        AlertRaised(
            code=ECG_UNREAD,
            priority=_ALERT_PRIORITY,
            subject=primary(command),
            incident_id=person.incident_id,
            owner=centre_owner(hospital_org(hospital_id)) if hospital_id else "all",
            details={
                "call_sign": run.call_sign,
                "number": run.incident_number,
                "hospital_id": hospital_id,
            },
        ),
    )
