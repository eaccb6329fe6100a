"""From ways to a road network: cut at junctions, number the arcs, list the turns, order them.

Rule 1: ways are cut where they meet, at signals and at barriers; nowhere else.
Rule 2: a U-turn exists only where an arc has no other way on (a dead end, a barrier).
Rule 3: a small island of streets that nothing joins to the rest is left out: a place snapped to it
        could be reached by nobody, while the next street could be.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from enum import StrEnum
from typing import Any, Final

import numpy as np
import pymetis
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from goldenhour.compute.roads.network import (
    MAX_DS,
    Flags,
    Floats,
    Ints,
    Longs,
    RoadNetwork,
    haversine_m,
)
from goldenhour.kernel.record import Record

ALONG: Final = 1
AGAINST: Final = 2
SIGNAL_DS: Final = 40
U_TURN_DS: Final = 100
MIN_ISLAND_M: Final = 2_000.0


class Ways(Record, eq=False):
    """W drivable ways; way w visits the nodes `start[w]:start[w + 1]`, at least two."""

    way_id: Longs
    start: Longs
    node: Longs
    lat: Floats
    lon: Floats
    forward_kmh: Floats
    """Speed along the nodes; 0 where that direction is not allowed (one of the two is)."""
    backward_kmh: Floats


class Restriction(Record):
    """From one way over a node to another: forbidden, or (`only`) everything else is."""

    from_way: int
    via_node: int
    to_way: int
    only: bool


class Outcome(StrEnum):
    """What became of a restriction."""

    USED = "used"
    OFF_NETWORK = "off_network"
    """Its node or its from-way is not on the network."""
    NO_SUCH_TURN = "no_such_turn"
    """The turn it speaks of does not exist, for example an U-turn at a junction."""
    AMBIGUOUS = "ambiguous"
    """A way runs through the via node, so which direction is meant is not said."""


class Built(Record, eq=False):
    network: RoadNetwork
    outcomes: Counter[Outcome]
    island_pieces: int
    """Street pieces left out by rule 3."""
    no_return_arcs: int
    """Arcs outside the largest strongly connected part: some trips from or to them do not exist."""


class _Pieces(Record, eq=False):
    first: Longs
    """Positions in the ways' node list."""
    last: Longs
    way: Longs
    tail: Longs
    """Junctions, numbered 0 to J - 1."""
    head: Longs
    junction_node: Longs
    length_m: Floats


def assemble(
    ways: Ways,
    *,
    signals: Mapping[int, int],
    blocked: AbstractSet[int],
    restrictions: Iterable[Restriction],
    on_stage: Callable[[str], None] = lambda _stage: None,
) -> Built:
    """The network of these ways.

    `signals` says for a node which traffic waits there (ALONG the way, AGAINST it, or both);
    nobody drives past a `blocked` node.
    """
    on_stage("cut")
    pieces, island_pieces = _without_islands(_cut(ways, signals.keys() | blocked))
    on_stage("turns")
    speeds = np.column_stack((ways.forward_kmh[pieces.way], ways.backward_kmh[pieces.way]))
    allowed = (speeds > 0).ravel()
    number = np.where(allowed, np.cumsum(allowed) - 1, -1).reshape(-1, 2).astype(np.int32)
    arc_piece, arc_side = np.divmod(np.flatnonzero(allowed), 2)
    metres_per_ds = speeds.ravel()[allowed] / 36
    arc_ds = np.clip(np.rint(pieces.length_m[arc_piece] / metres_per_ds), 1, MAX_DS)
    turn_from, turn_to, cost, via = _turns(
        pieces,
        number=number,
        arc_piece=arc_piece,
        arc_side=arc_side,
        signals=signals,
        blocked=blocked,
    )
    arc_way = ways.way_id[pieces.way][arc_piece]
    banned, outcomes = _bans(
        restrictions,
        junction_node=pieces.junction_node,
        via=via,
        arc_way=arc_way,
        turn_from=turn_from,
        turn_to=turn_to,
    )
    on_stage("order")
    order = _metis_order(len(arc_piece), turn_from, turn_to)
    counts = pieces.last - pieces.first + 1
    point_start = np.concatenate(([0], np.cumsum(counts)))
    points = _ranges(pieces.first, counts)
    network = RoadNetwork(
        lat=ways.lat[points],
        lon=ways.lon[points],
        point_start=point_start.astype(np.int32),
        piece_way=ways.way_id[pieces.way],
        piece_length_m=pieces.length_m,
        forward=number[:, 0].copy(),
        backward=number[:, 1].copy(),
        arc_piece=arc_piece.astype(np.int32),
        arc_ds=arc_ds.astype(np.int32),
        turn_from=turn_from.astype(np.int32),
        turn_to=turn_to.astype(np.int32),
        turn_cost_ds=cost.astype(np.int32),
        turn_banned=banned,
        order=order,
    )
    graph = _graph(len(arc_piece), turn_from[~banned], turn_to[~banned])
    _, part = csgraph.connected_components(graph, connection="strong")
    return Built(
        network=network,
        outcomes=outcomes,
        island_pieces=island_pieces,
        no_return_arcs=len(part) - int(np.bincount(part).max()),
    )


