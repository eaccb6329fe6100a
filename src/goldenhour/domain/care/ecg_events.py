"""A 12-lead ECG that was measured on board: numbers and what the rules say of them.

Rule 1: nothing is activated by it; a clinician reads the ECG and answers for what follows.
"""

from goldenhour.domain.care.ecg import EcgFindings, Measured
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
