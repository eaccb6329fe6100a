"""A mission's facts: one run of one unit for one incident."""

from enum import StrEnum

from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class Milestone(StrEnum):
    """The nodes that the vehicle sets, in their usual order (interface.md 2.1)."""

    ACKNOWLEDGED = "acknowledged"  # 接单
    DEPARTED = "departed"  # 出车
    ON_SCENE = "on_scene"  # 到达现场
    AT_PATIENT = "at_patient"  # 接触患者
    LOADED = "loaded"  # 病人上车
    LEFT_SCENE = "left_scene"  # 送院途中
    AT_HOSPITAL = "at_hospital"  # 到达医院
    HANDED_OVER = "handed_over"  # 完成交接
    CLEARED = "cleared"  # 完成/待命


class Source(StrEnum):
    """Who set a node; printed beside every time."""

    CREW = "crew"
    STATION = "station"
    DISPATCHER = "dispatcher"
    GEOFENCE = "geofence"
    PAPER = "paper"
    SYSTEM = "system"


class Candidate(Record, gc=False, kw_only=False):  # a leaf, and an answer holds a thousand
    """One unit of a recommendation, with what was known of it."""

    unit_id: str
    call_sign: str
    eta_s: int | None
    estimated: bool
    """True when the road graph gave no answer and the distance was estimated."""
    position_age_s: int | None
    reasons: tuple[str, ...]
    """Catalogue keys: why it ranks here or why it was skipped."""


class Proposal(Record):
    """What the algorithm proposed and on which inputs; kept beside the person's choice."""

    ranked: tuple[Candidate, ...]
    skipped: tuple[Candidate, ...]
    metric_version: int
    computed_ms: int


class Assigned(Record, tag="mission.assigned.v1", tag_field="kind", omit_defaults=True):
    incident_id: str
    incident_number: str
    unit_id: str
    call_sign: str
    level: str
    proposal: Proposal | None
    standby: bool = False
    """To wait at an occasion; there is no patient yet."""
    epoch: int = 0
    """Of the unit's command when this was ordered (ADR 0026). An older vehicle knows neither this
    nor the next: what is default is not written."""
    node: str = ""
    lent_to: str = ""
    """The node whose case this is, which asked for the unit."""
    calls: tuple[str, ...] = ()
    """Of a case of another node: the calls that the crew may answer to."""


class Reserved(Record, tag="mission.reserved.v1", tag_field="kind", omit_defaults=True):
    incident_id: str
    incident_number: str
    unit_id: str
    call_sign: str
    due_ms: int
    standby: bool = False
    latest_ms: int | None = None
    """An older vehicle does not know it: what is default is not written."""


class Activated(Record, tag="mission.activated.v1", tag_field="kind", omit_defaults=True):
    """A reservation becomes a dispatch."""

    epoch: int = 0
    node: str = ""


class OrderRefused(Record, tag="mission.order_refused.v1", tag_field="kind"):
    """The vehicle obeys a higher command than the one that this run was ordered under."""

    epoch: int
    """Of the highest command that the vehicle has heard, and whose it is."""
    node: str


class MilestoneReached(Record, tag="mission.milestone.v1", tag_field="kind"):
    milestone: Milestone
    source: Source
    point: Point | None
    supplied_late: bool
    """True for a node entered afterwards (补点); the occurred time is then the person's word."""


class Confidence(StrEnum):
    """How sure a proposal is."""

    HIGH = "high"
    FAIR = "fair"
    LOW = "low"


class Doubt(StrEnum):
    """What speaks against a proposal of the geofence."""

    OLD = "old"  # the position is not of this moment
    EDGE = "edge"  # a receiver's error could have put it on this side of the fence
    SPEED = "speed"  # a receiver's error could have made it stand, or roll
    SINGLE = "single"  # no other position says so yet


