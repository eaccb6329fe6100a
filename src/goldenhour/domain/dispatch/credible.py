"""Whether a unit can be where its terminal says; and where that is silent, its crew's tablet.

Rule 1: nothing on a road is that fast: a report that lies farther from the last one that was
        believed than the unit can have come is doubted, and moves nothing. Who drives as fast as
        they do, with a receiver that is off at both ends, is never doubted.
Rule 2: who is doubted long enough and always in one neighbourhood is believed in the end: then it
        was the older report that was wrong, or the vehicle was carried.
Rule 3: a clock that runs ahead of ours is not believed: the report counts from its arrival, or it
        would be newer than everything that comes after it.
Rule 4: a terminal goes before a tablet. While its last word is fresh no tablet is heard, and when
        it speaks again it is weighed by its own word before, not by what a tablet said meanwhile.
Rule 5: a tablet that knows its place roughly, or of some time ago, is not heard; it is doubted as a
        terminal is.
Source: reliability.md, row 12 (jump over 200 km/h flagged); the numbers are content, unsigned.
"""

from enum import StrEnum

from goldenhour.kernel.geo import distance_m
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix, TabletPosition
from goldenhour.kernel.time import SECOND_MS


class Credible(Record):
    """What of a terminal is believed, and of a tablet."""

    jump_kmh: float
    jump_m: float
    """So far a receiver may jump, however short the time."""
    drive_kmh: float
    wander_m: float
    """So fast vehicles are driven, and so far off a receiver is in a street."""
    settle_s: int
    settle_reports: int
    """After so long, and so many reports that agree, the new place is believed."""
    ahead_s: int
    """A clock may be so much ahead of ours."""
    terminal_s: int
    """A terminal's word is fresh for so long."""
    tablet_s: int
    tablet_m: float
    """An older word of a tablet, or one that may be farther off, is not heard."""


class Unheard(StrEnum):
    """Why a tablet's position is not used."""

    TERMINAL = "terminal"
    COARSE = "coarse"
    OLD = "old"


class Track(Record):
    """What is known of one unit's reports."""

    believed: Fix
    doubted: tuple[Fix, ...] = ()
    """Since the last that was believed: the first of the neighbourhood, and the newest."""
    reports: int = 0
    """How many of that neighbourhood there were."""


def true_ms(fix: Fix, rules: Credible) -> int:
    """When the report was true, as far as its clock can be believed."""
    if fix.device_ms > fix.received_ms + rules.ahead_s * SECOND_MS:
        return fix.received_ms
    return fix.device_ms


def is_fresh(fix: Fix, now_ms: int, rules: Credible) -> bool:
    return now_ms - true_ms(fix, rules) < rules.terminal_s * SECOND_MS


def hear(
    position: TabletPosition, known: Fix | None, now_ms: int, rules: Credible
) -> Unheard | None:
    """`known`: the unit's position so far. None: the tablet is heard."""
    if known and not known.tablet and is_fresh(known, now_ms, rules):
        return Unheard.TERMINAL
    if position.accuracy_m > rules.tablet_m:
        return Unheard.COARSE
    if now_ms - position.device_ms > rules.tablet_s * SECOND_MS:
        return Unheard.OLD
    return None


def leads(fix: Fix, known: Fix, rules: Credible) -> bool:
    """Whether what just came goes before what the unit is known by."""
    later = true_ms(fix, rules) >= true_ms(known, rules)
    if fix.tablet == known.tablet:
        return later
    if fix.tablet:
        return later and not is_fresh(known, fix.received_ms, rules)
    return later or is_fresh(fix, fix.received_ms, rules)


def weigh(track: Track | None, fix: Fix, rules: Credible) -> Track:
    """`fix` has a point, and is not older than what the track holds. Believed: it is `believed`."""
    if track is None or _can_follow(track.believed, fix, rules):
        return Track(believed=fix)
    if not track.doubted or not _can_follow(track.doubted[-1], fix, rules):
        return Track(believed=track.believed, doubted=(fix,), reports=1)
    first, reports = track.doubted[0], track.reports + 1
    lasted_ms = true_ms(fix, rules) - true_ms(first, rules)
    if reports >= rules.settle_reports and lasted_ms >= rules.settle_s * SECOND_MS:
        return Track(believed=fix)
    return Track(believed=track.believed, doubted=(first, fix), reports=reports)


def _can_follow(before: Fix, fix: Fix, rules: Credible) -> bool:
    assert before.point is not None
    assert fix.point is not None
    metres = distance_m(before.point, fix.point)
    if metres <= rules.jump_m:
        return True
    seconds = (true_ms(fix, rules) - true_ms(before, rules)) / SECOND_MS
    driven_m = metres - 2 * rules.wander_m
    return metres * 3.6 <= rules.jump_kmh * seconds or driven_m * 3.6 <= rules.drive_kmh * seconds
