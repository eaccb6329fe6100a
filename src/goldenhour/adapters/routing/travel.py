"""Travel times for the advice, from the road graph where it knows a way, else by the straight line.

Rule 1: every answer says for each place whether it is an estimate, and which speeds it rests on.
Rule 2: a place off the road, a way that the graph does not know and a missing graph are ordinary:
        the board works without a map.
Rule 3: new speeds are one reference that is swapped: a question works on the speeds that were
        there when it began, whole, and its answer bears their version.
Rule 4: what is shut or slow lies over the speeds and takes nothing of them away: when a road opens
        again, it is as quick as it is by then.
"""

import asyncio
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final

import numpy as np

from goldenhour.app.ports import OFF_ROAD, Place, Spot, Stretch
from goldenhour.app.travel_times import Spots, Travel
from goldenhour.compute import roads
from goldenhour.compute.roads import RoadNetwork, Snapper, Snaps, SpeedUpdate
from goldenhour.compute.roads.network import Floats, Ints
from goldenhour.kernel.geo import Point

KMH_IN_M_S: Final = 3.6
REMEMBERED_PLACES: Final = 10_000


class RoadTravel:
    """`app.travel_times.TravelTimes` on one network at live speeds, which begin at free flow."""

    def __init__(self, network: RoadNetwork | None, crow_speed_kmh: float) -> None:
        self._crow_speed_kmh = crow_speed_kmh
        self._network = network
        self._usual = np.ones(network.arc_count if network else 0)
        self._stretches: tuple[Stretch, ...] = ()
        self.snapper = Snapper(network) if network else None
        self._live = roads.TravelTimes.start(network, version=1) if network else None
        self._changing = asyncio.Lock()
        self.heed: Callable[[Floats], object] | None = None
        """Told of each arc's factor before an answer goes by it; in a thread."""
        self.locate_fixed = lru_cache(REMEMBERED_PLACES)(self._locate_fixed)

    @property
    def has_roads(self) -> bool:
        return self._live is not None

    async def change_speeds(self, update: SpeedUpdate) -> int:
        """Drives these arcs at these speeds from now on; gives the version of the new metric.

        The work is done in a thread, mostly without the interpreter's lock; one change at a time.
        """
        async with self._changing:
            if self._live is None:
                return 0
            self._usual = update.applied_to(self._usual)
            return await self._renew(self._live)

    async def set_stretches(self, stretches: Sequence[Stretch]) -> int:
        """These roads are shut or slow from now on, and no others; gives the metric's version."""
        async with self._changing:
            if self._live is None:
                return 0
            if tuple(stretches) == self._stretches:
                return self._live.version
            self._stretches = tuple(stretches)
            return await self._renew(self._live)

    async def _renew(self, live: roads.TravelTimes) -> int:
        def make() -> roads.TravelTimes:
            factors = self._usual.copy()
            for stretch in self._stretches:
                arcs = self._arcs_of(stretch)
                factors[arcs] = np.minimum(factors[arcs], stretch.share * self._usual[arcs])
            if self.heed is not None:
                self.heed(factors)
            return live.with_speeds(factors, live.version + 1)

        self._live = await asyncio.to_thread(make)
        return self._live.version

    def _arcs_of(self, stretch: Stretch) -> Ints:
        if self._network is None or self.snapper is None:
            return np.array([], dtype=np.int32)
        arcs = roads.arcs_along(self._network, self.snapper, _rows(stretch.line))
        return roads.both_ways(self._network, arcs) if stretch.both_ways else arcs

    def find_line(self, points: Sequence[Point]) -> tuple[Point, ...] | None:
        """`app.ports.RoadLines`."""
        live, network = self._live, self._network
        if live is None or network is None:
            return None
        line: list[list[float]] = []
        for start, end in pairwise(self.locate_fixed(point) for point in points):
            route = live.find_route(_snaps(Spots.of([start])), _snaps(Spots.of([end])))
            if route is None:
                return None
            first, last = (
                dict(spot.sides)[arc]
                for spot, arc in ((start, int(route.arcs[0])), (end, int(route.arcs[-1])))
            )
            arcs = roads.whole_arcs(route, first, last).tolist()
            line += network.line_of(arcs, 0.0, 1.0).tolist()
        return tuple(Point(lat=lat, lon=lon) for lat, lon in line)

    def locate(self, places: Sequence[Place]) -> list[Spot]:
        if self.snapper is None:
            return [Spot(point=place.point, sides=OFF_ROAD) for place in places]
        headings = [np.nan if p.heading_deg is None else p.heading_deg for p in places]
        snaps = self.snapper.snap(
            _rows([place.point for place in places]),
            np.array(headings, dtype=float),
            np.array([(p.speed_kmh or 0.0) / KMH_IN_M_S for p in places], dtype=float),
        )
        arcs, fractions = snaps.arcs.tolist(), snaps.fractions.tolist()
        return [
            Spot(point=place.point, sides=((arc, at), (other_arc, other_at)))
            for place, (arc, other_arc), (at, other_at) in zip(places, arcs, fractions, strict=True)
        ]

    def _locate_fixed(self, point: Point) -> Spot:
        return self.locate([Place(point=point)])[0]

    def times_to(self, target: Spot, sources: Spots) -> Travel:
        live, there = self._live, Spots.of([target])
        found = live.times_to(_snaps(there), _snaps(sources)) if live and len(sources) else None
        return self._answer(there, sources, found, live)

    def times_from(self, source: Spot, targets: Spots) -> Travel:
        live, here = self._live, Spots.of([source])
        found = live.times_from(_snaps(here), _snaps(targets)) if live and len(targets) else None
        return self._answer(here, targets, found, live)

    def _answer(
        self, one: Spots, many: Spots, found: roads.Times | None, live: roads.TravelTimes | None
    ) -> Travel:
        seconds = found.seconds.astype(float) if found else np.full(len(many), np.inf)
        estimated = np.isinf(seconds)
        if estimated.any():
            seconds[estimated] = roads.estimate_crow_s(
                one.points[0], many.points[estimated], self._crow_speed_kmh
            )
        return Travel(
            seconds=seconds, estimated=estimated, metric_version=live.version if live else 0
        )


def _snaps(spots: Spots) -> Snaps:
    return Snaps(
        arcs=spots.arcs,
        fractions=spots.fractions,
        off_road_m=np.zeros(len(spots)),  # what was too far away has no arc already
    )


def _rows(points: Sequence[Point]) -> Floats:
    return np.array([(p.lat, p.lon) for p in points], dtype=float).reshape(-1, 2)
