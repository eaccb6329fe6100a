"""A window of about ten seconds, measured: rate, intervals, J point, ST level and amplitudes.

Rule 1: what cannot be measured is None and says why; no number is ever made up, and none is zero.
Rule 2: levels are mm (0.1 mV) against the QRS onset, at the J point that all leads share.
Rule 3: nothing here judges: what the numbers may mean is `domain.care.ecg`.
"""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.compute.ecg.average import Average, alike, average, standard_error, window_of
from goldenhour.compute.ecg.beats import find_beats
from goldenhour.compute.ecg.condition import (
    NOISE_MV,
    STEP_HZ,
    Floats,
    Quality,
    filled,
    in_steps,
    millivolts,
    quality_of,
    tremble_mv,
    without_spikes,
)
from goldenhour.compute.ecg.waves import Waves, delineate
from goldenhour.kernel.record import Record

MAX_LEADS: Final = 64
LOWEST_HZ: Final = 30.0
WAVES_HZ: Final = 240.0
"""Below this a J point cannot be told to 5 ms."""
LONGEST_S: Final = 60.0
_MM_PER_MV: Final = 10.0
_ERROR_MM: Final = 0.3
"""A lead whose ST level is less sure than this has none."""
_SHORTEST_RR_MS: Final = 300.0
"""Faster than this P, QRS and T run into one another."""
_IRREGULAR: Final = 0.1
_IRREGULAR_BEATS: Final = 5
_BASE_MS: Final = 12
_POINT_MS: Final = 6
_WAVE_MM: Final = 0.3
"""A deflection of the QRS smaller than this is none."""
_PACED_SHARE: Final = 0.5
_SPIKE_BEFORE_MS: Final = 300
_FIRST_ONSET_MS: Final = -60


class LeadMeasurement(Record):
    lead: str
    quality: Quality
    reason: str
    """Why the levels are None; empty when they are there."""
    st_j_mm: float | None = None
    st_60_mm: float | None = None
    st_80_mm: float | None = None
    """60 and 80 ms after the J point."""
    st_slope_mm_s: float | None = None
    """From the J point to 80 ms after it."""
    t_mm: float | None = None
    q_mm: float | None = None
    r_mm: float | None = None
    s_mm: float | None = None
    """Zero: there is no such wave. Q and S are negative; a QS complex counts as S."""
    error_mm: float | None = None
    """Standard error of the ST level."""


class Measurement(Record):
    rate_hz: float
    r_peaks: tuple[int, ...]
    """Sample numbers within the window."""
    beats_used: int
    """Those alike enough for the average."""
    j_points: tuple[int, ...]
    """Sample numbers of the J points of the beats that were used."""
    heart_rate_per_min: float | None
    """From the median interval."""
    rate_low_per_min: float | None
    rate_high_per_min: float | None
    """From the longest and the shortest interval."""
    rr_ms: float | None
    rr_irregular: bool | None
    pr_ms: float | None
    qrs_ms: float | None
    qt_ms: float | None
    qtcf_ms: float | None
    qtcb_ms: float | None
    pacing_spikes: bool | None
    """False does not exclude them: many monitors filter them out."""
    leads: tuple[LeadMeasurement, ...]
    reasons: dict[str, str]
    """For each field that is None, why."""
    average_mv: NDArray[np.float64]
    """The average beat, rows (1 ms, lead); NaN for leads without one, empty when there is none."""
    onset_ms: int | None
    j_ms: int | None
    """Rows of the average beat."""


