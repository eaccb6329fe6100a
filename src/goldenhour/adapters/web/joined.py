"""The records of one person: the one that is asked for, and those that were merged into it.

Rule 1: each is read under the asker's identity; one that they may not read is left out, and so are
        its files. What came to a run before it had a patient is shown to who may read that run.
Rule 2: a file is withdrawn in the record that it was brought to, and counts in no other.
Rule 3: a file that was moved to another patient is that one's, wherever its bytes lie.
"""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec.structs import replace

from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal
from goldenhour.app.ecg_files import ImportedEcg, ImportedEcgStore
from goldenhour.app.handle import fold
from goldenhour.domain.care.files import list_gone, list_standing
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.events import RunFileAdded
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.files import FileKind


class OneRecord(NamedTuple):
    patient_id: str
    patient: Patient
    run: Mission | None
    """None: the reader may read the patient and not the run, which another vehicle had."""


def records_of(patient_id: str, patient: Patient) -> frozenset[str]:
    """Every record of this person: a device is on any of them."""
    return frozenset({patient_id, *patient.joined, patient.merged_into} - {""})


async def find_patient(
    services: Services, principal: Principal, patient_id: str
) -> tuple[Patient, Mission]:
    """The patient and the run, read under the asker's identity."""
    reader = services.desk_of(principal).reader
    identity = services.identity_of(principal)
    stream = f"patient:{patient_id}"
    patient = fold(stream, await reader.list_streams([stream], identity))
    if not isinstance(patient, Patient):
        raise ProblemError(404, "absent", "patient_id")
    stream = f"mission:{patient.mission_id}"
    run = fold(stream, await reader.list_streams([stream], identity))
    if not isinstance(run, Mission):
        raise ProblemError(404, "absent", "patient_id")
    return patient, run


async def list_records(
    services: Services, principal: Principal, patient_id: str
) -> list[OneRecord]:
    """The one that is asked for comes first. Raises ProblemError where it may not be read."""
    reader = services.desk_of(principal).reader
    identity = services.identity_of(principal)
    patient, run = await find_patient(services, principal, patient_id)
    found = [OneRecord(patient_id, patient, run)]
    for ident in patient.joined:
        stream = f"patient:{ident}"
        other = fold(stream, await reader.list_streams([stream], identity))
        if not isinstance(other, Patient):
            continue
        stream = f"mission:{other.mission_id}"
        its_run = fold(stream, await reader.list_streams([stream], identity))
        found.append(OneRecord(ident, other, its_run if isinstance(its_run, Mission) else None))
    return found


def list_early(one: OneRecord) -> list[RunFileAdded]:
    """What came to the run before it had a patient, and nobody has put to one since."""
    run = one.run
    if run is None:
        return []
    return [file for file in run.files if not file.waiting and file.sha256 not in run.put]


async def list_brought(
    imports: ImportedEcgStore | None, records: Sequence[OneRecord]
) -> list[ImportedEcg]:
    """ECG files of other devices; the same bytes in two records are one file."""
    found: dict[str, ImportedEcg] = {}
    for one in records:
        gone, moved = list_gone(one.patient.files), _moved_in(one)
        for owner in (one.patient_id, *sorted(set(moved.values()))):
            for file in await imports.list_files(owner) if imports else ():
                own = file.sha256 not in gone if owner == one.patient_id else file.sha256 in moved
                if own:
                    found.setdefault(file.sha256, replace(file, patient_id=one.patient_id))
    return sorted(found.values(), key=lambda file: (file.received_ms, file.sha256))


async def find_brought(
    imports: ImportedEcgStore | None, records: Sequence[OneRecord], sha256: str
) -> tuple[ImportedEcg, bytes] | None:
    for one in records:
        if imports is None or sha256 in list_gone(one.patient.files):
            continue
        owner = _moved_in(one).get(sha256, one.patient_id)
        if found := await imports.find_file(owner, sha256):
            return replace(found[0], patient_id=one.patient_id), found[1]
    return None


def _moved_in(one: OneRecord) -> dict[str, str]:
    """By SHA-256 of an ECG file that is this patient's now: whom it was brought to."""
    return {
        kept.file.sha256: kept.brought_to
        for kept in list_standing(one.patient.files)
        if kept.brought_to and kept.file.file_kind is FileKind.ECG
    }
