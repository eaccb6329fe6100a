"""The streets that a vehicle drove along, from its fixes: a hidden Markov model on the network.

After Newson and Krumm (2009): every arc near a fix is a candidate; a fix says how likely each is by
its distance (and by the heading of a vehicle that moves), a pair of fixes by how much the way
between two candidates differs from the straight line, and from what was driven by the speeds.

Rule 1: a fix within 2 sigma of the one before tells nothing new: it rides on that one's arc. So a
        vehicle that stands is not carried off by thousands of wandering fixes.
Rule 2: where no way leads from one fix to the next, or nothing was heard for `gap_s`, the match
        ends and begins anew; the place after it says so. Nothing is ever drawn across.
Rule 3: one fix that cannot be reached while the one after it can be, from the one before, was
        wrong: it is matched to nothing.
Rule 4: a place is decided once at most `lag` later fixes are known, and never changed after. The
        places decided follow one another on the network. Without a lag all is decided at the end,
        which is the whole track at once.
"""

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np

from goldenhour.compute.roads.match_kernel import (
    Scratch,
    advance,
    find_way,
    graph_of,
    scratch_for,
)
from goldenhour.compute.roads.matched import Belief, Placed, Sight
from goldenhour.compute.roads.network import Floats, Ints, RoadNetwork
from goldenhour.compute.roads.snap import NO_ARC, Snapper, turned_deg
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.time import SECOND_MS


@dataclass(slots=True)
class _Column:
    """One fix with its candidates, and all fixes after it that have none of their own."""

    sight: Sight
    arcs: Ints
    fractions: Floats
    seen_cost: Floats
    cost: Floats
    total: Floats
    back: Ints
    moved_m: Floats
    step: Floats
    most_m: float
    heard: Sight
    """The last that rides here."""
    trail: list[tuple[Sight, bool]] = field(default_factory=list)
    """Each with whether it rides here; else it is matched to nothing."""
    chosen: int = -1
    sure: float = 0.0


class Matcher:
    """Matches on one network; any thread may ask."""

    def __init__(
        self, network: RoadNetwork, snapper: Snapper, belief: Belief | None = None
    ) -> None:
        self.belief = belief or Belief()
        self.network = network
        self.snapper = snapper
        self.graph = graph_of(network, self.belief.second_m)
        self._local = threading.local()

    @property
    def scratch(self) -> Scratch:
        """This thread's own."""
        if not hasattr(self._local, "scratch"):
            self._local.scratch = scratch_for(self.network.arc_count)
        scratch: Scratch = self._local.scratch
        return scratch

    def match(self, sights: Sequence[Sight]) -> tuple[Placed, ...]:
        """A whole track at once, by time: a place for every fix."""
        follower = Follower(self, lag=None)
        told = [place for column in self.columns(sights) for place in follower.take(column)]
        return (*told, *follower.finish())

    def columns(self, sights: Sequence[Sight]) -> Iterator[_Column]:
        """Each fix with its candidates, nearest first."""
        belief = self.belief
        points = np.array([(s.point.lat, s.point.lon) for s in sights]).reshape(-1, 2)
        near = self.snapper.find_near(points, belief.radius_m)
        heading = np.array([np.nan if s.heading_deg is None else s.heading_deg for s in sights])
        across = np.nan_to_num(turned_deg(near.bearing_deg, heading[near.rows]))
        seen_cost = (near.away_m / belief.sigma_m) ** 2 / 2
        seen_cost += belief.heading_cost * (1 - np.cos(np.radians(across)))
        order = np.lexsort((near.away_m, near.rows))
        ends = np.searchsorted(near.rows[order], np.arange(len(sights) + 1))
        for sight, (start, end) in zip(sights, pairwise(ends.tolist()), strict=True):
            own = order[start : min(end, start + belief.most_arcs)]
            yield _Column(
                sight=sight,
                arcs=near.arcs[own],
                fractions=near.fractions[own],
                seen_cost=seen_cost[own],
                cost=seen_cost[own],
                total=seen_cost[own],
                back=np.full(len(own), -1, dtype=np.int32),
                moved_m=np.zeros(len(own)),
                step=np.zeros((0, len(own))),
                most_m=0.0,
                heard=sight,
            )


