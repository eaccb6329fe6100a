"""What a slow line leaves out of live pictures, how slices are joined, and who is sent what."""

import asyncio

import pytest

from factories.jt1078 import AUDIO, BOTH_WAYS, KEY, PREDICTED
from goldenhour.app import cabin
from goldenhour.app.cabin import CabinAsk, CabinHub, CabinPicture, CabinSaid
from goldenhour.wire.jt1078 import (
    MOST_OLD_MS,
    Joiner,
    Kept,
    Kind,
    Newest,
    Slice,
    begins,
    read_slice,
    write_kept,
    write_slice,
)
from goldenhour.wire.jt1078.slices import MOST_HELD_BYTES

RUN = "run-1"
FIRST = "12345678999/1"
SECOND = "12345678999/2"


def unit(at_ms: int, kind: int = PREDICTED, *, device_ms: int | None = None) -> Kept:
    return Kept(
        device_ms=at_ms if device_ms is None else device_ms,
        received_ms=at_ms,
        payload_type=98,
        kind=Kind(kind),
        data=b"picture %d" % at_ms,
    )


def group(begun_ms: int, pictures: int = 10, every_ms: int = 100) -> list[Kept]:
    return [
        unit(begun_ms + n * every_ms, PREDICTED if n else KEY, device_ms=None)
        for n in range(pictures)
    ]


def drained(newest: Newest, now_ms: int) -> list[int]:
    found = []
    while (one := newest.pop(now_ms)) is not None:
        found.append(one.received_ms)
    return found


def test_it_begins_with_a_key_frame_and_knows_no_sound() -> None:
    newest = Newest()
    for one in (unit(1), unit(2, AUDIO), unit(3, KEY), unit(4, AUDIO), unit(5, BOTH_WAYS)):
        newest.put(one)
    assert drained(newest, 6) == [3, 5]


def test_a_line_that_keeps_up_loses_nothing() -> None:
    newest, sent = Newest(), []
    for one in group(0, 50):
        newest.put(one)
        sent += drained(newest, one.received_ms)
    assert sent == [one.received_ms for one in group(0, 50)]


def test_what_waits_too_long_is_left_out_up_to_the_newest_key_frame() -> None:
    newest = Newest()
    for one in (*group(0), *group(1_000), *group(2_000, 1)):
        newest.put(one)
    assert len(newest) == 21  # the oldest is just not too old
    newest.put(unit(MOST_OLD_MS + 1))
    assert drained(newest, MOST_OLD_MS + 1) == [2_000, 2_001]


def test_of_a_group_that_is_under_way_the_rest_is_left_out_too() -> None:
    newest = Newest()
    for one in (*group(0), *group(1_000)):
        newest.put(one)
    assert newest.pop(1_900) == unit(0, KEY)
    assert drained(newest, 2_101)[:2] == [1_000, 1_100]


def test_where_the_key_frames_stand_too_far_apart_the_next_one_is_waited_for() -> None:
    newest = Newest()
    for one in group(0, 40):
        newest.put(one)
    assert drained(newest, 3_900) == []
    newest.put(unit(4_000))
    newest.put(unit(4_100, KEY))
    assert drained(newest, 4_100) == [4_100]


def test_a_camera_that_stopped_leaves_nothing_old_behind() -> None:
    newest = Newest()
    for one in group(0):
        newest.put(one)
    assert newest.pop(900 + MOST_OLD_MS + 1) is None


def test_parameters_begin_together_with_their_picture() -> None:
    newest = Newest()
    parameters, picture = unit(2_000, KEY, device_ms=7), unit(2_001, KEY, device_ms=7)
    for one in (*group(0), parameters, picture, unit(2_050)):
        newest.put(one)
    assert drained(newest, 2_050) == [2_000, 2_001, 2_050]
    assert begins(None, parameters)
    assert not begins(parameters, picture)
    assert begins(picture, unit(3_000, KEY))


def test_slices_are_joined_wherever_they_were_cut() -> None:
    units = group(0)
    stream = b"".join(map(write_kept, units))
    for size in (1, 7, 100, len(stream)):
        joiner, found = Joiner(), []
        for at in range(0, len(stream), size):
            item = Slice(camera=FIRST, anew=at == 0, part=stream[at : at + size])
            assert read_slice(write_slice(item)) == item
            found += joiner.put(item)
        assert found == units


def test_what_begins_anew_drops_the_half_before_it() -> None:
    joiner = Joiner()
    assert joiner.put(Slice(camera=FIRST, anew=True, part=write_kept(unit(1))[:-1])) == []
    whole = write_kept(unit(2, KEY))
    assert joiner.put(Slice(camera=FIRST, anew=True, part=whole)) == [unit(2, KEY)]


