"""Vital signs that a person measured and typed.

Rule 1: what is impossible is refused with its sign; it is never corrected.
Rule 2: what is implausible, alone or as a pressure, is asked once more and kept as confirmed.
Rule 3: a sign that was not taken says why; it takes no value's place.
Rule 4: LO and HI are what a meter shows; no other sign has them.
Rule 5: a typed set counts like a charted one, at the time of its measurement, until it is
        withdrawn.
"""

from msgspec.structs import replace

from goldenhour.domain.care import alarms
from goldenhour.domain.care.events import VitalsEntered
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import (
    Verdict,
    VitalTable,
    check_pressure,
    check_vital,
)
from goldenhour.domain.care.record import CLOCKS_DIFFER_MS
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import BEYOND, SPOT, Sign


def decide_vitals(
    state: Patient, event: VitalsEntered, table: VitalTable, now_ms: int
) -> VitalsEntered | Refused:
    """The event with exactly those signs as confirmed that had to be."""
    signs = [one.sign for one in event.values]
    if not signs:
        return Refused(code="required", field="values")
    if len(set(signs)) < len(signs):
        return Refused(code="taken_and_not", field="not_taken")
    if odd := [one.sign for one in event.values if one.note in BEYOND and one.sign not in SPOT]:
        return Refused(code="unknown_value", field=odd[0])
    if event.taken_ms > now_ms + CLOCKS_DIFFER_MS:
        return Refused(code="in_the_future", field="taken_ms")
    if any(kept.entry.entry_id == event.entry_id for kept in state.record.entries):
        return Refused(code="exists", field="entry_id")
    facts = alarms.facts_of(state, event.taken_ms)
    values = {one.sign: one.value for one in event.values if one.value is not None}
    verdicts = {
        sign: check_vital(table, sign, value, facts).verdict for sign, value in values.items()
    }
    for sign, verdict in verdicts.items():
        if verdict is Verdict.REJECTED:
            return Refused(code="impossible_value", field=sign, detail=_possible(table, sign))
    upper, lower = values.get(Sign.NIBP_SYS), values.get(Sign.NIBP_DIA)
    if upper is not None and lower is not None:
        pair = check_pressure(table, upper, lower)
        if pair is Verdict.REJECTED:
            return Refused(code="diastolic_above", field=Sign.NIBP_DIA)
        if pair is Verdict.IMPLAUSIBLE:
            verdicts |= {Sign.NIBP_SYS: pair, Sign.NIBP_DIA: pair}
    doubtful = tuple(sign for sign, verdict in verdicts.items() if verdict is Verdict.IMPLAUSIBLE)
    if asked := [sign for sign in doubtful if sign not in event.confirmed]:
        return Refused(code="implausible", field=asked[0], detail=" ".join(asked))
    return replace(event, confirmed=doubtful)


def _possible(table: VitalTable, sign: Sign) -> str:
    bounds = next(one for one in table.ranges if one.sign is sign)
    return f"{bounds.hard_low:g}-{bounds.hard_high:g}"
