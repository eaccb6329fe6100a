"""Which hospital: able, then near, then open.

Rule 1: it advises, with a reason at every hospital; one nearer than the recommended says why not.
Rule 2: each condition has choices in order, each with the capabilities it needs and the limits
        within which the longer way is right; when none holds, the nearest emergency department.
Rule 3: some patients go to the nearest emergency department always: a person says so (`nearest`).
Rule 4: beds that were never reported are unknown, not zero; a report beyond its age decides
        nothing.
Rule 5: a clock that nobody has started cannot keep a hospital out; the reasons name it.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated

from msgspec import Meta, field
from msgspec.structs import replace

from goldenhour.domain.register.city import CAPABILITIES
from goldenhour.domain.register.hospital import Hospital
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS

MINUTE_S = 60


class Clock(StrEnum):
    """What a time limit counts from."""

    FMC = "fmc"  # first medical contact
    LKW = "lkw"  # last known well
    COLLAPSE = "collapse"


class Choice(Record):
    needs: tuple[str, ...]
    """All of these capabilities."""
    extra_max_min: int | None = None
    """Longer than to the nearest hospital of a later choice."""
    total_max_min: int | None = None
    clock: Clock | None = None
    clock_max_min: int | None = None
    then_min: int = 0
    """From the door to the deed that stops the clock."""


class Condition(Record):
    id: str
    name: Text
    choices: Annotated[tuple[Choice, ...], Meta(min_length=1)]
    transfer_follows: bool = False
    """After a later choice the centre of the first one is told at once."""


class NearestIf(Record):
    id: str
    name: Text


class Began(Record):
    """Where the record says when a clock began; the first of these that was written counts."""

    clock: Clock
    at: tuple[str, ...] = ()
    """Fields that hold the moment."""
    ago_min: tuple[str, ...] = ()
    """Fields that hold the minutes since, when they were written."""


class DestinationRules(Record):
    about: About
    position_fresh_s: int
    """From an older position every time is an estimate."""
    beds_fresh_min: int
    bed_kinds: tuple[str, ...]
    """Kinds of bed that an arriving patient may need."""
    full_later_min: int
    """A hospital that says it is full counts as this much farther."""
    diversion_detour_min: int
    """How much longer an always-nearest patient may travel for the sake of a diversion."""
    began: tuple[Began, ...]
    nearest_if: tuple[NearestIf, ...]
    conditions: tuple[Condition, ...]
    """In order of precedence: of several conditions the first one's limits hold."""


class Needs(Record):
    conditions: tuple[str, ...] = ()
    capabilities: tuple[str, ...] = ()
    nearest: tuple[str, ...] = ()
    since_ms: dict[Clock, int] = field(default_factory=dict)


class HospitalFact(Record):
    hospital_id: str
    hospital: Hospital
    eta_s: int | None
    estimated: bool
    """No road time was known, or not where the vehicle is now."""


class RankedHospital(Record):
    hospital_id: str
    name: str
    eta_s: int | None
    estimated: bool
    capable: bool
    """Has everything that the first choice needs."""
    missing: tuple[str, ...]
    diverting: bool
    free_beds: dict[str, int]
    beds_reported_ms: int | None
    """None: never reported; an empty `free_beds` then means nothing."""
    reasons: tuple[str, ...]
    recommended: bool


def needs_of(
    words: Sequence[str], since_ms: Mapping[Clock, int], rules: DestinationRules
) -> Needs | Refused:
    """Words from outside: ids of conditions, of capabilities, of reasons for the nearest."""
    conditions = [c.id for c in rules.conditions]
    nearest = [n.id for n in rules.nearest_if]
    for word in words:
        if word not in (*conditions, *nearest, *CAPABILITIES):
            return Refused(code="unknown_value", field="needs", detail=word)
    return Needs(
        conditions=tuple(c for c in conditions if c in words),
        capabilities=tuple(c for c in CAPABILITIES if c in words),
        nearest=tuple(n for n in nearest if n in words),
        since_ms=dict(since_ms),
    )


