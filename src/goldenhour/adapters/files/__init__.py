"""Captured files in a folder, and the carrier that takes a vehicle's files to its centre."""

from goldenhour.adapters.files.carrier import ParcelCarrier, carry_waiting
from goldenhour.adapters.files.config import ParcelConfig
from goldenhour.adapters.files.store import FileFolder

__all__ = ["FileFolder", "ParcelCarrier", "ParcelConfig", "carry_waiting"]
