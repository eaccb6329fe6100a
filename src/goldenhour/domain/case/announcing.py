"""Where a run takes its patients, and which hospital waits for whom."""

from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.care import patient
from goldenhour.domain.case.across import or_refuse
from goldenhour.domain.case.loading import as_recorded, stream_id
from goldenhour.domain.case.merging import known_of
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.events import DestinationSet, HospitalAlerted
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import (
    PreAlertCorrected,
    PreAlertDeathTold,
    PreAlerted,
    PreAlertWithdrawn,
)
from goldenhour.domain.register import hospital
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp

OTHER_HOSPITAL: Final = "other_hospital"
"""Why a pre-alert ended, where the crew has said nothing else."""


def send_prealert(command: c.PreAlert, states: States) -> Accepted | Refused:
    stream = stream_id("handover", command.handover_id)
    run = states.get(stream_id("mission", command.mission_id))
    person = states.get(stream_id("patient", command.patient_id))
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    if not isinstance(person, patient.Patient):
        return Refused(code="absent", field="patient_id")
    if person.merged_into:
        return Refused(code="patient_merged", field="patient_id")
    where = states.get(stream_id("hospital", command.hospital_id))
    if not isinstance(where, hospital.Hospital):
        return Refused(code="absent", field="hospital_id")
    if stream in states:
        return Refused(code="exists", field="handover_id")
    if not run.active:
        return Refused(code=f"mission_{run.state}")
    alerted = HospitalAlerted(handover_id=command.handover_id, patient_id=command.patient_id)
    died_ms = known_of(person, states).record.died_ms
    died = () if died_ms is None else (PreAlertDeathTold(died_ms=died_ms),)
    return Accepted(
        writes=(
            Write(stream=stream, events=(_prealerted(command, run, states), *died)),
            Write(stream=stream_id("mission", command.mission_id), events=(alerted,)),
        )
    )


def correct_prealert(command: c.CorrectPreAlert, states: States) -> PreAlertCorrected | Refused:
    """Where the hospital knew it otherwise: it is marked what is new, and answered anew."""
    found = states.get(stream_id("handover", command.handover_id))
    told = found if isinstance(found, prealert.Handover) else None
    changed = prealert.decide_correct(told, command.tier, command.needs, summary=command.summary)
    if isinstance(changed, Refused):
        return changed
    return PreAlertCorrected(
        changed=changed,
        tier=command.tier,
        needs=command.needs,
        eta_s=command.eta_s,
        summary=command.summary,
    )


def tell_death(accepted: Accepted | Refused, states: States, stamp: Stamp) -> Accepted | Refused:
    """To every hospital that waits for somebody: what their records together say now of a death."""
    if isinstance(accepted, Refused):
        return accepted
    after = dict(states)
    for write in accepted.writes:
        for event in write.events:
            person = after.get(write.stream)
            if isinstance(person, patient.Patient):
                evolved = patient.evolve(person, as_recorded(write.stream, event, stamp))
                assert evolved is not None  # who was registered stays
                after[write.stream] = evolved
    told = []
    for name, waits in sorted(states.items()):
        if not isinstance(waits, prealert.Handover):
            continue
        person = after.get(stream_id("patient", waits.patient_id))
        if not isinstance(person, patient.Patient):
            continue
        died_ms = known_of(person, after).record.died_ms
        if died_ms != waits.died_ms and prealert.refuse_unless(waits, PreAlertDeathTold) is None:
            told.append(Write(stream=name, events=(PreAlertDeathTold(died_ms=died_ms),)))
    return Accepted(writes=(*accepted.writes, *told))


def _prealerted(command: c.PreAlert, run: mission.Mission, states: States) -> PreAlerted:
    person = states.get(stream_id("patient", command.patient_id))
    return PreAlerted(
        incident_id=run.incident_id,
        incident_number=run.incident_number,
        mission_id=command.mission_id,
        patient_id=command.patient_id,
        unit_id=run.unit_id,
        call_sign=run.call_sign,
        hospital_id=command.hospital_id,
        tier=command.tier,
        needs=command.needs,
        eta_s=command.eta_s,
        summary=command.summary,
        joined=person.joined if isinstance(person, patient.Patient) else (),
    )


