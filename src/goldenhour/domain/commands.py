"""Everything that a person, a device or a timer can ask for, in the imperative.

A command names its streams by id. New things get their id from whoever asks for them (a client
makes UUIDv7s), so that a repeated request is the same request. Who may send which command is
declared in `app/access.py`.

It is one list without a rule in it, and long for that: what can be asked for is read here.
"""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, UnsetType, field

from goldenhour.domain.care.ecg import EcgFindings, Measured
from goldenhour.domain.care.events import Consciousness, GcsParts, NotTaken, OutOfRange, Sex
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.dispatch.events import (
    Confidence,
    Doubt,
    FenceSight,
    Milestone,
    Proposal,
    RoadReason,
    Source,
)
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import CallField, Disposition, LocationSource
from goldenhour.domain.register.events import (
    Crew,
    DutyKind,
    HelpAlarm,
    Reason,
    StationListed,
    UnitKind,
    UnitListed,
)
from goldenhour.domain.register.roster import Shift
from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import ResidentFact
from goldenhour.kernel.telemetry import NumericSet, Rhythm
from goldenhour.kernel.telemetry import Sign as VitalSign


class Ring(Record, tag="call.ring", tag_field="kind"):
    call_id: str
    number: Personal
    line: str
    location: Personal | None = None


class Answer(Record, tag="call.answer", tag_field="kind"):
    call_id: str


class Abandon(Record, tag="call.abandon", tag_field="kind"):
    call_id: str


class RingBack(Record, tag="call.ring_back", tag_field="kind"):
    call_id: str
    reached: bool


class RecordCallField(Record, tag="call.record_field", tag_field="kind"):
    call_id: str
    field: CallField
    value: Personal


class EndCall(Record, tag="call.end", tag_field="kind"):
    call_id: str
    disposition: Disposition


class OpenIncident(Record, tag="incident.open", tag_field="kind"):
    incident_id: str
    call_id: str


class OpenStandby(Record, tag="incident.open_standby", tag_field="kind"):
    """A case without a call: an occasion at which units stand by."""

    incident_id: str
    occasion: str
    from_ms: int
    until_ms: int


class EnterPaper(Record, tag="incident.enter_paper", tag_field="kind"):
    """A whole case that was written on a pre-numbered form while the system was away."""

    incident_id: str
    call_id: str
    paper_number: Annotated[str, Meta(max_length=32)]
    called_ms: int
    reason: str
    """How the case ended."""
    number: Personal | None = None
    """Who called."""
    location: Personal | None = None
    """JSON of a `Location`."""
    note: Personal | None = None
    topic: str = ""
    level: DispatchLevel | None = None
    mission_id: str = ""
    """Empty: no vehicle was sent."""
    unit_id: str = ""
    assigned_ms: int | None = None
    times: dict[Milestone, int] = field(default_factory=dict)
    stood_down: str = ""
    """Why the run was called off; empty: it ran to its end."""
    hospital_id: str = ""
    patient_id: str = ""
    """Empty: nobody was treated."""
    name: Personal | None = None
    age_y: Annotated[float, Meta(ge=0, le=150)] | None = None
    sex: Sex = Sex.UNKNOWN


class JoinCall(Record, tag="incident.join_call", tag_field="kind"):
    incident_id: str
    call_id: str


class SetLocation(Record, tag="incident.set_location", tag_field="kind"):
    incident_id: str
    location: Personal
    """JSON of `domain.intake.incident.Location`."""
    source: LocationSource
    accuracy_m: int


class SetComplaint(Record, tag="incident.set_complaint", tag_field="kind"):
    incident_id: str
    topic: str


class AnswerQuestion(Record, tag="incident.answer", tag_field="kind"):
    incident_id: str
    card: str
    question: str
    answer: bool | int | float | str | tuple[str, ...] | None


class OverrideLevel(Record, tag="incident.override_level", tag_field="kind"):
    incident_id: str
    level: DispatchLevel
    reason: str = ""


class GiveInstruction(Record, tag="incident.give_instruction", tag_field="kind"):
    incident_id: str
    instruction: str
    step: str


class CloseIncident(Record, tag="incident.close", tag_field="kind"):
    incident_id: str
    reason: str


class ReopenIncident(Record, tag="incident.reopen", tag_field="kind"):
    incident_id: str
    reason: str


