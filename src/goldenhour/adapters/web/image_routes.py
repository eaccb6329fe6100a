"""Ultrasound pictures: a patient's list, a frame for the screen, the file; and from vehicles.

Rule 1: who may read the patient may see the pictures; everybody else gets the answer of a patient
        that does not exist.
Rule 2: who looked at which picture is on the access log before the answer.
Rule 3: a vehicle carries pictures of its own runs only. The centre proves their hash and reads them
        itself.
Rule 4: what waits is nobody's yet: crew and quality who may read the run see it, to say whose it
        is, and no patient's list has it.
Rule 5: decoding takes memory and a processor: `AT_ONCE` at a time, and in threads.
"""

import asyncio
from collections.abc import Sequence
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
from goldenhour.app.uplinks import MOST_SLICE_BYTES
from goldenhour.domain.care.files import list_withdrawn
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.wire.ultrasound import UltrasoundError, read_frame

AT_ONCE: Final = 2
PUTTERS: Final = access(Role.CREW, Role.QUALITY)


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

    return [waiting, frame]


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
    """The run is the vehicle's, and the patient one of it."""
    reader, identity = services.desk_of(vehicle).reader, services.identity_of(vehicle)
    stream = f"mission:{mission_id}"
    run = fold(stream, await reader.list_streams([stream], identity))
    if not isinstance(run, Mission) or run.unit_id != vehicle.unit_id:
        return False
    if not patient_id:
        return True
    stream = f"patient:{patient_id}"
    patient = fold(stream, await reader.list_streams([stream], identity))
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


def _own(one: OneRecord, images: Sequence[StoredImage]) -> list[StoredImage]:
    gone = list_withdrawn(one.patient.files)
    put = {kept.file.sha256 for kept in one.patient.files}
    own = of_patient(images, one.patient_id, put, early=one.run is not None)
    return [image for image in own if image.origin.sha256 not in gone]
