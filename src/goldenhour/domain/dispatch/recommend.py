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
from itertools import compress
from operator import add
from typing import Final

import numpy as np
from numpy.typing import NDArray

from goldenhour.domain.dispatch.events import Candidate, Proposal
from goldenhour.domain.dispatch.rules import DispatchRules
from goldenhour.domain.register.events import UnitKind
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.triage.levels import LevelPlan
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, SECOND_MS

type Longs = NDArray[np.int64]
type Flags = NDArray[np.bool_]
type Rows = NDArray[np.intp]
"""A unit is its row."""


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
    kinds: NDArray[np.int8]
    """Places in KINDS."""
    duty_ms: Longs
    """Since when each is on duty; NEVER: it is not, or nobody said since when."""
    reserved_ms: dict[int, int]
    """By row, of those that are reserved: when the next reservation is due."""

    def set(self, row: int, one: Standing) -> None:
        self.standing[row] = one
        self.reserved_ms.pop(row, None)
        if one.reserved_ms is not None:
            self.reserved_ms[row] = one.reserved_ms
        self.unit_ids[row], self.call_signs[row] = one.unit_id, one.unit.call_sign
        self.kinds[row] = KINDS.index(one.unit.unit_kind)
        self.duty_ms[row] = NEVER if one.unit.duty_ms is None else one.unit.duty_ms


class Gates(Record, eq=False):
    """What shuts each unit out of a plan, a row for each; whoever asks again keeps them too."""

    reasons: list[tuple[str, ...]]
    shut: Flags
    """Where there is any reason."""

    def set(self, row: int, reasons: tuple[str, ...]) -> None:
        self.reasons[row], self.shut[row] = reasons, bool(reasons)

    def copy(self) -> "Gates":
        return Gates(reasons=self.reasons.copy(), shut=self.shut.copy())


class Wanted(Record):
    """What a level asks of a unit."""

    kinds: frozenset[str]
    checked: tuple[str, ...]
    """Items of the shift check that have to be in order."""


class Known(Record, eq=False):
    """All units at the moment of asking: columns, a row for each unit, as `in_order` has them."""

    units: Units
    wanted: Wanted
    gates: Gates
    """Of what is wanted, while no reservation is near."""
    eta_s: Longs
    """NEVER: there is no way."""
    estimated: Flags
    """True when no road time was known."""
    age_s: Longs
    """Of the newest position; NEVER: not seen yet, so its station's place was used."""
    doubted: Collection[str]
    """Units whose terminal says that they are elsewhere, and that is not believed."""


class Recommendation(Record):
    proposal: Proposal
    shortfall: tuple[str, ...]
    """Codes: what this recommendation could not give, worst first."""
    weighed_s: tuple[int, ...]
    """Of each ranked unit its arrival, later by what content counts against it."""


KINDS: Final = tuple(UnitKind)
_ALS: Final = KINDS.index(UnitKind.ALS)
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
        unit_ids=_beside([one.unit_id for one in rows]),
        call_signs=_beside([one.unit.call_sign for one in rows]),
        kinds=np.array([KINDS.index(one.unit.unit_kind) for one in rows], dtype=np.int8),
        duty_ms=np.array(
            [NEVER if one.unit.duty_ms is None else one.unit.duty_ms for one in rows],
            dtype=np.int64,
        ),
        reserved_ms={
            row: one.reserved_ms for row, one in enumerate(rows) if one.reserved_ms is not None
        },
    )


def _beside(words: Iterable[str]) -> list[str]:
    """Copies that lie one behind the other in memory: where they came from, each is waited for."""
    return [word.encode().decode() for word in words]


def wanted_of(plan: LevelPlan | None, rules: DispatchRules) -> Wanted:
    return Wanted(
        kinds=frozenset(kind.value for kind in (plan.unit_kinds if plan else UnitKind)),
        checked=rules.equipment.get(plan.level, ()) if plan else (),
    )


