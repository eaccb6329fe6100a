"""Who may speak for the city: devices and fallback seats come and are thrown out, the register of
organisations and people is kept.
"""

import contextlib
import json
import re
import socket
import ssl
from hashlib import sha256
from random import Random  # noqa: TID251 (for the double of a monitor)

import pytest
from acts import new_id, refusal
from playwright.sync_api import Page, expect
from test_one_case import SHOTS, shot
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from conftest import Node, SeatMaker
from goldenhour.main.clock import SystemClock
from goldenhour.simulator import jt808_frames as jt808
from goldenhour.simulator.monitor import MonitorDouble, Profile, ReportWriter

GONE_S = 5.0
"""A revoked device loses its connection within so many seconds (ARCHITECTURE.md rule 6)."""


# ---- devices


def open_devices(page: Page) -> None:
    page.get_by_test_id("tab-devices").click()
    expect(page.get_by_test_id("devices").locator("tbody tr").first).to_be_visible()


def register_device(page: Page, kind: str, call_sign: str, device_id: str = "") -> None:
    page.get_by_test_id("device-new").click()
    page.get_by_test_id("device-kind").select_option(kind)
    page.get_by_test_id("device-unit").select_option(label=call_sign)
    if device_id:
        page.get_by_test_id("device-id").fill(device_id)
    page.get_by_test_id("device-save").dblclick()


def revoke(page: Page, kind: str, device_id: str) -> None:
    page.get_by_test_id(f"revoke-{kind}-{device_id}").click()
    page.get_by_test_id("confirm").dblclick()
    row = page.get_by_test_id(f"device-{kind}-{device_id}")
    expect(row).to_have_attribute("data-enabled", "false")


def authenticated(node: Node, phone: str, code: str) -> socket.socket:
    who = jt808.Identity(phone=phone, v2019=True, plate="临A00000")
    line = socket.create_connection(("127.0.0.1", node.ports["jt808_port"]), GONE_S)
    line.sendall(jt808.build(who, 0x0102, 1, jt808.authenticate(who, code)))
    (answer,) = jt808.Splitter(who).feed(line.recv(4096))
    assert answer.body[-1] == 0, "the terminal is let in"
    return line


def ends(line: socket.socket) -> None:
    line.settimeout(GONE_S)
    with contextlib.suppress(ConnectionResetError):
        while line.recv(4096):
            pass
    line.close()


def hear_all(feed: ClientConnection) -> None:
    while True:
        feed.recv(timeout=GONE_S)


def report(device_id: str) -> bytes:
    monitor = MonitorDouble(device_id=device_id, profile=Profile.STABLE)
    writer = ReportWriter(monitor, Random(1), cuff_period_s=60)
    now_ms = SystemClock().now_ms()
    return b"\x0b" + writer.next_report(elapsed_s=0, device_ms=now_ms, lead_off=False) + b"\x1c\r"


def look_at_a_terminal(page: Page, number: str) -> None:
    """How it stands, and an order that nobody on its end answers."""
    page.get_by_test_id(f"terminal-{number}").click()
    dialog = page.get_by_test_id("terminal-dialog")
    expect(dialog.get_by_test_id("terminal-state")).to_contain_text("在线")
    page.get_by_test_id("order-kind").select_option("set_parameter")
    page.get_by_test_id("order-value").fill("five")
    page.get_by_test_id("order-go").click()
    refusal(page, "unknown_value")
    page.get_by_test_id("order-value").fill("5")
    page.get_by_test_id("order-go").click()
    expect(page.get_by_test_id("terminal-orders")).to_contain_text("汇报间隔 s = 5")
    expect(page.get_by_test_id("terminal-trace")).to_contain_text("8103")
    page.screenshot(path=SHOTS / "admin-terminal.png")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def register_from_the_unregistered(page: Page, port: int, device_id: str) -> None:
    """It speaks again: it is told of, put aside, taken back, and registered where it is told of."""
    with socket.create_connection(("127.0.0.1", port), GONE_S) as wire:
        wire.sendall(report(device_id))
        assert b"MSA|AR" in wire.recv(65_536)
    page.get_by_test_id("devices-unknown").click()
    told = page.get_by_test_id(f"stranger-hl7-{device_id}")
    expect(told).to_contain_text("B-02 的登记已注销", timeout=30_000)
    page.screenshot(path=SHOTS / "admin-strangers.png")
    page.get_by_test_id(f"dismiss-{device_id}").dblclick()
    page.get_by_test_id(f"take-back-{device_id}").click()
    page.get_by_test_id(f"register-{device_id}").click()
    # The demo's computer serves every vehicle: whose it is has to be said.
    expect(page.get_by_test_id("device-save")).to_have_count(0)
    page.get_by_test_id("device-unit").select_option(label="B-02")
    page.get_by_test_id("device-save").click()
    page.get_by_test_id("device-done").click()
    expect(told).to_have_count(0)
    page.get_by_test_id("devices-registered").click()
    row = page.get_by_test_id(f"device-monitor-{device_id}")
    expect(row).to_have_attribute("data-enabled", "true")


