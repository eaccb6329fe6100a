"""ECG: sources over TCP, segment files, a vehicle's line to its centre, other devices' files."""

from goldenhour.adapters.ecg.archive import EcgArchive, read_segment, record_of
from goldenhour.adapters.ecg.carrier import FileCarrier, carry_waiting
from goldenhour.adapters.ecg.config import EcgConfig, UplinkConfig
from goldenhour.adapters.ecg.imports import ImportFolder
from goldenhour.adapters.ecg.listener import EcgListener
from goldenhour.adapters.ecg.packets import strip_of
from goldenhour.adapters.ecg.rhythm import RhythmEar
from goldenhour.adapters.ecg.store import SegmentStore
from goldenhour.adapters.ecg.uplink import EcgUplink

__all__ = [
    "EcgArchive",
    "EcgConfig",
    "EcgListener",
    "EcgUplink",
    "FileCarrier",
    "ImportFolder",
    "RhythmEar",
    "SegmentStore",
    "UplinkConfig",
    "carry_waiting",
    "read_segment",
    "record_of",
    "strip_of",
]
