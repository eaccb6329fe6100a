"""Two cases wait for the same unit: the milder one is told whom to leave it for."""

from acts import call_signs, close_case, end_run, open_case, short
from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import SeatMaker


def set_level(page: Page, level: str) -> None:
    page.get_by_test_id("level").click()
    page.get_by_test_id(f"override-{level}").click()
    page.get_by_test_id("override-reason").fill("试验")
    page.get_by_test_id("override-go").click()
    expect(page.get_by_test_id("level")).to_have_attribute("data-level", level)


def test_the_milder_case_leaves_the_nearest_unit_to_the_graver(seat: SeatMaker) -> None:
    first, second = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    grave = open_case(first.page, "学府路 6")
    set_level(first.page, "R0")
    mild = open_case(second.page, "学府路 6")
    set_level(second.page, "R2")
    said = second.page.get_by_test_id("together")
    expect(said).to_contain_text(f"留给 {short(grave)} 号（R0）")
    nearest = second.page.get_by_test_id("candidate-1").locator(".call").inner_text().split()[0]
    assert nearest in said.inner_text()
    expect(first.page.get_by_test_id("together")).to_have_count(0)
    shot(second, "dispatcher-together")
    before = call_signs(second.page)
    second.page.get_by_test_id("together-send").click()
    expect(second.page.get_by_test_id("together")).to_have_count(0)
    expect(second.page.get_by_test_id("dispatch")).to_have_count(0)
    (sent,) = call_signs(second.page) - before
    assert sent != nearest
    end_run(second.page, sent, "mistake")
    close_case(second.page, mild)
    close_case(first.page, grave)
    for used in (first, second):
        assert used.errors == []
