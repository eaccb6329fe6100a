"""A fallback seat: when it decides, what it may decide, and what the centre believes of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from msgspec import to_builtins

from factories.memory_reader import MemoryReader
from factories.world import START_MS, TestWorld
from goldenhour.app.access import COMMANDS as ROLES
from goldenhour.app.access import Principal, Role
from goldenhour.app.devices import Seat
from goldenhour.app.edge import Aside, FeedMessage, Roster, RosterEntry, UploadItem
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Hub
from goldenhour.app.seat import COMMANDS, SILENT_MS, Mode, SeatMode
from goldenhour.app.seat_authority import ALONE, FromSeat
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.attention.events import AlertRaised, AlertResolved
from goldenhour.domain.case.streams import Unknown, encode_event
from goldenhour.domain.dispatch.events import (
    Assigned,
    Milestone,
    MilestoneReached,
    Source,
    StoodDown,
)
from goldenhour.domain.handover.events import PreAlertWithdrawn
from goldenhour.domain.intake.events import CallAnswered, IncidentOpened, PaperEntered
from goldenhour.domain.register.events import OutOfService
from goldenhour.kernel.outcome import Refused
from goldenhour.views.fold import Folded

URL = "https://centre:8443"
PERSON = Principal(
    person_id="p1", name="周敏", role=Role.DISPATCHER, org="centre", seat="01", unit_id="",
    hospital_id="",
)  # fmt: skip
ROSTER = Roster(
    unit_id="", call_sign="急救中心", org="centre", home_org="centre", people=(), orgs=("centre",),
    units=("A-01",), phones={"A-01": "13800000001"},
)  # fmt: skip


@dataclass
class Cable:
    """Double of the link and of the part of the store that the mode asks."""

    connected: bool = True
    last_contact_ms: int | None = START_MS
    installation: str = "box"
    pending: int = 0
    roster: Roster | None = ROSTER

    def pending_count(self) -> int:
        return self.pending

    async def list_aside(self, since_ms: int) -> list[Aside]:
        assert since_ms < START_MS
        events = (assigned("A-02"), StoodDown(reason="mistake"))
        return [
            Aside(
                sequence=7 + n, reason="", stream="", body=encode_event(event),
                actor="", seat="", role="", occurred_ms=0, received_ms=0,
            )
            for n, event in enumerate(events)
        ]  # fmt: skip

    def find_roster(self) -> Roster | None:
        return self.roster


@dataclass
class Room:
    world: TestWorld = field(default_factory=TestWorld)
    cable: Cable = field(default_factory=Cable)

    def mode(self) -> SeatMode:
        reader = MemoryReader(self.world.journal)

        async def view() -> Folded:
            hub = Hub(reader, reader, self.world.facts, self.world.clock)
            return (await hub.scope(SYSTEM)).view

        made: Callable[[], Awaitable[Folded]] = view
        return SeatMode(
            Seat(org="centre", seat="01", key="k"),
            URL,
            line=self.cable,
            store=self.cable,
            view=made,
            world=self.world,
            identity=SYSTEM,
            clock=self.world.clock,
        )

    def fall_silent(self) -> None:
        self.cable.connected = False
        self.world.clock.at_ms += SILENT_MS

    async def alerts(self) -> list[Alert]:
        view = await self.mode()._view()
        return [s for s in view.states.values() if isinstance(s, Alert) and s.code == ALONE]


ANSWER = c.Answer(call_id="c1")


async def test_while_the_centre_answers_nothing_is_decided_here() -> None:
    room = Room()
    mode = room.mode()
    assert mode.mode is Mode.CENTRE
    expected = Refused(code="centre_answers", detail=URL)
    assert await mode.refuse(ANSWER) == expected
    assert await mode.begin(PERSON) == expected
    assert await room.alerts() == []


async def test_a_moment_of_silence_is_not_enough_and_a_long_one_needs_a_person() -> None:
    room = Room()
    mode = room.mode()
    room.cable.connected = False
    room.world.clock.at_ms += SILENT_MS - 1
    assert mode.mode is Mode.CENTRE
    room.world.clock.at_ms += 1
    assert mode.mode is Mode.SILENT
    assert await mode.refuse(ANSWER) == Refused(code="seat_not_alone")


async def test_a_computer_that_never_heard_its_centre_waits_as_long() -> None:
    room = Room(cable=Cable(connected=False, last_contact_ms=None))
    mode = room.mode()
    assert mode.mode is Mode.CENTRE
    room.world.clock.at_ms += SILENT_MS
    assert mode.mode is Mode.SILENT


async def test_a_person_begins_it_once_and_the_journal_says_who_and_when() -> None:
    room = Room()
    mode = room.mode()
    room.fall_silent()
    assert await mode.begin(PERSON) is None
    assert await mode.begin(PERSON) is None
    (alert,) = await room.alerts()
    assert (alert.state, alert.owner, alert.raised_ms) == (
        AlertState.OPEN,
        "all",
        START_MS + SILENT_MS,
    )
    (event,) = room.world.journal.feed
    assert (event.actor, event.seat, event.role, event.org) == ("p1", "01", "dispatcher", "centre")
    status = await mode.status()
    assert (status.mode, status.since_ms) == (Mode.ALONE, alert.raised_ms)
    assert (status.aside, status.aside_units) == (2, ("A-02",))
    assert status.phones == ROSTER.phones
    assert await mode.refuse(ANSWER) is None


async def test_a_restart_in_the_middle_goes_on_alone_and_another_seat_does_not() -> None:
    room = Room()
    mode = room.mode()
    room.fall_silent()
    assert await mode.begin(PERSON) is None
    again = room.mode()
    await again.restore()
    assert again.mode is Mode.ALONE
    room.cable.installation = "another"
    other = room.mode()
    await other.restore()
    assert other.mode is not Mode.ALONE


async def test_it_ends_by_itself_when_the_centre_answers_and_has_everything() -> None:
    room = Room()
    mode = room.mode()
    room.fall_silent()
    await mode.begin(PERSON)
    room.cable.pending = 3
    await mode.end_when_united()
    room.cable.connected = True
    await mode.end_when_united()
    assert mode.mode is Mode.ALONE
    assert await mode.refuse(ANSWER) is None
    room.cable.pending = 0
    await mode.end_when_united()
    await mode.end_when_united()
    assert mode.mode is Mode.CENTRE
    (alert,) = await room.alerts()
    assert alert.state is AlertState.RESOLVED
    assert len(room.world.journal.feed) == 2


async def test_only_the_centres_own_units_are_sent_alone() -> None:
    room = Room()
    for unit_id in ("A-01", "B-02"):
        await room.world.list_unit(unit_id)
    _, incident_id = await room.world.open_incident()
    strange = await room.world.assign(incident_id, "B-02")
    mode = room.mode()
    room.fall_silent()
    await mode.begin(PERSON)

    def assign(unit_id: str) -> c.Assign:
        return c.Assign(mission_id="m", incident_id=incident_id, unit_id=unit_id)

    divert = c.Divert(mission_id=strange, new_mission_id="n", incident_id="other")
    not_its_unit = Refused(code="not_its_unit", field="unit_id")
    assert await mode.refuse(assign("A-01")) is None
    assert await mode.refuse(assign("B-02")) == not_its_unit
    assert await mode.refuse(divert) == not_its_unit
    room.cable.roster = None
    assert await mode.refuse(assign("A-01")) == not_its_unit


async def test_what_somebody_has_to_hear_who_cannot_waits_for_the_centre() -> None:
    room = Room()
    mode = room.mode()
    room.fall_silent()
    await mode.begin(PERSON)
    withdrawn = c.WithdrawPreAlert(handover_id="h", reason="x")
    assert await mode.refuse(withdrawn) == Refused(code="needs_centre")


def test_what_is_decided_alone_a_dispatcher_may_send_and_most_of_that_is_decided_alone() -> None:
    desk = {command for command, roles in ROLES.items() if Role.DISPATCHER in roles}
    assert desk >= COMMANDS
    assert {one.__name__ for one in desk - COMMANDS} == {
        "EnterPaper",
        "AskUnit",
        "WithdrawAsk",
        "OfferCase",
        "WithdrawOffer",
        "DeclineCase",
        "MergePatients",
        "PartPatients",
        "PreAlert",
        "CorrectPreAlert",
        "WithdrawPreAlert",
        "Reroute",
    }


# ---- what the centre believes

SEAT = FromSeat(seat="01", org="centre", identity=SYSTEM, units=frozenset({"A-01"}))


def item(role: str = "dispatcher") -> UploadItem:
    return UploadItem(
        sequence=1, events=(), actor="p1", seat="01", role=role, occurred_ms=1, fingerprint=b"",
        origin=b"", personal=(), numerics=None,
    )  # fmt: skip


def assigned(unit_id: str) -> Assigned:
    return Assigned(
        incident_id="i1", incident_number="n", unit_id=unit_id, call_sign=unit_id, level="",
        proposal=None,
    )  # fmt: skip


def raised(code: str) -> AlertRaised:
    return AlertRaised(code=code, priority=2, subject="", incident_id="", owner="all", details={})


def reached(source: Source) -> MilestoneReached:
    return MilestoneReached(
        milestone=Milestone.DEPARTED, source=source, point=None, supplied_late=False
    )


async def states() -> case.States:
    """A run of the centre's unit, its case, two alerts."""
    world = TestWorld()
    for unit_id in ("A-01", "B-02"):
        await world.list_unit(unit_id)
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    for code in (ALONE, "not_departed"):
        await world.accept(
            c.RaiseAlert(
                alert_id=code, code=code, priority=1, subject="", incident_id="", owner="all",
                details={},
            )
        )  # fmt: skip
    reader = MemoryReader(world.journal)
    found = (await Hub(reader, reader, world.facts, world.clock).scope(SYSTEM)).view.states
    names = {f"mission:{mission_id}": "mission:m1", f"incident:{incident_id}": "incident:i1"}
    return {names.get(stream, stream): state for stream, state in found.items()}


