"""Travel times by plain Dijkstra on a different graph: the named test double of TravelTimes.

Every arc has two vertices here, its start and its end, joined by its own time; a turn joins an end
to a start. So mid-arc offsets and driving round to a place behind need no special case.
"""

from itertools import pairwise

import numpy as np
from scipy import sparse
from scipy.sparse import csgraph

from goldenhour.compute.roads import RoadNetwork, Route, Snaps
from goldenhour.compute.roads.network import Floats

THROUGH_DS = 1_000_000
"""A shut arc is passed only where there is no other way from or to a place on one."""


def arc_deciseconds(network: RoadNetwork, factors: Floats) -> Floats:
    usual = np.where(factors == 0, 1.0, factors)
    return np.clip(np.rint(network.arc_ds / usual), 1, 36_000)


def oracle_s(network: RoadNetwork, factors: Floats, sources: Snaps, target: Snaps) -> Floats:
    """Seconds from each source to the target."""
    arcs = network.arc_count
    arc_ds = arc_deciseconds(network, factors)
    driven_ds = arc_ds + THROUGH_DS * (factors == 0)
    every = np.arange(arcs)
    turns = np.flatnonzero(~network.turn_banned)
    tail = np.concatenate((every, arcs + network.turn_from[turns]))
    head = np.concatenate((arcs + every, network.turn_to[turns]))
    # A sparse graph cannot hold a cost of zero, so turns are counted one millionth longer.
    weight = np.concatenate((driven_ds, network.turn_cost_ds[turns] + 1e-6))
    graph = sparse.csr_array((weight, (tail, head)), shape=(2 * arcs, 2 * arcs))
    best = np.full(len(sources), np.inf)
    into_shut = is_shut(factors, target, 0)
    for arc, fraction in sides(target, 0):
        if factors[arc] == 0 and not into_shut:
            continue
        to_start = csgraph.dijkstra(graph.T.tocsr(), indices=arc)
        for row in range(len(sources)):
            for from_arc, from_fraction in sides(sources, row):
                if factors[from_arc] == 0 and not is_shut(factors, sources, row):
                    continue
                offset = round(from_fraction * arc_ds[from_arc])
                goal = round(fraction * arc_ds[arc])
                best[row] = min(
                    best[row], to_start[arcs + from_arc] + driven_ds[from_arc] - offset + goal
                )
                if from_arc == arc and offset <= goal:
                    best[row] = min(best[row], goal - offset)
    best = np.where(np.isfinite(best), np.floor(best + 1e-9), np.inf)
    for late in np.flatnonzero(best >= THROUGH_DS).tolist():
        allowed = np.isfinite(best[late]) and (into_shut or is_shut(factors, sources, late))
        best[late] = best[late] % THROUGH_DS if allowed else np.inf
    return np.asarray(best / 10)


def is_shut(factors: Floats, places: Snaps, row: int) -> bool:
    """Whether no arc of a place is open."""
    return all(factors[arc] == 0 for arc, _ in sides(places, row))


def route_s(
    network: RoadNetwork, factors: Floats, route: Route, source: Snaps, target: Snaps
) -> float:
    """The time along a route, arc by arc and turn by turn; every turn must exist and be allowed."""
    arc_ds = arc_deciseconds(network, factors)
    arcs = route.arcs.tolist()
    total = -np.rint(dict(sides(source, 0))[arcs[0]] * arc_ds[arcs[0]])
    total += np.rint(dict(sides(target, 0))[arcs[-1]] * arc_ds[arcs[-1]])
    for arc, after in pairwise(arcs):
        allowed = (network.turn_from == arc) & (network.turn_to == after) & ~network.turn_banned
        (turn,) = np.flatnonzero(allowed)
        total += arc_ds[arc] + network.turn_cost_ds[turn]
    return float(total) / 10


def sides(places: Snaps, row: int) -> list[tuple[int, float]]:
    pairs = zip(places.arcs[row].tolist(), places.fractions[row].tolist(), strict=True)
    return [(arc, fraction) for arc, fraction in pairs if arc >= 0]


def random_places(network: RoadNetwork, count: int, rng: np.random.Generator) -> Snaps:
    """Anywhere on an arc; half of them may leave either way."""
    arc = rng.integers(network.arc_count, size=count)
    fraction = rng.choice([0.0, 1.0, *rng.random(6)], size=count)
    other = np.array([network.reverse_of(int(a)) for a in arc], dtype=np.int32)
    other[rng.random(count) < 0.5] = -1
    return Snaps(
        arcs=np.column_stack((arc, other)).astype(np.int32),
        fractions=np.column_stack((fraction, 1 - fraction)),
        off_road_m=np.zeros(count),
    )
