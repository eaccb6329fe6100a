"""Where a file's bytes are: each kind has a store of its own, and each store its own folders.

Rule 1: whose a file is, the events say; where it lies, never changes. A file that was moved to
        another patient is found by the one whom it was brought to.
"""

from typing import NamedTuple

from goldenhour.adapters.web.services import Desk
from goldenhour.app.ecg_files import ImportedEcgStore
from goldenhour.app.files import FileStanding, FileStore
from goldenhour.app.images import ImageStore
from goldenhour.kernel.files import FileKind


class Place(NamedTuple):
    """Of a file's bytes."""

    store: ImportedEcgStore | ImageStore | FileStore | None
    owner: str
    """The folder's: a patient, or a run."""


def place_of(desk: Desk, kind: FileKind, brought_to: str, mission_id: str) -> Place:
    """`brought_to`: id of the patient whom the file was brought to."""
    match kind:
        case FileKind.ECG:
            return Place(desk.imports, brought_to)
        case FileKind.ULTRASOUND:
            return Place(desk.images, mission_id)
        case _:
            return Place(desk.files, brought_to)


async def standing_at(place: Place, sha256: str) -> FileStanding:
    found = await place.store.standing(place.owner, sha256) if place.store else None
    return found or FileStanding.AWAITED
