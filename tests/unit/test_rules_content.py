"""The release's rules are whole, and a faulty file is refused by file and field."""

import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from goldenhour.content import ContentError
from goldenhour.content.rules import load_rules
from goldenhour.domain.handover.choose import Needs, needs_of
from goldenhour.domain.register.city import CAPABILITIES

ROOT = Path(str(files("goldenhour.content")))
NAMES = ("dispatch.toml", "destination.toml", "files.toml", "kpi.toml")


def test_every_condition_and_capability_can_be_asked_for() -> None:
    rules = load_rules().destination
    words = [*CAPABILITIES, *(c.id for c in rules.conditions), *(n.id for n in rules.nearest_if)]
    for word in words:
        found = needs_of((word,), {}, rules)
        assert isinstance(found, Needs)
        assert word in (*found.conditions, *found.capabilities, *found.nearest)


def test_each_figure_stands_once() -> None:
    codes = [kpi.code for kpi in load_rules().kpis.kpis]
    assert len(codes) == len(set(codes))


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("dispatch.toml", "reach_s = 2700", 'reach_s = "far"', "reach_s"),
        ("dispatch.toml", "{ bls = 180 }", "{ bike = 180 }", "later_s"),
        (
            "dispatch.toml",
            'levels = ["R3"], weight',
            'levels = ["R2"], weight',
            "each level stands",
        ),
        ("dispatch.toml", "900.0, unknown = true", "900.0", "of an unknown level"),
        ("dispatch.toml", "half_s = 300.0", "half_s = 0.0", "half_s"),
        ("destination.toml", '["burn"]', '["burns"]', "no capability 'burns'"),
        ("destination.toml", 'id = "burn_severe"', 'id = "burn"', "'burn' is used twice"),
        ("destination.toml", 'clock = "collapse"', 'clock = "noon"', "clock"),
        ("kpi.toml", 'end = "T8"', 'end = "T99"', "kpis.departure_3min.end: no such node"),
        ("kpi.toml", 'fact = "disposition"', 'start = "T1"', "kpis.dispositions: needs start"),
        ("files.toml", 'kind = "voice"', 'kind = "photo"', "kinds: a kind is named twice"),
        ("files.toml", "most = 20\n", "most = 0\n", "most"),
        ("kpi.toml", 'sign_off = "unsigned"', 'sign_off = "yes"', "sign_off"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, name: str, old: str, new: str, says: str) -> None:
    for file in NAMES:
        shutil.copy(ROOT / file, tmp_path)
    text = (tmp_path / name).read_text(encoding="utf-8")
    assert old in text
    (tmp_path / name).write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        load_rules(tmp_path)
    assert refused.value.file == name
    assert says in refused.value.reason
