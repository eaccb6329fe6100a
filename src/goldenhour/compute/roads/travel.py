"""Travel times and routes on a road network at given speeds.

Rule 1: the speeds of a `TravelTimes` never change; new ones give a new one (`with_speeds`), and
        whoever owns the live speeds swaps one reference. Every answer carries the version of its
        speeds. What it keeps between questions (`Kept`) is of these speeds, and each thread's own.
Rule 2: new speeds are worked out with the interpreter's lock released, in arrays of their own: who
        asks meanwhile neither waits nor sees them.
Rule 3: the target is entered through the turns into its arcs (the source is left through the turns
        out of its arcs), so that a place behind us on our own street is reached by driving round,
        not by a distance of zero; one ahead of us on our own arc is measured directly.
Rule 4: unreachable is infinity, never a large number.
Rule 5: nobody drives through a shut arc; but a place on one is reached and left over as few shut
        arcs as can be, since a crash that shuts its road is where the ambulance has to go. Inside
        a query a shut arc therefore costs `THROUGH_DS` more, which is taken off the answer.
"""

from threading import local
from typing import Final, Self

import numpy as np

from goldenhour.compute.roads.hierarchy import hierarchy_of, turns_of
from goldenhour.compute.roads.hierarchy_kernel import (
    NEVER,
    Hierarchy,
    Kept,
    customise,
    find_way,
    kept_for,
    look_up,
    many_to_one,
    one_to_many,
    room_for,
)
from goldenhour.compute.roads.network import (
    MAX_DS,
    Flags,
    Floats,
    Ints,
    Longs,
    RoadNetwork,
    haversine_m,
)
from goldenhour.compute.roads.sides_kernel import THROUGH_DS, Seconds, of_places
from goldenhour.compute.roads.snap import NO_ARC, Snaps
from goldenhour.kernel.record import Record

CROW_DETOUR: Final = 1.4
"""Streets are this much longer than the straight line, where no street is known."""


class SpeedUpdate(Record, eq=False):
    """Arcs that are driven at another speed from now on; all others stay as they are."""

    arcs: Ints
    factors: Floats
    """Of the free-flow speed; 0 shuts the arc (rule 5)."""

    def applied_to(self, factors: Floats) -> Floats:
        """These factors with the arcs of the update at their new speed."""
        if self.arcs.shape != self.factors.shape or self.arcs.ndim != 1:
            raise ValueError("factors: need one for each arc of the update")
        if self.arcs.size and not (self.arcs.min() >= 0 and self.arcs.max() < len(factors)):
            raise ValueError(f"arcs: each must be from 0 to {len(factors) - 1}")
        changed = factors.copy()
        changed[self.arcs] = self.factors
        return changed


class Times(Record, eq=False):
    seconds: Seconds
    """One per row asked, infinite where unreachable or off the road."""
    version: int


class Route(Record, eq=False):
    seconds: float
    points: Floats
    """Rows of latitude and longitude in degrees, from the source to the target."""
    arcs: Ints
    version: int


class _Room(local):
    """Of each thread that asks, its own."""

    def __init__(self, arcs: int) -> None:
        self.search = room_for(arcs)


class _Row(local):
    """Of each thread that asks, what its last question looked up."""

    def __init__(self, hierarchy: Hierarchy) -> None:
        self._hierarchy = hierarchy
        self._kept = kept_for(hierarchy, 0)

    def with_room(self, sources: int) -> Kept:
        if len(self._kept.arcs) < sources:
            self._kept = kept_for(self._hierarchy, sources)
        return self._kept


class _Shared:
    """What all speeds of one network have in common."""

    def __init__(self, network: RoadNetwork) -> None:
        self.network = network
        self.hierarchy = hierarchy_of(network)
        self.turns = turns_of(network)
        self.room = _Room(network.arc_count)
        arcs = np.arange(network.arc_count + 1)
        self.by_to = np.argsort(network.turn_to, kind="stable")
        self.out_start = np.searchsorted(network.turn_from, arcs)
        self.in_start = np.searchsorted(network.turn_to[self.by_to], arcs)

    def turns_out(self, arc: int) -> Longs:
        return np.arange(self.out_start[arc], self.out_start[arc + 1])

    def turns_into(self, arc: int) -> Longs:
        return self.by_to[self.in_start[arc] : self.in_start[arc + 1]]


