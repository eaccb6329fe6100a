"""The vehicle's store on its own: what it promises across kills, orders and contradictions."""

import asyncio
import os
import signal
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from factories.edge_centre import ROSTER, UNIT, Centre, numeric_set
from factories.world import START_MS, FakeClock, TestWorld, facts
from goldenhour.adapters.edge import EdgeAccounts, EdgeStore, Vault, schema
from goldenhour.adapters.edge.schema import StoreError
from goldenhour.adapters.edge.store import LANES
from goldenhour.adapters.edge.uploads import ProtocolError
from goldenhour.adapters.edge.vitals import NUMERICS_KEPT_MS
from goldenhour.app.edge import FeedMessage, UploadAnswer
from goldenhour.app.handle import handle, recorded_of
from goldenhour.app.journal import SYSTEM, Append, Conflict, Identity, Outcome
from goldenhour.app.live import Hub
from goldenhour.app.observe import not_taken
from goldenhour.app.uplinks import DataClass
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.intake.events import Disposition
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.main.box import release
from goldenhour.views.fold import personal_rows

ASSIGNED, REACHED = "mission.assigned.v1", "mission.milestone.v1"
STOOD_DOWN = "mission.stood_down.v1"
KILLED = Path(__file__).parent / "edge_killed.py"


class Vehicle:
    def __init__(self, path: Path) -> None:
        self.path = path
        self.clock = FakeClock()
        self.centre = Centre(self.clock)
        self.world = TestWorld(clock=self.clock, seed=2)
        self.incident = ""
        self.open()

    def open(self) -> None:
        self.store = EdgeStore(self.path, self.world.entropy, self.clock)
        self.world.journal = self.store

    async def reopen(self) -> None:
        await self.store.close()
        self.open()

    def vault(self) -> Vault:
        made = Vault(self.path.with_suffix(".keys"), "own", self.clock, self.world.entropy)
        assert made.open_by_centre(b"share")
        return made

    async def dispatched(self) -> str:
        await self.centre.world.list_unit(UNIT)
        self.call, self.incident = await self.centre.world.open_incident()
        mission = await self.centre.world.assign(self.incident)
        await self.hear()
        return mission

    async def reach(self, mission: str, *milestones: Milestone) -> None:
        for milestone in milestones:
            self.clock.at_ms += 1_000
            await self.world.accept(
                c.Reach(mission_id=mission, milestone=milestone, source=Source.CREW)
            )

    async def hear(self) -> None:
        assert await self.store.take(await self.centre.feed(await self.store.known())) == ()

    async def tell(self, limit_bytes: int = 1 << 20) -> UploadAnswer:
        upload = await self.store.next_upload(limit_bytes)
        assert upload is not None
        answer = await self.centre.upload(upload)
        await self.store.confirm(answer)
        return answer

    async def versions(self, stream: str) -> list[tuple[int, str]]:
        return [(e.version, e.kind) for e in await self.store.list_streams([stream], SYSTEM)]


@pytest.fixture
async def vehicle(tmp_path: Path) -> AsyncIterator[Vehicle]:
    made = Vehicle(tmp_path / "edge.sqlite")
    yield made
    await made.store.close()


def pragma(path: Path, name: str) -> object:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(f"pragma {name}").fetchone()[0]
    finally:
        connection.close()


# ---- opening


async def test_the_installation_is_made_once(vehicle: Vehicle) -> None:
    first = vehicle.store.installation
    await vehicle.reopen()
    assert vehicle.store.installation == first
    assert first[14] == "7"


async def test_the_store_commits_durably(vehicle: Vehicle) -> None:
    assert pragma(vehicle.path, "journal_mode") == "wal"
    assert (
        await vehicle.store._run(lambda: vehicle.store._ledger._db.one("pragma synchronous")) == 2
    )


async def test_no_index_lies_beside_the_store_in_the_clear(tmp_path: Path) -> None:
    path = tmp_path / "edge.sqlite"
    left = tmp_path / "edge.sqlite-shm"
    left.write_bytes("周建明".encode())
    store = EdgeStore(path, os.urandom, FakeClock(), bytes(32))
    await store.append_numerics([numeric_set(START_MS)])
    names = {one.name for one in tmp_path.iterdir()}  # noqa: ASYNC240 (one small folder)
    await store.close()
    assert names == {"edge.sqlite", "edge.sqlite-wal"}


