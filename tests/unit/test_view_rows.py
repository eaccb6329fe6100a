"""What the rows say beyond the states: an alert's clock, and what an event changed."""

from factories.recorded import START_MS, recorded
from factories.world import TestWorld, facts
from goldenhour.app.handle import recorded_of
from goldenhour.domain import commands as c
from goldenhour.domain.attention.events import AlertAcknowledged, AlertEscalated, AlertRaised
from goldenhour.kernel.record import Record
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import AlertRow, HandoverRow, LogRow, MissionRow

RAISED = AlertRaised(
    code="not_acknowledged",
    priority=1,
    subject="mission:m1",
    incident_id="i1",
    owner="04",
    details={"call_sign": "A-01"},
)


def alert_after(*events: Record, raised: AlertRaised = RAISED) -> AlertRow:
    view = Folded(renderer(facts()), Reveal({}))
    for version, event in enumerate((raised, *events), start=1):
        at_ms = START_MS + (version - 1) * 5_000
        view.apply(recorded(event, "alert:a1", version=version, occurred_ms=at_ms))
    row = view.rows["alerts", "a1"]
    assert isinstance(row, AlertRow)
    return row


def climbs(row: AlertRow) -> tuple[str, str, int | None]:
    after_ms = None if row.climbs_ms is None else row.climbs_ms - START_MS
    return row.owner, row.next_owner, after_ms


def test_an_alert_says_to_whom_it_climbs_and_when() -> None:
    wait_ms = facts().limits.escalate_s["1"] * 1_000
    assert climbs(alert_after()) == ("04", "supervisor", wait_ms)
    escalated = AlertEscalated(owner="supervisor")
    assert climbs(alert_after(escalated)) == ("supervisor", "all", 5_000 + wait_ms)
    assert climbs(alert_after(escalated, AlertEscalated(owner="all"))) == ("all", "", None)


def test_an_acknowledged_alert_climbs_no_more() -> None:
    assert climbs(alert_after(AlertAcknowledged())) == ("04", "", None)


def test_an_alert_names_the_limit_that_was_passed() -> None:
    assert alert_after().limit_s == facts().limits.acknowledge_s
    late = AlertRaised(
        code="not_dispatched",
        priority=1,
        subject="incident:i1",
        incident_id="i1",
        owner="03",
        details={"level": "R1", "number": "20261121-0001"},
    )
    assert alert_after(raised=late).limit_s == facts().triage.dispatch_target_s("R1")
    declined = AlertRaised(
        code="prealert_declined",
        priority=1,
        subject="handover:h1",
        incident_id="i1",
        owner="all",
        details={},
    )
    assert alert_after(raised=declined).limit_s is None


async def test_a_pre_alert_says_until_when_it_may_stay_unanswered() -> None:
    world = TestWorld()
    await world.list_unit()
    await world.list_hospital()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    _, handover_id = await world.prealert(mission_id)

    def row() -> HandoverRow:
        view = Folded(renderer(facts()), Reveal({}))
        for event in world.journal.feed:
            view.apply(recorded_of(event))
        found = view.rows["handovers", handover_id]
        assert isinstance(found, HandoverRow)
        return found

    assert row().answer_due_ms == row().sent_ms + facts().limits.prealert_s * 1_000
    await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="王立群", bay="抢救 1"))
    assert row().answer_due_ms is None


async def test_a_line_of_the_log_says_what_the_event_changed() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    await world.assign(incident_id)
    view = Folded(renderer(facts()), Reveal({}))
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    changes = {line.kind: (line.changed, line.was, line.now) for line in view.log}
    assert changes["call.answered.v1"] == ("state", "ringing", "answered")
    assert changes["mission.assigned.v1"] == ("state", "", "assigned")
    assert changes["incident.location_set.v1"] == ("", "", "")
    assert all(isinstance(line, LogRow) for line in view.log)


async def test_a_run_shows_the_level_of_its_case_by_now() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    view = Folded(renderer(facts()), Reveal({}))
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    sent = view.rows["missions", mission_id]
    assert isinstance(sent, MissionRow)
    before = len(world.journal.feed)
    await world.answer(incident_id, "massive_bleed", answer=True)
    for event in world.journal.feed[before:]:
        view.apply(recorded_of(event))
    row = view.rows["missions", mission_id]
    assert isinstance(row, MissionRow)
    assert (sent.level != "R0", row.level) == (True, "R0")