class FenceSight(Record):
    """What the geofence knew when it proposed."""

    age_s: int
    inside_m: int
    """How far the position is on the proposed side of the fence."""
    error_m: int
    """By how much it may be wrong."""
    error_told: bool
    """By the tablet's word or by the terminal's satellites; False: assumed, for nothing is told."""
    satellites: int | None
    speed_kmh: float
    fixes: int
    """Positions in a row that suggest the same, this one among them."""
    tablet: bool


class MilestoneProposed(
    Record, tag="mission.milestone_proposed.v1", tag_field="kind", omit_defaults=True
):
    """A geofence or the movement suggests a node, anew when it is surer; a person confirms it."""

    milestone: Milestone
    distance_m: int
    confidence: Confidence | None = None
    """None: an older release did not say."""
    doubts: tuple[Doubt, ...] = ()
    sight: FenceSight | None = None


class MilestoneUndone(Record, tag="mission.milestone_undone.v1", tag_field="kind"):
    milestone: Milestone


class MilestoneCorrected(Record, tag="mission.milestone_corrected.v1", tag_field="kind"):
    milestone: Milestone
    at_ms: int
    reason: str


class StoodDown(Record, tag="mission.stood_down.v1", tag_field="kind"):
    reason: str
    """Code: cancelled, refused, no_patient, taken_by_other, dead_on_scene, diverted,
    relieved, mistake."""


class DestinationSet(Record, tag="mission.destination_set.v1", tag_field="kind"):
    hospital_id: str
    hospital_name: str
    reasons: tuple[str, ...]
    """What the ranking said for it, as codes."""
    reason: str = ""
    """Why, in a person's words, where it was not the crew that chose."""


class TaskTextSent(Record, tag="mission.task_text.v1", tag_field="kind"):
    """What became of the task text on the vehicle terminal (0x8300)."""

    outcome: str


class CallbackAsked(Record, tag="mission.callback_asked.v1", tag_field="kind"):
    """The crew wants to speak to the caller over the operator's platform."""

    callback_id: str


class CallbackAnswered(Record, tag="mission.callback_answered.v1", tag_field="kind"):
    """What became of it: a word of `callback.OUTCOMES`."""

    callback_id: str
    outcome: str


class NumberShown(Record, tag="mission.number_shown.v1", tag_field="kind"):
    """The caller's number itself was shown to the crew: a word of `callback.NUMBER_REASONS`."""

    reason: str


class StandDownSeen(Record, tag="mission.stand_down_seen.v1", tag_field="kind"):
    """The crew has read that its run was called off."""


class NobodyTreated(Record, tag="mission.nobody_treated.v1", tag_field="kind"):
    """Why this run had no patient, as the crew signs it; the newest stands."""

    entry_id: str
    reason: str
    """Id of the record's content."""
    name: str
    """Who signs for the crew."""
    signer: Personal | None
    """Whose decision it was, where the reason asks for that person."""
    signature: Personal | None
    """Strokes as an SVG path; None: could not or would not sign, which needs a witness."""
    witness: Personal | None
    details: Personal | None
    form_version: int = 0


class HospitalAlerted(Record, tag="mission.hospital_alerted.v1", tag_field="kind"):
    """A pre-alert announced this run: whoever calls the run off tells that hospital as well."""

    handover_id: str
    patient_id: str


class RunFileAdded(Record, tag="mission.file_added.v1", tag_field="kind"):
    """A file that came while it was nobody's yet; its bytes lie outside the journal."""

    sha256: str
    file_kind: FileKind
    media_type: str
    size_bytes: int
    taken_ms: int
    taken_source: TakenSource
    device: str
    waiting: bool = False
    """Several patients were aboard; a person says whose it is."""


class RunFilePut(Record, tag="mission.file_put.v1", tag_field="kind"):
    """A person said whose a file is that waited; the patient's stream says it too."""

    sha256: str
    patient_id: str
    reason: str
    """Why it is another's than was said before; empty: nothing was."""


class BandGiven(Record, tag="mission.band_given.v1", tag_field="kind"):
    """A wristband was put on a patient of the run; its code names the patient from then on."""

    patient_id: str
    band: str


