# ruff: noqa: E501 (a fault reads as one line)
"""Content files: each states its origin, and a faulty one is refused by file and field."""

import shutil
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from goldenhour.content import ContentError, load
from goldenhour.kernel.content import SignOff
from goldenhour.kernel.levels import DispatchLevel

ROOT = Path(str(files("goldenhour.content")))
FILES = sorted(ROOT.rglob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: str(file.relative_to(ROOT)))
def test_every_file_states_source_version_and_sign_off(file: Path) -> None:
    content = tomllib.loads(file.read_text(encoding="utf-8"))
    about = content.get("about", content)
    assert about["id"] == file.stem
    assert about["version"]
    assert about["sources"]
    assert all(about["sources"])
    assert about["sign_off"] in set(SignOff)


def test_every_file_is_loaded() -> None:
    devices = ("hl7_quirks.toml",)  # see content/devices.py
    advice = (
        *("limits.toml", "dispatch.toml", "destination.toml"),
        *("files.toml", "kpi.toml", "retention.toml", "road_feed.toml", "run_sheet.toml"),
        "street_speeds.toml",
    )
    exchange = ("fhir.toml", "nemsis.toml", "ws542.toml")  # see content/exchange.py
    others = (*devices, *advice, *exchange)  # see content/facts.py
    clinical = [file.stem for file in FILES if file.name not in others]
    assert sorted(about.id for about in load().list_about()) == sorted(clinical)


def test_entry_asks_the_ten_questions_in_their_order() -> None:
    asked = [question.id for question in load().protocol.entry.questions]
    assert asked == [
        "location", "callback", "complaint", "with_patient", "count", "age_y", "sex", "conscious",
        "breathing_normal", "massive_bleed", "scene_hazards",
    ]  # fmt: skip


def test_assignment_targets() -> None:
    plans = {plan.level: plan.assign_within_s for plan in load().levels.dispatch}
    assert plans == {"R0": 30, "R1": 60, "R2": 90, "R3": 120, "R4": None, "R5": None}
    assert list(plans) == list(DispatchLevel)


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("cards/stroke.toml", 'level = "R1"', 'level = "R9"', "rows[0].level"),
        ("cards/stroke.toml", "when = 'not alert", "when = 'not awake", "there is no question 'awake'"),
        ("cards/stroke.toml", '"seizure_now"]', '"seizure_then"]', "head_signs cannot be asked"),
        ("cards/stroke.toml", "signs_resolved and", "signs_resolved and not signs_resolved and", "no answers can fire it"),
        ("cards/stroke.toml", "not alert or", "not alert or or", "no expression"),
        ("cards/stroke.toml", '"stroke_side"]', '"stroke_sit"]', "there is no script 'stroke_sit'"),
        ("cards/stroke.toml", '["als"]', '["helicopter"]', "there is no mark 'helicopter'"),
        ("cards/stroke.toml", 'id = "2_6h"', 'id = "1"', "the id is used twice"),
        ("cards/stroke.toml", "key = 2", "key = 1", "must be unique"),
        ("cards/stroke.toml", "lkw_min = 40", 'lkw_min = "soon"', "lkw_min: wrong_type"),
        ("cards/stroke.toml", "完全清醒", "清醒", "differs from the same question"),
        ("cards/stroke.toml", "otherwise", "other", "unknown field"),
        ("entry.toml", '"choking" and', '"chocking" and', "complaint cannot be asked"),
        ("entry.toml", 'complaint = "bleeding"', 'complaint = "blood"', "there is no topic 'blood'"),
        ("topics.toml", 'fallback = "unknown"', 'fallback = "none"', "there is no card 'none'"),
        ("flags.toml", 'sign_off = "unsigned"', 'sign_off = "maybe"', "sign_off"),
        ("tcpr.toml", 'script = "tcpr_child"', 'script = "tcpr_kid"', "no script 'tcpr_kid'"),
        ("levels.toml", 'level = "R4"', 'level = "R3"', "exactly one plan"),
        ("levels.toml", 'level = "III"', 'level = "II"', "each level needs a grade"),
        ("scores/news2.toml", "age_y >= 16", "age >= 16", "there is no 'age'"),
        ("scores/triage_adult.toml", '"spo2_3"]', '"spo2_4"]', "no row 'spo2_4'"),
        ("vitals.toml", "pregnant_wk < 20", "weeks < 20", "there is no 'weeks'"),
        ("vitals.toml", "limits = [", "limits = [[", "vitals.toml: Unclosed array"),
    ],
)  # fmt: skip
def test_a_fault_is_refused_with_its_place(
    tmp_path: Path, name: str, old: str, new: str, says: str
) -> None:
    root = tmp_path / "content"
    shutil.copytree(ROOT, root, ignore=shutil.ignore_patterns("__pycache__"))
    text = (root / name).read_text(encoding="utf-8")
    assert old in text
    (root / name).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load(root)
    assert says in str(refused.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        load(tmp_path)
