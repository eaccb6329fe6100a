"""Finding a case by the number that people call it by."""

import re
from datetime import datetime
from typing import Final

import msgspec

from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.intake.events import IncidentOpened, StandbyOpened
from goldenhour.kernel.time import CHINA, HOUR_MS, from_datetime

_NUMBER: Final = re.compile(r"(\d{8})-[0-9A-Z]{4,}")
_KINDS: Final = frozenset(str(one.__struct_config__.tag) for one in (IncidentOpened, StandbyOpened))
_OPENED: Final = msgspec.json.Decoder(IncidentOpened | StandbyOpened)


async def find_case(journal: PostgresJournal, number: str) -> tuple[str, list[str]]:
    """(incident stream, every stream of its case); raises SystemExit with a plain sentence."""
    found = _NUMBER.fullmatch(number)
    try:
        day = datetime.strptime(found[1], "%Y%m%d").replace(tzinfo=CHINA) if found else None
    except ValueError:
        day = None
    if day is None:
        raise SystemExit(f"--incident: {number} is no case number (YYYYMMDD-NNNN)")
    from_ms = from_datetime(day)
    for event in await journal.list_begun("incident", from_ms, from_ms + 24 * HOUR_MS, SYSTEM):
        if event.kind in _KINDS and _OPENED.decode(event.body).number == number:
            return event.stream, await journal.case_streams([event.stream], SYSTEM)
    raise SystemExit(f"--incident: there is no case {number}")
