"""Two records of one case turn out to be one person's, or two people's after all.

Rule 1: both streams say so in one transaction, each pointing to the other.
Rule 2: hand-overs that are complete stand. Two records that were both handed over or signed stay
        two; once one of a pair was, they are not parted any more.
Rule 3: the hand-overs are named by who asks, as they stand on the screen: an early, friendly check.
        What a record itself says (merged, signed) is checked whatever is named.
"""

from goldenhour.domain import commands as c
from goldenhour.domain.care import merge, patient
from goldenhour.domain.care.events import (
    PatientJoined,
    PatientMerged,
    PatientParted,
    PatientUnmerged,
)
from goldenhour.domain.case.loading import stream_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.handover import prealert
from goldenhour.kernel.outcome import Accepted, Refused, Write


def whole(person: patient.Patient, states: States) -> patient.Patient:
    """The patient with the records that were merged into theirs, as far as they were loaded."""
    found = (states.get(stream_id("patient", ident)) for ident in person.joined)
    return merge.together(person, (one for one in found if isinstance(one, patient.Patient)))


def known_of(person: patient.Patient, states: States) -> patient.Patient:
    """Everything that is known of whoever this is: a merged record by the one that shows it."""
    shows = states.get(stream_id("patient", person.merged_into)) if person.merged_into else None
    return whole(shows if isinstance(shows, patient.Patient) else person, states)


def merge_patients(command: c.MergePatients, states: States) -> Accepted | Refused:
    first = _patient(command.patient_id, states)
    other = _patient(command.other_id, states)
    if first is None:
        return Refused(code="absent", field="patient_id")
    if other is None:
        return Refused(code="absent", field="other_id")
    if command.patient_id == command.other_id:
        return Refused(code="same_patient", field="other_id")
    if first.incident_id != other.incident_id:
        return Refused(code="other_case", field="other_id")
    if first.merged_into or other.merged_into or other.joined:
        return Refused(code="already_merged", field="other_id")
    if not command.reason.strip():
        return Refused(code="reason_required", field="reason")
    if frozenset((command.patient_id, command.other_id)) <= _closed(command, states):
        return Refused(code="both_signed", field="other_id")
    return Accepted(
        writes=(
            Write(
                stream=stream_id("patient", command.patient_id),
                events=(
                    PatientJoined(
                        other_id=command.other_id,
                        hospital_ids=_hospitals(command.patient_id, command, states),
                        reason=command.reason.strip(),
                    ),
                ),
            ),
            Write(
                stream=stream_id("patient", command.other_id),
                events=(
                    PatientMerged(
                        into=command.patient_id,
                        hospital_ids=_hospitals(command.other_id, command, states),
                        reason=command.reason.strip(),
                    ),
                ),
            ),
        )
    )


def part_patients(command: c.PartPatients, states: States) -> Accepted | Refused:
    first = _patient(command.patient_id, states)
    if first is None:
        return Refused(code="absent", field="patient_id")
    if _patient(command.other_id, states) is None:
        return Refused(code="absent", field="other_id")
    if command.other_id not in first.joined:
        return Refused(code="not_merged", field="other_id")
    if not command.reason.strip():
        return Refused(code="reason_required", field="reason")
    if _closed(command, states):
        return Refused(code="signed_as_one", field="other_id")
    reason = command.reason.strip()
    return Accepted(
        writes=(
            Write(
                stream=stream_id("patient", command.patient_id),
                events=(
                    PatientParted(
                        other_id=command.other_id,
                        hospital_ids=_hospitals(command.patient_id, command, states),
                        reason=reason,
                    ),
                ),
            ),
            Write(
                stream=stream_id("patient", command.other_id),
                events=(
                    PatientUnmerged(
                        out_of=command.patient_id,
                        hospital_ids=_hospitals(command.other_id, command, states),
                        reason=reason,
                    ),
                ),
            ),
        )
    )


Pair = c.MergePatients | c.PartPatients


def _patient(ident: str, states: States) -> patient.Patient | None:
    found = states.get(stream_id("patient", ident))
    return found if isinstance(found, patient.Patient) else None


def _handovers(command: Pair, states: States) -> list[prealert.Handover]:
    found = (states.get(stream_id("handover", ident)) for ident in command.handover_ids)
    return [one for one in found if isinstance(one, prealert.Handover)]


def _closed(command: Pair, states: States) -> frozenset[str]:
    """Which of the two were handed over with both signatures, or whose record is signed."""
    pair = (command.patient_id, command.other_id)
    signed = {
        ident
        for ident in pair
        if (found := _patient(ident, states)) is not None and found.record.signed is not None
    }
    handed_over = {
        one.patient_id
        for one in _handovers(command, states)
        if one.state is prealert.State.HANDED_OVER and one.patient_id in pair
    }
    return frozenset(signed | handed_over)


def _hospitals(ident: str, command: Pair, states: States) -> tuple[str, ...]:
    """Where this patient is announced, or was handed over."""
    ended = (prealert.State.DECLINED, prealert.State.WITHDRAWN)
    return tuple(
        sorted(
            {
                one.hospital_id
                for one in _handovers(command, states)
                if one.patient_id == ident and one.state not in ended
            }
        )
    )
