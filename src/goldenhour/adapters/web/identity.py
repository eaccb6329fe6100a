"""Who is asking: sessions, second factor, and the access that every route declares.

Rule 1: a route without a declared access does not start (`require_declared`).
Rule 2: the cookie is random and only its hash is stored; it is looked up again after `CACHE_MS`,
        and a vehicle's key too, so what is revoked ends within 5 s, open sockets included.
Rule 3: a wrong name and a wrong password take the same time and give the same answer.
"""

import asyncio
import hashlib
from typing import Any, Final

import pyotp
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from litestar import Request, WebSocket
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from goldenhour.adapters.web.problems import ProblemError
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal, Role
from goldenhour.app.accounts import Device, Person
from goldenhour.app.devices import NODE, SEAT
from goldenhour.kernel.ids import Entropy

SESSION_MS: Final = 12 * 3_600_000
CACHE_MS: Final = 2_000
SEEN_EVERY_MS: Final = 30_000
TOKEN_LENGTH: Final = 32
MAX_ATTEMPTS: Final = 8
MAX_NAMES: Final = 10_000
"""Names whose attempts are counted at once: a bound on memory."""
ATTEMPTS_WINDOW_MS: Final = 60_000

PUBLIC: Final = "public"
ANYONE: Final = "anyone"
"""Every role with a session."""
EDGE: Final = "edge"
"""A vehicle's computer, by its own key."""
EDGES: Final = "edges"
"""A vehicle's computer or a centre's fallback seat."""
NODES: Final = "nodes"
"""Another node, by its own key."""

_BY_KEY: Final[dict[object, frozenset[Role]]] = {
    EDGE: frozenset({Role.VEHICLE}),
    EDGES: frozenset({Role.VEHICLE, Role.SEAT}),
    NODES: frozenset({Role.NODE}),
}

MIN_PASSWORD: Final = 12
MAX_PASSWORD: Final = 200
MAX_USERNAME: Final = 64

Connection = ASGIConnection[Any, Any, Any, Any]

_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)
"""OWASP's lowest recommended argon2id cost: 40 seats log in at once after a shift change."""
_NOBODY = _HASHER.hash("nobody has this password")


class UndeclaredRouteError(RuntimeError):
    """A route states no access; the product refuses to start."""


def access(*roles: Role) -> dict[str, Any]:
    """The `opt` of a route that these roles may use."""
    return {"access": frozenset(roles)}


def require_declared(handlers: list[BaseRouteHandler]) -> None:
    for handler in handlers:
        if "access" not in handler.opt:
            raise UndeclaredRouteError(f"{sorted(handler.paths)} declares no access")


def hash_password(password: str) -> str:
    return _HASHER.hash(password)


def _verify(password_hash: str, password: str) -> bool:
    try:
        return _HASHER.verify(password_hash, password)
    except (VerificationError, InvalidHashError):
        return False


def new_totp_secret(entropy: Entropy) -> str:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
    return "".join(alphabet[byte % 32] for byte in entropy(32))


def principal_of_person(person: Person) -> Principal:
    return Principal(
        person_id=person.id,
        name=person.name,
        role=person.role,
        org=person.org,
        seat=person.seat,
        unit_id=person.unit_id,
        hospital_id=person.hospital_id,
        physician=person.physician,
    )


