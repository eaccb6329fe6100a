"""Reservations by the road: when each is to be activated, and which can no longer be in time.

Rule 1: the same function decides what a screen marks and what the journal alarms
        (`domain/dispatch/window.py`); here only the road time is added.
Rule 2: a unit on another run is counted from where it is now: that it may be later still is said
        as `busy`, not guessed.
Rule 3: what is alarmed is looked at in the views that desks have open. With nobody looking the
        timers of a reservation ask by the clock alone.
"""

from collections.abc import Iterable
from typing import Final

from goldenhour.app.advise import way_to_case
from goldenhour.app.positions import Positions
from goldenhour.app.travel_times import Spots, TravelTimes
from goldenhour.domain.attention import alert
from goldenhour.domain.case.loading import reservation_due_id, window_lost_id
from goldenhour.domain.commands import CheckWindow
from goldenhour.domain.dispatch import window
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.dispatch.window import Keeping
from goldenhour.domain.register.unit import Unit
from goldenhour.views.answers import WindowAnswer
from goldenhour.views.fold import Folded

MISSION: Final = "mission:"


def windows_for(
    view: Folded, positions: Positions, travel: TravelTimes, *, get_away_s: int, now_ms: int
) -> tuple[WindowAnswer, ...]:
    """Of every reservation whose unit is this node's to send."""
    found = []
    for stream, run in view.states.items():
        if not isinstance(run, Mission) or run.state is not State.RESERVED or run.window is None:
            continue
        unit = view.states.get(f"unit:{run.unit_id}")
        if not isinstance(unit, Unit) or unit.held:
            continue
        ends = way_to_case(view, positions.fixes, run.unit_id, run.incident_id)
        road_s, estimated = None, True
        if ends is not None:
            start = positions.find_spot(run.unit_id) or travel.locate_fixed(ends[0])
            leg = travel.times_to(travel.locate_fixed(ends[1]), Spots.of([start])).legs[0]
            road_s = None if leg.seconds is None else round(leg.seconds)
            estimated = leg.estimated
        found.append(
            WindowAnswer(
                mission_id=stream.removeprefix(MISSION),
                unit_id=run.unit_id,
                keeping=window.keeping(run.window, road_s, get_away_s, now_ms),
                road_s=road_s,
                estimated=estimated,
                activate_ms=window.activate_ms(run.window, road_s, get_away_s),
                busy=_is_out(view, run.unit_id),
                computed_ms=now_ms,
            )
        )
    return tuple(found)


def checks_for(view: Folded, answers: Iterable[WindowAnswer]) -> tuple[CheckWindow, ...]:
    """For those whose alerts are not yet as the road says."""
    return tuple(
        CheckWindow(mission_id=one.mission_id, road_s=one.road_s)
        for one in answers
        if _is_news(view, one)
    )


def _is_news(view: Folded, answer: WindowAnswer) -> bool:
    due = alert.stands(view.states.get(f"alert:{reservation_due_id(answer.mission_id)}"))
    lost = alert.stands(view.states.get(f"alert:{window_lost_id(answer.mission_id)}"))
    match answer.keeping:
        case Keeping.LOST:
            return due or not lost
        case Keeping.NOW:
            return not (due or lost) if answer.road_s is None else lost or not due
        case Keeping.EARLY:
            return lost and answer.road_s is not None


def _is_out(view: Folded, unit_id: str) -> bool:
    runs = (view.states.get(f"{MISSION}{one}") for one in view.linked(f"unit:{unit_id}", "mission"))
    return any(isinstance(run, Mission) and run.active for run in runs)
