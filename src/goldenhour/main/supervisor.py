"""The one supervisor: starts the processes of a node, watches them, stops them in order.

Rule 1: the death of one child never ends another; it is started again, after a growing pause.
Rule 2: children start in the given order, each when those before are ready, except those that start
beside the one before; they stop in reverse order, within `STOPS_WITHIN_S` altogether, after which
they are killed.
Rule 3: SIGINT and SIGTERM stop everything cleanly. When the supervisor itself is killed the kernel
kills the children, so no orphan holds a port.
Rule 4: each line that a child prints is shown with the child's name before it.
"""

import asyncio
import os
import signal
import ssl
import sys
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import httpx

from goldenhour.adapters.process import dies_with_parent
from goldenhour.kernel.record import Record

STOPS_WITHIN_S: Final = 15.0
_FIRST_PAUSE_S: Final = 0.2
_LONGEST_PAUSE_S: Final = 10.0
_STEADY_AFTER_S: Final = 30.0
"""A child that ran this long before it died is started again without an inherited pause."""
_POLL_S: Final = 0.05
_LAST_WORDS_S: Final = 1.0
_CHUNK_BYTES: Final = 65_536
_TAIL_LINES: Final = 8
# uvicorn stops cleanly and then raises the signal again, so SIGTERM ends it with -15 or 143.
_CLEAN_EXITS: Final = frozenset({0, -signal.SIGTERM, 128 + signal.SIGTERM, -signal.SIGINT, 130})
_COLOURS: Final = (36, 33, 32, 35, 34, 96, 93, 92, 95, 94)


class ReadyLine(Record, tag="line"):
    """Ready once it prints a line that holds this text."""

    text: str


class ReadyHttp(Record, tag="http"):
    """Ready once this URL answers below 500; `ca` is a certificate file to trust."""

    url: str
    ca: str | None = None


class ReadySocket(Record, tag="socket"):
    """Ready once this Unix socket accepts a connection."""

    path: str


class Child(Record):
    name: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    """Added to the supervisor's own environment."""
    ready: ReadyLine | ReadyHttp | ReadySocket | None = None
    """None: ready as soon as it is started."""
    ready_within_s: float = 60.0
    beside: bool = False
    """Starts together with the child before it."""


class SupervisorError(Exception):
    """A child never became ready; the text names it and ends with its last lines."""


class Supervisor:
    """Runs children until it is told to stop.

    `tick` is called in the main thread between checks: it keeps alive what is not a child of ours,
    such as the embedded database. `on_ready` is called once, when all children are ready.
    """

    def __init__(
        self,
        children: Sequence[Child],
        *,
        tick: Callable[[], object] = lambda: None,
        on_ready: Callable[[], None] = lambda: None,
        show: Callable[[str], None] = lambda line: print(line, flush=True),
    ) -> None:
        width = max((len(child.name) for child in children), default=0)
        coloured = sys.stdout.isatty()
        self._runs = [
            _Run(child, show, _prefix(child.name, width, number if coloured else None))
            for number, child in enumerate(children)
        ]
        self._show = show
        self._tick = tick
        self._pause_s = _POLL_S
        self._on_ready = on_ready
        self._stop = asyncio.Event()

    def run(self) -> None:
        """Blocks until SIGINT or SIGTERM; raises SupervisorError when the start fails."""
        asyncio.run(self._run())

    def stop(self) -> None:
        """As a signal would; from the supervisor's own thread."""
        self._stop.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(sign, self._stop.set)
        try:
            await self._start()
            while not self._stop.is_set():
                self._keep_ticking()
                with suppress(TimeoutError):
                    async with asyncio.timeout(self._pause_s):
                        await self._stop.wait()
        finally:
            await self._stop_all()

    def _keep_ticking(self) -> None:
        try:
            self._tick()
        except Exception as error:  # noqa: BLE001 (rule 1: its failure must not end the children)
            self._show(f"supervisor: {error}; trying again")
            self._pause_s = min(max(self._pause_s * 2, _FIRST_PAUSE_S), _LONGEST_PAUSE_S)
        else:
            self._pause_s = _POLL_S

    async def _start(self) -> None:
        starting: list[_Run] = []
        for run in self._runs:
            if not run.beside and not await self._all_ready(starting):
                return
            starting = [*starting, run] if run.beside else [run]
            run.task = asyncio.create_task(run.keep_alive())
        if await self._all_ready(starting):
            self._on_ready()

    async def _all_ready(self, runs: Sequence["_Run"]) -> bool:
        """False when we were told to stop first; raises SupervisorError."""
        stopped = asyncio.create_task(self._stop.wait())
        ready = asyncio.ensure_future(asyncio.gather(*(run.wait_ready() for run in runs)))
        await asyncio.wait((stopped, ready), return_when=asyncio.FIRST_COMPLETED)
        stopped.cancel()
        if self._stop.is_set():
            ready.cancel()
            return False
        await ready
        return True

    async def _stop_all(self) -> None:
        deadline = asyncio.get_running_loop().time() + STOPS_WITHIN_S
        for run in reversed(self._runs):
            await run.stop(deadline)


