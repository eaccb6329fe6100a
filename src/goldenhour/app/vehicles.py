"""The register of vehicles from a table: what it is compared with, and what carries it out.

Rule 1: a vehicle's stream belongs to the vehicle's own organisation, so the organisations are
        written first and the vehicles after them, all in one append.
Rule 2: those are two stores. Where a write broke off between them the same table mends it: an
        organisation that has no vehicle yet is taken for the new vehicle of its name.
Rule 3: only units and stations below the asker's organisation are compared and changed.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from goldenhour.app.access import Organisation, Organisations
from goldenhour.domain.case import States
from goldenhour.domain.case.reactions import station_org, unit_org
from goldenhour.domain.commands import ImportUnits, UnitChange
from goldenhour.domain.register.city import City
from goldenhour.domain.register.events import UnitListed
from goldenhour.domain.register.station_table import StationFacts
from goldenhour.domain.register.table import Verdict
from goldenhour.domain.register.unit import Unit, listed_of
from goldenhour.domain.register.vehicle_table import Place, TableVehicle
from goldenhour.kernel.ids import Entropy, uuid7

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")


def standing_of(states: States, tree: Organisations) -> dict[str, UnitListed]:
    """By unit what the register says of it; those that are closed stand no more."""
    return {
        ident: listed_of(state)
        for stream, state in states.items()
        if isinstance(state, Unit)
        and (ident := stream.partition(":")[2])
        and ((org := tree.rows.get(unit_org(ident))) is None or org.closed_ms is None)
    }


def places_of(
    stations: Mapping[str, StationFacts],
    tree: Organisations,
    standing: Mapping[str, UnitListed],
    city: City | None,
) -> list[Place]:
    """Where a vehicle may be put, under every name that the station goes by."""
    mapped = {station.id: station for station in city.stations} if city else {}
    found = {listed.station_id: listed for listed in standing.values()}
    places: list[Place] = []
    for ident, facts in stations.items():
        row, station, vehicle = (
            tree.rows.get(station_org(ident)),
            mapped.get(ident),
            found.get(ident),
        )
        names = (
            *((vehicle.station_name,) if vehicle else ()),
            *(facts.name, facts.name_en),
            *((row.name, row.name_en) if row else ()),
            *((station.name, station.name_en) if station else ()),
        )
        unique = tuple(dict.fromkeys(name for name in names if name))
        places.append(Place(station_id=ident, names=unique or (ident,), point=facts.point))
    return places


def digest(rows: Sequence[TableVehicle]) -> str:
    """What would be written, and over what: another digest is another deed."""
    parts = [(one.unit_id, one.was, one.now) for one in rows if _writes(one)]
    return hashlib.sha256(_ENCODER.encode(parts)).hexdigest()


def import_of(
    rows: Sequence[TableVehicle], spare: Mapping[str, str], now_ms: int, entropy: Entropy
) -> ImportUnits | None:
    """The command that carries out a table; None where it changes nothing.

    `spare`: by call sign the unit whose organisation has no vehicle yet.
    """
    changes = [
        UnitChange(
            unit_id=one.unit_id or spare.get(one.now.call_sign) or uuid7(now_ms, entropy),
            was=one.was,
            now=one.now,
        )
        for one in rows
        if _writes(one) and one.now is not None
    ]
    return ImportUnits(unit_id=changes[0].unit_id, changes=tuple(changes)) if changes else None


def spare_of(tree: Organisations, org: str, states: States) -> dict[str, str]:
    """By name the units below the organisation that are in the tree and in no stream."""
    rows = (tree.rows[ident] for ident in tree.subtree(org) if ident in tree.rows)
    return {
        row.name: row.id.partition(":")[2]
        for row in rows
        if row.kind == "unit" and row.closed_ms is None and row.id not in states
    }


def organisations_of(
    changes: Sequence[UnitChange], tree: Organisations, now_ms: int
) -> list[Organisation]:
    """The organisations as they are to be; the city's file has no say in them any more."""
    rows: list[Organisation] = []
    for change in changes:
        was, now = change.was, change.now
        row = tree.rows.get(unit_org(change.unit_id))
        if row is None or was is None:
            wanted = Organisation(
                id=unit_org(change.unit_id),
                parent=station_org(now.station_id),
                kind="unit",
                name=now.call_sign,
                name_en=now.call_sign,
            )
        else:
            # What an administrator has made of it beside the register stays.
            moved = was.station_id != now.station_id
            renamed = was.call_sign != now.call_sign
            wanted = replace(
                row,
                parent=station_org(now.station_id) if moved else row.parent,
                name=now.call_sign if renamed else row.name,
                name_en=now.call_sign if renamed else row.name_en,
            )
        rows.append(replace(wanted, edited_ms=now_ms))
    return rows


def _writes(row: TableVehicle) -> bool:
    return row.verdict in (Verdict.NEW, Verdict.CHANGED)
