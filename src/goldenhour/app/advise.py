"""Advice for a screen: facts gathered from a live view, then one pure function.

Rule 1: nothing here awaits, writes or asks a third party; an answer is as old as the view.
Rule 2: a position that cannot be revealed is an absent position: the answer is a refusal with a
        code, never a guess.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from msgspec.structs import replace

from goldenhour.app.chart import list_patients, was_on
from goldenhour.app.fleet import Fleet, Sources
from goldenhour.app.positions import Positions, true_ms
from goldenhour.app.travel_times import Spots, TravelTimes
from goldenhour.domain.care import sheet_answers
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case import Facts
from goldenhour.domain.commands import ProposeMilestone
from goldenhour.domain.dispatch import geofence
from goldenhour.domain.dispatch.arrival import Spread, range_of
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.dispatch.recommend import (
    Recommendation,
    recommend,
    wanted_of,
)
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.handover.choose import (
    Clock,
    DestinationRules,
    HospitalFact,
    RankedHospital,
    needs_of,
    rank_hospitals,
)
from goldenhour.domain.intake import incident
from goldenhour.domain.intake.call import Call
from goldenhour.domain.intake.incident import Incident, Location
from goldenhour.domain.register.city import City, area_at
from goldenhour.domain.register.hospital import Hospital
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage import determine
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Fix, NumericSet, is_by_hand
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.views.answers import DuplicateAnswer, EtaAnswer, LevelIfAnswer, RecommendAnswer
from goldenhour.views.fold import Folded
from goldenhour.views.person import joined
from goldenhour.views.render import location_of

RANGED: Final = 10
"""Of so many of the first ranked units it is said how sure their arrival is."""


@dataclass(frozen=True, slots=True)
class Grounds:
    """What advice on dispatch rests on, at one moment."""

    view: Folded
    positions: Positions
    travel: TravelTimes
    facts: Facts
    rules: DispatchRules
    now_ms: int
    city: City | None = None
    """Without one no unit has a home that it could leave short."""
    spread: Spread | None = None
    """How far off arrivals were; None: not known."""
    fleet: Fleet = field(default_factory=Fleet)
    """Whoever asks about a view again and again keeps one with it."""


def recommend_for(grounds: Grounds, incident_id: str) -> RecommendAnswer | Refused:
    result = ranking_for(grounds, incident_id)
    if isinstance(result, Refused):
        return result
    return RecommendAnswer(
        ranked=result.proposal.ranked,
        skipped=result.proposal.skipped,
        metric_version=result.proposal.metric_version,
        computed_ms=result.proposal.computed_ms,
        shortfall=result.shortfall,
        ranges={
            one.unit_id: found
            for one in result.proposal.ranked[:RANGED]
            if not one.estimated and (found := range_of(grounds.spread, one.eta_s))
        },
    )


def ranking_for(
    grounds: Grounds, incident_id: str, freed: frozenset[str] = frozenset()
) -> Recommendation | Refused:
    """`freed` are units that count as free though they are on a run."""
    view, travel, city = grounds.view, grounds.travel, grounds.city
    rules, now_ms = grounds.rules, grounds.now_ms
    found = view.states.get(f"incident:{incident_id}")
    if not isinstance(found, Incident):
        return Refused(code="absent", field="incident_id")
    scene = _scene(view, found)
    if scene is None:
        return Refused(code="no_location", field="incident_id")
    plan = grounds.facts.triage.find_plan(found.level, found.topic) if found.level else None
    fleet = grounds.fleet
    fleet.catch_up(Sources(view, grounds.positions, travel, rules, city))
    times = travel.times_to(travel.locate_fixed(scene), fleet.spots)
    known = fleet.known(wanted_of(plan, rules), times, now_ms, freed)
    area = area_at(city, scene) if city else ""
    return recommend(known, plan, now_ms, rules, times.metric_version, area=area)


def hospitals_for(
    view: Folded,
    positions: Positions,
    travel: TravelTimes,
    *,
    rules: DestinationRules,
    mission_id: str,
    needs: Sequence[str],
    now_ms: int,
) -> tuple[RankedHospital, ...] | Refused:
    """From where the patient is: the scene until the vehicle has left it, then the vehicle."""
    run = view.states.get(f"mission:{mission_id}")
    if not isinstance(run, Mission):
        return Refused(code="absent", field="mission_id")
    contact = run.find_node(Milestone.AT_PATIENT)
    since_ms = {Clock.FMC: contact.at_ms} if contact else {}
    wanted = needs_of(needs, since_ms | began_of(view, mission_id, rules), rules)
    if isinstance(wanted, Refused):
        return wanted
    found = view.states.get(f"incident:{run.incident_id}")
    scene = _scene(view, found) if isinstance(found, Incident) else None
    fix, spot = positions.fixes.get(run.unit_id), positions.find_spot(run.unit_id)
    under_way = run.find_node(Milestone.LEFT_SCENE) is not None
    stale = False
    if fix and spot and (under_way or scene is None):
        source = spot
        stale = now_ms - true_ms(fix) > rules.position_fresh_s * SECOND_MS
    elif scene:
        source = travel.locate_fixed(scene)
        stale = under_way
    else:
        return Refused(code="no_location", field="mission_id")
    hospitals = {
        stream.partition(":")[2]: state
        for stream, state in view.states.items()
        if isinstance(state, Hospital)
    }
    times = travel.times_from(
        source, Spots.of([travel.locate_fixed(h.point) for h in hospitals.values()])
    )
    known = [
        HospitalFact(
            hospital_id=ident,
            hospital=hospital,
            eta_s=None if leg.seconds is None else round(leg.seconds),
            estimated=leg.estimated or stale,
        )
        for (ident, hospital), leg in zip(hospitals.items(), times.legs, strict=True)
    ]
    return rank_hospitals(known, wanted, now_ms, rules)


def began_of(view: Folded, mission_id: str, rules: DestinationRules) -> dict[Clock, int]:
    """When the clocks of the run's patients began; of several patients the longest ago counts."""
    found: dict[Clock, int] = {}
    for _stream, person in list_patients(view, mission_id):
        for one in rules.began:
            told = (
                *(person.record.value(name) for name in one.at),
                *(sheet_answers.began(person.record, name) for name in one.ago_min),
            )
            at_ms = next((int(at) for at in told if isinstance(at, int | float)), None)
            if at_ms is not None:
                found[one.clock] = min(at_ms, found.get(one.clock, at_ms))
    return found


