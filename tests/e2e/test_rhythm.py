"""A heart that stands still on the live ECG calls the crew and the hospital, above what is open."""

import socket
from collections.abc import Iterator

import numpy as np
import pytest
from playwright.sync_api import expect
from test_ecg_viewer import a_case_with_ecg

from conftest import Node, SeatMaker, run_node
from goldenhour.main.clock import SystemClock
from goldenhour.simulator.ecg_packets import Packetizer
from goldenhour.wire.ecg_stream import Channel, wrap

WAIT_MS = 60_000
HZ = 250
SECONDS = 9


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Of its own: the case stays open, and other tests count cases."""
    yield from run_node()


def stand_still(port: int, device_id: str) -> None:
    """The device begins anew and sends nine seconds of a flat line, of just now."""
    now_ms = SystemClock().now_ms()
    maker = Packetizer(
        device_id=device_id,
        epoch=now_ms // 1000 + 1,
        rate_hz=HZ,
        channels=[Channel(lead="II", nanovolt=5000)],
        replay=True,
    )
    with socket.create_connection(("127.0.0.1", port)) as line:
        for at in range(0, SECONDS * HZ, HZ // 5):
            rows = np.zeros((maker.next_count(), 1), np.int32)
            line.sendall(wrap(maker.packet(rows, now_ms - SECONDS * 1000 + at * 1000 // HZ)))
        line.recv(12)


def test_a_heart_that_stands_still_is_seen_above_the_viewer(node: Node, seat: SeatMaker) -> None:
    crew, ward = a_case_with_ecg(node, seat)
    ward.page.get_by_test_id("ecg-door").dblclick(timeout=WAIT_MS)
    viewer = ward.page.get_by_test_id("ecg-viewer")
    expect(viewer).to_be_visible()
    named = crew.page.locator("[data-testid^=monitor-02000000]").first.get_attribute("data-testid")
    stand_still(node.ports["ecg_port"], str(named).removeprefix("monitor-"))
    alarm = viewer.locator("[data-rhythm=no_beat]")
    expect(alarm).to_contain_text("疑似停搏，请立即查看患者", timeout=WAIT_MS)
    expect(crew.page.locator("[data-rhythm=no_beat]")).to_be_visible()
    crew.page.get_by_test_id("rhythm-looked").click()
    expect(crew.page.locator("[data-rhythm]")).to_have_count(0)
    expect(ward.page.locator("[data-rhythm]")).to_have_count(0)
    assert crew.errors == ward.errors == []
