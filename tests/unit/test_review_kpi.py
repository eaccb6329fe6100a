"""Indicators and intervals against literal cases; the first is the fact sheet's time vector."""

from typing import Any

import pytest

from factories.cases import ZERO_MS, call_at, case_of, ms, node, run_at, told_at
from goldenhour.content.rules import load_rules
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.dispatch.mission import State
from goldenhour.domain.intake import call as calls_
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.events import Disposition
from goldenhour.domain.intake.incident import Instruction
from goldenhour.domain.review.kpi import Kpi, kpis, nearest_rank
from goldenhour.domain.review.timeline import CaseFile, intervals, nodes
from goldenhour.kernel.levels import DispatchLevel

RULES = load_rules().kpis
M = Milestone
STANDBY = incident.Standby(occasion="城市马拉松", from_ms=ms(0), until_ms=ms(900))
CALL = call_at(0, answered=8, ended=300)
RUN = run_at(
    65,
    node(M.DEPARTED, 230),
    node(M.ON_SCENE, 720),
    node(M.AT_PATIENT, 840),
    node(M.LEFT_SCENE, 1800),
    node(M.AT_HOSPITAL, 2700),
    node(M.HANDED_OVER, 3600),
    node(M.CLEARED, 4500),
)


def figure(code: str, *cases: CaseFile, calls: tuple[Call, ...] = ()) -> Kpi:
    of_cases = tuple(c for case in cases for c in case.calls)
    found = kpis(cases, named(*of_cases, *calls), RULES, {})
    return next(kpi for kpi in found if kpi.code == code)


def named(*calls: Call) -> dict[str, Call]:
    return {f"call:{at}": one for at, one in enumerate(calls)}


def shares(kpi: Kpi) -> tuple[int, int, dict[str, int]]:
    return kpi.numerator, kpi.denominator, kpi.excluded


def test_the_time_vector() -> None:
    found = {i.code: i.seconds for i in intervals(case_of((CALL,), RUN), RULES.kpis)}
    assert found == {
        "answer_10s": 8,
        "processing_60s": 57,
        "departure_3min": 165,
        "response_time": 720,
        "on_scene": 1080,
        "handover_30min": 900,
        "turnaround": 1800,
    }
    vector = case_of((CALL,), RUN)
    assert shares(figure("answer_10s", vector)) == (1, 1, {})
    assert shares(figure("departure_3min", vector)) == (1, 1, {})
    response = figure("response_time", vector)
    assert (response.value, response.p50, response.p90, response.unit) == (720, 720, 720, "seconds")


def test_departure_before_assignment_is_a_data_error_and_no_negative_interval() -> None:
    case = case_of((CALL,), run_at(65, node(M.DEPARTED, 60)))
    assert shares(figure("departure_3min", case)) == (0, 0, {"data_error": 1})
    assert figure("departure_3min", case).value is None
    departure = next(i for i in intervals(case, RULES.kpis) if i.code == "departure_3min")
    assert (departure.seconds, departure.problem) == (None, "data_error")


@pytest.mark.parametrize(
    ("call", "counted"),
    [
        (call_at(0, answered=10, ended=60), (1, 1, {})),
        (call_at(0, answered=10.2, ended=60), (0, 1, {})),
        (call_at(0, abandoned=12), (0, 1, {})),
        (call_at(0, abandoned=12, ended=90, disposition=Disposition.NO_CONTACT), (0, 1, {})),
        (call_at(0, abandoned=10), (0, 0, {"abandoned_early": 1})),
        # Reached by ringing back: still given up unanswered, early or late.
        (call_at(0, answered=60, abandoned=12, ended=90, ring_backs=1), (0, 1, {})),
        (
            call_at(0, answered=60, abandoned=9, ended=90, ring_backs=1),
            (0, 0, {"abandoned_early": 1}),
        ),
        # The caller was still there after all.
        (call_at(0, answered=9, abandoned=8, ended=90), (1, 1, {})),
        (call_at(0, answered=5, ended=90, disposition=Disposition.TEST), (0, 0, {"test": 1})),
        (call_at(0), (0, 0, {"running": 1})),
    ],
)
def test_answering_within_ten_seconds(call: Call, counted: tuple[int, int, dict[str, int]]) -> None:
    assert shares(figure("answer_10s", calls=(call,))) == counted


