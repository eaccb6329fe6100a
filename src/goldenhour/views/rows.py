"""What the screens show, row by row. A browser renders these and computes nothing but clocks.

Texts that people read are catalogue keys; names and addresses are the revealed personal text, or
None where it was erased or the reader may not see it. It is one list of shapes, and long for that.
"""

from msgspec import field

from goldenhour.domain.care.drugs import Advice, Finding
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.events import GcsParts, Sex, SheetRead
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.care.portrait import AlertKind
from goldenhour.domain.care.portrait_content import Colour
from goldenhour.domain.dispatch.events import Confidence, Doubt, Milestone, Source
from goldenhour.domain.intake.incident import Answer, Ask, Location, Offer, Standby
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Numeric, Rhythm, Sign


class CallRow(Record, tag="calls", tag_field="table"):
    id: str
    state: str
    """ringing, answered, abandoned, ended"""
    number: str | None
    """With stars where `masked`, as the field `callback`."""
    line: str
    location: Location | None
    fields: dict[str, str]
    owner: str
    incident_id: str
    disposition: str
    rang_ms: int
    answered_ms: int | None
    abandoned_ms: int | None
    ended_ms: int | None
    ring_backs: int
    masked: bool = False
    node: str = ""
    """The other node at whose desk the caller is, and which alone records the call."""


class InstructionRow(Record):
    instruction: str
    step: str
    at_ms: int


class WantedRow(Record):
    """What level and complaint ask for."""

    unit_kinds: tuple[str, ...]
    """als, bls, transfer: best first."""
    crews: int
    others: tuple[str, ...]
    """police, fire: told at the same time."""
    staged: bool
    """Units wait at a safe distance until those have made the place safe."""


class IncidentRow(Record, tag="incidents", tag_field="table"):
    id: str
    state: str
    """open, closed"""
    number: str
    calls: tuple[str, ...]
    location: Location | None
    location_source: str
    accuracy_m: int
    topic: str
    answers: dict[str, dict[str, Answer]]
    next_questions: tuple[str, ...]
    """What to ask, in order; a question of the entry sheet or of the topic's card."""
    level: str
    """R0-R5 or empty: not known yet."""
    level_possible: str
    level_overridden: bool
    level_complete: bool
    rules: tuple[str, ...]
    flags: tuple[str, ...]
    plan: tuple[str, ...]
    scripts: tuple[str, ...]
    """Instructions to read to the caller; the first belongs to the most severe row."""
    instructions: tuple[InstructionRow, ...]
    dispatchable: bool
    seat: str
    opened_ms: int
    located_ms: int | None
    levelled_ms: int | None
    dispatched_ms: int | None
    """First assignment of any unit; None while waiting."""
    dispatch_target_s: int | None
    """How long a case of this level may wait for a unit, from the moment the call was answered."""
    waiting_since_ms: int
    closed_ms: int | None
    close_reason: str
    missions: tuple[str, ...]
    patients: tuple[str, ...]
    standby: Standby | None = None
    """Units wait at an occasion; None for an emergency."""
    paper_number: str = ""
    """Of the form that it was written on first; empty: on none."""
    org: str = ""
    """The centre that leads it."""
    offer: Offer | None = None
    """Another seat or centre is asked to take it."""
    wanted: WantedRow | None = None
    """None: no level yet."""
    asks: tuple[Ask, ...] = ()
    """For units of other nodes; the oldest first."""
    node: str = ""
    """The other node that records this case, if this one has a part in it or is to take it."""
    moved: bool = False
    """It was handed over to another node, which has not said yet that it has it."""


class NodeRow(Record):
    milestone: Milestone
    at_ms: int
    source: Source
    actor: str
    received_ms: int
    original_ms: int | None
    reason: str
    supplied_late: bool


class MonitorRow(Record):
    """Where a device of the run is now."""

    device_id: str
    patient_id: str
    """Empty: on nobody, since the run has several patients and none was bound."""
    band: str
    """The band by which it was bound; empty: by the vehicle."""
    since_ms: int
    off: bool = False
    """A person took it off: it is on nobody until a person puts it back."""


