"""ECG from the double through the vehicle's listener and segment files, and what a line may do."""

import asyncio
import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded generator for the double)
from threading import Event
from time import time  # noqa: TID251 (as the files' own)

import msgspec
import pytest

from factories.ecg import TWELVE, packets_of, synthetic
from goldenhour.adapters.ecg import EcgConfig, EcgListener, SegmentStore, strip_of
from goldenhour.adapters.ecg import store as store_module
from goldenhour.adapters.ecg.index import path_of
from goldenhour.adapters.ecg.store import STREAMS_TOLD, read_packets
from goldenhour.app.at_rest import AtRest
from goldenhour.app.strips import KEPT, Missing, StreamState, StripHub
from goldenhour.kernel.telemetry import Strip
from goldenhour.main.clock import SystemClock
from goldenhour.main.ecg_proof import prove_ecg
from goldenhour.simulator.ecg_source import EcgSource, EcgSourcesConfig, always_worn, run_sources
from goldenhour.wire.ecg_stream import AckReader, decode, wrap

UNIT = "a-01"
RATE_HZ = 50


class Owners:
    async def find_unit(self, device_id: str) -> str | None:
        return UNIT if device_id == "E-1" else None


def strips(seconds: int = 6, epoch: int = 7) -> list[Strip]:
    samples = synthetic(31, RATE_HZ * seconds, RATE_HZ)
    return [
        strip_of(data, UNIT, 1_000 + n)
        for n, data in enumerate(packets_of(samples, RATE_HZ, TWELVE, epoch))
    ]


async def test_what_is_appended_is_there_after_a_restart(tmp_path: Path) -> None:
    all_strips = strips()
    store = SegmentStore(tmp_path)
    assert await store.append(all_strips) == all_strips
    assert await store.append(all_strips[3:9]) == []  # duplicates cost nothing
    await store.close()
    again = SegmentStore(tmp_path)
    assert again.through(UNIT, 7) == len(all_strips)
    assert again.list_streams(UNIT) == [StreamState(epoch=7, through=len(all_strips))]
    assert await again.read(UNIT, 7, 4, 9) == [strip.data for strip in all_strips[4:9]]


async def keep(folder: Path, packets: Sequence[Strip]) -> None:
    store = SegmentStore(folder)
    await store.append(packets)
    await store.close()


def test_what_was_put_among_stored_packets_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A packet of another recording in a true one's place, rightly formed and stored."""
    all_strips, others = strips(), synthetic(32, RATE_HZ * 6, RATE_HZ)
    forged = strip_of(packets_of(others, RATE_HZ, TWELVE)[7], UNIT, 1_007)
    for folder, packets, intact in (
        (tmp_path / "true", all_strips, True),
        (tmp_path / "forged", [*all_strips[:7], forged, *all_strips[8:]], False),
    ):
        asyncio.run(keep(folder, packets))
        assert prove_ecg(folder) is intact
    true, other = capsys.readouterr().out.splitlines()
    assert true == f"{UNIT}/7: 4 s proved, 2 s not (newest, or beside a gap)"
    assert other == f"{UNIT}/7: 2 s proved, 2 s not (newest, or beside a gap), broken: 0, 1"


async def test_a_torn_packet_is_cut_off_and_may_come_again(tmp_path: Path) -> None:
    all_strips = strips()
    store = SegmentStore(tmp_path)
    await store.append(all_strips)
    await store.close()
    (path,) = tmp_path.rglob("*.seg")  # noqa: ASYNC240 (one small folder)
    path.write_bytes(path.read_bytes()[:-5])
    again = SegmentStore(tmp_path)
    assert again.through(UNIT, 7) == len(all_strips) - 1
    assert await again.append(all_strips[-1:]) == all_strips[-1:]
    await again.close()
    whole = await SegmentStore(tmp_path).read(UNIT, 7, 0, 10_000)
    assert whole == [strip.data for strip in all_strips]


async def test_a_start_reads_what_each_closed_segment_holds_and_not_its_packets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(store_module, "SEGMENT_PACKETS", 4)
    all_strips = strips()
    segments = SegmentStore(tmp_path)
    for strip in all_strips[:-1]:
        await segments.append([strip])
    read: list[str] = []

    def spied(path: Path, at_rest: AtRest) -> Iterator[bytes]:
        read.append(path.name)
        return read_packets(path, at_rest)

    monkeypatch.setattr(store_module, "read_packets", spied)
    again = SegmentStore(tmp_path)  # as after a kill: the last segment was not closed
    assert again.through(UNIT, 7) == len(all_strips) - 1
    assert len(read) == 1
    third = SegmentStore(tmp_path)
    assert third._stream(UNIT, 7).ranges == again._stream(UNIT, 7).ranges
    assert third._stream(UNIT, 7).clock == segments._stream(UNIT, 7).clock
    assert third._stream(UNIT, 7).segments == again._stream(UNIT, 7).segments
    assert len(read) == 1
    await segments.close()


