"""A file that came to a run with several patients: whose it is, as a person says.

Rule 1: nothing is guessed: until somebody says so it is nobody's, and shown to no patient.
Rule 2: run and patient say so in one transaction. Put to somebody else later, with a reason, it is
        withdrawn where it stood; every word said before is kept.
"""

from goldenhour.domain import commands as c
from goldenhour.domain.care import files, patient
from goldenhour.domain.care.file_events import FileAdded, FileWithdrawn
from goldenhour.domain.case.loading import primary, stream_id
from goldenhour.domain.case.streams import States
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.events import RunFilePut
from goldenhour.kernel.outcome import Accepted, Refused, Write


def put(command: c.PutRunFile, states: States) -> Accepted | Refused:
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
    if before == command.patient_id:
        return Accepted(writes=())
    if before and not reason:
        return Refused(code="reason_required", field="reason")
    added = files.decide_add(
        person.files,
        FileAdded(
            sha256=file.sha256,
            file_kind=file.file_kind,
            media_type=file.media_type,
            size_bytes=file.size_bytes,
            taken_ms=file.taken_ms,
            taken_source=file.taken_source,
            device=file.device,
            caption=None,
        ),
    )
    if isinstance(added, Refused):
        return added
    said = RunFilePut(sha256=command.sha256, patient_id=command.patient_id, reason=reason)
    writes = [Write(stream=primary(command), events=(said,))]
    if added is not None:
        writes.append(Write(stream=target, events=(added,)))
    stood = stream_id("patient", before)
    other = states.get(stood)
    if isinstance(other, patient.Patient):
        known = files.find_file(other.files, command.sha256)
        if known is not None and not known.withdrawn:
            gone = FileWithdrawn(sha256=file.sha256, file_kind=file.file_kind, reason=reason)
            writes.append(Write(stream=stood, events=(gone,)))
    return Accepted(writes=tuple(writes))
