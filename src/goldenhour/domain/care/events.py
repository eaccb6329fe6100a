"""What is found, measured and judged at the patient."""

from enum import StrEnum
from typing import Final, Literal

from goldenhour.domain.care.drugs import Finding
from goldenhour.domain.care.items import Used
from goldenhour.domain.care.plausible import Alarm
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Numeric, NumericSet, Rhythm, Sign


class Sex(StrEnum):
    MALE = "male"
    FEMALE = "female"
    UNKNOWN = "unknown"


class Consciousness(StrEnum):
    """ACVPU: alert, new confusion, voice, pain, unresponsive."""

    ALERT = "A"
    CONFUSED = "C"
    VOICE = "V"
    PAIN = "P"
    UNRESPONSIVE = "U"


class PatientRegistered(Record, tag="patient.registered.v1", tag_field="kind"):
    incident_id: str
    mission_id: str
    unit_id: str
    name: Personal | None
    """None: unknown patient, shown as call sign and time."""
    age_y: float | None
    """Years; five months are 5/12."""
    sex: Sex
    letter: str = ""
    """Tells people apart whose names nobody knows; given in the order of the registrations."""


class DemographicCorrected(Record, tag="patient.demographic_corrected.v1", tag_field="kind"):
    """Every demographic field is correctable on board; the journal keeps both values."""

    name: Personal | None
    age_y: float | None
    sex: Sex
    reason: str
    write_id: str = ""
    """Empty: of before a write had one."""
    over: dict[str, tuple[str, ...]] | None = None
    """By field that this writes (name, age_y, sex) the writes that the writer saw and replaces;
    a write that nobody has seen stays. None: of before, when it replaced all three."""


class PatientJoined(Record, tag="patient.joined.v1", tag_field="kind"):
    """Another record of this case is this person's too; from now on this one shows both."""

    other_id: str
    hospital_ids: tuple[str, ...]
    """To which this one is announced: from now on they read the other as well."""
    reason: str


class PatientMerged(Record, tag="patient.merged.v1", tag_field="kind"):
    """This record is the same person's as another one, which shows it from now on."""

    into: str
    hospital_ids: tuple[str, ...]
    """As above."""
    reason: str


class PatientParted(Record, tag="patient.parted.v1", tag_field="kind"):
    """They are two people after all."""

    other_id: str
    hospital_ids: tuple[str, ...]
    reason: str


class PatientUnmerged(Record, tag="patient.unmerged.v1", tag_field="kind"):
    out_of: str
    hospital_ids: tuple[str, ...]
    reason: str


class VitalsCharted(Record, tag="patient.vitals_charted.v1", tag_field="kind"):
    """A set that was scored; the numerics' own store holds every set."""

    vitals: NumericSet


class NotTaken(StrEnum):
    """Why a sign was not measured."""

    REFUSED = "refused"
    NOT_POSSIBLE = "not_possible"
    NO_DEVICE = "no_device"
    NO_TIME = "no_time"


class OutOfRange(StrEnum):
    """What a meter shows in the place of a number."""

    LO = "lo"
    HI = "hi"


NOT_TAKEN: Final = "not taken: "
"""Begins the note of a sign that was not measured; what follows is a `NotTaken`."""


class VitalsEntered(Record, tag="patient.vitals_entered.v1", tag_field="kind"):
    """A set that a person measured and typed; it counts as a charted one until it is withdrawn."""

    entry_id: str
    taken_ms: int
    values: tuple[Numeric, ...]
    """Without a value: LO, HI, or not taken, as `note` says."""
    confirmed: tuple[Sign, ...] = ()
    """Beyond the plausible range, and said once more by who typed it."""


class VitalAlarmed(Record, tag="patient.vital_alarmed.v1", tag_field="kind"):
    """A sign has been beyond a limit for a while, or within all of them again."""

    sign: Sign
    alarm: Alarm | None
    """None: the alarm is over."""
    value: float
    limit_id: str


