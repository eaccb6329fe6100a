"""A NUL is no text: PostgreSQL stores none, and nobody types one.

Rule 1: whatever comes with one, in the path, the query or a JSON body, is refused with its field
        before any handler sees it.
Rule 2: what a vehicle's computer or a fallback seat sends is let through: its own door has looked,
        and what is refused here it would send again for ever.
"""

from collections.abc import Iterator
from typing import Any, Final

from litestar import Request
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.identity import EDGE, EDGES, Connection
from goldenhour.adapters.web.problems import ProblemError

_NUL: Final = "\0"
_IN_QUERY: Final = b"%00"
_IN_JSON: Final = b"\\u0000"
"""The one way to write it; this may also be the six characters themselves."""


class CheckedRequest(Request[Any, Any, Any]):
    async def json(self) -> Any:
        found = await super().json()
        by_key = self.route_handler.opt.get("access") in (EDGE, EDGES)
        if not by_key and _IN_JSON in await self.body():
            _refuse(list_fields(found))
        return found


async def refuse_nul(connection: Connection, _handler: BaseRouteHandler) -> None:
    """A guard: what stands in the address."""
    if _NUL in connection.scope["path"]:
        _refuse(name for name, text in connection.path_params.items() if _NUL in str(text))
    if _IN_QUERY in connection.scope["query_string"]:
        _refuse(name for name, text in connection.query_params.multi_items() if _NUL in text)


def list_fields(value: Any, path: str = "") -> Iterator[str]:
    """Where in a decoded JSON value a NUL stands, named as a validation's fault is."""
    match value:
        case str():
            if _NUL in value:
                yield path
        case dict():
            for key, one in value.items():
                name = key.replace(_NUL, "")
                if name != key:
                    yield f"{path}.{name}".strip(".")
                yield from list_fields(one, f"{path}.{name}".strip("."))
        case list():
            for number, one in enumerate(value):
                yield from list_fields(one, f"{path}[{number}]")


def _refuse(fields: Iterator[str]) -> None:
    field = next(fields, None)
    if field is not None:
        raise ProblemError(400, "invalid", field, "a NUL is no text")
