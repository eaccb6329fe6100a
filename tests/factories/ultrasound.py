"""DICOM ultrasound instances for tests, as files."""

from io import BytesIO
from random import Random

import numpy as np
from pydicom.dataset import Dataset

from goldenhour.kernel.time import to_datetime
from goldenhour.simulator.ultrasound_scene import WINDOWS, loop, still

START_MS = 1_750_000_000_000


def uids(seed: int) -> tuple[str, str, str]:
    rng = Random(seed)
    return tuple(f"2.25.{rng.getrandbits(120)}" for _ in range(3))  # type: ignore[return-value] # three


def picture(seed: int = 1) -> Dataset:
    at = to_datetime(START_MS)
    return still(WINDOWS[1], np.random.default_rng(seed), fluid=True, uids=uids(seed), at=at)


def clip(seed: int = 1) -> Dataset:
    at = to_datetime(START_MS)
    return loop(WINDOWS[1], np.random.default_rng(seed), fluid=True, uids=uids(seed), at=at)


def file_of(found: Dataset) -> bytes:
    out = BytesIO()
    found.save_as(out, enforce_file_format=True)
    return out.getvalue()
