"""Units on their way to a milder case that would reach this one much sooner.

Rule 1: it advises, with what the redirect gains here and costs there. A press carries it out, and
        the case that is left waits again at once, in every seat's list.
Rule 2: only a run that has not reached its scene is taken, only for a graver case, and only where
        both levels are known.
Rule 3: the unit has to be one that this case's own ranking would let go.
Rule 4: the candidate says in its reasons what was weighed; it is kept as the proposal of the run.
Rule 5: what is lost here and there is weighed by the same objective as cases that wait at once.
"""

from typing import Final

import numpy as np
from msgspec.structs import replace

from goldenhour.app.advise import Grounds, ranking_for, route_ends
from goldenhour.app.travel_times import Spots
from goldenhour.compute import policy
from goldenhour.domain.dispatch.events import Candidate
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.views.answers import RedirectAnswer
from goldenhour.views.fold import Folded

MAY_TURN: Final = frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.EN_ROUTE})
LOOKED_AT: Final = 4
SHOWN: Final = 2


def redirects_for(grounds: Grounds, incident_id: str) -> tuple[RedirectAnswer, ...]:
    """The best first; none where nothing is gained."""
    view, rules = grounds.view, grounds.rules
    case = view.states.get(f"incident:{incident_id}")
    if not isinstance(case, Incident) or case.level is None or case.dispatched_ms:
        return ()
    runs = _milder_runs(view, case.level)
    if case.state is not incident.State.OPEN or not case.dispatchable or not runs:
        return ()
    freed = frozenset(run.unit_id for run in runs.values())
    here = _ranked(grounds, incident_id, freed)
    first = next((one for one in here.values() if one.unit_id not in freed), None)
    first_s = _arrival_s(first)
    sooner = [
        (ident, run, here[run.unit_id])
        for ident, run in runs.items()
        if run.unit_id in here and first_s - _arrival_s(here[run.unit_id]) >= rules.redirect_gain_s
    ]
    # What a redirect costs takes another ranking each, so only the quickest are looked at.
    sooner.sort(key=lambda one: _arrival_s(one[2]))
    found: list[tuple[float, RedirectAnswer]] = []
    for ident, run, mine in sooner[:LOOKED_AT]:
        left = view.states[f"incident:{run.incident_id}"]
        there_s = _left_s(grounds, ident, run)
        if not isinstance(left, Incident) or there_s is None:
            continue
        instead = next(iter(_ranked(grounds, run.incident_id).values()), None)
        gain = _lost(rules, case.level, first_s) - _lost(rules, case.level, _arrival_s(mine))
        cost = _lost(rules, left.level, _arrival_s(instead)) - _lost(rules, left.level, there_s)
        if gain > cost:
            sooner_s = None if first is None else round(first_s - _arrival_s(mine))
            later_s = None if instead is None else round(_arrival_s(instead) - there_s)
            reasons = [f"redirected_from:{left.number}"]
            reasons += [] if sooner_s is None else [f"sooner_by:{sooner_s}"]
            reasons += ["leaves_none"] if later_s is None else [f"left_later_by:{max(0, later_s)}"]
            answer = RedirectAnswer(
                mission_id=ident,
                candidate=replace(mine, reasons=(*reasons, *mine.reasons)),
                sooner_s=sooner_s,
                from_number=left.number,
                from_level=left.level or "",
                instead_call_sign=instead.call_sign if instead else "",
                later_s=later_s,
            )
            found.append((cost - gain, answer))
    return tuple(answer for _, answer in sorted(found, key=lambda one: one[0])[:SHOWN])


def _ranked(
    grounds: Grounds, incident_id: str, freed: frozenset[str] = frozenset()
) -> dict[str, Candidate]:
    """By unit, the best first."""
    found = ranking_for(grounds, incident_id, freed)
    ranked = () if isinstance(found, Refused) else found.proposal.ranked
    return {one.unit_id: one for one in ranked}


def _milder_runs(view: Folded, level: DispatchLevel) -> dict[str, Mission]:
    """By the id of the run; an unknown level is none."""
    found = {}
    for stream, run in view.states.items():
        if not isinstance(run, Mission) or run.state not in MAY_TURN:
            continue
        left = view.states.get(f"incident:{run.incident_id}")
        if isinstance(left, Incident) and left.level is not None and left.level > level:
            found[stream.partition(":")[2]] = run
    return found


def _left_s(grounds: Grounds, mission_id: str, run: Mission) -> float | None:
    """What is left of the way that the run is on; None: nobody knows."""
    positions, travel = grounds.positions, grounds.travel
    ends = route_ends(grounds.view, positions.fixes, mission_id, "scene")
    if ends is None:
        return None
    start = positions.find_spot(run.unit_id) or travel.locate_fixed(ends[0])
    return travel.times_to(travel.locate_fixed(ends[1]), Spots.of([start])).legs[0].seconds


def _arrival_s(candidate: Candidate | None) -> float:
    return float("inf") if candidate is None or candidate.eta_s is None else candidate.eta_s


def _lost(rules: DispatchRules, level: DispatchLevel | None, arrival_s: float) -> float:
    urgency = rules.urgency(level)
    return float(policy.lost(np.array(arrival_s), urgency.weight, urgency.half_s))
