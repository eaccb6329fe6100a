"""Little towns, vehicles that drive through them, and a matcher written the slow way."""

import heapq
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from goldenhour.compute.roads import RoadNetwork, Snapper
from goldenhour.compute.roads.build import Restriction, Ways, assemble
from goldenhour.compute.roads.match import Matcher
from goldenhour.compute.roads.matched import Belief, Placed, Sight
from goldenhour.kernel.geo import EARTH_RADIUS_M, Point, distance_m

DEG_M = np.radians(1) * EARTH_RADIUS_M  # metres of a degree at the equator, where the towns lie

type Street = tuple[Sequence[tuple[float, float]], bool]
"""Corners in metres east and north, and whether both ways are allowed."""


def town(streets: Sequence[Street], bans: Sequence[tuple[int, int, int]] = ()) -> RoadNetwork:
    """Way n is street n; a ban is way, way and the corner's place in the first way."""
    corners = [corner for line, _ in streets for corner in line]
    names = sorted(set(corners))
    return assemble(
        Ways(
            way_id=np.arange(len(streets)),
            start=np.cumsum([0, *(len(line) for line, _ in streets)]),
            node=np.array([names.index(corner) for corner in corners]),
            lat=np.array([north for _, north in corners]) / DEG_M,
            lon=np.array([east for east, _ in corners]) / DEG_M,
            forward_kmh=np.full(len(streets), 36.0),
            backward_kmh=np.array([36.0 if both else 0.0 for _, both in streets]),
        ),
        signals={},
        blocked=set(),
        restrictions=[
            Restriction(
                from_way=before,
                via_node=names.index(streets[before][0][corner]),
                to_way=after,
                only=False,
            )
            for before, after, corner in bans
        ],
    ).network


def matcher(network: RoadNetwork, belief: Belief | None = None) -> Matcher:
    return Matcher(network, Snapper(network), belief)


def sights(
    corners: Sequence[tuple[float, float]], step_m: float, *, step_s: float = 10.0
) -> list[Sight]:
    """Seen every `step_m` along straight lines between corners, beginning half a step in."""
    line = np.array(corners, dtype=float)
    along = np.concatenate(([0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))))
    at = np.arange(step_m / 2, along[-1], step_m)
    east, north = np.interp(at, along, line[:, 0]), np.interp(at, along, line[:, 1])
    return [
        Sight(at_ms=round(1_000 * n * step_s), point=Point(lat=y / DEG_M, lon=x / DEG_M))
        for n, (x, y) in enumerate(zip(east.tolist(), north.tolist(), strict=True))
    ]


def shaken(seen: Sequence[Sight], sigma_m: float, seed: int) -> list[Sight]:
    noise = np.random.default_rng(seed).normal(0, sigma_m / DEG_M, (len(seen), 2)).tolist()
    return [
        Sight(
            at_ms=s.at_ms,
            point=Point(lat=s.point.lat + north, lon=s.point.lon + east),
            heading_deg=s.heading_deg,
        )
        for s, (north, east) in zip(seen, noise, strict=True)
    ]


def driven(
    network: RoadNetwork, rng: np.random.Generator, fixes: int, step_m: float
) -> list[tuple[int, float]]:
    """Arc and fraction at every fix of a vehicle that turns at random where it may."""
    arc, at_m = int(rng.integers(network.arc_count)), 0.0
    found = [(arc, 0.0)]
    while len(found) < fixes:
        at_m += step_m
        while at_m > (length_m := network.piece_length_m[network.arc_piece[arc]]):
            turns = np.flatnonzero((network.turn_from == arc) & ~network.turn_banned)
            if not turns.size:
                return found
            at_m -= length_m
            arc = int(network.turn_to[rng.choice(turns)])
        found.append((arc, at_m / length_m))
    return found


def along(network: RoadNetwork, arcs: Sequence[int], step_m: float) -> list[tuple[int, float]]:
    """Arc and fraction every so many metres of a way."""
    ends = np.cumsum(network.piece_length_m[network.arc_piece[list(arcs)]])
    at = np.arange(step_m / 2, ends[-1], step_m)
    which = np.searchsorted(ends, at)
    starts = np.concatenate(([0.0], ends))[which]
    parts = (at - starts) / (ends[which] - starts)
    return [(arcs[n], part) for n, part in zip(which.tolist(), parts.tolist(), strict=True)]


def seen_at(network: RoadNetwork, places: Sequence[tuple[int, float]], step_s: int) -> list[Sight]:
    points = [network.line_of([arc], at, at)[0].tolist() for arc, at in places]
    return [
        Sight(at_ms=1_000 * step_s * n, point=Point(lat=lat, lon=lon))
        for n, (lat, lon) in enumerate(points)
    ]


