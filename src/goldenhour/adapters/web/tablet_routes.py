"""Another tablet joins a vehicle, and the key by which a tablet seals what has no answer yet.

Rule 1: a code is good once, for two minutes, and stands behind a `#`, where no log sees it.
Rule 2: the new tablet is logged in as the same person, who vouches for it and can log it out.
Rule 3: the key of a tablet follows from the computer's own: it is given to whoever is logged in on
        it and stored nowhere, so a tablet that was logged out, or of a revoked computer, has none.
"""

from base64 import b64encode
from typing import Annotated, Any, Final

import segno
from litestar import Response, post
from litestar.handlers import BaseRouteHandler
from litestar.params import JSONBody
from msgspec import Meta

from goldenhour.adapters.web.identity import (
    PUBLIC,
    AnyRequest,
    Door,
    access,
    principal_of,
    token_hash,
)
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.adapters.web.session_routes import Session, entered
from goldenhour.app.access import Role
from goldenhour.kernel.record import Record

CODE_MS: Final = 120_000
_CODE_BYTES: Final = 16


class TabletCode(Record):
    url: str
    qr: str
    """The address as a picture: a `data:` URI."""
    expires_ms: int


class Join(Record):
    code: str


class TabletAsks(Record):
    tablet: Annotated[str, Meta(min_length=8, max_length=64)]
    """Drawn by its browser once; it opens nothing by itself."""


class TabletKey(Record):
    key: str
    """32 bytes in base64."""


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:
    invited: dict[bytes, tuple[str, int]] = {}
    """By the hash of its code: the person, and when it ends."""

    @post("/api/tablets", opt=access(Role.CREW), status_code=200)
    async def invite(request: AnyRequest) -> TabletCode:
        person_id, now_ms = principal_of(request).person_id, services.clock.now_ms()
        for old, (who, expires_ms) in list(invited.items()):
            if who == person_id or expires_ms <= now_ms:
                del invited[old]
        code = services.entropy(_CODE_BYTES).hex()
        invited[token_hash(code)] = (person_id, now_ms + CODE_MS)
        # The address that this tablet uses is one under which the vehicle can be reached.
        url = f"https://{request.headers.get('host', '')}/join#{code}"
        return TabletCode(
            url=url,
            qr=segno.make(url, error="m").svg_data_uri(scale=5),
            expires_ms=now_ms + CODE_MS,
        )

    @post("/api/session/join", opt={"access": PUBLIC}, status_code=200)
    async def join(data: JSONBody[Join]) -> Response[Session]:
        person_id, expires_ms = invited.pop(token_hash(data.code), ("", 0))
        if expires_ms <= services.clock.now_ms():
            raise ProblemError(401, "code_expired", "code")
        token, principal = await door.let_in(person_id)
        return entered(token, principal, services)

    @post("/api/tablets/key", opt=access(Role.CREW), status_code=200)
    async def key(request: AnyRequest, data: JSONBody[TabletAsks]) -> TabletKey:
        if services.tablet_key is None:
            raise ProblemError(404, "absent")
        found = services.tablet_key(principal_of(request), data.tablet)
        return TabletKey(key=b64encode(found).decode())

    handlers: list[Any] = [invite, join, key]
    return handlers