def rank_hospitals(
    hospitals: Sequence[HospitalFact], needs: Needs, now_ms: int, rules: DestinationRules
) -> tuple[RankedHospital, ...]:
    """Best first; the order of the inputs changes nothing."""
    steps = _steps(needs, rules)
    first_needs = steps[0].choice.needs
    notes: dict[str, list[str]] = {h.hospital_id: [] for h in hospitals}

    def nearness(fact: HospitalFact) -> tuple[float, str]:
        if fact.eta_s is None:
            return float("inf"), fact.hospital_id
        later_s = rules.full_later_min * MINUTE_S if _full(fact, now_ms, rules) else 0
        return fact.eta_s + later_s, fact.hospital_id

    by_nearness = sorted(hospitals, key=nearness)
    best = _choose(by_nearness, needs, steps, notes=notes, now_ms=now_ms, rules=rules)
    centre = _transfer_centre(by_nearness, best, needs, rules)
    if centre:
        notes[centre.hospital_id].append("alert_for_transfer")
    ranked = [
        _ranked(
            fact,
            first_needs,
            notes[fact.hospital_id],
            recommended=fact is best,
            now_ms=now_ms,
            rules=rules,
        )
        for fact in by_nearness
    ]
    return tuple(sorted(ranked, key=lambda r: (not r.recommended, not r.capable, r.diverting)))


class _Step(Record):
    choice: Choice
    reason: str
    later: tuple[tuple[str, ...], ...]
    """Needs of the choices after it, which the extra way is measured against."""


def _steps(needs: Needs, rules: DestinationRules) -> list[_Step]:
    """The choices to try in order; the last takes any emergency department."""
    found = [c for c in rules.conditions if c.id in needs.conditions]
    also = {need for c in found[1:] for need in c.choices[0].needs} | set(needs.capabilities)
    steps: list[_Step] = []
    if found:
        lead = found[0]
        for place, choice in enumerate(lead.choices):
            later = tuple(c.needs for c in lead.choices[place + 1 :])
            reason = f"first_choice:{lead.id}" if place == 0 else f"fallback:{lead.id}"
            if place == 0 and not also <= set(choice.needs):
                both = tuple(dict.fromkeys((*choice.needs, *sorted(also))))
                together = replace(choice, needs=both)
                steps.append(_Step(choice=together, reason=reason, later=later))
            steps.append(_Step(choice=choice, reason=reason, later=later))
    elif also:
        wanted = Choice(needs=needs.capabilities)
        steps.append(_Step(choice=wanted, reason="nearest_capable", later=()))
    steps.append(_Step(choice=Choice(needs=()), reason="nearest_ed", later=()))
    return steps


def _choose(
    by_nearness: list[HospitalFact],
    needs: Needs,
    steps: list[_Step],
    *,
    notes: dict[str, list[str]],
    now_ms: int,
    rules: DestinationRules,
) -> HospitalFact | None:
    """The recommended one; writes into `notes` what spoke for it and against those before it."""
    reachable = [h for h in by_nearness if h.eta_s is not None]
    departments = [h for h in reachable if h.hospital.capabilities] or reachable
    open_ones = [h for h in departments if not h.hospital.diverting] or departments
    if not open_ones:
        return None
    if needs.nearest:
        nearest = min(departments, key=_eta_s)
        best = min(open_ones, key=_eta_s)
        if _eta_s(best) - _eta_s(nearest) > rules.diversion_detour_min * MINUTE_S:
            best = nearest
        notes[best.hospital_id] += [f"nearest_if:{flag}" for flag in needs.nearest]
        return best
    for step in steps:
        able = _able(open_ones, step.choice.needs)
        others = next((o for later in (*step.later, ()) if (o := _able(open_ones, later))), [])
        base_s = min(map(_eta_s, others))
        for fact in able:
            over = _over(step.choice, _eta_s(fact), base_s, needs, now_ms)
            if not over:
                clock = step.choice.clock
                unknown = clock is not None and clock not in needs.since_ms
                notes[fact.hospital_id] += [
                    step.reason,
                    *([f"clock_unknown:{clock}"] if unknown else []),
                ]
                return fact
            known = notes[fact.hospital_id]
            known += [code for code in over if code not in known]
    raise AssertionError("the last step has no limits")


