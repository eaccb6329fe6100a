"""Stale view + events == fresh view, whatever happened in the cases and however it was read."""

from itertools import batched
from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from factories.histories import History, grown
from factories.memory_reader import MemoryReader
from factories.world import FakeClock, facts
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.live import SHOWN_AFTER_END_MS, Scope
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.intake.events import Disposition
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.time import HOUR_MS
from goldenhour.views.fold import LOG_LENGTH, Folded, Key, Patch, Reveal, personal_rows
from goldenhour.views.render import renderer
from goldenhour.views.rows import Row

STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 8)), max_size=40)
LIGHT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def texts_of(history: History) -> dict[str, str]:
    return {row: p.content.decode() for row, (_s, p) in history.journal.personal.items()}


def empty(history: History, *, drawn: bool = True) -> Folded:
    return Folded(renderer(facts()), Reveal(texts_of(history)), drawn=drawn)


def recordeds(history: History) -> list[Recorded]:
    # Beyond its length the log keeps the newest that came, and a snapshot comes in other order.
    assume(len(history.journal.feed) <= LOG_LENGTH)
    return [recorded_of(event) for event in history.journal.feed]


def of_streams(history: History, streams: set[str] | None = None) -> Folded:
    """A fresh view, stream after stream, as a snapshot reads them."""
    view = empty(history)
    for recorded in sorted(recordeds(history), key=lambda r: (r.stream, r.version)):
        if streams is None or recorded.stream in streams:
            view.apply(recorded)
    return view


def shown(rows: Any) -> dict[Key, Row]:
    found = {(str(row.__struct_config__.tag), row.id): row for row in rows}
    assert len(found) == len(tuple(rows)), "a row is shown twice"
    return found


def painted(screen: dict[Key, Row], patches: list[Patch]) -> dict[Key, Row]:
    """What a browser shows after these patches."""
    screen = dict(screen)
    for patch in patches:
        screen |= shown(patch.put)
        for key in patch.drop:
            screen.pop(key, None)
    return screen


@LIGHT
@given(steps=STEPS, cut=st.floats(0, 1), at_once=st.integers(1, 12))
async def test_stale_and_events_equal_fresh(
    steps: list[tuple[int, int]], cut: float, at_once: int
) -> None:
    history = await grown(steps)
    events = recordeds(history)
    at = round(cut * len(events))
    view = empty(history)
    for recorded in events[:at]:
        view.apply(recorded)
    stale = shown(view.snapshot())
    # A snapshot may be ahead of the feed: some events come a second time.
    patches = [view.apply_all(some) for some in batched(events[max(0, at - 5) :], at_once)]
    fresh = shown(of_streams(history).snapshot())
    assert shown(view.snapshot()) == fresh
    assert painted(stale, patches) == fresh
    # A view that is not drawn tells nobody, and makes the same rows when it is asked.
    dark = empty(history, drawn=False)
    assert all(patch.empty for patch in map(dark.apply, events))
    assert shown(dark.list_rows()) == shown(view.list_rows())