class Door:
    """Logs in, recognises and logs out."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._cache: dict[bytes, tuple[int, Principal | None]] = {}
        self._attempts: dict[str, list[int]] = {}
        self._seen: dict[str, int] = {}
        """When each vehicle's computer was last written down as seen."""
        self._vehicles: dict[str, Device] = {}
        """Their computers by the hash of the key, as they were at `_vehicles_ms`."""
        self._vehicles_ms: int | None = None
        self._reading = asyncio.Lock()

    async def log_in(self, username: str, password: str, totp: str) -> tuple[str, Principal]:
        """The cookie's value and who it stands for; raises ProblemError."""
        now_ms = self._services.clock.now_ms()
        self._count_attempt(username, now_ms)
        person = await self._services.accounts.find_username(username)
        known_hash = person.password_hash if person else _NOBODY
        right = await asyncio.to_thread(_verify, known_hash, password)
        if person is None or not right or not person.active:
            await self._log(username, "refused")
            raise ProblemError(401, "bad_credentials")
        skips = person.demo and bool(self._services.demo_accounts)
        if person.demo and not skips:
            await self._log(username, "demo_refused")
            raise ProblemError(401, "bad_credentials")
        if not skips:
            await self._check_totp(person, totp, now_ms)
        token = await self._open_session(person, now_ms)
        await self._log(username, "accepted")
        self._attempts.pop(username, None)
        if self._services.learn_password is not None:
            await self._services.learn_password(person, password)
        return token, principal_of_person(person)

    async def let_in(self, person_id: str) -> tuple[str, Principal]:
        """As `log_in`, for somebody who is vouched for in another way; raises ProblemError."""
        person = await self._services.accounts.find_person(person_id)
        if person is None or not person.active:
            raise ProblemError(401, "no_session")
        token = await self._open_session(person, self._services.clock.now_ms())
        await self._log(person.username, "joined")
        return token, principal_of_person(person)

    async def _open_session(self, person: Person, now_ms: int) -> str:
        token = self._services.entropy(TOKEN_LENGTH).hex()
        await self._services.accounts.open_session(
            token_hash(token), person.id, now_ms, now_ms + SESSION_MS
        )
        return token

    async def _check_totp(self, person: Person, totp: str, now_ms: int) -> None:
        if not person.totp_secret:
            # Nobody works without a second factor: an administrator sets one up first.
            await self._log(person.username, "no_second_factor")
            raise ProblemError(401, "totp_not_set_up")
        if not totp:
            raise ProblemError(401, "totp_required")
        if not pyotp.TOTP(person.totp_secret).verify(totp, for_time=now_ms // 1000, valid_window=1):
            await self._log(person.username, "totp_wrong")
            raise ProblemError(401, "totp_wrong")

    def _count_attempt(self, username: str, now_ms: int) -> None:
        recent = [at for at in self._attempts.get(username, []) if now_ms - at < ATTEMPTS_WINDOW_MS]
        if len(recent) >= MAX_ATTEMPTS:
            raise ProblemError(429, "too_many_attempts")
        if len(self._attempts) > MAX_NAMES:
            self._attempts.clear()
        self._attempts[username] = [*recent, now_ms]

    async def _log(self, username: str, outcome: str) -> None:
        await self._services.accounts.log_access(
            self._services.clock.now_ms(), username, "log_in", "", outcome
        )

    async def find_principal(self, connection: Connection) -> Principal | None:
        token = connection.cookies.get(self._services.cookie)
        if not token:
            return None
        digest = token_hash(token)
        now_ms = self._services.clock.now_ms()
        known = self._cache.get(digest)
        if known and now_ms - known[0] < CACHE_MS:
            return known[1]
        person = await self._services.accounts.find_session(digest, now_ms)
        principal = principal_of_person(person) if person else None
        if len(self._cache) > 10_000:  # noqa: PLR2004 (a bound on memory, not a rule)
            self._cache.clear()
        self._cache[digest] = (now_ms, principal)
        return principal

    async def find_computer(self, connection: Connection) -> Device | None:
        """Whose key this is, revoked or not."""
        _installation, key = _edge_credentials(connection)
        if not key:
            return None
        digest = hashlib.sha256(key.encode()).hexdigest()
        return await self._find_computer(digest, self._services.clock.now_ms())

    async def find_vehicle(self, connection: Connection) -> Principal | None:
        """A vehicle's computer, or a fallback seat, that may speak."""
        device = await self.find_computer(connection)
        if device is None or not device.enabled:
            return None
        now_ms = self._services.clock.now_ms()
        if now_ms - self._seen.get(device.id, 0) >= SEEN_EVERY_MS:
            self._seen[device.id] = now_ms
            await self._services.accounts.saw_devices([device.id], now_ms)
        installation = _edge_credentials(connection)[0]
        if device.kind in (SEAT, NODE):
            return Principal(
                person_id=installation,
                name=device.seat,
                role=Role.SEAT if device.kind == SEAT else Role.NODE,
                org=device.org,
                seat=device.seat,
                unit_id="",
                hospital_id="",
            )
        return Principal(
            person_id=installation,
            name=device.unit_id,
            role=Role.VEHICLE,
            org=f"unit:{device.unit_id}",
            seat=device.unit_id,
            unit_id=device.unit_id,
            hospital_id="",
        )

    async def _find_computer(self, digest: str, now_ms: int) -> Device | None:
        """Every vehicle asks every two seconds; one look at the table serves them all.

        One that is not in it may have been registered since.
        """
        async with self._reading:
            old = self._vehicles_ms is None or now_ms - self._vehicles_ms >= CACHE_MS
            if old or digest not in self._vehicles:
                accounts = self._services.accounts
                kinds = [await accounts.list_devices(kind) for kind in ("edge", SEAT, NODE)]
                self._vehicles = {device.id: device for devices in kinds for device in devices}
                self._vehicles_ms = now_ms
        return self._vehicles.get(digest)

    async def log_out(self, connection: Connection) -> None:
        token = connection.cookies.get(self._services.cookie)
        if token:
            now_ms = self._services.clock.now_ms()
            await self._services.accounts.close_session(token_hash(token), now_ms)
            self._cache.pop(token_hash(token), None)

    def forget(self) -> None:
        """After rights were changed here: the next request looks again."""
        self._cache.clear()
        self._vehicles_ms = None

    async def guard(self, connection: Connection, handler: BaseRouteHandler) -> None:
        """The first wall, before every handler."""
        needed = handler.opt["access"]
        if needed == PUBLIC:
            return
        if isinstance(connection, WebSocket):
            refuse_foreign_origin(connection)
        by_key = needed in _BY_KEY
        principal = await (
            self.find_vehicle(connection) if by_key else self.find_principal(connection)
        )
        if principal is None:
            # A computer must know for certain that it was revoked before it forgets its keys.
            revoked = by_key and await self.find_computer(connection) is not None
            raise ProblemError(401, "device_revoked" if revoked else "no_session")
        allowed = _BY_KEY[needed] if by_key else needed
        if needed != ANYONE and principal.role not in allowed:
            raise ProblemError(403, "not_allowed")
        connection.state.principal = principal


def _edge_credentials(connection: Connection) -> tuple[str, str]:
    """(installation, key) of `Authorization: Edge INSTALLATION:KEY`; empty where there are none."""
    scheme, _, rest = connection.headers.get("authorization", "").partition(" ")
    installation, _, key = rest.partition(":")
    return (installation, key) if scheme == "Edge" and installation and key else ("", "")


def refuse_foreign_origin(connection: Connection) -> None:
    """A browser tells the page's origin; a page of somebody else may not open our sockets."""
    origin = connection.headers.get("origin")
    host = connection.headers.get("host", "")
    if origin and origin.partition("://")[2] != host:
        raise ProblemError(403, "not_allowed", "origin")


def principal_of(connection: Connection) -> Principal:
    found: Principal = connection.state.principal
    return found


def token_hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


AnyRequest = Request[Any, Any, Any]
