"""From what was measured and seen to the event `Scored`.

Rule 1: only values fresh at that moment count; an older one is shown but not scored.
Rule 2: heart rate comes from the ECG, else from the pulse; both are measured, neither is guessed.
        An ECG that came without a rate (leads off) has measured none.
"""

from msgspec.structs import replace

from goldenhour.domain.care.events import Observed, Scored, Sex, SheetRead, SheetScore
from goldenhour.domain.care.findings import Findings
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import CareContent, CareRecord
from goldenhour.domain.care.scores import GcsInputError, GcsTable, ScoreTable, gcs, score
from goldenhour.domain.care.sheets import Sheet, SheetReading, read_sheet
from goldenhour.domain.care.triage import LevelTable, triage_level
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Sign
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS

GCS_RANGE = range(3, 16)
GCS_MOTOR_RANGE = range(1, 7)
PAIN_RANGE = range(11)
NEWS2_STEP = 2
"""A rise of two is worth an alert (clinical rule 6)."""


class ScoreTables(Record):
    news2: ScoreTable
    mews: ScoreTable
    gcs: GcsTable
    triage: tuple[LevelTable, ...]
    fresh_s: int
    """A vital sign older than this is not scored."""


def decide_observed(seen: Observed, table: GcsTable) -> Observed | Refused:
    """The observation with the sum of its parts; a part that nobody could test gives no sum."""
    if (parts := seen.gcs_parts) is not None:
        try:
            found = gcs(table, eye=parts.eye, verbal=parts.verbal, motor=parts.motor)
        except GcsInputError as wrong:
            return Refused(code="out_of_range", field=f"gcs_{wrong.part}")
        seen = replace(seen, gcs=found.total, gcs_motor=None)
    return check_observed(seen) or _with_motor(seen)


def _with_motor(seen: Observed) -> Observed:
    motor = seen.gcs_parts.motor if seen.gcs_parts else None
    return replace(seen, gcs_motor=motor) if isinstance(motor, int) else seen


def check_observed(seen: Observed) -> Refused | None:
    if seen.gcs is not None and seen.gcs not in GCS_RANGE:
        return Refused(code="out_of_range", field="gcs")
    motor = seen.gcs_motor
    if motor is not None and (motor not in GCS_MOTOR_RANGE or seen.gcs is None):
        return Refused(code="out_of_range", field="gcs_motor")
    # Eyes and speech are at least one each, and together at most nine.
    if motor is not None and seen.gcs is not None and not motor + 2 <= seen.gcs <= motor + 9:
        return Refused(code="out_of_range", field="gcs_motor")
    if seen.pain is not None and seen.pain not in PAIN_RANGE:
        return Refused(code="out_of_range", field="pain")
    return None


def findings_of(state: Patient, now_ms: int, fresh_s: int) -> Findings:
    def value(*signs: Sign) -> float | None:
        for sign in signs:
            measured = state.vitals.get(sign)
            if measured is None or measured.value is None:
                continue
            if now_ms - measured.at_ms <= fresh_s * SECOND_MS:
                return measured.value
        return None

    seen = state.observed
    weight_kg, pregnant = state.record.value("weight_kg"), state.record.value("pregnant")
    last_well_ms = state.record.value("last_well_ms")
    return Findings(
        age_y=state.age_y,
        # Only a man is known not to be pregnant; for everybody else somebody has to ask.
        pregnant=False
        if state.sex is Sex.MALE
        else (pregnant if isinstance(pregnant, bool) else None),
        weight_kg=weight_kg if isinstance(weight_kg, float | int) else None,
        lkw_min=(
            (now_ms - last_well_ms) // MINUTE_MS if isinstance(last_well_ms, float | int) else None
        ),
        heart_rate_per_min=value(Sign.HEART_RATE, Sign.PULSE),
        sbp_mmhg=value(Sign.NIBP_SYS),
        dbp_mmhg=value(Sign.NIBP_DIA),
        resp_per_min=value(Sign.RESP),
        spo2_pct=value(Sign.SPO2),
        temp_c=value(Sign.TEMP),
        etco2_mmhg=value(Sign.ETCO2),
        glucose_mmol_l=value(Sign.GLUCOSE),
        on_oxygen=seen.on_oxygen if seen else None,
        consciousness=seen.consciousness if seen else None,
        gcs=seen.gcs if seen else None,
        gcs_motor=seen.gcs_motor if seen else None,
        pain=seen.pain if seen else None,
    )


