"""What a file that belongs to a run or a patient can be, and whose clock says when it was made."""

from enum import StrEnum


class FileKind(StrEnum):
    PHOTO = "photo"
    VOICE = "voice"
    """A voice memo."""
    BODY_CAMERA = "body_camera"
    ECG = "ecg"
    """An ECG file of another device."""
    ULTRASOUND = "ultrasound"
    """One instance: a picture or a loop."""


class TakenSource(StrEnum):
    TABLET = "tablet"
    """The clock of the crew's tablet at the moment of the capture."""
    DEVICE = "device"
    """The clock of the device that made it; nobody has checked it."""
    RECEIVED = "received"
    """Nobody says when it was made; this is when it came."""
