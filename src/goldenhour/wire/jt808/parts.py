"""Long messages: sub-packages in, whole messages out, and requests for what is missing.

Rule 1: parts of one message share (phone, id, serial - index + 1, total); a part that comes twice
        counts once, and order does not matter.
Rule 2: memory is bounded: so many open messages, so many parts each; the peer is refused beyond.
Rule 3: when no part came for a while the missing ones are asked for, a few times; then the message
        is given up and named.
"""

from goldenhour.wire.jt808.codec import Message, decode_body
from goldenhour.wire.jt808.messages import PlatformResend, Raw
from goldenhour.wire.jt808.values import SERIALS, Header, Malformed, Part, Reason

_Key = tuple[str, int, int, int]


class _Open:
    """One message on its way."""

    def __init__(self, header: Header, total: int) -> None:
        self.header = header
        self.total = total
        self.pieces: dict[int, bytes] = {}
        self.asked = 0
        self.due_ms = 0

    def list_missing(self) -> tuple[int, ...]:
        return tuple(n for n in range(1, self.total + 1) if n not in self.pieces)


class Assembler:
    """The open messages of one connection."""

    def __init__(
        self, *, timeout_ms: int, max_open: int = 4, max_parts: int = 64, max_asks: int = 3
    ) -> None:
        self._timeout_ms = timeout_ms
        self._max_open = max_open
        self._max_parts = max_parts
        self._max_asks = max_asks
        self._open: dict[_Key, _Open] = {}

    def __len__(self) -> int:
        return len(self._open)

    def add(self, message: Message, now_ms: int) -> Message | Malformed | None:
        """The whole message with its last part, a refusal, or None while parts are missing.

        The header of a whole message is that of its first part.
        """
        header, body = message.header, message.body
        if header.part is None or not isinstance(body, Raw):
            raise ValueError("only a sub-package can be added")
        total = header.part.total
        first_serial = (header.serial - header.part.index + 1) % SERIALS
        key = (header.phone, header.message_id, first_serial, total)
        found = self._open.get(key)
        if found is None:
            if total > self._max_parts or len(self._open) >= self._max_open:
                return Malformed(
                    reason=Reason.CAPACITY,
                    field="part",
                    detail=f"{total} parts, {len(self._open)} messages open",
                    header=header,
                )
            first = Header(
                message_id=header.message_id,
                version=header.version,
                phone=header.phone,
                serial=first_serial,
                part=Part(total=total, index=1),
            )
            found = self._open[key] = _Open(first, total)
        found.pieces[header.part.index] = body.data
        found.due_ms = now_ms + self._timeout_ms
        if len(found.pieces) < total:
            return None
        del self._open[key]
        return decode_body(found.header, b"".join(found.pieces[n + 1] for n in range(total)))

    def list_overdue(self, now_ms: int) -> list[PlatformResend | Malformed]:
        """What to ask for now, and what has just been given up."""
        overdue: list[PlatformResend | Malformed] = []
        for key, found in list(self._open.items()):
            if now_ms < found.due_ms:
                continue
            missing = found.list_missing()
            if found.asked == self._max_asks:
                del self._open[key]
                overdue.append(
                    Malformed(
                        reason=Reason.INCOMPLETE,
                        field="part",
                        detail=f"{len(missing)} of {found.total} never came",
                        header=found.header,
                    )
                )
                continue
            found.asked += 1
            found.due_ms = now_ms + self._timeout_ms
            overdue.append(PlatformResend(first_serial=found.header.serial, indices=missing))
        return overdue
