"""Fields that several messages share: text, BCD time and date, and a cursor over a body.

Rule 1: text is GBK. A device's words about itself never cost us its message: bytes that are no GBK
        become U+FFFD. What we send must be GBK, since a terminal shows anything else as nonsense.
Rule 2: terminals write Beijing time (GMT+8) to the second; a time that is no date is None.
"""

from datetime import date, datetime
from functools import lru_cache
from typing import Final

from goldenhour.kernel.time import CHINA, SECOND_MS, from_datetime, to_datetime
from goldenhour.wire.jt808.values import Reason, RefusedError, UnencodableError

TIME_BYTES: Final = 6
DATE_BYTES: Final = 4
_CENTURY: Final = 2000
_NIBBLE_MAX: Final = 9
_BCD: Final = tuple(
    (byte >> 4) * 10 + (byte & 15)
    if byte >> 4 <= _NIBBLE_MAX and byte & 15 <= _NIBBLE_MAX
    else None
    for byte in range(256)
)


@lru_cache(maxsize=4096)
def _find_minute_ms(data: bytes) -> int | None:
    """YYMMDDhhmm; remembered, since all vehicles report in the same few minutes."""
    year, month, day, hour, minute = (_BCD[byte] for byte in data)
    if year is None or month is None or day is None or hour is None or minute is None:
        return None
    try:
        return from_datetime(datetime(_CENTURY + year, month, day, hour, minute, tzinfo=CHINA))
    except ValueError:
        return None


def find_time_ms(data: bytes) -> int | None:
    """BCD[6] YYMMDDhhmmss."""
    minute_ms, second = _find_minute_ms(data[:5]), _BCD[data[5]]
    if minute_ms is None or second is None or second > 59:  # noqa: PLR2004 (a minute's own limit)
        return None
    return minute_ms + second * SECOND_MS


def encode_time(at_ms: int | None) -> bytes:
    if at_ms is None:
        return bytes(TIME_BYTES)
    local = to_datetime(at_ms).astimezone(CHINA)
    if local.year // 100 * 100 != _CENTURY:
        raise UnencodableError(f"device_ms: the year {local.year} has no two digits here")
    return bytes.fromhex(local.strftime("%y%m%d%H%M%S"))


def find_date(data: bytes) -> date | None:
    """BCD[4] YYYYMMDD."""
    digits = data.hex()
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def encode_date(day: date | None) -> bytes:
    if day is None:
        return bytes(DATE_BYTES)
    return bytes.fromhex(f"{day.year:04}{day.month:02}{day.day:02}")


def decode_text(data: bytes) -> str:
    return data.decode("gbk", errors="replace")


def encode_text(text: str, field: str) -> bytes:
    try:
        return text.encode("gbk")
    except UnicodeEncodeError as error:
        raise UnencodableError(f"{field}: GBK lacks {text[error.start]!r}") from error


def encode_padded(text: str, width: int, field: str) -> bytes:
    data = encode_text(text, field)
    if len(data) > width:
        raise UnencodableError(f"{field}: {len(data)} bytes do not fit {width}")
    return data.ljust(width, b"\0")


class Cursor:
    """Reads a body from left to right; running out of bytes names the field that was to come."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    @property
    def left(self) -> int:
        return len(self._data) - self._at

    def take(self, count: int, field: str) -> bytes:
        end = self._at + count
        if end > len(self._data):
            raise RefusedError(Reason.LENGTH, field, f"{self.left} bytes left of {count}")
        found = self._data[self._at : end]
        self._at = end
        return found

    def number(self, count: int, field: str) -> int:
        return int.from_bytes(self.take(count, field))

    def padded(self, width: int, field: str) -> str:
        return decode_text(self.take(width, field).rstrip(b"\0"))

    def rest(self) -> bytes:
        found = self._data[self._at :]
        self._at = len(self._data)
        return found

    def end(self, field: str) -> None:
        """Refuses bytes after the last field."""
        if self.left:
            raise RefusedError(Reason.LENGTH, field, f"{self.left} bytes too many")
