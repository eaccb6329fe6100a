"""Scores and decision tables, and the Glasgow coma scale, from tables that are content.

Rule 1: a score is the sum of its parts; a part is the most severe points of its rows that hold. A
table that says `first` has one part instead: the first of its rows that holds.
Rule 2: with an input missing the total is a bound: the most harmless that it can still become, and
`at_most` the worst; the most reassuring band is never named.
Rule 3: outside a table's gate there is no number; from inputs that contradict one another neither.
Rule 4: values are rounded as the table says before they are banded.
"""

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import Final, Literal

from msgspec import field

from goldenhour.domain.care.events import GcsPart, GcsParts
from goldenhour.domain.care.findings import DERIVED, Findings, known, missing_bases, rounded
from goldenhour.domain.care.items import Item, ItemKind, Points
from goldenhour.kernel.condition import (
    Answer,
    Answers,
    Condition,
    asks_of,
    open_names,
    parse,
    truth,
)
from goldenhour.kernel.content import About, Status, Text
from goldenhour.kernel.record import Record

NOTHING: Final[Answers] = MappingProxyType({})


class PointRow(Record):
    part: str
    points: Points
    when: str
    """Empty in the last row of a `first` table: otherwise."""


class Band(Record):
    """Least severe first in a table; the last that fits is the result."""

    id: str
    from_total: Points
    """Where `worse` is "low": the highest total of the band."""
    title: Text
    single_part: int = 0
    """The band also needs one part with at least these points; 0: it does not."""
    when: str = ""
    """The band is for those of whom this holds; written with `known`, so that it is decided."""


class Contradiction(Record):
    """Inputs that cannot all be true."""

    id: str
    when: str
    zh: str
    en: str


class ScoreTable(Record):
    about: About
    bands: tuple[Band, ...]
    applies: str = ""
    """The gate: for whom the score is valid; empty for everyone."""
    items: tuple[Item, ...] = ()
    """Inputs of its own, beside findings. The points of their choices are rows as well."""
    rows: tuple[PointRow, ...] = ()
    decimals: dict[str, int] = field(default_factory=dict)
    """Decimal places that an input is rounded to before banding; other findings become integers."""
    method: Literal["sum", "first"] = "sum"
    worse: Literal["high", "low"] = "high"
    """Which end of the scale is severe. At "low" the rows of a part must cover every case."""
    total_decimals: int = 0
    whole: bool = False
    """No total is ever printed while an input is missing."""
    rescale_up_to: int = 0
    """Of a `whole` table: with so many parts open, the known ones are scaled to the full range."""
    uses: tuple[str, ...] = ()
    """Scores that its rows name as `score_<id>` or `band_<id>`; they are computed before it."""
    parameters: dict[str, str] = field(default_factory=dict)
    """Variants between sources, as constants that its rows may name."""
    contradictions: tuple[Contradiction, ...] = ()


class Part(Record):
    part: str
    points: Points
    at_most: Points


class Score(Record):
    table_id: str
    table_version: int
    status: Status
    total: Points | None
    """While partial the most harmless that it can become; None when there is no number."""
    at_most: Points | None
    """The most severe that it can become."""
    band: str | None
    """ "At least" while partial; None when that would be the most reassuring band."""
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    inputs: dict[str, Answer]
    """What was used, after rounding."""
    contradictions: tuple[str, ...] = ()