class SlowMatcher:
    """The same belief by plain dictionaries: every pair of candidates, nothing given up.

    It knows neither riding nor lone fixes; a track with a break has no answer here.
    """

    def __init__(self, network: RoadNetwork, belief: Belief) -> None:
        self._belief = belief
        self._snapper = Snapper(network)
        self._length_m = network.piece_length_m[network.arc_piece].tolist()
        seconds = (network.arc_ds / 10).tolist()
        self._cost_m = [
            m + belief.second_m * s for m, s in zip(self._length_m, seconds, strict=True)
        ]
        self._onto: dict[int, list[tuple[int, float]]] = {}
        for turn in np.flatnonzero(~network.turn_banned):
            onto = (int(network.turn_to[turn]), network.turn_cost_ds[turn] / 10 * belief.second_m)
            self._onto.setdefault(int(network.turn_from[turn]), []).append(onto)

    def least_cost(self, seen: Sequence[Sight]) -> float:
        """Of the likeliest way of things; infinite where the track breaks."""
        known = {arc: (cost, at) for arc, at, cost in self._candidates(seen[0])}
        for before, sight in pairwise(seen):
            known = self._next(
                known, before, sight, {a: (c, f) for a, f, c in self._candidates(sight)}
            )
        return min((cost for cost, _ in known.values()), default=np.inf)

    def cost_of(self, seen: Sequence[Sight], places: Sequence[Placed]) -> float:
        """Of this answer."""
        known: dict[int, tuple[float, float]] = {}
        for n, (sight, place) in enumerate(zip(seen, places, strict=True)):
            only = {a: (c, f) for a, f, c in self._candidates(sight) if a == place.arc}
            known = (
                self._next(known, seen[n - 1], sight, only)
                if n
                else {a: (c, f) for a, (c, f) in only.items()}
            )
        return min((cost for cost, _ in known.values()), default=np.inf)

    def _candidates(self, sight: Sight) -> list[tuple[int, float, float]]:
        near = self._snapper.find_near(
            np.array([[sight.point.lat, sight.point.lon]]), self._belief.radius_m
        )
        cost = (near.away_m / self._belief.sigma_m) ** 2 / 2
        return list(zip(near.arcs.tolist(), near.fractions.tolist(), cost.tolist(), strict=True))

    def _next(
        self,
        known: dict[int, tuple[float, float]],
        before: Sight,
        sight: Sight,
        candidates: dict[int, tuple[float, float]],
    ) -> dict[int, tuple[float, float]]:
        belief = self._belief
        crow_m = distance_m(before.point, sight.point)
        between_s = (sight.at_ms - before.at_ms) / 1_000
        most_m = belief.top_m_s * between_s + belief.radius_m
        beta_m = belief.beta_m + belief.beta_m_s * between_s
        ways = {arc: self._ways(arc, at) for arc, (_, at) in known.items()}
        found: dict[int, tuple[float, float]] = {}
        for arc, (seen_cost, at) in candidates.items():
            options = []
            for source, (cost, source_at) in known.items():
                ahead = at - source_at
                place = at
                if source == arc and ahead * self._length_m[arc] >= -belief.radius_m:
                    place = max(at, source_at)
                    metres = (place - source_at) * self._length_m[arc]
                    cost_m = (place - source_at) * self._cost_m[arc]
                elif arc in ways[source]:
                    cost_m, metres = ways[source][arc]
                    metres += at * self._length_m[arc]
                    cost_m += at * self._cost_m[arc]
                else:
                    continue
                if metres <= most_m:
                    step = (abs(metres - crow_m) + cost_m - metres) / beta_m
                    options.append((cost + step + seen_cost, place))
            if options:
                found[arc] = min(options)
        return found

    def _ways(self, source: int, at: float) -> dict[int, tuple[float, float]]:
        """Cost and metres to the start of every arc."""
        settled: dict[int, tuple[float, float]] = {}
        start = ((1 - at) * self._cost_m[source], (1 - at) * self._length_m[source])
        heap = [(start[0] + turn, start[1], onto) for onto, turn in self._onto.get(source, [])]
        heapq.heapify(heap)
        while heap:
            cost, metres, arc = heapq.heappop(heap)
            if arc in settled:
                continue
            settled[arc] = (cost, metres)
            for onto, turn in self._onto.get(arc, []):
                there = (cost + self._cost_m[arc] + turn, metres + self._length_m[arc], onto)
                heapq.heappush(heap, there)
        return settled
