"""Which units to send, in which order, and why.

Rule 1: it advises. The person's choice and this proposal are both recorded.
Rule 2: a unit that is off duty, out of service, on a run, wanted elsewhere soon, short of crew, or
        whose position is too old is never ranked, nor one whose newest shift check found a thing
        out of order that the level needs. A skipped unit says every reason. What nobody has
        checked or named is unknown, and shuts nobody out.
Rule 3: preferring a kind is a matter of seconds: a kind that the level wants less counts as
        arriving later by the seconds that content states. One more unit that is nearer than the
        first can therefore never make the first arrival later.
Rule 4: units come in the order of their call signs (`in_order`), and equal times stay in it.
Rule 5: an unknown level is no low level: then the nearest unit of any kind comes first.
Rule 6: a question about a thousand units is a matter of a millisecond: units are rows of columns
        here, what does not depend on the case comes with them, and whatever concerns few of them
        is looked at for those alone.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from itertools import compress, count
from operator import add, not_
from typing import Final

from goldenhour.domain.dispatch.events import Candidate, Proposal
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.register.events import UnitKind
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage.levels import LevelPlan
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, SECOND_MS


class Standing(Record, eq=False):
    """A unit as it stands whatever is asked: until it, a run of its or the register changes."""

    unit_id: str
    unit: Unit
    on_mission: bool
    reserved_ms: int | None
    """When its next reservation is due; None: not reserved."""
    home: str = ""
    """The area that it belongs to: that of the sub-centre which leads its station."""


class Units(Record, eq=False):
    """Units as columns, a row for each; whoever asks again keeps them and sets what changes."""

    standing: list[Standing]
    unit_ids: list[str]
    call_signs: list[str]
    kinds: list[str]
    """Values of UnitKind, since a thousand of its members are hashed more slowly."""
    duty_ms: list[int]
    """Since when each is on duty; NEVER: it is not, or nobody said since when."""
    reserved_ms: dict[int, int]
    """By row, of those that are reserved: when the next reservation is due."""

    def set(self, row: int, one: Standing) -> None:
        self.standing[row] = one
        self.reserved_ms.pop(row, None)
        if one.reserved_ms is not None:
            self.reserved_ms[row] = one.reserved_ms
        self.unit_ids[row], self.call_signs[row] = one.unit_id, one.unit.call_sign
        self.kinds[row] = one.unit.unit_kind.value
        self.duty_ms[row] = NEVER if one.unit.duty_ms is None else one.unit.duty_ms


class Wanted(Record):
    """What a level asks of a unit."""

    kinds: frozenset[str]
    checked: tuple[str, ...]
    """Items of the shift check that have to be in order."""


class Known(Record, eq=False):
    """All units at the moment of asking: columns, a row for each unit, as `in_order` has them."""

    units: Units
    wanted: Wanted
    gates: Sequence[tuple[str, ...]]
    """As `gates_of` tells them of what is wanted, while no reservation is near."""
    eta_s: Sequence[int | None]
    """None: there is no way."""
    estimated: Sequence[bool]
    """True when no road time was known."""
    age_s: Sequence[int | None]
    """Of the newest position; None: never seen, so its station's place was used."""
    doubted: Collection[str]
    """Units whose terminal says that they are elsewhere, and that is not believed."""


class Recommendation(Record):
    proposal: Proposal
    shortfall: tuple[str, ...]
    """Codes: what this recommendation could not give, worst first."""
    weighed_s: tuple[int, ...]
    """Of each ranked unit its arrival, later by what content counts against it."""


NEVER: Final = -1
_WHY_NONE: Final = (
    (("off_duty", "out_of_service", "other_node"), "no_unit_on_duty"),
    (("on_mission", "reserved_soon"), "all_busy"),
    (("wrong_kind",), "no_unit_of_kind"),
    (("crew_short", "equipment"), "none_equipped"),
    (("position_stale",), "positions_stale"),
    (("no_route",), "none_in_reach"),
)
"""Gates in the order in which they thin out the units, with the word for nobody left."""


def in_order(standing: Iterable[Standing]) -> Units:
    rows = sorted(standing, key=lambda one: (one.unit.call_sign, one.unit_id))
    return Units(
        standing=rows,
        unit_ids=[one.unit_id for one in rows],
        call_signs=[one.unit.call_sign for one in rows],
        kinds=[one.unit.unit_kind.value for one in rows],
        duty_ms=[NEVER if one.unit.duty_ms is None else one.unit.duty_ms for one in rows],
        reserved_ms={
            row: one.reserved_ms for row, one in enumerate(rows) if one.reserved_ms is not None
        },
    )


