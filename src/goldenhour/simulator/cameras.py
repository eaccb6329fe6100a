"""A DOUBLE of the vehicles' cabin cameras: one recording of a real camera, played in a loop.

Rule 1: it sends the recorded packets as they are, but for its own number, the sequence and the
        time, which it writes by itself: nothing here is of `wire/jt1078`, which it tries.
Rule 2: what it shows is another place and no patient, and the log says so loudly.
Rule 3: a packet leaves when its picture would have been taken; the protocol knows no answer.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import aclosing
from enum import StrEnum
from itertools import count
from pathlib import Path
from random import Random  # noqa: TID251 (a simulator is given one)
from typing import Final

import structlog

from goldenhour.app.ports import Clock
from goldenhour.kernel.record import Record
from goldenhour.simulator.api import ApiClient
from goldenhour.views.rows import MissionRow

_log = structlog.get_logger(__name__)
_SEQUENCE: Final = slice(6, 8)
_NUMBER: Final = slice(8, 14)
_TIME: Final = slice(16, 24)
_SPLIT_AT: Final = 15
_SPLIT: Final = 0x0F
_MIDDLE: Final = 3
_NUMBER_DIGITS: Final = 12
_SEQUENCES: Final = 1 << 16
_BETWEEN_TURNS_MS: Final = 150
"""The recording's own distance of two pictures."""
_LOST: Final = 0.2
"""Of the middle packets."""
_SWAPPED: Final = 0.02
"""Of all packets."""


class Trouble(StrEnum):
    STALL = "stall"
    """It falls silent in the middle, and keeps the line."""
    DUPLICATE = "duplicate"
    """Every packet twice."""
    LOST_MIDDLE = "lost-middle"
    """Middle packets of a picture do not come."""
    REORDERED = "reordered"
    """A packet comes after the next one."""
    STRANGER = "stranger"
    """It calls itself what no vehicle knows."""


class CamerasConfig(Record):
    host: str
    port: int
    number_of: Mapping[str, str]
    """Unit id -> the number of the recorder that hangs in it."""
    retry_s: float = 5.0


class Recording(Record):
    packets: tuple[bytes, ...]
    at_ms: tuple[int, ...]
    """When each was sent, from the first one."""
    turn_ms: int
    """From the beginning of one turn to that of the next."""


def load_recording(path: Path) -> Recording:
    """A text file, a packet a line; its last field is the packet in hex. Raises ValueError."""
    lines = path.read_text(encoding="utf-8-sig").split()
    packets = tuple(bytes.fromhex(line.rpartition(",")[2]) for line in lines)
    if not packets:
        raise ValueError(f"{path} has no packet")
    times = [int.from_bytes(packet[_TIME], "big") for packet in packets]
    return Recording(
        packets=packets,
        at_ms=tuple(at_ms - times[0] for at_ms in times),
        turn_ms=times[-1] - times[0] + _BETWEEN_TURNS_MS,
    )


def film(
    recording: Recording, number: str, started_ms: int, trouble: Trouble | None, rng: Random
) -> Iterator[tuple[int, bytes]]:
    """When each packet goes, in milliseconds from the start, and its bytes; for ever."""
    if trouble is Trouble.STRANGER:
        number = f"98{number[2:]}"
    sequence = count()
    for turn in count():
        held: tuple[int, bytes] | None = None
        for place, (at_ms, packet) in enumerate(
            zip(recording.at_ms, recording.packets, strict=True)
        ):
            if trouble is Trouble.STALL and place > len(recording.packets) // 2:
                return
            due_ms = turn * recording.turn_ms + at_ms
            made = due_ms, _stamped(packet, number, next(sequence), started_ms + due_ms)
            middle = packet[_SPLIT_AT] & _SPLIT == _MIDDLE
            if trouble is Trouble.LOST_MIDDLE and middle and rng.random() < _LOST:
                continue
            if trouble is Trouble.REORDERED and held is None and rng.random() < _SWAPPED:
                held = made
                continue
            yield made
            if trouble is Trouble.DUPLICATE:
                yield made
            if held is not None:
                yield held
                held = None


def _stamped(packet: bytes, number: str, sequence: int, device_ms: int) -> bytes:
    made = bytearray(packet)
    made[_SEQUENCE] = (sequence % _SEQUENCES).to_bytes(2, "big")
    made[_NUMBER] = bytes.fromhex(number.zfill(_NUMBER_DIGITS))
    made[_TIME] = device_ms.to_bytes(8, "big")
    return bytes(made)


async def on_runs(client: ApiClient, number_of: Mapping[str, str]) -> AsyncIterator[frozenset[str]]:
    """The numbers of those whose unit is on a run now, as the board shows it."""
    before: frozenset[str] | None = None
    async with aclosing(client.live("board")) as views:
        async for live in views:
            units = {run.unit_id for run in live.list_rows(MissionRow) if run.active}
            numbers = frozenset(number_of[unit] for unit in units if unit in number_of)
            if numbers != before:
                before = numbers
                yield numbers


async def run_cameras(
    config: CamerasConfig,
    recording: Recording,
    *,
    active: AsyncIterator[frozenset[str]],
    trouble: Trouble | None,
    clock: Clock,
    rng: Random,
) -> None:
    """Until cancelled. A camera of a city's many films only while its unit is on a run."""
    _log.warning(
        "simulator.cameras_double",
        meaning="THESE CAMERAS ARE A DOUBLE: they play one recording of another place",
        cameras=len(config.number_of),
        trouble=trouble,
    )
    playing: dict[str, asyncio.Task[None]] = {}
    async with asyncio.TaskGroup() as group:
        async for numbers in active:
            for number in playing.keys() - numbers:
                playing.pop(number).cancel()
            for number in sorted(one for one in numbers if one not in playing):
                playing[number] = group.create_task(
                    _play(config, recording, number, trouble, clock=clock, rng=rng)
                )


async def _play(
    config: CamerasConfig,
    recording: Recording,
    number: str,
    trouble: Trouble | None,
    *,
    clock: Clock,
    rng: Random,
) -> None:
    while True:
        try:
            _reader, writer = await asyncio.open_connection(config.host, config.port)
            try:
                await send(writer, film(recording, number, clock.now_ms(), trouble, rng))
                await asyncio.Event().wait()  # whoever stalls keeps the line
            finally:
                writer.close()
        except OSError as error:
            _log.info("simulator.camera_link_lost", number=number, reason=type(error).__name__)
        await asyncio.sleep(config.retry_s)


async def send(writer: asyncio.StreamWriter, packets: Iterator[tuple[int, bytes]]) -> None:
    loop = asyncio.get_running_loop()
    began_s = loop.time()
    for due_ms, packet in packets:
        await asyncio.sleep(max(began_s + due_ms / 1000 - loop.time(), 0))
        writer.write(packet)
        await writer.drain()
