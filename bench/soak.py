"""A living city for hours: whether memory stays flat, screens keep quiet and a seat stays quick.

`goldenhour run` with the demo city in real time, four consoles open in Chromium, and one visitor
who answers one of the city's calls, follows it to the hospital bed, and types calls of his own
again and again, all by clicks. Timed is what he waits for, in the page: from the click until its
effect stands in the document, and until the frame is painted; here the map is drawn by the
processor, so the second figure is the machine's as much as ours. Memory is the processes' own
share (PSS), once a minute; the judged slope is that of the second half, and what goes up and down
(PostgreSQL's with each connection that is renewed) is flat too where the second half's peak is not
above the first's. PostgreSQL's shared buffers have a size of their own, which they fill and never
pass: they are told apart and not judged.

Of a page its used heap is told once a minute, but that is not judged: it counts what the browser
compiles, and what it keeps for this bench, which drives it through the debugger (a record of every
request, for one). Judged is what the page itself holds, by heap snapshots in the middle and at the
end: it has not grown, or a page just opened on the same city holds as much, since there is as much
to show. Ctrl-C ends it early and still reports.
"""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from playwright.sync_api import Browser, ConsoleMessage, Error, Page, sync_playwright

GOAL_P99_MS = 300
GOAL_GROWTH = 0.05
"""Of a process or of what a page holds, in an hour, over the second half."""
GOAL_AS_OPENED = 1.1
"""What a page may hold, in parts of what one that was just opened does."""
SETTLE_MS = 15_000
"""Until a page that was just opened has drawn everything."""
OWN_KINDS = frozenset(
    {
        *("object", "object shape", "closure", "array", "number", "bigint"),
        *("string", "sliced string", "concatenated string", "symbol", "regexp"),
    }
)
"""Of a heap snapshot's nodes, those that the page's own code made."""
OWN_BYTES = "system / JSArrayBufferData"
"""The bytes behind a page's arrays, which the snapshot counts as the browser's."""
READY_S = 300
MEMORY_EVERY_S = 60.0
PATIENCE_MS = 10_000
SHARED_BUFFERS = "postgres shared buffers"
QUESTIONS = 4
"""Answered in a call; the fewest after which a unit may be sent."""
QUESTION = "[data-testid^=question-]"
PORTS = (
    *("https_port", "edge_port", "jt808_port", "mllp_port"),
    *("ecg_port", "dicom_port", "video_port"),
)

REDRAWN = "redrawn"
CLICK = """
([press, until, gone]) => new Promise((done) => {
  const button = document.querySelector(press)
  if (button === null) return done('redrawn')
  const begin = performance.now()
  const since = () => performance.now() - begin
  const stands = () => (document.querySelector(until) !== null) !== gone
  let watcher
  const look = () => {
    if (!stands()) return
    watcher.disconnect()
    const inDocument = since()
    requestAnimationFrame(() => setTimeout(() => done([inDocument, since()])))
  }
  watcher = new MutationObserver(look)
  watcher.observe(document, { subtree: true, childList: true, attributes: true })
  button.dispatchEvent(new MouseEvent('mousedown', { bubbles: true, cancelable: true }))
  button.click()
  look()
  setTimeout(() => done(null), 10000)
})
"""


TIMELINE = """
async (number) => {
  const cases = await (await fetch('/api/cases')).json()
  const found = cases.find((one) => number.endsWith(one.number) || one.number.endsWith(number))
  if (!found) return []
  return (await (await fetch(`/api/cases/${found.incident_id}/timeline`)).json()).nodes
}
"""


def tid(name: str) -> str:
    return f"[data-testid={name}]"


