"""Which units to send, in which order, and why.

Rule 1: it advises. The person's choice and this proposal are both recorded.
Rule 2: a unit that is off duty, out of service, on a run, wanted elsewhere soon, short of crew, or
        whose position is too old is never ranked, nor one whose newest shift check found a thing
        out of order that the level needs. A skipped unit says every reason. What nobody has
        checked or named is unknown, and shuts nobody out.
Rule 3: preferring a kind is a matter of seconds: a kind that the level wants less counts as
        arriving later by the seconds that content states. One more unit that is nearer than the
        first can therefore never make the first arrival later.
Rule 4: the order of the inputs changes nothing; equal times go by call sign.
Rule 5: an unknown level is no low level: then the nearest unit of any kind comes first.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from msgspec import field

from goldenhour.domain.dispatch.credible import Credible
from goldenhour.domain.dispatch.events import Candidate, Proposal
from goldenhour.domain.dispatch.geofence import Fences
from goldenhour.domain.dispatch.lend import Lending
from goldenhour.domain.register.events import UnitKind
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage.levels import LevelPlan
from goldenhour.kernel.content import About
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, SECOND_MS


class Preference(Record):
    """How a level weighs kinds against seconds."""

    level: DispatchLevel
    later_s: dict[UnitKind, int] = field(default_factory=dict)
    """A kind ranks as if it arrived this much later; a kind without a number as it is."""
    als_follows: bool = False
    """A first unit of another kind is followed by the best ALS unit."""


class Rest(Record):
    """A crew that has been on duty for long ranks as if it arrived later: it may still go."""

    after_h: float
    later_s: int


class Home(Record):
    """An area left with fewer ready units keeps its own, unless they are clearly sooner.

    A unit that would leave its area so short ranks as if it arrived later, in a case of another
    area and of these levels.
    """

    least_ready: int
    later_s: int
    levels: tuple[DispatchLevel, ...]


class Urgency(Record):
    """What a late arrival loses, where cases compete for units."""

    levels: tuple[DispatchLevel, ...]
    weight: float
    half_s: float
    """After so many seconds half of the weight is lost."""
    unknown: bool = False
    """It holds for a case whose level nobody knows yet, too."""


class Nearby(Record):
    """When two open incidents may be one."""

    distance_m: int
    apart_min: int


class DispatchRules(Record):
    about: About
    position_excluded_s: int
    """An older position is no position to recommend on."""
    reserved_soon_s: int
    reach_s: int
    """A first arrival later than this is called out of reach."""
    crow_speed_kmh: float
    """Assumed along the lengthened straight line where no road time is known."""
    preferences: tuple[Preference, ...]
    fences: Fences
    duplicates: Nearby
    credible: Credible
    equipment: dict[DispatchLevel, tuple[str, ...]]
    """Items of the shift check that a level needs in order."""
    crew_least: dict[UnitKind, int]
    """Of a crew whose people are named."""
    rest: Rest
    home: Home
    redirect_gain_s: int
    """A unit is not turned round for less."""
    lend: Lending
    """Of this node's units, to another node's cases."""
    objective: tuple[Urgency, ...]
    """Every level stands in one of them, and one is that of an unknown level."""

    def urgency(self, level: DispatchLevel | None) -> Urgency:
        if level is None:
            return next(u for u in self.objective if u.unknown)
        return next(u for u in self.objective if level in u.levels)

    def preference(self, level: DispatchLevel) -> Preference:
        found = (p for p in self.preferences if p.level is level)
        return next(found, Preference(level=level))


class UnitFact(Record):
    """A unit with all that was known of it at the moment of asking."""

    unit_id: str
    unit: Unit
    on_mission: bool
    reserved_ms: int | None
    """When its next reservation is due; None: not reserved."""
    fix_ms: int | None
    """When its newest position was true; None: never seen, so its station's place was used."""
    doubted: bool
    """Its terminal says that it is elsewhere, and that is not believed."""
    eta_s: int | None
    """None: there is no way."""
    estimated: bool
    """True when no road time was known."""
    home: str = ""
    """The area that it belongs to: that of the sub-centre which leads its station."""


class Recommendation(Record):
    proposal: Proposal
    shortfall: tuple[str, ...]
    """Codes: what this recommendation could not give, worst first."""
    weighed_s: dict[str, int]
    """Of each ranked unit its arrival, later by what content counts against it."""


