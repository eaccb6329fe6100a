"""What a simulated actor knows of the platform: the interface that people use, and nothing else.

Rule 1: a command keeps its pair (installation, sequence) until the platform has answered for it,
so a broken link repeats a deed and never doubles it.
Rule 2: an actor is patient. A platform that is away, restarting or not letting it in yet is asked
again, more and more seldom; only a request that can never succeed raises.
Rule 3: silence is not calm. A live view that says nothing for `SILENCE_S` is given up and resumed
after the last delivery that was seen.
"""

import asyncio
import ssl
from collections.abc import AsyncGenerator, Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import httpx
import msgspec
import structlog
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus, WebSocketException

from goldenhour.app.journal import Outcome
from goldenhour.app.ports import Clock
from goldenhour.domain.commands import Command
from goldenhour.kernel.ids import Entropy, Id, uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, NumericSet
from goldenhour.views.rows import Row, UnrecordedRow

_log = structlog.get_logger(__name__)

SILENCE_S: Final = 6.0
_KEEP_S: Final = 60.0
_TIMEOUT_S: Final = 10.0
_LONGEST_PAUSE: Final = 64
"""In units of the shortest."""
_LARGEST_MESSAGE_BYTES: Final = 64 * 1024 * 1024
_DOORS: Final = asyncio.Semaphore(4)
"""So many actors of a process come in at once: checking a password is dear, and a crowd at the door
would keep itself out."""
_LOGGED_OUT: Final = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
"""A server that refuses a handshake knows no better word than 403."""


class CrewAccount(Record):
    """Where a unit's own computer serves its crew, and as whom to log in there."""

    unit_id: str
    base_url: str
    username: str
    password: str


class Session(Record, forbid_unknown_fields=False):
    """As much of it as an actor needs."""

    person_id: str
    name: str
    unit_id: str


class ApiError(Exception):
    """The platform says that a request can never succeed, or answers out of contract."""

    def __init__(self, code: str, *, status: int = 0, field: str = "", detail: str = "") -> None:
        super().__init__(f"{status} {code} {field} {detail}".strip())
        self.code = code
        self.status = status
        self.field = field


class EndedError(Exception):
    """The platform has ended the session."""


class _Problem(Record, forbid_unknown_fields=False):
    code: str
    field: str = ""
    detail: str = ""


class _Snapshot(Record, tag="snapshot", tag_field="type"):
    at: int
    rows: tuple[Row, ...]


class _Patch(Record, tag="patch", tag_field="type"):
    at: int
    put: tuple[Row, ...]
    drop: tuple[tuple[str, str], ...]


class _Fixes(Record, tag="fixes", tag_field="type"):
    fixes: tuple[Fix, ...]
    doubted: tuple[str, ...]


class _Numerics(Record, tag="numerics", tag_field="type"):
    numerics: tuple[NumericSet, ...]


class _Unrecorded(Record, tag="unrecorded", tag_field="type"):
    alarms: tuple[UnrecordedRow, ...]


class _Ping(Record, tag="ping", tag_field="type"):
    server_ms: int
    delivery: int


class _Ended(Record, tag="ended", tag_field="type"):
    code: str


Message = _Snapshot | _Patch | _Fixes | _Numerics | _Unrecorded | _Ping | _Ended
_MESSAGE: Final = msgspec.json.Decoder[Message](Message)


