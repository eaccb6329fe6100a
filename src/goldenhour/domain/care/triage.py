"""Proposal of a triage level I-IV from findings.

Rule 1: all rows of all tables whose gate is open are looked at; the worst level wins, and where two
printed bands share a boundary both hold it, so the more severe one wins.
Rule 2: a missing finding excludes no row: the level is then a lower bound ("at least").
Rule 3: a table that unknown age or pregnancy keeps out of use is not excluded either.
Rule 4: a row marked advisory by its condition is shown and does not decide.
Rule 5: a clinician confirms; nothing here changes a patient's level.
"""

from goldenhour.domain.care.findings import Findings, known
from goldenhour.domain.care.scores import ScoreTable, score
from goldenhour.kernel.condition import open_names, parse, truth
from goldenhour.kernel.content import About, Status
from goldenhour.kernel.levels import TriageLevel, worst_triage
from goldenhour.kernel.record import Record


class LevelRow(Record):
    id: str
    level: TriageLevel
    when: str


class Judged(Record):
    """An indicator that only a person can judge."""

    id: str
    level: TriageLevel
    zh: str
    en: str


class LevelTable(Record):
    about: About
    applies: str = ""
    """The gate, empty for everyone; it is written with `known`, so that it is always decided."""
    advisory: str = ""
    """When this holds, the rows in `advisory_rows` are shown only."""
    advisory_rows: tuple[str, ...] = ()
    rows: tuple[LevelRow, ...] = ()
    judged: tuple[Judged, ...] = ()


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
) -> LevelProposal:
    """The level that the findings ask for; raises JudgedError for an unknown judged indicator.

    `at_least` is what somebody else has found already, an assessment sheet: worst wins.

    Without a given MEWS, its lower bound from the same findings can fire a row already, while only
    a complete one can exclude the more severe rows.
    """
    values = known(findings)
    floor = dict(values)
    computed = score(findings, mews)
    if findings.mews is None and computed.total is not None:
        floor["mews"] = computed.total
        if computed.status is Status.COMPLETE:
            values["mews"] = computed.total

    order = list(TriageLevel)
    fired: list[Indicator] = []
    advisory: list[Indicator] = []
    undecided: list[tuple[TriageLevel, frozenset[str]]] = []
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
            elif not advised and truth(condition, values) is None:
                undecided.append((row.level, open_names(condition, values)))
        undecided += [
            (item.level, frozenset({"judged"})) for item in table.judged if findings.judged is None
        ]
        fired += [
            _indicator(table, item.id, item.level)
            for item in table.judged
            if item.id in (findings.judged or ())
        ]
    judgeable = {item.id for table in in_use for item in table.judged}
    if unknown := set(findings.judged or ()) - judgeable:
        raise JudgedError(unknown)

    fired.sort(key=lambda indicator: order.index(indicator.level))
    mildest = order[-1]
    level = worst_triage([at_least or mildest, *(hit.level for hit in fired)]) or mildest
    worse = [(row, names) for row, names in undecided if order.index(row) < order.index(level)]
    missing = set().union(*(names for _, names in worse))
    return LevelProposal(
        level=level if fired or values or at_least else None,
        worst_possible=worst_triage([level, *(row for row, _ in worse)]) or mildest,
        status=Status.PARTIAL if worse else Status.COMPLETE,
        fired=tuple(fired),
        advisory=tuple(advisory),
        missing=tuple(sorted(missing)),
        unknown=tuple(sorted(set().union(*(names for _, names in undecided)))),
    )


def _indicator(table: LevelTable, row_id: str, level: TriageLevel) -> Indicator:
    return Indicator(
        table_id=table.about.id, table_version=table.about.version, row_id=row_id, level=level
    )