class TravelTimes:
    """Answers for one network at one set of speeds; any thread may ask."""

    def __init__(self, shared: _Shared, factors: Floats, version: int) -> None:
        network = shared.network
        self._shared = shared
        self._factors = factors
        self._network = network
        self._shut = factors == 0
        slowed = network.arc_ds / np.where(self._shut, 1.0, factors)
        self._arc_ds = np.clip(np.rint(slowed), 1, MAX_DS).astype(np.int32)
        weights = self._arc_ds[network.turn_from] + network.turn_cost_ds
        weights[self._shut[network.turn_from]] += THROUGH_DS
        weights[network.turn_banned] = NEVER
        self._turn_ds = weights
        self.version = version
        self._weights = customise(shared.hierarchy, weights)
        self._row = _Row(shared.hierarchy)

    @classmethod
    def start(cls, network: RoadNetwork, version: int) -> Self:
        """At free flow. Everything is compiled here, so that no question waits for that."""
        begun = cls(_Shared(network), np.ones(network.arc_count), version)
        if network.arc_count:
            shared, some, none_ds = begun._shared, *np.zeros((2, 1), dtype=np.int32)
            given = shared.hierarchy, begun._weights, shared.room.search
            many_to_one(kept_for(shared.hierarchy, 1), *given, some, none_ds, some)
            one_to_many(*given, some, none_ds, some)
            find_way(*given, shared.turns, begun._turn_ds, some, none_ds, some, none_ds)
            sides = np.zeros((1, 2))
            place = Snaps(arcs=sides.astype(np.int32), fractions=sides, off_road_m=sides[0])
            begun.times_to(place, place)
        return begun

    def with_speeds(self, factors: Floats, version: int) -> Self:
        """The same network with each arc at `factors[arc]` of its free-flow speed; 0 shuts it.

        Takes up to a tenth of a second on a city: call it in a worker thread, then swap.
        """
        if factors.shape != (self._network.arc_count,):
            raise ValueError(f"factors: need one for each of {self._network.arc_count} arcs")
        if not (np.isfinite(factors) & (factors >= 0)).all():
            raise ValueError("factors: each must be finite and not negative")
        return type(self)(self._shared, factors, version)

    def with_update(self, update: SpeedUpdate) -> Self:
        """The next version: these speeds with some changed. As slow as `with_speeds`."""
        return self.with_speeds(update.applied_to(self._factors), self.version + 1)

    def times_to(self, target: Snaps, sources: Snaps) -> Times:
        """From each source to one target: many vehicles, one scene."""
        sides = self._sides(target)
        goals = [
            (int(self._network.turn_from[turn]), int(self._turn_ds[turn]) + offset_ds)
            for arc, offset_ds in sides
            for turn in self._shared.turns_into(arc)
            if self._turn_ds[turn] != NEVER
        ]
        shared, weights, arcs = self._shared, self._weights, _in_a_row(sources)
        kept = self._row.with_room(len(arcs))
        look_up(kept, shared.hierarchy.entry, weights.rim_ds, self._arc_ds, self._shut, arcs)
        given = kept, shared.hierarchy, weights, shared.room.search
        found_ds = many_to_one(*given, *_ints(goals), arcs) if goals else _no_ways(arcs)
        return self._times(target, sides, sources, kept.arc_ds, kept.shut, found_ds, leaving=True)

    def times_from(self, source: Snaps, targets: Snaps) -> Times:
        """From one source to each target: one vehicle or scene, many hospitals."""
        starts, sides, arcs = self._starts(source), self._sides(source), _in_a_row(targets)
        given = self._shared.hierarchy, self._weights, self._shared.room.search
        found_ds = one_to_many(*given, *_ints(starts), arcs) if starts else _no_ways(arcs)
        theirs = self._arc_ds[arcs], self._shut[arcs]
        return self._times(source, sides, targets, *theirs, found_ds, leaving=False)

    def find_route(self, source: Snaps, target: Snaps) -> Route | None:
        """The quickest route between two places, None where there is none."""
        here, there = dict(self._sides(source)), dict(self._sides(target))
        options = [
            (there[arc] - here[arc], [arc])
            for arc in here.keys() & there.keys()
            if here[arc] <= there[arc]
        ]
        starts = self._starts(source)
        if starts and there:
            shared, goals = self._shared, list(there.items())
            duration_ds, way = find_way(
                shared.hierarchy,
                self._weights,
                shared.room.search,
                shared.turns,
                self._turn_ds,
                *_ints(goals),
                *_ints(starts),
            )
            if len(way):
                options.append((duration_ds, self._with_first(here, way.tolist())))
        if not options:
            return None
        longest_ds, arcs = min(options)
        through, duration_ds = divmod(longest_ds, THROUGH_DS)
        if through and not (self._all_shut(source)[0] or self._all_shut(target)[0]):
            return None
        return Route(
            seconds=duration_ds / 10,
            points=self._network.line_of(
                arcs, _fraction_on(source, arcs[0]), _fraction_on(target, arcs[-1])
            ),
            arcs=np.asarray(arcs, dtype=np.int32),
            version=self.version,
        )

    def _sides(self, place: Snaps) -> list[tuple[int, int]]:
        """The arcs of one place, each with the deciseconds from its start; shut ones if all are."""
        if len(place) != 1:
            raise ValueError(f"need exactly one place, not {len(place)}")
        offsets_ds = self._offsets_ds(place)[0]
        return [
            (int(arc), int(offset_ds))
            for arc, offset_ds in zip(place.arcs[0], offsets_ds, strict=True)
            if arc != NO_ARC and (not self._shut[arc] or self._all_shut(place)[0])
        ]

    def _all_shut(self, places: Snaps) -> Flags:
        """Of each place, whether every arc of it is shut."""
        return np.asarray((self._shut[places.arcs] | (places.arcs == NO_ARC)).all(axis=1))

    def _offsets_ds(self, places: Snaps) -> Floats:
        """Whole deciseconds from the start of each arc, so that every answer is exact."""
        return np.rint(places.fractions * self._arc_ds[places.arcs])

    def _starts(self, source: Snaps) -> list[tuple[int, int]]:
        """The arcs after those of the source, each with the deciseconds until it is reached."""
        return [
            (int(self._network.turn_to[turn]), int(self._turn_ds[turn]) - offset_ds)
            for arc, offset_ds in self._sides(source)
            for turn in self._shared.turns_out(arc)
            if self._turn_ds[turn] != NEVER
        ]

    def _times(  # noqa: PLR0917 (columns of one table)
        self,
        one: Snaps,
        sides: list[tuple[int, int]],
        places: Snaps,
        arc_ds: Ints,
        shut: Flags,
        found_ds: Ints,
        *,
        leaving: bool,
    ) -> Times:
        """Between a place with its sides and many, a column for each side of them."""
        arcs, fractions = map(np.ascontiguousarray, (places.arcs, places.fractions))
        closed = bool(self._all_shut(one)[0])
        given = arcs, fractions, arc_ds, shut, found_ds
        seconds = of_places(*given, *_ints(sides), closed, leaving)
        return Times(seconds=seconds, version=self.version)

    def _with_first(self, here: dict[int, int], path: list[int]) -> list[int]:
        """The path with the arc in front from which its first one is reached soonest."""
        _, first = min(
            (int(self._turn_ds[turn]) - offset_ds, arc)
            for arc, offset_ds in here.items()
            for turn in self._shared.turns_out(arc)
            if self._network.turn_to[turn] == path[0]
        )
        return [first, *path]


def estimate_crow_s(target: Floats, sources: Floats, speed_kmh: float) -> Floats:
    """Seconds along a straight line made CROW_DETOUR longer: the answer where no road is known.

    `target` is latitude and longitude in degrees, `sources` are rows of them. Whoever shows the
    figure says that it is an estimate and at which speed.
    """
    metres = haversine_m(sources[:, 0], sources[:, 1], target[0], target[1])
    return metres * CROW_DETOUR / (speed_kmh / 3.6)


def _ints(pairs: list[tuple[int, int]]) -> tuple[Ints, Ints]:
    """The first of each pair, the second of each."""
    first, second = np.array(pairs, dtype=np.int32).reshape(-1, 2).T.copy()
    return first, second


def _in_a_row(places: Snaps) -> Ints:
    """The arcs of all places, one place's after the other's."""
    return np.ascontiguousarray(places.arcs).ravel()


def _no_ways(arcs: Ints) -> Ints:
    return np.full(len(arcs), NEVER, dtype=np.int32)


def _fraction_on(place: Snaps, arc: int) -> float:
    return float(place.fractions[0][place.arcs[0] == arc][0])
