"""The electronic record of a patient as a screen shows it."""

from msgspec.structs import replace

from goldenhour.domain.care import capacity, drugs, record
from goldenhour.domain.care.drug_given import drug_facts
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    DrugGiven,
    FormSigned,
    NoteTaken,
    ProcedureDone,
    VitalsEntered,
)
from goldenhour.domain.care.patient import Patient, known_facts
from goldenhour.domain.care.record import CareContent, Kept
from goldenhour.domain.care.written import Written
from goldenhour.views.fold import Reveal
from goldenhour.views.rows import EntryRow, RecordRow, WrittenRow


def record_row(patient: Patient, reveal: Reveal, content: CareContent) -> RecordRow:
    state = patient.record
    facts = drug_facts(state, known_facts(patient, content.portrait), content)
    # A view has no clock of its own: the day of what was measured last.
    at_ms = max(patient.registered_ms, patient.vitals_ms or 0)
    doses = {
        drug.id: drugs.advise(content.formulary, drug.id, facts, at_ms)
        for drug in content.formulary.drugs
    }
    basic = drugs.list_unknown(content.formulary, "", facts, at_ms)
    unknown = {
        drug.id: drugs.list_unknown(content.formulary, drug.id, facts, at_ms)
        for drug in content.formulary.drugs
    }
    return RecordRow(
        sheets=tuple(reading for reading in state.sheets.values() if reading),
        fields={
            field: tuple(written_row(one, reveal) for one in writes)
            for field, writes in state.fields.items()
        },
        entries=tuple(_entry(kept, reveal) for kept in state.entries),
        missing=record.list_missing(state, content),
        unknown={"": basic} | {drug: names for drug, names in unknown.items() if names != basic},
        doses={drug: found for drug, found in doses.items() if found},
        signed_by=state.signed.name if state.signed else "",
        signed_ms=state.signed.at_ms if state.signed else None,
        doubts=capacity.doubts(patient, content.form),
    )


def written_row(one: Written, reveal: Reveal) -> WrittenRow:
    return WrittenRow(
        write_id=one.write_id,
        value=one.value,
        text=reveal.text(one.text),
        by=one.by,
        at_ms=one.at_ms,
        reason=one.reason,
    )


def _entry(kept: Kept, reveal: Reveal) -> EntryRow:
    entry = kept.entry
    bare = EntryRow(
        id=entry.entry_id,
        kind="",
        what="",
        at_ms=kept.at_ms,
        charted_ms=kept.at_ms,
        by=kept.by,
        withdrawn=kept.withdrawn,
        withdrawn_by=kept.withdrawn_by,
    )
    match entry:
        case DrugGiven():
            return replace(
                bare,
                kind="drug",
                what=entry.drug,
                at_ms=entry.given_ms,
                dose=entry.dose,
                unit=entry.unit,
                route=entry.route,
                findings=entry.findings,
                reason=entry.reason,
            )
        case ProcedureDone():
            return replace(
                bare,
                kind="procedure",
                what=entry.procedure,
                at_ms=entry.done_ms,
                region=entry.region,
                result=entry.result,
            )
        case NoteTaken():
            return replace(bare, kind="note", text=reveal.text(entry.text), region=entry.region)
        case VitalsEntered():
            return replace(
                bare,
                kind="vitals",
                at_ms=entry.taken_ms,
                values=entry.values,
                confirmed=entry.confirmed,
            )
        case EcgRead():
            return replace(bare, kind="ecg", what="ecg_12", at_ms=entry.begun_ms, ecg=entry)
        case EcgInterpreted():
            return replace(
                bare,
                kind="reading",
                what="ecg_reading",
                text=reveal.text(entry.text),
                signer=entry.name,
                reason=entry.reason,
                ecg_id=entry.ecg_id,
                corrects=entry.corrects,
                role=kept.role,
            )
        case FormSigned():
            return replace(
                bare,
                kind="form",
                what=entry.form,
                text=reveal.text(entry.details),
                result=entry.decision,
                signer=reveal.text(entry.signer),
                relation=entry.relation,
                signature=reveal.text(entry.signature),
                witness=reveal.text(entry.witness),
                form_version=entry.form_version,
                doubts=entry.doubts,
            )
