"""What a terminal took, in its console: the list, a picture for the screen, the file.

Rule 1: whoever may see the console may see these; who looked at which is on the access log.
Rule 2: only what begins like a JPEG or PNG is answered as a picture. Anything else is a download
        of unknown content, whatever the terminal calls it.
"""

from typing import Annotated, Any, Final

from litestar import Response, get
from litestar.handlers import BaseRouteHandler
from litestar.params import Parameter

from goldenhour.adapters.web.identity import AnyRequest, access, principal_of
from goldenhour.adapters.web.looks import Looks
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.realm import check_terminal
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Role
from goldenhour.app.terminal_media import Announced, MediaRow, TerminalMedia
from goldenhour.kernel.record import Record

ADMIN: Final = access(Role.ADMIN)
PAGE: Final = 30
LATEST_MS: Final = 2**53
"""The last that a page can count to."""
_ENDINGS: Final = {"jpeg": "jpg", "tif": "tif", "mp3": "mp3", "wav": "wav", "wmv": "wmv"}
MediaNumber = Annotated[int, Parameter(ge=0, le=0xFFFF_FFFF)]
Moment = Annotated[int, Parameter(ge=0, le=LATEST_MS)]


class MediaPage(Record):
    rows: tuple[MediaRow, ...]
    """The newest first."""
    older: bool
    """There are more, before the last of these."""
    announced: tuple[Announced, ...]
    """What the terminal said it took and has not sent; the newest first."""


def routes(services: Services) -> list[BaseRouteHandler]:
    looks = Looks(services)

    def media() -> TerminalMedia:
        if services.terminal_media is None:
            raise ProblemError(503, "no_terminals")
        return services.terminal_media

    @get("/api/admin/terminals/{phone:str}/media", opt=ADMIN)
    async def page(request: AnyRequest, phone: str, before_ms: Moment = LATEST_MS) -> MediaPage:
        await check_terminal(request, services, phone)
        rows = await media().list_newest(phone, before_ms, PAGE + 1)
        return MediaPage(
            rows=tuple(rows[:PAGE]),
            older=len(rows) > PAGE,
            announced=tuple(await media().list_announced(phone)),
        )

    @get("/api/admin/terminals/{phone:str}/media/{media_id:int}/{sha256:str}", opt=ADMIN)
    async def one(
        request: AnyRequest,
        phone: str,
        media_id: MediaNumber,
        sha256: str,
        download: bool = False,
    ) -> Response[bytes]:
        await check_terminal(request, services, phone)
        found = await media().find(phone, media_id, sha256)
        if found is None:
            raise ProblemError(404, "absent", "sha256")
        row, data = found
        deed = "export" if download or not row.media_type else "view"
        subject = f"terminal:{phone} {media_id} {sha256}"
        await looks.log(principal_of(request).person_id, f"terminal.media.{deed}", subject)
        headers = {"cache-control": "no-store"}
        if deed == "view":
            return Response(data, media_type=row.media_type, headers=headers)
        name = f"{phone}-{media_id}-{sha256[:8]}.{_ENDINGS.get(row.format, 'bin')}"
        headers["content-disposition"] = f'attachment; filename="{name}"'
        return Response(data, media_type="application/octet-stream", headers=headers)

    handlers: list[Any] = [page, one]
    return handlers