class MonitorCorrectionRow(Record):
    """Where a device was in a stretch of the past, said afterwards."""

    id: str
    device_id: str
    from_ms: int
    to_ms: int
    patient_id: str
    """Empty: on nobody."""
    reason: str
    by: str
    at_ms: int


class LeadsRow(Record):
    """Where the electrodes of an ECG are from a moment on."""

    device_id: str
    placement: str
    from_ms: int
    by: str
    at_ms: int


class SceneAlarmRow(Record):
    """A device at the scene alarms and is on nobody who is registered."""

    device_id: str
    what: str
    """A sign, `ecg`, or the name of the device's own alarm."""
    how: str
    """Of a sign its `Alarm`, of the ECG its `Rhythm`, of the device's own alarm its nature."""
    priority: Priority
    since_ms: int
    silent_ms: int | None = None


class CallbackRow(Record):
    id: str
    asked_ms: int
    outcome: str
    """Empty: both are being rung up."""


class UntreatedRow(Record):
    """Why a run had no patient, as the crew signed it."""

    reason: str
    name: str
    at_ms: int
    signer: str
    signature: str
    """Strokes as an SVG path."""
    witness: str
    details: str


class ProposalRow(Record):
    """How sure the geofence is of a node that it proposes."""

    milestone: Milestone
    confidence: Confidence
    doubts: tuple[Doubt, ...]


class MissionRow(Record, tag="missions", tag_field="table"):
    id: str
    state: str
    """reserved, assigned, acknowledged, en_route, on_scene, at_patient, loaded, to_hospital,
    at_hospital, handed_over, cleared, stood_down"""
    active: bool
    incident_id: str
    incident_number: str
    unit_id: str
    call_sign: str
    level: str
    due_ms: int | None
    """When a reserved unit is wanted at the pick-up at the earliest."""
    latest_ms: int | None
    """And at the latest; None: no window."""
    nodes: tuple[NodeRow, ...]
    next_milestone: Milestone | None
    proposed: tuple[Milestone, ...]
    proposals: tuple[ProposalRow, ...]
    """Of `proposed`, those that say how sure they are."""
    can_stand_down: bool
    destination_id: str
    destination_name: str
    stand_down_reason: str
    task_text: str
    flags: tuple[str, ...]
    assigned_ms: int | None
    since_ms: int
    limit_s: int | None
    """How long this state may last before its age is shown as overdue; None: no limit."""
    ended_ms: int | None
    monitors: tuple[MonitorRow, ...] = ()
    """Devices that have spoken in this run, by their id."""
    monitor_corrections: tuple[MonitorCorrectionRow, ...] = ()
    bands: dict[str, str] = field(default_factory=dict)
    """By the code of a band the patient who wears it."""
    leads: tuple[LeadsRow, ...] = ()
    """Of each device in the order of the times from which they hold."""
    standby: bool = False
    """To wait at an occasion; there may never be a patient."""
    callback: CallbackRow | None = None
    """The newest of the crew's calls to the caller."""
    number_shown: bool = False
    """The crew may see the caller's number itself."""
    stand_down_seat: str = ""
    """Who called it off."""
    stand_down_seen_ms: int | None = None
    """When the crew said that it had read so; None: not yet."""
    untreated: UntreatedRow | None = None
    scene_alarms: tuple[SceneAlarmRow, ...] = ()
    """The most urgent first; none once the run has ended."""
    of_node: str = ""
    """The other node that sent it, and alone records it; empty: this one."""
    lent_to: str = ""
    """The other node that leads its case."""


class CheckRow(Record):
    """A check before a shift: whatever is not a defect was in order."""

    id: str
    name: str
    at_ms: int
    defects: tuple[str, ...]
    """Items of the list; their words stand in the content."""
    numbers: dict[str, float]
    taken_by: str = ""
    """Who signed for it when coming on; empty: nobody yet."""
    taken_ms: int | None = None


class HelpOverRow(Record):
    """Who said why a crew's call for help is over."""

    at_ms: int
    reason: str
    by: str
    seat: str
    role: str


