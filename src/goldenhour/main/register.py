"""The register of a city: its organisations, units and hospitals, in a live world and in the demo.

Rule 1: what the importer invented stays marked as assumed, on every screen.
Rule 2: loading again changes nothing that is already there; a changed city adds and updates.
Rule 3: what a person has changed by hand is theirs, an organisation as well as a vehicle.
"""

from collections.abc import Sequence
from typing import Final

import structlog

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.app.access import Organisation
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Envelope, Outcome
from goldenhour.domain.commands import Command, ListHospital, ListUnit
from goldenhour.domain.register.city import City, StationLevel
from goldenhour.domain.register.events import UnitListed
from goldenhour.kernel.recorded import Stamp
from goldenhour.main.city_file import read_city
from goldenhour.main.node import LiveWorld, open_node
from goldenhour.main.settings import Settings

_log = structlog.get_logger()

CENTRE = "centre"
_ROLE: Final = "system"
_LISTED: Final = str(UnitListed.__struct_config__.tag)


async def load(settings: Settings) -> None:
    """`goldenhour city load`: the city folder into the register. Raises SystemExit."""
    city = read_city(settings.city_dir)
    if city is None:
        raise SystemExit(
            f"There is no city in {settings.city_dir}: run `goldenhour city import FILE` first."
        )
    async with open_node(settings, pool=2) as node:
        changed = await load_city(city, node.accounts, node.world, node.clock.now_ms())
    print(
        f"{city.name}: {len(city.stations)} stations, {len(city.units)} units,"
        f" {len(city.hospitals)} hospitals; {changed} changed"
    )


def _is_news(row: Organisation, known: Organisation | None) -> bool:
    """What an administrator changed by hand is theirs."""
    return known is None or (known.edited_ms is None and known != row)


def _is_by_hand(events: Sequence[Envelope]) -> bool:
    """Whether a person was the last to say what the vehicle is."""
    roles = [one.role for one in events if one.kind == _LISTED]
    return bool(roles) and roles[-1] != _ROLE


async def load_city(city: City, accounts: PostgresAccounts, world: LiveWorld, now_ms: int) -> int:
    """Organisations, units and hospitals of the city; how many were added or changed."""
    known = {row.id: row for row in await accounts.list_organisations()}
    changed = [row for row in organisations_of(city) if _is_news(row, known.get(row.id))]
    for row in changed:
        await accounts.put_organisation(row)

    source = f"{city.source_sha256[:16]}:{city.overrides_sha256 or ''}"
    commands = enrolments_of(city)
    said = await world.journal.said([f"import:{source}:{org}" for org in commands])
    fresh = {o: c for o, c in commands.items() if f"import:{source}:{o}" not in said}
    # A vehicle's organisation and its stream have one name.
    loaded = await world.journal.load([org for org in fresh if org.startswith("unit:")], SYSTEM)
    by_hand = {stream for stream, found in loaded.items() if _is_by_hand(found.events)}
    fresh = {o: c for o, c in fresh.items() if o not in by_hand}
    for org, command in fresh.items():
        stamp = Stamp(
            actor="system",
            seat="",
            role=_ROLE,
            org=org,
            installation=f"import:{source}:{org}",
            sequence=1,
            now_ms=now_ms,
        )
        outcome = await handle(command, stamp, SYSTEM, world)
        if not isinstance(outcome, Outcome):
            _log.warning("register.refused", code=outcome.code, subject=org)
    return len(changed) + len(fresh)


def organisations_of(city: City) -> list[Organisation]:
    """The tree, parents before children."""
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
    leading = [s for s in city.stations if s.level is StationLevel.SUBCENTRE]
    rows += [
        Organisation(
            id=f"subcentre:{s.id}", parent=CENTRE, kind="county", name=s.name, name_en=s.name_en
        )
        for s in leading
    ]
    # A sub-centre has vehicles of its own, so it is also the first of the stations below it.
    parents = {s.id: f"subcentre:{s.parent}" for s in city.stations if s.parent}
    parents |= {s.id: f"subcentre:{s.id}" for s in leading}
    rows += [
        Organisation(
            id=f"station:{s.id}",
            parent=parents.get(s.id, CENTRE),
            kind="station",
            name=s.name,
            name_en=s.name_en,
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
    return rows


def enrolments_of(city: City) -> dict[str, Command]:
    """Organisation -> the command that puts its unit or hospital on the register."""
    stations = {station.id: station for station in city.stations}
    commands: dict[str, Command] = {}

    for unit in city.units:
        station = stations[unit.station_id]
        commands[f"unit:{unit.id}"] = ListUnit(
            unit_id=unit.id,
            call_sign=unit.call_sign,
            station_id=station.id,
            station_name=station.name,
            station_point=station.point,
            unit_kind=unit.kind,
            assumed=unit.assumed,
        )
    for hospital in city.hospitals:
        commands[f"hospital:{hospital.id}"] = ListHospital(
            hospital_id=hospital.id,
            name=hospital.name,
            name_en=hospital.name_en,
            point=hospital.point,
            capabilities=hospital.capabilities,
            assumed=hospital.assumed,
        )
    return commands