NEWER = Unknown(kind="mission.hovered.v1", body=b"{}")
CASES: dict[str, tuple[str, Any, str]] = {
    "its own unit": ("mission:m9", assigned("A-01"), ""),
    "another centre's unit": ("mission:m9", assigned("B-02"), "not_its_unit"),
    "another centre's unit out of service": (
        "unit:B-02",
        OutOfService(reason="fault"),
        "not_its_unit",
    ),
    "its own out of service": ("unit:A-01", OutOfService(reason="fault"), ""),
    "a run that never began": ("mission:m9", StoodDown(reason="mistake"), "not_begun"),
    "a call that never rang": ("call:c9", CallAnswered(), "not_begun"),
    "a unit that is not listed": ("unit:C-03", OutOfService(reason="fault"), "not_begun"),
    "a stand-down": ("mission:m1", StoodDown(reason="mistake"), ""),
    "a node by the desk": ("mission:m1", reached(Source.DISPATCHER), ""),
    "a node as if by the crew": ("mission:m1", reached(Source.CREW), "not_its_authority"),
    "a number of its own": (
        "incident:i9",
        IncidentOpened(number="20261127-01B001", call_id="c"),
        "",
    ),
    "a number of the centre": (
        "incident:i9",
        IncidentOpened(number="20261127-0007", call_id="c"),
        "not_its_number",
    ),
    "a number of another seat": (
        "incident:i9",
        IncidentOpened(number="20261127-02B001", call_id="c"),
        "not_its_number",
    ),
    "a paper form": ("incident:i1", PaperEntered(paper_number="7"), "not_its_authority"),
    "a hospital's business": ("handover:h1", PreAlertWithdrawn(reason="x"), "not_its_authority"),
    "that it goes on alone": (f"alert:{ALONE}.01.1", raised(ALONE), ""),
    "another alert": ("alert:x", raised("sos"), "not_its_authority"),
    "that it is united": (f"alert:{ALONE}", AlertResolved(reason="united"), ""),
    "that another condition is over": (
        "alert:not_departed",
        AlertResolved(reason="moving"),
        "not_its_authority",
    ),
    "what only a newer one understands": ("mission:m1", NEWER, ""),
    "the same of another kind of stream": ("patient:p1", NEWER, "not_its_authority"),
}