def measure(
    samples: Any, leads: Sequence[str], rate_hz: float, lsb_nv: float | Sequence[float]
) -> Measurement:
    """Measure rows (sample, lead) of `lsb_nv` nanovolts a unit.

    Masked, NaN and infinite samples are gaps. Raises ValueError, naming the argument, where shape,
    rate or scale are no recording at all.
    """
    scale = np.asarray(lsb_nv, np.float64)
    if not 1 <= len(leads) <= MAX_LEADS:
        raise ValueError(f"leads: {len(leads)}, 1 to {MAX_LEADS} are possible")
    if scale.shape not in {(), (len(leads),)} or not (np.isfinite(scale) & (scale > 0)).all():
        raise ValueError("lsb_nv: one positive number, or one for each lead")
    if not LOWEST_HZ <= rate_hz <= 100_000:  # noqa: PLR2004 (no converter of electrodes is faster)
        raise ValueError(f"rate_hz: {rate_hz} is no rate of an ECG")
    mv = millivolts(samples, lsb_nv)
    if mv.ndim != 2 or mv.shape[1] != len(leads):  # noqa: PLR2004 (rows and leads)
        raise ValueError(f"samples: shape {mv.shape} instead of (n, {len(leads)})")
    if len(mv) > LONGEST_S * rate_hz:
        raise ValueError(f"samples: {len(mv)}, at most {LONGEST_S:.0f} s are measured at once")

    quality = [quality_of(mv[:, n], rate_hz) for n in range(len(leads))]
    good = np.array([q is Quality.OK for q in quality])
    if not good.any():
        return _nothing(leads, quality, rate_hz, "no_usable_lead")
    whole, spikes = without_spikes(filled(mv), rate_hz)
    rows = in_steps(whole, rate_hz)
    for lead in np.flatnonzero(good & (tremble_mv(rows) > NOISE_MV)):
        quality[lead], good[lead] = Quality.NOISE, False
    if not good.any():
        return _nothing(leads, quality, rate_hz, "no_usable_lead")
    beats = find_beats(rows[:, good])
    gone = ~np.isfinite(mv)
    holes = gone[np.minimum((np.arange(len(rows)) * rate_hz / STEP_HZ).astype(int), len(mv) - 1)]
    beats = beats[~holes[np.minimum(beats, len(rows) - 1)][:, good].all(axis=1)]
    if len(beats) < 2:  # noqa: PLR2004 (an interval has two ends)
        return _nothing(leads, quality, rate_hz, "no_beats", _to_samples(beats, rate_hz))
    gaps = _gaps(beats, holes[:, good].all(axis=1))
    if len(gaps) == 0:
        return _nothing(leads, quality, rate_hz, "no_beats", _to_samples(beats, rate_hz))
    rr_ms = float(np.median(gaps))
    before = [_spike_before(beat, spikes * STEP_HZ / rate_hz) for beat in beats]
    rhythm = {
        "rate_hz": rate_hz,
        "r_peaks": _to_samples(beats, rate_hz),
        "heart_rate_per_min": 60_000 / rr_ms,
        "rate_low_per_min": 60_000 / float(gaps.max()),
        "rate_high_per_min": 60_000 / float(gaps.min()),
        "rr_ms": rr_ms,
        "rr_irregular": _irregular(gaps),
        "pacing_spikes": float(np.mean(before)) >= _PACED_SHARE,
    }
    if rate_hz < WAVES_HZ:
        return _rhythm_only(rhythm, leads, quality, "sampled_too_slowly")
    if rr_ms < _SHORTEST_RR_MS:
        return _rhythm_only(rhythm, leads, quality, "heart_too_fast")
    used = alike(rows[:, good], beats)
    window = window_of(gaps)
    if len(used) == 0:
        return _rhythm_only(rhythm, leads, quality, "too_few_beats")
    lost = holes | ~good
    beat = average(rows, lost, used, max(_FIRST_ONSET_MS, -window[0] + _BASE_MS), window)
    waves = delineate(beat, rr_ms)
    if waves.onset is not None:
        # The first look did not know where the QRS begins; the base line must pass just there.
        beat = average(rows, lost, used, waves.onset - beat.r_ms, window)
        waves = delineate(beat, rr_ms)
    return _measured(rhythm, leads, quality, beat, waves)


def _measured(
    rhythm: dict[str, Any],
    leads: Sequence[str],
    quality: Sequence[Quality],
    beat: Average,
    waves: Waves,
) -> Measurement:
    onset, j, rr_ms = waves.onset, waves.j, rhythm["rr_ms"]
    if onset is None or j is None:
        return _rhythm_only(rhythm, leads, quality, waves.reasons["qrs"])
    reasons = {f"{name}_ms": why for name, why in waves.reasons.items()}
    qt_ms = None if waves.t_end is None else float(waves.t_end - onset)
    if qt_ms is None:
        reasons |= dict.fromkeys(("qtcf_ms", "qtcb_ms"), reasons["qt_ms"])
    if rhythm["rr_irregular"] is None:
        reasons["rr_irregular"] = "too_few_beats"
    return Measurement(
        **rhythm,
        beats_used=len(beat.beats),
        j_points=_to_samples(beat.beats + (j - beat.r_ms), rhythm["rate_hz"]),
        pr_ms=None if waves.p_onset is None else float(onset - waves.p_onset),
        qrs_ms=float(j - onset),
        qt_ms=qt_ms,
        qtcf_ms=None if qt_ms is None else qt_ms / (rr_ms / 1000) ** (1 / 3),
        qtcb_ms=None if qt_ms is None else qt_ms / (rr_ms / 1000) ** 0.5,
        leads=tuple(
            _lead(name, quality[n], beat.mv[:, n], beat.cuts[:, :, n], waves)
            for n, name in enumerate(leads)
        ),
        reasons=reasons,
        average_mv=beat.mv,
        onset_ms=onset,
        j_ms=j,
    )


