"""What is written at the patient: the record, and the scores and sheets that follow from it."""

from collections.abc import Iterable
from typing import Any

import msgspec

from goldenhour.domain import commands as c
from goldenhour.domain.care import (
    assess,
    capacity,
    drug_given,
    entered,
    files,
    interpret,
    patient,
    portrait,
    portrait_ask,
    record,
)
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    NOT_TAKEN,
    DemographicCorrected,
    DrugGiven,
    EntryWithdrawn,
    FieldWritten,
    FormSigned,
    NoteTaken,
    OutOfRange,
    ProcedureDone,
    VitalsEntered,
    WorseningSeen,
)
from goldenhour.domain.care.file_events import FileAdded
from goldenhour.domain.care.portrait_events import PortraitAsked, PortraitFailed, PortraitTaken
from goldenhour.domain.case import announcing, merging
from goldenhour.domain.case.across import one, or_refuse
from goldenhour.domain.case.loading import Facts, as_recorded, primary, stream_id
from goldenhour.domain.case.streams import States
from goldenhour.kernel.outcome import Accepted, Refused, Write
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.resident import FactKind
from goldenhour.kernel.telemetry import ABOVE_RANGE, BELOW_RANGE, Numeric

Charting = (
    c.Identify
    | c.EnterVitals
    | c.WriteField
    | c.OpenSheet
    | c.GiveDrug
    | c.DoProcedure
    | c.TakeNote
    | c.RecordEcg
    | c.InterpretEcg
    | c.WithdrawEntry
    | c.SignForm
    | c.SignRecord
    | c.AskPortrait
    | c.RecordPortrait
    | c.AddFile
    | c.WithdrawFile
)


def shown_with(person: patient.Patient, states: States) -> list[str]:
    """The records merged into this one that its own vehicle may speak for."""
    streams = (stream_id("patient", ident) for ident in person.joined)
    return [
        stream
        for stream in streams
        if isinstance(other := states.get(stream), patient.Patient)
        and other.unit_id == person.unit_id
    ]


def seen(states: States, streams: Iterable[str], through_ms: int) -> tuple[Write, ...]:
    """That somebody has seen what got worse until then, on each of these that has any."""
    event = WorseningSeen(through_ms=through_ms)
    return tuple(
        Write(stream=stream, events=(event,))
        for stream in streams
        if isinstance(person := states.get(stream), patient.Patient)
        and any(one.at_ms <= through_ms for one in person.worse)
    )