@contextmanager
def running(folder: Path, *flags: str) -> Iterator[tuple[int, dict[str, int]]]:
    """The product as `make run` starts it, on ports of its own; gives its process and ports."""
    sockets = [socket.socket() for _ in PORTS]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = {name: one.getsockname()[1] for name, one in zip(PORTS, sockets, strict=True)}
    for one in sockets:
        one.close()
    environ = os.environ | {f"GOLDENHOUR_{name.upper()}": str(port) for name, port in ports.items()}
    environ |= {"GOLDENHOUR_STATE": str(folder), "GOLDENHOUR_HOST": "127.0.0.1"}
    log = folder / "run.log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 (our own program)
            [sys.executable, "-m", "goldenhour.main.cli", "run", *flags],
            env=environ,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        until = time.monotonic() + READY_S
        while "Ctrl-C stops everything" not in log.read_text(encoding="utf-8"):
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit(log.read_text(encoding="utf-8")[-3000:])
            time.sleep(0.5)
        yield process.pid, ports
    finally:
        with suppress(ProcessLookupError):
            process.send_signal(signal.SIGINT)
        process.wait(60)


def memory_mb(root: int) -> dict[str, float]:
    """By what a process is: the share of memory that is its own, in MB."""
    sums: dict[str, float] = defaultdict(float)
    for one in psutil.Process(root).children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            words = one.cmdline()
            # "... goldenhour.main.cli serve api": what stands behind the module's name.
            name = " ".join(words[3:5]) if "goldenhour.main.cli" in words else one.name()
            pss, shared = _pss_mb(one.pid)
            sums[name] += pss - shared
            if name == "postgres":
                sums[SHARED_BUFFERS] += shared
    return dict(sums)


def _pss_mb(pid: int) -> tuple[float, float]:
    """A process's share of memory, and what of it is shared memory without a file.

    Raises psutil.NoSuchProcess.
    """
    try:
        rollup = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
    except OSError as error:
        raise psutil.NoSuchProcess(pid) from error
    kib = {
        name: int(value) for name, value in re.findall(r"^(\w+): +(\d+) kB$", rollup, re.MULTILINE)
    }
    return kib["Pss"] * 1024 / 1e6, kib["Pss_Shmem"] * 1024 / 1e6


Holding = dict[str, dict[str, float]]
"""By page: MB by who holds it."""


class Screens:
    """The consoles that stay open, what they complained of, and how much they hold."""

    def __init__(self, browser: Browser, folder: Path, ports: dict[str, int]) -> None:
        accounts = json.loads((folder / "demo-accounts.json").read_text(encoding="utf-8"))
        firsts = {account["role"]: account for account in reversed(accounts)}
        self.errors: list[str] = []
        self.pages: dict[str, Page] = {}
        for role, port in (
            ("dispatcher", "https_port"),
            ("crew", "edge_port"),
            ("hospital", "https_port"),
            ("quality", "https_port"),
        ):
            context = browser.new_context(
                ignore_https_errors=True,
                viewport={"width": 1920, "height": 1080},
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
            )
            page = context.new_page()
            origin = f"https://localhost:{ports[port]}"
            page.goto(f"{origin}/login")
            page.get_by_test_id("login-username").fill(firsts[role]["username"])
            page.get_by_test_id("login-password").fill(firsts[role]["password"])
            page.get_by_test_id("login-submit").click()
            page.wait_for_url(lambda url: "/login" not in url)
            self._listen(role, page)
            self.pages[role] = page

    def _listen(self, role: str, page: Page) -> None:
        def hear(said: ConsoleMessage) -> None:
            if said.type == "error":
                self.errors.append(f"{role}: {said.text} {said.location.get('url', '')}")

        page.on("pageerror", lambda error: self.errors.append(f"{role}: {error}"))
        page.on("console", hear)

    def heap_mb(self) -> dict[str, float]:
        """After the page's own cleaning, or the figure would be that of the last minute's waste."""
        found = {}
        for role, page in self.pages.items():
            page.request_gc()
            found[f"page {role}"] = page.evaluate("performance.memory.usedJSHeapSize") / 1e6
        return found

    def holds_mb(self) -> Holding:
        """What each page holds by itself, and the code and the rest that its browser adds."""
        found: Holding = {}
        for role, page in self.pages.items():
            page.request_gc()
            found[f"page {role}"] = by_holder(heap_snapshot(page))
        return found


