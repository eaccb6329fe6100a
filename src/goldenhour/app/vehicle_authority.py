"""What a vehicle may say, and why not: of its own run, what it is the authority for, no more."""

from typing import Any, Final

from goldenhour.app.edge import UploadItem
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.domain import case
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    PatientEvent,
    PatientJoined,
    PatientMerged,
    PatientRegistered,
)
from goldenhour.domain.care.file_events import FileEvent, FileMovedIn
from goldenhour.domain.care.moved_events import MovedEvent
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.portrait_events import PortraitAsked
from goldenhour.domain.case.streams import Unknown
from goldenhour.domain.dispatch.events import (
    BandGiven,
    BandTaken,
    CallbackAsked,
    DestinationSet,
    HospitalAlerted,
    LeadsPlaced,
    MilestoneCorrected,
    MilestoneReached,
    MilestoneUndone,
    MonitorBound,
    MonitorCorrected,
    MonitorReleased,
    MonitorTakenOff,
    NobodyTreated,
    NumberShown,
    OrderRefused,
    RunFileAdded,
    RunFilePut,
    SceneAlarmed,
    StandDownSeen,
)
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.events import (
    PreAlertCorrected,
    PreAlertDeathTold,
    PreAlerted,
    PreAlertWithdrawn,
    Signed,
)
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.register.events import (
    BackInService,
    CheckTakenOver,
    DutyChanged,
    HelpCalled,
    HelpEnded,
    OutOfService,
    UnitChecked,
)
from goldenhour.kernel.record import Record

AUTHORITY: Final[dict[str, tuple[type, ...]]] = {
    "mission": (
        *(MilestoneReached, MilestoneUndone, MilestoneCorrected),
        *(DestinationSet, HospitalAlerted, RunFileAdded, RunFilePut),
        *(BandGiven, BandTaken),
        *(MonitorBound, MonitorReleased, MonitorTakenOff, MonitorCorrected, LeadsPlaced),
        SceneAlarmed,
        *(CallbackAsked, NumberShown, StandDownSeen, NobodyTreated, OrderRefused),
    ),
    "patient": (
        *(*PatientEvent.__args__, *MovedEvent.__args__, *FileEvent.__args__),
        *(EcgRead, EcgInterpreted, PortraitAsked),
    ),
    "handover": (PreAlerted, PreAlertCorrected, PreAlertDeathTold, PreAlertWithdrawn, Signed),
    "unit": (
        *(DutyChanged, UnitChecked, CheckTakenOver, OutOfService, BackInService),
        *(HelpCalled, HelpEnded),
    ),
}
"""What a vehicle may say of its own; everything else is another authority's word."""


class FromVehicle(Record):
    name: str
    """Its unit."""

    @property
    def org(self) -> str:
        return f"unit:{self.name}"

    @property
    def told_of(self) -> dict[str, str]:
        return {"unit_id": self.name}

    @property
    def identity(self) -> Identity:
        # Appended always, whatever the vehicle may still read by now.
        return SYSTEM

    def refuses(self, item: UploadItem, events: list[tuple[str, Any]], states: case.States) -> str:
        del item
        return _refusal(events, states, self.name)


def _refusal(events: list[tuple[str, Any]], states: case.States, unit_id: str) -> str:
    """Why a vehicle may not say this; empty when it may."""
    for stream, event in events:
        # What only a newer vehicle can read is kept and passed on, not folded.
        said = AUTHORITY.get(case.kind_of(stream), ())
        if not said or not isinstance(event, (*said, Unknown)):
            return "not_its_authority"
        state = states.get(stream)
        if case.kind_of(stream) == "unit":
            owner = stream.partition(":")[2]
        elif isinstance(state, Mission | Patient | Handover):
            owner = state.unit_id
        elif isinstance(event, PatientRegistered | PreAlerted):
            owner = event.unit_id if _about_its_run(event, states) else ""
        else:
            owner = ""
        if owner != unit_id:
            return "not_its_run"
        if isinstance(event, Signed) and event.side != "crew":
            return "not_its_signature"
        if isinstance(event, PatientJoined | PatientMerged) and not _both_its_own(
            event, state, states
        ):
            return "not_its_run"
        if isinstance(event, FileMovedIn) and not _within_its_run(event, state, states):
            return "not_its_run"
    return ""


def other_of(event: PatientJoined | PatientMerged) -> str:
    return event.other_id if isinstance(event, PatientJoined) else event.into


def _both_its_own(
    event: PatientJoined | PatientMerged, state: case.State | None, states: case.States
) -> bool:
    """A merging gives rights on the other record, so a vehicle merges its own of one case alone."""
    other = states.get(case.stream_id("patient", other_of(event)))
    return (
        isinstance(state, Patient)
        and isinstance(other, Patient)
        and (other.unit_id, other.incident_id) == (state.unit_id, state.incident_id)
    )


def named_before(event: FileMovedIn) -> set[str]:
    """Whom the file stood at, and whom it was brought to."""
    return {event.came_from, event.brought_to} - {""}


def _within_its_run(event: FileMovedIn, state: case.State | None, states: case.States) -> bool:
    """It gives a right to bytes that were brought to another patient: of the same run alone."""
    others = [states.get(case.stream_id("patient", ident)) for ident in named_before(event)]
    return isinstance(state, Patient) and all(
        isinstance(other, Patient) and other.mission_id == state.mission_id for other in others
    )


def _about_its_run(event: PatientRegistered | PreAlerted, states: case.States) -> bool:
    """Rights follow from what these events name, so all of it must be of one run."""
    run = states.get(case.stream_id("mission", event.mission_id))
    if not isinstance(run, Mission):
        return False
    if (event.incident_id, event.unit_id) != (run.incident_id, run.unit_id):
        return False
    if isinstance(event, PatientRegistered):
        return True
    person = states.get(case.stream_id("patient", event.patient_id))
    return isinstance(person, Patient) and person.unit_id == event.unit_id
