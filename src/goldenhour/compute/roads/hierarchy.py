"""The making of a contraction hierarchy: from a network and its order to numbered edges.

Rule 1: it depends on the streets alone, so it is made once; `hierarchy_kernel` says what it is.
Rule 2: vertices are taken away in the network's order; what is left is joined so that no way gets
        longer. An order that keeps the joined edges few is all that makes a hierarchy quick.
"""

from typing import Any, Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from goldenhour.compute.roads.hierarchy_kernel import (
    ENTRY,
    NEVER,
    NONE,
    Edges,
    Hierarchy,
    Places,
    Turns,
    customise,
)
from goldenhour.compute.roads.network import Ints, Longs, RoadNetwork

CELL: Final = 512
"""Smaller cells leave more vertices over them, larger ones have longer rims."""


def hierarchy_of(network: RoadNetwork) -> Hierarchy:
    size = network.arc_count
    rank = np.empty(size, dtype=np.int64)
    rank[network.order] = np.arange(size)
    low, high, parent = _contracted(size, rank[network.turn_from], rank[network.turn_to])
    number, cell = _numbered(parent, CELL)
    vertex = number[rank]
    low, high = _sorted(size, number[low], number[high])
    above = np.full(size, NONE, dtype=np.int32)
    above[number] = np.where(parent == NONE, NONE, number[parent])
    head = cell[low] == low
    rim_first = _first(size, low[head])
    width = np.where(cell == NONE, 0, np.diff(rim_first)[cell])
    both = _edges(size, low, high)
    rim_ds_first = np.concatenate(([0], np.cumsum(width)))
    hierarchy = Hierarchy(
        entry=_entries(vertex, cell, above, rim_first, rim_ds_first),
        vertex=vertex,
        parent=above,
        up=both,
        down=both,
        turn_edge=np.empty(0, dtype=np.int32),
        turn_rises=np.empty(0, dtype=np.int32),
        cell=cell,
        rim=high[head].astype(np.uint32),
        rim_first=rim_first.astype(np.uint32),
        rim_ds_first=rim_ds_first,
        over_cells=int(np.sum(cell != NONE)),
    )
    hierarchy = _with_turns(hierarchy, network)
    # Most edges lead one way only: nothing at all is shorter than NEVER against it.
    can = customise(hierarchy, np.ones(len(network.turn_from), dtype=np.int32))
    rises, falls = can.up_ds < NEVER, can.down_ds < NEVER
    return _with_turns(
        hierarchy._replace(
            up=_edges(size, low[rises], high[rises]), down=_edges(size, low[falls], high[falls])
        ),
        network,
    )


def _entries(
    vertex: Ints, cell: Ints, parent: Ints, rim_first: Ints, rim_ds_first: Longs
) -> NDArray[Any]:
    entry = np.zeros(len(vertex), dtype=ENTRY)
    top = cell[vertex]
    entry["vertex"], entry["top"] = vertex, top
    entry["over"] = np.where(top == NONE, NONE, parent[top])
    entry["rim"] = rim_first[top]
    entry["rims"] = np.where(top == NONE, 0, np.diff(rim_first)[top])
    entry["ds"] = rim_ds_first[vertex]
    return entry


def turns_of(network: RoadNetwork) -> Turns:
    first = np.searchsorted(network.turn_from, np.arange(network.arc_count + 1))
    return Turns(first=first.astype(np.int32), onto=network.turn_to.copy())


def _contracted(size: int, one: Longs, other: Longs) -> tuple[Ints, Ints, Ints]:
    """(lower, higher vertex of each edge, parent of each vertex), by rank."""
    apart = one != other
    low, high = _sorted(size, np.minimum(one, other)[apart], np.maximum(one, other)[apart])
    first, found, parent = _contract(_first(size, low), high)
    return np.repeat(np.arange(size, dtype=np.int32), np.diff(first)), found, parent


