"""What map matching is told, and what it says."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Final

from goldenhour.compute.roads.snap import MOVING_M_S, NO_ARC
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix

KMH_IN_M_S: Final = 3.6


class Belief(Record):
    """What is believed of receivers and drivers; each must be above zero."""

    sigma_m: float = 7.0
    """The error of a position, to each side."""
    beta_m: float = 10.0
    """How much longer than the straight line a way usually is, from fix to fix,"""
    beta_m_s: float = 1.0
    """and by how much more for each second between them."""
    pace_m_s: float = 1.0
    """How far the mean of the speeds at two fixes may be from the mean speed between them."""
    second_m: float = 8.0
    """Drivers go round so many metres to save a second."""
    heading_cost: float = 8.0
    """The logarithm of how much less likely an arc across the heading is; against it, twice. As if
    headings were off by 20 degrees: a receiver's error, and a vehicle that turns."""
    radius_m: float = 50.0
    """No position is wrong by more: streets farther away are no candidates."""
    top_m_s: float = 50.0
    """No vehicle drives faster."""
    gap_s: float = 120.0
    """After so long without a fix nothing is known of the way."""
    most_arcs: int = 24
    """Candidates of one fix, the nearest."""
    prune: float = 25.0
    """What is less likely than the best by the exponential of this is given up."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: must be above zero")


class Sight(Record):
    """A position as the matcher takes it."""

    at_ms: int
    point: Point
    heading_deg: float | None = None
    """Clockwise from north; None: unknown, or the vehicle stands."""
    speed_m_s: float | None = None
    """None: unknown, or guessed from the places."""


class Placed(Record):
    """Where on the network the vehicle was at one fix."""

    at_ms: int
    arc: int
    """NO_ARC: the fix is matched to nothing, and the rest means nothing."""
    fraction: float
    point: Point
    """On the street; the fix's own place where it is matched to nothing."""
    confidence: float
    """How likely this arc is, given the fixes known by then and what was decided as they came."""
    way: tuple[int, ...]
    """The arcs from the last place that did not ride to this one, both ends' arcs included; only
    the arc itself where nothing is known of the way."""
    moved_m: float
    begins: bool
    """Nothing is known of the way from the places before."""
    rides: bool
    """Rule 1; the next one's way begins at the place it rides on."""


class Stretch(Record):
    """A way driven without a gap."""

    begun_ms: int
    ended_ms: int
    arcs: tuple[int, ...]
    start: float
    """Fraction of the first arc."""
    end: float
    """Fraction of the last one."""
    driven_m: float


def sight_of(fix: Fix) -> Sight | None:
    """None: the terminal had no place."""
    if fix.point is None:
        return None
    moves = fix.speed_kmh > MOVING_M_S * KMH_IN_M_S
    return Sight(
        at_ms=fix.device_ms,
        point=fix.point,
        heading_deg=fix.heading_deg if moves else None,
        speed_m_s=None if fix.tablet else fix.speed_kmh / KMH_IN_M_S,
    )


def stretches(places: Sequence[Placed]) -> tuple[Stretch, ...]:
    """The ways between the gaps; `places` are those of one vehicle, in their order."""
    found: list[Stretch] = []
    for begin, after in pairwise([*_begins(places), len(places)]):
        own = [p for p in places[begin:after] if p.arc != NO_ARC]
        driven = [p for p in own if not p.rides]
        arcs = [driven[0].arc]
        for place in driven[1:]:
            arcs.extend(place.way[1:])
        found.append(
            Stretch(
                begun_ms=own[0].at_ms,
                ended_ms=own[-1].at_ms,
                arcs=tuple(arcs),
                start=driven[0].fraction,
                end=driven[-1].fraction,
                driven_m=sum(place.moved_m for place in driven),
            )
        )
    return tuple(found)


def _begins(places: Sequence[Placed]) -> Iterator[int]:
    return (n for n, place in enumerate(places) if place.begins)