def chart(command: Charting, states: States, stamp: Stamp, facts: Facts) -> Accepted | Refused:
    stream = primary(command)
    person = states.get(stream)
    if not isinstance(person, patient.Patient):
        return Refused(code="absent", field="patient_id")
    state, content = person.record, facts.care
    match command:
        case c.Identify():
            return _identify(command, person, states, stamp, facts)
        case c.EnterVitals():
            typed = entered.decide_vitals(
                person, _typed(command, stamp), content.vitals, stamp.now_ms
            )
            if isinstance(typed, Refused):
                return typed
            return assessed(states, stream, typed, stamp, facts)
        case c.WriteField():
            written = FieldWritten(
                write_id=command.write_id,
                field=command.field,
                value=command.value,
                text=command.text,
                over=command.over,
                reason=command.reason.strip(),
            )
            decided = record.decide_write(state, written, content)
            if isinstance(decided, Refused):
                return decided
            accepted = assessed(states, stream, decided, stamp, facts)
            if command.field == record.DIED:
                return announcing.tell_death(accepted, states, stamp)
            identifies = command.field in portrait_ask.IDENTITY_FIELDS and command.text is not None
            if identifies and isinstance(accepted, Accepted):
                asked = PortraitAsked(
                    ask_id=command.write_id,
                    field=command.field,
                    write_id=command.write_id,
                    basis="emergency",
                )
                return Accepted(
                    writes=tuple(
                        Write(stream=write.stream, events=(*write.events, asked))
                        for write in accepted.writes
                    )
                )
            return accepted
        case c.OpenSheet():
            opened = record.decide_open(state, command.sheet, content)
            if isinstance(opened, Refused):
                return opened
            return assessed(states, stream, opened, stamp, facts)
        case c.GiveDrug():
            given = DrugGiven(
                entry_id=command.entry_id,
                drug=command.drug.strip(),
                dose=command.dose,
                unit=command.unit,
                route=command.route,
                given_ms=stamp.now_ms if command.given_ms is None else command.given_ms,
                findings=(),
                formulary="",
                reason=command.reason.strip(),
                dose_id=command.dose_id,
            )
            told = merging.known_of(person, states)
            return or_refuse(
                stream,
                drug_given.decide_drug(
                    told.record,
                    given,
                    content,
                    patient.known_facts(told, content.portrait),
                    stamp.now_ms,
                    recorded_allergies=_recorded_allergies(told, facts),
                ),
            )
        case c.DoProcedure():
            done = ProcedureDone(
                entry_id=command.entry_id,
                procedure=command.procedure.strip(),
                region=command.region,
                result=command.result,
                done_ms=stamp.now_ms if command.done_ms is None else command.done_ms,
            )
            return or_refuse(stream, record.decide_procedure(state, done, content, stamp.now_ms))
        case c.TakeNote():
            note = NoteTaken(entry_id=command.entry_id, text=command.text, region=command.region)
            return or_refuse(stream, record.decide_note(state, note, content))
        case c.RecordEcg():
            read = EcgRead(
                entry_id=command.entry_id,
                begun_ms=command.begun_ms,
                lasts_ms=command.lasts_ms,
                device=command.device,
                test=command.test,
                measured=command.measured,
                findings=command.findings,
            )
            return or_refuse(stream, record.decide_ecg(state, read))
        case c.InterpretEcg():
            said = EcgInterpreted(
                entry_id=command.entry_id,
                ecg_id=command.ecg_id,
                text=command.text,
                name=command.name,
                corrects=command.corrects,
                reason=command.reason,
            )
            return or_refuse(stream, interpret.decide_interpret(state, said, stamp.role))
        case c.WithdrawEntry():
            gone = record.decide_withdraw(state, command.entry_id, command.reason)
            if isinstance(gone, EntryWithdrawn) and any(
                isinstance(entry, VitalsEntered) and entry.entry_id == command.entry_id
                for entry in state.list_standing()
            ):
                return assessed(states, stream, gone, stamp, facts)
            return or_refuse(stream, gone)
        case c.SignForm():
            form = FormSigned(
                entry_id=command.entry_id,
                form=command.form,
                form_version=0,
                decision=command.decision,
                signer=command.signer,
                relation=command.relation,
                signature=command.signature,
                witness=command.witness,
                details=command.details,
                doubts=(
                    capacity.doubts(merging.known_of(person, states), content.form)
                    if command.relation == capacity.PATIENT
                    else ()
                ),
            )
            return or_refuse(stream, record.decide_form(state, form, content))
        case c.SignRecord():
            if person.merged_into:
                return Refused(code="patient_merged", field="patient_id")
            shown = merging.whole(person, states)
            if differ := shown.identity.conflicts:
                return Refused(code="record_conflict", field="record", detail=differ[0])
            return or_refuse(stream, record.decide_sign(shown.record, command.name, content))
        case c.AskPortrait():
            return or_refuse(
                stream,
                portrait_ask.decide_ask(person.portrait, state, command.ask_id, command.basis),
            )
        case c.RecordPortrait():
            answered = portrait_ask.decide_answer(person.portrait, _answer(command, facts))
            return one(stream, answered) if answered else Accepted(writes=())
        case c.AddFile():
            added = FileAdded(
                sha256=command.sha256,
                file_kind=command.file_kind,
                media_type=command.media_type,
                size_bytes=command.size_bytes,
                taken_ms=command.taken_ms,
                taken_source=command.taken_source,
                device=command.device,
                caption=command.caption,
            )
            file = files.decide_add(person.files, added)
            return or_refuse(stream, file) if file else Accepted(writes=())
        case c.WithdrawFile():
            withdrawn = files.decide_withdraw(
                person.files, command.sha256, command.reason, stamp.org
            )
            return or_refuse(stream, withdrawn)


