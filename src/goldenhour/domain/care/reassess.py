"""When a patient's vital signs are to be taken again.

Rule 1: how long a set is good enough goes by the level and is content (`reassess_s`). Source:
        clinical fact sheet 3 (re-assessment of a waiting patient by level; own rule).
Rule 2: a clinician's level counts, and a graver one that was proposed since. Nobody's level yet is
        no mild one: it has an interval of its own.
Rule 3: a new set ends it and nothing else does; one without a value is none, and neither is a
        temperature or a glucose alone. Whoever was never measured counts from when the crew was at
        them and they were registered.
Rule 4: it is a hint, and a clock at the screen says it: no event, no sound. Whoever has died is
        left alone.
"""

from collections.abc import Mapping
from typing import Final

from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.levels import TriageLevel, worst_triage
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import BEYOND, NumericSet, Sign
from goldenhour.kernel.time import SECOND_MS

UNLEVELLED: Final = "unknown"
SET: Final = (Sign.HEART_RATE, Sign.PULSE, Sign.NIBP_SYS, Sign.RESP, Sign.SPO2)
"""Heart, circulation or breathing: one of them makes a set."""


class Reassessment(Record):
    level: TriageLevel | None
    """None: nobody knows one yet."""
    taken_ms: int | None
    """Of the newest set; None: there is none."""
    due_ms: int


def reassessment(
    state: Patient, intervals_s: Mapping[str, int], reached_ms: int | None
) -> Reassessment | None:
    """None: nothing is to be taken again.

    `reached_ms` is when the crew was at the patient; None: not yet.
    """
    if state.record.died_ms is not None:
        return None
    level = level_now(state)
    times = (_taken_ms(one) for one in reversed(state.charted))
    taken_ms = next((at_ms for at_ms in times if at_ms is not None), None)
    since_ms = taken_ms
    if since_ms is None:
        if reached_ms is None:
            return None
        since_ms = max(state.registered_ms, reached_ms)
    return Reassessment(
        level=level,
        taken_ms=taken_ms,
        due_ms=since_ms + intervals_s[level or UNLEVELLED] * SECOND_MS,
    )


def _taken_ms(item: NumericSet) -> int | None:
    """When the newest of its signs was measured; None: it tells none."""
    ages = [
        one.age_ms
        for one in item.values
        if one.sign in SET and (one.value is not None or one.note in BEYOND)
    ]
    return item.received_ms - min(ages) if ages else None


def level_now(state: Patient) -> TriageLevel | None:
    """What was proposed already when a clinician confirmed was theirs to judge."""
    proposed = state.scored.level if state.scored else None
    if state.level is None or state.level_ms is None:
        return proposed
    before = [scored.level for at_ms, scored in state.history if at_ms <= state.level_ms]
    judged = worst_triage(one for one in (state.level, *before[-1:]) if one)
    if proposed is None or worst_triage(one for one in (judged, proposed) if one) == judged:
        return state.level
    return proposed
