"""The compiled part of what a place is on the roads: which of its two arcs counts, and how far.

Rule 1: an arc counts while it is not shut, or if all of the place's are (rule 5 of `travel`).
Rule 2: a part of an arc is whole deciseconds from its start, so that every answer is exact.
"""

import numpy as np
from numba import njit

from goldenhour.compute.roads.hierarchy_kernel import NEVER
from goldenhour.compute.roads.network import Flags, Floats, Ints, Longs
from goldenhour.compute.roads.snap import NO_ARC


@njit(cache=True)
def of_places(  # noqa: PLR0917 (numba knows no keyword-only argument)
    arcs: Ints,
    fractions: Floats,
    arc_ds: Ints,
    shut: Flags,
    found_ds: Ints,
    one_arcs: Ints,
    one_ds: Ints,
    leaving: bool,
) -> tuple[Longs, Flags]:
    """(deciseconds between each place and one other, NEVER without a way; whether all it is shut).

    `found_ds` is the way from the end of each place's arc if places are left, else to its start;
    `one_arcs` are those of the other place, each with `one_ds` from its start.
    """
    least_ds = np.full(len(arcs), NEVER, np.int64)
    closed = np.ones(len(arcs), np.bool_)
    for i in range(len(arcs)):
        for side in range(2):
            arc = arcs[i, side]
            closed[i] &= arc == NO_ARC or shut[arc]
        for side in range(2):
            arc = arcs[i, side]
            if arc == NO_ARC or (shut[arc] and not closed[i]):
                continue
            offset_ds = np.int64(np.rint(fractions[i, side] * arc_ds[arc]))
            way_ds = np.int64(found_ds[2 * i + side])
            if way_ds != NEVER:
                least_ds[i] = min(
                    least_ds[i], way_ds - offset_ds if leaving else way_ds + offset_ds
                )
            for j in range(len(one_arcs)):
                ahead_ds = one_ds[j] - offset_ds if leaving else offset_ds - one_ds[j]
                if one_arcs[j] == arc and ahead_ds >= 0:
                    least_ds[i] = min(least_ds[i], ahead_ds)
    return least_ds, closed
