"""A vehicle's recorder, fed without a camera; and what a hospital's screen gets of it."""

import asyncio
from collections.abc import Callable, Sequence
from pathlib import Path

import msgspec
from websockets.asyncio.client import ClientConnection

from factories.jt1078 import CAMERA, filmed
from goldenhour.adapters.jt1078 import Recorder, RecorderConfig, VideoFolder
from goldenhour.app.video import StoredSegment
from goldenhour.wire.jt1078 import (
    AccessUnit,
    Assembler,
    Kept,
    Lost,
    Packet,
    Splitter,
    read_kept,
)

LATE_MS = 250
"""From the camera to the box."""
ONE = f"{CAMERA}/1"
"""The first channel, as it is called live."""
WITHIN_S = 20


def units_of(packets: Sequence[bytes]) -> list[AccessUnit | Lost]:
    splitter, assembler = Splitter(), Assembler()
    found: list[AccessUnit | Lost] = []
    for one in [*splitter.feed(b"".join(packets)), *splitter.close()]:
        assert isinstance(one, Packet)
        found += assembler.feed(one)
    return found


def recorder(folder: VideoFolder, **settings: int) -> Recorder:
    return Recorder(folder, RecorderConfig(**({"least_free_bytes": 0} | settings)))


async def film(
    made: Recorder,
    mission_id: str,
    packets: Sequence[tuple[int, bytes]],
    *,
    ahead_ms: int = 0,
    device: str = CAMERA,
) -> None:
    """Each picture by itself, `LATE_MS` after it was taken; the camera's clock is so far ahead."""
    times = [at_ms for at_ms, _packet in packets]
    units = units_of([packet for _at_ms, packet in packets])
    for at_ms, unit in zip(times, units, strict=True):
        await made.take(mission_id, device, [unit], at_ms - ahead_ms + LATE_MS)


async def recorded(
    folder: Path, mission_id: str, begun_ms: int, *, length_ms: int = 5_000
) -> StoredSegment:
    """One segment of a run in a vehicle's folder."""
    cabin = VideoFolder(folder)
    made = recorder(cabin)
    await film(made, mission_id, filmed(begun_ms, begun_ms + length_ms))
    await made.close()
    return next(one for one in await cabin.list_waiting() if one.origin.mission_id == mission_id)


async def told[T](socket: ClientConnection, kind: type[T], wanted: Callable[[T], bool]) -> T:
    """The first message that is wanted; what comes before it is left out."""
    async with asyncio.timeout(WITHIN_S):
        while True:
            message = await socket.recv()
            if isinstance(message, str):
                found = msgspec.json.decode(message, type=kind)
                if wanted(found):
                    return found


async def pictures(socket: ClientConnection, count: int) -> list[Kept]:
    found: list[Kept] = []
    async with asyncio.timeout(WITHIN_S):
        while len(found) < count:
            message = await socket.recv()
            if isinstance(message, bytes):
                units, whole = read_kept(message)
                assert whole == len(message)
                found += units
    return found