class OfferCase(Record, tag="incident.offer", tag_field="kind"):
    incident_id: str
    org: str
    """The centre; the case's own for a colleague."""
    reason: str
    seat: str = ""
    """Of a colleague."""
    org_name: str = ""
    """Filled in by the server."""


class WithdrawOffer(Record, tag="incident.withdraw_offer", tag_field="kind"):
    incident_id: str
    reason: str = ""


class DeclineCase(Record, tag="incident.decline", tag_field="kind"):
    incident_id: str
    reason: str


class TakeCase(Record, tag="incident.take", tag_field="kind"):
    incident_id: str
    reason: str = ""
    """Needed where the case was not offered."""
    org_name: str = ""
    """Filled in by the server."""
    node: str = ""
    """Another node, which takes it; filled in by the server."""


class CheckMoved(Record, tag="incident.check_moved", tag_field="kind"):
    """The node that took the case should have said that it has it."""

    incident_id: str


class AskUnit(Record, tag="incident.ask_unit", tag_field="kind"):
    """Another node alone assigns this unit; it answers at once, or the ask ends."""

    incident_id: str
    unit_id: str
    mission_id: str
    """Of the run that is to be."""


class WithdrawAsk(Record, tag="incident.withdraw_ask", tag_field="kind"):
    """The unit is not wanted any more; a run that has come of it is called off by its node."""

    incident_id: str
    mission_id: str
    reason: str


class CheckAsk(Record, tag="incident.check_ask", tag_field="kind"):
    """The time for an answer is over."""

    incident_id: str
    mission_id: str


class AnswerAsk(Record, tag="incident.answer_ask", tag_field="kind"):
    """The other node has refused the ask, or to call off what came of it."""

    incident_id: str
    mission_id: str
    code: str
    detail: str = ""


class LinkRun(Record, tag="incident.link_run", tag_field="kind"):
    """A run of another node in this case has come as a copy."""

    incident_id: str
    mission_id: str


class LoseRun(Record, tag="incident.lose_run", tag_field="kind"):
    """Such a run was called off by its node, and nobody here had asked for that."""

    incident_id: str
    mission_id: str


class Lend(Record, tag="mission.lend", tag_field="kind"):
    """This node's unit is sent in another node's case, which asked for it."""

    mission_id: str
    incident_id: str
    unit_id: str
    node: str
    """That asked."""


class Assign(Record, tag="mission.assign", tag_field="kind"):
    mission_id: str
    incident_id: str
    unit_id: str
    proposal: Proposal | None = None


class Reserve(Record, tag="mission.reserve", tag_field="kind"):
    mission_id: str
    incident_id: str
    unit_id: str
    due_ms: int
    """At the pick-up not before."""
    latest_ms: int | None = None
    """And not after; None: no window."""


class Activate(Record, tag="mission.activate", tag_field="kind"):
    mission_id: str


class Reach(Record, tag="mission.reach", tag_field="kind"):
    mission_id: str
    milestone: Milestone
    source: Source
    point: Point | None = None
    at_ms: int | None = None
    """Only for a node supplied late: when it really was."""


class ProposeMilestone(Record, tag="mission.propose_milestone", tag_field="kind"):
    mission_id: str
    milestone: Milestone
    distance_m: int
    confidence: Confidence | None = None
    doubts: tuple[Doubt, ...] = ()
    sight: FenceSight | None = None


class UndoMilestone(Record, tag="mission.undo", tag_field="kind"):
    mission_id: str
    milestone: Milestone


class CorrectMilestone(Record, tag="mission.correct", tag_field="kind"):
    mission_id: str
    milestone: Milestone
    at_ms: int
    reason: str


class StandDown(Record, tag="mission.stand_down", tag_field="kind"):
    mission_id: str
    reason: str


class Divert(Record, tag="mission.divert", tag_field="kind"):
    """Ends one run and begins another of the same unit in one deed."""

    mission_id: str
    new_mission_id: str
    incident_id: str
    proposal: Proposal | None = None


class Relieve(Record, tag="mission.relieve", tag_field="kind"):
    """Another unit takes this run's place in its case (换车)."""

    mission_id: str
    new_mission_id: str
    unit_id: str
    proposal: Proposal | None = None


