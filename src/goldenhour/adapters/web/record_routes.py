"""The record as it leaves the vehicle: whole for paper, as a FHIR document for another system.

Rule 1: who may read the patient may take the record out; everybody else gets the answer of a
        patient that does not exist.
Rule 2: who took it is on the access log before the answer.
Rule 3: what this server does not hold (a centre's call, at a vehicle) is left out, never made up.
"""

import csv
from io import StringIO
from typing import Any, Final

import msgspec
from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from msgspec.structs import replace

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.joined import list_brought, list_records
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.record_document import document_of
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.record import whole_record, writers
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.review.elements import Completeness, MappedPlace, PlaceTable
from goldenhour.kernel.record import Record
from goldenhour.views.fold import Reveal, personal_rows
from goldenhour.views.places import completeness, texts
from goldenhour.views.whole_record import WholeRecord
from goldenhour.wire.fhir import bundle

TAKERS: Final = access(Role.CREW, Role.HOSPITAL, Role.QUALITY)
READERS: Final = access(Role.CREW, Role.HOSPITAL, Role.QUALITY, Role.SUPERVISOR)
JUDGES: Final = access(Role.QUALITY, Role.SUPERVISOR)
LIVE_WORLD: Final = "live"


class PlaceTableAnswer(Record):
    """A table of another standard; `zh` and `en` are its title."""

    zh: str
    en: str
    version: int
    rows: tuple[MappedPlace, ...]


def routes(services: Services) -> list[BaseRouteHandler]:
    reading = RecordReading(services)

    @get("/api/patients/{patient_id:str}/record", opt=READERS)
    async def record(request: AnyRequest, patient_id: str) -> WholeRecord:
        """The whole record, as it is printed."""
        principal = principal_of(request)
        whole = await reading.find(principal, patient_id)
        await reading.log(principal, "record.read", patient_id)
        return whole

    @get("/api/patients/{patient_id:str}/record.fhir.json", opt=TAKERS)
    async def fhir(request: AnyRequest, patient_id: str) -> Response[bytes]:
        """The record as a FHIR R4 document."""
        principal = principal_of(request)
        whole = await reading.find(principal, patient_id)
        imports = services.desk_of(principal).imports
        records = await list_records(services, principal, patient_id)
        document = document_of(
            whole,
            services.facts.care,
            services.exchange.fhir,
            await list_brought(imports, records),
            made_ms=services.clock.now_ms(),
            test=services.world_name != LIVE_WORLD,
        )
        await reading.log(principal, "record.export", f"{patient_id} fhir")
        name = f"{whole.mission.incident_number}-{patient_id[:8]}.fhir.json"
        return Response(
            msgspec.json.encode(bundle(document)),
            media_type="application/fhir+json",
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
            },
        )

    handlers: list[Any] = [record, fhir, *_table_routes(services, reading)]
    return handlers


def _table_routes(services: Services, reading: "RecordReading") -> list[Any]:
    """The record against the elements of other standards."""

    @get("/api/patients/{patient_id:str}/completeness", opt=JUDGES)
    async def complete(request: AnyRequest, patient_id: str) -> Completeness:
        """Which elements of NEMSIS 3.5.1 this record has filled."""
        principal = principal_of(request)
        whole = await reading.find(principal, patient_id)
        await reading.log(principal, "record.read", patient_id)
        return completeness(whole, services.facts.care, services.exchange.nemsis)

    @get("/api/ws542", opt=access(Role.QUALITY, Role.SUPERVISOR, Role.ADMIN))
    async def table() -> PlaceTableAnswer:
        found = services.exchange.ws542
        title, version = found.about.title, found.about.version
        return PlaceTableAnswer(zh=title.zh, en=title.en, version=version, rows=found.rows)

    @get("/api/patients/{patient_id:str}/record.ws542.csv", opt=access(Role.QUALITY))
    async def ws542(request: AnyRequest, patient_id: str) -> Response[bytes]:
        """The record by the table that the centre uses for WS 542."""
        principal = principal_of(request)
        whole = await reading.find(principal, patient_id)
        await reading.log(principal, "record.export", f"{patient_id} ws542")
        name = f"{whole.mission.incident_number}-{patient_id[:8]}.ws542.csv"
        return Response(
            sheet_of(whole, services.facts.care, services.exchange.ws542),
            media_type="text/csv; charset=utf-8",
            headers={
                "content-disposition": f'attachment; filename="{name}"',
                "cache-control": "no-store",
            },
        )

    return [complete, table, ws542]


def sheet_of(whole: WholeRecord, care: CareContent, table: PlaceTable) -> bytes:
    """A line a place; the mark at its head tells Excel that it is UTF-8."""
    out = StringIO()
    lines = csv.writer(out)
    lines.writerow(("element", "name", "item", "place", "value"))
    for row in table.rows:
        value = "; ".join(texts(whole, care, row.place))
        # A cell that begins like a formula would be computed by whoever opens the file.
        lines.writerow(
            f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell
            for cell in (row.element, row.name, row.zh, row.place, value)
        )
    return out.getvalue().encode("utf-8-sig")


class RecordReading:
    """What is read of a patient's case under the asker's identity."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def find(self, principal: Principal, patient_id: str) -> WholeRecord:
        desk = self._services.desk_of(principal)
        identity = self._services.identity_of(principal)
        reader = desk.reader
        stream = f"patient:{patient_id}"
        patient = fold(stream, await reader.list_streams([stream], identity))
        if not isinstance(patient, Patient):
            raise ProblemError(404, "absent", "patient_id")
        incident = f"incident:{patient.incident_id}"
        streams = {stream, incident, f"mission:{patient.mission_id}", f"unit:{patient.unit_id}"}
        streams |= {f"patient:{ident}" for ident in patient.joined}
        if self._services.history is not None:
            streams |= set(await self._services.history.case_streams([incident], identity))
        else:
            scope = await desk.hub.scope(identity)
            streams |= {f"handover:{one}" for one in scope.view.linked(stream, "handover")}
            case = fold(incident, await reader.list_streams([incident], identity))
            streams |= (
                {f"call:{one}" for one in case.calls} if isinstance(case, Incident) else set()
            )
        envelopes = await reader.list_streams(sorted(streams), identity)
        rows = [row for envelope in envelopes for row in personal_rows(recorded_of(envelope))]
        reveal = Reveal(await reader.reveal(rows, identity))
        whole = whole_record(envelopes, reveal, self._services.facts, patient_id)
        if whole is None:
            raise ProblemError(404, "absent", "patient_id")
        found = [
            await self._services.accounts.find_person(ident) for ident in sorted(writers(whole))
        ]
        return replace(whole, people={one.id: one.name for one in found if one is not None})

    async def log(self, principal: Principal, action: str, subject: str) -> None:
        await self._services.accounts.log_access(
            self._services.clock.now_ms(), principal.person_id, action, subject, "accepted"
        )
