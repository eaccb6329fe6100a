"""Measured against ECGs that are known because they were made, and against anything at all."""

import numpy as np
import pytest
from ecg_truth import LEADS, Made, Plan, make
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from goldenhour.compute.ecg.condition import Quality
from goldenhour.compute.ecg.measure import Measurement, measure
from goldenhour.simulator.ecg_source import load_recording

RATES_HZ = (250.0, 360.0, 500.0, 1000.0)


def of(plan: Plan, made: Made | None = None) -> tuple[Made, Measurement]:
    made = made or make(plan)
    return made, measure(made.samples, plan.leads, plan.rate_hz, plan.lsb_nv)


def j_error_ms(plan: Plan, made: Made, found: Measurement) -> float:
    """The middle of the errors of the beats that were used."""
    ends = made.r_samples[~made.ectopic] + made.j_ms * plan.rate_hz / 1000
    off = [min(j - ends, key=abs) for j in found.j_points]
    return float(np.median(off)) * 1000 / plan.rate_hz


def level(found: Measurement, lead: str) -> float:
    value = next(one.st_j_mm for one in found.leads if one.lead == lead)
    assert value is not None
    return value


def missed_and_false(plan: Plan, made: Made, found: Measurement) -> tuple[int, int]:
    near = 0.15 * plan.rate_hz
    ours = np.array(found.r_peaks, float)

    def inside(at: np.ndarray) -> np.ndarray:
        """At the very ends half a QRS is no QRS."""
        return at[(at > near) & (at < len(made.samples) - near)]

    missed = sum(np.abs(ours - r).min(initial=np.inf) > near for r in inside(made.r_samples))
    false = sum(np.abs(made.r_samples - o).min(initial=np.inf) > near for o in inside(ours))
    return int(missed), int(false)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("per_min", [30.0, 60.0, 100.0, 150.0, 180.0, 220.0])
def test_every_beat_is_found_at_every_rate(rate_hz: float, per_min: float) -> None:
    plan = Plan(
        seed=int(rate_hz + per_min), rate_hz=rate_hz, per_min=per_min, noise_mv=0.02, wander_mv=0.2
    )
    made, found = of(plan)
    assert missed_and_false(plan, made, found) == (0, 0)
    assert found.heart_rate_per_min == pytest.approx(per_min, rel=0.04)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize("scale", [1.0, 1.6])
def test_j_point_and_levels_of_a_clean_record(rate_hz: float, scale: float) -> None:
    st_mm = (0.0, 1.5, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0, 2.0, -1.5, 0.0, 1.0)
    plan = Plan(seed=3, rate_hz=rate_hz, qrs_scale=scale, st_mm=st_mm)
    made, found = of(plan)
    assert abs(j_error_ms(plan, made, found)) <= 4
    assert found.qrs_ms == pytest.approx(made.j_ms - made.onset_ms, abs=8)
    for lead, truth in zip(plan.leads, made.st_mm, strict=True):
        assert level(found, lead) == pytest.approx(truth, abs=0.25), lead


def test_levels_stand_in_noise_wander_and_hum() -> None:
    errors = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        plan = Plan(
            seed=seed,
            rate_hz=RATES_HZ[seed % 4],
            per_min=float(rng.uniform(60, 120)),
            st_mm=tuple(np.where(rng.random(12) < 0.5, rng.uniform(-3, 4, 12), 0.0)),
            noise_mv=0.02,
            wander_mv=0.3,
            hum_mv=0.1,
            hum_hz=(50.1, 59.9)[seed % 2],
        )
        made, found = of(plan)
        errors += [level(found, n) - t for n, t in zip(plan.leads, made.st_mm, strict=True)]
    assert np.percentile(np.abs(errors), 95) < 0.35
    assert abs(np.mean(errors)) < 0.1


@pytest.mark.parametrize("per_min", [80.0, 110.0])
def test_a_base_line_that_wanders_far_takes_no_level_with_it(per_min: float) -> None:
    plan = Plan(seed=17, per_min=per_min, st_mm=(2.0,) * 12, wander_mv=1.2)
    made, found = of(plan)
    for lead, truth in zip(plan.leads, made.st_mm, strict=True):
        assert level(found, lead) == pytest.approx(truth, abs=0.35), lead


