"""A guided sheet: it fills itself from live data, and says level, next actions and destination.

Rule 1: a person's answer beats live data; where the two differ both are reported.
Rule 2: all level rows are looked at and the worst wins. A missing answer excludes no row: the level
is then "at least", and a level that no row asked for is named only when everything needed is known.
Rule 3: actions are measures and questions. No dose stands in a sheet; those come from a formulary.
Rule 4: needs go to the choice of the hospital, which a person confirms like the level.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Annotated

from msgspec import Meta
from msgspec.structs import fields, replace

from goldenhour.domain.care.findings import Findings, known, missing_bases
from goldenhour.domain.care.items import Item, Origin, Used, check_item
from goldenhour.domain.care.scores import (
    NOTHING,
    Contradiction,
    Score,
    ScoreTable,
    score,
    truth_of,
)
from goldenhour.kernel.condition import UNKNOWN, Answer, Answers, open_names, parse
from goldenhour.kernel.content import About, Status
from goldenhour.kernel.levels import DispatchLevel, TriageLevel, worst_dispatch, worst_triage
from goldenhour.kernel.record import Record


class Section(Record):
    id: str
    zh: str
    en: str
    ask: tuple[str, ...] = ()
    """As written: ids of shared inputs, or of score tables whose own items are meant. Loading puts
    them at the head of `items`."""
    items: tuple[Item, ...] = ()


class SheetLevel(Record):
    """`zh` and `en` are the reason."""

    id: str
    level: TriageLevel
    when: str
    zh: str
    en: str


class Who(StrEnum):
    CREW = "crew"
    CENTRE = "centre"
    POLICE = "police"
    FIRE = "fire"


class ActionRow(Record):
    id: str
    order: int
    zh: str
    en: str
    when: str = ""
    """Empty: always."""
    who: Who = Who.CREW


class NeedRow(Record):
    """What the hospital must be able to do. Each word is one that the choice of hospital takes."""

    id: str
    when: str
    zh: str
    en: str
    capabilities: tuple[str, ...] = ()
    conditions: tuple[str, ...] = ()
    """Conditions of the destination rules, or reasons for the nearest department."""


class ResponseRow(Record):
    """Of a scene: which response it asks for, on the scale of the control room."""

    id: str
    level: DispatchLevel
    when: str
    zh: str
    en: str


class Sheet(Record):
    about: About
    sections: Annotated[tuple[Section, ...], Meta(min_length=1)]
    actions: tuple[ActionRow, ...]
    otherwise: TriageLevel | None = None
    """The level when everything needed is known and no row fires; None on the sheet of a scene."""
    levels: tuple[SheetLevel, ...] = ()
    applies: str = ""
    """For whom the sheet is; empty for everyone."""
    scores: tuple[str, ...] = ()
    """Score tables in the order in which they are computed."""
    needs: tuple[NeedRow, ...] = ()
    otherwise_response: DispatchLevel | None = None
    responses: tuple[ResponseRow, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

    def list_items(self) -> tuple[Item, ...]:
        return tuple(item for section in self.sections for item in section.items)

    def find_item(self, name: str) -> Item | None:
        return next((item for item in self.list_items() if item.id == name), None)


class SheetReading(Record):
    sheet_id: str
    sheet_version: int
    status: Status
    used: tuple[Used, ...]
    """In the order of the sheet."""
    scores: tuple[Score, ...]
    level: TriageLevel | None
    """ "At least" while partial; None when no row has fired yet and some still can."""
    worst_possible: TriageLevel | None
    """None when the sheet is not for this patient, or is of a scene."""
    reasons: tuple[SheetLevel, ...]
    """The rows that fired, most severe first."""
    response: DispatchLevel | None
    """As `level`: "at least" while partial."""
    responses: tuple[ResponseRow, ...]
    actions: tuple[ActionRow, ...]
    """In the order in which they are done."""
    needs: tuple[NeedRow, ...]
    missing: tuple[str, ...]
    """What could still make the level more severe: items in the order of the sheet, then what only
    live data can give."""
    contradictions: tuple[str, ...]
    """Ids of contradictions, of the sheet and of its scores; a person corrects an answer."""
    unknown: tuple[str, ...]
    """What rows of any level still ask: what becomes known leaves it, whatever the level is."""


def read_sheet(
    sheet: Sheet,
    tables: Mapping[str, ScoreTable],
    answers: Answers,
    findings: Findings,
    floor: Answers = NOTHING,
) -> SheetReading:
    """The sheet as answers and findings make it; an answer that cannot be one counts as none.

    `floor` is what is at least so bad: it can make a row hold and never settles one.
    """
    used = _used(sheet, answers, known(findings))
    findings = _corrected(sheet, used, findings)
    values = {**known(findings), **{entry.item_id: entry.value for entry in used}}
    if truth_of(sheet.applies, values) is False:
        return _not_for_this_patient(sheet, used)
    scores, settled, bound = _scores(sheet, tables, values, findings, floor)

    def holds(when: str) -> bool:
        return bool(truth_of(when, settled) or truth_of(when, bound))

    order = list(TriageLevel)
    reasons = [row for row in sheet.levels if holds(row.when)]
    level = worst_triage(row.level for row in reasons)
    mildest = level or sheet.otherwise
    undecided = [
        (row.level, names)
        for row in sheet.levels
        if (mildest is None or order.index(row.level) < order.index(mildest))
        and (names := _missing_of(row.when, settled, scores))
    ]
    responses = tuple(row for row in sheet.responses if holds(row.when))
    response = worst_dispatch(row.level for row in responses)
    open_rows = [row.when for row in sheet.responses if not response or row.level < response]
    missing = frozenset().union(
        *(names for _, names in undecided),
        *(_missing_of(when, settled, scores) for when in (*open_rows, sheet.applies)),
    )
    clashes = [clash.id for clash in sheet.contradictions if holds(clash.when)]
    clashes += [clash for found in scores.values() for clash in found.contradictions]
    partial = bool(missing or clashes)
    return SheetReading(
        sheet_id=sheet.about.id,
        sheet_version=sheet.about.version,
        status=Status.PARTIAL if partial else Status.COMPLETE,
        used=used,
        scores=tuple(scores.values()),
        level=level if partial else mildest,
        worst_possible=worst_triage(
            found for found in (mildest, *(row for row, _ in undecided)) if found is not None
        ),
        reasons=tuple(sorted(reasons, key=lambda row: order.index(row.level))),
        response=response if partial else response or sheet.otherwise_response,
        responses=responses,
        actions=tuple(
            sorted((row for row in sheet.actions if holds(row.when)), key=lambda row: row.order)
        ),
        needs=tuple(row for row in sheet.needs if holds(row.when)),
        missing=_in_order(sheet, missing),
        contradictions=tuple(clashes),
        unknown=_in_order(
            sheet,
            frozenset().union(*(_missing_of(row.when, settled, scores) for row in sheet.levels)),
        ),
    )


def _used(sheet: Sheet, answers: Answers, live: Answers) -> tuple[Used, ...]:
    used: list[Used] = []
    for item in sheet.list_items():
        said = answers.get(item.id)
        measured = live.get(item.fills_from) if item.fills_from else None
        if measured is not None and check_item(item, measured):
            measured = None
        if said is not None and said != UNKNOWN and check_item(item, said) is None:
            differs = measured is not None and measured != said
            used.append(
                Used(
                    item_id=item.id,
                    value=said,
                    origin=Origin.PERSON,
                    live=measured if differs else None,
                )
            )
        elif measured is not None:
            used.append(Used(item_id=item.id, value=measured, origin=Origin.LIVE))
    return tuple(used)


def _corrected(sheet: Sheet, used: tuple[Used, ...], findings: Findings) -> Findings:
    """The findings with a person's word in the place of what the items would fill from."""
    own = {field.name for field in fields(Findings)}
    fills = {item.id: item.fills_from for item in sheet.list_items() if item.fills_from in own}
    said = {
        fills[entry.item_id]: entry.value
        for entry in used
        if entry.origin is Origin.PERSON and entry.item_id in fills
    }
    return replace(findings, **said)


