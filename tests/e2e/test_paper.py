"""Blank forms are printed; afterwards what was written on them is typed in, each once."""

from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import SeatMaker
from goldenhour.kernel.time import CHINA, HOUR_MS, to_datetime
from goldenhour.main.clock import SystemClock


def type_in(page: Page, fields: dict[str, str]) -> None:
    for name, text in fields.items():
        page.get_by_test_id(f"paper-{name}").fill(text)


def test_forms_are_printed_and_entered_afterwards(seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    page.get_by_test_id("to-paper").click()

    page.get_by_test_id("tab-blank").click()
    page.get_by_test_id("blank-first").fill("P-000098")
    page.get_by_test_id("blank-count").fill("4")
    expect(page.locator("[data-testid^=blank-P-]")).to_have_count(4)
    expect(page.get_by_test_id("blank-P-000101")).to_contain_text("接触患者")
    shot(desk, "paper-blank")

    page.get_by_test_id("tab-entry").click()
    expect(page.get_by_test_id("paper-lacking")).to_contain_text("单号")
    day_before_ms = SystemClock().now_ms() - 24 * HOUR_MS
    yesterday = to_datetime(day_before_ms).astimezone(CHINA).date().isoformat()
    page.get_by_test_id("paper-day").fill(yesterday)
    type_in(page, {"paper_number": "P-000098", "called": "1002", "number": "13900001111"})
    page.get_by_test_id("paper-address").fill("学府路 6")
    page.get_by_test_id("paper-address-0").click()
    page.get_by_test_id("paper-topic").select_option("chest_pain")
    page.get_by_test_id("paper-level").select_option("R1")
    page.get_by_test_id("paper-unit").select_option(index=1)
    type_in(page, {"assigned": "1003", "departed": "1005", "on_scene": "1001"})
    type_in(page, {"at_hospital": "1044", "cleared": "1100", "name": "周建明", "age": "62"})
    type_in(page, {"reason": "已送达", "note": "楼下有人等"})
    page.get_by_test_id("paper-save").click()
    # A slip of the hand is named, and nothing is stored.
    expect(page.get_by_test_id("paper-entry")).to_contain_text("时间早于前一个节点")
    expect(page.get_by_test_id("paper-entered")).to_contain_text("还没有补录")
    page.get_by_test_id("paper-on_scene").fill("10:13")
    shot(desk, "paper-entry")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_test_id("entered-P-000098")).to_contain_text("学府路")
    # The next card: the day stays, the number counts on, and it begins with the time of the call.
    expect(page.get_by_test_id("paper-paper_number")).to_have_value("P-000099")
    expect(page.get_by_test_id("paper-day")).to_have_value(yesterday)
    expect(page.get_by_test_id("paper-called")).to_be_focused()

    type_in(page, {"paper_number": "P-000098", "called": "1200", "reason": "咨询完毕"})
    page.get_by_test_id("paper-save").click()
    expect(page.get_by_test_id("paper-entry")).to_contain_text("已经补录过")

    page.get_by_test_id("entered-P-000098").get_by_role("link").click()
    expect(page.get_by_test_id("nodes")).to_contain_text("10:13:00")
    expect(page.get_by_test_id("nodes")).to_contain_text("纸质单")
    assert desk.errors == []
