"""What a crew is shown of a caller: how to speak to them, and not their number.

Rule 1: the middle of a number is stars; a number so short that this would tell it is stars alone.
Rule 2: `MissionRow.callback` joins the two; the number itself is asked for on its own, once the
        run says that it was needed (`ShowNumber`).
Source: interface.md, "phone masking off on call seats, on elsewhere".
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.events import CallField
from goldenhour.domain.intake.incident import Incident
from goldenhour.views.fold import Folded
from goldenhour.views.rows import CallRow, Row

HEAD: Final = 3
TAIL: Final = 4
STARS: Final = "****"


def masked(number: str) -> str:
    if len(number) < HEAD + TAIL + len(STARS):
        return STARS
    return f"{number[:HEAD]}{STARS}{number[-TAIL:]}"


def number_of(view: Folded, run: Mission) -> str | None:
    """In clear: the number that the call-taker asked for, else the one that rang."""
    case = view.states.get(f"incident:{run.incident_id}")
    streams = case.calls if isinstance(case, Incident) else ()
    states = [view.states.get(f"call:{ident}") for ident in streams]
    calls = [one for one in states if isinstance(one, Call)]
    asked = [one.fields.get(CallField.CALLBACK) for one in calls]
    texts = (view.reveal.text(one) for one in (*asked, *(call.number for call in calls)))
    return next((text.strip() for text in texts if text and text.strip()), None)


def for_crew(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(_less(row) if isinstance(row, CallRow) else row for row in rows)


def _less(row: CallRow) -> CallRow:
    fields = dict(row.fields)
    if fields.get(CallField.CALLBACK):
        fields[CallField.CALLBACK] = masked(fields[CallField.CALLBACK])
    number = masked(row.number) if row.number else row.number
    return replace(row, number=number, fields=fields, masked=True)
