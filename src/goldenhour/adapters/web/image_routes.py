"""Ultrasound pictures: a patient's list, a frame for the screen, the file; and from vehicles.

Rule 1: who may read the patient may see the pictures; everybody else gets the answer of a patient
        that does not exist.
Rule 2: who looked at which picture is on the access log before the answer.
Rule 3: a vehicle carries pictures of its own runs only, also when its right to read them is over:
        what it could not carry in time is nowhere else. The centre proves their hash and reads them
        itself.
Rule 4: what waits is nobody's yet: crew and quality who may read the run see it, to say whose it
        is, and no patient's list has it. Quality sees what waits in every case that it may read.
Rule 5: decoding takes memory and a processor: `AT_ONCE` at a time, and in threads.
"""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from msgspec import ValidationError, convert

from goldenhour.adapters.web.ecg_file_routes import READERS
from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.joined import OneRecord, list_records
from goldenhour.adapters.web.looks import Looks
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.files import Held
from goldenhour.app.handle import fold
from goldenhour.app.images import ImageOrigin, StoredImage, of_patient
from goldenhour.app.journal import SYSTEM, Envelope
from goldenhour.app.uplinks import MOST_SLICE_BYTES
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.files import list_gone, list_standing
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS
from goldenhour.wire.ultrasound import UltrasoundError, read_frame

AT_ONCE: Final = 2
PUTTERS: Final = access(Role.CREW, Role.QUALITY)
CLAIMERS: Final = access(Role.QUALITY)
WAITS_MS: Final = 90 * 24 * HOUR_MS
"""Of older runs nothing is looked for any more."""


class PatientAboard(Record):
    """A patient of the run, told apart without a name."""

    patient_id: str
    band: str
    letter: str
    sex: Sex
    age_y: float | None
    registered_ms: int


class WaitingImage(Record):
    image: StoredImage
    incident_id: str
    number: str
    call_sign: str
    candidates: tuple[PatientAboard, ...]


def routes(services: Services) -> list[BaseRouteHandler]:
    shown = _Shown(services)

    @get("/api/images", opt=READERS)
    async def listed(request: AnyRequest, patient_id: str) -> list[StoredImage]:
        return await shown.list_images(principal_of(request), patient_id)

    @get("/api/images/{sha256:str}/frame", opt=READERS)
    async def frame(
        request: AnyRequest, sha256: str, patient_id: str, number: int = 0
    ) -> Response[bytes]:
        """Counted from nought; PNG or JPEG."""
        _image, data = await shown.find(request, patient_id, sha256, "image.view")
        return await shown.drawn(data, number)

    @get("/api/images/{sha256:str}/file", opt=READERS)
    async def file(request: AnyRequest, sha256: str, patient_id: str) -> Response[bytes]:
        """The instance as the device sent it."""
        _image, data = await shown.find(request, patient_id, sha256, "image.export")
        return Response(
            data,
            media_type="application/dicom",
            headers={
                "content-disposition": f'attachment; filename="{sha256[:16]}.dcm"',
                "cache-control": "no-store",
            },
        )

    handlers: list[Any] = [listed, frame, file, *_waiting(shown)]
    if services.edge_centre is not None:
        handlers.append(_carried(services))
    return handlers


def _waiting(shown: "_Shown") -> list[Any]:
    @get("/api/images/waiting", opt=PUTTERS)
    async def waiting(request: AnyRequest, mission_id: str) -> list[StoredImage]:
        """The run's pictures of which nobody has said whose they are."""
        return await shown.list_waiting(principal_of(request), mission_id)

    @get("/api/images/waiting/{sha256:str}/frame", opt=PUTTERS)
    async def frame(request: AnyRequest, sha256: str, mission_id: str) -> Response[bytes]:
        """The first frame, to tell by it whose it is."""
        principal = principal_of(request)
        data = await shown.find_waiting(principal, mission_id, sha256)
        return await shown.drawn(data, 0)

    @get("/api/images/waiting/all", opt=CLAIMERS)
    async def everywhere(request: AnyRequest) -> list[WaitingImage]:
        """Those of every run that the asker may read, the longest waiting first."""
        return await shown.list_all_waiting(principal_of(request))

    return [waiting, everywhere, frame]


