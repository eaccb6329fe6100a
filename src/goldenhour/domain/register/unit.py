"""A unit: an ambulance with its crew. Whether it is busy is no state of the unit: missions tell.

Rule 1: one node is its home and alone may assign it. Where that is another node, the unit's own
        stream holds its claim here, so that no run can (ADR 0026).
Rule 2: its command, (epoch, node), is only ever raised.
"""

from typing import Final

from msgspec.structs import replace

from goldenhour.domain.register.events import (
    BackInService,
    CheckTakenOver,
    DutyChanged,
    HelpAlarm,
    HelpCalled,
    HelpEnded,
    OutOfService,
    UnitChecked,
    UnitHomed,
    UnitKind,
    UnitListed,
)
from goldenhour.domain.register.shift_check import (
    Found,
    ShiftCheck,
    list_defects,
    refuse_answers,
)
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Claim, Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded

OUT_OF_SERVICE_REASONS: Final = ("decontamination", "refuel", "fault", "meal", "shift_change")
CHECKS_KEPT: Final = 8
"""Earlier checks that can be looked at; the journal holds all."""


class Checked(Record):
    event: UnitChecked
    by: str
    at_ms: int
    taken_by: str = ""
    """Who signed for what was found; empty: nobody yet."""
    taken_ms: int | None = None


class HelpOver(Record):
    """Who said why a call for help is over: the crew reads it, whoever ended it."""

    at_ms: int
    reason: str
    by: str
    seat: str
    role: str


class Unit(Record):
    call_sign: str
    station_id: str
    station_name: str
    station_point: Point
    unit_kind: UnitKind
    assumed: bool
    on_duty: bool
    crew: tuple[str, ...]
    out_of_service: str
    """Empty while in service, else the reason."""
    since_ms: int
    help_ms: int | None = None
    """Since when its crew calls for help."""
    duty_ms: int | None = None
    """Since when this crew is on duty; None: nobody is."""
    checks: tuple[Checked, ...] = ()
    """The newest first."""
    plate: str = ""
    home: str = ""
    """The node that alone may assign it; empty: nobody has named one, it is this node's."""
    epoch: int = 0
    held: str = ""
    """Its own id while its home is another node than the one that keeps this stream."""
    help_over: HelpOver | None = None
    """How the newest call for help ended; None: it has not, or nobody has called."""

    @property
    def command(self) -> tuple[int, str]:
        """Compared in this order."""
        return self.epoch, self.home


def claims(state: Unit) -> tuple[Claim, ...]:
    return (Claim(kind="unit", key=state.held),) if state.held else ()


def listed_of(state: Unit) -> UnitListed:
    """What the register says of it."""
    return UnitListed(
        call_sign=state.call_sign,
        station_id=state.station_id,
        station_name=state.station_name,
        station_point=state.station_point,
        unit_kind=state.unit_kind,
        assumed=state.assumed,
        plate=state.plate,
    )