async def test_a_segment_that_was_erased_while_open_costs_the_next_one_nothing(
    tmp_path: Path,
) -> None:
    segments = SegmentStore(tmp_path)
    await segments.append(strips())
    (erased,) = tmp_path.rglob("*.seg")  # noqa: ASYNC240 (one small folder)
    erased.unlink()
    later = strips(epoch=8)
    assert await segments.append(later) == later
    assert not path_of(erased).exists()
    await segments.close()


@pytest.mark.parametrize("harm", ["torn", "of other bytes", "gone"])
async def test_an_index_that_is_not_of_its_segment_is_passed_over(
    tmp_path: Path, harm: str
) -> None:
    all_strips = strips()
    await keep(tmp_path, all_strips)
    assert await asyncio.to_thread(lambda: len(list(tmp_path.rglob("*.idx")))) == 1
    (segment,) = tmp_path.rglob("*.seg")  # noqa: ASYNC240 (one small folder)
    index = path_of(segment)
    if harm == "torn":
        index.write_bytes(index.read_bytes()[:-9])
    elif harm == "gone":
        index.unlink()
    else:
        data = bytearray(segment.read_bytes())
        data[-1] ^= 1
        segment.write_bytes(data)
    through = len(all_strips) - (harm == "of other bytes")
    assert SegmentStore(tmp_path).through(UNIT, 7) == through


def list_open(segments: SegmentStore) -> set[tuple[str, int]]:
    return {key for key, stream in segments._streams.items() if stream.open is not None}


async def test_a_source_that_starts_again_leaves_no_file_open(tmp_path: Path) -> None:
    segments = SegmentStore(tmp_path)
    other = [msgspec.structs.replace(strip, unit_id="b-01") for strip in strips(1, 3)]
    await segments.append(other)
    for epoch in range(7, 12):
        await segments.append(strips(2, epoch)[:-1])
        assert list_open(segments) == {("b-01", 3), (UNIT, epoch)}
    # What comes late for earlier streams goes into segments of their own, and those close likewise.
    for epoch in (8, 9):
        await segments.append(strips(2, epoch)[-1:])
    assert list_open(segments) == {("b-01", 3), *((UNIT, epoch) for epoch in (9, 11))}
    await segments.append(strips(1, 12))
    assert list_open(segments) == {("b-01", 3), (UNIT, 12)}
    await segments.append(strips(2, 9))  # all of them are here already
    await segments.append(strips(2, 11)[-1:])
    await segments.close()
    again = SegmentStore(tmp_path)
    for epoch in (8, 9, 11):
        whole = [strip.data for strip in strips(2, epoch)]
        assert await again.read(UNIT, epoch, 0, 10_000) == whole
    assert again.through("b-01", 3) == len(other)


