"""What a vehicle saw and did reaches the centre: always, once, in order; doubts are for people."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest

from factories.recorded import SEALED, VITALS, example
from factories.world import START_MS, FakeClock, TestWorld
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.telemetry import PostgresTelemetry
from goldenhour.app.edge import EdgeEvent, PersonalText, Upload, UploadAnswer, UploadItem
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Append, Identity, Loaded
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.observe import Numbered, Observer, Progress
from goldenhour.app.origin import origin_after
from goldenhour.app.vehicle_authority import FromVehicle
from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.care.events import PatientJoined, PatientRegistered, Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case.streams import Unknown, encode_event
from goldenhour.domain.dispatch.events import (
    Assigned,
    Milestone,
    MilestoneReached,
    MonitorBound,
    Source,
    StoodDown,
)
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.handover.events import PreAlerted, Signed
from goldenhour.domain.register.events import OutOfService
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.ids import Id
from goldenhour.kernel.personal import Sealed, commitment
from goldenhour.kernel.telemetry import NumericSet

INSTALLATION = "0192-vehicle"


class MemoryUploads:
    """Double of `UploadStore`: how far each vehicle has come."""

    def __init__(self) -> None:
        self.reached: dict[str, Progress] = {}
        self.numerics: list[NumericSet] = []
        self.aside: list[tuple[int, str]] = []

    async def find_progress(self, installation: str) -> Progress | None:
        return self.reached.get(installation)

    async def advance(
        self, installation: str, unit_id: str, progress: Progress, numerics: Numbered
    ) -> None:
        del unit_id
        known = self.reached.get(installation)
        before = known.through if known else 0
        if before < progress.through:
            self.reached[installation] = progress
            self.numerics += [item for sequence, item in numerics if sequence > before]

    async def set_aside(
        self, installation: str, sequence: int, reason: str, content: bytes, now_ms: int
    ) -> None:
        del installation, content, now_ms
        self.aside.append((sequence, reason))

    async def find_aside(self, installation: str, sequence: int) -> str:
        del installation
        return dict(self.aside).get(sequence, "")


class Screen:
    """Double of the hub: the vital signs that went on to the screens."""

    def __init__(self) -> None:
        self.shown: list[NumericSet] = []

    def take_numerics(self, numerics: NumericSet) -> None:
        self.shown.append(numerics)


class Centre:
    """The world, the observer and what it set aside, on either store."""

    def __init__(self, database: Database | None) -> None:
        clock = FakeClock()
        journal: Any = PostgresJournal(database, clock) if database else MemoryJournal()
        self.store: Any = PostgresTelemetry(database) if database else MemoryUploads()
        self.database = database
        self.world = TestWorld(journal=journal, clock=clock)
        self.screen = Screen()
        self.observer = Observer(self.world, self.store, clock, self.screen)
        self.mission_id = self.incident_id = ""
        self.chain: dict[int, bytes] = {}
        """Of the vehicle: sequence -> origin of what it first sent under it."""

    async def dispatch(self) -> None:
        for unit_id in ("A-01", "A-02"):
            await self.world.list_unit(unit_id)
        _, self.incident_id = await self.world.open_incident()
        self.mission_id = await self.world.assign(self.incident_id)

    async def take(self, *items: UploadItem, unit_id: str = "A-01") -> UploadAnswer:
        linked = tuple(self._linked(item) for item in items)
        upload = Upload(installation=INSTALLATION, items=linked)
        return await self.observer.take(upload, FromVehicle(name=unit_id))

    def _linked(self, item: UploadItem) -> UploadItem:
        """With its place in the vehicle's own chain, unless the test has given it one."""
        if not item.origin:
            before = self.chain.get(item.sequence - 1, GENESIS)
            linked = origin_after(before, INSTALLATION, item)
            item = msgspec.structs.replace(item, origin=linked)
        self.chain.setdefault(item.sequence, item.origin)
        return item

    async def reasons(self) -> list[str]:
        """Why items were kept aside, in order."""
        if self.database is None:
            return [reason for _sequence, reason in self.store.aside]
        async with self.database.system() as connection:
            cursor = await connection.execute("select reason from quarantine order by id")
            return [str(row[0]) for row in await cursor.fetchall()]

    async def numerics(self) -> list[NumericSet]:
        if self.database is None:
            found: list[NumericSet] = self.store.numerics
        else:
            found = await self.store.list_numerics(VITALS.unit_id, 0, 1 << 60)
        return found

    async def mission(self) -> Mission:
        stream = f"mission:{self.mission_id}"
        state = fold(stream, (await self.world.journal.load([stream], SYSTEM))[stream].events)
        assert isinstance(state, Mission)
        return state

    def item(self, sequence: int, event: Any, stream: str = "", **changes: Any) -> UploadItem:
        body = b"" if event is None else encode_event(event)
        given: dict[str, Any] = {
            "sequence": sequence,
            "events": (EdgeEvent(stream=stream or self.stream, part=0, body=body),),
            "actor": "crew-1",
            "seat": "A-01",
            "role": "crew",
            "occurred_ms": self.world.clock.at_ms - 500,
            "fingerprint": body,
            "origin": b"",
            "personal": (),
            "numerics": None,
        }
        return UploadItem(**(given | changes))

    @property
    def stream(self) -> str:
        return f"mission:{self.mission_id}"


