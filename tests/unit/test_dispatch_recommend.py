"""Literal recommendations of each level, each gate, each shortfall."""

import json
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from factories.advice import NOW_MS, UnitFact, recommend_of, unit_fact
from goldenhour.content import load
from goldenhour.content.rules import load_rules
from goldenhour.domain.dispatch.recommend import Recommendation
from goldenhour.domain.register.events import UnitChecked, UnitKind
from goldenhour.domain.register.unit import Checked
from goldenhour.domain.triage.levels import LevelPlan
from goldenhour.kernel.time import HOUR_MS

RULES = load_rules().dispatch
PLANS = {plan.level.value: plan for plan in load().levels.dispatch}
ALS, BLS = UnitKind.ALS, UnitKind.BLS
DISPATCHER_ZH = "web/packages/i18n/src/zh-CN/dispatcher.json"


def ask(level: str, *units: UnitFact) -> Recommendation:
    plan: LevelPlan | None = PLANS[level] if level else None
    return recommend_of(units, plan, RULES)


def ranked(found: Recommendation) -> list[tuple[str, tuple[str, ...]]]:
    """Call signs with their reasons, without the age that every unit here has."""
    return [
        (c.call_sign, tuple(r for r in c.reasons if r != "position_age:8"))
        for c in found.proposal.ranked
    ]


def test_r1_takes_the_als_unit_when_the_bls_unit_is_less_than_three_minutes_closer() -> None:
    found = ask("R1", unit_fact("B-01", 121, BLS), unit_fact("A-01", 300))
    assert ranked(found) == [("A-01", ("als_wanted",)), ("B-01", ("nearest",))]
    assert found.shortfall == ()


def test_r1_takes_the_bls_unit_first_when_it_is_three_minutes_closer_and_als_follows() -> None:
    found = ask(
        "R1",
        unit_fact("A-02", 900),
        unit_fact("A-01", 300),
        unit_fact("B-01", 120, BLS),
        unit_fact("B-02", 130, BLS),
    )
    assert ranked(found) == [
        ("B-01", ("nearest", "bls_sooner_by:180")),
        ("A-01", ("als_wanted",)),
        ("B-02", ()),
        ("A-02", ()),
    ]


def test_r0_takes_the_nearest_of_any_kind_and_the_best_als_as_second_crew() -> None:
    found = ask(
        "R0",
        unit_fact("B-02", 110, BLS),
        unit_fact("B-01", 100, BLS),
        unit_fact("A-02", 500),
        unit_fact("A-01", 400),
    )
    assert ranked(found)[:2] == [
        ("B-01", ("nearest", "bls_sooner_by:300")),
        ("A-01", ("als_wanted", "second_crew")),
    ]


def test_r0_with_one_unit_says_that_a_crew_is_missing() -> None:
    found = ask("R0", unit_fact("A-01", 100))
    assert ranked(found) == [("A-01", ("nearest",))]
    assert found.shortfall == ("too_few_units",)


def test_r3_keeps_a_nearer_als_unit_back_up_to_five_minutes() -> None:
    found = ask("R3", unit_fact("A-01", 100), unit_fact("B-01", 399, BLS))
    assert ranked(found) == [("B-01", ("bls_wanted",)), ("A-01", ("nearest",))]
    found = ask("R3", unit_fact("A-01", 100), unit_fact("B-01", 401, BLS))
    assert ranked(found)[0] == ("A-01", ("nearest", "als_sooner_by:301"))


def test_r4_sends_no_als_unit() -> None:
    found = ask("R4", unit_fact("A-01", 100))
    assert not found.proposal.ranked
    assert found.proposal.skipped[0].reasons == ("wrong_kind", "position_age:8")
    assert found.shortfall == ("no_unit_of_kind",)


def test_r5_sends_nobody() -> None:
    found = ask("R5", unit_fact("A-01", 100), unit_fact("B-01", 90, BLS))
    assert not found.proposal.ranked
    assert found.shortfall == ("no_vehicle_for_level",)


def test_unknown_level_takes_the_nearest_and_says_so() -> None:
    found = ask("", unit_fact("A-01", 300), unit_fact("B-01", 299, BLS))
    assert ranked(found) == [("B-01", ("nearest", "level_unknown")), ("A-01", ())]


def test_equal_times_go_by_call_sign() -> None:
    found = ask("R1", unit_fact("A-03", 60), unit_fact("A-01", 60), unit_fact("A-02", 60))
    assert [sign for sign, _ in ranked(found)] == ["A-01", "A-02", "A-03"]


