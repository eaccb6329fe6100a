"""When a reserved unit is to be at the pick-up, and whether it still can be (时间窗).

Rule 1: the earliest arrival is when somebody is ready; the latest is what can be lost. A
        reservation without a latest one is never lost.
Rule 2: it is to be activated so early that it gets away and drives there by the earliest arrival.
Rule 3: it is lost only where no way is left: the time to get away is a limit, not a promise, and an
        unknown way counts as none. So the clock alone says "lost" late, and never wrongly.
"""

from enum import StrEnum

from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS


class Keeping(StrEnum):
    EARLY = "early"
    NOW = "now"  # to be activated, so that it arrives in time
    LOST = "lost"  # it arrives too late, whatever is done


class Window(Record):
    due_ms: int
    latest_ms: int | None
    """None: no window, only a time."""


def refuse(window: Window, now_ms: int) -> Refused | None:
    if window.latest_ms is None:
        return None
    if window.latest_ms < window.due_ms:
        return Refused(code="window_reversed", field="latest_ms")
    if window.latest_ms <= now_ms:
        return Refused(code="in_the_past", field="latest_ms")
    return None


def activate_ms(window: Window, road_s: int | None, get_away_s: int) -> int:
    return window.due_ms - (get_away_s + (road_s or 0)) * SECOND_MS


def keeping(window: Window, road_s: int | None, get_away_s: int, now_ms: int) -> Keeping:
    """`road_s`: to the pick-up, from where the unit is now; None: not known."""
    latest_ms = window.latest_ms
    arrives_ms = now_ms + (road_s or 0) * SECOND_MS
    if latest_ms is not None and (arrives_ms > latest_ms or now_ms >= latest_ms):
        return Keeping.LOST
    if now_ms >= activate_ms(window, road_s, get_away_s):
        return Keeping.NOW
    return Keeping.EARLY
