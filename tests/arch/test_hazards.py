"""The clinical-safety file keeps its own rules, and what it calls a proof exists."""

import tomllib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "clinical-safety" / "hazards.toml"
HAZARDS: list[dict[str, Any]] = tomllib.loads(FILE.read_text(encoding="utf-8"))["hazard"]
TEXTS = ("id", "hazard", "cause", "harm", "control")
MARKS = ("severity", "likelihood_before", "likelihood_after")

by_id = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard["id"])


def exists(proof: str) -> bool:
    kind, _, name = proof.rpartition(":")
    if kind == "drill":
        return (ROOT / "src/goldenhour/main/drills" / f"{name}.py").is_file()
    return (ROOT / "tests" / proof).is_file()


def test_ids_are_unique() -> None:
    assert max(Counter(hazard["id"] for hazard in HAZARDS).values()) == 1


@by_id
def test_a_hazard_states_everything(hazard: dict[str, Any]) -> None:
    assert set(hazard) == {*TEXTS, *MARKS, "proof", "missing"}
    assert all(hazard[field].strip() for field in TEXTS)
    assert all(1 <= hazard[field] <= 5 for field in MARKS)


@by_id
def test_every_named_proof_exists(hazard: dict[str, Any]) -> None:
    assert [proof for proof in hazard["proof"] if not exists(proof)] == []


@by_id
def test_only_what_is_proved_counts_as_less_likely(hazard: dict[str, Any]) -> None:
    if hazard["proof"]:
        assert hazard["likelihood_after"] <= hazard["likelihood_before"]
    else:
        assert hazard["likelihood_after"] == hazard["likelihood_before"]
        assert hazard["missing"].strip()


def test_a_proof_that_does_not_exist_is_seen() -> None:
    assert not exists("unit/test_of_nothing.py")
    assert not exists("drill:nothing")
