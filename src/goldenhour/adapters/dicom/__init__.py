"""Ultrasound devices: a DICOM storage provider in the vehicle and the pictures."""

from goldenhour.adapters.dicom.config import DicomConfig
from goldenhour.adapters.dicom.listener import DicomListener
from goldenhour.adapters.dicom.store import ImageFolder

__all__ = [
    "DicomConfig",
    "DicomListener",
    "ImageFolder",
]
