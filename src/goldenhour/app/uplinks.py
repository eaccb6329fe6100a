"""Which way a vehicle's data take, how much goes at once, and whose clock is how far off. Pure.

Rule 1: a class of data goes only over an uplink that may carry it, whatever else is dead.
Rule 2: the first uplink of the file that lives is taken; whoever has moved stays until a better one
        has lived for a while, so that a flapping link does not drag everything along.
Rule 3: what is much goes in slices short enough that what is urgent never waits a second for them.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS


class DataClass(StrEnum):
    """What a vehicle sends, the most urgent first; the order is the priority."""

    EVENTS = "events"
    """Milestones, alarms, the record; and the centre's own word to the vehicle."""
    VITALS = "vitals"
    ECG = "ecg"
    """Live."""
    BACKLOG = "backlog"
    """ECG that the centre lacks."""
    IMAGES = "images"
    """Ultrasound pictures, photos and voice memos that the centre lacks."""
    VIDEO = "video"
    """Video of the cabin, live or that the centre lacks; and body-camera files."""


class Uplink(Record):
    """One network to the centre."""

    name: Annotated[str, Meta(min_length=1)]
    """As the crew reads it, for example `private`."""
    url: Annotated[str, Meta(pattern="^https://[^/]+$")]
    """The centre's address on this network, without a path; never plain http."""
    carries: tuple[DataClass, ...] = tuple(DataClass)


class UplinkLostError(Exception):
    """What was under way was broken off: its uplink died, or its class moved."""


class Choice(Record):
    """The uplink that a class goes over now, and since when."""

    uplink: str
    """Empty: none that may carry it lives."""
    since_ms: int


WAITS_FOR: Final[Mapping[DataClass, tuple[DataClass, ...]]] = {
    DataClass.EVENTS: (),
    DataClass.VITALS: (DataClass.EVENTS,),
    # A trickle: hours of vital signs that are caught up must not stop it.
    DataClass.ECG: (DataClass.EVENTS,),
    DataClass.BACKLOG: (DataClass.EVENTS, DataClass.VITALS, DataClass.ECG),
    DataClass.IMAGES: (DataClass.EVENTS, DataClass.VITALS, DataClass.ECG, DataClass.BACKLOG),
    DataClass.VIDEO: (
        *(DataClass.EVENTS, DataClass.VITALS, DataClass.ECG),
        *(DataClass.BACKLOG, DataClass.IMAGES),
    ),
}
"""On one uplink nothing begins while one of these is waiting or under way."""

STEADY_MS: Final = 10 * SECOND_MS
"""A better uplink must have lived so long before data go back to it."""


def choose(
    data: DataClass,
    uplinks: Sequence[Uplink],
    up_since_ms: Mapping[str, int],
    current: str,
    now_ms: int,
) -> str:
    """The uplink for a class, or empty. `up_since_ms` holds those that live, and since when."""
    living = [u.name for u in uplinks if data in u.carries and u.name in up_since_ms]
    if current not in living:
        return living[0] if living else ""
    better = living[: living.index(current)]
    steady = [name for name in better if now_ms - up_since_ms[name] >= STEADY_MS]
    return steady[0] if steady else current


SLICE_S: Final = 0.5
LEAST_SLICE_BYTES: Final = 4 * 1024
MOST_SLICE_BYTES: Final = 64 * 1024
FIRST_RATE: Final = 64_000.0
"""Bytes a second, 512 kbit/s: taken until something was measured."""
_NEW_SHARE: Final = 0.3


def slice_bytes(rate_bytes_s: float) -> int:
    """How much may go at once: what the line carries in half a second."""
    return min(max(int(rate_bytes_s * SLICE_S), LEAST_SLICE_BYTES), MOST_SLICE_BYTES)


def rate_after(rate_bytes_s: float, sent_bytes: int, took_s: float) -> float:
    """The measured rate, smoothed; what is small measures the round trip and not the line."""
    if sent_bytes < LEAST_SLICE_BYTES or took_s <= 0:
        return rate_bytes_s
    return (1 - _NEW_SHARE) * rate_bytes_s + _NEW_SHARE * sent_bytes / took_s


class ClockSample(Record):
    """One question and answer about the time, as in NTP."""

    asked_ms: int
    """By the vehicle's clock."""
    round_trip_ms: float
    server_ms: int


class ClockOffset(Record):
    offset_ms: int
    """To be added to the vehicle's clock."""
    uncertainty_ms: int


SAMPLES: Final = 16
DRIFT: Final = 50e-6
"""A plain quartz; a sample is less certain by so much with every second of its age."""


def clock_offset(samples: Sequence[ClockSample], now_ms: int) -> ClockOffset | None:
    """By the least uncertain sample: the centre's answer fell somewhere within its round trip."""

    def uncertainty_ms(sample: ClockSample) -> float:
        return sample.round_trip_ms / 2 + DRIFT * abs(now_ms - sample.asked_ms)

    best = min(samples, key=uncertainty_ms, default=None)
    if best is None:
        return None
    middle_ms = best.asked_ms + best.round_trip_ms / 2
    return ClockOffset(
        offset_ms=round(best.server_ms - middle_ms),
        # One more: both sides read their clocks in whole milliseconds.
        uncertainty_ms=int(uncertainty_ms(best)) + 1,
    )