def _scores(
    sheet: Sheet,
    tables: Mapping[str, ScoreTable],
    values: Answers,
    findings: Findings,
    floor: Answers,
) -> tuple[dict[str, Score], dict[str, Answer], dict[str, Answer]]:
    """The scores, all that is settled, and the same with the bounds of partial scores.

    Findings go into a table by themselves, so that it rounds them as it says.
    """
    measured = known(findings)
    settled = dict(values)
    bound = {**floor, **values}
    scores: dict[str, Score] = {}
    for name in sheet.scores:
        own = {key: value for key, value in settled.items() if key not in measured}
        least = {key: value for key, value in bound.items() if key not in settled}
        found = score(findings, tables[name], own, least)
        scores[name] = found
        if found.status is Status.NOT_APPLICABLE:
            settled[f"band_{name}"] = Status.NOT_APPLICABLE
        result = {f"score_{name}": found.total, f"band_{name}": found.band}
        given = {key: value for key, value in result.items() if value is not None}
        bound |= given
        if found.status is Status.COMPLETE:
            settled |= given
    return scores, settled, bound | settled


def _missing_of(when: str, settled: Answers, scores: Mapping[str, Score]) -> frozenset[str]:
    """What can still settle a condition; empty when it is settled.

    A score stands for its own inputs; one that is not applicable has none and settles nothing.
    """
    open_inputs = open_names(parse(when), settled) if when else frozenset()
    return _inputs_of(open_inputs, settled, scores)


def _inputs_of(
    names: Iterable[str], settled: Answers, scores: Mapping[str, Score]
) -> frozenset[str]:
    inputs: set[str] = set()
    for name in names:
        table_id = name.removeprefix("score_").removeprefix("band_")
        if name != table_id and table_id in scores:
            inputs |= _inputs_of(scores[table_id].missing, settled, scores)
        else:
            inputs |= missing_bases([name], settled)
    return frozenset(inputs)


def _in_order(sheet: Sheet, names: frozenset[str]) -> tuple[str, ...]:
    asked = [item.id for item in sheet.list_items() if item.id in names]
    return (*asked, *sorted(names - set(asked)))


def _not_for_this_patient(sheet: Sheet, used: tuple[Used, ...]) -> SheetReading:
    return SheetReading(
        sheet_id=sheet.about.id,
        sheet_version=sheet.about.version,
        status=Status.NOT_APPLICABLE,
        used=used,
        scores=(),
        level=None,
        worst_possible=None,
        reasons=(),
        response=None,
        responses=(),
        actions=(),
        needs=(),
        missing=(),
        contradictions=(),
        unknown=(),
    )
