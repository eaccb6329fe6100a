"""A city of which only the streets are known: every screen says so, and one station is enough."""

import json
from collections.abc import Iterator
from pathlib import Path

import osmium
import pytest
from acts import close_case, end_run, open_case
from playwright.sync_api import expect
from test_one_case import shot

from conftest import Node, SeatMaker, run_node
from goldenhour.simulator.town import write_town

CARE = {"healthcare", "emergency"}


def write_streets(path: Path) -> None:
    """The town without stations, hospitals and AEDs."""
    whole = path.with_name("whole.osm.pbf")
    write_town(whole, 1)
    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(str(whole)):
            care = thing.tags.get("amenity") == "hospital" or any(key in thing.tags for key in CARE)
            writer.add(thing.replace(tags={}) if care else thing)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    streets = tmp_path / "streets.osm.pbf"
    write_streets(streets)
    yield from run_node(city=("--city", str(streets)))


def test_a_first_station_and_its_vehicle_run_a_case(
    node: Node, seat: SeatMaker, tmp_path: Path
) -> None:
    assert not any(account["role"] in {"crew", "ed"} for account in node.accounts.values())
    city = json.loads((node.state / "city" / "city.json").read_text(encoding="utf-8"))
    assert (city["stations"], city["units"], city["hospitals"]) == ([], [], [])
    desk = seat("dispatcher", "/dispatcher")
    board = desk.page
    expect(board.get_by_text("没有这一类车辆")).to_be_visible()
    shot(desk, "empty-desk")

    office = seat("supervisor", "/vehicles")
    page = office.page
    page.get_by_test_id("register-stations").click()
    shot(office, "empty-stations")
    stations = tmp_path / "stations.csv"
    lat, lon = city["centre"]["lat"], city["centre"]["lon"]
    stations.write_text(f"急救站,纬度,经度\n第一急救站,{lat},{lon}\n", encoding="utf-8")
    page.get_by_test_id("station-import").click()
    page.get_by_test_id("station-file").set_input_files(stations)
    page.get_by_test_id("station-confirm").click()
    expect(page.get_by_test_id("station-done")).to_contain_text("已写入 1 个急救站")
    page.get_by_test_id("station-import-close").click()

    page.get_by_test_id("register-vehicles").click()
    vehicles = tmp_path / "vehicles.csv"
    vehicles.write_text("车号,类型,急救站\n急救01,监护型,第一急救站\n", encoding="utf-8")
    page.get_by_test_id("vehicle-import").click()
    page.get_by_test_id("vehicle-file").set_input_files(vehicles)
    page.get_by_test_id("vehicle-confirm").click()
    expect(page.get_by_test_id("vehicle-done")).to_contain_text("已写入 1 辆")

    # Put on duty where it is seen, it is proposed with its way from the station and sent.
    board.get_by_test_id("unit-急救01").click()
    board.get_by_test_id("unit-on-duty").click()
    expect(board.get_by_test_id("unit-off-duty")).to_be_visible()
    number = open_case(board, "学府路 6")
    shot(desk, "empty-first-unit")
    board.get_by_test_id("dispatch").click()
    expect(board.get_by_test_id("active-急救01")).to_be_visible()
    shot(desk, "empty-sent")
    end_run(board, "急救01")
    close_case(board, number)
    assert desk.errors == []
    assert office.errors == []
