"""What a person saw: what cannot be is refused by its name, what was seen reaches the scores."""

import pytest
from msgspec.structs import replace

from goldenhour.content.facts import load_facts
from goldenhour.domain.care.assess import assess, findings_of
from goldenhour.domain.care.events import GcsPart, GcsParts, Observed, Sex
from goldenhour.domain.care.observed import check_observed, decide_observed
from goldenhour.domain.care.patient import Measured, Patient
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import BELOW_RANGE, Sign

FACTS = load_facts()


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
        level_by="", level_ms=None, registered_ms=0, seen_ms={"gcs": 0},
    )  # fmt: skip
    found = findings_of(state, 1, FACTS.scores)
    assert (found.gcs, found.gcs_motor) == (gcs, motor)


def measured(value: float | None, at_ms: int = 0) -> Measured:
    return Measured(value=value, note="", at_ms=at_ms, device_id="monitor")


@pytest.mark.parametrize(
    ("heart_rate", "pulse", "counts"),
    [
        (measured(None), measured(190), 190),  # leads off, oximeter on
        (measured(80), measured(190), 80),
        (None, measured(190), 190),
        (measured(80, -60_000), measured(190), 190),  # too old
        (measured(None), measured(190, -60_000), None),
        (measured(None), measured(None), None),
    ],
)
def test_the_pulse_counts_where_the_ecg_tells_no_rate(
    heart_rate: Measured | None, pulse: Measured, counts: float | None
) -> None:
    vitals = {Sign.PULSE: pulse} | ({Sign.HEART_RATE: heart_rate} if heart_rate else {})
    state = Patient(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.FEMALE,
        vitals=vitals, vitals_ms=0, observed=None, scored=None, history=(), level=None,
        level_by="", level_ms=None, registered_ms=0,
    )  # fmt: skip
    tables = replace(FACTS.scores, fresh_s=10)
    assert findings_of(state, 1, tables).heart_rate_per_min == counts
    scored = assess(state, 1, tables, FACTS.care)
    assert ("heart_rate_per_min" in scored.news2_missing) is (counts is None)
    # What was 190 a minute ago is asked again; until then the level of it stands.
    assert (scored.level == "I") is (pulse.value == 190 and (heart_rate is None or counts != 80))
    assert ("heart_rate_per_min" in scored.level_missing) is (counts is None)


def test_a_meters_lo_is_known_and_grows_old_like_a_number() -> None:
    low = Measured(value=None, note=BELOW_RANGE, at_ms=0, device_id="meter")
    state = Patient(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=40, sex=Sex.MALE,
        vitals={Sign.GLUCOSE: low}, vitals_ms=0, observed=None, scored=None, history=(),
        level=None, level_by="", level_ms=None, registered_ms=0,
    )  # fmt: skip
    assert assess(state, 1, FACTS.scores, FACTS.care).level == "I"
    glucose = findings_of(state, 1, FACTS.scores).glucose_mmol_l
    assert glucose is not None
    assert glucose < 1.1  # also of a newborn it is the critical one
    late_ms = FACTS.scores.valid_ms("glucose_mmol_l") + 1
    assert findings_of(state, late_ms, FACTS.scores).glucose_mmol_l is None
    later = assess(state, late_ms, FACTS.scores, FACTS.care)
    assert (later.level, "glucose_mmol_l" in later.level_missing) == ("I", True)


def parts(eye: GcsPart, verbal: GcsPart, motor: GcsPart) -> Observed:
    told = GcsParts(eye=eye, verbal=verbal, motor=motor)
    return Observed(consciousness=None, on_oxygen=None, gcs=9, pain=None, gcs_parts=told)


@pytest.mark.parametrize(
    ("told", "total", "motor", "text"),
    [
        (parts(3, 4, 5), 12, 5, "12"),
        (parts(1, "T", 3), None, 3, "E1VTM3"),
        (parts("NT", 4, 6), None, 6, "ENTV4M6"),
        (parts(4, None, "NT"), None, None, "E4V?MNT"),
        (parts(None, None, None), None, None, ""),
    ],
)
def test_a_part_that_nobody_could_test_gives_no_sum(
    told: Observed, total: int | None, motor: int | None, text: str
) -> None:
    kept = decide_observed(told, FACTS.scores.gcs)
    assert isinstance(kept, Observed)
    assert (kept.gcs, kept.gcs_motor, kept.gcs_text) == (total, motor, text)
    assert kept.gcs_parts == told.gcs_parts


@pytest.mark.parametrize(
    ("told", "field"),
    [(parts(5, 1, 1), "gcs_eye"), (parts("T", 1, 1), "gcs_eye"), (parts(1, 1, 7), "gcs_motor")],
)
def test_a_part_that_the_scale_does_not_have_is_named(told: Observed, field: str) -> None:
    refusal = decide_observed(told, FACTS.scores.gcs)
    assert isinstance(refusal, Refused)
    assert refusal.field == field
