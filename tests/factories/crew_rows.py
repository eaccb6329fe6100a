"""Rows of a crew's live view, plain unless told otherwise."""

from typing import Any

from goldenhour.domain.care.events import Sex
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.incident import Location
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.rows import (
    CallRow,
    HandoverRow,
    HospitalRow,
    IncidentRow,
    MissionRow,
    NodeRow,
    PatientRow,
    RecordRow,
    UnitRow,
)

SCENE = Point(lat=30.02, lon=120.0)
STATION = Point(lat=30.0, lon=120.0)
HOSPITAL = Point(lat=30.0, lon=120.05)
UNIT = "u1"


def mission(ident: str = "m1", state: str = "assigned", **changes: Any) -> MissionRow:
    fields: dict[str, Any] = {
        "id": ident, "state": state, "active": state not in ("reserved", "cleared", "stood_down"),
        "incident_id": "i1", "incident_number": "20260101-0001", "unit_id": UNIT,
        "call_sign": "A-01", "level": "R2", "due_ms": None,
        "latest_ms": None, "nodes": (), "next_milestone": None,
        "proposed": (), "proposals": (), "can_stand_down": True,
        "destination_id": "", "destination_name": "",
        "stand_down_reason": "", "task_text": "", "flags": (), "assigned_ms": 1_000,
        "since_ms": 1_000, "limit_s": None, "ended_ms": None,
    }  # fmt: skip
    return MissionRow(**(fields | changes))


def node(milestone: Milestone, **changes: Any) -> NodeRow:
    fields: dict[str, Any] = {
        "milestone": milestone, "at_ms": 1_000, "source": Source.CREW, "actor": "p1",
        "received_ms": 1_000, "original_ms": None, "reason": "", "supplied_late": False,
    }  # fmt: skip
    return NodeRow(**(fields | changes))


def incident(*, located: bool = True) -> IncidentRow:
    place = Location(label="somewhere", lat=SCENE.lat, lon=SCENE.lon)
    return IncidentRow(
        id="i1", state="open", number="20260101-0001", calls=(),
        location=place if located else None, location_source="", accuracy_m=0, topic="",
        answers={}, next_questions=(), level="R2", level_possible="", level_overridden=False,
        level_complete=False, rules=(), flags=(), plan=(), scripts=(), instructions=(),
        dispatchable=located, seat="", opened_ms=0, located_ms=None, levelled_ms=None,
        dispatched_ms=None, dispatch_target_s=None, waiting_since_ms=0, closed_ms=None,
        close_reason="", missions=(), patients=(),
    )  # fmt: skip


def unit() -> UnitRow:
    return UnitRow(
        id=UNIT, call_sign="A-01", station_id="s1", station_name="一站", station_point=STATION,
        unit_kind="als", assumed=True, state="ready", out_of_service="", crew=(), mission_id="",
        incident_id="", level="", since_ms=0, help_ms=None,
    )  # fmt: skip


def hospital(ident: str = "h1", point: Point = HOSPITAL, *, diverting: bool = False) -> HospitalRow:
    return HospitalRow(
        id=ident, name=ident, name_en=ident, point=point, capabilities=(), assumed=True,
        free_beds={}, beds_reported_ms=None, diverting=diverting, diversion_reason="",
    )  # fmt: skip


EMPTY_RECORD = RecordRow(
    sheets=(), fields={}, entries=(), missing=(), doses={}, signed_by="", signed_ms=None
)


def patient(ident: str = "p1", **changes: Any) -> PatientRow:
    fields: dict[str, Any] = {
        "id": ident, "incident_id": "i1", "mission_id": "m1", "unit_id": UNIT,
        "call_sign": "A-01", "name": None, "age_y": 50, "sex": Sex.FEMALE, "vitals": (),
        "vitals_ms": None, "measured": {}, "consciousness": "", "on_oxygen": None, "gcs": None,
        "gcs_motor": None, "gcs_parts": None, "gcs_text": "", "worse": (),
        "pain": None,
        "score": None, "score_history": (), "level": "", "level_by": "", "level_ms": None,
        "registered_ms": 0, "record": EMPTY_RECORD, "alarms": (), "portrait": None,
    }  # fmt: skip
    return PatientRow(**(fields | changes))


def handover(ident: str = "o1", state: str = "sent", **changes: Any) -> HandoverRow:
    fields: dict[str, Any] = {
        "id": ident, "state": state, "incident_id": "i1", "incident_number": "20260101-0001",
        "mission_id": "m1", "patient_id": "p1", "unit_id": UNIT, "call_sign": "A-01",
        "hospital_id": "h1", "tier": Tier.NOTICE, "needs": (), "eta_s": None, "summary": None,
        "acknowledged_name": "", "bay": "", "acknowledged_ms": None, "reason": "",
        "signatures": {}, "answer_due_ms": None, "sent_ms": 0, "ended_ms": None,
    }  # fmt: skip
    return HandoverRow(**(fields | changes))


def call(ident: str, state: str, line: str = "double") -> CallRow:
    return CallRow(
        id=ident, state=state, number=None, line=line, location=None, fields={}, owner="",
        incident_id="", disposition="", rang_ms=0, answered_ms=None, abandoned_ms=None,
        ended_ms=None, ring_backs=0,
    )  # fmt: skip


def fix(point: Point, speed_kmh: float = 0.0) -> Fix:
    return Fix(
        unit_id=UNIT, point=point, speed_kmh=speed_kmh, heading_deg=0, altitude_m=0, device_ms=0,
        received_ms=0, catch_up=False, mileage_km=None, satellites=None, alarms=(),
    )  # fmt: skip
