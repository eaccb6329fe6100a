"""Where the waves of an average beat begin and end, over all leads together.

Rule 1: QRS onset and J point are those of the earliest and the latest lead: one pair a beat.
Rule 2: what does not stand clear of the noise is None, with the reason beside it.
"""

from typing import Final, NamedTuple

import numpy as np

from goldenhour.compute.ecg.average import Average, standard_error
from goldenhour.compute.ecg.condition import Floats, moving_mean

_SLOPE_HALF_MS: Final = 3
_SMOOTH_MS: Final = 7
_SLOW: Final = 0.04
"""Below this share of the steepest slope a QRS has ended, or has not begun."""
_CALM_MS: Final = 40
_ABOVE_NOISE: Final = 1.4
_ABOVE_NOISE_ALONE: Final = 1.2
"""More for one lead: the speed of a dozen together hardly fluctuates."""
_STILL_MS: Final = 12
_QRS_BEFORE_MS: Final = 140
_QRS_AFTER_MS: Final = 200
_P_FROM_MS: Final = 300
_P_UNTIL_MS: Final = 24
_P_MV: Final = 0.03
_P_NOISE: Final = 5.0
_P_SLOW: Final = 0.15
_T_AFTER_J_MS: Final = 60
_T_LATEST_SHARE: Final = 0.72
_T_MV: Final = 0.08


class Waves(NamedTuple):
    """Rows of the average beat; None with a reason in `reasons` under the name of the field."""

    p_onset: int | None
    onset: int | None
    j: int | None
    t_end: int | None
    reasons: dict[str, str]


def slopes(mv: Floats) -> Floats:
    """How fast the heart's vector moves at each step, mV/ms over all leads."""
    smooth = moving_mean(mv, _SMOOTH_MS)
    moves = np.zeros_like(smooth)
    half = _SLOPE_HALF_MS
    moves[half:-half] = (smooth[2 * half :] - smooth[: -2 * half]) / (2 * half)
    out: Floats = np.sqrt((moves**2).sum(axis=1))
    return out


def delineate(beat: Average, rr_ms: float) -> Waves:
    leads = np.isfinite(beat.mv).all(axis=0)
    if not leads.any():
        return Waves(None, None, None, None, dict.fromkeys(("pr", "qrs", "qt"), "too_few_beats"))
    mv = beat.mv[:, leads]
    speed = slopes(mv)
    found = _qrs(speed, beat.r_ms, mv.shape[1])
    if found is None:
        return Waves(None, None, None, None, dict.fromkeys(("pr", "qrs", "qt"), "qrs_unclear"))
    onset, j = found
    reasons: dict[str, str] = {}
    t_end = _t_end(mv - mv[onset], j, min(len(mv), beat.r_ms + int(_T_LATEST_SHARE * rr_ms)))
    if t_end is None:
        reasons["qt"] = "no_clear_t_wave"
    # The beat before ends its T wave this far into our window.
    free = 0 if t_end is None else max(t_end - round(rr_ms), 0)
    error = float(np.median(standard_error(beat.cuts[:, :onset, leads])))
    p_onset = _p_onset(mv, onset, max(free, onset - _P_FROM_MS), error)
    if p_onset is None:
        reasons["pr"] = "no_clear_p_wave"
    return Waves(p_onset, onset, j, t_end, reasons)


def _qrs(speed: Floats, r_ms: int, leads: int) -> tuple[int, int] | None:
    first, last = max(r_ms - _QRS_BEFORE_MS, 0), min(r_ms + _QRS_AFTER_MS, len(speed))
    near = slice(max(r_ms - 60, 0), r_ms + 60)
    top = near.start + int(np.argmax(speed[near]))
    calm = float(moving_mean(speed[first:last, None], _CALM_MS)[_CALM_MS:-_CALM_MS].min())
    noise = (_ABOVE_NOISE + _ABOVE_NOISE_ALONE / np.sqrt(leads)) * calm
    limit = max(_SLOW * float(speed[top]), noise)
    if limit >= speed[top] / 2:
        return None
    fast = speed > limit
    onset = _first_still(fast, top, -1, first)
    j = _first_still(fast, top, 1, last)
    if onset is None or j is None:
        return None
    return onset, j


def _first_still(fast: np.ndarray, start: int, way: int, end: int) -> int | None:
    """The first step from `start` on after which nothing is fast for a while."""
    still = 0
    for at in range(start, end, way):
        still = 0 if fast[at] else still + 1
        if still == _STILL_MS:
            return at - way * (_STILL_MS - 1)
    return None


def _t_end(level: Floats, j: int, latest: int) -> int | None:
    """By tangents: where the steepest line down from the T peak meets the base line."""
    begin = j + _T_AFTER_J_MS
    if latest - begin < _T_AFTER_J_MS:
        return None
    smooth = moving_mean(level, 15)
    ends: list[tuple[float, int]] = []
    for lead in range(level.shape[1]):
        wave = smooth[begin:latest, lead]
        top = int(np.argmax(np.abs(wave)))
        size = float(wave[top])
        down = np.diff(wave[top:]) * np.sign(size)
        if abs(size) < _T_MV or len(down) < _STILL_MS:
            continue
        steepest = int(np.argmin(down))
        slope = float(down[steepest])
        height = float(wave[top + steepest]) * np.sign(size)
        if slope >= 0:
            continue
        end = begin + top + steepest + round(height / -slope)
        if end < latest:
            ends.append((abs(size), end))
    if not ends:
        return None
    # The leads with the greatest T waves tell it best.
    ends.sort(reverse=True)
    return int(np.median([end for _, end in ends[:5]]))


def _p_onset(mv: Floats, onset: int, begin: int, error_mv: float) -> int | None:
    end = onset - _P_UNTIL_MS
    if end - begin < 2 * _P_UNTIL_MS:
        return None
    smooth = moving_mean(mv, 11)[begin:onset]
    # Against the straight line from the window's begin to the QRS onset.
    line = np.linspace(0.0, 1.0, len(smooth))[:, None]
    wave = smooth - (smooth[0] * (1 - line) + smooth[-1] * line)
    size = np.abs(wave[: end - begin]).max(axis=1)
    top = int(np.argmax(size))
    if size[top] < max(_P_MV, _P_NOISE * error_mv) or top < _STILL_MS or top > len(size) - 2:
        return None
    speed = slopes(mv[begin:onset])
    steepest = int(np.argmax(speed[:top]))
    fast = speed > _P_SLOW * float(speed[steepest])
    found = _first_still(fast, steepest, -1, 0)
    return None if found is None else begin + found
