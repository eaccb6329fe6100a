"""What terminals say, read for many of them at once.

Rule 1: what came in one turn of the event loop is read together. The plain positions at the head of
        each line are one batch (wire `plain`); then one frame of each line that has more is read in
        the general way; then again, until every line is read or may not be.
Rule 2: so the frames of one line are handled in their order, and no line waits for another's whole
        talk.
"""

import asyncio
from collections.abc import Sequence
from itertools import batched
from typing import TYPE_CHECKING, Final

from goldenhour.adapters.jt808.alarms import Alarms
from goldenhour.adapters.jt808.fixes import to_fixes
from goldenhour.adapters.jt808.metrics import Metrics
from goldenhour.adapters.jt808.writer import FixWriter, Submission
from goldenhour.app.ports import Clock
from goldenhour.kernel.telemetry import Fix
from goldenhour.wire.jt808.plain import SERIAL, answer, take

if TYPE_CHECKING:  # the two speak of each other
    from goldenhour.adapters.jt808.connection import Connection

LINES: Final = 500
"""Read in one batch, so that what they submit is an append of the usual size."""


class Intake:
    def __init__(self, writer: FixWriter, alarms: Alarms, metrics: Metrics, clock: Clock) -> None:
        self._writer = writer
        self._alarms = alarms
        self._metrics = metrics
        self._clock = clock
        self._woken: dict[Connection, None] = {}  # a dict, for its order

    def wake(self, connection: "Connection") -> None:
        """It has something to read; at the end of this turn it is."""
        if not self._woken:
            asyncio.get_running_loop().call_soon(self.run)
        self._woken[connection] = None

    def run(self) -> None:
        lines, self._woken = list(self._woken), {}
        while lines:
            for some in batched(lines, LINES):
                self._take(some)
            lines = [line for line in lines if line.take_next()]

    def _take(self, lines: Sequence["Connection"]) -> None:
        rooms = [line.room for line in lines]
        heads = [(line, room) for line, room in zip(lines, rooms, strict=True) if room]
        if not heads:
            return
        found = take(
            [line.unread for line, _room in heads],
            [line.form for line, _room in heads],
            [room for _line, room in heads],
            room=self._writer.room,
            but=self._alarms.bits,
        )
        received_ms, rows, at = self._clock.now_ms(), found.rows.tolist(), 0
        fixes: list[Fix] = []
        taken: list[tuple[Connection, bytes, int]] = []
        for (line, _room), count, stop in zip(heads, found.counts, found.stops, strict=True):
            if count:
                line.took(count, stop)
                assert line.unit_id is not None
                fixes += to_fixes(rows[at : at + count], line.unit_id, received_ms, line.profile)
                taken.append((line, line.form, count))
                at += count
        if not fixes:
            return

        def settle(stored: bool) -> None:
            answers = [b""] * len(taken)
            if stored:
                forms = [form for _line, form, _count in taken]
                firsts = [line.give_serials(count) for line, _form, count in taken]
                counts = [count for _line, _form, count in taken]
                answers = answer(forms, firsts, counts, found.rows[:, SERIAL])
            for (line, _form, count), frames in zip(taken, answers, strict=True):
                line.settled(count, frames)

        self._metrics.messages.inc(len(fixes))
        self._writer.submit(Submission(fixes=fixes, settle=settle))
