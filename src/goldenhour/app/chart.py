"""From the monitor's stream to the record: which sets are charted.

Rule 1: every set is stored; a set is charted (and scored) once a minute, and sooner when it tells
        a change that a person would act on. How often is content (limits.toml).
Rule 2: a monitor belongs to its vehicle; its values go to the newest patient of the active run.
"""

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM
from goldenhour.domain.care import assess, patient
from goldenhour.domain.care.alarms import Watch, watch
from goldenhour.domain.care.events import VitalsCharted
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case import Facts
from goldenhour.domain.commands import ChartVitals, SetAlarm
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.kernel.recorded import Recorded, Stamp
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.fold import Folded


def find_patient(view: Folded, unit_id: str) -> tuple[str, Patient] | None:
    """The newest patient of the unit's active run; a merged record is another one's."""
    found = [
        (stream, state)
        for stream, state in view.states.items()
        if isinstance(state, Patient)
        and not state.merged_into
        and isinstance(run := view.states.get(f"mission:{state.mission_id}"), Mission)
        and run.active
        and run.unit_id == unit_id
    ]
    return max(found, key=lambda item: item[1].registered_ms, default=None)


def worth_charting(stream: str, state: Patient, item: NumericSet, facts: Facts) -> bool:
    if all(numeric.value is None for numeric in item.values):
        return False
    limits = facts.limits
    if state.vitals_ms is None or state.scored is None:
        return True
    age_ms = item.received_ms - state.vitals_ms
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
        state.scored, assess.assess(after, item.received_ms, facts.scores)
    )


async def watch_limits(
    item: NumericSet, view: Folded, world: World, before: Watch, *, org: str, sequence: int
) -> Watch:
    """Record what alarms, and what does not any more; gives the watch for the next set."""
    found = find_patient(view, item.unit_id)
    if found is None:
        return before
    after, changes = watch(before, item, found[1], world.facts.care.vitals)
    for place, change in enumerate(changes):
        stamp = Stamp(
            actor=item.device_id,
            seat=item.unit_id,
            role="vehicle",
            org=org,
            installation=f"alarm:{item.device_id}",
            sequence=sequence + place,
            now_ms=item.received_ms,
        )
        command = SetAlarm(
            patient_id=found[0].partition(":")[2],
            sign=change.sign,
            alarm=change.alarm,
            value=change.value,
            limit_id=change.limit_id,
        )
        await handle(command, stamp, SYSTEM, world)
    return after


async def chart(item: NumericSet, view: Folded, world: World, *, org: str, sequence: int) -> None:
    """Chart a set if it is worth it; `sequence` makes a repeated delivery the same deed."""
    found = find_patient(view, item.unit_id)
    if found is None or not worth_charting(*found, item, world.facts):
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
