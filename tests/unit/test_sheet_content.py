# ruff: noqa: E501 (a fault reads as one line)
"""Score tables and sheets that must not be used are refused by file and field."""

import re
import shutil
from importlib.resources import files
from pathlib import Path

import pytest

from goldenhour.content import ContentError, load
from goldenhour.domain.care.sheets import Sheet

ROOT = Path(str(files("goldenhour.content")))
SHEETS = load().sheets


@pytest.mark.parametrize(
    ("name", "old", "new", "says"),
    [
        ("inputs.toml", 'fills_from = "sbp_mmhg"', 'fills_from = "sbp"', "items.sbp_mmhg.fills_from: no 'sbp'"),
        ("inputs.toml", "low = 0, high = 130", "low = 130, high = 130", "items.age_y: a number needs low and high"),
        ("inputs.toml", 'id = "dbp_mmhg"', 'id = "sbp_mmhg"', "items: 'sbp_mmhg' is asked twice"),
        ("inputs.toml", '{ id = "C",', '{ id = "A",', "items.consciousness.choices: needs each choice once"),
        ("scores/lams.toml", '"lams_face"', '"walks"', "items: 'walks' is the name of a shared input"),
        ("scores/lams.toml", '"lams_face", kind = "choice"', '"lams_face", kind = "number"', "items.lams_face.choices: needs each choice once"),
        ("scores/hear.toml", 'heart_risk == "many"', 'heart_risks == "many"', "there is no 'heart_risks'"),
        ("scores/hear.toml", 'heart_risk == "many"', 'heart_risk == "lots"', "'heart_risk' has no such choice"),
        ("scores/hear.toml", "from_total = 0", "from_total = 1", "bands: 'low' and its followers leave a gap"),
        ("scores/hear.toml", "from_total = 4", "from_total = 8", "bands: 'low' and its followers leave a gap"),
        ("scores/gap.toml", "from_total = 24", "from_total = 23", "bands: 'low' and its followers leave a gap"),
        ("scores/grace.toml", '["killip"]', '["killips"]', "uses: there is no table 'killips'"),
        ("scores/start.toml", 'points = 1, when = ""', 'points = 1, when = "obeys"', "rows: `first` needs one part"),
        ("scores/pts.toml", "weight_kg = 1", "weight = 1", "decimals: there is no 'weight'"),
        ("sheets/chest_pain.toml", '"hear", "heart"', '"heart"', "there is no 'band_hear'"),
        ("sheets/chest_pain.toml", '"hear", "heart"', '"hear", "hearts"', "scores: there is no table 'hearts'"),
        ("sheets/chest_pain.toml", 'ask = ["pain"]', 'ask = ["ache"]', "sections.pain.ask: there is no input or table 'ache'"),
        ("sheets/chest_pain.toml", '"heart_ecg", "killip"', '"killip"', "'heart_ecg', which is not asked"),
        ("sheets/chest_pain.toml", '"age_y", "consciousness"', '"age_y", "age_y"', "items: 'age_y' is asked twice"),
        ("sheets/chest_pain.toml", 'band_hear == "high"', 'band_hear == "very"', "'band_hear' has no such band"),
        ("sheets/chest_pain.toml", 'level = "II"', 'level = "V"', "levels[4].level"),
        ("sheets/chest_pain.toml", 'otherwise = "III"', "", "otherwise: a sheet with levels"),
        ("sheets/chest_pain.toml", '["pci_24h", "ecmo"]', '["pci_24h", "echo"]', "needs.stemi_shock: no capability 'echo'"),
        ("sheets/chest_pain.toml", '["stemi_shock"]', '["stemi_shocks"]', "needs.stemi_shock: no condition 'stemi_shocks'"),
        ("sheets/chest_pain.toml", 'id = "both_arms"', 'id = "monitor"', "actions: 'monitor' is used twice"),
        ("sheets/chest_pain.toml", "spo2_pct < 94", "spo2_pct + 1 < 94", "a comparison needs"),
        ("sheets/crash.toml", 'who = "fire"', 'who = "army"', "who"),
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
    assert Path(name).stem in refused.value.file


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.about.id)
def test_no_sheet_holds_a_dose(sheet: Sheet) -> None:
    dose = re.compile(r"\d+(\.\d+)?\s*(mg|ug|µg|mcg|mL/kg|mg/kg|IU|毫克|微克|毫升)")
    for row in sheet.actions:
        assert not dose.search(row.zh + " " + row.en)


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda sheet: sheet.about.id)
def test_every_word_of_a_sheet_stands_in_both_languages(sheet: Sheet) -> None:
    rows = [*sheet.sections, *sheet.levels, *sheet.actions, *sheet.needs, *sheet.responses]
    items = sheet.list_items()
    for row in [*rows, *items, *(choice for item in items for choice in item.choices)]:
        assert row.zh.strip()
        assert row.en.strip()
