"""An operator's platform that joins two telephones without showing either number."""

from goldenhour.adapters.telephone.platform import HttpCallPlatform, PlatformConfig

__all__ = ["HttpCallPlatform", "PlatformConfig"]