class BandTaken(Record, tag="mission.band_taken.v1", tag_field="kind"):
    """The band was taken off again; its code names nobody until it is given anew."""

    patient_id: str
    """Who had it."""
    band: str
    reason: str


class MonitorBound(Record, tag="mission.monitor_bound.v1", tag_field="kind"):
    """From now on the device is on this patient."""

    device_id: str
    patient_id: str
    band: str
    """As it was scanned or typed; empty: by the vehicle, whose only patient it is."""


class MonitorReleased(Record, tag="mission.monitor_released.v1", tag_field="kind"):
    """From now on the device is on nobody: the run has several patients and no band was read."""

    device_id: str


class MonitorTakenOff(Record, tag="mission.monitor_taken_off.v1", tag_field="kind"):
    """A person: from now on the device is on nobody, however many patients there are."""

    device_id: str


class MonitorCorrected(Record, tag="mission.monitor_corrected.v1", tag_field="kind"):
    """In this stretch of the past the device was on this patient; what was said before is kept."""

    correction_id: str
    device_id: str
    from_ms: int
    to_ms: int
    """The moment itself is outside."""
    patient_id: str
    """Empty: it was on nobody."""
    reason: str


class LeadsPlaced(Record, tag="mission.leads_placed.v1", tag_field="kind"):
    """From this moment on electrodes of the ECG stand elsewhere than their plugs say."""

    device_id: str
    placement: str
    """An id of the rules on the ECG (content); `standard`: as the plugs say."""
    names: dict[str, str]
    """By the lead that the device declares the lead that it is."""
    from_ms: int


class SceneAlarmed(Record, tag="mission.scene_alarmed.v1", tag_field="kind"):
    """A device at the scene alarms and is on nobody who is registered.

    No value and no word of it: before there is a patient, nothing of one is told.
    """

    device_id: str
    what: str
    """A sign, `ecg`, or the name of the device's own alarm."""
    how: str
    """Of a sign its `Alarm`, of the ECG its `Rhythm`, of the device's own alarm its nature."""
    priority: Priority | None
    """None: it is over."""
    silent_ms: int | None = None
    """Since when the device has said nothing: it is what was known last. None: it speaks."""


class RoadReason(StrEnum):
    """Why a road is not what the map says."""

    CRASH = "crash"  # 事故
    WORKS = "works"  # 施工
    WATER = "water"  # 积水
    CONTROL = "control"  # 交通管制
    FIRE = "fire"  # 火情
    OTHER = "other"


class RoadClosed(Record, tag="road.closed.v1", tag_field="kind"):
    """A stretch of road is shut, or driven more slowly than the map says."""

    line: tuple[Point, ...]
    """Along the road, in the direction that is shut."""
    both_ways: bool
    share: float
    """Of the usual speed that is left; 0: nobody gets through."""
    reason: RoadReason
    label: str
    """The road, as people name it."""
    until_ms: int | None
    """When it opens by itself; None: when somebody says so."""


class RoadChanged(Record, tag="road.changed.v1", tag_field="kind"):
    share: float
    until_ms: int | None


class RoadReopened(Record, tag="road.reopened.v1", tag_field="kind"):
    reason: str
    """`over`: its time had come; `mistake`; `open`: somebody says that it is open."""


RoadEvent = RoadClosed | RoadChanged | RoadReopened

MissionEvent = (
    Assigned
    | Reserved
    | Activated
    | OrderRefused
    | MilestoneReached
    | MilestoneProposed
    | MilestoneUndone
    | MilestoneCorrected
    | StoodDown
    | StandDownSeen
    | DestinationSet
    | TaskTextSent
    | CallbackAsked
    | CallbackAnswered
    | NumberShown
    | HospitalAlerted
    | NobodyTreated
    | RunFileAdded
    | RunFilePut
    | BandGiven
    | BandTaken
    | MonitorBound
    | MonitorReleased
    | MonitorTakenOff
    | MonitorCorrected
    | LeadsPlaced
    | SceneAlarmed
)
