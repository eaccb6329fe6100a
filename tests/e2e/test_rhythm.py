"""A heart that stands still on the live ECG calls the crew and the hospital, above what is open."""

import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect
from test_ecg_viewer import a_case_with_ecg

from conftest import Node, SeatMaker, run_node
from goldenhour.kernel.time import to_datetime
from goldenhour.main.clock import SystemClock
from goldenhour.simulator.ecg_packets import Packetizer
from goldenhour.wire.ecg_stream import Channel, wrap

SHOTS = Path(__file__).parents[2] / "test-results"
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


def own_alarm(device_id: str, phase: str) -> bytes:
    """As IHE PCD-04 has it."""
    time = f"{to_datetime(SystemClock().now_ms()):%Y%m%d%H%M%S}+0000"
    rows = (
        f"MSH|^~\\&|MON^{device_id}^EUI-64||||{time}||ORU^R40^ORU_R40|{phase}|P|2.6",
        f"OBR|1|||196616^MDC_EVT_ALARM^MDC|||{time}",
        "OBX|1|ST|196674^MDC_EVT_LO_VAL_LT_LIM^MDC|1.1.0.1.1|SPO2 LOW|||L~PH~SP|||R",
        "OBX|2|NM|150456^MDC_PULS_OXIM_SAT_O2^MDC|1.1.0.1.2|82|262688^MDC_DIM_PERCENT^MDC|>90",
        f"OBX|3|ST|68481^MDC_ATTR_EVENT_PHASE^MDC|1.1.0.1.3|{phase}",
    )
    return b"\x0b" + "".join(f"{row}\r" for row in rows).encode() + b"\x1c\r"


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

    # What the device alarms by itself, in its own words, until the device ends it.
    device_id = str(named).removeprefix("monitor-")
    with socket.create_connection(("127.0.0.1", node.ports["mllp_port"])) as line:
        for phase, count in (("start", 1), ("end", 0)):
            line.sendall(own_alarm(device_id, phase))
            assert b"MSA|AA" in line.recv(65_536)
            for page in (crew.page, ward.page):
                own = page.locator("[data-own-alarm=high]", has_text="SPO2 LOW")
                expect(own).to_have_count(count, timeout=WAIT_MS)
                if count:
                    expect(own).to_contain_text("SPO2 LOW 82 %")
            if count:
                crew.page.screenshot(path=SHOTS / "crew-own-alarm.png")
                ward.page.screenshot(path=SHOTS / "hospital-own-alarm.png")
    assert crew.errors == ward.errors == []