async def test_a_file_that_is_closed_amid_a_write_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By a later stream, or by the next segment of its own."""
    fsync = os.fsync
    sizes: dict[int, int] = {}

    def note(handle: int) -> None:
        fsync(handle)
        found = os.fstat(handle)
        sizes[found.st_ino] = found.st_size

    monkeypatch.setattr(os, "fsync", note)
    monkeypatch.setattr("goldenhour.adapters.ecg.store.SEGMENT_PACKETS", 3)
    first, second = strips(2, 7), strips(2, 8)
    segments = SegmentStore(tmp_path)
    await segments.append([*first[:4], *second[:1], *first[4:5], *second[1:]])
    paths = list(tmp_path.rglob("*.seg"))  # noqa: ASYNC240 (one small folder)
    assert len(paths) > 3
    for path in paths:
        found = path.stat()
        assert sizes[found.st_ino] == found.st_size
    assert await segments.read(UNIT, 7, 0, 10_000) == [strip.data for strip in first[:5]]
    assert await segments.read(UNIT, 8, 0, 10_000) == [strip.data for strip in second]
    await segments.close()


async def test_a_write_that_fails_costs_its_own_packets_alone_and_a_repeat_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = fail_once_when_let(monkeypatch)
    mine = strips(2)
    other = [msgspec.structs.replace(strip, unit_id="b-01") for strip in strips(1)]
    segments = SegmentStore(tmp_path)
    first = asyncio.create_task(segments.append(mine[:3]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert segments._this_write is not None
    repeated = asyncio.create_task(segments.append(mine[:3]))
    behind = asyncio.create_task(segments.append([*mine[3:], *other]))
    await asyncio.sleep(0)
    assert not repeated.done()
    slow.set()
    told = await asyncio.gather(first, repeated, behind, return_exceptions=True)
    assert [type(one) for one in told] == [OSError, OSError, list]
    await segments.append(mine)  # the sender sends it again
    assert await segments.read(UNIT, 7, 0, 100) == [strip.data for strip in mine]
    assert await segments.missing("b-01", StreamState(epoch=7, through=len(other))) == Missing(
        epoch=7, ranges=()
    )
    await segments.close()
    again = SegmentStore(tmp_path)
    assert again.through(UNIT, 7) == len(mine)
    assert again.through("b-01", 7) == len(other)


async def test_a_disk_that_stays_full_costs_no_reading_and_leaves_no_empty_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five packets a second come on: whoever read it all again for each would show nothing else."""
    packets = strips(2)
    segments = SegmentStore(tmp_path)
    await segments.append(packets[:4])
    fsync = os.fsync

    def full(handle: int) -> None:
        if stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError(errno.ENOSPC, "full")
        fsync(handle)

    def unread(path: Path, _at_rest: object) -> None:
        raise AssertionError(f"{path} was read")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        patched.setattr("goldenhour.adapters.ecg.store.read_packets", unread)
        for strip in [*packets[4:], *packets[4:]]:
            with pytest.raises(OSError, match="full"):
                await segments.append([strip])
            assert segments.through(UNIT, 7) == 4
    assert len(list(tmp_path.rglob("*.seg"))) == 1  # noqa: ASYNC240 (one small folder)
    await segments.append(packets)
    assert await segments.read(UNIT, 7, 0, 100) == [strip.data for strip in packets]
    await segments.close()


async def test_every_stream_of_a_long_outage_gets_its_turn(tmp_path: Path) -> None:
    """Those with a hole, or without their beginning, hold up none of the others."""
    segments = SegmentStore(tmp_path)
    whole = list(range(10, 2 * STREAMS_TOLD + 10))
    for epoch in range(1, STREAMS_TOLD + 1):
        await segments.append([strips(2, epoch)[n] for n in ((0, 2) if epoch % 2 else (1, 2))])
    for epoch in whole:
        await segments.append(strips(1, epoch))
    told: set[int] = set()
    for _round in range(8 * STREAMS_TOLD):
        states = segments.list_streams(UNIT)
        assert len(states) <= STREAMS_TOLD
        assert states[-1].epoch == whole[-1]
        told |= {state.epoch for state in states}
        for state in states:
            await segments.mark_carried(UNIT, state)
    assert told == {*range(1, STREAMS_TOLD + 1, 2), *whole}
    await segments.close()

    again = SegmentStore(tmp_path)  # the marks outlive a restart
    later = {state.epoch for _round in range(20) for state in again.list_streams(UNIT)}
    assert later == {*range(1, STREAMS_TOLD + 1, 2), whole[-1]}
    await again.append(strips(2, whole[0])[-1:])  # what comes late is to be carried too
    later = {state.epoch for _round in range(20) for state in again.list_streams(UNIT)}
    assert whole[0] in later
    await again.close()


def fail_once_when_let(monkeypatch: pytest.MonkeyPatch) -> Event:
    """The disk waits for the event, then is full for one file."""
    fsync, let = os.fsync, Event()
    failures = [OSError(errno.ENOSPC, "full")]

    def fail_once(handle: int) -> None:
        let.wait(5)
        if stat.S_ISREG(os.fstat(handle).st_mode) and failures:
            raise failures.pop()
        fsync(handle)

    monkeypatch.setattr(os, "fsync", fail_once)
    return let


async def test_nothing_is_missing_only_when_all_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = fail_once_when_let(monkeypatch)
    segments, packets = SegmentStore(tmp_path), strips(1)
    state = StreamState(epoch=7, through=len(packets))
    writing = asyncio.create_task(segments.append(packets))
    await asyncio.sleep(0)
    asked = asyncio.create_task(segments.missing(UNIT, state))
    await asyncio.sleep(0)
    assert not asked.done()
    slow.set()
    assert (await asked).ranges == ((0, len(packets)),)
    with pytest.raises(OSError, match="full"):
        await writing
    await segments.append(packets)
    assert (await segments.missing(UNIT, state)).ranges == ()
    await segments.close()


async def test_what_was_carried_is_let_go_some_days_later(tmp_path: Path) -> None:
    segments = SegmentStore(tmp_path)
    for epoch in (1, 2, 3):
        await segments.append(strips(1, epoch))
    first, second, _newest = segments.list_streams(UNIT)
    await segments.mark_carried(UNIT, first)
    await segments.let_go(UNIT, 0)
    assert await segments.read(UNIT, 1, 0, 100)
    await segments.let_go(UNIT, time() + 60)
    assert await segments.read(UNIT, 1, 0, 100) == []
    assert segments.list_streams(UNIT)[0] == second, "nobody has said that the centre has it"
    await segments.close()