class Live:
    """A live view as it stands: whole rows by table, and the newest fix of each unit."""

    def __init__(self, rows: Iterable[Row] = (), fixes: Iterable[Fix] = ()) -> None:
        self.at: int | None = None
        self.fixes: dict[str, Fix] = {}
        self._tables: dict[str, dict[str, Row]] = {}
        self._put(rows)
        self._fix(fixes)

    def list_rows[T: Record](self, of: type[T]) -> list[T]:
        table = self._tables.get(str(of.__struct_config__.tag), {})
        return [row for row in table.values() if isinstance(row, of)]

    def find_row[T: Record](self, of: type[T], ident: str) -> T | None:
        row = self._tables.get(str(of.__struct_config__.tag), {}).get(ident)
        return row if isinstance(row, of) else None

    def take(self, message: Message) -> bool:
        """Folds one message; whether an actor could see a difference. Raises EndedError."""
        match message:
            case _Snapshot():
                self._tables.clear()
                self._put(message.rows)
                self.at = message.at
            case _Patch():
                self.fold(message.put, message.drop)
                self.at = message.at
            case _Fixes():
                self._fix(message.fixes)
            case _Ended():
                raise EndedError(message.code)
            case _:
                return False
        return True

    def fold(self, put: Iterable[Row], drop: Iterable[tuple[str, str]]) -> None:
        self._put(put)
        for table, ident in drop:
            self._tables.get(table, {}).pop(ident, None)

    def _put(self, rows: Iterable[Row]) -> None:
        for row in rows:
            self._tables.setdefault(str(row.__struct_config__.tag), {})[row.id] = row

    def _fix(self, fixes: Iterable[Fix]) -> None:
        self.fixes |= {fix.unit_id: fix for fix in fixes}


