"""A 12-lead ECG that was measured on board, and what a physician reads in it.

Rule 1: nothing is activated by what was measured; a clinician reads the ECG and answers for what
        follows.
Rule 2: a reading is a person's signed word. It is never changed: another one takes its place, with
        a reason, and both stay legible.
"""

from goldenhour.domain.care.ecg import EcgFindings, Measured
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class EcgRead(Record, tag="patient.ecg_read.v1", tag_field="kind"):
    entry_id: str
    begun_ms: int
    """Of the first sample, by the device's clock as the vehicle has corrected it."""
    lasts_ms: int
    device: str
    test: bool
    """From a recording that is replayed, or from a world that is not live."""
    measured: Measured
    findings: EcgFindings


class EcgInterpreted(Record, tag="patient.ecg_interpreted.v1", tag_field="kind"):
    entry_id: str
    ecg_id: str
    """The entry of the ECG."""
    text: Personal
    name: str
    """Who answers for it, by their account; in an old event as typed."""
    corrects: str = ""
    """The reading whose place it takes."""
    reason: str = ""
    """Why; of a first reading empty."""