async def test_the_centre_names_what_it_lacks_newest_first(tmp_path: Path) -> None:
    all_strips = strips()
    store = SegmentStore(tmp_path)
    await store.append([s for s in all_strips if s.sequence not in {0, 1, 10, 11, 12}])
    missing = await store.missing(UNIT, StreamState(epoch=7, through=40))
    assert missing.ranges == ((30, 40), (10, 13), (0, 2))
    nothing = await store.missing(UNIT, StreamState(epoch=7, through=0))
    assert nothing.ranges == ()
    await store.close()


async def test_a_slow_follower_skips_and_nobody_waits() -> None:
    hub = StripHub()
    (first, *_rest) = strips(1)
    for _ in range(KEPT + 50):
        hub.take(first)
    found, position = await hub.next(UNIT, 0)
    assert (len(found), position) == (KEPT, KEPT + 50)
    waiting = asyncio.create_task(hub.next(UNIT, position))
    await asyncio.sleep(0)
    assert not waiting.done()
    hub.take(first)
    assert await waiting == ([first], position + 1)


async def test_nothing_is_acknowledged_before_it_is_durable(tmp_path: Path) -> None:
    store, seen = SegmentStore(tmp_path), []
    may_store = asyncio.Event()

    async def sink(items: Sequence[Strip]) -> int:
        await may_store.wait()
        await store.append(items)
        return store.through(UNIT, items[0].epoch)

    arrived = asyncio.Event()

    def on_strip(item: Strip) -> None:
        seen.append(item)
        arrived.set()

    listener = EcgListener(
        EcgConfig(port=0), directory=Owners(), sink=sink, on_strip=on_strip, clock=SystemClock()
    )
    async with listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(b"".join(wrap(strip.data) for strip in strips(1)))
        await arrived.wait()  # live screens have it
        reading = asyncio.create_task(reader.read(4096))
        await asyncio.sleep(0)
        assert not reading.done()
        may_store.set()
        (ack, *_more) = AckReader().feed(await reading)
        assert ack.through == len(seen)
        assert await SegmentStore(tmp_path).read(UNIT, 7, 0, 5) == [s.data for s in seen]
        writer.close()
    await store.close()


async def test_a_strange_device_and_a_stream_without_a_key_are_turned_away() -> None:
    async def sink(_items: Sequence[Strip]) -> int:
        pytest.fail("nothing of a stranger is kept")

    listener = EcgListener(
        EcgConfig(port=0),
        directory=Owners(),
        sink=sink,
        on_strip=lambda _strip: pytest.fail("nothing of a stranger is shown"),
        clock=SystemClock(),
    )
    async with listener:
        reader, writer = await asyncio.open_connection("127.0.0.1", listener.port)
        writer.write(wrap(strips(1)[1].data))
        with suppress(ConnectionError):
            assert await reader.read(1) == b""
        writer.close()


async def test_the_double_survives_a_lost_line_without_a_gap(tmp_path: Path) -> None:
    store = SegmentStore(tmp_path)
    enough = asyncio.Event()
    wanted = 8

    async def sink(items: Sequence[Strip]) -> int:
        await store.append(items)
        if store.through(UNIT, items[0].epoch) >= wanted:
            enough.set()
        return store.through(UNIT, items[0].epoch)

    def listen(port: int) -> EcgListener:
        return EcgListener(
            EcgConfig(port=port),
            directory=Owners(),
            sink=sink,
            on_strip=lambda _strip: None,
            clock=SystemClock(),
        )

    async with listen(0) as first:
        port = first.port
        config = EcgSourcesConfig(
            host="127.0.0.1", port=port, sources=(EcgSource(device_id="E-1"),), retry_s=0.05
        )
        playing = asyncio.create_task(
            run_sources(config, worn=always_worn(config), clock=SystemClock(), rng=Random(1))
        )
        await enough.wait()
    wanted = store.list_streams(UNIT)[0].through + 8
    enough.clear()
    async with listen(port):
        await enough.wait()
    playing.cancel()
    await asyncio.gather(playing, return_exceptions=True)
    await store.close()
    (state,) = store.list_streams(UNIT)
    packets = [decode(data) for data in await store.read(UNIT, state.epoch, 0, wanted)]
    assert [packet.sequence for packet in packets] == list(range(len(packets)))
    assert packets[0].declaration is not None
    assert packets[0].declaration.replay
