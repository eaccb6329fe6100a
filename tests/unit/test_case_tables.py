"""Every row of every table, and that what no row allows changes nothing."""

from typing import Any

import msgspec
import pytest

from factories.recorded import EVENTS, example, recorded
from factories.world import START_MS
from goldenhour.domain import case
from goldenhour.domain.attention import alert
from goldenhour.domain.attention.events import AlertEvent, AlertRaised
from goldenhour.domain.case.streams import Event, Unknown, encode_event
from goldenhour.domain.dispatch import mission
from goldenhour.domain.dispatch.events import (
    Activated,
    Assigned,
    Confidence,
    Milestone,
    MilestoneCorrected,
    MilestoneProposed,
    MilestoneReached,
    MilestoneUndone,
    Reserved,
    Source,
    StoodDown,
)
from goldenhour.domain.handover import prealert
from goldenhour.domain.handover.events import HandoverEvent, PreAlerted
from goldenhour.domain.intake import call, incident
from goldenhour.domain.intake.events import (
    CallEvent,
    CallRang,
    Determined,
    IncidentOpened,
    LevelOverridden,
)
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record

TABLED: dict[str, tuple[Any, type[Record], Any]] = {
    "call": (call, CallRang, CallEvent),
    "handover": (prealert, PreAlerted, HandoverEvent),
    "alert": (alert, AlertRaised, AlertEvent),
}


def rows(*, allowed: bool) -> list[Any]:
    """(slice, state, event) of every pair that the table has, or has not."""
    return [
        pytest.param(name, state, event, id=f"{state}-{event.__name__}")
        for name, (slice_, begin, union) in TABLED.items()
        for state in slice_.State
        for event in union.__args__
        if event is not begin and (event in slice_.TRANSITIONS[state]) == allowed
    ]


def in_state(name: str, state: Any) -> Any:
    slice_, begin, _union = TABLED[name]
    begun = slice_.evolve(None, recorded(example(begin)))
    return msgspec.structs.replace(begun, state=state)


@pytest.mark.parametrize(("name", "state", "event"), rows(allowed=True))
def test_an_allowed_event_leads_where_the_table_says(
    name: str, state: Any, event: type[Record]
) -> None:
    slice_ = TABLED[name][0]
    after = slice_.evolve(in_state(name, state), recorded(example(event)))
    assert after.state is slice_.TRANSITIONS[state][event]


@pytest.mark.parametrize(("name", "state", "event"), rows(allowed=False))
def test_what_the_table_does_not_allow_changes_nothing(
    name: str, state: Any, event: type[Record]
) -> None:
    before = in_state(name, state)
    assert TABLED[name][0].evolve(before, recorded(example(event))) == before


def test_the_examples_hold_every_event_of_the_release() -> None:
    assert {type(event) for event in EVENTS} == set(Event.__args__)


def test_every_event_is_read_back_as_it_was_written() -> None:
    for event in EVENTS:
        assert case.decode_event(encode_event(event)) == event


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b'{"kind":"call.rang.v9"}', b'{"kind":7}'])
def test_an_unreadable_body_is_kept_and_not_folded(body: bytes) -> None:
    event = case.decode_event(body)
    assert isinstance(event, Unknown)
    assert encode_event(event) == body
    state = begun()
    assert case.evolve("mission:m1", state, msgspec.structs.replace(AT, event=event)) is state


# ---- missions: the table is of milestones

AT = recorded(example(Assigned), "mission:m1")
SET = mission.TRANSITIONS.items()


def begun(state: mission.State = mission.State.ASSIGNED) -> mission.Mission:
    first = Reserved if state is mission.State.RESERVED else Assigned
    made = mission.evolve(None, recorded(example(first), "mission:m1"))
    assert made is not None
    return msgspec.structs.replace(made, state=state)


def reached(milestone: Milestone, *, late: bool = False) -> MilestoneReached:
    return MilestoneReached(milestone=milestone, source=Source.CREW, point=None, supplied_late=late)


