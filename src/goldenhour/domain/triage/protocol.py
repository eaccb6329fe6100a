"""The dispatch protocol as data: case entry, cards, scripts, and what makes them fit for use.

Rule 1: the case-entry sheet is a card like any other; it is evaluated with every card.
Rule 2: a question that stands on two cards is the same question, so its answer moves along when
the complaint changes.
Rule 3: a protocol that names anything unknown, or holds a row that no answers can fire, is refused
whole when it is loaded; evaluation then needs no checks.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from itertools import product
from typing import Annotated, Final

from msgspec import Meta

from goldenhour.kernel.condition import (
    UNKNOWN,
    Answer,
    Ask,
    Condition,
    ConditionError,
    asks_of,
    parse,
    truth,
)
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record


class ProtocolError(ValueError):
    """Content that must not be used; `where` is card and place."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where}: {reason}")
        self.where = where
        self.reason = reason


class Kind(StrEnum):
    BOOL = "bool"
    CHOICE = "choice"
    MANY = "many"  # several choices; the empty choice says "none of these"
    INT = "int"
    DURATION = "duration"  # minutes, named `*_min`
    AGE = "age"  # years, named `*_y`; seven months are 7/12
    TOPIC = "topic"  # a complaint of topics.toml
    TEXT = "text"


_NUMBERS: Final = (Kind.INT, Kind.DURATION, Kind.AGE)


class Option(Record):
    id: str
    key: Annotated[int, Meta(ge=1, le=9)]
    """The digit that chooses it."""
    zh: str
    en: str


class Question(Record):
    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    kind: Kind
    zh: str
    en: str
    options: tuple[Option, ...] = ()


class Row(Record):
    """One line of a decision table."""

    id: str
    when: str
    level: DispatchLevel | None = None
    """None: the row adds flags and leaves the level alone."""
    complaint: str = ""
    """The topic that the row proposes; empty when it proposes none."""
    plan: tuple[str, ...] = ()
    flags: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    """Alternatives in order; the first that is enabled and fits is read to the caller."""


class Script(Record):
    """Pre-arrival instructions, read to the caller step by step."""

    id: str
    title: Text
    steps: Annotated[tuple[Text, ...], Meta(min_length=1)]
    when: str = ""
    """For whom; empty for everyone."""
    enabled: bool = True
    """False: holds a medicine or another step that a local medical director must allow first."""


class Vector(Record):
    """A worked example that the card must satisfy; part of the content and signed off with it."""

    name: str
    answers: dict[str, bool | int | float | str | tuple[str, ...]]
    level: DispatchLevel
    flags: tuple[str, ...] = ()
    script: str = ""


class Card(Record):
    about: About
    questions: tuple[Question, ...]
    rows: tuple[Row, ...]
    otherwise: DispatchLevel | None = None
    """The level when everything is answered and no row fires; None on the entry sheet."""
    scripts: tuple[Script, ...] = ()
    vectors: tuple[Vector, ...] = ()


class Topic(Record):
    id: str
    zh: str
    en: str
    card: str | None = None
    """None: its card is not yet written, and the fallback card of the topic list serves."""


class Topics(Record):
    about: About
    fallback: str
    topics: tuple[Topic, ...]


class Mark(Record):
    """A word that plans and flags are made of."""

    id: str
    zh: str
    en: str


class Marks(Record):
    about: About
    marks: tuple[Mark, ...]


class Protocol(Record):
    entry: Card
    cards: dict[str, Card]
    topics: Topics
    marks: Marks
    scripts: dict[str, Script]

    def find_card(self, topic_id: Answer | None) -> Card | None:
        """The card for a complaint: its own or the fallback; None while there is no complaint."""
        for topic in self.topics.topics:
            if topic.id == topic_id:
                return self.cards[topic.card or self.topics.fallback]
        return None


class AnswerProblem(StrEnum):
    """Why an answer is refused."""

    WRONG_TYPE = "wrong_type"
    NO_SUCH_OPTION = "no_such_option"
    OUT_OF_RANGE = "out_of_range"


def check_answer(question: Question, answer: Answer) -> AnswerProblem | None:
    """None when the answer fits the question; "unknown" fits every question."""
    if answer == UNKNOWN:
        return None
    expected: type | tuple[type, ...] = str
    if question.kind is Kind.BOOL:
        expected = bool
    elif question.kind is Kind.MANY:
        expected = tuple
    elif question.kind in _NUMBERS:
        expected = int if question.kind is Kind.INT else (int, float)
    if not isinstance(answer, expected) or (question.kind in _NUMBERS and isinstance(answer, bool)):
        return AnswerProblem.WRONG_TYPE
    if question.kind in _NUMBERS and not (isinstance(answer, int | float) and answer >= 0):
        return AnswerProblem.OUT_OF_RANGE  # "not a number" is caught here as well
    if question.kind in (Kind.CHOICE, Kind.MANY):
        chosen = answer if isinstance(answer, tuple) else (answer,)
        if not {option.id for option in question.options}.issuperset(chosen):
            return AnswerProblem.NO_SUCH_OPTION
    return None