def test_intervals_lie_where_the_waves_were_put() -> None:
    plan = Plan(seed=9, per_min=60.0)
    made, found = of(plan)
    # A Gaussian P of sigma 18 ms begins about 2.5 sigma before its middle, 75 ms before the QRS.
    assert found.pr_ms == pytest.approx(75 + 2.5 * 18, abs=12)
    # Its T is centred 205 ms after the J point, sigma 42; the tangent meets the line at 2 sigma.
    assert found.qt_ms == pytest.approx(made.j_ms - made.onset_ms + 205 + 2 * 42, abs=15)
    assert found.qtcb_ms is not None
    assert found.rr_ms is not None
    assert found.qt_ms is not None
    assert found.qtcb_ms == pytest.approx(found.qt_ms / np.sqrt(found.rr_ms / 1000))
    assert found.qtcf_ms == pytest.approx(found.qt_ms / np.cbrt(found.rr_ms / 1000))


def test_irregular_rhythm_is_told_and_has_no_pr() -> None:
    _, regular = of(Plan(seed=4, noise_mv=0.01))
    _, irregular = of(Plan(seed=4, rhythm="irregular", noise_mv=0.01))
    assert regular.rr_irregular is False
    assert regular.pr_ms is not None
    assert irregular.rr_irregular is True
    assert irregular.pr_ms is None
    assert irregular.reasons["pr_ms"] == "no_clear_p_wave"


def test_ectopic_beats_are_found_and_not_averaged_in() -> None:
    plan = Plan(seed=11, rhythm="ectopic", noise_mv=0.01, seconds=12.0)
    made, found = of(plan)
    assert made.ectopic.any()
    assert missed_and_false(plan, made, found) == (0, 0)
    assert found.beats_used <= (~made.ectopic).sum()
    for lead, truth in zip(plan.leads, made.st_mm, strict=True):
        assert level(found, lead) == pytest.approx(truth, abs=0.3), lead


def test_one_lead_alone_is_measured() -> None:
    plan = Plan(seed=5, leads=("I",), st_mm=(2.0,), noise_mv=0.01)
    made, found = of(plan)
    assert missed_and_false(plan, made, found) == (0, 0)
    assert level(found, "I") == pytest.approx(made.st_mm[0], abs=0.3)


def test_a_gap_is_never_zero() -> None:
    plan = Plan(seed=6, noise_mv=0.005)
    made = make(plan)
    holes = np.ma.masked_array(made.samples, mask=False)
    holes[:, 7] = np.ma.masked  # V2 was never there
    holes[2000:2700] = np.ma.masked  # and a piece of everything is lost
    found = measure(holes, plan.leads, plan.rate_hz, plan.lsb_nv)
    assert found.leads[7].quality is Quality.GAP
    assert found.leads[7].st_j_mm is None
    assert not [r for r in found.r_peaks if 2000 <= r < 2700]
    assert found.heart_rate_per_min == pytest.approx(plan.per_min, rel=0.05)
    for n, lead in enumerate(plan.leads):
        if n != 7:
            assert level(found, lead) == pytest.approx(made.st_mm[n], abs=0.3)


def test_a_lead_in_noise_has_no_level_and_the_others_keep_theirs() -> None:
    plan = Plan(seed=7)
    made = make(plan)
    rows = made.samples.copy()
    noise = np.random.default_rng(1).normal(0, 2.0 * 1e6 / plan.lsb_nv, len(rows))
    rows[:, 3] += noise.astype(np.int32)
    rows[:, 4] = 17
    rows[:, 5] = np.clip(made.samples[:, 5] * 20, -600, 600)
    found = measure(rows, plan.leads, plan.rate_hz, plan.lsb_nv)
    assert [found.leads[n].quality for n in (3, 4, 5)] == [
        Quality.NOISE,
        Quality.FLAT,
        Quality.SATURATED,
    ]
    assert all(found.leads[n].st_j_mm is None and found.leads[n].reason for n in (3, 4, 5))
    assert level(found, "V5") == pytest.approx(made.st_mm[10], abs=0.3)


