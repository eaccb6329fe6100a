"""What is known of units and hospitals: who and what exists, with history."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record


class UnitKind(StrEnum):
    ALS = "als"  # 监护型
    BLS = "bls"  # 普通型


class UnitListed(Record, tag="unit.listed.v1", tag_field="kind", omit_defaults=True):
    call_sign: str
    station_id: str
    station_name: str
    station_point: Point
    unit_kind: UnitKind
    assumed: bool
    """True when the importer invented the fact; shown as 推定 until someone confirms it."""
    plate: str = ""
    """The number plate; empty where nobody has said it. Then it is not written: an older vehicle
    reads the event."""


class DutyChanged(Record, tag="unit.duty_changed.v1", tag_field="kind"):
    on_duty: bool
    crew: tuple[str, ...]


class CheckTakenOver(Record, tag="unit.check_taken_over.v1", tag_field="kind"):
    """Whoever comes on signs for the vehicle as the check describes it."""

    check_id: str
    name: str


class OutOfService(Record, tag="unit.out_of_service.v1", tag_field="kind"):
    reason: str
    """A code: decontamination, refuel, fault, meal, handover."""


class UnitChecked(Record, tag="unit.checked.v1", tag_field="kind"):
    """The crew has looked at everything on the list before its shift."""

    check_id: str
    name: str
    """Who answers for it."""
    answers: dict[str, bool | float]
    """By item of the list."""
    defects: tuple[str, ...]
    """Items that were not in order."""
    content: str
    """id@version of the list."""


class BackInService(Record, tag="unit.back_in_service.v1", tag_field="kind"):
    pass


class HelpAlarm(StrEnum):
    """An alarm of a vehicle's terminal that may call for help, by its name on the wire."""

    SOS = "sos"
    """Its emergency button."""
    COLLISION = "collision"
    ROLLOVER = "rollover"


class HelpCalled(Record, tag="unit.help_called.v1", tag_field="kind", omit_defaults=True):
    """The crew is in danger: violence, a crash, a trap."""

    point: Point | None
    """Where the vehicle was; None: nobody knew."""
    by_alarm: HelpAlarm | None = None
    """None: the crew called on its own screen."""


class HelpEnded(Record, tag="unit.help_ended.v1", tag_field="kind"):
    reason: str
    since_ms: int
    """When it had been called."""


class UnitHomed(Record, tag="unit.homed.v1", tag_field="kind"):
    """Which node alone may assign the unit from now on (ADR 0026)."""

    unit_id: str
    node: str
    epoch: int
    """Raised whenever the home changes; the vehicle obeys the highest."""
    here: bool
    """It is the node that keeps this stream."""
    reason: str
    """In a person's words; empty where it was so from the first, or another told it."""


UnitEvent = (
    UnitListed
    | DutyChanged
    | UnitChecked
    | CheckTakenOver
    | OutOfService
    | BackInService
    | HelpCalled
    | HelpEnded
    | UnitHomed
)


class StationListed(Record, tag="station.listed.v1", tag_field="kind"):
    name: str
    name_en: str
    point: Point
    phone: str
    assumed: bool
    """True when a program invented the fact; shown as 推定 until someone confirms it."""


class CrewFunction(StrEnum):
    DOCTOR = "doctor"  # 医生
    NURSE = "nurse"  # 护士
    DRIVER = "driver"  # 驾驶员
    STRETCHER_BEARER = "stretcher_bearer"  # 担架员


class DutyKind(StrEnum):
    """What a unit is on duty for."""

    EMERGENCY = "emergency"  # 急救
    RESERVE = "reserve"  # 备班
    TRANSFER = "transfer"  # 转运
    STANDBY = "standby"  # 保障


class CrewMember(Record):
    name: Annotated[str, Meta(max_length=40)]
    function: CrewFunction
    number: Annotated[str, Meta(max_length=20)] = ""
    """The staff number, which tells two of one name apart."""


Crew = Annotated[tuple[CrewMember, ...], Meta(max_length=12)]
Reason = Annotated[str, Meta(max_length=200)]


class ShiftPlanned(Record, tag="roster.planned.v1", tag_field="kind"):
    """A unit is to be on duty; its crew may still be missing."""

    unit_id: str
    shift_id: str
    from_ms: int
    to_ms: int
    duty: DutyKind
    crew: Crew
    reason: Reason
    """Of what was planned afterwards; else empty."""


class ShiftChanged(Record, tag="roster.changed.v1", tag_field="kind"):
    """The shift as it is from now on, whole."""

    shift_id: str
    from_ms: int
    to_ms: int
    duty: DutyKind
    crew: Crew
    reason: Reason


class ShiftWithdrawn(Record, tag="roster.withdrawn.v1", tag_field="kind"):
    shift_id: str
    reason: Reason


RosterEvent = ShiftPlanned | ShiftChanged | ShiftWithdrawn


class HospitalListed(Record, tag="hospital.listed.v1", tag_field="kind"):
    name: str
    name_en: str
    point: Point
    capabilities: tuple[str, ...]
    """Capability ids of clinical.md section 4, for example `pci_24h`."""
    assumed: bool


class BedsReported(Record, tag="hospital.beds_reported.v1", tag_field="kind"):
    free: dict[str, int]
    """Free beds by kind: resus, ed, icu, cath_lab, ventilator."""


class DiversionSet(Record, tag="hospital.diversion_set.v1", tag_field="kind"):
    diverting: bool
    reason: str


HospitalEvent = HospitalListed | BedsReported | DiversionSet
