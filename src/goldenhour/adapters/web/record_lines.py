"""What was measured, seen, judged, told and noted, and the times of the run: one line each."""

from collections.abc import Iterator
from math import isfinite
from typing import Final

from goldenhour.adapters.web.record_words import Words
from goldenhour.domain.care.age import with_unit
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.events import GcsPart, SheetRead
from goldenhour.domain.care.findings import rounded
from goldenhour.domain.care.items import ItemKind
from goldenhour.domain.care.own_alarms import End
from goldenhour.domain.care.triage import JUDGED
from goldenhour.kernel.condition import UNKNOWN
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.telemetry import Sign
from goldenhour.views.places import MeasuredAt, list_measured
from goldenhour.views.rows import EntryRow, ScoreRow
from goldenhour.views.whole_record import ObservedRow, OwnAlarmRow, WholeRecord
from goldenhour.wire.fhir import Code, Concept, Lasting, Line, Moment, Part, Quantity
from goldenhour.wire.fhir.document import Value

_SCORE: Final = "分"
_PRIORITIES: Final = {
    Priority.HIGH: "高",
    Priority.MEDIUM: "中",
    Priority.LOW: "低",
    Priority.UNKNOWN: "设备未说明",
}
_ENDS: Final = {End.DEVICE: "设备报告结束", End.LEFT: "设备离开该患者", End.MOMENT: "瞬时"}
_NOT_TESTED: Final = {"NT": "NT 无法检查", "T": "T 气管插管，无法检查"}
_AGE_UNITS: Final = {"a": "岁", "mo": "个月", "d": "天"}
_TEST: Final = "test: a recording that is played again, or a world that is not live"
_MM_A_MV: Final = 10
"""On paper."""


