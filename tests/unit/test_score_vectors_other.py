# ruff: noqa: E501 (a worked example reads as one line)
"""Every printed worked example of the scores of sepsis, poisoning, mass casualties, ultrasound and crashes, literally."""

from typing import Any

import pytest

from factories.scores import CONTENT, check, named, take
from goldenhour.kernel.content import Status


@named((24, 95, 15, 2, "high"), (18, 120, 14, 1, "one"), (30, 85, 12, 3, "high"))
def test_qsofa(vector: tuple[Any, ...]) -> None:
    resp, sbp, gcs, total, band = vector
    check("qsofa", total, band, age_y=60, resp_per_min=resp, sbp_mmhg=sbp, gcs=gcs)


@named(
    (True, 5, 0, None, "alert"),
    (True, 0, 2, None, "alert"),
    (True, 0, 0, 2.1, "alert"),
    (True, 4, 1, 2.0, "none"),
    (False, 12, 3, 6.0, "none"),
)
def test_sepsis_alert(vector: tuple[Any, ...]) -> None:
    infection, news2, qsofa, lactate, band = vector
    given = {} if lactate is None else {"lactate_mmol_l": lactate}
    found = take(
        "sepsis_alert",
        age_y=60,
        suspected_infection=infection,
        score_news2=news2,
        score_qsofa=qsofa,
        **given,
    )
    assert found.band == band


WELL: dict[str, Any] = {
    "pss_nervous": "normal", "pss_respiratory": "normal", "pss_cardiovascular": "normal",
    "pss_gut": "normal", "heart_rate_per_min": 80, "poisoned_dead": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("given", "total"),
    [
        ({"pss_gut": "minor"}, 1),
        ({"pss_nervous": "moderate"}, 2),
        ({"pss_nervous": "severe", "pss_cardiovascular": "severe"}, 3),
        ({"poisoned_dead": True}, 4),
    ],
    ids=["vomiting", "pain-only", "coma-sbp-65", "dead"],
)
def test_pss(given: dict[str, Any], total: int) -> None:
    check("pss", total, ("none", "minor", "moderate", "severe", "fatal")[total], **(WELL | given))


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"pupils": "pinpoint", "tox_signs": ("sweating", "secretions")}, "cholinergic"),
        ({"pupils": "pinpoint", "resp_per_min": 8}, "opioid"),
        ({"pupils": "wide", "tox_signs": ("sweating", "agitation")}, "sympathomimetic"),
        ({"pupils": "wide", "tox_signs": ("dry_skin",)}, "anticholinergic"),
        ({"headache_cluster": True}, "carbon_monoxide"),
        ({}, "none"),
    ],
    ids=["cholinergic", "opioid", "sympathomimetic", "anticholinergic", "co", "none"],
)
def test_toxidromes(given: dict[str, Any], band: str) -> None:
    calm = {"pupils": "normal", "tox_signs": (), "resp_per_min": 16, "headache_cluster": False}
    assert take("toxidromes", **(calm | given)).band == band


@pytest.mark.parametrize(
    ("table", "given", "band"),
    [
        ("start", {"walks": True}, "green"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 34}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "cap_refill_s": 3}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "radial_pulse": True, "obeys": True}, "yellow"),
        ("start", {"walks": False, "mci_breathing": "never"}, "black"),
        ("start", {"walks": False, "mci_breathing": "after_opening"}, "red"),
        ("start", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 20, "radial_pulse": True, "obeys": False}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 12}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": True, "breathes_after_5": True}, "red"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": True, "breathes_after_5": False}, "black"),
        ("jumpstart", {"walks": False, "mci_breathing": "never", "any_pulse": False}, "black"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 30, "any_pulse": True, "child_responds": "voice"}, "yellow"),
        ("jumpstart", {"walks": False, "mci_breathing": "spontaneous", "resp_per_min": 30, "any_pulse": True, "child_responds": "pain_unfit"}, "red"),
        ("salt", {"mci_breathing": "spontaneous", "any_pulse": False, "likely_to_survive": False}, "grey"),
        ("salt", {"mci_breathing": "spontaneous", "any_pulse": False, "likely_to_survive": True}, "red"),
        ("salt", {"mci_breathing": "never"}, "black"),
        ("salt", {"mci_breathing": "spontaneous", "obeys": True, "any_pulse": True, "distress": False, "bleeding_controlled": True, "minor_only": True}, "green"),
        ("salt", {"mci_breathing": "spontaneous", "obeys": True, "any_pulse": True, "distress": False, "bleeding_controlled": True, "minor_only": False}, "yellow"),
    ],
    ids=lambda value: "-".join(map(str, value.values())) if isinstance(value, dict) else str(value),
)  # fmt: skip
def test_mass_casualty(table: str, given: dict[str, Any], band: str) -> None:
    found = take(table, age_y=5 if table == "jumpstart" else 40, **given)
    assert (found.band, found.status) == (band, Status.COMPLETE)


def test_a_tag_without_walking_known_is_never_green() -> None:
    found = take(
        "start",
        age_y=40,
        mci_breathing="spontaneous",
        resp_per_min=20,
        radial_pulse=True,
        obeys=True,
    )
    assert (found.status, found.band, found.missing) == (Status.PARTIAL, None, ("walks",))


WINDOWS = ("fast_pericardial", "fast_ruq", "fast_luq", "fast_pelvis")


@pytest.mark.parametrize(
    ("given", "band"),
    [
        ({"fast_ruq": "present"}, "positive"),
        ({"fast_luq": "equivocal"}, "equivocal"),
        ({}, "negative"),
        ({"fast_luq": "not_obtained", "fast_ruq": "not_obtained"}, "equivocal"),
    ],
    ids=["ruq-present", "one-equivocal", "four-absent", "two-not-obtained"],
)
def test_fast(given: dict[str, Any], band: str) -> None:
    assert take("fast", **(dict.fromkeys(WINDOWS, "absent") | given)).band == band


def test_efast_without_sliding_and_with_a_lung_point_is_a_pneumothorax() -> None:
    calm = {"efast_right_pleura": "absent", "efast_left_pleura": "absent", "efast_right_sliding": "present", "efast_left_sliding": "present", "lung_point": False}  # fmt: skip
    assert take("efast", **calm).band == "negative"
    assert (
        take("efast", **(calm | {"efast_left_sliding": "absent", "lung_point": True})).band
        == "pneumothorax"
    )
    assert take("efast", **(calm | {"efast_left_sliding": "absent"})).band == "equivocal"
    assert take("efast", **(calm | {"efast_left_pleura": "present"})).band == "positive"


@pytest.mark.parametrize(
    ("given", "total", "band"),
    [
        ({"injured_count": 1}, 1, "light"),
        ({"injured_count": 1, "thrown": True}, 3, "serious"),
        ({"injured_count": 3}, 4, "major"),
        ({"injured_count": 1, "unresponsive_at_scene": True}, 5, "major"),
        ({"injured_count": 6, "bus": True, "trapped": True}, 8, "mass"),
        ({"injured_count": 10}, 8, "mass"),
    ],
    ids=["one", "thrown", "three", "unresponsive", "bus-six-trapped", "ten"],
)
def test_crash(given: dict[str, Any], total: int, band: str) -> None:
    flags = [item.id for item in CONTENT.scores["crash"].items if item.id != "injured_count"]
    check("crash", total, band, **(dict.fromkeys(flags, False) | given))
