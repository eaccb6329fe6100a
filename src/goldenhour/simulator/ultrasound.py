"""A DOUBLE of the vehicles' ultrasound devices: it sends a FAST examination over DICOM.

Rule 1: its pictures are drawn, and say so in their pixels and in their heads.
Rule 2: it sends what a device sends, over a real association; it may be told to misbehave.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from enum import StrEnum
from random import Random  # noqa: TID251 (a simulator is given one)
from socket import SHUT_RDWR
from typing import Any, Final

import numpy as np
import structlog
from pydicom.dataset import Dataset
from pynetdicom import AE, build_context, evt
from pynetdicom.association import Association

from goldenhour.app.ports import Clock
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.simulator.ultrasound_scene import WINDOWS, loop, still

_log = structlog.get_logger(__name__)
_DATA_PDU: Final = 0x04
_PDUS_BEFORE_THE_CUT: Final = 2
_CUT_ANSWER_S: Final = 1.0
_UUID_ROOT: Final = "2.25."


class Trouble(StrEnum):
    WRONG_TITLE = "wrong-title"
    """It calls itself what no vehicle knows."""
    BROKEN_PIXELS = "broken-pixels"
    """Half of the pixels, and a JPEG of noise."""
    DUPLICATE = "duplicate"
    """Everything twice."""
    ABORT = "abort"
    """The line dies in the middle of the first picture; it does not try again."""


class UltrasoundConfig(Record):
    host: str
    port: int
    called: str
    title_of: Mapping[str, str]
    """Unit id -> the title of the device that hangs in it."""
    share: float = 0.5
    """Of the runs with a patient, those in which somebody takes the probe."""
    fluid: float = 0.4
    """Of the windows, those that show fluid."""
    after_s: tuple[float, float] = (20.0, 90.0)
    """How long after the crew is with the patient."""


async def run_ultrasound(
    config: UltrasoundConfig, *, cared: AsyncIterator[frozenset[str]], clock: Clock, rng: Random
) -> None:
    """Until cancelled. `cared`: the titles of the devices whose unit has a patient now."""
    warn(len(config.title_of))
    before: frozenset[str] = frozenset()
    async with asyncio.TaskGroup() as group:
        async for titles in cared:
            for title in sorted(titles - before):
                if rng.random() < config.share:
                    group.create_task(_later(config, title, clock, rng))
            before = titles


def warn(devices: int) -> None:
    _log.warning(
        "simulator.ultrasound_double",
        meaning="THESE ULTRASOUND DEVICES ARE A DOUBLE: their pictures are drawn, of no patient",
        devices=devices,
    )


async def _later(config: UltrasoundConfig, title: str, clock: Clock, rng: Random) -> None:
    await asyncio.sleep(rng.uniform(*config.after_s))
    await examine(config, title, None, clock, rng)


async def examine(
    config: UltrasoundConfig, title: str, trouble: Trouble | None, clock: Clock, rng: Random
) -> tuple[int, ...]:
    """Draw and send one examination; the status of each picture as it was answered, -1 for none."""
    pictures = await asyncio.to_thread(draw_examination, config.fluid, clock.now_ms(), rng)
    if trouble is Trouble.BROKEN_PIXELS:
        pictures = [spoiled(one) for one in pictures]
    elif trouble is Trouble.DUPLICATE:
        pictures = [*pictures, *pictures]
    elif trouble is Trouble.WRONG_TITLE:
        title = f"NOT-{title}"[:16]
    answers = await asyncio.to_thread(send, config, title, pictures, cut=trouble is Trouble.ABORT)
    _log.info("simulator.ultrasound_sent", title=title, answers=answers, trouble=trouble)
    return answers


def draw_examination(fluid: float, now_ms: int, rng: Random) -> list[Dataset]:
    """A still of each window, and a loop of the second."""
    brush = np.random.default_rng(rng.getrandbits(64))
    at = to_datetime(now_ms).astimezone(CHINA)
    study, series = _uid(rng), _uid(rng)
    pictures = []
    for number, window in enumerate(WINDOWS):
        there = rng.random() < fluid
        pictures.append(still(window, brush, fluid=there, uids=(study, series, _uid(rng)), at=at))
        if number == 1:
            uids = (study, series, _uid(rng))
            pictures.append(loop(window, brush, fluid=there, uids=uids, at=at))
    return pictures


def spoiled(picture: Dataset) -> Dataset:
    half = len(picture.PixelData) // 4 * 2
    if "NumberOfFrames" in picture:
        picture.PixelData = picture.PixelData[:200] + bytes(half - 200) + picture.PixelData[half:]
    else:
        picture.PixelData = picture.PixelData[:half]
    return picture


def send(
    config: UltrasoundConfig, title: str, pictures: Sequence[Dataset], *, cut: bool = False
) -> tuple[int, ...]:
    """Over one association; blocks."""
    entity = AE(ae_title=title)
    kinds = {(str(p.SOPClassUID), str(p.file_meta.TransferSyntaxUID)) for p in pictures}
    entity.requested_contexts = [build_context(kind, [syntax]) for kind, syntax in sorted(kinds)]
    handlers: list[Any] = [(evt.EVT_PDU_SENT, _Cut())] if cut else []
    if cut:
        entity.dimse_timeout = _CUT_ANSWER_S  # nobody will answer
    association = entity.associate(
        config.host, config.port, ae_title=config.called, evt_handlers=handlers
    )
    if not association.is_established:
        return (-1,) * len(pictures)
    answers = tuple(_answer(association, picture) for picture in pictures)
    if association.is_established:
        association.release()
    return answers


def _answer(association: Association, picture: Dataset) -> int:
    if not association.is_established:
        return -1
    return int(association.send_c_store(picture).get("Status", -1))


class _Cut:
    """The line dies after the command and the first packet of data."""

    def __init__(self) -> None:
        self._sent = 0

    def __call__(self, event: Any) -> None:
        self._sent += event.pdu.pdu_type == _DATA_PDU
        if self._sent == _PDUS_BEFORE_THE_CUT:
            event.assoc.dul.socket.socket.shutdown(SHUT_RDWR)


def _uid(rng: Random) -> str:
    return f"{_UUID_ROOT}{rng.getrandbits(122)}"
