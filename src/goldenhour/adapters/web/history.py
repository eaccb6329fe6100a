"""Everything that one stream of the register says, in lines, with the names of who said it."""

from typing import Final

from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Principal
from goldenhour.app.handle import recorded_of
from goldenhour.domain import case
from goldenhour.kernel.record import Record
from goldenhour.views.render import log_row
from goldenhour.views.rows import LogRow

SHOWN_EVENTS: Final = 300
"""The newest; the journal holds all."""


class StreamEvent(Record):
    line: LogRow
    name: str
    """Of the person who did it; empty where it was none, or the account is gone."""


async def history_of(
    services: Services, principal: Principal, stream: str
) -> list[StreamEvent] | None:
    """The newest first; None: there is no such stream for the asker."""
    journal = services.desk_of(principal).world.journal
    loaded = (await journal.load([stream], services.identity_of(principal))).get(stream)
    if loaded is None:
        return None
    lines: list[LogRow] = []
    state: case.State | None = None
    for envelope in loaded.events:
        recorded, before = recorded_of(envelope), state
        state = case.evolve(stream, before, recorded)
        lines.append(log_row(recorded, before, state))
    newest = lines[: -SHOWN_EVENTS - 1 : -1]
    actors = sorted({line.actor for line in newest})
    people = [await services.accounts.find_person(actor) for actor in actors]
    names = {person.id: person.name for person in people if person}
    return [StreamEvent(line=line, name=names.get(line.actor, "")) for line in newest]
