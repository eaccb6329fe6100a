"""Cabin video from a vehicle's folder to the centre after the run, and who may watch it."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from factories.cabin import recorded
from factories.carrying import Line, vehicle
from factories.ecg_files import UNIT, on_the_way
from factories.jt1078 import CAMERA, key_frame
from factories.office import Office, opened, person
from goldenhour.adapters.files import carry_waiting
from goldenhour.adapters.jt1078 import VideoFolder
from goldenhour.adapters.kept import erase
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role
from goldenhour.app.journal import SYSTEM
from goldenhour.app.uplinks import DataClass
from goldenhour.app.video import MAX_SEGMENT_BYTES, SegmentOrigin, run_of
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.time import HOUR_MS

SLICE_BYTES = 500
OTHER_KEY = "o" * 32


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


def line_of_video() -> Line:
    return Line(DataClass.VIDEO, SLICE_BYTES)


async def never() -> bool:
    return False


def origin(data: bytes, mission_id: str, begun_ms: int, **changes: Any) -> dict[str, Any]:
    """As the query of an upload has it."""
    made = SegmentOrigin(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        mission_id=mission_id,
        device=CAMERA,
        channel=1,
        begun_ms=begun_ms,
        holes=0,
        cut=False,
    )
    return msgspec.to_builtins(made) | {"offset": 0} | changes


async def test_a_segment_goes_in_slices_resumes_where_the_line_died_and_is_let_go(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    there, line = VideoFolder(tmp_path / "video"), line_of_video()
    segment = await recorded(tmp_path / "car", mission_id, office.world.clock.at_ms - 10_000)
    car = VideoFolder(tmp_path / "car")
    found = await car.find_segment(mission_id, segment.origin.sha256)
    assert found is not None
    data = found[1]
    async with vehicle(office, cut_after=3) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert list(await car.list_waiting()) == [segment]
    assert list(await there.list_segments(mission_id)) == []
    (part,) = (tmp_path / "video" / mission_id).glob("*.part")
    held = part.stat().st_size
    assert 0 < held < len(data)
    line.sizes.clear()
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert sum(line.sizes) == len(data) - held  # nothing twice
    assert max(line.sizes) == SLICE_BYTES
    assert await there.find_segment(mission_id, segment.origin.sha256) == (segment, data)
    assert list((tmp_path / "video" / mission_id).glob("*.part")) == []
    # The vehicle's small disk is free again, and a late copy of an answer does no harm.
    assert list((tmp_path / "car" / mission_id).iterdir()) == []
    async with vehicle(office) as client:
        query = {**msgspec.to_builtins(segment.origin), "offset": 0}
        answer = await client.post("/api/edge/video", params=query, content=b"x")
    assert answer.json() == {"held_bytes": len(data), "kept": True}


async def test_nothing_goes_while_the_vehicle_is_on_a_run(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await recorded(tmp_path / "car", mission_id, office.world.clock.at_ms - 10_000)
    car, line = VideoFolder(tmp_path / "car"), line_of_video()
    asked = 0

    async def for_two_slices() -> bool:
        nonlocal asked
        asked += 1
        return asked <= 3

    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line", may_go=never)
        assert line.sizes == []
        await carry_waiting(client, car, DataClass.VIDEO, line, "line", may_go=for_two_slices)
        assert line.sizes == [SLICE_BYTES, SLICE_BYTES]
        assert len(await car.list_waiting()) == 1
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert list(await car.list_waiting()) == []


async def test_what_arrives_otherwise_is_begun_again_and_never_kept(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    query = origin(b"as it was", mission_id, office.world.clock.at_ms)
    async with vehicle(office) as client:
        for offset, part, held, kept in (
            (0, b"as ", 3, False),
            (0, b"as ", 3, False),  # a repetition writes nothing
            (7, b"s", 3, False),  # nor does what leaves a gap
            (3, b"it was longer", 3, False),
            (3, b"IT WAS", 0, False),  # whole, and another one
            (0, b"as it was", 9, True),
        ):
            answer = await client.post(
                "/api/edge/video", params={**query, "offset": offset}, content=part
            )
            assert answer.json() == {"held_bytes": held, "kept": kept}
    (kept_one,) = await VideoFolder(tmp_path / "video").list_segments(mission_id)
    assert (kept_one.pictures, kept_one.codec) == (0, "")  # no video at all, and still kept


async def test_a_changed_file_is_not_sent(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    segment = await recorded(tmp_path / "car", mission_id, office.world.clock.at_ms - 10_000)
    car, line = VideoFolder(tmp_path / "car"), line_of_video()
    path = tmp_path / "car" / mission_id / f"{segment.origin.sha256}.seg"
    path.write_bytes(path.read_bytes()[:-1])
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert line.sizes == []
    assert len(await car.list_waiting()) == 1


async def test_a_vehicle_carries_its_own_alone(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    now_ms = office.world.clock.at_ms
    async with vehicle(office) as client:
        for query, status in (
            (origin(b"data", "nobody", now_ms), 404),
            (origin(b"data", "../../x", now_ms), 400),
            (origin(b"data", mission_id, now_ms + 3_600_000), 400),
            (origin(b"data", mission_id, now_ms, sha256="f" * 63), 400),
            (origin(b"data", mission_id, now_ms, device="no number"), 400),
            (origin(b"data", mission_id, now_ms, size_bytes=MAX_SEGMENT_BYTES + 1), 400),
            (origin(b"data", mission_id, now_ms, offset=-1), 400),
            (origin(b"data", mission_id, now_ms), 200),
        ):
            answer = await client.post("/api/edge/video", params=query)
            assert answer.status_code == status, query
    query = origin(b"data", mission_id, now_ms)
    async with vehicle(office, unit_id="A-02", key=OTHER_KEY) as client:
        assert (await client.post("/api/edge/video", params=query)).status_code == 404
    answer = await office.client.post(
        "/api/edge/video", params=query, headers=await office.cookie("quality")
    )
    assert answer.status_code in {401, 403}


async def test_what_waits_when_the_right_ends_is_carried_all_the_same_and_by_nobody_else(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    segment = await recorded(tmp_path / "car", mission_id, office.world.clock.at_ms - 10_000)
    car, line = VideoFolder(tmp_path / "car"), line_of_video()
    await office.world.reach(mission_id, Milestone.CLEARED)
    office.world.clock.at_ms += 25 * HOUR_MS
    seen = await office.client.get(
        f"/api/files?patient_id={patient_id}", headers=await office.cookie("crew1")
    )
    assert seen.status_code == 404
    async with vehicle(office, unit_id="A-02", key=OTHER_KEY) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert list(await car.list_waiting()) == [segment]
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert list(await car.list_waiting()) == []
    assert await VideoFolder(tmp_path / "video").list_segments(mission_id) == [segment]


async def test_who_may_watch_a_run_and_what_is_written_down(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    begun_ms = office.world.clock.at_ms - 20_000
    one = await recorded(tmp_path / "video", mission_id, begun_ms)
    foreign = await recorded(tmp_path / "video", "another-run", begun_ms - 60_000)
    await office.accounts.put_person(person("quality2", Role.QUALITY, "county"), 0)
    await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
    of_run = f"mission_id={mission_id}"
    for path in ("", f"/{one.origin.sha256}/segment", f"/{one.origin.sha256}/file"):
        statuses = {}
        for username in (
            *("quality", "hospital1", "quality2", "hospital2"),
            *("crew1", "dispatcher", "supervisor", "police"),
        ):
            answer = await office.client.get(
                f"/api/video{path}?{of_run}", headers=await office.cookie(username)
            )
            statuses[username] = answer.status_code
        assert statuses == {
            **dict.fromkeys(("quality", "hospital1"), 200),
            **dict.fromkeys(("quality2", "hospital2"), 404),
            **dict.fromkeys(("crew1", "dispatcher", "supervisor", "police"), 403),
        }

    async def get(path: str, query: str = of_run) -> httpx.Response:
        return await office.client.get(
            f"/api/video{path}?{query}", headers=await office.cookie("quality")
        )

    listed = (await get("")).json()
    assert listed["erased"] == 0
    assert [each["origin"]["sha256"] for each in listed["segments"]] == [one.origin.sha256]
    assert (await get(f"/{foreign.origin.sha256}/segment")).status_code == 404
    assert (await get(f"/{foreign.origin.sha256}/segment", "mission_id=another-run")).json()[
        "field"
    ] == "mission_id"
    assert (await get(f"/{'../' * 3}x/file")).status_code == 404
    segment = (await get(f"/{one.origin.sha256}/segment")).content
    assert hashlib.sha256(segment).hexdigest() == one.origin.sha256
    taken = await get(f"/{one.origin.sha256}/file")
    assert taken.content.startswith(key_frame())
    name = f"{one.origin.begun_ms}-{CAMERA}-1.h264"
    assert taken.headers["content-disposition"] == f'attachment; filename="{name}"'
    async with office.database.system() as connection:
        rows = await (
            await connection.execute(
                "select action, subject, count(*) from access_log where person = 'quality'"
                " and action like 'video.%' group by action, subject order by action"
            )
        ).fetchall()
    assert rows == [
        ("video.export", f"{mission_id} {one.origin.sha256}", 2),  # each file that was taken
        ("video.view", mission_id, 1),  # one look, however many segments
    ]


async def test_a_run_without_video_has_an_empty_list(office: Office, tmp_path: Path) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    answer = await office.client.get(
        f"/api/video?mission_id={mission_id}", headers=await office.cookie("quality")
    )
    assert (answer.status_code, answer.json()) == (200, {"segments": [], "erased": 0})


async def test_an_erased_segment_is_told_and_not_carried_again(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    now_ms = office.world.clock.at_ms
    there = tmp_path / "video"
    old = await recorded(there, mission_id, now_ms - 30_000)
    newer = await recorded(tmp_path / "car", mission_id, now_ms - 10_000)
    data = (there / mission_id / f"{old.origin.sha256}.seg").read_bytes()
    erase(there / mission_id, old.origin.sha256)
    names = [path.name for path in (there / mission_id).iterdir()]
    assert names == [f"{old.origin.sha256}.erased"]
    # A vehicle that never heard the answer has the same segment still.
    await recorded(tmp_path / "car", mission_id, now_ms - 30_000)
    line = line_of_video()
    async with vehicle(office) as client:
        await carry_waiting(client, VideoFolder(tmp_path / "car"), DataClass.VIDEO, line, "line")
    assert list((tmp_path / "car" / mission_id).iterdir()) == []
    assert sum(line.sizes) == newer.origin.size_bytes  # nothing of the erased one
    assert not (there / mission_id / f"{old.origin.sha256}.seg").exists()
    quality, query = await office.cookie("quality"), f"mission_id={mission_id}"
    listed = (await office.client.get(f"/api/video?{query}", headers=quality)).json()
    assert listed["erased"] == 1
    assert [each["origin"]["sha256"] for each in listed["segments"]] == [newer.origin.sha256]
    # One that was marked, and whose bytes a broken-off run left, is gone as well.
    (there / mission_id / f"{old.origin.sha256}.seg").write_bytes(data)
    for what in ("segment", "file"):
        answer = await office.client.get(
            f"/api/video/{old.origin.sha256}/{what}?{query}", headers=quality
        )
        assert answer.status_code == 404
    listed = (await office.client.get(f"/api/video?{query}", headers=quality)).json()
    assert len(listed["segments"]) == 1


async def test_the_run_of_a_moment_is_the_active_one_of_the_vehicle(
    office: Office, tmp_path: Path
) -> None:
    _patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    scope = await office.hub.scope(SYSTEM)
    assert run_of(scope.view, UNIT) == mission_id
    assert run_of(scope.view, "A-99") == ""