def _transfer_centre(
    by_nearness: list[HospitalFact],
    best: HospitalFact | None,
    needs: Needs,
    rules: DestinationRules,
) -> HospitalFact | None:
    """Whom to warn of a patient who is first treated elsewhere and then sent on."""
    lead = next((c for c in rules.conditions if c.id in needs.conditions), None)
    if lead is None or best is None or needs.nearest or not lead.transfer_follows:
        return None
    able = _able([h for h in by_nearness if h.eta_s is not None], lead.choices[0].needs)
    return None if best in able else next(iter(able), None)


def _able(hospitals: list[HospitalFact], needs: Sequence[str]) -> list[HospitalFact]:
    return [h for h in hospitals if set(needs) <= set(h.hospital.capabilities)]


def _over(choice: Choice, eta_s: int, base_s: int, needs: Needs, now_ms: int) -> list[str]:
    """The limits that this way breaks."""
    over: list[str] = []
    if choice.extra_max_min is not None and eta_s - base_s > choice.extra_max_min * MINUTE_S:
        over.append(f"extra_over:{choice.extra_max_min}")
    if choice.total_max_min is not None and eta_s > choice.total_max_min * MINUTE_S:
        over.append(f"total_over:{choice.total_max_min}")
    if choice.clock is not None and choice.clock_max_min is not None:
        gone_ms = now_ms - needs.since_ms.get(choice.clock, now_ms)
        reached_ms = gone_ms + eta_s * SECOND_MS + choice.then_min * MINUTE_MS
        if reached_ms > choice.clock_max_min * MINUTE_MS:
            over.append(f"{choice.clock}_over:{choice.clock_max_min}")
    return over


def _ranked(
    fact: HospitalFact,
    first_needs: Sequence[str],
    notes: list[str],
    *,
    recommended: bool,
    now_ms: int,
    rules: DestinationRules,
) -> RankedHospital:
    hospital = fact.hospital
    missing = tuple(need for need in first_needs if need not in hospital.capabilities)
    reasons = [*notes, *(f"missing:{need}" for need in missing)]
    if not hospital.capabilities:
        reasons.append("no_capability_listed")
    if hospital.diverting:
        reasons.append("diverting")
    if fact.eta_s is None:
        reasons.append("no_route")
    elif fact.estimated:
        reasons.append("estimated")
    return RankedHospital(
        hospital_id=fact.hospital_id,
        name=hospital.name,
        eta_s=fact.eta_s,
        estimated=fact.estimated,
        capable=not missing,
        missing=missing,
        diverting=hospital.diverting,
        free_beds=hospital.free_beds,
        beds_reported_ms=hospital.beds_reported_ms,
        reasons=(*reasons, _beds(fact, now_ms, rules)),
        recommended=recommended,
    )


def _beds(fact: HospitalFact, now_ms: int, rules: DestinationRules) -> str:
    """The one word on beds."""
    reported_ms = fact.hospital.beds_reported_ms
    known = [fact.hospital.free_beds[k] for k in rules.bed_kinds if k in fact.hospital.free_beds]
    if reported_ms is None or not known:
        return "beds_unknown"
    age_min = max(0, now_ms - reported_ms) // MINUTE_MS
    if age_min > rules.beds_fresh_min:
        return f"beds_old:{age_min}"
    return f"beds:{sum(known)}" if sum(known) else "no_beds"


def _full(fact: HospitalFact, now_ms: int, rules: DestinationRules) -> bool:
    return _beds(fact, now_ms, rules) == "no_beds"


def _eta_s(fact: HospitalFact) -> int:
    assert fact.eta_s is not None, "only reachable hospitals are compared"
    return fact.eta_s