def wanted_of(plan: LevelPlan | None, rules: DispatchRules) -> Wanted:
    return Wanted(
        kinds=frozenset(kind.value for kind in (plan.unit_kinds if plan else UnitKind)),
        checked=rules.equipment.get(plan.level, ()) if plan else (),
    )


def gates_of(
    one: Standing, wanted: Wanted, rules: DispatchRules, *, reserved_soon: bool = False
) -> tuple[str, ...]:
    """Every reason why this unit is not proposed, but for those of its way and its position."""
    unit = one.unit
    codes: list[str] = ["other_node"] if unit.held else []
    if not unit.on_duty:
        codes.append("off_duty")
    if unit.out_of_service:
        codes.append(f"out_of_service:{unit.out_of_service}")
    if one.on_mission:
        codes.append("on_mission")
    if reserved_soon:
        codes.append("reserved_soon")
    if unit.unit_kind not in wanted.kinds:
        codes.append("wrong_kind")
    least = rules.crew_least.get(unit.unit_kind, 0)
    if unit.crew and len(unit.crew) < least:
        codes.append(f"crew_short:{len(unit.crew)}/{least}")
    defects = unit.checks[0].event.defects if unit.checks else ()
    codes.extend(f"equipment:{item}" for item in wanted.checked if item in defects)
    return tuple(codes)