class _Run:
    """One child over all its lives."""

    def __init__(self, child: Child, show: Callable[[str], None], prefix: str) -> None:
        self._child = child
        self.beside = child.beside
        self._show = show
        self._prefix = prefix
        self._process: asyncio.subprocess.Process | None = None
        self._tail: deque[str] = deque(maxlen=_TAIL_LINES)
        self._line_seen = asyncio.Event()
        self._stopping = False
        self.task: asyncio.Task[None] | None = None

    async def keep_alive(self) -> None:
        loop = asyncio.get_running_loop()
        pause_s = _FIRST_PAUSE_S
        while True:
            started = loop.time()
            try:
                exit_code = await self._live()
            except OSError as error:
                self._say(f"cannot start: {error}")
            else:
                if self._stopping:
                    if exit_code not in _CLEAN_EXITS:
                        self._say(f"did not stop cleanly (exit code {exit_code})")
                    return
                self._say(f"ended with exit code {exit_code}; starting it again")
            if loop.time() - started > _STEADY_AFTER_S:
                pause_s = _FIRST_PAUSE_S
            await asyncio.sleep(pause_s)
            pause_s = min(pause_s * 2, _LONGEST_PAUSE_S)

    async def _live(self) -> int:
        self._process = process = await asyncio.create_subprocess_exec(
            *self._child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, "PYTHONUNBUFFERED": "1", **self._child.env},
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGKILL),
        )
        assert process.stdout is not None
        passing = asyncio.create_task(self._pass_on(process.stdout))
        # Not `process.wait()`: in some releases it also waits for grandchildren that hold the pipe.
        await _until(lambda: process.returncode is not None)
        _kill_session(process.pid)  # what the child left behind would hold its ports
        await asyncio.wait({passing}, timeout=_LAST_WORDS_S)
        passing.cancel()
        return await process.wait()

    async def _pass_on(self, output: asyncio.StreamReader) -> None:
        rest = b""
        while chunk := await output.read(_CHUNK_BYTES):
            *lines, rest = (rest + chunk).split(b"\n")
            if len(rest) > _CHUNK_BYTES:
                lines, rest = [*lines, rest], b""
            for line in lines:
                self._take(line)
        if rest:
            self._take(rest)

    def _take(self, raw: bytes) -> None:
        line = raw.decode(errors="replace").rstrip("\r")
        self._tail.append(line)
        self._say(line)
        if isinstance(self._child.ready, ReadyLine) and self._child.ready.text in line:
            self._line_seen.set()

    def _say(self, line: str) -> None:
        self._show(f"{self._prefix}{line}")

    async def wait_ready(self) -> None:
        try:
            async with asyncio.timeout(self._child.ready_within_s):
                await self._wait_ready()
        except TimeoutError:
            tail = "\n".join(f"  {line}" for line in self._tail) or "  (it printed nothing)"
            raise SupervisorError(
                f"{self._child.name} was not ready after {self._child.ready_within_s:.0f} s; "
                f"it printed last:\n{tail}"
            ) from None

    async def _wait_ready(self) -> None:
        match self._child.ready:
            case None:
                return
            case ReadyLine():
                await self._line_seen.wait()
            case ReadyHttp(url=url, ca=ca):
                context = ssl.create_default_context(cafile=ca)
                async with httpx.AsyncClient(verify=context, trust_env=False) as client:
                    while not await _answers(client, url):  # noqa: ASYNC110 (a peer, not an event)
                        await asyncio.sleep(_POLL_S)
            case ReadySocket(path=path):
                while not await _accepts(path):  # noqa: ASYNC110 (as above)
                    await asyncio.sleep(_POLL_S)

    async def stop(self, deadline: float) -> None:
        if self.task is None:
            return
        self._stopping = True
        if self._process is not None and self._process.returncode is None:
            self._process.send_signal(signal.SIGTERM)
            left_s = deadline - asyncio.get_running_loop().time()
            _, late = await asyncio.wait({self.task}, timeout=max(left_s, 0))
            if late:
                _kill_session(self._process.pid)
            await self.task
        else:
            self.task.cancel()
            await asyncio.wait({self.task})


def _kill_session(leader: int) -> None:
    with suppress(ProcessLookupError, PermissionError):  # macOS says the latter of the dead
        os.killpg(leader, signal.SIGKILL)


def _prefix(name: str, width: int, number: int | None) -> str:
    if number is None:
        return f"{name:<{width}} | "
    return f"\x1b[{_COLOURS[number % len(_COLOURS)]}m{name:<{width}} |\x1b[0m "


async def _until(is_so: Callable[[], bool]) -> None:
    while not is_so():  # noqa: ASYNC110 (the state of a process raises no event that serves here)
        await asyncio.sleep(_POLL_S)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        answer = await client.get(url)
    except httpx.TransportError:
        return False
    return not answer.is_server_error


async def _accepts(path: str) -> bool:
    try:
        _, writer = await asyncio.open_unix_connection(Path(path))
    except OSError:
        return False
    writer.close()
    return True