class RhythmAlarmed(Record, tag="patient.rhythm_alarmed.v1", tag_field="kind"):
    """The live ECG of a device looks as if there were no beat, or no order; never a diagnosis."""

    device_id: str
    rhythm: Rhythm | None
    """None: the alarm is over; by its actor, that beats are seen or that a person has looked."""


type GcsPart = int | Literal["NT", "T"] | None
"""Points; not testable (eyes swollen shut); intubated, of speech alone; None: not examined."""


class DeviceAlarmed(Record, tag="patient.device_alarmed.v1", tag_field="kind"):
    """What a device alarms by itself while it is on this patient: `kernel.device_alarm`."""

    device_id: str
    key: str
    event: str
    source: str
    nature: str
    priority: Priority
    words: str
    value: str
    limits: str
    silenced: str
    over: bool
    passing: bool
    left: bool = False


class DeviceSilent(Record, tag="patient.device_silent.v1", tag_field="kind"):
    """A device that alarms by itself says nothing any more, since when; what it alarmed is old."""

    device_id: str
    since_ms: int


class GcsParts(Record):
    eye: GcsPart = None
    verbal: GcsPart = None
    motor: GcsPart = None

    @property
    def text(self) -> str:
        """For example `E1VTM3`; a part that was not examined is `?`."""
        parts = (("E", self.eye), ("V", self.verbal), ("M", self.motor))
        return "".join(f"{name}{'?' if part is None else part}" for name, part in parts)


SEEN: Final = ("consciousness", "on_oxygen", "gcs", "pain")
"""What of an observation has an age of its own."""


class Observed(Record, tag="patient.observed.v1", tag_field="kind"):
    """What only a person can see; None: not assessed, which is never normal."""

    consciousness: Consciousness | None
    on_oxygen: bool | None
    gcs: int | None
    pain: int | None
    gcs_motor: int | None = None
    """Its motor part, of which some rules ask alone; None where only the sum is known."""
    gcs_parts: GcsParts | None = None
    """As examined; `gcs` and `gcs_motor` follow from them. None: only the sum was told."""
    as_before: tuple[str, ...] = ()
    """Of `SEEN`: what stands from an earlier look and was not looked at again. Without it, as in
    events of before there was one, everything was seen at that moment."""

    @property
    def gcs_text(self) -> str:
        """The sum, or its parts where there is none; empty: not assessed."""
        if self.gcs is not None:
            return str(self.gcs)
        examined = self.gcs_parts is not None and self.gcs_parts != GcsParts()
        return self.gcs_parts.text if self.gcs_parts and examined else ""


class Scored(Record, tag="patient.scored.v1", tag_field="kind"):
    """Recorded when a score or a level changed; it proposes and never acts."""

    news2: int | None
    news2_band: str
    news2_missing: tuple[str, ...]
    level: TriageLevel | None
    """The worst of the level tables' and of the opened sheets'."""
    level_reasons: tuple[str, ...]
    """table@version#row, or sheet@version#row; most severe first."""
    level_missing: tuple[str, ...]
    """What could still make the level more severe: findings, and items of sheets by their field."""
    complete: bool
    table_version: str
    level_unknown: tuple[str, ...] | None = None
    """What the level could ask and nobody knows, sheets that nobody has opened among it: what is
    no longer here has become known. None in events of before there was one."""


class WorseningSeen(Record, tag="patient.worsening_seen.v1", tag_field="kind"):
    """Somebody has seen that the patient got worse; what they do about it is another event."""

    through_ms: int
    """What happened up to here was on the screen."""


class LevelConfirmed(Record, tag="patient.level_confirmed.v1", tag_field="kind"):
    level: TriageLevel
    proposed: TriageLevel | None
    reason: str


class DrugGiven(Record, tag="patient.drug_given.v1", tag_field="kind"):
    """A drug as it was given; the findings are what the formulary said at that moment."""

    entry_id: str
    drug: str
    """Id in the formulary, or the name as it was typed."""
    dose: float | None
    unit: str
    route: str
    given_ms: int
    findings: tuple[Finding, ...]
    formulary: str
    """id@version"""
    reason: str
    """Why it was given in spite of a stop."""
    dose_id: str = ""
    """The row of the formulary that was chosen; empty: none, or of before it was asked."""


