"""`goldenhour ecg export` and `goldenhour ecg import`: ECG files from the host's command line.

Rule 1: who took an ECG out or brought one is on the access log before the first byte is written.
Rule 2: a file that is written is its owner's alone, and none is overwritten.
"""

import getpass
import os
from pathlib import Path
from typing import Final

from goldenhour.adapters.ecg import EcgArchive, ImportFolder, read_segment, record_of
from goldenhour.adapters.web.ecg_file_routes import (
    LIVE_WORLD,
    WRITERS,
    about_file,
    of_patient,
    placed_of,
    span_of,
    worn_of,
)
from goldenhour.adapters.web.joined import records_of
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.handle import fold, handle
from goldenhour.app.journal import SYSTEM
from goldenhour.app.told import installation_of, of_ecg
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.cases import find_case
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings
from goldenhour.wire.ecg_files import MAX_FILE_BYTES, EcgFileError, EcgRecord, read_file

_EVER_MS: Final = 1 << 50


def export_segment(segment: Path, form: str, out: Path) -> None:
    """One segment file by itself, without a patient; raises SystemExit."""
    try:
        record = record_of([read_segment(segment)], 0, _EVER_MS)
    except (OSError, ValueError) as error:
        raise SystemExit(f"{segment}: {error}") from error
    if record is None:
        raise SystemExit(f"{segment}: no packet in it that can be decoded by itself")
    _write(_coded(record, form), out)


async def export_case(
    settings: Settings, *, number: str, patient_id: str | None, form: str, out: Path
) -> None:
    """Raises SystemExit with a plain sentence."""
    async with open_node(settings, pool=2) as node:
        patient_id, patient, run = await _find_patient(node, number, patient_id)
        archive = EcgArchive(settings.state_dir / "ecg")
        try:
            now_ms = node.clock.now_ms()
            worn = worn_of(run, records_of(patient_id, patient), now_ms)
            found = await archive.find_record(
                run.unit_id, *span_of(run, now_ms), worn, placed_of(run)
            )
        except EcgFileError as error:
            raise SystemExit(f"{number}: {error}") from error
        if found is None:
            raise SystemExit(f"{number}: no ECG of this patient is stored")
        live = settings.world == LIVE_WORLD
        data = _coded(of_patient(found, patient_id, patient, run, live=live), form)
        await _log(node, "ecg.export", f"{patient_id} {form}")
        _write(data, out)


async def import_file(
    settings: Settings, path: Path, *, number: str | None, patient_id: str | None
) -> None:
    """Says what is in the file; with a case number it is kept as that case's. Raises SystemExit."""
    data, kind, record = _read(path)
    leads = " ".join(lead.name for lead in record.leads)
    print(f"{kind}: {record.count / record.rate_hz:.1f} s, {float(record.rate_hz):g} Hz, {leads}")
    print("\n".join(f"note: {note}" for note in record.notes) or "nothing left out")
    if number is None:
        return
    async with open_node(settings, pool=2) as node:
        patient_id, patient, _run = await _find_patient(node, number, patient_id)
        about = about_file(
            data,
            kind,
            record,
            patient_id=patient_id,
            patient=patient,
            name=path.name,
            received_ms=node.clock.now_ms(),
            by=_person(),
            org="",
        )
        await _log(node, "ecg.import", f"{patient_id} {about.sha256}")
        try:
            kept = await ImportFolder(settings.state_dir / "ecg-files").keep(about, data)
        except EcgFileError as error:
            raise SystemExit(f"{path}: {error}") from error
        await _tell(node, kept)
    print(f"kept for patient {patient_id}: SHA-256 {kept.sha256}")


async def _tell(node: Node, kept: ImportedEcg) -> None:
    command, now_ms = of_ecg(kept), node.clock.now_ms()
    stamp = Stamp(
        actor=_person(),
        seat="",
        role="system",
        org="",
        installation=f"host/{installation_of(command)}",
        sequence=now_ms,
        now_ms=now_ms,
    )
    outcome = await handle(command, stamp, SYSTEM, node.world)
    if isinstance(outcome, Refused):
        raise SystemExit(f"{kept.name}: kept, and not in the record: {outcome.code}")


def _read(path: Path) -> tuple[bytes, str, EcgRecord]:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise SystemExit(f"{path}: more than {MAX_FILE_BYTES} bytes")
        data = path.read_bytes()
        return (data, *read_file(data))
    except (OSError, EcgFileError) as error:
        raise SystemExit(f"{path}: {error}") from error


async def _find_patient(
    node: Node, number: str, patient_id: str | None
) -> tuple[str, Patient, Mission]:
    _stream, streams = await find_case(node.journal, number)
    idents = [s.partition(":")[2] for s in streams if s.startswith("patient:")]
    if patient_id is None and len(idents) == 1:
        patient_id = idents[0]
    if patient_id not in idents:
        raise SystemExit(
            f"--patient: one of {', '.join(idents) or 'none, the case has no patient'}"
        )
    patient = await _fold(node, f"patient:{patient_id}")
    assert isinstance(patient, Patient)  # the stream is one of the case
    run = await _fold(node, f"mission:{patient.mission_id}")
    assert isinstance(run, Mission)  # as above
    return patient_id, patient, run


async def _fold(node: Node, stream: str) -> object:
    return fold(stream, await node.journal.list_streams([stream], SYSTEM))


def _coded(record: EcgRecord, form: str) -> bytes:
    try:
        return WRITERS[form](record)
    except EcgFileError as error:
        raise SystemExit(f"--format {form}: {error}") from error


def _write(data: bytes, out: Path) -> None:
    try:
        making = os.open(out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SystemExit(f"{out}: {error.strerror}") from error
    with os.fdopen(making, "wb") as file:
        file.write(data)
    print(f"{out}: {len(data)} bytes")


def _person() -> str:
    return f"host:{getpass.getuser()}"


async def _log(node: Node, action: str, subject: str) -> None:
    await node.accounts.log_access(node.clock.now_ms(), _person(), action, subject, "accepted")
