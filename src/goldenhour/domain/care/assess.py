"""From what was measured and seen to the event `Scored`.

Rule 1: only values fresh at that moment count; an older one is shown but not scored.
Rule 2: heart rate comes from the ECG, else from the pulse; both are measured, neither is guessed.
"""

from goldenhour.domain.care.events import Observed, Scored, Sex
from goldenhour.domain.care.findings import Findings
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.scores import ScoreTable, score
from goldenhour.domain.care.triage import LevelTable, triage_level
from goldenhour.kernel.content import Status
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Sign
from goldenhour.kernel.time import SECOND_MS

GCS_RANGE = range(3, 16)
PAIN_RANGE = range(11)
NEWS2_STEP = 2
"""A rise of two is worth an alert (clinical rule 6)."""


class ScoreTables(Record):
    news2: ScoreTable
    mews: ScoreTable
    triage: tuple[LevelTable, ...]
    fresh_s: int
    """A vital sign older than this is not scored."""


def check_observed(seen: Observed) -> Refused | None:
    if seen.gcs is not None and seen.gcs not in GCS_RANGE:
        return Refused(code="out_of_range", field="gcs")
    if seen.pain is not None and seen.pain not in PAIN_RANGE:
        return Refused(code="out_of_range", field="pain")
    return None


def findings_of(state: Patient, now_ms: int, fresh_s: int) -> Findings:
    def value(*signs: Sign) -> float | None:
        for sign in signs:
            measured = state.vitals.get(sign)
            if measured and now_ms - measured.at_ms <= fresh_s * SECOND_MS:
                return measured.value
        return None

    seen = state.observed
    return Findings(
        age_y=state.age_y,
        # Only a man is known not to be pregnant; for everybody else somebody has to ask.
        pregnant=False if state.sex is Sex.MALE else None,
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


def tells_a_change(before: Scored, after: Scored) -> bool:
    """A step that a person would act on: the level, the band, or NEWS2 by two points or more."""
    if (before.level, before.news2_band) != (after.level, after.news2_band):
        return True
    if before.news2 is None or after.news2 is None:
        return before.news2 != after.news2
    return abs(after.news2 - before.news2) >= NEWS2_STEP
