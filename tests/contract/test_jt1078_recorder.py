"""The vehicle's receiver for cabin cameras, and its segments on the disk: what is kept, of whom."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded one)

import pytest
from structlog.testing import capture_logs

from factories.cabin import LATE_MS, film, recorded, recorder, units_of
from factories.jt1078 import AUDIO, CAMERA, KEY, NUMBER, filmed, foreign, key_frame, packet
from goldenhour.adapters.edge import SealedFiles
from goldenhour.adapters.jt1078 import CameraConfig, CameraListener, VideoFolder
from goldenhour.app.at_rest import AtRest
from goldenhour.wire.jt1078 import AccessUnit, Lost, read_kept

RUN = "run-1"
START_MS = 1_795_300_000_000
AHEAD_MS = 7_000
OTHER = "013900000001"


at_both_ends = pytest.mark.parametrize(
    "sealed", [None, SealedFiles(b"k" * 32, os.urandom)], ids=["in the clear", "sealed"]
)


# ---- segments


@at_both_ends
async def test_segments_begin_with_a_key_frame_and_are_sealed_by_their_hash(
    tmp_path: Path, sealed: AtRest | None
) -> None:
    cabin = VideoFolder(tmp_path, sealed)
    made = recorder(cabin)
    await film(made, RUN, filmed(START_MS, START_MS + 35_000), ahead_ms=AHEAD_MS)
    assert made.status(2).recording == 1
    await made.close()
    assert made.status(2).recording == 0
    segments = await cabin.list_segments(RUN)
    assert [one.pictures for one in segments] == [100, 100, 100, 50]
    assert [one.first_device_ms - START_MS for one in segments] == [0, 10_000, 20_000, 30_000]
    assert [one.last_device_ms - START_MS for one in segments] == [9_900, 19_900, 29_900, 34_900]
    for one in segments:
        origin = one.origin
        assert (origin.device, origin.channel, origin.holes, origin.cut) == (CAMERA, 1, 0, False)
        assert origin.begun_ms == one.first_device_ms - AHEAD_MS + LATE_MS
        assert (one.codec, one.payload_type, one.audio) == ("avc1.4d0014", 98, 0)
        assert one.clock_offset_ms == AHEAD_MS - LATE_MS
        found = await cabin.find_segment(RUN, origin.sha256)
        assert found is not None
        assert found[0] == one
        assert hashlib.sha256(found[1]).hexdigest() == origin.sha256
        assert len(found[1]) == origin.size_bytes
        assert read_kept(found[1])[0][0].data == key_frame()
    assert list(tmp_path.rglob("*.open")) == []  # noqa: ASYNC240 (one small folder)


async def test_nothing_is_recorded_outside_a_run_and_a_run_begins_with_a_key_frame(
    tmp_path: Path,
) -> None:
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin)
    pictures = filmed(START_MS, START_MS + 12_000)
    await film(made, "", pictures[:30])
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240 (one small folder)
    await film(made, RUN, pictures[30:70])  # the next key frame is the 40th picture
    await film(made, "run-2", pictures[70:110])
    await film(made, "", pictures[110:])
    assert made.status(1).recording == 0
    (first,), (second,) = await cabin.list_segments(RUN), await cabin.list_segments("run-2")
    assert (first.first_device_ms, first.pictures) == (START_MS + 4_000, 30)
    assert (second.first_device_ms, second.pictures) == (START_MS + 8_000, 30)


async def test_a_segment_ends_with_the_run_and_with_its_cameras_silence(tmp_path: Path) -> None:
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin, silent_ms=3_000)
    await film(made, RUN, filmed(START_MS, START_MS + 1_000))
    last_ms = START_MS + 900 + LATE_MS
    await made.sweep(RUN, last_ms + 2_999)
    assert made.status(1).recording == 1
    await made.sweep(RUN, last_ms + 3_000)
    assert made.status(1).recording == 0
    await film(made, RUN, filmed(START_MS + 60_000, START_MS + 61_000))
    await made.sweep("", START_MS + 61_000)
    assert made.status(1).recording == 0
    assert [one.pictures for one in await cabin.list_segments(RUN)] == [10, 10]


async def test_holes_are_counted_where_they_are(tmp_path: Path) -> None:
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin)
    pictures = [data for _at_ms, data in filmed(START_MS, START_MS + 4_000)]
    lossy = [*pictures[:5], *pictures[7:12], *pictures[13:]]
    await made.take(RUN, CAMERA, units_of(lossy), START_MS)
    await made.close()
    (segment,) = await cabin.list_segments(RUN)
    assert (segment.origin.holes, segment.pictures) == (2, 37)


async def test_sound_and_another_codec_are_kept_and_said(tmp_path: Path) -> None:
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin)
    sent = [
        packet(b"\x00\x00\x00\x01\x40key", kind=KEY, payload_type=99, sequence=0),
        packet(b"sound", kind=AUDIO, payload_type=6, sequence=1),
        packet(b"\x00\x00\x00\x01\x02next", payload_type=99, sequence=2),
        # The recorder of the camera is set to H.264: what follows is another segment.
        packet(key_frame(), kind=KEY, payload_type=98, sequence=3),
    ]
    await made.take(RUN, CAMERA, units_of(sent), START_MS)
    await made.close()
    found = {
        (one.payload_type, one.codec, one.pictures, one.audio)
        for one in await cabin.list_segments(RUN)
    }
    assert found == {(99, "", 2, 1), (98, "avc1.4d0014", 1, 0)}


# ---- power and disk


@at_both_ends
async def test_what_a_power_cut_left_open_is_sealed_with_what_is_whole(
    tmp_path: Path, sealed: AtRest | None
) -> None:
    cabin = VideoFolder(tmp_path, sealed)
    made = recorder(cabin)
    await film(made, RUN, filmed(START_MS, START_MS + 3_000))
    (path,) = tmp_path.rglob("*.open")  # noqa: ASYNC240 (one small folder)
    path.write_bytes(path.read_bytes()[:-7] + b"\0" * 4_096)
    assert await VideoFolder(tmp_path, sealed).recover() == 1
    (segment,) = await VideoFolder(tmp_path, sealed).list_waiting()
    assert (segment.pictures, segment.origin.cut) == (29, True)
    assert (segment.origin.device, segment.origin.channel) == (CAMERA, 1)
    assert segment.origin.begun_ms == START_MS + LATE_MS
    found = await cabin.find_segment(RUN, segment.origin.sha256)
    assert found is not None
    assert hashlib.sha256(found[1]).hexdigest() == segment.origin.sha256
    assert await VideoFolder(tmp_path, sealed).recover() == 0
    await made.close()  # the file of the box that died


async def test_a_file_without_a_whole_picture_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / RUN).mkdir()
    (tmp_path / RUN / f"{START_MS}-{CAMERA}-1.open").write_bytes(b"\x01\x02\x03")
    assert await VideoFolder(tmp_path).recover() == 0
    assert list((tmp_path / RUN).iterdir()) == []


async def test_a_row_whose_segment_was_not_named_yet_is_none(tmp_path: Path) -> None:
    """The power went between the row and the name: the next start does both again."""
    segment = await recorded(tmp_path, RUN, START_MS)
    path = tmp_path / RUN / f"{segment.origin.sha256}.seg"
    path.rename(path.with_name(f"{segment.origin.begun_ms}-{CAMERA}-1.open"))
    cabin = VideoFolder(tmp_path)
    assert list(await cabin.list_segments(RUN)) == []
    assert await cabin.find_segment(RUN, segment.origin.sha256) is None
    assert await cabin.recover() == 1
    (again,) = await cabin.list_segments(RUN)
    assert again.origin.sha256 == segment.origin.sha256


async def test_a_disk_that_is_nearly_full_is_left_to_the_record(tmp_path: Path) -> None:
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin, least_free_bytes=1 << 62)
    await film(made, RUN, filmed(START_MS, START_MS + 3_000))
    status = made.status(1)
    assert (status.cameras, status.recording, status.full) == (1, 0, True)
    assert list(await cabin.list_segments(RUN)) == []


async def test_a_disk_that_fails_costs_the_segment_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / RUN).write_bytes(b"in the way of the run's folder")
    cabin = VideoFolder(tmp_path)
    made = recorder(cabin)
    with capture_logs() as logs:
        await film(made, RUN, filmed(START_MS, START_MS + 1_000))
    assert {log["event"] for log in logs} == {"jt1078.not_written"}
    await film(made, "run-2", filmed(START_MS + 2_000, START_MS + 3_000))
    await made.close()
    assert [one.pictures for one in await cabin.list_segments("run-2")] == [10]


# ---- the line


class Box:
    def __init__(self, folder: Path) -> None:
        self.cabin = VideoFolder(folder)
        self.recorder = recorder(self.cabin)
        self.strangers: list[str] = []
        self.listener: CameraListener

    async def sink(self, device: str, items: Sequence[AccessUnit | Lost]) -> None:
        await self.recorder.take(RUN, device, items, START_MS)

    async def hear(self, data: bytes) -> None:
        """Until the box has taken it all and let go of the line."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.listener.port)
        writer.write(data)
        writer.write_eof()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()


