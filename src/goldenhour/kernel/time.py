"""Time is an argument.

Rule 1: an instant is an integer of milliseconds since 1970-01-01T00:00:00Z, named `*_ms`.
Rule 2: nothing here reads a clock; `main/clock.py` does, once.
Rule 3: people in China read UTC+8, which has had no daylight saving since 1991.
"""

from datetime import UTC, datetime, timedelta, timezone
from typing import Final
from zlib import crc32

SECOND_MS: Final = 1_000
MINUTE_MS: Final = 60_000
HOUR_MS: Final = 3_600_000
CHINA: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)


def from_datetime(value: datetime) -> int:
    """The instant of an aware datetime; a naive one is refused, since its zone is unknown."""
    if value.tzinfo is None:
        raise ValueError("a datetime without a time zone names no instant")
    return (value - _EPOCH) // timedelta(milliseconds=1)


def to_datetime(at_ms: int) -> datetime:
    return _EPOCH + timedelta(milliseconds=at_ms)


def china_date(at_ms: int) -> str:
    """The calendar day in China, `YYYYMMDD`: the first part of a case number."""
    return to_datetime(at_ms).astimezone(CHINA).strftime("%Y%m%d")


def phase_of(name: str) -> float:
    """A fixed share of a period, from 0 up to 1, for what many begin at once and then repeat.

    After a restart all vehicles and screens come back in one second; without this they would all
    speak in the same instant from then on, and what is urgent would wait behind them.
    """
    return crc32(name.encode()) / 2**32
