"""ECG files over the web, from a vehicle and from the host: who may, what is kept."""

import hashlib
import json
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from fhir.resources.R4B.observation import Observation
from msgspec.structs import asdict, replace
from structlog.testing import capture_logs

from factories.carrying import Line, vehicle
from factories.ecg import TWELVE, packets_of, synthetic
from factories.ecg_files import (
    BEGUN_MS,
    RATE_HZ,
    UNIT,
    assert_same,
    on_the_way,
    record,
    shifted,
    stored,
)
from factories.office import Office, opened, person
from goldenhour.adapters.ecg import (
    ImportFolder,
    carry_waiting,
)
from goldenhour.adapters.ecg.carrier import FIRST_PAUSE_S, LONGEST_PAUSE_S, Pauses
from goldenhour.adapters.ecg.imports import MAX_FILES
from goldenhour.adapters.edge import SealedFiles
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web.ecg_file_routes import about_file
from goldenhour.app.access import Role
from goldenhour.app.ecg_files import ImportedEcg
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.app.uplinks import DataClass
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main import ecg_files
from goldenhour.main.settings import Settings
from goldenhour.wire.ecg_files import (
    EcgRecord,
    read_dicom,
    read_edf,
    write_dicom,
    write_edf,
)
from goldenhour.wire.ecg_stream import Broken, Framer

EVER_MS = 1 << 50


# ---- over the web


@pytest.fixture
async def office(database: Database, tmp_path: Path) -> AsyncIterator[Office]:
    async with opened(database, ecg=tmp_path) as made:
        yield made