def gates_for(standing: Sequence[Standing], wanted: Wanted, rules: DispatchRules) -> Gates:
    reasons = [gates_of(one, wanted, rules) for one in standing]
    return Gates(reasons=reasons, shut=np.array([*map(bool, reasons)], dtype=np.bool_))


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
    units, eta_s = known.units, known.eta_s
    gates = _gates_now(known, now_ms, rules)
    # Who has no way is gated, so who is free has a time.
    free = np.flatnonzero(~gates.shut)
    minded = plan is not None and plan.level in rules.home.levels
    short = _short_homes(units, free, area, rules) if minded else {}
    tired = _tired(units, free, now_ms, rules)
    weighed_s = eta_s
    if plan:
        later_s = rules.preference(plan.level).later_s
        weighed_s = eta_s + np.array([later_s.get(kind, 0) for kind in KINDS])[units.kinds]
        weighed_s[[*tired]] += rules.rest.later_s
        weighed_s[[*short]] += rules.home.later_s
    # Equal weights go to whoever arrives first: "at least 3 min closer" includes 3 min. Who is free
    # comes in order of call sign, and this keeps it.
    ranked = free[np.lexsort((eta_s[free], weighed_s[free]))]
    ranked = _with_als_behind(units, ranked, plan, rules)
    why = gates.reasons
    for found in (_merits(units, ranked, eta_s, plan), tired, short):
        for row, codes in found.items():
            why[row] += codes
    candidates = _candidates(known, why)
    return Recommendation(
        proposal=Proposal(
            ranked=tuple(map(candidates.__getitem__, ranked.tolist())),
            skipped=tuple(compress(candidates, gates.shut.tolist())),
            metric_version=metric_version,
            computed_ms=now_ms,
        ),
        shortfall=_shortfall(known, gates, ranked, plan, rules),
        weighed_s=tuple(weighed_s[ranked].tolist()),
    )


def _gates_now(known: Known, now_ms: int, rules: DispatchRules) -> Gates:
    """With the reasons of this moment."""
    gates, units = known.gates.copy(), known.units
    soon_ms = now_ms + rules.reserved_soon_s * SECOND_MS
    for row, due_ms in units.reserved_ms.items():
        if due_ms <= soon_ms:
            one = units.standing[row]
            gates.set(row, gates_of(one, known.wanted, rules, reserved_soon=True))
    for found, reason in (
        (known.age_s > rules.position_excluded_s, "position_stale"),
        (known.eta_s == NEVER, "no_route"),
    ):
        for row in np.flatnonzero(found).tolist():
            gates.set(row, (*gates.reasons[row], reason))
    return gates


def _with_als_behind(
    units: Units, ranked: Rows, plan: LevelPlan | None, rules: DispatchRules
) -> Rows:
    """With the best ALS unit second, where the level wants that and the first is none."""
    places = np.flatnonzero(units.kinds[ranked] == _ALS)
    if plan is None or not rules.preference(plan.level).als_follows or not places.size:
        return ranked
    best = int(places[0])
    return ranked if best == 0 else np.insert(np.delete(ranked, best), 1, ranked[best])


def _merits(
    units: Units, ranked: Rows, eta_s: Longs, plan: LevelPlan | None
) -> dict[int, tuple[str, ...]]:
    """Why the first two and the nearest stand where they stand."""
    if not ranked.size:
        return {}
    nearest = int(ranked[np.argmin(eta_s[ranked])])
    found: dict[int, tuple[str, ...]] = {nearest: ("nearest",)}
    wanted = plan.unit_kinds[0] if plan else None
    first_kind = KINDS[units.kinds[ranked[0]]]
    for place, row in enumerate(ranked[:2].tolist()):
        kind = KINDS[units.kinds[row]]
        merits = list(found.get(row, ()))
        if place == 0 and plan is None:
            merits.append("level_unknown")
        elif place == 0 and kind == wanted and row != nearest:
            merits.append(f"{kind}_wanted")
        elif place == 0 and wanted and kind != wanted:
            others = ranked[units.kinds[ranked] == KINDS.index(wanted)]
            if others.size:
                merits.append(f"{kind}_sooner_by:{eta_s[others[0]] - eta_s[row]}")
        elif place == 1 and kind == wanted and first_kind != wanted:
            merits.append(f"{kind}_wanted")
        if place == 1 and plan and plan.crews > 1:
            merits.append("second_crew")
        found[row] = tuple(merits)
    return found


