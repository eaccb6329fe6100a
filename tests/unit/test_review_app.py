"""Timelines, lists and indicators from the journal of a small city."""

from factories.world import START_MS, TestWorld, facts
from goldenhour.app.review import case_list, kpis_of, timeline_of
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.intake.events import Disposition
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.fold import Reveal

KPIS = load_rules().kpis
FACTS = facts()
END_MS = START_MS + 24 * HOUR_MS


def reveal(world: TestWorld) -> Reveal:
    rows = world.journal.personal.items()
    return Reveal({row: personal.content.decode() for row, (_, personal) in rows})


async def a_case(world: TestWorld) -> tuple[str, str, str]:
    """A whole run with a node entered late and one corrected: (call, incident, mission)."""
    await world.list_unit()
    await world.list_hospital()
    call_id, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.LEFT_SCENE)
    arrived_ms = world.clock.at_ms - 30_000
    await world.accept(
        c.Reach(
            mission_id=mission_id,
            milestone=Milestone.ON_SCENE,
            source=Source.CREW,
            at_ms=arrived_ms,
        ),
        role="crew",
        actor="crew-1",
    )
    await world.accept(
        c.CorrectMilestone(
            mission_id=mission_id,
            milestone=Milestone.DEPARTED,
            at_ms=START_MS + 100_000,
            reason="按晚了",
        )
    )
    _patient, handover_id = await world.prealert(mission_id)
    await world.accept(
        c.AcknowledgePreAlert(handover_id=handover_id, name="李医生", bay="1"),
        role="hospital",
        actor="doctor-1",
    )
    await world.accept(c.SetDestination(mission_id=mission_id, hospital_id="h1", reason="专科"))
    await world.reach(mission_id, Milestone.AT_HOSPITAL, Milestone.HANDED_OVER, Milestone.CLEARED)
    await world.accept(c.EndCall(call_id=call_id, disposition=Disposition.INCIDENT))
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="完成"))
    return call_id, incident_id, mission_id


async def test_a_timeline_keeps_who_said_what_and_what_was_said_before() -> None:
    world = TestWorld()
    _call, incident_id, mission_id = await a_case(world)
    await world.open_incident()  # another case, which must not show
    found = timeline_of(world.journal.feed, reveal(world), KPIS, FACTS, incident_id)
    assert found is not None
    by_code = {n.code: n for n in found.nodes}
    assert sorted(by_code) == sorted(
        ["T1", "T2", "T3", "T6", "T7", "T8", "T9", "T12", "T13", "T14", "T15", "T16"]
    )
    assert by_code["T6"].source == "dispatcher"
    assert by_code["T6"].actor == "person-1"
    assert by_code["T8"].at_ms == START_MS + 100_000
    assert by_code["T8"].original_ms == START_MS + 120_000
    assert by_code["T9"].estimated
    assert by_code["T9"].actor == "crew-1"
    assert (by_code["T13"].source, by_code["T13"].actor) == ("hospital", "doctor-1")
    departure = next(i for i in found.intervals if i.code == "departure_3min")
    assert (departure.seconds, departure.target_s, departure.call_sign) == (100, 180, "A-01")
    streams = {line.stream for line in found.events}
    assert {f"incident:{incident_id}", f"mission:{mission_id}"} < streams
    assert all(not s.startswith(("unit:", "hospital:")) for s in streams)
    assert {line.incident_id for line in found.events} == {incident_id, ""}
    assert timeline_of(world.journal.feed, reveal(world), KPIS, FACTS, "nowhere") is None


async def test_a_booked_transfer_is_timed_from_its_activation() -> None:
    world = TestWorld()
    await world.list_unit()
    _call, incident_id = await world.open_incident()
    mission_id = world.new_id()
    due_ms = START_MS + HOUR_MS
    await world.accept(
        c.Reserve(mission_id=mission_id, incident_id=incident_id, unit_id="A-01", due_ms=due_ms)
    )
    world.clock.at_ms = due_ms
    await world.accept(c.Activate(mission_id=mission_id), actor="person-2")
    found = timeline_of(world.journal.feed, reveal(world), KPIS, FACTS, incident_id)
    assert found is not None
    sent = next(n for n in found.nodes if n.code == "T6")
    assert (sent.at_ms, sent.actor) == (due_ms, "person-2")


async def test_the_list_of_cases_is_newest_first_and_searched() -> None:
    world = TestWorld()
    _call, first, _mission = await a_case(world)
    world.clock.at_ms += 60_000
    _call, second = await world.open_incident()
    feed, texts = world.journal.feed, reveal(world)
    found = case_list(feed, texts, FACTS, from_ms=START_MS, to_ms=END_MS)
    assert [head.incident_id for head in found] == [second, first]
    assert found[1].call_signs == ("A-01",)
    assert found[1].hospital == "市人民医院"
    assert found[1].label == "学府路 76 号"
    assert found[1].closed_ms is not None
    assert found[0].closed_ms is None
    assert [
        head.incident_id
        for head in case_list(feed, texts, FACTS, q=" a-01 ", from_ms=START_MS, to_ms=END_MS)
    ] == [first]
    assert len(case_list(feed, texts, FACTS, q="学府路", from_ms=START_MS, to_ms=END_MS)) == 2
    assert case_list(feed, Reveal({}), FACTS, q="学府路", from_ms=START_MS, to_ms=END_MS) == ()
    opened_ms = found[0].opened_ms
    assert len(case_list(feed, texts, FACTS, from_ms=opened_ms, to_ms=opened_ms + 1)) == 1
    assert len(case_list(feed, texts, FACTS, from_ms=START_MS, to_ms=opened_ms)) == 1


async def test_figures_of_a_period_count_every_call_and_every_case() -> None:
    world = TestWorld()
    _call, incident_id, _mission = await a_case(world)
    await world.accept(
        c.ReopenIncident(incident_id=incident_id, reason="another caller"), seat="04"
    )
    joined, lost = world.new_id(), world.new_id()
    await world.accept(c.Ring(call_id=joined, number=Clear(text="1"), line="typed"))
    world.clock.at_ms += 11_000
    await world.accept(c.Answer(call_id=joined))
    await world.accept(c.JoinCall(incident_id=incident_id, call_id=joined))
    await world.accept(c.Ring(call_id=lost, number=Clear(text="2"), line="sip"))
    world.clock.at_ms += 12_000
    await world.accept(c.Abandon(call_id=lost))
    found = kpis_of(world.journal.feed, KPIS, {}, from_ms=START_MS, to_ms=END_MS)
    figures = {kpi.code: kpi for kpi in found}
    answer = figures["answer_10s"]
    assert (answer.numerator, answer.denominator) == (1, 3)
    assert (figures["dispositions"].numerator, figures["dispositions"].denominator) == (2, 2)
    assert figures["dispositions"].excluded == {"running": 1}
    assert figures["departure_3min"].value == 1.0
    assert figures["response_time"].n == 1
    later = {kpi.code: kpi for kpi in kpis_of(world.journal.feed, KPIS, {}, from_ms=0, to_ms=1)}
    assert later["answer_10s"].n == 0
