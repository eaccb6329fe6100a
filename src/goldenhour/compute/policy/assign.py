"""One unit for each case that waits, so that together the least is lost.

Source: the assignment problem (Kuhn 1955), solved by scipy's form of the Jonker-Volgenant
algorithm. What a minute costs is content, not ours.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

type Floats = NDArray[np.float64]

NOBODY: Final = -1


def lost(arrival_s: Floats, weight: float, half_s: float) -> Floats:
    """What is lost of `weight` by an arrival: half of it after `half_s`, all of it by never."""
    return np.asarray(weight * (1 - 0.5 ** (arrival_s / half_s)))


def assign(costs: Floats, unserved: Floats) -> list[int]:
    """For each row (a case) its column (a unit) or NOBODY; no unit goes to two cases.

    `costs` is infinite where a unit may not go; `unserved` is what it costs to send nobody.
    """
    cases, units = costs.shape
    alone = np.full((cases, cases), np.inf)
    np.fill_diagonal(alone, unserved)
    rows, columns = linear_sum_assignment(np.hstack((costs, alone)))
    chosen = dict(zip(rows.tolist(), columns.tolist(), strict=True))
    return [chosen[row] if chosen[row] < units else NOBODY for row in range(cases)]
