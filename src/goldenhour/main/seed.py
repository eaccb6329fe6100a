"""The demo's own: a secret for each vehicle, people of every role, every unit on duty.

Rule 1: running it again changes nothing that is already there.
Rule 2: demo accounts exist in demo mode only, are marked as such in the table, and a server that is
        not in demo mode refuses them.
"""

from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.app.access import Role
from goldenhour.app.accounts import DemoAccount, Device, Person
from goldenhour.app.devices import Seat, seat_device
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.commands import SetDuty
from goldenhour.domain.register.city import City, StationLevel
from goldenhour.kernel.recorded import system_stamp
from goldenhour.main.city import refusal_of_another
from goldenhour.main.demo_names import (
    DEMO_PASSWORD,
    SIMULATED_SEATS,
    edge_key,
    meter_id,
    monitor_id,
    phone_number,
    simulated_seat,
)
from goldenhour.main.node import LiveWorld
from goldenhour.main.register import CENTRE
from goldenhour.simulator.meters import MeterKind
from goldenhour.simulator.terminals import list_terminals


async def seed_devices(city: City, accounts: PostgresAccounts, secret: str) -> None:
    """Terminal, monitor, computer and telephone of every demo vehicle."""
    stations = {station.id: station for station in city.stations}
    homes = {unit.id: stations[unit.station_id].point for unit in city.units}
    wanted = [
        Device(
            id=terminal.identity.phone,
            kind="terminal",
            unit_id=terminal.unit_id,
            key=sha256(f"{secret}/808/{terminal.unit_id}".encode()).hexdigest()[:16],
            enabled=True,
        )
        for terminal in list_terminals(homes)
    ]
    for number, unit in enumerate(city.units, start=1):
        digest = sha256(edge_key(unit, secret).encode()).hexdigest()
        share = sha256(f"{secret}/share/{unit.id}".encode()).hexdigest()
        wanted += [
            Device(id=monitor_id(number), kind="monitor", unit_id=unit.id, key="", enabled=True),
            *(
                Device(
                    id=meter_id(number, kind),
                    kind="monitor",
                    unit_id=unit.id,
                    key="",
                    enabled=True,
                )
                for kind in MeterKind
            ),
            Device(id=digest, kind="edge", unit_id=unit.id, key=share, enabled=True),
            Device(id=phone_number(number), kind="phone", unit_id=unit.id, key="", enabled=True),
        ]
    known = {
        device.id: device
        for kind in ("terminal", "monitor", "edge", "phone")
        for device in await accounts.list_devices(kind)
    }
    for device in wanted:
        if device.id not in known:
            await accounts.put_device(device)


async def refuse_another_city(city: City, accounts: PostgresAccounts, state: Path) -> None:
    """Also where the city's folder was moved away, which is refused before it is replaced.

    Raises SystemExit.
    """
    units = {row.id for row in await accounts.list_organisations() if row.kind == "unit"}
    if units and units.isdisjoint(f"unit:{unit.id}" for unit in city.units):
        raise SystemExit(refusal_of_another(city.name, state))


async def seed_seat(accounts: PostgresAccounts, secret: str) -> Seat:
    """The fallback seat of the demo's centre."""
    seat = Seat(org=CENTRE, seat="01", key=sha256(f"{secret}/seat".encode()).hexdigest())
    share = sha256(f"{secret}/share/seat".encode()).hexdigest()
    await accounts.put_device(seat_device(seat, share))
    return seat


async def seed_demo(
    city: City, accounts: PostgresAccounts, world: LiveWorld, now_ms: int, edge_url: str
) -> tuple[DemoAccount, ...]:
    """Demo people of every role, and every unit on duty."""
    known = {person.id for person in await accounts.list_people()}
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
        *,
        physician: bool = False,
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
            password_hash="",
            totp_secret="",
            active=True,
            demo=True,
            physician=physician,
        )
        people.append((person, url))

    add("dispatcher", "周敏", Role.DISPATCHER, CENTRE, "01")
    add("dispatcher2", "陈炜", Role.DISPATCHER, CENTRE, "02")
    add("supervisor", "高岚", Role.SUPERVISOR, CENTRE, "00")
    add("quality", "许静", Role.QUALITY, CENTRE, "Q1")
    add("admin", "管理员", Role.ADMIN, "city", "IT")
    add("caller", "来电模拟", Role.GATEWAY, CENTRE, "telephony")
    leading = [s for s in city.stations if s.level is StationLevel.SUBCENTRE]
    for number, station in enumerate(leading, start=1):
        name = f"{station.name} 调度"
        add(f"county{number}", name, Role.DISPATCHER, f"subcentre:{station.id}", f"C{number}")
    for number, seat in enumerate(SIMULATED_SEATS, start=1):
        add(simulated_seat(seat), f"模拟席位 {number}", Role.DISPATCHER, CENTRE, seat)
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
    # The accounts above stand for a whole crew or ward; who signs an ECG is a person.
    for unit in city.units:
        add(
            f"doctor-{unit.call_sign.lower()}",
            f"医生（{unit.call_sign}）",
            Role.CREW,
            f"unit:{unit.id}",
            unit.call_sign,
            unit_id=unit.id,
            url=edge_url,
            physician=True,
        )
    for number, hospital in enumerate(city.hospitals, start=1):
        add(
            f"doctor{number}",
            f"医生（{hospital.name}）",
            Role.HOSPITAL,
            f"hospital:{hospital.id}",
            f"ED{number}",
            hospital_id=hospital.id,
            physician=True,
        )
    fresh = [person for person, _url in people if person.id not in known]
    if fresh:
        # The web adapter takes a second to load, and most starts have nobody to add.
        from goldenhour.adapters.web.identity import hash_password  # noqa: PLC0415 (as said)

        password_hash = hash_password(DEMO_PASSWORD)
        for person in fresh:
            await accounts.put_person(replace(person, password_hash=password_hash), now_ms)
    said = await world.journal.said([f"demo-duty:{unit.id}" for unit in city.units])
    for unit in city.units:
        if f"demo-duty:{unit.id}" in said:
            continue
        stamp = system_stamp(f"demo-duty:{unit.id}", 1, now_ms, org=f"unit:{unit.id}")
        await handle(SetDuty(unit_id=unit.id, on_duty=True), stamp, SYSTEM, world)
    return tuple(
        DemoAccount(
            username=person.username,
            password=DEMO_PASSWORD,
            role=person.role,
            name=person.name,
            url=url,
            org=person.org,
        )
        for person, url in people
        if person.role is not Role.GATEWAY and person.seat not in SIMULATED_SEATS
    )
