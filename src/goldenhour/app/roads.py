"""Roads that are shut or slow, from the journal to the travel times.

Rule 1: the travel times know of a road before any screen does, so that whoever sees a road shut
        gets answers that count with it.
"""

from typing import Final

from goldenhour.app.journal import Identity
from goldenhour.app.ports import Stretch
from goldenhour.domain.case.reactions import ROAD_READERS
from goldenhour.domain.dispatch.road import Road
from goldenhour.kernel.geo import Point, distance_to_line_m
from goldenhour.views.fold import Folded

READER: Final = Identity(orgs=(ROAD_READERS,), topics=("road",))
"""Reads what any centre says of a road, and nothing else."""
AT_M: Final = 40.0
"""A way that begins or ends so near a shut road leads into it: within two positions' error."""


def stretches_of(view: Folded) -> tuple[Stretch, ...]:
    return tuple(
        Stretch(line=road.line, both_ways=road.both_ways, share=road.share)
        for road in view.states.values()
        if isinstance(road, Road) and road.reopened_ms is None
    )


def avoided(view: Folded, ends: tuple[Point, Point]) -> tuple[tuple[Point, ...], ...]:
    """The lines that a way between these ends has to keep off.

    A shut road at which it begins or ends is none of them: there the vehicle has to drive in.
    """
    return tuple(
        stretch.line
        for stretch in stretches_of(view)
        if stretch.share == 0 and not _is_at(ends, stretch)
    )


def leads_into_shut(view: Folded, ends: tuple[Point, Point]) -> bool:
    return any(stretch.share == 0 and _is_at(ends, stretch) for stretch in stretches_of(view))


def _is_at(ends: tuple[Point, Point], stretch: Stretch) -> bool:
    return any(distance_to_line_m(end, stretch.line) <= AT_M for end in ends)
