"""The compiled part of map matching: ways between candidates, and one step of the lattice.

Rule 1: a way is searched by its cost: its metres plus what its free-flow time is worth in metres.
        Its length is that of the cheapest way, the one a driver would take.
Rule 2: a banned turn is no way, and a way longer than could be driven in the time is none.
Rule 3: a search ends where nothing it could still find would matter: its cost alone would be more
        than `prune` above the best candidate found so far.
Rule 4: costs are negative logarithms of probabilities; infinity is impossible.

All of this is one file because numba's cache on disk notices changes of the same file only.
"""

from heapq import heappop, heappush
from typing import NamedTuple

import numpy as np
from numba import njit

from goldenhour.compute.roads.network import Floats, Ints, RoadNetwork


class Graph(NamedTuple):
    """A arcs and T turns by the arc that they leave, as `RoadNetwork`, weighed in metres."""

    length_m: Floats
    cost_m: Floats
    out_start: Ints
    turn_to: Ints
    turn_cost_m: Floats
    """Infinite where banned."""


class Scratch(NamedTuple):
    """What a search writes on; an entry counts only where its mark is the newest one."""

    newest: Ints
    """One number: the last mark given."""
    seen: Ints
    settled: Ints
    wanted: Ints
    cost_m: Floats
    """From the source to the start of each arc."""
    metres: Floats
    parent: Ints


class Step(NamedTuple):
    """N candidates before, M now."""

    cost: Floats
    """Of the best way of things that ends at each candidate, M."""
    total: Floats
    """As `cost`, of all ways of things together."""
    back: Ints
    """The candidate before on the best one, -1 where there is none."""
    fraction: Floats
    """Where the vehicle is if so: a vehicle that seems to slip back on its arc stands."""
    moved_m: Floats
    step: Floats
    """N x M: from each to each."""


def graph_of(network: RoadNetwork, second_m: float) -> Graph:
    """`second_m` is what a second of driving is worth in metres."""
    length_m = network.piece_length_m[network.arc_piece]
    turn_m = network.turn_cost_ds / 10 * second_m
    return Graph(
        length_m=length_m,
        cost_m=length_m + network.arc_ds / 10 * second_m,
        out_start=np.searchsorted(network.turn_from, np.arange(network.arc_count + 1)).astype(
            np.int32
        ),
        turn_to=network.turn_to.copy(),
        turn_cost_m=np.where(network.turn_banned, np.inf, turn_m),
    )


def scratch_for(arcs: int) -> Scratch:
    return Scratch(
        newest=np.zeros(1, dtype=np.int32),
        seen=np.zeros(arcs, dtype=np.int32),
        settled=np.zeros(arcs, dtype=np.int32),
        wanted=np.zeros(arcs, dtype=np.int32),
        cost_m=np.empty(arcs),
        metres=np.empty(arcs),
        parent=np.empty(arcs, dtype=np.int32),
    )


@njit(cache=True, nogil=True)
def _spread(
    graph: Graph,
    scratch: Scratch,
    source: int,
    fraction: float,
    wanted: int,
    count: int,
    most_cost_m: float,
    most_m: float,
) -> int:
    """Dijkstra from a place until `count` arcs marked `wanted` are reached; the mark it wrote."""
    scratch.newest[0] += 1
    mark = scratch.newest[0]
    heap = [(0.0, np.int32(0))]
    heap.pop()
    arc = source
    cost_m = (1 - fraction) * graph.cost_m[arc]
    metres = (1 - fraction) * graph.length_m[arc]
    while count > 0:
        if metres <= most_m:
            for turn in range(graph.out_start[arc], graph.out_start[arc + 1]):
                onto = graph.turn_to[turn]
                there_m = cost_m + graph.turn_cost_m[turn]
                if there_m > most_cost_m or there_m == np.inf or scratch.settled[onto] == mark:
                    continue
                if scratch.seen[onto] != mark or there_m < scratch.cost_m[onto]:
                    scratch.seen[onto] = mark
                    scratch.cost_m[onto] = there_m
                    scratch.metres[onto] = metres
                    scratch.parent[onto] = arc
                    heappush(heap, (there_m, onto))
        while heap and scratch.settled[heap[0][1]] == mark:
            heappop(heap)
        if not heap:
            break
        cost_m, nearest = heappop(heap)
        arc = int(nearest)
        scratch.settled[arc] = mark
        count -= scratch.wanted[arc] == wanted
        metres = scratch.metres[arc] + graph.length_m[arc]
        cost_m += graph.cost_m[arc]
    return mark


