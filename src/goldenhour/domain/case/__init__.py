"""The case: every slice together.

Only this package sees all slices. `streams` folds, `handlers` decide, `policy` reacts.
"""

from goldenhour.domain.case.handlers import decide
from goldenhour.domain.case.loading import Facts, needs, stream_id
from goldenhour.domain.case.policy import react
from goldenhour.domain.case.streams import State, States, claims, decode_event, evolve, kind_of

__all__ = [
    "Facts",
    "State",
    "States",
    "claims",
    "decide",
    "decode_event",
    "evolve",
    "kind_of",
    "needs",
    "react",
    "stream_id",
]
