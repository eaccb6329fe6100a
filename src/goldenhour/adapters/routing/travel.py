"""Travel times for the advice, from the road graph where it knows a way, else by the straight line.

Rule 1: every answer says for each place whether it is an estimate, and which speeds it rests on.
Rule 2: a place off the road, a way that the graph does not know and a missing graph are ordinary:
        the board works without a map.
Rule 3: all places of one question are snapped at once, as one array.
"""

from collections.abc import Sequence

import numpy as np

from goldenhour.app.ports import Leg, Place, Travel
from goldenhour.compute import roads
from goldenhour.compute.roads import OffRoad, RoadNetwork, Snapper, Snaps
from goldenhour.compute.roads.network import Floats
from goldenhour.kernel.geo import Point

KMH_IN_M_S = 3.6


class RoadTravel:
    """`app.ports.TravelTimes` on one network at free flow."""

    def __init__(self, network: RoadNetwork | None, crow_speed_kmh: float) -> None:
        self._crow_speed_kmh = crow_speed_kmh
        self._graph = (
            (Snapper(network), roads.TravelTimes.start(network, version=1)) if network else None
        )

    @property
    def has_roads(self) -> bool:
        return self._graph is not None

    def times_to(self, target: Point, sources: Sequence[Place]) -> Travel:
        found = None
        if self._graph and sources:
            snapper, travel = self._graph
            goal = snapper.find_nearest(target)
            if not isinstance(goal, OffRoad):
                found = travel.times_to(goal, _snap(snapper, sources))
        return self._answer(target, [source.point for source in sources], found)

    def times_from(self, source: Place, targets: Sequence[Point]) -> Travel:
        found = None
        if self._graph and targets:
            snapper, travel = self._graph
            start = _snap(snapper, [source])
            if (start.arcs >= 0).any():
                goals = _snap(snapper, [Place(point=target) for target in targets])
                found = travel.times_from(start, goals)
        return self._answer(source.point, targets, found)

    def _answer(self, one: Point, many: Sequence[Point], found: roads.Times | None) -> Travel:
        if not many:
            return Travel(legs=(), metric_version=self._version)
        crow_s = roads.estimate_crow_s(_rows([one])[0], _rows(many), self._crow_speed_kmh)
        road_s = found.seconds if found else np.full(len(many), np.inf)
        known = np.isfinite(road_s)
        return Travel(
            legs=tuple(
                Leg(seconds=float(seconds), estimated=not on_road)
                for seconds, on_road in zip(np.where(known, road_s, crow_s), known, strict=True)
            ),
            metric_version=self._version,
        )

    @property
    def _version(self) -> int:
        return self._graph[1].version if self._graph else 0


def _snap(snapper: Snapper, places: Sequence[Place]) -> Snaps:
    heading = [np.nan if p.heading_deg is None else p.heading_deg for p in places]
    speed = [0.0 if p.speed_kmh is None else p.speed_kmh / KMH_IN_M_S for p in places]
    points = _rows([p.point for p in places])
    return snapper.snap(points, np.array(heading, dtype=float), np.array(speed, dtype=float))


def _rows(points: Sequence[Point]) -> Floats:
    return np.array([(p.lat, p.lon) for p in points], dtype=float)
