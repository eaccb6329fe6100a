"""The centre's map for vehicles' computers (`app/maps.py`): what there is, and slices of it."""

from typing import Annotated, Any

import msgspec
from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.identity import EDGE
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.maps import MOST_SLICE_BYTES

Sha256 = Annotated[str, Parameter(pattern="^[0-9a-f]{64}$")]


def routes(services: Services) -> list[BaseRouteHandler]:
    @get("/api/edge/map", opt={"access": EDGE})
    async def offer() -> Response[bytes]:
        """`MapOffer`; no content where this centre has no map."""
        found = await services.maps.find_offer() if services.maps else None
        if found is None:
            return Response(b"", status_code=204)
        return Response(msgspec.json.encode(found), media_type="application/json")

    @get("/api/edge/map/file", opt={"access": EDGE})
    async def part(
        sha256: Sha256,
        offset: Annotated[int, Parameter(ge=0)] = 0,
        size: Annotated[int, Parameter(ge=1, le=MOST_SLICE_BYTES)] = MOST_SLICE_BYTES,
    ) -> Response[bytes]:
        found = await services.maps.read(sha256, offset, size) if services.maps else None
        if found is None:
            raise ProblemError(404, "absent", "sha256")
        return Response(found, media_type="application/octet-stream")

    handlers: list[Any] = [offer, part]
    return handlers
