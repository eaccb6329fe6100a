"""What a person saw, checked before it is told.

Rule 1: a value outside its scale is refused and named; a part that nobody could test gives no sum.
"""

from typing import Final

from msgspec.structs import replace

from goldenhour.domain.care.events import Observed
from goldenhour.domain.care.scores import GcsInputError, GcsTable, gcs
from goldenhour.kernel.outcome import Refused

GCS_RANGE: Final = range(3, 16)
GCS_MOTOR_RANGE: Final = range(1, 7)
PAIN_RANGE: Final = range(11)


def decide_observed(seen: Observed, table: GcsTable) -> Observed | Refused:
    """The observation with the sum of its parts; a part that nobody could test gives no sum."""
    if (parts := seen.gcs_parts) is not None:
        try:
            found = gcs(table, eye=parts.eye, verbal=parts.verbal, motor=parts.motor)
        except GcsInputError as wrong:
            return Refused(code="out_of_range", field=f"gcs_{wrong.part}")
        seen = replace(seen, gcs=found.total, gcs_motor=None)
    return check_observed(seen) or _with_motor(seen)


def _with_motor(seen: Observed) -> Observed:
    motor = seen.gcs_parts.motor if seen.gcs_parts else None
    return replace(seen, gcs_motor=motor) if isinstance(motor, int) else seen


def check_observed(seen: Observed) -> Refused | None:
    if seen.gcs is not None and seen.gcs not in GCS_RANGE:
        return Refused(code="out_of_range", field="gcs")
    motor = seen.gcs_motor
    if motor is not None and (motor not in GCS_MOTOR_RANGE or seen.gcs is None):
        return Refused(code="out_of_range", field="gcs_motor")
    # Eyes and speech are at least one each, and together at most nine.
    if motor is not None and seen.gcs is not None and not motor + 2 <= seen.gcs <= motor + 9:
        return Refused(code="out_of_range", field="gcs_motor")
    if seen.pain is not None and seen.pain not in PAIN_RANGE:
        return Refused(code="out_of_range", field="pain")
    return None
