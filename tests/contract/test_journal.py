"""One suite for every journal: the reference in memory, PostgreSQL, and a vehicle's own.

A vehicle opens no incidents and enforces no claims, so only what holds there runs against it; the
rest of what it promises is in test_edge_store.py.
"""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from factories.two_nodes import until
from factories.world import FakeClock, TestWorld
from goldenhour.adapters.edge import EdgeStore
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.journal import PostgresJournal
from goldenhour.adapters.postgres.pool import Database
from goldenhour.adapters.postgres.timers import Timers
from goldenhour.app.handle import build, handle
from goldenhour.app.journal import SYSTEM, Append, Conflict, Head, Identity, Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.timers import fire
from goldenhour.domain import commands as c
from goldenhour.domain.case import decode_event
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.intake.events import CallField
from goldenhour.domain.register.events import BedsReported
from goldenhour.kernel.outcome import Refused, Write
from goldenhour.kernel.personal import Clear

CENTRE = Identity(orgs=("centre",), topics=("call", "incident", "mission", "alert"))
ELSEWHERE = Identity(orgs=("county",), topics=("call", "incident", "mission", "alert"))
HOSPITAL = Identity(
    orgs=("hospital:h1",), topics=("incident", "mission", "patient", "handover", "hospital")
)


@pytest.fixture(params=["memory", "postgres"])
async def world(request: pytest.FixtureRequest, database: Database) -> TestWorld:
    clock = FakeClock()
    if request.param == "memory":
        return TestWorld(journal=MemoryJournal(), clock=clock)
    return TestWorld(journal=PostgresJournal(database, clock), clock=clock)


@pytest.fixture(params=["memory", "postgres", "edge"])
async def any_world(
    request: pytest.FixtureRequest, database: Database, tmp_path: Path
) -> AsyncIterator[TestWorld]:
    world = TestWorld()
    if request.param == "edge":
        store = EdgeStore(tmp_path / "edge.sqlite", world.entropy, world.clock)
        world.journal = store
        yield world
        await store.close()
        return
    if request.param == "postgres":
        world.journal = PostgresJournal(database, world.clock)
    yield world


def timers_of(world: TestWorld) -> Any:
    journal = world.journal
    return journal if isinstance(journal, MemoryJournal) else Timers(journal._database)


async def fire_due(world: TestWorld) -> int:
    store = timers_of(world)
    fired = 0
    while due := await store.due(world.clock.at_ms):
        for timer in due:
            fired += await fire(timer, world.clock.at_ms, world, store)
    return fired


async def test_the_same_command_twice_is_one_deed(any_world: TestWorld) -> None:
    ring = c.Ring(call_id=any_world.new_id(), number=Clear(text="139"), line="typed")
    stamp = any_world.stamp()
    first = await handle(ring, stamp, SYSTEM, any_world)
    second = await handle(ring, stamp, SYSTEM, any_world)
    assert first == second
    assert isinstance(first, Outcome)


async def test_an_accepted_answer_repeated_is_not_refused_by_its_own_effect(
    any_world: TestWorld,
) -> None:
    call_id = any_world.new_id()
    await any_world.accept(c.Ring(call_id=call_id, number=Clear(text="139"), line="typed"))
    stamp = any_world.stamp()
    first = await handle(c.Answer(call_id=call_id), stamp, SYSTEM, any_world)
    assert await handle(c.Answer(call_id=call_id), stamp, SYSTEM, any_world) == first


async def test_the_same_identity_with_other_bytes_is_refused(any_world: TestWorld) -> None:
    stamp = any_world.stamp()
    for text, expected in (("139", Outcome), ("13800", Refused)):
        ring = c.Ring(call_id=f"call-{text}", number=Clear(text=text), line="typed")
        assert isinstance(await handle(ring, stamp, SYSTEM, any_world), expected)


async def test_two_dispatchers_one_unit_one_wins(world: TestWorld) -> None:
    await world.list_unit()
    incidents = [(await world.open_incident())[1] for _ in range(2)]
    sends = [
        world.send(
            c.Assign(mission_id=world.new_id(), incident_id=incident, unit_id="A-01"),
            installation=f"seat-{incident}",
        )
        for incident in incidents
    ]
    outcomes = await asyncio.gather(*sends)
    refused = [o for o in outcomes if isinstance(o, Refused)]
    assert len(refused) == 1
    assert refused[0].code == "unit_claimed"


