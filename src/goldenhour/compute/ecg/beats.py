"""R peaks from all leads together.

Rule 1: leads count by how far their complexes stand out of the rest of them, so that one noisy lead
        makes no beats; a lead alone must do as well.
Rule 2: whether what stands out is a heartbeat is asked of its size: no complexes, no beats.
"""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.signal import butter, find_peaks, sosfiltfilt

from goldenhour.compute.ecg.condition import STEP_HZ, Floats

Steps = NDArray[np.intp]

_THIN: Final = 4
"""The search runs on means of four steps: 250 Hz."""
_HZ: Final = STEP_HZ // _THIN
_BAND: Final = butter(2, (8.0, 25.0), "bandpass", fs=_HZ, output="sos")
_REFRACTORY_S: Final = 0.2
_SMOOTH_S: Final = 0.08
_BLOCK_S: Final = 2.0
"""At 30 beats a minute each block of so many seconds holds one."""
_ENOUGH: Final = 0.3
_ENOUGH_LATER: Final = 0.15
_MISSED: Final = 1.6
"""An interval of so many usual ones is looked through again."""
_T_S: Final = 0.36
_T_SHARE: Final = 0.35
_NOISE_RATIO: Final = 3.8
"""The 99th percentile over the median of plain noise."""
_STANDS_OUT: Final = 2.2
"""So far must complexes stand out of the median of the sum."""
_STANDS_OUT_SMOOTH: Final = 1.2
_SMOOTH_HZ: Final = ((8.0, 20.0), (30.0, 45.0))
_SMOOTH_RATIO: Final = 10.0
_SMALLEST_MV: Final = 0.04
"""In the band, of the 99th percentile: P waves alone are below it."""
_SHORTEST_S: Final = 1.0
_PEAK_MS: Final = 40
_AROUND_MS: Final = 150


def find_beats(rows: Floats) -> Steps:
    """Steps of the R peaks (the greatest deflection) in `rows` (1 ms step, lead), gaps filled."""
    thin = len(rows) // _THIN
    if thin < _SHORTEST_S * _HZ or rows.shape[1] == 0:
        return np.zeros(0, np.intp)
    slow = rows[: thin * _THIN].reshape(thin, _THIN, -1).mean(axis=1)
    band = sosfiltfilt(_BAND, slow, axis=0)
    sizes = np.abs(band)
    high = np.percentile(sizes, 99, axis=0)
    usual = np.maximum(np.median(sizes, axis=0), 1e-6)
    peaky = np.maximum(high / usual - _NOISE_RATIO, 0.0)
    # Broad complexes one upon the other do not stand out, but they are smooth, as noise never is.
    smooth = _smoothness(slow) > _SMOOTH_RATIO
    clear = np.where(smooth, np.maximum(peaky, 1.0), peaky) * (high > _SMALLEST_MV)
    if not clear.any():
        return np.zeros(0, np.intp)
    weight = clear / (np.maximum(high, 1e-6) * clear.max())
    sharp = np.sqrt(((band * weight) ** 2).sum(axis=1))
    width = round(_SMOOTH_S * _HZ)
    energy = np.sqrt(np.convolve(sharp**2, np.ones(width) / width, "same"))
    found = _pick(energy, _STANDS_OUT_SMOOTH if smooth[clear > 0].any() else _STANDS_OUT)
    near = round(_SMOOTH_S * _HZ / 2)
    tops = [
        max(at - near, 0) + int(np.argmax(sharp[max(at - near, 0) : at + near + 1])) for at in found
    ]
    clearest = rows[:, int(np.argmax(clear))]
    return np.array([_peak(clearest, _THIN * top + _THIN // 2) for top in tops], np.intp)


def _peak(lead: Floats, near: int) -> int:
    """The step of the greatest deflection from what surrounds it."""
    around = lead[max(near - _AROUND_MS, 0) : near + _AROUND_MS]
    first = max(near - _PEAK_MS, 0)
    part = lead[first : near + _PEAK_MS + 1]
    return first + int(np.argmax(np.abs(part - np.median(around))))


def _smoothness(slow: Floats) -> Floats:
    """Of each lead, the power where QRS complexes have theirs over that above them."""
    hz = np.fft.rfftfreq(len(slow), 1 / _HZ)
    power = np.abs(np.fft.rfft(slow, axis=0)) ** 2
    low, high = (power[(hz >= a) & (hz < b)].mean(axis=0) for a, b in _SMOOTH_HZ)
    out: Floats = low / np.maximum(high, 1e-12)
    return out


def _pick(energy: Floats, stands_out: float) -> list[int]:
    distance = round(_REFRACTORY_S * _HZ)
    peaks, _ = find_peaks(energy, distance=distance)
    if len(peaks) == 0:
        return []
    blocks = np.array_split(energy, max(round(len(energy) / _HZ / _BLOCK_S), 1))
    tops = np.array([block.max() for block in blocks])
    if np.median(tops) < stands_out * np.median(energy):
        return []
    # A block's neighbours count too: one artefact must not hide the beats beside it.
    usual = np.array([np.median(tops[max(b - 2, 0) : b + 3]) for b in range(len(tops))])
    wanted = usual[np.minimum(peaks * len(tops) // len(energy), len(tops) - 1)]
    taken = [int(p) for p in peaks[energy[peaks] >= _ENOUGH * wanted]]
    taken = _without_t(taken, energy)
    if len(taken) < 3:  # noqa: PLR2004 (two intervals make a usual one)
        return taken
    usual_gap = float(np.median(np.diff(taken)))
    weak = peaks[energy[peaks] >= _ENOUGH_LATER * wanted]
    for before, after in pairwise(tuple(taken)):
        if after - before > _MISSED * usual_gap:
            inside = [
                int(p) for p in weak if before + 0.6 * usual_gap < p < after - 0.6 * usual_gap
            ]
            taken += [max(inside, key=lambda p: energy[p])] if inside else []
    return sorted(taken)


def _without_t(peaks: list[int], energy: Floats) -> list[int]:
    kept: list[int] = []
    for peak in peaks:
        soon = bool(kept) and peak - kept[-1] < _T_S * _HZ
        if soon and energy[peak] < _T_SHARE * energy[kept[-1]]:
            continue
        kept.append(peak)
    return kept
