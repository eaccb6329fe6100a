"""Answering one question for a resident's record.

Rule 1: who the patient is in clear is read here, under the system's identity, and goes to the
        record service and nowhere else: no event, no log and no refusal holds it.
Rule 2: every question ends in an answer: the record, or why there is none.
"""

from typing import Final, Protocol

import msgspec

from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Journal, PersonalStore
from goldenhour.domain.care.health_card import read_health_card
from goldenhour.domain.care.id_card import read_id_number
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.portrait import classify
from goldenhour.domain.care.portrait_ask import Happened
from goldenhour.domain.care.portrait_content import PortraitContent
from goldenhour.domain.care.portrait_events import PortraitAsked
from goldenhour.domain.commands import RecordPortrait
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import Resident

REASONS: Final = (
    *("no_service", "no_identity", "not_found", "several_found", "wrong_person"),
    *("no_answer", "service_error", "not_allowed", "not_understood", "too_long"),
    "health_card_number",
)
"""Why there is no portrait; those of an identity number that is wrong stand beside it."""


class Identifier(Record):
    system: str
    value: str
    birth_day: str
    """As the identity number says it; empty: not known."""


class NoRecord(Record):
    reason: str
    detail: str = ""
    """For whoever runs the service; never anything of the person."""
    again: bool = False
    """Asked later, it may answer."""


class ResidentService(Protocol):
    async def find(self, identifier: Identifier) -> Resident | NoRecord: ...


class PersonalJournal(Journal, PersonalStore, Protocol):
    """Where a question stands, and the text that it is about."""


class Asking(Record):
    """The question as the patient's stream holds it."""

    asked: Happened[PortraitAsked]
    text: str | None
    """Who it is; None: erased, or replaced meanwhile."""


async def load_asking(patient_id: str, ask_id: str, journal: PersonalJournal) -> Asking | None:
    """None: another question has taken its place."""
    stream = f"patient:{patient_id}"
    loaded = await journal.load([stream], SYSTEM)
    state = fold(stream, loaded[stream].events) if stream in loaded else None
    if not isinstance(state, Patient) or state.portrait is None:
        return None
    asked = state.portrait.asked
    if asked.event.ask_id != ask_id:
        return None
    writes = state.record.fields.get(asked.event.field, ())
    text = next((one.text for one in writes if one.write_id == asked.event.write_id), None)
    if not isinstance(text, Sealed):
        return Asking(asked=asked, text=None)
    return Asking(asked=asked, text=(await journal.reveal([text.row], SYSTEM)).get(text.row))


async def answer_asking(
    asking: Asking, content: PortraitContent, service: ResidentService | None
) -> Resident | NoRecord:
    """The record with what its words mean, or why there is none."""
    if asking.text is None:
        return NoRecord(reason="no_identity")
    identifier = identifier_of(asking.asked.event.field, asking.text, content)
    if isinstance(identifier, Refused):
        return NoRecord(reason=identifier.code)
    if service is None:
        return NoRecord(reason="no_service")
    found = await service.find(identifier)
    return found if isinstance(found, NoRecord) else classify(found, content)


def identifier_of(field: str, text: str, content: PortraitContent) -> Identifier | Refused:
    if field != "id_number":
        card = read_health_card(text)
        if isinstance(card, Refused):
            return card
        return Identifier(system=content.health_card_system, value=card, birth_day="")
    number = read_id_number(text)
    if isinstance(number, Refused):
        return number
    return Identifier(
        system=content.id_number_system, value=number.number, birth_day=number.birth_day
    )


def command_of(patient_id: str, ask_id: str, answer: Resident | NoRecord) -> RecordPortrait:
    if isinstance(answer, NoRecord):
        return RecordPortrait(
            patient_id=patient_id,
            ask_id=ask_id,
            reason=answer.reason,
            detail=answer.detail,
            again=answer.again,
        )
    return RecordPortrait(
        patient_id=patient_id,
        ask_id=ask_id,
        facts=answer.facts,
        words=Clear(text=msgspec.json.encode(answer.words).decode()),
        not_understood=answer.not_understood,
    )
