"""When personal text and files may be erased.

Rule 1: not before the retention of its kind is over, and never under a legal hold; the refusal says
        which and until when.
Rule 2: all of a case or nothing: what is half erased serves nobody.
Rule 3: a kind of stream or file without a retention is never erased: nobody has decided about it.
"""

from collections.abc import Iterable, Mapping

from msgspec import field

from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, china_date, from_datetime, to_datetime


class Retention(Record):
    """Content: `content/retention.toml`."""

    id: str
    version: str
    sign_off: str
    sources: tuple[str, ...]
    years: dict[str, int]
    """Of text, by kind of stream."""
    files: dict[str, int] = field(default_factory=dict)
    """By kind of file; `ecg_stream` is our own recording, `cabin_video` that of a vehicle,
    `terminal_media` what a vehicle terminal took."""


class Kept(Record):
    """A personal row without its text, or a file without its bytes."""

    row: str
    topic: str
    """The kind of its stream, or of the file."""
    written_ms: int


def free_from_ms(kept: Kept, retention: Retention) -> int | None:
    """From when on the row may be erased; None: never. A 29 February ends on 1 March."""
    years = (retention.files | retention.years).get(kept.topic)
    if years is None:
        return None
    written = to_datetime(kept.written_ms).astimezone(CHINA)
    try:
        return from_datetime(written.replace(year=written.year + years))
    except ValueError:
        return from_datetime(written.replace(year=written.year + years, month=3, day=1))


def refuse_erasure(
    rows: Iterable[Kept], hold_reason: str, retention: Retention, now_ms: int
) -> Refused | None:
    """Why these rows must stay; None: they may be erased. An empty reason is no hold."""
    if hold_reason:
        return Refused(code="legal_hold", detail=hold_reason)
    latest = 0
    for kept in rows:
        free_ms = free_from_ms(kept, retention)
        if free_ms is None:
            return Refused(code="retention_unknown", detail=kept.topic)
        latest = max(latest, free_ms)
    if latest > now_ms:
        return Refused(code="retention_runs", detail=china_date(latest))
    return None


def written_before_ms(years: Mapping[str, int], now_ms: int) -> dict[str, int]:
    """For each kind: what was written earlier than this may be erased now.

    The day is taken whole: a text of 1 March goes on 2 March, in leap years too.
    """
    today = to_datetime(now_ms).astimezone(CHINA).replace(hour=0, minute=0, second=0, microsecond=0)
    limits = {}
    for kind, count in years.items():
        # 29 February of a year that has none: the last day that surely lies behind is the 28th.
        day = 28 if (today.month, today.day) == (2, 29) else today.day
        limits[kind] = from_datetime(today.replace(year=today.year - count, day=day))
    return limits