def recommend(
    known: Known,
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
    units = known.units
    gates = _gates_now(known, now_ms, rules)
    # From here on a unit is its row; who has no way is gated, so who is free has a time.
    free = list(compress(count(), map(not_, gates)))
    eta_s = [seconds or 0 for seconds in known.eta_s]
    minded = plan is not None and plan.level in rules.home.levels
    short = _short_homes(units, free, area, rules) if minded else {}
    tired = _tired(units, free, now_ms, rules)
    weighed_s = eta_s
    if plan:
        later_s = {kind.value: s for kind, s in rules.preference(plan.level).later_s.items()}
        weighed_s = [s + later_s.get(kind, 0) for s, kind in zip(eta_s, units.kinds, strict=True)]
        for rows, more_s in ((tired, rules.rest.later_s), (short, rules.home.later_s)):
            for row in rows:
                weighed_s[row] += more_s
    # Equal weights go to whoever arrives first: "at least 3 min closer" includes 3 min. Who is free
    # comes in order of call sign, and sorting is stable.
    ranked = sorted(sorted(free, key=eta_s.__getitem__), key=weighed_s.__getitem__)
    _let_als_follow(units, ranked, plan, rules)
    why = list(gates)
    for found in (_merits(units, ranked, eta_s, plan), tired, short):
        for row, codes in found.items():
            why[row] += codes
    candidates = _candidates(known, why)
    first_s = min(map(eta_s.__getitem__, ranked), default=0)
    return Recommendation(
        proposal=Proposal(
            ranked=tuple(map(candidates.__getitem__, ranked)),
            skipped=tuple(compress(candidates, gates)),
            metric_version=metric_version,
            computed_ms=now_ms,
        ),
        shortfall=_shortfall(gates, [units.kinds[row] for row in ranked], first_s, plan, rules),
        weighed_s=tuple(map(weighed_s.__getitem__, ranked)),
    )


def _gates_now(known: Known, now_ms: int, rules: DispatchRules) -> list[tuple[str, ...]]:
    """With the reasons of this moment."""
    gates, units = list(known.gates), known.units
    soon_ms = now_ms + rules.reserved_soon_s * SECOND_MS
    for row, due_ms in units.reserved_ms.items():
        if due_ms <= soon_ms:
            one = units.standing[row]
            gates[row] = gates_of(one, known.wanted, rules, reserved_soon=True)
    for row, age_s in enumerate(known.age_s):
        if age_s is not None and age_s > rules.position_excluded_s:
            gates[row] += ("position_stale",)
    if None in known.eta_s:
        for row, eta_s in enumerate(known.eta_s):
            if eta_s is None:
                gates[row] += ("no_route",)
    return gates


def _let_als_follow(
    units: Units, ranked: list[int], plan: LevelPlan | None, rules: DispatchRules
) -> None:
    kinds = units.kinds
    best_als = next((row for row in ranked if kinds[row] == UnitKind.ALS), None)
    follows = plan is not None and rules.preference(plan.level).als_follows
    if follows and best_als is not None and kinds[ranked[0]] != UnitKind.ALS:
        ranked.remove(best_als)
        ranked.insert(1, best_als)


def _merits(
    units: Units, ranked: list[int], eta_s: Sequence[int], plan: LevelPlan | None
) -> dict[int, tuple[str, ...]]:
    """Why the first two and the nearest stand where they stand."""
    if not ranked:
        return {}
    nearest = min(ranked, key=eta_s.__getitem__)
    found: dict[int, tuple[str, ...]] = {nearest: ("nearest",)}
    wanted = plan.unit_kinds[0].value if plan else ""
    for place, row in enumerate(ranked[:2]):
        kind = units.kinds[row]
        merits = list(found.get(row, ()))
        if place == 0 and plan is None:
            merits.append("level_unknown")
        elif place == 0 and kind == wanted and row != nearest:
            merits.append(f"{kind}_wanted")
        elif place == 0 and kind != wanted:
            best = next((r for r in ranked if units.kinds[r] == wanted), None)
            if best is not None:
                merits.append(f"{kind}_sooner_by:{eta_s[best] - eta_s[row]}")
        elif place == 1 and kind == wanted and units.kinds[ranked[0]] != wanted:
            merits.append(f"{kind}_wanted")
        if place == 1 and plan and plan.crews > 1:
            merits.append("second_crew")
        found[row] = tuple(merits)
    return found


def _tired(
    units: Units, free: Iterable[int], now_ms: int, rules: DispatchRules
) -> dict[int, tuple[str, ...]]:
    """Those so many hours on duty that it counts."""
    since_ms = now_ms - rules.rest.after_h * HOUR_MS
    return {
        row: (f"long_on_duty:{(now_ms - duty_ms) // HOUR_MS}h",)
        for row in free
        if NEVER < (duty_ms := units.duty_ms[row]) < since_ms
    }


def _short_homes(
    units: Units, free: Iterable[int], area: str, rules: DispatchRules
) -> dict[int, tuple[str, ...]]:
    """Of the free units whose own area would keep too few ready ones: how many."""
    if not area:
        return {}
    standing = units.standing
    ready = Counter(one.home for one in standing if _is_ready(one))
    return {
        row: (f"home_short:{ready[home] - 1}",)
        for row in free
        if (home := standing[row].home) not in ("", area)
        and ready[home] - 1 < rules.home.least_ready
    }


def _is_ready(one: Standing) -> bool:
    return one.unit.on_duty and not one.unit.out_of_service and not one.on_mission


def _shortfall(
    gates: Sequence[tuple[str, ...]],
    ranked: Sequence[str],
    first_s: int,
    plan: LevelPlan | None,
    rules: DispatchRules,
) -> tuple[str, ...]:
    if plan is not None and not plan.unit_kinds:
        return ("no_vehicle_for_level",)
    if not ranked:
        return (_why_none(gates),)
    codes: list[str] = []
    if first_s > rules.reach_s:
        codes.append("none_in_reach")
    if plan and not any(kind == plan.unit_kinds[0].value for kind in ranked):
        codes.append(f"no_{plan.unit_kinds[0].value}_available")
    if plan and len(ranked) < plan.crews:
        codes.append("too_few_units")
    return tuple(codes)


def _why_none(gates: Sequence[tuple[str, ...]]) -> str:
    left = [{code.partition(":")[0] for code in codes} for codes in gates]
    for shut, word in _WHY_NONE:
        left = [codes for codes in left if codes.isdisjoint(shut)]
        if not left:
            return word
    raise AssertionError("a unit without a gate is ranked")


def _said(known: Known) -> list[tuple[str, ...]]:
    """What is to be known of each position and way, whether it is proposed or not."""
    words = {age_s: (f"position_age:{age_s}",) for age_s in set(known.age_s)}
    words[None] = ("position_assumed_station",)
    said: list[tuple[str, ...]] = list(map(words.__getitem__, known.age_s))
    if known.doubted:
        for row, ident in enumerate(known.units.unit_ids):
            if ident in known.doubted:
                said[row] += ("position_doubted",)
    for row in compress(range(len(said)), known.estimated):
        if known.eta_s[row] is not None:
            said[row] += ("estimated_crow",)
    return said


def _candidates(known: Known, why: Sequence[tuple[str, ...]]) -> list[Candidate]:
    units, reasons = known.units, map(add, why, _said(known))
    # In the order of its fields: by their names a thousand take twice as long.
    columns = units.unit_ids, units.call_signs, known.eta_s, known.estimated, known.age_s, reasons
    return list(map(Candidate, *columns))
