"""A week is planned at the screen and by a file; whoever plans is told before it is written."""

import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Locator, Page, expect
from test_one_case import shot

from conftest import Node, SeatMaker

HEADER = "车号,开始,结束,班种,医生,护士,驾驶员,担架员"


def grid(page: Page) -> Locator:
    return page.locator("[data-testid^=roster-add-][data-testid$='-0']")


def signs(page: Page) -> list[str]:
    """Call signs of the units on the screen."""
    adds = grid(page)
    expect(adds.first).to_be_visible()
    ids = [str(one.get_attribute("data-testid")) for one in adds.all()]
    return [one.removeprefix("roster-add-").removesuffix("-0") for one in ids]


def next_monday(page: Page) -> str:
    """The week after this one, as the box of the day holds it."""
    today = date.fromisoformat(page.get_by_test_id("roster-day").input_value())
    return (today - timedelta(days=today.weekday()) + timedelta(days=7)).isoformat()


def plan(page: Page, sign: str, *names: str) -> None:
    """A day shift on Monday with a doctor, a nurse and a driver, as far as they are named."""
    page.get_by_test_id(f"roster-add-{sign}-0").click()
    for number, name in enumerate(names):
        page.get_by_test_id(f"shift-name-{number}").fill(name)


def test_a_week_is_planned_and_conflicts_are_told_in_words(node: Node, seat: SeatMaker) -> None:
    del node
    office = seat("admin", "/admin")
    page = office.page
    page.get_by_test_id("tab-roster").click()
    first, second = signs(page)[:2]
    page.get_by_test_id("roster-day").fill(next_monday(page))
    expect(page.locator(".ro-grid")).to_have_attribute("aria-busy", "false")
    expect(page.get_by_test_id(f"roster-{first}-0")).to_have_class(re.compile("gap"))

    # The arrows go over the grid.
    page.get_by_test_id(f"roster-add-{first}-0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_test_id(f"roster-add-{first}-1")).to_be_focused()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_test_id(f"roster-add-{second}-0")).to_be_focused()

    plan(page, first, "张伟#1023", "李娜", "赵强")
    expect(page.get_by_test_id("shift-clear")).to_be_visible()
    page.get_by_test_id("shift-save").dblclick()
    cell = page.get_by_test_id(f"roster-{first}-0")
    expect(cell).to_contain_text("张伟")
    assert cell.locator(".ro-chip").count() == 1

    # The driver stands on another unit at the same time: told before it is saved, and afterwards.
    plan(page, second, "", "", "赵强")
    warnings = page.get_by_test_id("shift-warnings")
    expect(warnings).to_contain_text(f"赵强 同时还排在 {first}")
    page.get_by_test_id("shift-save").click()
    chip = page.get_by_test_id(f"roster-{second}-0").locator(".ro-chip")
    expect(chip).to_have_attribute("data-warnings", "person_twice")
    expect(cell.locator(".ro-chip")).to_have_attribute("data-warnings", "person_twice")
    shot(office, "roster-marked")

    # It is changed with a reason only, and without anybody it is a gap in plain sight.
    chip.click()
    expect(page.get_by_test_id("shift-save")).to_have_count(0)
    page.get_by_test_id("shift-name-0").fill("")
    page.get_by_test_id("shift-reason").fill("赵强调往一组")
    page.get_by_test_id("shift-save").click()
    expect(chip).to_contain_text("无班组")
    expect(page.get_by_test_id("roster-empty")).to_be_visible()
    shot(office, "roster-gap")

    # The unit's other shift would overlap: refused in words, and the dialog stays.
    plan(page, second, "王芳")
    page.get_by_test_id("shift-save").click()
    refusal = page.get_by_test_id("refusal")
    expect(refusal).to_have_attribute("data-code", "shift_overlaps")
    page.keyboard.press("Escape")

    chip.click()
    page.get_by_test_id("shift-reason").fill("车辆年检")
    page.get_by_test_id("shift-withdraw").click()
    expect(chip).to_have_count(0)
    page.get_by_test_id(f"roster-history-{second}").click()
    told = page.get_by_test_id("history-dialog")
    for words in ("排班", "更改", "撤销", "赵强调往一组", "车辆年检", "管理员"):
        expect(told).to_contain_text(words)
    page.keyboard.press("Escape")
    assert office.errors == []


def test_a_file_is_checked_shown_and_written_whole(
    node: Node, seat: SeatMaker, tmp_path: Path
) -> None:
    del node
    office = seat("supervisor", "/roster")
    page = office.page
    sign = signs(page)[2]
    day = next_monday(page)
    page.get_by_test_id("roster-day").fill(day)
    file = tmp_path / "roster.csv"
    good = f"{sign},{day} 08:00,{day} 20:00,急救,,,陈刚,"
    file.write_bytes(f"{HEADER}\r\n{good}\r\n没有这车,明天,x".encode("gbk"))
    page.get_by_test_id("roster-import").click()
    page.get_by_test_id("import-file").set_input_files(file)
    dialog = page.get_by_test_id("import-dialog")
    expect(page.get_by_test_id("import-faults")).to_contain_text("3 处错误")
    for words in ("没有这个车号", "不是日期和时间"):
        expect(dialog).to_contain_text(words)
    expect(page.get_by_test_id("import-confirm")).to_have_count(0)
    shot(office, "roster-faults")

    file.write_bytes(f"{HEADER}\r\n{good}".encode("utf-8-sig"))
    page.get_by_test_id("import-file").set_input_files(file)
    expect(page.get_by_test_id("import-changes")).to_contain_text("新增 1 个")
    shot(office, "roster-preview")
    page.get_by_test_id("import-confirm").dblclick()
    expect(page.get_by_test_id("import-done")).to_be_visible()
    page.get_by_test_id("import-file").set_input_files(file)
    expect(page.get_by_test_id("import-same")).to_be_visible()
    page.get_by_test_id("import-close").click()
    expect(page.get_by_test_id(f"roster-{sign}-0")).to_contain_text("陈刚")

    with page.expect_download() as download:
        page.get_by_test_id("roster-export").click()
    exported = download.value.path().read_text(encoding="utf-8-sig")
    assert exported.startswith(HEADER)
    assert good in exported
    assert office.errors == []


def test_the_roster_on_a_tablet_scrolls_inside_its_panel(node: Node, seat: SeatMaker) -> None:
    del node
    office = seat("supervisor", "/roster", width=820, height=1180)
    signs(office.page)
    frame = office.page.evaluate("document.scrollingElement.scrollWidth - innerWidth")
    assert frame <= 0
    shot(office, "roster-tablet")
    assert office.errors == []


def test_the_vehicles_tell_what_they_carry_and_what_happened_to_them(
    node: Node, seat: SeatMaker
) -> None:
    del node
    office = seat("admin", "/admin")
    page = office.page
    page.get_by_test_id("tab-vehicles").click()
    row = page.get_by_test_id("vehicle-A-01")
    expect(row).to_contain_text("在班")
    expect(row).to_contain_text("车载终端")
    page.get_by_test_id("vehicle-history-A-01").click()
    dialog = page.get_by_test_id("vehicle-dialog")
    expect(dialog.locator("[data-kind='unit.listed.v1']").last).to_be_visible()
    shot(office, "vehicles")
    assert office.errors == []