def evolved(state: mission.Mission, event: Any, **changes: Any) -> mission.Mission:
    after = mission.evolve(state, recorded(event, "mission:m1", **changes))
    assert after is not None
    return after


@pytest.mark.parametrize(("state", "milestone"), [(s, m) for s, allowed in SET for m in allowed])
def test_a_milestone_leads_where_the_table_says(state: mission.State, milestone: Milestone) -> None:
    after = evolved(begun(state), reached(milestone))
    assert after.state is mission.REACHED[milestone]
    assert after.find_node(milestone) is not None
    assert after.flags == ()
    assert (after.ended_ms is not None) == (milestone is Milestone.CLEARED)


@pytest.mark.parametrize(
    ("state", "milestone"), [(s, m) for s, allowed in SET for m in Milestone if m not in allowed]
)
def test_an_unexpected_milestone_is_kept_as_a_node_and_flagged(
    state: mission.State, milestone: Milestone
) -> None:
    before = begun(state)
    after = evolved(before, reached(milestone))
    assert after.state is state
    assert after.ended_ms == before.ended_ms
    why = "after_end" if state in mission.ENDED else "out_of_order"
    assert after.flags == (f"milestone_{why}:{milestone}",)
    assert after.find_node(milestone) is not None


def test_the_same_milestone_twice_keeps_the_first_time_and_is_flagged() -> None:
    once = evolved(begun(), reached(Milestone.DEPARTED), occurred_ms=START_MS + 1)
    twice = evolved(once, reached(Milestone.DEPARTED), occurred_ms=START_MS + 2)
    assert twice.flags == ("milestone_twice:departed",)
    assert msgspec.structs.replace(twice, flags=()) == once


@pytest.mark.parametrize(
    "state", [s for s in mission.State if s not in (mission.State.RESERVED, *mission.ENDED)]
)
def test_standing_down_ends_any_run(state: mission.State) -> None:
    after = evolved(begun(state), StoodDown(reason="cancelled"))
    assert after.state is mission.State.STOOD_DOWN
    assert (after.stand_down_reason, after.ended_ms) == ("cancelled", START_MS)
    assert mission.claims(after) == ()


@pytest.mark.parametrize("state", sorted(mission.ENDED))
def test_a_run_that_has_ended_is_not_stood_down_again(state: mission.State) -> None:
    before = begun(state)
    after = evolved(before, StoodDown(reason="cancelled"))
    assert after.flags == ("unexpected:StoodDown",)
    assert msgspec.structs.replace(after, flags=()) == before


def test_only_a_reservation_is_activated() -> None:
    reserved = begun(mission.State.RESERVED)
    assert mission.claims(reserved) == ()
    active = evolved(reserved, Activated(), occurred_ms=START_MS + 5)
    assert (active.state, active.assigned_ms) == (mission.State.ASSIGNED, START_MS + 5)
    assert [claim.key for claim in mission.claims(active)] == ["A-01"]
    assert evolved(active, Activated()).flags == ("unexpected:Activated",)


def test_an_undone_node_gives_back_the_state_before_it() -> None:
    state = evolved(begun(), reached(Milestone.DEPARTED), occurred_ms=START_MS + 1)
    state = evolved(state, reached(Milestone.ON_SCENE), occurred_ms=START_MS + 2)
    state = evolved(state, MilestoneUndone(milestone=Milestone.ON_SCENE))
    assert (state.state, state.since_ms) == (mission.State.EN_ROUTE, START_MS + 1)
    state = evolved(state, MilestoneUndone(milestone=Milestone.DEPARTED))
    assert (state.state, state.since_ms, state.nodes) == (mission.State.ASSIGNED, START_MS, ())


def test_undoing_another_than_the_newest_node_only_flags() -> None:
    state = evolved(begun(), reached(Milestone.DEPARTED))
    state = evolved(state, reached(Milestone.ON_SCENE))
    after = evolved(state, MilestoneUndone(milestone=Milestone.DEPARTED))
    assert after.flags == ("undo_not_newest:departed",)
    assert after.nodes == state.nodes


