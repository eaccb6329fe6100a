"""Long messages in sub-packages: those of a terminal put together, and ours kept to be sent again.

Rule 1: a part belongs to the open message of its id and total among whose parts it can stand. Their
        serials rise with their index: by one each, or by more where a terminal that is sending a
        long message reports something else in between. Order of arrival does not matter.
Rule 2: a part that comes twice counts once, and postpones nothing. One of a message that is whole
        already is dropped, until `forget` says that this message was lost after all.
Rule 3: memory is bounded by number, parts, bytes and age, for each terminal, and by `Room` for all
        of them together. Beyond the number the oldest message is given up. One that is too long, or
        for which no room is left, is refused once; what else comes of it is dropped without a word.
Rule 4: when no new part came for a while the missing ones are asked for, a few times; then the
        message is given up and named. For those of a picture the first request after a silence is
        0x8800, as soon as its number is known, which stands in its first part; else 0x8003.
"""

from collections import deque
from typing import Final, NamedTuple

from goldenhour.kernel.time import MINUTE_MS
from goldenhour.wire.jt808.codec import Message, decode_body
from goldenhour.wire.jt808.media import MEDIA_ID, MediaAnswer
from goldenhour.wire.jt808.messages import PlatformResend, Raw
from goldenhour.wire.jt808.values import SERIALS, Header, Malformed, Part, Reason

MOST_ASKED: Final = 125
"""Parts in one request, as the standard limits them for 0x8800; the others are asked for next."""
_NUMBER_BYTES: Final = 4
"""Of a picture, at the head of its first part."""


