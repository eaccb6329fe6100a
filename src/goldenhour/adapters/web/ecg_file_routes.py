"""ECG as files: a patient's own recording out of the house, another device's file into it.

Rule 1: who may read the patient may take the ECG out; everybody else gets the answer of a patient
        that does not exist. Crew and hospital bring files in.
Rule 2: a file holds what was recorded in the patient's run while the device was on the patient, and
        nothing else: that is another patient's.
Rule 3: a file that was brought is told to the journal; one that was withdrawn is shown to nobody.
Rule 4: who took a file, and who brought one, is on the access log before the answer.
Rule 5: a file carries no name, only the patient's and the case's numbers; whatever is not from a
        live world is marked as test data in it.
Rule 6: a vehicle carries files of its own patients only, also when its right to read them is over.
Rule 7: coding takes memory and a processor: `AT_ONCE` at a time, and in threads.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from collections.abc import Set as AbstractSet
from typing import Annotated, Any, Final, Literal

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from msgspec.structs import replace

from goldenhour.adapters.web.command_routes import stamp_of
from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.joined import (
    find_brought,
    find_patient,
    list_brought,
    list_records,
    records_of,
)
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.handle import fold, handle
from goldenhour.app.journal import SYSTEM
from goldenhour.app.strips import Placed, Worn
from goldenhour.app.told import installation_of, of_ecg
from goldenhour.domain.care.age import with_unit
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch import leads
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.wire.ecg_files import (
    MAX_FILE_BYTES,
    EcgFileError,
    EcgRecord,
    read_file,
    write_dicom,
    write_edf,
    write_fhir,
)

READERS: Final = access(Role.CREW, Role.HOSPITAL, Role.QUALITY)
BRINGERS: Final = access(Role.CREW, Role.HOSPITAL)
AT_ONCE: Final = 2
LIVE_WORLD: Final = "live"

Form = Literal["dicom", "edf", "fhir"]
Original = Literal["original", "dicom", "edf", "fhir"]
_ENDINGS: Final[Mapping[str, str]] = {"dicom": "dcm", "edf": "edf", "fhir": "json"}
_MEDIA: Final[Mapping[str, str]] = {
    "dicom": "application/dicom",
    "edf": "application/octet-stream",
    "fhir": "application/fhir+json",
}
WRITERS: Final[Mapping[str, Callable[[EcgRecord], bytes]]] = {
    "dicom": write_dicom,
    "edf": write_edf,
    "fhir": lambda record: write_fhir(record, f"Patient/{record.subject}"),
}
_SEXES: Final = {Sex.MALE: "M", Sex.FEMALE: "F", Sex.UNKNOWN: ""}


def routes(services: Services) -> list[BaseRouteHandler]:
    files = _Files(services)
    handlers: list[Any] = [*_recorded(services, files), *_imported(services, files)]
    if services.edge_centre is not None:
        handlers.append(_carried(services, files))
    return handlers


def _recorded(services: Services, files: "_Files") -> list[Any]:
    """What our own vehicles recorded."""

    @get("/api/ecg/recording", opt=READERS)
    async def recording(
        request: AnyRequest,
        patient_id: str,
        form: Form = "dicom",
        from_ms: int = 0,
        to_ms: int = 0,
    ) -> Response[bytes]:
        """What the vehicle recorded in the patient's run, or the part [from_ms, to_ms) of it."""
        principal = principal_of(request)
        desk = services.desk_of(principal)
        patient, run = await find_patient(services, principal, patient_id)
        if desk.ecg is None:
            raise ProblemError(404, "absent", "ecg")
        begun_ms, ended_ms = span_of(run, services.clock.now_ms())
        span = (run.unit_id, max(begun_ms, from_ms), min(ended_ms, to_ms or ended_ms))
        worn = worn_of(run, records_of(patient_id, patient), services.clock.now_ms())
        async with files.working:
            try:
                found = await desk.ecg.find_record(*span, worn, placed_of(run))
                others = None if found is not None else await desk.ecg.find_record(*span)
            except EcgFileError as error:
                raise _cannot(error) from error
            if others is not None:
                raise ProblemError(409, "device_elsewhere", "patient_id")
            if found is None:
                raise ProblemError(404, "absent", "ecg")
            data = await files.written(files.marked(found, patient_id, patient, run), form)
        await files.log(principal, "ecg.export", f"{patient_id} {form}")
        return _file(data, f"{run.incident_number}-{patient_id[:8]}", form)

    return [recording]


