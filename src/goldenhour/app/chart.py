"""From the monitor's stream to the record: whose a set is, and which sets are charted.

Rule 1: every set is stored; a set is charted (and scored) once a minute, and sooner when it tells
        a change that a person would act on. How often is content (limits.toml).
Rule 2: whose it is stands in the run (`domain/dispatch/monitors.py`). The vehicle says by itself
        that a device is on its only patient, or on nobody of several; a person says the rest.
        What is on nobody is stored and charted to nobody.
Rule 3: a meter is charted at once, since it measures once; the same message again is not.
"""

from collections.abc import Set as AbstractSet

from msgspec.structs import replace

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.attention.limits import Limits
from goldenhour.domain.care import assess, patient
from goldenhour.domain.care.events import VitalsCharted
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case import Facts
from goldenhour.domain.commands import ChartVitals, PlaceMonitor
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.recorded import Recorded, Stamp
from goldenhour.kernel.telemetry import BEYOND, SPOT, Numeric, NumericSet
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.fold import Folded


def find_run(view: Folded, unit_id: str) -> tuple[str, Mission] | None:
    """The unit's active run, by its id."""
    for ident in view.linked(f"unit:{unit_id}", "mission"):
        state = view.states[f"mission:{ident}"]
        if isinstance(state, Mission) and state.active and state.unit_id == unit_id:
            return ident, state
    return None


def list_patients(view: Folded, mission_id: str) -> list[tuple[str, Patient]]:
    """Oldest first; a record that was merged is another one's."""
    streams = [f"patient:{ident}" for ident in view.linked(f"mission:{mission_id}", "patient")]
    states = ((stream, view.states[stream]) for stream in streams)
    return [
        (stream, state)
        for stream, state in states
        if isinstance(state, Patient) and state.mission_id == mission_id and not state.merged_into
    ]


def find_wearer(view: Folded, unit_id: str, device_id: str) -> tuple[str, Patient] | None:
    """The patient whom the device is on; None: it is on nobody."""
    run = find_run(view, unit_id)
    if run is None:
        return None
    said = run[1].devices.find_place(device_id)
    if said is not None and said.off:
        return None
    if said is not None and said.band:
        stream = f"patient:{said.patient_id}"
        worn = view.states.get(stream)
        return (stream, worn) if isinstance(worn, Patient) else None
    aboard = list_patients(view, run[0])
    return aboard[0] if len(aboard) == 1 else None


def own_values(item: NumericSet, view: Folded, stream: str, state: Patient) -> tuple[Numeric, ...]:
    """Of the set what was measured on this patient.

    A monitor that goes to another patient, or to another run, tells the first one's pressure again.
    """
    run = find_run(view, item.unit_id)
    if run is None:
        return item.values
    # "" is on nobody: what was measured then is nobody's.
    mine: set[str | None] = {None, stream.partition(":")[2], *state.joined, state.merged_into} - {
        ""
    }
    return tuple(n for n in item.values if was_on(run[1], item, n, mine))


def was_on(run: Mission, item: NumericSet, numeric: Numeric, own: AbstractSet[str | None]) -> bool:
    """Whether a value was measured on one of these, in this run: before it on somebody else.

    What is not told again was measured as it came.
    """
    if not numeric.age_ms:
        return True
    at_ms = item.received_ms - numeric.age_ms
    begun_ms = run.assigned_ms or 0
    return at_ms >= begun_ms and run.devices.wearer_at(item.device_id, at_ms) in own


def names_other(item: NumericSet, named: str, view: Folded) -> bool:
    """The device names somebody else than the band that it is bound by."""
    run = find_run(view, item.unit_id)
    said = run[1].devices.find_place(item.device_id) if run else None
    return bool(named and said and said.band and said.band != named)


def doubt_clock(item: NumericSet, limits: Limits) -> NumericSet:
    """The set, told by the time of its arrival where the device's clock is too far from ours."""
    if item.device_ms is None:
        return item
    off_ms = abs(item.device_ms - item.received_ms)
    if off_ms <= limits.screen.device_clock_off_s * SECOND_MS:
        return item
    return replace(item, clock_doubted=True)


async def place(
    device_id: str,
    unit_id: str,
    view: Folded,
    world: World,
    *,
    org: str,
    sequence: int,
    now_ms: int,
) -> None:
    """Say by the vehicle whom the device is on, where that is news."""
    run = find_run(view, unit_id)
    if run is None:
        return
    mission_id, state = run
    aboard = list_patients(view, mission_id)
    before = state.devices.find_place(device_id)
    if not aboard or (before is not None and before.by_person):
        return
    only = aboard[0][0].partition(":")[2] if len(aboard) == 1 else ""
    if before is not None and before.patient_id == only:
        return
    stamp = Stamp(
        actor=device_id,
        seat=unit_id,
        role="vehicle",
        org=org,
        installation=f"place:{device_id}",
        sequence=sequence,
        now_ms=now_ms,
    )
    command = PlaceMonitor(mission_id=mission_id, device_id=device_id, patient_id=only)
    await handle(command, stamp, SYSTEM, world)


def worth_charting(stream: str, state: Patient, item: NumericSet, facts: Facts) -> bool:
    if all(n.value is None and n.note not in BEYOND for n in item.values):
        return False
    limits = facts.limits
    own = [one for one in state.charted if one.device_id == item.device_id]
    if {n.sign for n in item.values} <= SPOT:
        return not any(_is_repeated(one, item, limits.chart_every_s) for one in own)
    if not own or state.scored is None:
        return True
    age_ms = item.received_ms - own[-1].received_ms
    if age_ms >= limits.chart_every_s * SECOND_MS:
        return True
    if age_ms < limits.chart_change_s * SECOND_MS:
        return False
    after = patient.evolve(
        state,
        Recorded(
            stream=stream,
            version=0,
            event=VitalsCharted(vitals=item),
            actor=item.device_id,
            seat=item.unit_id,
            role="vehicle",
            org="",
            occurred_ms=item.received_ms,
            received_ms=item.received_ms,
            installation="",
        ),
    )
    return after is not None and assess.tells_a_change(
        state.scored, assess.assess(after, item.received_ms, facts.scores, facts.care)
    )


def _is_repeated(before: NumericSet, item: NumericSet, within_s: int) -> bool:
    """The same message again; without a time of its own only for a while."""
    if (before.device_ms, before.values) != (item.device_ms, item.values):
        return False
    return (
        item.device_ms is not None or item.received_ms - before.received_ms < within_s * SECOND_MS
    )


async def chart(item: NumericSet, view: Folded, world: World, *, org: str, sequence: int) -> None:
    """Chart a set if it is worth it; `sequence` makes a repeated delivery the same deed."""
    await place(
        item.device_id,
        item.unit_id,
        view,
        world,
        org=org,
        sequence=sequence,
        now_ms=item.received_ms,
    )
    found = find_wearer(view, item.unit_id, item.device_id)
    if found is None:
        return
    item = replace(item, values=own_values(item, view, *found))
    if not worth_charting(*found, item, world.facts):
        return
    stamp = Stamp(
        actor=item.device_id,
        seat=item.unit_id,
        role="vehicle",
        org=org,
        installation=f"monitor:{item.device_id}",
        sequence=sequence,
        now_ms=item.received_ms,
    )
    command = ChartVitals(patient_id=found[0].partition(":")[2], vitals=item)
    await handle(command, stamp, SYSTEM, world)
