"""What `match-map` drives and measures: truth, positions with errors, and wrong length.

The truth here is no traffic simulation: quickest ways between random places on the network that the
importer makes, each at speeds of its own (so it is the quickest way of none of the engines), with
a wait at signals. Positions have errors that last, as a receiver's do.
"""

from collections.abc import Iterator, Sequence
from typing import Final, NamedTuple

import numpy as np
import shapely

from goldenhour.compute.roads import RoadNetwork, Snaps, TravelTimes
from goldenhour.compute.roads.network import Floats
from goldenhour.compute.roads.snap import MOVING_M_S, turned_deg
from goldenhour.kernel.geo import EARTH_RADIUS_M

SHORTEST_M: Final = 1_500.0
SIGMA_M: Final = (5.0, 10.0)
"""Of the errors to each side; each drive draws its own."""
LASTING_S: Final = 20.0
"""Errors so far apart in time have little to do with each other."""
VELOCITY_SIGMA_M_S: Final = 0.5
"""Of the velocity that a receiver takes from the Doppler shift, to each side; five times and more
what makers promise (u-blox M8 data sheet: 0.05 m/s and 0.3 degrees, half of the time, at 30 m/s),
for a town."""
LANE_SIGMA_DEG: Final = 5.0
"""A vehicle is never quite parallel to the line that a map has of its street: own estimate."""
PIECE_M: Final = 2.0
SAME_M: Final = 3.0
SAME_DEG: Final = 60.0
END_M: Final = 25.0
"""What lies so near to an end of the drive is not judged: where it ends is noise, not a street."""


class Drive(NamedTuple):
    line: Floats
    """Rows of latitude and longitude."""
    at_s: Floats
    """When the vehicle is at each of them."""
    beside_m: float = SAME_M
    """So far the line may lie from the streets' own."""


class Seen(NamedTuple):
    at_s: Floats
    points: Floats
    speed_m_s: Floats
    heading_deg: Floats
    """NaN where the vehicle does not move faster than a walk: a heading is noise there."""


def drives(network: RoadNetwork, rng: np.random.Generator) -> Iterator[Drive]:
    turn_s = {
        (before, after): cost / 10
        for before, after, cost in zip(
            network.turn_from.tolist(),
            network.turn_to.tolist(),
            network.turn_cost_ds.tolist(),
            strict=True,
        )
    }
    travel = TravelTimes.start(network, version=1)
    while True:
        factors = np.exp(rng.normal(0, 0.25, network.arc_count))
        travel = travel.with_speeds(factors, version=1)
        for _ in range(10):  # drives at the same speeds: new ones cost time
            route = travel.find_route(place(network, rng), place(network, rng))
            if route is None:
                continue
            drive = driven(network, route.arcs.tolist(), factors, turn_s)
            if length_m(drive.line) >= SHORTEST_M:
                yield drive


def place(network: RoadNetwork, rng: np.random.Generator) -> Snaps:
    """The middle of some street piece; who begins or ends there may face either way."""
    arc = int(rng.integers(network.arc_count))
    return Snaps(
        arcs=np.array([[arc, network.reverse_of(arc)]], dtype=np.int32),
        fractions=np.full((1, 2), 0.5),
        off_road_m=np.zeros(1),
    )


def driven(
    network: RoadNetwork, arcs: list[int], factors: Floats, turn_s: dict[tuple[int, int], float]
) -> Drive:
    """From the middle of the first arc to the middle of the last one."""
    lines: list[Floats] = []
    times: list[Floats] = []
    now_s = 0.0
    for n, arc in enumerate(arcs):
        start, end = (0.5 if n == 0 else 0.0), (0.5 if n == len(arcs) - 1 else 1.0)
        line = network.line_of([arc], start, end)
        steps = np.hypot(*np.diff(metres(line, line[0]), axis=0).T)
        takes_s = network.arc_ds[arc] / 10 / factors[arc] * (end - start)
        along = np.concatenate(([0.0], np.cumsum(steps))) / max(steps.sum(), 1e-9)
        lines.append(line)
        times.append(now_s + along * takes_s)
        now_s += takes_s
        if n + 1 < len(arcs):
            now_s += turn_s[arc, arcs[n + 1]]
    return Drive(np.concatenate(lines), np.concatenate(times))


