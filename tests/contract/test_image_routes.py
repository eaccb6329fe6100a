"""Ultrasound pictures from a vehicle's folder to the centre in slices, and who may see them."""

import hashlib
import os
from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path

import httpx
import msgspec
import pytest
from PIL import Image as Pillow
from structlog.testing import capture_logs

from factories.carrying import SLICE_BYTES, Line, vehicle
from factories.ecg_files import UNIT, on_the_way
from factories.office import Office, opened, person
from factories.ultrasound import clip, file_of, picture
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.edge import SealedFiles
from goldenhour.adapters.files import carry_waiting
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role
from goldenhour.app.images import NO_RUN, ImageOrigin, origin_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.uplinks import DataClass
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.time import HOUR_MS


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


def origin(data: bytes, mission_id: str, patient_id: str, received_ms: int) -> ImageOrigin:
    return ImageOrigin(
        sha256=hashlib.sha256(data).hexdigest(),
        size_bytes=len(data),
        mission_id=mission_id,
        patient_id=patient_id,
        device="US-1",
        received_ms=received_ms,
    )


async def test_a_picture_goes_in_slices_and_resumes_where_the_line_died(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    there, line = ImageFolder(tmp_path / "images"), Line()
    car = ImageFolder(tmp_path / "car")
    data = file_of(picture())
    image = await car.keep(origin(data, mission_id, patient_id, office.world.clock.at_ms), data)
    async with vehicle(office, cut_after=3) as client:
        await carry_waiting(client, car, DataClass.IMAGES, line, "line")
    assert [one.sha256 for one in await car.list_parcels(DataClass.IMAGES)] == [image.origin.sha256]
    assert list(await there.list_images(mission_id)) == []
    (part,) = (tmp_path / "images" / mission_id).glob("*.part")
    held = part.stat().st_size
    assert 0 < held < len(data)
    line.sizes.clear()
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.IMAGES, line, "line")
    assert sum(line.sizes) == len(data) - held  # nothing twice
    assert max(line.sizes) == SLICE_BYTES
    assert list(await car.list_parcels(DataClass.IMAGES)) == []
    found = await there.find_image(mission_id, image.origin.sha256)
    assert found == (image, data)
    assert list((tmp_path / "images" / mission_id).glob("*.part")) == []
    async with vehicle(office) as client:
        again = {**msgspec.to_builtins(image.origin), "offset": 0}
        answer = await client.post("/api/edge/images", params=again, content=b"x")
    assert answer.json() == {"held_bytes": len(data), "kept": True}


async def test_what_arrives_otherwise_is_begun_again_and_never_kept(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    data = b"as it was"
    announced = origin(data, mission_id, patient_id, office.world.clock.at_ms)
    query = msgspec.to_builtins(announced)
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
                "/api/edge/images", params={**query, "offset": offset}, content=part
            )
            assert answer.json() == {"held_bytes": held, "kept": kept}
    (kept_one,) = await ImageFolder(tmp_path / "images").list_images(mission_id)
    assert kept_one.problem.startswith("preamble")  # no DICOM at all, and still kept


async def test_a_changed_file_is_not_sent(office: Office, tmp_path: Path) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    car, data = ImageFolder(tmp_path / "car"), file_of(picture())
    image = await car.keep(origin(data, mission_id, patient_id, 0), data)
    (tmp_path / "car" / mission_id / f"{image.origin.sha256}.dcm").write_bytes(data[:-1])
    line = Line()
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.IMAGES, line, "line")
    assert line.sizes == []
    assert len(await car.list_parcels(DataClass.IMAGES)) == 1


async def test_a_vehicle_carries_its_own_alone(office: Office, tmp_path: Path) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    now_ms = office.world.clock.at_ms
    async with vehicle(office) as client:
        for mission, patient, received_ms, status in (
            ("nobody", patient_id, now_ms, 404),
            (mission_id, "nobody", now_ms, 404),
            (mission_id, patient_id, now_ms + 3_600_000, 400),
            ("../../x", patient_id, now_ms, 400),
            (mission_id, "", now_ms, 200),
        ):
            query = msgspec.to_builtins(origin(b"data", mission, patient, received_ms))
            answer = await client.post("/api/edge/images", params={**query, "offset": 0})
            assert answer.status_code == status, (mission, patient)
    query = msgspec.to_builtins(origin(b"data", mission_id, patient_id, now_ms))
    answer = await office.client.post(
        "/api/edge/images", params={**query, "offset": 0}, headers=await office.cookie("crew1")
    )
    assert answer.status_code in {401, 403}


