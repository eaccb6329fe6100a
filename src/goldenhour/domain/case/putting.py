"""A file that came to a run with several patients: whose it is, as a person says.

Rule 1: nothing is guessed: until somebody says so it is nobody's, and shown to no patient.
Rule 2: run and patient say so in one transaction. Put to somebody else later, with a reason, it
        moves there from where it stood; every word said before is kept.
Rule 3: the quality desk was not there, so it always says why. Who saw a file waiting does not take
        it from whoever was first.
"""

from goldenhour.domain import commands as c
from goldenhour.domain.care import files, patient
from goldenhour.domain.case.following import nobodys
from goldenhour.domain.case.loading import primary, stream_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission, monitors
from goldenhour.domain.dispatch.events import RunFilePut
from goldenhour.kernel.outcome import Accepted, Refused, Write


def put(command: c.PutRunFile, states: States, role: str) -> Accepted | Refused:
    run = states.get(primary(command))
    if not isinstance(run, mission.Mission):
        return Refused(code="absent", field="mission_id")
    file = run.find_file(command.sha256)
    if file is None or not file.waiting:
        return Refused(code="absent", field="sha256")
    target = stream_id("patient", command.patient_id)
    person = states.get(target)
    if not isinstance(person, patient.Patient) or person.mission_id != command.mission_id:
        return Refused(code="absent", field="patient_id")
    before, reason = run.put.get(command.sha256, ""), command.reason.strip()
    if before and command.claim:
        return Refused(code="already_put", field="sha256")
    if before == command.patient_id:
        return Accepted(writes=())
    if not reason and (before or role == monitors.CORRECTS_ALWAYS):
        return Refused(code="reason_required", field="reason")
    said = RunFilePut(sha256=command.sha256, patient_id=command.patient_id, reason=reason)
    writes = [Write(stream=primary(command), events=(said,))]
    stood = stream_id("patient", before)
    other = states.get(stood)
    known = (
        files.find_file(other.files, file.sha256) if isinstance(other, patient.Patient) else None
    )
    if known is not None and known.stands:
        writes += [
            Write(stream=stood, events=(files.move_out(known, "", reason),)),
            Write(stream=target, events=(files.move_in(known, before, "", reason),)),
        ]
        return Accepted(writes=tuple(writes))
    added = files.decide_add(person.files, nobodys(file).file)
    if isinstance(added, Refused):
        return added
    if added is not None:
        writes.append(Write(stream=target, events=(added,)))
    return Accepted(writes=tuple(writes))
