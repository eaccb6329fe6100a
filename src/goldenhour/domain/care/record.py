"""The electronic record of one patient: fields, entries, forms, and who signed it.

Rule 1: quick capture never blocks: a drug, a procedure, a note and any field can be written at any
        moment. What is missing is asked for at the signature and nowhere else.
Rule 2: a field holds every write that no later write has seen. More than one: a conflict, both
        shown, until somebody writes over both. The order of arrival plays no part.
Rule 3: an entry is never changed: it is withdrawn with a reason and made anew.
Rule 4: a signed record takes additions with a reason; the signature stays.
"""

from collections.abc import Iterable
from typing import Final

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.care import record_form
from goldenhour.domain.care.drugs import Formulary
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.ecg_rules import EcgRules
from goldenhour.domain.care.events import (
    DrugGiven,
    EntryWithdrawn,
    FieldWritten,
    FormSigned,
    NoteTaken,
    ProcedureDone,
    RecordSigned,
    SheetOpened,
    SheetRead,
    VitalsEntered,
)
from goldenhour.domain.care.items import Item
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut, is_covered
from goldenhour.domain.care.plausible import VitalTable
from goldenhour.domain.care.portrait_content import PortraitContent
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.domain.care.rhythm import RhythmRules
from goldenhour.domain.care.scores import ScoreTable
from goldenhour.domain.care.sheets import Sheet
from goldenhour.domain.care.written import Written
from goldenhour.kernel.condition import UNKNOWN, Answer
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import MINUTE_MS

RESULTS: Final = ("done", "failed")
DIED: Final = "death_ms"
"""The field of the time of death."""
CLOCKS_DIFFER_MS: Final = 2 * MINUTE_MS
"""A time so far ahead may be another tablet's clock; more is a slip of the hand."""

Entry = (
    DrugGiven | ProcedureDone | NoteTaken | FormSigned | EcgRead | EcgInterpreted | VitalsEntered
)


class CareContent(Record):
    """What the record is written against."""

    form: RecordForm
    formulary: Formulary
    sheets: tuple[Sheet, ...]
    scores: dict[str, ScoreTable]
    ecg: EcgRules
    rhythm: RhythmRules
    vitals: VitalTable
    portrait: PortraitContent

    def find_sheet(self, name: str) -> Sheet | None:
        return next((sheet for sheet in self.sheets if sheet.about.id == name), None)

    def refuse_field(self, name: str, value: Answer | None, *, has_text: bool) -> Refused | None:
        found: Item | None = self.form.find_field(name)
        sheet_id, dot, item_id = name.partition(".")
        if dot and (sheet := self.find_sheet(sheet_id)):
            found = sheet.find_item(item_id)
        if found is None:
            return Refused(code="unknown_value", field="field")
        return record_form.refuse_value(found, value, has_text=has_text)


class Kept(Record):
    """An entry with its place in time; a withdrawn one stays legible."""

    entry: Entry
    by: str
    at_ms: int
    withdrawn: str = ""
    """Why; empty: it stands."""
    withdrawn_by: str = ""
    role: str = ""
    """As whom it was written."""


class Signature(Record):
    name: str
    by: str
    at_ms: int