def test_undoing_the_end_gives_the_unit_back_to_the_run() -> None:
    state = evolved(begun(mission.State.HANDED_OVER), reached(Milestone.CLEARED))
    assert mission.claims(state) == ()
    state = evolved(state, MilestoneUndone(milestone=Milestone.CLEARED))
    assert state.ended_ms is None
    assert len(mission.claims(state)) == 1


def test_undoing_a_node_does_not_call_a_stood_down_run_back() -> None:
    state = evolved(begun(), reached(Milestone.DEPARTED))
    state = evolved(state, StoodDown(reason="cancelled"))
    after = evolved(state, MilestoneUndone(milestone=Milestone.DEPARTED))
    assert after.state is mission.State.STOOD_DOWN


def test_a_corrected_time_keeps_the_first_one_through_two_corrections() -> None:
    state = evolved(begun(), reached(Milestone.DEPARTED), occurred_ms=START_MS + 10)
    for at_ms in (START_MS + 8, START_MS + 9):
        event = MilestoneCorrected(milestone=Milestone.DEPARTED, at_ms=at_ms, reason="clock")
        state = evolved(state, event)
    node = state.find_node(Milestone.DEPARTED)
    assert node is not None
    assert (node.at_ms, node.original_ms) == (START_MS + 9, START_MS + 10)


def test_a_node_supplied_late_fills_the_gap_and_moves_nothing() -> None:
    state = evolved(begun(), reached(Milestone.ON_SCENE))
    after = evolved(state, reached(Milestone.DEPARTED, late=True), occurred_ms=START_MS - 60_000)
    assert after.state is mission.State.ON_SCENE
    assert [node.milestone for node in after.nodes] == [Milestone.DEPARTED, Milestone.ON_SCENE]
    assert after.flags == ()


@pytest.mark.parametrize(
    ("milestone", "late"), [(Milestone.DEPARTED, True), (Milestone.AT_HOSPITAL, False)]
)
def test_a_node_that_is_set_is_proposed_no_more_however_it_came(
    milestone: Milestone, late: bool
) -> None:
    """Supplied late, and out of order."""
    proposed = msgspec.structs.replace(
        example(MilestoneProposed), milestone=milestone, confidence=Confidence.LOW
    )
    state = evolved(evolved(begun(), reached(Milestone.ON_SCENE)), proposed)
    assert state.proposals == (proposed,)
    after = evolved(state, reached(milestone, late=late))
    assert (after.proposed, after.proposals) == ((), ())


# ---- the level of an incident


def opened() -> incident.Incident:
    made = incident.evolve(None, recorded(example(IncidentOpened)))
    assert made is not None
    return made


def levelled(state: incident.Incident, *events: Any) -> incident.Incident:
    for event in events:
        after = incident.evolve(state, recorded(event))
        assert after is not None
        state = after
    return state


def found(level: DispatchLevel) -> Determined:
    return msgspec.structs.replace(example(Determined), level=level)


@pytest.mark.parametrize(
    ("before", "chosen", "later", "counts"),
    [
        (DispatchLevel.R2, DispatchLevel.R3, DispatchLevel.R2, DispatchLevel.R3),
        (DispatchLevel.R2, DispatchLevel.R3, DispatchLevel.R1, DispatchLevel.R1),
        (DispatchLevel.R2, DispatchLevel.R0, DispatchLevel.R1, DispatchLevel.R0),
        (DispatchLevel.R2, DispatchLevel.R3, DispatchLevel.R4, DispatchLevel.R3),
    ],
)
def test_an_override_stands_until_the_protocol_finds_worse(
    before: DispatchLevel, chosen: DispatchLevel, later: DispatchLevel, counts: DispatchLevel
) -> None:
    override = LevelOverridden(level=chosen, reason="seen")
    state = levelled(opened(), found(before), override, found(later))
    assert state.level is counts
