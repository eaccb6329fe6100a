"""The kinds of stream, how each is folded and what each holds alone.

Rule 1: `evolve` is total. An event of an unknown kind, or one that the slice does not expect,
        changes nothing here; the slice flags what a person should look at.
Rule 2: bodies are never rewritten. `decode_event` reads every version ever released; a version
        that needs lifting gets its upcast here, beside the kind that it lifts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import AlertEvent
from goldenhour.domain.care import patient
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import PatientEvent
from goldenhour.domain.care.file_events import FileEvent
from goldenhour.domain.care.moved_events import MovedEvent
from goldenhour.domain.care.portrait_events import PortraitEvent
from goldenhour.domain.dispatch import mission, road
from goldenhour.domain.dispatch.events import MissionEvent, RoadEvent
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import HandoverEvent
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.events import CallEvent, IncidentEvent
from goldenhour.domain.register import hospital, roster, station, unit
from goldenhour.domain.register.events import (
    HospitalEvent,
    RosterEvent,
    StationListed,
    UnitEvent,
)
from goldenhour.kernel.outcome import Claim
from goldenhour.kernel.recorded import Recorded

State = (
    call.Call
    | incident.Incident
    | mission.Mission
    | patient.Patient
    | prealert.Handover
    | alert.Alert
    | unit.Unit
    | hospital.Hospital
    | road.Road
    | roster.UnitWeek
    | station.Station
)
States = Mapping[str, State]
"""Stream id -> state; a stream that does not exist yet is absent."""

_EVOLVE: Final[dict[str, Callable[[Any, Recorded], Any]]] = {
    "call": call.evolve,
    "incident": incident.evolve,
    "mission": mission.evolve,
    "patient": patient.evolve,
    "handover": prealert.evolve,
    "alert": alert.evolve,
    "unit": unit.evolve,
    "hospital": hospital.evolve,
    "road": road.evolve,
    "roster": roster.evolve,
    "station": station.evolve,
}
KINDS: Final = tuple(_EVOLVE)

Event = (
    CallEvent
    | IncidentEvent
    | MissionEvent
    | PatientEvent
    | EcgRead
    | EcgInterpreted
    | FileEvent
    | MovedEvent
    | PortraitEvent
    | HandoverEvent
    | AlertEvent
    | UnitEvent
    | HospitalEvent
    | RoadEvent
    | RosterEvent
    | StationListed
)
_DECODER: Final = msgspec.json.Decoder(Event)
_ENCODER: Final = msgspec.json.Encoder(order="deterministic")
_KIND: Final = msgspec.json.Decoder(dict[str, Any])


class Unknown(msgspec.Struct, frozen=True):
    """An event of a kind or version unknown to this release: kept, passed on, not folded."""

    kind: str
    body: bytes


def kind_of(stream: str) -> str:
    return stream.partition(":")[0]


def encode_event(event: Any) -> bytes:
    """The canonical bytes that are hashed and stored."""
    return event.body if isinstance(event, Unknown) else _ENCODER.encode(event)


def event_kind(event: Any) -> str:
    return event.kind if isinstance(event, Unknown) else str(event.__struct_config__.tag)


def decode_event(body: bytes) -> Any:
    """The event of stored bytes; `Unknown` when this release cannot read it. Never raises."""
    try:
        return _DECODER.decode(body)
    except msgspec.DecodeError:
        pass
    try:
        kind = str(_KIND.decode(body).get("kind", ""))
    except msgspec.DecodeError:
        kind = ""
    return Unknown(kind=kind, body=body)


def evolve(stream: str, state: State | None, recorded: Recorded) -> State | None:
    fold = _EVOLVE.get(kind_of(stream))
    if fold is None or isinstance(recorded.event, Unknown):
        return state
    result: State | None = fold(state, recorded)
    return result


def claims(state: State | None) -> frozenset[Claim]:
    """What the stream holds alone in this state; the store refuses a second holder."""
    match state:
        case mission.Mission():
            return frozenset(mission.claims(state))
        case incident.Incident():
            return frozenset(incident.claims(state))
        case unit.Unit():
            return frozenset(unit.claims(state))
        case _:
            return frozenset()


def is_open(state: State | None) -> bool:
    """Whether the stream keeps its case on live screens.

    A patient's does not end, and follows; a week of the roster is asked for by its name.
    """
    match state:
        case call.Call():
            return state.state is not call.State.ENDED
        case incident.Incident():
            return state.state is incident.State.OPEN
        case mission.Mission() | prealert.Handover():
            return state.ended_ms is None
        case alert.Alert():
            return state.state is not alert.State.RESOLVED
        case road.Road():
            return state.reopened_ms is None
        case patient.Patient() | roster.UnitWeek() | None:
            return False
        case _:
            return True