def _carried(services: Services) -> Any:
    @post(
        "/api/edge/images",
        opt={"access": EDGE},
        status_code=200,
        request_max_body_size=MOST_SLICE_BYTES,
    )
    async def carried(
        request: AnyRequest,
        offset: Annotated[int, Parameter(ge=0)],
        mission_id: str,
        patient_id: str,
    ) -> Held:
        """A part of a picture; the query is its ImageOrigin. An empty one asks how far it is."""
        vehicle = principal_of(request)
        query = {name: value for name, value in request.query_params.items() if name != "offset"}
        try:
            origin = convert(query, ImageOrigin, strict=False)
        except ValidationError as error:
            raise ProblemError(400, "invalid", "origin", str(error)) from error
        images = services.desk_of(vehicle).images
        if images is None or not await is_own(services, vehicle, mission_id, patient_id):
            raise ProblemError(404, "absent", "mission_id")
        if origin.received_ms > services.clock.now_ms() + MINUTE_MS:
            raise ProblemError(400, "in_the_future", "received_ms")
        held = await images.take_part(origin, offset, await request.body())
        if held.kept:
            await services.accounts.log_access(
                services.clock.now_ms(),
                vehicle.person_id,
                "image.carried",
                f"{mission_id} {origin.sha256}",
                "accepted",
            )
        return held

    return carried


async def is_own(services: Services, vehicle: Principal, mission_id: str, patient_id: str) -> bool:
    """The run is the vehicle's, and the patient one of it; whatever it may still read by now."""
    reader = services.desk_of(vehicle).reader
    stream = f"mission:{mission_id}"
    run = fold(stream, await reader.list_streams([stream], SYSTEM))
    if not isinstance(run, Mission) or run.unit_id != vehicle.unit_id:
        return False
    if not patient_id:
        return True
    stream = f"patient:{patient_id}"
    patient = fold(stream, await reader.list_streams([stream], SYSTEM))
    return isinstance(patient, Patient) and patient.mission_id == mission_id


