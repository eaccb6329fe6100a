"""Photos, memos and films: taken or refused in words, carried in slices, seen by few."""

import asyncio
import errno
import hashlib
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import msgspec
import pytest
from structlog.testing import capture_logs

from factories.carrying import SLICE_BYTES, Line, vehicle
from factories.ecg_files import on_the_way
from factories.office import Office, opened, person
from goldenhour.adapters.edge import SealedFiles
from goldenhour.adapters.files import FileFolder, ParcelCarrier, ParcelConfig, carry_waiting
from goldenhour.adapters.kept import erase
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role
from goldenhour.app.files import FileOrigin, FilesFullError, Parcel
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.app.uplinks import DataClass
from goldenhour.content.rules import load_rules
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.commands import AddFile
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.time import HOUR_MS

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4
WEBM = b"\x1a\x45\xdf\xa3" + b"\x9f\x42\x82\x84webm" + bytes(100)
MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(range(256)) * 1024
HEADERS = {
    FileKind.PHOTO: {"content-type": "image/jpeg"},
    FileKind.VOICE: {"content-type": "audio/webm;codecs=opus"},
    FileKind.BODY_CAMERA: {"content-type": "video/mp4"},
}
NOT_OF_KIND = (400, "file_not_of_kind", "file")
ABSENT = (404, "absent", "patient_id")
DATA = {FileKind.PHOTO: JPEG, FileKind.VOICE: WEBM, FileKind.BODY_CAMERA: MP4}


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


async def bring(
    office: Office,
    patient_id: str,
    kind: FileKind,
    data: Any,
    *,
    username: str = "crew1",
    headers: dict[str, str] | None = None,
    query: dict[str, Any] | None = None,
) -> httpx.Response:
    given = {"patient_id": patient_id, "kind": kind.value, "taken_ms": office.world.clock.at_ms}
    return await office.client.post(
        "/api/files",
        params=given | (query or {}),
        content=data,
        headers=await office.cookie(username) | HEADERS[kind] | (headers or {}),
    )


async def state_of(office: Office, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    loaded = await office.world.journal.load([stream], SYSTEM)
    state = fold(stream, loaded[stream].events)
    assert isinstance(state, Patient)
    return state


def left(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "files").rglob("*") if path.is_file())


