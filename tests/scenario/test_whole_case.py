"""Whole cases through deciders, policies, timers and review, in virtual time."""

from factories.timers import pass_time
from factories.whole_case import whole_case
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.review import kpis_of, timeline_of
from goldenhour.content.rules import load_rules
from goldenhour.domain.attention.alert import Alert, State
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.handover.prealert import State as HandoverState
from goldenhour.views.fold import Reveal


async def test_one_case_from_call_to_bed_leaves_a_complete_timeline() -> None:
    world = TestWorld()
    incident_id = await whole_case(world)
    kpis = load_rules().kpis
    answer = timeline_of(world.journal.feed, Reveal({}), kpis, world.facts, incident_id)
    assert answer is not None
    codes = [node.code for node in answer.nodes]
    assert codes == sorted(set(codes), key=codes.index)
    assert {"T1", "T2", "T3", "T6", "T7", "T8", "T9", "T10", "T13", "T14", "T15", "T16"} <= set(
        codes
    )
    assert [n.at_ms for n in answer.nodes] == sorted(n.at_ms for n in answer.nodes)
    states = {s: fold(s, e) for s, e in world.journal.streams.items()}
    patient = next(s for s in states.values() if isinstance(s, Patient))
    assert patient.scored is not None
    assert patient.scored.news2 == 7
    handover = next(s for s in states.values() if isinstance(s, Handover))
    assert handover.state is HandoverState.HANDED_OVER


async def test_the_indicators_of_one_case() -> None:
    world = TestWorld()
    begun_ms = world.clock.at_ms
    await whole_case(world)
    found = {
        k.code: k
        for k in kpis_of(
            world.journal.feed, load_rules().kpis, {}, from_ms=begun_ms, to_ms=world.clock.at_ms + 1
        )
    }
    assert (found["answer_10s"].numerator, found["answer_10s"].denominator) == (1, 1)
    assert found["dispositions"].value == 1.0


async def test_a_case_that_nobody_acts_on_wakes_everybody_in_turn() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    ident = f"alert:not_acknowledged.{mission_id}"
    owners: list[str] = []
    for _second in range(120):
        await pass_time(world, 1)
        if ident in world.journal.streams:
            alert = fold(ident, world.journal.streams[ident])
            assert isinstance(alert, Alert)
            assert alert.state is State.OPEN
            if not owners or owners[-1] != alert.owner:
                owners.append(alert.owner)
    assert owners == ["03", "supervisor", "all"]


async def test_the_same_seed_gives_the_same_journal_byte_for_byte() -> None:
    worlds = [TestWorld(seed=7), TestWorld(seed=7)]
    for world in worlds:
        await whole_case(world)
    first, second = ([e.hash for e in world.journal.feed] for world in worlds)
    assert first == second
