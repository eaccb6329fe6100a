"""Units and stations from a table: enrolled and changed in one transaction.

Each belongs to an organisation of its own, whoever enrols it. One that is no longer what was looked
at refuses the whole table; one that is already what it is to be is left as it is, so that a table
which is sent twice changes nothing the second time. A vehicle says what its station is called and
where it is, so it is told when that changes.
"""

from msgspec.structs import replace

from goldenhour.domain import commands as c
from goldenhour.domain.case.loading import stream_id
from goldenhour.domain.case.reactions import station_org, unit_org
from goldenhour.domain.case.streams import States
from goldenhour.domain.register import station, unit
from goldenhour.domain.register.events import StationListed
from goldenhour.kernel.outcome import Accepted, Refused, Write


def import_units(command: c.ImportUnits, states: States) -> Accepted | Refused:
    writes: dict[str, Write] = {}
    for change in command.changes:
        stream = stream_id("unit", change.unit_id)
        if stream in writes:
            return Refused(code="exists", field="unit_id", detail=change.now.call_sign)
        found = states.get(stream)
        standing = unit.listed_of(found) if isinstance(found, unit.Unit) else None
        if standing == change.now:
            continue
        if standing != change.was:
            return Refused(code="preview_outdated", field="unit_id", detail=change.now.call_sign)
        writes[stream] = Write(stream=stream, events=(change.now,), owner=unit_org(change.unit_id))
    return Accepted(writes=tuple(writes.values()))


def import_stations(command: c.ImportStations, states: States) -> Accepted | Refused:
    writes: dict[str, Write] = {}
    now: dict[str, StationListed] = {}
    for change in command.changes:
        stream = stream_id("station", change.station_id)
        if change.station_id in now:
            return Refused(code="exists", field="station_id", detail=change.now.name)
        now[change.station_id] = change.now
        found = states.get(stream)
        standing = station.listed_of(found) if isinstance(found, station.Station) else None
        if standing == change.now:
            continue
        if standing != change.was:
            return Refused(code="preview_outdated", field="station_id", detail=change.now.name)
        owner = station_org(change.station_id)
        writes[stream] = Write(stream=stream, events=(change.now,), owner=owner)
    for unit_id in command.unit_ids:
        stream = stream_id("unit", unit_id)
        vehicle = states.get(stream)
        if not isinstance(vehicle, unit.Unit):
            return Refused(code="absent", field="unit_ids", detail=unit_id)
        listed = unit.listed_of(vehicle)
        if (place := now.get(vehicle.station_id)) is not None:
            told = replace(listed, station_name=place.name, station_point=place.point)
            if told != listed:
                writes[stream] = Write(stream=stream, events=(told,))
    return Accepted(writes=tuple(writes.values()))
