"""Scores of the release's tables from plain values, for tests of worked examples."""

from typing import Any

import pytest
from msgspec.structs import fields

from goldenhour.content import load
from goldenhour.domain.care import Findings, Score, score
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status

CONTENT = load()
OWN = {field.name for field in fields(Findings)}


def take(name: str, **given: Any) -> Score:
    """The score of a table: what findings know goes there, the rest are answers."""
    findings = Findings(**{key: value for key, value in given.items() if key in OWN})
    answers: dict[str, Answer] = {key: value for key, value in given.items() if key not in OWN}
    return score(findings, CONTENT.scores[name], answers)


def check(name: str, total: float | None, band: str | None, **given: Any) -> None:
    found = take(name, **given)
    assert (found.total, found.band, found.status) == (total, band, Status.COMPLETE), found


def named(*vectors: tuple[Any, ...]) -> Any:
    """One test per vector, named by its inputs."""
    return pytest.mark.parametrize("vector", vectors, ids=lambda vector: "-".join(map(str, vector)))
