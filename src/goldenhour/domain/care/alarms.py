"""Alarms on vital signs: which signs lie beyond the patient's limits, and since when.

Rule 1: a limit must be crossed for `alarm_after_s` on end before it alarms, a critical one too; one
        artefact alarms nobody. It ends when the sign has been back within for as long. What is
        measured now and then, as by a cuff, may be told only once: it alarms, and ends, at once.
Rule 2: a sign that is not measured any more keeps its alarm: silence is no recovery.
Rule 3: the limits are those of this patient (age, pregnancy, injury); what is not known takes an
        adult's limits, and never none. So does whoever is not registered yet. Where two ages were
        said it alarms by whichever is worse.
Source of limits and delay: content/vitals.toml.
"""

from collections.abc import Mapping
from types import MappingProxyType

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.care.age import in_days
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import CRITICAL, Alarm, Verdict, VitalTable, check_vital
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import NumericSet, Sign
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS


class Change(Record):
    """A sign began to alarm, alarms otherwise, or does not any more (`alarm` is None)."""

    sign: Sign
    alarm: Alarm | None
    value: float
    limit_id: str


class Watch(Record):
    """What each sign has looked like on end, and since when."""

    seen: dict[Sign, tuple[Alarm | None, int]] = field(default_factory=dict)


def facts_of(state: Patient, at_ms: int) -> dict[str, Answer]:
    """What the limits may ask of a patient, as far as it is known from the form and the sheets."""
    known: dict[str, Answer] = {}
    if state.age_y is not None:
        known["age_y"] = state.age_y
        known["age_d"] = in_days(state.age_y)
    born_ms = state.record.value("newborn.born_at_ms")
    if isinstance(born_ms, int | float) and born_ms <= at_ms:
        known["age_min"] = (at_ms - born_ms) / MINUTE_MS
    if (injured := state.record.flag("injury")) is not None:
        known["trauma"] = injured
    elif "trauma" in state.record.sheets:
        known["trauma"] = True
    # It allows a lower saturation: whoever says no is believed.
    if (hypoxic := state.record.flag("chronic_hypoxia", graver=False)) is not None:
        known["chronic_hypoxia"] = hypoxic
    weeks = state.record.list_numbers("gestation_wk")
    pregnant = state.record.flag("pregnant")
    if state.sex is not Sex.MALE and (pregnant or (weeks and pregnant is None)):
        known["pregnant"] = True
        if weeks:
            known["pregnant_wk"] = max(weeks)
    return known


def _by_age(state: Patient) -> list[Patient]:
    """The patient once for each age that was said."""
    ages = state.identity.ages if state.age_y is None else ()
    return [replace(state, age_y=age_y) for age_y in ages] or [state]


def watch(
    before: Watch,
    item: NumericSet,
    state: Patient | None,
    table: VitalTable,
    unrecorded: Mapping[Sign, Change] = MappingProxyType({}),
) -> tuple[Watch, tuple[Change, ...]]:
    """The watch after a set, and what it changed for the patient; None: nobody is known to wear it.

    `unrecorded`: what was changed already and does not stand in the record.
    """
    known = [facts_of(person, item.received_ms) for person in _by_age(state)] if state else [{}]
    seen = dict(before.seen)
    changes: list[Change] = []
    for numeric in item.values:
        if numeric.value is None:
            continue
        verdicts = (check_vital(table, numeric.sign, numeric.value, facts) for facts in known)
        found = max(verdicts, key=lambda one: (one.alarm in CRITICAL, one.alarm is not None))
        if found.verdict is Verdict.REJECTED:
            continue
        after_ms = 0 if numeric.sign in table.episodic else table.alarm_after_s * SECOND_MS
        last, since_ms = seen.get(numeric.sign, (None, item.received_ms))
        if found.alarm is not last or numeric.sign not in seen:
            since_ms = item.received_ms
        seen[numeric.sign] = (found.alarm, since_ms)
        standing = unrecorded.get(numeric.sign) or (state and state.alarms.get(numeric.sign))
        now = standing.alarm if standing else None
        if found.alarm is not now and item.received_ms - since_ms >= after_ms:
            changes.append(
                Change(
                    sign=numeric.sign,
                    alarm=found.alarm,
                    value=numeric.value,
                    limit_id=found.limit_id or "",
                )
            )
    return replace(before, seen=seen), tuple(changes)