@asynccontextmanager
async def listening(folder: Path, **settings: float) -> AsyncIterator[Box]:
    box = Box(folder)
    config = CameraConfig(port=0, cameras=(CAMERA, "13900000002"), **settings)
    async with CameraListener(config, sink=box.sink, on_stranger=box.strangers.append) as listener:
        box.listener = listener
        yield box
    await box.recorder.close()


def stream(number: str = NUMBER) -> bytes:
    made = filmed(START_MS, START_MS + 2_000, number=number)
    return b"".join(data for _at_ms, data in made)


async def test_a_foreign_recording_is_kept_as_it_came(tmp_path: Path) -> None:
    packets = foreign("jt1078_2.txt")
    async with listening(tmp_path) as box:
        await box.hear(b"".join(packets))
    (segment,) = await box.cabin.list_segments(RUN)
    assert (segment.pictures, segment.origin.holes, segment.codec) == (270, 0, "avc1.4d0014")
    found = await box.cabin.find_segment(RUN, segment.origin.sha256)
    assert found is not None
    sent = [one.data for one in units_of(packets) if isinstance(one, AccessUnit)]
    assert [one.data for one in read_kept(found[1])[0]] == sent


async def test_a_stranger_is_cut_off_by_its_number(tmp_path: Path) -> None:
    async with listening(tmp_path) as box:
        with capture_logs() as logs:
            await box.hear(stream(OTHER))
        assert [(log["event"], log["device"]) for log in logs] == [
            ("jt1078.unknown_device", "13900000001")
        ]
        assert box.strangers == ["13900000001"]
        await box.hear(stream())
    assert {one.origin.device for one in await box.cabin.list_segments(RUN)} == {CAMERA}


