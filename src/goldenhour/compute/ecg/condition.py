"""A window of samples made fit for measuring: millivolts, gaps, quality, spikes, hum, 1 ms steps.

Rule 1: a gap is NaN and stays one; what fills it for a filter is never measured.
Rule 2: nothing here is a high-pass filter: those bend the ST segment. The base line is taken away
        by `average`, through the points before each QRS.
"""

from collections.abc import Sequence
from enum import StrEnum
from fractions import Fraction
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import median_filter
from scipy.signal import resample_poly

Floats = NDArray[np.float64]

BELIEVED_MV: Final = 1000.0
"""Beyond any electrode's offset: such a number is a gap."""
GAP_SHARE: Final = 0.2
FLAT_MV: Final = 0.03
RAIL_MV: Final = 1.5
"""A rail lies at least so far from the middle."""
RAIL_S: Final = 0.02
RAIL_SHARE: Final = 0.02
SPIKE_S: Final = 0.005
"""Pacing spikes last at most so long, and no wave of a heart is as short."""
SPIKE_MV: Final = 0.3
SPIKE_COARSE_MV: Final = 0.6
"""Below 450 Hz a sample lasts half a spike, and a steep R stands out of its neighbours too."""
SPIKE_AWAY_S: Final = 0.02
COARSE_HZ: Final = 450.0
SPIKES_MAX_SHARE: Final = 0.02
"""More than this are noise."""
STEP_HZ: Final = 1000
NOISE_MV: Final = 0.2
"""A lead that trembles more than this would spoil what the others tell together."""
NOISE_MS: Final = 15
MAINS_HZ: Final = (50.0, 60.0)
MAINS_OFF_HZ: Final = 0.5
HUM_MV: Final = 0.005


class Quality(StrEnum):
    OK = "ok"
    FLAT = "flat"
    SATURATED = "saturated"
    NOISE = "noise"
    GAP = "gap"


def millivolts(samples: Any, lsb_nv: float | Sequence[float]) -> Floats:
    """Rows (sample, lead) in mV; masked, infinite and absurd samples are NaN."""
    rows = np.ma.filled(np.ma.asarray(samples).astype(np.float64), np.nan)
    if rows.ndim == 1:
        rows = rows[:, None]
    scale = np.asarray(lsb_nv, np.float64) / 1e6
    believed = np.isfinite(rows)
    believed &= np.abs(np.where(believed, rows, 0.0)) <= BELIEVED_MV / np.abs(scale)
    return np.where(believed, np.where(believed, rows, 0.0) * scale, np.nan)


