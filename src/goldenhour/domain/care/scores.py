"""Early-warning scores and the Glasgow coma scale, from tables that are content.

Rule 1: a score is the sum of its parts; a part is the highest points of its rows that hold.
Rule 2: with an input missing the total is a lower bound, `at_most` the worst that it can become,
and the most reassuring band is never named.
Rule 3: outside a table's gate there is no number.
Rule 4: values are rounded as the table says before they are banded.
"""

from collections.abc import Mapping
from typing import Literal

from msgspec import field

from goldenhour.domain.care.findings import Findings, known, rounded
from goldenhour.kernel.condition import Answer, asks_of, open_names, parse, truth
from goldenhour.kernel.content import About, Status, Text
from goldenhour.kernel.record import Record


class PointRow(Record):
    part: str
    points: int
    when: str


class Band(Record):
    """Least severe first in a table; the last that fits is the result."""

    id: str
    from_total: int
    title: Text
    single_part: int = 0
    """The band also needs one part with at least these points; 0: it does not."""


class ScoreTable(Record):
    about: About
    applies: str
    """The gate: for whom the score is valid."""
    rows: tuple[PointRow, ...]
    bands: tuple[Band, ...]
    decimals: dict[str, int] = field(default_factory=dict)
    """Decimal places that an input is rounded to before banding; the others become integers."""


class Part(Record):
    part: str
    points: int
    at_most: int


class Score(Record):
    table_id: str
    table_version: int
    status: Status
    total: int | None
    """A lower bound while partial; None when not applicable."""
    at_most: int | None
    band: str | None
    """ "At least" while partial; None when that would be the most reassuring band."""
    parts: tuple[Part, ...]
    missing: tuple[str, ...]
    inputs: dict[str, Answer]
    """What was used, after rounding."""


def score(findings: Findings, table: ScoreTable) -> Score:
    """The score of a table, NEWS2 or MEWS, for these findings."""
    values = {
        name: value if name == "age_y" else rounded(value, table.decimals.get(name, 0))
        for name, value in known(findings).items()
    }
    gate = parse(table.applies)
    if truth(gate, values) is False:
        return _result(table, Status.NOT_APPLICABLE)
    missing = set(open_names(gate, values))
    inputs = {ask.name for ask in asks_of(gate)}
    parts: list[Part] = []
    for name in dict.fromkeys(row.part for row in table.rows):
        points = at_most = 0
        for row in (row for row in table.rows if row.part == name):
            condition = parse(row.when)
            inputs |= {ask.name for ask in asks_of(condition)}
            holds = truth(condition, values)
            if holds:
                points = max(points, row.points)
            if holds is not False:
                at_most = max(at_most, row.points)
        if at_most > points:
            for row in (row for row in table.rows if row.part == name and row.points > points):
                if truth(parse(row.when), values) is None:
                    missing |= open_names(parse(row.when), values)
        parts.append(Part(part=name, points=points, at_most=at_most))
    return _result(
        table,
        Status.PARTIAL if missing else Status.COMPLETE,
        parts=tuple(parts),
        missing=tuple(sorted(missing)),
        inputs={name: value for name, value in values.items() if name in inputs},
    )


def _result(
    table: ScoreTable,
    status: Status,
    *,
    parts: tuple[Part, ...] = (),
    missing: tuple[str, ...] = (),
    inputs: dict[str, Answer] | None = None,
) -> Score:
    applies = status is not Status.NOT_APPLICABLE
    total = sum(part.points for part in parts)
    worst_part = max((part.points for part in parts), default=0)
    fitting = [
        band.id
        for band in table.bands
        if total >= band.from_total and worst_part >= band.single_part
    ]
    band = fitting[-1] if applies and fitting else None
    if status is Status.PARTIAL and band == table.bands[0].id:
        band = None
    return Score(
        table_id=table.about.id,
        table_version=table.about.version,
        status=status,
        total=total if applies else None,
        at_most=sum(part.at_most for part in parts) if applies else None,
        band=band,
        parts=parts,
        missing=missing,
        inputs=inputs or {},
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


type GcsPart = int | Literal["NT", "T"] | None
"""Points; not testable (swollen shut); intubated; None: not examined."""


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
        text="".join(
            f"{name[0].upper()}{'?' if value is None else value}"
            for name, (value, _) in given.items()
        ),
    )
