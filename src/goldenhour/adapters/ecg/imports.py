"""Imported ECG files in a folder: the file's own bytes, and what is known of it beside them.

    PATIENT/SHA256.ecg   the bytes as they came
    PATIENT/SHA256.json  an ImportedEcg; written last, so that where it stands the bytes do
    PATIENT/SHA256.carried  in a vehicle: the centre has it

In a vehicle the first two are sealed.

Why not the segment store: a segment holds packets of our stream, 24-bit samples of whole nanovolts
sealed by their source. Another maker's file has its own scale, its own time and its own words, and
what counts later is the file that was brought, to the byte and by its hash. A converted copy would
prove nothing, and sealing it ourselves would claim a source that there never was.

Rule 1: nothing is overwritten; the same bytes for the same patient are kept once.
Rule 2: at most `MAX_FILES` of a patient.
"""

import asyncio
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

import msgspec

from goldenhour.adapters.kept import Damaged, lacks_room, standing, write_durably
from goldenhour.app.at_rest import PLAIN, AtRest
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.files import FileStanding
from goldenhour.app.journal import StoreFullError
from goldenhour.wire.ecg_files import EcgFileError

MAX_FILES: Final = 50
_PLAIN: Final = re.compile(r"[A-Za-z0-9-]{1,64}")
_META: Final = msgspec.json.Decoder(ImportedEcg)


class ImportFolder:
    """An `app.ecg_files.ImportedEcgStore`."""

    def __init__(self, folder: Path, at_rest: AtRest = PLAIN, keep_free_bytes: int = 0) -> None:
        self._folder = folder
        self._keep_free_bytes = keep_free_bytes
        self._at_rest = at_rest
        self._damaged = Damaged()

    async def keep(self, file: ImportedEcg, data: bytes) -> ImportedEcg:
        return await asyncio.to_thread(self._keep, file, data)

    async def list_files(self, patient_id: str) -> Sequence[ImportedEcg]:
        return await asyncio.to_thread(self._list, patient_id)

    async def find_file(self, patient_id: str, sha256: str) -> tuple[ImportedEcg, bytes] | None:
        return await asyncio.to_thread(self._find, patient_id, sha256)

    async def standing(self, patient_id: str, sha256: str) -> FileStanding:
        folder = self._folder_of(patient_id)
        if folder is None or not _PLAIN.fullmatch(sha256):
            return FileStanding.AWAITED
        return await asyncio.to_thread(standing, folder, sha256)

    async def list_waiting(self) -> Sequence[ImportedEcg]:
        """What has not been carried to the centre, oldest first."""
        return await asyncio.to_thread(self._list_waiting)

    async def mark_carried(self, file: ImportedEcg) -> None:
        path = self._folder / file.patient_id / f"{file.sha256}.carried"
        await asyncio.to_thread(write_durably, path, b"")

    def _keep(self, file: ImportedEcg, data: bytes) -> ImportedEcg:
        folder = self._folder_of(file.patient_id)
        if folder is None or not _PLAIN.fullmatch(file.sha256):
            raise EcgFileError("patient_id", "no id of a patient")
        if known := self._find(file.patient_id, file.sha256):
            return known[0]
        if standing(folder, file.sha256) is FileStanding.ERASED:
            raise EcgFileError("file", "it was erased after its retention")
        if len(self._list(file.patient_id)) >= MAX_FILES:
            raise EcgFileError("file", f"the patient has {MAX_FILES} files already")
        if lacks_room(folder, len(data), self._keep_free_bytes):
            raise StoreFullError("the rest of the disk is for vital signs and the ECG")
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_durably(folder / f"{file.sha256}.ecg", self._at_rest.seal(data))
        meta = self._at_rest.seal(msgspec.json.encode(file))
        write_durably(folder / f"{file.sha256}.json", meta)
        return file

    def _list(self, patient_id: str) -> list[ImportedEcg]:
        folder = self._folder_of(patient_id)
        if folder is None:
            return []
        found = self._read_all(folder.glob("*.json"))
        return sorted(found, key=lambda file: (file.received_ms, file.sha256))

    def _list_waiting(self) -> list[ImportedEcg]:
        metas = (
            meta
            for meta in self._folder.glob("*/*.json")
            if not meta.with_suffix(".carried").exists()
            and standing(meta.parent, meta.stem) is FileStanding.HERE
        )
        found = self._damaged.skip(metas, self._about)
        return sorted(found, key=lambda file: (file.received_ms, file.sha256))

    def _find(self, patient_id: str, sha256: str) -> tuple[ImportedEcg, bytes] | None:
        folder = self._folder_of(patient_id)
        if folder is None or not _PLAIN.fullmatch(sha256):
            return None
        meta = folder / f"{sha256}.json"
        if standing(folder, sha256) is not FileStanding.HERE:
            return None
        data = self._at_rest.unseal((folder / f"{sha256}.ecg").read_bytes())
        return self._about(meta), data

    def _about(self, meta: Path) -> ImportedEcg:
        return _META.decode(self._at_rest.unseal(meta.read_bytes()))

    def _read_all(self, metas: Iterable[Path]) -> list[ImportedEcg]:
        """Of those whose bytes are there."""
        return [
            self._about(meta)
            for meta in metas
            if standing(meta.parent, meta.stem) is FileStanding.HERE
        ]

    def _folder_of(self, patient_id: str) -> Path | None:
        """None for what is no id: it might lead out of the folder."""
        return self._folder / patient_id if _PLAIN.fullmatch(patient_id) else None
