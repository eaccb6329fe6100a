"""The ECG rules are whole, and a faulty file is refused by field."""

from importlib.resources import files
from pathlib import Path

import pytest

from goldenhour.content import ContentError, load
from goldenhour.content.ecg import read_ecg_rules

TEXT = (Path(str(files("goldenhour.content"))) / "ecg.toml").read_text(encoding="utf-8")


def test_every_standard_lead_but_avr_has_a_cut_and_a_territory() -> None:
    rules = load().ecg
    cut = {lead for one in rules.cuts for lead in one.leads}
    placed = {lead for territory in rules.territories for lead in territory.leads}
    assert set(rules.standard) - cut == {"aVR"}
    assert cut == placed


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('sign_off = "unsigned"', 'sign_off = "yes"', "sign_off"),
        ("mm = 2.5", 'mm = "high"', "cuts"),
        ("mm = 2.5", "mm = -2.5", "cuts, neighbours"),
        ('["V3R", "V4R"],\n]', '["V3R", "V4R", "V5R"],\n]', "contiguous: 'V5R' has no cut"),
        ('leads = ["V7", "V8", "V9"], title', 'leads = ["V7", "W8"], title', "no lead 'W8'"),
        ('when = ["lbbb", "paced"]', 'when = ["lbbb", "flu"]', "no confounder 'flu'"),
        ("sgarbossa_c = ", "sgarbossa_d = ", "titles"),
        ("posterior = { zh", "# posterior = { zh", "titles: "),
        ("record_v7_v9 = ", "# record_v7_v9 = ", "prompts: "),
        ("qrs_unknown = ", "# qrs_unknown = ", "cautions: "),
        ("suspected = ", "# suspected = ", "readings: "),
        ("neighbours = 2\ndecimals", "decimals", "neighbours"),
        ("decimals_mm = 1", "decimals_mm = 1\nbeats = 3", "beats"),
    ],
)
def test_a_faulty_file_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    assert old in TEXT
    (tmp_path / "ecg.toml").write_text(TEXT.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as refused:
        read_ecg_rules(tmp_path / "ecg.toml")
    assert refused.value.file == "ecg.toml"
    assert says in refused.value.reason


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ContentError):
        read_ecg_rules(tmp_path / "ecg.toml")