@pytest.mark.parametrize("rate_hz", [250.0, 500.0, 1000.0])
def test_pacing_spikes_are_flagged_and_change_no_level(rate_hz: float) -> None:
    plan = Plan(seed=8, rate_hz=rate_hz, noise_mv=0.01)
    made, plain = of(plan)
    assert plain.pacing_spikes is False
    rows = made.samples.copy()
    for r in made.r_samples:
        at = int(r - 0.16 * rate_hz)
        if at >= 0:
            rows[at : at + max(int(0.002 * rate_hz), 1)] += int(2.0 * 1e6 / plan.lsb_nv)
    found = measure(rows, plan.leads, rate_hz, plan.lsb_nv)
    assert found.pacing_spikes is True
    assert missed_and_false(plan, made, found) == (0, 0)
    for lead in plan.leads:
        assert level(found, lead) == pytest.approx(level(plain, lead), abs=0.15)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_tall_and_narrow_r_is_no_pacing_spike(rate_hz: float) -> None:
    plan = Plan(seed=16, rate_hz=rate_hz, qrs_scale=0.6)
    found = measure(make(plan).samples * 2, plan.leads, rate_hz, plan.lsb_nv)
    assert found.pacing_spikes is False


def test_three_beats_are_too_few_where_two_are_alike() -> None:
    _, found = of(Plan(seed=12, seconds=3.0, per_min=45.0))
    assert found.beats_used < 3
    assert {lead.reason for lead in found.leads} == {"too_few_beats"}
    assert found.qrs_ms is None


def test_what_runs_together_is_not_measured() -> None:
    _, fast = of(Plan(seed=13, per_min=220.0))
    assert fast.heart_rate_per_min == pytest.approx(220, rel=0.03)
    assert fast.qrs_ms is None
    assert fast.reasons["qrs_ms"] == "heart_too_fast"
    _, slow = of(Plan(seed=13, rate_hz=125.0))
    assert slow.heart_rate_per_min == pytest.approx(70, rel=0.03)
    assert {lead.reason for lead in slow.leads} == {"sampled_too_slowly"}


@pytest.mark.parametrize("seed", range(8))
def test_noise_alone_has_no_levels(seed: int) -> None:
    rows = np.random.default_rng(seed).normal(0, 0.1 * 1e6 / 5000, (5000, 12))
    found = measure(rows, LEADS, 500.0, 5000.0)
    assert found.heart_rate_per_min is None
    assert all(lead.st_j_mm is None and lead.reason for lead in found.leads)


def whole(found: Measurement, leads: int) -> None:
    """What every answer keeps: the leads that were given; a value or its reason, never neither."""
    assert len(found.leads) == leads
    for lead in found.leads:
        assert (lead.st_j_mm is None) == bool(lead.reason)
        assert lead.st_j_mm is None or np.isfinite(lead.st_j_mm)
    for field in ("pr_ms", "qrs_ms", "qt_ms", "qtcf_ms", "qtcb_ms", "heart_rate_per_min", "rr_ms"):
        value = getattr(found, field)
        assert (value is None) == (field in found.reasons), field
        assert value is None or np.isfinite(value)


@settings(max_examples=60)
@given(
    arrays(
        np.float64,
        st.tuples(st.integers(1, 400), st.integers(1, 4)),
        elements=st.floats(allow_nan=True, allow_infinity=True, width=64),
        fill=st.sampled_from([0.0, float("nan"), 1e308]),
    ),
    st.sampled_from([62.4725, 125.0, 250.0, 500.0, 1000.0]),
    st.sampled_from([1.0, 5000.0, 1e9]),
)
def test_anything_gets_an_answer(rows: np.ndarray, rate_hz: float, lsb_nv: float) -> None:
    whole(measure(rows, LEADS[: rows.shape[1]], rate_hz, lsb_nv), rows.shape[1])