async def test_a_camera_that_turns_into_another_is_cut_off(tmp_path: Path) -> None:
    async with listening(tmp_path) as box:
        with capture_logs() as logs:
            await box.hear(stream() + stream("013900000002"))
        assert [log["event"] for log in logs] == ["jt1078.other_device"]


async def test_garbage_and_silence_end_a_connection_and_harm_nobody(tmp_path: Path) -> None:
    rng = Random(5)
    async with listening(tmp_path, greeting_bytes=50_000, silence_s=0.2) as box:
        await box.hear(rng.randbytes(200_000))
        await box.hear(b"\x30\x31\x63\x64" * 40_000)
        reader, writer = await asyncio.open_connection("127.0.0.1", box.listener.port)
        with suppress(ConnectionError):
            assert await reader.read() == b""  # who says nothing is let go
        writer.close()
        await box.hear(stream())
    assert [one.pictures for one in await box.cabin.list_segments(RUN)] == [20]


async def test_more_cameras_than_there_is_room_for_are_turned_away(tmp_path: Path) -> None:
    async with listening(tmp_path, max_connections=1) as box:
        reader, writer = await asyncio.open_connection("127.0.0.1", box.listener.port)
        writer.write(stream())
        with capture_logs() as logs:
            await box.hear(stream())
        assert "jt1078.too_many_connections" in [log["event"] for log in logs]
        writer.write_eof()
        with suppress(ConnectionError):
            await reader.read()
        writer.close()
    assert len(await box.cabin.list_segments(RUN)) == 1
