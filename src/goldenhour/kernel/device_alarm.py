"""What a device alarms by itself, in its own words.

Rule 1: its priority is that of IEC 60601-1-8, as the device says it; it is never lowered here. One
        that it does not say is unknown, and ranks with the highest.
Rule 2: it ends when the device says so. Silence ends nothing: a device that has fallen silent is
        told of as such, with what it alarmed last.
"""

from enum import StrEnum
from typing import Final

from goldenhour.kernel.record import Record


class Priority(StrEnum):
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
    UNKNOWN = "unknown"


PRESSING: Final = frozenset({Priority.HIGH, Priority.UNKNOWN})
RANKS: Final = (Priority.HIGH, Priority.UNKNOWN, Priority.MEDIUM, Priority.LOW)
"""The worst first."""


class DeviceAlarm(Record):
    """An alarm as a device told it last."""

    device_id: str
    key: str
    """Which of the device's alarms: the same from its begin to its end."""
    event: str
    """Its name in IEEE 11073-10101 or the maker's own, for example `MDC_EVT_LEAD_OFF`."""
    source: str
    """What it is about, named alike; empty: the device does not say."""
    nature: str
    """physiological, technical, advisory; empty: the device does not say."""
    priority: Priority
    words: str
    """The device's own; never empty."""
    value: str
    """What it measured, with its unit; empty: no number."""
    limits: str
    silenced: str
    """How it is quiet at the device, for example `audio-paused`; empty: it is not."""
    over: bool
    passing: bool = False
    """It was a moment and lasts no time."""
    left: bool = False
    """It is over here since its device went to somebody else, or was taken off."""