class SetDestination(Record, tag="mission.set_destination", tag_field="kind"):
    mission_id: str
    hospital_id: str
    reasons: tuple[str, ...] = ()
    reason: str = ""
    """Required of a dispatcher: the crew at the patient is overruled with words only."""


class Renewal(Record):
    """A pre-alert that stands elsewhere, as it is to be told to the new destination."""

    standing_id: str
    handover_id: str
    """Of the new one."""
    needs: tuple[str, ...] = ()
    summary: Personal | None = None


class Reroute(Record, tag="mission.reroute", tag_field="kind"):
    """The run goes to another hospital, and everybody who is announced elsewhere goes along."""

    mission_id: str
    hospital_id: str
    reasons: tuple[str, ...] = ()
    reason: str = ""
    """As of SetDestination."""
    eta_s: int | None = None
    renewals: tuple[Renewal, ...] = ()
    """Of every pre-alert that stands at another hospital."""


class RecordTaskText(Record, tag="mission.record_task_text", tag_field="kind"):
    mission_id: str
    outcome: str


class AddRunFile(Record, tag="mission.add_file", tag_field="kind"):
    """As AddFile, while nobody is registered yet, or while nobody has said whose it is."""

    mission_id: str
    sha256: str
    file_kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str = ""
    waiting: bool = False
    """Several patients were aboard: it is shown to none of them until a person puts it to one."""


class PutRunFile(Record, tag="mission.put_file", tag_field="kind"):
    """A file of the run that waited is this patient's."""

    mission_id: str
    patient_id: str
    sha256: str
    reason: str = ""
    """Required where it was put to somebody else before, and always of the quality desk."""
    claim: bool = False
    """It was seen waiting: refused where somebody was first."""


class AskCallback(Record, tag="mission.ask_callback", tag_field="kind"):
    """The crew wants to speak to the caller; neither sees the other's number."""

    mission_id: str
    callback_id: str


class AnswerCallback(Record, tag="mission.answer_callback", tag_field="kind"):
    mission_id: str
    callback_id: str
    outcome: str


class ShowNumber(Record, tag="mission.show_number", tag_field="kind"):
    """The crew must see the caller's number itself."""

    mission_id: str
    reason: str


class SeeStandDown(Record, tag="mission.see_stand_down", tag_field="kind"):
    """The crew has read that this run was called off."""

    mission_id: str


class RefuseOrder(Record, tag="mission.refuse_order", tag_field="kind"):
    """The vehicle's computer: it has heard a higher command of its unit than this order's."""

    mission_id: str
    epoch: int
    node: str


class CloseUntreated(Record, tag="mission.close_untreated", tag_field="kind"):
    """The crew says why its run had no patient, and signs it."""

    mission_id: str
    entry_id: str
    reason: str
    name: str
    """Who signs for the crew."""
    signer: Personal | None = None
    signature: Personal | None = None
    """Strokes as an SVG path."""
    witness: Personal | None = None
    details: Personal | None = None


class BindMonitor(Record, tag="mission.bind_monitor", tag_field="kind"):
    """A device of the vehicle is on the patient who wears this band."""

    mission_id: str
    device_id: str
    band: str
    patient_id: str = ""
    """Who gets the band, when nobody wears it yet."""


class GiveBand(Record, tag="mission.give_band", tag_field="kind"):
    """The patient wears this band, with or without a device."""

    mission_id: str
    patient_id: str
    band: str


class TakeBand(Record, tag="mission.take_band", tag_field="kind"):
    """The band is on nobody any more; what was bound by it neither, until it is said anew."""

    mission_id: str
    band: str
    reason: str


class TakeOffMonitor(Record, tag="mission.take_off_monitor", tag_field="kind"):
    """The device is on nobody, as on the bench while the patient is carried."""

    mission_id: str
    device_id: str


class PutBackMonitor(Record, tag="mission.put_back_monitor", tag_field="kind"):
    """The device is again where it was before it was taken off."""

    mission_id: str
    device_id: str


class PlaceLeads(Record, tag="mission.place_leads", tag_field="kind"):
    """The electrodes of this ECG stand so, as an id of the rules on the ECG says."""

    mission_id: str
    device_id: str
    placement: str
    from_ms: int | None = None
    """Since when; None: from now on."""


