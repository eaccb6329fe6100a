"""The vehicles as a table: exported, and taken as a file that is shown before it is written."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from msgspec.structs import replace

from goldenhour.adapters.web.enrolment import carry_out, states_of
from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.adapters.web.table_files import Form, file_of, read_lines
from goldenhour.app import stations, vehicles
from goldenhour.app.access import PLANNERS, Principal
from goldenhour.domain.case.reactions import unit_org
from goldenhour.domain.commands import ImportUnits
from goldenhour.domain.register.table import TableFault, Verdict, header_of
from goldenhour.domain.register.vehicle_table import (
    COLUMNS,
    TableVehicle,
    VehiclesRead,
    cells_of,
    read_vehicles,
)
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import china_date
from goldenhour.wire.tables import Line


class VehicleImport(Record):
    """What a table would change, or has changed where `written`."""

    rows: tuple[TableVehicle, ...]
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
    """One table at a time: two that name one new vehicle must not make two of it."""

    @get("/api/vehicles/export", opt=planners)
    async def export(
        request: AnyRequest, form: Form = "csv", lang: str = "zh-CN"
    ) -> Response[bytes]:
        """Every vehicle, in the columns that are read."""
        lines = await _lines(services, principal_of(request), zh=lang != "en")
        name = f"vehicles-{china_date(services.clock.now_ms())}"
        return await asyncio.to_thread(file_of, name, lines, form)

    @get("/api/vehicles/template", opt=planners)
    async def template(
        request: AnyRequest, form: Form = "csv", lang: str = "zh-CN"
    ) -> Response[bytes]:
        """The header, and a vehicle that stands as an example: read again it changes nothing."""
        lines = await _lines(services, principal_of(request), zh=lang != "en")
        return await asyncio.to_thread(file_of, "vehicles", lines[:2], form)

    @post("/api/vehicles/import", opt=planners, status_code=200, request_max_body_size=None)
    async def take(request: AnyRequest, digest: str = "") -> VehicleImport:
        """The body is the file. Without `digest` it is shown, with it written, all or nothing."""
        principal, lines = principal_of(request), await read_lines(request)
        async with writing:
            shown, command = await _looked(services, principal, lines)
            if not digest or command is None or shown.faults or shown.refused:
                return shown
            if digest != shown.digest:
                raise ProblemError(409, "preview_outdated", "digest")
            tree, now_ms = services.tree.organisations, services.clock.now_ms()
            rows = vehicles.organisations_of(command.changes, tree, now_ms)
            await carry_out(services, principal, rows, command)
        told = f"{shown.new} new, {shown.changed} changed"
        person_id = principal.person_id
        await services.accounts.log_access(now_ms, person_id, "vehicle.import", told, "accepted")
        return replace(shown, written=True)

    handlers: list[Any] = [export, template, take]
    return handlers


async def _looked(
    services: Services, principal: Principal, lines: Sequence[Line]
) -> tuple[VehicleImport, ImportUnits | None]:
    states, tree = await states_of(services, principal), services.tree.organisations
    standing = vehicles.standing_of(states, tree)
    known = stations.stations_of(states, tree, principal.org, services.city)
    places = vehicles.places_of(known, tree, standing, services.city)
    cells = [(one.number, one.cells) for one in lines]
    read = await asyncio.to_thread(read_vehicles, cells, standing, places)
    if running := await _running(services, read):
        read = await asyncio.to_thread(read_vehicles, cells, standing, places, running)
    verdicts = [row.verdict for row in read.rows]
    shown = VehicleImport(
        rows=read.rows,
        faults=read.faults,
        new=verdicts.count(Verdict.NEW),
        changed=verdicts.count(Verdict.CHANGED),
        unchanged=verdicts.count(Verdict.UNCHANGED),
        refused=verdicts.count(Verdict.REFUSED),
        digest=vehicles.digest(read.rows),
        written=False,
    )
    spare = vehicles.spare_of(tree, principal.org, states)
    command = vehicles.import_of(read.rows, spare, services.clock.now_ms(), services.entropy)
    return shown, command


async def _running(services: Services, read: VehiclesRead) -> frozenset[str]:
    """Those of the changed vehicles that are on a run; an administrator sees no run."""
    changed = [row.unit_id for row in read.rows if row.verdict is Verdict.CHANGED]
    accounts, now_ms = services.accounts, services.clock.now_ms()
    orgs = tuple(map(unit_org, changed))
    if not orgs or not (await accounts.holds(orgs, now_ms)).missions:
        return frozenset()
    held = [(ident, await accounts.holds((unit_org(ident),), now_ms)) for ident in changed]
    return frozenset(ident for ident, found in held if found.missions)


async def _lines(services: Services, principal: Principal, *, zh: bool) -> list[list[str]]:
    states = await states_of(services, principal)
    standing = vehicles.standing_of(states, services.tree.organisations)
    ordered = sorted(standing.items(), key=lambda one: (one[1].station_name, one[1].call_sign))
    rows = [cells_of(unit_id, listed, zh=zh) for unit_id, listed in ordered]
    return [header_of(COLUMNS, zh=zh), *rows]
