"""The compiled part of travel times: weights of a contraction hierarchy, and searches in it.

Dibbelt, Strasser and Wagner, "Customizable Contraction Hierarchies" (2016). What depends on the
streets alone is a `Hierarchy`, made once (`hierarchy.py`); what a set of speeds adds is a
`Weights`, made anew for each and never changed.

Rule 1: a vertex is an arc of the network under another number. Every way can be driven so that the
        numbers first only rise and then only fall; what rises and falls are the edges kept here.
Rule 2: what a vertex reaches by rising are its ancestors in the tree of `parent` alone. So a search
        from the scene rises to the root, and every other vertex settles what it needs of its
        ancestors, from the root down; an ancestor that two share is settled once.
Rule 3: a cell is a small subtree; its numbers follow one another, and the few vertices that stand
        over no cell come last. All ways out of a cell lead over its rim. From each vertex of a cell
        to its rim the weights are known already (`rim_ds`), so many vehicles settle few vertices:
        those over the cells, which fit into the processor's cache. A unit in the scene's own cell
        settles its ancestors there too.
Rule 4: weights are whole, from 1 to below NEVER, and NEVER is no way; two of them fit into 32 bits.
Rule 5: who asks about a thousand vehicles asks again soon, and few have moved: what they are looked
        up by is kept in a row, since to wait for it all over the memory was half of a search.
Rule 6: `customise` lets go of the interpreter's lock, since others ask meanwhile; a search keeps
        it: who lets go of it for less than a millisecond may wait five for it.
Rule 7: functions get the arrays that they use where they are called often: to hand over a tuple of
        many arrays takes longer than what is done with them.

All of this is one file because numba's cache on disk notices changes of the same file only.
"""

from typing import Any, Final, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from goldenhour.compute.roads.network import Flags, Ints, Longs

type Places = NDArray[np.uint32]
"""Where in other arrays to look: without a sign, since numba asks of each that has one whether it
counts from the end. That is two thirds of a sweep."""

NEVER: Final = 2**30 - 1
NONE: Final = -1

MANY: Final = 256
"""So many sources need nearly all that is over the cells, and memory is quicker read in a row."""
_PAST: Final = 2**31 - 1
"""Where a search is that has left the root behind."""


class Edges(NamedTuple):
    """E edges between a vertex and a higher one, by the lower one, then by the higher one.

    Either all of them are driven upwards or all of them downwards.
    """

    first: Places
    """Of each vertex, N + 1."""
    low: Places
    high: Places
    by_high: Places
    """The edges by the higher vertex instead."""
    first_by_high: Places


ENTRY: Final = np.dtype(
    {
        "names": ["vertex", "top", "over", "rim", "rims", "ds"],
        "formats": [np.int32] * 6,
        "itemsize": 32,  # so that none lies across two lines of the cache
    }
)
"""How a search from an arc begins: its vertex, the highest one of its cell (NONE: it is over the
cells), the parent of that, and its rim: where it begins in `Hierarchy.rim`, how many it is, and
where their weights begin in `Weights.rim_ds`."""


class Hierarchy(NamedTuple):
    """N vertices."""

    entry: NDArray[Any]
    """ENTRY of each arc of the network: all that a vehicle is looked up by, in one place, since
    a thousand of them look into it at random."""
    vertex: Ints
    """Of each arc of the network."""
    parent: Ints
    """The lowest higher neighbour, NONE at a root."""
    up: Edges
    down: Edges
    turn_edge: Ints
    """Of each turn of the network; NONE: it leads back to its own arc."""
    turn_rises: Ints
    """1: its edge is one of `up`, 0: of `down`."""
    cell: Ints
    """The highest vertex of the cell, NONE over the cells."""
    rim: Places
    rim_first: Places
    """Of each highest vertex of a cell, N + 1."""
    rim_ds_first: Longs
    """Of each vertex, its part of `Weights.rim_ds`."""
    over_cells: int
    """The lowest vertex over the cells."""


class Weights(NamedTuple):
    up_ds: Ints
    down_ds: Ints
    rim_ds: Ints
    """Of each vertex of a cell, one for each vertex of the rim: by rising alone."""