class PlaceMonitor(Record, tag="mission.place_monitor", tag_field="kind"):
    """The vehicle: a device speaks, and these are its patients: one, or not one but several."""

    mission_id: str
    device_id: str
    patient_id: str = ""
    """The only one; empty: there are several."""


class PickedFile(Record):
    """A file that a person ticks, at the patient whom it stands at."""

    patient_id: str
    sha256: str


class CorrectMonitor(Record, tag="mission.correct_monitor", tag_field="kind"):
    """In a stretch of the past the device was on this patient and not where it was said to be.

    Its pictures of that time go with it, and whatever other files the person ticked.
    """

    mission_id: str
    correction_id: str
    device_id: str
    from_ms: int
    to_ms: int
    patient_id: str
    """Empty: it was on nobody."""
    reason: str
    files: tuple[PickedFile, ...] = ()


class CheckAcknowledged(Record, tag="mission.check_acknowledged", tag_field="kind"):
    """Timer: nobody acknowledged the dispatch in time."""

    mission_id: str


class CheckDeparted(Record, tag="mission.check_departed", tag_field="kind"):
    """Timer: the vehicle has not left in time."""

    mission_id: str


class CheckWindow(Record, tag="mission.check_window", tag_field="kind"):
    """By the clock, and by the road while somebody looks: whether a reservation is due or lost."""

    mission_id: str
    road_s: int | None = None
    """From where its unit is to the pick-up; None: not known."""


class RegisterPatient(Record, tag="patient.register", tag_field="kind"):
    patient_id: str
    mission_id: str
    name: Personal | None = None
    age_y: Annotated[float, Meta(ge=0, le=150)] | None = None
    sex: Sex = Sex.UNKNOWN
    letter: Annotated[str, Meta(max_length=4)] = ""
    """Of the working name, while nobody knows another."""


class CorrectDemographic(Record, tag="patient.correct_demographic", tag_field="kind"):
    patient_id: str
    reason: str
    name: Personal | None = None
    age_y: Annotated[float, Meta(ge=0, le=150)] | UnsetType | None = UNSET
    sex: Sex | UnsetType = UNSET
    seen: dict[str, tuple[str, ...]] | None = None
    """By field (name, age_y, sex) the writes that stood on the writer's screen; None: all."""


class Identify(Record, tag="patient.identify", tag_field="kind"):
    """This patient is this person, by a card or by somebody's word; what it does not say stays."""

    patient_id: str
    write_id: str
    field: str
    """id_number, health_card"""
    text: Personal
    reason: str
    over: tuple[str, ...] = ()
    """The writes of that field that the writer saw there."""
    name: Personal | None = None
    age_y: Annotated[float, Meta(ge=0, le=150)] | UnsetType | None = UNSET
    sex: Sex | UnsetType = UNSET
    seen: dict[str, tuple[str, ...]] | None = None
    """As of a correction."""


class MergePatients(Record, tag="patient.merge", tag_field="kind"):
    """Both are one person; `patient_id` shows both from now on."""

    patient_id: str
    other_id: str
    reason: str
    handover_ids: tuple[str, ...] = ()
    """Of either, as they stand on the screen."""


class PartPatients(Record, tag="patient.part", tag_field="kind"):
    """They are two after all."""

    patient_id: str
    other_id: str
    reason: str
    handover_ids: tuple[str, ...] = ()


class ChartVitals(Record, tag="patient.chart_vitals", tag_field="kind"):
    patient_id: str
    vitals: NumericSet


class EnterVitals(Record, tag="patient.enter_vitals", tag_field="kind"):
    """Vital signs that a person measured and types."""

    patient_id: str
    entry_id: str
    values: dict[VitalSign, float] = field(default_factory=dict)
    not_taken: dict[VitalSign, NotTaken] = field(default_factory=dict)
    confirmed: tuple[VitalSign, ...] = ()
    """Beyond the plausible range, and looked at once more."""
    taken_ms: int | None = None
    """None: now."""
    out_of_range: dict[VitalSign, OutOfRange] = field(default_factory=dict)
    """Of a meter that showed LO or HI."""


class SetAlarm(Record, tag="patient.set_alarm", tag_field="kind"):
    """The vehicle's watch: a sign alarms, alarms otherwise, or does not any more."""

    patient_id: str
    sign: VitalSign
    alarm: Alarm | None
    value: float
    limit_id: str


