"""A case that turns: wrong times, a forgotten node, another case that is worse, a unit held back.

Every deed is a person's click or key at a screen; what the other seats see is read there.
"""

import re
from datetime import datetime, timedelta, timezone

from acts import (
    call_signs,
    close_case,
    end_run,
    open_case,
    open_existing,
    refusal,
    send_named,
    short,
    slow_line,
    timeline,
)
from playwright.sync_api import Page, expect
from test_one_case import press_next

from conftest import Node, SeatMaker

CHINA = timezone(timedelta(hours=8))


def dispatch(page: Page) -> str:
    before = call_signs(page)
    page.get_by_test_id("dispatch").dblclick()
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    (sent,) = call_signs(page) - before
    return sent


def correct_node(page: Page, milestone: str, at: str, reason: str) -> None:
    page.get_by_test_id("mission-strip").get_by_test_id(f"node-{milestone}").click()
    page.get_by_test_id("node-at").fill(at)
    page.get_by_test_id("node-reason").fill(reason)
    page.get_by_test_id("node-go").dblclick()


def shift(clock: str, seconds: int) -> str:
    hours, minutes, rest = (int(part) for part in clock.split(":"))
    at_s = (hours * 3600 + minutes * 60 + rest + seconds) % 86_400
    return f"{at_s // 3600:02}:{at_s // 60 % 60:02}:{at_s % 60:02}"


def test_times_are_corrected_and_supplied_late_and_both_stay(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    call_sign = dispatch(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)

    # A double click on each of the crew's big buttons is one node, and the next one stays open.
    crew.page.get_by_test_id("accept").dblclick()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "departed")
    crew.page.get_by_test_id("next").dblclick()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "on_scene")
    active = desk.page.get_by_test_id(f"active-{call_sign}")
    expect(active).to_contain_text("出车")

    # The desk corrects a time: refused without sense, done with a reason, both values shown.
    active.click()
    strip = desk.page.get_by_test_id("mission-strip")
    assigned = strip.locator("li.done").first.inner_text()
    (sent_at,) = re.findall(r"\d\d:\d\d:\d\d", assigned)
    correct_node(desk.page, "departed", shift(sent_at, -90), "电台报告")
    assert "早于派车" in refusal(desk.page, "before_the_run")
    desk.page.get_by_test_id("node-at").fill("25:00")
    expect(desk.page.get_by_test_id("node-go")).to_have_count(0)
    departed = strip.get_by_test_id("node-departed")
    (was,) = re.findall(r"\d\d:\d\d:\d\d", departed.inner_text())
    now = shift(sent_at, 1) if was != shift(sent_at, 1) else shift(sent_at, 2)
    desk.page.get_by_test_id("node-at").fill(now)
    desk.page.get_by_test_id("node-go").dblclick()
    expect(departed.locator("s")).to_have_text(was)
    expect(departed).to_contain_text(now)
    expect(crew.page.get_by_test_id("node-departed")).to_contain_text(now)

    # By the keyboard: a node is set over one that was forgotten.
    desk.page.keyboard.press("Escape")
    desk.page.keyboard.press("/")
    desk.page.keyboard.type(f"s {call_sign.replace('-', '').lower()} jc")
    desk.page.keyboard.press("Enter")
    expect(active).to_contain_text("接触患者")
    expect(crew.page.get_by_test_id("node-on_scene")).to_have_class(re.compile("missed"))

    # The crew supplies it: the tablet offers the missed node and guesses its time.
    crew.page.get_by_test_id("correct").click()
    crew.page.get_by_test_id("correct-save").dblclick()
    expect(crew.page.get_by_test_id("correct-sheet")).to_have_count(0)
    expect(crew.page.get_by_test_id("node-on_scene")).to_contain_text("补")
    expect(strip.get_by_test_id("node-on_scene")).to_contain_text("补")

    end_run(desk.page, call_sign, "no_patient")
    close_case(desk.page, number)
    told = timeline(seat("quality", "/review").page, node, number)
    for words in (was, now, "电台报告", "补点"):
        assert words in told, told
    for used in (desk, crew):
        assert used.errors == []


