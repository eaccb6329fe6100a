"""Vehicles come in by a table: every line is judged first, and one press writes all of them."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import Node, SeatMaker

HEADER = "编号,车号,车牌,类型,急救站,推定"


def test_a_table_is_judged_line_by_line_and_written_whole(
    node: Node, seat: SeatMaker, tmp_path: Path
) -> None:
    del node
    office = seat("supervisor", "/vehicles")
    page = office.page
    row = page.get_by_test_id("vehicle-A-01")
    expect(row).to_be_visible()
    station = row.locator("td").nth(1).inner_text()

    # Pasted as a spreadsheet copies it; one line is wrong, and nothing can be written.
    page.get_by_test_id("vehicle-import").click()
    page.get_by_test_id("vehicle-paste").fill(
        f"车号\t车牌\t类型\t急救站\n急救99\t沪A00099\t普通型\t{station}\nA-01\t沪A00001\t大车\t"
    )
    page.get_by_test_id("vehicle-paste-check").click()
    dialog = page.get_by_test_id("vehicle-import-dialog")
    expect(page.get_by_test_id("vehicle-faults")).to_contain_text("1 行有误")
    wrong = page.get_by_test_id("vehicle-line-3")
    for words in ("类型", "大车", "不认识的类型"):
        expect(wrong).to_contain_text(words)
    expect(page.get_by_test_id("vehicle-line-2")).to_contain_text("新增")
    expect(page.get_by_test_id("vehicle-confirm")).to_have_count(0)
    shot(office, "vehicles-faults")

    file = tmp_path / "vehicles.csv"
    lines = (
        HEADER,
        f",急救99,沪A00099,普通型,{station},",
        ",A-01,沪A00001,,,否",
        ",A-02,,,,",
    )
    file.write_bytes("\r\n".join(lines).encode("gbk"))
    page.get_by_test_id("vehicle-file").set_input_files(file)
    expect(page.get_by_test_id("vehicle-sum")).to_have_text("新增 1，更改 1，不变 1，有误 0")
    expect(page.get_by_test_id("vehicle-line-3")).to_contain_text("沪A00001")
    shot(office, "vehicles-preview")
    page.get_by_test_id("vehicle-confirm").dblclick()
    expect(page.get_by_test_id("vehicle-done")).to_contain_text("已写入 2 辆")
    expect(dialog).to_be_visible()
    page.get_by_test_id("vehicle-import-close").click()
    expect(page.get_by_test_id("vehicle-急救99")).to_contain_text("沪A00099")
    expect(row).to_contain_text("沪A00001")
    shot(office, "vehicles-written")

    # What comes out goes in again without a change.
    for form in ("csv", "xlsx"):
        again(page, form)
    page.get_by_test_id("vehicle-history-急救99").click()
    told = page.get_by_test_id("vehicle-dialog")
    expect(told.locator("[data-kind='unit.listed.v1']")).to_contain_text("沪A00099")
    assert office.errors == []


def again(page: Page, form: str) -> None:
    with page.expect_download() as download:
        page.get_by_test_id(f"vehicle-export-{form}").click()
    page.get_by_test_id("vehicle-import").click()
    page.get_by_test_id("vehicle-file").set_input_files(download.value.path())
    expect(page.get_by_test_id("vehicle-same")).to_be_visible()
    expect(page.get_by_test_id("vehicle-confirm")).to_have_count(0)
    page.get_by_test_id("vehicle-import-close").click()


@pytest.mark.parametrize(("width", "height"), [(820, 1180), (390, 844)])
def test_the_registers_on_a_small_screen_scroll_inside_their_panel(
    node: Node, seat: SeatMaker, width: int, height: int
) -> None:
    del node
    office = seat("supervisor", "/vehicles", width=width, height=height)
    expect(office.page.get_by_test_id("vehicle-A-01")).to_be_visible()
    office.page.get_by_test_id("register-stations").click()
    expect(office.page.locator("[data-testid^=station-history-]").first).to_be_attached()
    shot(office, f"stations-{width}")
    frame = office.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert frame <= 0
    assert office.errors == []


def test_stations_come_in_by_a_table_and_their_vehicles_follow(
    node: Node, seat: SeatMaker, tmp_path: Path
) -> None:
    del node
    office = seat("supervisor", "/vehicles")
    page = office.page
    station = page.get_by_test_id("vehicle-B-01").locator("td").nth(1).inner_text()
    page.get_by_test_id("register-stations").click()
    known = page.get_by_test_id(f"station-{station}")
    expect(known).to_contain_text("B-01")
    expect(known).to_contain_text("来自城市地图")
    shot(office, "stations")
    with page.expect_download() as download:
        page.get_by_test_id("station-export-csv").click()
    lines = Path(download.value.path()).read_text(encoding="utf-8-sig").splitlines()
    (line,) = [one for one in lines if f",{station}," in one]
    cells = line.split(",")

    # One line is wrong: the place is on another map; then it is corrected.
    for lat, wrong in (("1.0", True), (cells[4], False)):
        file = tmp_path / f"stations-{wrong}.csv"
        changed = [cells[0], f"{station}新址", "", "", lat, cells[5], "021-120", "否"]
        file.write_text("\n".join((lines[0], ",".join(changed))), encoding="utf-8")
        page.get_by_test_id("station-import").click()
        page.get_by_test_id("station-file").set_input_files(file)
        told = page.get_by_test_id("station-line-2")
        if wrong:
            expect(told).to_contain_text("不在本市地图范围内")
            expect(page.get_by_test_id("station-confirm")).to_have_count(0)
            shot(office, "stations-faults")
            page.get_by_test_id("station-import-close").click()
    expect(told).to_contain_text(f"{station} → {station}新址")
    page.get_by_test_id("station-confirm").dblclick()
    expect(page.get_by_test_id("station-done")).to_contain_text("已写入 1 个急救站")
    page.get_by_test_id("station-import-close").click()
    moved = page.get_by_test_id(f"station-{station}新址")
    expect(moved).to_contain_text("021-120")
    page.get_by_test_id(f"station-history-{station}新址").click()
    told = page.get_by_test_id("station-dialog").locator("[data-kind='station.listed.v1']")
    expect(told).to_contain_text("新址")
    page.keyboard.press("Escape")
    page.get_by_test_id("register-vehicles").click()
    expect(page.get_by_test_id("vehicle-B-01")).to_contain_text(f"{station}新址")
    assert office.errors == []