def assess(state: Patient, now_ms: int, tables: ScoreTables) -> Scored:
    findings = findings_of(state, now_ms, tables.fresh_s)
    early = score(findings, tables.news2)
    level = triage_level(findings, tables.triage, tables.mews)
    return Scored(
        news2=None if early.total is None else int(early.total),
        news2_band=early.band or "",
        news2_missing=early.missing,
        level=level.level,
        level_reasons=tuple(
            f"{hit.table_id}@{hit.table_version}#{hit.row_id}" for hit in level.fired
        ),
        level_missing=level.missing,
        complete=early.status is Status.COMPLETE and level.status is Status.COMPLETE,
        table_version=f"{early.table_id}@{early.table_version}",
    )


def read_sheets(
    state: Patient, now_ms: int, tables: ScoreTables, content: CareContent
) -> tuple[SheetRead, ...]:
    """The readings of the opened sheets that say something new."""
    if not state.record.sheets:
        return ()
    findings = findings_of(state, now_ms, tables.fresh_s)
    found: list[SheetRead] = []
    for name, before in state.record.sheets.items():
        sheet = content.find_sheet(name)
        if sheet is None:  # of a newer release; its last reading stands
            continue
        answers = grown(state.record, sheet, now_ms)
        reading = _as_event(read_sheet(sheet, content.scores, answers, findings))
        if reading != before:
            found.append(reading)
    return tuple(found)


def grown(state: CareRecord, sheet: Sheet, now_ms: int) -> dict[str, Answer]:
    """The answers, those that count from a moment as they stand by now."""
    prefix = f"{sheet.about.id}."
    answers = state.list_values(prefix)
    for item in sheet.list_items():
        value = answers.get(item.id)
        if item.since and isinstance(value, int | float) and not isinstance(value, bool):
            began_ms = began(state, f"{prefix}{item.id}")
            if began_ms is not None:
                ago_min = max(value, (now_ms - began_ms) // MINUTE_MS)
                answers[item.id] = ago_min if item.high is None else min(ago_min, item.high)
    return answers


def began(state: CareRecord, field: str) -> int | None:
    """The moment that a person told in minutes when they wrote the field."""
    written = state.fields.get(field)
    value = written[-1].value if written else None
    if not written or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return written[-1].at_ms - round(value * MINUTE_MS)


def _as_event(reading: SheetReading) -> SheetRead:
    return SheetRead(
        sheet=reading.sheet_id,
        version=reading.sheet_version,
        status=reading.status,
        used=reading.used,
        level=reading.level,
        response=reading.response,
        scores=tuple(
            SheetScore(
                table=f"{one.table_id}@{one.table_version}",
                total=one.total,
                band=one.band or "",
                complete=one.status is Status.COMPLETE,
            )
            for one in reading.scores
            if one.status is not Status.NOT_APPLICABLE
        ),
        reasons=tuple(row.id for row in reading.reasons),
        responses=tuple(row.id for row in reading.responses),
        actions=tuple(row.id for row in reading.actions),
        needs=tuple(row.id for row in reading.needs),
        missing=reading.missing,
        contradictions=reading.contradictions,
    )


def tells_a_change(before: Scored, after: Scored) -> bool:
    """A step that a person would act on: the level, the band, or NEWS2 by two points or more."""
    if (before.level, before.news2_band) != (after.level, after.news2_band):
        return True
    if before.news2 is None or after.news2 is None:
        return before.news2 != after.news2
    return abs(after.news2 - before.news2) >= NEWS2_STEP
