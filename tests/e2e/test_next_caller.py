"""What belongs to one caller never reaches the next one, and a session that ended says so."""

from acts import close_case, new_id, open_case, telephone
from playwright.sync_api import Page, expect

from conftest import Node, SeatMaker


def cell(page: Page, call_id: str) -> None:
    page.get_by_test_id(f"call-{call_id}").locator(".who").click()


def test_one_caller_after_the_other(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    first, second = new_id(), new_id()
    with telephone(node) as say:
        number = {"as": "clear", "text": "10055506601"}
        say({"kind": "call.ring", "call_id": first, "number": number, "line": "trunk"})
        page.get_by_test_id(f"call-{first}").get_by_role("button", name="接听").click()
        expect(page.get_by_test_id("intake")).to_contain_text("10055506601")
        page.get_by_test_id("address-input").fill("学府路 6")
        expect(page.get_by_test_id("address-0")).to_be_visible()

        # Answered in the middle of a word: it is saved for the first, and the second begins empty.
        number = {"as": "clear", "text": "10055506602"}
        say({"kind": "call.ring", "call_id": second, "number": number, "line": "trunk"})
        expect(page.get_by_test_id(f"call-{second}")).to_have_attribute("data-state", "ringing")
        page.get_by_test_id("field-what").press_sequentially("倒在楼道里")
        page.get_by_test_id(f"call-{second}").get_by_role("button", name="接听").click()
        expect(page.get_by_test_id("intake")).to_contain_text("10055506602")
        expect(page.get_by_test_id("address-input")).to_have_value("")
        expect(page.get_by_test_id("address-candidates")).to_have_count(0)
        expect(page.get_by_test_id("field-what")).to_have_value("")
        page.keyboard.press("Enter")
        expect(page.get_by_test_id("open-incident")).to_be_visible()
        expect(page.get_by_test_id(f"call-{first}")).to_contain_text("倒在楼道里")
        cell(page, first)
        expect(page.get_by_test_id("field-what")).to_have_value("倒在楼道里")
        expect(page.get_by_test_id("address-input")).to_have_value("")

    # Ended without a case, a call leaves the desk for good, and the other one comes up.
    page.get_by_test_id("end-call").click()
    page.get_by_test_id("end-test").click()
    expect(page.get_by_test_id(f"call-{first}")).to_have_count(0)
    expect(page.get_by_test_id("intake")).to_contain_text("10055506602")
    page.get_by_test_id("end-call").click()
    page.get_by_test_id("end-test").click()
    expect(page.get_by_test_id(f"call-{second}")).to_have_count(0)
    expect(page.get_by_test_id("address-input")).to_have_count(0)
    assert desk.errors == []


def test_digits_choose_a_reason_until_one_is_written(node: Node, seat: SeatMaker) -> None:
    del node
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    number = open_case(page, "学府路 9")
    page.get_by_test_id("end-call").click()
    page.get_by_test_id("end-incident").click()
    expect(page.get_by_test_id("end-call-dialog")).to_have_count(0)
    page.get_by_test_id("close-incident").click()
    page.get_by_test_id("reason-text").press_sequentially("误 1")
    expect(page.get_by_test_id("reason-text")).to_have_value("误 1")
    page.keyboard.press("Escape")
    page.get_by_test_id("close-incident").click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("reopen-incident")).to_be_visible()
    reopened_and_closed(page, number)
    assert desk.errors == []


def reopened_and_closed(page: Page, number: str) -> None:
    """Reopened by its digit as well, and closed again."""
    page.get_by_test_id("reopen-incident").click()
    page.keyboard.press("1")
    expect(page.get_by_test_id("close-incident")).to_be_visible()
    close_case(page, number)


def test_a_session_that_ended_leads_to_the_log_in(node: Node, seat: SeatMaker) -> None:
    del node
    admin = seat("admin", "/admin")
    expect(admin.page.get_by_test_id("tab-devices")).to_be_visible()
    admin.context.clear_cookies()
    expect(admin.page.get_by_test_id("login-username")).to_be_visible()
