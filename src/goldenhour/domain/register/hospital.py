"""A hospital: what it can do, and its own word on its beds and its diversion."""

from msgspec.structs import replace

from goldenhour.domain.register.events import BedsReported, DiversionSet, HospitalListed
from goldenhour.kernel.geo import Point
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded


class Hospital(Record):
    name: str
    name_en: str
    point: Point
    capabilities: tuple[str, ...]
    assumed: bool
    free_beds: dict[str, int]
    beds_reported_ms: int | None
    """None: never reported; the screen says so and never shows a zero."""
    diverting: bool
    diversion_reason: str


def evolve(state: Hospital | None, recorded: Recorded) -> Hospital | None:
    event = recorded.event
    match event:
        case HospitalListed():
            return Hospital(
                name=event.name,
                name_en=event.name_en,
                point=event.point,
                capabilities=event.capabilities,
                assumed=event.assumed,
                free_beds=state.free_beds if state else {},
                beds_reported_ms=state.beds_reported_ms if state else None,
                diverting=state.diverting if state else False,
                diversion_reason=state.diversion_reason if state else "",
            )
        case BedsReported() if state:
            return replace(
                state,
                free_beds=event.free,  # a report is whole: what it leaves out nobody knows now
                beds_reported_ms=recorded.occurred_ms,
            )
        case DiversionSet() if state:
            return replace(state, diverting=event.diverting, diversion_reason=event.reason)
        case _:
            return state


def decide_report_beds(state: Hospital | None, free: dict[str, int]) -> BedsReported | Refused:
    if state is None:
        return Refused(code="absent", field="hospital")
    for kind, count in free.items():
        if count < 0:
            return Refused(code="negative", field=f"free.{kind}")
    return BedsReported(free=free)