@LIGHT
@given(steps=STEPS, data=st.data())
async def test_what_is_forgotten_leaves_no_trace_and_may_come_back(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    history = await grown(steps)
    view = of_streams(history)
    before = shown(view.snapshot())
    streams = set(history.journal.streams)
    gone = data.draw(st.sets(st.sampled_from(sorted(streams))))
    patches = [view.forget(gone), view.refresh_all()]
    assert shown(view.snapshot()) == shown(of_streams(history, streams - gone).snapshot())
    view.reveal.add(texts_of(history))
    patches += [view.apply(r) for r in recordeds(history) if r.stream in gone]
    assert shown(view.snapshot()) == before
    assert painted(before, patches) == before


@LIGHT
@given(steps=STEPS, data=st.data())
async def test_a_view_from_which_everything_left_holds_nothing(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Whatever the order: a process that runs for months may keep no trace of a case."""
    history = await grown(steps)
    view = of_streams(history)
    for stream in data.draw(st.permutations(sorted(history.journal.streams))):
        view.forget([stream])
    kept = vars(view)
    for name in ("states", "versions", "changed_ms", "rows", "log", "_touching", "_personal"):
        assert not kept[name], name
    # Every row that an event points to; a text that no event names was never asked for.
    told = {row for r in recordeds(history) for row in personal_rows(r)}
    assert view.reveal.unknown(told) == list(told)


async def test_a_case_stays_whole_while_it_is_open_and_leaves_whole_a_day_after_its_end() -> None:
    history = await grown([])
    world, reader = history.world, MemoryReader(history.journal)
    call, incident = await world.open_incident()
    mission = await world.assign(incident, "A-02")
    await world.reach(mission, Milestone.DEPARTED)
    patient, handover = await world.prealert(mission)
    scope = Scope(SYSTEM, reader, facts(), world.clock)
    await scope.start(reader)
    world.clock.at_ms += SHOWN_AFTER_END_MS + 1
    await scope.sweep()
    assert f"patient:{patient}" in scope.view.states  # whom nobody has touched for a day
    await world.accept(c.WithdrawPreAlert(handover_id=handover, reason="recovered"))
    await world.accept(c.StandDown(mission_id=mission, reason="cancelled"))
    await world.accept(c.EndCall(call_id=call, disposition=Disposition.INCIDENT))
    await world.accept(c.CloseIncident(incident_id=incident, reason="recovered"))
    rows = await reader.after(scope.at)
    await scope.advance(rows, await reader.readers([s for _n, s, _q in rows]))
    for later_ms, stays in ((SHOWN_AFTER_END_MS, True), (1, False)):
        world.clock.at_ms += later_ms
        await scope.sweep()
        case = (f"patient:{patient}", f"mission:{mission}", f"incident:{incident}", f"call:{call}")
        for stream in case:
            assert (stream in scope.view.states) is stays


DAYS_MS = st.lists(st.integers(0, 50 * HOUR_MS), min_size=1, max_size=4)


@LIGHT
@given(steps=STEPS, more=STEPS, pauses=DAYS_MS)
async def test_a_view_that_ran_for_days_holds_what_a_new_one_holds(
    steps: list[tuple[int, int]], more: list[tuple[int, int]], pauses: list[int]
) -> None:
    history = await grown(steps)
    reader = MemoryReader(history.journal)
    clock = FakeClock(at_ms=history.world.clock.at_ms)
    scope = Scope(SYSTEM, reader, facts(), clock)
    await scope.start(reader)
    for turn, pause_ms in enumerate(pauses):
        history.world.clock.at_ms += pause_ms
        for choice in more[turn :: len(pauses)]:
            await history.step(choice)
        if rows := await reader.after(scope.at):
            await scope.advance(rows, await reader.readers([s for _n, s, _q in rows]))
        clock.at_ms = history.world.clock.at_ms
        await scope.sweep()
    assume(len(history.journal.feed) <= LOG_LENGTH)
    fresh = Scope(SYSTEM, reader, facts(), clock)
    await fresh.start(reader)
    assert set(scope.view.states) == set(fresh.view.states)
    table = {key: row for key, row in shown(scope.view.snapshot()).items() if key[0] != "log"}
    anew = {key: row for key, row in shown(fresh.view.snapshot()).items() if key[0] != "log"}
    assert table == anew


@LIGHT
@given(steps=STEPS, data=st.data())
async def test_a_reloaded_stream_equals_a_fresh_view(
    steps: list[tuple[int, int]], data: st.DataObject
) -> None:
    """As at a vehicle: the late versions of some streams are taken back and replaced."""
    history = await grown(steps)
    view = of_streams(history)
    stale = shown(view.snapshot())
    patches = []
    other = empty(history)
    for stream in sorted(history.journal.streams):
        events = [recorded_of(e) for e in history.journal.streams[stream]]
        kept = data.draw(st.integers(0, len(events)))
        dropped = data.draw(st.integers(0, len(events) - kept))
        left = [
            Recorded(**{f: getattr(r, f) for f in Recorded.__struct_fields__} | {"version": n})
            for n, r in enumerate([*events[:kept], *events[kept + dropped :]], start=1)
        ]
        patches.append(view.reload(stream, left))
        for recorded in left:
            other.apply(recorded)
    fresh = shown(other.snapshot())
    assert shown(view.snapshot()) == fresh
    assert painted(stale, patches) == fresh
    assert view.versions == other.versions


@LIGHT
@given(steps=STEPS, more=STEPS, cut=st.floats(0, 1), rewrites=st.booleans())
async def test_a_screen_that_resumes_after_n_shows_what_a_new_one_shows(
    steps: list[tuple[int, int]], more: list[tuple[int, int]], cut: float, rewrites: bool
) -> None:
    history = await grown(steps)
    reader = MemoryReader(history.journal, rewrites=rewrites)
    clock = FakeClock(at_ms=history.world.clock.at_ms)
    scope = Scope(SYSTEM, reader, facts(), clock)
    await scope.start(reader)
    screens = {scope.at: shown(scope.view.snapshot())}
    for choice in more:
        await history.step(choice)
        if rows := await reader.after(scope.at):
            await scope.advance(rows, await reader.readers([s for _n, s, _q in rows]))
            screens[scope.at] = shown(scope.view.snapshot())
    assume(len(history.journal.feed) <= LOG_LENGTH)
    fresh = Scope(SYSTEM, reader, facts(), clock)
    await fresh.start(reader)
    after = sorted(screens)[round(cut * (len(screens) - 1))]
    position = scope.find_position(after)
    assert position is not None
    patches = scope.patches_from(position)
    assert patches is not None
    screen = painted(screens[after], [Patch(put=p.put, drop=p.drop) for p in patches])
    assert screen == shown(scope.view.snapshot()) == shown(fresh.view.snapshot())


ONLOOKERS = (
    Identity(orgs=("unit:A-01",), topics=TOPICS[Role.VEHICLE]),
    Identity(orgs=("hospital:h1",), topics=TOPICS[Role.HOSPITAL]),
    Identity(orgs=("centre",), topics=TOPICS[Role.DISPATCHER]),
)


@LIGHT
@given(steps=STEPS, more=STEPS, identity=st.sampled_from(ONLOOKERS))
async def test_a_class_that_skips_what_is_not_its_own_misses_nothing(
    steps: list[tuple[int, int]], more: list[tuple[int, int]], identity: Identity
) -> None:
    history = await grown(steps)
    reader = MemoryReader(history.journal)
    clock = FakeClock(at_ms=history.world.clock.at_ms)
    scope = Scope(identity, reader, facts(), clock)
    await scope.start(reader)
    for choice in more:
        await history.step(choice)
        if rows := await reader.after(scope.at):
            await scope.advance(rows, await reader.readers([s for _n, s, _q in rows]))
            assert scope.at == rows[-1][0]
    assume(len(history.journal.feed) <= LOG_LENGTH)
    fresh = Scope(identity, reader, facts(), clock)
    await fresh.start(reader)
    # What may not be read any more leaves at the next sweep.
    await scope.sweep()
    assert shown(scope.view.snapshot()) == shown(fresh.view.snapshot())