@settings(max_examples=30)
@given(st.integers(0, 2**32 - 1))
def test_broken_records_get_an_answer(seed: int) -> None:
    rng = np.random.default_rng(seed)
    plan = Plan(
        seed=seed,
        rate_hz=float(rng.choice(RATES_HZ)),
        seconds=float(rng.uniform(0.5, 11)),
        per_min=float(rng.uniform(25, 260)),
        rhythm=str(rng.choice(["sinus", "irregular", "ectopic"])),
        noise_mv=float(rng.choice([0.0, 0.05, 0.5])),
        leads=LEADS[: int(rng.integers(1, 13))],
    )
    rows = make(plan).samples.astype(float)
    for _ in range(int(rng.integers(0, 6))):
        at, lead = int(rng.integers(0, len(rows))), int(rng.integers(0, rows.shape[1]))
        odd = [np.nan, np.inf, -1e300, 0.0, 32767.0, float(rng.normal(0, 1e6))]
        rows[at : at + int(rng.integers(1, 2000)), lead] = rng.choice(odd)
    whole(measure(rows, plan.leads, plan.rate_hz, plan.lsb_nv), len(plan.leads))


@pytest.mark.parametrize("value", [0, 7, np.nan, np.inf, 1e308, -(2**31)])
@pytest.mark.parametrize("count", [0, 1, 2, 30, 5000])
def test_constants_get_an_answer(value: float, count: int) -> None:
    found = measure(np.full((count, 3), value, float), LEADS[:3], 500.0, 5000.0)
    whole(found, 3)
    assert found.heart_rate_per_min is None


@pytest.mark.parametrize(
    ("rows", "leads", "rate_hz", "lsb_nv", "field"),
    [
        (np.zeros((100, 2)), LEADS, 500.0, 5000.0, "samples: shape"),
        (np.zeros((100, 2, 2)), LEADS[:2], 500.0, 5000.0, "samples: shape"),
        (np.zeros((100, 0)), (), 500.0, 5000.0, "leads: 0"),
        (np.zeros((100, 2)), LEADS[:2], 0.0, 5000.0, "rate_hz"),
        (np.zeros((100, 2)), LEADS[:2], float("nan"), 5000.0, "rate_hz"),
        (np.zeros((100, 2)), LEADS[:2], 500.0, 0.0, "lsb_nv"),
        (np.zeros((100, 2)), LEADS[:2], 500.0, (5000.0,), "lsb_nv"),
        (np.zeros((40_000, 1)), LEADS[:1], 500.0, 5000.0, "samples: 40000"),
    ],
)
def test_what_is_no_recording_is_refused_by_name(
    rows: np.ndarray, leads: tuple[str, ...], rate_hz: float, lsb_nv: float, field: str
) -> None:
    with pytest.raises(ValueError, match=field):
        measure(rows, leads, rate_hz, lsb_nv)


def test_the_same_samples_give_the_same_numbers_in_another_unit() -> None:
    plan = Plan(seed=15, noise_mv=0.01)
    made, found = of(plan)
    scaled = measure(made.samples * 4, plan.leads, plan.rate_hz, [plan.lsb_nv / 4] * 12)
    assert scaled.j_points == found.j_points
    assert [one.st_j_mm for one in scaled.leads] == pytest.approx(
        [one.st_j_mm for one in found.leads]
    )


@pytest.mark.parametrize("rate_hz", [500, 1000])
def test_a_real_recording_is_measured_whole(rate_hz: int) -> None:
    """The sample that pydicom ships; the ranges are a person's reading of the paper."""
    real = load_recording(rate_hz)
    found = measure(
        real.samples[: 10 * rate_hz],
        [channel.lead for channel in real.channels],
        float(rate_hz),
        [float(channel.nanovolt) for channel in real.channels],
    )
    assert found.reasons == {}
    assert found.heart_rate_per_min == pytest.approx(61, abs=2)
    assert found.rr_irregular is False
    assert found.pacing_spikes is False
    assert found.pr_ms is not None
    assert found.qrs_ms is not None
    assert found.qt_ms is not None
    assert 120 <= found.pr_ms <= 200
    assert 60 <= found.qrs_ms <= 110
    assert 330 <= found.qt_ms <= 410
    # Einthoven and Goldberger hold of what was measured lead by lead.
    assert level(found, "III") == pytest.approx(level(found, "II") - level(found, "I"), abs=0.1)
    both = level(found, "I") + level(found, "II")
    assert level(found, "aVR") == pytest.approx(-both / 2, abs=0.1)
