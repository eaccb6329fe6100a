"""The way of a run from its stored positions, and its vital signs, thinned without lying.

Rule 1: a position is left out only where the straight way between its kept neighbours passes it in
        place and in time; so whoever draws straight lines is nowhere off by more than TOLERANCE_M.
Rule 2: a gap is never drawn over: both sides of it are kept and the later one says so.
Rule 3: positions that came by catch-up are kept apart from live ones, since nobody saw them live;
        those of a tablet from those of the terminal.
Rule 4: the way along the streets is a guess made when somebody asks; it stands beside the
        positions and never instead of them.
Rule 5: of vital signs the lowest and the highest of every stretch are kept, and every lost value.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from typing import Final

from goldenhour.kernel.geo import EARTH_RADIUS_M, Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet, Sign

TOLERANCE_M: Final = 5.0
STRETCH_MS: Final = 10_000
"""At least one position in so long: the age of what the centre saw stays right to this."""
MOST_READINGS: Final = 600
"""A sign has at most two readings in each of half as many stretches, and its losses."""


class TrackFix(Record):
    point: Point
    speed_kmh: float
    heading_deg: int
    at_ms: int
    """When the vehicle was there."""
    received_ms: int
    """When the centre had it."""
    catch_up: bool
    satellites: int | None
    after_gap: bool
    """Nothing is known of the way from the one before to this."""
    tablet: bool = False
    """The crew's tablet said so, in the terminal's stead."""


class Reading(Record):
    sign: Sign
    at_ms: int
    value: float | None
    """None: the device had no value."""


class MatchedStep(Record):
    at_ms: int
    points: tuple[Point, ...]
    """The way along the streets since the step before, both ends included; the first step of a
    stretch is one place."""


class MatchedStretch(Record):
    """A way without a gap."""

    steps: tuple[MatchedStep, ...]
    driven_m: float


class Unmatched(Record):
    """A position that fits no street."""

    at_ms: int
    point: Point


class MatchedWay(Record):
    """Which streets a run took, as far as its positions tell."""

    stretches: tuple[MatchedStretch, ...]
    unmatched: tuple[Unmatched, ...]
    used: int
    """Positions that were looked at; fewer than there are where those come very often."""
    matched: int
    """Of those."""


def spaced(fixes: Sequence[Fix], most: int) -> Sequence[Fix]:
    """At most so many of those with a place: every second, every third and so on."""
    placed = [fix for fix in fixes if fix.point is not None]
    return placed[:: max(1, -(-len(placed) // most))]


def track(fixes: Sequence[Fix], gap_ms: int) -> tuple[TrackFix, ...]:
    """`fixes` by device time; those without a place are no part of a way."""
    placed = [(fix, fix.point) for fix in fixes if fix.point is not None]
    kept = list(_thinned([fix for fix, _ in placed], gap_ms))
    found = []
    for before, now in pairwise([None, *kept]):
        assert now is not None
        fix, point = placed[now]
        previous = placed[before][0] if before is not None else None
        found.append(
            TrackFix(
                point=point,
                speed_kmh=fix.speed_kmh,
                heading_deg=fix.heading_deg,
                at_ms=fix.device_ms,
                received_ms=fix.received_ms,
                catch_up=fix.catch_up,
                satellites=fix.satellites,
                after_gap=previous is not None and fix.device_ms - previous.device_ms > gap_ms,
                tablet=fix.tablet,
            )
        )
    return tuple(found)


def _thinned(fixes: Sequence[Fix], gap_ms: int) -> Iterator[int]:
    """Indices of those to keep: an opening window between the last kept and the one ahead."""
    if not fixes:
        return
    start = 0
    yield 0
    for ahead in range(1, len(fixes)):
        before, fix = fixes[ahead - 1], fixes[ahead]
        parted = (
            fix.device_ms - before.device_ms > gap_ms
            or fix.catch_up != before.catch_up
            or fix.tablet != before.tablet
        )
        bent = fix.device_ms - fixes[start].device_ms > STRETCH_MS or any(
            off_m(fixes[start], fixes[n], fix) > TOLERANCE_M for n in range(start + 1, ahead)
        )
        if (parted or bent) and ahead - 1 > start:
            start = ahead - 1
            yield start
        if parted or (ahead == len(fixes) - 1):
            start = ahead
            yield start


def off_m(start: Fix, between: Fix, end: Fix) -> float:
    """How far a position lies from where a straight way would have been at that moment."""
    assert start.point is not None
    assert between.point is not None
    assert end.point is not None
    whole_ms = end.device_ms - start.device_ms
    part = (between.device_ms - start.device_ms) / whole_ms if whole_ms else 0.0
    lat = start.point.lat + part * (end.point.lat - start.point.lat)
    lon = start.point.lon + part * (end.point.lon - start.point.lon)
    north = math.radians(between.point.lat - lat)
    east = math.radians(between.point.lon - lon) * math.cos(math.radians(lat))
    return EARTH_RADIUS_M * math.hypot(north, east)


def readings(sets: Sequence[NumericSet]) -> tuple[Reading, ...]:
    """By sign, then by time; device time where the device told one that is believed."""
    every = sorted(
        (
            Reading(
                sign=numeric.sign,
                at_ms=item.shown_ms - numeric.age_ms,
                value=numeric.value,
            )
            for item in sets
            for numeric in item.values
        ),
        key=lambda r: (r.sign, r.at_ms),
    )
    return tuple(
        kept for _sign, told in groupby(every, lambda r: r.sign) for kept in _extremes(list(told))
    )


def _extremes(told: Sequence[Reading]) -> Iterator[Reading]:
    if len(told) <= MOST_READINGS:
        yield from told
        return
    span_ms = max(1, told[-1].at_ms - told[0].at_ms + 1)
    stretch_ms = -(-span_ms * 2 // MOST_READINGS)
    lost = False
    for _, group in groupby(told, lambda r: (r.at_ms - told[0].at_ms) // stretch_ms):
        stretch = list(group)
        values = [(r.value, n) for n, r in enumerate(stretch) if r.value is not None]
        wanted = {min(values)[1], max(values)[1]} if values else set()
        for n, reading in enumerate(stretch):
            if reading.value is None and not lost:
                wanted.add(n)
            lost = reading.value is None
        for n in sorted(wanted):
            yield stretch[n]