class SetRhythm(Record, tag="patient.set_rhythm", tag_field="kind"):
    """The vehicle's watch on the live ECG: it alarms, alarms otherwise, or does not any more."""

    patient_id: str
    device_id: str
    rhythm: Rhythm | None


class SetDeviceAlarm(Record, tag="patient.set_device_alarm", tag_field="kind"):
    """What a device alarms by itself while it is on this patient, or does not any more."""

    patient_id: str
    told: DeviceAlarm


class SetDeviceSilent(Record, tag="patient.set_device_silent", tag_field="kind"):
    """A device that alarms by itself on this patient has said nothing since then."""

    patient_id: str
    device_id: str
    since_ms: int


class SetSceneAlarm(Record, tag="mission.set_scene_alarm", tag_field="kind"):
    """A device of the run is on nobody who is registered and alarms, or does not any more."""

    mission_id: str
    device_id: str
    what: str
    how: str
    priority: Priority | None
    silent_ms: int | None = None


class SeeRhythm(Record, tag="patient.see_rhythm", tag_field="kind"):
    """A person has looked at the patient: what the live ECG of this device says is ended."""

    patient_id: str
    device_id: str


class Observe(Record, tag="patient.observe", tag_field="kind"):
    patient_id: str
    consciousness: Consciousness | None = None
    on_oxygen: bool | None = None
    gcs: int | None = None
    pain: int | None = None
    gcs_motor: int | None = None
    gcs_parts: GcsParts | None = None
    """Given, `gcs` and `gcs_motor` follow from them."""
    as_before: tuple[Literal["consciousness", "on_oxygen", "gcs", "pain"], ...] = ()
    """What nobody has looked at again: it keeps its age."""


class ConfirmLevel(Record, tag="patient.confirm_level", tag_field="kind"):
    patient_id: str
    level: TriageLevel
    reason: str = ""


class SeeWorsening(Record, tag="patient.see_worsening", tag_field="kind"):
    patient_id: str
    through_ms: int
    """The newest that was on the screen."""


class WriteField(Record, tag="patient.write_field", tag_field="kind"):
    """A field of the record or, as SHEET.ITEM, of an assessment sheet."""

    patient_id: str
    write_id: str
    field: str
    value: bool | int | float | str | tuple[str, ...] | None = None
    text: Personal | None = None
    over: tuple[str, ...] = ()
    """The writes that the writer saw there."""
    reason: str = ""


class OpenSheet(Record, tag="patient.open_sheet", tag_field="kind"):
    """Begins an assessment: from then on its reading follows every change."""

    patient_id: str
    sheet: str


class GiveDrug(Record, tag="patient.give_drug", tag_field="kind"):
    patient_id: str
    entry_id: str
    drug: str
    dose: float | None = None
    unit: str = ""
    route: str = ""
    given_ms: int | None = None
    """None: now."""
    reason: str = ""
    """Required where the formulary's check stops it."""
    dose_id: str = ""
    """The row of the formulary that was chosen, which tells the indication."""


class DoProcedure(Record, tag="patient.do_procedure", tag_field="kind"):
    patient_id: str
    entry_id: str
    procedure: str
    region: str = ""
    result: str = "done"
    done_ms: int | None = None


class TakeNote(Record, tag="patient.take_note", tag_field="kind"):
    patient_id: str
    entry_id: str
    text: Personal
    region: str = ""


class RecordEcg(Record, tag="patient.record_ecg", tag_field="kind"):
    """A stretch of the vehicle's own recording, as its computer has measured it."""

    patient_id: str
    entry_id: str
    begun_ms: int
    lasts_ms: int
    device: str
    test: bool
    measured: Measured
    findings: EcgFindings


class InterpretEcg(Record, tag="patient.interpret_ecg", tag_field="kind"):
    """A physician's reading of a measured ECG, signed by whoever is logged in."""

    patient_id: str
    entry_id: str
    ecg_id: str
    text: Personal
    name: str = ""
    """Filled in by the server."""
    corrects: str = ""
    reason: str = ""


class CheckEcg(Record, tag="patient.check_ecg", tag_field="kind"):
    """A timer asks whether an ECG has waited for a physician beyond its limit."""

    patient_id: str


