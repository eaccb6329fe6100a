"""What a terminal double has said and may have to say again: fixes, and the parts of long messages.

Rule 1: a fix stays until the platform has answered for it.
Rule 2: parts go out as a bad line leaves them: lost, doubled, in another order. What the platform
asks for goes out as it was.
"""

from collections import deque
from itertools import islice
from random import Random  # noqa: TID251 (a simulator makes generators from the one it is given)
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.simulator import jt808_frames as frames

LONG_BYTES: Final = 4 * frames.MAX_BODY_BYTES
"""Of a history that is sent as one message in parts."""
_KEPT_MESSAGES: Final = 4


class PartFaults(Record):
    """Chances: of the loss or the doubling of a part, and of a message out of order."""

    lost: float = 0.0
    doubled: float = 0.0
    reordered: float = 0.0


class Outbox:
    """Bodies of 0x0200 on their way: `kept` for later, or sent and not yet answered."""

    def __init__(self, limit: int) -> None:
        self.kept: deque[bytes] = deque(maxlen=limit)
        self._sent: dict[int, tuple[int, list[bytes]]] = {}

    def sent(self, serial: int, bodies: list[bytes], at_ms: int) -> None:
        self._sent[serial] = (at_ms, bodies)

    def answered(self, serial: int) -> None:
        self._sent.pop(serial, None)

    def oldest_ms(self) -> int | None:
        return min((at_ms for at_ms, _ in self._sent.values()), default=None)

    def link_lost(self) -> None:
        """What was never answered is history again, before what is kept already."""
        again = [body for _, bodies in self._sent.values() for body in bodies]
        self._sent.clear()
        self.kept.extendleft(reversed(again))

    def take_batch(self, most_bytes: int = frames.MAX_BODY_BYTES) -> list[bytes]:
        """The oldest kept bodies that one 0x0704 of this length can carry."""
        count = frames.how_many_fit(islice(self.kept, most_bytes), most_bytes)
        return [self.kept.popleft() for _ in range(count)]


class LongMessages:
    """Messages in parts on one link."""

    def __init__(self, who: frames.Identity, faults: PartFaults, rng: Random) -> None:
        self._who, self._faults, self._rng = who, faults, rng
        self._kept: dict[int, list[bytes]] = {}

    def send(self, message_id: int, first_serial: int, body: bytes) -> tuple[list[bytes], int]:
        """What goes out now, and how many serials it took."""
        parts = frames.build_parts(self._who, message_id, first_serial, body)
        self._kept[first_serial] = parts
        if len(self._kept) > _KEPT_MESSAGES:
            del self._kept[next(iter(self._kept))]
        out = self._through(parts)
        if self._rng.random() < self._faults.reordered:
            self._rng.shuffle(out)
        return out, len(parts)

    def send_again(self, body: bytes) -> list[bytes]:
        """What a 0x8003 asks for; nothing when it is not kept any more."""
        return self.list_again(*frames.read_resend(self._who, body))

    def list_again(self, first_serial: int, indices: list[int]) -> list[bytes]:
        parts = self._kept.get(first_serial, [])
        return self._through([parts[n - 1] for n in indices if 1 <= n <= len(parts)])

    def link_lost(self) -> None:
        self._kept.clear()

    def _through(self, parts: list[bytes]) -> list[bytes]:
        out = []
        for part in parts:
            if self._rng.random() < self._faults.lost:
                continue
            out += [part] * (2 if self._rng.random() < self._faults.doubled else 1)
        return out