def score(
    findings: Findings, table: ScoreTable, answers: Answers = NOTHING, floor: Answers = NOTHING
) -> Score:
    """The score of a table.

    `answers` are the table's own inputs and the complete scores that it uses; `floor` are bounds of
    scores that are still partial: they can make a row hold and never exclude one.
    """
    values: dict[str, Answer] = {**table.parameters, **known(findings), **answers}
    for name, value in values.items():
        if name in table.decimals:
            values[name] = rounded(value, table.decimals[name])
        elif name not in ("age_y", *DERIVED) and name not in answers:
            values[name] = rounded(value, 0)
    bound = {**values, **floor}
    rows: dict[str, list[PointRow]] = {}
    for row in rows_of(table):
        rows.setdefault(row.part, []).append(row)
    names = asked_by(table.applies).union(
        *(asked_by(row.when) for part in rows.values() for row in part)
    )
    inputs = {name: value for name, value in values.items() if name in names}
    if truth_of(table.applies, values) is False:
        return _without_number(table, Status.NOT_APPLICABLE)
    clashing = [clash for clash in table.contradictions if truth_of(clash.when, values)]
    if clashing:
        return _without_number(
            table,
            Status.CONTRADICTORY,
            missing=frozenset().union(*(asked_by(clash.when) for clash in clashing)),
            inputs=inputs,
            contradictions=tuple(clash.id for clash in clashing),
        )
    missing = set(_open(table.applies, values))
    parts: list[Part] = []
    for of_part in rows.values():
        part, open_inputs = _part(table, of_part, values, bound)
        parts.append(part)
        missing |= open_inputs
    return _result(
        table,
        Status.PARTIAL if missing else Status.COMPLETE,
        values,
        parts=tuple(parts),
        missing=tuple(sorted(missing_bases(missing, values))),
        inputs=inputs,
    )


def rows_of(table: ScoreTable) -> tuple[PointRow, ...]:
    """The written rows and those that follow from the points of choices and flags."""
    chosen = (
        PointRow(part=item.id, points=choice.points, when=f"{item.id} == {choice.id!r}")
        for item in table.items
        for choice in item.choices
        if choice.points is not None
    )
    flagged = (
        PointRow(part=item.id, points=item.points, when=item.id)
        for item in table.items
        if item.kind is ItemKind.FLAG and item.points is not None
    )
    return (*table.rows, *chosen, *flagged)


@cache
def asked_by(when: str) -> frozenset[str]:
    """Every name in a condition; an empty one asks nothing."""
    return frozenset(ask.name for ask in asks_of(parse(when))) if when else frozenset()


def truth_of(when: str, values: Answers) -> bool | None:
    """The truth of a condition; an empty one always holds."""
    return truth(parse(when), values) if when else True


def _open(when: str, values: Answers) -> frozenset[str]:
    return open_names(parse(when), values) if when else frozenset()


def _part(
    table: ScoreTable, rows: list[PointRow], values: Answers, bound: Answers
) -> tuple[Part, frozenset[str]]:
    """A part between its most harmless and its most severe, and what would settle it."""
    held: list[Points] = []
    possible: list[Points] = []
    undecided: list[tuple[Points, Condition]] = []
    for row in rows:
        holds = truth_of(row.when, values) or truth_of(row.when, bound)
        if holds:
            held.append(row.points)
        if holds is not False:
            possible.append(row.points)
            if not holds:
                undecided.append((row.points, parse(row.when)))
        if holds and table.method == "first":
            break
    sign = 1 if table.worse == "high" else -1
    if table.method == "first":
        points = min(possible, key=lambda value: sign * value)
    elif held:
        points = max(held, key=lambda value: sign * value)
    else:
        # A part without a row that holds has no points; where rows cover every case, one of them
        # will hold.
        points = 0 if table.worse == "high" else max(possible, default=0)
    at_most = max([points, *possible], key=lambda value: sign * value)
    first = table.method == "first" and at_most != points
    deciding = [
        open_names(condition, values)
        for worst, condition in undecided
        if first or sign * worst > sign * points
    ]
    part = Part(part=rows[0].part, points=points, at_most=at_most)
    return part, frozenset().union(*deciding)