def _cut(ways: Ways, always: AbstractSet[int]) -> _Pieces:
    way = np.repeat(np.arange(len(ways.way_id)), np.diff(ways.start))
    _, inverse, visits = np.unique(ways.node, return_inverse=True, return_counts=True)
    is_end = visits[inverse] > 1
    is_end[ways.start[:-1]] = True
    is_end[ways.start[1:] - 1] = True
    is_end |= np.isin(ways.node, np.fromiter(always, np.int64, len(always)))
    ends = np.flatnonzero(is_end)
    same_way = way[ends[:-1]] == way[ends[1:]]
    first, last = ends[:-1][same_way], ends[1:][same_way]
    junction_node, junction = np.unique(
        ways.node[np.concatenate((first, last))], return_inverse=True
    )
    steps = haversine_m(ways.lat[:-1], ways.lon[:-1], ways.lat[1:], ways.lon[1:])
    along = np.concatenate(([0.0], np.cumsum(steps)))
    return _Pieces(
        first=first,
        last=last,
        way=way[first],
        tail=junction[: len(first)],
        head=junction[len(first) :],
        junction_node=junction_node,
        length_m=along[last] - along[first],
    )


def _without_islands(pieces: _Pieces) -> tuple[_Pieces, int]:
    _, part = csgraph.connected_components(
        _graph(len(pieces.junction_node), pieces.tail, pieces.head), directed=False
    )
    part_m = np.bincount(part[pieces.tail], weights=pieces.length_m)
    stays = part_m >= min(MIN_ISLAND_M, part_m.max())
    keep = stays[part[pieces.tail]]
    kept = _Pieces(
        first=pieces.first[keep],
        last=pieces.last[keep],
        way=pieces.way[keep],
        tail=pieces.tail[keep],
        head=pieces.head[keep],
        junction_node=pieces.junction_node,
        length_m=pieces.length_m[keep],
    )
    return kept, int(np.count_nonzero(~keep))


def _turns(
    pieces: _Pieces,
    *,
    number: Ints,
    arc_piece: Longs,
    arc_side: Longs,
    signals: Mapping[int, int],
    blocked: AbstractSet[int],
) -> tuple[Longs, Longs, Longs, Longs]:
    """From-arc, to-arc, cost in deciseconds and junction of every turn, by from-arc."""
    ends = np.column_stack((pieces.tail, pieces.head))
    arc_tail, arc_head = ends[arc_piece, arc_side], ends[arc_piece, 1 - arc_side]
    by_tail = np.argsort(arc_tail, kind="stable")
    first = np.searchsorted(arc_tail[by_tail], np.arange(len(pieces.junction_node) + 1))
    exits = first[arc_head + 1] - first[arc_head]
    turn_from = np.repeat(np.arange(len(arc_piece)), exits)
    turn_to = by_tail[_ranges(first[arc_head], exits)]
    via = arc_head[turn_from]
    back = number[arc_piece, 1 - arc_side][turn_from] == turn_to
    is_blocked = np.isin(pieces.junction_node, np.fromiter(blocked, np.int64, len(blocked)))
    onward = ~back & ~is_blocked[via]
    stuck = np.bincount(turn_from[onward], minlength=len(arc_piece)) == 0
    keep = onward | (back & stuck[turn_from])
    turn_from, turn_to, via, back = turn_from[keep], turn_to[keep], via[keep], back[keep]
    waiting = np.fromiter((signals.get(int(node), 0) for node in pieces.junction_node), np.int64)
    direction = np.where(arc_side[turn_from] == 0, ALONG, AGAINST)
    cost = SIGNAL_DS * ((waiting[via] & direction) > 0) + U_TURN_DS * back
    return turn_from, turn_to, cost, via


def _bans(
    restrictions: Iterable[Restriction],
    *,
    junction_node: Longs,
    via: Longs,
    arc_way: Longs,
    turn_from: Longs,
    turn_to: Longs,
) -> tuple[Flags, Counter[Outcome]]:
    banned = np.zeros(len(turn_from), dtype=np.bool_)
    outcomes: Counter[Outcome] = Counter()
    by_via = np.argsort(via, kind="stable")
    first = np.searchsorted(via[by_via], np.arange(len(junction_node) + 1))
    for rule in restrictions:
        junction = int(np.searchsorted(junction_node, rule.via_node))
        if junction == len(junction_node) or junction_node[junction] != rule.via_node:
            outcomes[Outcome.OFF_NETWORK] += 1
            continue
        turns = by_via[first[junction] : first[junction + 1]]
        turns = turns[arc_way[turn_from[turns]] == rule.from_way]
        onto = arc_way[turn_to[turns]] == rule.to_way
        if not turns.size:
            outcomes[Outcome.OFF_NETWORK] += 1
        elif not onto.any():
            outcomes[Outcome.NO_SUCH_TURN] += 1
        elif len(np.unique(turn_from[turns])) > 1 or (not rule.only and onto.sum() > 1):
            outcomes[Outcome.AMBIGUOUS] += 1
        else:
            banned[turns[~onto if rule.only else onto]] = True
            outcomes[Outcome.USED] += 1
    return banned, outcomes


def _metis_order(arcs: int, turn_from: Longs, turn_to: Longs) -> Ints:
    """Nested dissection of the arcs as an undirected graph.

    METIS returns the permutation first; its inverse, the second result, is an order too, but one
    whose hierarchy takes hours to make.
    """
    one_way = _graph(arcs, turn_from, turn_to)
    graph = (one_way + one_way.T).tocsr()
    graph.setdiag(0)
    graph.eliminate_zeros()
    graph.sort_indices()
    order, _ = pymetis.nested_dissection(pymetis.CSRAdjacency(graph.indptr, graph.indices))
    return np.asarray(order, dtype=np.int32)


def _graph(size: int, tail: Longs, head: Longs) -> Any:
    ones = np.ones(len(tail), dtype=np.int32)
    return sparse.csr_array((ones, (tail, head)), shape=(size, size))


def _ranges(first: NDArray[np.int64], count: NDArray[np.int64]) -> Longs:
    """`first[i], first[i] + 1, ...`, `count[i]` of them, for each i in turn."""
    before = np.cumsum(count) - count
    return np.asarray(np.repeat(first - before, count) + np.arange(int(count.sum())))
