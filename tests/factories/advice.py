"""Units, hospitals, runs and positions for tests of advice, each in one line."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from goldenhour.domain.dispatch.mission import Mission, Node, State
from goldenhour.domain.dispatch.recommend import (
    NEVER,
    Known,
    Longs,
    Recommendation,
    Standing,
    gates_for,
    in_order,
    recommend,
    wanted_of,
)
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.handover.choose import HospitalFact
from goldenhour.domain.register.events import UnitKind
from goldenhour.domain.register.hospital import Hospital
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage.levels import LevelPlan
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS

NOW_MS = 1_795_300_000_000
STATION = Point(lat=50.87, lon=9.71)


class UnitFact(Record):
    """A unit with all that is known of it at the moment of asking: one row of `Known`."""

    unit_id: str
    unit: Unit
    on_mission: bool
    reserved_ms: int | None
    fix_ms: int | None
    doubted: bool
    eta_s: int | None
    estimated: bool
    home: str = ""


def recommend_of(
    units: Sequence[UnitFact], plan: LevelPlan | None, rules: DispatchRules, area: str = ""
) -> Recommendation:
    """At NOW_MS, whatever the order of the units."""
    wanted, by_id = wanted_of(plan, rules), {fact.unit_id: fact for fact in units}
    rows = in_order(
        Standing(
            unit_id=fact.unit_id,
            unit=fact.unit,
            on_mission=fact.on_mission,
            reserved_ms=fact.reserved_ms,
            home=fact.home,
        )
        for fact in units
    )
    facts = [by_id[one.unit_id] for one in rows.standing]
    known = Known(
        units=rows,
        wanted=wanted,
        gates=gates_for(rows.standing, wanted, rules),
        eta_s=told(fact.eta_s for fact in facts),
        estimated=np.array([fact.estimated for fact in facts], dtype=np.bool_),
        age_s=told(
            None if fact.fix_ms is None else max(0, NOW_MS - fact.fix_ms) // SECOND_MS
            for fact in facts
        ),
        doubted={fact.unit_id for fact in facts if fact.doubted},
    )
    return recommend(known, plan, NOW_MS, rules, metric_version=7, area=area)


def told(values: Iterable[int | None]) -> Longs:
    return np.array([NEVER if value is None else value for value in values], dtype=np.int64)


OF_UNIT = ("on_duty", "out_of_service", "crew", "checks", "duty_ms")


def unit_fact(
    call_sign: str, eta_s: int | None, kind: UnitKind = UnitKind.ALS, **changes: Any
) -> UnitFact:
    """On duty, free, seen 8 s ago by road; what a unit itself has goes to the unit."""
    of_unit = {name: changes.pop(name) for name in OF_UNIT if name in changes}
    given: dict[str, Any] = {
        "unit_id": f"u-{call_sign}",
        "on_mission": False,
        "reserved_ms": None,
        "fix_ms": NOW_MS - 8_000,
        "doubted": False,
        "eta_s": eta_s,
        "estimated": False,
    }
    unit: dict[str, Any] = {
        "call_sign": call_sign,
        "station_id": "s1",
        "station_name": "一站",
        "station_point": STATION,
        "unit_kind": kind,
        "assumed": False,
        "on_duty": True,
        "crew": (),
        "out_of_service": "",
        "since_ms": 0,
    }
    return UnitFact(unit=Unit(**(unit | of_unit)), **(given | changes))


def hospital_fact(ident: str, eta_min: float | None, *can: str, **changes: Any) -> HospitalFact:
    """A reporting-nothing, not diverting hospital with a CT and these capabilities."""
    given: dict[str, Any] = {
        "name": f"医院{ident}",
        "name_en": ident,
        "point": STATION,
        "capabilities": ("ct_24h", *can),
        "assumed": False,
        "free_beds": {},
        "beds_reported_ms": None,
        "diverting": False,
        "diversion_reason": "",
    }
    return HospitalFact(
        hospital_id=ident,
        hospital=Hospital(**(given | changes)),
        eta_s=None if eta_min is None else round(eta_min * 60),
        estimated=False,
    )


def run(state: State, *nodes: Node, **changes: Any) -> Mission:
    given: dict[str, Any] = {
        "incident_id": "i1",
        "incident_number": "20261121-0001",
        "unit_id": "u1",
        "call_sign": "A-01",
        "level": "R1",
        "seat": "03",
        "due_ms": None,
        "proposed": (),
        "destination_id": "",
        "destination_name": "",
        "stand_down_reason": "",
        "task_text": "",
        "flags": (),
        "assigned_ms": NOW_MS,
        "since_ms": NOW_MS,
        "ended_ms": None,
    }
    return Mission(state=state, nodes=nodes, **(given | changes))


def fix_at(point: Point | None, **changes: Any) -> Fix:
    given: dict[str, Any] = {
        "unit_id": "u1",
        "speed_kmh": 0.0,
        "heading_deg": 0,
        "altitude_m": 0,
        "device_ms": NOW_MS - 2_000,
        "received_ms": NOW_MS - 1_000,
        "catch_up": False,
        "mileage_km": None,
        "satellites": None,
        "alarms": (),
    }
    return Fix(point=point, **(given | changes))
