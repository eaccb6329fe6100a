"""From the source to a file, bit for bit, and which part of what is stored is in it."""

import asyncio
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded generator for the double)

import numpy as np
import pydicom
import pyedflib

from factories.ecg import TWELVE, packets_of, synthetic
from factories.ecg_files import (
    RATE_HZ,
    UNIT,
    assert_same,
    shifted,
    stored,
)
from goldenhour.adapters.ecg import (
    EcgArchive,
    EcgConfig,
    EcgListener,
    SegmentStore,
    read_segment,
    record_of,
)
from goldenhour.app.strips import StreamState
from goldenhour.kernel.telemetry import Strip
from goldenhour.main.clock import SystemClock
from goldenhour.simulator.ecg_packets import KEY_BLOCKS
from goldenhour.simulator.ecg_source import (
    EcgSource,
    EcgSourcesConfig,
    always_worn,
    load_recording,
    run_sources,
)
from goldenhour.wire.ecg_files import (
    missing,
    read_dicom,
    read_edf,
    write_dicom,
    write_edf,
)
from goldenhour.wire.ecg_stream import decode

EVER_MS = 1 << 50


class Owners:
    async def find_unit(self, device_id: str) -> str | None:
        return UNIT if device_id == "E-1" else None


async def test_the_live_path_ends_in_files_that_equal_the_source(tmp_path: Path) -> None:
    """Three seconds of the double; one packet is lost for good, and with it what leans on it."""
    store, enough = SegmentStore(tmp_path), asyncio.Event()
    lost, last = 2, 14

    async def sink(items: Sequence[Strip]) -> int:
        await store.append([item for item in items if item.sequence != lost])
        if any(item.sequence >= last for item in items):
            enough.set()
        return store.through(UNIT, items[0].epoch)

    listener = EcgListener(
        EcgConfig(port=0),
        directory=Owners(),
        sink=sink,
        on_strip=lambda _strip: None,
        clock=SystemClock(),
    )
    seed = 5
    async with listener:
        config = EcgSourcesConfig(
            host="127.0.0.1", port=listener.port, sources=(EcgSource(device_id="E-1"),)
        )
        playing = asyncio.create_task(
            run_sources(config, worn=always_worn(config), clock=SystemClock(), rng=Random(seed))
        )
        await enough.wait()
        playing.cancel()
        await asyncio.gather(playing, return_exceptions=True)
    await store.close()

    made = await EcgArchive(tmp_path).find_record(UNIT, 0, EVER_MS)
    assert made is not None
    assert made.gaps == ((200, 800),)  # up to the key packet at two seconds
    assert made.test  # the double says that it replays

    source = load_recording(RATE_HZ)
    begun = Random(seed).choice(range(0, len(source.samples), KEY_BLOCKS * RATE_HZ))
    truth = np.take(source.samples, range(begun, begun + made.count), axis=0, mode="wrap")
    measured = ~missing(made)[:, 0]
    assert measured.sum() >= 3 * RATE_HZ - 800
    for found in (read_dicom(write_dicom(made)), read_edf(write_edf(made))):
        assert_same(found, made)
        assert np.array_equal(found.samples[measured], truth[measured])
        assert [lead.lsb_nv for lead in found.leads] == [c.nanovolt for c in source.channels]
    # And by codecs that are not ours.
    group = pydicom.dcmread(BytesIO(write_dicom(made))).WaveformSequence[0]
    rows = np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12)
    assert np.array_equal(rows[measured], truth[measured])
    (tmp_path / "made.edf").write_bytes(write_edf(made))
    with pyedflib.EdfReader(str(tmp_path / "made.edf")) as file:
        for place in range(12):
            digital = file.readSignal(place, digital=True)[: made.count]
            assert np.array_equal(digital[measured], truth[measured, place])


# ---- which part of what is stored


async def test_a_stretch_is_cut_to_the_sample(tmp_path: Path) -> None:
    rows = synthetic(3, 10 * RATE_HZ, RATE_HZ)
    await stored(tmp_path, packets_of(rows, RATE_HZ, TWELVE))  # its clock began at 1,000,000 ms
    archive = EcgArchive(tmp_path)
    for from_ms, to_ms, first, end in (
        (0, EVER_MS, 0, 5000),
        (1_003_001, 1_004_999, 1501, 2500),
        (0, 1_000_002, 0, 1),
    ):
        found = await archive.find_record(UNIT, from_ms, to_ms)
        assert found is not None
        assert np.array_equal(found.samples, rows[first:end])
        assert found.begun_ms == 1_000_000 + 2 * first
    assert await archive.find_record(UNIT, 1_010_000, EVER_MS) is None
    assert await archive.find_record(UNIT, 0, 1_000_000) is None
    assert await archive.find_record("A-02", 0, EVER_MS) is None


