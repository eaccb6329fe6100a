"""A county takes a unit over from a city that is dead, and the city comes back.

Both nodes are the real application on a PostgreSQL database of their own behind TLS; the vehicle's
computer keeps a store and a link for each, as `goldenhour edge` does.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from factories.two_nodes import (
    UNIT,
    Computer,
    NodeSite,
    certificate_in,
    linked,
    node_site,
    second_database,
    until,
)
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.devices import NODE, register_node
from goldenhour.app.peers import NodeBoard, Peers
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.kernel.outcome import Refused


@dataclass
class Prefecture:
    city: NodeSite
    county: NodeSite
    vehicle: Computer


@pytest.fixture
async def prefecture(
    server: EmbeddedServer, database: Database, tmp_path: Path
) -> AsyncIterator[Prefecture]:
    certificate = certificate_in(tmp_path)
    async with (
        second_database(server) as other,
        node_site("city", database, certificate) as city,
        node_site("county", other, certificate) as county,
    ):
        # One clock for the prefecture: what differs between them decides nothing.
        county.world.clock.at_ms = city.world.clock.at_ms
        await county.world.accept(c.NameHome(unit_id=UNIT, node="city"))
        computer = Computer(city.world.clock)
        for site in (city, county):
            await computer.add(site, tmp_path)
        async with computer.running():
            yield Prefecture(city, county, computer)


async def sent(site: NodeSite) -> str:
    _, incident_id = await site.world.open_incident()
    return await site.world.assign(incident_id, UNIT)


async def test_the_loser_of_a_unit_is_told_and_the_vehicle_obeys_the_winner_alone(
    prefecture: Prefecture,
) -> None:
    city, county, vehicle = prefecture.city, prefecture.county, prefecture.vehicle
    await until(lambda: vehicle.hears("city", f"unit:{UNIT}"))
    await until(lambda: vehicle.hears("county", f"unit:{UNIT}"))
    assert await vehicle.commander() == "city"

    # While the city lives its order arrives and is obeyed; the county can send nothing.
    first = await sent(city)
    await until(lambda: vehicle.hears("city", f"mission:{first}"))
    _, theirs = await county.world.open_incident()
    refused = await county.world.send(
        c.Assign(mission_id="m-county", incident_id=theirs, unit_id=UNIT)
    )
    assert refused == Refused(code="unit_of_other_node", field="unit_id", detail="city")
    await city.world.reach(first, Milestone.ACKNOWLEDGED)
    await city.world.accept(c.StandDown(mission_id=first, reason="cancelled"))

    # It dies; a named person takes the unit over; the vehicle hears it and the county's order.
    await city.cut()
    taken = c.TakeUnitOver(unit_id=UNIT, reason="市节点机房失火，赵主任")
    await county.world.accept(taken, role="supervisor")
    winner = await sent(county)
    await until(lambda: vehicle.hears("county", f"mission:{winner}"))

    async def obeys_county() -> bool:
        return await vehicle.commander() == "county"

    await until(obeys_county)
    assert vehicle.changed.is_set()

    # The city never knew: it comes back and sends the unit. The vehicle refuses, and tells it.
    loser = await sent(city)
    await city.serve()

    async def told() -> bool:
        run = await city.state(f"mission:{loser}")
        return isinstance(run, Mission) and run.state is State.STOOD_DOWN

    await until(told)
    run = await city.state(f"mission:{loser}")
    assert (run.stand_down_reason, run.refused_by) == ("taken_over", "county")
    assert (await county.state(f"mission:{winner}")).active
    await city.fire_all()
    assert (await city.state(f"alert:order_refused.{loser}")).details["to"] == "county"
    assert (await city.state(f"unit:{UNIT}")).command == (1, "county")
    assert vehicle.homes.told(UNIT)[0] == "county"
    _, another = await city.world.open_incident()
    again = await city.world.send(c.Assign(mission_id="m-again", incident_id=another, unit_id=UNIT))
    assert again == Refused(code="unit_of_other_node", field="unit_id", detail="county")


async def test_the_database_keeps_a_unit_of_another_node_from_a_run(prefecture: Prefecture) -> None:
    """The decider's own refusal set aside, the claims table still refuses."""
    county = prefecture.county
    async with county.office.database.system() as connection:
        cursor = await connection.execute("select key, stream from claim where kind = 'unit'")
        assert await cursor.fetchall() == [(UNIT, f"unit:{UNIT}")]
    # A run that was under way when the unit was given cannot be: its claim is held.
    city = prefecture.city
    running = await sent(city)
    give = c.GiveUnit(unit_id=UNIT, node="county", reason="借出")
    assert await city.world.send(give) == Refused(code="unit_claimed")
    await city.world.accept(c.StandDown(mission_id=running, reason="mistake"))
    await city.world.accept(give)


