"""What the policies of several kinds of stream share: who may read, and how an alert ends."""

from typing import Final

from goldenhour.domain import commands as c
from goldenhour.kernel.outcome import At, Grant
from goldenhour.kernel.recorded import Recorded


def unit_org(unit_id: str) -> str:
    """The organisation that a vehicle's own computer and crew belong to."""
    return f"unit:{unit_id}"


def station_org(station_id: str) -> str:
    return f"station:{station_id}"


def centre_owner(org: str) -> str:
    """Whom an alert to a whole centre or hospital is for, where others write a seat."""
    return f"@{org}"


def hospital_org(hospital_id: str) -> str:
    return f"hospital:{hospital_id}"


HOSPITAL_READERS: Final = "readers:hospital"
"""Everybody who chooses hospitals. It stands in no tree and owns nothing, so that reading what all
hospitals say of themselves never means reading the cases that were granted to one of them."""
ROAD_READERS: Final = "readers:road"
"""Everybody who drives or sends: a closed road is no secret of the centre that said it."""
ECG_UNREAD: Final = "ecg_unread"
NOT_COMING: Final = "not_coming"


def resolve(alert_id: str, reason: str, at_ms: int) -> At:
    """Due at once; an alert that was never raised makes it a no-op."""
    return At(
        key=f"resolve:{alert_id}",
        due_ms=at_ms,
        command=c.ResolveAlert(alert_id=alert_id, reason=reason),
    )


def grant(
    org: str, streams: tuple[str, ...], recorded: Recorded, until_ms: int | None = None
) -> Grant:
    """A right of this stream alone: of two patients at one hospital one may be sent elsewhere."""
    return Grant(org=org, streams=streams, until_ms=until_ms, cause=recorded.stream)


def declined_alert(patient_id: str) -> str:
    """One a patient: another hospital's yes settles the first one's no."""
    return f"prealert_declined.{patient_id}"