def _imported(services: Services, files: "_Files") -> list[Any]:
    """What came from other devices."""

    @get("/api/ecg/files", opt=READERS)
    async def listed(request: AnyRequest, patient_id: str) -> list[ImportedEcg]:
        principal = principal_of(request)
        records = await list_records(services, principal, patient_id)
        return await list_brought(services.desk_of(principal).imports, records)

    @get("/api/ecg/files/{sha256:str}", opt=READERS)
    async def fetched(
        request: AnyRequest, sha256: str, patient_id: str, form: Original = "original"
    ) -> Response[bytes]:
        """A file as it was brought, or what was read of it in another form."""
        principal = principal_of(request)
        patient, run = await find_patient(services, principal, patient_id)
        records = await list_records(services, principal, patient_id)
        found = await find_brought(services.desk_of(principal).imports, records, sha256)
        if found is None:
            raise ProblemError(404, "absent", "sha256")
        about, data = found
        kind = about.kind if form == "original" else form
        if form != "original":
            async with files.working:
                _, record = await files.read(data)
                data = await files.written(files.marked(record, patient_id, patient, run), form)
        await files.log(principal, "ecg.export", f"{patient_id} {sha256} {form}")
        return _file(data, f"{run.incident_number}-{sha256[:8]}", kind)

    @post("/api/ecg/files", opt=BRINGERS, request_max_body_size=MAX_FILE_BYTES)
    async def brought(
        request: AnyRequest,
        patient_id: str,
        name: Annotated[str, Parameter(min_length=1, max_length=200)] = "ecg",
    ) -> ImportedEcg:
        """The body is a DICOM or EDF file; `name` is what it was called where it came from."""
        principal = principal_of(request)
        patient, _run = await find_patient(services, principal, patient_id)
        received_ms, by = services.clock.now_ms(), principal.person_id
        kept = await files.keep(request, patient_id, patient, name, received_ms=received_ms, by=by)
        command = of_ecg(kept)
        stamp = stamp_of(principal, installation_of(command), received_ms, received_ms)
        identity, world = services.identity_of(principal), services.desk_of(principal).world
        outcome = await handle(command, stamp, identity, world)
        if isinstance(outcome, Refused):
            raise refused(outcome)
        return kept

    return [listed, fetched, brought]


def _carried(services: Services, files: "_Files") -> Any:
    @post("/api/edge/ecg-files", opt={"access": EDGE}, request_max_body_size=MAX_FILE_BYTES)
    async def carried(
        request: AnyRequest,
        patient_id: str,
        name: Annotated[str, Parameter(min_length=1, max_length=200)],
        received_ms: int,
        by: Annotated[str, Parameter(max_length=64)],
    ) -> ImportedEcg:
        """A file that was brought to a vehicle, of a patient of its own."""
        vehicle = principal_of(request)
        stream, reader = f"patient:{patient_id}", services.desk_of(vehicle).reader
        patient = fold(stream, await reader.list_streams([stream], SYSTEM))
        if not isinstance(patient, Patient) or patient.unit_id != vehicle.unit_id:
            raise ProblemError(404, "absent", "patient_id")
        if received_ms > services.clock.now_ms() + MINUTE_MS:
            raise ProblemError(400, "in_the_future", "received_ms")
        return await files.keep(request, patient_id, patient, name, received_ms=received_ms, by=by)

    return carried


