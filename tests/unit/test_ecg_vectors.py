"""The committed vectors: what was written once must decode to the same samples for ever.

web/packages/waveform/src/vectors.test.ts holds the other decoder to the same file.
"""

import base64
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from factories.ecg import PacketDecoder
from goldenhour.compute.ecg import BadBlockError
from goldenhour.wire import ecg_stream

CASES = json.loads((Path(__file__).parents[1] / "vectors" / "ecg_stream.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_the_packets_decode_to_the_recorded_samples(case: dict[str, Any]) -> None:
    raw = np.frombuffer(base64.b64decode(case["samples"]), "<i4")
    expected = raw.reshape(-1, case["channels"])
    assembler = ecg_stream.Assembler(PacketDecoder, BadBlockError)
    end = 0
    for packet in case["packets"]:
        for piece in assembler.add(ecg_stream.decode(base64.b64decode(packet))):
            assert np.array_equal(piece.rows, expected[piece.first : piece.first + piece.count])
            end = piece.first + piece.count
    assert end == len(expected)
