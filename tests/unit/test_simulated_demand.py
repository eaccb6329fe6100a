"""Who calls when: from a seed, shaped by the hours, and answers that fit their questions."""

from importlib.resources import files
from itertools import pairwise

import pytest

from factories.virtual import small_city
from factories.world import facts
from goldenhour import simulator
from goldenhour.domain.intake.events import Disposition
from goldenhour.domain.triage.protocol import check_answer
from goldenhour.kernel.time import CHINA, HOUR_MS, to_datetime
from goldenhour.main.virtual_city import START_MS
from goldenhour.simulator.demand import FILE, Demand, Emergency, answer, load_habits

HABITS = load_habits()
PER_DAY = 300.0


def calls(count: int, seed: int = 1) -> list[Emergency]:
    demand = Demand(small_city(), HABITS, seed=seed, start_ms=START_MS, calls_per_day=PER_DAY)
    return [demand.next() for _ in range(count)]


def test_the_same_seed_calls_alike() -> None:
    assert calls(200) == calls(200)
    assert calls(200) != calls(200, seed=2)


def test_a_week_brings_what_is_expected_of_it_and_the_hours_shape_it() -> None:
    week_ms = 7 * 24 * HOUR_MS
    found = [c for c in calls(round(PER_DAY * 9)) if c.rings_ms < START_MS + week_ms]
    own = [c for c in found if not c.second_of]
    assert len(own) == pytest.approx(7 * PER_DAY, rel=0.1)
    by_hour = [0] * 24
    for call in own:
        by_hour[to_datetime(call.rings_ms).astimezone(CHINA).hour] += 1
    assert by_hour[10] > 2 * by_hour[3]


def test_calls_come_in_order_and_a_second_caller_names_the_first() -> None:
    found = calls(500)
    assert all(a.rings_ms <= b.rings_ms for a, b in pairwise(found))
    assert [c.number for c in found] == list(range(1, 501))
    numbers = {c.number: c for c in found}
    seconds = [c for c in found if c.second_of]
    assert seconds
    for call in seconds:
        first = numbers[call.second_of]
        assert call.caller.place == first.caller.place
        assert call.caller.number != first.caller.number


def test_some_calls_are_no_emergency_and_some_callers_give_up() -> None:
    found = calls(500)
    assert {c.disposition for c in found} > {Disposition.INCIDENT, Disposition.ADVICE}
    assert any(c.caller.patience_s is not None for c in found)


def test_every_answer_fits_its_question_and_is_given_again() -> None:
    protocol = facts().triage.protocol
    sheets = (protocol.entry, *protocol.cards.values())
    for call in calls(20):
        for sheet in sheets:
            for question in sheet.questions:
                said = answer(question, call, HABITS.answers, 1)
                assert check_answer(question, said) is None, (question.id, said)
                assert said == answer(question, call, HABITS.answers, 1)


def test_a_second_caller_says_what_the_first_one_said() -> None:
    found = calls(500)
    second = next(c for c in found if c.second_of)
    first = next(c for c in found if c.number == second.second_of)
    for question in facts().triage.protocol.entry.questions:
        assert answer(question, second, HABITS.answers, 1) == answer(
            question, first, HABITS.answers, 1
        )


@pytest.mark.parametrize(
    ("right", "wrong", "named"),
    [
        ("send_waiting = [15, 30]\n", "", r"seat\.pace_s\.send_waiting"),
        ("handed_over = [10, 60]", "handed_over = [60, 10]", r"crew\.pace_s\.handed_over"),
        ("decline = [20, 60]", "decline = [-1, 60]", r"ward\.pace_s\.decline"),
        ("decline = [20, 60]", "refuse = [20, 60]", r"ward\.pace_s"),
        ("{ ed = 0.02, ", "{ ", r"ward\.bed_shares"),
        ("stay_min = 150", "stay_min = 0", r"ward\.stay_min"),
        ("traffic = [1.0, ", "traffic = [", "traffic"),
    ],
)
def test_habits_that_are_wrong_are_refused_by_the_name_of_the_field(
    right: str, wrong: str, named: str
) -> None:
    text = (files(simulator) / FILE).read_text(encoding="utf-8")
    assert right in text
    with pytest.raises(ValueError, match=rf"demand\.toml: .*{named}"):
        load_habits(text.replace(right, wrong).encode())
