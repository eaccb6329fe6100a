"""Who may take a record out, and that it is on the access log before it leaves."""

from collections.abc import AsyncIterator

import pytest
from fhir.resources.R4B.bundle import Bundle

from factories.full_record import full_record
from factories.office import Office, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import Role


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        await made.accounts.put_person(person("police", Role.POLICE, "city"), 0)
        yield made


async def statuses(office: Office, path: str) -> dict[str, int]:
    people = ("crew1", "crew2", "hospital1", "hospital2", "quality", "supervisor", "dispatcher")
    return {
        name: (await office.client.get(path, headers=await office.cookie(name))).status_code
        for name in (*people, "county", "admin", "police")
    }


async def log_of(office: Office) -> set[tuple[str, str, str]]:
    async with office.database.system() as connection:
        cursor = await connection.execute("select person, action, subject from access_log")
        return {tuple(row) for row in await cursor.fetchall()}


async def test_who_may_take_a_record_out(office: Office) -> None:
    patient_id = await full_record(office.world)
    own = {"crew1": 200, "hospital1": 200, "quality": 200}
    others = {"crew2": 404, "hospital2": 404, "county": 403, "admin": 403, "police": 403}
    found = await statuses(office, f"/api/patients/{patient_id}/record.fhir.json")
    assert found == own | others | {"supervisor": 403, "dispatcher": 403}
    found = await statuses(office, f"/api/patients/{patient_id}/record")
    assert found == own | others | {"supervisor": 200, "dispatcher": 403}
    log = await log_of(office)
    assert ("hospital1", "record.export", f"{patient_id} fhir") in log
    assert ("supervisor", "record.read", patient_id) in log
    assert not any(name in ("crew2", "hospital2") for name, _action, _subject in log)
    nobody = await office.client.get("/api/patients/none/record")
    assert nobody.status_code == 401


async def test_a_hospital_takes_what_the_crew_wrote(office: Office) -> None:
    patient_id = await full_record(office.world)
    path = f"/api/patients/{patient_id}/record.fhir.json"
    answer = await office.client.get(path, headers=await office.cookie("hospital1"))
    assert answer.headers["content-type"] == "application/fhir+json"
    assert answer.headers["cache-control"] == "no-store"
    Bundle.model_validate(answer.json())
    assert "急性冠脉综合征" in answer.text
    whole = await office.client.get(
        f"/api/patients/{patient_id}/record", headers=await office.cookie("quality")
    )
    assert whole.json()["crew"] == ["周医生", "李护士"]
    assert whole.json()["patient"]["record"]["fields"]["complaint"][0]["text"] == "胸痛半小时"
    assert whole.json()["people"]["crew1"] == "crew1"


async def test_only_who_judges_sees_completeness_and_the_tables(office: Office) -> None:
    patient_id = await full_record(office.world)
    head = f"/api/patients/{patient_id}"
    closed = {"dispatcher": 403, "crew1": 403, "crew2": 403, "hospital1": 403, "county": 403}
    for path, allowed in (
        (f"{head}/completeness", {"quality", "supervisor"}),
        (f"{head}/record.ws542.csv", {"quality"}),
        ("/api/ws542", {"quality", "supervisor", "admin"}),
    ):
        found = await statuses(office, path)
        assert {name for name, status in found.items() if status == 200} == allowed
        assert closed.items() <= found.items()
    answer = await office.client.get(
        f"{head}/record.ws542.csv", headers=await office.cookie("quality")
    )
    assert answer.content.startswith(b"\xef\xbb\xbfelement,name")
    assert ("quality", "record.export", f"{patient_id} ws542") in await log_of(office)