def _result(
    table: ScoreTable,
    status: Status,
    values: Answers,
    *,
    parts: tuple[Part, ...],
    missing: tuple[str, ...],
    inputs: dict[str, Answer],
) -> Score:
    total: Points | None = _sum(table, [part.points for part in parts])
    at_most: Points | None = _sum(table, [part.at_most for part in parts])
    scale = 1.0
    if table.whole and status is Status.PARTIAL:
        closed = [part for part in parts if part.points == part.at_most]
        total = at_most = None
        if len(parts) - len(closed) <= table.rescale_up_to:
            total = _sum(table, [part.points for part in closed])
            best = {row.part: row.points for row in sorted(rows_of(table), key=lambda r: r.points)}
            scale = sum(best[part.part] for part in closed) / sum(best.values())
    bands = [band for band in table.bands if truth_of(band.when, values)]
    worst_part = max((part.points for part in parts), default=0)
    fitting = [band.id for band in bands if _fits(table, band, total, worst_part, scale)]
    band = fitting[-1] if fitting else None
    if status is Status.PARTIAL and band == bands[0].id:
        band = None
    return Score(
        table_id=table.about.id,
        table_version=table.about.version,
        status=status,
        total=total,
        at_most=at_most,
        band=band,
        parts=parts,
        missing=missing,
        inputs=inputs,
    )


def _fits(
    table: ScoreTable, band: Band, total: Points | None, worst_part: Points, scale: float
) -> bool:
    if total is None:
        return False
    if table.worse == "low":
        return total <= band.from_total * scale
    return total >= band.from_total and worst_part >= band.single_part


def _sum(table: ScoreTable, points: list[Points]) -> Points:
    total = sum(points)
    return round(total, table.total_decimals) if table.total_decimals else total


def _without_number(
    table: ScoreTable,
    status: Status,
    *,
    missing: frozenset[str] = frozenset(),
    inputs: dict[str, Answer] | None = None,
    contradictions: tuple[str, ...] = (),
) -> Score:
    return Score(
        table_id=table.about.id,
        table_version=table.about.version,
        status=status,
        total=None,
        at_most=None,
        band=None,
        parts=(),
        missing=tuple(sorted(missing)),
        inputs=inputs or {},
        contradictions=contradictions,
    )


class GcsChoice(Record):
    points: int
    zh: str
    en: str
    infant_zh: str = ""
    infant_en: str = ""


class GcsTable(Record):
    about: About
    eye: tuple[GcsChoice, ...]
    verbal: tuple[GcsChoice, ...]
    motor: tuple[GcsChoice, ...]
    bands: tuple[Band, ...]
    """Least severe first."""
    infant_below_y: float
    """Who cannot speak yet: speech has other words."""


class GcsInputError(ValueError):
    def __init__(self, part: str, value: object) -> None:
        super().__init__(f"{part}: the scale has no {value!r}")
        self.part = part


class Gcs(Record):
    table_id: str
    table_version: int
    status: Status
    total: int | None
    """None unless all three parts were tested."""
    at_least: int
    """The lowest total, that is the worst, which the parts allow."""
    band: str | None
    missing: tuple[str, ...]
    text: str
    """For example `E1VTM3`; a part that was not examined is `?`."""


def gcs(table: GcsTable, *, eye: GcsPart, verbal: GcsPart, motor: GcsPart) -> Gcs:
    """The coma scale; raises GcsInputError for points that a part does not have."""
    given: Mapping[str, tuple[GcsPart, tuple[GcsChoice, ...]]] = {
        "eye": (eye, table.eye),
        "verbal": (verbal, table.verbal),
        "motor": (motor, table.motor),
    }
    at_least = 0
    for name, (value, choices) in given.items():
        allowed = {choice.points for choice in choices}
        if isinstance(value, int) and (value not in allowed or isinstance(value, bool)):
            raise GcsInputError(name, value)
        if (isinstance(value, str) and value != "NT") and (name, value) != ("verbal", "T"):
            raise GcsInputError(name, value)
        at_least += value if isinstance(value, int) else min(allowed)
    complete = all(isinstance(value, int) for value, _ in given.values())
    fitting = [band.id for band in table.bands if at_least <= band.from_total]
    return Gcs(
        table_id=table.about.id,
        table_version=table.about.version,
        status=Status.COMPLETE if complete else Status.PARTIAL,
        total=at_least if complete else None,
        at_least=at_least,
        band=fitting[-1] if complete and fitting else None,
        missing=tuple(name for name, (value, _) in given.items() if value is None),
        text=GcsParts(eye=eye, verbal=verbal, motor=motor).text,
    )
