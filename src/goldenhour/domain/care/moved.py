"""Charted sets, ECG readings and a device's own alarms follow it from one patient to another.

Rule 1: the scores of both are taken anew from the first moved moment on, each at its own time and
        with what had been seen by then; age, weight, sheets and the like count as they are known
        now.
Rule 2: only what was charted moves. What was stored while the device was on nobody is shown at the
        patient by `Monitors.wearer_at`, and was never scored.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from goldenhour.domain.care import assess, own_alarms
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.events import Observed
from goldenhour.domain.care.moved_events import (
    ScoredAt,
    VitalsMovedIn,
    VitalsMovedOut,
    is_covered,
)
from goldenhour.domain.care.own_alarms import OwnAlarm
from goldenhour.domain.care.patient import Patient, list_alarms, seen_after, with_sets
from goldenhour.domain.care.record import CareContent
from goldenhour.kernel.telemetry import NumericSet


def move_out(
    state: Patient, event: VitalsMovedOut, tables: assess.ScoreTables, content: CareContent
) -> VitalsMovedOut | None:
    """The event with what it moves and the scores without it; None: there is nothing to move."""
    gone = list_sets(state, event)
    suspected = any(
        is_covered(event, device_id, one.since_ms) for device_id, one in state.rhythms.items()
    )
    alarmed = list_own_alarms(state, event)
    if not gone and not suspected and not alarmed and not list_ecgs(state, event):
        return None
    kept = tuple(one for one in state.charted if one not in gone)
    scores = rescore(with_sets(state, kept), event.from_ms, tables, content)
    return replace(event, sets=len(gone), scores=scores, alarms=len(alarmed))


def move_in(
    state: Patient, event: VitalsMovedIn, tables: assess.ScoreTables, content: CareContent
) -> VitalsMovedIn:
    """The event with the scores that its sets give."""
    after = with_sets(state, (*state.charted, *event.sets))
    return replace(event, scores=rescore(after, event.from_ms, tables, content))


def list_sets(state: Patient, event: VitalsMovedOut) -> tuple[NumericSet, ...]:
    return tuple(one for one in state.charted if is_covered(event, one.device_id, one.received_ms))


def list_ecgs(state: Patient, event: VitalsMovedOut) -> tuple[EcgRead, ...]:
    return tuple(
        one
        for one in state.record.list_standing()
        if isinstance(one, EcgRead) and is_covered(event, one.device, one.begun_ms)
    )


def list_own_alarms(state: Patient, event: VitalsMovedOut) -> tuple[OwnAlarm, ...]:
    """What the device alarmed by itself here within the stretch, cut to it."""
    return _within(list_alarms(state), event)


def list_lost_alarms(people: Iterable[Patient], event: VitalsMovedOut) -> tuple[OwnAlarm, ...]:
    """As of the sets: of the stretch what nobody has, whoever had it last."""
    everybody = tuple(people)
    lost = own_alarms.join(_within((one for p in everybody for one in p.lost_alarms), event))
    held = tuple(one for p in everybody for one in _within(list_alarms(p), event))
    return tuple(one for one in lost if not any(own_alarms.overlap(one, other) for other in held))


def _within(alarms: Iterable[OwnAlarm], event: VitalsMovedOut) -> tuple[OwnAlarm, ...]:
    return own_alarms.cut(alarms, event.device_id, event.from_ms, event.to_ms)[0]


def list_lost_sets(people: Iterable[Patient], event: VitalsMovedOut) -> tuple[NumericSet, ...]:
    """Of the stretch what an earlier correction gave to nobody."""
    everybody = tuple(people)
    lost = dict.fromkeys((one.device_id, one.received_ms) for p in everybody for one in p.lost_sets)
    held = {(one.device_id, one.received_ms) for p in everybody for one in p.charted}
    found = {(one.device_id, one.received_ms): one for p in everybody for one in p.lost_sets}
    return tuple(found[key] for key in lost if key not in held and is_covered(event, *key))


def list_lost_ecgs(people: Iterable[Patient], event: VitalsMovedOut) -> tuple[EcgRead, ...]:
    """As of the sets; what a person struck out at whoever had it last stays struck out."""
    everybody = tuple(people)
    held = {
        kept.entry.entry_id
        for p in everybody
        for kept in p.record.entries
        if kept.entry not in p.lost_ecgs
    }
    found = {one.entry_id: one for p in everybody for one in p.lost_ecgs}
    return tuple(
        one
        for one in found.values()
        if one.entry_id not in held and is_covered(event, one.device, one.begun_ms)
    )


def rescore(
    state: Patient, from_ms: int, tables: assess.ScoreTables, content: CareContent
) -> tuple[ScoredAt, ...]:
    """Every change of the scores from then on; `state` holds the sets that count."""
    times = {at_ms for at_ms, _scored in state.history} | {one.received_ms for one in state.charted}
    before = [scored for at_ms, scored in state.history if at_ms < from_ms]
    last = before[-1] if before else None
    found: list[ScoredAt] = []
    for at_ms in sorted(at_ms for at_ms in times if at_ms >= from_ms):
        by_then = tuple(one for one in state.charted if one.received_ms <= at_ms)
        seen: Observed | None = None
        seen_ms: dict[str, int] = {}
        for said_ms, said in state.observations:
            if said_ms <= at_ms:
                seen, seen_ms = said, seen_after(seen_ms, seen, said, said_ms)
        then = replace(with_sets(state, by_then), observed=seen, seen_ms=seen_ms)
        scored = assess.assess(then, at_ms, tables, content)
        if scored != last:
            found.append(ScoredAt(at_ms=at_ms, scored=scored))
            last = scored
    return tuple(found)
