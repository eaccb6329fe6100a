"""Is a vital sign possible, plausible, alarming? Three layers, from a table that is content.

Rule 1: outside the physical range a value is rejected and asked again; it is never corrected.
Rule 2: outside the plausible range it is kept with a warning that a person may confirm.
Rule 3: alarm limits go by age, pregnancy and context; the first limit whose condition holds counts.
"""

import math
from enum import StrEnum
from typing import Final

from goldenhour.kernel.condition import Answers, open_names, parse, truth
from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Sign


class Verdict(StrEnum):
    OK = "ok"
    IMPLAUSIBLE = "implausible"
    REJECTED = "rejected"


class Alarm(StrEnum):
    LOW = "low"
    HIGH = "high"
    CRITICAL_LOW = "critical_low"
    CRITICAL_HIGH = "critical_high"


CRITICAL: Final = frozenset({Alarm.CRITICAL_LOW, Alarm.CRITICAL_HIGH})


class Range(Record):
    sign: Sign
    hard_low: float
    hard_high: float
    plausible_low: float
    plausible_high: float
    zero_needs: str = ""
    """Zero is plausible only when this holds (arrest, apnoea)."""


class Limit(Record):
    """Alarm limits; a value beyond a limit alarms, the limit itself does not."""

    sign: Sign
    id: str
    when: str
    low: float | None = None
    low_per_year: float = 0
    """Added to `low` for each completed year of age."""
    high: float | None = None
    critical_low: float | None = None
    critical_high: float | None = None


class Pressure(Record):
    """A pulse pressure outside these limits is measured again."""

    narrowest_mmhg: float
    widest_mmhg: float


class Beyond(Record):
    """What a meter's LO and HI count as, where a number is asked."""

    sign: Sign
    below: float
    above: float


class Misleading(Record):
    """When a measurement looks better than the patient is."""

    id: str
    finding: str
    when: str
    """Over what the sheets were told."""
    zh: str
    en: str


class VitalTable(Record):
    about: About
    names: tuple[str, ...]
    """What conditions may name: facts about the patient."""
    ranges: tuple[Range, ...]
    limits: tuple[Limit, ...]
    pulse_pressure: Pressure
    alarm_after_s: int
    """A limit must be crossed for so long on end."""
    episodic: tuple[Sign, ...] = ()
    """Measured now and then, and perhaps told once: beyond a limit they alarm at once."""
    beyond: tuple[Beyond, ...] = ()
    misleads: tuple[Misleading, ...] = ()


class Plausibility(Record):
    verdict: Verdict
    alarm: Alarm | None
    limit_id: str | None
    """The limit that was applied; None when the value was rejected or the sign has none."""
    missing: tuple[str, ...]
    """Facts that could choose another limit."""


def check_vital(table: VitalTable, sign: Sign, value: float, facts: Answers) -> Plausibility:
    """One value against the three layers; `facts` holds what is known, for example `age_y`."""
    bounds = next((bounds for bounds in table.ranges if bounds.sign is sign), None)
    verdict = Verdict.OK
    if bounds:
        if not bounds.hard_low <= value <= bounds.hard_high:
            return Plausibility(verdict=Verdict.REJECTED, alarm=None, limit_id=None, missing=())
        explained = value == 0 and bounds.zero_needs and truth(parse(bounds.zero_needs), facts)
        if not (bounds.plausible_low <= value <= bounds.plausible_high or explained):
            verdict = Verdict.IMPLAUSIBLE
    missing: set[str] = set()
    for limit in (limit for limit in table.limits if limit.sign is sign):
        condition = parse(limit.when)
        missing |= open_names(condition, facts, may_change=True)
        if truth(condition, facts):
            return Plausibility(
                verdict=verdict,
                alarm=_alarm(limit, value, facts),
                limit_id=limit.id,
                missing=tuple(sorted(missing)),
            )
    return Plausibility(verdict=verdict, alarm=None, limit_id=None, missing=tuple(sorted(missing)))


def check_pressure(table: VitalTable, sbp_mmhg: float, dbp_mmhg: float) -> Verdict:
    """The two pressures against each other: diastolic must lie below systolic."""
    width_mmhg = sbp_mmhg - dbp_mmhg
    if width_mmhg <= 0:
        return Verdict.REJECTED
    usual = table.pulse_pressure
    fits = usual.narrowest_mmhg <= width_mmhg <= usual.widest_mmhg
    return Verdict.OK if fits else Verdict.IMPLAUSIBLE


def _alarm(limit: Limit, value: float, facts: Answers) -> Alarm | None:
    age_y = facts.get("age_y")
    years = math.floor(age_y) if isinstance(age_y, int | float) else 0
    if limit.critical_low is not None and value < limit.critical_low:
        return Alarm.CRITICAL_LOW
    if limit.critical_high is not None and value > limit.critical_high:
        return Alarm.CRITICAL_HIGH
    if limit.low is not None and value < limit.low + limit.low_per_year * years:
        return Alarm.LOW
    if limit.high is not None and value > limit.high:
        return Alarm.HIGH
    return None