class Turns(NamedTuple):
    """The turns of the network by the arc that they leave."""

    first: Ints
    """Of each arc, A + 1."""
    onto: Ints


class Search(NamedTuple):
    """Room for one search after the other: fresh memory for each would cost more than it does.

    What is known of a vertex counts only where its mark is of the newest search.
    """

    newest: Longs
    """One number: the mark of what has risen in this search; what is settled has one more."""
    mark: Longs
    ds: Ints
    path: Ints
    """The ancestors that are being settled."""


class Kept(NamedTuple):
    """What the sources of the last search with these weights were looked up by, a row for each."""

    arcs: Ints
    """A row counts for its arc; NONE: for none."""
    entry: NDArray[Any]
    rim_ds: Ints
    """As many columns as the longest rim has vertices."""
    arc_ds: Ints
    """How long the arc itself is."""
    shut: Flags


def kept_for(hierarchy: Hierarchy, sources: int) -> Kept:
    longest = int(hierarchy.entry["rims"].max(initial=0))
    return Kept(
        arcs=np.full(sources, NONE, dtype=np.int32),
        entry=np.zeros(sources, dtype=ENTRY),
        rim_ds=np.empty((sources, longest), dtype=np.int32),
        arc_ds=np.zeros(sources, dtype=np.int32),
        shut=np.zeros(sources, dtype=np.bool_),
    )


def room_for(size: int) -> Search:
    return Search(
        newest=np.zeros(1, dtype=np.int64),
        mark=np.zeros(size, dtype=np.int64),
        ds=np.empty(size, dtype=np.int32),
        path=np.empty(size, dtype=np.int32),
    )


@njit(cache=True, nogil=True)
def customise(hierarchy: Hierarchy, turn_ds: Ints) -> Weights:
    """The weights that follow from those of the turns."""
    up, down = hierarchy.up, hierarchy.down
    up_ds = np.full(len(up.low), NEVER, np.int32)
    down_ds = np.full(len(down.low), NEVER, np.int32)
    for turn in range(len(turn_ds)):
        edge = hierarchy.turn_edge[turn]
        if edge != NONE and hierarchy.turn_rises[turn]:
            up_ds[edge] = min(up_ds[edge], turn_ds[turn])
        elif edge != NONE:
            down_ds[edge] = min(down_ds[edge], turn_ds[turn])
    least_ds = np.empty(len(hierarchy.parent), np.int32)
    for v in range(len(hierarchy.parent)):
        _by_lower(v, up, up_ds, down, down_ds, least_ds)
        _by_lower(v, down, down_ds, up, up_ds, least_ds)
    return Weights(up_ds, down_ds, _to_rims(hierarchy, up_ds))


@njit(cache=True, nogil=True)
def _by_lower(v: int, edges: Edges, ds: Ints, back: Edges, back_ds: Ints, least_ds: Ints) -> None:
    """Each edge from `v` upwards is as short as the ways over one lower vertex allow.

    `back` are the edges of the other direction: one of them leads from `v` to the lower vertex.
    """
    for k in range(edges.first[v], edges.first[v + 1]):
        least_ds[edges.high[k]] = ds[k]
    for j in range(back.first_by_high[v], back.first_by_high[v + 1]):
        u = back.low[back.by_high[j]]
        to_ds = back_ds[back.by_high[j]]
        k = edges.first[u + 1] - 1
        while k >= edges.first[u] and edges.high[k] > v:
            w = edges.high[k]
            least_ds[w] = min(least_ds[w], to_ds + ds[k])
            k -= 1
    for k in range(edges.first[v], edges.first[v + 1]):
        ds[k] = min(least_ds[edges.high[k]], NEVER)