class ProcedureDone(Record, tag="patient.procedure_done.v1", tag_field="kind"):
    entry_id: str
    procedure: str
    """Id in the record's form, or the name as it was typed."""
    region: str
    """Where on the body, an id of the record's form; empty: nowhere in particular."""
    result: str
    """done, failed"""
    done_ms: int


class NoteTaken(Record, tag="patient.note_taken.v1", tag_field="kind"):
    entry_id: str
    text: Personal
    region: str
    """Where on the body; empty: about the whole patient."""


class EntryWithdrawn(Record, tag="patient.entry_withdrawn.v1", tag_field="kind"):
    """Struck out and still legible."""

    entry_id: str
    reason: str


class FieldWritten(Record, tag="patient.field_written.v1", tag_field="kind"):
    """A field of the record or of an assessment sheet (`stroke.face`).

    `over` names the writes that the writer saw and replaces. A write that nobody has seen stays:
    two people who wrote apart have both values kept, until somebody writes over both.
    """

    write_id: str
    field: str
    value: Answer | None
    """None: emptied again, or the value is a text."""
    text: Personal | None
    over: tuple[str, ...]
    reason: str
    """Required once the record is signed."""


class SheetOpened(Record, tag="patient.sheet_opened.v1", tag_field="kind"):
    """Somebody began to assess; from now on the sheet is read at every change."""

    sheet: str


class SheetScore(Record):
    """A score of a sheet: its table, and what came out."""

    table: str
    """id@version"""
    total: float | None
    """A lower bound while partial."""
    band: str
    complete: bool


class SheetRead(Record, tag="patient.sheet_read.v1", tag_field="kind"):
    """What an assessment sheet said, recorded when it said something new; it proposes only."""

    sheet: str
    version: int
    status: Status
    used: tuple[Used, ...]
    level: TriageLevel | None
    """ "At least" while partial."""
    response: DispatchLevel | None
    """Of a scene: what it asks of the control room."""
    scores: tuple[SheetScore, ...]
    reasons: tuple[str, ...]
    """Here and below: ids of the sheet's rows that hold, in the order in which they are shown."""
    responses: tuple[str, ...]
    actions: tuple[str, ...]
    needs: tuple[str, ...]
    missing: tuple[str, ...]
    """Items that could still make it more severe."""
    contradictions: tuple[str, ...]


class FormSigned(Record, tag="patient.form_signed.v1", tag_field="kind"):
    """Consent, refusal, death, belongings: who signed which version of which text."""

    entry_id: str
    form: str
    form_version: int
    decision: str
    signer: Personal
    relation: str
    """patient, relative, guardian, witness, crew: an id of the form."""
    signature: Personal | None
    """The strokes as an SVG path; None: could not sign, then `witness` says who saw it."""
    witness: Personal | None
    details: Personal | None
    doubts: tuple[str, ...] = ()
    """What spoke against the patient's deciding alone, who signed for themselves (`capacity`)."""


class RecordSigned(Record, tag="patient.record_signed.v1", tag_field="kind"):
    """The record is finished; what comes later is an addition with its reason."""

    name: str
    form_version: int


PatientEvent = (
    PatientRegistered
    | DemographicCorrected
    | PatientJoined
    | PatientMerged
    | PatientParted
    | PatientUnmerged
    | VitalsCharted
    | VitalsEntered
    | VitalAlarmed
    | RhythmAlarmed
    | DeviceAlarmed
    | DeviceSilent
    | Observed
    | Scored
    | WorseningSeen
    | LevelConfirmed
    | DrugGiven
    | ProcedureDone
    | NoteTaken
    | EntryWithdrawn
    | FieldWritten
    | SheetOpened
    | SheetRead
    | FormSigned
    | RecordSigned
)
