"""What a terminal took becomes a row in the platform's words, and no frame shows a piece of it."""

import hashlib

import msgspec
import pytest

from goldenhour.adapters.jt808.media import to_announced, to_row
from goldenhour.adapters.jt808.watch import Watch
from goldenhour.app.ports import TerminalClock, TerminalProfile
from goldenhour.app.terminal_media import Announced, MediaRow
from goldenhour.app.terminals import Order, OrderKind, OrderRow, check
from goldenhour.kernel.datum import Datum
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.terminal_orders import body_of, read_answer
from goldenhour.wire.jt808 import Splitter, Version, encode_parts
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    CameraResult,
    Media,
    MediaEvent,
    TakePicture,
)
from goldenhour.wire.jt808.messages import Body, Result, TerminalAnswer
from goldenhour.wire.jt808.position import POSITIONED, Position

TAKEN_MS, HEARD_MS = 1_749_999_999_000, 1_750_000_000_000
EVENT = MediaEvent(media_id=7, kind=0, format=0, occasion=4, channel=2)
PLACE = Position(
    alarm_bits=0,
    status_bits=POSITIONED,
    lat_microdeg=36_195_400,
    lon_microdeg=113_116_300,
    altitude_m=930,
    speed_dkmh=0,
    direction_deg=0,
    device_ms=TAKEN_MS,
)
JPEG = b"\xff\xd8\xff\xe0 a picture \xff\xd9"
MEDIA = Media(event=EVENT, position=PLACE, data=JPEG)


class ClockDouble:
    def now_ms(self) -> int:
        return HEARD_MS


def row_of(media: Media, profile: TerminalProfile = TerminalProfile()) -> MediaRow:  # noqa: B008 (it cannot change)
    return to_row(media, "13800000001", "A-01", HEARD_MS, profile)


def test_a_picture_becomes_a_row() -> None:
    assert row_of(MEDIA) == MediaRow(
        phone="13800000001",
        media_id=7,
        sha256=hashlib.sha256(JPEG).hexdigest(),
        size_bytes=len(JPEG),
        unit_id="A-01",
        kind="picture",
        format="jpeg",
        occasion="door_opened",
        channel=2,
        point=Point(lat=36.1954, lon=113.1163),
        taken_ms=TAKEN_MS,
        received_ms=HEARD_MS,
        media_type="image/jpeg",
    )


@pytest.mark.parametrize(
    ("data", "media_type"),
    [
        (JPEG, "image/jpeg"),
        (b"\x89PNG\r\n\x1a\n....", "image/png"),
        (b"\xff\xd8", ""),
        (b"<svg onload='alert(1)'>", ""),
        (b"RIFF....WAVE", ""),
    ],
)
def test_only_what_begins_like_a_picture_is_shown_as_one(data: bytes, media_type: str) -> None:
    assert row_of(msgspec.structs.replace(MEDIA, data=data)).media_type == media_type


def test_codes_without_a_word_are_told_as_numbers() -> None:
    strange = MediaEvent(media_id=1, kind=9, format=77, occasion=200, channel=0)
    assert to_announced(strange, "1", 5) == Announced(
        phone="1", media_id=1, kind="9", format="77", occasion="200", channel=0, heard_ms=5
    )


def test_place_and_time_are_read_by_the_terminals_profile() -> None:
    row = row_of(MEDIA, TerminalProfile(datum=Datum.GCJ02, clock=TerminalClock.UTC))
    assert row.point is not None
    assert distance_m(row.point, Point(lat=36.1954, lon=113.1163)) == pytest.approx(600, abs=30)
    assert row.taken_ms == TAKEN_MS + 8 * HOUR_MS


@pytest.mark.parametrize(
    "position", [None, msgspec.structs.replace(PLACE, status_bits=0, device_ms=None)]
)
def test_without_place_and_time_a_picture_is_a_picture(position: Position | None) -> None:
    row = row_of(msgspec.structs.replace(MEDIA, position=position))
    assert (row.point, row.taken_ms, row.media_type) == (None, None, "image/jpeg")


@pytest.mark.parametrize("version", list(Version))
def test_the_newest_frames_show_no_piece_of_a_picture(version: Version) -> None:
    watch = Watch(ClockDouble())
    watch.look(on=True)
    parts = encode_parts(MEDIA, version=version, phone="1", serial=1, part_bytes=30)
    assert len(parts) > 1
    watch.note(Splitter().feed(b"".join(parts)), sent=False)
    trace = watch.state("1", "A-01", None, connected=True).trace
    header_bytes = 21 if version is Version.V2019 else 16
    assert {len(one.hex) for one in trace} == {2 * header_bytes}


def test_a_picture_is_asked_of_a_channel_and_one_at_a_time() -> None:
    assert check(Order(kind=OrderKind.TAKE_PICTURE)) == Refused(code="required", field="channel")
    order = Order(kind=OrderKind.TAKE_PICTURE, channel=3)
    assert check(order) is None
    sent = body_of(order, Version.V2013)
    assert isinstance(sent, TakePicture)
    assert (sent.channel, sent.command, sent.keep) == (3, 1, 0)


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (CameraAnswer(serial=1, result=CameraResult.OK, media_ids=(7,)), "done"),
        (CameraAnswer(serial=1, result=CameraResult.FAILED), "refused"),
        (CameraAnswer(serial=1, result=CameraResult.NO_CHANNEL), "no_channel"),
        (CameraAnswer(serial=1, result=99), "refused"),
        (TerminalAnswer(serial=1, message_id=0x8801, result=Result.OK), "done"),
        (TerminalAnswer(serial=1, message_id=0x8801, result=Result.UNSUPPORTED), "unsupported"),
    ],
)
def test_the_terminals_answer_says_what_came_of_it(answer: Body, outcome: str) -> None:
    row = OrderRow(
        id="order-0001",
        phone="1",
        order=Order(kind=OrderKind.TAKE_PICTURE, channel=3),
        asked_by="admin",
        asked_ms=0,
        done_ms=None,
        outcome="",
        parameters=(),
        place="",
    )
    assert read_answer(row, answer).outcome == outcome
