"""Clinical content: versioned files beside this module, read once and checked whole.

Rule 1: every file states its id, version, title, sources and sign-off state.
Rule 2: content that names anything unknown is refused at load, with the file and the field.
"""

from collections.abc import Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

from goldenhour.content.chart import read_formulary, read_record
from goldenhour.content.check import ContentError, check_names, read_file
from goldenhour.content.ecg import check_confounders, read_ecg_rules
from goldenhour.content.portrait import read_portrait
from goldenhour.content.rhythm import read_rhythm_rules
from goldenhour.content.sheets import (
    Inputs,
    check_scores,
    judged_sheet,
    read_scores,
    read_sheets,
)
from goldenhour.content.shift_check import read_shift_check
from goldenhour.domain.care.burns import BurnTable
from goldenhour.domain.care.drugs import Formulary
from goldenhour.domain.care.ecg_rules import EcgRules
from goldenhour.domain.care.findings import NAMES
from goldenhour.domain.care.levels import TriageGrade
from goldenhour.domain.care.plausible import VitalTable
from goldenhour.domain.care.portrait_content import PortraitContent
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.domain.care.rhythm import RhythmRules
from goldenhour.domain.care.scores import GcsTable, ScoreTable
from goldenhour.domain.care.sheets import Sheet
from goldenhour.domain.care.triage import JUDGED, LevelTable
from goldenhour.domain.register.shift_check import ShiftCheck
from goldenhour.domain.triage import (
    Card,
    LevelPlan,
    Marks,
    Protocol,
    ProtocolError,
    Response,
    Tcpr,
    Topics,
    assemble,
)
from goldenhour.kernel.content import About
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.record import Record

__all__ = ["Content", "ContentError", "Levels", "load"]


class Levels(Record):
    about: About
    dispatch: tuple[LevelPlan, ...]
    responses: tuple[Response, ...]
    triage: tuple[TriageGrade, ...]


class Content(Record):
    protocol: Protocol
    tcpr: Tcpr
    levels: Levels
    news2: ScoreTable
    mews: ScoreTable
    gcs: GcsTable
    scores: dict[str, ScoreTable]
    """Every table of points, by id; NEWS2 and MEWS are among them."""
    burns: BurnTable
    inputs: Inputs
    sheets: tuple[Sheet, ...]
    triage: tuple[LevelTable, ...]
    vitals: VitalTable
    record: RecordForm
    formulary: Formulary
    ecg: EcgRules
    rhythm: RhythmRules
    portrait: PortraitContent
    shift_check: ShiftCheck

    def list_about(self) -> tuple[About, ...]:
        """The head of every file, for the screen that shows versions and sign-off."""
        protocol = self.protocol
        return (
            protocol.entry.about,
            *(card.about for card in protocol.cards.values()),
            protocol.topics.about,
            protocol.marks.about,
            self.tcpr.about,
            self.levels.about,
            self.gcs.about,
            *(table.about for table in self.scores.values()),
            self.burns.about,
            self.inputs.about,
            # The sheet of the judged indicators is of the level table, which stands below.
            *(sheet.about for sheet in self.sheets if sheet.about.id != JUDGED),
            *(table.about for table in self.triage),
            self.vitals.about,
            self.record.about,
            self.formulary.about,
            self.ecg.about,
            self.rhythm.about,
            self.portrait.about,
            self.shift_check.about,
        )


def load(root: Traversable | None = None, formulary: Path | None = None) -> Content:
    """All content of a folder, by default that of this package; raises ContentError.

    `formulary` is the file that the local medical director has approved, instead of the empty one.
    """
    root = root or files(__name__)
    tcpr = read_file(root / "tcpr.toml", Tcpr)
    cards = sorted((root / "cards").iterdir(), key=lambda file: file.name)
    try:
        protocol = assemble(
            entry=read_file(root / "entry.toml", Card),
            cards=[read_file(file, Card) for file in cards if file.name.endswith(".toml")],
            topics=read_file(root / "topics.toml", Topics),
            marks=read_file(root / "flags.toml", Marks),
            scripts=tcpr.scripts,
        )
    except ProtocolError as error:
        raise ContentError(error.where, error.reason) from error
    scores = root / "scores"
    tables = read_scores(root)
    inputs = read_file(root / "inputs.toml", Inputs)
    check_scores(tables, inputs)
    triage = tuple(
        read_file(scores / f"triage_{who}.toml", LevelTable)
        for who in ("common", "adult", "child", "pregnant")
    )
    sheets = read_sheets(root, tables, inputs)
    judged = tuple(judged_sheet(table) for table in triage if table.judged)
    content = Content(
        protocol=protocol,
        tcpr=tcpr,
        levels=read_file(root / "levels.toml", Levels),
        news2=tables["news2"],
        mews=tables["mews"],
        gcs=read_file(scores / "gcs.toml", GcsTable),
        scores=tables,
        burns=read_file(scores / "burns.toml", BurnTable),
        inputs=inputs,
        sheets=(*sheets, *judged),
        triage=triage,
        vitals=read_file(root / "vitals.toml", VitalTable),
        record=read_record(root / "record.toml"),
        formulary=read_formulary(formulary or root / "formulary.toml"),
        ecg=read_ecg_rules(root / "ecg.toml"),
        rhythm=read_rhythm_rules(root / "rhythm.toml"),
        portrait=read_portrait(root / "portrait.toml", sheets),
        shift_check=read_shift_check(root / "shift_check.toml"),
    )
    _check(content)
    check_confounders(content.record, content.ecg)
    return content


def _check(content: Content) -> None:
    """What the records cannot state: names inside conditions, levels without a plan."""
    for levels in content.triage:
        whens = (levels.applies, levels.advisory, *(row.when for row in levels.rows))
        check_names(levels.about.id, whens, NAMES)
        if missing := set(levels.advisory_rows) - {row.id for row in levels.rows}:
            raise ContentError(levels.about.id, f"advisory_rows: no row {min(missing)!r}")
    vitals = content.vitals
    check_names(vitals.about.id, _vital_conditions(vitals), frozenset(vitals.names))
    items = {item.id for sheet in content.sheets for item in sheet.list_items()}
    check_names(vitals.about.id, (row.when for row in vitals.misleads), items)
    if unknown := {row.finding for row in vitals.misleads} - NAMES:
        raise ContentError(vitals.about.id, f"misleads: there is no finding {min(unknown)!r}")
    if {plan.level for plan in content.levels.dispatch} != set(DispatchLevel):
        raise ContentError("levels.toml", "dispatch: each level needs exactly one plan")
    if {grade.level for grade in content.levels.triage} != set(TriageLevel):
        raise ContentError("levels.toml", "triage: each level needs a grade")
    topics = {topic.id for topic in content.protocol.topics.topics}
    for response in content.levels.responses:
        if unknown := set(response.topics) - topics:
            raise ContentError("levels.toml", f"responses: no topic {min(unknown)!r}")
    for group in content.tcpr.groups:
        if group.script not in content.protocol.scripts:
            raise ContentError("tcpr.toml", f"groups: no script {group.script!r}")


def _vital_conditions(vitals: VitalTable) -> Iterator[str]:
    yield from (bounds.zero_needs for bounds in vitals.ranges)
    yield from (limit.when for limit in vitals.limits)