def next_levels_for(
    view: Folded, *, facts: Facts, incident_id: str, question: str
) -> tuple[LevelIfAnswer, ...] | Refused:
    """What each answer to an open question would establish; questions without options: nothing."""
    found = view.states.get(f"incident:{incident_id}")
    if not isinstance(found, Incident):
        return Refused(code="absent", field="incident_id")
    levels = determine.levels_if(found, question, facts.triage)
    return tuple(
        LevelIfAnswer(answer=answer, level=level or "") for answer, level in levels.items()
    )


def duplicates_for(
    view: Folded, *, rules: DispatchRules, incident_id: str = "", call_id: str = ""
) -> tuple[DuplicateAnswer, ...] | Refused:
    """Open incidents near in place and time, nearest first; none while the place is unknown.

    Asked about an incident, or about a call that has none yet: by where its operator saw it.
    """
    own = view.states.get(f"call:{call_id}" if call_id else f"incident:{incident_id}")
    if not isinstance(own, Incident | Call):
        return Refused(code="absent", field="call_id" if call_id else "incident_id")
    if isinstance(own, Call):
        seen = location_of(own.location, view.reveal)
        here, since_ms = _point(seen) if seen else None, own.rang_ms
    else:
        here, since_ms = _scene(view, own), own.opened_ms
    found = []
    for stream, other in view.states.items():
        if not isinstance(other, Incident) or other is own or other.state is incident.State.CLOSED:
            continue
        apart_ms = abs(other.opened_ms - since_ms)
        place = location_of(other.location, view.reveal)
        if here is None or place is None or apart_ms > rules.duplicates.apart_min * MINUTE_MS:
            continue
        away_m = distance_m(here, _point(place))
        if away_m <= rules.duplicates.distance_m:
            found.append(
                DuplicateAnswer(
                    incident_id=stream.partition(":")[2],
                    number=other.number,
                    distance_m=round(away_m),
                    minutes=apart_ms // MINUTE_MS,
                    label=place.label,
                    topic=other.topic,
                )
            )
    return tuple(sorted(found, key=lambda d: (d.distance_m, d.number)))


def propose_for(
    view: Folded, fix: Fix, *, rules: DispatchRules, now_ms: int, before: Sequence[Fix] = ()
) -> ProposeMilestone | None:
    """The command for a node that this fix suggests, if its unit is on a run.

    `before`: the unit's positions before it, oldest first.
    """
    for ident in view.linked(f"unit:{fix.unit_id}", "mission"):
        run = view.states.get(f"mission:{ident}")
        if not isinstance(run, Mission) or not run.active:
            continue
        case = view.states.get(f"incident:{run.incident_id}")
        goal = view.states.get(f"hospital:{run.destination_id}")
        unit = view.states.get(f"unit:{fix.unit_id}")
        proposed = geofence.propose(
            run,
            fix,
            now_ms,
            rules.fences,
            geofence.Places(
                scene=_scene(view, case) if isinstance(case, Incident) else None,
                hospital=goal.point if isinstance(goal, Hospital) else None,
                station=unit.station_point if isinstance(unit, Unit) else None,
            ),
            before=before,
        )
        if proposed is None:
            return None
        return ProposeMilestone(
            mission_id=ident,
            milestone=proposed.milestone,
            distance_m=proposed.distance_m,
            confidence=proposed.confidence,
            doubts=proposed.doubts,
            sight=proposed.sight,
        )
    return None