@pytest.fixture(params=["memory", "postgres"])
async def centre(request: pytest.FixtureRequest, database: Database) -> Centre:
    made = Centre(database if request.param == "postgres" else None)
    await made.dispatch()
    return made


def reached(milestone: Milestone) -> MilestoneReached:
    return MilestoneReached(
        milestone=milestone, source=Source.CREW, point=None, supplied_late=False
    )


async def test_milestones_in_order_are_folded_with_the_vehicles_time_and_origin(
    centre: Centre,
) -> None:
    nodes = (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE)
    items = [centre.item(n, reached(node)) for n, node in enumerate(nodes, start=1)]
    assert await centre.take(*items) == UploadAnswer(through=3, set_aside=())
    run = await centre.mission()
    assert (run.state, run.flags) == (State.ON_SCENE, ())
    assert [node.at_ms for node in run.nodes] == [START_MS - 500] * 3
    loaded = (await centre.world.journal.load([centre.stream], SYSTEM))[centre.stream]
    last = loaded.events[-1]
    assert (last.origin, last.org, last.received_ms) == (centre.chain[3], "unit:A-01", START_MS)
    assert await centre.reasons() == []


async def test_after_hours_without_a_link_each_stream_is_read_once_and_the_count_written_once(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, store = centre.world.journal, centre.store
    load, advance, append_all = journal.load, store.advance, journal.append_all
    read: list[str] = []
    counted: list[int] = []
    together: list[int] = []

    async def note_load(streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        read.extend(streams)
        return await load(streams, identity)

    async def note_advance(name: str, unit_id: str, to: Progress, sets: Numbered) -> None:
        counted.append(to.through)
        await advance(name, unit_id, to, sets)

    async def note_append_all(appends: Sequence[Append], identity: Identity) -> bool:
        together.append(len(appends))
        return bool(await append_all(appends, identity))

    monkeypatch.setattr(journal, "load", note_load)
    monkeypatch.setattr(journal, "append_all", note_append_all)
    monkeypatch.setattr(store, "advance", note_advance)
    nodes = (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE)
    items = [centre.item(n, reached(node)) for n, node in enumerate(nodes, start=1)]
    await centre.take(*items)
    assert read == [centre.stream]
    assert together == [3]
    assert counted == [3]


async def test_what_another_says_in_the_middle_of_an_upload_is_read_before_the_next_item(
    centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = centre.world.journal
    append_all = journal.append_all

    async def with_another(appends: Sequence[Append], identity: Identity) -> bool:
        stood_down = c.StandDown(mission_id=centre.mission_id, reason="cancelled")
        await centre.world.accept(stood_down)
        return bool(await append_all(appends, identity))

    monkeypatch.setattr(journal, "append_all", with_another)
    nodes = (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE)
    items = [centre.item(n, reached(node)) for n, node in enumerate(nodes, start=1)]
    assert await centre.take(*items) == UploadAnswer(through=3, set_aside=())
    run = await centre.mission()
    assert run.flags == tuple(f"milestone_after_end:{node}" for node in nodes)


async def test_one_item_that_will_not_do_keeps_no_other_from_its_place(centre: Centre) -> None:
    items = (
        centre.item(1, reached(Milestone.ACKNOWLEDGED)),
        centre.item(2, Signed(side="hospital", name="李卫"), "handover:another"),
        centre.item(3, reached(Milestone.DEPARTED)),
    )
    answer = await centre.take(*items)
    assert (answer.through, answer.set_aside) == (3, (2,))
    assert [node.milestone for node in (await centre.mission()).nodes] == [
        Milestone.ACKNOWLEDGED,
        Milestone.DEPARTED,
    ]


async def test_a_broken_link_of_the_vehicles_chain_is_appended_and_reported_once(
    centre: Centre,
) -> None:
    forged = centre.item(2, reached(Milestone.DEPARTED), origin=bytes(32))
    items = [
        centre.item(1, reached(Milestone.ACKNOWLEDGED)),
        forged,
        centre.item(3, reached(Milestone.ON_SCENE)),
    ]
    assert await centre.take(*items) == UploadAnswer(through=3, set_aside=())
    assert await centre.reasons() == ["origin_broken"]
    assert (await centre.mission()).state is State.ON_SCENE


async def test_an_item_left_out_of_the_vehicles_chain_is_noticed(centre: Centre) -> None:
    await centre.take(centre.item(1, reached(Milestone.ACKNOWLEDGED)))
    left_out = centre._linked(centre.item(2, reached(Milestone.DEPARTED)))
    after = centre._linked(centre.item(3, reached(Milestone.ON_SCENE)))
    await centre.take(msgspec.structs.replace(after, sequence=2, origin=after.origin))
    assert left_out.origin != after.origin
    assert await centre.reasons() == ["origin_broken"]


async def test_what_came_before_comes_again_and_changes_nothing(centre: Centre) -> None:
    items = [centre.item(1, reached(Milestone.DEPARTED))]
    first = await centre.take(*items)
    before = await centre.mission()
    assert await centre.take(*items) == first
    assert await centre.mission() == before


async def test_what_was_appended_before_a_crash_of_the_counter_is_not_appended_twice(
    centre: Centre,
) -> None:
    item = centre.item(1, reached(Milestone.DEPARTED))
    await centre.take(item)
    if centre.database is None:
        centre.store.reached.clear()
    else:
        async with centre.database.system() as connection:
            await connection.execute("update edge_progress set through = 0, origin = null")
    before = await centre.mission()
    answer = await centre.take(item)
    assert answer.set_aside == ()
    assert await centre.mission() == before


async def test_a_hole_stops_the_upload_where_it_is(centre: Centre) -> None:
    items = (
        centre.item(1, reached(Milestone.ACKNOWLEDGED)),
        centre.item(3, reached(Milestone.ON_SCENE)),
    )
    assert (await centre.take(*items)).through == 1
    assert (await centre.mission()).state is State.ACKNOWLEDGED


async def test_the_same_sequence_with_other_bytes_is_kept_aside(centre: Centre) -> None:
    await centre.take(centre.item(1, reached(Milestone.DEPARTED)))
    answer = await centre.take(centre.item(1, reached(Milestone.ON_SCENE)))
    assert answer == UploadAnswer(through=1, set_aside=(1,), reasons={1: "identity_reused"})
    assert (await centre.mission()).state is State.EN_ROUTE
    journal = centre.world.journal
    kept = journal.quarantine if centre.database is None else await centre.reasons()
    assert len(kept) == 1


NEWER = Unknown(kind="mission.hovered.v1", body=b'{"kind":"mission.hovered.v1"}')
ASIDE: dict[str, tuple[str, Callable[[Centre], UploadItem], str]] = {
    "another's run": (
        "not_its_run",
        lambda centre: centre.item(1, reached(Milestone.DEPARTED)),
        "A-02",
    ),
    "no such run": (
        "not_its_run",
        lambda centre: centre.item(1, reached(Milestone.DEPARTED), "mission:none"),
        "A-01",
    ),
    "a patient of another's run": (
        "not_its_run",
        lambda centre: centre.item(1, registered(centre), "patient:p1"),
        "A-02",
    ),
    "a patient of another's incident": (
        "not_its_run",
        lambda centre: centre.item(1, registered(centre, incident_id="other"), "patient:p1"),
        "A-01",
    ),
    "opening another's incident to a hospital": (
        "not_its_run",
        lambda centre: centre.item(1, prealerted(centre, incident_id="other"), "handover:h1"),
        "A-01",
    ),
    "opening another's patient to a hospital": (
        "not_its_run",
        lambda centre: centre.item(1, prealerted(centre, patient_id="other"), "handover:h1"),
        "A-01",
    ),
    "a newer vehicle's word about another's run": (
        "not_its_run",
        lambda centre: centre.item(1, NEWER),
        "A-02",
    ),
    "a newer vehicle's word about an incident": (
        "not_its_authority",
        lambda centre: centre.item(1, NEWER, "incident:i1"),
        "A-01",
    ),
    "another's unit": (
        "not_its_run",
        lambda centre: centre.item(1, OutOfService(reason="fault"), "unit:A-02"),
        "A-01",
    ),
    "calling itself off": (
        "not_its_authority",
        lambda centre: centre.item(1, StoodDown(reason="cancelled")),
        "A-01",
    ),
    "assigning itself": (
        "not_its_authority",
        lambda centre: centre.item(1, example(Assigned), "mission:m9"),
        "A-01",
    ),
    "an incident": (
        "not_its_authority",
        lambda centre: centre.item(1, reached(Milestone.DEPARTED), "incident:i1"),
        "A-01",
    ),
    "words that were not committed to": (
        "commitment_mismatch",
        lambda centre: centre.item(
            1,
            registered(centre),
            "patient:p1",
            personal=(PersonalText(row="row-1", salt=b"s", content="别人".encode()),),
        ),
        "A-01",
    ),
    "words that nothing points to": (
        "commitment_mismatch",
        lambda centre: centre.item(
            1,
            reached(Milestone.DEPARTED),
            personal=(PersonalText(row="row-9", salt=b"s", content=b"x"),),
        ),
        "A-01",
    ),
}


def registered(centre: Centre, **changes: Any) -> PatientRegistered:
    given: dict[str, Any] = {
        "incident_id": centre.incident_id,
        "mission_id": centre.mission_id,
        "unit_id": "A-01",
        "name": SEALED,
        "age_y": 62,
        "sex": Sex.MALE,
    }
    return PatientRegistered(**(given | changes))


def prealerted(centre: Centre, **changes: Any) -> PreAlerted:
    own = {name: getattr(centre, name) for name in ("incident_id", "mission_id")}
    return msgspec.structs.replace(example(PreAlerted), **(own | changes))


@pytest.mark.parametrize("case", ASIDE)
async def test_what_a_vehicle_may_not_say_is_kept_aside_and_the_queue_moves_on(
    centre: Centre, case: str
) -> None:
    reason, make, unit_id = ASIDE[case]
    before = await centre.mission()
    answer = await centre.take(make(centre), unit_id=unit_id)
    assert answer == UploadAnswer(through=1, set_aside=(1,), reasons={1: reason})
    assert await centre.reasons() == [reason]
    assert await centre.mission() == before


async def test_the_hospitals_signature_is_not_the_vehicles_to_give(centre: Centre) -> None:
    await centre.world.list_hospital()
    _, handover_id = await centre.world.prealert(centre.mission_id)
    stream = f"handover:{handover_id}"
    items = (
        centre.item(1, Signed(side="crew", name="李卫"), stream),
        centre.item(2, Signed(side="hospital", name="李卫"), stream),
    )
    assert await centre.take(*items) == UploadAnswer(
        through=2, set_aside=(2,), reasons={2: "not_its_signature"}
    )
    assert await centre.reasons() == ["not_its_signature"]


async def test_a_patient_comes_with_the_name_that_was_committed_to(centre: Centre) -> None:
    salt, name = b"0123456789abcdef", "周建明".encode()
    sealed = Sealed(row=Id("row-1"), commitment=commitment(salt, name))
    item = centre.item(
        1,
        registered(centre, name=sealed),
        "patient:p1",
        personal=(PersonalText(row="row-1", salt=salt, content=name),),
    )
    assert await centre.take(item) == UploadAnswer(through=1, set_aside=())
    assert await centre.world.journal.reveal(["row-1"], SYSTEM) == {"row-1": "周建明"}


async def test_a_vehicle_says_on_whom_its_monitor_is(centre: Centre) -> None:
    bound = MonitorBound(device_id="monitor-1", patient_id="p1", band="")
    answer = await centre.take(centre.item(1, bound))
    assert answer == UploadAnswer(through=1, set_aside=())
    place = (await centre.mission()).devices.find_place("monitor-1")
    assert place is not None
    assert place.patient_id == "p1"


async def test_a_contradiction_is_appended_and_flagged_not_refused(centre: Centre) -> None:
    await centre.world.reach(centre.mission_id, Milestone.ON_SCENE)
    answer = await centre.take(centre.item(1, reached(Milestone.ON_SCENE)))
    assert answer == UploadAnswer(through=1, set_aside=())
    assert (await centre.mission()).flags == ("milestone_twice:on_scene",)


async def test_a_milestone_after_the_stand_down_is_appended_and_flagged(centre: Centre) -> None:
    await centre.world.accept(c.StandDown(mission_id=centre.mission_id, reason="cancelled"))
    answer = await centre.take(centre.item(1, reached(Milestone.ON_SCENE)))
    assert answer == UploadAnswer(through=1, set_aside=())
    run = await centre.mission()
    assert (run.state, run.flags) == (State.STOOD_DOWN, ("milestone_after_end:on_scene",))
    assert run.find_node(Milestone.ON_SCENE) is not None


async def test_a_clock_ahead_of_ours_has_not_seen_the_future(centre: Centre) -> None:
    ahead_ms = centre.world.clock.at_ms + 3_600_000
    await centre.take(centre.item(1, reached(Milestone.DEPARTED), occurred_ms=ahead_ms))
    node = (await centre.mission()).find_node(Milestone.DEPARTED)
    assert node is not None
    assert node.at_ms == centre.world.clock.at_ms


async def test_a_kind_from_a_newer_vehicle_is_kept_and_not_folded(centre: Centre) -> None:
    before = await centre.mission()
    assert await centre.take(centre.item(1, NEWER)) == UploadAnswer(through=1, set_aside=())
    assert await centre.mission() == before
    loaded = (await centre.world.journal.load([centre.stream], SYSTEM))[centre.stream]
    assert loaded.events[-1].body == NEWER.body


async def test_vital_signs_are_stored_and_shown_but_only_its_own(centre: Centre) -> None:
    items = (
        centre.item(1, None, events=(), numerics=VITALS),
        centre.item(2, None, events=(), numerics=VITALS),
    )
    assert (await centre.take(items[0])).through == 1
    assert (await centre.take(items[1], unit_id="A-02")).through == 2
    assert centre.screen.shown == [VITALS]


async def test_a_vehicle_merges_its_own_two_records_and_nobody_elses(centre: Centre) -> None:
    world = centre.world
    other_id = await world.assign(centre.incident_id, "A-02")
    runs = (("p1", centre.mission_id), ("p2", centre.mission_id), ("p3", other_id))
    for patient_id, mission_id in runs:
        await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))

    def joined(ident: str) -> PatientJoined:
        return PatientJoined(other_id=ident, hospital_ids=(), reason="登记了两次")

    answer = await centre.take(
        centre.item(1, joined("p3"), "patient:p1"), centre.item(2, joined("p2"), "patient:p1")
    )
    assert answer == UploadAnswer(through=2, set_aside=(1,), reasons={1: "not_its_run"})
    assert await centre.reasons() == ["not_its_run"]
    stream = "patient:p1"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    assert state.joined == ("p2",)


async def test_the_same_upload_at_the_same_time_over_two_networks_has_one_effect(
    centre: Centre,
) -> None:
    first = centre.item(1, reached(Milestone.DEPARTED))
    second = centre.item(2, None, events=(), numerics=VITALS)
    answers = await asyncio.gather(*(centre.take(first, second) for _ in range(4)))
    assert {answer.through for answer in answers} == {2}
    assert await centre.numerics() == [VITALS]
    assert await centre.reasons() == []
    loaded = (await centre.world.journal.load([centre.stream], SYSTEM))[centre.stream]
    assert [e.kind for e in loaded.events].count("mission.milestone.v1") == 1


async def test_uploads_that_overlap_write_each_set_of_vital_signs_once(centre: Centre) -> None:
    sets = [msgspec.structs.replace(VITALS, received_ms=START_MS + n) for n in range(6)]
    items = [centre.item(n, None, events=(), numerics=one) for n, one in enumerate(sets, start=1)]
    # The second network's uploads are cut at other places than those of the first.
    await asyncio.gather(*(centre.take(*items[:end]) for end in (2, 5, 3, 6, 4)))
    assert await centre.numerics() == sets


async def test_what_was_kept_aside_is_named_again_when_it_comes_again(centre: Centre) -> None:
    item = centre.item(1, reached(Milestone.DEPARTED))
    first = await centre.take(item, unit_id="A-02")
    assert (
        await centre.take(item, unit_id="A-02")
        == first
        == UploadAnswer(through=1, set_aside=(1,), reasons={1: "not_its_run"})
    )
    assert await centre.reasons() == ["not_its_run"]


async def alerts(centre: Centre) -> dict[str, Alert]:
    """Those that what was kept aside has raised."""
    installation = f"edge:{INSTALLATION}"
    ids = [
        f"alert:set_aside.{installation}.{n}.{reason}"
        for n in (1, 2)
        for reason in ("not_its_run", "not_its_authority", "identity_reused")
    ]
    loaded = await centre.world.journal.load(ids, SYSTEM)
    states = {stream: fold(stream, found.events) for stream, found in loaded.items()}
    return {stream: state for stream, state in states.items() if isinstance(state, Alert)}


async def test_what_was_kept_aside_of_its_own_run_is_told_to_the_seat_that_leads_the_case(
    centre: Centre,
) -> None:
    await centre.take(centre.item(1, StoodDown(reason="x")))
    (found,) = (await alerts(centre)).values()
    assert (found.incident_id, found.owner) == (centre.incident_id, "03")
    assert found.details == {
        "aside": "not_its_authority",
        "call_sign": "A-01",
        "event": "mission.stood_down.v1",
        "reason": "x",
        "unit_id": "A-01",
    }
    assert found.state is AlertState.OPEN


async def test_what_was_kept_aside_of_anothers_run_is_told_to_all_desks_once(
    centre: Centre,
) -> None:
    item = centre.item(1, reached(Milestone.DEPARTED))
    for _time in range(2):
        await centre.take(item, unit_id="A-02")
    (found,) = (await alerts(centre)).values()
    assert (found.incident_id, found.owner) == ("", "all")
    assert (found.subject, found.details["aside"]) == ("unit:A-02", "not_its_run")


async def test_other_bytes_under_a_known_pair_are_told_once_however_often_they_come(
    centre: Centre,
) -> None:
    await centre.take(centre.item(1, reached(Milestone.DEPARTED)))
    for _time in range(2):
        await centre.take(centre.item(1, reached(Milestone.ON_SCENE)))
    (found,) = (await alerts(centre)).values()
    assert found.details["aside"] == "identity_reused"