def heap_snapshot(page: Page) -> dict[str, Any]:
    session = page.context.new_cdp_session(page)
    parts: list[str] = []
    session.on("HeapProfiler.addHeapSnapshotChunk", lambda said: parts.append(said["chunk"]))
    session.send("HeapProfiler.takeHeapSnapshot", {"reportProgress": False})
    session.detach()
    snapshot: dict[str, Any] = json.loads("".join(parts))
    return snapshot


def by_holder(snapshot: dict[str, Any]) -> dict[str, float]:
    """MB by who holds it: the page, its compiled code, or the browser for itself."""
    meta = snapshot["snapshot"]["meta"]
    fields: list[str] = meta["node_fields"]
    kinds: list[str] = meta["node_types"][0]
    nodes = np.array(snapshot["nodes"]).reshape(-1, len(fields))
    kind, name, size = (nodes[:, fields.index(each)] for each in ("type", "name", "self_size"))
    is_own = np.isin(kind, [n for n, each in enumerate(kinds) if each in OWN_KINDS])
    if OWN_BYTES in snapshot["strings"]:
        is_own |= name == snapshot["strings"].index(OWN_BYTES)
    is_code = kind == kinds.index("code")
    return {
        "own_mb": float(size[is_own].sum()) / 1e6,
        "code_mb": float(size[is_code].sum()) / 1e6,
        "browser_mb": float(size[~is_own & ~is_code].sum()) / 1e6,
    }


