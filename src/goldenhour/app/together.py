"""Several cases wait at once: which unit for which, so that together the least is lost.

Rule 1: it advises. Each case is still sent a unit by a person's own press, one by one.
Rule 2: a unit may go where the ranking of that case alone lets it go, and arrives as late as that
        ranking weighs it; nothing here knows another gate.
Rule 3: only the milder case is told to leave a unit to another; of the graver one nobody asks it,
        however equal its second choice is.
Rule 4: an unknown level counts as the level that content names for it, never as a low one.
Rule 5: in a surge the gravest `MOST` are shared out, the longest waiting first among equals: each
        costs a ranking, and every seat asks again every few seconds.
"""

from typing import Final

import numpy as np
from msgspec.structs import replace

from goldenhour.app.advise import Grounds, ranking_for
from goldenhour.compute import policy
from goldenhour.domain.dispatch.recommend import Recommendation
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.intake.incident import Incident, State
from goldenhour.kernel.outcome import Refused
from goldenhour.views.answers import TogetherAnswer

MOST: Final = 8


def together_for(grounds: Grounds) -> tuple[TogetherAnswer, ...]:
    """One answer for each case that may be sent its first unit; none where fewer than two wait."""
    states = grounds.view.states
    cases = {
        stream.partition(":")[2]: state
        for stream, state in states.items()
        if isinstance(state, Incident) and _waits(state)
    }
    if len(cases) < 2:  # noqa: PLR2004 (together means two)
        return ()

    def urgent(ident: str) -> tuple[float, int]:
        case = cases[ident]
        return -grounds.rules.urgency(case.level).weight, case.opened_ms

    waiting: dict[str, tuple[Incident, Recommendation]] = {}
    for ident in sorted(cases, key=urgent)[:MOST]:
        found = ranking_for(grounds, ident)
        if not isinstance(found, Refused):
            waiting[ident] = cases[ident], found
    return _share_out(waiting, grounds.rules) if waiting else ()


def _waits(case: Incident) -> bool:
    return (
        case.state is State.OPEN
        and case.dispatchable
        and not case.dispatched_ms
        and case.standby is None
    )


def _share_out(
    waiting: dict[str, tuple[Incident, Recommendation]], rules: DispatchRules
) -> tuple[TogetherAnswer, ...]:
    units = sorted({one.unit_id for _, found in waiting.values() for one in found.proposal.ranked})
    column = {ident: n for n, ident in enumerate(units)}
    arrival_s = np.full((len(waiting), len(units)), np.inf)
    costs = np.full_like(arrival_s, np.inf)
    unserved = np.zeros(len(waiting))
    for row, (case, found) in enumerate(waiting.values()):
        urgency = rules.urgency(case.level)
        for one, seconds in zip(found.proposal.ranked, found.weighed_s, strict=True):
            arrival_s[row, column[one.unit_id]] = seconds
        known = np.isfinite(arrival_s[row])
        costs[row, known] = policy.lost(arrival_s[row, known], urgency.weight, urgency.half_s)
        unserved[row] = urgency.weight
    chosen = policy.assign(costs, unserved)
    to_case = {column: ident for ident, column in zip(waiting, chosen, strict=True)}
    answers = []
    for (ident, (case, found)), place in zip(waiting.items(), chosen, strict=True):
        ranked = found.proposal.ranked
        given = None if place == policy.NOBODY else units[place]
        first = ranked[0] if ranked else None
        mine = next((one for one in ranked if one.unit_id == given), None)
        goes_to = to_case.get(column[first.unit_id], "") if first and first is not mine else ""
        if goes_to and not _is_graver(waiting[goes_to][0], case, rules):
            goes_to = ""
        number = waiting[goes_to][0].number if goes_to else ""
        if mine and number:
            mine = replace(mine, reasons=(*mine.reasons, f"first_left_for:{number}"))
        answers.append(
            TogetherAnswer(
                incident_id=ident,
                candidate=mine,
                first_call_sign=first.call_sign if first else "",
                first_for=number,
                first_for_level=(waiting[goes_to][0].level or "") if goes_to else "",
            )
        )
    return tuple(answers)


def _is_graver(other: Incident, case: Incident, rules: DispatchRules) -> bool:
    return rules.urgency(other.level).weight > rules.urgency(case.level).weight
