"""Files that a correction moves: the right to read goes with them, the bytes stay."""

import asyncio
import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest

from factories.ecg_files import record
from factories.office import Office, opened, person
from factories.ultrasound import file_of, picture
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.postgres.erasure import Erasure
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role
from goldenhour.app.images import ImageOrigin
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.told import of_image
from goldenhour.domain import commands as c
from goldenhour.domain.care.file_events import FileAdded
from goldenhour.domain.case.streams import decode_event
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.files import FileKind
from goldenhour.kernel.personal import Sealed
from goldenhour.wire.ecg_files import write_edf

PROBE = "US-1"
JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


class Two:
    """Two patients of one vehicle on the way to different hospitals; the probe is on the first."""

    def __init__(self, office: Office, folder: Path) -> None:
        self.office, self.world = office, office.world
        self.images = ImageFolder(folder / "images")
        self.mission_id = self.first = self.other = ""
        self.begun_ms = 0

    async def begin(self) -> "Two":
        world = self.world
        await world.list_unit()
        for hospital_id in ("h1", "h2"):
            await world.list_hospital(hospital_id)
        _call, incident_id = await world.open_incident()
        self.mission_id = await world.assign(incident_id)
        await world.reach(
            self.mission_id, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT
        )
        self.first, _handover = await world.prealert(self.mission_id, "h1")
        self.other, _handover = await world.prealert(self.mission_id, "h2")
        await world.accept(
            c.PlaceMonitor(mission_id=self.mission_id, device_id=PROBE, patient_id=self.first)
        )
        self.begun_ms = world.clock.at_ms
        return self

    async def picture(self, seed: int, patient_id: str, *, waiting: bool = False) -> str:
        """As it comes from a vehicle: kept, then told."""
        data = file_of(picture(seed))
        origin = ImageOrigin(
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            mission_id=self.mission_id,
            patient_id=patient_id,
            device=PROBE,
            received_ms=self.world.clock.at_ms,
            waiting=waiting,
        )
        await self.images.keep(origin, data)
        command = of_image(origin)
        assert command is not None
        await self.world.accept(command)
        return origin.sha256

    async def photo(self) -> str:
        answer = await self.office.client.post(
            "/api/files",
            params={
                "patient_id": self.first,
                "kind": FileKind.PHOTO.value,
                "taken_ms": self.world.clock.at_ms,
            },
            content=JPEG,
            headers=await self.office.cookie("crew1")
            | {"content-type": "image/jpeg", "x-caption": quote("左前臂")},
        )
        assert answer.status_code == 201, answer.text
        return hashlib.sha256(JPEG).hexdigest()

    async def ecg_file(self) -> str:
        data = write_edf(record())
        answer = await self.office.client.post(
            f"/api/ecg/files?patient_id={self.first}&name=other.edf",
            content=data,
            headers=await self.office.cookie("crew1"),
        )
        assert answer.status_code == 201, answer.text
        return hashlib.sha256(data).hexdigest()

    async def correct(
        self, to: str, *picked: tuple[str, str], by: str = "crew1"
    ) -> tuple[int, dict[str, Any]]:
        self.world.clock.at_ms += 1_000
        command = {
            "kind": "mission.correct_monitor",
            "mission_id": self.mission_id,
            "correction_id": self.world.new_id(),
            "device_id": PROBE,
            "from_ms": self.begun_ms,
            "to_ms": self.world.clock.at_ms,
            "patient_id": to,
            "reason": "探头在另一人身上",
            "files": [{"patient_id": p, "sha256": s} for p, s in picked],
        }
        return await self.office.say(await self.office.cookie(by), command)

    async def claim(self, sha256: str, patient_id: str, reason: str) -> tuple[int, dict[str, Any]]:
        command = {
            "kind": "mission.put_file",
            "mission_id": self.mission_id,
            "patient_id": patient_id,
            "sha256": sha256,
            "reason": reason,
            "claim": True,
        }
        return await self.office.say(await self.office.cookie("quality"), command)

    async def get(self, username: str, path: str) -> httpx.Response:
        return await self.office.client.get(path, headers=await self.office.cookie(username))

    async def waiting(self, username: str = "quality") -> list[dict[str, Any]]:
        answer = await self.get(username, "/api/images/waiting/all")
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()
        return rows

    async def sees(self, username: str, patient_id: str) -> set[str]:
        query = f"?patient_id={patient_id}"
        files = (await self.get(username, f"/api/files{query}")).json()
        ecg = (await self.get(username, f"/api/ecg/files{query}")).json()
        images = (await self.get(username, f"/api/images{query}")).json()
        everything = {row["sha256"] for row in files}
        # Each kind's own list says the same.
        assert {row["sha256"] for row in ecg} <= everything
        assert {row["origin"]["sha256"] for row in images} <= everything
        assert {row["standing"] for row in files} <= {"here"}
        return everything

    async def fetched(
        self, username: str, patient_id: str, shas: tuple[str, str, str]
    ) -> list[int]:
        """Of a picture, a photo and an ECG file the status of the bytes."""
        image, photo, ecg = shas
        query = f"?patient_id={patient_id}"
        paths = (
            f"/api/images/{image}/file{query}",
            f"/api/files/{photo}{query}",
            f"/api/ecg/files/{ecg}{query}",
        )
        return [(await self.get(username, path)).status_code for path in paths]


