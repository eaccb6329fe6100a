"""What a reload and a forgotten stream leave on the screen, and what they tell the browser."""

from collections.abc import Sequence

from factories.memory_reader import MemoryReader
from factories.world import START_MS, TestWorld, facts
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM, Envelope, Identity
from goldenhour.app.live import EVERYONE, Hub, Scope
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import PatientRegistered, Sex
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.fold import LOG_LENGTH, Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import IncidentRow


def registered(incident: str, version: int = 1) -> Recorded:
    event = PatientRegistered(
        incident_id=incident, mission_id="m", unit_id="A-01", name=None, age_y=None, sex=Sex.UNKNOWN
    )
    return Recorded(
        stream="patient:p",
        version=version,
        event=event,
        actor="",
        seat="",
        role="",
        org="",
        occurred_ms=START_MS,
        received_ms=START_MS + version,
        installation="",
    )


async def two_incidents() -> tuple[Folded, str, str]:
    world = TestWorld()
    _, first = await world.open_incident()
    _, second = await world.open_incident()
    view = Folded(renderer(facts()), Reveal({}))
    for event in world.journal.feed:
        view.apply(recorded_of(event))
    return view, first, second


def patients(view: Folded, incident: str) -> tuple[str, ...]:
    row = view.rows["incidents", incident]
    assert isinstance(row, IncidentRow)
    return row.patients


async def test_a_stream_that_points_elsewhere_leaves_its_old_neighbour() -> None:
    view, first, second = await two_incidents()
    view.reload("patient:p", [registered(first)])
    assert (patients(view, first), patients(view, second)) == (("p",), ())
    patch = view.reload("patient:p", [registered(second)])
    assert (patients(view, first), patients(view, second)) == ((), ("p",))
    assert {row.id for row in patch.put} >= {first, second, "p"}


async def test_a_reload_of_the_same_changes_nothing() -> None:
    view, first, _ = await two_incidents()
    view.reload("patient:p", [registered(first)])
    assert view.reload("patient:p", [registered(first)]).empty


async def test_a_stream_that_is_gone_takes_its_rows_and_lines_along() -> None:
    view, first, _ = await two_incidents()
    view.reload("patient:p", [registered(first)])
    patch = view.reload("patient:p", [])
    assert set(patch.drop) == {("patients", "p"), ("log", "patient:p@1")}
    assert "patient:p" not in view.versions
    assert patients(view, first) == ()


async def test_a_reloaded_line_stands_where_its_time_is_and_the_log_keeps_its_length() -> None:
    view, first, _ = await two_incidents()
    many = [registered(first, version) for version in range(1, LOG_LENGTH + 1)]
    view.reload("patient:p", many)
    assert len(view.log) == LOG_LENGTH
    patch = view.reload("patient:p", many[:5])
    assert [line.id for line in view.log if line.stream == "patient:p"] == [
        f"patient:p@{version}" for version in range(1, 6)
    ]
    assert ("log", f"patient:p@{LOG_LENGTH}") in patch.drop
    assert view.log == sorted(view.log, key=lambda line: line.received_ms)


async def test_a_forgotten_stream_leaves_no_line_in_the_log() -> None:
    view, first, _ = await two_incidents()
    patch = view.forget([f"incident:{first}"])
    assert not [line for line in view.log if line.stream == f"incident:{first}"]
    assert ("log", f"incident:{first}@1") in patch.drop


COUNTY = Identity(
    orgs=("county",), topics=("call", "incident", "mission", "patient", "handover", "alert", "unit")
)


async def test_a_case_that_is_given_whole_comes_whole_to_a_view_that_stands() -> None:
    world = TestWorld()
    await world.list_unit()
    await world.list_hospital()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    await world.reach(mission, Milestone.ACKNOWLEDGED)
    await world.prealert(mission)
    memory = MemoryReader(world.journal)
    hub = Hub(memory, memory, facts(), world.clock)
    standing = (await hub.scope(COUNTY)).view
    assert not standing.rows
    await world.accept(c.OfferCase(incident_id=incident, org="county", reason="辖区"))
    await hub.advance()
    fresh = (await Hub(memory, memory, facts(), world.clock).scope(COUNTY)).view
    assert {table for table, _id in fresh.rows} >= {
        "incidents",
        "missions",
        "patients",
        "handovers",
    }
    assert standing.rows == fresh.rows


async def test_a_view_that_was_made_before_the_loop_misses_nothing() -> None:
    world = TestWorld()
    memory = MemoryReader(world.journal)
    hub = Hub(memory, memory, facts(), world.clock)
    view = (await hub.scope(SYSTEM)).view
    _, incident = await world.open_incident()
    await hub.run()
    assert ("incidents", incident) in view.rows


async def test_a_scope_of_a_rewriting_reader_takes_back_what_is_taken_back() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    await world.reach(mission, Milestone.ACKNOWLEDGED)
    reader = MemoryReader(world.journal, rewrites=True)
    scope = Scope(SYSTEM, reader, facts(), world.clock)
    await scope.start(reader)
    stream = f"mission:{mission}"
    taken_back = world.journal.streams[stream].pop()
    await scope.advance([(scope.at + 1, stream, 0)], {stream: frozenset({EVERYONE})})
    assert getattr(scope.view.rows["missions", mission], "state", "") == "assigned"
    assert ("log", f"{stream}@{taken_back.version}") in scope.patches[-1].drop
    del world.journal.streams[stream]
    await scope.advance([(scope.at + 1, stream, 0)], {stream: frozenset({EVERYONE})})
    assert ("missions", mission) in scope.patches[-1].drop


async def test_events_that_came_together_are_read_alone_and_a_gap_reads_its_stream_whole() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident = await world.open_incident()
    mission = await world.assign(incident)
    read: list[str] = []

    class Noting(MemoryReader):
        async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]:
            read.extend(streams)
            return await super().list_streams(streams, identity)

    reader = Noting(world.journal)
    scope = Scope(SYSTEM, reader, facts(), world.clock)
    await scope.start(reader)
    await world.reach(mission, Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE)
    stream = f"mission:{mission}"
    new = await reader.after(scope.at)
    await scope.advance(new, await reader.readers([stream]))
    assert read == []
    assert getattr(scope.view.rows["missions", mission], "state", "") == "on_scene"

    await world.reach(mission, Milestone.AT_PATIENT, Milestone.LEFT_SCENE)
    missed = await reader.after(scope.at)
    later = [row for row in missed if row[1] == stream][-1:]
    await scope.advance(later, await reader.readers([stream]))
    assert stream in read
    assert scope.view.versions[stream] == len(world.journal.streams[stream])
