"""A unit of another node: asked for, lent by content, refused, late, called off (ADR 0026)."""

from typing import Any

import msgspec
import pytest

from factories.timers import pass_time
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.dispatch.lend import refuse_lend
from goldenhour.domain.intake.events import AskOutcome, CaseOffered, CaseTaken
from goldenhour.domain.intake.incident import Ask, Incident
from goldenhour.kernel.levels import DispatchLevel as Level
from goldenhour.kernel.outcome import Refused


async def state_of(world: TestWorld, stream: str) -> Any:
    found = (await world.journal.load([stream], SYSTEM)).get(stream)
    return fold(stream, found.events) if found else None


@pytest.fixture
async def county() -> TestWorld:
    """Its A-01 is the city's to assign."""
    world = TestWorld(node="county")
    await world.list_unit()
    await world.accept(c.NameHome(unit_id="A-01", node="city"))
    return world


async def asked(world: TestWorld) -> str:
    _, incident_id = await world.open_incident()
    await world.accept(c.AskUnit(incident_id=incident_id, unit_id="A-01", mission_id="m1"))
    return incident_id


async def ask_of(world: TestWorld, incident_id: str) -> Ask:
    found = await state_of(world, f"incident:{incident_id}")
    assert isinstance(found, Incident)
    (ask,) = found.asks
    return ask


async def alert_of(world: TestWorld, ident: str) -> Alert | None:
    await pass_time(world, 0)
    found = await state_of(world, f"alert:{ident}")
    assert found is None or isinstance(found, Alert)
    return found


@pytest.mark.parametrize(
    ("level", "others_ready", "code"),
    [
        (Level.R0, 0, ""),
        (Level.R1, 0, ""),
        (None, 0, ""),
        (Level.R2, 1, ""),
        (Level.R2, 0, "lender_is_short"),
        (Level.R3, 0, "lender_is_short"),
        (Level.R4, 9, "not_lent_for_level"),
        (Level.R5, 9, "not_lent_for_level"),
    ],
)
def test_content_says_for_whom_a_unit_is_lent(
    level: Level | None, others_ready: int, code: str
) -> None:
    refused = refuse_lend(load_rules().dispatch.lend, level, others_ready)
    assert (refused.code if refused else "") == code


async def test_a_unit_that_was_asked_for_is_not_sent_yet(county: TestWorld) -> None:
    incident_id = await asked(county)
    found = await state_of(county, f"incident:{incident_id}")
    assert (found.dispatched_ms, found.missions) == (None, ())
    assert found.find_ask("m1").waits
    again = c.AskUnit(incident_id=incident_id, unit_id="A-01", mission_id="m2")
    assert await county.send(again) == Refused(code="ask_waits", field="unit_id")
    (effect,) = [e for e in county.journal.effects.values() if e.kind == "unit_ask"]
    assert effect.body == {"incident_id": incident_id, "mission_id": "m1", "node": "city"}


async def test_ones_own_unit_is_sent_and_not_asked_for(county: TestWorld) -> None:
    await county.list_unit("A-02")
    _, incident_id = await county.open_incident()
    own = c.AskUnit(incident_id=incident_id, unit_id="A-02", mission_id="m1")
    assert await county.send(own) == Refused(code="already_home", field="unit_id")


async def test_an_ask_without_an_answer_ends_and_the_desk_is_told_to_telephone(
    county: TestWorld,
) -> None:
    incident_id = await asked(county)
    await pass_time(county, county.facts.limits.ask_s - 1)
    assert (await ask_of(county, incident_id)).waits
    await pass_time(county, 1)
    assert (await ask_of(county, incident_id)).outcome is AskOutcome.UNANSWERED
    told = await alert_of(county, "ask_unanswered.m1")
    assert told is not None
    assert (told.priority, told.owner, told.details["to"]) == (1, "03", "city")
    # A refusal that comes afterwards is no news.
    late = c.AnswerAsk(incident_id=incident_id, mission_id="m1", code="unit_claimed")
    assert (await county.accept(late)).versions == {}


