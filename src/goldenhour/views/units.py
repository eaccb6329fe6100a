"""A unit as a screen shows it: what it does, who is on it, and what its crew found at the check."""

from typing import Final

from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.register.unit import Checked, HelpOver, Unit
from goldenhour.views.fold import Folded
from goldenhour.views.rows import CheckRow, HelpOverRow, UnitRow

CHECKS_SHOWN: Final = 3
"""The newest and what it is compared with; older ones stand in the journal."""


def unit_row(ident: str, state: Unit, view: Folded) -> UnitRow:
    """A unit's state is derived: its active mission's, else its own."""
    running: tuple[str, Mission] | None = None
    back_ms = state.since_ms
    for other in view.linked(f"unit:{ident}", "mission"):
        found = view.states.get(f"mission:{other}")
        if isinstance(found, Mission) and found.active:
            running = (other, found)
        elif isinstance(found, Mission) and found.assigned_ms is not None:
            back_ms = max(back_ms, found.ended_ms or 0)
    if running:
        shown, since_ms = str(running[1].state), running[1].since_ms
    elif state.held:
        shown, since_ms = "other_node", state.since_ms
    elif state.out_of_service:
        shown, since_ms = "out_of_service", state.since_ms
    elif state.on_duty:
        # Whoever waits has waited since the last run, not since the duty began.
        shown, since_ms = "ready", back_ms
    else:
        shown, since_ms = "off_duty", state.since_ms
    return UnitRow(
        id=ident,
        call_sign=state.call_sign,
        station_id=state.station_id,
        station_name=state.station_name,
        station_point=state.station_point,
        unit_kind=state.unit_kind,
        assumed=state.assumed,
        state=shown,
        out_of_service=state.out_of_service,
        crew=state.crew,
        mission_id=running[0] if running else "",
        incident_id=running[1].incident_id if running else "",
        level=running[1].level if running else "",
        since_ms=since_ms,
        help_ms=state.help_ms,
        duty_ms=state.duty_ms,
        checks=tuple(check_row(one) for one in state.checks[:CHECKS_SHOWN]),
        home=state.home,
        epoch=state.epoch,
        away=bool(state.held),
        help_over=_over_row(state.help_over) if state.help_over else None,
    )


def _over_row(over: HelpOver) -> HelpOverRow:
    return HelpOverRow(
        at_ms=over.at_ms, reason=over.reason, by=over.by, seat=over.seat, role=over.role
    )


def check_row(one: Checked) -> CheckRow:
    event = one.event
    return CheckRow(
        id=event.check_id,
        name=event.name,
        at_ms=one.at_ms,
        defects=event.defects,
        numbers={
            name: value for name, value in event.answers.items() if not isinstance(value, bool)
        },
        taken_by=one.taken_by,
        taken_ms=one.taken_ms,
    )
