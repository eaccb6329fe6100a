"""An ordinary night: a server dies, a node is pressed by mistake, a run is called off."""

import os
import signal

import psutil
from acts import call_signs, close_case, end_run, open_case, press_dispatch, send_unit
from playwright.sync_api import Route, expect
from test_one_case import press_next, shot, take_call

from conftest import Node, SeatMaker


def impatient(route: Route) -> None:
    """An order is held after seconds: the release waits for half a minute."""
    answer = route.fetch()
    content = answer.json()
    content["limits"]["screen"]["resend_s"] = 3
    route.fulfill(response=answer, json=content)


def kill_api(node: Node) -> None:
    """As the power of one process: no warning, no clean-up."""
    for child in psutil.Process(node.process.pid).children(recursive=True):
        if child.cmdline()[-2:] == ["serve", "api"]:
            os.kill(child.pid, signal.SIGKILL)
            return
    raise AssertionError("there is no api process")


def test_the_server_is_killed_in_the_middle_of_a_case(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher2", "/dispatcher")
    take_call(desk.page)
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    active = desk.page.get_by_test_id(f"active-{call_sign}")
    expect(active).to_contain_text("接单")

    kill_api(node)
    press_next(crew.page, "departed")  # the vehicle does not need the centre
    expect(active).to_contain_text("出车", timeout=90_000)

    # A node pressed by mistake goes back within ten seconds, on every screen.
    press_next(crew.page, "on_scene")
    crew.page.get_by_test_id("undo").click()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "on_scene")
    expect(active).to_contain_text("出车", timeout=15_000)

    # The desk calls the run off; the crew's screen says so and the unit is free again.
    active.click()
    desk.page.get_by_test_id("stand-down").click()
    desk.page.get_by_test_id("stand-down-dialog-cancelled").click()
    expect(crew.page.get_by_test_id("idle")).to_be_visible(timeout=15_000)
    told = crew.page.get_by_test_id("called-off")
    expect(told).to_contain_text("任务取消：取消")
    expect(desk.page.get_by_test_id("mission-strip")).to_contain_text("车组尚未知悉")
    crew.page.get_by_test_id("called-off-seen").click()
    expect(told).to_have_count(0)
    expect(desk.page.get_by_test_id("mission-strip")).to_contain_text("已知悉", timeout=15_000)
    expect(desk.page.get_by_test_id(f"unit-{call_sign}")).to_have_attribute("data-state", "ready")
    assert desk.errors == []
    assert crew.errors == []


def test_an_order_that_found_no_answer_is_sent_again_by_a_person_only(seat: SeatMaker) -> None:
    desk, other = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    desk.page.route("**/api/content", impatient)
    desk.page.reload()
    number = open_case(desk.page, "学府路 6")
    before = call_signs(other.page)

    def lose(route: Route) -> None:
        route.abort()

    desk.page.route("**/api/commands", lose)
    press_dispatch(desk.page.get_by_test_id("dispatch"), desk.page.get_by_test_id("unanswered"))
    held = desk.page.get_by_test_id("held")
    expect(held).to_contain_text("没有答复")
    shot(desk, "dispatcher-held")
    desk.page.unroute("**/api/commands", lose)
    # The line is back: whatever else is entered goes through, and the order does not.
    desk.page.get_by_test_id("level").click()
    desk.page.get_by_test_id("override-R1").click()
    desk.page.get_by_test_id("override-reason").fill("试验")
    desk.page.get_by_test_id("override-go").click()
    expect(desk.page.get_by_test_id("level")).to_have_attribute("data-level", "R1")
    expect(desk.page.get_by_test_id("override-dialog")).to_have_count(0)  # it shows the order too
    expect(held).to_be_visible()
    assert call_signs(other.page) == before

    desk.page.get_by_test_id("held-again").click()
    expect(held).to_have_count(0)
    expect(desk.page.get_by_test_id("dispatch")).to_have_count(0)
    (sent,) = call_signs(desk.page) - before

    # Calling it off finds no answer either, and is given up: the unit goes on.
    desk.page.route("**/api/commands", lose)
    desk.page.get_by_test_id(f"active-{sent}").click()
    desk.page.get_by_test_id("stand-down").click()
    desk.page.get_by_test_id("stand-down-dialog-mistake").click()
    dialog = desk.page.get_by_test_id("stand-down-dialog")
    expect(dialog.get_by_test_id("held")).to_be_visible()
    dialog.get_by_test_id("held-drop").click()
    expect(dialog.get_by_test_id("refusal")).to_have_attribute("data-code", "given_up")
    desk.page.unroute("**/api/commands", lose)
    desk.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(desk.page.get_by_test_id(f"active-{sent}")).to_be_visible()
    end_run(desk.page, sent, "mistake")
    close_case(desk.page, number)
    assert desk.errors == []
    assert other.errors == []
