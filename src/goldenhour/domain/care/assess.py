"""From what was measured and seen to the event `Scored`.

Rule 1: only values fresh at that moment are scored; how long one is, is content (`valid_s`). An
        older one is missing, as it never is normal. Time alone makes nobody better either: what
        an outdated value says stands as "at least" until somebody looks again, and is named.
Rule 2: heart rate comes from the ECG, else from the pulse; both are measured, neither is guessed.
        An ECG that came without a rate (leads off) has measured none. A meter that shows LO or HI
        has: it counts as one step beyond its range (content `beyond`).
Rule 3: what a sheet was told is known to the scores and to the level tables as well.
Rule 4: what a device shows although the patient may be worse (`misleads`, content) counts as an
        outdated value does: as far as it is bad, and never as normal.
Rule 5: the proposed level is the worst of the level tables' and of the opened sheets' that are for
        this patient. A sheet of a scene has none.
"""

from typing import Any, Final

from msgspec.structs import asdict, replace

from goldenhour.domain.care.events import Scored, Sex, SheetRead, SheetScore
from goldenhour.domain.care.findings import NAMES, Findings, known
from goldenhour.domain.care.misled import list_misled
from goldenhour.domain.care.patient import Measured, Patient
from goldenhour.domain.care.plausible import Beyond, Misleading
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.care.scores import GcsTable, ScoreTable, asked_by, score
from goldenhour.domain.care.sheet_answers import read_answered
from goldenhour.domain.care.sheets import Sheet, SheetReading
from goldenhour.domain.care.triage import JUDGED, Indicator, LevelTable, triage_level
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import TriageLevel, worst_triage
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import ABOVE_RANGE, BELOW_RANGE, BEYOND, Sign
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS

NEWS2_STEP = 2
"""A rise of two is worth an alert (clinical rule 6)."""
SCORES = ("pews",)
"""Findings that are scores of a sheet."""
BLEEDING = ("none", "less", "equal", "more")
"""Compared with a period, the worst last."""
OTHERWISE = "otherwise"
"""The row of a sheet that holds when no other does."""


class ScoreTables(Record):
    news2: ScoreTable
    mews: ScoreTable
    gcs: GcsTable
    triage: tuple[LevelTable, ...]
    fresh_s: int
    """A value older than this is not scored."""
    valid_s: dict[str, int]
    """Those that are good for another time, by finding."""
    beyond: dict[Sign, Beyond]
    """Of signs whose meters say LO and HI."""
    misleads: tuple[Misleading, ...] = ()

    def valid_ms(self, name: str) -> int:
        return self.valid_s.get(name, self.fresh_s) * SECOND_MS

    def number(self, sign: Sign, one: Measured) -> float | None:
        """As it is scored; None: nothing was measured."""
        if (ends := self.beyond.get(sign)) is None:
            return one.value
        return {BELOW_RANGE: ends.below, ABOVE_RANGE: ends.above}.get(one.note, one.value)


SIGNS: Final = {
    "heart_rate_per_min": (Sign.HEART_RATE, Sign.PULSE),
    "sbp_mmhg": (Sign.NIBP_SYS,),
    "dbp_mmhg": (Sign.NIBP_DIA,),
    "resp_per_min": (Sign.RESP,),
    "spo2_pct": (Sign.SPO2,),
    "temp_c": (Sign.TEMP,),
    "etco2_mmhg": (Sign.ETCO2,),
    "glucose_mmol_l": (Sign.GLUCOSE,),
}
"""What a device or a hand measures, by finding; of two signs the first that is fresh."""


def list_ages(state: Patient) -> dict[str, int]:
    """When what has an age was seen or measured, by finding."""
    measured = {
        name: max(found)
        for name, signs in SIGNS.items()
        if (
            found := [
                one.at_ms
                for sign in signs
                if (one := state.vitals.get(sign)) and (one.value is not None or one.note in BEYOND)
            ]
        )
    }
    return measured | state.seen_ms


