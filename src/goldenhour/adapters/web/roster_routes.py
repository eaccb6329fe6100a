"""The roster: a week of the units that the asker may see, a table of it, and how it came about.

One shift is planned, changed and withdrawn by `/api/commands` like everything else; a table comes
as a file, is shown with all its faults and what it would change, and is written when it comes again
with the digest of what was shown.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody, Parameter
from msgspec.structs import replace

from goldenhour.adapters.web.command_routes import stamp_of
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.adapters.web.table_files import file_of, read_lines
from goldenhour.app import roster as rosters
from goldenhour.app.access import DESK, PLANNERS, Principal
from goldenhour.app.handle import handle
from goldenhour.domain.register.events import Crew, DutyKind
from goldenhour.domain.register.roster import (
    WEEK_MS,
    Placed,
    Shift,
    ShiftWarning,
    begin_of_week,
    find_planned,
    list_warnings,
    roster_id,
)
from goldenhour.domain.register.roster_table import (
    COLUMNS,
    TableChange,
    cells_of,
    compare,
    read_roster,
)
from goldenhour.domain.register.table import TableFault, header_of
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS, china_date
from goldenhour.wire.tables import Line

SHOWN_FAULTS: Final = 200
"""Whoever made so many corrects them in the file first; how many there are is told."""
MOST_WEEKS: Final = 10
"""A table of more is a slip in its dates, and reading all of them would hold up everybody."""


class ShiftRow(Record):
    shift: Shift
    warnings: tuple[ShiftWarning, ...]


class UnitWeekRow(Record):
    unit_id: str
    call_sign: str
    station_id: str
    station_name: str
    unit_kind: str
    assumed: bool
    roster_id: str
    shifts: tuple[ShiftRow, ...]
    """Those that begin in this week."""
    before: tuple[Shift, ...]
    """Those of the week before that reach into this one."""


class RosterWeek(Record):
    from_ms: int
    to_ms: int
    units: tuple[UnitWeekRow, ...]
    people: tuple[str, ...]
    """Who stands in these weeks, as `name` or `name#number`: to be chosen again."""


class DraftShift(Record):
    """A shift that somebody is writing; `shift_id` is empty while it is new."""

    shift_id: str
    unit_id: str
    from_ms: int
    to_ms: int
    crew: Crew


class ImportRow(Record):
    change: TableChange
    call_sign: str
    warnings: tuple[ShiftWarning, ...]


class ImportAnswer(Record):
    """What a table would change, or has changed where `written`."""

    rows: int
    faults: tuple[TableFault, ...]
    fault_count: int
    changes: tuple[ImportRow, ...]
    unchanged: int
    needs_reason: bool
    """Something changes that was planned, or has begun already."""
    digest: str
    written: bool


class RosterEntryRow(Record):
    entry: rosters.RosterEntry
    name: str
    """Of the person who did it; empty where the account is gone."""


def routes(services: Services) -> list[BaseRouteHandler]:
    planners = access(*PLANNERS)

    @get("/api/roster/week", opt=planners)
    async def week(request: AnyRequest, at_ms: int) -> RosterWeek:
        principal = principal_of(request)
        units = await _units(services, principal)
        shifts = await _shifts(services, principal, units, (at_ms,))
        warnings = _warnings(services, rosters.place(shifts))
        from_ms = begin_of_week(at_ms)
        rows = [
            UnitWeekRow(
                unit_id=ident,
                call_sign=unit.call_sign,
                station_id=unit.station_id,
                station_name=unit.station_name,
                unit_kind=unit.unit_kind,
                assumed=unit.assumed,
                roster_id=roster_id(ident, from_ms),
                shifts=tuple(
                    ShiftRow(shift=one, warnings=warnings.get(one.shift_id, ()))
                    for one in shifts[ident]
                    if from_ms <= one.from_ms < from_ms + WEEK_MS
                ),
                before=tuple(one for one in shifts[ident] if one.from_ms < from_ms < one.to_ms),
            )
            for ident, unit in units.items()
        ]
        people = {
            f"{member.name}#{member.number}" if member.number else member.name
            for mine in shifts.values()
            for one in mine
            for member in one.crew
        }
        return RosterWeek(
            from_ms=from_ms,
            to_ms=from_ms + WEEK_MS,
            units=tuple(sorted(rows, key=lambda row: (row.station_name, row.call_sign))),
            people=tuple(sorted(people)),
        )

    @post("/api/roster/check", opt=planners, status_code=200)
    async def check(request: AnyRequest, data: JSONBody[DraftShift]) -> list[ShiftWarning]:
        """What the shift would be told about, before anything is written."""
        principal = principal_of(request)
        units = await _units(services, principal)
        if data.unit_id not in units:
            raise ProblemError(404, "absent", "unit_id")
        if data.to_ms <= data.from_ms:
            raise ProblemError(400, "ends_before_it_begins", "to_ms")
        shifts = await _shifts(services, principal, units, (data.from_ms,))
        draft = Shift(
            shift_id=data.shift_id,
            from_ms=data.from_ms,
            to_ms=data.to_ms,
            duty=DutyKind.EMERGENCY,
            crew=data.crew,
        )
        placed = rosters.place_draft(
            rosters.place(shifts), Placed(unit_id=data.unit_id, shift=draft)
        )
        return list(_warnings(services, placed).get(data.shift_id, ()))

    @get("/api/roster/history", opt=planners)
    async def history(request: AnyRequest, roster: str) -> list[RosterEntryRow]:
        principal = principal_of(request)
        journal = services.desk_of(principal).world.journal
        entries = await rosters.read_history(journal, services.identity_of(principal), roster)
        people = [await services.accounts.find_person(by) for by in {one.by for one in entries}]
        names = {person.id: person.name for person in people if person}
        return [RosterEntryRow(entry=one, name=names.get(one.by, "")) for one in entries]

    @get("/api/roster/planned", opt=access(*DESK))
    async def planned(request: AnyRequest, unit_id: str) -> list[Shift]:
        """Who should be on the unit now, or soon: one shift or none. A proposal, nothing more."""
        principal, now_ms = principal_of(request), services.clock.now_ms()
        journal = services.desk_of(principal).world.journal
        shifts = await rosters.read_shifts(
            journal, services.identity_of(principal), (unit_id,), (now_ms,)
        )
        early_ms = services.facts.shift_check.early_min * MINUTE_MS
        found = find_planned(shifts[unit_id], now_ms, early_ms)
        return [found] if found else []

    handlers: list[Any] = [week, check, history, planned, *_table_routes(services)]
    return handlers


def _table_routes(services: Services) -> list[Any]:
    planners = access(*PLANNERS)

    @get("/api/roster/export", opt=planners)
    async def export(request: AnyRequest, at_ms: int, lang: str = "zh-CN") -> Response[bytes]:
        """The shifts that begin in the week, in the columns that are read."""
        principal = principal_of(request)
        units = await _units(services, principal)
        shifts = await _shifts(services, principal, units, (at_ms,))
        from_ms, zh = begin_of_week(at_ms), lang != "en"
        rows = [
            cells_of(units[ident].call_sign, one, zh=zh)
            for ident in sorted(shifts, key=lambda one: units[one].call_sign)
            for one in shifts[ident]
            if from_ms <= one.from_ms < from_ms + WEEK_MS
        ]
        return file_of(f"roster-{china_date(from_ms)}", [header_of(COLUMNS, zh=zh), *rows])

    @get("/api/roster/template", opt=planners)
    async def template(request: AnyRequest, lang: str = "zh-CN") -> Response[bytes]:
        """The header and an example: a day and a night of the first unit, without a crew."""
        units = await _units(services, principal_of(request))
        sign = min((unit.call_sign for unit in units.values()), default="")
        next_ms, zh = begin_of_week(services.clock.now_ms()) + WEEK_MS, lang != "en"
        day, night = (
            Shift(
                shift_id="",
                from_ms=next_ms + hour * HOUR_MS,
                to_ms=next_ms + (hour + 12) * HOUR_MS,
                duty=DutyKind.EMERGENCY,
                crew=(),
            )
            for hour in (8, 20)
        )
        rows = [cells_of(sign, one, zh=zh) for one in (day, night)]
        return file_of("roster", [header_of(COLUMNS, zh=zh), *rows])

    @post("/api/roster/import", opt=planners, status_code=200, request_max_body_size=None)
    async def take(
        request: AnyRequest,
        digest: str = "",
        reason: Annotated[str, Parameter(max_length=200)] = "",
    ) -> ImportAnswer:
        """The body is the file. Without `digest` it is shown, with it written, all or nothing."""
        principal = principal_of(request)
        shown, changes = await _compared(services, principal, await read_lines(request))
        if not digest or shown.faults or not changes:
            return shown
        if digest != shown.digest:
            raise ProblemError(409, "preview_outdated", "digest")
        now_ms = services.clock.now_ms()
        command = rosters.import_of(changes, reason, now_ms, services.entropy)
        stamp = stamp_of(principal, f"roster-{uuid7(now_ms, services.entropy)}", 1, now_ms)
        identity = services.identity_of(principal)
        outcome = await handle(command, stamp, identity, services.desk_of(principal).world)
        if isinstance(outcome, Refused):
            raise refused(outcome)
        return replace(shown, written=True)

    return [export, template, take]


async def _compared(
    services: Services, principal: Principal, lines: Sequence[Line]
) -> tuple[ImportAnswer, Sequence[TableChange]]:
    units = await _units(services, principal)
    by_sign: dict[str, str] = {}
    for ident, unit in units.items():
        by_sign[unit.call_sign] = "" if unit.call_sign in by_sign else ident
    limits = services.facts.limits.roster
    cells = [(one.number, one.cells) for one in lines]
    read = await asyncio.to_thread(read_roster, cells, by_sign, limits.longest_h)
    named = {row.unit_id for row in read.shifts}
    weeks = {begin_of_week(row.shift.from_ms) for row in read.shifts}
    if len(weeks) > MOST_WEEKS:
        raise ProblemError(400, "table_too_wide", "file", str(MOST_WEEKS))
    # A person of the table may stand on any unit.
    shifts = await _shifts(services, principal, units, weeks) if weeks else {}
    standing = {ident: mine for ident, mine in shifts.items() if ident in named}
    compared = compare(read.shifts, standing)
    placed = rosters.place_table(rosters.place(shifts), compared.changes)
    warnings = _warnings(services, placed)
    faults = (*read.faults, *compared.faults)
    now_ms = services.clock.now_ms()
    answer = ImportAnswer(
        rows=len(lines) - 1,
        faults=faults[:SHOWN_FAULTS],
        fault_count=len(faults),
        changes=tuple(
            ImportRow(
                change=one,
                call_sign=units[one.unit_id].call_sign,
                warnings=warnings.get(rosters.name_of(one), ()),
            )
            for one in compared.changes
        ),
        unchanged=compared.unchanged,
        needs_reason=any(one.was or one.now.from_ms <= now_ms for one in compared.changes),
        digest=rosters.digest(compared),
        written=False,
    )
    return answer, compared.changes


async def _units(services: Services, principal: Principal) -> dict[str, Unit]:
    """The units below the asker's organisation that are not closed."""
    hub = services.desk_of(principal).hub
    view = (await hub.scope(services.identity_of(principal))).view
    orgs = services.tree.organisations.rows
    return {
        ident: state
        for stream, state in view.states.items()
        if isinstance(state, Unit)
        and (ident := stream.partition(":")[2])
        and ((org := orgs.get(f"unit:{ident}")) is None or org.closed_ms is None)
    }


async def _shifts(
    services: Services, principal: Principal, units: Mapping[str, Unit], weeks_ms: Any
) -> dict[str, list[Shift]]:
    journal = services.desk_of(principal).world.journal
    return await rosters.read_shifts(journal, services.identity_of(principal), units, weeks_ms)


def _warnings(
    services: Services, placed: Sequence[Placed]
) -> Mapping[str, tuple[ShiftWarning, ...]]:
    return list_warnings(placed, services.facts.limits.roster.rest_h * HOUR_MS)