@pytest.mark.parametrize(
    ("changes", "reasons", "shortfall"),
    [
        ({"on_duty": False}, ("off_duty", "position_age:8"), "no_unit_on_duty"),
        (
            {"out_of_service": "fault"},
            ("out_of_service:fault", "position_age:8"),
            "no_unit_on_duty",
        ),
        ({"on_mission": True}, ("on_mission", "position_age:8"), "all_busy"),
        ({"reserved_ms": NOW_MS + 1_800_000}, ("reserved_soon", "position_age:8"), "all_busy"),
        ({"reserved_ms": NOW_MS - 1}, ("reserved_soon", "position_age:8"), "all_busy"),
        (
            {"fix_ms": NOW_MS - 301_000},
            ("position_stale", "position_age:301"),
            "positions_stale",
        ),
        ({"eta_s": None}, ("no_route", "position_age:8"), "none_in_reach"),
        (
            {"on_mission": True, "fix_ms": NOW_MS - 720_000},
            ("on_mission", "position_stale", "position_age:720"),
            "all_busy",
        ),
    ],
)
def test_each_gate_skips_with_its_reason(
    changes: dict[str, Any], reasons: tuple[str, ...], shortfall: str
) -> None:
    found = ask("R1", unit_fact("A-01", **({"eta_s": 60} | changes)))
    assert not found.proposal.ranked
    assert found.proposal.skipped[0].reasons == reasons
    assert found.shortfall == (shortfall,)


@pytest.mark.parametrize(
    "changes",
    [{"fix_ms": NOW_MS - 300_999}, {"reserved_ms": NOW_MS + 1_800_001}],
)
def test_at_the_edge_of_a_gate_a_unit_is_ranked(changes: dict[str, Any]) -> None:
    assert ask("R1", unit_fact("A-01", 60, **changes)).proposal.ranked


def checked(*defects: str) -> tuple[Checked, ...]:
    event = UnitChecked(check_id="k", name="", answers={}, defects=defects, content="shift_check@1")
    return (Checked(event=event, by="crew1", at_ms=NOW_MS),)


ZH = json.loads((Path(__file__).parents[2] / DISPATCHER_ZH).read_text(encoding="utf-8"))

LOSES = [
    ("type", {"kind": BLS}, "wrong_kind", "车型不符本级"),
    ("crew", {"crew": ("甲",)}, "crew_short:1/2", "班组不足（1/2 人）"),
    ("equipment", {"checks": checked("drug_box")}, "equipment:drug_box", "药品缺失或过期"),
    ("duty", {"on_duty": False}, "off_duty", "未当班"),
    ("state", {"on_mission": True}, "on_mission", "执行任务中"),
    ("age", {"fix_ms": NOW_MS - 301_000}, "position_stale", "定位过旧，不可信"),
    ("reserved", {"reserved_ms": NOW_MS}, "reserved_soon", "即将有预约"),
]
"""Gate, what is the matter with the nearest unit, the code, and what the dispatcher reads."""


@pytest.mark.parametrize(("gate", "changes", "code", "sentence"), LOSES)
def test_the_nearest_unit_loses_and_the_dispatcher_reads_why(
    gate: str, changes: dict[str, Any], code: str, sentence: str
) -> None:
    plan = PLANS["R1"]
    if gate == "type":  # a level that takes no BLS unit at all
        plan = replace(plan, unit_kinds=(ALS,))
    nearest = unit_fact("A-01", 60, **changes)
    found = recommend_of((nearest, unit_fact("A-02", 600)), plan, RULES)
    assert [c.call_sign for c in found.proposal.ranked] == ["A-02"]
    (skipped,) = found.proposal.skipped
    assert skipped.call_sign == "A-01"
    assert code in skipped.reasons
    name, _, detail = code.partition(":")
    items = [i for section in load().shift_check.sections for i in section.items]
    words = {item.id: item.defect.zh for item in items if item.defect}
    assert ZH[f"reason.{name}"].replace("{detail}", words.get(detail, detail)) == sentence


