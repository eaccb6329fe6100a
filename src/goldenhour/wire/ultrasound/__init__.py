"""Ultrasound pictures and loops from DICOM instances."""

from goldenhour.wire.ultrasound.frames import Frame, read_frame
from goldenhour.wire.ultrasound.image import (
    MAX_IMAGE_BYTES,
    Image,
    Region,
    UltrasoundError,
    read_image,
    read_patient_number,
)

__all__ = [
    "MAX_IMAGE_BYTES",
    "Frame",
    "Image",
    "Region",
    "UltrasoundError",
    "read_frame",
    "read_image",
    "read_patient_number",
]