def findings_of(
    state: Patient,
    now_ms: int,
    tables: ScoreTables,
    *,
    ever: bool = False,
    proved: bool = True,
) -> Findings:
    """What counts at that moment; `ever` is whatever was last known, however long ago.

    Unless `proved`, it has what misleads besides.
    """

    def is_fresh(name: str, at_ms: int) -> bool:
        return ever or now_ms - at_ms <= tables.valid_ms(name)

    misled = list_misled(state.record, tables.misleads) if proved and not ever else frozenset()

    def value(name: str) -> float | None:
        if name in misled:
            return None
        found = [(sign, one) for sign in SIGNS[name] if (one := state.vitals.get(sign))]
        if ever:
            found.sort(key=lambda said: -said[1].at_ms)
        numbers = (tables.number(sign, one) for sign, one in found if is_fresh(name, one.at_ms))
        return next((number for number in numbers if number is not None), None)

    def told(name: str) -> Any:
        at_ms = state.seen_ms.get(name)
        return None if at_ms is None or not is_fresh(name, at_ms) else getattr(seen, name)

    record = state.record
    seen = state.observed
    judged: dict[str, bool] = {}
    for item in (item.id for table in tables.triage for item in table.judged):
        said = [
            one.value
            for one in record.fields.get(f"{JUDGED}.{item}", ())
            if isinstance(one.value, bool) and is_fresh(JUDGED, one.at_ms)
        ]
        if said:
            judged[item] = True in said
    last_well_ms = min(record.list_written("last_well_ms"), default=None)
    return Findings(
        age_y=state.age_y,
        # Only a man is known not to be pregnant; for everybody else somebody has to ask.
        pregnant=False if state.sex is Sex.MALE else record.flag("pregnant"),
        weight_kg=min(record.list_written("weight_kg"), default=None),
        lkw_min=None if last_well_ms is None else (now_ms - last_well_ms) // MINUTE_MS,
        heart_rate_per_min=value("heart_rate_per_min"),
        sbp_mmhg=value("sbp_mmhg"),
        dbp_mmhg=value("dbp_mmhg"),
        resp_per_min=value("resp_per_min"),
        spo2_pct=value("spo2_pct"),
        temp_c=value("temp_c"),
        etco2_mmhg=value("etco2_mmhg"),
        glucose_mmol_l=value("glucose_mmol_l"),
        spo2_scale_2=record.flag("spo2_scale_2"),
        # It makes a low saturation advice only.
        chronic_hypoxia=record.flag("chronic_hypoxia", graver=False),
        ecg_suggests_ami=record.flag("ecg_suggests_ami"),
        potassium_mmol_l=max(record.list_numbers("potassium_mmol_l"), default=None),
        contraction_min=min(record.list_numbers("contraction_min"), default=None),
        vaginal_bleeding=max(
            (str(one) for one in record.list_said("vaginal_bleeding") if one in BLEEDING),
            key=BLEEDING.index,
            default=None,
        ),
        on_oxygen=told("on_oxygen"),
        consciousness=told("consciousness"),
        gcs=(gcs_now := told("gcs")),
        gcs_motor=seen.gcs_motor if seen and gcs_now is not None else None,
        pain=told("pain"),
        sbp_fell=record.flag("sbp_fell"),
        # It makes a low saturation advice only.
        spo2_corrected=record.flag("spo2_corrected", graver=False),
        judged=tuple(item for item, holds in judged.items() if holds) if judged else None,
        unjudged=tuple(
            item.id for table in tables.triage for item in table.judged if item.id not in judged
        )
        if judged
        else None,
    )


def misled_of(state: Patient, now_ms: int, tables: ScoreTables) -> dict[str, Answer]:
    """What devices show that proves nothing normal: what is bad by it is bad."""
    names = list_misled(state.record, tables.misleads)
    shown = findings_of(state, now_ms, tables, proved=False) if names else None
    return {name: value for name in names if (value := getattr(shown, name)) is not None}


def valid_until(state: Patient, tables: ScoreTables) -> tuple[dict[str, int], dict[str, int]]:
    """Until when what NEWS2 asks and what the level asks may be scored, by finding.

    A score that nobody takes anew is not the newest word for ever: a screen says by this what has
    gone out of date since.
    """
    ends = {name: at_ms + tables.valid_ms(name) for name, at_ms in list_ages(state).items()}
    early = {name for row in tables.news2.rows for name in asked_by(row.when)}
    level = {name for row in tables.mews.rows for name in asked_by(row.when)}
    level |= {name for table in tables.triage for row in table.rows for name in asked_by(row.when)}
    return (
        {name: end for name, end in ends.items() if name in early},
        {name: end for name, end in ends.items() if name in level},
    )


