"""kill -9 of any process, PostgreSQL included, or of all at once, at random instants.

A writer, a relay and a timer worker run on an embedded server. After each kill the dead are started
again, and service is back when a message sent after the kill is acknowledged and delivered. At the
end nothing acknowledged may be lost, nothing doubled or reordered, no timer lost or fired twice.

Planted bug: the writer acknowledges before the commit.
"""

import asyncio
import io
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random  # noqa: TID251 (a drill makes its dice from its seed)
from statistics import median
from typing import Any, Final

import psutil
import psycopg

from goldenhour.adapters.postgres import evidence
from goldenhour.adapters.postgres.embedded import OWNER, EmbeddedServer
from goldenhour.adapters.process import dies_with_parent
from goldenhour.kernel.record import Record
from goldenhour.main import verify
from goldenhour.main.clock import SystemClock
from goldenhour.main.drills import kill_writer, lab
from goldenhour.main.drills.report import Options, Report, say, start

N: Final = 50
BACK_P50_S: Final = 2.0
BACK_MAX_S: Final = 5.0
TIMER_LATE_S: Final = 2.0
_ROLES: Final = ("writer", "relay", "timers")
_TARGETS: Final = (*_ROLES, "database", "all")
_CALM_S: Final = (0.3, 1.5)
"""Between service back and the next kill."""
_PATIENCE_S: Final = 120.0
_POLL_S: Final = 0.01
_CLOCK: Final = SystemClock()


class Outage(Record):
    from_ms: int
    to_ms: int
    lasted_s: float


class Node:
    """The server and its three processes."""

    def __init__(self, running: EmbeddedServer, folder: Path, *, plant: bool) -> None:
        self.log = folder / "acknowledged"
        self._running = running
        self._errors = folder / "errors"
        self._plant = plant
        self._children: dict[str, subprocess.Popen[bytes]] = {}
        self._ended: set[str] = set()

    @property
    def conninfo(self) -> str:
        return self._running.conninfo(OWNER, lab.DATABASE)

    def kill(self, target: str) -> None:
        roles = _ROLES if target == "all" else tuple({target} & set(_ROLES))
        for role in roles:
            self._children[role].kill()
        if target in {"database", "all"}:
            postmaster = psutil.Process(self._running.pid)
            for process in [postmaster, *postmaster.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):  # it had served one of the killed
                    process.kill()
        self.stop(*roles)
        if target in {"database", "all"}:
            while not self._running.revive():
                time.sleep(_POLL_S)  # not yet reaped

    def start_dead(self) -> None:
        for role in _ROLES:
            child = self._children.get(role)
            if role not in self._ended and (child is None or child.poll() is not None):
                self._children[role] = self._start(role)

    def _start(self, role: str) -> subprocess.Popen[bytes]:
        module = "goldenhour.main.drills.kill_writer"
        command = [sys.executable, "-m", module, role, self.conninfo, str(self.log)]
        with self._errors.open("ab") as errors:
            return subprocess.Popen(  # noqa: S603 (our own module)
                [*command, *(["--plant"] if self._plant else [])],
                stdin=subprocess.DEVNULL,
                stdout=errors,
                stderr=errors,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGKILL),  # noqa: PLW1509 (touches no lock)
            )

    def stop(self, *roles: str) -> None:
        for role in roles:
            if child := self._children.pop(role, None):
                child.kill()
                child.wait()

    def end(self, role: str) -> None:
        """Stop it and do not start it again."""
        self._ended.add(role)
        self.stop(role)

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        """Poll, and start again whatever has died meanwhile, as a supervisor does."""
        deadline = time.monotonic() + _PATIENCE_S
        while not is_so():
            self.start_dead()
            if time.monotonic() > deadline:
                tail = self._errors.read_text(errors="replace")[-2_000:]
                raise RuntimeError(f"no {what} after {_PATIENCE_S:.0f} s; processes say:\n{tail}")
            time.sleep(_POLL_S)


def run(options: Options) -> Report:
    with lab.server() as running, tempfile.TemporaryDirectory() as folder:
        node = Node(running, Path(folder), plant=options.plant)
        try:
            return _drill(node, options)
        finally:
            node.stop(*_ROLES)


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


def _drill(node: Node, options: Options) -> Report:
    dice = Random(options.seed)  # noqa: S311 (a drill must be repeatable)
    n = options.n or N
    node.start_dead()
    _wait_service(node, time.monotonic_ns())
    outages, kills = [], Counter[str]()
    for number in range(n):
        time.sleep(dice.uniform(*_CALM_S))  # the random instant
        target = dice.choice(_TARGETS)
        kills[target] += 1
        outages.append(_outage(node, target))
        say(f"kill {number} of {target}: back after {outages[-1].lasted_s:.2f} s")
    node.end("writer")
    _wait_drained(node)
    return _report(node, n, outages, kills)


def _outage(node: Node, target: str) -> Outage:
    from_ms, from_ns = _CLOCK.now_ms(), time.monotonic_ns()
    node.kill(target)
    node.start_dead()
    _wait_service(node, from_ns)
    lasted_s = (time.monotonic_ns() - from_ns) / 1e9
    return Outage(from_ms=from_ms, to_ms=_CLOCK.now_ms(), lasted_s=lasted_s)