async def test_a_lead_whose_electrode_was_moved_is_another_from_that_sample_on(
    tmp_path: Path,
) -> None:
    rows = synthetic(3, 10 * RATE_HZ, RATE_HZ)
    await stored(tmp_path, packets_of(rows, RATE_HZ, TWELVE))
    later = packets_of(rows, RATE_HZ, TWELVE, epoch=8)  # the device began anew, ten seconds on
    await stored(tmp_path, [shifted(data, 10_000) for data in later], received_ms=1_010_000)
    archive = EcgArchive(tmp_path)
    back = {"V4": "V7", "V5": "V8", "V6": "V9"}

    def placed(_device: str) -> list[tuple[int, dict[str, str]]]:
        return [(1_004_000, back), (1_006_000, {}), (1_010_000, back)]

    found = await archive.find_record(UNIT, 0, EVER_MS, placed=placed)
    assert found is not None
    assert [lead.name for lead in found.leads] == [*TWELVE, "V7", "V8", "V9"]
    away, gone = slice(4 * RATE_HZ, 6 * RATE_HZ), missing(found)
    assert np.array_equal(found.samples[away, 12:], rows[away, 9:])
    assert gone[away, 9:12].all()
    assert not gone[away, :9].any()
    assert gone[: 4 * RATE_HZ, 12:].all()
    assert np.array_equal(found.samples[: 4 * RATE_HZ, :12], rows[: 4 * RATE_HZ])
    assert gone[10 * RATE_HZ :, 9:12].all()
    assert np.array_equal(found.samples[10 * RATE_HZ :, 12:], rows[:, 9:])
    part = await archive.find_record(UNIT, 1_004_000, 1_006_000, placed=placed)
    assert part is not None
    assert [lead.name for lead in part.leads] == [*TWELVE[:9], "V7", "V8", "V9"]

    named: list[tuple[int, str]] = []
    for data in await archive.list_packets(UNIT, 0, EVER_MS, placed=placed):
        declared = decode(data).declaration
        if declared is not None:
            named.append((declared.device_ms, declared.channels[9].lead))
    assert {lead for at_ms, lead in named if 1_004_000 <= at_ms < 1_006_000} == {"V7"}
    assert {lead for at_ms, lead in named if at_ms < 1_004_000} == {"V4"}


async def test_a_clock_that_is_ahead_is_set_back(tmp_path: Path) -> None:
    """The device believes that it is ten minutes later; what it sent arrived before that."""
    rows = synthetic(3, 4 * RATE_HZ, RATE_HZ)
    await stored(tmp_path, packets_of(rows, RATE_HZ, TWELVE), received_ms=400_000)
    found = await EcgArchive(tmp_path).find_record(UNIT, 401_000, 402_000)
    assert found is not None
    assert np.array_equal(found.samples, rows[500:1000])
    assert found.begun_ms == 1_001_000  # the device's own word is kept


async def test_streams_of_one_stretch_are_joined(tmp_path: Path) -> None:
    rows = synthetic(3, 2 * RATE_HZ, RATE_HZ)
    for epoch, folder in ((7, "a"), (8, "b")):
        await stored(tmp_path, packets_of(rows, RATE_HZ, TWELVE, epoch))
        (path,) = (tmp_path / UNIT / str(epoch)).glob("*.seg")
        part = record_of([read_segment(path)], 0, EVER_MS)
        assert part is not None
        assert np.array_equal(part.samples, rows), folder
    found = await EcgArchive(tmp_path).find_record(UNIT, 0, EVER_MS)
    assert found is not None
    assert np.array_equal(found.samples, np.concatenate((rows, rows)))


async def test_what_came_late_is_in_its_stretch(tmp_path: Path) -> None:
    """The line was down for an hour: the newest came first, the rest filled the gap behind it."""
    rows = synthetic(3, 10 * RATE_HZ, RATE_HZ)
    packets = packets_of(rows, RATE_HZ, TWELVE)  # its clock began at 1,000,000 ms
    hour_ms = 3_600_000
    await stored(tmp_path, packets[40:], 1_000_000 + hour_ms)
    await stored(tmp_path, packets[:40], 1_000_000 + 2 * hour_ms)
    archive = EcgArchive(tmp_path)
    assert len(list(tmp_path.rglob("*.seg"))) == 2  # noqa: ASYNC240 (one small folder)
    assert await archive.list_packets(UNIT, 1_002_000, 1_004_000) == packets[10:20]
    assert await archive.list_packets(UNIT, 1_007_000, 1_009_000) == packets[35:45]
    found = await archive.find_record(UNIT, 1_002_000, 1_004_000)
    assert found is not None
    assert np.array_equal(found.samples, rows[1000:2000])
    assert found.gaps == ()
    assert await archive.list_packets(UNIT, 0, 1_000_000) == []


async def test_what_came_late_of_a_clock_that_is_behind_is_in_its_stretch(tmp_path: Path) -> None:
    rows = synthetic(3, 10 * RATE_HZ, RATE_HZ)
    packets = packets_of(rows, RATE_HZ, TWELVE)
    store = SegmentStore(tmp_path)
    await store.missing(UNIT, StreamState(epoch=7, through=0, behind_ms=600_000))
    await store.close()
    await stored(tmp_path, packets[25:], 5_000_000)
    await stored(tmp_path, packets[:25], 6_000_000)
    archive = EcgArchive(tmp_path)
    assert await archive.list_packets(UNIT, 1_602_000, 1_604_000) == packets[10:20]
    assert await archive.list_packets(UNIT, 1_002_000, 1_004_000) == []
    found = await archive.find_record(UNIT, 1_602_000, 1_604_000)
    assert found is not None
    assert np.array_equal(found.samples, rows[1000:2000])
