"""One average beat of each lead, from the beats that look alike.

Rule 1: the base line goes through the points before each QRS and nothing else: the ST segment is
        where the heart put it.
Rule 2: a beat of another shape, or one that a gap touches, is not averaged in.
Rule 3: fewer than `ENOUGH_BEATS` alike are no average.
"""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from goldenhour.compute.ecg.beats import Steps
from goldenhour.compute.ecg.condition import Floats, without_hum

ENOUGH_BEATS: Final = 3
_ALIKE: Final = 0.85
_COMPARE_MS: Final = (-70, 110)
_SHIFT_MS: Final = 20
_BEFORE_MS: Final = 360
_AFTER_MS: Final = 640
_BEFORE_SHARE: Final = 0.42
_QUIET_MS: Final = 140
"""So far around a beat its QRS may reach."""
_KNOT_MS: Final = 16
_TRIM: Final = 0.2
_FEW: Final = 3


class Average(NamedTuple):
    mv: Floats
    """Rows (1 ms, lead); NaN where a lead has too few beats."""
    cuts: Floats
    """The beats that it is made of (beat, 1 ms, lead); NaN where a gap touches one."""
    r_ms: int
    """The R peak's row."""
    beats: Steps
    """The R peaks that were averaged, aligned."""


def window_of(gaps_ms: NDArray[np.intp]) -> tuple[int, int]:
    """How far before and after R a beat reaches at this rate."""
    usual = int(np.median(gaps_ms))
    before = min(_BEFORE_MS, int(_BEFORE_SHARE * usual))
    return before, min(_AFTER_MS, usual - before)


def alike(rows: Floats, beats: Steps) -> Steps:
    """The beats of the commonest shape, moved so that their QRS lie upon one another."""
    first, last = _COMPARE_MS
    room = beats[(beats + first - _SHIFT_MS >= 0) & (beats + last + _SHIFT_MS <= len(rows))]
    if len(room) == 0:
        return room
    shapes = _shapes(rows, room)
    same = shapes @ shapes.T
    model = shapes[int(np.argmax(np.median(same, axis=1)))]
    shifts = np.arange(-_SHIFT_MS, _SHIFT_MS + 1)
    for _ in range(2):
        fits = np.stack([_shapes(rows, room + shift) @ model for shift in shifts], axis=1)
        best = fits.argmax(axis=1)
        good = fits.max(axis=1) >= _ALIKE
        if not good.any():
            return room[:0]
        moved = room + shifts[best]
        mean = _shapes(rows, moved[good]).mean(axis=0)
        model = mean / max(float(np.linalg.norm(mean)), 1e-12)
    return moved[good]


def _shapes(rows: Floats, beats: Steps) -> Floats:
    """Each beat's QRS of all leads as one vector of length 1, every fourth step."""
    first, last = _COMPARE_MS
    at = beats[:, None] + np.arange(first, last, 4)
    cut = rows[at]
    cut = cut - cut.mean(axis=1, keepdims=True)
    flat = cut.reshape(len(beats), -1)
    out: Floats = flat / np.maximum(np.linalg.norm(flat, axis=1, keepdims=True), 1e-12)
    return out


def average(
    rows: Floats,
    holes: NDArray[np.bool_],
    beats: Steps,
    onset_ms: int,
    window: tuple[int, int],
) -> Average:
    """The average of `beats`; `onset_ms` is where the QRS begins, counted from R (negative)."""
    before, after = window
    level = _without_base_line(rows, beats, onset_ms)
    quiet = np.ones(len(rows), bool)
    for beat in beats:
        quiet[max(beat - _QUIET_MS, 0) : beat + _QUIET_MS] = False
    level = without_hum(level, quiet & ~holes.any(axis=1))
    whole = beats[(beats - before >= 0) & (beats + after <= len(rows))]
    at = whole[:, None] + np.arange(-before, after)
    cut = level[at]
    # Hum was moved a little at the knots too; each beat starts from its own PQ level again.
    first = max(before + onset_ms - _KNOT_MS, 0)
    cut = cut - cut[:, first : first + _KNOT_MS].mean(axis=1, keepdims=True)
    mv = np.full(cut.shape[1:], np.nan)
    for lead in range(rows.shape[1]):
        heard = ~holes[:, lead][at].any(axis=1)
        cut[~heard, :, lead] = np.nan
        if heard.sum() >= ENOUGH_BEATS:
            mv[:, lead] = trimmed_mean(cut[heard, :, lead])
    return Average(mv=mv, cuts=cut, r_ms=before, beats=whole)


def trimmed_mean(values: Floats) -> Floats:
    """Over the first axis, without a fifth at each end: one bad beat does not move it."""
    trim = int(_TRIM * len(values))
    out: Floats = np.sort(values, axis=0)[trim : len(values) - trim].mean(axis=0)
    return out


def standard_error(values: Floats) -> Floats:
    """Of such a mean, from the spread of the middle half (over the first axis).

    What a handful of beats say of their own spread is trusted less.
    """
    low, high = np.percentile(values, (25, 75), axis=0)
    count = len(values)
    out: Floats = (high - low) / 1.35 / np.sqrt(count) * (1 + _FEW / count)
    return out


def _without_base_line(rows: Floats, beats: Steps, onset_ms: int) -> Floats:
    knots = beats + onset_ms - _KNOT_MS // 2
    half = _KNOT_MS // 2
    inside = (knots >= half) & (knots + half <= len(rows))
    knots = knots[inside]
    if len(knots) == 0:
        middle: Floats = np.median(rows, axis=0)
        return rows - middle
    levels: Floats = np.stack([rows[k - half : k + half].mean(axis=0) for k in knots])
    if len(knots) == 1:
        return rows - levels[:1]
    t = np.clip(np.arange(len(rows)), knots[0], knots[-1])
    line: Floats = CubicSpline(knots, levels, axis=0, bc_type="natural")(t)
    return rows - line
