"""Cabin cameras: a JT/T 1078 receiver in the vehicle; segments, their way on, and live."""

from goldenhour.adapters.jt1078.config import CameraConfig, RecorderConfig, VideoUplinkConfig
from goldenhour.adapters.jt1078.listener import CameraListener
from goldenhour.adapters.jt1078.live import CabinLive, RunNow
from goldenhour.adapters.jt1078.recorder import Recorder
from goldenhour.adapters.jt1078.store import VideoFolder

__all__ = [
    "CabinLive",
    "CameraConfig",
    "CameraListener",
    "Recorder",
    "RecorderConfig",
    "RunNow",
    "VideoFolder",
    "VideoUplinkConfig",
]
