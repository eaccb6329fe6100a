"""The newest pictures of one camera on their way over a line that may be slower than the camera.

Rule 1: what goes begins with a key frame, and so does what goes on after anything was left out.
Rule 2: when the oldest picture that waits is older than two seconds, everything before the newest
        key frame is left out; where that one is as old, the next key frame is waited for.
Rule 3: some cameras send parameters and picture apart, with one time: the two begin together.
Rule 4: pictures only; sound is recorded and not passed on.
"""

from collections import deque
from typing import Final

from goldenhour.wire.jt1078.packet import Kind
from goldenhour.wire.jt1078.segment import Kept

MOST_OLD_MS: Final = 2_000


def begins(before: Kept | None, unit: Kept) -> bool:
    """A decoder can begin with this unit, which comes behind `before`."""
    joined = before is not None and before.kind is Kind.KEY and before.device_ms == unit.device_ms
    return unit.kind is Kind.KEY and not joined


class Newest:
    def __init__(self) -> None:
        self._waiting: deque[Kept] = deque()
        self._needs_key = True

    def put(self, unit: Kept) -> None:
        if unit.kind >= Kind.AUDIO or (self._needs_key and unit.kind is not Kind.KEY):
            return
        self._needs_key = False
        self._waiting.append(unit)
        self._leave_out(unit.received_ms)

    def pop(self, now_ms: int) -> Kept | None:
        """The next one to send."""
        self._leave_out(now_ms)
        return self._waiting.popleft() if self._waiting else None

    def __len__(self) -> int:
        return len(self._waiting)

    def _leave_out(self, now_ms: int) -> None:
        waiting = self._waiting
        if not waiting or now_ms - waiting[0].received_ms <= MOST_OLD_MS:
            return
        places = [
            place
            for place, unit in enumerate(waiting)
            if now_ms - unit.received_ms <= MOST_OLD_MS
            and begins(waiting[place - 1] if place else None, unit)
        ]
        if places:
            for _unit in range(places[-1]):
                waiting.popleft()
        else:
            waiting.clear()
            self._needs_key = True