class UnitRow(Record, tag="units", tag_field="table"):
    id: str
    call_sign: str
    station_id: str
    station_name: str
    station_point: Point
    unit_kind: str
    assumed: bool
    state: str
    """ready, off_duty, out_of_service, other_node, or the state of its active mission"""
    out_of_service: str
    crew: tuple[str, ...]
    mission_id: str
    incident_id: str
    level: str
    since_ms: int
    help_ms: int | None
    """Since when its crew calls for help."""
    duty_ms: int | None = None
    """Since when this crew is on duty."""
    checks: tuple[CheckRow, ...] = ()
    """The newest first."""
    home: str = ""
    """The node that alone assigns it; empty: this one."""
    epoch: int = 0
    away: bool = False
    """Its home is another node: it is asked for, not assigned."""
    help_over: HelpOverRow | None = None
    """How the newest call for help ended."""


class HospitalRow(Record, tag="hospitals", tag_field="table"):
    id: str
    name: str
    name_en: str
    point: Point
    capabilities: tuple[str, ...]
    assumed: bool
    free_beds: dict[str, int]
    beds_reported_ms: int | None
    diverting: bool
    diversion_reason: str


class ScoreRow(Record):
    news2: int | None
    news2_band: str
    news2_missing: tuple[str, ...]
    level: str
    level_reasons: tuple[str, ...]
    level_missing: tuple[str, ...]
    complete: bool
    at_ms: int


class WrittenRow(Record):
    """One value that stands in a field of the record."""

    write_id: str
    value: Answer | None
    text: str | None
    by: str
    at_ms: int
    reason: str


class EntryRow(Record):
    """A drug, a procedure, a note or a signed form; what it does not have is empty or None."""

    id: str
    kind: str
    """drug, procedure, note, form, ecg, reading, vitals"""
    what: str
    """The drug, the procedure or the form: an id of the content, or the words as typed."""
    at_ms: int
    """When it was done; `charted_ms` is when it was written down."""
    charted_ms: int
    by: str
    text: str | None = None
    """The note, or the details of a form."""
    region: str = ""
    result: str = ""
    """done or failed; of a form its decision."""
    dose: float | None = None
    unit: str = ""
    route: str = ""
    findings: tuple[Finding, ...] = ()
    reason: str = ""
    signer: str | None = None
    relation: str = ""
    signature: str | None = None
    witness: str | None = None
    form_version: int | None = None
    ecg: EcgRead | None = None
    ecg_id: str = ""
    """Of a physician's reading: the entry of its ECG."""
    corrects: str = ""
    role: str = ""
    """As whom a reading was signed."""
    values: tuple[Numeric, ...] = ()
    """Of vital signs that were typed."""
    confirmed: tuple[Sign, ...] = ()
    withdrawn: str = ""
    withdrawn_by: str = ""
    doubts: tuple[str, ...] = ()
    """Of a form that the patient signed: what spoke against their deciding alone."""


class RecordRow(Record):
    """The electronic record of a patient, oldest first where it is a list."""

    sheets: tuple[SheetRead, ...]
    """The newest reading of each opened sheet; words stand in the content."""
    fields: dict[str, tuple[WrittenRow, ...]]
    """More than one value: two people wrote apart, and somebody has to choose."""
    entries: tuple[EntryRow, ...]
    missing: tuple[str, ...]
    """What the signature waits for: fields, and forms as `form.ID`."""
    doses: dict[str, tuple[Advice, ...]]
    """By drug: what the approved formulary says for this patient; no row, no dose."""
    signed_by: str
    signed_ms: int | None
    unknown: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What nobody knows before a drug is given, by drug where it asks for more than every drug does
    (the empty one)."""
    doubts: tuple[str, ...] = ()
    """What speaks against the patient's deciding alone, now."""


class AlarmRow(Record):
    """A sign beyond this patient's limits."""

    sign: Sign
    alarm: Alarm
    value: float
    since_ms: int


class RhythmRow(Record):
    """A device whose live ECG looks as if there were no beat, or no order."""

    device_id: str
    rhythm: Rhythm
    since_ms: int


