"""Drug checks against the formulary that the local medical director has approved.

Rule 1: a dose is shown only from an approved row whose gate is open and whose inputs are known; a
        child without a weight gets no dose.
Rule 2: the check advises and stops the slip of a hand: what was truly given can always be charted,
        with a reason, since a record that refuses the truth is worth nothing.
Rule 3: a drug that the formulary does not hold is charted as it was said and marked as unchecked.
Rule 4: nothing here orders or gives anything.
Rule 5: limits are those of the route and the indication. While nobody has told these, the strictest
        of those that fit counts.
Rule 6: what cannot be checked, for want of a weight, of an earlier amount, or because nobody asked
        for allergies or medicines, is said: before the drug is given, and with what was given.
"""

import re
from collections.abc import Callable
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from goldenhour.kernel.condition import UNKNOWN, Answers, open_names, parse, truth
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, SECOND_MS, to_datetime

NAMES: Final = frozenset({"age_y", "weight_kg", "pregnant", "taking", "given"})
"""What a condition of the formulary may name: `drug_given.drug_facts` gives them."""
ROUNDED: Final = 1.001
"""What is advised is rounded for the eye; charted as advised, it must not exceed its own limit.
Nor must a sum of decimal fractions: 0.1 + 0.2 mg is 0.3 mg."""
TOTAL_GIVEN: Final = "total_given"
"""The missing fact: how much of the drug this case has had."""
UNNAMED_ALLERGY: Final = "allergy"
"""An allergy to a drug that nobody has named yet, as a sheet says it."""
ALLERGIES: Final = "allergies"
"""The missing fact: to what."""
ALLERGIES_UNASKED: Final = "allergies_unasked"
"""The missing fact: whether to anything."""

Amount = Annotated[float, Meta(gt=0)]


class Dose(Record):
    """One row of the formulary: one drug, route, indication and band of patients."""

    id: str
    drug: str
    route: str
    indication: Text
    unit: str
    """Of every amount in the row: mg, ug, mL, IU, g, L/min, puff."""
    when: str = ""
    """For whom: over age_y, weight_kg, pregnant, and so on; empty: for everybody."""
    fixed: Amount | None = None
    per_kg: Amount | None = None
    """Times weight_kg; a row has this or `fixed`."""
    max_single: Amount | None = None
    max_total: Amount | None = None
    """In one case, over all rows of the drug in this unit."""
    min_interval_s: int | None = None
    source: str = ""
    approver: str = ""
    """Who has approved the row; empty: nobody, and it is not used."""
    valid_from: str = ""
    """ISO date; empty: since it was approved."""


class Drug(Record):
    id: str
    name: Text
    classes: tuple[str, ...] = ()
    """Substance classes, as allergies and interactions name them."""


class Interaction(Record):
    """What must not be given beside something else."""

    id: str
    drug: str
    when: str
    """Over `taking` (classes) and `given` (drugs of this case)."""
    stops: bool
    reason: Text