def see(drive: Drive, every_s: int, rng: np.random.Generator | None) -> Seen:
    """What a JT/T 808 terminal sends: places, speed in tenths of km/h, heading in whole degrees.

    Without dice there is no error in them.
    """
    at_s = np.arange(0, int(drive.at_s[-1]) + 1, every_s, dtype=float)
    points, before, after = (position(drive, at_s + shift_s) for shift_s in (0, -1, 1))
    spans_s = np.minimum(at_s + 1, drive.at_s[-1]) - np.maximum(at_s - 1, 0)
    velocity = metres_between(before, after) / spans_s[:, None]
    if rng is not None:
        error_m = errors(int(at_s[-1]) + 1, rng.uniform(*SIGMA_M), rng)[at_s.astype(int)]
        points += degrees(error_m, points)
        velocity += rng.normal(0, VELOCITY_SIGMA_M_S, velocity.shape)
    heading = np.degrees(np.arctan2(*velocity.T))
    if rng is not None:
        heading += rng.normal(0, LANE_SIGMA_DEG, len(heading))
    speed = np.round(np.hypot(*velocity.T) * 36) / 36
    return Seen(at_s, points, speed, np.where(speed > MOVING_M_S, np.round(heading) % 360, np.nan))


def told_of(drive: Drive, seen: Seen) -> Floats:
    """The line as far as positions tell of it: what comes after the last one nobody can know."""
    last_s = seen.at_s[-1]
    driven = drive.line[drive.at_s < last_s]
    return np.concatenate((driven, position(drive, np.array([last_s]))))


def position(drive: Drive, at_s: Floats) -> Floats:
    return np.column_stack([np.interp(at_s, drive.at_s, drive.line[:, n]) for n in (0, 1)])


def errors(seconds: int, sigma_m: float, rng: np.random.Generator) -> Floats:
    """North and east, second by second: each error is what is left of the last, and some new."""
    left = np.exp(-1 / LASTING_S)
    new = rng.normal(0, sigma_m, (seconds, 2))
    for n in range(1, seconds):
        new[n] = left * new[n - 1] + np.sqrt(1 - left**2) * new[n]
    return new


def metres(points: Floats, origin: Floats) -> Floats:
    """East and north of a place."""
    scale = np.radians(1) * EARTH_RADIUS_M
    north, east = (points - origin).T * scale
    return np.column_stack((east * np.cos(np.radians(origin[0])), north))


def metres_between(before: Floats, after: Floats) -> Floats:
    """East and north from each to each, row by row."""
    north, east = (after - before).T * np.radians(1) * EARTH_RADIUS_M
    return np.column_stack((east * np.cos(np.radians(before[:, 0])), north))


def degrees(moved_m: Floats, points: Floats) -> Floats:
    scale = np.radians(1) * EARTH_RADIUS_M
    north, east = moved_m.T / scale
    return np.column_stack((north, east / np.cos(np.radians(points[:, 0]))))


def length_m(line: Floats) -> float:
    return float(np.hypot(*np.diff(metres(line, line[0]), axis=0).T).sum())


def wrong_m(lines: Sequence[Floats], truth: Floats, beside_m: float = SAME_M) -> float:
    """Metres told that were not driven, or not that way, and metres driven that were not told."""
    told = Segments(lines, truth[0])
    real = Segments([truth], truth[0])
    ends = shapely.multipoints(metres(truth[[0, -1]], truth[0]))
    return told.unlike_m(real, ends, beside_m) + real.unlike_m(told, ends, beside_m)


class Segments:
    """Straight stretches of lines, with where they lead."""

    def __init__(self, lines: Sequence[Floats], origin: Floats) -> None:
        flat = [metres(line, origin) for line in lines if len(line) > 1]
        start = np.concatenate([line[:-1] for line in flat] or [np.zeros((0, 2))])
        end = np.concatenate([line[1:] for line in flat] or [np.zeros((0, 2))])
        moves = (start != end).any(axis=1)
        self.start, self.end = start[moves], end[moves]
        east, north = (self.end - self.start).T
        self.length_m = np.hypot(east, north)
        self.bearing_deg = np.degrees(np.arctan2(east, north))

    def unlike_m(self, others: "Segments", ends: object, beside_m: float) -> float:
        """The length of what none of the others is near to and leads the same way."""
        count = np.ceil(self.length_m / PIECE_M).astype(int)
        which = np.repeat(np.arange(len(count)), count)
        part = np.concatenate([(np.arange(n) + 0.5) / n for n in count.tolist()] or [np.zeros(0)])
        middle = self.start[which] + part[:, None] * (self.end - self.start)[which]
        places = shapely.points(middle)
        lines = shapely.linestrings(np.stack((others.start, others.end), axis=1))
        mine, theirs = shapely.STRtree(lines).query(places, predicate="dwithin", distance=beside_m)
        turned = turned_deg(self.bearing_deg[which[mine]], others.bearing_deg[theirs])
        unlike = shapely.distance(places, ends) > END_M
        unlike[mine[turned <= SAME_DEG]] = False
        return float((self.length_m / np.maximum(count, 1))[which][unlike].sum())
