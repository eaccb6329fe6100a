"""The peers of `ecg-beats`: R peaks of neurokit2 and wfdb, and neurokit2's end of the QRS.

Each reads one lead in millivolts; that is their interface. They come with the dependency group
`bench`; where they are not installed, `absent` says so and the benchmark cannot pass.
"""

import warnings
from collections.abc import Callable
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
type Detector = Callable[[Floats, float], Floats]


def absent() -> list[str]:
    return [name for name in ("neurokit2", "wfdb") if find_spec(name) is None]


def detectors() -> dict[str, Detector]:
    """R peaks in samples of one lead (mV, Hz); without its package a peer is not among them."""
    found: dict[str, Detector] = {}
    if "neurokit2" not in absent():
        found["neurokit2"] = _neurokit
    if "wfdb" not in absent():
        found |= {"wfdb_xqrs": _xqrs, "wfdb_gqrs": _gqrs}
    return found


def _neurokit(lead: Floats, rate_hz: float) -> Floats:
    return np.asarray(_neurokit_cleaned(lead, rate_hz)[1], float)


def _neurokit_cleaned(lead: Floats, rate_hz: float) -> tuple[Floats, list[int]]:
    import neurokit2  # noqa: PLC0415 (a peer may be absent)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        clean = neurokit2.ecg_clean(lead, sampling_rate=round(rate_hz))
        _, found = neurokit2.ecg_peaks(clean, sampling_rate=round(rate_hz))
    return clean, list(found["ECG_R_Peaks"])


def neurokit_j(lead: Floats, rate_hz: float) -> Floats:
    """The ends of the QRS by its wavelet method, in samples.

    Those that it did not find are left out, and all of them where it raises (few beats).
    """
    import neurokit2  # noqa: PLC0415 (as above)

    clean, peaks = _neurokit_cleaned(lead, rate_hz)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            _, waves = neurokit2.ecg_delineate(
                clean, peaks, sampling_rate=round(rate_hz), method="dwt"
            )
        except (ValueError, IndexError, KeyError, ZeroDivisionError, TypeError):
            return np.zeros(0)
    ends = np.asarray(waves["ECG_R_Offsets"], float)
    return ends[np.isfinite(ends)]


def _xqrs(lead: Floats, rate_hz: float) -> Floats:
    from wfdb.processing import xqrs_detect  # noqa: PLC0415 (as above)

    return np.asarray(xqrs_detect(lead, rate_hz, verbose=False), float)


def _gqrs(lead: Floats, rate_hz: float) -> Floats:
    from wfdb.processing import gqrs_detect  # noqa: PLC0415 (as above)

    # It wants counts; its own records have 200 a millivolt.
    return np.asarray(gqrs_detect(sig=lead, fs=rate_hz, adc_gain=200, adc_zero=0), float)
