"""The vehicles of `telemetry`: many terminals in one process, their frames made beforehand.

It is told what to do line by line on stdin, one JSON object each, and answers the same way:
`connect`, `full` (each terminal keeps a window of unanswered frames) and `rate` (so many frames a
second over so many terminals, whatever is answered). Frames come from the simulator's own writer:
half of the terminals speak the edition of 2013; of 100 frames 3 need escapes and 1 is broken.

An acknowledgement's delay is from handing the frame to the socket to seeing its answer, so all that
this process itself is late by is in it. At a rate it wakes every 2 ms and sends what is due, as
terminals that know nothing of each other would; how late it woke is said beside (`own_lag_ms`).
It runs on uvloop, so that two processors have something left for what is measured.
What it holds of ten thousand terminals is not searched for garbage meanwhile.
"""

import asyncio
import gc
import json
import sys
from collections import deque
from functools import partial
from itertools import cycle, islice
from random import Random  # noqa: TID251 (a benchmark makes its dice from its seed)
from time import perf_counter
from typing import Any, cast

import numpy as np
import structlog
import uvloop

from goldenhour.kernel.geo import Point
from goldenhour.main.file_limit import allow_connections
from goldenhour.simulator import jt808_frames as f

MOST_TERMINALS = 12_000
RING = 100
ESCAPED = 3
PHONE_FIRST = 13_800_000_000
START_MS = 1_795_300_000_000
TICK_S = 0.002
LATE_TICK_S = 0.03
PATIENCE_S = 10.0
CONNECTING = 200
"""At once."""


def phone_of(number: int) -> str:
    return str(PHONE_FIRST + number)


def key_of(number: int) -> str:
    return f"key-{number}"


def unit_of(number: int) -> str:
    return f"unit-{number:05}"


class Terminal(asyncio.Protocol):
    def __init__(self, number: int) -> None:
        dice = Random(number)
        self.who = f.Identity(phone=phone_of(number), v2019=number % 2 == 1, plate="晋D12345")
        self._key = key_of(number)
        self._frames = cycle(ring(self.who, dice))
        self._flags = 0
        self.acked = 0
        self.sent = 0
        self.window = 0
        """Unanswered frames that it keeps; 0: it sends when told."""
        self.late: list[float] = []
        self._sent_at: deque[float] = deque()
        self.ready = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop's is none by its class
        body = f.authenticate(self.who, self._key)
        self._transport.write(f.build(self.who, f.Id.AUTHENTICATE, 0, body))

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(exc or ConnectionError("closed before the answer"))

    def data_received(self, data: bytes) -> None:
        if not self.ready.done():
            self.ready.set_result(None)
            return
        # An answer has two flags and no escape can make a third.
        self._flags += data.count(b"\x7e")
        fresh = self._flags // 2 - self.acked
        self.acked += fresh
        now = perf_counter()
        self.late.extend(now - self._sent_at.popleft() for _ in range(fresh))
        if self.window:
            self.send(fresh)

    def send(self, good: int) -> None:
        """So many good frames, with what stands between them in the ring."""
        frames, left = [], good
        while left:
            frame, is_good = next(self._frames)
            frames.append(frame)
            left -= is_good
        now = perf_counter()
        self._sent_at.extend(now for _ in range(good))
        self.sent += good
        if frames and not self._transport.is_closing():
            self._transport.write(b"".join(frames))


def ring(who: f.Identity, dice: Random) -> list[tuple[bytes, bool]]:
    """(frame, whether it is good): distinct serials and places; which ones are odd is diced."""
    odd = dice.sample(range(RING), ESCAPED + 1)
    frames = [(a_frame(who, dice, n, escaped=n in odd), True) for n in range(RING)]
    broken, _ = frames[odd[0]]
    frames[odd[0]] = (broken[:20] + bytes((broken[20] ^ 0x01,)) + broken[21:], False)
    return frames


def a_frame(who: f.Identity, dice: Random, serial: int, *, escaped: bool) -> bytes:
    while True:
        fix = f.Position(
            point=Point(lat=dice.uniform(36, 37), lon=dice.uniform(112, 113)),
            speed_kmh=12.6 if escaped else dice.uniform(20, 80),  # 126 is 7E
            heading_deg=dice.randrange(360),
            altitude_m=930,
            at_ms=START_MS + serial * 1_000,
            mileage_km=dice.uniform(0, 90_000),
            satellites=11,
        )
        frame = f.build(who, f.Id.POSITION, serial, f.position(who, fix))
        if (b"\x7d" in frame) == escaped:
            return frame


def _itself(terminal: Terminal) -> Terminal:
    return terminal


class Load:
    def __init__(self) -> None:
        self._terminals: list[Terminal] = []

    async def connect(self, *, port: int, terminals: int) -> dict[str, Any]:
        loop = asyncio.get_running_loop()
        for first in range(0, terminals, CONNECTING):
            fresh = [Terminal(n) for n in range(first, min(terminals, first + CONNECTING))]
            for terminal in fresh:
                await loop.create_connection(partial(_itself, terminal), "127.0.0.1", port)
            await asyncio.gather(*(terminal.ready for terminal in fresh))
            self._terminals += fresh
        gc.freeze()
        return {"terminals": len(self._terminals)}

    async def full(self, *, seconds: float, window: int) -> dict[str, Any]:
        begin = self._begin()
        for terminal in self._terminals:
            terminal.window = window
            terminal.send(window)
        await asyncio.sleep(seconds)
        for terminal in self._terminals:
            terminal.window = 0
        return await self._end(begin)

    async def rate(
        self, *, seconds: float, frames: int, terminals: int, patience_s: float = PATIENCE_S
    ) -> dict[str, Any]:
        begin = self._begin()
        turns = cycle(self._terminals[:terminals])
        sent, late_ticks, due_at, lags = 0, 0, begin, list[float]()
        while (now := perf_counter()) < begin + seconds:
            lags.append(now - due_at)
            due = int((now - begin) * frames) - sent
            for terminal in islice(turns, due):
                terminal.send(1)
            sent += due
            late_ticks += due > LATE_TICK_S * frames
            due_at = perf_counter() + TICK_S
            await asyncio.sleep(TICK_S)
        lag_ms = float(np.percentile(lags, 99)) * 1_000
        return await self._end(begin, patience_s) | {"late_ticks": late_ticks, "own_lag_ms": lag_ms}

    def _begin(self) -> float:
        for terminal in self._terminals:
            terminal.late = []
        return perf_counter()

    async def _end(self, begin: float, patience_s: float = PATIENCE_S) -> dict[str, Any]:
        """When everything is answered, or nothing more has come for long."""
        sent = sum(t.sent for t in self._terminals)
        acked, moved = -1, perf_counter()
        while acked < sent and perf_counter() - moved < patience_s:
            if (now := sum(t.acked for t in self._terminals)) != acked:
                acked, moved = now, perf_counter()
            await asyncio.sleep(LATE_TICK_S)
        late_ms = np.concatenate([t.late for t in self._terminals]) * 1_000
        return {
            "acked": len(late_ms),
            "missing": sent - acked,
            "acked_ever": acked,
            "seconds": perf_counter() - begin,
            "p50_ms": float(np.percentile(late_ms, 50)),
            "p99_ms": float(np.percentile(late_ms, 99)),
        }


async def main() -> None:
    load = Load()
    while line := await asyncio.to_thread(sys.stdin.readline):
        order = json.loads(line)
        answer = await getattr(load, order.pop("do"))(**order)
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    # What it says is read as answers.
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    allow_connections(MOST_TERMINALS)
    uvloop.run(main())