async def test_a_cleared_unit_can_be_sent_again(world: TestWorld) -> None:
    await world.list_unit()
    _, first = await world.open_incident()
    mission = await world.assign(first)
    await world.reach(mission, *Milestone)
    _, second = await world.open_incident()
    await world.assign(second)


async def test_a_reserved_unit_is_not_dispatched(world: TestWorld) -> None:
    await world.list_unit()
    _, first = await world.open_incident()
    _, second = await world.open_incident()
    reserved = world.new_id()
    await world.accept(
        c.Reserve(mission_id=reserved, incident_id=first, unit_id="A-01", due_ms=world.clock.at_ms)
    )
    await world.assign(second)
    outcome = await world.send(c.Activate(mission_id=reserved))
    assert outcome == Refused(code="unit_claimed")


async def test_diverting_keeps_the_unit_with_one_active_run(world: TestWorld) -> None:
    await world.list_unit()
    _, first = await world.open_incident()
    _, second = await world.open_incident()
    mission = await world.assign(first)
    divert = c.Divert(mission_id=mission, new_mission_id=world.new_id(), incident_id=second)
    outcome = await world.accept(divert)
    # Both runs and both cases: the one that is left waits again.
    assert len(outcome.versions) == 4


async def test_a_timer_fires_once_and_only_if_nobody_acted(world: TestWorld) -> None:
    await world.list_unit()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    world.clock.at_ms += 31_000
    await fire_due(world)
    alert = f"alert:not_acknowledged.{mission}"
    loaded = await world.journal.load([alert], SYSTEM)
    assert [e.kind for e in loaded[alert].events] == ["alert.raised.v1"]
    await world.reach(mission, Milestone.ACKNOWLEDGED)
    await fire_due(world)
    loaded = await world.journal.load([alert], SYSTEM)
    kinds = [e.kind for e in loaded[alert].events]
    assert kinds[0] == "alert.raised.v1"
    assert kinds[-1] == "alert.resolved.v1"
    assert kinds.count("alert.raised.v1") == 1


async def test_an_acknowledged_dispatch_raises_nothing(world: TestWorld) -> None:
    await world.list_unit()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    await world.accept(
        c.Reach(mission_id=mission, milestone=Milestone.ACKNOWLEDGED, source="crew")  # type: ignore[arg-type]
    )
    world.clock.at_ms += 31_000
    await fire_due(world)
    assert not await world.journal.load([f"alert:not_acknowledged.{mission}"], SYSTEM)


async def test_a_timer_set_anew_since_it_was_read_is_another_one(world: TestWorld) -> None:
    await world.list_unit()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    patient = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient, mission_id=mission))
    await world.accept(c.OpenSheet(patient_id=patient, sheet="crash"))
    store = timers_of(world)

    async def say(item: str, value: float | bool) -> Any:
        """What the score asks of others is told by a timer that is due at once; as it is read."""
        write = c.WriteField(
            patient_id=patient, write_id=world.new_id(), field=f"crash.{item}", value=value
        )
        await world.accept(write)
        ripe = await store.due(world.clock.at_ms)
        world.clock.at_ms += 5
        return next(due for due in ripe if due.key == f"scene_asks:{patient}")

    async def who_was_asked() -> list[str]:
        told = f"alert:scene_asks.{patient}"
        found = await world.journal.load([told], SYSTEM)
        return [decode_event(e.body).details["who"] for e in found[told].events] if found else []

    first = await say("injured_count", 1)
    await say("trapped", True)
    assert not await fire(first, world.clock.at_ms, world, store)
    assert await who_was_asked() == []
    await fire_due(world)
    assert await who_was_asked() == ["police,fire"]

    # Nor does one with nothing left to say take the next along.
    same = await say("vehicles_count", 2)
    await say("injured_count", 4)
    await fire(same, world.clock.at_ms, world, store)
    await fire_due(world)
    assert await who_was_asked() == ["police,fire", "centre,police,fire"]


async def test_another_centre_sees_nothing(world: TestWorld) -> None:
    call, incident = await world.open_incident()
    streams = [f"call:{call}", f"incident:{incident}"]
    assert set(await world.journal.load(streams, CENTRE)) == set(streams)
    assert await world.journal.load(streams, ELSEWHERE) == {}
    outcome = await world.send(c.CloseIncident(incident_id=incident, reason="x"), ELSEWHERE)
    assert outcome == Refused(code="absent", field="incident_id")