@njit(cache=True, nogil=True)
def advance(
    graph: Graph,
    scratch: Scratch,
    arcs_before: Ints,
    at_before: Floats,
    cost_before: Floats,
    total_before: Floats,
    arcs: Ints,
    at: Floats,
    seen_cost: Floats,
    crow_m: float,
    driven_m: float,
    driven_beta_m: float,
    most_m: float,
    beta_m: float,
    slip_m: float,
    prune: float,
) -> Step:
    """One fix on: the cost of each candidate from those of the fix before.

    `at_before` and `at` are fractions of the arcs, `seen_cost` is what the fix itself says of each
    candidate, `crow_m` is the straight line between the two fixes, `driven_m` is what was driven by
    the vehicle's own word, off by some `driven_beta_m` (infinite: no word). Positions that wander
    may seem to go back along the arc by up to `slip_m`.
    """
    size = len(arcs)
    cost = np.full(size, np.inf)
    back = np.full(size, -1, np.int32)
    fraction = at.copy()
    moved_m = np.zeros(size)
    step = np.full((len(arcs_before), size), np.inf)
    scratch.newest[0] += 1
    wanted = scratch.newest[0]
    for arc in arcs:
        scratch.wanted[arc] = wanted
    best = np.inf
    order = np.argsort(cost_before)
    for i in order:
        if cost_before[i] == np.inf or cost_before[i] > cost_before[order[0]] + prune:
            break
        here = arcs_before[i]
        most_cost_m = (best + prune - cost_before[i]) * beta_m + crow_m
        away = size - np.sum(arcs == here)
        mark = _spread(graph, scratch, here, at_before[i], wanted, away, most_cost_m, most_m)
        for j in range(size):
            arc = arcs[j]
            place = at[j]
            ahead_m = (at[j] - at_before[i]) * graph.length_m[arc]
            if arc == here and ahead_m >= -slip_m:
                place = max(at[j], at_before[i])
                metres = (place - at_before[i]) * graph.length_m[arc]
                cost_m = (place - at_before[i]) * graph.cost_m[arc]
            elif scratch.settled[arc] == mark:
                metres = scratch.metres[arc] + at[j] * graph.length_m[arc]
                cost_m = scratch.cost_m[arc] + at[j] * graph.cost_m[arc]
            else:
                continue
            if metres > most_m:
                continue
            step[i, j] = (abs(metres - crow_m) + cost_m - metres) / beta_m
            step[i, j] += abs(metres - driven_m) / driven_beta_m
            here_cost = cost_before[i] + step[i, j] + seen_cost[j]
            if here_cost < cost[j]:
                cost[j] = here_cost
                back[j] = i
                fraction[j] = place
                moved_m[j] = metres
                best = min(best, here_cost)
    total = np.full(size, np.inf)
    for j in range(size):
        if back[j] < 0:
            continue
        least = np.min(total_before + step[:, j])
        total[j] = least - np.log(np.sum(np.exp(least - total_before - step[:, j]))) + seen_cost[j]
    return Step(cost, total, back, fraction, moved_m, step)


@njit(cache=True, nogil=True)
def find_way(
    graph: Graph,
    scratch: Scratch,
    source: int,
    source_at: float,
    target: int,
    target_at: float,
    most_m: float,
) -> Ints:
    """The arcs from one place to another as `advance` found them, both ends' arcs included."""
    if source == target and target_at >= source_at:
        return np.full(1, source, np.int32)
    scratch.newest[0] += 1
    wanted = scratch.newest[0]
    scratch.wanted[target] = wanted
    _spread(graph, scratch, source, source_at, wanted, 1, np.inf, most_m)
    arcs = [np.int64(target), np.int64(scratch.parent[target])]
    while arcs[-1] != source:
        arcs.append(np.int64(scratch.parent[arcs[-1]]))
    return np.array(arcs[::-1], dtype=np.int32)
