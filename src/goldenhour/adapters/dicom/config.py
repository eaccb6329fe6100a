from goldenhour.kernel.record import Record
from goldenhour.wire.ultrasound import MAX_IMAGE_BYTES


class DicomConfig(Record):
    host: str = "127.0.0.1"
    port: int = 11112
    """0 lets the system choose one."""
    title: str = "GOLDENHOUR"
    """Our own application entity title; a device that calls another one is refused."""
    callers: tuple[str, ...] = ()
    """The titles of the devices that may call; any other is refused."""
    max_connections: int = 16
    """Known devices and strangers together; a device may hold one instance in memory."""
    max_bytes: int = MAX_IMAGE_BYTES
    """Of one instance; a longer one is cut off while it comes."""
    greeting_s: float = 10.0
    """For a peer to say who it is."""
    silence_s: float = 60.0
    keep_s: float = 20.0
    """For the disk to take an instance."""