def test_a_joined_call_counts_as_a_call_and_its_case_once_from_the_first_ring() -> None:
    joined = call_at(-30, answered=40, ended=90, disposition=Disposition.DUPLICATE)
    case = case_of((CALL, joined), RUN, run_at(100, node(M.DEPARTED, 200), node(M.ON_SCENE, 500)))
    assert shares(figure("answer_10s", case)) == (1, 2, {})
    response = figure("response_time", case)
    assert (response.value, response.n) == (530, 1)  # from -30 to the second unit's 500
    assert shares(figure("processing_60s", case)) == (1, 1, {})  # answered at 8, assigned at 65
    assert shares(figure("departure_3min", case)) == (2, 2, {})


@pytest.mark.parametrize(
    ("changes", "counted"),
    [
        ({"state": State.STOOD_DOWN, "ended": 65 + 180}, (0, 0, {"stood_down_early": 1})),
        ({"state": State.STOOD_DOWN, "ended": 65 + 181}, (0, 1, {})),
        ({"ended": None}, (0, 0, {"running": 1})),
        ({}, (0, 1, {})),  # cleared, and nobody ever said when it left
        ({"due_ms": ms(60)}, (0, 0, {"scheduled": 1})),
        ({"standby": True}, (0, 0, {"standby": 1})),
    ],
)
def test_a_run_without_departure(
    changes: dict[str, Any], counted: tuple[int, int, dict[str, int]]
) -> None:
    assert shares(figure("departure_3min", case_of((CALL,), run_at(65, **changes)))) == counted


def test_a_reservation_that_was_never_sent_is_no_departure() -> None:
    reserved = run_at(None, ended=None, state=State.RESERVED)
    assert shares(figure("departure_3min", case_of((CALL,), reserved))) == (0, 0, {"missing:T6": 1})


@pytest.mark.parametrize(
    ("call", "changes", "counted"),
    [
        (CALL, {}, (0, 1, {})),  # closed, nobody was sent
        (CALL, {"close_reason": "cancelled"}, (0, 0, {"cancelled_before_dispatch": 1})),
        (CALL, {"state": incident.State.OPEN}, (0, 0, {"running": 1})),
        (CALL, {"standby": STANDBY}, (0, 0, {"standby": 1})),
        (CALL, {"level": DispatchLevel.R5}, (0, 0, {"advice_level": 1})),
        (
            call_at(0, answered=8, ended=60, disposition=Disposition.WRONG_NUMBER),
            {},
            (0, 0, {"wrong_number": 1}),
        ),
    ],
)
def test_fulfilment_of_a_case_without_a_vehicle(
    call: Call, changes: dict[str, Any], counted: tuple[int, int, dict[str, int]]
) -> None:
    assert shares(figure("call_fulfilment", case_of((call,), **changes))) == counted


def test_fulfilment_is_a_vehicle_within_ten_minutes_of_the_answer() -> None:
    late = case_of((CALL,), run_at(609))
    assert shares(figure("call_fulfilment", case_of((CALL,), run_at(608)), late)) == (1, 2, {})


def test_durations_leave_out_what_did_not_happen_with_the_reason() -> None:
    gone = case_of((CALL,), run_at(65, state=State.STOOD_DOWN, ended=200))
    never = case_of((CALL,), run_at(65))
    slow = case_of((CALL,), run_at(65, node(M.ON_SCENE, 1000)))
    found = figure("response_time", case_of((CALL,), RUN), slow, gone, never)
    assert found.excluded == {"missing:T9": 1, "stood_down": 1}
    assert (found.numerator, found.denominator, found.value) == (1720, 2, 860)
    assert (found.p50, found.p90, found.n) == (720, 1000, 2)


def test_late_and_corrected_nodes_count_with_the_time_that_holds_now() -> None:
    corrected = node(M.DEPARTED, 240, original_ms=ms(300), reason="按晚了")
    late = node(M.ON_SCENE, 700, received_ms=ms(5000), supplied_late=True)
    case = case_of((CALL,), run_at(65, corrected, late))
    assert shares(figure("departure_3min", case)) == (1, 1, {})
    assert figure("response_time", case).value == 700
    by_code = {n.code: n for n in nodes(case)}
    assert (by_code["T8"].at_ms, by_code["T8"].original_ms) == (ms(240), ms(300))
    assert by_code["T8"].reason == "按晚了"
    assert not by_code["T8"].estimated
    assert by_code["T9"].estimated
    assert (by_code["T9"].at_ms, by_code["T9"].received_ms) == (ms(700), ms(5000))
    assert by_code["T9"].source == Source.CREW


