"""Whose ECG a screen, a file and a reading hold: by when it was measured, and on whom."""

import os
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed

from factories.ecg import TWELVE, packets_of, synthetic
from factories.ecg_files import RATE_HZ, UNIT, on_the_way, shifted, stored
from factories.office import PAGE, ClientConnection, Office, listening, opened
from goldenhour.adapters.ecg import EcgArchive, SegmentStore, strip_of
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import ecg_routes
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.app.strips import StreamState
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.main.centre import StripTaker
from goldenhour.wire.ecg_files import read_edf
from goldenhour.wire.ecg_stream import Broken, Framer, decode

DEVICE = "E-1"
EPOCH = 8
OFF_MS = 5 * SECOND_MS


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with listening(office) as found:
        yield found


@pytest.fixture(autouse=True)
def quick_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ecg_routes, "PING_S", 0.01)


def packets(begun_ms: int, seconds: int, epoch: int = EPOCH) -> list[bytes]:
    """By a device whose clock says `begun_ms` at the first sample."""
    rows = synthetic(5, seconds * RATE_HZ, RATE_HZ)
    return [shifted(d, begun_ms - 1_000_000) for d in packets_of(rows, RATE_HZ, TWELVE, epoch)]


async def followed(
    address: str, cookie: dict[str, str], patient_id: str, enough: int
) -> list[tuple[int, int]]:
    """Epoch and first sample of so many packets, and of what comes until two more pings."""
    query = f"unit={UNIT}&patient_id={patient_id}"
    found: list[tuple[int, int]] = []
    async with connect(f"{address}/api/ecg?{query}", additional_headers=cookie) as socket:
        pings = 0
        while len(found) < enough or pings < 2:
            message = await socket.recv()
            if isinstance(message, bytes):
                packet = decode(message)
                found.append((packet.epoch, packet.first))
            else:
                pings += 1
    return found


@pytest.fixture
async def taker(office: Office, tmp_path: Path) -> AsyncIterator[StripTaker]:
    """The centre's end of a vehicle's line."""
    desk: Any = office.services.desk_of(None)  # type: ignore[arg-type] # one desk for everybody
    store = SegmentStore(tmp_path / "ecg")
    yield StripTaker(store, desk.strips, office.world.clock)
    await store.close()


async def test_late_ecg_of_the_run_before_is_not_live_under_the_next(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    """The backlog of the run before arrives while the vehicle has a new patient."""
    world = office.world
    first, mission_id = await on_the_way(world, tmp_path / "before")
    begun_ms = world.clock.at_ms - 40 * SECOND_MS
    before = packets(begun_ms, 20)
    await world.reach(mission_id, Milestone.HANDED_OVER, Milestone.CLEARED)
    world.clock.at_ms += MINUTE_MS
    _call, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT)
    patient_id, _handover = await world.prealert(mission_id)
    assert patient_id != first
    await office.pump()
    now = packets(world.clock.at_ms, 4, EPOCH + 1)
    for data in [*now[:10], *before, *now[10:]]:
        await taker.take(data, UNIT)
    cookie = await office.cookie("hospital1")
    found = await followed(address, cookie, patient_id, len(now))
    assert found == [(EPOCH + 1, decode(data).first) for data in now]


