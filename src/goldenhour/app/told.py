"""Telling the journal of a file: after its bytes are durable, and before anybody is answered.

Rule 1: the same file of the same patient, told twice, is one fact; the decider sees to that.
Rule 2: whoever was answered can rely on both: the bytes on the disk and the fact in the journal. A
        crash in between is made good by the repetition that the missing answer causes.
"""

from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.images import NO_RUN, ImageOrigin
from goldenhour.domain.commands import AddFile, AddRunFile
from goldenhour.kernel.files import FileKind, TakenSource

_ECG_MEDIA = {"dicom": "application/dicom", "edf": "application/octet-stream"}


def installation_of(command: AddFile | AddRunFile) -> str:
    """Who says it, as far as repetitions go: one voice for each file of each owner."""
    owner = command.patient_id if isinstance(command, AddFile) else command.mission_id
    return f"file:{owner}:{command.sha256[:16]}"


def of_ecg(file: ImportedEcg) -> AddFile:
    known = file.device_ms is not None
    return AddFile(
        patient_id=file.patient_id,
        sha256=file.sha256,
        file_kind=FileKind.ECG,
        media_type=_ECG_MEDIA.get(file.kind, "application/octet-stream"),
        size_bytes=file.size_bytes,
        taken_ms=file.received_ms if file.device_ms is None else file.device_ms,
        taken_source=TakenSource.DEVICE if known else TakenSource.RECEIVED,
        device=file.device,
    )


def of_image(origin: ImageOrigin) -> AddFile | AddRunFile | None:
    """None: it came while the vehicle had no run, so it is part of no case."""
    if origin.mission_id == NO_RUN:
        return None
    if not origin.patient_id:
        return AddRunFile(
            mission_id=origin.mission_id,
            sha256=origin.sha256,
            file_kind=FileKind.ULTRASOUND,
            media_type="application/dicom",
            size_bytes=origin.size_bytes,
            taken_ms=origin.received_ms,
            taken_source=TakenSource.RECEIVED,
            device=origin.device,
            waiting=origin.waiting,
        )
    return AddFile(
        patient_id=origin.patient_id,
        sha256=origin.sha256,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=origin.size_bytes,
        taken_ms=origin.received_ms,
        taken_source=TakenSource.RECEIVED,
        device=origin.device,
    )
