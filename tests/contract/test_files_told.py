"""The journal knows of files: who brought one, once, and that a wrong one went out of sight."""

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from factories.ecg_files import on_the_way, record
from factories.office import Office, opened
from goldenhour.adapters.dicom import ImageFolder
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.handle import fold, handle
from goldenhour.app.images import NO_RUN, ImageOrigin
from goldenhour.app.journal import SYSTEM
from goldenhour.app.told import installation_of, of_image
from goldenhour.domain.care.files import Files
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.commands import AddFile, AddRunFile
from goldenhour.kernel.files import FileKind
from goldenhour.wire.ecg_files import write_edf


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


async def files_of(office: Office, patient_id: str) -> Files:
    stream = f"patient:{patient_id}"
    loaded = await office.world.journal.load([stream], SYSTEM)
    state = fold(stream, loaded[stream].events)
    assert isinstance(state, Patient)
    return state.files


async def test_a_brought_ecg_is_one_fact_and_its_bringer_withdraws_it(
    office: Office, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    data = write_edf(record())
    sha256 = hashlib.sha256(data).hexdigest()
    hospital, crew = await office.cookie("hospital1"), await office.cookie("crew1")
    of_patient = f"patient_id={patient_id}"
    for _press in range(2):
        brought = await office.client.post(
            f"/api/ecg/files?{of_patient}", content=data, headers=hospital
        )
        assert brought.status_code == 201
        office.world.clock.at_ms += 1
    (kept,) = await files_of(office, patient_id)
    assert (kept.file.sha256, kept.file.file_kind) == (sha256, FileKind.ECG)
    assert (kept.by, kept.org) == ("hospital1", "hospital:h1")
    withdraw = {
        "kind": "patient.withdraw_file",
        "patient_id": patient_id,
        "sha256": sha256,
        "reason": "另一位患者",
    }
    status, answer = await office.say(crew, withdraw)
    assert (status, answer["code"]) == (409, "not_yours")
    assert (await office.say(hospital, withdraw))[0] == 200
    listed = await office.client.get(f"/api/ecg/files?{of_patient}", headers=hospital)
    assert listed.json() == []
    fetched = await office.client.get(f"/api/ecg/files/{sha256}?{of_patient}", headers=hospital)
    assert fetched.status_code == 404
    again = await office.client.post(f"/api/ecg/files?{of_patient}", content=data, headers=hospital)
    assert (again.status_code, again.json()["code"]) == (409, "already_withdrawn")
    (kept,) = await files_of(office, patient_id)
    assert kept.withdrawn == "另一位患者"


def origin(mission_id: str, patient_id: str) -> ImageOrigin:
    return ImageOrigin(
        sha256="ab" * 32,
        size_bytes=4,
        mission_id=mission_id,
        patient_id=patient_id,
        device="US-1",
        received_ms=5,
    )


def test_an_image_is_told_to_the_patient_to_the_run_or_to_nobody() -> None:
    assert isinstance(of_image(origin("m", "p")), AddFile)
    assert isinstance(of_image(origin("m", "")), AddRunFile)
    assert of_image(origin(NO_RUN, "")) is None


async def test_a_withdrawn_picture_is_seen_by_nobody(office: Office, tmp_path: Path) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    about = origin(mission_id, patient_id)
    await ImageFolder(tmp_path / "images").keep(about, b"data")
    command = of_image(about)
    assert isinstance(command, AddFile)
    stamp = office.world.stamp(org="unit:A-01", installation=installation_of(command))
    await handle(command, stamp, SYSTEM, office.world)
    crew, query = await office.cookie("crew1"), f"?patient_id={patient_id}"
    assert len((await office.client.get(f"/api/images{query}", headers=crew)).json()) == 1
    withdraw = {
        "kind": "patient.withdraw_file",
        "patient_id": patient_id,
        "sha256": about.sha256,
        "reason": "误传",
    }
    assert (await office.say(crew, withdraw))[0] == 200
    assert (await office.client.get(f"/api/images{query}", headers=crew)).json() == []
    path = f"/api/images/{about.sha256}/file{query}"
    assert (await office.client.get(path, headers=crew)).status_code == 404