@njit(cache=True, nogil=True)
def _to_rims(hierarchy: Hierarchy, up_ds: Ints) -> Ints:
    up, cell, rim_first = hierarchy.up, hierarchy.cell, hierarchy.rim_first
    rim_ds = np.full(hierarchy.rim_ds_first[-1], NEVER, np.int32)
    place = np.empty(len(cell), np.int32)
    for v in range(len(cell) - 1, -1, -1):
        top = cell[v]
        if top == NONE:
            continue
        if v == top:
            for j in range(rim_first[top], rim_first[top + 1]):
                place[hierarchy.rim[j]] = j - rim_first[top]
        mine = rim_ds[hierarchy.rim_ds_first[v] : hierarchy.rim_ds_first[v + 1]]
        for k in range(up.first[v], up.first[v + 1]):
            w = up.high[k]
            if w > top:
                mine[place[w]] = min(mine[place[w]], up_ds[k])
                continue
            theirs = rim_ds[hierarchy.rim_ds_first[w] : hierarchy.rim_ds_first[w + 1]]
            for j in range(len(mine)):
                mine[j] = min(mine[j], np.int32(theirs[j] + up_ds[k]))
    return rim_ds


@njit(cache=True)
def _rise(
    parent: Ints, edges: Edges, ds: Ints, room: Search, starts: Ints, starts_ds: Ints
) -> None:
    """From these vertices to the root, over edges of one direction; every ancestor is marked."""
    first, high, known_ds, mark = edges.first, edges.high, room.ds, room.mark
    room.newest[0] += 2
    risen = room.newest[0]
    for i in range(len(starts)):
        v = starts[i]
        known_ds[v] = min(known_ds[v], starts_ds[i]) if mark[v] == risen else starts_ds[i]
        mark[v] = risen
    at = starts.copy()
    v = np.min(at)
    while v != _PAST:
        if mark[v] != risen:
            mark[v] = risen
            known_ds[v] = NEVER
        for k in range(first[v], first[v + 1]):
            w = high[k]
            over_ds = min(np.int32(known_ds[v] + ds[k]), np.int32(NEVER))
            known_ds[w] = min(known_ds[w], over_ds) if mark[w] == risen else over_ds
            mark[w] = risen
        after = parent[v]
        for i in range(len(at)):
            if at[i] == v:
                at[i] = after if after != NONE else _PAST
        v = np.min(at)


@njit(cache=True)
def _settle(parent: Ints, edges: Edges, ds: Ints, room: Search, vertex: int) -> None:
    """The distance of a vertex: what has risen to it, or over one of its ancestors."""
    first, high, known_ds, mark, path = edges.first, edges.high, room.ds, room.mark, room.path
    risen = room.newest[0]
    settled = risen + 1
    count = 0
    v = vertex
    while v != NONE and mark[v] != settled:
        path[count] = v
        count += 1
        v = parent[v]
    for i in range(count - 1, -1, -1):
        v = path[i]
        least_ds = known_ds[v] if mark[v] == risen else np.int32(NEVER)
        for k in range(first[v], first[v + 1]):
            least_ds = min(least_ds, np.int32(known_ds[high[k]] + ds[k]))
        known_ds[v] = least_ds
        mark[v] = settled


@njit(cache=True)
def _sweep(edges: Edges, ds: Ints, room: Search, lowest: int) -> None:
    """Settles every vertex from the highest down to `lowest`."""
    first, high, known_ds, mark = edges.first, edges.high, room.ds, room.mark
    risen = room.newest[0]
    for v in range(len(mark) - 1, lowest - 1, -1):
        least_ds = known_ds[v] if mark[v] == risen else np.int32(NEVER)
        for k in range(first[v], first[v + 1]):
            least_ds = min(least_ds, np.int32(known_ds[high[k]] + ds[k]))
        known_ds[v] = least_ds
        mark[v] = risen + 1


@njit(cache=True)
def look_up(
    kept: Kept, entry: NDArray[Any], rim_ds: Ints, arc_ds: Ints, shut: Flags, sources: Ints
) -> None:
    """Keeps what belongs to these sources, where it is not kept already: a row for each.

    `entry`, `arc_ds` and `shut` are of all arcs, `rim_ds` and those two of the weights of `kept`.
    """
    for i in range(len(sources)):
        arc = sources[i]
        if arc < 0 or arc == kept.arcs[i]:
            continue
        at = entry[arc]
        kept.arcs[i], kept.entry[i] = arc, at
        kept.arc_ds[i], kept.shut[i] = arc_ds[arc], shut[arc]
        for j in range(at.rims):
            kept.rim_ds[i, j] = rim_ds[at.ds + j]


