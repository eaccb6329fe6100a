"""What a person saw: what cannot be is refused by its name, what was seen reaches the scores."""

import pytest

from goldenhour.domain.care.assess import check_observed, findings_of
from goldenhour.domain.care.events import Observed, Sex
from goldenhour.domain.care.patient import Patient


def seen(gcs: int | None, motor: int | None, pain: int | None = None) -> Observed:
    return Observed(consciousness=None, on_oxygen=None, gcs=gcs, pain=pain, gcs_motor=motor)


@pytest.mark.parametrize(
    ("observed", "field"),
    [
        (seen(2, None), "gcs"),
        (seen(16, None), "gcs"),
        (seen(None, 4), "gcs_motor"),  # a part of what nobody summed
        (seen(9, 0), "gcs_motor"),
        (seen(9, 7), "gcs_motor"),
        (seen(7, 6), "gcs_motor"),  # eyes and speech are one each at least: 8
        (seen(15, 5), "gcs_motor"),  # and nine together at most: 14
        (seen(None, None, 11), "pain"),
    ],
)
def test_what_cannot_be_is_named(observed: Observed, field: str) -> None:
    refusal = check_observed(observed)
    assert refusal is not None
    assert (refusal.code, refusal.field) == ("out_of_range", field)


@pytest.mark.parametrize(("gcs", "motor"), [(3, 1), (8, 6), (15, 6), (14, 5), (11, None)])
def test_what_can_be_reaches_the_scores(gcs: int, motor: int | None) -> None:
    observed = seen(gcs, motor)
    assert check_observed(observed) is None
    state = Patient(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.FEMALE,
        vitals={}, vitals_ms=None, observed=observed, scored=None, history=(), level=None,
        level_by="", level_ms=None, registered_ms=0,
    )  # fmt: skip
    found = findings_of(state, now_ms=1, fresh_s=1)
    assert (found.gcs, found.gcs_motor) == (gcs, motor)