class Formulary(Record):
    about: About
    drugs: tuple[Drug, ...] = ()
    doses: tuple[Dose, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    cross: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Class -> classes in which an allergy to the first asks for caution."""

    def find_drug(self, drug: str) -> Drug | None:
        return next((one for one in self.drugs if one.id == drug), None)

    def list_doses(self, drug: str, at_ms: int) -> list[Dose]:
        """The approved rows of a drug that are valid on that day."""
        today = to_datetime(at_ms).astimezone(CHINA).date().isoformat()
        return [
            row
            for row in self.doses
            if row.drug == drug and row.approver and row.valid_from <= today
        ]


class Concern(StrEnum):
    UNCHECKED = "unchecked"
    """The formulary has no approved row for it."""
    ALLERGY = "allergy"
    CROSS_ALLERGY = "cross_allergy"
    OVER_SINGLE = "over_single"
    OVER_TOTAL = "over_total"
    TOO_SOON = "too_soon"
    NOT_FOR = "not_for"
    """No row's gate is open for this patient."""
    INTERACTION = "interaction"
    UNKNOWN_FACT = "unknown_fact"
    """What the gate or a limit asks is not known (a child's weight, what was given before)."""
    OTHER_UNIT = "other_unit"
    """Charted in a unit in which the formulary does not speak of this drug."""
    OTHER_ROUTE = "other_route"
    """Given by a route of which the formulary does not speak."""


class Finding(Record):
    concern: Concern
    stops: bool
    """Charted only with a reason; the others are shown and kept."""
    about: str
    """What the sentence names: a class, a limit with its unit, missing facts, an interaction."""


class Given(Record):
    """A drug as it was charted."""

    drug: str
    dose: float | None
    unit: str
    at_ms: int
    route: str = ""
    """Empty: not told, so that rows of every route count."""
    dose_id: str = ""
    """The row that was chosen, which tells the indication; empty: not told."""


class Advice(Record):
    """What the formulary says for this patient now; several where it has several indications."""

    dose_id: str
    amount: float
    unit: str
    capped: bool
    """The row's ceiling, and not the weight, made the amount."""


def advise(formulary: Formulary, drug: str, facts: Answers, at_ms: int) -> tuple[Advice, ...]:
    """Reference doses for this patient; empty where a fact is missing or no row applies."""
    found: list[Advice] = []
    for row in formulary.list_doses(drug, at_ms):
        if row.when and truth(parse(row.when), facts) is not True:
            continue
        amount = row.fixed if row.per_kg is None else _by_weight(row.per_kg, facts)
        if amount is None:
            continue
        capped = row.max_single is not None and amount > row.max_single
        found.append(
            Advice(
                dose_id=row.id,
                # A product of binary fractions is shown to a person: 0.30000000000000004 mg is not.
                amount=round(min(amount, row.max_single or amount), 6),
                unit=row.unit,
                capped=capped,
            )
        )
    return tuple(found)


BASIC: Final = ("weight_kg", "pregnant", "taking")
"""What is to be known of everybody before a drug, whether or not a rule of the formulary asks."""


def list_unknown(formulary: Formulary, drug: str, facts: Answers, at_ms: int) -> tuple[str, ...]:
    """Facts that nobody knows before this drug is given; allergies are told apart from these."""
    conditions = [rule.when for rule in formulary.interactions if rule.drug == drug]
    conditions += [row.when for row in formulary.list_doses(drug, at_ms) if row.when]
    asked = {name for when in conditions for name in open_names(parse(when), facts)}
    basic = tuple(name for name in BASIC if facts.get(name) in (None, UNKNOWN))
    return (*basic, *sorted(asked - {*basic}))


def check(
    formulary: Formulary,
    given: Given,
    earlier: tuple[Given, ...],
    allergies: frozenset[str] | None,
    facts: Answers,
) -> tuple[Finding, ...]:
    """What speaks against this drug; the stops first.

    `allergies` are ids of drugs or classes, and names and words as they were told; None: nobody
    has asked.
    """
    found = [*_allergies(formulary, given.drug, allergies)]
    rules = [(rule, parse(rule.when)) for rule in formulary.interactions if rule.drug == given.drug]
    found += [
        _finding(Concern.INTERACTION, rule.id, stops=rule.stops)
        for rule, when in rules
        if truth(when, facts)
    ]
    unknown = {name for _, when in rules for name in open_names(when, facts)}
    if unknown:
        found.append(_finding(Concern.UNKNOWN_FACT, ", ".join(sorted(unknown)), stops=False))
    rows = formulary.list_doses(given.drug, given.at_ms)
    if not rows:
        found.append(_finding(Concern.UNCHECKED, given.drug, stops=False))
    else:
        found += _amounts(rows, given, earlier, facts)
    return tuple(sorted(found, key=lambda one: not one.stops))


def _allergies(formulary: Formulary, drug: str, allergies: frozenset[str] | None) -> list[Finding]:
    if allergies is None:
        return [_finding(Concern.UNKNOWN_FACT, ALLERGIES_UNASKED, stops=False)]
    known = formulary.find_drug(drug) or _find_named(formulary, drug)
    own = {drug, *((known.id, *known.classes) if known else ())}
    if UNNAMED_ALLERGY in allergies:
        # Asked for and no stop: it may be to anything, and oxygen and adrenaline cannot wait.
        return [_finding(Concern.UNKNOWN_FACT, ALLERGIES, stops=False)]
    if hit := own & allergies:
        # The class says more than the drug that was given anyway.
        return [_finding(Concern.ALLERGY, min(hit - {drug}, default=drug), stops=True)]
    if told := [text for text in allergies if _is_told(formulary, drug, known, text)]:
        return [_finding(Concern.ALLERGY, min(told), stops=True)]
    cautions = {near for allergy in allergies for near in formulary.cross.get(allergy, ())}
    return [_finding(Concern.CROSS_ALLERGY, name, stops=False) for name in sorted(own & cautions)]


def _find_named(formulary: Formulary, name: str) -> Drug | None:
    said = name.strip().casefold()
    return next((one for one in formulary.drugs if said in _names_of(one)), None)


def _names_of(drug: Drug) -> tuple[str, ...]:
    return (drug.name.zh.casefold(), drug.name.en.casefold())


def _is_told(formulary: Formulary, drug: str, known: Drug | None, text: str) -> bool:
    """Whether an allergy as it was told names the drug."""
    said = text.strip().casefold()
    if known is None:
        # The formulary classes it nowhere; an allergy to amoxicillin names amoxicillin-clavulanate.
        name = drug.strip().casefold()
        return _occurs(name, said) or _occurs(said, name)
    # The longest name first: that of norepinephrine in Chinese holds that of epinephrine.
    names = {name for one in formulary.drugs for name in _names_of(one)}
    for name in sorted(names, key=_longest_first):
        if _occurs(name, said):
            if name in _names_of(known):
                return True
            said = said.replace(name, " ")
    return False


def _longest_first(name: str) -> tuple[int, str]:
    return -len(name), name


def _occurs(name: str, text: str) -> bool:
    """Latin names as whole words, for `sulfate` is no `sulfa`; one sign (oxygen's) only alone."""
    if not name or name == text:
        return bool(name)
    if name.isascii():
        return re.search(rf"(?<![a-z0-9]){re.escape(name)}(?![a-z0-9])", text) is not None
    return len(name) > 1 and name in text


def _amounts(
    rows: list[Dose], given: Given, earlier: tuple[Given, ...], facts: Answers
) -> list[Finding]:
    rows = [row for row in rows if given.route in ("", row.route)]
    if not rows:
        return [_finding(Concern.OTHER_ROUTE, given.route, stops=False)]
    fitting = [row for row in rows if not row.when or truth(parse(row.when), facts)]
    if not fitting:
        missing = {name for row in rows if row.when for name in open_names(parse(row.when), facts)}
        if missing:
            return [_finding(Concern.UNKNOWN_FACT, ", ".join(sorted(missing)), stops=False)]
        return [_finding(Concern.NOT_FOR, given.drug, stops=True)]
    same_unit = [row for row in fitting if row.unit == given.unit]
    if not same_unit:
        return [_finding(Concern.OTHER_UNIT, fitting[0].unit, stops=False)]
    told = next((row for row in same_unit if row.id == given.dose_id), None)
    groups = [
        [row for row in same_unit if (row.route, row.indication) == meant]
        for meant in {(row.route, row.indication) for row in ([told] if told else same_unit)}
    ]
    found: list[Finding] = []
    before = [one for one in earlier if one.drug == given.drug]
    if given.dose is not None:
        highest = _strictest(groups, lambda row: _ceiling(row, facts), max, min)
        if highest is not None and given.dose > ROUNDED * highest:
            found.append(_finding(Concern.OVER_SINGLE, f"{highest:g} {given.unit}", stops=True))
        if any(_asks_weight(group, given.dose, facts) for group in groups):
            found.append(_finding(Concern.UNKNOWN_FACT, "weight_kg", stops=False))
        most = _strictest(groups, lambda row: row.max_total, max, min)
        counted = [one.dose for one in before if one.dose is not None and one.unit == given.unit]
        if most is not None:
            if given.dose + sum(counted) > ROUNDED * most:
                found.append(_finding(Concern.OVER_TOTAL, f"{most:g} {given.unit}", stops=True))
            elif len(counted) < len(before):
                found.append(_finding(Concern.UNKNOWN_FACT, TOTAL_GIVEN, stops=False))
    least_s = _strictest(groups, lambda row: row.min_interval_s, min, max)
    if before and least_s is not None:
        # Charted out of order, an earlier dose may carry the later time.
        nearest_ms = min(abs(given.at_ms - one.at_ms) for one in before)
        if nearest_ms < least_s * SECOND_MS:
            found.append(_finding(Concern.TOO_SOON, f"{least_s:g} s", stops=True))
    return found


def _strictest(
    groups: list[list[Dose]],
    limit: Callable[[Dose], float | None],
    generous: Callable[[list[float]], float],
    strict: Callable[[list[float]], float],
) -> float | None:
    """Within an indication the most generous row counts, between indications the strictest."""
    found: list[float] = []
    for group in groups:
        stated = [one for one in map(limit, group) if one is not None]
        if len(stated) == len(group):
            found.append(generous(stated))
    return strict(found) if found else None


def _asks_weight(rows: list[Dose], dose: float, facts: Answers) -> bool:
    """Whether only a weight can tell if the dose is too large: no row without one allows it."""
    open_rows = [row for row in rows if row.per_kg and _by_weight(row.per_kg, facts) is None]
    limits = [_ceiling(row, facts) for row in rows if row not in open_rows]
    allowed = any(limit is None or dose <= ROUNDED * limit for limit in limits)
    return bool(open_rows) and not allowed


def _ceiling(row: Dose, facts: Answers) -> float | None:
    """The most that one dose of the row may be for this patient; None: the row states none."""
    by_weight = None if row.per_kg is None else _by_weight(row.per_kg, facts)
    known = [limit for limit in (row.max_single or row.fixed, by_weight) if limit is not None]
    return min(known) if known else None


def _by_weight(per_kg: float, facts: Answers) -> float | None:
    weight_kg = facts.get("weight_kg")
    if isinstance(weight_kg, bool) or not isinstance(weight_kg, int | float):
        return None
    return per_kg * weight_kg


def _finding(concern: Concern, about: str, *, stops: bool) -> Finding:
    return Finding(concern=concern, stops=stops, about=about)