@njit(cache=True)
def many_to_one(
    kept: Kept,
    hierarchy: Hierarchy,
    weights: Weights,
    room: Search,
    goals: Ints,
    goals_ds: Ints,
    sources: Ints,
) -> Ints:
    """From each source to the nearest of some goals, each `goals_ds` farther; NEVER: no way.

    Goals and sources are arcs of the network; a source that is none has no way. `kept` has these
    sources, by these weights (`look_up`).
    """
    parent, up, up_ds = hierarchy.parent, hierarchy.up, weights.up_ds
    entry, known_ds, mark = kept.entry, room.ds, room.mark
    _rise(parent, hierarchy.down, weights.down_ds, room, hierarchy.vertex[goals], goals_ds)
    settled = room.newest[0] + 1
    if len(sources) >= MANY:
        _sweep(up, up_ds, room, hierarchy.over_cells)
    answer_ds = np.full(len(sources), NEVER, np.int32)
    for i in range(len(sources)):
        if sources[i] < 0:
            continue
        at = entry[i]
        if at.top == NONE or mark[at.top] >= settled - 1:  # over the cells, or a goal's own cell
            _settle(parent, up, up_ds, room, at.vertex)
            answer_ds[i] = known_ds[at.vertex]
            continue
        if at.over != NONE and mark[at.over] != settled:
            _settle(parent, up, up_ds, room, at.over)
        rim, rim_ds = hierarchy.rim[at.rim : at.rim + at.rims], kept.rim_ds[i]
        for j in range(len(rim)):
            answer_ds[i] = min(answer_ds[i], np.int32(known_ds[rim[j]] + rim_ds[j]))
    return answer_ds


@njit(cache=True)
def one_to_many(
    hierarchy: Hierarchy,
    weights: Weights,
    room: Search,
    starts: Ints,
    starts_ds: Ints,
    targets: Ints,
) -> Ints:
    """To each target from the nearest of some starts, each `starts_ds` farther; NEVER: no way.

    A target that is no arc has no way.
    """
    vertex = hierarchy.vertex
    _rise(hierarchy.parent, hierarchy.up, weights.up_ds, room, vertex[starts], starts_ds)
    answer_ds = np.full(len(targets), NEVER, np.int32)
    for i in range(len(targets)):
        if targets[i] < 0:
            continue
        v = vertex[targets[i]]
        _settle(hierarchy.parent, hierarchy.down, weights.down_ds, room, v)
        answer_ds[i] = room.ds[v]
    return answer_ds


@njit(cache=True)
def find_way(
    hierarchy: Hierarchy,
    weights: Weights,
    room: Search,
    turns: Turns,
    turn_ds: Ints,
    goals: Ints,
    goals_ds: Ints,
    starts: Ints,
    starts_ds: Ints,
) -> tuple[int, Ints]:
    """(distance, arcs of the network) of the quickest way from a start to a goal, both arcs.

    Turn by turn to whatever is as far from the goal as it has to be.
    """
    vertex, up, up_ds = hierarchy.vertex, hierarchy.up, weights.up_ds
    _rise(hierarchy.parent, hierarchy.down, weights.down_ds, room, vertex[goals], goals_ds)
    way_ds, arc = NEVER, NONE
    for i in range(len(starts)):
        _settle(hierarchy.parent, up, up_ds, room, vertex[starts[i]])
        if starts_ds[i] + room.ds[vertex[starts[i]]] < way_ds:
            way_ds, arc = starts_ds[i] + room.ds[vertex[starts[i]]], starts[i]
    way = [np.int32(0) for _ in range(0)]
    while arc != NONE:
        way.append(np.int32(arc))
        left_ds = room.ds[vertex[arc]]
        here, arc = arc, NONE
        for i in range(len(goals)):
            if goals[i] == here and goals_ds[i] == left_ds:
                return way_ds, np.array(way, dtype=np.int32)
        for turn in range(turns.first[here], turns.first[here + 1]):
            v = vertex[turns.onto[turn]]
            _settle(hierarchy.parent, up, up_ds, room, v)
            if turn_ds[turn] + room.ds[v] == left_ds:
                arc = turns.onto[turn]
                break
    return NEVER, np.empty(0, np.int32)
