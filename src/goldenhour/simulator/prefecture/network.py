"""Joins streets into one road network and writes it: crossings, signals, rules of turning.

Rule 1: streets of one level that cross or touch share a node there.
Rule 2: what hangs together with nothing is left out, so that every address can be reached.
Rule 3: a street is cut into ways at its signals; rules of turning need that.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from goldenhour.simulator.prefecture.names import english
from goldenhour.simulator.prefecture.streets import RANK, SPEED_KMH, Street
from goldenhour.simulator.town_map import Map, Place, Way

_SAME_M: Final = 7.0
"""Crossings closer than this are one."""
_TOUCH_M: Final = 1.5
_SIGNALS: Final = 300
_SIGNALS_APART_M: Final = 170
_RULES: Final = 44


class Network:
    def __init__(self, streets: list[Street]) -> None:
        self._corners: dict[tuple[int, int], list[int]] = defaultdict(list)
        self._places: list[Place] = []
        on = [self._events(street) for street in streets]
        self._meet(streets, on)
        kept = self._main_part(streets, on)
        self.streets = [streets[index] for index in kept]
        self._on = [sorted(set(on[index])) for index in kept]
        branches: Counter[int] = Counter()
        self._classes: dict[int, list[str]] = defaultdict(list)
        for street, events in zip(self.streets, self._on, strict=True):
            length = street.line.length
            for at, corner in events:
                branches[corner] += 1 if at < _SAME_M or at > length - _SAME_M else 2
                self._classes[corner].append(street.highway)
        self.crossings = {corner: self._places[corner] for corner, n in branches.items() if n > 2}  # noqa: PLR2004 (three ways out)
        self.signals = self._choose_signals()

    def write(self, paper: Map) -> None:
        nodes: dict[int, int] = {}
        ways: list[tuple[Street, Way]] = []
        for street, events in zip(self.streets, self._on, strict=True):
            ways += [(street, way) for way in self._ways(paper, street, events, nodes)]
        for corner in self.signals:
            paper.tag(nodes[corner], {"highway": "traffic_signals"})
        self._rules(paper, nodes, ways)

    def _events(self, street: Street) -> list[tuple[float, int]]:
        """Where along a street other streets meet it; its own ends to begin with."""
        coords = street.line.coords
        return [(0.0, self._corner(coords[0])), (street.line.length, self._corner(coords[-1]))]

    def _corner(self, place: Place) -> int:
        x, y = int(place[0] // _SAME_M), int(place[1] // _SAME_M)
        near = (
            corner
            for i in (-1, 0, 1)
            for j in (-1, 0, 1)
            for corner in self._corners.get((x + i, y + j), ())
        )
        best = min(near, key=lambda c: math.dist(self._places[c], place), default=None)
        if best is not None and math.dist(self._places[best], place) < _SAME_M:
            return best
        self._places.append(place)
        self._corners[x, y].append(len(self._places) - 1)
        return len(self._places) - 1

    def _meet(self, streets: list[Street], on: list[list[tuple[float, int]]]) -> None:
        lines = np.array([street.line for street in streets])
        tree = shapely.STRtree(lines)
        first, second = tree.query(lines, predicate="dwithin", distance=_TOUCH_M)
        for i, j in zip(first.tolist(), second.tolist(), strict=True):
            if i == j:
                continue
            for corner in {corner for _, corner in on[j][:2]}:  # ends of the other, on this one
                here = shapely.Point(self._places[corner])
                same = streets[i].level == streets[j].level
                if lines[i].distance(here) < (_SAME_M if same else _TOUCH_M):
                    on[i].append((lines[i].project(here), corner))
            if i < j and streets[i].level == streets[j].level:
                crossed = shapely.intersection(lines[i], lines[j])
                for part in getattr(crossed, "geoms", [crossed]):
                    if part.geom_type == "Point" and not part.is_empty:
                        corner = self._corner((part.x, part.y))
                        on[i].append((lines[i].project(part), corner))
                        on[j].append((lines[j].project(part), corner))

    def _main_part(self, streets: list[Street], on: list[list[tuple[float, int]]]) -> list[int]:
        rows = [index for index, events in enumerate(on) for _ in events]
        columns = [len(streets) + corner for events in on for _, corner in events]
        size = len(streets) + len(self._places)
        links = coo_array((np.ones(len(rows)), (rows, columns)), (size, size))
        part = connected_components(links, directed=False)[1][: len(streets)]
        largest = np.bincount(part).argmax()
        return [index for index in range(len(streets)) if part[index] == largest]

    def _choose_signals(self) -> list[int]:
        """The busiest crossings, with some room between them."""

        def weight(corner: int) -> tuple[int, int]:
            ranks = sorted((RANK[kind] for kind in self._classes[corner]), reverse=True)
            return ranks[0] + 2 * ranks[1], corner

        lowest = RANK["tertiary"]
        able = [
            corner
            for corner in self.crossings
            if sum(RANK[kind] >= lowest for kind in self._classes[corner]) > 1
            and not {"motorway", "motorway_link"} & set(self._classes[corner])
        ]
        chosen: list[int] = []
        for corner in sorted(able, key=weight, reverse=True):
            place = self._places[corner]
            apart = (math.dist(place, self._places[other]) for other in chosen)
            if len(chosen) < _SIGNALS and min(apart, default=math.inf) > _SIGNALS_APART_M:
                chosen.append(corner)
        return chosen

    def _ways(
        self, paper: Map, street: Street, events: list[tuple[float, int]], nodes: dict[int, int]
    ) -> Iterator[Way]:
        line = street.line
        along = [line.project(shapely.Point(place)) for place in line.coords]
        along[-1] = line.length  # of a ring, the end projects to its beginning
        stops: list[tuple[float, int | None, Place]] = []
        met: set[int] = set()
        for at, corner in events:
            if corner not in met or (line.is_closed and at == line.length):
                stops.append((at, corner, self._places[corner]))
            met.add(corner)
        ats = np.array([at for at, _, _ in stops])
        for at, place in zip(along, line.coords, strict=True):
            if np.abs(ats - at).min() > _SAME_M:
                stops.append((at, None, place))
        stops.sort(key=lambda stop: stop[0])
        lit = set(self.signals)
        refs: list[int] = []
        cuts = [0]
        for at, met_at, place in stops:
            if met_at is None:
                refs.append(paper.node(place, street.marks.get(place)))
                continue
            if met_at not in nodes:
                nodes[met_at] = paper.node(place)
            if not refs or refs[-1] != nodes[met_at]:
                refs.append(nodes[met_at])
            if met_at in lit and 0 < at < line.length:
                cuts.append(len(refs) - 1)
        for start, end in pairwise(sorted({*cuts, len(refs) - 1})):
            yield paper.way(refs[start : end + 1], _tags(street))

    def _rules(self, paper: Map, nodes: dict[int, int], ways: list[tuple[Street, Way]]) -> None:
        """No left turn at half of the busiest crossings."""
        ending: dict[int, list[tuple[Street, Way]]] = defaultdict(list)
        beginning: dict[int, list[tuple[Street, Way]]] = defaultdict(list)
        for street, way in ways:
            ending[way.nodes[-1]].append((street, way))
            beginning[way.nodes[0]].append((street, way))
        written = 0
        for corner in self.signals:
            node = nodes[corner]
            for street, way in ending[node]:
                turn = next(
                    (
                        other
                        for across, other in beginning[node]
                        if across.name != street.name
                        and _is_left(street, across)
                        and "oneway" not in {*across.tags, *street.tags}
                    ),
                    None,
                )
                if written < _RULES and turn is not None and corner % 2:
                    paper.restriction(way.id, node, turn.id, "no_left_turn")
                    written += 1
                    break


def _is_left(street: Street, across: Street) -> bool:
    (ax, ay), (bx, by) = street.line.coords[-2], street.line.coords[-1]
    (cx, cy), (dx, dy) = across.line.coords[0], across.line.coords[1]
    return float((bx - ax) * (dy - cy) - (by - ay) * (dx - cx)) > 0


def _tags(street: Street) -> dict[str, str]:
    tags = {"highway": street.highway, "maxspeed": str(SPEED_KMH[street.highway])}
    if street.name:
        tags |= {"name": street.name, "name:en": english(street.name)}
    return tags | street.tags
