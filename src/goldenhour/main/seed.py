"""From a city folder to a working centre: organisations, units, hospitals, devices, demo accounts.

Rule 1: what the importer invented stays marked as assumed, on every screen.
Rule 2: running it again changes nothing that is already there; a changed city adds and updates.
Rule 3: demo accounts exist in demo mode only, are marked as such in the table, and a server that is
        not in demo mode refuses them.
"""

from hashlib import sha256

import structlog

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.web.identity import hash_password
from goldenhour.adapters.web.services import DemoAccount
from goldenhour.app.access import Organisation, Role
from goldenhour.app.accounts import Device, Person
from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain.commands import Command, ListHospital, ListUnit, SetDuty
from goldenhour.domain.register.city import City, CityUnit
from goldenhour.kernel.recorded import Stamp
from goldenhour.simulator.terminals import list_terminals

_log = structlog.get_logger()

CENTRE = "centre"
DEMO_PASSWORD = "demo-120"  # noqa: S105 (known to everybody, and refused outside demo mode)


async def seed_city(city: City, accounts: PostgresAccounts, world: World, now_ms: int) -> None:
    """Organisations, units and hospitals of the city."""
    stations = {station.id: station for station in city.stations}
    rows = [
        Organisation(id="city", parent="", kind="city", name=city.name, name_en=city.name_en),
        Organisation(
            id=CENTRE,
            parent="city",
            kind="centre",
            name=f"{city.name} 120 指挥中心",
            name_en=f"{city.name_en} emergency centre",
        ),
        Organisation(id="police", parent="city", kind="police", name="交警", name_en="Police"),
        Organisation(id="fire", parent="city", kind="fire", name="消防", name_en="Fire service"),
        Organisation(
            id="volunteers", parent="city", kind="volunteer", name="志愿者", name_en="Volunteers"
        ),
    ]
    rows += [
        Organisation(
            id=f"station:{s.id}", parent=CENTRE, kind="station", name=s.name, name_en=s.name_en
        )
        for s in city.stations
    ]
    rows += [
        Organisation(
            id=f"unit:{u.id}",
            parent=f"station:{u.station_id}",
            kind="unit",
            name=u.call_sign,
            name_en=u.call_sign,
        )
        for u in city.units
    ]
    rows += [
        Organisation(
            id=f"hospital:{h.id}", parent="city", kind="hospital", name=h.name, name_en=h.name_en
        )
        for h in city.hospitals
    ]
    for row in rows:
        await accounts.put_organisation(row)

    source = f"{city.source_sha256[:16]}:{city.overrides_sha256 or ''}"

    def stamp(org: str, subject: str) -> Stamp:
        return Stamp(
            actor="system",
            seat="",
            role="system",
            org=org,
            installation=f"import:{source}:{subject}",
            sequence=1,
            now_ms=now_ms,
        )

    async def say(command: Command, org: str, subject: str) -> None:
        outcome = await handle(command, stamp(org, subject), SYSTEM, world)
        if not isinstance(outcome, Outcome):
            _log.warning("seed.refused", code=outcome.code, subject=subject)

    for unit in city.units:
        station = stations[unit.station_id]
        await say(
            ListUnit(
                unit_id=unit.id,
                call_sign=unit.call_sign,
                station_id=station.id,
                station_name=station.name,
                station_point=station.point,
                unit_kind=unit.kind,
                assumed=unit.assumed,
            ),
            f"unit:{unit.id}",
            f"unit:{unit.id}",
        )
    for hospital in city.hospitals:
        await say(
            ListHospital(
                hospital_id=hospital.id,
                name=hospital.name,
                name_en=hospital.name_en,
                point=hospital.point,
                capabilities=hospital.capabilities,
                assumed=hospital.assumed,
            ),
            f"hospital:{hospital.id}",
            f"hospital:{hospital.id}",
        )