class Visitor:
    """A person at a dispatcher's seat, by clicks; each wait goes into `waits_ms`."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self.waits_ms: dict[str, list[float]] = defaultdict(list)
        self.painted_ms: list[float] = []
        self.lost = 0
        self.followed = ""
        """The number of the case that came from the city and was taken by the visitor."""
        self.bed_after_s: float | None = None

    def press(self, what: str, button: str, until: str, *, gone: bool = False) -> None:
        took: Any = REDRAWN
        while took == REDRAWN:  # seen a moment ago, and just then drawn anew
            self._page.locator(button).first.wait_for(timeout=PATIENCE_MS)
            took = self._page.evaluate(CLICK, [button, until, gone])
        if took is None:
            raise Error(f"{what}: nothing came of it")
        self.waits_ms[what].append(took[0])
        self.painted_ms.append(took[1])

    def take_a_call(self) -> None:
        page = self._page
        self.press("open the dialog", tid("new-call"), tid("new-call-dialog"))
        page.get_by_test_id("new-call-number").fill("13900005678")
        self.press("take a call", tid("new-call-go"), tid("new-call-dialog"), gone=True)
        page.get_by_test_id("address-input").click(timeout=PATIENCE_MS)
        page.get_by_test_id("address-input").fill("路 1")
        page.get_by_test_id("address-0").wait_for(timeout=PATIENCE_MS)
        self.press("set the place", tid("address-0"), tid("location"))
        self.press("choose the complaint", tid("topic-chest_pain"), QUESTION)
        for _turn in range(QUESTIONS):
            self.answer_a_question()
        page.get_by_test_id("end-call").click(timeout=PATIENCE_MS)
        self.press("end the call", tid("end-incident"), tid("end-call-dialog"), gone=True)
        page.get_by_test_id("close-incident").click(timeout=PATIENCE_MS)
        self.press("close the case", tid("reason-1"), tid("reopen-incident"))
        rows = page.locator("[data-testid^=active-]")
        if rows.count():
            row = rows.nth(0).get_attribute("data-testid")
            self.press("open a running case", tid(str(row)), tid("mission-strip"))

    def answer_the_city(self) -> None:
        """The first call that rings, up to the unit that goes; nothing when others were first."""
        page = self._page
        if self.followed or not page.get_by_test_id("answer").count():
            return
        page.keyboard.press("F1")
        page.get_by_test_id("end-call").wait_for(timeout=PATIENCE_MS)
        if page.get_by_test_id("open-incident").count():
            page.get_by_test_id("open-incident").click()
        page.get_by_test_id("address-input").click(timeout=PATIENCE_MS)
        page.get_by_test_id("address-input").fill("路 2")
        page.get_by_test_id("address-0").click(timeout=PATIENCE_MS)
        page.get_by_test_id("topic-chest_pain").click(timeout=PATIENCE_MS)
        while not page.get_by_test_id("dispatch").count():
            self.answer_a_question()
        self.press("send a unit", tid("dispatch"), tid("dispatch"), gone=True)
        self.followed = page.get_by_test_id("case-number").inner_text()
        page.get_by_test_id("end-call").click(timeout=PATIENCE_MS)
        self.press("end the call", tid("end-incident"), tid("end-call-dialog"), gone=True)

    def look_after_it(self) -> None:
        """Whether the patient of the followed case is in a bed by now, by its timeline."""
        if not self.followed or self.bed_after_s is not None:
            return
        nodes = self._page.evaluate(TIMELINE, self.followed)
        times = {node["code"]: node["at_ms"] for node in nodes}
        if "T15" in times:
            self.bed_after_s = (times["T15"] - min(times.values())) / 1000

    def answer_a_question(self) -> None:
        page = self._page
        page.locator(QUESTION).first.wait_for(timeout=PATIENCE_MS)
        asked = tid(str(page.locator(QUESTION).first.get_attribute("data-testid")))
        # Numbers are typed; everything else may be answered "unknown", and some with "yes".
        number = page.get_by_test_id("answer-input")
        if number.count():
            number.fill("62")
            self.press("answer a question", tid("answer-go"), asked, gone=True)
        else:
            known = page.get_by_test_id("answer-yes").count()
            answer = tid("answer-yes" if known else "answer-unknown")
            self.press("answer a question", answer, asked, gone=True)

    def rest(self, seconds: float) -> None:
        self._page.wait_for_timeout(seconds * 1000)

    def try_a_call(self) -> None:
        """Whatever goes wrong is counted, and the next call begins with a fresh page."""
        try:
            self.answer_the_city()
            self.look_after_it()
            self.take_a_call()
        except Error as error:
            self.lost += 1
            print(f"lost a call: {error}", file=sys.stderr)
            self._page.reload()


def growth(points: Sequence[tuple[float, float]]) -> tuple[float, float]:
    """(MB at the end, share of it grown in an hour) over the second half."""
    half = points[len(points) // 2 :]
    if len(half) < 3:  # a line through fewer says nothing
        return (points[-1][1] if points else 0.0, 0.0)
    hours, mb = np.array(half).T
    return float(mb[-1]), float(np.polyfit(hours, mb, 1)[0] / mb.mean())


def peaks(points: Sequence[tuple[float, float]]) -> list[float]:
    """MB at most in the first half, and in the second."""
    middle = len(points) // 2
    return [max(mb for _hours, mb in half) for half in (points[:middle], points[middle:]) if half]


def is_flat(points: Sequence[tuple[float, float]]) -> bool:
    """Its line over the second half does not rise, or its peak is not above that of the first."""
    highest = peaks(points)
    return growth(points)[1] <= GOAL_GROWTH or highest[-1] <= highest[0]


def soak(options: argparse.Namespace, folder: Path, stop: Callable[[], bool]) -> dict[str, Any]:
    memory: dict[str, list[tuple[float, float]]] = defaultdict(list)
    with running(folder) as (root, ports), sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium") or shutil.which("chromium-browser"),
            args=["--no-sandbox", "--disable-gpu", "--enable-precise-memory-info"],
        )
        screens = Screens(browser, folder, ports)
        visitor = Visitor(screens.pages["dispatcher"])
        begun = time.monotonic()
        next_look = begun
        halfway: Holding = {}
        while (now := time.monotonic()) - begun < options.minutes * 60 and not stop():
            visitor.try_a_call()
            if now >= next_look:
                next_look = now + MEMORY_EVERY_S
                hours = (now - begun) / 3600
                for name, mb in (memory_mb(root) | screens.heap_mb()).items():
                    memory[name].append((hours, mb))
                newest = {name: round(points[-1][1]) for name, points in memory.items()}
                print(
                    f"{hours * 60:.0f} min, {len(visitor.waits_ms['take a call'])} calls, {newest}",
                    file=sys.stderr,
                )
            if not halfway and now - begun >= options.minutes * 30:
                halfway = screens.holds_mb()
            visitor.rest(options.pause)
        minutes = (time.monotonic() - begun) / 60
        at_the_end = screens.holds_mb()
        opened = Screens(browser, folder, ports)
        opened.pages["dispatcher"].wait_for_timeout(SETTLE_MS)
        pages = {
            name: page_verdict(minutes / 120, halfway.get(name, just_opened), end, just_opened)
            for (name, end), just_opened in zip(
                at_the_end.items(), opened.holds_mb().values(), strict=True
            )
        }
        browser.close()
    return summary(minutes, visitor, screens.errors, memory, pages)


def page_verdict(
    hours: float, halfway: dict[str, float], end: dict[str, float], just_opened: dict[str, float]
) -> dict[str, Any]:
    """Whether a page is flat; `hours` lie between its own two snapshots."""
    own = end["own_mb"]
    may_hold = max(
        halfway["own_mb"] * (1 + GOAL_GROWTH * hours), just_opened["own_mb"] * GOAL_AS_OPENED
    )
    held = {"halfway": halfway, "end": end, "just_opened": just_opened}
    return {
        when: {name: round(mb, 2) for name, mb in each.items()} for when, each in held.items()
    } | {"flat": own <= may_hold}


def summary(
    minutes: float,
    visitor: Visitor,
    errors: list[str],
    memory: dict[str, list[tuple[float, float]]],
    pages: dict[str, dict[str, Any]],
) -> dict[str, Any]:
    waits = [ms for each in visitor.waits_ms.values() for ms in each]
    p99 = float(np.percentile(waits, 99)) if waits else float("inf")
    painted = np.percentile(visitor.painted_ms, [50, 99]) if waits else (0, 0)
    grown = {name: growth(points) for name, points in sorted(memory.items())}
    return {
        "name": "soak",
        "value": round(p99, 1),
        "unit": "ms, p99 of what a dispatcher waits for after a click, until it is in the page",
        "goal": f"p99 <= {GOAL_P99_MS}; no console error; no process grows by more than"
        f" {GOAL_GROWTH:.0%} in an hour over the second half, and no page holds more by more than"
        f" that, or more than {GOAL_AS_OPENED} of what one just opened holds",
        "pass": p99 <= GOAL_P99_MS
        and not errors
        and not visitor.lost
        and all(
            is_flat(points)
            for name, points in memory.items()
            if name != SHARED_BUFFERS and name not in pages
        )
        and all(page["flat"] for page in pages.values()),
        "n": len(waits),
        "spread": {
            what: {
                "n": len(each),
                "p50": round(statistics.median(each), 1),
                "p99": round(float(np.percentile(each, 99)), 1),
            }
            for what, each in visitor.waits_ms.items()
        },
        "painted_ms": {"p50": round(float(painted[0]), 1), "p99": round(float(painted[1]), 1)},
        "followed": {"case": visitor.followed, "bed_after_s": visitor.bed_after_s},
        "minutes": round(minutes, 1),
        "calls": len(visitor.waits_ms["take a call"]),
        "calls_lost": visitor.lost,
        "console_errors": sorted(set(errors))[:20],
        "memory": {
            name: {
                "first_mb": round(memory[name][0][1], 1),
                "last_mb": round(mb, 1),
                "grows_an_hour": round(share, 3),
                "peak_mb": [round(each, 1) for each in peaks(memory[name])],
            }
            | pages.get(name, {})
            for name, (mb, share) in grown.items()
        },
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120.0)
    parser.add_argument("--pause", type=float, default=60.0, help="seconds between two calls")
    options = parser.parse_args(arguments)
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _frame: stopped.append(number))
    folder = Path(tempfile.mkdtemp(prefix="goldenhour-soak-"))
    # The database's own account must reach it when this runs as root.
    folder.chmod(0o755)
    try:
        result = soak(options, folder, lambda: bool(stopped))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
