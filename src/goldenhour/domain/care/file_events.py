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


class FileMovedOut(Record, tag="patient.file_moved_out.v1", tag_field="kind"):
    """It is another patient's of the run: it was shown here, and why it went stays told."""

    sha256: str
    file_kind: FileKind
    taken_ms: int
    device: str
    correction_id: str
    """Of the device's place; empty: a person said so of this file alone."""
    reason: str


class FileMovedIn(Record, tag="patient.file_moved_in.v1", tag_field="kind"):
    """It was brought to another patient of the run, or waited, and is this one's."""

    sha256: str
    file_kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str
    caption: Personal | None
    by: str
    """Who brought it, and at_ms, org: when and of which organisation. Moving changes none of it."""
    at_ms: int
    org: str
    came_from: str
    """Id of the patient whom it stood at; empty: it waited."""
    brought_to: str
    """Id of the patient whom it was brought to, by which its bytes are found; empty: as above."""
    correction_id: str
    reason: str


FileEvent = FileAdded | FileWithdrawn | FileMovedOut | FileMovedIn