async def test_who_may_take_an_ecg_out(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    await office.accounts.put_person(person("police", Role.POLICE, "city"), 0)
    for path in ("/api/ecg/recording", "/api/ecg/files"):
        statuses = {
            username: (
                await office.client.get(
                    f"{path}?patient_id={patient_id}", headers=await office.cookie(username)
                )
            ).status_code
            for username in (
                *("crew1", "crew2", "hospital1", "hospital2", "quality", "dispatcher", "police"),
            )
        }
        assert statuses == {
            "crew1": 200,
            "hospital1": 200,
            "quality": 200,
            "crew2": 404,
            "hospital2": 404,
            "dispatcher": 403,
            "police": 403,
        }
        assert (await office.client.get(f"{path}?patient_id={patient_id}")).status_code == 401


async def test_a_page_fetches_the_coded_packets_of_the_running_mission(
    office: Office, tmp_path: Path
) -> None:
    await on_the_way(office.world, tmp_path / "ecg")

    async def ask(username: str, **query: Any) -> httpx.Response:
        return await office.client.get(
            "/api/ecg/run", params={"unit": UNIT} | query, headers=await office.cookie(username)
        )

    whole = await ask("hospital1")
    assert whole.status_code == 200
    frames = [item for item in Framer().feed(whole.content) if not isinstance(item, Broken)]
    packets = [packet for _, packet in frames]
    assert packets
    assert packets == sorted(packets, key=lambda packet: packet.first)
    begun_ms = int(whole.headers["x-begun-ms"])
    assert int(whole.headers["x-from-ms"]) == begun_ms
    before = await ask("hospital1", to_ms=begun_ms + 1)
    assert len(before.content) < len(whole.content)
    for stranger in ("crew2", "hospital2"):
        assert (await ask(stranger)).status_code == 404


async def taken(office: Office, username: str, query: str) -> tuple[int, bytes, str]:
    answer = await office.client.get(
        f"/api/ecg/recording?{query}", headers=await office.cookie(username)
    )
    return answer.status_code, answer.content, answer.headers.get("content-disposition", "")


async def test_a_hospital_takes_the_run_in_every_form(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    rows = synthetic(3, 30 * RATE_HZ, RATE_HZ)[10 * RATE_HZ :]  # what was before is another's
    of_patient = f"patient_id={patient_id}"
    status, dicom, disposition = await taken(office, "hospital1", of_patient)
    assert (status, disposition.endswith('.dcm"')) == (200, True)
    found = read_dicom(dicom)
    assert np.array_equal(found.samples, rows)
    assert found.test  # this is no live world
    assert (found.subject, found.age, found.device) == (patient_id, "062Y", "E-1")
    assert "周建明".encode() not in dicom
    _status, edf, _name = await taken(office, "hospital1", f"{of_patient}&form=edf")
    assert_same(read_edf(edf), found, "age")
    begun_ms = found.begun_ms
    assert begun_ms is not None
    part = f"{of_patient}&form=fhir&from_ms={begun_ms + 1000}&to_ms={begun_ms + 3000}"
    _status, fhir, _name = await taken(office, "quality", part)
    written = json.loads(fhir)
    Observation.model_validate(written)
    first = written["component"][0]["valueSampledData"]["data"].split()
    assert [int(word) for word in first] == rows[500:1500, 0].tolist()
    log = await log_of(office)
    assert ("hospital1", "ecg.export", f"{patient_id} dicom") in log
    assert ("quality", "ecg.export", f"{patient_id} fhir") in log


async def test_what_cannot_be_had_says_why(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    for query, status, code, field in (
        ("patient_id=nobody", 404, "absent", "patient_id"),
        (f"patient_id={patient_id}&form=scp", 400, "invalid", "form"),
        (f"patient_id={patient_id}&from_ms={EVER_MS}", 404, "absent", "ecg"),
    ):
        answer = await taken(office, "crew1", query)
        problem = json.loads(answer[1])
        assert (answer[0], problem["code"], problem["field"]) == (status, code, field)


async def bring(office: Office, username: str, query: str, data: bytes) -> tuple[int, Any]:
    answer = await office.client.post(
        f"/api/ecg/files?{query}", content=data, headers=await office.cookie(username)
    )
    return answer.status_code, answer.json()


async def test_a_file_of_another_device_is_kept_to_the_byte(office: Office, tmp_path: Path) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    made: EcgRecord = record(device="OTHER-7")
    data, of_patient = write_edf(made), f"patient_id={patient_id}"
    sha256 = hashlib.sha256(data).hexdigest()
    status, kept = await bring(office, "crew1", f"{of_patient}&name=监护仪.edf", data)
    assert status == 201
    assert {name: kept[name] for name in ("sha256", "name", "kind", "device", "device_ms")} == {
        "sha256": sha256,
        "name": "监护仪.edf",
        "kind": "edf",
        "device": "OTHER-7",
        "device_ms": made.begun_ms,
    }
    assert (kept["mission_id"], kept["by"], kept["samples"]) == (mission_id, "crew1", 5123)
    # The same bytes again, from somebody else under another name: what was kept stands.
    assert await bring(office, "hospital1", f"{of_patient}&name=copy.edf", data) == (201, kept)
    answer = await office.client.get(
        f"/api/ecg/files?{of_patient}", headers=await office.cookie("hospital1")
    )
    assert answer.json() == [kept]
    path = f"/api/ecg/files/{sha256}?{of_patient}"
    original = await office.client.get(path, headers=await office.cookie("hospital1"))
    assert original.content == data
    dicom = await office.client.get(f"{path}&form=dicom", headers=await office.cookie("quality"))
    assert np.array_equal(read_dicom(dicom.content).samples, made.samples)
    log = await log_of(office)
    assert ("crew1", "ecg.import", f"{patient_id} {sha256}") in log
    assert ("hospital1", "ecg.export", f"{patient_id} {sha256} original") in log
    for odd in ("0" * 64, "..%2F..%2Froots", sha256[:-1]):
        wrong = await office.client.get(
            f"/api/ecg/files/{odd}?{of_patient}", headers=await office.cookie("crew1")
        )
        assert wrong.status_code == 404


async def test_what_may_not_be_brought(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    of_patient, good = f"patient_id={patient_id}", write_dicom(record())
    for username, query, data, status, code, field in (
        ("crew1", of_patient, b"%PDF-1.7", 400, "invalid", "file"),
        ("crew1", of_patient, good[:-50], 400, "invalid", "(5400,0100)"),
        ("crew2", of_patient, good, 404, "absent", "patient_id"),
        ("hospital2", of_patient, good, 404, "absent", "patient_id"),
        ("quality", of_patient, good, 403, "not_allowed", ""),
    ):
        answer, problem = await bring(office, username, query, data)
        assert (answer, problem["code"], problem["field"]) == (status, code, field), username
    listed = await office.client.get(
        f"/api/ecg/files?{of_patient}", headers=await office.cookie("crew1")
    )
    assert listed.json() == []


async def test_a_patient_has_room_for_so_many_files(office: Office, tmp_path: Path) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    of_patient = f"patient_id={patient_id}"
    for number in range(MAX_FILES):
        data = write_edf(record(number, count=60, gaps=(), leads=("I", "II")))
        assert (await bring(office, "crew1", of_patient, data))[0] == 201
    status, problem = await bring(office, "crew1", of_patient, write_edf(record()))
    assert (status, problem["code"], problem["field"]) == (409, "out_of_range", "file")


# ---- from a vehicle to the centre


async def test_a_file_brought_to_the_vehicle_reaches_the_centre(
    office: Office, tmp_path: Path
) -> None:
    patient_id, _mission = await on_the_way(office.world, tmp_path / "ecg")
    folder = ImportFolder(tmp_path / "vehicle")
    about, data = await brought_aboard(office, folder, patient_id)
    stranger = replace(about, patient_id="nobody", received_ms=about.received_ms + 1)
    await folder.keep(stranger, data)

    await carry(office.client, folder)
    assert await folder.list_waiting() == [about, stranger]
    async with vehicle(office) as client:
        await carry(client, folder)
    # The centre knows no such patient: that file waits, and nothing behind it is lost.
    assert await folder.list_waiting() == [stranger]
    answer = await office.client.get(
        f"/api/ecg/files?patient_id={patient_id}", headers=await office.cookie("hospital1")
    )
    assert answer.json() == [asdict(about) | {"leads": list(TWELVE), "notes": []}]


async def test_what_waits_when_the_right_ends_is_carried_all_the_same_and_by_nobody_else(
    office: Office, tmp_path: Path
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    folder = ImportFolder(tmp_path / "vehicle")
    about, data = await brought_aboard(office, folder, patient_id)
    await office.world.reach(mission_id, Milestone.CLEARED)
    office.world.clock.at_ms += 25 * HOUR_MS
    seen = await office.client.get(
        f"/api/ecg/files?patient_id={patient_id}", headers=await office.cookie("crew1")
    )
    assert seen.status_code == 404
    async with vehicle(office, unit_id="A-02", key="o" * 32) as client:
        await carry(client, folder)
    assert await folder.list_waiting() == [about]
    async with vehicle(office) as client:
        await carry(client, folder)
    assert await folder.list_waiting() == []
    found = await ImportFolder(tmp_path / "ecg-files").find_file(patient_id, about.sha256)
    assert found is not None
    assert found[1] == data


async def brought_aboard(
    office: Office, folder: ImportFolder, patient_id: str
) -> tuple[ImportedEcg, bytes]:
    """What a crew brought in while the vehicle had no link."""
    data = write_edf(record())
    about = about_file(
        data,
        "edf",
        record(),
        patient_id=patient_id,
        patient=await patient_of(office, patient_id),
        name="监护仪.edf",
        received_ms=office.world.clock.at_ms - 5_000,
        by="crew1",
        org="unit:A-01",
    )
    await folder.keep(about, data)
    return about, data


async def carry(
    client: httpx.AsyncClient, folder: ImportFolder, pauses: Pauses | None = None
) -> None:
    line = Line(DataClass.BACKLOG)
    await carry_waiting(
        client, folder, UNIT, carrier=line, uplink="line", pauses=pauses or Pauses()
    )


class Centre:
    """Refuses one file for good and keeps every other; is posted to in a turn alone."""

    def __init__(self) -> None:
        self.posted: list[bytes] = []
        self.in_turn: list[int] = []
        """How many were posted in each turn."""
        self.client = httpx.AsyncClient(
            transport=httpx.MockTransport(self._answer), base_url="https://centre.local"
        )

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.posted.append(request.content)
        self.in_turn[-1] += 1
        return httpx.Response(409 if request.content == b"refused" else 201, json={})

    async def carry(self, folder: ImportFolder, pauses: Pauses) -> None:
        centre = self

        class Turns(Line):
            @asynccontextmanager
            async def turn(self, uplink: str, data: DataClass) -> AsyncIterator[None]:
                assert (uplink, data) == ("line", DataClass.BACKLOG)
                centre.in_turn.append(0)
                yield

        await carry_waiting(
            self.client, folder, UNIT, carrier=Turns(), uplink="line", pauses=pauses
        )


async def put(folder: ImportFolder, *files: bytes) -> list[ImportedEcg]:
    """Anything: the vehicle does not read them again."""
    return [
        await folder.keep(
            ImportedEcg(
                sha256=hashlib.sha256(data).hexdigest(),
                patient_id="p",
                mission_id="m",
                incident_id="i",
                name="a.edf",
                kind="edf",
                size_bytes=len(data),
                device="",
                device_ms=None,
                leads=(),
                rate_hz=500.0,
                samples=1,
                test=False,
                notes=(),
                received_ms=at_ms,
                by="crew1",
                org="unit:A-01",
            ),
            data,
        )
        for at_ms, data in enumerate(files)
    ]


async def test_a_refused_file_is_not_posted_again_at_once_and_each_takes_a_turn(
    tmp_path: Path,
) -> None:
    folder, centre, pauses = ImportFolder(tmp_path), Centre(), Pauses()
    refused, *_others = await put(folder, b"refused", b"first", b"second")
    async with centre.client:
        for _round in range(3):
            await centre.carry(folder, pauses)
        assert centre.posted == [b"refused", b"first", b"second"]
        assert centre.in_turn == [1, 1, 1]
        assert await folder.list_waiting() == [refused]
        await centre.carry(folder, Pauses())  # after a restart
    assert centre.posted[3:] == [b"refused"]


async def test_each_refusal_is_waited_for_twice_as_long_up_to_an_hour(tmp_path: Path) -> None:
    (file,) = await put(ImportFolder(tmp_path), b"refused")
    pauses, now_s, waited = Pauses(), 1_000.0, FIRST_PAUSE_S
    assert not pauses.holds(file, now_s)
    for _refusal in range(12):
        pauses.failed(file, now_s)
        assert pauses.holds(file, now_s + waited - 0.1)
        now_s += waited
        assert not pauses.holds(file, now_s)
        waited = min(2 * waited, LONGEST_PAUSE_S)
    assert waited == LONGEST_PAUSE_S


async def test_what_cannot_be_read_aboard_holds_up_no_other_and_stays(tmp_path: Path) -> None:
    folder = ImportFolder(tmp_path, SealedFiles(b"k" * 32, os.urandom))
    lost, torn, _whole = await put(folder, b"lost", b"torn", b"whole")
    (tmp_path / "p" / f"{lost.sha256}.ecg").unlink()
    (tmp_path / "p" / f"{torn.sha256}.ecg").write_bytes(b"torn")
    centre, pauses = Centre(), Pauses()
    async with centre.client:
        with capture_logs() as logs:
            for _round in range(2):
                await centre.carry(folder, pauses)
    assert centre.posted == [b"whole"]
    assert await folder.list_waiting() == [lost, torn]
    told = [log["sha256"] for log in logs if log["event"] == "ecg.file_not_carried"]
    assert told == [lost.sha256, torn.sha256]


async def test_a_folder_that_cannot_be_listed_ends_no_carrying(tmp_path: Path) -> None:
    class Broken(ImportFolder):
        async def list_waiting(self) -> Sequence[ImportedEcg]:
            raise OSError(5, "Input/output error")

    centre = Centre()
    async with centre.client:
        await centre.carry(Broken(tmp_path), Pauses())
    assert centre.posted == []


async def patient_of(office: Office, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    found = fold(stream, await office.world.journal.list_streams([stream], SYSTEM))
    assert isinstance(found, Patient)
    return found


# ---- from the host


async def test_a_host_writes_and_keeps_files(
    server: EmbeddedServer, office: Office, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    patient_id, mission_id = await on_the_way(office.world, tmp_path / "ecg")
    run = fold(
        f"mission:{mission_id}",
        await office.world.journal.list_streams([f"mission:{mission_id}"], SYSTEM),
    )
    assert isinstance(run, Mission)
    settings = Settings(state=str(tmp_path), database_url=server.conninfo("postgres", "goldenhour"))
    out = tmp_path / "ecg.dcm"
    await ecg_files.export_case(
        settings, number=run.incident_number, patient_id=None, form="dicom", out=out
    )
    found = read_dicom(out.read_bytes())
    assert (found.subject, found.count) == (patient_id, 20 * RATE_HZ)
    with pytest.raises(SystemExit, match="File exists"):
        await ecg_files.export_case(
            settings, number=run.incident_number, patient_id=None, form="dicom", out=out
        )
    with pytest.raises(SystemExit, match=patient_id):
        await ecg_files.export_case(
            settings, number=run.incident_number, patient_id="other", form="dicom", out=out
        )
    capsys.readouterr()
    await ecg_files.import_file(settings, out, number=run.incident_number, patient_id=None)
    sha256 = hashlib.sha256(out.read_bytes()).hexdigest()
    said = capsys.readouterr().out
    assert "dicom: 20.0 s, 500 Hz, I II III aVR" in said
    assert sha256 in said
    answer = await office.client.get(
        f"/api/ecg/files/{sha256}?patient_id={patient_id}", headers=await office.cookie("hospital1")
    )
    assert answer.content == out.read_bytes()
    actions = {action for _person, action, _subject in await log_of(office)}
    assert {"ecg.export", "ecg.import"} <= actions


async def test_a_segment_becomes_a_file_and_a_wrong_file_a_sentence(tmp_path: Path) -> None:
    rows = synthetic(3, 2 * RATE_HZ, RATE_HZ)
    packets = packets_of(rows, RATE_HZ, TWELVE)
    await stored(tmp_path, [shifted(data, BEGUN_MS) for data in packets])
    (segment,) = tmp_path.rglob("*.seg")  # noqa: ASYNC240 (one small folder)
    ecg_files.export_segment(segment, "edf", tmp_path / "ecg.edf")
    assert np.array_equal(read_edf((tmp_path / "ecg.edf").read_bytes()).samples, rows)
    (tmp_path / "5-0.seg").write_bytes(b"no packet")
    for wrong, sentence in (
        ("5-0.seg", "no packet"),
        ("ecg.edf", "TIME-SEQUENCE"),
        ("1-1.seg", "No such"),
    ):
        with pytest.raises(SystemExit, match=sentence):
            ecg_files.export_segment(tmp_path / wrong, "edf", tmp_path / "other.edf")
    with pytest.raises(SystemExit, match="neither DICOM nor EDF"):
        await ecg_files.import_file(
            Settings(state=str(tmp_path)), segment, number=None, patient_id=None
        )


async def log_of(office: Office) -> list[tuple[str, str, str]]:
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        return [(str(a), str(b), str(s)) for a, b, s in await cursor.fetchall()]