def _wait_service(node: Node, after_ns: int) -> None:
    """Until a message sent after this instant is acknowledged and has its delivery number."""
    begin = node.log.stat().st_size if node.log.exists() else 0

    def delivered() -> bool:
        sent = [
            (kill_writer.installation(lane), number)
            for lane, number, at_ns in kill_writer.list_acknowledged(node.log, begin)
            if at_ns > after_ns
        ]
        if not sent:
            return False
        lanes, numbers = zip(*sent, strict=True)
        query = (
            "select 1 from event join feed using (seq) where (installation, sequence)"
            " in (select * from unnest(%s::text[], %s::bigint[])) limit 1"
        )
        return bool(_ask(node, query, list(lanes), list(numbers)))

    node.wait("service", delivered)


def _wait_drained(node: Node) -> None:
    def drained() -> bool:
        return not _ask(node, "select 1 from outbox union all select 1 from timer")

    node.wait("end of outbox and timers", drained)


def _ask(node: Node, query: str, *values: object) -> list[tuple[Any, ...]]:
    with psycopg.connect(node.conninfo) as connection:
        return connection.execute(query.encode(), values).fetchall()


def _report(node: Node, n: int, outages: list[Outage], kills: Counter[str]) -> Report:
    faults = _event_faults(node) | _timer_faults(node)
    faults["verifier_findings"] = asyncio.run(_verify(node))
    late_s = _latest_timer_s(node, outages)
    value = sum(faults.values())
    lasted = [outage.lasted_s for outage in outages]
    in_time = median(lasted) <= BACK_P50_S and max(lasted) <= BACK_MAX_S and late_s <= TIMER_LATE_S
    return Report(
        name="kill",
        value=value,
        unit="acknowledged lost, doubled, reordered; timers lost or doubled",
        goal=0,
        passed=value == 0 and in_time,
        n=n,
        spread={name: float(count) for name, count in faults.items()}
        | {
            "acknowledged": len(kill_writer.list_acknowledged(node.log)),
            "service_back_p50_s": round(median(lasted), 3),
            "service_back_max_s": round(max(lasted), 3),
            "timer_late_max_s": round(late_s, 3),
        }
        | {f"kills_of_{target}": float(kills[target]) for target in _TARGETS},
    )


def _event_faults(node: Node) -> dict[str, int]:
    found: Counter[tuple[str, int]] = Counter()
    last_sequence: dict[str, int] = {}
    versions: dict[str, int] = {}
    faults = {"lost": 0, "doubled": 0, "reordered": 0, "undelivered": 0, "delivery_holes": 0}
    for expected, (delivery, lane, sequence, stream, version) in enumerate(
        _ask(
            node,
            "select delivery, installation, sequence, event.stream, version"
            " from event left join feed using (seq) order by delivery",
        ),
        start=1,
    ):
        faults["undelivered"] += delivery is None
        faults["delivery_holes"] += delivery != expected
        faults["reordered"] += version != versions.get(stream, 0) + 1
        versions[stream] = version
        if lane.startswith("lane"):
            found[lane, sequence] += 1
            faults["reordered"] += sequence <= last_sequence.get(lane, -1)
            last_sequence[lane] = sequence
    faults["doubled"] = sum(count - 1 for count in found.values())
    faults["lost"] = sum(
        (kill_writer.installation(lane), number) not in found
        for lane, number, _ in kill_writer.list_acknowledged(node.log)
    )
    return faults


def _timer_faults(node: Node) -> dict[str, int]:
    """Every call that rang has exactly one alert that nobody answered it."""
    alerts = Counter(
        str(stream)
        for (stream,) in _ask(node, "select stream from event where kind = 'alert.raised.v1'")
    )
    rang = _ask(node, "select stream from event where kind = 'call.rang.v1'")
    wanted = {f"alert:ring_unanswered.{stream.removeprefix('call:')}" for (stream,) in rang}
    return {
        "timers_lost": len(wanted - alerts.keys()),
        "timers_doubled": sum(count - 1 for count in alerts.values()),
    }


def _latest_timer_s(node: Node, outages: list[Outage]) -> float:
    """The longest that a timer fired after it was due, or after service was back if that was later.

    A timer's command carries its due time as its sequence.
    """
    latest_ms = 0
    for due_ms, fired_ms in _ask(
        node, "select sequence, received_ms from event where installation like 'timer:ring:%%'"
    ):
        ends = [o.to_ms for o in outages if o.from_ms <= fired_ms and o.to_ms >= due_ms]
        latest_ms = max(latest_ms, fired_ms - max([due_ms, *ends]))
    return latest_ms / 1000


async def _verify(node: Node) -> int:
    out = io.BytesIO()
    async with await psycopg.AsyncConnection.connect(node.conninfo) as connection:
        await evidence.write_export(connection, bytes(32), _CLOCK.now_ms(), out, None)
    return len(verify.Check(out.getvalue(), verify.Outside()).findings)