def route_ends(
    view: Folded, fixes: Mapping[str, Fix], mission_id: str, to: str
) -> tuple[Point, Point] | None:
    """From where the vehicle is to the scene, its hospital or its station; None: not known."""
    run = view.states.get(f"mission:{mission_id}")
    if not isinstance(run, Mission):
        return None
    vehicle = view.states.get(f"unit:{run.unit_id}")
    station = vehicle.station_point if isinstance(vehicle, Unit) else None
    fix = fixes.get(run.unit_id)
    start = (fix.point if fix else None) or station
    end: Point | None = None
    match to:
        case "scene":
            found = view.states.get(f"incident:{run.incident_id}")
            end = _scene(view, found) if isinstance(found, Incident) else None
        case "hospital":
            where = view.states.get(f"hospital:{run.destination_id}")
            end = where.point if isinstance(where, Hospital) else None
        case _:
            end = station
    return (start, end) if start and end else None


def way_to_case(
    view: Folded, fixes: Mapping[str, Fix], unit_id: str, incident_id: str
) -> tuple[Point, Point] | None:
    """From where a unit is to a case that it has not been sent to; None: not known."""
    vehicle = view.states.get(f"unit:{unit_id}")
    found = view.states.get(f"incident:{incident_id}")
    if not isinstance(vehicle, Unit) or not isinstance(found, Incident):
        return None
    fix, end = fixes.get(unit_id), _scene(view, found)
    start = (fix.point if fix else None) or vehicle.station_point
    return (start, end) if end else None


_BOUND_FOR: Final = {
    State.ASSIGNED: "scene",
    State.ACKNOWLEDGED: "scene",
    State.EN_ROUTE: "scene",
    State.LOADED: "hospital",
    State.TO_HOSPITAL: "hospital",
}
"""Where a vehicle in this state is on its way to."""


def etas_for(
    view: Folded,
    positions: Positions,
    travel: TravelTimes,
    *,
    now_ms: int,
    spread: Spread | None = None,
) -> tuple[EtaAnswer, ...]:
    """Of every run that is under way to a place that is known."""
    found = []
    for stream, run in view.states.items():
        if not isinstance(run, Mission) or run.state not in _BOUND_FOR:
            continue
        ident, to = stream.partition(":")[2], _BOUND_FOR[run.state]
        ends = route_ends(view, positions.fixes, ident, to)
        if ends is None:
            continue
        fix = positions.fixes.get(run.unit_id)
        start = positions.find_spot(run.unit_id) or travel.locate_fixed(ends[0])
        leg = travel.times_to(travel.locate_fixed(ends[1]), Spots.of([start])).legs[0]
        seconds = None if leg.seconds is None else round(leg.seconds)
        found.append(
            EtaAnswer(
                mission_id=ident,
                unit_id=run.unit_id,
                to=to,
                seconds=seconds,
                range=None if leg.estimated else range_of(spread, seconds),
                estimated=leg.estimated,
                position_age_s=(
                    max(0, now_ms - true_ms(fix)) // SECOND_MS if fix and fix.point else None
                ),
                computed_ms=now_ms,
            )
        )
    return tuple(found)


def vitals_span(view: Folded, patient_id: str) -> tuple[str, int, int | None] | None:
    """Which unit's monitor measured this patient, and from when to when."""
    person = view.states.get(f"patient:{patient_id}")
    if not isinstance(person, Patient):
        return None
    run = view.states.get(f"mission:{person.mission_id}")
    ended_ms = run.ended_ms if isinstance(run, Mission) else None
    # Registered twice in one vehicle: the monitor measured them from the first time on.
    twice = (one for one in joined(person, view) if one.unit_id == person.unit_id)
    begun_ms = min((person.registered_ms, *(one.registered_ms for one in twice)))
    return (person.unit_id, begun_ms, ended_ms)


def worn_by(view: Folded, patient_id: str, sets: Iterable[NumericSet]) -> list[NumericSet]:
    """Of a unit's sets those of this patient; of a time before devices had a place, all."""
    person = view.states.get(f"patient:{patient_id}")
    if not isinstance(person, Patient):
        return list(sets)
    run = view.states.get(f"mission:{person.mission_id}")
    if not isinstance(run, Mission):
        return list(sets)
    own = {None, patient_id, *person.joined}
    return [
        replace(
            one,
            values=tuple(n for n in one.values if was_on(run, one, n, own)),
        )
        for one in sets
        if run.devices.wearer_at(one.device_id, one.received_ms) in own
    ]


def list_typed(view: Folded, patient_id: str, from_ms: int) -> list[NumericSet]:
    """What persons typed of this patient, on this record and on those merged into it."""
    person = view.states.get(f"patient:{patient_id}")
    records = (person, *joined(person, view)) if isinstance(person, Patient) else ()
    return [
        one
        for record in records
        for one in record.charted
        if is_by_hand(one.device_id) and one.received_ms >= from_ms
    ]


def _scene(view: Folded, state: Incident) -> Point | None:
    place = location_of(state.location, view.reveal)
    return _point(place) if place else None


def _point(place: Location) -> Point:
    return Point(lat=place.lat, lon=place.lon)
