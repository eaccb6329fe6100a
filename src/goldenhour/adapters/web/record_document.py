"""The whole record in the words and codes of the content, ready to be written as FHIR.

Rule 1: an id of the content leaves with its Chinese name and, in our own code system, the id; a
        code of another system stands beside it only where the map has one.
Rule 2: what the content does not know (a drug that was typed) leaves as the text that it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from goldenhour.adapters.web.record_lines import Lines, read_ms
from goldenhour.adapters.web.record_words import Words
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.content.fhir import FhirMap
from goldenhour.domain.care.events import Sex, SheetRead
from goldenhour.domain.care.items import ItemKind
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.care.record_form import Field
from goldenhour.domain.care.triage import JUDGED
from goldenhour.kernel.content import Status
from goldenhour.views.rows import EntryRow, WrittenRow
from goldenhour.views.whole_record import ReplacedRow, WholeRecord
from goldenhour.wire.fhir import (
    CareDocument,
    Concept,
    Correction,
    Deed,
    Dose,
    DrugLine,
    File,
    Form,
    Item,
    Paper,
    Person,
    Stay,
)
from goldenhour.wire.fhir.document import Value

_GENDERS: Final[Mapping[str, str]] = {
    Sex.MALE: "male",
    Sex.FEMALE: "female",
    Sex.UNKNOWN: "unknown",
}
_RECORD: Final = "record"
"""Id of the questionnaire that the record's own fields are."""


def document_of(
    whole: WholeRecord,
    care: CareContent,
    codes: FhirMap,
    files: Iterable[ImportedEcg],
    *,
    made_ms: int,
    test: bool,
) -> CareDocument:
    """`files`: ECG of other devices that was brought to this patient."""
    return _Builder(whole, care, codes).document(files, made_ms=made_ms, test=test)


