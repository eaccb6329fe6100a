"""Real ECG records for the benchmarks: PhysioNet's formats 16, 212 and FLAC, and pydicom's sample.

They are read in place from GOLDENHOUR_DATA, else ../shared/data; a missing folder gives no records.
"""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import soundfile
from numpy.typing import NDArray

from goldenhour.simulator.ecg_source import load_recording

ROOT = Path(__file__).parents[1]
FOLDER = Path(os.environ.get("GOLDENHOUR_DATA", ROOT.parent / "shared" / "data")) / "ecg"


class Record(NamedTuple):
    name: str
    rate_hz: int
    leads: tuple[str, ...]
    samples: NDArray[np.int32]
    lsb_nv: tuple[float, ...] = ()
    """Nanovolts of one unit in each lead."""


def read_212(raw: bytes) -> NDArray[np.int32]:
    """Two signed 12-bit numbers in three bytes."""
    octets = np.frombuffer(raw[: len(raw) // 3 * 3], np.uint8).reshape(-1, 3).astype(np.int32)
    first = octets[:, 0] | (octets[:, 1] & 0x0F) << 8
    second = octets[:, 2] | (octets[:, 1] & 0xF0) << 4
    both = np.stack((first, second), axis=1).reshape(-1)
    return np.where(both >= 2048, both - 4096, both).astype(np.int32)


class Signal(NamedTuple):
    file: str
    code: str
    skipped_bytes: int
    per_frame: int
    """Samples of this signal in one frame; it is sampled so many times as often."""
    lead: str
    per_unit: float
    """Counts of one millivolt, or of whatever the signal's unit is."""


def read_signal(line: str) -> Signal:
    file, form, gain, *_rest = line.split()
    form, _, skipped = form.partition("+")
    form = form.partition(":")[0]
    code, _, per_frame = form.partition("x")
    return Signal(
        file=file,
        code=code,
        skipped_bytes=int(skipped or 0),
        per_frame=int(per_frame or 1),
        lead=line.rsplit(maxsplit=1)[-1],
        per_unit=float(gain.partition("/")[0].partition("(")[0]),
    )


def read_file(folder: Path, signals: list[Signal]) -> list[NDArray[np.int32]]:
    """The samples of each signal of one file, in order."""
    path = folder / signals[0].file
    if signals[0].code == "516":  # FLAC: one rate, one column a signal
        rows, _ = soundfile.read(path, dtype="int32", always_2d=True)
        return list((rows >> 16).T)
    raw = path.read_bytes()[signals[0].skipped_bytes :]
    flat = read_212(raw) if signals[0].code == "212" else np.frombuffer(raw, "<i2")
    width = sum(signal.per_frame for signal in signals)
    frames = flat[: len(flat) // width * width].reshape(-1, width).astype(np.int32)
    columns, at = [], 0
    for signal in signals:
        columns.append(frames[:, at : at + signal.per_frame].reshape(-1))
        at += signal.per_frame
    return columns


def read_wfdb(header: Path) -> Iterator[Record]:
    """The record, in parts where its signals have different rates."""
    lines = [line for line in header.read_text().splitlines() if line and line[0] != "#"]
    frame_hz = float(lines[0].split()[2].split("/")[0])
    signals = [read_signal(line) for line in lines[1:]]
    columns: list[NDArray[np.int32]] = []
    for file in dict.fromkeys(signal.file for signal in signals):
        columns += read_file(header.parent, [s for s in signals if s.file == file])
    for times in sorted({signal.per_frame for signal in signals}, reverse=True):
        members = [n for n, signal in enumerate(signals) if signal.per_frame == times]
        rate_hz = round(frame_hz * times)
        yield Record(
            name=f"{header.stem} at {rate_hz} Hz",
            rate_hz=rate_hz,
            leads=tuple(signals[n].lead for n in members),
            samples=np.stack([columns[n] for n in members], axis=1),
            lsb_nv=tuple(1e6 / signals[n].per_unit for n in members),
        )


def records() -> list[Record]:
    found = [record for header in sorted(FOLDER.glob("*.hea")) for record in read_wfdb(header)]
    for rate_hz in (1000, 500):
        own = load_recording(rate_hz)
        leads = tuple(channel.lead for channel in own.channels)
        scale = tuple(float(channel.nanovolt) for channel in own.channels)
        found.append(Record(f"pydicom at {rate_hz} Hz", rate_hz, leads, own.samples, scale))
    return found