async def test_a_hospital_sees_a_case_from_pre_alert_until_it_is_taken_away(
    world: TestWorld,
) -> None:
    await world.list_unit()
    await world.list_hospital()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    streams = [f"incident:{incident}", f"mission:{mission}"]
    assert await world.journal.load(streams, HOSPITAL) == {}
    _, handover = await world.prealert(mission)
    assert set(await world.journal.load(streams, HOSPITAL)) == set(streams)
    await world.accept(c.WithdrawPreAlert(handover_id=handover, reason="re-routed"))
    world.clock.at_ms += 6_000
    if isinstance(world.journal, MemoryJournal):
        world.journal.now_ms = world.clock.at_ms
    assert await world.journal.load(streams, HOSPITAL) == {}


async def test_personal_text_is_nowhere_in_the_journal(world: TestWorld) -> None:
    call, incident = await world.open_incident()
    loaded = await world.journal.load([f"call:{call}", f"incident:{incident}"], SYSTEM)
    bodies = b"".join(e.body for found in loaded.values() for e in found.events)
    assert b"13900001111" not in bodies
    assert "学府路".encode() not in bodies


async def test_two_at_once_on_one_stream_both_find_their_place(any_world: TestWorld) -> None:
    call_id = any_world.new_id()
    await any_world.accept(c.Ring(call_id=call_id, number=Clear(text="139"), line="typed"))
    await any_world.accept(c.Answer(call_id=call_id))
    notes = [
        c.RecordCallField(call_id=call_id, field=CallField.NOTE, value=Clear(text=f"note {n}"))
        for n in range(5)
    ]
    outcomes = await asyncio.gather(*(any_world.accept(note) for note in notes))
    versions = sorted(o.versions[f"call:{call_id}"] for o in outcomes)
    assert versions == [3, 4, 5, 6, 7]
    loaded = await any_world.journal.load([f"call:{call_id}"], SYSTEM)
    events = loaded[f"call:{call_id}"].events
    assert [e.version for e in events] == [1, 2, 3, 4, 5, 6, 7]
    assert not any(b"note " in e.body for e in events)


@pytest.mark.parametrize("how", ["alone", "with others"])
async def test_whoever_waits_in_a_circle_is_told_to_load_again(
    server: EmbeddedServer, database: Database, how: str
) -> None:
    world = TestWorld(journal=PostgresJournal(database, FakeClock()))
    one, other = "hospital:h1", "hospital:h2"

    def report(sequence: int, heads: dict[str, Head], *streams: str) -> Append:
        stamp = world.stamp(sequence=sequence)
        return build(
            [Write(stream=stream, events=(BedsReported(free={"icu": 1}),)) for stream in streams],
            heads,
            {},
            stamp,
            world.facts,
            fingerprint=b"0" * 32,
            personal=(),
            occurred_ms=stamp.now_ms,
        ).append

    first = report(1, {}, one, other)
    await world.journal.append(first, SYSTEM)
    heads = {e.stream: Head(version=1, hash=e.hash, org="centre") for e in first.events}
    lock = "select from stream_head where stream = %s for no key update"
    again = report(2, heads, one, other)
    owner = await psycopg.AsyncConnection.connect(server.conninfo("postgres", "goldenhour"))
    async with owner, asyncio.TaskGroup() as group:
        await owner.execute(lock, (other,))

        async def ask() -> bool:
            if how == "with others":
                return await world.journal.append_all([again], SYSTEM)  # type: ignore[no-any-return] # a test's world
            with pytest.raises(Conflict):
                await world.journal.append(again, SYSTEM)
            return False

        async def somebody_waits() -> bool:
            found = await owner.execute("select exists (select from pg_locks where not granted)")
            return await found.fetchone() == (True,)

        asking = group.create_task(ask())
        await until(somebody_waits)
        # Whoever began to wait first finds out first.
        await owner.execute(lock, (one,))
    assert not asking.result()
    await world.journal.append(again, SYSTEM)


async def test_case_numbers_are_never_given_twice(world: TestWorld) -> None:
    numbers = await asyncio.gather(*(world.journal.next_case_number("20261121") for _ in range(20)))
    assert sorted(numbers) == [f"20261121-{n:04d}" for n in range(1, 21)]