class CareRecord(Record):
    fields: dict[str, tuple[Written, ...]] = field(default_factory=dict)
    """By field: the writes that stand, oldest first; more than one is a conflict."""
    replaced: frozenset[str] = frozenset()
    """Writes that another has seen, so that a late arrival of an old one does not revive it."""
    entries: tuple[Kept, ...] = ()
    sheets: dict[str, SheetRead | None] = field(default_factory=dict)
    """The newest reading of each sheet that was opened."""
    signed: Signature | None = None

    def value(self, name: str) -> Answer | None:
        """The value that stands in a field; in a conflict the newest."""
        written = self.fields.get(name)
        return written[-1].value if written else None

    @property
    def died_ms(self) -> int | None:
        """When the patient died, as the record says; None: it says nothing of it."""
        at_ms = self.value(DIED)
        return at_ms if isinstance(at_ms, int) else None

    def list_told(self, name: str) -> tuple[str, ...]:
        """What the values of a field of choices name together: in a conflict none hides another."""
        values = (one.value for one in self.fields.get(name, ()))
        return tuple(
            dict.fromkeys(told for value in values if isinstance(value, tuple) for told in value)
        )

    def list_written(self, name: str) -> list[float]:
        """The numbers of a field; in a conflict several, of which the newest need not be right."""
        values = (one.value for one in self.fields.get(name, ()))
        return [one for one in values if isinstance(one, int | float) and not isinstance(one, bool)]

    def list_values(self, prefix: str) -> dict[str, Answer]:
        """The values that stand in the fields of a sheet, by item."""
        return {
            name.removeprefix(prefix): writes[-1].value
            for name, writes in self.fields.items()
            if name.startswith(prefix) and writes and writes[-1].value is not None
        }

    def list_said(self, item: str) -> tuple[Answer, ...]:
        """What stands for an item in the form and in the sheets: asked twice it may differ."""
        own = (one.value for one in self.fields.get(item, ()))
        said = (value for value in own if value is not None and value != UNKNOWN)
        return (*said, *self.list_answers(item))

    def flag(self, item: str, *, graver: bool = True) -> bool | None:
        """Asked twice, the answer that makes it graver counts; None: nobody has said."""
        said = [one for one in self.list_said(item) if isinstance(one, bool)]
        return (graver in said) is graver if said else None

    def list_numbers(self, item: str) -> list[float]:
        return [
            one
            for one in self.list_said(item)
            if isinstance(one, int | float) and not isinstance(one, bool)
        ]

    def list_answers(self, item: str) -> tuple[Answer, ...]:
        """What stands for an item in the sheets that ask it: asked twice it may differ."""
        return tuple(
            one.value
            for name, writes in self.fields.items()
            if name.partition(".")[2] == item
            for one in writes
            if one.value is not None and one.value != UNKNOWN
        )

    def list_yes(self) -> frozenset[str]:
        """What was said yes to in sheets: flags, and the chosen ones of lists."""
        found: set[str] = set()
        for name, writes in self.fields.items():
            item = name.partition(".")[2]
            for one in writes if item else ():
                found |= set(one.value if isinstance(one.value, tuple) else ())
                found |= {item} if one.value is True else set()
        return frozenset(found)

    def list_standing(self) -> Iterable[Entry]:
        return (kept.entry for kept in self.entries if not kept.withdrawn)


def evolve(state: CareRecord, recorded: Recorded) -> CareRecord:
    event = recorded.event
    match event:
        case FieldWritten():
            return _write(state, event, recorded)
        case (
            DrugGiven()
            | ProcedureDone()
            | NoteTaken()
            | FormSigned()
            | EcgRead()
            | EcgInterpreted()
            | VitalsEntered()
        ):
            if any(kept.entry.entry_id == event.entry_id for kept in state.entries):
                return state
            kept = Kept(
                entry=event,
                by=recorded.actor,
                at_ms=recorded.occurred_ms,
                role=recorded.role,
            )
            before = state.entries
            if isinstance(event, EcgInterpreted) and event.corrects:
                before = tuple(
                    replace(one, withdrawn=event.reason, withdrawn_by=recorded.actor)
                    if one.entry.entry_id == event.corrects and not one.withdrawn
                    else one
                    for one in before
                )
            return replace(state, entries=(*before, kept))
        case EntryWithdrawn():
            return replace(
                state,
                entries=tuple(
                    replace(kept, withdrawn=event.reason, withdrawn_by=recorded.actor)
                    if kept.entry.entry_id == event.entry_id
                    else kept
                    for kept in state.entries
                ),
            )
        case VitalsMovedOut():
            return replace(
                state,
                entries=tuple(
                    replace(kept, withdrawn=event.reason, withdrawn_by=recorded.actor)
                    if isinstance(kept.entry, EcgRead)
                    and not kept.withdrawn
                    and is_covered(event, kept.entry.device, kept.entry.begun_ms)
                    else kept
                    for kept in state.entries
                ),
            )
        case VitalsMovedIn():
            come = {one.entry_id for one in event.ecgs}
            others = tuple(kept for kept in state.entries if kept.entry.entry_id not in come)
            read = tuple(
                Kept(entry=one, by=recorded.actor, at_ms=recorded.occurred_ms) for one in event.ecgs
            )
            return replace(state, entries=(*others, *read))
        case SheetRead():
            return replace(state, sheets=state.sheets | {event.sheet: event})
        case SheetOpened():
            return replace(state, sheets=state.sheets | {event.sheet: None})
        case RecordSigned():
            signed = Signature(name=event.name, by=recorded.actor, at_ms=recorded.occurred_ms)
            return replace(state, signed=signed)
        case _:
            return state


def _write(state: CareRecord, event: FieldWritten, recorded: Recorded) -> CareRecord:
    replaced = state.replaced | set(event.over)
    written = Written(
        write_id=event.write_id,
        value=event.value,
        text=event.text,
        by=recorded.actor,
        at_ms=recorded.occurred_ms,
        reason=event.reason,
    )
    before = state.fields.get(event.field, ())
    standing = {one.write_id: one for one in (*before, written) if one.write_id not in replaced}
    ordered = tuple(sorted(standing.values(), key=lambda one: (one.at_ms, one.write_id)))
    return replace(state, fields=state.fields | {event.field: ordered}, replaced=replaced)


