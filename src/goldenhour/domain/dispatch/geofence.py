"""Time nodes that a position suggests. A fence proposes; a person sets.

Rule 1: nothing here sets a node. The proposal says how far from the place the vehicle was.
Rule 2: history proposes nothing: neither a fix caught up after a blind zone nor an old one, and
        no fix without a place.
Rule 3: arriving is standing near the place, leaving is rolling away from it; in between, where a
        position error would decide, nothing is proposed.
"""

from goldenhour.domain.dispatch.events import Milestone, MilestoneProposed
from goldenhour.domain.dispatch.mission import Mission, State
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


_BEFORE_DEPARTURE = frozenset({State.ASSIGNED, State.ACKNOWLEDGED})
_BEFORE_SCENE = _BEFORE_DEPARTURE | {State.EN_ROUTE}
_AT_SCENE = frozenset({State.ON_SCENE, State.AT_PATIENT, State.LOADED})


def propose(
    mission: Mission,
    fix: Fix,
    now_ms: int,
    fences: Fences,
    *,
    scene: Point | None,
    hospital: Point | None,
    station: Point | None,
) -> MilestoneProposed | None:
    """The furthest node that this fix suggests and that nobody has set or proposed yet."""
    age_ms = now_ms - min(fix.device_ms, fix.received_ms)
    if fix.point is None or fix.catch_up or age_ms > fences.fresh_s * SECOND_MS:
        return None
    rolling = fix.speed_kmh > fences.stopped_kmh
    from_scene_m = distance_m(fix.point, scene) if scene else None
    from_hospital_m = distance_m(fix.point, hospital) if hospital else None
    from_station_m = distance_m(fix.point, station) if station else None
    state = mission.state
    away = from_scene_m is not None and from_scene_m > fences.left_scene_m
    found: tuple[Milestone, float] | None = None
    if state is State.TO_HOSPITAL or (state is State.LOADED and away and not rolling):
        if from_hospital_m is not None and from_hospital_m <= fences.hospital_m and not rolling:
            found = (Milestone.AT_HOSPITAL, from_hospital_m)
    elif state in _AT_SCENE:
        if from_scene_m is not None and away and rolling:
            found = (Milestone.LEFT_SCENE, from_scene_m)
    elif state in _BEFORE_SCENE and not rolling:
        if from_scene_m is not None and from_scene_m <= fences.scene_m:
            found = (Milestone.ON_SCENE, from_scene_m)
    elif (
        state in _BEFORE_DEPARTURE
        and from_station_m is not None
        and from_station_m > fences.departed_m
    ):
        found = (Milestone.DEPARTED, from_station_m)
    if found is None or found[0] in mission.proposed or mission.find_node(found[0]):
        return None
    return MilestoneProposed(milestone=found[0], distance_m=round(found[1]))
