"""Live screens over real sockets: what arrives, what is resumed, and when a right ends."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from factories.ecg_files import on_the_way
from factories.office import ClientConnection, Office, listening, live, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.web import identity, live_routes
from goldenhour.app import live as app_live
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.levels import TriageLevel


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


@pytest.fixture
async def address(office: Office) -> AsyncIterator[str]:
    async with listening(office) as found:
        yield found


@pytest.fixture
def quick_pings(monkeypatch: pytest.MonkeyPatch) -> None:
    """A sign of life every moment: the order of things is tested here, not their pace."""
    monkeypatch.setattr(live_routes, "PING_S", 0.01)


async def next_of(socket: ClientConnection, kind: str) -> dict[str, Any]:
    """The next message of a kind; others are passed over."""
    while True:
        message: dict[str, Any] = msgspec.json.decode(await socket.recv())
        if message["type"] == kind:
            return message


def rows(message: dict[str, Any], table: str) -> dict[str, dict[str, Any]]:
    found = message.get("rows", message.get("put", []))
    return {row["id"]: row for row in found if row["table"] == table}


async def test_a_snapshot_then_patches_as_things_happen(office: Office, address: str) -> None:
    await office.world.list_unit()
    await office.pump()
    async with live(address, await office.cookie("dispatcher")) as socket:
        snapshot = await next_of(socket, "snapshot")
        assert set(rows(snapshot, "units")) == {"A-01"}
        call_id, incident_id = await office.world.open_incident()
        await office.pump()
        patch = await next_of(socket, "patch")
        assert rows(patch, "calls")[call_id]["number"] == "13900001111"
        assert rows(patch, "incidents")[incident_id]["location"]["label"] == "学府路 76 号"
        assert patch["at"] > snapshot["at"]


async def test_a_desk_sees_how_severe_a_patient_is_and_nothing_of_the_record(
    office: Office, address: str, tmp_path: Path
) -> None:
    patient_id, _ = await on_the_way(office.world, tmp_path)
    await office.world.accept(c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.II))
    await office.world.accept(
        c.WriteField(patient_id=patient_id, write_id="w1", field="weight_kg", value=60.0)
    )
    await office.pump()
    seen = {}
    for username in ("crew1", "hospital1", "quality", "dispatcher", "supervisor"):
        async with live(address, await office.cookie(username)) as socket:
            snapshot = await next_of(socket, "snapshot")
            patient = rows(snapshot, "patients")[patient_id]
            logged = {line["kind"] for line in rows(snapshot, "log").values()}
            assert "patient.level_confirmed.v1" in logged
            told = "patient.field_written.v1" in logged
            assert told is ("weight_kg" in patient["record"]["fields"]), username
            seen[username] = (patient["level"], told)
    treating = dict.fromkeys(("crew1", "hospital1", "quality"), ("II", True))
    assert seen == treating | dict.fromkeys(("dispatcher", "supervisor"), ("II", False))
    async with live(address, await office.cookie("dispatcher")) as socket:
        await next_of(socket, "snapshot")
        await office.world.accept(c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.I))
        await office.pump()
        patient = rows(await next_of(socket, "patch"), "patients")[patient_id]
        assert (patient["level"], patient["record"]["fields"]) == ("I", {})


async def test_a_screen_that_was_away_gets_what_it_missed_and_nothing_is_lost(
    office: Office, address: str
) -> None:
    cookie = await office.cookie("dispatcher")
    async with live(address, cookie) as socket:
        painted = (await next_of(socket, "snapshot"))["at"]
    for number in range(3):
        ring = {"kind": "call.ring", "call_id": f"c{number}", "line": "1"}
        await office.say(cookie, ring | {"number": {"as": "clear", "text": "139"}})
        await office.pump()
    async with live(address, cookie, after=painted) as socket:
        missed = [await next_of(socket, "patch") for _ in range(3)]
        found = [set(rows(patch, "calls")) for patch in missed]
        assert found == [{"c0"}, {"c1"}, {"c2"}]
        assert [patch["at"] for patch in missed] == [painted + 1, painted + 2, painted + 3]


async def test_a_screen_from_another_time_gets_everything_again(
    office: Office, address: str
) -> None:
    async with live(address, await office.cookie("dispatcher"), after=10_000) as socket:
        assert msgspec.json.decode(await socket.recv())["type"] in ("snapshot", "ping")
        await office.world.list_unit()
        await office.pump()
        await next_of(socket, "patch")


@pytest.mark.usefixtures("quick_pings")
@pytest.mark.parametrize("how", ["revoke", "deactivate", "log_out", "expire", "elsewhere"])
async def test_a_session_that_ends_closes_its_open_screen(
    office: Office, address: str, how: str
) -> None:
    cookie, admin = await office.cookie("dispatcher"), await office.cookie("admin")
    people = "/api/admin/people/dispatcher"
    async with live(address, cookie) as socket:
        await next_of(socket, "snapshot")
        match how:
            case "revoke":
                await office.client.post(f"{people}/revoke", headers=admin)
            case "deactivate":
                await office.client.patch(people, json={"active": False}, headers=admin)
            case "log_out":
                await office.client.delete("/api/session", headers=cookie)
            case "expire":
                office.world.clock.at_ms += identity.SESSION_MS
            case _:  # revoked by another process: known here when the look-up is no longer fresh
                await office.accounts.revoke_sessions("dispatcher", office.world.clock.at_ms)
                office.world.clock.at_ms += identity.CACHE_MS
        assert (await next_of(socket, "ended"))["code"] == "session_ended"
        with pytest.raises(ConnectionClosed) as closed:
            await socket.recv()
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == live_routes.CLOSE_ENDED


def test_a_revoked_right_cannot_outlive_five_seconds() -> None:
    """The worst case: looked up just before, asked again at the next sign of life."""
    assert live_routes.PING_S + identity.CACHE_MS / 1000 < 5
    assert app_live.SWEEP_S < 5


async def test_no_screen_without_a_session_or_from_a_foreign_page(
    office: Office, address: str
) -> None:
    with pytest.raises(InvalidStatus):
        await live(address, {})
    foreign = await office.cookie("dispatcher") | {"origin": "https://evil.example"}
    with pytest.raises(InvalidStatus):
        await live(address, foreign)


async def test_a_hospital_sees_a_case_from_its_pre_alert_and_another_never(
    office: Office, address: str
) -> None:
    world = office.world
    await world.list_unit()
    for hospital_id in ("h1", "h2"):
        await world.list_hospital(hospital_id)
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.DEPARTED)
    await office.pump()
    async with (
        live(address, await office.cookie("hospital1")) as own,
        live(address, await office.cookie("hospital2")) as other,
    ):
        for socket, hospital_id in ((own, "h1"), (other, "h2")):
            snapshot = await next_of(socket, "snapshot")
            assert {row["id"] for row in snapshot["rows"] if row["table"] != "log"} == {hospital_id}
        patient_id, handover_id = await world.prealert(mission_id)
        await office.pump()
        patch = await next_of(own, "patch")
        assert set(rows(patch, "handovers")) == {handover_id}
        assert rows(patch, "patients")[patient_id]["name"] == "周建明"
        assert rows(patch, "missions")[mission_id]["state"] == "en_route"
        assert rows(patch, "incidents")[incident_id]["location"]["label"] == "学府路 76 号"
        assert rows(patch, "calls") == {}
        assert await told(other) == set()
        await world.accept(c.WithdrawPreAlert(handover_id=handover_id, reason="re-routed"))
        await office.pump()
        await next_of(own, "patch")
        world.clock.at_ms += 5_000
        for scope in office.hub._scopes.values():
            await scope.sweep()
        gone = await next_of(own, "patch")
        assert ["patients", patient_id] in gone["drop"]
        assert ["missions", mission_id] in gone["drop"]
        assert await told(other) == set()


async def told(socket: ClientConnection) -> set[str]:
    """The tables of all rows that have arrived, up to the next sign of life."""
    found: set[str] = set()
    while True:
        message = msgspec.json.decode(await socket.recv())
        if message["type"] == "ping":
            return found
        found |= {row["table"] for row in message.get("put", [])}


async def test_who_chooses_hospitals_reads_them_all_but_not_their_cases(
    office: Office, address: str
) -> None:
    world = office.world
    await world.list_unit()
    await world.list_hospital()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.prealert(mission_id)
    await office.pump()
    for username in ("crew2", "county"):
        async with live(address, await office.cookie(username)) as socket:
            snapshot = await next_of(socket, "snapshot")
            assert set(rows(snapshot, "hospitals")) == {"h1"}
            for table in ("incidents", "missions", "patients", "handovers"):
                assert rows(snapshot, table) == {}, (username, table)


async def test_what_a_seat_has_painted_may_be_odd_and_the_screen_goes_on(
    office: Office, address: str
) -> None:
    async with live(address, await office.cookie("dispatcher")) as socket:
        await next_of(socket, "snapshot")
        for odd in ("{", "[]", '{"type":"painted","at":"x"}', '{"type":"painted","at":1}'):
            await socket.send(odd)
        await office.world.list_unit()
        await asyncio.wait_for(office.pump(), 30)
        await next_of(socket, "patch")


async def test_a_seat_is_present_while_its_screen_is_connected(
    office: Office, address: str
) -> None:
    cookie = await office.cookie("dispatcher")

    async def present() -> set[str]:
        answer = await office.client.get("/api/seats", headers=cookie)
        assert answer.status_code == 200
        assert {row["seat"] for row in answer.json()} == {"dispatcher", "supervisor"}
        return {row["seat"] for row in answer.json() if row["present"]}

    assert await present() == set()
    async with live(address, cookie) as socket:
        await next_of(socket, "snapshot")
        assert await present() == {"dispatcher"}
    assert (
        await office.client.get("/api/seats", headers=await office.cookie("crew1"))
    ).status_code == 403
