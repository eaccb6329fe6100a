"""Files of a patient. The bytes lie outside the journal and are found by their hash."""

from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class FileAdded(Record, tag="patient.file_added.v1", tag_field="kind"):
    """A file that was on the disk before this was said; the event proves it for ever."""

    sha256: str
    file_kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str
    """What made it, as far as it says so; who brought it is the event's actor."""
    caption: Personal | None


class FileWithdrawn(Record, tag="patient.file_withdrawn.v1", tag_field="kind"):
    """It was a wrong one: nobody is shown it any more, and that it was there stays told."""

    sha256: str
    file_kind: FileKind
    reason: str


FileEvent = FileAdded | FileWithdrawn
