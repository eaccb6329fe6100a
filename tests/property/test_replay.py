"""A replay ends where the live screens end, and no frame shows what was not known by then."""

from hypothesis import given, settings
from hypothesis import strategies as st

from factories.histories import History, grown
from factories.world import facts
from goldenhour.app.handle import recorded_of
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.fold import Folded, Key, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.replay import ClockOf, Frame, choices, frames, in_order
from goldenhour.views.rows import Row

STEPS = st.lists(st.tuples(st.integers(0, 18), st.integers(0, 8)), max_size=25)
SHOWN = renderer(facts())


def streams_of(history: History) -> list[Recorded]:
    """Whole streams one after the other, as the store gives them."""
    return [
        recorded_of(e)
        for stream in sorted(history.journal.streams)
        for e in history.journal.streams[stream]
    ]


def played(told: list[Frame]) -> dict[Key, Row]:
    """What a screen shows that puts and drops and computes nothing."""
    screen: dict[Key, Row] = {}
    for frame in told:
        screen |= {(str(row.__struct_config__.tag), row.id): row for row in frame.put}
        for key in frame.drop:
            screen.pop(key, None)
    return screen


def live(told: list[Recorded]) -> dict[Key, Row]:
    view = Folded(SHOWN, Reveal({}))
    for recorded in told:
        view.apply(recorded)
    return dict(view.rows)


@settings(max_examples=40, deadline=None)
@given(STEPS)
async def test_the_last_frame_is_what_the_screens_show(steps: list[tuple[int, int]]) -> None:
    told = streams_of(await grown(steps))
    seen = frames(told, ClockOf.SEEN, SHOWN, Reveal({}))
    assert played(list(seen)) == live(told)
    assert [f.at_ms for f in seen] == sorted(f.at_ms for f in seen)
    assert {f.event for f in seen} == {f"{r.stream}@{r.version}" for r in told}


@settings(max_examples=40, deadline=None)
@given(STEPS, st.floats(0, 1))
async def test_a_frame_is_what_the_screens_showed_then(
    steps: list[tuple[int, int]], part: float
) -> None:
    told = streams_of(await grown(steps))
    seen = frames(told, ClockOf.SEEN, SHOWN, Reveal({}))
    cut = round(part * len(seen))
    known = {f.event for f in seen[:cut]}
    # The fold of what was known, in any order of the streams, is what the frames have built.
    then = [r for r in told if f"{r.stream}@{r.version}" in known]
    assert played(list(seen[:cut])) == live(then)


@settings(max_examples=60, deadline=None)
@given(STEPS, st.lists(st.integers(0, 600_000), min_size=1))
async def test_late_facts_are_where_they_happened_or_where_they_were_heard(
    steps: list[tuple[int, int]], lateness: list[int]
) -> None:
    """Every event of a run is heard late by some amount, as from a vehicle out of reach."""
    told = [
        Recorded(
            **{f: getattr(r, f) for f in Recorded.__struct_fields__}
            | {"received_ms": r.occurred_ms + lateness[n % len(lateness)]}
        )
        if r.stream.startswith("mission:")
        else r
        for n, r in enumerate(streams_of(await grown(steps)))
    ]
    happened = frames(told, ClockOf.HAPPENED, SHOWN, Reveal({}))
    # These streams happened in the order of their versions, so the end is the same.
    assert played(list(happened)) == live(told)
    by_event = {f"{r.stream}@{r.version}": r for r in told}
    for frame in happened:
        assert (
            frame.late_ms == by_event[frame.event].received_ms - by_event[frame.event].occurred_ms
        )
    versions: dict[str, int] = {}
    for at_ms, recorded in in_order(told, ClockOf.SEEN):
        assert at_ms >= recorded.received_ms
        assert recorded.version == versions.get(recorded.stream, 0) + 1
        versions[recorded.stream] = recorded.version


@settings(max_examples=20, deadline=None)
@given(STEPS)
async def test_every_assignment_is_a_choice_with_its_proposal(
    steps: list[tuple[int, int]],
) -> None:
    told = streams_of(await grown(steps))
    sent = {r.stream for r in told if type(r.event).__name__ == "Assigned"}
    assert {f"mission:{c.mission_id}" for c in choices(told)} == sent
