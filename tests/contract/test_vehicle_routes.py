"""The list of vehicles: what each carries and how it came about, for those above it alone."""

from collections.abc import AsyncIterator

import pytest

from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.accounts import Device


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        for unit_id in ("A-01", "A-02"):
            await made.world.list_unit(unit_id)
        await made.pump()
        yield made


async def test_a_vehicle_tells_what_it_is_what_it_carries_and_its_checks(office: Office) -> None:
    monitor = Device(id="0200000000000001", kind="monitor", unit_id="A-01", key="", enabled=True)
    await office.accounts.put_device(monitor)
    out = {"kind": "unit.take_out_of_service", "unit_id": "A-01", "reason": "fault"}
    assert (await office.say(await office.cookie("dispatcher"), out))[0] == 200
    await office.pump()
    for username in ("admin", "supervisor"):
        cookie = await office.cookie(username)
        first, second = (await office.client.get("/api/vehicles", headers=cookie)).json()
        assert (first["call_sign"], first["unit_kind"], first["out_of_service"]) == (
            "A-01",
            "als",
            "fault",
        )
        assert [(one["kind"], one["id"]) for one in first["devices"]] == [
            ("monitor", "0200000000000001")
        ]
        assert (second["call_sign"], second["devices"], second["checks"]) == ("A-02", [], [])


async def test_its_history_names_who_did_what_the_newest_first(office: Office) -> None:
    out = {"kind": "unit.take_out_of_service", "unit_id": "A-01", "reason": "fault"}
    assert (await office.say(await office.cookie("dispatcher"), out))[0] == 200
    path = "/api/vehicles/history?unit_id=A-01"
    told = (await office.client.get(path, headers=await office.cookie("admin"))).json()
    assert [one["line"]["kind"] for one in told] == [
        "unit.out_of_service.v1",
        "unit.duty_changed.v1",
        "unit.listed.v1",
    ]
    assert (told[0]["name"], told[0]["line"]["summary"]["reason"]) == ("dispatcher", "fault")


async def test_others_see_no_vehicle_and_no_history(office: Office) -> None:
    path = "/api/vehicles/history?unit_id=A-01"
    for username in ("dispatcher", "county", "crew1", "hospital1", "quality"):
        cookie = await office.cookie(username)
        for asked in ("/api/vehicles", path):
            assert (await office.client.get(asked, headers=cookie)).status_code == 403
    absent = await office.client.get(
        "/api/vehicles/history?unit_id=A-99", headers=await office.cookie("admin")
    )
    assert (absent.status_code, absent.json()["code"]) == (404, "absent")
