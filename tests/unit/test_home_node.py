"""Whose a unit is to send: one node's at a time, by the highest command (ADR 0026)."""

from dataclasses import dataclass

import msgspec
import pytest

from factories.timers import pass_time
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.dispatch.events import Activated, Assigned, Milestone
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.outcome import Refused
from goldenhour.main.gateway import whose_word


async def state_of[T: case.State](world: TestWorld, stream: str, of: type[T]) -> T:
    found = await world.journal.load([stream], SYSTEM)
    state = fold(stream, found[stream].events)
    assert isinstance(state, of)
    return state


@dataclass
class Pair:
    """Two nodes with a register of A-01 each; its home is the city's."""

    city: TestWorld
    county: TestWorld


@pytest.fixture
async def pair() -> Pair:
    made = Pair(city=TestWorld(seed=1, node="city"), county=TestWorld(seed=2, node="county"))
    for world in (made.city, made.county):
        await world.list_unit()
    await made.county.accept(c.NameHome(unit_id="A-01", node="city"))
    return made


async def test_only_the_home_sends_and_each_order_says_under_which_command(pair: Pair) -> None:
    _, theirs = await pair.county.open_incident()
    assign = c.Assign(mission_id="m1", incident_id=theirs, unit_id="A-01")
    refused = await pair.county.send(assign)
    assert refused == Refused(code="unit_of_other_node", field="unit_id", detail="city")
    _, own = await pair.city.open_incident()
    run = await state_of(pair.city, f"mission:{await pair.city.assign(own)}", Mission)
    assert run.command == (0, "city")
    assert whose_word(run) == ""

    taken = c.TakeUnitOver(unit_id="A-01", reason="市节点失联，赵主任")
    assert isinstance(await pair.county.send(taken, role="supervisor"), Outcome)
    assert isinstance(await pair.county.send(assign), Outcome)
    run = await state_of(pair.county, "mission:m1", Mission)
    assert run.command == (1, "county")
    assert whose_word(run) == " 指挥 county 令序 1"


async def test_the_store_keeps_a_unit_of_another_node_from_every_run(pair: Pair) -> None:
    """Not the decider alone: a run that began before the home was named is refused as well."""
    state = await state_of(pair.county, "unit:A-01", Unit)
    (claim,) = case.claims(state)
    assert (claim.kind, claim.key) == ("unit", "A-01")
    await pair.county.accept(c.TakeUnitOver(unit_id="A-01", reason="x"))
    assert case.claims(await state_of(pair.county, "unit:A-01", Unit)) == frozenset()


async def test_a_vehicle_refuses_a_lower_order_and_the_loser_learns_of_it(pair: Pair) -> None:
    _, own = await pair.city.open_incident()
    mission_id = await pair.city.assign(own)
    await pair.city.accept(c.RefuseOrder(mission_id=mission_id, epoch=1, node="county"))
    await pass_time(pair.city, 0)
    run = await state_of(pair.city, f"mission:{mission_id}", Mission)
    assert (run.state, run.stand_down_reason, run.refused_by) == (
        State.STOOD_DOWN,
        "taken_over",
        "county",
    )
    told = await state_of(pair.city, f"alert:order_refused.{mission_id}", Alert)
    assert (told.owner, told.priority, told.details["to"]) == ("03", 1, "county")
    unit = await state_of(pair.city, "unit:A-01", Unit)
    assert (unit.command, unit.held) == ((1, "county"), "A-01")
    again = c.Assign(mission_id="m9", incident_id=own, unit_id="A-01")
    assert await pair.city.send(again) == Refused(
        code="unit_of_other_node", field="unit_id", detail="county"
    )


async def test_an_order_that_a_crew_has_acknowledged_goes_on(pair: Pair) -> None:
    _, own = await pair.city.open_incident()
    mission_id = await pair.city.assign(own)
    await pair.city.reach(mission_id, Milestone.ACKNOWLEDGED)
    outcome = await pair.city.accept(c.RefuseOrder(mission_id=mission_id, epoch=1, node="county"))
    assert outcome.versions == {}
    assert (await state_of(pair.city, f"mission:{mission_id}", Mission)).active


@pytest.mark.parametrize("told", [(0, "city"), (0, "a"), (1, "city")])
async def test_a_command_that_is_not_higher_changes_nothing(
    pair: Pair, told: tuple[int, str]
) -> None:
    await pair.county.accept(c.TakeUnitOver(unit_id="A-01", reason="x"))
    epoch, node = told
    outcome = await pair.county.accept(c.LearnHome(unit_id="A-01", node=node, epoch=epoch))
    assert outcome.versions == {}


async def test_given_back_it_is_the_citys_again_under_a_higher_command(pair: Pair) -> None:
    await pair.county.accept(c.TakeUnitOver(unit_id="A-01", reason="x"))
    await pair.county.accept(c.GiveUnit(unit_id="A-01", node="city", reason="恢复"))
    await pair.city.accept(c.LearnHome(unit_id="A-01", node="county", epoch=1))
    await pair.city.accept(c.LearnHome(unit_id="A-01", node="city", epoch=2))
    for world, held in ((pair.city, ""), (pair.county, "A-01")):
        unit = await state_of(world, "unit:A-01", Unit)
        assert (unit.command, unit.held) == ((2, "city"), held)
    _, own = await pair.city.open_incident()
    run = await state_of(pair.city, f"mission:{await pair.city.assign(own)}", Mission)
    assert run.command == (2, "city")


async def test_a_register_that_is_written_anew_keeps_the_home(pair: Pair) -> None:
    await pair.county.list_unit()
    assert (await state_of(pair.county, "unit:A-01", Unit)).held == "A-01"


def test_an_older_vehicle_reads_the_orders_of_a_single_node() -> None:
    order = Assigned(
        incident_id="i", incident_number="n", unit_id="A-01", call_sign="A-01", level="R1",
        proposal=None,
    )  # fmt: skip
    assert set(msgspec.to_builtins(order)) == {
        "kind", "incident_id", "incident_number", "unit_id", "call_sign", "level", "proposal",
    }  # fmt: skip
    assert msgspec.json.encode(Activated()) == b'{"kind":"mission.activated.v1"}'


async def test_an_order_of_before_the_node_had_a_name_is_obeyed() -> None:
    """At epoch 0 nobody has taken anything over, whatever the nodes are called."""
    lone = TestWorld()
    await lone.list_unit()
    _, incident_id = await lone.open_incident()
    mission_id = await lone.assign(incident_id)
    told = c.RefuseOrder(mission_id=mission_id, epoch=0, node="city")
    assert (await lone.accept(told)).versions == {}
