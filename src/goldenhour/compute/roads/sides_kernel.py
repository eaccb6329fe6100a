"""The compiled part of what a place is on the roads: which of its two arcs counts, and how far.

Rule 1: an arc counts while it is not shut, or if all of the place's are (rule 5 of `travel`).
Rule 2: a part of an arc is whole deciseconds from its start, so that every answer is exact.
"""

from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from goldenhour.compute.roads.hierarchy_kernel import NEVER
from goldenhour.compute.roads.network import Flags, Floats, Ints
from goldenhour.compute.roads.snap import NO_ARC

type Seconds = NDArray[np.float32]

THROUGH_DS: Final = 1_000_000
"""What a shut arc costs more: longer than any way across a city, and a thousand fit below NEVER."""


@njit(cache=True)
def of_places(  # noqa: PLR0917 (numba knows no keyword-only argument)
    arcs: Ints,
    fractions: Floats,
    arc_ds: Ints,
    shut: Flags,
    found_ds: Ints,
    one_arcs: Ints,
    one_ds: Ints,
    one_shut: bool,
    leaving: bool,
) -> Seconds:
    """Between each place and one other; infinite without a way.

    `arc_ds` is how long each of the places' arcs is, one place's after the other's, `shut` whether
    it is shut, and `found_ds` the way from its end if places are left, else to its start;
    `one_arcs` are those of the other place, each with `one_ds` from its start.
    """
    seconds = np.full(len(arcs), np.inf, np.float32)
    for i in range(len(arcs)):
        closed = True
        for side in range(2):
            arc = arcs[i, side]
            closed &= arc == NO_ARC or shut[2 * i + side]
        least_ds = np.int64(NEVER)
        for side in range(2):
            arc = arcs[i, side]
            if arc == NO_ARC or (shut[2 * i + side] and not closed):
                continue
            offset_ds = np.int64(np.rint(fractions[i, side] * arc_ds[2 * i + side]))
            way_ds = np.int64(found_ds[2 * i + side])
            if way_ds != NEVER:
                least_ds = min(least_ds, way_ds - offset_ds if leaving else way_ds + offset_ds)
            for j in range(len(one_arcs)):
                ahead_ds = one_ds[j] - offset_ds if leaving else offset_ds - one_ds[j]
                if one_arcs[j] == arc and ahead_ds >= 0:
                    least_ds = min(least_ds, ahead_ds)
        if least_ds < THROUGH_DS:
            seconds[i] = np.float32(least_ds / 10)
        elif least_ds != NEVER and (closed or one_shut):
            seconds[i] = np.float32(least_ds % THROUGH_DS / 10)
    return seconds
