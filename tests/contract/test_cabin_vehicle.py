"""A vehicle's computer and its cameras: recorded with the run, ended with it, mended afterwards."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
from test_cabin_live import Line
from test_edge_link import until

from factories.cabin import recorder, units_of
from factories.jt1078 import CAMERA, filmed
from goldenhour.adapters.jt1078 import CabinLive, Recorder, VideoFolder, VideoUplinkConfig
from goldenhour.app.devices import Vehicle
from goldenhour.app.strangers import StrangerBook
from goldenhour.main import cameras
from goldenhour.main.clock import SystemClock
from goldenhour.main.settings import Settings

RUN = "run-1"


@dataclass
class Box:
    """A vehicle that is on whatever run the test says."""

    vehicle: Vehicle
    cabin: VideoFolder
    recorder: Recorder
    run: str = RUN

    def __post_init__(self) -> None:
        config = VideoUplinkConfig(unit_id="A-01", authorization="", ca_file="")
        closed, line = self.cabin.folder / "cabin-closed", Line("https://localhost")
        self.live = CabinLive(config, line, self.run_now, SystemClock(), closed)

    async def run_now(self) -> str:
        return self.run


def a_box(folder: Path, *numbers: str) -> Box:
    cabin = VideoFolder(folder)
    vehicle = Vehicle(unit_id="A-01", call_sign="A-01", key="", monitors=(), cameras=numbers)
    return Box(vehicle=vehicle, cabin=cabin, recorder=recorder(cabin))


@asynccontextmanager
async def running(box: Box, state: Path) -> AsyncIterator[int]:
    """Its port; the vehicle's computer stops in order."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    settings = Settings(state=str(state), host="127.0.0.1", video_port=port)
    task = asyncio.create_task(
        cameras.record_cabins(settings, [box], SystemClock(), StrangerBook(SystemClock()))
    )
    try:
        yield port
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def connected(port: int) -> asyncio.StreamWriter:
    writer: asyncio.StreamWriter | None = None

    async def there() -> bool:
        nonlocal writer
        with suppress(ConnectionRefusedError):
            _reader, writer = await asyncio.open_connection("127.0.0.1", port)
        return writer is not None

    await until(there)
    assert writer is not None
    return writer


async def test_a_run_is_recorded_and_its_segment_ends_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cameras, "SWEEP_S", 0.01)
    box = a_box(tmp_path / "video", CAMERA)
    async with running(box, tmp_path) as port:
        writer = await connected(port)
        writer.write(b"".join(data for _at_ms, data in filmed(1_000, 3_000)))

        async def recording() -> bool:
            return box.recorder.status(1).recording == 1

        async def ended() -> bool:
            return len(await box.cabin.list_segments(RUN)) == 1

        await until(recording)
        box.run = ""
        await until(ended)
        assert box.recorder.status(1).recording == 0
        box.run = "run-2"
        writer.write(b"".join(data for _at_ms, data in filmed(9_000, 11_000, sequence=20)))
        await until(recording)
        writer.close()
    # The computer was stopped: what was being written is sealed.
    (last,) = await box.cabin.list_segments("run-2")
    assert not last.origin.cut
    assert list(tmp_path.rglob("*.open")) == []  # noqa: ASYNC240 (one small folder)


async def test_what_was_left_open_is_sealed_at_the_start_even_without_cameras(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "video"
    before = a_box(folder, CAMERA)
    packets = [data for _at_ms, data in filmed(1_000, 2_000)]
    await before.recorder.take(RUN, CAMERA, units_of(packets), 5_000)
    await cameras.record_cabins(
        Settings(state=str(tmp_path)),
        [a_box(folder)],
        SystemClock(),
        StrangerBook(SystemClock()),
    )  # returns at once: nobody is to be heard
    (segment,) = await before.cabin.list_segments(RUN)
    assert (segment.pictures, segment.origin.cut) == (10, True)
    await before.recorder.close()  # the computer that died
