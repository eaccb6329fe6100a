"""Stale view + events == fresh view, whatever happened in the cases and however it was read."""

from typing import Any

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from factories.histories import History, grown
from factories.memory_reader import MemoryReader
from factories.world import FakeClock, facts
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.live import Scope
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.fold import LOG_LENGTH, Folded, Key, Patch, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import Row

STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 8)), max_size=40)
LIGHT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


def empty(history: History) -> Folded:
    texts = {row: p.content.decode() for row, (_s, p) in history.journal.personal.items()}
    return Folded(renderer(facts()), Reveal(texts))


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
@given(steps=STEPS, cut=st.floats(0, 1))
async def test_stale_and_events_equal_fresh(steps: list[tuple[int, int]], cut: float) -> None:
    history = await grown(steps)
    events = recordeds(history)
    at = round(cut * len(events))
    view = empty(history)
    for recorded in events[:at]:
        view.apply(recorded)
    stale = shown(view.snapshot())
    # A snapshot may be ahead of the feed: some events come a second time.
    patches = [view.apply(recorded) for recorded in events[max(0, at - 5) :]]
    fresh = shown(of_streams(history).snapshot())
    assert shown(view.snapshot()) == fresh
    assert painted(stale, patches) == fresh


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
    patches += [view.apply(r) for r in recordeds(history) if r.stream in gone]
    assert shown(view.snapshot()) == before
    assert painted(before, patches) == before


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