def test_a_crew_that_is_long_on_duty_goes_only_where_it_is_clearly_nearer() -> None:
    long = NOW_MS - 14 * HOUR_MS
    found = ask("R1", unit_fact("A-01", 100, duty_ms=long), unit_fact("A-02", 219))
    assert ranked(found) == [
        ("A-02", ("als_wanted",)),
        ("A-01", ("nearest", "long_on_duty:14h")),
    ]
    found = ask("R1", unit_fact("A-01", 100, duty_ms=long), unit_fact("A-02", 221))
    assert ranked(found)[0] == ("A-01", ("nearest", "long_on_duty:14h"))


def in_county(level: str, *units: UnitFact) -> list[tuple[str, tuple[str, ...]]]:
    found = recommend_of(units, PLANS[level], RULES, area="centre")
    return ranked(found)


def test_the_last_unit_of_another_area_goes_only_where_it_is_clearly_sooner() -> None:
    last = unit_fact("A-01", 100, home="county")
    away = unit_fact("A-03", 100, home="county", on_mission=True)
    own = unit_fact("A-02", 399, home="centre")
    assert in_county("R2", last, away, own) == [
        ("A-02", ("als_wanted",)),
        ("A-01", ("nearest", "home_short:0")),
    ]
    zh = json.loads(Path(DISPATCHER_ZH).read_text(encoding="utf-8"))
    assert zh["reason.home_short"].replace("{detail}", "0") == "离开后本区只剩 0 辆待命"
    later = unit_fact("A-02", 401, home="centre")
    assert in_county("R2", last, away, later)[0] == ("A-01", ("nearest", "home_short:0"))


def test_an_area_with_units_left_lends_one_and_the_worst_cases_ask_nobody() -> None:
    one, another = (unit_fact(f"A-0{n}", 100, home="county") for n in (1, 3))
    own = unit_fact("A-02", 399, home="centre")
    assert in_county("R2", one, another, own)[0][0] == "A-01"
    assert in_county("R1", one, own)[0] == ("A-01", ("nearest",))
    # In its own area it is where it belongs, and nobody knows where a case without an area lies.
    assert in_county("R2", unit_fact("A-01", 100, home="centre"), own)[0][0] == "A-01"
    assert ranked(ask("R2", one, own))[0] == ("A-01", ("nearest",))


def test_what_nobody_named_or_checked_shuts_nobody_out() -> None:
    assert ask("R0", unit_fact("A-01", 60, crew=(), checks=())).proposal.ranked
    assert ask("R0", unit_fact("A-01", 60, checks=checked("cabin_clean"))).proposal.ranked
    assert ask("R3", unit_fact("A-01", 60, checks=checked("drug_box"))).proposal.ranked


def test_what_a_level_needs_is_something_that_a_crew_checks() -> None:
    items = {i.id for section in load().shift_check.sections for i in section.items}
    assert {item for needed in RULES.equipment.values() for item in needed} <= items


def test_a_unit_that_is_doubted_is_ranked_by_its_last_place_and_says_so() -> None:
    found = ask("R1", unit_fact("A-01", 60, doubted=True))
    assert ranked(found) == [("A-01", ("nearest", "position_doubted"))]


def test_a_unit_never_seen_is_assumed_at_its_station_and_an_estimate_says_so() -> None:
    found = ask("R1", unit_fact("A-01", 60, fix_ms=None, estimated=True))
    unit = found.proposal.ranked[0]
    assert unit.position_age_s is None
    assert unit.estimated
    assert unit.reasons == ("nearest", "position_assumed_station", "estimated_crow")


def test_a_device_clock_ahead_of_ours_makes_no_negative_age() -> None:
    found = ask("R1", unit_fact("A-01", 60, fix_ms=NOW_MS + 9_000))
    assert found.proposal.ranked[0].position_age_s == 0


@pytest.mark.parametrize(
    ("units", "shortfall"),
    [
        ((), ("no_unit_on_duty",)),
        ((unit_fact("B-01", 60, BLS),), ("no_als_available",)),
        ((unit_fact("A-01", 2701),), ("none_in_reach",)),
        ((unit_fact("A-01", 2700),), ()),
        (
            (unit_fact("A-01", 60, on_duty=False), unit_fact("A-02", 9, on_mission=True)),
            ("all_busy",),
        ),
    ],
)
def test_shortfall_of_r1(units: tuple[UnitFact, ...], shortfall: tuple[str, ...]) -> None:
    assert ask("R1", *units).shortfall == shortfall


def test_the_proposal_carries_its_metric_and_moment() -> None:
    proposal = ask("R1", unit_fact("A-01", 60)).proposal
    assert (proposal.metric_version, proposal.computed_ms) == (7, NOW_MS)