@pytest.mark.parametrize("name", CASES)
async def test_the_centre_takes_what_is_the_desks_own_word(name: str) -> None:
    stream, event, reason = CASES[name]
    assert SEAT.refuses(item(), [(stream, event)], await states()) == reason


async def test_a_stream_that_begins_in_the_same_item_goes_on_in_it() -> None:
    events = [("mission:m9", assigned("A-01")), ("mission:m9", StoodDown(reason="mistake"))]
    assert SEAT.refuses(item(), events, await states()) == ""


@pytest.mark.parametrize(("role", "reason"), [("supervisor", ""), ("crew", "not_its_authority")])
async def test_only_the_desk_speaks_there(role: str, reason: str) -> None:
    events = [("mission:m9", assigned("A-01"))]
    assert SEAT.refuses(item(role), events, await states()) == reason


# ---- vehicles of an older release


def test_an_older_vehicle_is_sent_nothing_that_it_cannot_read() -> None:
    """It refuses a message with a field that it does not know, and then hears nothing any more."""
    message = FeedMessage(server_ms=1, events=(), personal={}, forget=(), fix=None)
    entry = RosterEntry(
        person_id="p2", username="crew1", name="李强", org="unit:A-01", seat="A-01",
        password_hash="", totp_secret="", demo=False,
    )  # fmt: skip
    roster = Roster(
        unit_id="A-01", call_sign="A-01", org="unit:A-01", home_org="centre", people=(entry,),
        orgs=("unit:A-01",),
    )  # fmt: skip
    assert set(to_builtins(message)) == {"server_ms", "events", "personal", "forget", "fix"}
    told = to_builtins(roster)
    assert set(told) == {"unit_id", "call_sign", "org", "home_org", "people", "orgs"}
    assert "role" not in told["people"][0]
