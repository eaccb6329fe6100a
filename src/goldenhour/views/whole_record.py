"""A patient's record with everything around it that leaves the vehicle: for paper and for export.

A live row shows what stands now; here is also how it came about: every charted set, every value
that was replaced, the times of the run with their sources.
"""

from msgspec import field

from goldenhour.domain.care.events import GcsPart
from goldenhour.domain.care.own_alarms import End
from goldenhour.domain.review.timeline import Node
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Numeric
from goldenhour.views.answers import CaseAnswer
from goldenhour.views.rows import HandoverRow, MissionRow, PatientRow


class OriginRow(Record):
    """Another record of this person, whose rows stand among those of the one that is printed."""

    call_sign: str
    """Empty: the reader may not read its run."""
    letter: str


class ChartedRow(Record):
    """A set as it was charted and scored."""

    at_ms: int
    device: str
    values: tuple[Numeric, ...]
    origin: str
    """Id of the record that it was charted to; empty: this one."""
    by: str = ""
    """Who typed it; empty: the device told it."""


class ObservedRow(Record):
    """What a person saw; None or empty: not assessed."""

    at_ms: int
    by: str
    consciousness: str
    on_oxygen: bool | None
    gcs: int | None
    pain: int | None
    origin: str
    gcs_text: str = ""
    """With its parts, where they were kept: `E1VTM3`."""
    gcs_eye: GcsPart = None
    gcs_verbal: GcsPart = None
    gcs_motor: GcsPart = None


class ConfirmedRow(Record):
    """A level as a clinician confirmed it."""

    at_ms: int
    by: str
    level: str
    proposed: str
    reason: str
    origin: str


class OwnAlarmRow(Record):
    """What a device alarmed by itself, from its begin to its end; moments of one alarm are one."""

    device: str
    event: str
    source: str
    nature: str
    priority: Priority
    """The highest that it had."""
    words: str
    value: str
    limits: str
    begun_ms: int
    ended_ms: int | None
    """None: it was not told to be over."""
    end: End | None
    times: int
    """How many moments; 1 for what lasted."""
    quiet: str
    """How it was made quiet at the device first; empty: it never was."""
    quiet_ms: int | None
    silent_ms: int | None
    """Since when the device said nothing, until the end; None: it spoke."""
    origin: str


class ReplacedRow(Record):
    """A value that no longer stands, and the write that took its place."""

    item: str
    """A field of the record, an item of a sheet, or `name`, `age_y` or `sex`; `monitor_out` and
    `monitor_in`: sets of a device (`was_by`) from `was_ms` on, by their number, `own_alarm_out` and
    `own_alarm_in` what it alarmed itself; `file_out.KIND` and
    `file_in.KIND`: a file of `was_ms`."""
    was: Answer | None
    was_text: str | None
    was_by: str
    was_ms: int
    personal: bool
    """It is a text; with `was_text` None it was erased or may not be seen."""
    by: str
    at_ms: int
    reason: str


class WholeRecord(Record):
    patient: PatientRow
    named: bool
    """A name was written; with `patient.name` None it was erased or may not be seen."""
    case: CaseAnswer | None
    """None: the reader may see the patient and not the case."""
    mission: MissionRow
    crew: tuple[str, ...]
    """Who was on duty on the vehicle; empty: not known to the reader."""
    nodes: tuple[Node, ...]
    handovers: tuple[HandoverRow, ...]
    charted: tuple[ChartedRow, ...]
    observed: tuple[ObservedRow, ...]
    confirmed: tuple[ConfirmedRow, ...]
    replaced: tuple[ReplacedRow, ...]
    device_alarms: tuple[OwnAlarmRow, ...]
    """In the order of their begin."""
    origins: dict[str, OriginRow]
    """By id: the records that were merged into this one, as far as the reader may read them."""
    people: dict[str, str] = field(default_factory=dict)
    """Names of those who wrote, by id; a device, or whom the server does not know, is not here."""
