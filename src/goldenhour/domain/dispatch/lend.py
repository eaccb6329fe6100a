"""Whether a unit is lent to another node's case: content says it, at once, and nobody is asked.

Rule 1: a case of unknown level counts as the worst: missing is not normal.
"""

from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record


class Lending(Record):
    levels: tuple[DispatchLevel, ...]
    """No unit is lent for another."""
    keep_ready: int
    """So many others of this node's units stay ready."""
    always: tuple[DispatchLevel, ...]
    """Whatever stays."""


def refuse_lend(rules: Lending, level: DispatchLevel | None, others_ready: int) -> Refused | None:
    if level is None or level in rules.always:
        return None
    if level not in rules.levels:
        return Refused(code="not_lent_for_level", detail=level)
    if others_ready < rules.keep_ready:
        return Refused(code="lender_is_short", detail=str(others_ready))
    return None
