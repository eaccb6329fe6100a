"""The centre dies in the middle of a shift; its fallback seat goes on, and both are one again."""

import signal
from collections.abc import Iterator

import psutil
import pytest
from acts import open_case, refusal, short
from playwright.sync_api import Browser, Page, expect
from test_one_case import shot

from conftest import Node, Seat, SeatMaker, run_node

SILENT_MS = 60_000


@pytest.fixture
def node() -> Iterator[Node]:
    """Its own: the centre is killed."""
    yield from run_node("--seat")


def api_of(node: Node) -> psutil.Process:
    return next(
        one
        for one in psutil.Process(node.process.pid).children(recursive=True)
        if one.cmdline()[-2:] == ["serve", "api"]
    )


def log_in(page: Page, origin: str, username: str, password: str) -> None:
    page.goto(f"{origin}/login")
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(password)
    page.get_by_test_id("login-submit").click()
    page.wait_for_url(lambda url: "/login" not in url)


def test_a_seat_takes_a_call_and_sends_a_unit_while_the_centre_is_dead(
    node: Node, browser: Browser, seat: SeatMaker
) -> None:
    centre = seat("dispatcher2", "/dispatcher")
    before = open_case(centre.page, "学府路 6")

    context = browser.new_context(
        ignore_https_errors=True,
        viewport={"width": 1920, "height": 1080},
        locale="zh-CN",
        timezone_id="Asia/Shanghai",
    )
    page = context.new_page()
    mine = Seat(context=context, page=page, errors=[])
    page.on("pageerror", lambda error: mine.errors.append(str(error)))
    origin = f"https://localhost:{node.ports['seat_port']}"
    log_in(page, origin, "dispatcher", node.password("dispatcher"))
    bar = page.get_by_test_id("seat-bar")
    expect(bar).to_contain_text("中心在线")
    expect(page.get_by_test_id(f"pending-{short(before)}")).to_be_visible()
    page.get_by_test_id("new-call").click()
    page.get_by_test_id("new-call-number").fill("13900005678")
    page.get_by_test_id("new-call-go").click()
    refusal(page, "centre_answers")
    page.keyboard.press("Escape")
    shot(mine, "seat-standby")

    # It stands still first, so that nobody starts it again at once.
    api = api_of(node)
    api.send_signal(signal.SIGSTOP)
    page.get_by_test_id("seat-begin").click(timeout=SILENT_MS)
    expect(page.get_by_test_id("seat-dialog")).to_contain_text("电话或电台")
    shot(mine, "seat-asked")
    page.get_by_test_id("seat-confirm").click()
    expect(page.get_by_test_id("mode")).to_contain_text("自主调度")
    expect(page.get_by_test_id("alert-seat_alone")).to_be_visible()

    number = open_case(page, "学府路 6")
    assert short(number) == "01B001"
    page.get_by_test_id("dispatch").click()
    expect(page.get_by_test_id("seat-tell")).to_contain_text("1380000")
    call_sign = page.locator("[data-testid^=active-]").first.get_attribute("data-testid")
    assert call_sign is not None
    shot(mine, "seat-alone")

    # It dies, is started again, and has everything.
    api.kill()
    expect(bar).to_contain_text("中心在线", timeout=SILENT_MS)
    expect(page.get_by_test_id("seat-aside")).to_have_count(0)
    expect(page.get_by_test_id("alert-seat_alone")).to_have_count(0)
    shot(mine, "seat-united")

    centre.page.reload()
    centre.page.get_by_test_id(call_sign).click()
    expect(centre.page.get_by_test_id("case-number")).to_have_text(number)
    shot(centre, "seat-united-at-the-centre")
    page.get_by_test_id("lang").click()
    expect(bar).to_contain_text("work on its page")
    assert mine.errors == []
    context.close()