class ApiClient:
    """One person's or gateway's way in. Use it as a context; log in before anything else."""

    def __init__(
        self,
        base_url: str,
        *,
        ca_file: Path | None,
        entropy: Entropy,
        clock: Clock,
        retry_s: float = 0.5,
    ) -> None:
        """`ca_file` None: trust what the machine trusts. `retry_s` is the shortest pause."""
        self._entropy = entropy
        self._clock = clock
        self._retry_s = retry_s
        self._live_url = base_url.replace("http", "ws", 1) + "/api/live"
        self._tls = ssl.create_default_context(cafile=ca_file)
        self._http = httpx.AsyncClient(
            base_url=base_url,
            verify=self._tls,
            timeout=_TIMEOUT_S,
            trust_env=False,
            limits=httpx.Limits(keepalive_expiry=_KEEP_S),
        )
        self._installation = self.new_id()
        self._sequence = 0
        self._credentials = b""
        self._session: Session | None = None
        self._logging_in = asyncio.Lock()
        self._log = _log.bind(platform=base_url)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    def new_id(self) -> Id:
        return uuid7(self._clock.now_ms(), self._entropy)

    async def login(self, username: str, password: str) -> Session:
        """Returns when it has been let in; a vehicle's roster may come later than its crew."""
        self._credentials = msgspec.json.encode(
            {"username": username, "password": password, "totp": ""}
        )
        return await self._log_in(None)

    async def send(self, command: Command) -> Outcome | Refused:
        """Returns when the platform has answered. Raises ApiError."""
        self._sequence += 1
        body = msgspec.json.encode(
            {
                "installation": self._installation,
                "sequence": self._sequence,
                "command": command,
            }
        )
        failures = 0
        while True:
            try:
                response = await self._request("POST", "/api/commands", body)
            except httpx.TransportError as error:
                reason = type(error).__name__
            else:
                if not _passes(response.status_code):
                    if response.status_code == HTTPStatus.CONFLICT:
                        problem = _problem_of(response)
                        return Refused(
                            code=problem.code, field=problem.field, detail=problem.detail
                        )
                    return _decode(response, Outcome)
                reason = str(response.status_code)
            self._log.info("simulator.command_unanswered", reason=reason)
            failures = await self._pause(failures)

    async def get[T](self, path: str, params: Mapping[str, str], of: type[T]) -> T:
        """One query, asked once; who gets no answer has to do without. Raises ApiError."""
        try:
            response = await self._request("GET", path, params=params)
        except httpx.TransportError as error:
            raise ApiError("unreachable", detail=type(error).__name__) from error
        return _decode(response, of)

    async def live(self, view: str) -> AsyncGenerator[Live]:
        """The view after each change, for ever; always the same object. Close it (`aclosing`)."""
        state = Live()
        failures = 0
        while True:
            session = self._session
            assert session is not None, "log in first"
            try:
                async with _DOORS:
                    opened = await connect(
                        self._address(view, session, state.at),
                        additional_headers={"Cookie": self._cookies()},
                        ssl=self._tls if self._live_url.startswith("wss") else None,
                        proxy=None,
                        ping_interval=None,  # the platform gives a sign of life by itself
                        open_timeout=_TIMEOUT_S,
                        max_size=_LARGEST_MESSAGE_BYTES,
                    )
                async with opened as socket:
                    while True:
                        async with asyncio.timeout(SILENCE_S):
                            changed = state.take(_MESSAGE.decode(await socket.recv()))
                        failures = 0
                        if changed:
                            yield state
            except (
                OSError,
                TimeoutError,
                WebSocketException,
                msgspec.DecodeError,
                EndedError,
            ) as error:
                self._log.info("simulator.live_lost", reason=f"{type(error).__name__}: {error}")
                if _logged_out(error):
                    # Rights may have changed, so the view begins anew.
                    state.at = None
                    await self._log_in(session)
            failures = await self._pause(failures)

    def _address(self, view: str, session: Session, after: int | None) -> str:
        params = {"view": view}
        if session.unit_id:
            params["unit"] = session.unit_id
        if after is not None:
            params["after"] = str(after)
        return f"{self._live_url}?{httpx.QueryParams(params)}"

    def _cookies(self) -> str:
        return "; ".join(f"{c.name}={c.value}" for c in self._http.cookies.jar)

    async def _request(
        self, method: str, path: str, body: bytes = b"", params: Mapping[str, str] | None = None
    ) -> httpx.Response:
        """Logs in again when the session has ended meanwhile. Raises httpx.TransportError."""
        session = self._session
        headers = {"Content-Type": "application/json"} if body else None

        async def ask() -> httpx.Response:
            return await self._http.request(
                method, path, content=body or None, params=params, headers=headers
            )

        response = await ask()
        if response.status_code == HTTPStatus.UNAUTHORIZED:
            await self._log_in(session)
            response = await ask()
        return response

    async def _log_in(self, expired: Session | None) -> Session:
        """A new session in the place of the expired one, whoever notices first."""
        assert self._credentials, "log in first"
        failures = 0
        async with self._logging_in:
            while self._session is expired or self._session is None:
                try:
                    async with _DOORS:
                        response = await self._http.post(
                            "/api/session",
                            content=self._credentials,
                            headers={"Content-Type": "application/json"},
                        )
                    self._session = _decode(response, Session)
                except (httpx.TransportError, ApiError) as error:
                    self._log.warning("simulator.not_let_in", reason=str(error))
                    failures = await self._pause(failures)
            return self._session

    async def _pause(self, failures: int) -> int:
        """Each pause twice as long as the one before, spread so that no herd comes back at once."""
        spread = 0.5 + self._entropy(1)[0] / 512
        await asyncio.sleep(self._retry_s * min(2**failures, _LONGEST_PAUSE) * spread)
        return failures + 1


def _passes(status: int) -> bool:
    """Whether this trouble passes by itself."""
    return status >= HTTPStatus.INTERNAL_SERVER_ERROR or status == HTTPStatus.TOO_MANY_REQUESTS


def _logged_out(error: Exception) -> bool:
    return isinstance(error, EndedError) or (
        isinstance(error, InvalidStatus) and error.response.status_code in _LOGGED_OUT
    )


def _problem_of(response: httpx.Response) -> _Problem:
    try:
        return msgspec.json.decode(response.content, type=_Problem)
    except msgspec.DecodeError:
        return _Problem(code="no_problem_body")


def _decode[T](response: httpx.Response, of: type[T]) -> T:
    """Raises ApiError."""
    if not response.is_success:
        problem = _problem_of(response)
        raise ApiError(
            problem.code,
            status=response.status_code,
            field=problem.field,
            detail=problem.detail,
        )
    try:
        return msgspec.json.decode(response.content, type=of)
    except msgspec.DecodeError as error:
        raise ApiError("out_of_contract", status=response.status_code, detail=str(error)) from error
