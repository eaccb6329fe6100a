"""Live ECG: sources over TCP, segment files, and a vehicle's line to its centre."""

from goldenhour.adapters.ecg.config import EcgConfig, UplinkConfig
from goldenhour.adapters.ecg.listener import EcgListener
from goldenhour.adapters.ecg.packets import strip_of
from goldenhour.adapters.ecg.store import SegmentStore
from goldenhour.adapters.ecg.uplink import EcgUplink

__all__ = ["EcgConfig", "EcgListener", "EcgUplink", "SegmentStore", "UplinkConfig", "strip_of"]
