"""Patient monitors over MLLP."""

from goldenhour.adapters.mllp.adapter import MllpListener, MonitorDirectory, Sink
from goldenhour.adapters.mllp.config import MllpConfig

__all__ = ["MllpConfig", "MllpListener", "MonitorDirectory", "Sink"]