async def test_a_store_that_would_lose_rows_does_not_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        schema, "PRAGMAS", ("pragma journal_mode = wal", "pragma synchronous = normal")
    )
    with pytest.raises(StoreError, match="synchronous 1"):
        EdgeStore(tmp_path / "edge.sqlite", os.urandom, FakeClock())


async def test_a_newer_releases_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edge.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("pragma user_version = 99")
    connection.close()
    with pytest.raises(StoreError, match="schema 99"):
        EdgeStore(path, os.urandom, FakeClock())


async def test_a_file_that_is_no_store_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "edge.sqlite"
    path.write_bytes(b"not a database, whatever its name says" * 40)
    with pytest.raises(StoreError, match=r"edge\.sqlite"):
        EdgeStore(path, os.urandom, FakeClock())


async def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    path = tmp_path / "edge.sqlite"
    child = await asyncio.create_subprocess_exec(
        sys.executable, str(KILLED), str(path), stdout=asyncio.subprocess.PIPE
    )
    assert child.stdout is not None
    acknowledged = [await child.stdout.readline() for _ in range(25)]
    child.send_signal(signal.SIGKILL)
    acknowledged += (await child.stdout.read()).splitlines(keepends=True)
    assert await child.wait() == -signal.SIGKILL
    sequences = [int(line) for line in acknowledged if line.endswith(b"\n")]
    store = EdgeStore(path, os.urandom, FakeClock())
    try:
        found = []
        for lane in LANES:
            upload = await store.next_upload(1 << 30, lane)
            assert upload is not None
            found.append([item.sequence for item in upload.items])
            assert found[-1] == list(range(1, len(found[-1]) + 1))
        # It says them in turn: event, vital signs, event ...
        last = max(sequences)
        assert len(found[0]) >= (last + 1) // 2
        assert len(found[1]) >= last // 2
    finally:
        await store.close()


# ---- streams: the centre's word, then what it has not heard yet


