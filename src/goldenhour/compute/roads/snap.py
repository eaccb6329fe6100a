"""From places to positions on the road network.

Rule 1: nearest in local metres; a place farther than MAX_SNAP_M from every street is off the road
        and says so: it is never moved onto a street that it has nothing to do with.
Rule 2: a vehicle that moves is on an arc that leads where it is heading, if one is near; one that
        stands, or whose heading fits no street near, may drive either way.
Rule 3: vehicles are snapped when their position arrives, never inside a dispatch.
"""

from typing import Any, Final

import numpy as np
import shapely

from goldenhour.compute.roads.network import Floats, Ints, Longs, RoadNetwork
from goldenhour.kernel.geo import EARTH_RADIUS_M, Point
from goldenhour.kernel.record import Record

MAX_SNAP_M: Final = 500.0
MOVING_M_S: Final = 1.5
NEAR_M: Final = 30.0
"""Where a moving vehicle's street is looked for: a position error among tall houses."""
HEADING_TOLERANCE_DEG: Final = 60.0
NO_ARC: Final = -1


class Snaps(Record, eq=False):
    """N positions on the network.

    Row i stands on `arcs[i, 0]` at `fractions[i, 0]` of its length or, seen from the other
    direction, on `arcs[i, 1]` at `fractions[i, 1]`; an arc that does not count is NO_ARC, and a
    place off the road has no arc at all.
    """

    arcs: Ints
    fractions: Floats
    off_road_m: Floats
    """Distance from the given place to the street; infinite without a valid place."""

    def __len__(self) -> int:
        return len(self.arcs)

    def pick(self, rows: Longs | list[int]) -> "Snaps":
        return Snaps(
            arcs=self.arcs[rows], fractions=self.fractions[rows], off_road_m=self.off_road_m[rows]
        )


class Near(Record, eq=False):
    """Arcs near places: entry i is an arc near the place `rows[i]`."""

    rows: Longs
    arcs: Ints
    fractions: Floats
    away_m: Floats
    bearing_deg: Floats
    """Where the arc leads there, clockwise from north, not brought into one turn."""


class OffRoad(Record):
    """No street within MAX_SNAP_M: the caller estimates by `estimate_crow_s` and says so."""

    nearest_m: float