class _Shown:
    def __init__(self, services: Services) -> None:
        self._services = services
        self.working = asyncio.Semaphore(AT_ONCE)
        self._looks = Looks(services)

    async def list_images(self, principal: Principal, patient_id: str) -> list[StoredImage]:
        records = await list_records(self._services, principal, patient_id)
        images = self._services.desk_of(principal).images
        if images is None:
            return []
        found: dict[str, StoredImage] = {}
        for one in records:
            for image in _own(one, await images.list_images(one.patient.mission_id)):
                found.setdefault(image.origin.sha256, image)
        return sorted(
            found.values(), key=lambda image: (image.origin.received_ms, image.origin.sha256)
        )

    async def drawn(self, data: bytes, number: int) -> Response[bytes]:
        async with self.working:
            try:
                made = await asyncio.to_thread(read_frame, data, number)
            except UltrasoundError as error:
                raise ProblemError(409, "out_of_range", error.field, error.reason) from error
        return Response(made.data, media_type=made.media, headers={"cache-control": "no-store"})

    async def list_waiting(self, principal: Principal, mission_id: str) -> list[StoredImage]:
        images = self._services.desk_of(principal).images
        waiting = (await self._run(principal, mission_id)).list_waiting()
        if images is None or not waiting:
            return []
        found = await images.list_images(mission_id)
        return [image for image in found if image.origin.sha256 in waiting]

    async def list_all_waiting(self, principal: Principal) -> list[WaitingImage]:
        services, desk = self._services, self._services.desk_of(principal)
        history, images, identity = services.history, desk.images, services.identity_of(principal)
        if history is None or images is None:
            return []
        streams = await history.list_file_runs(services.clock.now_ms() - WAITS_MS, identity)
        runs = _states(await desk.reader.list_streams(streams, identity), Mission)
        runs = {ident: run for ident, run in runs.items() if run.list_waiting()}
        cases = sorted({f"incident:{run.incident_id}" for run in runs.values()})
        inside = await history.case_streams(cases, identity)
        people = [stream for stream in inside if stream.startswith("patient:")]
        patients = _states(await desk.reader.list_streams(people, identity), Patient)
        found: list[WaitingImage] = []
        for ident, run in runs.items():
            waiting = run.list_waiting()
            found += [
                WaitingImage(
                    image=image,
                    incident_id=run.incident_id,
                    number=run.incident_number,
                    call_sign=run.call_sign,
                    candidates=_candidates(ident, run, patients),
                )
                for image in await images.list_images(ident)
                if image.origin.sha256 in waiting
            ]
        return sorted(
            found, key=lambda one: (one.image.origin.received_ms, one.image.origin.sha256)
        )

    async def find_waiting(self, principal: Principal, mission_id: str, sha256: str) -> bytes:
        images = self._services.desk_of(principal).images
        waiting = (await self._run(principal, mission_id)).list_waiting()
        found = (
            await images.find_image(mission_id, sha256) if images and sha256 in waiting else None
        )
        if found is None:
            raise ProblemError(404, "absent", "sha256")
        await self._looks.log(principal.person_id, "image.view", f"{mission_id} {sha256}")
        return found[1]

    async def _run(self, principal: Principal, mission_id: str) -> Mission:
        reader = self._services.desk_of(principal).reader
        stream = f"mission:{mission_id}"
        identity = self._services.identity_of(principal)
        run = fold(stream, await reader.list_streams([stream], identity))
        if not isinstance(run, Mission):
            raise ProblemError(404, "absent", "mission_id")
        return run

    async def find(
        self, request: AnyRequest, patient_id: str, sha256: str, action: str
    ) -> tuple[StoredImage, bytes]:
        principal = principal_of(request)
        records = await list_records(self._services, principal, patient_id)
        images = self._services.desk_of(principal).images
        for one in records:
            found = await images.find_image(one.patient.mission_id, sha256) if images else None
            if found is not None and _own(one, [found[0]]):
                await self._looks.log(principal.person_id, action, f"{patient_id} {sha256}")
                return found
        raise ProblemError(404, "absent", "sha256")


def _states[T](envelopes: Sequence[Envelope], kind: type[T]) -> dict[str, T]:
    """By id."""
    by_stream: dict[str, list[Envelope]] = {}
    for envelope in envelopes:
        by_stream.setdefault(envelope.stream, []).append(envelope)
    folded = {stream.partition(":")[2]: fold(stream, own) for stream, own in by_stream.items()}
    return {ident: state for ident, state in folded.items() if isinstance(state, kind)}


def _candidates(
    mission_id: str, run: Mission, patients: Mapping[str, Patient]
) -> tuple[PatientAboard, ...]:
    bands = {patient_id: band for band, patient_id in run.devices.bands.items()}
    found = [
        PatientAboard(
            patient_id=ident,
            band=bands.get(ident, ""),
            letter=patient.letter,
            sex=patient.sex,
            age_y=patient.age_y,
            registered_ms=patient.registered_ms,
        )
        for ident, patient in patients.items()
        if patient.mission_id == mission_id and not patient.merged_into
    ]
    return tuple(sorted(found, key=lambda one: (one.registered_ms, one.patient_id)))


def _own(one: OneRecord, images: Sequence[StoredImage]) -> list[StoredImage]:
    put = {kept.file.sha256 for kept in list_standing(one.patient.files)}
    # What a person put to one patient is nobody else's, though it came before anybody was there.
    others = one.run.put.keys() - put if one.run else frozenset[str]()
    gone = list_gone(one.patient.files) | others
    own = of_patient(images, one.patient_id, put, early=one.run is not None)
    return [image for image in own if image.origin.sha256 not in gone]
