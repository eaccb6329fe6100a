"""The vehicle's DICOM provider over real sockets: who may, what is kept, what a bad peer costs."""

import asyncio
import contextlib
import gc
import hashlib
import shutil
import socket
import struct
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded one)

import pytest
from pydicom.dataset import Dataset
from structlog.testing import capture_logs

from factories.ultrasound import START_MS, clip, file_of, picture
from goldenhour.adapters.dicom import DicomConfig, DicomListener, ImageFolder
from goldenhour.app.images import ImageOrigin
from goldenhour.main.clock import SystemClock
from goldenhour.simulator.ultrasound import Trouble, UltrasoundConfig, examine, send

# The library closes the socket of a peer that has died when it is collected, not before.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

RUN = "run-1"
SUCCESS, OUT_OF_RESOURCES = 0x0000, 0xA700


@pytest.fixture(autouse=True)
def _collected() -> Iterator[None]:
    """What the library leaves to the collector is collected here and not in another's test."""
    yield
    gc.collect()


class Provider:
    def __init__(self, folder: Path) -> None:
        self.folder = ImageFolder(folder)
        self.came: list[tuple[str, bytes]] = []
        self.full = False
        self.strangers: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        self.listener: DicomListener
        self.double: UltrasoundConfig

    async def sink(self, device: str, data: bytes) -> None:
        if self.full:
            raise OSError(28, "No space left on device")
        self.came.append((device, data))
        await self.folder.keep(origin_of(data, device), data)

    async def send(self, *pictures: Dataset, title: str = "US-1") -> tuple[int, ...]:
        return await asyncio.to_thread(send, self.double, title, pictures)


def origin_of(data: bytes, device: str = "US-1", patient_id: str = "p-1") -> ImageOrigin:
    return ImageOrigin(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        mission_id=RUN,
        patient_id=patient_id,
        device=device,
        received_ms=START_MS,
    )


@asynccontextmanager
async def listening(folder: Path, **settings: int) -> AsyncIterator[Provider]:
    provider = Provider(folder)
    config = DicomConfig(port=0, callers=("US-1", "US-2"), **settings)

    def on_stranger(title: str, reason: str) -> None:
        provider.strangers.put_nowait((title, reason))

    async with DicomListener(config, sink=provider.sink, on_stranger=on_stranger) as listener:
        provider.listener = listener
        provider.double = UltrasoundConfig(
            host="127.0.0.1", port=listener.port, called="GOLDENHOUR", title_of={"u": "US-1"}
        )
        yield provider