_WHY_NONE: Final = (
    (("off_duty", "out_of_service", "other_node"), "no_unit_on_duty"),
    (("on_mission", "reserved_soon"), "all_busy"),
    (("wrong_kind",), "no_unit_of_kind"),
    (("crew_short", "equipment"), "none_equipped"),
    (("position_stale",), "positions_stale"),
    (("no_route",), "none_in_reach"),
)
"""Gates in the order in which they thin out the units, with the word for nobody left."""


def recommend(
    units: Sequence[UnitFact],
    plan: LevelPlan | None,
    now_ms: int,
    rules: DispatchRules,
    metric_version: int,
    *,
    area: str = "",
) -> Recommendation:
    """`plan` is that of the incident's level, None while no level is known.

    `area` is where the case lies, empty where that is not known.
    """
    kinds = frozenset(kind.value for kind in (plan.unit_kinds if plan else UnitKind))
    needed = rules.equipment.get(plan.level, ()) if plan else ()
    gates = {fact.unit_id: _gates(fact, kinds, needed, now_ms, rules) for fact in units}
    by_name = sorted(units, key=lambda fact: (fact.unit.call_sign, fact.unit_id))
    free = [fact for fact in by_name if not gates[fact.unit_id]]
    minded = plan is not None and plan.level in rules.home.levels
    short = _short_homes(units, free, area, rules) if minded else {}
    tired = {fact.unit_id: _tired(fact, now_ms, rules) for fact in free}
    kind_later_s = rules.preference(plan.level).later_s if plan else {}
    later_s = {
        fact.unit_id: kind_later_s.get(fact.unit.unit_kind, 0)
        + (rules.rest.later_s if plan and tired[fact.unit_id] else 0)
        + (rules.home.later_s if fact.unit_id in short else 0)
        for fact in free
    }
    ranked = _rank(free, plan, later_s, rules)
    nearest = min(ranked, key=_eta_s, default=None)
    return Recommendation(
        proposal=Proposal(
            ranked=tuple(
                _candidate(
                    fact,
                    _merits(place, ranked, nearest, plan)
                    + tired[fact.unit_id]
                    + short.get(fact.unit_id, ()),
                    now_ms,
                )
                for place, fact in enumerate(ranked)
            ),
            skipped=tuple(
                _candidate(fact, gates[fact.unit_id], now_ms)
                for fact in by_name
                if gates[fact.unit_id]
            ),
            metric_version=metric_version,
            computed_ms=now_ms,
        ),
        shortfall=_shortfall(list(gates.values()), ranked, plan, rules),
        weighed_s={fact.unit_id: _eta_s(fact) + later_s[fact.unit_id] for fact in ranked},
    )


def _gates(
    fact: UnitFact,
    kinds: frozenset[str],
    needed: tuple[str, ...],
    now_ms: int,
    rules: DispatchRules,
) -> tuple[str, ...]:
    """Every reason why this unit is not proposed."""
    unit, age_s = fact.unit, _age_s(fact, now_ms)
    codes: list[str] = ["other_node"] if unit.held else []
    if not unit.on_duty:
        codes.append("off_duty")
    if unit.out_of_service:
        codes.append(f"out_of_service:{unit.out_of_service}")
    if fact.on_mission:
        codes.append("on_mission")
    soon_s = rules.reserved_soon_s
    if fact.reserved_ms is not None and fact.reserved_ms <= now_ms + soon_s * SECOND_MS:
        codes.append("reserved_soon")
    if unit.unit_kind not in kinds:
        codes.append("wrong_kind")
    least = rules.crew_least.get(unit.unit_kind, 0)
    if unit.crew and len(unit.crew) < least:
        codes.append(f"crew_short:{len(unit.crew)}/{least}")
    defects = unit.checks[0].event.defects if unit.checks else ()
    codes.extend(f"equipment:{item}" for item in needed if item in defects)
    if age_s is not None and age_s > rules.position_excluded_s:
        codes.append("position_stale")
    if fact.eta_s is None:
        codes.append("no_route")
    return tuple(codes)


def _rank(
    free: list[UnitFact],
    plan: LevelPlan | None,
    later_s: dict[str, int],
    rules: DispatchRules,
) -> list[UnitFact]:
    """Free units come in order of call sign; sorting is stable."""

    def weighed(fact: UnitFact) -> tuple[int, int]:
        # Equal weights go to whoever arrives first: "at least 3 min closer" includes 3 min.
        return _eta_s(fact) + later_s[fact.unit_id], _eta_s(fact)

    ranked = sorted(free, key=weighed)
    best_als = next((fact for fact in ranked if _is_als(fact)), None)
    follows = plan is not None and rules.preference(plan.level).als_follows
    if follows and best_als and not _is_als(ranked[0]):
        ranked.remove(best_als)
        ranked.insert(1, best_als)
    return ranked


