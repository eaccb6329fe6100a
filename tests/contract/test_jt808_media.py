"""What terminals take, through the gateway over real sockets (doubles: jt808_doubles)."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random  # noqa: TID251 (a seed fixes the test)

import msgspec
import pytest
from jt808_doubles import DEVICE_MS, NOW_MS, PHONES, TerminalDouble, World, a_position, running
from test_jt808_bad_line import Fast, Parked

from goldenhour.app.terminal_media import Announced, MediaRow
from goldenhour.kernel.geo import Point
from goldenhour.simulator import jt808_frames as frames
from goldenhour.simulator.jt808_camera import CameraFaults
from goldenhour.simulator.jt808_outbox import PartFaults
from goldenhour.simulator.terminals import Faults, TerminalsConfig, run_terminals
from goldenhour.simulator.terminals import TerminalDouble as Simulated
from goldenhour.wire.jt808 import Version, encode_parts
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    CameraResult,
    Media,
    MediaAnswer,
    MediaEvent,
    TakePicture,
)
from goldenhour.wire.jt808.messages import (
    Body,
    Heartbeat,
    PlatformAnswer,
    PlatformResend,
    Result,
    TerminalAnswer,
)

PHONE = next(iter(PHONES))
PLACE = msgspec.structs.replace(a_position(), items=())
EVENT = MediaEvent(media_id=7, kind=0, format=0, occasion=2, channel=1)
JPEG = b"\xff\xd8\xff" + bytes(range(256)) * 12
MEDIA = Media(event=EVENT, position=PLACE, data=JPEG)
ROW = MediaRow(
    phone=PHONE,
    media_id=7,
    sha256=hashlib.sha256(JPEG).hexdigest(),
    size_bytes=len(JPEG),
    unit_id="unit-1",
    kind="picture",
    format="jpeg",
    occasion="robbery",
    channel=1,
    point=Point(lat=36.1954, lon=113.1163),
    taken_ms=DEVICE_MS,
    received_ms=NOW_MS,
    media_type="image/jpeg",
)
ARRIVED = MediaAnswer(media_id=7)


def split(terminal: TerminalDouble, media: Media = MEDIA, serial: int = 100) -> list[bytes]:
    return encode_parts(media, version=terminal.version, phone=terminal.phone, serial=serial)


@pytest.mark.parametrize("version", list(Version))
async def test_a_picture_is_answered_after_it_is_kept_and_once(version: Version) -> None:
    async with running() as world:
        terminal = await world.terminal(version=version)
        world.media.gate.clear()
        parts = split(terminal)
        assert len(parts) == 4
        terminal.writer.write(b"".join(parts))
        await world.media.arrived.wait()
        heartbeat = terminal.send(Heartbeat())
        world.media.gate.set()
        assert (await terminal.receive()).body == ARRIVED
        answer = (await terminal.receive()).body
        assert answer == PlatformAnswer(serial=heartbeat, message_id=0x0002, result=Result.OK)
        assert world.media.kept == [(ROW, JPEG)]
        assert world.count("jt808_media_stored_total") == 1


async def test_a_picture_that_fits_one_frame_needs_no_parts() -> None:
    async with running() as world:
        terminal = await world.terminal(version=Version.V2013)
        of_2011 = Media(event=EVENT, position=None, data=JPEG[:200])
        assert await terminal.ask(of_2011) == ARRIVED
        (row, data) = world.media.kept[0]
        assert (row.point, row.taken_ms, data) == (None, None, JPEG[:200])


async def test_missing_parts_are_asked_for_and_make_it_whole() -> None:
    async with running(part_s=0.2) as world:
        terminal = await world.terminal()
        parts = split(terminal)
        terminal.writer.write(parts[0] + parts[3])
        assert (await terminal.receive()).body == MediaAnswer(media_id=7, missing=(2, 3))
        asked = (await terminal.receive()).body
        assert asked == PlatformResend(first_serial=100, indices=(2, 3))
        terminal.writer.write(parts[2] + parts[1])
        while (answer := (await terminal.receive()).body) != ARRIVED:
            assert isinstance(answer, PlatformResend | MediaAnswer)
        assert world.media.kept == [(ROW, JPEG)]


async def test_a_picture_that_cannot_be_kept_is_not_answered_and_is_taken_when_it_comes_again() -> (
    None
):
    async with running() as world:
        terminal = await world.terminal()
        world.media.failures = 1
        terminal.writer.write(b"".join(split(terminal)))
        # The line lives: a full disk costs no positions.
        assert await terminal.result(a_position()) == Result.OK
        assert world.media.kept == []
        assert world.count("jt808_media_failures_total") == 1
        terminal.writer.write(b"".join(split(terminal)))
        assert (await terminal.receive()).body == ARRIVED
        assert world.media.kept == [(ROW, JPEG)]


@pytest.mark.parametrize("limit", [{"max_parts": 3}, {"max_part_bytes": 2_000}])
async def test_a_picture_that_is_too_long_is_refused_once_and_costs_nothing_else(
    limit: dict[str, int],
) -> None:
    async with running(**limit) as world:
        terminal = await world.terminal()
        terminal.writer.write(b"".join(split(terminal)))
        answer = (await terminal.receive()).body
        assert isinstance(answer, PlatformAnswer)
        assert (answer.message_id, answer.result) == (0x0801, Result.BAD_MESSAGE)
        assert await terminal.result(a_position()) == Result.OK
        assert world.count("jt808_bad_frames_total", reason="capacity") == 1
        assert world.media.kept == []


async def test_what_was_taken_is_noted_before_it_comes() -> None:
    async with running() as world:
        terminal = await world.terminal()
        assert await terminal.result(EVENT) == Result.OK
        assert world.media.announced == [
            Announced(
                phone=PHONE,
                media_id=7,
                kind="picture",
                format="jpeg",
                occasion="robbery",
                channel=1,
                heard_ms=NOW_MS,
            )
        ]


async def asked(world: World, terminal: TerminalDouble, *answers: Body) -> Body:
    """What comes of an order to the camera that is answered so; serials are filled in."""
    asking = asyncio.create_task(world.gateway.ask(PHONE, TakePicture(channel=1, command=1)))
    order = await terminal.receive()
    assert order.body == TakePicture(channel=1, command=1)
    for answer in answers:
        terminal.send(msgspec.structs.replace(answer, serial=order.header.serial))
    return await asking


YES = TerminalAnswer(serial=0, message_id=0x8801, result=Result.OK)
NO_CHANNEL = CameraAnswer(serial=0, result=CameraResult.NO_CHANNEL)


@pytest.mark.parametrize(
    ("answers", "told"),
    [
        ((NO_CHANNEL,), NO_CHANNEL),
        # A general yes says that the order came; what came of it follows.
        ((YES, NO_CHANNEL), NO_CHANNEL),
        # A general no is the end of it.
        ((msgspec.structs.replace(YES, result=Result.UNSUPPORTED),), None),
        # Terminals of 2011 say no more than yes.
        ((YES,), YES),
    ],
)
async def test_the_cameras_own_answer_counts_where_there_is_one(
    answers: tuple[Body, ...], told: Body | None
) -> None:
    async with running(answer_s=0.3) as world:
        terminal = await world.terminal()
        found = await asked(world, terminal, *answers)
        expected = told or answers[0]
        assert msgspec.structs.replace(found, serial=0) == expected


async def test_an_order_without_any_answer_and_one_to_nobody_end_as_such() -> None:
    async with running(answer_s=0.01) as world:
        with pytest.raises(ConnectionError):
            await world.gateway.ask(PHONE, TakePicture(channel=1, command=1))
        terminal = await world.terminal()
        with pytest.raises(TimeoutError):
            await asked(world, terminal)


# ---- the simulator's terminal, which shares no code with the gateway


@asynccontextmanager
async def simulated(world: World, v2019: bool, faults: Faults) -> AsyncIterator[None]:
    terminal = Simulated(
        unit_id=PHONES[PHONE],
        identity=frames.Identity(phone=PHONE, v2019=v2019, plate="测A00001"),
        home=Point(lat=30, lon=120),
    )
    config = TerminalsConfig(
        host="127.0.0.1",
        port=world.gateway.port,
        terminals=(terminal,),
        moving_period_s=0.01,
        parked_period_s=0.1,
        retry_s=0.01,
        answer_timeout_s=1_000.0,
        faults=faults,
    )
    driving = asyncio.create_task(run_terminals(config, plan=Parked(), clock=Fast(), rng=Random(5)))
    try:
        while not world.gateway.list_phones():
            world.store.arrived.clear()
            await world.store.arrived.wait()
        yield
    finally:
        driving.cancel()
        with suppress(asyncio.CancelledError):
            await driving


@pytest.mark.parametrize("v2019", [False, True])
async def test_the_doubles_camera_is_asked_and_its_picture_arrives_over_a_bad_line(
    v2019: bool,
) -> None:
    faults = Faults(
        parts=PartFaults(lost=0.05, doubled=0.3, reordered=0.5), camera=CameraFaults(twice=1.0)
    )
    async with running(part_s=0.01) as world, simulated(world, v2019, faults):
        answer = await world.gateway.ask(PHONE, TakePicture(channel=9, command=1))
        assert isinstance(answer, CameraAnswer)
        assert answer.result == CameraResult.NO_CHANNEL
        answer = await world.gateway.ask(PHONE, TakePicture(channel=1, command=1))
        assert isinstance(answer, CameraAnswer)
        assert (answer.result, answer.media_ids) == (CameraResult.OK, (1,))
        while len(world.media.kept) < 2:
            world.media.arrived.clear()
            await world.media.arrived.wait()
        (first, data), (second, again) = world.media.kept
        # Twice the same, by which the shelf knows it.
        assert (first.media_id, first.sha256, data) == (second.media_id, second.sha256, again)
        assert (first.kind, first.occasion, first.channel) == ("picture", "order", 1)
        assert first.point == Point(lat=30, lon=120)
        assert data.endswith(b"\xff\xd9")
        assert [said.media_id for said in world.media.announced] == [1]


async def test_a_broken_picture_is_kept_as_it_came() -> None:
    faults = Faults(camera=CameraFaults(broken=1.0))
    async with running() as world, simulated(world, True, faults):
        await world.gateway.ask(PHONE, TakePicture(channel=1, command=1))
        if not world.media.kept:
            await world.media.arrived.wait()
        (row, data) = world.media.kept[0]
        assert row.media_type == "image/jpeg"
        assert not data.endswith(b"\xff\xd9")
