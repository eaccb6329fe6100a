"""Units from a table: enrolled and changed in one transaction.

Each unit belongs to an organisation of its own, whoever enrols it. A unit that is no longer what
was looked at refuses the whole table; one that is already what it is to be is left as it is, so
that a table which is sent twice changes nothing the second time.
"""

from goldenhour.domain import commands as c
from goldenhour.domain.case.loading import stream_id
from goldenhour.domain.case.policy import unit_org
from goldenhour.domain.case.streams import States
from goldenhour.domain.register import unit
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
