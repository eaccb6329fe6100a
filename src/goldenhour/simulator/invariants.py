"""What must hold in every simulated city, whatever was done to it (ARCHITECTURE.md, rules).

Each check gives sentences; none is the aim.
"""

from collections import Counter
from collections.abc import Iterator

from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import hash_of
from goldenhour.app.memory import MemoryJournal
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.case import claims, kind_of
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.dispatch.mission import State as RunState
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.call import Call
from goldenhour.kernel import chain
from goldenhour.kernel.time import HOUR_MS, SECOND_MS
from goldenhour.simulator.virtual import VirtualCity
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

TIMER_LATE_MS = 2 * SECOND_MS
CALL_LONGEST_MS = 2 * HOUR_MS


def broken(city: VirtualCity) -> list[str]:
    """Every invariant that does not hold, in words; empty: all hold."""
    return [
        *_chains(city.journal),
        *_identities(city.journal),
        *_one_run_a_unit(city.journal),
        *_timers(city),
        *_calls(city),
        *_alerts(city.journal),
        *_nobody_awaits(city),
        *_view(city),
    ]


def _chains(journal: MemoryJournal) -> Iterator[str]:
    """Rules 1 and 5: versions are dense, every event continues the one before by its hash."""
    for stream, events in journal.streams.items():
        previous = chain.GENESIS
        for version, event in enumerate(events, start=1):
            if event.version != version:
                yield f"{stream}: version {event.version} where {version} follows"
            if event.previous_hash != previous or event.hash != hash_of(event, previous):
                yield f"{stream}@{version}: the chain is broken"
            previous = event.hash


def _identities(journal: MemoryJournal) -> Iterator[str]:
    """A command has one effect, however often it was told."""
    told = Counter((e.installation, e.sequence, e.part) for e in journal.feed)
    for identity, times in told.items():
        if times > 1:
            yield f"{identity} was appended {times} times"


def _one_run_a_unit(journal: MemoryJournal) -> Iterator[str]:
    """Rule 3: at every moment, not only at the end: folded in the order of recording."""
    held: dict[object, str] = {}
    states: dict[str, object] = {}
    for event in journal.feed:
        if kind_of(event.stream) != "mission":
            continue
        before = states.get(event.stream)
        events = journal.streams[event.stream][: event.version]
        after = fold(event.stream, events)
        states[event.stream] = after
        for claim in claims(before if isinstance(before, Mission) else None):
            held.pop(claim, None)
        for claim in claims(after):
            holder = held.setdefault(claim, event.stream)
            if holder != event.stream:
                yield f"{claim.kind} {claim.key}: {holder} and {event.stream} at once"


def _timers(city: VirtualCity) -> Iterator[str]:
    """Rule 10: none is left behind."""
    for timer in city.journal.timers.values():
        late_ms = city.clock.at_ms - timer.due_ms
        if late_ms > TIMER_LATE_MS:
            yield f"timer {timer.key} is {late_ms / SECOND_MS:.0f} s late"


def _calls(city: VirtualCity) -> Iterator[str]:
    """Every call ends with a recorded disposition."""
    for stream, events in city.journal.streams.items():
        if kind_of(stream) == "call":
            state = fold(stream, events)
            if isinstance(state, Call) and state.ended_ms is None:
                age_ms = city.clock.at_ms - state.rang_ms
                if age_ms > CALL_LONGEST_MS:
                    yield f"{stream} has no disposition after {age_ms / HOUR_MS:.1f} h"


def _alerts(journal: MemoryJournal) -> Iterator[str]:
    for stream, events in journal.streams.items():
        if kind_of(stream) == "alert":
            state = fold(stream, events)
            if isinstance(state, Alert) and state.state is AlertState.OPEN and not state.owner:
                yield f"{stream} has no owner"


def _nobody_awaits(city: VirtualCity) -> Iterator[str]:
    """A hospital waits for no run that was called off, unless it is about to be told."""
    for stream, events in city.journal.streams.items():
        if kind_of(stream) == "handover":
            state = fold(stream, events)
            if isinstance(state, Handover) and state.ended_ms is None:
                mission = f"mission:{state.mission_id}"
                run = fold(mission, city.journal.streams[mission])
                called_off = isinstance(run, Mission) and run.state is RunState.STOOD_DOWN
                ident = stream.partition(":")[2]
                if called_off and f"drop:{ident}" not in city.journal.timers:
                    yield f"{stream} waits, though its run was called off"


def _view(city: VirtualCity) -> Iterator[str]:
    """Stale view + events == fresh view, for everything that is still in sight."""
    fresh = Folded(renderer(city.sight.world.facts), Reveal({}))
    rows = {row: p.content.decode() for row, (_stream, p) in city.journal.personal.items()}
    fresh.reveal.add(rows)
    shown = city.sight.view.states
    fresh.apply_all(recorded_of(event) for event in city.journal.feed if event.stream in shown)
    for key in fresh.rows.keys() | city.sight.view.rows.keys():
        if fresh.rows.get(key) != city.sight.view.rows.get(key):
            yield f"{key}: the live view differs from a fresh one"
