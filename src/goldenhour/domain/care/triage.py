"""Proposal of a triage level I-IV from findings.

Rule 1: all rows of all tables whose gate is open are looked at; the worst level wins, and where two
printed bands share a boundary both hold it, so the more severe one wins.
Rule 2: a missing finding excludes no row: the level is then a lower bound ("at least").
Rule 3: a table that unknown age or pregnancy keeps out of use is not excluded either.
Rule 4: a row marked advisory by its condition is shown and does not decide.
Rule 5: what was known and is outdated lets its rows hold and excludes none: the level stands, as
"at least", and what to look at again is missing.
Rule 6: a clinician confirms; nothing here changes a patient's level.
"""

from typing import Final

from goldenhour.domain.care.findings import Findings, known
from goldenhour.domain.care.scores import ScoreTable, score
from goldenhour.kernel.condition import Answer, open_names, parse, truth
from goldenhour.kernel.content import About, Status, Text
from goldenhour.kernel.levels import TriageLevel, worst_triage
from goldenhour.kernel.record import Record

JUDGED: Final = "judged"
"""The finding of these, the sheet that asks them, and the head of its fields."""


class LevelRow(Record):
    id: str
    level: TriageLevel
    when: str


class System(Record):
    """A group of the sheet that asks what only a person can judge."""

    id: str
    zh: str
    en: str


class Asked(Record):
    """A finding of the tables that nothing measures: it is asked together with the judged ones."""

    id: str
    system: str
    zh: str
    en: str


class Judged(Asked):
    """An indicator that only a person can judge."""

    level: TriageLevel


class LevelTable(Record):
    about: About
    applies: str = ""
    """The gate, empty for everyone; it is written with `known`, so that it is always decided."""
    advisory: str = ""
    """When this holds, the rows in `advisory_rows` are shown only."""
    advisory_rows: tuple[str, ...] = ()
    rows: tuple[LevelRow, ...] = ()
    judged: tuple[Judged, ...] = ()
    judged_title: Text | None = None
    """Of the sheet that asks them; the table with the judged ones has it."""
    systems: tuple[System, ...] = ()
    asked: tuple[Asked, ...] = ()


class Indicator(Record):
    """A row by name: which line, of which version of which table."""

    table_id: str
    table_version: int
    row_id: str
    level: TriageLevel


class LevelProposal(Record):
    level: TriageLevel | None
    """ "At least" while partial; None when nothing at all is known."""
    worst_possible: TriageLevel
    status: Status
    fired: tuple[Indicator, ...]
    """Most severe first; empty at level IV."""
    advisory: tuple[Indicator, ...]
    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    """What rows of any level still ask: what becomes known leaves it, whatever the level is."""


class JudgedError(ValueError):
    def __init__(self, names: set[str]) -> None:
        super().__init__(f"judged: no such indicator: {', '.join(sorted(names))}")
        self.names = names


def triage_level(
    findings: Findings,
    tables: tuple[LevelTable, ...],
    mews: ScoreTable,
    at_least: TriageLevel | None = None,
    last: Findings | None = None,
) -> LevelProposal:
    """The level that the findings ask for; raises JudgedError for an unknown judged indicator.

    `at_least` is what somebody else has found already, an assessment sheet: worst wins. `last` is
    what was last known, outdated values among it.

    Without a given MEWS, its lower bound from the same findings can fire a row already, while only
    a complete one can exclude the more severe rows.
    """
    values, floor, stood = _bounds(findings, mews, last or findings)
    stood_judged = (last and last.judged) or ()

    order = list(TriageLevel)
    fired: list[Indicator] = []
    advisory: list[Indicator] = []
    undecided: list[tuple[TriageLevel, frozenset[str]]] = []
    resting: list[tuple[TriageLevel, frozenset[str]]] = []
    """Rows that hold by something outdated alone, with what to look at again."""
    in_use: list[LevelTable] = []
    for table in tables:
        if table.applies:
            gate = parse(table.applies)
            names = open_names(gate, values, may_change=True)
            if not truth(gate, values):
                undecided += [(row.level, names) for row in table.rows if names]
                continue
        in_use.append(table)
        shown_only = bool(table.advisory) and truth(parse(table.advisory), values) is True
        for row in table.rows:
            condition = parse(row.when)
            advised = shown_only and row.id in table.advisory_rows
            if truth(condition, values) or truth(condition, floor):
                (advisory if advised else fired).append(_indicator(table, row.id, row.level))
            elif truth(condition, values) is None and truth(condition, stood):
                (advisory if advised else fired).append(_indicator(table, row.id, row.level))
                if not advised:
                    resting.append((row.level, open_names(condition, values)))
            elif not advised and truth(condition, values) is None:
                undecided.append((row.level, open_names(condition, values)))
        for item in table.judged:
            name = frozenset({JUDGED if findings.judged is None else f"{JUDGED}.{item.id}"})
            if item.id in (findings.judged or ()):
                fired.append(_indicator(table, item.id, item.level))
            elif item.id in stood_judged:
                fired.append(_indicator(table, item.id, item.level))
                resting.append((item.level, name))
            elif findings.judged is None or item.id in (findings.unjudged or ()):
                undecided.append((item.level, name))
    judgeable = {item.id for table in in_use for item in table.judged}
    if unknown := set(findings.judged or ()) - judgeable:
        raise JudgedError(unknown)

    fired.sort(key=lambda indicator: order.index(indicator.level))
    mildest = order[-1]
    level = worst_triage([at_least or mildest, *(hit.level for hit in fired)]) or mildest
    worse = [(row, names) for row, names in undecided if order.index(row) < order.index(level)]
    # What the level itself rests on is asked again, though it cannot become worse by it.
    worse += [(row, names) for row, names in resting if row is level]
    missing = {
        JUDGED if name.startswith(f"{JUDGED}.") else name for _, names in worse for name in names
    }
    return LevelProposal(
        level=level if fired or values or at_least else None,
        worst_possible=worst_triage([level, *(row for row, _ in worse)]) or mildest,
        status=Status.PARTIAL if worse else Status.COMPLETE,
        fired=tuple(fired),
        advisory=tuple(advisory),
        missing=tuple(sorted(missing)),
        unknown=tuple(sorted(set().union(*(names for _, names in (*undecided, *resting))))),
    )


def _bounds(
    findings: Findings, mews: ScoreTable, last: Findings
) -> tuple[dict[str, Answer], dict[str, Answer], dict[str, Answer]]:
    """What is known, the same with the lower bound of MEWS, and with what is outdated besides."""
    values = known(findings)
    floor = dict(values)
    at_least = {}
    if findings.mews is None:
        now = score(findings, mews)
        if now.total is not None:
            floor["mews"] = now.total
        if now.total is not None and now.status is Status.COMPLETE:
            values["mews"] = now.total
        stood = score(last, mews).total
        at_least = {} if stood is None else {"mews": stood}
    return values, floor, {**known(last), **floor, **at_least}


def _indicator(table: LevelTable, row_id: str, level: TriageLevel) -> Indicator:
    return Indicator(
        table_id=table.about.id, table_version=table.about.version, row_id=row_id, level=level
    )
