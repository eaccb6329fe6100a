"""Units on their way to a milder case that would reach this one much sooner.

Rule 1: it advises, with what the redirect gains here and costs there. A press carries it out, and
        the case that is left waits again at once, in every seat's list.
Rule 2: only a run that has not reached its scene is taken, only for a graver case, and only where
        both levels are known.
Rule 3: the unit has to be one that this case's own ranking would let go.
Rule 4: what is lost here and there is weighed by the same objective as cases that wait at once.
"""

from typing import Final

import numpy as np

from goldenhour.app.advise import ranking_for, route_ends
from goldenhour.app.ports import TravelTimes
from goldenhour.app.positions import Positions
from goldenhour.compute import policy
from goldenhour.domain.case import Facts
from goldenhour.domain.dispatch.events import Candidate
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.dispatch.recommend import DispatchRules
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.register.city import City
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.views.answers import RedirectAnswer
from goldenhour.views.fold import Folded

MAY_TURN: Final = frozenset({State.ASSIGNED, State.ACKNOWLEDGED, State.EN_ROUTE})
SHOWN: Final = 2


def redirects_for(
    view: Folded,
    positions: Positions,
    travel: TravelTimes,
    *,
    facts: Facts,
    rules: DispatchRules,
    incident_id: str,
    now_ms: int,
    city: City | None = None,
) -> tuple[RedirectAnswer, ...]:
    """The best first; none where nothing is gained."""
    case = view.states.get(f"incident:{incident_id}")
    if not isinstance(case, Incident) or case.level is None or case.dispatched_ms:
        return ()
    runs = _milder_runs(view, case.level)
    if case.state is not incident.State.OPEN or not case.dispatchable or not runs:
        return ()

    def rank(ident: str, freed: frozenset[str]) -> dict[str, Candidate]:
        found = ranking_for(
            view,
            positions,
            travel,
            facts=facts,
            rules=rules,
            incident_id=ident,
            now_ms=now_ms,
            city=city,
            freed=freed,
        )
        ranked = () if isinstance(found, Refused) else found.proposal.ranked
        return {one.unit_id: one for one in ranked}

    freed = frozenset(run.unit_id for run in runs.values())
    here = rank(incident_id, freed)
    first = next((one for one in here.values() if one.unit_id not in freed), None)
    first_s = _arrival_s(first)
    found: list[tuple[float, RedirectAnswer]] = []
    for ident, run in runs.items():
        mine = here.get(run.unit_id)
        if mine is None or first_s - _arrival_s(mine) < rules.redirect_gain_s:
            continue
        left = view.states[f"incident:{run.incident_id}"]
        assert isinstance(left, Incident)
        there_s = _left_s(view, positions, travel, ident, run)
        instead = next(iter(rank(run.incident_id, frozenset()).values()), None)
        gain = _lost(rules, case.level, first_s) - _lost(rules, case.level, _arrival_s(mine))
        cost = _lost(rules, left.level, _arrival_s(instead)) - _lost(rules, left.level, there_s)
        if gain > cost:
            answer = RedirectAnswer(
                mission_id=ident,
                unit_id=run.unit_id,
                call_sign=run.call_sign,
                eta_s=mine.eta_s or 0,
                sooner_s=None if first is None else round(first_s - _arrival_s(mine)),
                from_number=left.number,
                from_level=left.level or "",
                instead_call_sign=instead.call_sign if instead else "",
                later_s=None if instead is None else round(_arrival_s(instead) - there_s),
            )
            found.append((cost - gain, answer))
    return tuple(answer for _, answer in sorted(found, key=lambda one: one[0])[:SHOWN])


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


def _left_s(
    view: Folded, positions: Positions, travel: TravelTimes, mission_id: str, run: Mission
) -> float:
    """What is left of the way that the run is on."""
    ends = route_ends(view, positions.fixes, mission_id, "scene")
    if ends is None:
        return float("inf")
    start = positions.find_spot(run.unit_id) or travel.locate_fixed(ends[0])
    seconds = travel.times_to(travel.locate_fixed(ends[1]), [start]).legs[0].seconds
    return float("inf") if seconds is None else seconds


def _arrival_s(candidate: Candidate | None) -> float:
    return float("inf") if candidate is None or candidate.eta_s is None else candidate.eta_s


def _lost(rules: DispatchRules, level: DispatchLevel | None, arrival_s: float) -> float:
    urgency = rules.urgency(level)
    return float(policy.lost(np.array(arrival_s), urgency.weight, urgency.half_s))
