"""Errors on the wire: `application/problem+json` with a stable code and the field at fault."""

from typing import Any

import msgspec
import structlog
from litestar import Request, Response
from litestar.exceptions import HTTPException, ValidationException

from goldenhour.app.journal import StoreFullError
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

MEDIA_TYPE = "application/problem+json"
_log = structlog.get_logger(__name__)


AnyRequest = Request[Any, Any, Any]


class Problem(Record):
    type: str
    title: str
    status: int
    code: str
    field: str
    detail: str


class ProblemError(Exception):
    """Raised by a handler; the answer is a Problem."""

    def __init__(self, status: int, code: str, field: str = "", detail: str = "") -> None:
        super().__init__(code)
        self.problem = Problem(
            type=f"urn:goldenhour:problem:{code}",
            title=code.replace("_", " "),
            status=status,
            code=code,
            field=field,
            detail=detail,
        )


def refused(refusal: Refused) -> ProblemError:
    return ProblemError(409, refusal.code, refusal.field, refusal.detail)


def _answer(request: AnyRequest, problem: Problem) -> Response[bytes]:
    """With the application's own headers, which the framework adds to a handler's answer only."""
    headers = {header.name: header.value or "" for header in request.app.response_headers or ()}
    return Response(
        msgspec.json.encode(problem),
        status_code=problem.status,
        media_type=MEDIA_TYPE,
        headers=headers,
    )


def on_problem(request: AnyRequest, error: ProblemError) -> Response[bytes]:
    return _answer(request, error.problem)


def on_invalid(request: AnyRequest, error: ValidationException) -> Response[bytes]:
    """A body or parameter that does not fit: the first fault, with its path."""
    extra = error.extra
    first = extra[0] if isinstance(extra, list) and extra else {}
    field = str(first.get("key", "")) if isinstance(first, dict) else ""
    detail = str(first.get("message", error.detail)) if isinstance(first, dict) else error.detail
    return _answer(request, ProblemError(400, "invalid", field, detail).problem)


def on_http(request: AnyRequest, error: HTTPException) -> Response[bytes]:
    codes = {401: "no_session", 403: "not_allowed", 404: "absent", 405: "method_not_allowed"}
    code = codes.get(error.status_code, "http_error")
    return _answer(request, ProblemError(error.status_code, code).problem)


def on_full(request: AnyRequest, error: StoreFullError) -> Response[bytes]:
    """The person reads that nothing was kept and why; the page keeps what was typed."""
    _log.error("web.disk_full", error=str(error))
    return _answer(request, ProblemError(507, "disk_full").problem)


HANDLERS: dict[int | type[Exception], Any] = {
    ProblemError: on_problem,
    StoreFullError: on_full,
    ValidationException: on_invalid,
    HTTPException: on_http,
}
