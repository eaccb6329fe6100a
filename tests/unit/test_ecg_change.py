"""Two measured ECGs beside each other: the table adds up, and says nothing of what is missing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from goldenhour.content import load
from goldenhour.domain.care.ecg import LeadMeasured, Measured
from goldenhour.domain.care.ecg_change import EcgChanges, axis_deg, changes

RULES = load().ecg
LEVELS = st.none() | st.floats(-20, 20)


def ecg(**levels: float | None) -> Measured:
    return Measured(
        heart_rate_per_min=71.4,
        pr_ms=160.0,
        qrs_ms=92.0,
        qt_ms=380.0,
        qtcf_ms=402.4,
        qtcb_ms=414.6,
        leads={lead: LeadMeasured(st_j_mm=level) for lead, level in levels.items()},
    )


def beats(across_mm: float, down_mm: float) -> Measured:
    """Net QRS heights in I and aVF, each with a wave against it."""
    return Measured(
        leads={
            lead: LeadMeasured(q_mm=0.0, r_mm=net + 3.0, s_mm=-3.0)
            for lead, net in (("I", across_mm), ("aVF", down_mm))
        }
    )


def numbers(found: EcgChanges) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {one.what: (one.older, one.newer, one.change) for one in found.numbers}


def levels(found: EcgChanges) -> dict[str, tuple[float | None, float | None, float | None]]:
    return {one.lead: (one.older_mm, one.newer_mm, one.change_mm) for one in found.leads}


def test_numbers_are_subtracted_as_they_are_shown() -> None:
    later = replace(ecg(), heart_rate_per_min=88.6, pr_ms=150.0, qtcf_ms=431.5)
    assert numbers(changes(ecg(), later, RULES)) == {
        "heart_rate": (71.0, 89.0, 18.0),
        "pr": (160.0, 150.0, -10.0),
        "qrs": (92.0, 92.0, 0.0),
        "qt": (380.0, 380.0, 0.0),
        "qtcf": (402.0, 432.0, 30.0),
        "qtcb": (415.0, 415.0, 0.0),
        "axis": (None, None, None),
    }


def test_a_level_keeps_its_sign_and_so_does_its_change() -> None:
    found = changes(ecg(V2=0.5, III=-1.5, V6=1.0), ecg(V2=2.46, III=0.5, V6=-0.5), RULES)
    assert levels(found) == {
        "III": (-1.5, 0.5, 2.0),
        "V2": (0.5, 2.5, 2.0),
        "V6": (1.0, -0.5, -1.5),
    }


def test_what_one_of_them_lacks_has_no_change_and_is_not_unchanged() -> None:
    found = changes(ecg(V1=1.0, V2=None), replace(ecg(V2=1.0, V4R=0.5), pr_ms=None), RULES)
    assert numbers(found)["pr"] == (160.0, None, None)
    assert levels(found) == {
        "V1": (1.0, None, None),
        "V2": (None, 1.0, None),
        "V4R": (None, 0.5, None),
    }


def test_leads_stand_in_the_order_of_the_standard() -> None:
    found = changes(ecg(V4R=0.0, V1=0.0, aVF=0.0), ecg(I=0.0), RULES)
    assert [one.lead for one in found.leads] == ["I", "aVF", "V1", "V4R"]


@pytest.mark.parametrize(
    ("across_mm", "down_mm", "axis"),
    [(8, 0, 0), (0, 8, 90), (-8, 0, 180), (0, -8, -90), (8, 8 * math.sqrt(3) / 2, 45)],
)
def test_the_axis_points_where_both_leads_say(
    across_mm: float, down_mm: float, axis: float
) -> None:
    found = axis_deg(beats(across_mm, down_mm), RULES)
    assert found == pytest.approx(axis)


def test_two_leads_that_cancel_out_have_no_axis() -> None:
    assert axis_deg(beats(0.5, -0.5), RULES) is None
    assert axis_deg(ecg(I=1.0, aVF=1.0), RULES) is None  # levels alone are no QRS
    assert (
        axis_deg(Measured(leads={"I": LeadMeasured(q_mm=0.0, r_mm=9.0, s_mm=0.0)}), RULES) is None
    )


def test_an_axis_changes_by_the_shorter_way_round() -> None:
    left, right = beats(-8, 1), beats(-8, -1)
    before, after, change = numbers(changes(left, right, RULES))["axis"]
    assert (before, after, change) == (172.0, -172.0, 16.0)
    assert numbers(changes(right, left, RULES))["axis"][2] == -16.0


@given(older=st.dictionaries(st.sampled_from(RULES.standard), LEVELS), newer=LEVELS)
def test_the_table_adds_up_and_turns_with_its_sides(
    older: dict[str, float | None], newer: float | None
) -> None:
    one, other = ecg(**older), ecg(V2=newer)
    there, back = levels(changes(one, other, RULES)), levels(changes(other, one, RULES))
    assert there.keys() == back.keys() == older.keys() | {"V2"}
    for lead, (before, after, change) in there.items():
        assert back[lead][:2] == (after, before)
        if before is None or after is None:
            assert change is None
            assert back[lead][2] is None
        else:
            assert change == pytest.approx(after - before, abs=1e-9)
            assert back[lead][2] == pytest.approx(-(change or 0.0), abs=1e-9)