async def test_each_sees_the_others_units_with_their_age_and_takes_none_from_a_node_that_answers(
    prefecture: Prefecture,
) -> None:
    city, county = prefecture.city, prefecture.county
    supervisor = await county.office.cookie("supervisor")
    take = {"kind": "unit.take_over", "unit_id": UNIT, "reason": "市节点失联"}
    async with linked(county, city), linked(city, county):
        await until(county.hears_the_other)
        run = await sent(city)
        await city.world.reach(run, Milestone.ACKNOWLEDGED)

        async def shows_the_run() -> bool:
            return [unit.state for unit in county.peer().units] == ["acknowledged"]

        await until(shows_the_run)
        (unit,) = county.peer().units
        assert (unit.unit_id, unit.home, unit.epoch) == (UNIT, "city", 0)
        answer = await county.office.client.get("/api/nodes", headers=supervisor)
        assert answer.json()[0]["connected"] is True
        assert "crew" not in answer.text

        status, said = await county.office.say(supervisor, take)
        assert (status, said["code"], said["detail"]) == (409, "home_answers", "city")
        await city.world.accept(c.StandDown(mission_id=run, reason="mistake"))

        # The line is cut: what was heard stays with its age, and each side goes on alone.
        await city.cut()
        heard_ms = county.peer().last_contact_ms
        county.pass_silence()
        assert not county.peer().connected
        assert county.peer().last_contact_ms == heard_ms
        status, _ = await county.office.say(supervisor, take)
        assert status == 200
        _, theirs = await county.world.open_incident()
        await county.world.assign(theirs, UNIT)

        # It comes back, hears who commands the unit, and no decision has to be merged.
        await city.serve()

        async def knows() -> bool:
            return bool((await city.state(f"unit:{UNIT}")).command == (1, "county"))

        await until(knows)
        await county.world.accept(
            c.StandDown(mission_id=(await mission_of(county)), reason="mistake")
        )
        await county.world.accept(c.GiveUnit(unit_id=UNIT, node="city", reason="市节点恢复"))

        async def given_back() -> bool:
            unit = await city.state(f"unit:{UNIT}")
            return bool((unit.command, unit.held) == ((2, "city"), ""))

        await until(given_back)
        assert (await city.state(f"mission:{await sent(city)}")).command == (2, "city")


async def test_a_board_that_cannot_be_taken_ends_no_link(
    prefecture: Prefecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    failures = iter([OSError("the database is away"), RuntimeError("and again")])
    take = Peers.take

    async def fails_twice(peers: Peers, board: NodeBoard) -> None:
        for failure in failures:
            raise failure
        await take(peers, board)

    monkeypatch.setattr(Peers, "take", fails_twice)
    async with linked(prefecture.county, prefecture.city):
        await until(prefecture.county.hears_the_other)


async def test_the_board_of_a_third_node_is_no_word_of_the_one_that_was_named(
    prefecture: Prefecture,
) -> None:
    city, county = prefecture.city, prefecture.county
    with capture_logs() as logs:
        async with linked(county, city, named="town"):

            async def is_told() -> bool:
                return any(one.get("error") == "this is city" for one in logs)

            await until(is_told)
    assert not county.peer().connected


async def test_another_node_reads_nothing_but_the_board_and_is_shut_out(
    prefecture: Prefecture,
) -> None:
    city = prefecture.city
    key = await register_node(city.office.accounts, city.world.entropy, org="centre", node="county")
    headers = {"authorization": f"Edge county:{key}"}
    client = city.office.client
    assert (await client.get("/api/node/board", headers=headers)).status_code == 200
    for path in ("/api/edge/roster", "/api/edge/share"):
        answer = await client.get(path, headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed"), path
    for path in ("/api/node/board", "/api/nodes"):
        assert (await client.get(path)).status_code == 401, path
    crew = await city.office.cookie("crew1")
    assert (await client.get("/api/nodes", headers=crew)).status_code == 403
    again = await register_node(
        city.office.accounts, city.world.entropy, org="centre", node="county"
    )
    assert again == Refused(code="node_in_use", field="node", detail="centre")
    (device,) = await city.office.accounts.list_devices(NODE)
    await city.office.accounts.put_device(replace(device, enabled=False))
    city.world.clock.at_ms += 5_000
    answer = await client.get("/api/node/board", headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (401, "device_revoked")


async def mission_of(site: NodeSite) -> str:
    async with site.office.database.system() as connection:
        cursor = await connection.execute("select stream from claim where kind = 'unit'")
        ((stream,),) = await cursor.fetchall()
    return str(stream).partition(":")[2]