def set_destination(
    command: c.SetDestination | c.Reroute, states: States, stamp: Stamp
) -> DestinationSet | Refused:
    where = states.get(stream_id("hospital", command.hospital_id))
    run = states.get(stream_id("mission", command.mission_id))
    if not isinstance(where, hospital.Hospital):
        return Refused(code="absent", field="hospital_id")
    return mission.decide_destination(
        run if isinstance(run, mission.Mission) else None,
        DestinationSet(
            hospital_id=command.hospital_id,
            hospital_name=where.name,
            reasons=command.reasons,
            reason=command.reason.strip(),
        ),
        stamp.role,
    )


def reroute(command: c.Reroute, states: States, stamp: Stamp) -> Accepted | Refused:
    """Whoever is let go at one hospital is told to the other in the same transaction."""
    own = stream_id("mission", command.mission_id)
    run = states.get(own)
    chosen = set_destination(command, states, stamp)
    if isinstance(chosen, Refused) or not isinstance(run, mission.Mission):
        return or_refuse(own, chosen)
    standing = _list_standing(run, states)
    left = {i: one for i, one in standing.items() if one.hospital_id != command.hospital_id}
    renewals = {one.standing_id: one for one in command.renewals}
    if left.keys() - renewals.keys():
        return Refused(code="prealerts_changed", field="renewals")
    if any(stream_id("handover", one.handover_id) in states for one in command.renewals):
        return Refused(code="exists", field="handover_id")

    expected = {_shown_as(standing[i], states) for i in standing.keys() - left.keys()}
    # Each person once, by the record that shows them: as was said of them last.
    newest = {_shown_as(one, states): ident for ident, one in left.items()}
    told = [
        c.PreAlert(
            handover_id=renewals[ident].handover_id,
            mission_id=command.mission_id,
            patient_id=patient_id,
            hospital_id=command.hospital_id,
            tier=left[ident].tier,
            needs=renewals[ident].needs,
            eta_s=command.eta_s,
            summary=renewals[ident].summary,
        )
        for patient_id, ident in newest.items()
        if patient_id and patient_id not in expected
    ]
    ended = PreAlertWithdrawn(reason=command.reason.strip() or OTHER_HOSPITAL)
    alerted = (
        HospitalAlerted(handover_id=one.handover_id, patient_id=one.patient_id) for one in told
    )
    return Accepted(
        writes=(
            *(Write(stream=stream_id("handover", ident), events=(ended,)) for ident in left),
            Write(stream=own, events=(chosen, *alerted)),
            *(
                Write(
                    stream=stream_id("handover", one.handover_id),
                    events=(_prealerted(one, run, states),),
                )
                for one in told
            ),
        )
    )


def _list_standing(run: mission.Mission, states: States) -> dict[str, prealert.Handover]:
    """The run's pre-alerts by which a hospital waits, oldest first."""
    waiting = (prealert.State.SENT, prealert.State.ACKNOWLEDGED)
    found = (
        (i, states.get(stream_id("handover", i))) for i in (a.handover_id for a in run.alerted)
    )
    return {
        ident: one
        for ident, one in found
        if isinstance(one, prealert.Handover) and one.state in waiting
    }


def _shown_as(told: prealert.Handover, states: States) -> str:
    """The record that shows this person; empty: another run's does, and announces them."""
    person = states.get(stream_id("patient", told.patient_id))
    if not isinstance(person, patient.Patient) or not person.merged_into:
        return told.patient_id
    shows = states.get(stream_id("patient", person.merged_into))
    within = isinstance(shows, patient.Patient) and shows.mission_id == told.mission_id
    return person.merged_into if within else ""
