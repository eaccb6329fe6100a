"""An ECG file that came from another device, kept as evidence of what was brought.

Rule 1: the bytes are kept as they came; what is known of them stands beside them.
Rule 2: it is told apart from our own stream for ever: `name`, `sha256` and the device's time are
        its own, `received_ms` and `by` are ours.
"""

from collections.abc import Sequence
from typing import Protocol

from goldenhour.app.files import FileStanding
from goldenhour.kernel.record import Record


class ImportedEcg(Record):
    sha256: str
    """Of the file's bytes, hexadecimal: its id with the patient."""
    patient_id: str
    mission_id: str
    incident_id: str
    name: str
    """The file's name where it came from."""
    kind: str
    """`dicom` or `edf`."""
    size_bytes: int
    device: str
    device_ms: int | None
    """The first sample by that device's clock; None: the file does not say."""
    leads: tuple[str, ...]
    rate_hz: float
    samples: int
    test: bool
    """The file says of itself that it is no patient's."""
    notes: tuple[str, ...]
    """What our reader left out."""
    received_ms: int
    by: str
    """Who brought it: a person's id."""
    org: str


class ImportedEcgStore(Protocol):
    """Where they are kept: adapters/ecg. Test double: none, a folder is quick."""

    async def keep(self, file: ImportedEcg, data: bytes) -> ImportedEcg:
        """Durable when it returns; what was kept before for this patient stays as it was."""
        ...

    async def list_files(self, patient_id: str) -> Sequence[ImportedEcg]: ...

    async def find_file(self, patient_id: str, sha256: str) -> tuple[ImportedEcg, bytes] | None: ...

    async def standing(self, patient_id: str, sha256: str) -> FileStanding: ...