def refuse_addition(state: CareRecord, reason: str) -> Refused | None:
    """After the signature every addition says why it comes late."""
    if state.signed and not reason.strip():
        return Refused(code="record_signed", field="reason")
    return None


def decide_write(
    state: CareRecord, event: FieldWritten, content: CareContent
) -> FieldWritten | Refused:
    wrong = content.refuse_field(event.field, event.value, has_text=event.text is not None)
    return wrong or refuse_addition(state, event.reason) or event


def decide_open(state: CareRecord, name: str, content: CareContent) -> SheetOpened | Refused:
    if content.find_sheet(name) is None:
        return Refused(code="unknown_value", field="sheet")
    if name in state.sheets:
        return Refused(code="exists", field="sheet")
    return SheetOpened(sheet=name)


def decide_procedure(
    state: CareRecord, event: ProcedureDone, content: CareContent, now_ms: int
) -> ProcedureDone | Refused:
    if not event.procedure.strip():
        return Refused(code="required", field="procedure")
    if event.result not in RESULTS:
        return Refused(code="unknown_value", field="result")
    if event.done_ms > now_ms + CLOCKS_DIFFER_MS:
        return Refused(code="in_the_future", field="done_ms")
    return _decide_entry(state, event, event.region, content)


def decide_ecg(state: CareRecord, event: EcgRead) -> EcgRead | Refused:
    return Refused(code="exists", field="entry_id") if has_entry(state, event.entry_id) else event


def decide_note(state: CareRecord, event: NoteTaken, content: CareContent) -> NoteTaken | Refused:
    return _decide_entry(state, event, event.region, content)


def _decide_entry[E: (ProcedureDone, NoteTaken)](
    state: CareRecord, event: E, region: str, content: CareContent
) -> E | Refused:
    if region and all(region != known.id for known in content.form.regions):
        return Refused(code="unknown_value", field="region")
    if has_entry(state, event.entry_id):
        return Refused(code="exists", field="entry_id")
    return event


def decide_form(state: CareRecord, event: FormSigned, content: CareContent) -> FormSigned | Refused:
    form = content.form.find_form(event.form)
    if form is None:
        return Refused(code="unknown_value", field="form")
    if all(event.decision != known.id for known in form.decisions):
        return Refused(code="unknown_value", field="decision")
    if event.relation not in form.relations:
        return Refused(code="unknown_value", field="relation")
    if (form.witness or event.signature is None) and event.witness is None:
        return Refused(code="witness_required", field="witness")
    if event.decision in form.details_for and event.details is None:
        return Refused(code="details_required", field="details")
    if has_entry(state, event.entry_id):
        return Refused(code="exists", field="entry_id")
    return replace(event, form_version=form.version)


def decide_sign(state: CareRecord, name: str, content: CareContent) -> RecordSigned | Refused:
    if not name.strip():
        return Refused(code="name_required", field="name")
    if state.signed:
        return Refused(code="already_signed")
    if conflicts := [name for name, writes in state.fields.items() if len(writes) > 1]:
        return Refused(code="record_conflict", field="record", detail=conflicts[0])
    if missing := list_missing(state, content):
        return Refused(code="record_incomplete", field="record", detail=", ".join(missing))
    return RecordSigned(name=name.strip(), form_version=content.form.about.version)


def list_missing(state: CareRecord, content: CareContent) -> tuple[str, ...]:
    """Ids of the fields and forms that the signature waits for."""
    standing = {name: writes[-1] for name, writes in state.fields.items() if writes}
    return record_form.list_missing(
        content.form,
        {name: one.value for name, one in standing.items() if one.value is not None},
        {name: one.text is not None for name, one in standing.items()},
        frozenset(one.form for one in state.list_standing() if isinstance(one, FormSigned)),
    )


def decide_withdraw(state: CareRecord, entry_id: str, reason: str) -> EntryWithdrawn | Refused:
    found = next((kept for kept in state.entries if kept.entry.entry_id == entry_id), None)
    if found is None:
        return Refused(code="absent", field="entry_id")
    if isinstance(found.entry, FormSigned):
        # What somebody signed is theirs: it is superseded by another form.
        return Refused(code="form_stands", field="entry_id")
    if isinstance(found.entry, EcgInterpreted):
        return Refused(code="reading_stands", field="entry_id")
    if not reason.strip():
        return Refused(code="reason_required", field="reason")
    if found.withdrawn:
        return Refused(code="already_withdrawn", field="entry_id")
    return EntryWithdrawn(entry_id=entry_id, reason=reason.strip())


def has_entry(state: CareRecord, entry_id: str) -> bool:
    return any(kept.entry.entry_id == entry_id for kept in state.entries)
