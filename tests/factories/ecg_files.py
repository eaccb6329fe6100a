"""Records of ECG for the tests of files, and where the real ones are."""

import os
import shutil
import subprocess
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import asdict

from factories.ecg import TWELVE, synthetic
from goldenhour.wire.ecg_files import EcgRecord, Lead

DATA = Path(os.environ.get("GOLDENHOUR_DATA", Path(__file__).parents[2] / "../shared/data")) / "ecg"
BEGUN_MS = 1_790_000_000_123
GAPS = ((700, 321), (4000, 1))


def record(
    seed: int = 1,
    *,
    count: int = 5123,
    leads: tuple[str, ...] = TWELVE,
    gaps: tuple[tuple[int, int], ...] = GAPS,
    more_gaps_of_last: tuple[tuple[int, int], ...] = (),
    lsb_nv: Fraction = Fraction(5000),
    zero_nv: Fraction = Fraction(0),
    rate_hz: Fraction = Fraction(500),
    **about: Any,
) -> EcgRecord:
    """Synthetic, with gaps in all leads and some more in the last one."""
    samples = synthetic(seed, count, int(rate_hz), leads=len(leads))
    own = dict.fromkeys(leads, gaps)
    own[leads[-1]] = tuple(sorted(gaps + more_gaps_of_last))
    for place, name in enumerate(leads):
        for first, length in own[name]:
            samples[first : first + length, place] = 0
    given: dict[str, Any] = {"begun_ms": BEGUN_MS, "device": "E-1"}
    return EcgRecord(
        leads=tuple(
            Lead(name=name, lsb_nv=lsb_nv, zero_nv=zero_nv, gaps=own[name]) for name in leads
        ),
        rate_hz=rate_hz,
        samples=samples,
        **(given | about),
    )


def assert_same(found: EcgRecord, wanted: EcgRecord, *but: str) -> None:
    """Bit for bit, and every other field except those named."""
    assert found.samples.dtype == np.int32
    assert np.array_equal(found.samples, wanted.samples)
    differing = {
        name
        for name, value in asdict(found).items()
        if name != "samples" and value != getattr(wanted, name)
    }
    assert differing <= set(but), {n: (getattr(found, n), getattr(wanted, n)) for n in differing}


def dciodvfy(path: Path) -> list[str] | None:
    """What the conformance checker of dicom3tools complains about; None: it is not installed."""
    checker = shutil.which("dciodvfy")
    if checker is None:
        return None
    said = subprocess.run([checker, str(path)], capture_output=True, text=True, check=False)
    return [line for line in (said.stderr + said.stdout).splitlines() if "Error" in line]
