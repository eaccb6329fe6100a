"""Clinical content: versioned files beside this module, read once and checked whole.

Rule 1: every file states its id, version, title, sources and sign-off state.
Rule 2: content that names anything unknown is refused at load, with the file and the field.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path

import msgspec

from goldenhour.domain.care.drugs import Formulary
from goldenhour.domain.care.findings import NAMES
from goldenhour.domain.care.levels import TriageGrade
from goldenhour.domain.care.plausible import VitalTable
from goldenhour.domain.care.record_form import Kind, RecordForm
from goldenhour.domain.care.scores import GcsTable, ScoreTable
from goldenhour.domain.care.triage import LevelTable
from goldenhour.domain.triage import (
    Card,
    LevelPlan,
    Marks,
    Protocol,
    ProtocolError,
    Tcpr,
    Topics,
    assemble,
)
from goldenhour.kernel.condition import ConditionError, asks_of, parse
from goldenhour.kernel.content import About
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.record import Record


class ContentError(ValueError):
    """A file that must not be used; `reason` names the field."""

    def __init__(self, file: str, reason: str) -> None:
        super().__init__(f"{file}: {reason}")
        self.file = file
        self.reason = reason


class Levels(Record):
    about: About
    dispatch: tuple[LevelPlan, ...]
    triage: tuple[TriageGrade, ...]


class Content(Record):
    protocol: Protocol
    tcpr: Tcpr
    levels: Levels
    news2: ScoreTable
    mews: ScoreTable
    gcs: GcsTable
    triage: tuple[LevelTable, ...]
    vitals: VitalTable
    record: RecordForm
    formulary: Formulary

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
            self.news2.about,
            self.mews.about,
            self.gcs.about,
            *(table.about for table in self.triage),
            self.vitals.about,
            self.record.about,
            self.formulary.about,
        )


def load(root: Traversable | None = None, formulary: Path | None = None) -> Content:
    """All content of a folder, by default that of this package; raises ContentError.

    `formulary` is the file that the local medical director has approved, instead of the empty one.
    """
    root = root or files(__name__)
    tcpr = _read(root / "tcpr.toml", Tcpr)
    cards = sorted((root / "cards").iterdir(), key=lambda file: file.name)
    try:
        protocol = assemble(
            entry=_read(root / "entry.toml", Card),
            cards=[_read(file, Card) for file in cards if file.name.endswith(".toml")],
            topics=_read(root / "topics.toml", Topics),
            marks=_read(root / "flags.toml", Marks),
            scripts=tcpr.scripts,
        )
    except ProtocolError as error:
        raise ContentError(error.where, error.reason) from error
    scores = root / "scores"
    content = Content(
        protocol=protocol,
        tcpr=tcpr,
        levels=_read(root / "levels.toml", Levels),
        news2=_read(scores / "news2.toml", ScoreTable),
        mews=_read(scores / "mews.toml", ScoreTable),
        gcs=_read(scores / "gcs.toml", GcsTable),
        triage=tuple(
            _read(scores / f"triage_{who}.toml", LevelTable)
            for who in ("common", "adult", "child", "pregnant")
        ),
        vitals=_read(root / "vitals.toml", VitalTable),
        record=_read(root / "record.toml", RecordForm),
        formulary=_read(formulary or root / "formulary.toml", Formulary),
    )
    _check(content)
    return content


def _read[T](file: Traversable, kind: type[T]) -> T:
    try:
        return msgspec.toml.decode(file.read_bytes(), type=kind)
    except (msgspec.DecodeError, OSError) as error:
        raise ContentError(file.name, str(error)) from error


def _check(content: Content) -> None:
    """What the records cannot state: names inside conditions, levels without a plan."""
    for table in (content.news2, content.mews):
        whens = (table.applies, *(row.when for row in table.rows))
        _check_names(table.about.id, whens, NAMES)
    for levels in content.triage:
        whens = (levels.applies, levels.advisory, *(row.when for row in levels.rows))
        _check_names(levels.about.id, whens, NAMES)
        if missing := set(levels.advisory_rows) - {row.id for row in levels.rows}:
            raise ContentError(levels.about.id, f"advisory_rows: no row {min(missing)!r}")
    vitals = content.vitals
    _check_names(vitals.about.id, _vital_conditions(vitals), frozenset(vitals.names))
    _check_record(content.record)
    _check_formulary(content.formulary)
    if {plan.level for plan in content.levels.dispatch} != set(DispatchLevel):
        raise ContentError("levels.toml", "dispatch: each level needs exactly one plan")
    if {grade.level for grade in content.levels.triage} != set(TriageLevel):
        raise ContentError("levels.toml", "triage: each level needs a grade")
    for group in content.tcpr.groups:
        if group.script not in content.protocol.scripts:
            raise ContentError("tcpr.toml", f"groups: no script {group.script!r}")


def _check_record(form: RecordForm) -> None:
    fields = form.list_fields()
    names = frozenset(field.id for field in fields)
    if len(names) != len(fields):
        raise ContentError(form.about.id, "sections: a field id is used twice")
    _check_names(form.about.id, (field.required_when for field in fields), names)
    _check_names(form.about.id, (paper.required_when for paper in form.forms), names)
    for field in fields:
        if (field.kind in (Kind.CHOICE, Kind.CHOICES)) != bool(field.choices):
            raise ContentError(form.about.id, f"{field.id}.choices: needed by choices and only so")


def _check_formulary(formulary: Formulary) -> None:
    where = formulary.about.id
    drugs = {drug.id for drug in formulary.drugs}
    for row in formulary.doses:
        if row.drug not in drugs:
            raise ContentError(where, f"doses.{row.id}.drug: no drug {row.drug!r}")
        if (row.fixed is None) == (row.per_kg is None):
            raise ContentError(where, f"doses.{row.id}: needs fixed or per_kg, and not both")
    for rule in formulary.interactions:
        if rule.drug not in drugs:
            raise ContentError(where, f"interactions.drug: no drug {rule.drug!r}")
    names = frozenset(formulary.names)
    _check_names(where, (row.when for row in formulary.doses), names)
    _check_names(where, (rule.when for rule in formulary.interactions), names)


def _vital_conditions(vitals: VitalTable) -> Iterator[str]:
    yield from (bounds.zero_needs for bounds in vitals.ranges)
    yield from (limit.when for limit in vitals.limits)


def _check_names(where: str, whens: Iterable[str], names: frozenset[str]) -> None:
    for when in filter(None, whens):
        try:
            asked = {ask.name for ask in asks_of(parse(when))}
        except ConditionError as error:
            raise ContentError(where, str(error)) from error
        if unknown := asked - names:
            raise ContentError(where, f"there is no {min(unknown)!r}: {when}")
