"""Each drill at a small count: green as it is, red with its bug planted."""

import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest

from goldenhour.adapters.city.files import CITY_FILE
from goldenhour.main.city import ensure_city
from goldenhour.main.city_file import read_city
from goldenhour.main.drills import (
    degrade,
    ecg,
    fuzz,
    kill,
    limits,
    merge,
    offline,
    paper,
    power,
    race,
    shuffle,
    sim,
    spoof,
    storm,
    tamper,
    uplinks,
)
from goldenhour.main.drills.report import Options, Report

# Options enough that the planted bug shows every time: one tamper of each kind, some dozen
# dawdling writers, a lost race in every race, some kills of the writer itself, two virtual hours,
# one vehicle that is killed between two late writings, and so on.
SMALL = {tamper: 13, shuffle: 1_500, race: 24, kill: 5, sim: 2, offline: 1}
SMALL |= {
    degrade: 7,
    storm: 60,
    uplinks: 2,
    power: 4,
    limits: 50,
    merge: 40,
    ecg: 25,
    fuzz: 3_000,
    spoof: 12,
    paper: 60,
}


def run(drill: ModuleType, *, plant: bool) -> Report:
    report = drill.run(Options(n=SMALL[drill], seed=3, plant=plant))
    assert isinstance(report, Report)
    return report


@pytest.mark.parametrize(
    "drill", [tamper, shuffle, race, paper, sim, merge, ecg], ids=lambda d: d.__name__
)
def test_a_drill_is_green_and_its_planted_bug_is_red(
    drill: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Not the city that was built on this machine, whatever it is: the drill builds its town.
    monkeypatch.setenv("GOLDENHOUR_STATE", str(tmp_path))
    assert run(drill, plant=False).passed
    assert not run(drill, plant=True).passed


def test_a_day_in_which_nothing_could_happen_is_not_green(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDENHOUR_STATE", str(tmp_path))
    ensure_city(tmp_path / "city", source=None, overrides=None, town=True, say=lambda _: None)
    city = read_city(tmp_path / "city")
    assert city is not None
    without = msgspec.json.encode(msgspec.structs.replace(city, units=()))
    (tmp_path / "city" / CITY_FILE).write_bytes(without)
    with pytest.raises(SystemExit, match="no city with vehicles"):
        run(sim, plant=False)


def test_strangers_are_not_believed_and_a_key_that_is_given_away_is_caught() -> None:
    # Not `passed`: that also judges how soon a jump is marked.
    assert run(spoof, plant=False).value == 0
    assert run(spoof, plant=True).value > 0


def test_a_unit_is_sent_without_any_part_and_a_ranking_that_waits_for_a_route_is_caught() -> None:
    # Not `passed`: that also judges how fast the machine is; the planted one waits a second.
    assert run(degrade, plant=False).value == 0
    assert not run(degrade, plant=True).passed


def test_everybody_comes_back_at_once_and_a_store_that_forgets_is_caught() -> None:
    # Not `passed`: that also judges how soon.
    assert run(storm, plant=False).value == 0
    assert run(storm, plant=True).value > 0


def test_damaged_input_raises_nothing_undeclared_and_a_reader_that_trusts_is_caught() -> None:
    # Not `passed`: that also judges how long a reading takes.
    assert run(fuzz, plant=False).value == 0
    assert run(fuzz, plant=True).value > 0


def test_kills_lose_double_and_reorder_nothing_and_an_early_answer_is_caught() -> None:
    # Not `passed`: that also judges how fast service is back, which a busy machine decides.
    assert run(kill, plant=False).value == 0
    assert run(kill, plant=True).value > 0


def test_a_vehicle_without_a_link_loses_and_doubles_nothing_and_a_late_write_is_caught() -> None:
    # Not `passed`, as above.
    assert run(offline, plant=False).value == 0
    assert run(offline, plant=True).value > 0


def test_a_network_that_dies_doubles_nothing_and_a_vehicle_without_heartbeats_is_slower() -> None:
    # Not `passed`, as above; the planted one does not notice at all.
    good, planted = run(uplinks, plant=False), run(uplinks, plant=True)
    assert (good.spread["lost"], good.spread["doubled"]) == (0, 0)
    assert planted.value > good.value
    assert not planted.passed


@pytest.mark.parametrize("drill", [power, limits], ids=lambda d: d.__name__)
def test_a_drill_on_a_file_system_of_its_own(drill: ModuleType) -> None:
    try:
        good = run(drill, plant=False)
    except SystemExit as error:
        pytest.skip(str(error))
    assert good.passed
    assert not run(drill, plant=True).passed


def test_the_last_line_is_the_report_and_the_exit_code_follows_it() -> None:
    program = (
        "import sys; from goldenhour.main.drills.race import main; sys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "--n", "2", "--plant"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    report = json.loads(done.stdout.splitlines()[-1])
    assert set(report) == {"name", "value", "unit", "goal", "pass", "n", "spread"}
    assert (report["pass"], done.returncode) == (False, 1)
