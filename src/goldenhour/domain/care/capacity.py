"""What speaks against a patient deciding alone: said to whoever has them sign.

Rule 1: nothing is decided here and nothing is stopped: whether somebody understands what they
        refuse is for the crew to judge, and the form keeps what was known when it was signed.
Rule 2: whose consciousness nobody has assessed is not taken for alert.
"""

from enum import StrEnum

from goldenhour.domain.care.events import Consciousness
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record_form import RecordForm

PATIENT = "patient"
"""The relation of whoever signs for themselves."""
GCS_FULL = 15


class Doubt(StrEnum):
    MINOR = "minor"
    NOT_ALERT = "not_alert"
    NOT_ASSESSED = "not_assessed"


def doubts(state: Patient, form: RecordForm) -> tuple[Doubt, ...]:
    found: list[Doubt] = []
    ages = state.identity.ages if state.age_y is None else (state.age_y,)
    if any(age_y < form.adult_y for age_y in ages):
        found.append(Doubt.MINOR)
    seen = state.observed
    if seen is None or (seen.consciousness is None and seen.gcs is None):
        found.append(Doubt.NOT_ASSESSED)
    elif seen.consciousness not in (None, Consciousness.ALERT) or (seen.gcs or GCS_FULL) < GCS_FULL:
        found.append(Doubt.NOT_ALERT)
    return tuple(found)