async def test_what_is_captured_is_kept_told_and_seen(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    for kind, data in DATA.items():
        for _press in range(2):
            answer = await bring(
                office, patient_id, kind, data, headers={"x-caption": quote("左前臂")}
            )
            assert answer.status_code == 201, answer.text
            office.world.clock.at_ms += 1
    assert [one.file.file_kind for one in (await state_of(office, patient_id)).files] == list(DATA)
    await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
    sha256 = hashlib.sha256(MP4).hexdigest()
    for path in ("", f"/{sha256}"):
        statuses = {}
        for username in ("crew1", "hospital1", "quality", "crew2", "hospital2", "police"):
            seen = await office.client.get(
                f"/api/files{path}?patient_id={patient_id}", headers=await office.cookie(username)
            )
            statuses[username] = seen.status_code
        assert statuses == {
            **dict.fromkeys(("crew1", "hospital1", "quality"), 200),
            **dict.fromkeys(("crew2", "hospital2"), 404),
            "police": 403,
        }
    ward = await office.cookie("hospital1")
    listed = (await office.client.get(f"/api/files?patient_id={patient_id}", headers=ward)).json()
    assert [(row["kind"], row["caption"], row["name"], row["standing"]) for row in listed] == [
        (kind.value, "左前臂", "crew1", "here") for kind in DATA
    ]
    whole = await office.client.get(f"/api/files/{sha256}?patient_id={patient_id}", headers=ward)
    assert whole.content == MP4
    assert whole.headers["content-type"] == "video/mp4"
    part = await office.client.get(
        f"/api/files/{sha256}?patient_id={patient_id}", headers=ward | {"range": "bytes=5-9"}
    )
    assert (part.status_code, part.content) == (206, MP4[5:10])
    assert part.headers["content-range"] == f"bytes 5-9/{len(MP4)}"


@pytest.mark.parametrize(
    ("kind", "data", "changes", "refusal"),
    [
        (FileKind.PHOTO, b"", {}, (400, "required", "file")),
        (FileKind.PHOTO, b"GIF89a" + bytes(200), {}, NOT_OF_KIND),
        (FileKind.PHOTO, b"\xff\xd8", {}, NOT_OF_KIND),
        (FileKind.VOICE, JPEG, {}, NOT_OF_KIND),
        (FileKind.BODY_CAMERA, WEBM, {}, NOT_OF_KIND),
        (FileKind.PHOTO, JPEG, {"headers": {"content-type": "image/png"}}, NOT_OF_KIND),
        (FileKind.PHOTO, JPEG + bytes(8 << 20), {}, (413, "file_too_long", "file")),
        (FileKind.PHOTO, JPEG, {"query": {"kind": "ultrasound"}}, (400, "unknown_value", "kind")),
        (
            FileKind.PHOTO,
            JPEG,
            {"query": {"taken_ms": 1 << 50}},
            (400, "in_the_future", "taken_ms"),
        ),
        (FileKind.PHOTO, JPEG, {"query": {"patient_id": "nobody"}}, ABSENT),
        (FileKind.PHOTO, JPEG, {"username": "crew2"}, ABSENT),
        (FileKind.PHOTO, JPEG, {"username": "hospital1"}, (403, "not_allowed", "")),
    ],
    ids=[
        *("empty", "gif", "short", "jpeg as memo", "webm as film", "png", "too long"),
        *("not captured", "from the future", "nobody", "another crew", "a hospital"),
    ],
)
async def test_what_is_refused_leaves_nothing(  # noqa: PLR0917 (two fixtures and four givens)
    office: Office,
    tmp_path: Path,
    kind: FileKind,
    data: bytes,
    changes: dict[str, Any],
    refusal: tuple[int, str, str],
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    answer = await bring(office, patient_id, kind, data, **changes)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["field"]) == refusal
    assert left(tmp_path) == []
    assert (await state_of(office, patient_id)).files == ()


async def test_a_length_that_nobody_announced_is_stopped_as_well(
    office: Office, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")

    async def pieces() -> AsyncIterator[bytes]:
        yield JPEG
        for _piece in range(9):
            yield bytes(1 << 20)

    answer = await bring(office, patient_id, FileKind.PHOTO, pieces())
    assert (answer.status_code, answer.json()["code"]) == (413, "file_too_long")
    assert left(tmp_path) == []


def origin(data: bytes, patient_id: str, mission_id: str, **changes: Any) -> FileOrigin:
    given: dict[str, Any] = {
        "sha256": hashlib.sha256(data).hexdigest(),
        "size_bytes": len(data),
        "patient_id": patient_id,
        "mission_id": mission_id,
        "kind": FileKind.BODY_CAMERA,
        "media_type": "video/mp4",
        "received_ms": 1,
    }
    return FileOrigin(**(given | changes))


async def kept(folder: FileFolder, about: FileOrigin, data: bytes, most: int = 9) -> FileOrigin:
    async with folder.incoming() as file:
        await file.write(data)
        assert await file.finish() == about.sha256
        return await file.keep(about, most)


async def test_a_full_disk_is_told_and_nothing_is_left(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")

    def full(_handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        answer = await bring(office, patient_id, FileKind.PHOTO, JPEG)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert left(tmp_path) == []
    assert (await state_of(office, patient_id)).files == ()


async def test_a_film_never_takes_the_last_of_a_disk(
    office: Office, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    kept_free = load_rules().files.keep_free_bytes

    async def little(_folder: FileFolder) -> int:
        return kept_free + len(MP4) - 1

    monkeypatch.setattr(FileFolder, "free_bytes", little)
    answer = await bring(office, patient_id, FileKind.BODY_CAMERA, MP4)
    assert (answer.status_code, answer.json()["code"]) == (507, "disk_full")
    assert left(tmp_path) == []
    answer = await bring(office, patient_id, FileKind.BODY_CAMERA, MP4[:-1])
    assert answer.status_code == 201


async def cut_off(folder: FileFolder) -> None:
    async with folder.incoming() as file:
        await file.write(bytes(3 << 20))
        raise ConnectionError


async def test_what_is_cut_off_in_the_middle_is_gone(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    with pytest.raises(ConnectionError):
        await cut_off(folder)
    assert left(tmp_path) == []
    (tmp_path / "files" / "0.coming").write_bytes(b"of a power cut")
    FileFolder(tmp_path / "files")
    assert left(tmp_path) == []


async def test_a_patient_has_room_for_so_many_of_a_kind(tmp_path: Path) -> None:
    folder = FileFolder(tmp_path / "files")
    first = await kept(folder, origin(b"a", "p", "m"), b"a", most=1)
    with pytest.raises(FilesFullError):
        await kept(folder, origin(b"b", "p", "m"), b"b", most=1)
    assert await kept(folder, origin(b"a", "p", "m", received_ms=7), b"a", most=1) == first
    photo = origin(b"c", "p", "m", kind=FileKind.PHOTO)
    assert await kept(folder, photo, b"c", most=1) == photo


async def test_a_film_goes_in_slices_and_resumes_where_the_line_died(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    there, car = FileFolder(tmp_path / "files"), FileFolder(tmp_path / "car")
    about = await kept(car, origin(MP4, patient_id, mission_id), MP4)
    photo = origin(
        JPEG, patient_id, mission_id, kind=FileKind.PHOTO, media_type="image/jpeg", received_ms=2
    )
    await kept(car, photo, JPEG)
    line = Line(DataClass.VIDEO)
    async with vehicle(office, cut_after=3) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    (part,) = (tmp_path / "files" / patient_id).glob("*.part")
    held = part.stat().st_size
    assert 0 < held < len(MP4)
    line.sizes.clear()
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert sum(line.sizes) == len(MP4) - held  # nothing twice
    assert max(line.sizes) == SLICE_BYTES
    assert await there.find_origin(patient_id, about.sha256) == about
    assert await there.read(patient_id, about.sha256, 0, len(MP4) + 1) == MP4
    assert await car.list_parcels(DataClass.VIDEO) == []
    assert [one.sha256 for one in await car.list_parcels(DataClass.IMAGES)] == [photo.sha256]
    async with vehicle(office) as client:
        again = {**msgspec.to_builtins(about), "offset": 0}
        answer = await client.post("/api/edge/files", params=again, content=b"x")
    assert answer.json() == {"held_bytes": len(MP4), "kept": True}


async def test_what_arrives_otherwise_is_begun_again_and_never_kept(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    query = msgspec.to_builtins(origin(b"as it was", patient_id, mission_id))
    async with vehicle(office) as client:
        for offset, part, held, done in (
            (0, b"as ", 3, False),
            (0, b"as ", 3, False),  # a repetition writes nothing
            (7, b"s", 3, False),  # nor does what leaves a gap
            (3, b"IT WAS", 0, False),  # whole, and another one
            (0, b"as it was", 9, True),
        ):
            answer = await client.post(
                "/api/edge/files", params={**query, "offset": offset}, content=part
            )
            assert answer.json() == {"held_bytes": held, "kept": done}


async def test_a_file_that_was_changed_on_the_vehicle_is_not_sent(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    car, line = FileFolder(tmp_path / "car"), Line(DataClass.VIDEO)
    about = await kept(car, origin(MP4, patient_id, mission_id), MP4)
    (tmp_path / "car" / patient_id / f"{about.sha256}.bin").write_bytes(MP4[:-1])
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert line.sizes == []
    assert len(await car.list_parcels(DataClass.VIDEO)) == 1


async def test_a_vehicle_carries_its_own_alone(office: Office, tmp_path: Path) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    now_ms = office.world.clock.at_ms
    async with vehicle(office) as client:
        for changes, status in (
            ({"patient_id": "nobody"}, 404),
            ({"mission_id": "nobody"}, 404),
            ({"received_ms": now_ms + 3_600_000}, 400),
            ({"media_type": "text/html"}, 400),
            ({"size_bytes": 1 << 40}, 413),
            ({"patient_id": "../../x"}, 400),
            ({}, 200),
        ):
            given = {"patient_id": patient_id, "mission_id": mission_id} | changes
            query = msgspec.to_builtins(origin(b"data", **given))
            answer = await client.post("/api/edge/files", params={**query, "offset": 0})
            assert answer.status_code == status, changes


async def test_what_waits_when_the_right_ends_is_carried_all_the_same_and_by_nobody_else(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    car, line = FileFolder(tmp_path / "car"), Line(DataClass.VIDEO)
    about = await kept(car, origin(MP4, patient_id, mission_id), MP4)
    await office.world.reach(mission_id, Milestone.CLEARED)
    office.world.clock.at_ms += 25 * HOUR_MS
    seen = await office.client.get(
        f"/api/files?patient_id={patient_id}", headers=await office.cookie("crew1")
    )
    assert seen.status_code == 404
    async with vehicle(office, unit_id="A-02", key="o" * 32) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert len(await car.list_parcels(DataClass.VIDEO)) == 1
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.VIDEO, line, "line")
    assert await car.list_parcels(DataClass.VIDEO) == []
    there = FileFolder(tmp_path / "files")
    assert await there.read(patient_id, about.sha256, 0, len(MP4) + 1) == MP4


def centre(took: list[str]) -> httpx.AsyncClient:
    """It keeps whatever is offered."""

    def answer(request: httpx.Request) -> httpx.Response:
        took.append(request.url.params["sha256"])
        return httpx.Response(200, json={"held_bytes": 0, "kept": True})

    transport = httpx.MockTransport(answer)
    return httpx.AsyncClient(transport=transport, base_url="https://centre.local")


async def test_what_cannot_be_read_holds_up_no_other_and_stays(tmp_path: Path) -> None:
    car = FileFolder(tmp_path / "car", SealedFiles(b"k" * 32, os.urandom))
    lost, torn, unknown, whole = [
        await kept(car, origin(data, "p", "m", received_ms=at_ms), data)
        for at_ms, data in enumerate((b"lost", b"torn", b"unknown", b"whole"))
    ]
    folder = tmp_path / "car" / "p"
    (folder / f"{lost.sha256}.bin").unlink()
    (folder / f"{torn.sha256}.bin").write_bytes(b"torn")
    (folder / f"{unknown.sha256}.json").write_bytes(b"torn")
    before, took = left_in(folder), list[str]()
    async with centre(took) as client:
        with capture_logs() as logs:
            for _round in range(2):
                await carry_waiting(client, car, DataClass.VIDEO, Line(DataClass.VIDEO), "line")
    assert took == [whole.sha256]
    assert left_in(folder) == sorted([*before, f"{whole.sha256}.carried"])
    told = [log["file"] for log in logs if log["event"] == "kept.not_readable"]
    assert sorted(told) == sorted([f"{lost.sha256}.bin", f"{unknown.sha256}.json"])  # once each
    # Nor does it keep the crew from capturing more.
    more = origin(b"more", "p", "m")
    assert await kept(car, more, b"more") == more


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


async def test_a_mark_that_cannot_be_written_holds_up_no_other(tmp_path: Path) -> None:
    class Full(FileFolder):
        async def mark_carried(self, parcel: Parcel) -> None:
            raise OSError(errno.ENOSPC, "No space left on device", parcel.sha256)

    car, took = Full(tmp_path / "car"), list[str]()
    for data in (b"a", b"b"):
        await kept(car, origin(data, "p", "m"), data)
    async with centre(took) as client:
        await carry_waiting(client, car, DataClass.VIDEO, Line(DataClass.VIDEO), "line")
        assert len(set(took)) == 2
        assert len(await car.list_parcels(DataClass.VIDEO)) == 2
        again = FileFolder(tmp_path / "car")
        await carry_waiting(client, again, DataClass.VIDEO, Line(DataClass.VIDEO), "line")
    assert await car.list_parcels(DataClass.VIDEO) == []


async def test_a_store_that_cannot_be_listed_ends_no_carrying(tmp_path: Path) -> None:
    class Broken(FileFolder):
        async def list_parcels(self, data: DataClass) -> list[Parcel]:
            raise OSError(errno.EIO, "Input/output error", str(data))

    good = FileFolder(tmp_path / "good")
    await kept(good, origin(b"a", "p", "m"), b"a")
    stopping, rounds = asyncio.Event(), 0

    async def may_go() -> bool:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            stopping.set()
        return False

    carrier = ParcelCarrier(
        ParcelConfig(authorization="", ca_file="", every_s=0),
        DataClass.VIDEO,
        (Broken(tmp_path / "broken"), good),
        Line(DataClass.VIDEO),
        may_go,
    )
    async with asyncio.timeout(10):
        await carrier.run(stopping)
    assert carrier.waiting == 1


async def test_an_erased_file_says_so_and_is_not_carried_again(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    answer = await bring(office, patient_id, FileKind.BODY_CAMERA, MP4)
    sha256 = answer.json()["sha256"]
    erase(tmp_path / "files" / patient_id, sha256)
    assert left(tmp_path) == [f"{sha256}.erased"]
    ward, query = await office.cookie("hospital1"), f"?patient_id={patient_id}"
    (row,) = (await office.client.get(f"/api/files{query}", headers=ward)).json()
    assert (row["sha256"], row["standing"]) == (sha256, "erased")
    fetched = await office.client.get(f"/api/files/{sha256}{query}", headers=ward)
    assert fetched.status_code == 404
    again = await bring(office, patient_id, FileKind.BODY_CAMERA, MP4)
    assert (again.status_code, again.json()["code"]) == (409, "file_erased")
    async with vehicle(office) as client:
        carried = {**msgspec.to_builtins(origin(MP4, patient_id, mission_id)), "offset": 0}
        answer = await client.post("/api/edge/files", params=carried, content=b"x")
    assert answer.json()["kept"] is True
    assert left(tmp_path) == [f"{sha256}.erased"]


async def test_a_file_that_is_still_in_the_vehicle_is_awaited(
    office: Office, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    await office.world.accept(
        AddFile(
            patient_id=patient_id,
            sha256="ab" * 32,
            file_kind=FileKind.PHOTO,
            media_type="image/jpeg",
            size_bytes=1,
            taken_ms=1,
            taken_source=TakenSource.TABLET,
        )
    )
    ward, query = await office.cookie("hospital1"), f"?patient_id={patient_id}"
    (row,) = (await office.client.get(f"/api/files{query}", headers=ward)).json()
    assert row["standing"] == "awaited"


def test_the_release_takes_what_these_tests_bring() -> None:
    rules = load_rules().files
    for kind, data in DATA.items():
        rule = rules.find_rule(kind)
        assert rule is not None
        assert HEADERS[kind]["content-type"].partition(";")[0] in rule.media_types
        assert len(data) <= rule.max_bytes