class WithdrawEntry(Record, tag="patient.withdraw_entry", tag_field="kind"):
    patient_id: str
    entry_id: str
    reason: str


class SignForm(Record, tag="patient.sign_form", tag_field="kind"):
    patient_id: str
    entry_id: str
    form: str
    decision: str
    signer: Personal
    relation: str
    signature: Personal | None = None
    """The strokes as an SVG path; None: could not sign, which needs a witness."""
    witness: Personal | None = None
    details: Personal | None = None


class SignRecord(Record, tag="patient.sign_record", tag_field="kind"):
    patient_id: str
    name: str


class AskPortrait(Record, tag="patient.ask_portrait", tag_field="kind"):
    """Look into the resident's record; writing an identity asks by itself."""

    patient_id: str
    ask_id: str
    basis: str = "emergency"


class RecordPortrait(Record, tag="patient.record_portrait", tag_field="kind"):
    """What the record service answered; `reason` says why there is no portrait."""

    patient_id: str
    ask_id: str
    facts: tuple[ResidentFact, ...] = ()
    words: Personal | None = None
    not_understood: int = 0
    reason: str = ""
    detail: str = ""
    again: bool = False


class AddFile(Record, tag="patient.add_file", tag_field="kind"):
    """A file whose bytes are on the disk already; only the server that holds them says so."""

    patient_id: str
    sha256: str
    file_kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str = ""
    caption: Personal | None = None


class WithdrawFile(Record, tag="patient.withdraw_file", tag_field="kind"):
    patient_id: str
    sha256: str
    reason: str


class PreAlert(Record, tag="handover.prealert", tag_field="kind"):
    handover_id: str
    mission_id: str
    patient_id: str
    hospital_id: str
    tier: Tier
    needs: tuple[str, ...] = ()
    eta_s: int | None = None
    summary: Personal | None = None


class CorrectPreAlert(Record, tag="handover.correct", tag_field="kind"):
    """What the hospital was told was not so, or is not so any more: it is asked anew."""

    handover_id: str
    tier: Tier
    needs: tuple[str, ...] = ()
    eta_s: int | None = None
    summary: Personal | None = None
    """None: as it was."""


class AcknowledgePreAlert(Record, tag="handover.acknowledge", tag_field="kind"):
    handover_id: str
    name: str
    bay: str
    corrections: int | None = None
    """How many corrections stood on the screen; None: not said."""


class DeclinePreAlert(Record, tag="handover.decline", tag_field="kind"):
    handover_id: str
    reason: str


class WithdrawPreAlert(Record, tag="handover.withdraw", tag_field="kind"):
    handover_id: str
    reason: str


class Sign(Record, tag="handover.sign", tag_field="kind"):
    handover_id: str
    side: str
    name: str


class CheckPreAlert(Record, tag="handover.check_acknowledged", tag_field="kind"):
    """Timer: the hospital has not acknowledged in time."""

    handover_id: str


class DropPreAlert(Record, tag="handover.drop", tag_field="kind"):
    """Timer: the run that was announced is called off; nobody comes."""

    handover_id: str
    reason: str
    """Code: why the run was."""


class RaiseAlert(Record, tag="alert.raise", tag_field="kind", omit_defaults=True):
    alert_id: str
    code: str
    priority: int
    subject: str
    incident_id: str
    owner: str
    details: dict[str, str]
    anew: bool = False
    """It has come to be once more: whoever knew of the last time is asked again."""
    if_changed: bool = False
    """Only where it says something else than it last did, whatever became of that."""


class AcknowledgeAlert(Record, tag="alert.acknowledge", tag_field="kind"):
    alert_id: str


class EscalateAlert(Record, tag="alert.escalate", tag_field="kind"):
    """Timer: nobody acknowledged the alert in time."""

    alert_id: str


class MoveAlert(Record, tag="alert.move", tag_field="kind"):
    """The case has gone to another seat, and what it is warned of with it."""

    alert_id: str
    owner: str


class ResolveAlert(Record, tag="alert.resolve", tag_field="kind"):
    alert_id: str
    reason: str


class ListUnit(Record, tag="unit.list", tag_field="kind"):
    unit_id: str
    call_sign: str
    station_id: str
    station_name: str
    station_point: Point
    unit_kind: UnitKind
    assumed: bool