async def test_a_screen_hears_how_late_a_wave_is_that_comes_without_a_gap(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    world = office.world
    patient_id, _mission = await on_the_way(world, tmp_path / "before")
    await office.pump()
    wave = packets(world.clock.at_ms, 4)
    newest_ms = world.clock.at_ms + decode(wave[-1]).first * SECOND_MS // RATE_HZ
    world.clock.at_ms += 7 * SECOND_MS
    for data in [*wave[5:], *wave[:5]]:  # what fills a gap is no newer
        await taker.take(data, UNIT)
    cookie = await office.cookie("hospital1")
    query = f"unit={UNIT}&patient_id={patient_id}"
    said: list[int] = []
    async with connect(f"{address}/api/ecg?{query}", additional_headers=cookie) as socket:
        came = 0
        while came < len(wave) or len(said) < 2:
            message = await socket.recv()
            if isinstance(message, bytes):
                came += 1
                said.clear()
            else:
                said.append(msgspec.json.decode(message)["late_ms"])
    assert said == [world.clock.at_ms - newest_ms] * 2


async def test_live_ecg_of_a_slow_clock_passes_once_its_vehicle_has_told_it(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    world = office.world
    patient_id, _mission = await on_the_way(world, tmp_path / "before")
    await office.pump()
    slow = packets(world.clock.at_ms - 10 * MINUTE_MS, 4)
    cookie = await office.cookie("hospital1")
    for data in slow:
        await taker.take(data, UNIT)
    assert await followed(address, cookie, patient_id, 0) == []
    state = StreamState(epoch=EPOCH, through=len(slow), behind_ms=10 * MINUTE_MS)
    await taker.missing(UNIT, state)
    for data in slow:
        await taker.take(data, UNIT)
    assert len(await followed(address, cookie, patient_id, len(slow))) == len(slow)


async def test_packets_that_came_before_their_first_key_are_told_once_it_is_there(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    """A line that opened between the two: the key packet came behind, with what filled the gap."""
    world = office.world
    patient_id, _mission = await on_the_way(world, tmp_path / "before")
    await office.pump()
    now = packets(world.clock.at_ms, 1, EPOCH + 1)
    for data in [*now[1:3], now[0], *now[3:]]:
        await taker.take(data, UNIT)
    found = await followed(address, await office.cookie("hospital1"), patient_id, len(now))
    assert sorted(found) == [(EPOCH + 1, decode(data).first) for data in now]


async def two_patients(office: Office, folder: Path) -> tuple[str, str, str, int]:
    """Both, the run, and when the device began: 10 s on the first, 5 on nobody, 15 on the other."""
    world = office.world
    one, mission_id = await on_the_way(world, folder / "ecg")
    begun_ms = world.clock.at_ms
    await world.accept(c.PlaceMonitor(mission_id=mission_id, device_id=DEVICE, patient_id=one))
    world.clock.at_ms = begun_ms + 10 * SECOND_MS
    other = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=other, mission_id=mission_id, age_y=30))
    world.clock.at_ms = begun_ms + 10 * SECOND_MS
    await world.accept(c.PlaceMonitor(mission_id=mission_id, device_id=DEVICE, patient_id=""))
    world.clock.at_ms = begun_ms + 15 * SECOND_MS
    await world.accept(
        c.BindMonitor(mission_id=mission_id, device_id=DEVICE, band="B2", patient_id=other)
    )
    world.clock.at_ms = begun_ms + 30 * SECOND_MS
    await stored(folder / "ecg", packets(begun_ms, 30), received_ms=begun_ms)
    for path in (folder / "ecg").rglob("*.seg"):
        os.utime(path, (world.clock.at_ms / 1000,) * 2)
    await office.pump()
    return one, other, mission_id, begun_ms


async def test_an_ecg_goes_with_its_wearer_to_the_screen_and_into_the_file(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    one, other, mission_id, begun_ms = await two_patients(office, tmp_path)
    for data in packets(begun_ms, 30):
        await taker.take(data, UNIT)

    async def told(username: str, patient_id: str) -> tuple[list[int], list[int], tuple[int, int]]:
        """First samples live and of the run, and when a file begins and how long it is."""
        cookie, query = await office.cookie(username), f"unit={UNIT}&patient_id={patient_id}"
        live = [first for _epoch, first in await followed(address, cookie, patient_id, 1)]
        run = await office.client.get(f"/api/ecg/run?{query}", headers=cookie)
        frames = [f for f in Framer().feed(run.content) if not isinstance(f, Broken)]
        file = await office.client.get(f"/api/ecg/recording?{query}&form=edf", headers=cookie)
        record = read_edf(file.content)
        assert record.begun_ms is not None
        span = ((record.begun_ms - begun_ms) // 1000, record.count // RATE_HZ)
        return live, [packet.first for _data, packet in frames], span

    firsts = [decode(data).first for data in packets(begun_ms, 30)]
    mine = [first for first in firsts if first < 10 * RATE_HZ]
    others = [first for first in firsts if first >= 15 * RATE_HZ]
    assert await told("hospital1", one) == (mine, mine, (0, 10))
    assert await told("crew1", other) == (others, others, (15, 15))
    # The hospital of the first may not read the other.
    with pytest.raises(ConnectionClosed) as closed:
        await followed(address, await office.cookie("hospital1"), other, 1)
    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == ecg_routes.CLOSE_ENDED
    # Put right afterwards: what was measured on the first was the other's.
    await office.world.accept(
        c.CorrectMonitor(
            mission_id=mission_id,
            correction_id="k1",
            device_id=DEVICE,
            from_ms=begun_ms,
            to_ms=begun_ms + 10 * SECOND_MS,
            patient_id=other,
            reason="mixed up",
        ),
        role="crew",
    )
    await office.pump()
    assert await told("crew1", other) == ([*mine, *others], [*mine, *others], (0, 30))
    gone = await office.client.get(
        f"/api/ecg/recording?patient_id={one}", headers=await office.cookie("hospital1")
    )
    assert (gone.status_code, gone.json()["code"]) == (409, "device_elsewhere")


async def test_a_moved_electrode_is_another_lead_on_the_screen_and_in_the_file(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    _one, other, mission_id, begun_ms = await two_patients(office, tmp_path)
    for data in packets(begun_ms, 30):
        await taker.take(data, UNIT)
    cookie = await office.cookie("crew1")
    query = f"unit={UNIT}&patient_id={other}"

    async def live() -> set[str]:
        named: set[str] = set()
        url = f"{address}/api/ecg?{query}"
        async with connect(url, additional_headers=cookie) as socket:
            pings = 0
            while pings < 2:
                message = await socket.recv()
                pings += isinstance(message, str)
                if isinstance(message, bytes) and (key := decode(message).declaration):
                    named |= {channel.lead for channel in key.channels}
        return named

    assert "V4" in await live()
    url = f"{address}/api/ecg?{query}"
    async with connect(url, additional_headers=cookie) as socket:
        await socket.recv()
        await office.world.accept(
            c.PlaceLeads(
                mission_id=mission_id,
                device_id=DEVICE,
                placement="posterior",
                from_ms=begun_ms + 15 * SECOND_MS,
            ),
            role="crew",
        )
        await office.pump()
        with suppress(ConnectionClosed):
            async for _message in socket:
                pass
        assert socket.close_reason == "corrected"
    moved = await live()
    assert {"V7", "V8", "V9"} <= moved
    assert moved.isdisjoint({"V4", "V5", "V6"})
    file = await office.client.get(f"/api/ecg/recording?{query}&form=edf", headers=cookie)
    names = {lead.name for lead in read_edf(file.content).leads}
    assert {"V3", "V7"} <= names
    assert "V4" not in names


async def test_a_screen_hears_that_the_device_is_elsewhere_and_asks_anew_after_a_correction(
    office: Office, address: str, taker: StripTaker, tmp_path: Path
) -> None:
    one, other, mission_id, begun_ms = await two_patients(office, tmp_path)
    for data in packets(begun_ms, 30):
        await taker.take(data, UNIT)

    async def ping(socket: ClientConnection) -> bool:
        """The newest sign of life after everything else has come."""
        elsewhere, quiet = False, 0
        while quiet < 3:
            message = await socket.recv()
            quiet = 0 if isinstance(message, bytes) else quiet + 1
            if isinstance(message, str):
                elsewhere = msgspec.json.decode(message)["elsewhere"]
        return elsewhere

    cookie = await office.cookie("crew1")
    url = f"{address}/api/ecg?unit={UNIT}&patient_id="
    async with connect(url + other, additional_headers=cookie) as socket:
        assert not await ping(socket)
    async with connect(url + one, additional_headers=cookie) as socket:
        assert await ping(socket)
        await office.world.accept(
            c.CorrectMonitor(
                mission_id=mission_id,
                correction_id="k1",
                device_id=DEVICE,
                from_ms=begun_ms,
                to_ms=begun_ms + SECOND_MS,
                patient_id=other,
                reason="mixed up",
            ),
            role="crew",
        )
        await office.pump()
        await socket.wait_closed()
        assert socket.close_reason == "corrected"


# ---- a reading


async def read(office: Office, patient_id: str, entry_id: str = "r1") -> tuple[int, str]:
    office.sequence += 1
    answer = await office.client.post(
        "/api/ecg/readings",
        json={
            "installation": PAGE,
            "sequence": office.sequence,
            "patient_id": patient_id,
            "entry_id": entry_id,
        },
        headers=await office.cookie("crew1"),
    )
    return answer.status_code, answer.json().get("code", "")


async def reading_of(office: Office, patient_id: str) -> EcgRead:
    stream = f"patient:{patient_id}"
    state = fold(stream, await office.world.journal.list_streams([stream], SYSTEM))
    assert isinstance(state, Patient)
    (found,) = (e.entry for e in state.record.entries if isinstance(e.entry, EcgRead))
    return found


async def test_a_reading_is_of_whoever_wears_the_device(office: Office, tmp_path: Path) -> None:
    one, other, _mission, begun_ms = await two_patients(office, tmp_path)
    assert await read(office, one) == (409, "device_elsewhere")
    assert await read(office, other) == (200, "")
    found = await reading_of(office, other)
    assert (found.begun_ms, found.lasts_ms) == (begun_ms + 20 * SECOND_MS, 10 * SECOND_MS)


async def test_a_reading_whose_answer_was_lost_is_not_made_twice(
    office: Office, tmp_path: Path
) -> None:
    _one, other, _mission, _begun_ms = await two_patients(office, tmp_path)
    assert await read(office, other) == (200, "")
    first = await reading_of(office, other)
    office.sequence -= 1
    office.world.clock.at_ms += SECOND_MS
    assert await read(office, other) == (200, "")
    assert await reading_of(office, other) == first


async def test_a_reading_across_a_change_holds_only_its_own_part(
    office: Office, tmp_path: Path
) -> None:
    """Of these ten seconds the device was six on the first, and then on nobody."""
    one, other, _mission, begun_ms = await two_patients(office, tmp_path)
    office.world.clock.at_ms = begun_ms + 14 * SECOND_MS
    assert await read(office, other) == (409, "device_elsewhere")
    assert await read(office, one) == (200, "")
    found = await reading_of(office, one)
    assert (found.begun_ms, found.lasts_ms) == (begun_ms + 4 * SECOND_MS, 6 * SECOND_MS)


async def test_too_little_is_no_ecg(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "before")
    assert await read(office, patient_id) == (409, "no_ecg")
    at_ms = office.world.clock.at_ms
    for seconds, answer in ((3, (409, "no_ecg")), (4, (200, ""))):
        office.world.clock.at_ms = at_ms + seconds * SECOND_MS
        data = packets(at_ms, seconds, EPOCH + seconds)
        await stored(tmp_path / "ecg", data, received_ms=at_ms)
        assert await read(office, patient_id) == answer
        at_ms += MINUTE_MS
        office.world.clock.at_ms = at_ms
    office.world.clock.at_ms += MINUTE_MS
    assert await read(office, patient_id, "r2") == (409, "no_ecg")


# ---- a clock that is behind


async def heard(folder: Path, data: list[bytes], received_ms: int, **about: Any) -> SegmentStore:
    """As a vehicle hears its source: each packet when its samples have been taken."""
    store = SegmentStore(folder, **about)
    for number, one in enumerate(data):
        await store.append([strip_of(one, UNIT, received_ms + (number + 1) * 200)])
    return store


async def test_a_reading_finds_what_a_slow_source_has_just_sent(
    office: Office, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "before")
    at_ms = office.world.clock.at_ms
    slow = packets(at_ms - 10 * MINUTE_MS, 12)
    store = await heard(tmp_path / "ecg", slow, at_ms, clock_off_ms=OFF_MS)
    await store.close()
    office.world.clock.at_ms = at_ms + 12 * SECOND_MS
    assert await read(office, patient_id) == (200, "")
    found = await reading_of(office, patient_id)
    assert abs(found.begun_ms - (at_ms - 10 * MINUTE_MS + 2 * SECOND_MS)) <= SECOND_MS


async def test_a_slow_clock_is_found_out_by_what_comes_at_once(tmp_path: Path) -> None:
    """Half of it came late, over a line that had been down: that tells nothing of the clock."""
    at_ms, behind_ms = 1_790_000_000_000, 10 * MINUTE_MS
    slow, centre = packets(at_ms - behind_ms, 20), SegmentStore(tmp_path / "centre")
    late = await heard(tmp_path / "a", slow[:50], at_ms + MINUTE_MS, clock_off_ms=OFF_MS)
    for number, one in enumerate(slow[50:], 50):
        await late.append([strip_of(one, UNIT, at_ms + (number + 1) * 200)])
    (state,) = late.list_streams(UNIT)
    assert behind_ms <= state.behind_ms <= behind_ms + SECOND_MS
    await late.close()
    again = SegmentStore(tmp_path / "a", clock_off_ms=OFF_MS)
    assert again.list_streams(UNIT) == [state], "it outlives a restart"
    # At the centre all of it comes an hour later; it believes its vehicle.
    await centre.missing(UNIT, state)
    await centre.append([strip_of(one, UNIT, at_ms + 60 * MINUTE_MS) for one in slow])
    await centre.close()
    for folder in ("a", "centre"):
        archive = EcgArchive(tmp_path / folder)
        assert await archive.find_record(UNIT, at_ms - behind_ms, at_ms) is None
        found = await archive.find_record(UNIT, at_ms + 5_000, at_ms + 10_000)
        assert found is not None
        assert found.count == 5 * RATE_HZ
        # The device's own word is kept.
        assert found.begun_ms is not None
        assert abs(found.begun_ms - (at_ms - behind_ms + 5_000)) <= SECOND_MS
    right = await heard(tmp_path / "b", packets(at_ms, 4), at_ms, clock_off_ms=OFF_MS)
    (state,) = right.list_streams(UNIT)
    assert state.behind_ms == 0
    assert b"behind_ms" not in msgspec.json.encode(state)  # a centre of before knows no such word
    await right.close()


async def test_what_was_recorded_before_keeps_the_time_at_which_it_was_taken(
    tmp_path: Path,
) -> None:
    """A source that was out of reach for an hour: how late it comes tells nothing of its clock."""
    at_ms = 1_790_000_000_000
    hour_ms = 60 * MINUTE_MS
    store = SegmentStore(tmp_path / "whole", clock_off_ms=OFF_MS)
    for number, one in enumerate(packets(at_ms, 20)):
        await store.append([strip_of(one, UNIT, at_ms + hour_ms + number)])
    (state,) = store.list_streams(UNIT)
    assert state.behind_ms == 0
    await store.close()
    found = await EcgArchive(tmp_path / "whole").find_record(UNIT, at_ms + 5_000, at_ms + 9_000)
    assert found is not None
    assert found.count == 4 * RATE_HZ
    # Its clock is ten minutes behind as well: once it goes on live, that is seen.
    slow, begun_ms = packets(at_ms, 40), at_ms + 10 * MINUTE_MS
    store = SegmentStore(tmp_path / "on", clock_off_ms=OFF_MS)
    for number, one in enumerate(slow[:100]):
        await store.append([strip_of(one, UNIT, begun_ms + 20_200 + number)])
    assert [one.behind_ms for one in store.list_streams(UNIT)] == [0]
    for number, one in enumerate(slow[100:], 100):
        await store.append([strip_of(one, UNIT, begun_ms + (number + 1) * 200)])
    (state,) = store.list_streams(UNIT)
    assert 10 * MINUTE_MS <= state.behind_ms <= 10 * MINUTE_MS + SECOND_MS
    await store.close()
