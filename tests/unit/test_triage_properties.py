"""What holds for every card and any answers.

A missing answer can lower the level that is established so far, which is why that level is called
partial; it can never lower `worst_possible` below the level that the full answers give.
"""

from hypothesis import given, settings
from hypothesis import strategies as st

from goldenhour.content import load
from goldenhour.domain.triage import Kind, Question, evaluate
from goldenhour.kernel.condition import UNKNOWN, Answer
from goldenhour.kernel.content import Status

PROTOCOL = load().protocol
type Pair = tuple[dict[str, Answer], dict[str, Answer]]

TOPICS = [topic.id for topic in PROTOCOL.topics.topics]


def as_answer(chosen: list[str]) -> Answer:
    return tuple(chosen)


def value_of(question: Question) -> st.SearchStrategy[Answer]:
    options = [option.id for option in question.options]
    known: st.SearchStrategy[Answer]
    match question.kind:
        case Kind.BOOL:
            known = st.booleans()
        case Kind.CHOICE:
            known = st.sampled_from(options)
        case Kind.MANY:
            known = st.lists(st.sampled_from(options), unique=True, max_size=3).map(as_answer)
        case Kind.INT:
            known = st.integers(0, 60)
        case Kind.DURATION:
            known = st.integers(0, 3_000)
        case Kind.AGE:
            known = st.sampled_from([0.05, 0.5, 1, 3, 8, 14, 34, 35, 50, 66, 90])
        case _:
            known = st.just("x")
    return st.one_of(known, st.just(UNKNOWN))


@st.composite
def full_answers(draw: st.DrawFn) -> dict[str, Answer]:
    topic = draw(st.sampled_from(TOPICS))
    card = PROTOCOL.find_card(topic)
    assert card is not None
    questions = {q.id: q for q in (*PROTOCOL.entry.questions, *card.questions)}
    answers = {name: draw(value_of(q)) for name, q in questions.items()}
    return answers | {"complaint": topic}


@st.composite
def before_and_after(draw: st.DrawFn) -> Pair:
    """Answers, and the same answers when some were not asked or not known yet."""
    after = draw(full_answers())
    names = st.sets(st.sampled_from(sorted(after)), max_size=6)
    unasked, unsure = draw(names), draw(names) - {"complaint"}
    before = {name: answer for name, answer in after.items() if name not in unasked}
    return before | {name: UNKNOWN for name in unsure if name in before}, after


@settings(deadline=None, max_examples=300)
@given(before_and_after())
def test_no_later_answer_leads_to_a_worse_level_than_was_called_possible(pair: Pair) -> None:
    before, after = (evaluate(PROTOCOL, answers) for answers in pair)
    if after.level is not None:
        assert before.worst_possible <= after.level  # R0 < R5: smaller is worse
    assert before.worst_possible <= after.worst_possible


@settings(deadline=None, max_examples=300)
@given(before_and_after())
def test_a_level_called_complete_is_not_raised_by_later_answers(pair: Pair) -> None:
    before, after = (evaluate(PROTOCOL, answers) for answers in pair)
    if before.status is Status.COMPLETE:
        assert before.level is not None
        assert after.level is not None
        assert before.level <= after.level


@settings(deadline=None, max_examples=150)
@given(full_answers())
def test_the_worst_fired_row_wins(answers: dict[str, Answer]) -> None:
    found = evaluate(PROTOCOL, answers)
    levels = [hit.level for hit in found.fired if hit.level]
    assert found.level == min(levels, default=None)
    assert levels == sorted(levels)


@settings(deadline=None, max_examples=150)
@given(full_answers().flatmap(lambda answers: st.permutations(list(answers.items()))))
def test_the_order_of_answers_is_irrelevant(items: list[tuple[str, Answer]]) -> None:
    assert evaluate(PROTOCOL, dict(items)) == evaluate(PROTOCOL, dict(sorted(items)))


@settings(deadline=None, max_examples=150)
@given(before_and_after())
def test_what_is_missing_can_be_asked(pair: Pair) -> None:
    before, _ = pair
    found = evaluate(PROTOCOL, before)
    assert set(found.missing) <= set(found.next_questions)
    for name in found.missing:
        assert before.get(name, UNKNOWN) == UNKNOWN