def test_a_unit_is_diverted_reserved_released_and_a_closed_case_comes_back(
    node: Node, seat: SeatMaker
) -> None:
    desk, other = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    first = open_case(desk.page, "学府路 6")
    call_sign = dispatch(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    press_next(crew.page, "departed")
    worse = open_case(other.page, "人民路 1")

    # Another case needs this unit more: one deed ends the run and begins the next.
    desk.page.get_by_test_id(f"active-{call_sign}").click()
    desk.page.get_by_test_id("divert").click()
    desk.page.get_by_test_id(f"divert-{worse}").dblclick()
    expect(desk.page.get_by_test_id("divert-dialog")).to_have_count(0)
    expect(desk.page.get_by_test_id(f"pending-{short(first)}")).to_be_visible()
    expect(other.page.get_by_test_id(f"pending-{short(worse)}")).to_have_count(0)
    expect(crew.page.get_by_test_id("accept")).to_be_visible()
    crew.page.get_by_test_id("accept").click()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "departed")

    # A unit is held for later, let go, held again and sent.
    open_existing(desk.page, first)
    held = reserve(desk.page)
    expect(other.page.get_by_test_id(f"reserved-{held}")).to_be_visible()
    desk.page.get_by_test_id("stand-down").click()
    desk.page.get_by_test_id("stand-down-dialog-mistake").dblclick()
    expect(other.page.get_by_test_id(f"reserved-{held}")).to_have_count(0)
    # The window of a transfer: a slip is named; what should leave now is said to every seat.
    open_existing(desk.page, first)
    now_s = desk.page.evaluate("Date.now() / 1000")
    due, until = (clock(now_s + 60 * minutes) for minutes in (2, 40))
    held = reserve(desk.page, due, until, slip=clock(now_s - 60 * 30))
    row = other.page.get_by_test_id(f"reserved-{held}")
    expect(row).to_contain_text(due)
    expect(row).to_contain_text(f"至 {until}")
    expect(row).to_contain_text("请启用", timeout=15_000)
    expect(desk.page.get_by_test_id("window")).to_have_text(f"时间窗 {due}–{until}")
    expect(desk.page.get_by_test_id("window-keeping")).to_have_attribute("data-keeping", "now")
    told = other.page.get_by_test_id("alert-reservation_due")
    expect(told).to_contain_text(f"请启用预约 {due}")
    desk.page.get_by_test_id("activate").dblclick()
    expect(other.page.get_by_test_id(f"active-{held}")).to_be_visible()
    expect(told).to_have_count(0)
    assert desk.page.locator(f"[data-testid=active-{held}]").count() == 1

    # The supervisor stands before an open dialog while the run that closing would forget begins.
    end_run(desk.page, held)
    watch = seat("supervisor", "/dispatcher")
    open_existing(watch.page, first)
    watch.page.get_by_test_id("close-incident").click()
    open_existing(desk.page, first)
    held = reserve(desk.page)
    watch.page.get_by_test_id("reason-1").click()
    assert held in refusal(watch.page, "mission_running")
    watch.page.keyboard.press("Escape")
    desk.page.get_by_test_id("stand-down").click()
    desk.page.get_by_test_id("stand-down-dialog-mistake").click()

    # Closed with its reason, reopened with another, and closed by nobody twice.
    close_case(desk.page, first)
    desk.page.get_by_test_id("reopen-incident").click()
    desk.page.get_by_test_id("reason-text").fill("家属又来电")
    desk.page.get_by_test_id("reason-go").dblclick()
    expect(desk.page.get_by_test_id("close-incident")).to_be_visible()
    close_case(desk.page, first)
    end_run(desk.page, call_sign)
    close_case(other.page, worse)
    expect(crew.page.get_by_test_id("idle")).to_be_visible(timeout=15_000)
    told = timeline(seat("quality", "/review").page, node, first)
    for words in ("改派", "预约", "误派", "家属又来电"):
        assert words in told, f"{words} is missing in: {told}"
    for used in (desk, other, crew, watch):
        assert used.errors == []


def clock(at_s: float) -> str:
    """In China's time."""
    return datetime.fromtimestamp(at_s, CHINA).strftime("%H:%M")


def reserve(page: Page, due: str = "23:59", until: str = "", slip: str = "") -> str:
    """Holds the first unit that is offered; its strip is then on the screen."""
    page.get_by_test_id("reserve-1").click()
    page.get_by_test_id("reserve-at").fill(due)
    if slip:
        page.get_by_test_id("reserve-latest").fill(slip)
        page.get_by_test_id("reserve-go").click()
        assert "最晚到达早于最早到达" in refusal(page, "window_reversed")
    page.get_by_test_id("reserve-latest").fill(until)
    page.get_by_test_id("reserve-go").dblclick()
    expect(page.get_by_test_id("reserve-dialog")).to_have_count(0)
    row = page.locator("[data-testid^=reserved-]").first
    row.click()
    expect(page.get_by_test_id("mission-strip")).to_have_attribute("data-state", "reserved")
    return str(row.get_attribute("data-testid")).removeprefix("reserved-")


def test_two_desks_click_the_same_unit_and_the_second_is_told(node: Node, seat: SeatMaker) -> None:
    del node
    first, second = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    with slow_line(second.page) as freeze:
        numbers = [open_case(page, "学府路 6") for page in (first.page, second.page)]
        # The second desk's line lags: it still offers the unit that the first has just sent.
        second.page.route("**/api/recommend*", lambda route: route.abort())
        freeze()
        offered = second.page.get_by_test_id("dispatch").locator("small").inner_text()
        call_sign = offered.split()[0]
        send_named(first.page, call_sign)
        second.page.get_by_test_id("dispatch").click()
        assert "没有派出" in refusal(second.page, "unit_claimed")
        second.page.unroute("**/api/recommend*")
    end_run(first.page, call_sign)
    close_case(first.page, numbers[0])
    close_case(second.page, numbers[1])
    for used in (first, second):
        assert used.errors == []