class Room:
    """Bytes that the open messages of all terminals may take together."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.held_bytes = 0


class _Open:
    """One message on its way."""

    def __init__(self, header: Header, part: Part, now_ms: int) -> None:
        self.header = header
        self.total = part.total
        self.base = header.serial - part.index
        self.opened_ms = now_ms
        self.due_ms = 0
        self.asked = 0
        self.pieces: dict[int, bytes] = {}
        self.drifts: dict[int, int] = {}
        """By how much the serial of each part that came lies beyond what the first one to come
        lets expect."""
        self.too_long = False

    def drift_of(self, header: Header, index: int) -> int:
        half = SERIALS // 2
        return (header.serial - index - self.base + half) % SERIALS - half

    def is_of(self, header: Header, part: Part) -> bool:
        if (header.phone, header.message_id, part.total) != (
            self.header.phone,
            self.header.message_id,
            self.total,
        ):
            return False
        drift = self.drift_of(header, part.index)
        if part.index in self.drifts:
            return self.drifts[part.index] == drift
        if any((n < part.index) != (d < drift) for n, d in self.drifts.items() if d != drift):
            return False
        # A message that follows this one at once begins `total` serials later.
        return all(abs(drift - d) < self.total for d in self.drifts.values())

    def first_serial(self) -> int:
        """As far as it can be known while the first part is missing."""
        index = min(self.drifts)
        return (self.base + self.drifts[index] + 1) % SERIALS

    def first_header(self) -> Header:
        """The header of the whole, which is that of its first part."""
        return Header(
            message_id=self.header.message_id,
            version=self.header.version,
            phone=self.header.phone,
            serial=self.first_serial(),
            part=Part(total=self.total, index=1),
            serials=tuple((self.base + d + n) % SERIALS for n, d in sorted(self.drifts.items())),
        )

    def list_missing(self) -> tuple[int, ...]:
        return tuple(n for n in range(1, self.total + 1) if n not in self.pieces)

    def request(self) -> PlatformResend | MediaAnswer:
        """For the parts that are missing, or as many of them as one request names."""
        missing = self.list_missing()[:MOST_ASKED]
        number = self.pieces.get(1, b"")[:_NUMBER_BYTES]
        if self.header.message_id == MEDIA_ID and len(number) == _NUMBER_BYTES and not self.asked:
            return MediaAnswer(media_id=int.from_bytes(number), missing=missing)
        return PlatformResend(first_serial=self.first_serial(), indices=missing)


class _Whole(NamedTuple):
    header: Header
    at_ms: int


class Assembler:
    """The open messages of one terminal."""

    def __init__(
        self,
        *,
        timeout_ms: int,
        max_age_ms: int = 5 * MINUTE_MS,
        max_open: int = 4,
        max_parts: int = 256,
        max_bytes: int = 256 * 1024,
        max_asks: int = 3,
        room: Room | None = None,
    ) -> None:
        self._timeout_ms = timeout_ms
        self._max_age_ms = max_age_ms
        self._max_open = max_open
        self._max_parts = max_parts
        self._max_asks = max_asks
        self._own = Room(max_bytes)
        self._rooms = (self._own,) if room is None else (self._own, room)
        self._open: list[_Open] = []  # the oldest first
        self._whole: deque[_Whole] = deque(maxlen=max_open)

    def __len__(self) -> int:
        return len(self._open)

    @property
    def held_bytes(self) -> int:
        return self._own.held_bytes

    def add(self, message: Message, now_ms: int) -> Message | Malformed | None:
        """The whole message with its last part, None while parts are missing, or a refusal.

        What is refused may be another message than that of this part: the oldest one.
        """
        header, body = message.header, message.body
        if header.part is None or not isinstance(body, Raw):
            raise ValueError("only a sub-package can be added")
        index = header.part.index
        if header.part.total == 1:
            return decode_body(header, body.data)
        if self._is_repeated(header, header.part, now_ms):
            return None
        fitting = [one for one in self._open if one.is_of(header, header.part)]
        evicted = None
        if fitting:
            found = min(fitting, key=lambda one: abs(one.drift_of(header, index)))
        elif self._says_another_total(header, header.part):
            detail = f"{header.part.total} parts, before it were others"
            return Malformed(reason=Reason.RANGE, field="part", detail=detail, header=header)
        else:
            evicted = self._evict()
            found = _Open(header, header.part, now_ms)
            self._open.append(found)
        if found.too_long or index in found.drifts:
            return None
        if found.total > self._max_parts or not self._has_room(len(body.data)):
            return self._refuse_as_too_long(found, header)
        for room in self._rooms:
            room.held_bytes += len(body.data)
        found.pieces[index] = body.data
        found.drifts[index] = found.drift_of(header, index)
        found.due_ms = now_ms + self._timeout_ms
        found.asked = 0
        if len(found.pieces) < found.total:
            return evicted
        whole = found.first_header()
        data = b"".join(found.pieces[n + 1] for n in range(found.total))
        self._drop(found)
        self._whole.append(_Whole(whole, now_ms))
        return decode_body(whole, data)

    def forget(self, header: Header) -> None:
        """The whole message of this header was not kept: when it is sent again, it is taken."""
        self._whole = deque((w for w in self._whole if w.header != header), self._max_open)

    def clear(self) -> None:
        for found in list(self._open):
            self._drop(found)
        self._whole.clear()

    def list_overdue(self, now_ms: int) -> list[PlatformResend | MediaAnswer | Malformed]:
        """What to ask for now, and what has just been given up."""
        overdue: list[PlatformResend | MediaAnswer | Malformed] = []
        for found in list(self._open):
            too_old = now_ms - found.opened_ms >= self._max_age_ms
            if found.too_long:
                if too_old:
                    self._drop(found)
            elif too_old or (now_ms >= found.due_ms and found.asked == self._max_asks):
                overdue.append(self._give_up(found, Reason.INCOMPLETE))
            elif now_ms >= found.due_ms:
                overdue.append(found.request())
                found.asked += 1
                found.due_ms = now_ms + self._timeout_ms
        return overdue

    def _is_repeated(self, header: Header, part: Part, now_ms: int) -> bool:
        return any(
            (whole.phone, whole.message_id, len(whole.serials))
            == (header.phone, header.message_id, part.total)
            and whole.serials[part.index - 1] == header.serial
            and now_ms - at_ms < self._max_age_ms
            for whole, at_ms in self._whole
        )

    def _says_another_total(self, header: Header, part: Part) -> bool:
        return any(
            one.header.message_id == header.message_id
            and one.header.phone == header.phone
            and one.total != part.total
            and one.drift_of(header, part.index) in one.drifts.values()
            for one in self._open
        )

    def _has_room(self, count: int) -> bool:
        return all(room.held_bytes + count <= room.max_bytes for room in self._rooms)

    def _evict(self) -> Malformed | None:
        """Room for one more message; what had to go for it."""
        if len(self._open) < self._max_open:
            return None
        oldest = self._open[0]
        if oldest.too_long:
            self._drop(oldest)
            return None
        return self._give_up(oldest, Reason.CAPACITY)

    def _refuse_as_too_long(self, found: _Open, header: Header) -> Malformed:
        detail = f"{found.total} parts, {self.held_bytes} bytes held"
        self._release(found)
        found.too_long = True
        return Malformed(reason=Reason.CAPACITY, field="part", detail=detail, header=header)

    def _give_up(self, found: _Open, reason: Reason) -> Malformed:
        detail = f"{found.total - len(found.pieces)} of {found.total} never came"
        header = found.first_header()
        self._drop(found)
        return Malformed(reason=reason, field="part", detail=detail, header=header)

    def _drop(self, found: _Open) -> None:
        self._release(found)
        self._open.remove(found)

    def _release(self, found: _Open) -> None:
        freed = sum(len(piece) for piece in found.pieces.values())
        for room in self._rooms:
            room.held_bytes -= freed
        found.pieces.clear()


class _Split:
    """A message of ours as it went out."""

    def __init__(self, first_serial: int, frames: list[bytes], sent_ms: int) -> None:
        self.first_serial = first_serial
        self.frames = frames
        self.sent_ms = sent_ms
        self.asked = 0


class SentParts:
    """Our newest messages that went in parts, for a terminal that asks for some again."""

    def __init__(
        self,
        *,
        max_age_ms: int = 5 * MINUTE_MS,
        max_messages: int = 2,
        max_bytes: int = 256 * 1024,
        max_asks: int = 3,
    ) -> None:
        self._max_age_ms = max_age_ms
        self._max_bytes = max_bytes
        self._max_asks = max_asks
        self._split: deque[_Split] = deque(maxlen=max_messages)

    @property
    def held_bytes(self) -> int:
        return sum(len(frame) for split in self._split for frame in split.frames)

    def keep(self, first_serial: int, frames: list[bytes], now_ms: int) -> None:
        self._split.append(_Split(first_serial, frames, now_ms))
        while self.held_bytes > self._max_bytes:
            self._split.popleft()

    def list_again(self, first_serial: int, indices: tuple[int, ...], now_ms: int) -> list[bytes]:
        """Those frames as they went out; none when they are not kept, or were asked too often."""
        for split in reversed(self._split):
            if split.first_serial != first_serial:
                continue
            if now_ms - split.sent_ms >= self._max_age_ms or split.asked == self._max_asks:
                break
            split.asked += 1
            wanted = sorted({n for n in indices if 1 <= n <= len(split.frames)})
            return [split.frames[n - 1] for n in wanted]
        return []
