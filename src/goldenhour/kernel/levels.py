"""Two severity scales that must never be merged.

`DispatchLevel` (R0-R5) is set by a call-taker before anyone has seen the patient;
`TriageLevel` (I-IV) by a clinician at the patient. Converting one into the other is a recorded act.
"""

from collections.abc import Iterable
from enum import StrEnum


class DispatchLevel(StrEnum):
    """Own scheme, most severe first; meaning and response plan are content, not code."""

    R0 = "R0"
    R1 = "R1"
    R2 = "R2"
    R3 = "R3"
    R4 = "R4"
    R5 = "R5"


class TriageLevel(StrEnum):
    """The four levels 濒危 / 危重 / 急症 / 非急症, most severe first."""

    I = "I"  # noqa: E741 (the field writes it as a Roman one)
    II = "II"
    III = "III"
    IV = "IV"


def worst_dispatch(levels: Iterable[DispatchLevel]) -> DispatchLevel | None:
    """Worst wins; None when there is nothing to compare."""
    return min(levels, default=None)


def worst_triage(levels: Iterable[TriageLevel]) -> TriageLevel | None:
    """Worst wins; None when there is nothing to compare."""
    order = list(TriageLevel)
    return min(levels, key=order.index, default=None)