def _merits(
    place: int, ranked: list[UnitFact], nearest: UnitFact | None, plan: LevelPlan | None
) -> tuple[str, ...]:
    """Why a unit stands where it stands."""
    fact, first = ranked[place], ranked[0]
    if place > 1:
        return ("nearest",) if fact is nearest else ()
    wanted = plan.unit_kinds[0].value if plan else ""
    kind = fact.unit.unit_kind.value
    merits: list[str] = []
    if fact is nearest:
        merits.append("nearest")
    if place == 0 and plan is None:
        merits.append("level_unknown")
    elif place == 0 and kind == wanted and "nearest" not in merits:
        merits.append(f"{kind}_wanted")
    elif place == 0 and kind != wanted:
        best = next((f for f in ranked if f.unit.unit_kind.value == wanted), None)
        if best:
            merits.append(f"{kind}_sooner_by:{_eta_s(best) - _eta_s(fact)}")
    elif place == 1 and plan and kind == wanted and first.unit.unit_kind.value != wanted:
        merits.append(f"{kind}_wanted")
    if place == 1 and plan and plan.crews > 1:
        merits.append("second_crew")
    return tuple(merits)


def _tired(fact: UnitFact, now_ms: int, rules: DispatchRules) -> tuple[str, ...]:
    """So many hours on duty, where that counts; else nothing."""
    since_ms = fact.unit.duty_ms
    if since_ms is None or now_ms - since_ms <= rules.rest.after_h * HOUR_MS:
        return ()
    return (f"long_on_duty:{(now_ms - since_ms) // HOUR_MS}h",)


def _is_ready(fact: UnitFact) -> bool:
    return fact.unit.on_duty and not fact.unit.out_of_service and not fact.on_mission


def _short_homes(
    units: Sequence[UnitFact], free: Sequence[UnitFact], area: str, rules: DispatchRules
) -> dict[str, tuple[str, ...]]:
    """Of the free units whose own area would keep too few ready ones: how many."""
    if not area:
        return {}
    ready = Counter(fact.home for fact in units if _is_ready(fact))
    return {
        fact.unit_id: (f"home_short:{ready[fact.home] - 1}",)
        for fact in free
        if fact.home not in ("", area) and ready[fact.home] - 1 < rules.home.least_ready
    }


def _shortfall(
    gates: list[tuple[str, ...]],
    ranked: list[UnitFact],
    plan: LevelPlan | None,
    rules: DispatchRules,
) -> tuple[str, ...]:
    if plan is not None and not plan.unit_kinds:
        return ("no_vehicle_for_level",)
    if not ranked:
        return (_why_none(gates),)
    codes: list[str] = []
    if min(map(_eta_s, ranked)) > rules.reach_s:
        codes.append("none_in_reach")
    if plan and not any(f.unit.unit_kind.value == plan.unit_kinds[0].value for f in ranked):
        codes.append(f"no_{plan.unit_kinds[0].value}_available")
    if plan and len(ranked) < plan.crews:
        codes.append("too_few_units")
    return tuple(codes)


def _why_none(gates: list[tuple[str, ...]]) -> str:
    left = [{code.partition(":")[0] for code in codes} for codes in gates]
    for shut, word in _WHY_NONE:
        left = [codes for codes in left if codes.isdisjoint(shut)]
        if not left:
            return word
    raise AssertionError("a unit without a gate is ranked")


def _candidate(fact: UnitFact, reasons: tuple[str, ...], now_ms: int) -> Candidate:
    age_s = _age_s(fact, now_ms)
    known = "position_assumed_station" if age_s is None else f"position_age:{age_s}"
    estimate = ("estimated_crow",) if fact.estimated and fact.eta_s is not None else ()
    doubt = ("position_doubted",) if fact.doubted else ()
    return Candidate(
        unit_id=fact.unit_id,
        call_sign=fact.unit.call_sign,
        eta_s=fact.eta_s,
        estimated=fact.estimated,
        position_age_s=age_s,
        reasons=(*reasons, known, *doubt, *estimate),
    )


def _age_s(fact: UnitFact, now_ms: int) -> int | None:
    return None if fact.fix_ms is None else max(0, now_ms - fact.fix_ms) // SECOND_MS


def _eta_s(fact: UnitFact) -> int:
    assert fact.eta_s is not None, "a unit without a way is gated"
    return fact.eta_s


def _is_als(fact: UnitFact) -> bool:
    return fact.unit.unit_kind is UnitKind.ALS
