from goldenhour.kernel.record import Record


class CameraConfig(Record):
    host: str = "127.0.0.1"
    port: int = 1078
    """0 lets the system choose one."""
    cameras: tuple[str, ...] = ()
    """The numbers of the devices that may send; any other is refused."""
    max_connections: int = 64
    silence_s: float = 30.0
    """A camera sends several pictures a second; after so long without one it is taken for dead."""
    greeting_bytes: int = 1 << 20
    """Whoever has sent so much and no packet is no camera."""


class RecorderConfig(Record):
    segment_ms: int = 10_000
    """A segment that is so old ends before the next key frame."""
    sync_ms: int = 2_000
    """A power cut costs at most so much, and what the disk itself held back."""
    silent_ms: int = 10_000
    """A camera that says nothing for so long has its segment ended."""
    least_free_bytes: int = 2_000_000_000
    """What the disk must have free for a new segment: the record of the patient comes first."""


class VideoUplinkConfig(Record):
    unit_id: str
    authorization: str
    """The header's value: the vehicle's installation and key."""
    ca_file: str
    answer_s: float = 30.0
    look_s: float = 1.0
    """How often a line for live pictures asks whether its run is over."""
