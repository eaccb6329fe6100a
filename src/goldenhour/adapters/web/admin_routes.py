"""The administrator's page: people and their second factors, organisations.

Rule 1: an administrator keeps to their own organisation and what is below it (`realm`).
Rule 2: nobody gives themselves another role or organisation, nor shuts themselves out.
"""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

import pyotp
import segno
from litestar import get, patch, post
from litestar.handlers import BaseRouteHandler
from litestar.params import FromPath, JSONBody
from msgspec import UNSET, Meta, UnsetType
from msgspec.structs import replace

from goldenhour.adapters.web.identity import (
    MAX_PASSWORD,
    MIN_PASSWORD,
    AnyRequest,
    Door,
    access,
    hash_password,
    new_totp_secret,
    principal_of,
)
from goldenhour.adapters.web.problems import ProblemError, refused
from goldenhour.adapters.web.realm import Realm, realm_of
from goldenhour.adapters.web.services import Services
from goldenhour.app import organisations
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Person, SessionSummary
from goldenhour.app.handle import fold
from goldenhour.app.organisations import Made
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.ids import uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

Password = Annotated[str, Meta(min_length=MIN_PASSWORD, max_length=MAX_PASSWORD)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
_CHANGED = ("name", "role", "org", "seat", "unit_id", "hospital_id", "active", "physician")
Log = Callable[[AnyRequest, str, str], Awaitable[None]]


class NewPerson(Record):
    username: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9._-]{1,39}$")]
    name: Name
    role: Role
    org: str
    password: Password
    seat: str = ""
    unit_id: str = ""
    hospital_id: str = ""
    physician: bool = False


class PersonChange(Record):
    name: Name | UnsetType = UNSET
    role: Role | UnsetType = UNSET
    org: str | UnsetType = UNSET
    seat: str | UnsetType = UNSET
    unit_id: str | UnsetType = UNSET
    hospital_id: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET
    physician: bool | UnsetType = UNSET
    password: Password | UnsetType = UNSET


class PersonRow(Record):
    person_id: str
    username: str
    name: str
    role: str
    org: str
    seat: str
    unit_id: str
    hospital_id: str
    active: bool
    physician: bool
    has_totp: bool
    demo: bool
    last_seen_ms: int | None
    sessions: int


class NewOrganisation(Record):
    kind: Made
    parent: str
    name: Name
    name_en: Annotated[str, Meta(max_length=100)] = ""


class OrganisationChange(Record):
    id: str
    """In the body, since an organisation of a real map has a slash in its id."""
    name: Name | UnsetType = UNSET
    name_en: Annotated[str, Meta(max_length=100)] | UnsetType = UNSET
    parent: str | UnsetType = UNSET
    closed: bool | UnsetType = UNSET


class NewTotp(Record):
    secret: str
    uri: str
    qr_svg: str


def routes(services: Services, door: Door) -> list[BaseRouteHandler]:  # noqa: PLR0915 (one small handler a route)
    accounts = services.accounts
    admin = access(Role.ADMIN)

    async def get_person(request: AnyRequest, person_id: str) -> Person:
        person = await accounts.find_person(person_id)
        if person is None or not realm_of(request, services).keeps(person.org):
            raise ProblemError(404, "absent", "person_id")
        return person

    async def log(request: AnyRequest, action: str, subject: str) -> None:
        now_ms = services.clock.now_ms()
        await accounts.log_access(
            now_ms, principal_of(request).person_id, action, subject, "accepted"
        )

    @get("/api/admin/people", opt=admin)
    async def people(request: AnyRequest) -> list[PersonRow]:
        realm = realm_of(request, services)
        summaries = await accounts.list_sessions(services.clock.now_ms())
        sessions = {summary.person_id: summary for summary in summaries}
        return [
            _row(p, sessions.get(p.id)) for p in await accounts.list_people() if realm.keeps(p.org)
        ]

    @post("/api/admin/people", opt=admin)
    async def add(request: AnyRequest, data: JSONBody[NewPerson]) -> PersonRow:
        realm = realm_of(request, services)
        _check_org(realm, data.org)
        _check_unit(realm, data.unit_id)
        if await accounts.find_username(data.username):
            raise ProblemError(409, "exists", "username")
        now_ms = services.clock.now_ms()
        person = Person(
            id=uuid7(now_ms, services.entropy),
            username=data.username,
            name=data.name,
            role=data.role,
            org=data.org,
            seat=data.seat,
            unit_id=data.unit_id,
            hospital_id=data.hospital_id,
            password_hash=await asyncio.to_thread(hash_password, data.password),
            totp_secret="",
            active=True,
            demo=False,
            physician=data.physician,
        )
        await accounts.put_person(person, now_ms)
        await log(request, "person.add", person.id)
        return _row(person, None)

    @patch("/api/admin/people/{person_id:str}", opt=admin)
    async def change(
        request: AnyRequest, person_id: FromPath[str], data: JSONBody[PersonChange]
    ) -> PersonRow:
        person, realm = await get_person(request, person_id), realm_of(request, services)
        changes = {name: value for name in _CHANGED if (value := getattr(data, name)) is not UNSET}
        if "org" in changes:
            _check_org(realm, changes["org"])
        if changes.get("unit_id", person.unit_id) != person.unit_id:
            _check_unit(realm, changes["unit_id"])
        if person_id == principal_of(request).person_id:
            for name in ("active", "role", "org"):
                if changes.get(name, getattr(person, name)) != getattr(person, name):
                    raise ProblemError(409, "not_yourself", name)
        if data.password is not UNSET:
            changes["password_hash"] = await asyncio.to_thread(hash_password, data.password)
        changed = replace(person, **changes)
        now_ms = services.clock.now_ms()
        await accounts.put_person(changed, now_ms)
        # Changed rights begin with a new session; the old ones end on every screen.
        await accounts.revoke_sessions(person_id, now_ms)
        door.forget()
        await log(request, "person.change", person_id)
        return _row(changed, None)

    @post("/api/admin/people/{person_id:str}/totp", opt=admin)
    async def totp(request: AnyRequest, person_id: FromPath[str]) -> NewTotp:
        person = await get_person(request, person_id)
        secret = new_totp_secret(services.entropy)
        await accounts.put_person(replace(person, totp_secret=secret), services.clock.now_ms())
        await log(request, "person.totp", person_id)
        uri = pyotp.TOTP(secret).provisioning_uri(name=person.username, issuer_name="GoldenHour")
        return NewTotp(secret=secret, uri=uri, qr_svg=segno.make(uri).svg_inline(scale=5))

    @post("/api/admin/people/{person_id:str}/revoke", opt=admin)
    async def revoke(request: AnyRequest, person_id: FromPath[str]) -> None:
        await get_person(request, person_id)
        await accounts.revoke_sessions(person_id, services.clock.now_ms())
        door.forget()
        await log(request, "person.revoke", person_id)

    handlers: list[Any] = [people, add, change, totp, revoke]
    return [*handlers, *_organisation_routes(services, log)]