def edge_key(unit: CityUnit, secret: str) -> str:
    """A demo vehicle's key; a real one is drawn at random and carried to the vehicle."""
    return sha256(f"{secret}/{unit.id}".encode()).hexdigest()


def monitor_id(number: int) -> str:
    """EUI-64 of the n-th demo monitor, from a locally administered range."""
    return f"02000000{number:08X}"


async def seed_devices(city: City, accounts: PostgresAccounts, secret: str) -> None:
    """Terminal, monitor and computer of every demo vehicle."""
    stations = {station.id: station for station in city.stations}
    homes = {unit.id: stations[unit.station_id].point for unit in city.units}
    for terminal in list_terminals(homes):
        await accounts.put_device(
            Device(
                id=terminal.identity.phone,
                kind="terminal",
                unit_id=terminal.unit_id,
                key=sha256(f"{secret}/808/{terminal.unit_id}".encode()).hexdigest()[:16],
                enabled=True,
            )
        )
    for number, unit in enumerate(city.units, start=1):
        await accounts.put_device(
            Device(id=monitor_id(number), kind="monitor", unit_id=unit.id, key="", enabled=True)
        )
        key = edge_key(unit, secret)
        await accounts.put_device(
            Device(
                id=sha256(key.encode()).hexdigest(),
                kind="edge",
                unit_id=unit.id,
                key="",
                enabled=True,
            )
        )


async def seed_demo(
    city: City, accounts: PostgresAccounts, world: World, now_ms: int, edge_url: str
) -> tuple[DemoAccount, ...]:
    """Demo people of every role, and every unit on duty."""
    password_hash = hash_password(DEMO_PASSWORD)
    people: list[tuple[Person, str]] = []

    def add(  # noqa: PLR0917 (a table in the form of calls)
        username: str,
        name: str,
        role: Role,
        org: str,
        seat: str,
        unit_id: str = "",
        hospital_id: str = "",
        url: str = "/",
    ) -> None:
        person = Person(
            id=f"demo-{username}",
            username=username,
            name=name,
            role=role,
            org=org,
            seat=seat,
            unit_id=unit_id,
            hospital_id=hospital_id,
            password_hash=password_hash,
            totp_secret="",
            active=True,
            demo=True,
        )
        people.append((person, url))

    add("dispatcher", "周敏", Role.DISPATCHER, CENTRE, "01")
    add("dispatcher2", "陈炜", Role.DISPATCHER, CENTRE, "02")
    add("supervisor", "高岚", Role.SUPERVISOR, CENTRE, "00")
    add("quality", "许静", Role.QUALITY, CENTRE, "Q1")
    add("admin", "管理员", Role.ADMIN, "city", "IT")
    add("caller", "来电模拟", Role.GATEWAY, CENTRE, "telephony")
    for unit in city.units:
        name = unit.call_sign.lower()
        add(
            f"crew-{name}",
            f"{unit.call_sign} 班组",
            Role.CREW,
            f"unit:{unit.id}",
            unit.call_sign,
            unit_id=unit.id,
            url=edge_url,
        )
    for number, hospital in enumerate(city.hospitals, start=1):
        add(
            f"hospital{number}",
            f"{hospital.name} 急诊",
            Role.HOSPITAL,
            f"hospital:{hospital.id}",
            f"ED{number}",
            hospital_id=hospital.id,
        )
    for person, _url in people:
        if await accounts.find_person(person.id) is None:
            await accounts.put_person(person, now_ms)
    for unit in city.units:
        stamp = Stamp(
            actor="system",
            seat="",
            role="system",
            org=f"unit:{unit.id}",
            installation=f"demo-duty:{unit.id}",
            sequence=1,
            now_ms=now_ms,
        )
        await handle(SetDuty(unit_id=unit.id, on_duty=True), stamp, SYSTEM, world)
    return tuple(
        DemoAccount(
            username=person.username,
            password=DEMO_PASSWORD,
            role=person.role,
            name=person.name,
            url=url,
        )
        for person, url in people
        if person.role is not Role.GATEWAY
    )