def _with_turns(hierarchy: Hierarchy, network: RoadNetwork) -> Hierarchy:
    """Which edge each turn is."""
    start, end = hierarchy.vertex[network.turn_from], hierarchy.vertex[network.turn_to]
    low, high = np.minimum(start, end), np.maximum(start, end)
    rises = start < end
    edge = np.full(len(start), NONE, dtype=np.int32)
    for edges, turns in ((hierarchy.up, rises), (hierarchy.down, start > end)):
        size = len(hierarchy.vertex)
        edge[turns] = np.searchsorted(
            _key(size, edges.low, edges.high), _key(size, low, high)[turns]
        )
    return hierarchy._replace(turn_edge=edge, turn_rises=rises.astype(np.int32))


def _key(size: int, low: Ints | Longs | Places, high: Ints | Longs | Places) -> Longs:
    return low.astype(np.int64) * size + high


def _sorted(size: int, low: Ints | Longs, high: Ints | Longs) -> tuple[Ints, Ints]:
    """By the lower one, then by the higher one."""
    low, high = np.divmod(np.sort(_key(size, low, high)), size)
    return low.astype(np.int32), high.astype(np.int32)


def _first(size: int, ascending: Ints) -> Ints:
    return np.searchsorted(ascending, np.arange(size + 1)).astype(np.int32)


def _edges(size: int, low: Ints, high: Ints) -> Edges:
    by_high = np.argsort(high, kind="stable")
    columns = (_first(size, low), low, high, by_high, _first(size, high[by_high]))
    return Edges(*(column.astype(np.uint32) for column in columns))


@njit(cache=True)
def _contract(first: Ints, high: Ints) -> tuple[Ints, Ints, Ints]:
    """(first edge of each vertex, higher end of each edge, parent of each vertex).

    Without a vertex all its higher neighbours are neighbours: the lowest of them gets the others.
    """
    size = len(first) - 1
    parent = np.full(size, NONE, np.int32)
    child = np.full(size, NONE, np.int32)
    sibling = np.full(size, NONE, np.int32)
    seen = np.full(size, NONE, np.int32)
    start = np.zeros(size + 1, np.int32)
    found = np.empty(4 * len(high) + 1, np.int32)
    at = 0
    for v in range(size):
        most = first[v + 1] - first[v]
        c = child[v]
        while c != NONE:
            most += start[c + 1] - start[c]
            c = sibling[c]
        if at + most > len(found):
            longer = np.empty(2 * len(found) + most, np.int32)
            longer[:at] = found[:at]
            found = longer
        lowest = size
        for k in range(first[v], first[v + 1]):
            w = high[k]
            if seen[w] != v:
                seen[w] = v
                found[at] = w
                at += 1
                lowest = min(lowest, w)
        c = child[v]
        while c != NONE:
            for k in range(start[c], start[c + 1]):
                w = found[k]
                if w != v and seen[w] != v:
                    seen[w] = v
                    found[at] = w
                    at += 1
                    lowest = min(lowest, w)
            c = sibling[c]
        start[v + 1] = at
        if lowest < size:
            parent[v] = lowest
            sibling[v] = child[lowest]
            child[lowest] = v
    return start, found[:at].copy(), parent


@njit(cache=True)
def _numbered(parent: Ints, most: int) -> tuple[Ints, Ints]:
    """(new number of each vertex, highest vertex of each new vertex's cell): rule 3."""
    size = len(parent)
    under = np.ones(size, np.int32)
    for v in range(size):
        if parent[v] != NONE:
            under[parent[v]] += under[v]
    number = np.empty(size, np.int32)
    cell = np.full(size, NONE, np.int32)
    end = np.empty(size, np.int32)  # of what is still free for a vertex's children
    end_over, end_cells = size, np.sum(under <= most)
    for v in range(size - 1, -1, -1):
        p = parent[v]
        if under[v] > most:
            end_over -= 1
            number[v] = end_over
        elif p != NONE and under[p] <= most:
            end[v] = number[v] = end[p] - 1
            cell[number[v]] = cell[number[p]]
            end[p] -= under[v]
        else:
            end[v] = number[v] = cell[end_cells - 1] = end_cells - 1
            end_cells -= under[v]
    return number, cell