@pytest.mark.parametrize(
    ("sent", "level", "counted"),
    [
        (2600, DispatchLevel.R2, (1, 1, {})),
        (2700, DispatchLevel.R0, (1, 1, {})),
        (2701, DispatchLevel.R1, (0, 1, {})),
        (2600, DispatchLevel.R3, (0, 0, {})),
    ],
)
def test_prealert_before_the_arrival_of_grave_cases(
    sent: float, level: DispatchLevel, counted: tuple[int, int, dict[str, int]]
) -> None:
    case = case_of((CALL,), RUN, handovers=(told_at(sent),), level=level)
    assert shares(figure("prealert_rate", case)) == counted


def test_a_prealert_of_another_run_is_not_this_runs() -> None:
    case = case_of((CALL,), RUN, handovers=(told_at(2600, mission_id="m2"),))
    assert shares(figure("prealert_rate", case)) == (0, 1, {})
    not_there = case_of((CALL,), run_at(65), handovers=(told_at(100),))
    assert shares(figure("prealert_rate", not_there)) == (0, 0, {"missing:T14": 1})


def test_dispositions_count_every_call_that_is_over() -> None:
    no_word = call_at(0, answered=5, ended=60, disposition=None)
    found = figure("dispositions", calls=(CALL, no_word, call_at(0, answered=3), call_at(0)))
    assert shares(found) == (1, 2, {"running": 2})
    assert no_word.state is calls_.State.ENDED


def test_a_figure_of_nothing_has_no_value() -> None:
    for kpi in kpis((), {}, RULES, {}):
        assert (kpi.value, kpi.p50, kpi.p90, kpi.n) == (None, None, None, 0)
        assert kpi.definition
        assert kpi.definition_en


@pytest.mark.parametrize(
    ("values", "percent", "expected"),
    [
        ([], 50, None),
        ([7], 90, 7),
        ([1, 2, 3, 4], 50, 2),
        (list(range(1, 11)), 90, 9),
        ([3, 1], 51, 3),
    ],
)
def test_nearest_rank(values: list[int], percent: int, expected: int | None) -> None:
    assert nearest_rank(values, percent) == expected


def test_nodes_of_the_case_and_of_the_pre_alert() -> None:
    told = told_at(2000, acknowledged_ms=ms(2100))
    case = case_of(
        (CALL,),
        RUN,
        handovers=(told,),
        located_ms=ms(30),
        levelled_ms=ms(50),
        instructions=(
            Instruction(instruction="tcpr", step="start", at_ms=ms(70)),
            Instruction(instruction="tcpr", step="first_compression", at_ms=ms(95)),
        ),
    )
    found = [(n.code, (n.at_ms - ZERO_MS) // 1000, n.call_sign) for n in nodes(case)]
    assert found == [
        ("T1", 0, ""), ("T2", 8, ""), ("T3", 30, ""), ("T4", 50, ""), ("T6", 65, "A-01"),
        ("T5", 70, ""), ("T5a", 95, ""), ("T8", 230, "A-01"), ("T9", 720, "A-01"),
        ("T10", 840, "A-01"), ("T12", 1800, "A-01"), ("T13", 2100, "A-01"), ("T14", 2700, "A-01"),
        ("T15", 3600, "A-01"), ("T16", 4500, "A-01"),
    ]  # fmt: skip


def test_what_another_node_records_is_counted_there() -> None:
    """The case is the county's, its unit borrowed from here, its caller at the county's desk."""
    case = case_of((CALL,), RUN)
    (run_id,) = case.missions
    copies = {"call:0": "county", f"incident:{case.incident_id}": "county"}
    here = {k.code: k for k in kpis([case], named(CALL), RULES, copies)}
    there = {k.code: k for k in kpis([case], named(CALL), RULES, {f"mission:{run_id}": "city"})}
    assert shares(here["answer_10s"]) == (0, 0, {"counted_at:county": 1})
    assert here["response_time"].excluded == {"counted_at:county": 1}
    assert shares(here["departure_3min"]) == (1, 1, {})
    assert shares(there["answer_10s"]) == (1, 1, {})
    assert there["response_time"].n == 1
    assert shares(there["departure_3min"]) == (0, 0, {"counted_at:city": 1})