def _typed(command: c.EnterVitals, stamp: Stamp) -> VitalsEntered:
    return VitalsEntered(
        entry_id=command.entry_id,
        taken_ms=stamp.now_ms if command.taken_ms is None else command.taken_ms,
        values=(
            *(Numeric(sign=sign, value=value, note="") for sign, value in command.values.items()),
            *(
                Numeric(sign=sign, value=None, note=f"{NOT_TAKEN}{reason}")
                for sign, reason in command.not_taken.items()
            ),
            *(
                Numeric(
                    sign=sign,
                    value=None,
                    note=BELOW_RANGE if shown is OutOfRange.LO else ABOVE_RANGE,
                )
                for sign, shown in command.out_of_range.items()
            ),
        ),
        confirmed=command.confirmed,
    )


def _identify(
    command: c.Identify, person: patient.Patient, states: States, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    """The identity as a field of the record, what it corrects, and the question that follows."""
    if command.field not in portrait_ask.IDENTITY_FIELDS:
        return Refused(code="unknown_value", field="field")
    if not command.reason.strip():
        return Refused(code="reason_required", field="reason")
    written = FieldWritten(
        write_id=command.write_id,
        field=command.field,
        value=None,
        text=command.text,
        over=command.over,
        reason=command.reason.strip(),
    )
    decided = record.decide_write(person.record, written, facts.care)
    if isinstance(decided, Refused):
        return decided
    asked = PortraitAsked(
        ask_id=command.write_id,
        field=command.field,
        write_id=command.write_id,
        basis="emergency",
    )
    stream = primary(command)
    corrected = corrected_by(command, person, stamp)
    same = (corrected.age_y, corrected.sex) == (person.age_y, person.sex)
    if corrected.name is None and same and not person.identity.conflicts:
        return Accepted(writes=(Write(stream=stream, events=(decided, asked)),))
    accepted = assessed(states, stream, corrected, stamp, facts)
    if isinstance(accepted, Refused):
        return accepted
    return Accepted(
        writes=tuple(
            Write(stream=write.stream, events=(*write.events, decided, asked))
            for write in accepted.writes
        )
    )


def corrected_by(
    command: c.CorrectDemographic | c.Identify, person: patient.Patient, stamp: Stamp
) -> DemographicCorrected:
    """What the command says of name, age and sex; what it does not say stays."""
    says = {
        "name": command.name is not None,
        "age_y": command.age_y is not msgspec.UNSET,
        "sex": command.sex is not msgspec.UNSET,
    }
    known, seen = person.identity, command.seen
    return DemographicCorrected(
        name=command.name,
        age_y=person.age_y if command.age_y is msgspec.UNSET else command.age_y,
        sex=person.sex if command.sex is msgspec.UNSET else command.sex,
        reason=command.reason.strip(),
        write_id=f"{stamp.installation}.{stamp.sequence}",
        over={
            name: known.standing(name) if seen is None else seen.get(name, ())
            for name, said in says.items()
            if said
        },
    )


def _answer(command: c.RecordPortrait, facts: Facts) -> PortraitTaken | PortraitFailed:
    if command.reason:
        return PortraitFailed(
            ask_id=command.ask_id,
            reason=command.reason,
            detail=command.detail,
            again=command.again,
        )
    about = facts.care.portrait.about
    return PortraitTaken(
        ask_id=command.ask_id,
        facts=command.facts,
        words=command.words,
        not_understood=command.not_understood,
        rules=f"{about.id}@{about.version}",
    )


def _recorded_allergies(person: patient.Patient, facts: Facts) -> frozenset[str] | None:
    """What the resident's record says; it counts beside what the crew was told. None: nothing."""
    taken = person.portrait.taken if person.portrait else None
    held = taken.event.facts if taken else ()
    if all(fact.kind is not FactKind.ALLERGY for fact in held):
        return None
    return portrait.list_allergies(held, facts.care.portrait)


def assessed(
    states: States, stream: str, event: Any, stamp: Stamp, facts: Facts
) -> Accepted | Refused:
    """The finding, and the scores and sheets where the finding changed them."""
    state = states.get(stream)
    if not isinstance(state, patient.Patient):
        return Refused(code="absent", field="patient_id")
    after = patient.evolve(state, as_recorded(stream, event, stamp))
    if after is None:
        return one(stream, event)
    scored = assess.assess(after, stamp.now_ms, facts.scores, facts.care)
    new = () if scored == state.scored else (scored,)
    readings = assess.read_sheets(after, stamp.now_ms, facts.scores, facts.care)
    return Accepted(writes=(Write(stream=stream, events=(event, *new, *readings)),))
