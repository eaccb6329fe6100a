"""A case goes from one seat to another: declined, offered again and taken; then taken over."""

from acts import close_case, open_case, open_existing, refusal, short, slow_line
from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import SeatMaker


def offer_to(page: Page, seat: str) -> None:
    page.get_by_test_id("transfer-offer").click()
    page.get_by_test_id("transfer-whom").select_option(f"seat {seat}")
    page.get_by_test_id("reason-1").click()
    expect(page.get_by_test_id("reason-dialog")).to_have_count(0)


def test_a_case_goes_to_a_colleague_and_nobody_types_anything_twice(seat: SeatMaker) -> None:
    first, second = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    mine, theirs = first.page, second.page
    number = open_case(mine, "学府路 6")
    offer_to(mine, "02")
    expect(mine.get_by_test_id("transfer-withdraw")).to_be_visible()
    alarm = theirs.get_by_test_id("alert-case_offered")
    expect(alarm).to_contain_text(short(number))
    open_existing(theirs, number)
    expect(theirs.get_by_test_id("transfer-asked")).to_contain_text("属对方辖区")
    shot(second, "dispatcher-asked")

    theirs.get_by_test_id("transfer-decline").click()
    theirs.get_by_test_id("reason-3").click()
    expect(mine.get_by_test_id("transfer-withdraw")).to_have_count(0)
    expect(alarm).to_have_count(0)

    offer_to(mine, "02")
    theirs.get_by_test_id("transfer-take").click()
    expect(theirs.get_by_test_id("transfer-offer")).to_be_visible()
    expect(theirs.get_by_test_id("location")).to_be_visible()
    expect(theirs.get_by_test_id("dispatch")).to_be_enabled()
    row = mine.get_by_test_id(f"pending-{short(number)}")
    expect(row).to_contain_text("02")

    mine.get_by_test_id("transfer-take-over").click()
    mine.get_by_test_id("reason-2").click()
    expect(mine.get_by_test_id("transfer-take-over")).to_have_count(0)
    expect(row).to_contain_text("01")
    shot(first, "dispatcher-taken-over")
    close_case(mine, number)
    for used in (first, second):
        assert used.errors == []


def test_an_offer_that_comes_too_late_is_refused_in_words(seat: SeatMaker) -> None:
    first, second = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    number = open_case(first.page, "学府路 6")
    open_existing(second.page, number)
    with slow_line(first.page) as freeze:
        open_existing(first.page, number)
        first.page.get_by_test_id("transfer-offer").click()
        first.page.get_by_test_id("transfer-whom").select_option("seat 02")
        freeze()
        second.page.get_by_test_id("transfer-take-over").click()
        second.page.get_by_test_id("reason-1").click()
        expect(second.page.get_by_test_id("transfer-take-over")).to_have_count(0)
        first.page.get_by_test_id("reason-1").click()
        assert "已经在那里" in refusal(first.page, "already_there")
    close_case(second.page, number)