async def test_a_still_and_a_loop_are_kept_as_they_came(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        assert await provider.send(picture(), clip()) == (SUCCESS, SUCCESS)
        still, loop = await provider.folder.list_images(RUN)
        for image in (still, loop):
            found = await provider.folder.find_image(RUN, image.origin.sha256)
            assert found is not None
            assert hashlib.sha256(found[1]).hexdigest() == image.origin.sha256
            assert (image.problem, image.test, image.origin.device) == ("", True, "US-1")
        assert {(one.frames, one.frame_ms) for one in (still, loop)} == {(1, None), (24, 50.0)}


async def test_a_duplicate_is_a_success_and_one_copy(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        assert await provider.send(picture(), picture()) == (SUCCESS, SUCCESS)
        assert await provider.send(picture(), title="US-2") == (SUCCESS,)
        (kept,) = await provider.folder.list_images(RUN)
        assert kept.origin.device == "US-1"  # what was kept first stays as it was


async def test_whoever_is_not_the_vehicles_is_refused_by_name(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        with capture_logs() as logs:
            assert await provider.send(picture(), title="STRANGER") == (-1,)
            other = UltrasoundConfig(
                host="127.0.0.1", port=provider.listener.port, called="SOMEBODY", title_of={}
            )
            assert await asyncio.to_thread(send, other, "US-1", [picture()]) == (-1,)
        refused = [log for log in logs if log["event"] == "dicom.refused"]
        assert [(log["calling"], log["called"]) for log in refused] == [
            ("STRANGER", "GOLDENHOUR"),
            ("US-1", "SOMEBODY"),
        ]
        assert all(log["reason"] for log in refused)
        assert provider.came == []
        assert await provider.strangers.get() == ("STRANGER", "unknown_device")
        assert provider.strangers.empty(), "a registered device in the wrong place is none"


async def test_nobody_may_call_a_vehicle_that_names_nobody(tmp_path: Path) -> None:
    provider = Provider(tmp_path)
    async with DicomListener(DicomConfig(port=0), sink=provider.sink) as listener:
        config = UltrasoundConfig(
            host="127.0.0.1", port=listener.port, called="GOLDENHOUR", title_of={}
        )
        assert await asyncio.to_thread(send, config, "US-1", [picture()]) == (-1,)


async def test_a_full_disk_is_told_and_the_device_keeps_its_picture(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        provider.full = True
        assert await provider.send(picture()) == (OUT_OF_RESOURCES,)
        assert list(await provider.folder.list_images(RUN)) == []
        provider.full = False
        assert await provider.send(picture()) == (SUCCESS,)


async def test_what_is_too_long_is_cut_off_while_it_comes(tmp_path: Path) -> None:
    async with listening(tmp_path, max_bytes=100_000) as provider:
        with capture_logs() as logs:
            assert await provider.send(picture()) == (OUT_OF_RESOURCES,)
        assert [log["event"] for log in logs] == ["dicom.too_long"]
        big = picture()
        big.NumberOfFrames, big.PixelData = 8, big.PixelData * 8
        with capture_logs() as logs:
            assert await provider.send(big) == (-1,)
        assert "dicom.too_long" in [log["event"] for log in logs]
        # Nobody reads four thousand million bytes because a head announces them.
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.listener.port)
        writer.write(struct.pack(">BBL", 1, 0, 0xFFFFFFFF))
        assert await reader.read(64) in {b"", reader_abort()}
        writer.close()
        assert provider.came == []
        assert await provider.send(picture(), title="US-2") == (OUT_OF_RESOURCES,)


def reader_abort() -> bytes:
    """A-ABORT by the provider, reason not given."""
    return b"\x07\x00\x00\x00\x00\x04\x00\x00\x02\x00"


async def test_a_line_that_dies_in_the_middle_leaves_nothing_and_it_comes_again(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as provider:
        clock, rng = SystemClock(), Random(3)
        answers = await examine(provider.double, "US-1", Trouble.ABORT, clock, rng)
        assert set(answers) == {-1}
        assert list(await provider.folder.list_images(RUN)) == []
        answers = await examine(provider.double, "US-1", None, clock, Random(3))
        assert set(answers) == {SUCCESS}
        assert len(await provider.folder.list_images(RUN)) == len(answers)


async def test_broken_pixels_are_kept_with_the_reason(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        clock = SystemClock()
        answers = await examine(provider.double, "US-1", Trouble.BROKEN_PIXELS, clock, Random(3))
        assert set(answers) == {SUCCESS}
        images = await provider.folder.list_images(RUN)
        assert len(images) == len(answers)
        assert all(image.problem.startswith("PixelData") for image in images)


async def test_garbage_on_the_port_harms_nobody(tmp_path: Path) -> None:
    async with listening(tmp_path) as provider:
        rng = Random(9)
        for size in (1, 6, 100, 5_000):
            with socket.create_connection(("127.0.0.1", provider.listener.port)) as line:
                line.sendall(rng.randbytes(size))
        assert await provider.send(picture()) == (SUCCESS,)


def greeting(called: str, calling: str) -> bytes:
    """A-ASSOCIATE-RQ of a device that verifies and no more (PS3.8, 9.3.2)."""

    def item(kind: int, content: bytes) -> bytes:
        return struct.pack(">BxH", kind, len(content)) + content

    asked = struct.pack(">B3x", 1) + item(0x30, b"1.2.840.10008.1.1")
    asked += item(0x40, b"1.2.840.10008.1.2")
    who = item(0x51, struct.pack(">I", 16384)) + item(0x52, b"1.2.3.4")
    body = struct.pack(">Hxx16s16s32x", 1, f"{called:16}".encode(), f"{calling:16}".encode())
    body += item(0x10, b"1.2.840.10008.3.1.1.1") + item(0x20, asked) + item(0x50, who)
    return struct.pack(">BxI", 0x01, len(body)) + body


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        (b"", b""),
        (greeting("GOLDENHOUR", "STRANGER"), b"\x03"),  # refused, and does not hang up
        (greeting("GOLDENHOUR", "US-1"), b"\x02"),
    ],
)
async def test_whoever_stays_on_the_line_holds_up_no_end(
    tmp_path: Path, sent: bytes, told: bytes
) -> None:
    async with listening(tmp_path) as provider:
        reader, writer = await asyncio.open_connection("127.0.0.1", provider.listener.port)
        writer.write(sent)
        assert await reader.readexactly(len(told)) == told
    # No thread of the library has died of it (pytest would say so), and the line is cut.
    async with asyncio.timeout(10):
        with contextlib.suppress(ConnectionError):
            while await reader.read(4096):
                pass
    writer.close()


@pytest.mark.skipif(not shutil.which("storescu"), reason="needs Debian's dcmtk")
async def test_another_makers_sender(tmp_path: Path) -> None:
    """dcmtk's echoscu and storescu."""
    (tmp_path / "still.dcm").write_bytes(file_of(picture()))
    (tmp_path / "loop.dcm").write_bytes(file_of(clip()))
    async with listening(tmp_path / "images") as provider:
        to = ("-aec", "GOLDENHOUR", "127.0.0.1", str(provider.listener.port))
        assert await run("echoscu", "-aet", "US-2", *to) == 0
        assert await run("storescu", "-aet", "US-2", *to, str(tmp_path / "still.dcm")) == 0
        assert await run("storescu", "-aet", "US-2", "-xy", *to, str(tmp_path / "loop.dcm")) == 0
        assert await run("echoscu", "-aet", "STRANGER", *to) != 0
        images = await provider.folder.list_images(RUN)
        assert {(image.frames, image.problem) for image in images} == {(1, ""), (24, "")}


async def run(*command: str) -> int:
    started = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL
    )
    return await started.wait()
