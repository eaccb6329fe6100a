"""A vehicle's own computer, alone in its process: a power cut without a link, another tablet, and a
theft. What it keeps of patients is sealed; see tests/contract/test_vault.py for its insides.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest
from cut_link import CutLink
from playwright.sync_api import Error, Page, expect
from test_who_may_speak import open_devices, register_device, revoke

from conftest import ROOT, Node, SeatMaker, free_ports

UNIT = "B-02"
SOON_MS = 60_000


class Box:
    """The process on the computer of a vehicle, with a folder and a link of its own."""

    def __init__(self, node: Node, vehicle: dict[str, object]) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="goldenhour-box-"))
        self.link = CutLink(node.ports["https_port"])
        names = ("edge_port", "mllp_port", "ecg_port", "dicom_port")
        ports = dict(zip(names, free_ports(len(names)), strict=True))
        self.url = f"https://localhost:{ports['edge_port']}"
        self.env = os.environ | {f"GOLDENHOUR_{n.upper()}": str(port) for n, port in ports.items()}
        self.env |= {
            "GOLDENHOUR_STATE": str(self.folder),
            "GOLDENHOUR_HOST": "127.0.0.1",
            "GOLDENHOUR_DEMO": "true",
            "GOLDENHOUR_WORLD": "training",
            "GOLDENHOUR_TLS_CA": str(node.state / "tls" / "ca.crt"),
        }
        (self.folder / "vehicle.json").write_text(json.dumps([vehicle]), encoding="utf-8")
        shutil.copy(node.state / "demo-accounts.json", self.folder)
        self.process = self.start()

    def start(self) -> subprocess.Popen[bytes]:
        centre = f"https://localhost:{self.link.port}"
        vehicles = str(self.folder / "vehicle.json")
        program = (sys.executable, "-m", "goldenhour.main.cli", "edge")
        with (self.folder / "box.log").open("ab") as log:
            return subprocess.Popen(
                [*program, "--vehicles", vehicles, "--centre", centre],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def lose_power(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(10)

    def close(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.link.close()
        (ROOT / "test-results").mkdir(exist_ok=True)
        shutil.copy(self.folder / "box.log", ROOT / "test-results" / "box.log")
        shutil.rmtree(self.folder)


@pytest.fixture
def boxes() -> Iterator[list[Box]]:
    made: list[Box] = []
    yield made
    for box in made:
        box.close()


def log_in(page: Page, node: Node, url: str) -> None:
    until_it_answers(page, f"{url}/login")
    username = f"crew-{UNIT.lower()}"
    page.get_by_test_id("login-username").fill(username)
    page.get_by_test_id("login-password").fill(node.password(username))
    page.get_by_test_id("login-submit").click()
    expect(page.get_by_test_id("call-sign")).to_have_text(UNIT, timeout=SOON_MS)


def until_it_answers(page: Page, url: str) -> None:
    for _try in range(60):
        try:
            page.goto(url)
        except Error:  # the port is closed yet
            page.wait_for_timeout(500)
        else:
            return
    raise AssertionError(f"{url} never answered")


def until_its_map_is_open(page: Page, box: Box) -> None:
    """It came with none, fetches its centre's, and begins anew with it before anybody logs in."""
    for _try in range(120):
        if b"vehicle.map_opened" in (box.folder / "box.log").read_bytes():
            return
        page.wait_for_timeout(500)
    raise AssertionError("it has no map")


def test_a_computer_is_sealed_joined_by_a_tablet_and_blinded_when_it_is_stolen(
    node: Node, seat: SeatMaker, boxes: list[Box]
) -> None:
    admin = seat("admin", "/admin")
    open_devices(admin.page)
    register_device(admin.page, "edge", UNIT)
    with admin.page.expect_download() as download:
        admin.page.get_by_test_id("device-file").click()
    (vehicle,) = json.loads(download.value.path().read_text(encoding="utf-8"))
    admin.page.get_by_test_id("device-done").click()
    box = Box(node, vehicle)
    boxes.append(box)

    # The crew logs in once the computer has heard of its roster.
    context = admin.context.browser.new_context(ignore_https_errors=True, locale="zh-CN")
    page = context.new_page()
    until_its_map_is_open(page, box)
    log_in(page, node, box.url)
    page.get_by_test_id("menu").click()
    expect(page.get_by_test_id("map-age")).to_contain_text("离线地图")
    page.get_by_test_id("menu").click()

    # A second tablet scans the code on the first one's screen: good once.
    page.get_by_test_id("menu").click()
    page.get_by_test_id("tablet-add").click()
    expect(page.get_by_test_id("tablet-qr")).to_be_visible()
    address = page.get_by_test_id("tablet-url").inner_text()
    page.keyboard.press("Escape")
    other = admin.context.browser.new_context(ignore_https_errors=True, locale="zh-CN")
    second = other.new_page()
    second.goto(address)
    expect(second.get_by_test_id("call-sign")).to_have_text(UNIT)
    third = admin.context.browser.new_context(ignore_https_errors=True, locale="zh-CN")
    late = third.new_page()
    late.goto(address)
    expect(late.get_by_test_id("join")).to_contain_text("已过期或已用过")
    third.close()

    # The power fails where there is no link: the tablets open the computer by their sessions.
    box.link.cut()
    box.lose_power()
    expect(page.get_by_test_id("broken")).to_be_visible(timeout=SOON_MS)
    box.process = box.start()
    expect(page.get_by_test_id("broken")).to_have_count(0, timeout=SOON_MS)
    expect(page.get_by_test_id("call-sign")).to_have_text(UNIT)
    box.link.mend()
    expect(page.get_by_test_id("link-network")).not_to_have_class("crew-link-bad", timeout=SOON_MS)

    # Stolen, and revoked at the centre: neither a tablet nor a restart opens it.
    digest = sha256(str(vehicle["key"]).encode()).hexdigest()
    revoke(admin.page, "edge", digest)
    expect(page.get_by_test_id("broken")).to_be_visible(timeout=SOON_MS)
    box.lose_power()
    box.process = box.start()
    until_it_answers(second, f"{box.url}/crew")
    expect(second.get_by_test_id("box-closed")).to_contain_text("注销", timeout=SOON_MS)

    # It was found again: the administrator takes the revocation back, and nothing is lost.
    admin.page.get_by_test_id(f"restore-edge-{digest}").click()
    admin.page.get_by_test_id("confirm").dblclick()
    expect(second.get_by_test_id("call-sign")).to_have_text(UNIT, timeout=SOON_MS)
    context.close()
    other.close()
    assert admin.errors == []
