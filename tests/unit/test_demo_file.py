"""What a demo says of itself: whoever is simulated is named, and nothing is in a live world."""

from pathlib import Path

import pytest

from goldenhour.main.demo_file import OUTSIDE, PEOPLE, list_doubles, write_doubles
from goldenhour.main.settings import Settings, World


def demo(state: Path) -> Settings:
    return Settings(state=str(state), world=World.SIMULATION, demo=True)


@pytest.mark.parametrize("alone", [True, False])
def test_simulated_people_are_named_beside_the_devices(tmp_path: Path, alone: bool) -> None:
    settings = demo(tmp_path)
    write_doubles(settings, alone=not alone)  # an earlier start was another one
    write_doubles(settings, alone=alone)
    named = list_doubles(settings)
    assert set(named) == {*OUTSIDE} | (set() if alone else {*PEOPLE})
    assert len(named) == len(set(named))


def test_a_demo_without_the_file_still_warns_of_its_devices(tmp_path: Path) -> None:
    assert list_doubles(demo(tmp_path)) == OUTSIDE


def test_outside_a_demo_nothing_is_a_double(tmp_path: Path) -> None:
    write_doubles(demo(tmp_path), alone=False)
    assert list_doubles(Settings(state=str(tmp_path))) == ()
