"""What a centre's fallback seat may say of what its people did while the centre was silent.

Rule 1: what a desk does by itself is its own word: calls, cases, runs of the units whose home the
        centre is, roads. What needs somebody else (a hospital, another centre, a paper form) it
        cannot have done alone.
Rule 2: it is read and written under the identity of the centre's desk, so that the second wall
        holds here too.
Rule 3: a fact that a person has told a unit by telephone is never dropped: what cannot be appended
        is kept aside with its reason.
"""

import re
from typing import Any, Final

from goldenhour.app.access import DESK
from goldenhour.app.edge import UploadItem
from goldenhour.app.journal import Identity
from goldenhour.domain import case
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.events import AlertAcknowledged, AlertRaised, AlertResolved
from goldenhour.domain.case.streams import Unknown
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    DestinationSet,
    MilestoneCorrected,
    MilestoneReached,
    MilestoneUndone,
    Reserved,
    RoadChanged,
    RoadClosed,
    RoadReopened,
    Source,
    StoodDown,
)
from goldenhour.domain.intake.events import (
    CallAbandoned,
    CallAnswered,
    CallEnded,
    CallFieldRecorded,
    CallJoined,
    CallLinked,
    CallRang,
    CallRungBack,
    CaseTaken,
    ComplaintSet,
    Determined,
    IncidentClosed,
    IncidentOpened,
    IncidentReopened,
    InstructionGiven,
    LevelOverridden,
    LocationSet,
    MissionLinked,
    OfferEnded,
    QuestionAnswered,
    StandbyOpened,
    UnitTaken,
)
from goldenhour.domain.register.events import BackInService, DutyChanged, HelpEnded, OutOfService
from goldenhour.kernel.record import Record

ALONE: Final = "seat_alone"
"""The alert that stands while a seat decides alone; the only one that it raises."""

_BEGINS: Final[dict[str, tuple[type, ...]]] = {
    "call": (CallRang,),
    "incident": (IncidentOpened, StandbyOpened),
    "mission": (Assigned, Reserved),
    "alert": (AlertRaised,),
    "road": (RoadClosed,),
    "unit": (),
}
AUTHORITY: Final[dict[str, tuple[type, ...]]] = {
    "call": (
        *(CallRang, CallAnswered, CallAbandoned, CallRungBack),
        *(CallFieldRecorded, CallLinked, CallEnded),
    ),
    "incident": (
        *(IncidentOpened, StandbyOpened, LocationSet, ComplaintSet, QuestionAnswered),
        *(Determined, LevelOverridden, InstructionGiven, CallJoined, MissionLinked, UnitTaken),
        *(CaseTaken, OfferEnded, IncidentClosed, IncidentReopened),
    ),
    "mission": (
        *(Assigned, Reserved, Activated, StoodDown, DestinationSet),
        *(MilestoneReached, MilestoneUndone, MilestoneCorrected),
    ),
    "alert": (AlertRaised, AlertAcknowledged, AlertResolved),
    "unit": (DutyChanged, OutOfService, BackInService, HelpEnded),
    "road": (RoadClosed, RoadChanged, RoadReopened),
}


def series_of(seat: str) -> str:
    """The cases that a seat opens alone are `YYYYMMDD-` this and a count."""
    return f"{seat}B"


class FromSeat(Record):
    """A fallback seat as the centre's upload meets it: `app.observe.Sender`."""

    seat: str
    org: str
    identity: Identity
    """Of the centre's desk."""
    units: frozenset[str]
    """Those that it may send alone."""

    @property
    def name(self) -> str:
        return f"seat:{self.seat}"

    @property
    def told_of(self) -> dict[str, str]:
        return {"seat": self.seat}

    def refuses(self, item: UploadItem, events: list[tuple[str, Any]], states: case.States) -> str:
        """Why it may not say this; empty when it may."""
        known = set(states)
        for stream, event in events:
            kind = case.kind_of(stream)
            said = AUTHORITY.get(kind, ())
            # What only a newer seat can read is kept and passed on, not folded.
            if not said or not isinstance(event, (*said, Unknown)):
                return "not_its_authority"
            if stream not in known and not isinstance(event, _BEGINS[kind]):
                return "not_begun"
            known.add(stream)
            if reason := self._refuses_one(item, stream, event, states.get(stream)):
                return reason
        return ""

    def _refuses_one(
        self, item: UploadItem, stream: str, event: Any, state: case.State | None
    ) -> str:
        alone = (state.code if isinstance(state, Alert) else getattr(event, "code", "")) == ALONE
        match event:
            case AlertRaised() | AlertResolved() if not alone:
                return "not_its_authority"
            case AlertResolved():
                return ""  # the mode ends by itself
            case MilestoneReached() if event.source is not Source.DISPATCHER:
                return "not_its_authority"
            case IncidentOpened() | StandbyOpened() if not self._counts(event.number):
                return "not_its_number"
            case Assigned() | Reserved() if event.unit_id not in self.units:
                return "not_its_unit"
            case _ if case.kind_of(stream) == "unit":
                if stream.partition(":")[2] not in self.units:
                    return "not_its_unit"
        return "" if item.role in DESK else "not_its_authority"

    def _counts(self, number: str) -> bool:
        return bool(re.fullmatch(rf"\d{{8}}-{series_of(self.seat)}\d{{3,}}", number))