def assemble(
    *, entry: Card, cards: Iterable[Card], topics: Topics, marks: Marks, scripts: Iterable[Script]
) -> Protocol:
    """A protocol that is fit for use; raises ProtocolError with the first fault.

    `scripts` are those that belong to no single card (telephone CPR).
    """
    by_id = {card.about.id: card for card in cards}
    sheets = (entry, *by_id.values())
    questions = _questions(sheets)
    known_scripts: dict[str, Script] = {}
    for script in (*(script for sheet in sheets for script in sheet.scripts), *scripts):
        if script.id in known_scripts:
            raise ProtocolError(f"script {script.id}", "the id is used twice")
        if script.when:
            _condition(f"script {script.id}", script.when, questions, topics)
        known_scripts[script.id] = script
    for card_id in (topics.fallback, *(topic.card for topic in topics.topics if topic.card)):
        if card_id not in by_id:
            raise ProtocolError("topics", f"there is no card {card_id!r}")
    for sheet in sheets:
        for row in sheet.rows:
            _check_row(
                sheet,
                row,
                questions=questions,
                topics=topics,
                marks=marks,
                scripts=known_scripts,
            )
        for vector in sheet.vectors:
            _check_vector(sheet, vector, questions)
    return Protocol(entry=entry, cards=by_id, topics=topics, marks=marks, scripts=known_scripts)


def _questions(sheets: Iterable[Card]) -> dict[str, Question]:
    questions: dict[str, Question] = {}
    for sheet in sheets:
        if len({question.id for question in sheet.questions}) != len(sheet.questions):
            raise ProtocolError(sheet.about.id, "a question stands twice on the card")
        for question in sheet.questions:
            where = f"{sheet.about.id} question {question.id}"
            if questions.setdefault(question.id, question) != question:
                raise ProtocolError(where, "differs from the same question on another card")
            if bool(question.options) != (question.kind in (Kind.CHOICE, Kind.MANY)):
                raise ProtocolError(where, "only a choice has options, and it must have some")
            ids = {option.id for option in question.options}
            keys = {option.key for option in question.options}
            if not len(ids) == len(keys) == len(question.options) or UNKNOWN in ids:
                raise ProtocolError(where, "option ids and keys must be unique and not 'unknown'")
    return questions


def _check_row(
    sheet: Card,
    row: Row,
    *,
    questions: Mapping[str, Question],
    topics: Topics,
    marks: Marks,
    scripts: Mapping[str, Script],
) -> None:
    where = f"{sheet.about.id} row {row.id}"
    if [other.id for other in sheet.rows].count(row.id) != 1:
        raise ProtocolError(where, "the id is used twice")
    condition = _condition(where, row.when, questions, topics)
    if not _reachable(condition, questions):
        raise ProtocolError(where, "no answers can fire it")
    named: tuple[tuple[str, Iterable[str], set[str]], ...] = (
        ("mark", (*row.plan, *row.flags), {mark.id for mark in marks.marks}),
        ("script", row.scripts, set(scripts)),
        ("topic", filter(None, [row.complaint]), {topic.id for topic in topics.topics}),
    )
    for what, names, known in named:
        for name in names:
            if name not in known:
                raise ProtocolError(where, f"there is no {what} {name!r}")


def _check_vector(sheet: Card, vector: Vector, questions: Mapping[str, Question]) -> None:
    where = f"{sheet.about.id} vector {vector.name}"
    for name, answer in vector.answers.items():
        if name not in questions:
            raise ProtocolError(where, f"there is no question {name!r}")
        if problem := check_answer(questions[name], answer):
            raise ProtocolError(where, f"{name}: {problem}")


def _condition(
    where: str, text: str, questions: Mapping[str, Question], topics: Topics
) -> Condition:
    """The condition, when each of its tests asks a known question something it can answer."""
    try:
        condition = parse(text)
    except ConditionError as error:
        raise ProtocolError(where, str(error)) from error
    for ask in asks_of(condition):
        question = questions.get(ask.name)
        if question is None:
            raise ProtocolError(where, f"there is no question {ask.name!r}")
        if not _fits(ask, question, {topic.id for topic in topics.topics}):
            raise ProtocolError(where, f"{ask.name} cannot be asked {ask.op} {ask.against!r}")
    return condition


def _fits(ask: Ask, question: Question, topic_ids: set[str]) -> bool:
    against = ask.against if isinstance(ask.against, tuple) else (ask.against,)
    if ask.op == "==" and ask.against == UNKNOWN:
        return True
    match question.kind:
        case Kind.BOOL:
            return ask.op == "set"
        case Kind.MANY if ask.op == "set":
            return True
        case Kind.CHOICE | Kind.MANY:
            ops = ("in",) if question.kind is Kind.MANY else ("in", "==")
            return ask.op in ops and {option.id for option in question.options}.issuperset(against)
        case Kind.TOPIC:
            return ask.op in ("in", "==") and topic_ids.issuperset(
                value for value in against if isinstance(value, str)
            )
        case Kind.TEXT:
            return False
        case _:
            return ask.op not in ("set", "in") and not any(
                isinstance(value, bool | str) for value in against
            )


def _reachable(condition: Condition, questions: Mapping[str, Question]) -> bool:
    """Whether some answers make it true, tried over the values that its tests tell apart."""
    values: dict[str, dict[Answer, None]] = {}
    for ask in asks_of(condition):
        tried = values.setdefault(ask.name, {})
        against = ask.against if isinstance(ask.against, tuple) else (ask.against,)
        question = questions[ask.name]
        options = tuple(option.id for option in question.options)
        if UNKNOWN in against:
            tried[UNKNOWN] = None
        match question.kind:
            case Kind.BOOL:
                tried |= {True: None, False: None}
            case Kind.MANY:
                single = tuple((option,) for option in options if option in against)
                tried |= dict.fromkeys([(), options, *single])
            case Kind.CHOICE:
                tried |= dict.fromkeys(options)
            case Kind.TOPIC:
                tried |= dict.fromkeys(value for value in against if isinstance(value, str))
            case _:
                for value in against:
                    if isinstance(value, int | float):
                        tried |= {value - 1: None, value: None, value + 1: None}
    return any(
        truth(condition, dict(zip(values, combination, strict=True))) is True
        for combination in product(*values.values())
    )
