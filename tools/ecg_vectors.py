"""Write tests/vectors/ecg_stream.json: packets and what they must decode to, in every language.

The signals are synthetic. Run it only when the format changes, which old decoders will not survive.
"""

import base64
import json
import sys
from pathlib import Path

import numpy as np

_TESTS = Path(__file__).parents[1] / "tests"
sys.path.insert(0, str(_TESTS))

from factories.ecg import TWELVE, Samples, packets_of, synthetic  # noqa: E402 (after the path)


def _steps() -> Samples:
    return synthetic(21, 750, 250, leads=3) * 5 + 3


def _extremes() -> Samples:
    rng = np.random.default_rng(22)
    samples = rng.integers(-(1 << 23), 1 << 23, (120, 2), dtype=np.int32)
    samples[20:60] = (1 << 23) - 1
    samples[60:80, 0] = -(1 << 23)
    return samples


def _loud() -> Samples:
    return synthetic(23, 400, 100, leads=2) * 700


CASES = {
    "twelve leads at 500 Hz over two keys": (synthetic(20, 1600, 500), 500, TWELVE),
    "three leads that count in fives": (_steps(), 250, ("II", "V", "PLETH")),
    "extremes of 24 bits": (_extremes(), 50, ("I", "II")),
    "differences that must be halved": (_loud(), 100, ("MCL1", "X")),
    "a flat line, one sample a packet": (np.full((10, 1), -32768, np.int32), 5, ("II",)),
}


def main() -> None:
    cases = [
        {
            "name": name,
            "channels": samples.shape[1],
            "samples": base64.b64encode(samples.astype("<i4").tobytes()).decode(),
            "packets": [
                base64.b64encode(packet).decode() for packet in packets_of(samples, rate_hz, leads)
            ],
        }
        for name, (samples, rate_hz, leads) in CASES.items()
    ]
    path = _TESTS / "vectors" / "ecg_stream.json"
    path.write_text(json.dumps(cases, indent=1) + "\n")
    print(f"{path.name}: {len(cases)} cases, {path.stat().st_size} bytes")


if __name__ == "__main__":
    main()
