"""Stretches of road: from a line on the earth to the arcs that it runs along, and back.

A line that was drawn on another map than this one still finds its arcs: it is cut into short steps,
and each is looked for at its middle, in its direction.
"""

from typing import Final

import numpy as np

from goldenhour.compute.roads.network import Floats, Ints, RoadNetwork, haversine_m
from goldenhour.compute.roads.snap import MOVING_M_S, NEAR_M, NO_ARC, Snapper
from goldenhour.compute.roads.travel import Route

COVERED: Final = 0.5
"""An arc belongs to a line that runs along so much of it: streets are shut between crossings."""
_STEP_M: Final = 10.0
"""A feed may name a street by its two ends; each block of it is to be found."""
_SHORTEST_M: Final = 0.5
"""A shorter step has no direction to speak of."""


def arcs_along(network: RoadNetwork, snapper: Snapper, line: Floats) -> Ints:
    """The arcs in the direction of the line, rows of latitude and longitude in degrees.

    A line that covers no arc by half, inside one long street, is that street.
    """
    line = _fine(line)
    here, there = line[:-1], line[1:]
    step_m = haversine_m(here[:, 0], here[:, 1], there[:, 0], there[:, 1])
    kept = step_m >= _SHORTEST_M
    here, there, step_m = here[kept], there[kept], step_m[kept]
    east = (there[:, 1] - here[:, 1]) * np.cos(np.radians(here[:, 0]))
    heading_deg = np.degrees(np.arctan2(east, there[:, 0] - here[:, 0])) % 360
    moving = np.full(len(here), 2 * MOVING_M_S)
    snaps = snapper.snap((here + there) / 2, heading_deg, moving)
    # A second arc means that nothing near leads this way: it is no road of this map.
    found = (snaps.arcs[:, 1] == NO_ARC) & (snaps.arcs[:, 0] != NO_ARC)
    found &= snaps.off_road_m <= NEAR_M
    arcs = np.asarray(snaps.arcs[found, 0])
    if not arcs.size:
        return arcs
    covered_m = np.bincount(arcs, weights=step_m[found], minlength=network.arc_count)
    share = covered_m / np.maximum(network.piece_length_m[network.arc_piece], _SHORTEST_M)
    whole = np.flatnonzero(share >= COVERED)
    return (whole if whole.size else share.argmax(keepdims=True)).astype(np.int32)


def _fine(line: Floats) -> Floats:
    """The same line in steps of at most `_STEP_M`."""
    steps_m = haversine_m(line[:-1, 0], line[:-1, 1], line[1:, 0], line[1:, 1])
    parts = [
        np.linspace(start, end, max(1, int(np.ceil(step_m / _STEP_M))), endpoint=False)
        for start, end, step_m in zip(line[:-1], line[1:], steps_m, strict=True)
    ]
    return np.concatenate([*parts, line[-1:]])


def both_ways(network: RoadNetwork, arcs: Ints) -> Ints:
    """These arcs and those of the other direction."""
    back = [network.reverse_of(int(arc)) for arc in arcs]
    return np.unique(np.array([*arcs.tolist(), *(arc for arc in back if arc != NO_ARC)], np.int32))


def whole_arcs(route: Route, start: float, end: float) -> Ints:
    """The arcs of a route without an end that it only touches.

    `start` and `end` are the fractions of the first and the last arc at which it begins and ends.
    """
    arcs = route.arcs
    if len(arcs) > 1 and start > 1 - COVERED:
        arcs, start = arcs[1:], 0.0
    if len(arcs) > 1 and end < COVERED:
        arcs = arcs[:-1]
    return arcs
