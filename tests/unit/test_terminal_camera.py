"""The terminal double's camera: its bytes, read by the product's codec, and its misbehaviour."""

from io import BytesIO
from random import Random  # noqa: TID251 (a seed fixes the test)

import pytest
from PIL import Image, UnidentifiedImageError

from goldenhour.kernel.geo import Point
from goldenhour.simulator import jt808_frames as frames
from goldenhour.simulator.jt808_camera import SIZE, Camera, CameraFaults, Picture
from goldenhour.simulator.jt808_outbox import LongMessages, PartFaults
from goldenhour.wire import jt808
from goldenhour.wire.jt808.media import (
    CameraAnswer,
    Media,
    MediaAnswer,
    MediaEvent,
    TakePicture,
)
from goldenhour.wire.jt808.messages import Body, PlatformResend

OLD = frames.Identity(phone="13900000001", v2019=False, plate="测A00001")
NEW = frames.Identity(phone="13900000002", v2019=True, plate="测A00002")
AT_MS = 1_767_225_600_000
FIX = frames.Position(
    point=Point(lat=-12.345678, lon=-116.5),
    speed_kmh=0.0,
    heading_deg=0,
    altitude_m=40,
    at_ms=AT_MS,
    mileage_km=1.0,
    satellites=14,
)
EVENT = MediaEvent(media_id=1, kind=0, format=0, occasion=0, channel=2)


def a_camera(who: frames.Identity, **faults: float) -> Camera:
    return Camera(who, (1, 2), CameraFaults(**faults), Random(1))


def take(camera: Camera, who: frames.Identity) -> Picture:
    return camera.take(2, frames.position(who, FIX), AT_MS)


def read(frame: bytes) -> jt808.Message:
    (payload,) = jt808.Splitter().feed(frame)
    assert isinstance(payload, bytes)
    message = jt808.decode(payload)
    assert isinstance(message, jt808.Message)
    return message


def heard(who: frames.Identity, body: Body) -> frames.Heard:
    version = jt808.Version.V2019 if who.v2019 else jt808.Version.V2013
    frame = jt808.encode(body, version=version, phone=who.phone, serial=9)
    (found,) = frames.Splitter(who).feed(frame)
    return found


@pytest.mark.parametrize("who", [OLD, NEW])
@pytest.mark.parametrize("faults", [PartFaults(), PartFaults(lost=0.3, doubled=0.3, reordered=0.5)])
def test_a_picture_arrives_whole_over_a_bad_line(who: frames.Identity, faults: PartFaults) -> None:
    camera = a_camera(who)
    taken = take(camera, who)
    asked: set[type] = set()
    for seed in range(20):
        long = LongMessages(who, faults, Random(seed))
        assembler = jt808.Assembler(timeout_ms=10, max_asks=1000)
        sent, count = long.send(frames.Id.MEDIA, 0xFFFE, taken.body)
        camera.sent(taken, 0xFFFE)
        assert count > 3
        found, now_ms = [assembler.add(read(part), 0) for part in sent], 0
        while not any(found):
            now_ms += 10
            (request,) = assembler.list_overdue(now_ms)
            assert isinstance(request, PlatformResend | MediaAnswer)
            asked.add(type(request))
            frame = heard(who, request)
            if frame.message_id == frames.Id.MEDIA_ANSWER:
                media_id, missing = frames.read_media_answer(frame.body)
                again = long.list_again(camera.first_serial(media_id), missing)
            else:
                again = long.send_again(frame.body)
            found += [assembler.add(read(part), now_ms) for part in again]
        (whole,) = filter(None, found)
        assert isinstance(whole, jt808.Message)
        assert isinstance(whole.body, Media)
        assert whole.body.event == EVENT
        assert whole.body.position is not None
        assert (whole.body.position.point, whole.body.position.device_ms) == (FIX.point, AT_MS)
        assert Image.open(BytesIO(whole.body.data)).size == SIZE
    assert asked == ({PlatformResend, MediaAnswer} if faults.lost else set())


@pytest.mark.parametrize("who", [OLD, NEW])
def test_what_the_camera_says_and_hears_is_what_the_product_means(who: frames.Identity) -> None:
    event = frames.build(who, frames.Id.MEDIA_EVENT, 1, take(a_camera(who), who).event)
    assert read(event).body == EVENT
    for result, ids in ((0, [1, 65_536]), (1, []), (2, [])):
        said = frames.camera_answer(7, result, ids)
        assert read(frames.build(who, frames.Id.CAMERA_ANSWER, 1, said)).body == CameraAnswer(
            serial=7, result=result, media_ids=tuple(ids)
        )
    order = heard(who, TakePicture(channel=3, command=1))
    assert (order.message_id, frames.read_camera(order.body)) == (frames.Id.CAMERA, (3, 1))
    for missing in ((), (2, 261)):
        answer = heard(who, MediaAnswer(media_id=65_537, missing=missing))
        assert frames.read_media_answer(answer.body) == (65_537, list(missing))


def test_a_picture_stays_until_it_is_answered_and_no_more_than_a_few() -> None:
    camera = a_camera(NEW)
    taken = [take(camera, NEW) for _ in range(6)]
    assert camera.list_unanswered() == taken[2:]
    assert camera.answered(taken[3].media_id) == []
    assert camera.list_unanswered() == [taken[2], *taken[4:]]
    assert camera.first_serial(99) == -1


def test_faults_come_as_configured() -> None:
    camera = a_camera(NEW, twice=1.0, broken=1.0)
    taken = take(camera, NEW)
    assert camera.answered(taken.media_id) == [taken]
    assert camera.answered(taken.media_id) == []
    data = taken.body[36:]
    assert data.startswith(b"\xff\xd8\xff")
    with pytest.raises((UnidentifiedImageError, OSError)):
        Image.open(BytesIO(data)).load()
