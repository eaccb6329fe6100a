"""What is found, measured and judged at the patient."""

from enum import StrEnum

from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import NumericSet


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


class DemographicCorrected(Record, tag="patient.demographic_corrected.v1", tag_field="kind"):
    """Every demographic field is correctable on board; the journal keeps both values."""

    name: Personal | None
    age_y: float | None
    sex: Sex
    reason: str


class VitalsCharted(Record, tag="patient.vitals_charted.v1", tag_field="kind"):
    """A set that was scored; the numerics' own store holds every set."""

    vitals: NumericSet


class Observed(Record, tag="patient.observed.v1", tag_field="kind"):
    """What only a person can see; None: not assessed, which is never normal."""

    consciousness: Consciousness | None
    on_oxygen: bool | None
    gcs: int | None
    pain: int | None


class Scored(Record, tag="patient.scored.v1", tag_field="kind"):
    """Recorded when a score or a level changed; it proposes and never acts."""

    news2: int | None
    news2_band: str
    news2_missing: tuple[str, ...]
    level: TriageLevel | None
    level_reasons: tuple[str, ...]
    level_missing: tuple[str, ...]
    """What could still make the level more severe."""
    complete: bool
    table_version: str


class LevelConfirmed(Record, tag="patient.level_confirmed.v1", tag_field="kind"):
    level: TriageLevel
    proposed: TriageLevel | None
    reason: str


PatientEvent = (
    PatientRegistered | DemographicCorrected | VitalsCharted | Observed | Scored | LevelConfirmed
)