def _lead(name: str, quality: Quality, mv: Floats, cuts: Floats, waves: Waves) -> LeadMeasurement:
    onset, j = waves.onset, waves.j
    assert onset is not None
    assert j is not None  # the caller has both
    if quality is not Quality.OK:
        return LeadMeasurement(lead=name, quality=quality, reason=str(quality))
    if not np.isfinite(mv).all():
        return LeadMeasurement(lead=name, quality=quality, reason="too_few_beats")
    base = slice(max(onset - _BASE_MS, 0), onset + 1)
    level = (mv - mv[base].mean()) * _MM_PER_MV
    whole = cuts[np.isfinite(cuts).all(axis=1)]
    st = whole[:, j : j + _POINT_MS].mean(axis=1) - whole[:, base].mean(axis=1)
    error_mm = float(standard_error(st)) * _MM_PER_MV
    if error_mm > _ERROR_MM:
        return LeadMeasurement(lead=name, quality=Quality.NOISE, reason="noise", error_mm=error_mm)

    def at(row: int) -> float | None:
        part = level[row : row + _POINT_MS]
        return float(part.mean()) if len(part) == _POINT_MS else None

    st_j, st_80 = at(j), at(j + 80)
    q_mm, r_mm, s_mm = _qrs_waves(level[onset : j + 1])
    t_end = waves.t_end if waves.t_end is not None else len(level)
    t_wave = level[j + 80 : t_end]
    return LeadMeasurement(
        lead=name,
        quality=quality,
        reason="",
        st_j_mm=st_j,
        st_60_mm=at(j + 60),
        st_80_mm=st_80,
        st_slope_mm_s=None if st_j is None or st_80 is None else (st_80 - st_j) / 0.08,
        t_mm=float(t_wave[np.argmax(np.abs(t_wave))]) if len(t_wave) else None,
        q_mm=q_mm,
        r_mm=r_mm,
        s_mm=s_mm,
        error_mm=error_mm,
    )


def _qrs_waves(level: Floats) -> tuple[float, float, float]:
    """Q, R and S: what goes down before the highest point, the point itself, what goes after it."""
    top = int(np.argmax(level))
    r_mm = float(level[top])
    if r_mm < _WAVE_MM:
        return 0.0, 0.0, min(float(level.min()), 0.0)
    q_mm = float(level[: top + 1].min())
    s_mm = float(level[top:].min())
    return (q_mm if q_mm < -_WAVE_MM else 0.0), r_mm, (s_mm if s_mm < -_WAVE_MM else 0.0)


def _gaps(beats: NDArray[np.intp], hole: NDArray[np.bool_]) -> NDArray[np.intp]:
    """Intervals between neighbours, without those across a gap of all leads."""
    lost = np.concatenate(([0], np.cumsum(hole)))
    across = lost[beats[1:]] - lost[beats[:-1]] > 0
    return np.diff(beats)[~across]


def _irregular(gaps: NDArray[np.intp]) -> bool | None:
    """Most intervals differ from the one before: a single early beat does not do it."""
    if len(gaps) < _IRREGULAR_BEATS:
        return None
    return bool(np.median(np.abs(np.diff(gaps))) > _IRREGULAR * np.median(gaps))


def _spike_before(beat: int, spikes_ms: NDArray[np.float64]) -> bool:
    ahead = beat - spikes_ms
    return bool(((ahead > 0) & (ahead < _SPIKE_BEFORE_MS)).any())


def _to_samples(steps: NDArray[np.intp], rate_hz: float) -> tuple[int, ...]:
    return tuple(round(float(step) * rate_hz / STEP_HZ) for step in steps)


_RHYTHM: Final = (
    *("heart_rate_per_min", "rate_low_per_min", "rate_high_per_min", "rr_ms"),
    *("rr_irregular", "pacing_spikes"),
)
_INTERVALS: Final = ("pr_ms", "qrs_ms", "qt_ms", "qtcf_ms", "qtcb_ms")


def _rhythm_only(
    rhythm: dict[str, Any], leads: Sequence[str], quality: Sequence[Quality], why: str
) -> Measurement:
    none: dict[str, Any] = dict.fromkeys(_INTERVALS)
    return Measurement(
        **rhythm,
        beats_used=0,
        j_points=(),
        **none,
        leads=tuple(
            LeadMeasurement(lead=name, quality=q, reason=why if q is Quality.OK else str(q))
            for name, q in zip(leads, quality, strict=True)
        ),
        reasons=dict.fromkeys((*_INTERVALS, *(n for n in _RHYTHM if rhythm[n] is None)), why),
        average_mv=np.zeros((0, len(leads))),
        onset_ms=None,
        j_ms=None,
    )


def _nothing(
    leads: Sequence[str],
    quality: Sequence[Quality],
    rate_hz: float,
    why: str,
    r_peaks: tuple[int, ...] = (),
) -> Measurement:
    rhythm: dict[str, Any] = dict.fromkeys(_RHYTHM)
    rhythm |= {"rate_hz": rate_hz, "r_peaks": r_peaks}
    return _rhythm_only(rhythm, leads, quality, why)