def test_devices_come_and_go_on_the_administrators_page(node: Node, seat: SeatMaker) -> None:
    admin = seat("admin", "/admin")
    page = admin.page
    open_devices(page)

    # A terminal: a number that cannot be is refused, the right one gets its code once.
    register_device(page, "terminal", "B-02", "0123")
    refusal(page, "terminal_id")
    page.get_by_test_id("device-id").fill("13912340001")
    page.get_by_test_id("device-save").click()
    code = page.get_by_test_id("device-key").inner_text()
    page.get_by_test_id("device-done").click()
    line = authenticated(node, "13912340001", code)
    row = page.get_by_test_id("device-terminal-13912340001")
    expect(row).to_contain_text("在线")
    # What it means by its numbers is said; it connects anew and is read so from then on.
    page.get_by_test_id("profile-13912340001").click()
    page.get_by_test_id("profile-datum").select_option("gcj02")
    page.get_by_test_id("profile-save").click()
    expect(page.get_by_test_id("profile-dialog")).to_have_count(0)
    expect(page.get_by_test_id("profile-13912340001")).to_contain_text("*")
    ends(line)
    line = authenticated(node, "13912340001", code)
    look_at_a_terminal(page, "13912340001")
    revoke(page, "terminal", "13912340001")
    ends(line)

    # The telephone in the vehicle, by which the crew is rung up.
    register_device(page, "phone", "B-02", "one")
    refusal(page, "phone_id")
    page.get_by_test_id("device-id").fill("13800990001")
    page.get_by_test_id("device-save").click()
    page.get_by_test_id("device-done").click()
    expect(page.get_by_test_id("device-phone-13800990001")).to_contain_text("车载电话")

    # A monitor in the vehicle: heard while it is registered, cut off when it is not.
    register_device(page, "monitor", "B-02", "02AA000000000001")
    page.get_by_test_id("device-done").click()
    wire = socket.create_connection(("127.0.0.1", node.ports["mllp_port"]), GONE_S)
    until_accepted(page, wire, "02AA000000000001")
    revoke(page, "monitor", "02AA000000000001")
    wire.settimeout(GONE_S)
    with contextlib.suppress(ConnectionError):
        while True:  # as a monitor does, it goes on talking until its line ends
            wire.sendall(report("02AA000000000001"))
            if not wire.recv(65_536):
                break
    wire.close()
    register_from_the_unregistered(page, node.ports["mllp_port"], "02AA000000000001")

    # A vehicle's computer: its file is downloaded once, and its feed ends with its right.
    register_device(page, "edge", "B-02")
    with page.expect_download() as download:
        page.get_by_test_id("device-file").click()
    (vehicle,) = json.loads(download.value.path().read_text(encoding="utf-8"))
    page.get_by_test_id("device-done").click()
    context = ssl.create_default_context(cafile=str(node.state / "tls" / "ca.crt"))
    with connect(
        node.centre.replace("https", "wss") + "/api/edge/feed",
        ssl=context,
        additional_headers={"Authorization": f"Edge {new_id()}:{vehicle['key']}"},
    ) as feed:
        feed.send('{"known":{}}')
        feed.recv(timeout=GONE_S)
        own = sha256(vehicle["key"].encode()).hexdigest()
        expect(page.get_by_test_id(f"device-edge-{own}")).to_have_attribute("data-enabled", "true")
        revoke(page, "edge", own)
        with pytest.raises(ConnectionClosed):
            hear_all(feed)
    assert admin.errors == []