async def test_what_waits_when_the_right_ends_is_carried_all_the_same_and_by_nobody_else(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    car, line, now_ms = ImageFolder(tmp_path / "car"), Line(), office.world.clock.at_ms
    for data, whose in ((b"of the patient", patient_id), (b"of nobody yet", "")):
        await car.keep(origin(data, mission_id, whose, now_ms), data)
    await office.world.reach(mission_id, Milestone.CLEARED)
    office.world.clock.at_ms += 25 * HOUR_MS
    seen = await office.client.get(
        f"/api/images?patient_id={patient_id}", headers=await office.cookie("crew1")
    )
    assert seen.status_code == 404
    async with vehicle(office, unit_id="A-02", key="o" * 32) as client:
        await carry_waiting(client, car, DataClass.IMAGES, line, "line")
    assert len(await car.list_parcels(DataClass.IMAGES)) == 2
    async with vehicle(office) as client:
        await carry_waiting(client, car, DataClass.IMAGES, line, "line")
    assert list(await car.list_parcels(DataClass.IMAGES)) == []
    assert len(await ImageFolder(tmp_path / "images").list_images(mission_id)) == 2


async def test_what_cannot_be_read_holds_up_no_other_and_stays(tmp_path: Path) -> None:
    car = ImageFolder(tmp_path / "car", SealedFiles(b"k" * 32, os.urandom))
    lost, torn, unknown, whole = [
        (await car.keep(origin(data, "m", "p", at_ms), data)).origin.sha256
        for at_ms, data in enumerate((b"lost", b"torn", b"unknown", b"whole"))
    ]
    folder = tmp_path / "car" / "m"
    (folder / f"{lost}.dcm").unlink()
    (folder / f"{torn}.dcm").write_bytes(b"torn")
    (folder / f"{unknown}.json").write_bytes(b"torn")
    before = {path.name for path in folder.iterdir()}
    took: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        took.append(request.url.params["sha256"])
        return httpx.Response(200, json={"held_bytes": 0, "kept": True})

    async with httpx.AsyncClient(
        transport=httpx.MockTransport(answer), base_url="https://centre.local"
    ) as client:
        with capture_logs() as logs:
            for _round in range(2):
                await carry_waiting(client, car, DataClass.IMAGES, Line(), "line")
    assert took == [whole]
    assert {path.name for path in folder.iterdir()} == before | {f"{whole}.carried"}
    told = [log["file"] for log in logs if log["event"] == "kept.not_readable"]
    # Once each.
    assert sorted(told) == sorted([f"{lost}.dcm", f"{torn}.dcm", f"{unknown}.json"])
    shown = [one.origin.sha256 for one in await car.list_images("m")]
    assert shown == [lost, torn, whole]


async def test_who_may_see_a_picture_and_what_is_written_down(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    folder = ImageFolder(tmp_path / "images")
    still, loop = file_of(picture()), file_of(clip())
    kept = await folder.keep(origin(still, mission_id, patient_id, 1), still)
    early = await folder.keep(origin(loop, mission_id, "", 2), loop)
    other = file_of(picture(2))
    foreign = await folder.keep(origin(other, mission_id, "another", 3), other)
    broken = await folder.keep(origin(b"broken", mission_id, patient_id, 4), b"broken")
    await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
    of_patient = f"patient_id={patient_id}"
    for path in ("", f"/{kept.origin.sha256}/frame", f"/{kept.origin.sha256}/file"):
        statuses = {}
        for username in ("crew1", "hospital1", "quality", "crew2", "hospital2", "police"):
            answer = await office.client.get(
                f"/api/images{path}?{of_patient}", headers=await office.cookie(username)
            )
            statuses[username] = answer.status_code
        assert statuses == {
            **dict.fromkeys(("crew1", "hospital1", "quality"), 200),
            **dict.fromkeys(("crew2", "hospital2"), 404),
            "police": 403,
        }

    async def get(path: str) -> httpx.Response:
        return await office.client.get(
            f"/api/images{path}{'&' if '?' in path else '?'}{of_patient}",
            headers=await office.cookie("hospital1"),
        )

    listed = [one["origin"]["sha256"] for one in (await get("")).json()]
    assert listed == [one.origin.sha256 for one in (kept, early, broken)]
    assert (await get(f"/{foreign.origin.sha256}/file")).status_code == 404
    assert (await get(f"/{'../' * 3}x/file")).status_code == 404
    assert (await get(f"/{kept.origin.sha256}/file")).content == still
    for number in (0, 23):
        answer = await get(f"/{early.origin.sha256}/frame?number={number}")
        assert answer.headers["content-type"] == "image/jpeg"
        assert Pillow.open(BytesIO(answer.content)).size == (640, 480)
    assert (await get(f"/{early.origin.sha256}/frame?number=24")).json()["field"] == "frame"
    assert (await get(f"/{broken.origin.sha256}/frame?number=0")).json()["code"] == "out_of_range"
    async with office.database.system() as connection:
        rows = await (
            await connection.execute(
                "select action, count(*) from access_log where person = 'hospital1'"
                " and subject = %s group by action",
                (f"{patient_id} {early.origin.sha256}",),
            )
        ).fetchall()
    assert rows == [("image.view", 1)]  # one look, however many frames


async def test_whose_a_picture_is_follows_from_the_vehicle_and_the_moment(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    await office.pump()
    scope = await office.hub.scope(SYSTEM)
    made = origin_of(
        scope.view,
        UNIT,
        device="US-1",
        number="",
        sha256="0" * 64,
        size_bytes=1,
        now_ms=office.world.clock.at_ms,
    )
    assert (made.mission_id, made.patient_id) == (mission_id, patient_id)
    elsewhere = origin_of(
        scope.view, "A-99", device="US-1", number="", sha256="0" * 64, size_bytes=1, now_ms=1
    )
    assert (elsewhere.mission_id, elsewhere.patient_id) == (NO_RUN, "")
    car = ImageFolder(tmp_path / "car")
    await car.keep(origin(b"x", NO_RUN, "", 1), b"x")
    assert list(await car.list_parcels(DataClass.IMAGES)) == []
