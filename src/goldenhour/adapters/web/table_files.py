"""Tables that come and go as files."""

import asyncio
from collections.abc import Sequence
from typing import Final, Literal

from litestar import Response

from goldenhour.adapters.web.identity import AnyRequest
from goldenhour.adapters.web.problems import ProblemError
from goldenhour.wire.tables import (
    MOST_BYTES,
    Line,
    TableError,
    TableProblem,
    read_table,
    write_table,
    write_workbook,
)

Form = Literal["csv", "xlsx"]
_MEDIA: Final[dict[Form, str]] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


async def read_lines(request: AnyRequest) -> list[Line]:
    """The lines of the file that is the request's body."""
    data = await _body(request)
    try:
        # A workbook takes a second, and everybody else is waiting for this loop.
        return await asyncio.to_thread(read_table, data)
    except TableError as error:
        raise ProblemError(400, error.problem, "file", error.detail) from error


async def _body(request: AnyRequest) -> bytes:
    """No more of it than a table may have, whatever length was announced."""
    found = bytearray()
    async for chunk in request.stream():
        found += chunk
        if len(found) > MOST_BYTES:
            raise ProblemError(413, TableProblem.TOO_LONG, "file", f"{MOST_BYTES // 1_000_000} MB")
    return bytes(found)


def file_of(name: str, rows: Sequence[Sequence[str]], form: Form = "csv") -> Response[bytes]:
    return Response(
        write_table(rows) if form == "csv" else write_workbook(rows),
        media_type=_MEDIA[form],
        headers={"content-disposition": f'attachment; filename="{name}.{form}"'},
    )