async def test_a_refusal_is_told_with_its_words(county: TestWorld) -> None:
    incident_id = await asked(county)
    answer = c.AnswerAsk(incident_id=incident_id, mission_id="m1", code="unit_claimed")
    await county.accept(answer)
    ask = await ask_of(county, incident_id)
    assert (ask.outcome, ask.code) == (AskOutcome.REFUSED, "unit_claimed")
    told = await alert_of(county, "ask_refused.m1")
    assert told is not None
    assert told.details["refusal"] == "unit_claimed"
    await pass_time(county, county.facts.limits.ask_s)
    assert await alert_of(county, "ask_unanswered.m1") is None


async def test_an_ask_is_taken_back_with_words_and_its_home_is_told(county: TestWorld) -> None:
    incident_id = await asked(county)
    wordless = c.WithdrawAsk(incident_id=incident_id, mission_id="m1", reason=" ")
    assert await county.send(wordless) == Refused(code="reason_required", field="reason")
    await county.accept(c.WithdrawAsk(incident_id=incident_id, mission_id="m1", reason="误操作"))
    assert (await ask_of(county, incident_id)).outcome is AskOutcome.WITHDRAWN
    recalls = [e for e in county.journal.effects.values() if "recall" in e.body]
    assert [e.body["recall"] for e in recalls] == ["误操作"]
    twice = c.WithdrawAsk(incident_id=incident_id, mission_id="m1", reason="x")
    assert await county.send(twice) == Refused(code="ask_ended", detail="withdrawn")


# ---- a case that goes to another node


async def offered(world: TestWorld) -> str:
    _, incident_id = await world.open_incident()
    offer = c.OfferCase(incident_id=incident_id, org="node:city", reason="超出能力")
    await world.accept(offer)
    return incident_id


def taken(incident_id: str) -> c.TakeCase:
    return c.TakeCase(incident_id=incident_id, node="city", org_name="市中心")


async def test_to_another_node_a_case_goes_by_an_offer_alone(county: TestWorld) -> None:
    _, incident_id = await county.open_incident()
    by_words = c.TakeCase(incident_id=incident_id, node="city", reason="市里接手")
    refused = await county.send(by_words, org="node:city", seat="07")
    assert refused == Refused(code="no_offer")


async def test_a_case_stays_while_a_unit_is_asked_for_in_it(county: TestWorld) -> None:
    incident_id = await offered(county)
    await county.accept(c.AskUnit(incident_id=incident_id, unit_id="A-01", mission_id="m1"))
    refused = await county.send(taken(incident_id), org="node:city", seat="07")
    assert refused == Refused(code="ask_waits")


async def test_the_last_word_ends_the_watch_here_and_asks_for_the_receipt(
    county: TestWorld,
) -> None:
    incident_id = await offered(county)
    await county.accept(taken(incident_id), org="node:city", seat="07")
    found = await state_of(county, f"incident:{incident_id}")
    assert (found.home, found.nodes, found.moved) == ("city", ("county", "city"), True)
    assert not [key for key in county.journal.timers if key.startswith("dispatch:")]
    await pass_time(county, county.facts.limits.ask_s)
    told = await alert_of(county, f"case_unconfirmed.{incident_id}")
    assert told is not None
    assert (told.priority, told.owner, told.details["to"]) == (1, "all", "city")
    # The first word of whoever has it: without an offer and without words.
    await county.accept(c.TakeCase(incident_id=incident_id, org_name="市中心"), seat="07")
    found = await state_of(county, f"incident:{incident_id}")
    assert (found.home, found.moved, found.seat) == ("city", False, "07")


def test_what_goes_between_centres_of_one_node_is_written_as_before() -> None:
    offer = CaseOffered(org="county", org_name="县分中心", seat="", reason="辖区")
    took = CaseTaken(from_org="a", from_seat="03", org_name="b", reason="", unasked="")
    assert set(msgspec.to_builtins(offer)) == {"kind", "org", "org_name", "seat", "reason"}
    assert set(msgspec.to_builtins(took)) == {
        "kind", "from_org", "from_seat", "org_name", "reason", "unasked",
    }  # fmt: skip