class DeviceAlarmRow(Record):
    """What a device alarms by itself, in its own words."""

    device_id: str
    key: str
    event: str
    source: str
    nature: str
    """physiological, technical, advisory; empty: the device does not say."""
    priority: Priority
    words: str
    value: str
    limits: str
    silenced: str
    """How it is quiet at the device; empty: it is not."""
    since_ms: int
    silent_ms: int | None = None
    """Since when the device says nothing: it is what was known last. None: it speaks."""


class UnrecordedRow(Record):
    """What alarms in a vehicle and stands in no record: the disk is full, or it is on nobody."""

    unit_id: str
    mission_id: str
    device_id: str
    patient_id: str
    """Empty: nobody is known to wear the device."""
    alarms: tuple[AlarmRow, ...]
    rhythms: tuple[RhythmRow, ...]
    device_alarms: tuple[DeviceAlarmRow, ...] = ()


class PortraitItemRow(Record):
    """One line of a region: which rule or entry, from where and when."""

    rule: str
    """Id in the content; empty: `name` alone says it."""
    colour: Colour
    name: str | None
    source: str | None
    day: str
    live: bool
    """Seen now, not read in the record."""
    old: bool
    candidate: bool
    against: bool


class PortraitRegionRow(Record):
    region: str
    colour: Colour
    items: tuple[PortraitItemRow, ...]


class PortraitAlertRow(Record):
    kind: AlertKind
    id: str
    """Id in the content; empty: `name` alone says it."""
    name: str | None
    reaction: str | None
    source: str | None
    severity: str
    ppe: str
    day: str
    old: bool
    verified: bool
    mri: bool
    cautions: tuple[str, ...]
    """Classes near an allergen, to be given with care."""
    against: tuple[PortraitItemRow, ...]


class PortraitRow(Record):
    state: str
    """asking, failed, found"""
    reason: str
    """Why it failed; beside an older portrait, why it could not be renewed."""
    detail: str
    again: bool
    field: str
    basis: str
    asked_by: str
    asked_ms: int
    taken_ms: int | None
    rules: str
    as_of_day: str
    """The newest entry of the record."""
    regions: tuple[PortraitRegionRow, ...]
    alerts: tuple[PortraitAlertRow, ...]
    others: tuple[PortraitItemRow, ...]
    contacts: tuple[str, ...]
    not_understood: int


class WorseRow(Record):
    what: str
    """news2, level, gcs"""
    before: str
    after: str
    at_ms: int


class WorkingName(Record):
    """What a patient is called while nobody knows the name."""

    zh: str = ""
    en: str = ""


class MeasuredRow(Record):
    at_ms: int
    device_id: str


class ReassessRow(Record):
    """Until when the newest set of vital signs is good enough for the patient's level."""

    level: str
    """Empty: nobody knows one yet."""
    taken_ms: int | None
    """Of that set; None: there was none since the registration."""
    due_ms: int


class MisleadingRow(Record):
    """A measurement that looks better than the patient may be, and why."""

    finding: str
    zh: str
    en: str