class _Builder:
    def __init__(self, whole: WholeRecord, care: CareContent, codes: FhirMap) -> None:
        self.whole = whole
        self.words = Words(care, codes, whole.people)

    def document(self, files: Iterable[ImportedEcg], *, made_ms: int, test: bool) -> CareDocument:
        whole, codes, care = self.whole, self.words.codes, self.words.care
        record = whole.patient.record
        signed_ms = record.signed_ms
        changed = (
            *(entry.charted_ms for entry in record.entries),
            *(one.at_ms for writes in record.fields.values() for one in writes),
        )
        entries = record.entries
        return CareDocument(
            base=codes.base,
            kind=Concept(text=care.form.about.title.zh, codes=self.words.loinc(codes.document)),
            language=codes.language,
            title=care.form.about.title.zh,
            made_ms=made_ms,
            test=test,
            author=record.signed_by or whole.mission.call_sign,
            signed_by=record.signed_by,
            signed_ms=signed_ms,
            amended=signed_ms is not None and any(at_ms > signed_ms for at_ms in changed),
            person=self._person(),
            stay=self._stay(),
            lines=tuple(Lines(whole, self.words).all()),
            drugs=tuple(self._drug(entry) for entry in entries if entry.kind == "drug"),
            deeds=tuple(self._deed(entry) for entry in entries if entry.kind == "procedure"),
            forms=(*self._record_form(), *(self._sheet(reading) for reading in record.sheets)),
            papers=tuple(self._paper(entry) for entry in entries if entry.kind == "form"),
            corrections=tuple(self._corrections()),
            files=tuple(_file(file, whole.patient.id) for file in files),
            sections={name: title.zh for name, title in codes.sections.items()},
        )

    # ---- the person and the run

    def _person(self) -> Person:
        patient, codes = self.whole.patient, self.words.codes
        record = patient.record
        allergies: list[Concept] = []
        none: Concept | None = None
        field = self.words.fields[codes.allergies]
        for written in record.fields.get(codes.allergies, ()):
            for one in written.value if isinstance(written.value, tuple) else ():
                concept = self.words.named("allergy", one, field.choices)
                if one == codes.no_allergy:
                    none = concept
                elif concept not in allergies:
                    allergies.append(concept)
        impressions = record.fields.get(codes.impression, ())
        return Person(
            id=patient.id,
            name=patient.name,
            name_absent="masked" if self.whole.named else "unknown",
            working_name="" if self.whole.named else patient.working_name.zh,
            sex=_GENDERS[patient.sex],
            age_y=patient.age_y,
            age=Concept(text="年龄", codes=self.words.loinc(codes.age)),
            id_number=self._text(codes.person.id_number),
            phone=self._text(codes.person.phone),
            address=self._text(codes.person.address),
            allergies=tuple(allergies),
            no_allergy=none,
            impressions=tuple(one.text for one in impressions if one.text),
            impression_ms=impressions[-1].at_ms if impressions else None,
        )

    def _text(self, field: str) -> str | None:
        writes = self.whole.patient.record.fields.get(field, ())
        return writes[-1].text if writes else None

    def _stay(self) -> Stay:
        mission, case = self.whole.mission, self.whole.case
        return Stay(
            number=mission.incident_number,
            begun_ms=mission.assigned_ms or self.whole.patient.registered_ms,
            ended_ms=mission.ended_ms,
            cancelled=mission.state == "stood_down",
            vehicle=mission.call_sign,
            hospital=mission.destination_name,
            place=case.label if case else "",
        )

    # ---- what was given, done, noted and signed

    def _drug(self, entry: EntryRow) -> DrugLine:
        known = next((d for d in self.words.care.formulary.drugs if d.id == entry.what), None)
        return DrugLine(
            id=f"entry/{entry.id}",
            drug=self.words.own("drug", entry.what, known.name.zh)
            if known
            else Concept(text=entry.what),
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
            dose=Dose(
                value=entry.dose,
                unit=entry.unit,
                ucum=self.words.codes.units.get(entry.unit, ""),
                rate="/" in entry.unit,
                route=self.words.named("route", entry.route, self.words.care.form.routes)
                if entry.route
                else None,
            ),
            note=entry.reason,
            withdrawn=entry.withdrawn,
        )

    def _deed(self, entry: EntryRow) -> Deed:
        return Deed(
            id=f"entry/{entry.id}",
            procedure=self.words.named("procedure", entry.what, self.words.care.form.procedures),
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
            result=self.words.own("result", entry.result, entry.result),
            site=self.words.site(entry.region),
            withdrawn=entry.withdrawn,
        )

    def _paper(self, entry: EntryRow) -> Paper:
        form = self.words.care.form.find_form(entry.what)
        title = form.title.zh if form else entry.what
        return Paper(
            id=f"entry/{entry.id}",
            concept=self.words.own("paper", f"{entry.what}@{entry.form_version}", title),
            text=form.text.zh if form and form.version == entry.form_version else title,
            decision=self.words.named("decision", entry.result, form.decisions if form else ()),
            consent=entry.what in self.words.codes.consents,
            refuses=entry.result in self.words.codes.refusals,
            signer=entry.signer,
            relation=entry.relation,
            witness=entry.witness,
            strokes=entry.signature,
            details=entry.text,
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
        )

    # ---- forms

    def _record_form(self) -> Iterator[Form]:
        record = self.whole.patient.record
        written = {
            name: writes for name, writes in record.fields.items() if name in self.words.fields
        }
        if not written:
            return
        yield Form(
            id=_RECORD,
            section="complaint",
            canonical=f"{self.words.codes.base}:questionnaire:{_RECORD}",
            title=self.words.care.form.about.title.zh,
            items=tuple(
                self._item(self.words.fields[name], writes)
                for name, writes in written.items()
                if writes
            ),
            at_ms=max(one.at_ms for writes in written.values() for one in writes),
            complete=record.signed_ms is not None,
        )

    def _item(self, field: Field, writes: tuple[WrittenRow, ...]) -> Item:
        values: list[Value] = []
        for written in writes:
            if written.text is not None:
                values.append(written.text)
            elif written.value is not None:
                values += self.words.value(field, written.value)
        hidden = field.kind is ItemKind.TEXT and not values
        return Item(
            id=field.id, text=field.zh, values=tuple(values), absent="masked" if hidden else ""
        )

    def _sheet(self, reading: SheetRead) -> Form:
        sheet = self.words.care.find_sheet(reading.sheet)
        items = {item.id: item for item in sheet.list_items()} if sheet else {}
        told: list[Item] = []
        for used in reading.used:
            asked = items.get(used.item_id)
            values = tuple(self.words.value(asked, used.value)) if asked else (str(used.value),)
            told.append(
                Item(id=used.item_id, text=asked.zh if asked else used.item_id, values=values)
            )
        return Form(
            id=f"sheet/{reading.sheet}",
            section="sheets",
            canonical=f"{self.words.codes.base}:questionnaire:{reading.sheet}|{reading.version}",
            title=sheet.about.title.zh if sheet else reading.sheet,
            items=tuple(told),
            at_ms=read_ms(self.whole, reading),
            complete=reading.status is Status.COMPLETE,
        )

    # ---- corrections

    def _corrections(self) -> Iterator[Correction]:
        opened = {reading.sheet for reading in self.whole.patient.record.sheets}
        fields = self.whole.patient.record.fields
        for row in self.whole.replaced:
            sheet, dot, item = row.item.partition(".")
            target = "patient"
            if dot and sheet in opened:
                target = f"sheet/{sheet}"
            elif sheet == JUDGED and (said := fields.get(row.item)) and said[0].value is not None:
                target = f"{JUDGED}/{item}/0"
            elif row.item in self.words.fields:
                target = _RECORD
            yield Correction(
                target=target,
                was=f"{row.item}: {self._was(row)}",
                by=self.words.who(row.by),
                at_ms=row.at_ms,
                reason=row.reason,
            )
        for place, node in enumerate(self.whole.nodes):
            if node.original_ms is not None:
                yield Correction(
                    target=f"node/{place}",
                    was=f"{node.code}: {node.original_ms}",
                    by=self.words.who(node.actor),
                    at_ms=node.received_ms,
                    reason=node.reason,
                )

    def _was(self, row: ReplacedRow) -> str:
        if row.personal:
            return row.was_text or "masked"
        return ", ".join(row.was) if isinstance(row.was, tuple) else str(row.was)


def _file(file: ImportedEcg, patient_id: str) -> File:
    return File(
        id=f"ecg/{file.sha256}",
        title=file.name,
        media="application/dicom" if file.kind == "dicom" else "application/octet-stream",
        url=f"/api/ecg/files/{file.sha256}?patient_id={patient_id}",
        at_ms=file.received_ms,
        size_bytes=file.size_bytes,
    )
