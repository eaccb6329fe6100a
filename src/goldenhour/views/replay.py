"""A case played again: its events folded in order, one frame an event.

Rule 1: the frames are made by the same fold and the same rows as the live screens; whoever plays
        them puts and drops rows and computes nothing.
Rule 2: two clocks. By `happened` an event counts from the moment that it tells of; by `seen` from
        the moment at which the centre had it. The last frame of both shows the same rows, unless
        late events contradict what the centre had decided by then.
Rule 3: whatever the clocks say, nothing counts before its stream began, and by `seen` the order
        within a stream is the order of its versions.
"""

from collections.abc import Iterable
from enum import StrEnum

from msgspec.structs import replace

from goldenhour.domain.dispatch.events import Assigned, Proposal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.fold import Folded, Key, Renderer, Reveal
from goldenhour.views.rows import Row


class ClockOf(StrEnum):
    HAPPENED = "happened"
    SEEN = "seen"


class Frame(Record):
    at_ms: int
    event: str
    """`stream@version`, the id of its line in the list of events."""
    late_ms: int
    """How much later the centre had it than it happened."""
    put: tuple[Row, ...]
    drop: tuple[Key, ...]


class Choice(Record):
    """What was proposed to a dispatcher and what the dispatcher chose."""

    event: str
    mission_id: str
    unit_id: str
    call_sign: str
    actor: str
    seat: str
    at_ms: int
    proposal: Proposal | None
    """None: sent by hand, without a proposal on the screen."""


def frames(
    told: Iterable[Recorded], clock: ClockOf, renderer: Renderer, reveal: Reveal
) -> tuple[Frame, ...]:
    """`told`: whole streams, each in the order of its versions."""
    view = Folded(Renderer(row=renderer.row, log=lambda _recorded, _before, _after: None), reveal)
    played: list[Frame] = []
    for at_ms, recorded in in_order(told, clock):
        # The fold skips what it has; by `happened` a later version may come first.
        turn = view.versions.get(recorded.stream, 0) + 1
        patch = view.apply(replace(recorded, version=turn))
        played.append(
            Frame(
                at_ms=at_ms,
                event=f"{recorded.stream}@{recorded.version}",
                late_ms=max(0, recorded.received_ms - recorded.occurred_ms),
                put=patch.put,
                drop=patch.drop,
            )
        )
    return tuple(played)


def in_order(told: Iterable[Recorded], clock: ClockOf) -> list[tuple[int, Recorded]]:
    """(when it counts, event), oldest first; ties keep the order of the versions."""
    timed: list[tuple[int, Recorded]] = []
    floor_ms: dict[str, int] = {}
    for recorded in told:
        clock_ms = recorded.occurred_ms if clock is ClockOf.HAPPENED else recorded.received_ms
        at_ms = max(clock_ms, floor_ms.get(recorded.stream, clock_ms))
        if clock is ClockOf.SEEN:
            floor_ms[recorded.stream] = at_ms
        else:
            floor_ms.setdefault(recorded.stream, at_ms)
        timed.append((at_ms, recorded))
    return sorted(timed, key=lambda item: item[0])


def choices(told: Iterable[Recorded]) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            event=f"{recorded.stream}@{recorded.version}",
            mission_id=recorded.stream.partition(":")[2],
            unit_id=recorded.event.unit_id,
            call_sign=recorded.event.call_sign,
            actor=recorded.actor,
            seat=recorded.seat,
            at_ms=recorded.occurred_ms,
            proposal=recorded.event.proposal,
        )
        for recorded in told
        if isinstance(recorded.event, Assigned)
    )