def assess(state: Patient, now_ms: int, tables: ScoreTables, content: CareContent) -> Scored:
    findings = findings_of(state, now_ms, tables)
    last = _with_outdated(findings, findings_of(state, now_ms, tables, ever=True))
    early = score(last, tables.news2)
    outdated = early.inputs.keys() - known(findings).keys()
    band = early.band
    if outdated and band == tables.news2.bands[0].id:
        band = None
    sheets = [
        (sheet, reading)
        for sheet, reading in _read(state, findings, now_ms, tables, content)
        if sheet.levels and reading.status is not Status.NOT_APPLICABLE
    ]
    findings = _with_scores(findings, [reading for _, reading in sheets])
    told = [hit for _, reading in sheets for hit in _told(reading)]
    # A sheet of a newer release cannot be read here: its last reading stands.
    told += [
        Indicator(table_id=name, table_version=last.version, row_id=row, level=last.level)
        for name, last in state.record.sheets.items()
        if last and last.level and content.find_sheet(name) is None
        for row in last.reasons[:1] or (OTHERWISE,)
    ]
    level = triage_level(
        findings,
        tables.triage,
        tables.mews,
        worst_triage(hit.level for hit in told),
        last=last,
    )
    order = list(TriageLevel)
    open_items = [
        _field(sheet, name)
        for sheet, reading in sheets
        if level.level is not order[0]
        for name in reading.missing
    ]
    missing = tuple(dict.fromkeys((*level.missing, *open_items)))
    return Scored(
        news2=None if early.total is None else int(early.total),
        news2_band=band or "",
        news2_missing=tuple(sorted({*early.missing, *outdated})),
        level=level.level,
        level_reasons=tuple(
            f"{hit.table_id}@{hit.table_version}#{hit.row_id}"
            for hit in sorted((*level.fired, *told), key=lambda hit: order.index(hit.level))
        ),
        level_missing=missing,
        complete=early.status is Status.COMPLETE and not outdated and not missing,
        table_version=f"{early.table_id}@{early.table_version}",
        level_unknown=tuple(
            sorted(
                {
                    *level.unknown,
                    *(_field(sheet, name) for sheet, reading in sheets for name in reading.unknown),
                    *(
                        sheet.about.id
                        for sheet in content.sheets
                        if sheet.levels and sheet.about.id not in state.record.sheets
                    ),
                }
            )
        ),
    )


def _with_outdated(findings: Findings, ever: Findings) -> Findings:
    """What was last known where nothing is fresh; what was judged has its own ages within."""
    fresh = {name: value for name, value in asdict(findings).items() if value is not None}
    return replace(ever, **fresh | {JUDGED: ever.judged})


def _read(
    state: Patient, findings: Findings, now_ms: int, tables: ScoreTables, content: CareContent
) -> list[tuple[Sheet, SheetReading]]:
    """The opened sheets that this release knows; what a misleading device shows proves nothing."""
    misled = misled_of(state, now_ms, tables)
    unproved = list_misled(state.record, tables.misleads)
    return [
        (
            sheet,
            read_answered(
                state.record,
                sheet,
                content.scores,
                findings,
                now_ms,
                misled=misled,
                unproved=unproved,
            ),
        )
        for sheet in filter(None, map(content.find_sheet, state.record.sheets))
    ]


def _with_scores(findings: Findings, readings: list[SheetReading]) -> Findings:
    """With the scores that a sheet has answered in full and a level table asks for by name."""
    found = {
        one.table_id: int(one.total)
        for reading in readings
        for one in reading.scores
        if one.table_id in SCORES and one.status is Status.COMPLETE and one.total is not None
    }
    return replace(findings, **found)


def _told(reading: SheetReading) -> list[Indicator]:
    """The rows of a sheet that hold; a sheet that is answered has a level also without any."""
    rows = [(row.id, row.level) for row in reading.reasons]
    if not rows and reading.level:
        rows = [(OTHERWISE, reading.level)]
    return [
        Indicator(
            table_id=reading.sheet_id,
            table_version=reading.sheet_version,
            row_id=row_id,
            level=level,
        )
        for row_id, level in rows
    ]


def _field(sheet: Sheet, name: str) -> str:
    """An item by its field, but what is measured once for all sheets by its own name."""
    return name if name in NAMES else f"{sheet.about.id}.{name}"


def read_sheets(
    state: Patient, now_ms: int, tables: ScoreTables, content: CareContent
) -> tuple[SheetRead, ...]:
    """The readings of the opened sheets that say something new."""
    if not state.record.sheets:
        return ()
    findings = findings_of(state, now_ms, tables)
    readings = (
        _as_event(reading) for _, reading in _read(state, findings, now_ms, tables, content)
    )
    return tuple(one for one in readings if one != state.record.sheets[one.sheet])


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
