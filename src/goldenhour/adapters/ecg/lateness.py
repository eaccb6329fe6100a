"""How late packets come by their source's clock: what that tells of the clock, and what not.

Rule 1: a packet that came at once shows how far the clock is behind, a late one does not: the least
        counts. Nothing comes before it was taken, so one that seems to shows a clock ahead.
Rule 2: what comes much faster than it was taken was recorded before: it tells nothing, and the
        source's clock stands. What comes at its own pace is live. Until enough has come to tell,
        it is taken for live.
"""

from typing import Final

from goldenhour.kernel.time import SECOND_MS

_ENOUGH_MS: Final = 5 * SECOND_MS
"""So much of a recording tells how fast it comes."""
_TIMES: Final = 2
"""Faster than this it is no live one; slower, the line was down and nothing is told."""


class Lateness:
    """Of one stream; `known_ms`: what was found out before."""

    def __init__(self, known_ms: int | None = None) -> None:
        self._least_ms = known_ms
        self._live = None if known_ms is None else True
        self._since: tuple[int, int] | None = None
        """Where the pace is measured from, by the source's clock and by ours."""

    def hear(self, taken_ms: int, received_ms: int) -> int:
        """After this packet: how far the clock is behind, less than 0 when it is ahead."""
        if not self._live:
            self._judge_pace(taken_ms, received_ms)
        late_ms = received_ms - taken_ms
        if self._live is not False or late_ms < 0:
            self._least_ms = late_ms if self._least_ms is None else min(self._least_ms, late_ms)
        return self._least_ms or 0

    def _judge_pace(self, taken_ms: int, received_ms: int) -> None:
        since_ms, heard_ms = self._since or (taken_ms, received_ms)
        lasted_ms, took_ms = taken_ms - since_ms, received_ms - heard_ms
        if 0 <= lasted_ms < _ENOUGH_MS:
            self._since = (since_ms, heard_ms)
            return
        self._since = (taken_ms, received_ms)
        if lasted_ms > _TIMES * took_ms:
            self._live = False
            self._least_ms = None
        elif took_ms <= _TIMES * lasted_ms:
            self._live = True
