"""What some seconds of ECG look like: beats, none, no order, or nothing that can be judged."""

import os
from pathlib import Path

import numpy as np
import pytest
from msgspec.structs import replace
from numpy.typing import NDArray

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.adapters.ecg import RhythmEar, strip_of
from goldenhour.compute.ecg.rhythm import Criteria, look
from goldenhour.content import load
from goldenhour.kernel.telemetry import Rhythm, Strip

RULES = load().rhythm
CRITERIA = Criteria(*(getattr(RULES, name) for name in Criteria._fields))
HZ = 250
SPAN_S = 8
DATA = Path(os.environ.get("GOLDENHOUR_DATA", "../shared/data")) / "ecg"
Rows = NDArray[np.float64]


def noise(mv: float, leads: int = 1, seconds: int = SPAN_S) -> Rows:
    return mv * np.random.default_rng(5).normal(size=(seconds * HZ, leads))


def fibrillation(height_mv: float, hz: float, leads: int = 1, seconds: int = SPAN_S) -> Rows:
    """A made one: frequency, height and phase wander, each lead by itself."""
    rng = np.random.default_rng(7)
    t = np.arange(seconds * HZ) / HZ
    rows = noise(0.01, leads, seconds)
    for lead in range(leads):
        turns, swells = rng.uniform(0.1, 0.6, 2)
        phase = 2 * np.pi * hz * t + 4 * np.sin(2 * np.pi * turns * t + lead)
        swell = 1 + 0.4 * np.sin(2 * np.pi * swells * t)
        rows[:, lead] += height_mv / 2 * swell * (np.sin(phase) + 0.3 * np.sin(2.1 * phase + 1))
    return rows


def beating(seconds: int = SPAN_S, leads: int = 1) -> Rows:
    return synthetic(1, seconds * HZ, HZ, leads) / 200


def looks(rows: Rows) -> Rhythm:
    return look(rows, HZ, CRITERIA)


def test_a_line_without_beats_is_no_beat_whatever_lies_on_it() -> None:
    t = np.arange(SPAN_S * HZ)[:, None] / HZ
    for rows in (
        np.zeros((SPAN_S * HZ, 12)),
        noise(0.005),
        noise(0.02, 12),
        noise(0.005) + 0.3 * np.sin(2 * np.pi * 0.2 * t),  # breath
        noise(0.005) + 0.3 * np.sin(2 * np.pi * 50 * t),  # hum of loose electrodes
        noise(0.005) + 0.12 * np.exp(-(((t % 0.8 - 0.4) / 0.03) ** 2)),  # P waves alone
    ):
        assert looks(rows) is Rhythm.NO_BEAT


@pytest.mark.parametrize("height_mv", [0.2, 0.5, 1.5])
@pytest.mark.parametrize("hz", [3.5, 5.0, 7.0])
def test_waves_without_order_are_chaotic(height_mv: float, hz: float) -> None:
    assert looks(fibrillation(height_mv, hz)) is Rhythm.CHAOTIC
    assert looks(fibrillation(height_mv, hz, leads=12)) is Rhythm.CHAOTIC


def test_beats_in_one_lead_are_beats() -> None:
    assert looks(beating()) is Rhythm.BEATS
    still = np.zeros((SPAN_S * HZ, 1))
    assert looks(np.concatenate((still, beating(), still), axis=1)) is Rhythm.BEATS


def test_beats_that_stop_are_missed_after_six_seconds() -> None:
    rows = np.concatenate((beating(20, 12), noise(0.005, 12, 20)))
    seen = [looks(rows[(end - SPAN_S) * HZ : end * HZ]) for end in range(20, 41)]
    assert seen.index(Rhythm.NO_BEAT) in {6, 7}
    assert set(seen[7:]) == {Rhythm.NO_BEAT}


