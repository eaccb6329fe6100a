"""Whether a window of the live ECG has beats, none, or trembles without any order.

Rule 1: it names what the signal looks like and no disease: motion, resuscitation and loose
        electrodes look alike.
Rule 2: a lead that cannot be judged has no say; where none can, nothing is said. A line that does
        not move is judged: nothing tells loose electrodes from a heart that stands still.
Rule 3: one lead with beats is enough for beats, and one that is quiet enough to show them is needed
        to say that there are none.
Rule 4: disorder is what most of the leads show that are above a flat line, by both criteria: alone,
        the first takes noise for it and the second a fast rhythm.

Criteria: threshold crossing sample count (Arafat, Chowdhury, Hasan 2011) and leakage of a filter at
the signal's own mean period (Kuo and Dillman 1978, as in Amann, Tratnig, Unterkofler 2005).
"""

from typing import Final, NamedTuple

import numpy as np
from scipy.signal import butter, sosfiltfilt

from goldenhour.compute.ecg.beats import find_beats
from goldenhour.compute.ecg.condition import STEP_HZ, Floats, Quality, filled, in_steps, quality_of
from goldenhour.kernel.telemetry import Rhythm

_THIN: Final = 4
_HZ: Final = STEP_HZ // _THIN
_BAND: Final = butter(2, (1.0, 30.0), "bandpass", fs=_HZ, output="sos")
_SEGMENT_S: Final = 3
_TAPER_S: Final = 0.25
_MOST: Final = 0.5
_FEW: Final = 4
_EDGE: Final = 5.0
"""Per cent of the samples on either side."""


class Criteria(NamedTuple):
    """From `content/rhythm.toml`, where each has its source."""

    no_beat_s: float
    chaotic_s: float
    flat_mv: float
    """From peak to peak: what is below is a flat line."""
    quiet_mv: float
    """From peak to peak: above it beats may be hidden."""
    crossing_level: float
    """Share of its segment's maximum that a sample must pass to be counted."""
    crossing_share: float
    """So large a share of the samples passes it where there is no order."""
    leakage: float
    """So little is left of a wave without complexes when half a period is laid upon the other."""
    slowest_per_min: float
    """Waves that come more seldom are compressions of the chest, or beats."""


def look(rows: Floats, rate_hz: float, criteria: Criteria) -> Rhythm:
    """`rows` (sample, lead) in mV end now and hold the longest span asked for; NaN is a gap."""
    # Nearly always a few of many leads have beats, and that is that.
    few = _look(rows[:, :: max(rows.shape[1] // _FEW, 1)], rate_hz, criteria)
    if few is Rhythm.BEATS or rows.shape[1] <= _FEW:
        return few
    return _look(rows, rate_hz, criteria)


def _look(rows: Floats, rate_hz: float, criteria: Criteria) -> Rhythm:
    late = rows[-round(criteria.no_beat_s * rate_hz) :]
    judged = [
        lead
        for lead in range(rows.shape[1])
        if quality_of(late[:, lead], rate_hz) in (Quality.OK, Quality.FLAT)
    ]
    if not judged:
        return Rhythm.UNCLEAR
    steps = in_steps(filled(rows[:, judged]), rate_hz)
    if _is_chaotic(_band(steps, criteria.chaotic_s), criteria):
        return Rhythm.CHAOTIC
    if len(find_beats(steps[-round(criteria.no_beat_s * STEP_HZ) :])):
        return Rhythm.BEATS
    quiet = _heights(_band(steps, criteria.no_beat_s)) < criteria.quiet_mv
    return Rhythm.NO_BEAT if quiet.any() else Rhythm.UNCLEAR


def _band(steps: Floats, span_s: float) -> Floats:
    """The last so many seconds, without base line and hum, at 250 Hz."""
    late = steps[-round(span_s * STEP_HZ) :]
    thin = len(late) // _THIN
    slow = late[: thin * _THIN].reshape(thin, _THIN, -1).mean(axis=1)
    out: Floats = sosfiltfilt(_BAND, slow, axis=0)
    return out


def _heights(band: Floats) -> Floats:
    """Of each lead, from peak to peak without its rarest samples: a spike is no amplitude."""
    low, high = np.percentile(band, (_EDGE, 100 - _EDGE), axis=0)
    out: Floats = high - low
    return out


def _is_chaotic(band: Floats, criteria: Criteria) -> bool:
    moving = band[:, _heights(band) >= criteria.flat_mv]
    disordered = [
        _crossings(lead, criteria.crossing_level) > criteria.crossing_share
        and _leaks_less(lead, criteria)
        for lead in moving.T
    ]
    return bool(disordered) and float(np.mean(disordered)) > _MOST


def _crossings(lead: Floats, level: float) -> float:
    """The mean share of samples above the level, of segments of three seconds, one each second."""
    width = _SEGMENT_S * _HZ
    ramp = 0.5 * (1 - np.cos(np.linspace(0, np.pi, round(_TAPER_S * _HZ))))
    taper = np.concatenate((ramp, np.ones(width - 2 * len(ramp)), ramp[::-1]))
    shares = []
    for first in range(0, len(lead) - width + 1, _HZ):
        sizes = np.abs(lead[first : first + width] * taper)
        shares.append((sizes > level * sizes.max()).mean())
    return float(np.mean(shares)) if shares else 0.0


def _leaks_less(lead: Floats, criteria: Criteria) -> bool:
    """Whether half a mean period later the wave is its own opposite, as a complex never is."""
    half = int(np.pi * np.abs(lead).sum() / np.abs(np.diff(lead)).sum() + 0.5)
    if not 0 < half < len(lead) or 60 * _HZ / (2 * half) < criteria.slowest_per_min:
        return False
    now, before = lead[half:], lead[:-half]
    left = np.abs(now + before).sum() / (np.abs(now).sum() + np.abs(before).sum())
    return bool(left < criteria.leakage)