class UnitChange(Record):
    """What a table says of one unit."""

    unit_id: str
    was: UnitListed | None
    """As it was when it was looked at; None: the unit is new."""
    now: UnitListed


class ImportUnits(Record, tag="unit.import", tag_field="kind"):
    """What a table enrols and changes, all of it or nothing."""

    unit_id: str
    """That of its first change."""
    changes: Annotated[tuple[UnitChange, ...], Meta(min_length=1)]


class StationChange(Record):
    """What a table says of one station."""

    station_id: str
    was: StationListed | None
    """As its stream was when it was looked at; None: it had none."""
    now: StationListed


class ImportStations(Record, tag="station.import", tag_field="kind"):
    """What a table enrols and changes, all of it or nothing, with the vehicles that stand there."""

    station_id: str
    """That of its first change."""
    changes: Annotated[tuple[StationChange, ...], Meta(min_length=1)]
    unit_ids: tuple[str, ...] = ()
    """Those who stand there: what they say of their station changes with it."""


class SetDuty(Record, tag="unit.set_duty", tag_field="kind"):
    unit_id: str
    on_duty: bool
    crew: tuple[str, ...] = ()


class CheckUnit(Record, tag="unit.check", tag_field="kind"):
    """The check before a shift, by a named person."""

    unit_id: str
    check_id: str
    name: str
    answers: dict[str, bool | float]


class TakeOverCheck(Record, tag="unit.take_over_check", tag_field="kind"):
    """Whoever comes on signs for the vehicle as it was handed over."""

    unit_id: str
    check_id: str
    name: str


class TakeOutOfService(Record, tag="unit.take_out_of_service", tag_field="kind"):
    unit_id: str
    reason: str


class PutBackInService(Record, tag="unit.put_back_in_service", tag_field="kind"):
    unit_id: str


class CallHelp(Record, tag="unit.call_help", tag_field="kind"):
    """The crew is in danger; every seat hears of it."""

    unit_id: str
    point: Point | None = None
    by_alarm: HelpAlarm | None = None
    """Of the vehicle's terminal; None: the crew itself."""


class EndHelp(Record, tag="unit.end_help", tag_field="kind"):
    unit_id: str
    reason: str


class NameHome(Record, tag="unit.name_home", tag_field="kind"):
    """This unit is another node's, which alone assigns it."""

    unit_id: str
    node: Annotated[str, Meta(max_length=20)]


class TakeUnitOver(Record, tag="unit.take_over", tag_field="kind"):
    """Its home is dead: from now on this node assigns it."""

    unit_id: str
    reason: Annotated[str, Meta(max_length=200)]


class GiveUnit(Record, tag="unit.give", tag_field="kind"):
    """From now on that node assigns it."""

    unit_id: str
    node: Annotated[str, Meta(max_length=20)]
    reason: Annotated[str, Meta(max_length=200)]


class LearnHome(Record, tag="unit.learn_home", tag_field="kind"):
    """Another node or the vehicle tells who commands it."""

    unit_id: str
    node: str
    epoch: int


class PlanShift(Record, tag="roster.plan", tag_field="kind"):
    """A unit is to be on duty."""

    roster_id: str
    """The unit's week: see `domain.register.roster.roster_id`."""
    unit_id: str
    shift_id: str
    from_ms: int
    to_ms: int
    duty: DutyKind
    crew: Crew
    reason: Reason = ""
    """Required for what has begun already."""


class ChangeShift(Record, tag="roster.change", tag_field="kind"):
    """The shift as it is to be, whole."""

    roster_id: str
    unit_id: str
    shift_id: str
    from_ms: int
    to_ms: int
    duty: DutyKind
    crew: Crew
    reason: Reason
    was: Shift | None = None
    """As it stood where this was decided; None: not told (by an older page)."""


class WithdrawShift(Record, tag="roster.withdraw", tag_field="kind"):
    roster_id: str
    unit_id: str
    shift_id: str
    reason: Reason


class ImportRoster(Record, tag="roster.import", tag_field="kind"):
    """What a table changes, all of it or nothing."""

    roster_id: str
    """That of its first part."""
    parts: Annotated[tuple[PlanShift | ChangeShift, ...], Meta(min_length=1)]