class PatientRow(Record, tag="patients", tag_field="table"):
    id: str
    incident_id: str
    mission_id: str
    unit_id: str
    call_sign: str
    name: str | None
    age_y: float | None
    sex: Sex
    vitals: tuple[Numeric, ...]
    vitals_ms: int | None
    measured: dict[Sign, MeasuredRow]
    """When each of them was measured, and by which device."""
    consciousness: str
    on_oxygen: bool | None
    gcs: int | None
    gcs_motor: int | None
    gcs_parts: GcsParts | None
    """None: only the sum was told."""
    gcs_text: str
    """What to show: the sum, or the parts where there is none; empty: not assessed."""
    pain: int | None
    score: ScoreRow | None
    score_history: tuple[ScoreRow, ...]
    level: str
    """I-IV as a clinician confirmed it, or empty."""
    level_by: str
    level_ms: int | None
    registered_ms: int
    record: RecordRow
    alarms: tuple[AlarmRow, ...]
    """The critical ones first, then the newest."""
    worse: tuple[WorseRow, ...]
    """What got worse and nobody has said they have seen, oldest first."""
    portrait: PortraitRow | None
    """None: nobody has asked."""
    working_name: WorkingName = WorkingName()
    seen_ms: dict[str, int] = field(default_factory=dict)
    """When consciousness, oxygen, GCS and pain were seen, each by itself."""
    news2_until: dict[str, int] = field(default_factory=dict)
    """Until when what the score has used may be scored, by finding; later it is missing."""
    level_until: dict[str, int] = field(default_factory=dict)
    letter: str = ""
    """Of the working name."""
    joined: tuple[str, ...] = ()
    """Records of the same person, which this row shows too."""
    merged_into: str = ""
    """The record that shows this one; empty: it stands for itself."""
    identity: dict[str, tuple[WrittenRow, ...]] = field(default_factory=dict)
    """Of name, age_y and sex the writes that stand, oldest first."""
    differs: tuple[str, ...] = ()
    """Of these the fields where two people said different things: age and sex are not known."""
    rhythms: tuple[RhythmRow, ...] = ()
    """The newest first."""
    device_alarms: tuple[DeviceAlarmRow, ...] = ()
    """The most urgent first, then the newest."""
    reassess: ReassessRow | None = None
    """None: nothing is to be taken again."""
    misleading: tuple[MisleadingRow, ...] = ()
    died_ms: int | None = None
    """As the record says; whoever has died alarms no more."""


class SignatureRow(Record):
    name: str
    at_ms: int


class HandoverRow(Record, tag="handovers", tag_field="table"):
    id: str
    state: str
    """sent, acknowledged, declined, withdrawn, handed_over"""
    incident_id: str
    incident_number: str
    mission_id: str
    patient_id: str
    unit_id: str
    call_sign: str
    hospital_id: str
    tier: str
    needs: tuple[str, ...]
    eta_s: int | None
    summary: str | None
    acknowledged_name: str
    bay: str
    acknowledged_ms: int | None
    reason: str
    signatures: dict[str, SignatureRow]
    sent_ms: int
    answer_due_ms: int | None
    """When the centre is told to ring the hospital up; None: it has answered."""
    ended_ms: int | None
    corrections: int = 0
    """How often the hospital was told otherwise."""
    corrected_ms: int | None = None
    changed: tuple[str, ...] = ()
    """Of tier, needs, summary, death: what the newest correction changed."""
    died_ms: int | None = None
    """As the hospital was told."""
    needs_before: tuple[str, ...] = ()
    """What had been asked for before it."""


class AlertRow(Record, tag="alerts", tag_field="table"):
    id: str
    state: str
    """open, acknowledged, resolved"""
    code: str
    priority: int
    subject: str
    incident_id: str
    owner: str
    details: dict[str, str]
    raised_ms: int
    limit_s: int | None
    """How long the condition was borne before it became an alert; None: not at all."""
    next_owner: str
    """Whom it climbs to; empty: to nobody."""
    climbs_ms: int | None
    """When it does, unless somebody acknowledges it first."""
    acknowledged_by: str
    acknowledged_ms: int | None
    resolved_ms: int | None


class RoadRow(Record, tag="roads", tag_field="table"):
    """A stretch that is shut or slow now."""

    id: str
    line: tuple[Point, ...]
    both_ways: bool
    share: float
    """Of the usual speed that is left; 0: shut."""
    reason: str
    label: str
    since_ms: int
    until_ms: int | None
    seat: str
    role: str
    """Who said it last: a desk, or `road_feed`."""


class LogRow(Record, tag="log", tag_field="table"):
    """One event of the stream of events, newest last; the tables keep the last few hundred."""

    id: str
    """`stream@version`"""
    stream: str
    kind: str
    incident_id: str
    summary: dict[str, str]
    """Small facts for the sentence that the catalogue makes of `kind`."""
    changed: str
    """`state`, `level` or `owner`: what this event changed of its subject; empty: none of them."""
    was: str
    now: str
    actor: str
    seat: str
    role: str
    occurred_ms: int
    received_ms: int


Row = (
    CallRow
    | IncidentRow
    | MissionRow
    | UnitRow
    | HospitalRow
    | PatientRow
    | HandoverRow
    | AlertRow
    | RoadRow
    | LogRow
)
