"""Ultrasound devices: a DICOM storage provider in the vehicle, the pictures, their way onwards."""

from goldenhour.adapters.dicom.carrier import ImageCarrier, carry_waiting
from goldenhour.adapters.dicom.config import DicomConfig, ImageUplinkConfig
from goldenhour.adapters.dicom.listener import DicomListener
from goldenhour.adapters.dicom.store import ImageFolder

__all__ = [
    "DicomConfig",
    "DicomListener",
    "ImageCarrier",
    "ImageFolder",
    "ImageUplinkConfig",
    "carry_waiting",
]
