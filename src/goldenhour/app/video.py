"""Video of the cabin: which run a picture belongs to, and what is known of a segment.

Rule 1: a run's video is what its vehicle's cameras sent while it was active. Nothing is recorded
        outside a run.
Rule 2: a segment is kept as the camera's stream was, and known by its hash. Its times are the
        camera's; how far the camera's clock is off is said beside them and corrects nothing.
"""

from collections.abc import Sequence
from typing import Annotated, Final, Protocol

from msgspec import Meta

from goldenhour.app.files import Held, PlainId, Sha256
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.views.fold import Folded

MAX_SEGMENT_BYTES: Final = 64 * 1024 * 1024


class SegmentOrigin(Record):
    """What the vehicle knows of a segment, and the segment does not."""

    sha256: Sha256
    size_bytes: Annotated[int, Meta(ge=1, le=MAX_SEGMENT_BYTES)]
    mission_id: PlainId
    device: Annotated[str, Meta(pattern="^[0-9]{1,20}$")]
    """The number that the camera's recorder calls itself by."""
    channel: Annotated[int, Meta(ge=0, le=255)]
    begun_ms: int
    """When its first picture came, by the vehicle's clock."""
    holes: Annotated[int, Meta(ge=0)]
    """Places where the camera's packets did not come."""
    cut: bool
    """It was ended by a power cut or a full disk; its holes are not known."""


class StoredSegment(Record):
    """One stretch of one camera, as our reader understands it."""

    origin: SegmentOrigin
    payload_type: int
    """Of its pictures, by JT/T 1078: 98 is H.264, 99 is H.265."""
    codec: str
    """As a browser wants it; empty: it can be taken out as a file, but not played."""
    pictures: int
    audio: int
    """Blocks of audio. They are kept, and not played."""
    first_device_ms: int
    last_device_ms: int
    last_received_ms: int
    clock_offset_ms: int
    """The camera's clock less the vehicle's, by the picture that was least delayed."""


class RunVideo(Record):
    """What there is of a run."""

    segments: tuple[StoredSegment, ...]
    """Oldest first."""
    erased: int
    """Segments that went on purpose, after their retention; which and of when is not known."""


class VideoStatus(Record):
    """What a vehicle's crew is told of its cameras."""

    cameras: int
    """That the vehicle's file names."""
    recording: int
    """Channels that are being written now."""
    full: bool
    """The disk has no room: nothing is written."""
    watchers: int = 0
    """Hospitals that look at the cabin now, by the centre's word."""
    closed: bool = False
    """The crew lets nobody look."""


class VideoStore(Protocol):
    """Where segments are kept: adapters/jt1078. Test double: none, a folder is quick."""

    async def list_segments(self, mission_id: str) -> Sequence[StoredSegment]:
        """Oldest first."""
        ...

    async def count_erased(self, mission_id: str) -> int: ...

    async def find_segment(
        self, mission_id: str, sha256: str
    ) -> tuple[StoredSegment, bytes] | None: ...

    async def take_part(self, origin: SegmentOrigin, offset: int, part: bytes) -> Held:
        """Append a part that begins at `offset`; nothing is written when it does not fit there."""
        ...


def run_of(view: Folded, unit_id: str) -> str:
    """The run that a vehicle is on; empty: none."""
    runs = [
        stream.partition(":")[2]
        for stream, state in view.states.items()
        if isinstance(state, Mission) and state.active and state.unit_id == unit_id
    ]
    return next(iter(runs), "")