def test_what_cannot_be_judged_is_said_to_be_so() -> None:
    t = np.arange(SPAN_S * HZ)[:, None] / HZ
    compressions = np.sin(2 * np.pi * 1.83 * t) + 0.3 * np.sin(2 * np.pi * 3.66 * t)
    assert looks(compressions + noise(0.02)) is Rhythm.UNCLEAR
    assert looks(np.full((SPAN_S * HZ, 3), np.nan)) is Rhythm.UNCLEAR
    gone = beating(leads=2)
    gone[-3 * HZ :] = np.nan
    assert looks(gone) is Rhythm.UNCLEAR


def test_the_ear_hears_packets_and_says_once_a_second_what_they_look_like() -> None:
    count = 22 * HZ
    rows = synthetic(1, count, HZ, 12)
    rows[12 * HZ :] = rows[12 * HZ]
    ear = RhythmEar(RULES)
    seen = [
        (heard.device_id, heard.at_ms, heard.rhythm)
        for at, data in enumerate(packets_of(rows, HZ, TWELVE))
        for heard in ear.hear([strip_of(data, "A-01", at * 200)])
    ]
    assert [at_ms for _, at_ms, _ in seen] == [s * 1000 + 800 for s in range(7, 22)]
    assert {device for device, _, _ in seen} == {"E-1"}
    assert [rhythm for *_, rhythm in seen[:5]] == [Rhythm.BEATS] * 5
    assert [rhythm for *_, rhythm in seen[-4:]] == [Rhythm.NO_BEAT] * 4


def test_what_comes_late_is_history_and_a_new_stream_begins_anew() -> None:
    packets = packets_of(np.zeros((10 * HZ, 12), np.int32), HZ, TWELVE)
    ear = RhythmEar(RULES)

    def late(data: bytes, behind_ms: int) -> Strip:
        return replace(strip_of(data, "A-01", 100_000), measured_ms=100_000 - behind_ms)

    assert ear.hear([late(data, 11_000) for data in packets]) == []
    again = packets_of(np.zeros((10 * HZ, 12), np.int32), HZ, TWELVE, epoch=8)
    assert ear.hear([late(data, 200) for data in again[:20]]) == []
    (heard,) = ear.hear([late(data, 200) for data in again[20:]])
    assert heard.rhythm is Rhythm.NO_BEAT
    # The stream before it has no say any more.
    assert ear.hear([late(packets[0], 200)]) == []


def read_record(name: str, leads: int) -> tuple[int, np.ndarray]:
    """Sampling rate and millivolts of a WFDB record's first leads (formats 16 and 212)."""
    head, *signals = (DATA / f"{name}.hea").read_text().splitlines()
    count, rate = (int(word) for word in head.split()[1:3])
    told = [line.split() for line in signals[:count]]
    form, _, skip = told[0][1].partition("+")
    raw = np.fromfile(DATA / told[0][0], np.uint8, offset=int(skip or 0))
    if form == "16":
        samples = raw.view("<i2").astype(int)
    else:
        low, shared, high = raw[: len(raw) // 3 * 3].reshape(-1, 3).T.astype(int)
        pairs = np.stack([low + ((shared & 15) << 8), high + ((shared & 240) << 4)], axis=1)
        samples = (pairs.ravel() ^ 0x800) - 0x800
    gains = np.array([float(line[2].removesuffix("/mV")) for line in told[:leads]])
    zeros = np.array([int(line[4]) for line in told[:leads]])
    rows = samples[: len(samples) // count * count].reshape(-1, count)
    return rate, (rows[:, :leads] - zeros) / gains


@pytest.mark.skipif(not DATA.is_dir(), reason="the shared records are not here")
@pytest.mark.parametrize(("name", "leads"), [("s0010_re", 12), ("a103l", 2), ("v102s", 2)])
def test_no_real_record_of_a_beating_heart_alarms(name: str, leads: int) -> None:
    """An infarction; false alarms of asystole and of a tachycardia."""
    rate, rows = read_record(name, leads)
    width = SPAN_S * rate
    ends = range(width, len(rows), 5 * rate)
    assert {look(rows[end - width : end], rate, CRITERIA) for end in ends} == {Rhythm.BEATS}
