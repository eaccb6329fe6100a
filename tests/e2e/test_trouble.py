"""An ordinary night: a server dies, a node is pressed by mistake, a run is called off."""

import os
import signal

import psutil
from playwright.sync_api import Page, expect
from test_one_case import press_next, take_call

from conftest import Node, SeatMaker


def dispatch(page: Page) -> str:
    """Send the recommended unit and give its call sign."""
    before = set(call_signs(page))
    page.get_by_test_id("dispatch").click()
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    (sent,) = set(call_signs(page)) - before
    return sent


def call_signs(page: Page) -> list[str]:
    rows = page.locator("[data-testid^=active-]")
    return [
        str(rows.nth(i).get_attribute("data-testid")).removeprefix("active-")
        for i in range(rows.count())
    ]


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
    call_sign = dispatch(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    active = desk.page.get_by_test_id(f"active-{call_sign}")
    expect(active).to_contain_text("接单")

    kill_api(node)
    press_next(crew.page, "departed")  # the vehicle does not need the centre
    expect(active).to_contain_text("出车", timeout=90_000)

    # A node pressed by mistake goes back within ten seconds, on every screen.
    crew.page.get_by_test_id("undo").click()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "departed")
    expect(active).to_contain_text("接单", timeout=15_000)
    press_next(crew.page, "departed")

    # The desk calls the run off; the crew's screen says so and the unit is free again.
    active.click()
    desk.page.get_by_test_id("stand-down").click()
    desk.page.get_by_test_id("stand-down-dialog-cancelled").click()
    expect(crew.page.get_by_test_id("idle")).to_be_visible(timeout=15_000)
    expect(desk.page.get_by_test_id(f"unit-{call_sign}")).to_have_attribute("data-state", "ready")
    assert desk.errors == []
    assert crew.errors == []
