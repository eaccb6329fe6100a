"""Video of the cabin: a run's segments, one of them to play or as a file; and from vehicles.

Rule 1: the role quality, and a hospital as long as it may read the run; everybody else gets the
        answer of a run that does not exist. Crews and dispatchers do not watch one another.
Rule 2: who watched which run is on the access log before the answer: once in `LOOK_MS`, since a
        look is many segments. Each file that is taken out is written down.
Rule 3: a vehicle carries video of its own runs only, also when its right to read them is over. The
        centre proves its hash and reads it itself.
"""

import asyncio
from typing import Annotated, Any, Final

from litestar import Response, get, post
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter
from msgspec import ValidationError, convert

from goldenhour.adapters.web.identity import EDGE, AnyRequest, access, principal_of
from goldenhour.adapters.web.image_routes import is_own
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.files import Held
from goldenhour.app.handle import fold
from goldenhour.app.uplinks import MOST_SLICE_BYTES
from goldenhour.app.video import RunVideo, SegmentOrigin, StoredSegment, VideoStore
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.wire.jt1078 import H264, H265, Kind, read_kept

WATCHERS: Final = access(Role.HOSPITAL, Role.QUALITY)
LOOK_MS: Final = 10 * MINUTE_MS
MOST_LOOKS: Final = 10_000
_ENDINGS: Final = {H264: "h264", H265: "h265"}
"""By the payload type of JT/T 1078."""


def routes(services: Services) -> list[BaseRouteHandler]:
    shown = _Shown(services)

    @get("/api/video", opt=WATCHERS)
    async def listed(request: AnyRequest, mission_id: str) -> RunVideo:
        principal = principal_of(request)
        video = await shown.of_run(principal, mission_id)
        if video is None:
            return RunVideo(segments=(), erased=0)
        segments = tuple(await video.list_segments(mission_id))
        return RunVideo(segments=segments, erased=await video.count_erased(mission_id))

    @get("/api/video/{sha256:str}/segment", opt=WATCHERS)
    async def segment(request: AnyRequest, sha256: str, mission_id: str) -> Response[bytes]:
        """As it was recorded: docs/interfaces/video.md says how its pictures lie in it."""
        principal = principal_of(request)
        _segment, data = await shown.find(principal, mission_id, sha256)
        await shown.look(principal.person_id, mission_id)
        return Response(
            data, media_type="application/octet-stream", headers={"cache-control": "no-store"}
        )

    @get("/api/video/{sha256:str}/file", opt=WATCHERS)
    async def file(request: AnyRequest, sha256: str, mission_id: str) -> Response[bytes]:
        """Its pictures alone, as any player of the codec takes them."""
        principal = principal_of(request)
        about, data = await shown.find(principal, mission_id, sha256)
        kept, _whole = await asyncio.to_thread(read_kept, data)
        await shown.log(principal.person_id, "video.export", f"{mission_id} {sha256}")
        name = f"{about.origin.begun_ms}-{about.origin.device}-{about.origin.channel}"
        ending = _ENDINGS.get(about.payload_type, "bin")
        return Response(
            b"".join(one.data for one in kept if one.kind < Kind.AUDIO),
            media_type="application/octet-stream",
            headers={
                "content-disposition": f'attachment; filename="{name}.{ending}"',
                "cache-control": "no-store",
            },
        )

    handlers: list[Any] = [listed, segment, file]
    if services.edge_centre is not None:
        handlers.append(_carried(services))
    return handlers


def _carried(services: Services) -> Any:
    @post(
        "/api/edge/video",
        opt={"access": EDGE},
        status_code=200,
        request_max_body_size=MOST_SLICE_BYTES,
    )
    async def carried(
        request: AnyRequest, offset: Annotated[int, Parameter(ge=0)], mission_id: str
    ) -> Held:
        """A part of a segment; the query is its SegmentOrigin. An empty one asks how far it is."""
        vehicle = principal_of(request)
        query = {name: value for name, value in request.query_params.items() if name != "offset"}
        try:
            origin = convert(query, SegmentOrigin, strict=False)
        except ValidationError as error:
            raise ProblemError(400, "invalid", "origin", str(error)) from error
        video = services.desk_of(vehicle).video
        if video is None or not await is_own(services, vehicle, mission_id, patient_id=""):
            raise ProblemError(404, "absent", "mission_id")
        if origin.begun_ms > services.clock.now_ms() + MINUTE_MS:
            raise ProblemError(400, "in_the_future", "begun_ms")
        held = await video.take_part(origin, offset, await request.body())
        if held.kept:
            await services.accounts.log_access(
                services.clock.now_ms(),
                vehicle.person_id,
                "video.carried",
                f"{mission_id} {origin.sha256}",
                "accepted",
            )
        return held

    return carried


async def find_run(services: Services, principal: Principal, mission_id: str) -> Mission | None:
    """Read under the asker's identity."""
    stream = f"mission:{mission_id}"
    reader, identity = services.desk_of(principal).reader, services.identity_of(principal)
    run = fold(stream, await reader.list_streams([stream], identity))
    return run if isinstance(run, Mission) else None


class _Shown:
    def __init__(self, services: Services) -> None:
        self._services = services
        self._looked: dict[tuple[str, str], int] = {}
        """Person and run -> when it was last written down."""

    async def of_run(self, principal: Principal, mission_id: str) -> VideoStore | None:
        """Where the video of a run is that this person may read."""
        if await find_run(self._services, principal, mission_id) is None:
            raise ProblemError(404, "absent", "mission_id")
        return self._services.desk_of(principal).video

    async def find(
        self, principal: Principal, mission_id: str, sha256: str
    ) -> tuple[StoredSegment, bytes]:
        video = await self.of_run(principal, mission_id)
        found = await video.find_segment(mission_id, sha256) if video else None
        if found is None:
            raise ProblemError(404, "absent", "sha256")
        return found

    async def look(self, person_id: str, mission_id: str) -> None:
        now_ms, look = self._services.clock.now_ms(), (person_id, mission_id)
        if now_ms - self._looked.get(look, -LOOK_MS) < LOOK_MS:
            return
        await self.log(person_id, "video.view", mission_id)
        if len(self._looked) >= MOST_LOOKS:
            self._looked.clear()
        self._looked[look] = now_ms

    async def log(self, person_id: str, action: str, subject: str) -> None:
        await self._services.accounts.log_access(
            self._services.clock.now_ms(), person_id, action, subject, "accepted"
        )