class ListHospital(Record, tag="hospital.list", tag_field="kind"):
    hospital_id: str
    name: str
    name_en: str
    point: Point
    capabilities: tuple[str, ...]
    assumed: bool


class ReportBeds(Record, tag="hospital.report_beds", tag_field="kind"):
    hospital_id: str
    free: dict[str, int]


class SetDiversion(Record, tag="hospital.set_diversion", tag_field="kind"):
    hospital_id: str
    diverting: bool
    reason: str = ""


class CloseRoad(Record, tag="road.close", tag_field="kind"):
    """A stretch of road is shut, or slow; every travel time counts with it at once."""

    closure_id: str
    line: Annotated[tuple[Point, ...], Meta(min_length=2, max_length=2000)]
    both_ways: bool = True
    share: Annotated[float, Meta(ge=0, lt=1)] = 0
    """Of the usual speed that is left; 0: nobody gets through."""
    reason: RoadReason = RoadReason.OTHER
    label: Annotated[str, Meta(max_length=80)] = ""
    until_ms: int | None = None


class ChangeClosure(Record, tag="road.change", tag_field="kind"):
    closure_id: str
    share: Annotated[float, Meta(ge=0, lt=1)]
    until_ms: int | None


class ReopenRoad(Record, tag="road.reopen", tag_field="kind"):
    closure_id: str
    reason: str


Command = (
    Ring
    | Answer
    | Abandon
    | RingBack
    | RecordCallField
    | EndCall
    | OpenIncident
    | OpenStandby
    | EnterPaper
    | JoinCall
    | SetLocation
    | SetComplaint
    | AnswerQuestion
    | OverrideLevel
    | GiveInstruction
    | CloseIncident
    | ReopenIncident
    | AskUnit
    | WithdrawAsk
    | CheckAsk
    | AnswerAsk
    | LinkRun
    | LoseRun
    | Lend
    | OfferCase
    | WithdrawOffer
    | DeclineCase
    | TakeCase
    | CheckMoved
    | Assign
    | Reserve
    | Activate
    | Reach
    | ProposeMilestone
    | UndoMilestone
    | CorrectMilestone
    | StandDown
    | Divert
    | Relieve
    | SetDestination
    | Reroute
    | RecordTaskText
    | AddRunFile
    | PutRunFile
    | AskCallback
    | AnswerCallback
    | ShowNumber
    | SeeStandDown
    | RefuseOrder
    | CloseUntreated
    | BindMonitor
    | GiveBand
    | TakeBand
    | TakeOffMonitor
    | PutBackMonitor
    | PlaceLeads
    | PlaceMonitor
    | CorrectMonitor
    | CheckAcknowledged
    | CheckDeparted
    | CheckWindow
    | RegisterPatient
    | CorrectDemographic
    | Identify
    | MergePatients
    | PartPatients
    | ChartVitals
    | EnterVitals
    | SetAlarm
    | SetRhythm
    | SetDeviceAlarm
    | SetDeviceSilent
    | SetSceneAlarm
    | SeeRhythm
    | Observe
    | ConfirmLevel
    | SeeWorsening
    | WriteField
    | OpenSheet
    | GiveDrug
    | DoProcedure
    | TakeNote
    | RecordEcg
    | InterpretEcg
    | CheckEcg
    | WithdrawEntry
    | SignForm
    | SignRecord
    | AskPortrait
    | RecordPortrait
    | AddFile
    | WithdrawFile
    | PreAlert
    | CorrectPreAlert
    | AcknowledgePreAlert
    | DeclinePreAlert
    | WithdrawPreAlert
    | Sign
    | CheckPreAlert
    | DropPreAlert
    | RaiseAlert
    | AcknowledgeAlert
    | EscalateAlert
    | MoveAlert
    | ResolveAlert
    | ListUnit
    | ImportUnits
    | ImportStations
    | SetDuty
    | CheckUnit
    | TakeOverCheck
    | TakeOutOfService
    | PutBackInService
    | CallHelp
    | EndHelp
    | NameHome
    | TakeUnitOver
    | GiveUnit
    | LearnHome
    | PlanShift
    | ChangeShift
    | WithdrawShift
    | ImportRoster
    | ListHospital
    | ReportBeds
    | SetDiversion
    | CloseRoad
    | ChangeClosure
    | ReopenRoad
)
