"""What does not fit: callers who hang up, places nobody knows, no unit left, wires that talk
nonsense, a monitor that is pulled.
"""

import contextlib
import re
import socket
from collections.abc import Callable
from typing import Any

from acts import (
    close_case,
    end_run,
    new_id,
    open_case,
    refusal,
    send_unit,
    short,
    slow_line,
    telephone,
    timeline,
    until_dispatchable,
)
from playwright.sync_api import Locator, Page, expect
from test_one_case import press_next, register_patient
from test_who_may_speak import GONE_S, open_devices, register_device, revoke

from conftest import Node, SeatMaker
from goldenhour.simulator import jt808_frames as jt808

WHO = jt808.Identity(phone="13912340009", v2019=True, plate="临A00000")


def call_cell(page: Page, call_id: str) -> Locator:
    return page.get_by_test_id(f"call-{call_id}")


def test_callers_hang_up_ring_twice_and_name_no_known_place(node: Node, seat: SeatMaker) -> None:
    with telephone(node) as say:
        callers_hang_up(node, seat, say)


def callers_hang_up(node: Node, seat: SeatMaker, say: Callable[[dict[str, Any]], None]) -> None:
    desk, other = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")

    # A caller hangs up before anybody answered: it stays until somebody rang back.
    call_id, number = new_id(), "10055501111"
    say({"kind": "call.ring", "call_id": call_id, "number": text(number), "line": "trunk"})
    with slow_line(other.page) as freeze:
        expect(call_cell(other.page, call_id)).to_have_attribute("data-state", "ringing")
        say({"kind": "call.abandon", "call_id": call_id})
        for page in (desk.page, other.page):
            expect(call_cell(page, call_id)).to_have_attribute("data-state", "abandoned")
        expect(desk.page.get_by_test_id("alert-call_abandoned").first).to_be_visible()
        call_cell(desk.page, call_id).get_by_role("button", name="未通").dblclick()
        expect(call_cell(other.page, call_id)).to_contain_text("已回拨 1 次")
        freeze()
        call_cell(desk.page, call_id).get_by_role("button", name="接通", exact=True).click()
        expect(desk.page.get_by_test_id("intake")).to_contain_text(number)
        # The other desk's line lags: it rings the same caller back, and is told who has them.
        call_cell(other.page, call_id).get_by_role("button", name="接通", exact=True).click()
        refused = other.page.get_by_test_id("refusal").first
        expect(refused).to_be_visible()
        assert "_" not in refused.inner_text()

    # The caller's place is in no register: what was typed stays, and a pin says where it is.
    desk.page.get_by_test_id("address-input").fill("老槐树底下的棚子")
    expect(desk.page.get_by_test_id("address-candidates")).to_contain_text("没有找到")
    desk.page.get_by_test_id("pin").click()
    canvas = desk.page.locator(".mapbox canvas").first
    box = canvas.bounding_box()
    assert box is not None
    canvas.click(position={"x": box["width"] * 0.4, "y": box["height"] * 0.4})
    expect(desk.page.get_by_test_id("location")).to_contain_text("老槐树底下的棚子")
    first = until_dispatchable(desk.page)

    # A neighbour rings about the same thing: joined, not a second case.
    again = new_id()
    say({"kind": "call.ring", "call_id": again, "number": text("10055502222"), "line": "trunk"})
    call_cell(other.page, again).get_by_role("button", name="接听").dblclick()
    other.page.get_by_test_id("join-other").click()
    other.page.get_by_test_id(f"join-{first}").dblclick()
    expect(other.page.get_by_test_id("case-number")).to_have_text(first)
    expect(desk.page.get_by_test_id(f"pending-{short(first)}")).to_contain_text("重复来电 1")
    expect(call_cell(desk.page, again)).to_have_count(0)

    # A seat with two tabs is one seat: what one tab did, the other shows, and a deed that was done
    # already is refused in words.
    tab = desk.context.new_page()
    tab.goto(f"{node.centre}/dispatcher")
    with slow_line(tab) as freeze:
        expect(call_cell(tab, call_id)).to_have_attribute("data-state", "answered")
        call_cell(tab, call_id).get_by_role("button", name="结束").click()
        freeze()
        desk.page.get_by_test_id("end-call").click()
        desk.page.get_by_test_id("end-incident").dblclick()
        expect(call_cell(desk.page, call_id)).to_have_count(0)
        tab.get_by_test_id("end-incident").click()
        assert "已结束" in refusal(tab, "call_is_ended")
    tab.close()
    close_case(desk.page, first)
    told = timeline(seat("quality", "/review").page, node, first)
    for words in ("来电人挂断", "回拨", "老槐树底下的棚子"):
        assert words in told, f"{words} is missing in: {told}"
    for used in (desk, other):
        assert used.errors == []