class Snapper:
    """A spatial index over the street pieces of one network."""

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        lat, lon = network.lat, network.lon
        self._lat0 = float(lat.min() + lat.max()) / 2
        self._lon0 = float(lon.min() + lon.max()) / 2
        piece = np.repeat(np.arange(len(network.forward)), np.diff(network.point_start))
        self._lines: Any = shapely.linestrings(self._metres(lat, lon), indices=piece)
        self._tree = shapely.STRtree(self._lines)

    def find_nearest(self, point: Point) -> Snaps | OffRoad:
        """One standing place, both directions: a scene or a hospital."""
        snaps = self.snap(np.array([[point.lat, point.lon]]))
        if snaps.off_road_m[0] > MAX_SNAP_M:
            return OffRoad(nearest_m=float(snaps.off_road_m[0]))
        return snaps

    def snap(
        self,
        points: Floats,
        heading_deg: Floats | None = None,
        speed_m_s: Floats | None = None,
    ) -> Snaps:
        """Rows of `points` are latitude and longitude in degrees; NaN is unknown everywhere.

        Headings are degrees clockwise from north.
        """
        arcs = np.full((len(points), 2), NO_ARC, dtype=np.int32)
        fractions = np.zeros((len(points), 2))
        off_road_m = np.full(len(points), np.inf)
        rows = np.flatnonzero(np.isfinite(points).all(axis=1))
        places = shapely.points(self._metres(points[rows, 0], points[rows, 1]))
        (found, pieces), distance_m = self._tree.query_nearest(
            places, all_matches=False, return_distance=True
        )
        rows = rows[found]
        off_road_m[rows] = distance_m
        along = self._along(pieces, places[found])
        near = distance_m <= MAX_SNAP_M
        arcs[rows[near], 0] = self._network.forward[pieces[near]]
        arcs[rows[near], 1] = self._network.backward[pieces[near]]
        fractions[rows] = np.column_stack((along, 1 - along))
        if heading_deg is not None and speed_m_s is not None:
            moving = np.isfinite(heading_deg[rows]) & (speed_m_s[rows] > MOVING_M_S)
            found, chosen, fraction, away_m = self._heading_that_way(
                places[found][moving], heading_deg[rows[moving]]
            )
            rows = rows[moving][found]
            arcs[rows] = np.column_stack((chosen, np.full(len(chosen), NO_ARC)))
            fractions[rows, 0] = fraction
            off_road_m[rows] = away_m
        return Snaps(arcs=arcs, fractions=fractions, off_road_m=off_road_m)

    def find_near(self, points: Floats, radius_m: float) -> Near:
        """Every arc within so many metres of each place; NaN is unknown and near nothing."""
        rows = np.flatnonzero(np.isfinite(points).all(axis=1))
        places = shapely.points(self._metres(points[rows, 0], points[rows, 1]))
        near = self._near(places, radius_m)
        return Near(
            rows=rows[near.rows],
            arcs=near.arcs,
            fractions=near.fractions,
            away_m=near.away_m,
            bearing_deg=near.bearing_deg,
        )

    def fraction_on(self, arc: int, point: Point) -> float:
        """Where along the arc the place is nearest to it."""
        piece = self._network.arc_piece[[arc]].astype(np.int64)
        place = shapely.points(self._metres(np.array([point.lat]), np.array([point.lon])))
        along = float(self._along(piece, place)[0])
        return 1 - along if self._network.is_backward(arc) else along

    def _near(self, places: Any, radius_m: float) -> Near:
        who, pieces = self._tree.query(places, predicate="dwithin", distance=radius_m)
        along = self._along(pieces, places[who])
        bearing = self._bearing_deg(pieces, along)
        arcs = np.concatenate((self._network.forward[pieces], self._network.backward[pieces]))
        drivable = np.flatnonzero(arcs != NO_ARC)
        return Near(
            rows=np.tile(who, 2)[drivable],
            arcs=arcs[drivable],
            fractions=np.concatenate((along, 1 - along))[drivable],
            away_m=np.tile(shapely.distance(self._lines[pieces], places[who]), 2)[drivable],
            bearing_deg=np.concatenate((bearing, bearing + 180))[drivable],
        )

    def _heading_that_way(
        self, places: Any, heading_deg: Floats
    ) -> tuple[Longs, Ints, Floats, Floats]:
        """For each place the nearest arc that leads its way, where there is one."""
        near = self._near(places, NEAR_M)
        turned = turned_deg(near.bearing_deg, heading_deg[near.rows])
        fits = np.flatnonzero(turned <= HEADING_TOLERANCE_DEG)
        fits = fits[np.lexsort((turned[fits], near.away_m[fits], near.rows[fits]))]
        _, first = np.unique(near.rows[fits], return_index=True)
        best = fits[first]
        return near.rows[best], near.arcs[best], near.fractions[best], near.away_m[best]

    def _along(self, pieces: Longs, places: Any) -> Floats:
        along = shapely.line_locate_point(self._lines[pieces], places, normalized=True)
        return np.asarray(np.nan_to_num(along))  # a piece without length has no fractions

    def _bearing_deg(self, pieces: Longs, along: Floats) -> Floats:
        lines = self._lines[pieces]
        metres = along * shapely.length(lines)
        before = shapely.line_interpolate_point(lines, np.maximum(metres - 1, 0))
        after = shapely.line_interpolate_point(lines, metres + 1)
        east = shapely.get_x(after) - shapely.get_x(before)
        north = shapely.get_y(after) - shapely.get_y(before)
        return np.asarray(np.degrees(np.arctan2(east, north)))

    def _metres(self, lat: Floats, lon: Floats) -> Floats:
        """East and north of the network's middle; a city is small enough for a flat earth."""
        scale = np.radians(1) * EARTH_RADIUS_M
        east = (lon - self._lon0) * scale * np.cos(np.radians(self._lat0))
        return np.column_stack((east, (lat - self._lat0) * scale))


def turned_deg(bearing_deg: Floats, heading_deg: Floats) -> Floats:
    """The angle between two directions, 0 to 180."""
    return np.abs((bearing_deg - heading_deg + 180) % 360 - 180)
