"""Where a crew has put an ECG's electrodes, and so which leads its channels are.

Rule 1: a device names its leads by their plugs. An electrode that was moved is another lead from
        then on, also under the old plug: the crew says so, and no sample keeps the old name.
Rule 2: what counts at a moment is what was said to hold from the latest moment before it; of two
        for the same moment the later word. So a mistake is undone by saying anew from when it held.
Rule 3: a word holds the names themselves: content that changes later renames nothing of the past.
"""

from collections.abc import Mapping

from msgspec.structs import replace

from goldenhour.domain.dispatch.events import LeadsPlaced
from goldenhour.domain.dispatch.monitors import LeadsPlacing, Monitors
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Recorded


def evolve(state: Monitors, event: LeadsPlaced, recorded: Recorded) -> Monitors:
    one = LeadsPlacing(
        device_id=event.device_id,
        placement=event.placement,
        names=event.names,
        from_ms=event.from_ms,
        by=recorded.actor,
        at_ms=recorded.occurred_ms,
    )
    # What a vehicle out of reach said arrives later than it was said.
    return replace(state, leads=tuple(sorted((*state.leads, one), key=lambda said: said.at_ms)))


def list_placings(state: Monitors, device_id: str) -> tuple[LeadsPlacing, ...]:
    """From when each holds, in the order of time."""
    by_from = {one.from_ms: one for one in state.leads if one.device_id == device_id}
    return tuple(by_from[from_ms] for from_ms in sorted(by_from))


def decide_place(
    state: Monitors,
    event: LeadsPlaced,
    known: Mapping[str, Mapping[str, str]],
    *,
    begun_ms: int,
    now_ms: int,
) -> LeadsPlaced | Refused | None:
    """`known`: by placement the names of the leads that it moves. None: it stands so already."""
    if state.find_place(event.device_id) is None:
        return Refused(code="unknown_device", field="device_id")
    if event.placement not in known:
        return Refused(code="unknown_value", field="placement")
    if event.from_ms > now_ms:
        return Refused(code="in_the_future", field="from_ms")
    if event.from_ms < begun_ms:
        return Refused(code="before_the_run", field="from_ms")
    until = [one for one in list_placings(state, event.device_id) if one.from_ms <= event.from_ms]
    names = dict(known[event.placement])
    if (until[-1].names if until else {}) == names:
        return None
    return replace(event, names=names)