def _tired(
    units: Units, free: Rows, now_ms: int, rules: DispatchRules
) -> dict[int, tuple[str, ...]]:
    """Those so many hours on duty that it counts."""
    duty_ms = units.duty_ms[free]
    long_ago = (duty_ms != NEVER) & (duty_ms < now_ms - rules.rest.after_h * HOUR_MS)
    hours = (now_ms - duty_ms[long_ago]) // HOUR_MS
    return {
        row: (f"long_on_duty:{h}h",)
        for row, h in zip(free[long_ago].tolist(), hours.tolist(), strict=True)
    }


def _short_homes(
    units: Units, free: Rows, area: str, rules: DispatchRules
) -> dict[int, tuple[str, ...]]:
    """Of the free units whose own area would keep too few ready ones: how many."""
    if not area:
        return {}
    standing = units.standing
    ready = Counter(one.home for one in standing if _is_ready(one))
    return {
        row: (f"home_short:{ready[home] - 1}",)
        for row in free.tolist()
        if (home := standing[row].home) not in ("", area)
        and ready[home] - 1 < rules.home.least_ready
    }


def _is_ready(one: Standing) -> bool:
    return one.unit.on_duty and not one.unit.out_of_service and not one.on_mission


def _shortfall(
    known: Known, gates: Gates, ranked: Rows, plan: LevelPlan | None, rules: DispatchRules
) -> tuple[str, ...]:
    if plan is not None and not plan.unit_kinds:
        return ("no_vehicle_for_level",)
    if not ranked.size:
        return (_why_none(gates.reasons),)
    codes: list[str] = []
    if known.eta_s[ranked].min() > rules.reach_s:
        codes.append("none_in_reach")
    if plan:
        best = plan.unit_kinds[0]
        if not (known.units.kinds[ranked] == KINDS.index(best)).any():
            codes.append(f"no_{best}_available")
        if len(ranked) < plan.crews:
            codes.append("too_few_units")
    return tuple(codes)


def _why_none(gates: Sequence[tuple[str, ...]]) -> str:
    left = [{code.partition(":")[0] for code in codes} for codes in gates]
    for shut, word in _WHY_NONE:
        left = [codes for codes in left if codes.isdisjoint(shut)]
        if not left:
            return word
    raise AssertionError("a unit without a gate is ranked")


def _said(known: Known, ages_s: Collection[int | None]) -> list[tuple[str, ...]]:
    """What is to be known of each position and way, whether it is proposed or not."""
    words = {age_s: (f"position_age:{age_s}",) for age_s in set(ages_s)}
    words[None] = ("position_assumed_station",)
    said: list[tuple[str, ...]] = list(map(words.__getitem__, ages_s))
    if known.doubted:
        for row, ident in enumerate(known.units.unit_ids):
            if ident in known.doubted:
                said[row] += ("position_doubted",)
    for row in np.flatnonzero(known.estimated & (known.eta_s != NEVER)).tolist():
        said[row] += ("estimated_crow",)
    return said


def _candidates(known: Known, why: Sequence[tuple[str, ...]]) -> list[Candidate]:
    units, ages_s = known.units, _told(known.age_s)
    reasons = map(add, why, _said(known, ages_s))
    # In the order of its fields: by their names a thousand take twice as long.
    columns = (
        *(units.unit_ids, units.call_signs, _told(known.eta_s), known.estimated.tolist()),
        *(ages_s, reasons),
    )
    return list(map(Candidate, *columns))


def _told(values: Longs) -> list[int | None]:
    """None where nothing is told."""
    told: list[int | None] = values.tolist()
    for row in np.flatnonzero(values == NEVER).tolist():
        told[row] = None
    return told