def left(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


@pytest.fixture
async def two(office: Office, tmp_path: Path) -> Two:
    return await Two(office, tmp_path).begin()


async def test_the_right_to_read_moves_with_the_files_and_back(two: Two, tmp_path: Path) -> None:
    waits = await two.picture(2, "", waiting=True)
    shas = (await two.picture(1, two.first), await two.photo(), await two.ecg_file())
    picked = [(two.first, sha256) for sha256 in shas[1:]]
    assert await two.sees("hospital1", two.first) == set(shas)
    assert await two.sees("hospital2", two.other) == set()
    assert await two.fetched("hospital1", two.first, shas) == [200, 200, 200]
    where = left(tmp_path)

    assert (await two.correct(two.other, *picked))[0] == 200
    assert await two.sees("hospital1", two.first) == set()
    assert await two.sees("hospital2", two.other) == {*shas, waits}
    assert await two.fetched("hospital1", two.first, shas) == [404, 404, 404]
    assert await two.fetched("hospital2", two.other, shas) == [200, 200, 200]
    # Nor by the other's name: that patient is none of theirs.
    assert await two.fetched("hospital1", two.other, shas) == [404, 404, 404]
    assert left(tmp_path) == where
    fhir = await two.get("hospital2", f"/api/patients/{two.other}/record.fhir.json")
    assert "other.edf" in fhir.text

    back = [(two.other, sha256) for sha256 in shas[1:]]
    assert (await two.correct(two.first, *back))[0] == 200
    assert await two.sees("hospital1", two.first) == {*shas, waits}
    assert await two.sees("hospital2", two.other) == set()
    assert await two.fetched("hospital1", two.first, shas) == [200, 200, 200]
    assert await two.fetched("hospital2", two.other, shas) == [404, 404, 404]


async def test_a_caption_goes_with_its_picture_and_back(two: Two) -> None:
    photo = await two.photo()

    async def read(username: str, patient_id: str) -> list[str | None]:
        rows = (await two.get(username, f"/api/files?patient_id={patient_id}")).json()
        return [row["caption"] for row in rows]

    async def kept_by(patient_id: str) -> int:
        return len(await Erasure(two.office.database).list_kept([f"patient:{patient_id}"]))

    before = [await kept_by(one) for one in (two.first, two.other)]
    assert await read("hospital1", two.first) == ["左前臂"]
    assert (await two.correct(two.other, (two.first, photo)))[0] == 200
    assert await read("hospital2", two.other) == ["左前臂"]
    assert await read("hospital1", two.first) == []
    # It is kept with the patient whose it is, and goes with them.
    assert [await kept_by(one) for one in (two.first, two.other)] == [before[0] - 1, before[1] + 1]
    loaded = (await two.world.journal.load([f"patient:{two.first}"], SYSTEM)).values()
    (row,) = [
        said.caption.row
        for one in loaded
        for said in (decode_event(e.body) for e in one.events)
        if isinstance(said, FileAdded) and isinstance(said.caption, Sealed)
    ]
    one_ward = Identity(orgs=("hospital:h1",), topics=("patient",))
    assert await two.world.journal.reveal([row], one_ward) == {}
    assert (await two.correct(two.first, (two.other, photo)))[0] == 200
    assert await read("hospital1", two.first) == ["左前臂"]
    assert await two.world.journal.reveal([row], one_ward) == {row: "左前臂"}


async def test_the_old_record_says_what_went_and_the_new_one_what_came(two: Two) -> None:
    taken_ms = two.world.clock.at_ms
    await two.picture(1, two.first)
    await two.correct(two.other)
    for username, patient_id, item in (
        ("hospital1", two.first, "file_out.ultrasound"),
        ("hospital2", two.other, "file_in.ultrasound"),
    ):
        whole = (await two.get(username, f"/api/patients/{patient_id}/record")).json()
        (told,) = [row for row in whole["replaced"] if row["item"].startswith("file_")]
        assert (told["item"], told["was_ms"], told["was_by"]) == (item, taken_ms, PROBE)
        assert (told["by"], told["reason"]) == ("crew1", "探头在另一人身上")


async def test_a_correction_that_names_an_erased_patient_is_refused(two: Two) -> None:
    photo = await two.photo()
    store = Erasure(two.office.database)
    kept = await store.list_kept([f"patient:{two.other}"])
    await store.erase([one.row for one in kept], two.world.clock.at_ms)
    status, answer = await two.correct(two.other, (two.first, photo))
    assert (status, answer["code"], answer["field"]) == (409, "patient_erased", "patient_id")
    status, answer = await two.correct(two.first, (two.other, photo))
    assert (status, answer["code"]) == (409, "patient_erased")
    assert await two.sees("hospital1", two.first) == {photo}


async def test_quality_claims_a_picture_and_the_event_says_so(two: Two) -> None:
    sha256 = await two.picture(1, "", waiting=True)
    (row,) = await two.waiting()
    assert row["image"]["origin"]["sha256"] == sha256
    assert (row["call_sign"], row["number"] != "") == ("A-01", True)
    assert [one["patient_id"] for one in row["candidates"]] == [two.first, two.other]
    frame = f"/api/images/waiting/{sha256}/frame?mission_id={two.mission_id}"
    assert (await two.get("quality", frame)).status_code == 200
    status, answer = await two.claim(sha256, two.first, " ")
    assert (status, answer["code"], answer["field"]) == (409, "reason_required", "reason")
    assert (await two.claim(sha256, two.first, "看图像是左侧患者"))[0] == 200
    assert (await two.waiting(), await two.sees("hospital1", two.first)) == ([], {sha256})
    for stream, kind in (
        (f"mission:{two.mission_id}", "RunFilePut"),
        (f"patient:{two.first}", "FileAdded"),
    ):
        envelopes = (await two.world.journal.load([stream], SYSTEM))[stream].events
        (said,) = [e for e in envelopes if type(decode_event(e.body)).__name__ == kind]
        assert (said.actor, said.role) == ("quality", "quality")


async def test_of_two_claims_at_once_one_is_refused_in_words(two: Two) -> None:
    sha256 = await two.picture(1, "", waiting=True)
    answers = await asyncio.gather(
        two.claim(sha256, two.first, "看图像是他"), two.claim(sha256, two.other, "看图像是她")
    )
    assert sorted(status for status, _answer in answers) == [200, 409]
    (refused,) = [answer for status, answer in answers if status == 409]
    assert (refused["code"], refused["field"]) == ("already_put", "sha256")
    seen = [await two.sees(*who) for who in (("hospital1", two.first), ("hospital2", two.other))]
    assert sorted(len(one) for one in seen) == [0, 1]


async def test_who_may_not_read_the_run_is_shown_nothing_of_it(two: Two) -> None:
    sha256 = await two.picture(1, "", waiting=True)
    assert len(await two.waiting()) == 1
    for username in ("crew1", "hospital1", "dispatcher"):
        assert (await two.get(username, "/api/images/waiting/all")).status_code == 403
    elsewhere = person("quality2", Role.QUALITY, "county")
    await two.office.accounts.put_person(elsewhere, two.world.clock.at_ms)
    assert await two.waiting("quality2") == []
    frame = f"/api/images/waiting/{sha256}/frame?mission_id={two.mission_id}"
    assert (await two.get("quality2", frame)).status_code == 404


async def test_what_has_waited_for_a_quarter_is_not_looked_for(two: Two) -> None:
    await two.picture(1, "", waiting=True)
    two.world.clock.at_ms += 91 * 24 * 3_600_000
    assert await two.waiting() == []