def text(clear: str) -> dict[str, str]:
    return {"as": "clear", "text": clear}


def test_no_unit_is_left_and_the_screen_says_why(node: Node, seat: SeatMaker) -> None:
    del node
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    ready = desk.page.locator("[data-testid^=unit-][data-state=ready]")
    taken: list[str] = []
    while ready.count():
        row = ready.first
        taken.append(str(row.get_attribute("data-testid")).removeprefix("unit-"))
        row.click()
        desk.page.get_by_test_id("unit-out").click()
        desk.page.locator("[data-testid^=out-dialog-]").first.dblclick()
        gone = desk.page.get_by_test_id(f"unit-{taken[-1]}")
        expect(gone).to_have_attribute("data-state", "out_of_service")
    assert taken
    skipped = desk.page.get_by_test_id("skipped")
    for call_sign in taken:
        expect(skipped).to_contain_text(call_sign)
    expect(desk.page.get_by_test_id("shortfall")).to_be_visible()
    expect(desk.page.locator("[data-testid^=send-]")).to_have_count(0)
    for call_sign in taken:
        desk.page.get_by_test_id(f"unit-{call_sign}").click()
        if not desk.page.get_by_test_id("unit-back").is_visible():
            desk.page.get_by_test_id(f"unit-{call_sign}").click()
        desk.page.get_by_test_id("unit-back").dblclick()
        back = desk.page.get_by_test_id(f"unit-{call_sign}")
        expect(back).to_have_attribute("data-state", "ready")
    close_case(desk.page, number)
    assert desk.errors == []


NONSENSE_808 = (
    b"\x7e" * 64,
    bytes(range(256)),
    jt808.build_with_wrong_length(WHO, 0x0200, 1, b"\0" * 28),
    jt808.build(WHO, 0x0200, 2, b"\xff" * 3),
    b"\x7e\x02\x00" + b"A" * 70_000,
)
NONSENSE_MLLP = (
    b"\x0bMSH|^~\\&|\x1c\r",
    b"\x0b" + bytes(range(1, 11)) * 100 + b"\x1c\r",
    b"GET / HTTP/1.1\r\n\r\n",
    b"\x0bMSH|^~\\&|HALF A MESSAGE",
)


def test_wires_talk_nonsense_and_a_monitor_is_pulled_while_a_case_runs(
    node: Node, seat: SeatMaker
) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene"):
        press_next(crew.page, milestone)
    spo2 = crew.page.get_by_test_id("vital-spo2")
    expect(spo2).to_contain_text(re.compile(r"\d\d"))

    for port, words in (("jt808_port", NONSENSE_808), ("mllp_port", NONSENSE_MLLP)):
        for said in words:
            with (
                contextlib.suppress(ConnectionError),
                socket.create_connection(("127.0.0.1", node.ports[port]), GONE_S) as line,
            ):
                line.sendall(said)
    press_next(crew.page, "at_patient")
    register_patient(crew.page)
    expect(desk.page.get_by_test_id(f"active-{call_sign}")).to_contain_text("接触患者")
    expect(spo2).not_to_contain_text("监护仪无数据")

    # Pulled: the last value stays with its age and a mark, and nothing calls it normal.
    admin = seat("admin", "/admin")
    open_devices(admin.page)
    row = admin.page.locator("[data-testid^=device-monitor-]", has_text=call_sign).first
    monitor = str(row.get_attribute("data-testid")).removeprefix("device-monitor-")
    revoke(admin.page, "monitor", monitor)
    expect(spo2).to_contain_text("监护仪无数据")
    expect(spo2).to_contain_text(re.compile(r"\d\d"))
    expect(crew.page.get_by_test_id("vitals")).not_to_contain_text("正常")

    # Plugged in again: registered for its own vehicle, and heard.
    register_device(admin.page, "monitor", call_sign, monitor)
    admin.page.get_by_test_id("device-done").click()
    expect(spo2).not_to_contain_text("监护仪无数据")
    end_run(desk.page, call_sign, "refused")
    close_case(desk.page, number)
    for used in (desk, crew, admin):
        assert used.errors == []