class Lines:
    def __init__(self, whole: WholeRecord, words: Words) -> None:
        self.whole = whole
        self.words = words

    def all(self) -> Iterator[Line]:
        yield from self._vitals()
        yield from (
            self._own_alarm(place, row) for place, row in enumerate(self.whole.device_alarms)
        )
        yield from self._scores()
        yield from self._judged()
        yield from self._told()
        entries = self.whole.patient.record.entries
        yield from (self._ecg(e, e.ecg) for e in entries if e.ecg is not None)
        yield from (self._reading(e) for e in entries if e.kind == "reading")
        yield from (self._note(e) for e in entries if e.kind == "note")
        yield from self._times()

    def _vitals(self) -> Iterator[Line]:
        for measured in list_measured(self.whole.charted, self.words.codes.pressures):
            yield from self._charted(measured)
        seen = {row.id: row for row in self.words.codes.observed}
        for place, observed in enumerate(self.whole.observed):
            for name, about in seen.items():
                found = getattr(observed, name)
                parts = self._gcs_parts(observed) if name == "gcs" else ()
                if (found is None or found == "") and not parts:
                    continue
                value: Value | None = found
                if found is None:
                    pass  # a part that could not be tested leaves no total
                elif name == "consciousness":
                    value = self.words.own("acvpu", found, found)
                elif not isinstance(found, bool):
                    value = Quantity(value=found, unit=about.unit, ucum=about.ucum)
                yield Line(
                    id=f"observed/{place}/{name}",
                    section="vitals",
                    category="exam",
                    concept=self.words.measured(about),
                    at_ms=observed.at_ms,
                    by=self.words.who(observed.by),
                    value=value,
                    parts=parts,
                )

    def _gcs_parts(self, observed: ObservedRow) -> tuple[Part, ...]:
        """All three, once one of them is known; what could not be tested is never a number."""
        parts = []
        for about in self.words.codes.gcs_parts:
            points: GcsPart = getattr(observed, about.id)
            if isinstance(points, int):
                told = Quantity(value=points, unit=about.unit, ucum=about.ucum)
                parts.append(Part(concept=self.words.measured(about), value=told))
            else:
                parts.append(
                    Part(
                        concept=self.words.measured(about),
                        value=None,
                        absent="" if points is None else "not-performed",
                        why="" if points is None else _NOT_TESTED[points],
                    )
                )
        examined = (observed.gcs_eye, observed.gcs_verbal, observed.gcs_motor)
        return () if examined == (None,) * 3 else tuple(parts)

    def _charted(self, measured: MeasuredAt) -> Iterator[Line]:
        signs = {row.id: row for row in self.words.codes.signs}
        ident = f"set/{measured.place}"
        parts: list[Part] = []
        for numeric in measured.values:
            about = signs[numeric.sign]
            value = (
                None
                if numeric.value is None
                else Quantity(value=numeric.value, unit=about.unit, ucum=about.ucum)
            )
            if numeric.sign in self.words.codes.pressures:
                parts.append(Part(concept=self.words.measured(about), value=value))
                continue
            yield Line(
                id=f"{ident}/{numeric.sign}",
                section="vitals",
                category="vital-signs",
                concept=self.words.measured(about),
                at_ms=measured.at_ms,
                by=self.words.who(measured.by or measured.device),
                value=value,
                note=numeric.note,
            )
        if parts:
            yield Line(
                id=f"{ident}/pressure",
                section="vitals",
                category="vital-signs",
                concept=Concept(text="血压", codes=self.words.loinc(self.words.codes.pressure)),
                at_ms=measured.at_ms,
                by=self.words.who(measured.by or measured.device),
                parts=tuple(parts),
            )

    def _own_alarm(self, place: int, row: OwnAlarmRow) -> Line:
        """What a device alarmed by itself: its words are the value, and nothing is concluded."""
        of_priority = self.words.own("alarm-priority", row.priority, _PRIORITIES[row.priority])
        parts = [Part(concept=self.words.own("alarm", "priority", "优先级"), value=of_priority)]
        parts += (
            Part(concept=self.words.own("alarm", code, text), value=value)
            for code, text, value in (
                ("event", "设备事件", row.event),
                ("source", "报警对象", row.source),
                ("nature", "类别", row.nature),
                ("value", "测量值", row.value),
                ("limits", "界限", row.limits),
                ("end", "结束方式", _ENDS[row.end] if row.end else ""),
                ("quiet", "设备端静音方式", row.quiet),
            )
            if value
        )
        if row.times > 1:
            count = self.words.own("alarm", "times", "次数")
            parts.append(Part(concept=count, value=Quantity(value=row.times, unit="次", ucum="1")))
        parts += (
            Part(concept=self.words.own("alarm", code, text), value=Moment(at_ms=at_ms))
            for code, text, at_ms in (
                ("quiet_at", "设备端静音时间", row.quiet_ms),
                ("silent_since", "设备无信号起始", row.silent_ms),
            )
            if at_ms is not None
        )
        return Line(
            id=f"alarm/{place}",
            section="alarms",
            category="exam",
            concept=self.words.own("entry", "device_alarm", "设备报警"),
            at_ms=row.begun_ms,
            by="",
            device=row.device,
            value=row.words,
            parts=tuple(parts),
            lasting=Lasting(until_ms=row.ended_ms),
        )

    def _scores(self) -> Iterator[Line]:
        patient = self.whole.patient
        for place, row in enumerate(patient.score_history):
            yield self._news2(f"score/{place}", row)
            if row.level:
                yield Line(
                    id=f"score/{place}/level",
                    section="scores",
                    category="survey",
                    concept=self.words.own("score", "level_proposed", "建议分级"),
                    at_ms=row.at_ms,
                    by="",
                    value=self.words.own("triage-level", row.level, row.level),
                    note="" if row.complete else "at least: not everything is known",
                )
        for place, confirmed in enumerate(self.whole.confirmed):
            yield Line(
                id=f"level/{place}",
                section="scores",
                category="exam",
                concept=self.words.own("score", "level_confirmed", "确认分级"),
                at_ms=confirmed.at_ms,
                by=self.words.who(confirmed.by),
                value=self.words.own("triage-level", confirmed.level, confirmed.level),
                note=confirmed.reason,
            )
        for reading in patient.record.sheets:
            at_ms = read_ms(self.whole, reading)
            for score in reading.scores:
                table = self.words.care.scores.get(score.table.partition("@")[0])
                text = table.about.title.zh if table else score.table
                yield Line(
                    id=f"sheet/{reading.sheet}/{score.table}",
                    section="scores",
                    category="survey",
                    concept=self.words.own("score", score.table, text),
                    at_ms=at_ms,
                    by="",
                    value=None
                    if score.total is None
                    else Quantity(
                        value=score.total,
                        unit=_SCORE,
                        ucum="{score}",
                        at_least=not score.complete,
                    ),
                    note=score.band,
                )

    def _news2(self, ident: str, row: ScoreRow) -> Line:
        return Line(
            id=ident,
            section="scores",
            category="survey",
            concept=self.words.own("score", "news2", "NEWS2"),
            at_ms=row.at_ms,
            by="",
            value=None
            if row.news2 is None
            else Quantity(
                value=row.news2, unit=_SCORE, ucum="{score}", at_least=bool(row.news2_missing)
            ),
            note=", ".join(row.news2_missing),
        )

    def _judged(self) -> Iterator[Line]:
        """What a person judged, each answer; what nobody judged is left out, and is no "no"."""
        sheet = self.words.care.find_sheet(JUDGED)
        fields = self.whole.patient.record.fields
        for item in sheet.list_items() if sheet else ():
            writes = fields.get(f"{JUDGED}.{item.id}", ())
            for place, written in enumerate(writes):
                if written.value is None:
                    continue  # taken back
                unknown = written.value == UNKNOWN
                yield Line(
                    id=f"{JUDGED}/{item.id}/{place}",
                    section=JUDGED,
                    category="exam",
                    concept=self.words.own(JUDGED, item.id, item.zh),
                    at_ms=written.at_ms,
                    by=self.words.who(written.by),
                    value=None if unknown else bool(written.value),
                    absent="asked-unknown" if unknown else "",
                    note="; ".join(
                        filter(None, ("conflict" if len(writes) > 1 else "", written.reason))
                    ),
                )

    def _told(self) -> Iterator[Line]:
        """Fields that are observations of their own."""
        patient = self.whole.patient
        if patient.age_y is not None:
            age, unit = with_unit(patient.age_y)
            yield Line(
                id="age",
                section="person",
                category="survey",
                concept=Concept(text="年龄", codes=self.words.loinc(self.words.codes.age)),
                at_ms=patient.registered_ms,
                by="",
                value=Quantity(value=age, unit=_AGE_UNITS[unit], ucum=unit),
            )
        for coded in self.words.codes.fields:
            field = self.words.fields[coded.id]
            writes = patient.record.fields.get(coded.id, ())
            for place, written in enumerate(writes):
                value: Value | None = written.text
                if isinstance(written.value, int | float):
                    value = Quantity(value=written.value, unit=field.unit, ucum=coded.ucum)
                if value is None and field.kind is not ItemKind.TEXT:
                    continue  # emptied again
                own = Code(system=f"{self.words.codes.base}:field", code=field.id, display=field.zh)
                yield Line(
                    id=f"told/{coded.id}/{place}",
                    section="complaint",
                    category="survey",
                    concept=Concept(text=field.zh, codes=(*self.words.loinc(coded), own)),
                    at_ms=written.at_ms,
                    by=self.words.who(written.by),
                    value=value,
                    absent="masked",
                    note="conflict" if len(writes) > 1 else "",
                )

    def _ecg(self, entry: EntryRow, read: EcgRead) -> Line:
        """The numbers; what rules find in them is for the eyes of whoever reads the ECG."""
        measured, rules = read.measured, self.words.care.ecg
        signs = {row.id: row for row in self.words.codes.signs}
        rate = signs[Sign.HEART_RATE]
        parts = [
            Part(
                concept=self.words.measured(rate),
                value=_amount(measured.heart_rate_per_min, 0, rate.unit, rate.ucum),
            )
        ]
        parts += (
            Part(concept=self.words.own("ecg", code, text), value=_amount(value, 0, "ms", "ms"))
            for code, text, value in (
                ("pr_ms", "PR 间期", measured.pr_ms),
                ("qrs_ms", "QRS 时限", measured.qrs_ms),
                ("qt_ms", "QT 间期", measured.qt_ms),
                ("qtcf_ms", "QTcF 间期", measured.qtcf_ms),
            )
        )
        leads = (
            *(lead for lead in rules.standard if lead in measured.leads),
            *(lead for lead in measured.leads if lead not in rules.standard),
        )
        for lead in leads:
            level_mm = _rounded(measured.leads[lead].st_j_mm, rules.decimals_mm)
            # A paper's millimetre is no length, and UCUM's is nothing else.
            level_mv = None if level_mm is None else level_mm / _MM_A_MV
            parts.append(
                Part(
                    concept=self.words.own("ecg", f"st_j:{lead}", f"{lead} 导联 J 点 ST 段"),
                    value=_amount(level_mv, rules.decimals_mm + 1, "mV", "mV"),
                )
            )
        return Line(
            id=f"entry/{entry.id}",
            section="ecg",
            category="exam",
            concept=self.words.own("entry", "ecg", "心电图测量"),
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
            parts=tuple(parts),
            note="; ".join((read.findings.reading_text.zh, *((_TEST,) if read.test else ()))),
            withdrawn=entry.withdrawn,
        )

    def _reading(self, entry: EntryRow) -> Line:
        return Line(
            id=f"entry/{entry.id}",
            section="ecg",
            category="exam",
            concept=self.words.own("entry", "ecg_reading", "心电图医生判读"),
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
            value=entry.text,
            absent="masked",
            note="; ".join(filter(None, (f"signed: {entry.signer}", entry.reason))),
            withdrawn=entry.withdrawn,
        )

    def _note(self, entry: EntryRow) -> Line:
        return Line(
            id=f"entry/{entry.id}",
            section="notes",
            category="exam",
            concept=self.words.own("entry", "note", "记录"),
            at_ms=entry.at_ms,
            by=self.words.who(entry.by),
            value=entry.text,
            absent="masked",
            site=self.words.site(entry.region),
            withdrawn=entry.withdrawn,
        )

    def _times(self) -> Iterator[Line]:
        for place, node in enumerate(self.whole.nodes):
            yield Line(
                id=f"node/{place}",
                section="times",
                category="survey",
                concept=self.words.own("node", node.code, node.code),
                at_ms=node.at_ms,
                by=self.words.who(node.actor),
                value=Moment(at_ms=node.at_ms),
                note=f"{node.source}{' (supplied late)' if node.estimated else ''}",
            )


def _rounded(value: float | None, places: int) -> float | None:
    """As it is shown; no number at all is a value that is missing."""
    if value is None or not isfinite(value):
        return None
    shown = rounded(float(value), places)
    assert isinstance(shown, float)  # a fraction stays one
    return shown


def _amount(value: float | None, places: int, unit: str, ucum: str) -> Quantity | None:
    shown = _rounded(value, places)
    return None if shown is None else Quantity(value=shown, unit=unit, ucum=ucum)


def read_ms(whole: WholeRecord, reading: SheetRead) -> int:
    """A reading keeps no time of its own: its newest answer's, else the patient's."""
    head = f"{reading.sheet}."
    times = [
        one.at_ms
        for name, writes in whole.patient.record.fields.items()
        if name.startswith(head)
        for one in writes
    ]
    return max(times, default=whole.patient.registered_ms)
