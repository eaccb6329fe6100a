"""A device falls silent in mid-alarm, and its patient dies: crew, hospital and paper say so."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from test_ecg_viewer import a_case_with_ecg
from test_rhythm import own_alarm
from test_screens import dress

from conftest import Node, SeatMaker, run_node

SHOTS = Path(__file__).parents[2] / "test-results"
WAIT_MS = 60_000


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Of its own: its monitors are stopped, and the case stays open."""
    yield from run_node()


def shoot(page: Page, name: str) -> None:
    for theme in ("light", "dark"):
        for lang in ("zh-CN", "en"):
            dress(page, theme=theme, lang=lang)
            page.get_by_test_id("died").first.wait_for()
            page.screenshot(path=SHOTS / f"{name}-{theme}-{lang}.png")
    dress(page, theme="light", lang="zh-CN")


def doubles_of(node: Node) -> int:
    """The process of the node's own monitors."""
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit():
            continue
        try:
            words = (folder / "cmdline").read_bytes().split(b"\0")
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:
            continue
        if b"monitors" in words and parent == node.process.pid:
            return int(folder.name)
    raise AssertionError("the node runs no monitors")


def test_a_silent_device_and_a_death_on_the_way(node: Node, seat: SeatMaker) -> None:
    crew, ward = a_case_with_ecg(node, seat)
    named = crew.page.locator("[data-testid^=monitor-02000000]").first.get_attribute("data-testid")
    device_id = str(named).removeprefix("monitor-")
    doubles = doubles_of(node)
    os.kill(doubles, signal.SIGSTOP)
    try:
        with socket.create_connection(("127.0.0.1", node.ports["mllp_port"])) as line:
            line.sendall(own_alarm(device_id, "start"))
            assert b"MSA|AA" in line.recv(65_536)
        for page in (crew.page, ward.page):
            own = page.locator("[data-own-alarm=high]", has_text="SPO2 LOW")
            expect(own).to_be_visible(timeout=WAIT_MS)
            expect(own).to_contain_text("最后已知：设备自", timeout=WAIT_MS)
        SHOTS.mkdir(exist_ok=True)
        ward.page.screenshot(path=SHOTS / "hospital-silent-device.png")
        crew.page.screenshot(path=SHOTS / "crew-silent-device.png")
    finally:
        os.kill(doubles, signal.SIGCONT)

    crew.page.get_by_test_id("capture-record").click()
    crew.page.get_by_test_id("form-death").click()
    died = crew.page.get_by_test_id("item-death_ms")
    died.get_by_role("button", name="现在").click()
    expect(ward.page.get_by_test_id("died").first).to_contain_text("死亡", timeout=WAIT_MS)
    expect(ward.page.get_by_test_id("corrected").first).to_contain_text("患者死亡")
    expect(ward.page.locator("[data-own-alarm]")).to_have_count(0)
    crew.page.screenshot(path=SHOTS / "crew-death-form.png")
    shoot(ward.page, "hospital-died")

    died.get_by_role("button", name="清除").click()
    expect(ward.page.get_by_test_id("died")).to_have_count(0, timeout=WAIT_MS)
    expect(ward.page.get_by_test_id("corrected").first).to_contain_text("未死亡")

    crew.page.get_by_test_id("section-sign").click()
    where = crew.page.locator('a[href^="/record/"]').first.get_attribute("href")
    crew.page.goto(f"{node.vehicle}{where}")
    printed = crew.page.get_by_test_id("own-alarms")
    expect(printed).to_contain_text("SPO2 LOW 82 % 界限 >90", timeout=WAIT_MS)
    expect(printed).to_contain_text("!!! 高")
    printed.screenshot(path=SHOTS / "paper-own-alarms.png")
    crew.page.get_by_test_id("print-lang").click()
    expect(printed).to_contain_text("limits >90")
    printed.screenshot(path=SHOTS / "paper-own-alarms-en.png")
    assert crew.errors == ward.errors == []
