"""What a demo says of itself: whoever is simulated is named, and nothing is in a live world."""

from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from goldenhour.app.accounts import DemoAccount
from goldenhour.main.demo_file import (
    DEMO_FILE,
    OUTSIDE,
    PEOPLE,
    RECORDING,
    find_recording,
    list_doubles,
    read_demo_desk,
    write_doubles,
)
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


def test_a_fallback_seat_offers_the_desk_of_its_own_centre_alone(tmp_path: Path) -> None:
    accounts = [
        DemoAccount(username=name, password="x", role=role, name=name, url="/", org=org)
        for name, role, org in (
            ("desk", "dispatcher", "centre"),
            ("head", "supervisor", "centre"),
            ("county", "dispatcher", "subcentre:1"),
            ("quality", "quality", "centre"),
        )
    ]
    (tmp_path / DEMO_FILE).write_bytes(msgspec.json.encode(accounts))
    offered = read_demo_desk(demo(tmp_path), "centre")
    assert [account.username for account in offered] == ["desk", "head"]
    live = Settings(state=str(tmp_path))
    assert read_demo_desk(live, "centre") == ()


def test_a_demo_without_the_file_still_warns_of_its_devices(tmp_path: Path) -> None:
    assert list_doubles(demo(tmp_path)) == OUTSIDE


def test_outside_a_demo_nothing_is_a_double(tmp_path: Path) -> None:
    write_doubles(demo(tmp_path), alone=False)
    assert list_doubles(Settings(state=str(tmp_path))) == ()


def test_cabin_cameras_are_named_where_the_demo_has_them(tmp_path: Path) -> None:
    settings = replace(demo(tmp_path), demo_cameras=True)
    write_doubles(settings, alone=True)
    assert list_doubles(settings) == (*OUTSIDE, "cameras")


def test_the_cameras_double_says_what_it_lacks(tmp_path: Path) -> None:
    for environ in ({}, {"GOLDENHOUR_DATA": str(tmp_path)}):
        with pytest.raises(SystemExit, match="GOLDENHOUR_DATA"):
            find_recording(environ)
    there = tmp_path / RECORDING
    there.parent.mkdir()
    there.write_text("recorded")
    assert find_recording({"GOLDENHOUR_DATA": str(tmp_path)}) == there
