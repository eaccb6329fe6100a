"""The stations: what each is and who stands there; as a table, exported and taken as a file."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from msgspec.structs import replace

from goldenhour.adapters.web.enrolment import carry_out, states_of
from goldenhour.adapters.web.history import StreamEvent, history_of
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.adapters.web.table_files import Form, file_of, read_lines
from goldenhour.app import stations
from goldenhour.app.access import PLANNERS, Principal
from goldenhour.domain.case.reactions import station_org
from goldenhour.domain.commands import ImportStations
from goldenhour.domain.register.station import Station
from goldenhour.domain.register.station_table import (
    COLUMNS,
    StationFacts,
    StationsRead,
    TableStation,
    cells_of,
    read_stations,
)
from goldenhour.domain.register.table import TableFault, Verdict, header_of
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import china_date
from goldenhour.wire.tables import Line


class StationRow(Record):
    station_id: str
    name: str
    name_en: str
    centre: str
    """The organisation that it is under."""
    centre_name: str
    centre_name_en: str
    point: Point | None
    """None: nobody has said where it lies."""
    phone: str
    assumed: bool
    units: tuple[str, ...]
    """Call signs of those who stand there."""
    on_duty: int
    told: bool
    """Whether the register itself says so, and not the city's map or its vehicles."""


class StationImport(Record):
    """What a table would change, or has changed where `written`."""

    rows: tuple[TableStation, ...]
    faults: tuple[TableFault, ...]
    """Of the header; those of a line stand with the line."""
    new: int
    changed: int
    unchanged: int
    refused: int
    digest: str
    written: bool


def routes(services: Services) -> list[BaseRouteHandler]:
    planners = access(*PLANNERS)
    writing = asyncio.Lock()
    """One table at a time: two that name one new station must not make two of it."""

    @get("/api/stations", opt=planners)
    async def list_stations(request: AnyRequest) -> list[StationRow]:
        principal = principal_of(request)
        states, tree = await states_of(services, principal), services.tree.organisations
        vehicles: dict[str, list[Unit]] = {}
        for state in states.values():
            if isinstance(state, Unit):
                vehicles.setdefault(state.station_id, []).append(state)
        found = stations.stations_of(states, tree, principal.org, services.city)
        rows = []
        for ident, facts in found.items():
            here, above = vehicles.get(ident, []), tree.rows.get(facts.parent)
            rows.append(
                StationRow(
                    station_id=ident,
                    name=facts.name,
                    name_en=facts.name_en,
                    centre=facts.parent,
                    centre_name=above.name if above else facts.parent,
                    centre_name_en=above.name_en if above else facts.parent,
                    point=facts.point,
                    phone=facts.phone,
                    assumed=facts.assumed,
                    units=tuple(sorted(one.call_sign for one in here)),
                    on_duty=sum(one.on_duty for one in here),
                    told=isinstance(states.get(station_org(ident)), Station),
                )
            )
        return sorted(rows, key=lambda row: (row.centre_name, row.name))

    @get("/api/stations/history", opt=planners)
    async def history(request: AnyRequest, station_id: str) -> list[StreamEvent]:
        """Everything that the register says of it, the newest first; empty: only the city does."""
        principal = principal_of(request)
        states, tree = await states_of(services, principal), services.tree.organisations
        if station_id not in stations.stations_of(states, tree, principal.org, services.city):
            raise ProblemError(404, "absent", "station_id")
        return await history_of(services, principal, station_org(station_id)) or []

    @get("/api/stations/export", opt=planners)
    async def export(
        request: AnyRequest, form: Form = "csv", lang: str = "zh-CN"
    ) -> Response[bytes]:
        """Every station, in the columns that are read."""
        lines = await _lines(services, principal_of(request), zh=lang != "en")
        name = f"stations-{china_date(services.clock.now_ms())}"
        return await asyncio.to_thread(file_of, name, lines, form)

    @get("/api/stations/template", opt=planners)
    async def template(
        request: AnyRequest, form: Form = "csv", lang: str = "zh-CN"
    ) -> Response[bytes]:
        """The header, and a station that stands as an example: read again it changes nothing."""
        lines = await _lines(services, principal_of(request), zh=lang != "en")
        return await asyncio.to_thread(file_of, "stations", lines[:2], form)

    @post("/api/stations/import", opt=planners, status_code=200, request_max_body_size=None)
    async def take(request: AnyRequest, digest: str = "") -> StationImport:
        """The body is the file. Without `digest` it is shown, with it written, all or nothing."""
        principal, lines = principal_of(request), await read_lines(request)
        async with writing:
            shown, wanted = await _looked(services, principal, lines)
            if not digest or wanted is None or shown.faults or shown.refused:
                return shown
            if digest != shown.digest:
                raise ProblemError(409, "preview_outdated", "digest")
            command, named = wanted
            tree, now_ms = services.tree.organisations, services.clock.now_ms()
            rows = stations.organisations_of(named, tree, now_ms)
            await carry_out(services, principal, rows, command)
        told = f"{shown.new} new, {shown.changed} changed"
        person_id = principal.person_id
        await services.accounts.log_access(now_ms, person_id, "station.import", told, "accepted")
        return replace(shown, written=True)

    handlers: list[Any] = [list_stations, history, export, template, take]
    return handlers


async def _looked(
    services: Services, principal: Principal, lines: Sequence[Line]
) -> tuple[StationImport, tuple[ImportStations, dict[str, StationFacts]] | None]:
    states, tree = await states_of(services, principal), services.tree.organisations
    standing = stations.stations_of(states, tree, principal.org, services.city)
    centres = stations.centres_of(tree, principal.org)
    area = services.city.bounds if services.city else None
    cells = [(one.number, one.cells) for one in lines]
    read = await asyncio.to_thread(read_stations, cells, standing, centres, area)
    if running := await _running(services, read):
        read = await asyncio.to_thread(read_stations, cells, standing, centres, area, running)
    verdicts = [row.verdict for row in read.rows]
    shown = StationImport(
        rows=read.rows,
        faults=read.faults,
        new=verdicts.count(Verdict.NEW),
        changed=verdicts.count(Verdict.CHANGED),
        unchanged=verdicts.count(Verdict.UNCHANGED),
        refused=verdicts.count(Verdict.REFUSED),
        digest=stations.digest(read.rows),
        written=False,
    )
    now_ms = services.clock.now_ms()
    return shown, stations.import_of(read.rows, states, now_ms, services.entropy)


async def _running(services: Services, read: StationsRead) -> frozenset[str]:
    """Those of the changed stations one of whose vehicles is on a run."""
    accounts, now_ms = services.accounts, services.clock.now_ms()
    tree = services.tree.organisations
    found: list[str] = []
    for row in read.rows:
        if row.verdict is Verdict.CHANGED:
            orgs = tree.subtree(station_org(row.station_id))
            if (await accounts.holds(orgs, now_ms)).missions:
                found.append(row.station_id)
    return frozenset(found)


async def _lines(services: Services, principal: Principal, *, zh: bool) -> list[list[str]]:
    states, tree = await states_of(services, principal), services.tree.organisations
    found = stations.stations_of(states, tree, principal.org, services.city)
    centres = {one.org: one.names[0] for one in stations.centres_of(tree, principal.org)}
    ordered = sorted(found.items(), key=lambda one: (one[1].parent, one[1].name))
    rows = [cells_of(ident, facts, centres, zh=zh) for ident, facts in ordered]
    return [header_of(COLUMNS, zh=zh), *rows]
