"""Positions of all connections into the store, in batches.

Rule 1: one append is in flight; what arrives meanwhile is the next batch. The first after a silence
        is stored at once. When one was stored just before, few wait for company, since a commit
        costs as much as fifty positions.
Rule 2: a submission is settled with True only after the append that holds it returned.
Rule 3: a failed batch is dropped and settled with False: nobody is acknowledged, so terminals,
        which keep what was not acknowledged, send it again. The store sees some fixes twice.
Rule 4: live fixes are published after the append and after the acknowledgement, best effort; a bus
        that fails loses them, one that hangs delays the next append by `bus_s` at most.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from math import inf
from typing import Final, NamedTuple

import msgspec
import structlog

from goldenhour.adapters.jt808.config import Jt808Config
from goldenhour.adapters.jt808.metrics import Metrics
from goldenhour.app.ports import Bus, TelemetryStore
from goldenhour.kernel.telemetry import Fix

TOPIC: Final = "fixes"
PUBLISHED_AT_ONCE: Final = 200
"""Fixes in one message of the bus; it must fit into its frame."""
_log = structlog.get_logger(__name__)


class Submission(NamedTuple):
    fixes: Sequence[Fix]
    settle: Callable[[bool], None]
    """Told once whether the fixes are durable."""


class FixWriter:
    def __init__(
        self,
        config: Jt808Config,
        *,
        store: TelemetryStore,
        bus: Bus,
        metrics: Metrics,
        on_room: Callable[[], None],
    ) -> None:
        self._config = config
        self._store = store
        self._bus = bus
        self._metrics = metrics
        self._on_room = on_room
        self._queue: deque[Submission] = deque()
        self._waiting = 0
        self._wake = asyncio.Event()
        self._company = asyncio.Event()
        self._began = -inf  # the last append, by the loop's clock
        self._stopping = False
        self._encoder = msgspec.json.Encoder()

    @property
    def full(self) -> bool:
        return self._waiting >= self._config.max_waiting

    @property
    def room(self) -> int:
        """How many fixes may still be submitted before it is full."""
        return max(0, self._config.max_waiting - self._waiting)

    @property
    def _has_company(self) -> bool:
        return self.full or self._waiting >= self._config.gather_fixes

    def submit(self, submission: Submission) -> None:
        self._queue.append(submission)
        self._waiting += len(submission.fixes)
        self._wake.set()
        if self._has_company:
            self._company.set()

    def stop(self) -> None:
        """Lets `run` end once everything submitted is settled."""
        self._stopping = True
        self._wake.set()
        self._company.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            while self._queue:
                await self._gather()
                await self._flush(self._take())
            if self._stopping:
                return

    async def _gather(self) -> None:
        """Returns when enough fixes wait, or the last append began long enough ago."""
        due, loop = self._began + self._config.gather_s, asyncio.get_running_loop()
        if due > loop.time() and not (self._has_company or self._stopping):
            self._company.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._company.wait()
        self._began = loop.time()

    def _take(self) -> list[Submission]:
        batch = [self._queue.popleft()]
        count = len(batch[0].fixes)
        while self._queue and count + len(self._queue[0].fixes) <= self._config.max_batch:
            batch.append(self._queue.popleft())
            count += len(batch[-1].fixes)
        return batch

    async def _flush(self, batch: list[Submission]) -> None:
        fixes = [fix for submission in batch for fix in submission.fixes]
        try:
            await self._store.append_fixes(fixes)
        except Exception:  # noqa: BLE001 (the gateway must outlive any trouble of the store)
            self._metrics.append_failures.inc()
            _log.exception("jt808.append_failed", fixes=len(fixes))
            stored = False
        else:
            self._metrics.fixes.inc(len(fixes))
            stored = True
        self._waiting -= len(fixes)
        for submission in batch:
            submission.settle(stored)
        self._on_room()
        if stored:
            await self._publish(fixes)

    async def _publish(self, fixes: list[Fix]) -> None:
        try:
            async with asyncio.timeout(self._config.bus_s):
                live = [fix for fix in fixes if not fix.catch_up]
                for first in range(0, len(live), PUBLISHED_AT_ONCE):
                    some = live[first : first + PUBLISHED_AT_ONCE]
                    await self._bus.publish(TOPIC, self._encoder.encode(some))
        except Exception as error:  # noqa: BLE001 (the bus is best effort, positions are already safe)
            self._metrics.publish_failures.inc()
            _log.warning("jt808.publish_failed", error=repr(error))