async def test_own_events_stand_behind_the_centres_until_they_come_back(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    stream = f"mission:{mission}"
    await vehicle.reach(mission, Milestone.ACKNOWLEDGED)
    assert await vehicle.versions(stream) == [(1, ASSIGNED), (2, REACHED)]
    await vehicle.centre.world.accept(c.StandDown(mission_id=mission, reason="cancelled"))
    await vehicle.hear()
    assert await vehicle.versions(stream) == [(1, ASSIGNED), (2, STOOD_DOWN), (3, REACHED)]
    await vehicle.tell()
    await vehicle.hear()
    held = await vehicle.store.list_streams([stream], SYSTEM)
    assert held == vehicle.centre.journal.streams[stream]
    assert [e.kind for e in held] == [ASSIGNED, STOOD_DOWN, REACHED]


async def test_an_append_that_did_not_see_the_newest_is_decided_again(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    stream = f"mission:{mission}"
    append = await append_of(vehicle, mission)
    await vehicle.centre.world.accept(c.StandDown(mission_id=mission, reason="cancelled"))
    await vehicle.hear()
    with pytest.raises(Conflict):
        await vehicle.store.append(append, SYSTEM)
    assert len(await vehicle.versions(stream)) == 2


async def test_the_same_version_with_another_past_is_a_conflict(vehicle: Vehicle) -> None:
    """One event set aside, another one arrived: the version stands, the history does not."""
    mission = await vehicle.dispatched()
    await vehicle.reach(mission, Milestone.ACKNOWLEDGED)
    append = await append_of(vehicle, mission)
    await vehicle.store.confirm(UploadAnswer(through=1, set_aside=(1,)))
    await vehicle.centre.world.accept(c.StandDown(mission_id=mission, reason="cancelled"))
    await vehicle.hear()
    assert append.events[0].version == len(await vehicle.versions(f"mission:{mission}")) + 1
    with pytest.raises(Conflict):
        await vehicle.store.append(append, SYSTEM)


async def test_what_the_centre_set_aside_is_not_shown_any_more(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    level = c.OverrideLevel(incident_id=vehicle.incident, level=DispatchLevel.R1, reason="x")
    await vehicle.world.accept(level)
    await vehicle.reach(mission, Milestone.ACKNOWLEDGED)
    stream = f"incident:{vehicle.incident}"
    assert (await vehicle.versions(stream))[-1][1] == "incident.level_overridden.v1"
    answer = await vehicle.tell()
    reason = "not_its_authority"
    assert answer == UploadAnswer(through=2, set_aside=(1,), reasons={1: reason})
    (aside,) = await vehicle.store.list_aside(0)
    told = not_taken(aside)
    assert (told.sequence, told.reason) == (1, reason)
    assert (told.event.kind, told.event.stream) == ("incident.level_overridden.v1", stream)
    assert (await vehicle.versions(stream))[-1][1] != "incident.level_overridden.v1"
    assert vehicle.store.pending_count() == 0


async def test_a_rewritten_history_of_the_centre_is_taken_over(vehicle: Vehicle) -> None:
    """A centre restored from an older copy gives other events under known versions."""
    mission = await vehicle.dispatched()
    stream = f"mission:{mission}"
    await vehicle.reach(mission, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    await vehicle.tell()
    await vehicle.hear()
    # The centre has lost both, the vehicle's position too, and went on by itself.
    journal = vehicle.centre.journal
    del journal.streams[stream][1:]
    journal.fingerprints = {
        key: found for key, found in journal.fingerprints.items() if not key[0].startswith("edge:")
    }
    journal.feed = [e for e in journal.feed if not e.installation.startswith("edge:")]
    vehicle.centre.forget_positions()
    await vehicle.centre.world.accept(c.StandDown(mission_id=mission, reason="cancelled"))
    known = await vehicle.store.known()
    assert known[stream] == 3
    await vehicle.store.take(await vehicle.centre.feed(known | {stream: 0}))
    assert [k for _v, k in await vehicle.versions(stream)] == [
        *(ASSIGNED, STOOD_DOWN, REACHED, REACHED)
    ]
    await vehicle.store.confirm(UploadAnswer(through=0, set_aside=()))
    await vehicle.tell()
    await vehicle.hear()
    assert await vehicle.store.list_streams([stream], SYSTEM) == journal.streams[stream]
    assert len(journal.streams[stream]) == 4


async def test_a_stream_that_does_not_continue_is_asked_for_whole(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    stream = f"mission:{mission}"
    await vehicle.centre.world.reach(mission, Milestone.ACKNOWLEDGED, Milestone.DEPARTED)
    message = await vehicle.centre.feed(await vehicle.store.known())
    gap = replace(
        message, events=tuple(e for e in message.events if (e.stream, e.version) != (stream, 2))
    )
    assert await vehicle.store.take(gap) == (stream,)
    assert await vehicle.versions(stream) == [(1, ASSIGNED)]
    assert await vehicle.store.take(await vehicle.centre.feed({})) == ()
    assert len(await vehicle.versions(stream)) == 3


async def test_a_message_taken_twice_changes_nothing(vehicle: Vehicle) -> None:
    await vehicle.dispatched()
    at = await vehicle.store.last()
    assert await vehicle.store.take(await vehicle.centre.feed({})) == ()
    assert await vehicle.store.last() == at


async def test_a_number_beyond_the_store_is_an_error_that_names_the_field(
    vehicle: Vehicle,
) -> None:
    await vehicle.dispatched()
    message = await vehicle.centre.feed({})
    broken = replace(message, events=(replace(message.events[0], hash=b"x", received_ms=1 << 70),))
    with pytest.raises(ProtocolError, match="events"):
        await vehicle.store.take(broken)
    assert await vehicle.store.take(message) == ()


# ---- forgetting


async def test_a_forgotten_stream_is_gone_with_its_personal_text(vehicle: Vehicle) -> None:
    await vehicle.dispatched()
    stream = f"incident:{vehicle.incident}"
    rows = await sealed_rows(vehicle, stream)
    assert await vehicle.store.reveal(rows, SYSTEM)
    vehicle.centre.withheld.add(stream)
    await vehicle.hear()
    assert await vehicle.versions(stream) == []
    assert await vehicle.store.reveal(rows, SYSTEM) == {}
    assert await vehicle.store.readable([stream], SYSTEM) == set()
    vehicle.centre.withheld.clear()
    await vehicle.hear()
    assert await vehicle.store.reveal(rows, SYSTEM)


async def test_what_the_centre_does_not_have_yet_is_forgotten_only_afterwards(
    vehicle: Vehicle,
) -> None:
    mission = await vehicle.dispatched()
    patient = vehicle.world.new_id()
    register = c.RegisterPatient(patient_id=patient, mission_id=mission, name=Clear(text="周建明"))
    await vehicle.world.accept(register)
    stream = f"patient:{patient}"
    rows = await sealed_rows(vehicle, stream)
    forget = FeedMessage(server_ms=0, events=(), personal={}, forget=(stream,), fix=None)
    await vehicle.store.take(forget)
    await vehicle.reopen()
    assert await vehicle.store.reveal(rows, SYSTEM) == {rows[0]: "周建明"}
    answer = await vehicle.tell()
    assert answer.set_aside == ()
    assert await vehicle.store.reveal(rows, SYSTEM) == {}
    assert await vehicle.versions(stream) == []
    assert vehicle.centre.journal.personal[rows[0]][1].content.decode() == "周建明"


def list_files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


async def test_files_go_with_the_right_to_their_owner_once_the_centre_has_them(
    vehicle: Vehicle, tmp_path: Path
) -> None:
    mission = await vehicle.dispatched()
    for owner in (mission, "of-an-older-run"):
        for name in ("a.json", "a.bin", "a.carried", "b.json", "b.bin"):
            path = tmp_path / owner / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(b"x")
    (tmp_path / "done").mkdir()
    (tmp_path / "done" / "c.carried").write_bytes(b"")  # the power went in between
    await release(vehicle.store, [("mission", tmp_path)], SYSTEM)
    assert list_files(tmp_path / "of-an-older-run") == {"b.json", "b.bin"}
    assert len(list_files(tmp_path / mission)) == 5
    assert "done" not in list_files(tmp_path)


# ---- uploads


async def test_each_lane_is_dense_in_the_order_of_recording(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    await vehicle.store.append_numerics([numeric_set(START_MS), numeric_set(START_MS + 1)])
    await vehicle.reach(mission, Milestone.ACKNOWLEDGED)
    await vehicle.store.append_numerics([numeric_set(START_MS + 2)])
    assert vehicle.store.pending_count() == 4
    events = await vehicle.store.next_upload(1 << 20)
    vitals = await vehicle.store.next_upload(1 << 20, DataClass.VITALS)
    assert events is not None
    assert vitals is not None
    assert [(i.sequence, bool(i.events)) for i in events.items] == [(1, True)]
    assert [(i.sequence, i.occurred_ms) for i in vitals.items] == [
        *((1, START_MS), (2, START_MS + 1), (3, START_MS + 2))
    ]
    small = await vehicle.store.next_upload(1, DataClass.VITALS)
    assert small is not None
    assert small.items == vitals.items[:1]
    await vehicle.store.confirm(UploadAnswer(through=2, set_aside=()), DataClass.VITALS)
    await vehicle.reopen()
    assert vehicle.store.pending_of(DataClass.EVENTS) == 1
    assert vehicle.store.pending_of(DataClass.VITALS) == 1
    rest = await vehicle.store.next_upload(1, DataClass.VITALS)
    assert rest is not None
    assert rest.items == vitals.items[2:]


async def test_a_store_of_the_first_release_is_taken_over_with_its_vital_signs(
    tmp_path: Path,
) -> None:
    path = tmp_path / "edge.sqlite"
    old = sqlite3.connect(path)
    numerics = msgspec.json.encode(numeric_set(START_MS), order="deterministic")
    old.executescript(schema._STEPS[0])
    old.execute("pragma user_version = 1")
    old.execute("insert into own_installation (only, id, confirmed) values (1, 'box', 0)")
    old.execute(
        "insert into item values"
        " (1, null, null, x'01', 'monitor-1', '', 'device', '', ?1, ?1, x'02')",
        (START_MS,),
    )
    old.execute("insert into numerics values (1, ?, ?, ?)", (UNIT, START_MS, numerics))
    old.commit()
    old.close()
    store = EdgeStore(path, os.urandom, FakeClock())
    try:
        await store.append_numerics([numeric_set(START_MS + 1)])
        assert [store.pending_of(lane) for lane in LANES] == [1, 1]
        upload = await store.next_upload(1 << 20)
        assert upload is not None
        assert [i.numerics for i in upload.items] == [numeric_set(START_MS)]
        shown = await store.list_numerics(UNIT, 0, START_MS + 2)
        assert shown == [numeric_set(START_MS), numeric_set(START_MS + 1)]
    finally:
        await store.close()


@pytest.mark.parametrize("lane", LANES)
@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (UploadAnswer(through=2, set_aside=()), "through"),
        (UploadAnswer(through=-1, set_aside=()), "through"),
        (UploadAnswer(through=1, set_aside=(2,)), "set_aside"),
        (UploadAnswer(through=1, set_aside=(1 << 80,)), "set_aside"),
    ],
)
async def test_a_confirmation_of_what_was_never_sent_is_refused(
    vehicle: Vehicle, answer: UploadAnswer, field: str, lane: DataClass
) -> None:
    await vehicle.reach(await vehicle.dispatched(), Milestone.ACKNOWLEDGED)
    await vehicle.store.append_numerics([numeric_set(START_MS)])
    with pytest.raises(ProtocolError) as refused:
        await vehicle.store.confirm(answer, lane)
    assert refused.value.field == field
    assert vehicle.store.pending_count() == 2


async def test_confirmed_vital_signs_are_kept_for_a_time_and_others_always(
    vehicle: Vehicle,
) -> None:
    await vehicle.store.append_numerics([numeric_set(START_MS), numeric_set(START_MS + 1)])
    await vehicle.store.confirm(UploadAnswer(through=1, set_aside=()), DataClass.VITALS)
    late_ms = START_MS + NUMERICS_KEPT_MS + 5
    await vehicle.store.append_numerics([numeric_set(late_ms)])
    held = await vehicle.store.list_numerics(UNIT, 0, late_ms + 1)
    assert [s.received_ms for s in held] == [START_MS + 1, late_ms]
    assert await vehicle.store.list_numerics(UNIT, START_MS + 1, late_ms) == held[:1]
    assert await vehicle.store.list_numerics("A-02", 0, late_ms + 1) == []


async def test_another_page_with_the_same_pair_is_told_so(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    stamp = vehicle.world.stamp()
    for milestone, expected in (
        (Milestone.ACKNOWLEDGED, Outcome(versions={f"mission:{mission}": 2})),
        (Milestone.ACKNOWLEDGED, Outcome(versions={f"mission:{mission}": 2})),
        (Milestone.DEPARTED, Refused(code="identity_reused", field="sequence")),
    ):
        reach = c.Reach(mission_id=mission, milestone=milestone, source=Source.CREW)
        assert await handle(reach, stamp, SYSTEM, vehicle.world) == expected
        await vehicle.reopen()
    await vehicle.tell()
    await vehicle.hear()
    reach = c.Reach(mission_id=mission, milestone=Milestone.ACKNOWLEDGED, source=Source.CREW)
    assert await handle(reach, stamp, SYSTEM, vehicle.world) == Outcome(
        versions={f"mission:{mission}": 2}
    )


async def test_only_a_centre_opens_incidents(vehicle: Vehicle) -> None:
    with pytest.raises(RuntimeError, match="only a centre"):
        await vehicle.store.next_case_number("20261121")


# ---- screens


async def test_a_screen_is_woken_and_follows(vehicle: Vehicle) -> None:
    mission = await vehicle.dispatched()
    hub = Hub(vehicle.store, vehicle.store, facts(), vehicle.clock)
    scope = await hub.scope(SYSTEM)
    async with aclosing(vehicle.store.wake_ups(poll_s=60)) as wakes:
        await anext(wakes)
        await vehicle.reach(mission, Milestone.ACKNOWLEDGED)
        async with asyncio.timeout(20):
            await anext(wakes)
    hub._at = scope.at
    await hub.advance()
    row = scope.view.rows["missions", mission]
    assert getattr(row, "state", "") == "acknowledged"
    rows = await vehicle.store.after(0)
    assert [delivery for delivery, _s, _q in rows] == list(range(1, len(rows) + 1))
    assert await vehicle.store.list_seqs([rows[-1][2]], SYSTEM) == (
        await vehicle.store.list_streams([f"mission:{mission}"], SYSTEM)
    )


async def test_a_screen_begins_with_cases_that_are_open_or_changed_lately(
    vehicle: Vehicle,
) -> None:
    mission = await vehicle.dispatched()
    await vehicle.reach(mission, *Milestone)

    async def shown(since_ms: int) -> set[str]:
        events = await vehicle.store.list_open(SYSTEM, since_ms)
        return {e.stream for e in events} & {f"mission:{mission}", f"incident:{vehicle.incident}"}

    # The case is open, so its run stays with it however long ago it ended.
    assert len(await shown(vehicle.clock.at_ms + 1)) == 2
    await vehicle.tell()
    centre = vehicle.centre.world
    await centre.accept(c.EndCall(call_id=vehicle.call, disposition=Disposition.INCIDENT))
    await centre.accept(c.CloseIncident(incident_id=vehicle.incident, reason="completed"))
    await vehicle.hear()
    closed_ms = vehicle.clock.at_ms
    assert len(await shown(closed_ms)) == 2
    assert await shown(closed_ms + 1) == set()


# ---- people


async def test_a_crew_logs_in_with_the_link_down(vehicle: Vehicle) -> None:
    accounts = EdgeAccounts(vehicle.store, vehicle.vault())
    assert await accounts.find_username("zhang") is None
    await vehicle.store.put_roster(ROSTER)
    await vehicle.reopen()
    accounts = EdgeAccounts(vehicle.store, vehicle.vault())
    person = await accounts.find_username("zhang")
    assert person is not None
    assert (person.role, person.unit_id, person.active) == ("crew", UNIT, True)
    await accounts.open_session(b"token", person.id, 1_000, 2_000)
    await vehicle.reopen()
    accounts = EdgeAccounts(vehicle.store, vehicle.vault())
    assert await accounts.find_session(b"token", 1_999) == person
    assert await accounts.find_session(b"token", 2_000) is None
    assert await accounts.find_session(b"other", 1_999) is None
    await vehicle.store.put_roster(replace(ROSTER, people=()))
    assert await accounts.find_session(b"token", 1_999) is None


async def test_a_session_ends_when_it_is_closed_or_revoked(vehicle: Vehicle) -> None:
    await vehicle.store.put_roster(ROSTER)
    accounts = EdgeAccounts(vehicle.store, vehicle.vault())
    for token in (b"a", b"b", b"c"):
        await accounts.open_session(token, "p1", 0, 10)
    await accounts.close_session(b"a", 1)
    open_now = [t for t in (b"a", b"b", b"c") if await accounts.find_session(t, 1)]
    assert open_now == [b"b", b"c"]
    await accounts.revoke_sessions("p1", 1)
    assert not [t for t in (b"b", b"c") if await accounts.find_session(t, 1)]


async def sealed_rows(vehicle: Vehicle, stream: str) -> list[str]:
    events = await vehicle.store.list_streams([stream], SYSTEM)
    return [row for e in events for row in personal_rows(recorded_of(e))]


async def append_of(vehicle: Vehicle, mission: str) -> Append:
    """What the next milestone would write, as decided on what is there now."""
    caught: list[Append] = []

    class Catcher:
        entropy, facts = vehicle.world.entropy, vehicle.world.facts

        class journal:  # noqa: N801 (the port's name)
            load = staticmethod(vehicle.store.load)

            @staticmethod
            async def append(append: Append, identity: Identity) -> None:  # noqa: ARG004 (the port's form)
                caught.append(append)

    reach = c.Reach(mission_id=mission, milestone=Milestone.DEPARTED, source=Source.CREW)
    await handle(reach, vehicle.world.stamp(), SYSTEM, Catcher)  # type: ignore[arg-type] # enough of a World
    return caught[0]
