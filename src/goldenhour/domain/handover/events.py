"""From pre-alert to two signatures."""

from enum import StrEnum

from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class Tier(StrEnum):
    ALERT = "alert"  # 预警: needs the team, sounds until acknowledged
    NOTICE = "notice"  # 告知: quiet


class PreAlerted(Record, tag="handover.prealerted.v1", tag_field="kind"):
    incident_id: str
    incident_number: str
    mission_id: str
    patient_id: str
    unit_id: str
    call_sign: str
    hospital_id: str
    tier: Tier
    needs: tuple[str, ...]
    """Capability ids that the patient needs."""
    eta_s: int | None
    summary: Personal | None
    """The crew's words: mechanism, injuries, signs, treatment."""
    joined: tuple[str, ...] = ()
    """Records that were merged into the patient's, which the hospital reads as well."""


class PreAlertCorrected(Record, tag="handover.corrected.v1", tag_field="kind"):
    """The same hospital is told otherwise, and asked anew."""

    changed: tuple[str, ...]
    """Of tier, needs, summary."""
    tier: Tier
    needs: tuple[str, ...]
    eta_s: int | None
    summary: Personal | None
    """None: as it was."""


class PreAlertDeathTold(Record, tag="handover.death_told.v1", tag_field="kind"):
    """Whoever was announced has died, or has not after all: the hospital answers anew."""

    died_ms: int | None
    """None: what was told before is taken back."""


class PreAlertAcknowledged(Record, tag="handover.acknowledged.v1", tag_field="kind"):
    name: str
    """The person who takes the patient, by name."""
    bay: str


class PreAlertDeclined(Record, tag="handover.declined.v1", tag_field="kind"):
    reason: str


class PreAlertWithdrawn(Record, tag="handover.withdrawn.v1", tag_field="kind"):
    reason: str


class Signed(Record, tag="handover.signed.v1", tag_field="kind"):
    side: str
    """`crew` or `hospital`."""
    name: str


HandoverEvent = (
    PreAlerted
    | PreAlertCorrected
    | PreAlertDeathTold
    | PreAlertAcknowledged
    | PreAlertDeclined
    | PreAlertWithdrawn
    | Signed
)