def test_a_fallback_seat_is_declared_thrown_out_and_taken_back(node: Node, seat: SeatMaker) -> None:
    del node
    admin = seat("admin", "/admin")
    page = admin.page
    open_devices(page)
    centre = "澜溪示范镇 120 指挥中心"
    register_device(page, "seat", centre, "九十")
    refusal(page, "seat_name")
    page.get_by_test_id("device-id").fill("90")
    page.get_by_test_id("device-save").click()
    with page.expect_download() as download:
        page.get_by_test_id("device-file").click()
    file = json.loads(download.value.path().read_text(encoding="utf-8"))
    assert (file["org"], file["seat"]) == ("centre", "90")
    shot(admin, "admin-seat-declared")
    page.get_by_test_id("device-done").click()
    ident = sha256(file["key"].encode()).hexdigest()
    row = page.get_by_test_id(f"device-seat-{ident}")
    expect(row).to_contain_text(centre)
    expect(row).to_contain_text("备用席")
    # A centre has one at a time.
    register_device(page, "seat", centre, "91")
    assert "90" in refusal(page, "seat_declared")
    page.keyboard.press("Escape")
    revoke(page, "seat", ident)
    page.get_by_test_id(f"restore-seat-{ident}").click()
    page.get_by_test_id("confirm").dblclick()
    expect(row).to_have_attribute("data-enabled", "true")
    expect(page.get_by_test_id("confirm")).to_have_count(0)
    shot(admin, "admin-seat")
    assert admin.errors == []


def until_accepted(page: Page, wire: socket.socket, device_id: str) -> None:
    """The vehicle learns of its new monitor by the next word of the centre."""
    for _second in range(20):
        wire.sendall(report(device_id))
        if b"|AA|" in wire.recv(65_536):
            return
        page.wait_for_timeout(500)
    raise AssertionError("the monitor was never accepted")


# ---- organisations


def test_organisations_are_kept_on_the_administrators_page(node: Node, seat: SeatMaker) -> None:
    del node
    admin = seat("admin", "/admin")
    page = admin.page
    tree = page.get_by_test_id("orgs")
    page.get_by_test_id("org-new").click()
    page.get_by_test_id("org-kind").select_option("station")
    page.get_by_test_id("org-name").fill("北门急救站")
    page.get_by_test_id("org-save").click()
    refusal(page, "org_not_below")  # a station belongs to a centre, not to the city itself
    page.get_by_test_id("org-parent").select_option("centre")
    page.get_by_test_id("org-save").dblclick()
    expect(page.get_by_test_id("org-dialog")).to_have_count(0)
    made = tree.get_by_role("button", name=re.compile("北门急救站"))
    expect(made).to_have_count(1)
    made.click()
    page.get_by_test_id("org-edit").click()
    page.get_by_test_id("org-name").fill("北门急救二站")
    page.get_by_test_id("org-save").dblclick()
    renamed = tree.get_by_role("button", name=re.compile("北门急救二站"))
    expect(renamed).to_have_count(1)

    page.get_by_test_id("org-close").click()
    page.get_by_test_id("confirm").dblclick()
    expect(renamed).to_contain_text("已关闭")
    page.get_by_test_id("org-reopen").click()
    page.get_by_test_id("confirm").click()
    expect(renamed).not_to_contain_text("已关闭")

    tree.get_by_test_id("org-centre").click()
    page.get_by_test_id("org-close").click()
    page.get_by_test_id("confirm").click()
    refusal(page, "org_has_parts")
    page.keyboard.press("Escape")
    # People of its own: a hospital's may just have a patient, which is told first.
    page.get_by_test_id("person-new").click()
    page.get_by_test_id("person-username").fill("north-gate")
    page.get_by_test_id("person-name").fill("北门值班")
    page.get_by_test_id("person-role").select_option("station")
    ident = str(renamed.get_attribute("data-testid")).removeprefix("org-")
    page.get_by_test_id("person-org").select_option(ident)
    page.get_by_test_id("person-password").fill("a long enough password")
    page.get_by_test_id("person-save").click()
    expect(page.get_by_test_id("person-dialog")).to_have_count(0)
    renamed.click()
    page.get_by_test_id("org-close").click()
    page.get_by_test_id("confirm").click()
    refusal(page, "org_has_people")
    page.keyboard.press("Escape")
    assert admin.errors == []
