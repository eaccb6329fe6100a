"""What a seat goes on with when every screen is dark: open cases, units, beds, telephones.

Rule 1: it says no more than a dispatching seat's board does, and it says how old a thing is.
Rule 2: everything is text already; whoever prints it adds nothing.
"""

from collections.abc import Iterator, Mapping
from typing import Final

from goldenhour.domain.review.run_sheet import RunSheetContent
from goldenhour.kernel.content import Text
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.views.fold import Folded
from goldenhour.views.rows import CallRow, HospitalRow, IncidentRow, MissionRow, Row, UnitRow

CASES: Final = ("number", "level", "called", "place", "complaint", "caller", "sent")
UNITS: Final = ("unit", "kind", "state", "station", "position", "age", "phone", "crew")
HOSPITALS: Final = ("hospital", "beds", "reported", "diverting")


class Part(Record):
    heading: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class RunSheet(Record):
    title: str
    made_ms: int
    parts: tuple[Part, ...]


def run_sheet_of(
    view: Folded,
    fixes: Mapping[str, Fix],
    *,
    phones: Mapping[str, str],
    topics: Mapping[str, str],
    content: RunSheetContent,
    now_ms: int,
) -> RunSheet:
    """`phones`: by unit; `topics`: what a complaint is called."""
    rows = view.list_rows()
    made = to_datetime(now_ms).astimezone(CHINA)
    said = f"{_both(content.about.title)} · {_both(content.made)} {made:%Y-%m-%d %H:%M:%S}"
    parts = (
        _part(content, content.cases, CASES, _cases(rows, topics, content)),
        _part(content, content.units, UNITS, _units(rows, fixes, phones, content)),
        _part(content, content.hospitals, HOSPITALS, _hospitals(rows)),
    )
    return RunSheet(title=said, made_ms=now_ms, parts=parts)


def _part(
    content: RunSheetContent,
    heading: Text,
    columns: tuple[str, ...],
    rows: Iterator[tuple[str, ...]],
) -> Part:
    found = tuple(sorted(rows))
    count = str(len(found)) if found else _both(content.none)
    return Part(
        heading=f"{_both(heading)} · {count}",
        columns=tuple(_both(content.columns[name]) for name in columns),
        rows=found,
    )


def _cases(
    rows: list[Row], topics: Mapping[str, str], content: RunSheetContent
) -> Iterator[tuple[str, ...]]:
    calls = {row.id: row for row in rows if isinstance(row, CallRow)}
    runs = [row for row in rows if isinstance(row, MissionRow) and row.active]
    for row in rows:
        if not isinstance(row, IncidentRow) or row.state != "open":
            continue
        own = [calls[ident] for ident in row.calls if ident in calls]
        numbers = [text for one in own if (text := one.fields.get("callback") or one.number)]
        sent = [
            f"{f'{run.of_node} {run.call_sign}'.strip()} {_state(run.state, content)}"
            for run in runs
            if run.incident_id == row.id
        ]
        place = row.location.label if row.location else ""
        yield (
            *(f"{row.number} {row.node}".strip(), row.level, _moment(row.opened_ms), place),
            *(topics.get(row.topic, row.topic), " ".join(numbers), " · ".join(sent)),
        )


def _units(
    rows: list[Row],
    fixes: Mapping[str, Fix],
    phones: Mapping[str, str],
    content: RunSheetContent,
) -> Iterator[tuple[str, ...]]:
    for row in rows:
        if not isinstance(row, UnitRow):
            continue
        fix = fixes.get(row.id)
        at = fix.point if fix else None
        yield (
            *(row.call_sign, row.unit_kind.upper(), _state(row.state, content), row.station_name),
            f"{at.lat:.5f}, {at.lon:.5f}" if at else "",
            _moment(fix.received_ms) if fix else "",
            *(phones.get(row.id, ""), " ".join(row.crew)),
        )


def _hospitals(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        if isinstance(row, HospitalRow):
            yield (
                row.name,
                " · ".join(f"{kind} {free}" for kind, free in row.free_beds.items()),
                "" if row.beds_reported_ms is None else _moment(row.beds_reported_ms),
                row.diversion_reason or "!" if row.diverting else "",
            )


def _state(state: str, content: RunSheetContent) -> str:
    return content.states[state].zh if state in content.states else state


def _both(text: Text) -> str:
    return f"{text.zh} {text.en}"


def _moment(at_ms: int) -> str:
    return f"{to_datetime(at_ms).astimezone(CHINA):%m-%d %H:%M}"
