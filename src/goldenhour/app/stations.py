"""The register of stations from a table: what it is compared with, and what carries it out.

Rule 1: what a station is its stream says. One that has none yet is what the city's map says of it,
        or else the vehicles that stand there; of one that was made at the screen and never had a
        vehicle nobody knows the place.
Rule 2: whose it is the tree says. A station's stream belongs to the station's own organisation, so
        the organisations are written first; where a write broke off between, the same table mends
        it: a station of that name under that centre is then known.
Rule 3: only stations below the asker's organisation are compared and changed.
"""

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec.structs import replace

from goldenhour.app.access import Organisation, Organisations
from goldenhour.domain.case import States
from goldenhour.domain.case.reactions import station_org
from goldenhour.domain.commands import ImportStations, StationChange
from goldenhour.domain.register.city import City
from goldenhour.domain.register.events import StationListed
from goldenhour.domain.register.station import Station, listed_of
from goldenhour.domain.register.station_table import Centre, StationFacts, TableStation
from goldenhour.domain.register.table import Verdict
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.ids import Entropy, uuid7

_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_CENTRES: Final = ("centre", "county")
"""Kinds of organisation that stations are under."""


def stations_of(
    states: States, tree: Organisations, org: str, city: City | None
) -> dict[str, StationFacts]:
    """By id the stations below the organisation that are not closed."""
    mapped = {station.id: station for station in city.stations} if city else {}
    vehicles = {one.station_id: one for one in states.values() if isinstance(one, Unit)}
    found: dict[str, StationFacts] = {}
    for row in (tree.rows[ident] for ident in tree.subtree(org) if ident in tree.rows):
        if row.kind != "station" or row.closed_ms is not None:
            continue
        ident = row.id.partition(":")[2]
        stream, station, vehicle = states.get(row.id), mapped.get(ident), vehicles.get(ident)
        if isinstance(stream, Station):
            found[ident] = _facts(row.parent, listed_of(stream))
            continue
        point = station.point if station else vehicle.station_point if vehicle else None
        found[ident] = StationFacts(
            parent=row.parent,
            name=row.name,
            name_en=row.name_en,
            point=point,
        )
    return found


def _facts(parent: str, listed: StationListed) -> StationFacts:
    return StationFacts(
        parent=parent,
        name=listed.name,
        name_en=listed.name_en,
        point=listed.point,
        phone=listed.phone,
        assumed=listed.assumed,
    )


def _listed(facts: StationFacts) -> StationListed:
    assert facts.point is not None, "a line that changes a station says where it is"
    return StationListed(
        name=facts.name,
        name_en=facts.name_en,
        point=facts.point,
        phone=facts.phone,
        assumed=facts.assumed,
    )


def _stream_of(ident: str, states: States) -> StationListed | None:
    found = states.get(station_org(ident))
    return listed_of(found) if isinstance(found, Station) else None


def standing_at(states: States) -> dict[str, tuple[str, ...]]:
    """By station the units that stand there."""
    found: dict[str, list[str]] = defaultdict(list)
    for stream, state in states.items():
        if isinstance(state, Unit):
            found[state.station_id].append(stream.partition(":")[2])
    return {ident: tuple(sorted(units)) for ident, units in found.items()}


def centres_of(tree: Organisations, org: str) -> list[Centre]:
    rows = (tree.rows[ident] for ident in tree.subtree(org) if ident in tree.rows)
    return [
        Centre(org=row.id, names=tuple(dict.fromkeys((row.name, row.name_en))))
        for row in rows
        if row.kind in _CENTRES and row.closed_ms is None
    ]


def digest(rows: Sequence[TableStation]) -> str:
    """What would be written, and over what: another digest is another deed."""
    parts = [(one.station_id, one.was, one.now) for one in rows if _writes(one)]
    return hashlib.sha256(_ENCODER.encode(parts)).hexdigest()


def import_of(
    rows: Sequence[TableStation], states: States, now_ms: int, entropy: Entropy
) -> tuple[ImportStations, dict[str, StationFacts]] | None:
    """The command that carries out a table, and what the tree is to say; None: nothing changes."""
    named = [
        (one.station_id or uuid7(now_ms, entropy), one.now)
        for one in rows
        if _writes(one) and one.now is not None
    ]
    changes = [
        StationChange(station_id=ident, was=_stream_of(ident, states), now=_listed(facts))
        for ident, facts in named
    ]
    if not changes:
        return None
    standing = standing_at(states)
    units = sorted({unit for one in changes for unit in standing.get(one.station_id, ())})
    command = ImportStations(
        station_id=changes[0].station_id, changes=tuple(changes), unit_ids=tuple(units)
    )
    return command, dict(named)


def organisations_of(
    named: Mapping[str, StationFacts], tree: Organisations, now_ms: int
) -> list[Organisation]:
    """The organisations as they are to be; the city's file has no say in them any more."""
    rows: list[Organisation] = []
    for ident, facts in named.items():
        known = tree.rows.get(station_org(ident))
        row = known or Organisation(
            id=station_org(ident), parent="", kind="station", name="", name_en=""
        )
        rows.append(
            replace(
                row,
                parent=facts.parent,
                name=facts.name,
                name_en=facts.name_en,
                edited_ms=now_ms,
            )
        )
    return rows


def _writes(row: TableStation) -> bool:
    return row.verdict in (Verdict.NEW, Verdict.CHANGED)
