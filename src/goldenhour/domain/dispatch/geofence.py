"""Time nodes that a position suggests. A fence proposes; a person sets.

Rule 1: nothing here sets a node. The proposal says how far from the place the vehicle was.
Rule 2: history proposes nothing: neither a fix caught up after a blind zone nor an old one, and
        no fix without a place.
Rule 3: arriving is standing near the place, leaving is rolling away from it; in between, where a
        position error would decide, nothing is proposed.
Rule 4: every proposal says how sure it is and why not surer: nothing against it is high, one doubt
        fair, more low. It is made at once and made anew when later positions make it surer. What a
        device does not tell of its error is assumed to be large, never none.
Rule 5: the street that the vehicle stands on is no input: who proposes has no road network.
Source: own rules; a receiver's error in a street and its speed are content, to be set locally.
"""

from collections.abc import Sequence
from typing import NamedTuple

from goldenhour.domain.dispatch.events import (
    Confidence,
    Doubt,
    FenceSight,
    Milestone,
    MilestoneProposed,
)
from goldenhour.domain.dispatch.mission import Mission, State, is_news
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS


class Fences(Record):
    """Thresholds; content."""

    fresh_s: int
    stopped_kmh: float
    """Up to here a vehicle stands, above it rolls."""
    departed_m: int
    scene_m: int
    left_scene_m: int
    hospital_m: int
    aged_s: int
    """An older position is not of this moment."""
    error_m: float
    """How far a receiver with enough satellites may be off in a street."""
    untold_error_m: float
    """And one that tells of nothing, or of too few satellites."""
    satellites: int
    error_kmh: float
    """How far its speed may be off."""
    agreeing: int
    """Positions in a row that must suggest the same, for nothing to be doubted."""


class Places(NamedTuple):
    """None: not known, so it has no fence."""

    scene: Point | None
    hospital: Point | None
    station: Point | None


_BEFORE_DEPARTURE = frozenset({State.ASSIGNED, State.ACKNOWLEDGED})
_BEFORE_SCENE = _BEFORE_DEPARTURE | {State.EN_ROUTE}
_AT_SCENE = frozenset({State.ON_SCENE, State.AT_PATIENT, State.LOADED})


class _Hint(NamedTuple):
    milestone: Milestone
    distance_m: float
    inside_m: float


def propose(
    mission: Mission,
    fix: Fix,
    now_ms: int,
    fences: Fences,
    places: Places,
    *,
    before: Sequence[Fix] = (),
) -> MilestoneProposed | None:
    """The furthest node that this fix suggests, unless it is set or was proposed as surely.

    `before`: positions of the vehicle that were believed before this one, oldest first.
    """
    hint = _hint(mission, fix, now_ms, fences, places)
    if hint is None:
        return None
    fixes, newer_ms = 1, fix.device_ms
    for earlier in reversed(before):
        if earlier.device_ms >= newer_ms:
            continue
        same = _hint(mission, earlier, now_ms, fences, places)
        if same is None or same.milestone is not hint.milestone:
            break
        fixes, newer_ms = fixes + 1, earlier.device_ms
    sight = _sight(fix, now_ms, fences, hint, fixes)
    doubts = _doubts(sight, fences)
    proposed = MilestoneProposed(
        milestone=hint.milestone,
        distance_m=round(hint.distance_m),
        confidence=(Confidence.HIGH, Confidence.FAIR, Confidence.LOW)[min(len(doubts), 2)],
        doubts=doubts,
        sight=sight,
    )
    return proposed if is_news(mission, proposed) else None


def _hint(mission: Mission, fix: Fix, now_ms: int, fences: Fences, places: Places) -> _Hint | None:
    if fix.point is None or fix.catch_up or _age_ms(fix, now_ms) > fences.fresh_s * SECOND_MS:
        return None
    rolling = fix.speed_kmh > fences.stopped_kmh
    from_scene_m, from_hospital_m, from_station_m = (
        distance_m(fix.point, place) if place else None for place in places
    )
    state = mission.state
    away = from_scene_m is not None and from_scene_m > fences.left_scene_m
    if state is State.TO_HOSPITAL or (state is State.LOADED and away and not rolling):
        if from_hospital_m is not None and from_hospital_m <= fences.hospital_m and not rolling:
            inside_m = fences.hospital_m - from_hospital_m
            return _Hint(Milestone.AT_HOSPITAL, from_hospital_m, inside_m)
    elif state in _AT_SCENE:
        if from_scene_m is not None and away and rolling:
            return _Hint(Milestone.LEFT_SCENE, from_scene_m, from_scene_m - fences.left_scene_m)
    elif state in _BEFORE_SCENE and not rolling:
        if from_scene_m is not None and from_scene_m <= fences.scene_m:
            return _Hint(Milestone.ON_SCENE, from_scene_m, fences.scene_m - from_scene_m)
    elif (
        state in _BEFORE_DEPARTURE
        and from_station_m is not None
        and from_station_m > fences.departed_m
    ):
        return _Hint(Milestone.DEPARTED, from_station_m, from_station_m - fences.departed_m)
    return None


def _age_ms(fix: Fix, now_ms: int) -> int:
    return now_ms - min(fix.device_ms, fix.received_ms)


def _sight(fix: Fix, now_ms: int, fences: Fences, hint: _Hint, fixes: int) -> FenceSight:
    enough = fix.satellites is not None and fix.satellites >= fences.satellites
    error_m = fix.accuracy_m
    if error_m is None:
        error_m = fences.error_m if enough else fences.untold_error_m
    return FenceSight(
        age_s=_age_ms(fix, now_ms) // SECOND_MS,
        inside_m=round(hint.inside_m),
        error_m=round(error_m),
        error_told=fix.accuracy_m is not None or fix.satellites is not None,
        satellites=fix.satellites,
        speed_kmh=fix.speed_kmh,
        fixes=fixes,
        tablet=fix.tablet,
    )


def _doubts(sight: FenceSight, fences: Fences) -> tuple[Doubt, ...]:
    against = {
        Doubt.OLD: sight.age_s > fences.aged_s,
        Doubt.EDGE: sight.inside_m < sight.error_m,
        Doubt.SPEED: abs(sight.speed_kmh - fences.stopped_kmh) <= fences.error_kmh,
        Doubt.SINGLE: sight.fixes < fences.agreeing,
    }
    return tuple(doubt for doubt, holds in against.items() if holds)
