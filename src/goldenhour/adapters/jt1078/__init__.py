"""Cabin cameras: a JT/T 1078 receiver in the vehicle, the segments, their way onwards."""

from goldenhour.adapters.jt1078.carrier import RunNow, VideoCarrier, carry_waiting
from goldenhour.adapters.jt1078.config import CameraConfig, RecorderConfig, VideoUplinkConfig
from goldenhour.adapters.jt1078.listener import CameraListener
from goldenhour.adapters.jt1078.recorder import Recorder
from goldenhour.adapters.jt1078.store import VideoFolder

__all__ = [
    "CameraConfig",
    "CameraListener",
    "Recorder",
    "RecorderConfig",
    "RunNow",
    "VideoCarrier",
    "VideoFolder",
    "VideoUplinkConfig",
    "carry_waiting",
]
