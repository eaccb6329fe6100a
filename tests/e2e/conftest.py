"""One running node for the browser tests: `goldenhour run` in a folder of its own."""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest
from cut_link import CutLink
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from factories.put_away import put_away

ROOT = Path(__file__).parents[2]
READY = "Ctrl-C stops everything"
READY_S = 240
LIVE_MS = 60_000
"""How long a screen may take on a slow machine, to show something or to take a touch."""
expect.set_options(timeout=LIVE_MS)


@dataclass(frozen=True)
class Node:
    centre: str
    vehicle: str
    accounts: dict[str, dict[str, str]]
    """username -> account"""
    process: subprocess.Popen[str]
    state: Path
    ports: dict[str, int]
    link: CutLink
    """Between the vehicles and the centre."""

    def password(self, username: str) -> str:
        return self.accounts[username]["password"]


def free_ports(count: int) -> list[int]:
    """Free now, and looked for by no other worker before ours are in use."""
    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    mine = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    sockets: list[socket.socket] = []
    ports: list[int] = []
    while len(ports) < count:
        sockets.append(socket.socket())
        sockets[-1].bind(("127.0.0.1", 0))
        port = sockets[-1].getsockname()[1]
        if port // 2 % workers == mine:  # the kernel prefers odd ones
            ports.append(port)
    for item in sockets:
        item.close()
    return ports


@pytest.fixture(scope="session")
def shared_node() -> Iterator[Node]:
    """One node a test worker."""
    yield from run_node()


@pytest.fixture(scope="module")
def node(shared_node: Node) -> Iterator[Node]:
    """The shared one, on which the next module finds no case open and every unit free.

    A module that leaves more than its cases behind takes a node of its own: `run_node`.
    """
    yield shared_node
    shared_node.link.mend()  # whoever failed while it was cut
    authority = shared_node.state / "tls" / "ca.crt"
    work = put_away(shared_node.centre, shared_node.vehicle, authority)
    with ThreadPoolExecutor(1) as other:  # the browser's own loop runs in this thread
        other.submit(asyncio.run, work).result()


def run_node(*options: str, city: tuple[str, ...] = ("--town",)) -> Iterator[Node]:
    """The product as `make run` starts it."""
    # Not pytest's own folder: the database's account must reach it when the tests run as root.
    state = Path(tempfile.mkdtemp(prefix="goldenhour-e2e-"))
    state.chmod(0o755)
    names = (
        *("https_port", "edge_port", "jt808_port", "mllp_port", "ecg_port"),
        *(
            "dicom_port",
            "video_port",
            "residents_port",
            "card_reader_port",
            "callback_port",
            "road_feed_port",
            "seat_port",
        ),
    )
    ports = dict(zip(names, free_ports(len(names)), strict=True))
    env = os.environ | {f"GOLDENHOUR_{name.upper()}": str(port) for name, port in ports.items()}
    link = CutLink(ports["https_port"])
    env |= {
        "GOLDENHOUR_STATE": str(state),
        "GOLDENHOUR_HOST": "127.0.0.1",
        "GOLDENHOUR_CENTRE_URL": f"https://localhost:{link.port}",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "goldenhour.main.cli", "run", *city, "--alone", *options],
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    lines: list[str] = []
    ready = threading.Event()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.append(line)
            if READY in line:
                ready.set()
        ready.set()

    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        assert ready.wait(READY_S), "".join(lines[-60:])
        # It may have closed its output and not have ended yet.
        assert any(READY in line for line in lines), "".join(lines[-60:])
        accounts = json.loads((state / "demo-accounts.json").read_text(encoding="utf-8"))
        yield Node(
            centre=f"https://localhost:{ports['https_port']}",
            vehicle=f"https://localhost:{ports['edge_port']}",
            accounts={account["username"]: account for account in accounts},
            process=process,
            state=state,
            ports=ports,
            link=link,
        )
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        reader.join(5)
        link.close()
        if process.stdout is not None:
            process.stdout.close()
        (ROOT / "test-results").mkdir(exist_ok=True)
        log = ROOT / "test-results" / f"node-{os.environ.get('PYTEST_XDIST_WORKER', 'alone')}.log"
        log.write_text("".join(lines), encoding="utf-8")
        shutil.rmtree(state, ignore_errors=True)
    unread = [line for line in lines if "live_lost" in line and "ValidationError" in line]
    assert unread == [], "an actor could not read its live view"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        running = playwright.chromium.launch(
            executable_path=chromium,
            args=[
                *("--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                # A microphone that beeps, and nobody who has to allow it.
                *("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"),
            ],
        )
        yield running
        running.close()


@dataclass
class Seat:
    """One person at one screen."""

    context: BrowserContext
    page: Page
    errors: list[str]


@pytest.fixture
def seat(node: Node, browser: Browser) -> Iterator["SeatMaker"]:
    maker = SeatMaker(node, browser)
    yield maker
    maker.close()


class SeatMaker:
    def __init__(self, node: Node, browser: Browser) -> None:
        self._node = node
        self._browser = browser
        self._seats: list[Seat] = []

    def __call__(
        self,
        username: str,
        path: str,
        *,
        width: int = 1920,
        height: int = 1080,
        vehicle: bool = False,
    ) -> Seat:
        """Log in through the login page and open a console."""
        context = self._browser.new_context(
            ignore_https_errors=True,
            viewport={"width": width, "height": height},
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.set_default_timeout(LIVE_MS)
        page = context.new_page()
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        origin = self._node.vehicle if vehicle else self._node.centre
        page.goto(f"{origin}/login")
        page.get_by_test_id("login-username").fill(username)
        page.get_by_test_id("login-password").fill(self._node.password(username))
        page.get_by_test_id("login-submit").click()
        page.wait_for_url(lambda url: "/login" not in url)
        if path not in page.url:
            page.goto(f"{origin}{path}")
        made = Seat(context=context, page=page, errors=errors)
        self._seats.append(made)
        return made

    def close(self) -> None:
        for made in self._seats:
            made.context.close()