def evolve(state: Unit | None, recorded: Recorded) -> Unit | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    match event:
        case UnitListed():
            return Unit(
                call_sign=event.call_sign,
                station_id=event.station_id,
                station_name=event.station_name,
                station_point=event.station_point,
                unit_kind=event.unit_kind,
                assumed=event.assumed,
                on_duty=state.on_duty if state else False,
                crew=state.crew if state else (),
                out_of_service=state.out_of_service if state else "",
                since_ms=state.since_ms if state else at_ms,
                help_ms=state.help_ms if state else None,
                duty_ms=state.duty_ms if state else None,
                checks=state.checks if state else (),
                plate=event.plate,
                home=state.home if state else "",
                epoch=state.epoch if state else 0,
                held=state.held if state else "",
                help_over=state.help_over if state else None,
            )
        case DutyChanged() if state:
            same = event.crew == state.crew and state.duty_ms is not None
            begun_ms = state.duty_ms if same else at_ms
            return replace(
                state,
                on_duty=event.on_duty,
                crew=event.crew,
                since_ms=at_ms,
                duty_ms=begun_ms if event.on_duty else None,
            )
        case UnitChecked() if state:
            if any(one.event.check_id == event.check_id for one in state.checks):
                return state
            checked = Checked(event=event, by=recorded.actor, at_ms=at_ms)
            newest = sorted((*state.checks, checked), key=lambda one: one.at_ms, reverse=True)
            return replace(state, checks=tuple(newest[:CHECKS_KEPT]))
        case CheckTakenOver() if state:
            signed = tuple(
                replace(one, taken_by=event.name, taken_ms=at_ms)
                if one.event.check_id == event.check_id and not one.taken_by
                else one
                for one in state.checks
            )
            return replace(state, checks=signed)
        case OutOfService() if state:
            return replace(state, out_of_service=event.reason, since_ms=at_ms)
        case HelpCalled() if state:
            return replace(state, help_ms=at_ms, help_over=None)
        case HelpEnded() if state:
            over = HelpOver(
                at_ms=at_ms,
                reason=event.reason,
                by=recorded.actor,
                seat=recorded.seat,
                role=recorded.role,
            )
            return replace(state, help_ms=None, help_over=over)
        case BackInService() if state:
            return replace(state, out_of_service="", since_ms=at_ms)
        case UnitHomed() if state:
            held = "" if event.here else event.unit_id
            return replace(state, home=event.node, epoch=event.epoch, held=held)
        case _:
            return state


def decide_check(
    state: Unit | None, check_id: str, name: str, answers: dict[str, Found], content: ShiftCheck
) -> UnitChecked | Refused:
    if state is None:
        return Refused(code="absent", field="unit")
    if not name.strip():
        return Refused(code="name_required", field="name")
    if any(one.event.check_id == check_id for one in state.checks):
        return Refused(code="exists", field="check_id")
    if wrong := refuse_answers(content, answers):
        return wrong
    return UnitChecked(
        check_id=check_id,
        name=name.strip(),
        answers=answers,
        defects=list_defects(content, answers),
        content=f"{content.about.id}@{content.about.version}",
    )


def decide_take_over(state: Unit | None, check_id: str, name: str) -> CheckTakenOver | Refused:
    """The second signature, by another person than the one who handed over."""
    checks = state.checks if state else ()
    found = next((one for one in checks if one.event.check_id == check_id), None)
    if found is None:
        return Refused(code="absent", field="check_id")
    if not name.strip():
        return Refused(code="name_required", field="name")
    if found.taken_by:
        return Refused(code="check_taken_over", detail=found.taken_by)
    if name.strip() == found.event.name:
        return Refused(code="second_person_required", field="name")
    return CheckTakenOver(check_id=check_id, name=name.strip())


def decide_out_of_service(state: Unit | None, reason: str) -> OutOfService | Refused:
    if state is None:
        return Refused(code="absent", field="unit")
    if reason not in OUT_OF_SERVICE_REASONS:
        return Refused(code="unknown_value", field="reason")
    if state.out_of_service:
        return Refused(code="already_out_of_service")
    return OutOfService(reason=reason)


def decide_back_in_service(state: Unit | None) -> BackInService | Refused:
    if state is None:
        return Refused(code="absent", field="unit")
    if not state.out_of_service:
        return Refused(code="already_in_service")
    return BackInService()


def decide_help(
    state: Unit | None, point: Point | None, by_alarm: HelpAlarm | None = None
) -> HelpCalled | Refused:
    if state is None:
        return Refused(code="absent", field="unit")
    if state.help_ms is not None:
        return Refused(code="help_is_called")
    return HelpCalled(point=point, by_alarm=by_alarm)


def decide_end_help(state: Unit | None, reason: str) -> HelpEnded | Refused:
    """Never without words: whoever ends it answers for the crew being safe."""
    if state is None:
        return Refused(code="absent", field="unit")
    if state.help_ms is None:
        return Refused(code="no_help_called")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    return HelpEnded(reason=reason.strip(), since_ms=state.help_ms)