def _organisation_routes(services: Services, log: Log) -> list[BaseRouteHandler]:
    accounts, admin = services.accounts, access(Role.ADMIN)

    async def store(row: Organisation) -> Organisation:
        await accounts.put_organisation(row)
        await services.tree.refresh(accounts)
        return row

    @get("/api/admin/orgs", opt=admin)
    async def orgs(request: AnyRequest) -> list[Organisation]:
        """The asker's own organisation stands at the root: what is above it is not told."""
        realm = realm_of(request, services)
        return [
            replace(row, parent="") if row.id == realm.top else row
            for row in realm.tree.rows.values()
        ]

    @post("/api/admin/orgs", opt=admin)
    async def add(request: AnyRequest, data: JSONBody[NewOrganisation]) -> Organisation:
        realm = realm_of(request, services)
        refusal = organisations.refuse_below(data.kind, data.parent, realm.tree)
        if refusal:
            raise refused(refusal)
        now_ms = services.clock.now_ms()
        row = Organisation(
            id=f"{data.kind}:{uuid7(now_ms, services.entropy)}",
            parent=data.parent,
            kind=data.kind,
            name=data.name,
            name_en=data.name_en,
            edited_ms=now_ms,
        )
        await store(row)
        await log(request, "org.add", row.id)
        return row

    @patch("/api/admin/orgs", opt=admin)
    async def change(request: AnyRequest, data: JSONBody[OrganisationChange]) -> Organisation:
        own = realm_of(request, services).tree
        row = own.rows.get(data.id)
        if row is None:
            raise ProblemError(404, "absent", "id")
        now_ms = services.clock.now_ms()
        changes = {
            name: value
            for name in ("name", "name_en", "parent")
            if (value := getattr(data, name)) is not UNSET
        }
        if data.closed is not UNSET:
            changes["closed_ms"] = now_ms if data.closed else None
        changed = await organisations.change(row, replace(row, **changes), own, accounts, now_ms)
        if isinstance(changed, Refused):
            raise refused(changed)
        if data.closed is True and await _is_on_duty(request, services, row.id):
            # It would be proposed, and sent, for ever.
            raise ProblemError(409, "org_on_duty", "closed")
        await store(changed)
        await log(request, "org.change", f"{row.id} {' '.join(sorted(changes))}")
        return changed

    handlers: list[Any] = [orgs, add, change]
    return handlers


async def _is_on_duty(request: AnyRequest, services: Services, org: str) -> bool:
    principal = principal_of(request)
    reader, identity = services.desk_of(principal).reader, services.identity_of(principal)
    unit = fold(org, await reader.list_streams([org], identity))
    return isinstance(unit, Unit) and unit.on_duty


def _check_org(realm: Realm, org: str) -> None:
    row = realm.tree.rows.get(org)
    if row is None:
        raise ProblemError(400, "unknown_value", "org")
    if row.closed_ms is not None:
        raise ProblemError(409, "org_closed", "org")


def _check_unit(realm: Realm, unit_id: str) -> None:
    """A vehicle's computer lets in whoever is said to work in it."""
    if unit_id and not realm.keeps(f"unit:{unit_id}"):
        raise ProblemError(400, "unknown_value", "unit_id")


def _row(person: Person, sessions: SessionSummary | None) -> PersonRow:
    return PersonRow(
        person_id=person.id,
        username=person.username,
        name=person.name,
        role=person.role,
        org=person.org,
        seat=person.seat,
        unit_id=person.unit_id,
        hospital_id=person.hospital_id,
        active=person.active,
        physician=person.physician,
        has_totp=bool(person.totp_secret),
        demo=person.demo,
        last_seen_ms=sessions.last_seen_ms if sessions else None,
        sessions=sessions.open_sessions if sessions else 0,
    )