def test_what_is_no_stream_is_refused() -> None:
    for data in (b"", b"\x01no line feed", b"\x02a/1\n", b"\x00\xff/1\n"):
        with pytest.raises(ValueError):  # noqa: PT011 (the codec's own words differ)
            read_slice(data)
    noise = Slice(camera=FIRST, anew=True, part=bytes(MOST_HELD_BYTES) + b"x")
    with pytest.raises(ValueError, match="no end"):
        Joiner().put(noise)


def picture(number: int, *, key: bool = False) -> CabinPicture:
    return CabinPicture(begins=key, data=b"%d" % number)


async def test_who_comes_new_or_was_too_slow_begins_with_the_newest_key_frame() -> None:
    hub = CabinHub()
    with hub.line(RUN) as line, hub.watch(RUN, "") as slow, hub.watch(RUN, FIRST) as quick:
        line.say(CabinSaid(cameras=(FIRST,), closed=False))
        line.take(FIRST, [picture(0)])  # the end of a group that began before
        line.take(FIRST, [picture(1, key=True), picture(2)])
        assert await quick.next() == [picture(1, key=True), picture(2)]
        line.take(FIRST, [picture(3)])
        line.take(FIRST, [picture(4, key=True)])
        # Over the border of two groups nothing is lost for who keeps up.
        assert await quick.next() == [picture(3), picture(4, key=True)]
        line.take(FIRST, [picture(5)])
        assert await slow.next() == [picture(4, key=True), picture(5)]
        for number in range(6, 12):
            line.take(FIRST, [picture(number, key=number % 2 == 0)])
        assert await slow.next() == [picture(10, key=True), picture(11)]
        waiting = asyncio.create_task(slow.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        line.take(FIRST, [picture(12)])
        assert await waiting == [picture(12)]


async def test_memory_is_bounded_where_no_key_frame_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cabin, "MOST_KEPT_BYTES", 3)
    hub = CabinHub()
    with hub.line(RUN) as line, hub.watch(RUN, FIRST) as look:
        line.say(CabinSaid(cameras=(FIRST,), closed=False))
        line.take(FIRST, [picture(1, key=True), *(picture(n) for n in range(2, 7))])
        waiting = asyncio.create_task(look.next())
        await asyncio.sleep(0)
        assert not waiting.done()  # its key frame is gone
        line.take(FIRST, [picture(7, key=True)])
        assert await waiting == [picture(7, key=True)]


async def test_only_what_is_watched_is_asked_for_and_kept() -> None:
    hub = CabinHub()
    with hub.line(RUN) as line:
        line.say(CabinSaid(cameras=(FIRST, SECOND), closed=False))
        assert line.ask() == CabinAsk(cameras=(), watchers=0, taken=0)
        changed = line.changed
        with hub.watch(RUN, "") as first, hub.watch(RUN, SECOND):
            assert changed.is_set()
            assert first.camera == FIRST
            assert line.ask() == CabinAsk(cameras=(FIRST, SECOND), watchers=2, taken=0)
            line.take(FIRST, [picture(1, key=True)])
            assert line.ask().taken == 1
        assert line.ask() == CabinAsk(cameras=(), watchers=0, taken=1)
        line.take(FIRST, [picture(2, key=True)])  # was under way
        with hub.watch(RUN, "") as later:
            waiting = asyncio.create_task(later.next())
            await asyncio.sleep(0)
            assert not waiting.done()  # nothing old is shown
            waiting.cancel()


async def test_a_run_is_shown_to_its_own_watchers_and_by_its_newest_line() -> None:
    hub = CabinHub()
    with hub.watch("run-2", FIRST) as other, hub.watch(RUN, FIRST) as look:
        assert look.heard is None
        with hub.line(RUN) as old:
            old.say(CabinSaid(cameras=(FIRST,), closed=False))
            with hub.line(RUN) as new:
                new.say(CabinSaid(cameras=(FIRST,), closed=False))
                new.take(FIRST, [picture(1, key=True)])
                assert await look.next() == [picture(1, key=True)]
                old.take(FIRST, [picture(2)])
                new.take(FIRST, [picture(3)])
                assert await look.next() == [picture(3)]
        assert look.heard is None
        assert other.heard is None


async def test_what_the_crew_has_closed_is_forgotten() -> None:
    hub = CabinHub()
    with hub.line(RUN) as line, hub.watch(RUN, FIRST) as look:
        line.say(CabinSaid(cameras=(FIRST,), closed=False))
        line.take(FIRST, [picture(1, key=True)])
        line.say(CabinSaid(cameras=(FIRST,), closed=True))
        line.take(FIRST, [picture(2, key=True)])
        waiting = asyncio.create_task(look.next())
        await asyncio.sleep(0)
        assert not waiting.done()
        line.say(CabinSaid(cameras=(FIRST,), closed=False))
        line.take(FIRST, [picture(3, key=True)])
        assert await waiting == [picture(3, key=True)]