class Follower:
    """One vehicle, fix by fix; small, for it keeps only what is not decided."""

    def __init__(self, matcher: Matcher, lag: int | None) -> None:
        if lag is not None and lag < 0:
            raise ValueError("lag: must not be negative")
        self._matcher = matcher
        self._lag = lag
        self._chain: list[_Column] = []
        """Columns that a way leads through; the last stays here even once it is decided."""
        self._lone: _Column | None = None
        """A fix that no way leads to from the chain: the next one tells which of them is wrong."""
        self._waiting = 0
        self._heard_ms: int | None = None
        self._out: list[Placed] = []

    def add(self, sight: Sight) -> tuple[Placed, ...]:
        """What is decided now: places of this fix or of some before, in their order."""
        (column,) = self._matcher.columns([sight])
        return self.take(column)

    def finish(self) -> tuple[Placed, ...]:
        """All that waits, decided without what might have come."""
        self._end_chain()
        if self._lone is not None:
            self._chain, self._lone = [self._lone], None
            self._end_chain()
        self._chain = []
        return self._flush()

    def take(self, column: _Column) -> tuple[Placed, ...]:
        sight = column.sight
        if self._heard_ms is not None and sight.at_ms < self._heard_ms:
            raise ValueError("at_ms: fixes come by their time")
        self._heard_ms = sight.at_ms
        self._waiting += 1
        newest = self._lone or (self._chain[-1] if self._chain else None)
        if newest is not None and self._rides(newest, sight):
            newest.heard = sight
            self._follow(newest, sight, rides=True)
        elif not len(column.arcs):
            self._follow(newest, sight, rides=False)
        elif newest is None or newest is not self._lone:
            if newest is None or self._link(newest, column):
                self._chain.append(column)
            else:
                self._lone = column
        else:
            self._settle(newest, column)
        while self._lag is not None and self._waiting > self._lag:
            self._decide_one()
        return self._flush()

    def _settle(self, lone: _Column, column: _Column) -> None:
        """Say which it is: the lone fix was wrong, or a new stretch begins there."""
        if self._link(lone, column):
            self._end_chain()
            self._chain, self._lone = [lone, column], None
        elif self._link(self._chain[-1], column):
            for sight in (lone.sight, *(sight for sight, _ in lone.trail)):
                self._follow(self._chain[-1], sight, rides=False)
            self._chain.append(column)
            self._lone = None
        else:
            self._end_chain()
            self._chain, self._lone = [lone], column

    def _rides(self, newest: _Column, sight: Sight) -> bool:
        belief = self._matcher.belief
        heard = sight.at_ms - newest.heard.at_ms <= belief.gap_s * SECOND_MS
        return heard and distance_m(newest.sight.point, sight.point) <= 2 * belief.sigma_m

    def _follow(self, newest: _Column | None, sight: Sight, *, rides: bool) -> None:
        if newest is not None and newest.chosen < 0:
            newest.trail.append((sight, rides))
            return
        self._out.append(self._riding(newest, sight) if rides and newest else _nowhere(sight))
        self._waiting -= 1

    def _link(self, before: _Column, column: _Column) -> bool:
        """Whether some candidate can be reached; if so the column now follows the one before."""
        belief = self._matcher.belief
        between_s = (column.sight.at_ms - before.heard.at_ms) / SECOND_MS
        if between_s > belief.gap_s:
            return False
        most_m = belief.top_m_s * between_s + belief.radius_m
        crow_m = distance_m(before.sight.point, column.sight.point)
        found = advance(
            self._matcher.graph,
            self._matcher.scratch,
            before.arcs,
            before.fractions,
            before.cost,
            before.total,
            column.arcs,
            column.fractions,
            column.seen_cost,
            crow_m,
            *self._driven(before.heard, column.sight, crow_m),
            most_m,
            belief.beta_m + belief.beta_m_s * between_s,
            belief.radius_m,
            belief.prune,
        )
        if np.isinf(found.cost).all():
            return False
        column.cost, column.total, column.back = found.cost, found.total, found.back
        column.fractions, column.moved_m, column.step = found.fraction, found.moved_m, found.step
        column.most_m = most_m
        return True

    def _driven(self, before: Sight, after: Sight, crow_m: float) -> tuple[float, float]:
        """How far the vehicle drove by its speeds at both, and by how much that may be off."""
        if before.speed_m_s is None or after.speed_m_s is None:
            return 0.0, np.inf
        belief = self._matcher.belief
        between_s = (after.at_ms - before.at_ms) / SECOND_MS
        driven_m = (before.speed_m_s + after.speed_m_s) / 2 * between_s
        off_m = 2 * belief.sigma_m + belief.pace_m_s * between_s
        # No way is shorter than the straight line: such speeds are none, as of a terminal that
        # always sends 0.
        return (driven_m, off_m) if driven_m + 2 * off_m >= crow_m else (0.0, np.inf)

    def _decide_one(self) -> None:
        """The oldest fix that waits."""
        if not any(column.chosen < 0 for column in self._chain):
            assert self._lone is not None
            self._chain, self._lone = [self._lone], None
        self._decide(only_first=True)
        while len(self._chain) > 1 and self._chain[1].chosen >= 0:
            del self._chain[0]

    def _end_chain(self) -> None:
        self._decide(only_first=False)

    def _decide(self, *, only_first: bool) -> None:
        """Choose along the best way of things that ends at the newest column of the chain."""
        chain = self._chain
        start = next((n for n, column in enumerate(chain) if column.chosen < 0), len(chain))
        if start == len(chain):
            return
        choices: list[int] = [int(np.argmin(chain[-1].cost))]
        for column in reversed(chain[start + 1 :]):
            choices.append(int(column.back[choices[-1]]))
        choices.reverse()
        sure = _confidences(chain[start:])
        end = start + 1 if only_first else len(chain)
        for n in range(start, end):
            chain[n].chosen = choices[n - start]
            chain[n].sure = float(sure[n - start][chain[n].chosen])
            self._tell(chain[n - 1] if n else None, chain[n])
        if only_first:
            _keep_only(chain[start:])

    def _tell(self, before: _Column | None, column: _Column) -> None:
        matcher, chosen = self._matcher, column.chosen
        arc, at = int(column.arcs[chosen]), float(column.fractions[chosen])
        way: tuple[int, ...] = (arc,)
        if before is not None:
            found = find_way(
                matcher.graph,
                matcher.scratch,
                int(before.arcs[before.chosen]),
                float(before.fractions[before.chosen]),
                arc,
                at,
                column.most_m,
            )
            way = tuple(found.tolist())
        self._out.append(
            Placed(
                at_ms=column.sight.at_ms,
                arc=arc,
                fraction=at,
                point=self._point(arc, at),
                confidence=column.sure,
                way=way,
                moved_m=float(column.moved_m[chosen]),
                begins=before is None,
                rides=False,
            )
        )
        trail, column.trail = column.trail, []
        for sight, rides in trail:
            self._out.append(self._riding(column, sight) if rides else _nowhere(sight))
        self._waiting -= 1 + len(trail)

    def _riding(self, column: _Column, sight: Sight) -> Placed:
        """On the arc of the fix it rides on, not behind it."""
        arc = int(column.arcs[column.chosen])
        at = self._matcher.snapper.fraction_on(arc, sight.point)
        at = max(at, float(column.fractions[column.chosen]))
        return Placed(
            at_ms=sight.at_ms,
            arc=arc,
            fraction=at,
            point=self._point(arc, at),
            confidence=column.sure,
            way=(arc,),
            moved_m=0.0,
            begins=False,
            rides=True,
        )

    def _point(self, arc: int, at: float) -> Point:
        lat, lon = self._matcher.network.line_of([arc], at, at)[0].tolist()
        return Point(lat=lat, lon=lon)

    def _flush(self) -> tuple[Placed, ...]:
        told, self._out = tuple(self._out), []
        return told


def _confidences(chain: Sequence[_Column]) -> list[Floats]:
    """For each column, how likely each candidate is, given all fixes of the chain."""
    later = np.zeros(len(chain[-1].arcs))
    found: list[Floats] = []
    for column in reversed(chain):
        likely = later - column.total
        share = np.exp(likely - likely.max())
        found.append(share / share.sum())
        if len(column.step):
            later = np.logaddexp.reduce(later - column.seen_cost - column.step, axis=1)
    return found[::-1]


def _keep_only(chain: Sequence[_Column]) -> None:
    """Gives up all that does not come from the chosen candidate of the first column."""
    first = chain[0]
    keeps = np.arange(len(first.arcs)) == first.chosen
    first.cost = np.where(keeps, first.cost, np.inf)
    for column in chain[1:]:
        keeps = (column.back >= 0) & keeps[column.back]
        column.cost = np.where(keeps, column.cost, np.inf)


def _nowhere(sight: Sight) -> Placed:
    return Placed(
        at_ms=sight.at_ms,
        arc=NO_ARC,
        fraction=0.0,
        point=sight.point,
        confidence=0.0,
        way=(),
        moved_m=0.0,
        begins=False,
        rides=False,
    )
