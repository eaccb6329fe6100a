"""Evaluation of a protocol, after each answer of a call.

Rule 1: all rows of the entry sheet and of the complaint's card are looked at; the worst level wins.
Rule 2: an answer that is missing or "unknown" excludes no row. Such a row is open, its questions
are asked (again), and until then the level is a lower bound.
Rule 3: `worst_possible` is never less severe than the level that any further answers can lead to.
Rule 4: this is a proposal with its reasons; a person confirms or overrides it elsewhere.
"""

from collections.abc import Iterable

from goldenhour.domain.triage.protocol import Card, Protocol, Row, check_answer
from goldenhour.kernel.condition import UNKNOWN, Answers, open_names, parse, truth
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import DispatchLevel, worst_dispatch
from goldenhour.kernel.record import Record

OTHERWISE = "otherwise"
"""The row id of a level that a card gives when everything is answered and nothing fires."""


class AnswerError(ValueError):
    """An answer that its question cannot have; the command that brought it should have refused."""

    def __init__(self, question_id: str, problem: str) -> None:
        super().__init__(f"{question_id}: {problem}")
        self.question_id = question_id
        self.problem = problem


class Hit(Record):
    """A row by name: which line, of which version of which card."""

    card_id: str
    card_version: int
    row_id: str
    level: DispatchLevel | None


class Determination(Record):
    level: DispatchLevel | None
    """The worst level established so far, "at least" while partial; None: nothing fired yet."""
    worst_possible: DispatchLevel
    status: Status
    fired: tuple[Hit, ...]
    """Most severe first."""
    open: tuple[Hit, ...]
    """Rows that are not excluded and would raise the level or add a flag."""
    missing: tuple[str, ...]
    """Questions that would settle the open rows, or the choice of a script."""
    next_questions: tuple[str, ...]
    """What to ask: case entry in its fixed order, then the missing, "unknown" ones last."""
    complaint: str | None
    """The topic that the most severe fired row proposes."""
    plan: tuple[str, ...]
    flags: tuple[str, ...]
    scripts: tuple[str, ...]
    """Instructions to read; the first belongs to the most severe row."""


def evaluate(protocol: Protocol, answers: Answers) -> Determination:
    """The determination from all answers so far, by question id.

    The answer to `complaint` chooses the card. Answers to questions of other cards are ignored;
    an answer that does not fit its question raises AnswerError.
    """
    card = protocol.find_card(answers.get("complaint"))
    sheets = (protocol.entry, card) if card else (protocol.entry,)
    questions = [question for sheet in sheets for question in sheet.questions]
    for question in questions:
        if question.id in answers and (problem := check_answer(question, answers[question.id])):
            raise AnswerError(question.id, problem)

    rows = [(sheet, row) for sheet in sheets for row in sheet.rows]
    fired = [(sheet, row) for sheet, row in rows if truth(parse(row.when), answers) is True]
    undecided = [
        (sheet, row)
        for sheet, row in rows
        if (sheet, row) not in fired and truth(parse(row.when), answers, may_change=True) is None
    ]
    level = worst_dispatch(row.level for _, row in fired if row.level)
    if card and level is None and not any(row.level for _, row in undecided):
        level = card.otherwise
        fired.append((card, Row(id=OTHERWISE, when="", level=level)))
    fired.sort(key=lambda hit: hit[1].level or max(DispatchLevel))

    flags = _unique(flag for _, row in fired for flag in row.flags)
    still_open = [
        (sheet, row)
        for sheet, row in undecided
        if (row.level and (level is None or row.level < level)) or not set(row.flags) <= set(flags)
    ]
    scripts, missing = _scripts(protocol, [row for _, row in fired], answers)
    for _, row in still_open:
        missing |= open_names(parse(row.when), answers, may_change=True)
    unasked_entry = [q.id for q in protocol.entry.questions if q.id not in answers]
    to_ask = [q.id for q in questions if q.id in missing]
    return Determination(
        level=level,
        worst_possible=_worst_possible(protocol, card, answers),
        status=Status.PARTIAL if still_open or card is None else Status.COMPLETE,
        fired=tuple(_hit(sheet, row) for sheet, row in fired),
        open=tuple(_hit(sheet, row) for sheet, row in still_open),
        missing=tuple(to_ask),
        next_questions=_unique(
            (*unasked_entry, *sorted(to_ask, key=lambda name: answers.get(name) == UNKNOWN))
        ),
        complaint=next((row.complaint for _, row in fired if row.complaint), None),
        plan=_unique(item for _, row in fired for item in row.plan),
        flags=flags,
        scripts=scripts,
    )


def _worst_possible(protocol: Protocol, card: Card | None, answers: Answers) -> DispatchLevel:
    sheets = (protocol.entry, card) if card else (protocol.entry, *protocol.cards.values())
    possible: list[DispatchLevel] = []
    certain = False
    for row in (row for sheet in sheets for row in sheet.rows if row.level):
        value = truth(parse(row.when), answers, may_change=True)
        certain = certain or value is True
        if value is not False and row.level:
            possible.append(row.level)
    if not certain:
        possible += [sheet.otherwise for sheet in sheets if sheet.otherwise]
    return worst_dispatch(possible) or min(DispatchLevel)


def _scripts(
    protocol: Protocol, fired: Iterable[Row], answers: Answers
) -> tuple[tuple[str, ...], set[str]]:
    """The first fitting alternative of each row, and the names that could change the choice."""
    chosen: list[str] = []
    missing: set[str] = set()
    for row in fired:
        for script in (protocol.scripts[script_id] for script_id in row.scripts):
            if not script.enabled:
                continue
            if not script.when or truth(parse(script.when), answers):
                chosen.append(script.id)
                break
            missing |= open_names(parse(script.when), answers, may_change=True)
    return _unique(chosen), missing


def _hit(sheet: Card, row: Row) -> Hit:
    return Hit(
        card_id=sheet.about.id,
        card_version=sheet.about.version,
        row_id=row.id,
        level=row.level,
    )


def _unique(items: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(items))