def quality_of(lead: Floats, rate_hz: float) -> Quality:
    """What one lead's samples say of themselves; noise is judged later, between the beats."""
    there = lead[np.isfinite(lead)]
    if len(there) < (1 - GAP_SHARE) * len(lead) or len(there) == 0:
        return Quality.GAP
    second = max(int(rate_hz), 2)
    spans = [np.ptp(part) for part in np.array_split(there, max(len(there) // second, 1))]
    if float(np.median(spans)) < FLAT_MV:
        return Quality.FLAT
    middle = float(np.median(there))
    for rail in (there.min(), there.max()):
        held = there == rail
        long = _longest(held) >= max(RAIL_S * rate_hz, 3)
        if abs(rail - middle) > RAIL_MV and long and held.mean() > RAIL_SHARE:
            return Quality.SATURATED
    return Quality.OK


def _longest(held: NDArray[np.bool_]) -> int:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], held.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max(initial=0))


def filled(rows: Floats) -> Floats:
    """Gaps bridged by straight lines, for filters only."""
    out = rows.copy()
    at = np.arange(len(rows))
    for lead in range(rows.shape[1]):
        hole = ~np.isfinite(rows[:, lead])
        if hole.all():
            out[:, lead] = 0.0
        elif hole.any():
            out[hole, lead] = np.interp(at[hole], at[~hole], rows[~hole, lead])
    return out


def without_spikes(rows: Floats, rate_hz: float) -> tuple[Floats, NDArray[np.intp]]:
    """The rows without spikes shorter than any wave, and the samples at which spikes began."""
    width = 2 * max(int(SPIKE_S * rate_hz), 1) + 1
    smooth = median_filter(rows, size=(width, 1), mode="nearest")
    high = SPIKE_MV if rate_hz >= COARSE_HZ else SPIKE_COARSE_MV
    height = np.abs(rows - smooth)
    # The tip of a steep R stands on the R; a spike stands on the base line, on one side at least.
    away = max(int(SPIKE_AWAY_S * rate_hz), width)
    at = np.arange(len(rows))
    left, right = np.maximum(at - away, 0), np.minimum(at + away, len(rows) - 1)
    foot = np.minimum(np.abs(smooth - smooth[left]), np.abs(smooth - smooth[right]))
    spiky = (height > high) & (foot < height / 2)
    spiky[:, spiky.mean(axis=0) > SPIKES_MAX_SHARE] = False
    anywhere = spiky.any(axis=1)
    begins = np.flatnonzero(anywhere & ~np.concatenate(([False], anywhere[:-1])))
    # The flanks of a spike are part of it.
    wide = np.convolve(anywhere, np.ones(width), "same") > 0
    return np.where(wide[:, None] & spiky.any(axis=0), smooth, rows), begins


def in_steps(rows: Floats, rate_hz: float) -> Floats:
    """The same window with a sample every millisecond; gaps must have been filled."""
    ratio = Fraction(STEP_HZ / rate_hz).limit_denominator(100)
    if ratio == 1:
        return rows
    # The ends are held: a filter that saw zeros there would ring.
    out: Floats = resample_poly(rows, ratio.numerator, ratio.denominator, axis=0, padtype="line")
    return out


def tremble_mv(rows: Floats) -> Floats:
    """The standard deviation of what is faster than a QRS, in steps of 1 ms, for each lead."""
    fast = np.abs(rows - moving_mean(rows, NOISE_MS))
    # Complexes fill less than half of the time, so the median does not see them.
    out: Floats = np.median(fast, axis=0) / 0.6745
    return out


def without_hum(rows: Floats, quiet: NDArray[np.bool_]) -> Floats:
    """Mains hum fitted between the QRS complexes, one steady sine a lead, and taken away.

    `rows` are in steps of 1 ms and without base line; `quiet` marks the steps to fit on.
    """
    if quiet.sum() < STEP_HZ:
        return rows
    t = np.arange(len(rows)) / STEP_HZ
    out = rows
    for mains_hz in MAINS_HZ:
        tried = np.arange(mains_hz - MAINS_OFF_HZ, mains_hz + MAINS_OFF_HZ + 0.01, 0.05)
        # A slow wave is no hum: without its mean over a period nothing slow correlates.
        period = round(STEP_HZ / mains_hz)
        fast = out - moving_mean(out, period)
        # Every fourth step is enough to find the frequency.
        heard = np.where(quiet[:, None], fast, 0.0)[::4]
        power = (np.abs(np.exp(-2j * np.pi * tried[:, None] * t[::4]) @ heard) ** 2).sum(axis=1)
        hz = _vertex(tried, power)
        waves = np.stack((np.cos(2 * np.pi * hz * t), np.sin(2 * np.pi * hz * t)), axis=1)
        size, *_ = np.linalg.lstsq(waves[quiet], fast[quiet], rcond=None)
        size[:, np.hypot(size[0], size[1]) < HUM_MV] = 0.0
        out = out - waves @ size
    return out


def _vertex(x: Floats, y: Floats) -> float:
    """Where the parabola through the highest point and its neighbours has its top."""
    top = int(np.clip(np.argmax(y), 1, len(y) - 2))
    left, middle, right = y[top - 1 : top + 2]
    bend = left - 2 * middle + right
    shift = 0.5 * (left - right) / bend if bend < 0 else 0.0
    return float(x[top] + np.clip(shift, -1, 1) * (x[1] - x[0]))


def moving_mean(rows: Floats, width: int) -> Floats:
    """Down the rows, `width` steps centred, the ends held."""
    before = width // 2
    padded = np.pad(rows, ((before + 1, width - before - 1), (0, 0)), mode="edge")
    sums = np.cumsum(padded, axis=0)
    out: Floats = (sums[width:] - sums[:-width]) / width
    return out
