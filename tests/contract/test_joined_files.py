"""Files of merged records: seen through the record that stands, by whoever may read each."""

import hashlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from factories.ecg_files import on_the_way, record
from factories.office import Office, opened
from factories.ultrasound import file_of, picture
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.images import ImageOrigin
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.files import FileKind
from goldenhour.wire.ecg_files import write_edf

JPEG = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 4


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


class Twice:
    """One person with two records in one case; `crew` has the second one."""

    def __init__(self, office: Office, folder: Path, crew: str) -> None:
        self.office, self.folder, self.crew = office, folder, crew
        self.first = self.other = self.mission_id = self.handover_id = ""

    async def begin(self) -> "Twice":
        world = self.office.world
        self.first, self.mission_id = await on_the_way(world, self.folder / "ecg")
        whole = (await self.get("quality", f"/api/patients/{self.first}/record")).json()
        self.handover_id = whole["handovers"][0]["id"]
        if self.crew == "crew2":
            await world.list_unit("A-02")
            self.mission_id = await world.assign(whole["patient"]["incident_id"], "A-02")
            await world.reach(self.mission_id, Milestone.DEPARTED, Milestone.ON_SCENE)
        self.other = world.new_id()
        await world.accept(c.RegisterPatient(patient_id=self.other, mission_id=self.mission_id))
        return self

    async def get(self, username: str, path: str) -> httpx.Response:
        cookie = await self.office.cookie(username)
        return await self.office.client.get(path, headers=cookie)

    async def say(self, make: Callable[..., Any], *handover_ids: str) -> None:
        pair = {"patient_id": self.first, "other_id": self.other}
        command = make(**pair, reason="登记了两次", handover_ids=handover_ids)
        await self.office.world.accept(command)

    async def photo(self, patient_id: str, username: str, data: bytes = JPEG) -> str:
        answer = await self.office.client.post(
            "/api/files",
            params={
                "patient_id": patient_id,
                "kind": FileKind.PHOTO.value,
                "taken_ms": self.office.world.clock.at_ms,
            },
            content=data,
            headers=await self.office.cookie(username) | {"content-type": "image/jpeg"},
        )
        assert answer.status_code == 201, answer.text
        return hashlib.sha256(data).hexdigest()

    async def ecg_file(self) -> str:
        data = write_edf(record())
        answer = await self.office.client.post(
            f"/api/ecg/files?patient_id={self.other}&name=other.edf",
            content=data,
            headers=await self.office.cookie(self.crew),
        )
        assert answer.status_code == 201, answer.text
        return hashlib.sha256(data).hexdigest()

    async def ultrasound(self, seed: int, patient_id: str) -> str:
        data = file_of(picture(seed))
        origin = ImageOrigin(
            sha256=hashlib.sha256(data).hexdigest(),
            size_bytes=len(data),
            mission_id=self.mission_id,
            patient_id=patient_id,
            device="US-1",
            received_ms=self.office.world.clock.at_ms,
        )
        await ImageFolder(self.folder / "images").keep(origin, data)
        return origin.sha256

    async def listed(self, username: str, patient_id: str) -> dict[str, set[str]]:
        query = f"?patient_id={patient_id}"
        files = (await self.get(username, f"/api/files{query}")).json()
        ecg = (await self.get(username, f"/api/ecg/files{query}")).json()
        images = (await self.get(username, f"/api/images{query}")).json()
        return {
            "files": {row["sha256"] for row in files},
            "ecg": {row["sha256"] for row in ecg},
            "images": {row["origin"]["sha256"] for row in images},
        }


@pytest.mark.parametrize("crew", ["crew1", "crew2"])
async def test_the_record_that_stands_shows_the_files_of_both(
    office: Office, tmp_path: Path, crew: str
) -> None:
    two = await Twice(office, tmp_path, crew).begin()
    own = await two.photo(two.first, "crew1", JPEG + b"own")
    photo, ecg = await two.photo(two.other, crew), await two.ecg_file()
    image, early = await two.ultrasound(1, two.other), await two.ultrasound(2, "")
    before = await two.listed("hospital1", two.first)
    assert before["files"] == {own}
    assert before["ecg"] == set()
    assert image not in before["images"]
    await two.say(c.MergePatients, two.handover_id)
    # The other vehicle's run is not the hospital's to read: what came before its patient stays out.
    theirs = {image, early} if crew == "crew1" else {image}
    assert await two.listed("hospital1", two.first) == {
        "files": {own, photo, ecg},
        "ecg": {ecg},
        "images": theirs,
    }
    assert (await two.listed("quality", two.first))["images"] == {image, early}
    query = f"patient_id={two.first}"
    for path, content in (
        (f"/api/files/{photo}?{query}", JPEG),
        (f"/api/images/{image}/file?{query}", file_of(picture(1))),
        (f"/api/ecg/files/{ecg}?{query}", write_edf(record())),
    ):
        answer = await two.get("hospital1", path)
        assert (answer.status_code, answer.content == content) == (200, True), path
        assert (await two.get("hospital2", path)).status_code == 404
    rows = (await two.get("hospital1", f"/api/files?{query}")).json()
    assert {row["sha256"]: row["patient_id"] for row in rows}[photo] == two.other
    fhir = await two.get("hospital1", f"/api/patients/{two.first}/record.fhir.json")
    assert "other.edf" in fhir.text
    await two.say(c.PartPatients)
    assert photo not in (await two.listed("quality", two.first))["files"]
    fhir = await two.get("quality", f"/api/patients/{two.first}/record.fhir.json")
    assert "other.edf" not in fhir.text


async def test_who_may_not_read_the_other_record_does_not_see_its_files(
    office: Office, tmp_path: Path
) -> None:
    two = await Twice(office, tmp_path, "crew2").begin()
    photo, ecg = await two.photo(two.other, "crew2"), await two.ecg_file()
    await two.say(c.MergePatients)  # the hospital's hand-over is not named: it gets no right
    assert photo in (await two.listed("quality", two.first))["files"]
    assert await two.listed("hospital1", two.first) == {
        "files": set(),
        "ecg": set(),
        "images": set(),
    }
    for path in (f"files/{photo}", f"ecg/files/{ecg}"):
        answer = await two.get("hospital1", f"/api/{path}?patient_id={two.first}")
        assert answer.status_code == 404


async def test_a_file_that_was_withdrawn_in_its_record_is_shown_in_none(
    office: Office, tmp_path: Path
) -> None:
    two = await Twice(office, tmp_path, "crew1").begin()
    photo, ecg = await two.photo(two.other, "crew1"), await two.ecg_file()
    twice = await two.photo(two.first, "crew1", JPEG + b"twice")
    assert await two.photo(two.other, "crew1", JPEG + b"twice") == twice
    await two.say(c.MergePatients)
    rows = (await two.get("quality", f"/api/files?patient_id={two.first}")).json()
    assert sorted(row["sha256"] for row in rows) == sorted((photo, ecg, twice))  # each once
    for sha256 in (photo, ecg):
        status, body = await office.say(
            await office.cookie("crew1"),
            {
                "kind": "patient.withdraw_file",
                "patient_id": two.other,
                "sha256": sha256,
                "reason": "不是这个病人",
            },
        )
        assert status == 200, body
    assert await two.listed("quality", two.first) == {
        "files": {twice},
        "ecg": set(),
        "images": set(),
    }
    for path in (f"files/{photo}", f"ecg/files/{ecg}"):
        answer = await two.get("quality", f"/api/{path}?patient_id={two.first}")
        assert answer.status_code == 404