class _Files:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.working = asyncio.Semaphore(AT_ONCE)

    def marked(
        self, record: EcgRecord, patient_id: str, patient: Patient, run: Mission
    ) -> EcgRecord:
        live = self._services.world_name == LIVE_WORLD
        return of_patient(record, patient_id, patient, run, live=live)

    async def keep(
        self,
        request: AnyRequest,
        patient_id: str,
        patient: Patient,
        name: str,
        *,
        received_ms: int,
        by: str,
    ) -> ImportedEcg:
        """The request's body, once it has been read as an ECG."""
        principal = principal_of(request)
        imports = self._services.desk_of(principal).imports
        if imports is None:
            raise ProblemError(404, "absent", "ecg")
        data = await request.body()
        async with self.working:
            kind, record = await self.read(data)
        about = about_file(
            data,
            kind,
            record,
            patient_id=patient_id,
            patient=patient,
            name=name,
            received_ms=received_ms,
            by=by,
            org=principal.org,
        )
        await self.log(principal, "ecg.import", f"{patient_id} {about.sha256}")
        try:
            return await imports.keep(about, data)
        except EcgFileError as error:
            raise _cannot(error) from error

    async def read(self, data: bytes) -> tuple[str, EcgRecord]:
        try:
            return await asyncio.to_thread(read_file, data)
        except EcgFileError as error:
            raise ProblemError(400, "invalid", error.field, error.reason) from error

    async def written(self, record: EcgRecord, form: str) -> bytes:
        try:
            return await asyncio.to_thread(WRITERS[form], record)
        except EcgFileError as error:
            raise _cannot(error) from error

    async def log(self, principal: Principal, action: str, subject: str) -> None:
        await self._services.accounts.log_access(
            self._services.clock.now_ms(), principal.person_id, action, subject, "accepted"
        )


def span_of(run: Mission, now_ms: int) -> tuple[int, int]:
    """From when to when a vehicle's ECG is that of its run's patient."""
    begun_ms = run.since_ms if run.assigned_ms is None else run.assigned_ms
    return begun_ms, now_ms if run.ended_ms is None else run.ended_ms


def worn_of(run: Mission, own: AbstractSet[str], now_ms: int) -> Worn:
    """When, within the run, a device was on the person with these records."""
    return lambda device_id: run.devices.list_stretches(device_id, own, *span_of(run, now_ms))


def placed_of(run: Mission) -> Placed:
    """Where, within the run, the crew had put the electrodes of a device."""
    return lambda device_id: [
        (one.from_ms, one.names) for one in leads.list_placings(run.devices, device_id)
    ]


_AGE_UNITS: Final = {"d": "D", "mo": "M", "a": "Y"}


def age_string(age_y: float) -> str:
    """As DICOM says an age (PS3.5, AS): a newborn's in days, an infant's in months."""
    number, unit = with_unit(age_y)
    return f"{number:03}{_AGE_UNITS[unit]}"


def of_patient(
    record: EcgRecord, patient_id: str, patient: Patient, run: Mission, *, live: bool
) -> EcgRecord:
    """With what a file says of whose it is."""
    return replace(
        record,
        test=record.test or not live,
        subject=patient_id,
        case=run.incident_number,
        sex=_SEXES[patient.sex],
        age="" if patient.age_y is None else age_string(patient.age_y),
    )


def about_file(
    data: bytes,
    kind: str,
    record: EcgRecord,
    *,
    patient_id: str,
    patient: Patient,
    name: str,
    received_ms: int,
    by: str,
    org: str,
) -> ImportedEcg:
    """What is kept beside a file's bytes."""
    return ImportedEcg(
        sha256=hashlib.sha256(data).hexdigest(),
        patient_id=patient_id,
        mission_id=patient.mission_id,
        incident_id=patient.incident_id,
        name=name,
        kind=kind,
        size_bytes=len(data),
        device=record.device,
        device_ms=record.begun_ms,
        leads=tuple(lead.name for lead in record.leads),
        rate_hz=float(record.rate_hz),
        samples=record.count,
        test=record.test,
        notes=record.notes,
        received_ms=received_ms,
        by=by,
        org=org,
    )


def _cannot(error: EcgFileError) -> ProblemError:
    """The question is right; this recording cannot be had in this form."""
    return ProblemError(409, "out_of_range", error.field, error.reason)


def _file(data: bytes, stem: str, kind: str) -> Response[bytes]:
    return Response(
        data,
        media_type=_MEDIA[kind],
        headers={
            "content-disposition": f'attachment; filename="{stem}.{_ENDINGS[kind]}"',
            "cache-control": "no-store",
        },
    )
