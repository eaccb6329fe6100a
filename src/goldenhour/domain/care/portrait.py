"""The health portrait: what a resident's record says, by region of the body, in colours.

Rule 1: green says that the record holds something of the region and no rule fired; a region of
        which the record is silent is grey, and without a record every region is.
Rule 2: the worst fired rule gives the colour. Red by history needs a day: undated it is orange.
Rule 3: what is seen now may raise a region, never lower it.
Rule 4: two entries that disagree are both shown, and the worse counts.
Rule 5: allergies, infections and the other alerts are no colour; they stand above all regions.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.care.portrait_content import (
    Codes,
    Colour,
    PortraitContent,
    Rule,
    Spoken,
)
from goldenhour.kernel.condition import Answer, Answers, parse, truth
from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import FactKind, FactWords, Resident, ResidentFact, Standing

ANAPHYLAXIS: Final = "anaphylaxis"
NO_ALLERGY: Final = "none"
"""What a record means that says: no allergy is known."""
_SEVERITIES: Final = ("", "mild", "moderate", "severe", ANAPHYLAXIS)
_FIRST: Final = {len("2026"): ("-01-01",), len("2026-11"): ("-01",)}
_LAST: Final = {len("2026"): ("-12-31",), len("2026-11"): ("-31", "-30", "-29", "-28")}
"""What makes a year or a month a day."""
_COLOURS: Final = (Colour.GREY, Colour.GREEN, Colour.ORANGE, Colour.RED)


class Item(Record):
    """Why a region has its colour, or what it was green by."""

    rule: str
    """Id in the content; empty: a fact that fired none."""
    colour: Colour
    fact: str
    """Id of the entry in the resident's record; empty: seen now."""
    day: str
    old: bool
    """Written longer ago than its kind stays fresh, or undated."""
    candidate: bool = False
    """A suspicion that a person has to confirm."""
    against: bool = False
    """Another entry that says the opposite."""


class Painted(Record):
    region: str
    colour: Colour
    items: tuple[Item, ...]


class AlertKind(StrEnum):
    """In the order in which they are shown."""

    ALLERGY = "allergy"
    INFECTION = "infection"
    MEDICINE = "medicine"
    DIRECTIVE = "directive"
    DEVICE = "device"


class Alert(Record):
    kind: AlertKind
    id: str
    """Of the content; empty: the record's own words say what."""
    facts: tuple[str, ...]
    """The entries that say so, the worst first."""
    severity: str
    """Of an allergy."""
    ppe: str
    """Of an infection: what to put on, which is shown before what it is."""
    day: str
    old: bool
    verified: bool
    mri: bool
    """A device that keeps the patient out of a magnet."""
    against: tuple[str, ...]
    """Entries that say the opposite; the worse counts."""


class Portrait(Record):
    regions: tuple[Painted, ...]
    alerts: tuple[Alert, ...]
    others: tuple[str, ...]
    """Facts that no rule and no region speaks of."""


def classify(resident: Resident, content: PortraitContent) -> Resident:
    """The record with what its codes and words mean; words are read here and nowhere later."""

    def meant(fact: ResidentFact) -> ResidentFact:
        words = resident.words.facts.get(fact.id, FactWords())
        # How a patient took a drug stands beside its name and must not be taken for one.
        said = words.name.casefold()
        found = tuple(
            one.id
            for one in content.list_named(fact.kind)
            if _has_code(fact, one) or any(word.casefold() in said for word in one.words)
        )
        severity = fact.severity
        if fact.kind is FactKind.ALLERGY:
            reaction = words.reaction.casefold()
            if any(word.casefold() in reaction for word in content.anaphylaxis_words):
                severity = ANAPHYLAXIS
        return replace(fact, means=found, severity=severity)

    return replace(resident, facts=tuple(meant(fact) for fact in resident.facts))


def list_allergies(facts: Iterable[ResidentFact], content: PortraitContent) -> frozenset[str]:
    """What the drug check is to know: allergens, and the names that their drugs go by."""
    meant = {
        name
        for fact in facts
        if fact.kind is FactKind.ALLERGY and fact.standing is not Standing.REFUTED
        for name in fact.means
    }
    return _with_drugs(meant, content)


def list_medicines(facts: Iterable[ResidentFact], content: PortraitContent) -> frozenset[str]:
    """The classes of medicines that the resident takes, as the drug check names them."""
    held = tuple(facts)
    return frozenset(
        one.id
        for one in content.medicines
        if any(_says(fact, one, FactKind.MEDICINE) for fact in held)
    )


def list_told_allergies(told: Iterable[str], content: PortraitContent) -> frozenset[str]:
    """The same of what the crew was told: ids of allergens, and own words, which stay beside it."""
    said = {word.strip() for word in told} - {""}
    meant = {
        one.id
        for one in content.allergens
        for word in said
        if word == one.id
        or any(name.casefold() in word.casefold() for name in (*one.words, *one.drugs))
    }
    return _with_drugs(said | meant, content)


def _with_drugs(meant: set[str], content: PortraitContent) -> frozenset[str]:
    allergens = [one for one in content.allergens if one.id in meant and one.id != NO_ALLERGY]
    names = {name for one in allergens for name in (*one.drugs, *one.words)}
    return frozenset((meant | names) - {NO_ALLERGY})


def paint(
    facts: tuple[ResidentFact, ...], content: PortraitContent, live: Answers, today: str
) -> Portrait:
    """`live` is what is known of the patient now, by name; `today` is YYYY-MM-DD."""
    hits = {rule.id: list(_hits(rule, facts, today)) for rule in content.rules if rule.has_codes}
    known: dict[str, Answer] = dict(live)
    known |= {name: bool(found) for name, found in hits.items()} if facts else {}
    known |= _falls(facts, content, live)
    used: set[str] = set()
    regions: list[Painted] = []
    for region in content.regions:
        if region.when and truth(parse(region.when), known) is not True:
            continue
        items: list[Item] = []
        for rule in (one for one in content.rules if one.region == region.id):
            if rule.when and truth(parse(rule.when), known) is not True:
                continue
            if not rule.has_codes:
                items.append(
                    Item(
                        rule=rule.id,
                        colour=rule.colour,
                        fact="",
                        day=today,
                        old=False,
                        candidate=rule.candidate,
                    )
                )
                continue
            if fired := hits[rule.id]:
                items += [_item(rule, fact, content, today) for fact in fired]
                items += [
                    replace(_item(rule, fact, content, today), against=True)
                    for fact in facts
                    if fact.standing is Standing.REFUTED and _has_code(fact, rule)
                ]
        fired_here = {item.fact for item in items}
        looked = [fact for fact in facts if fact.id not in fired_here and _has_code(fact, region)]
        items += [
            Item(
                rule="",
                colour=Colour.GREEN,
                fact=fact.id,
                day=fact.day or fact.told_day,
                old=_is_old(fact, content.old_days, today),
            )
            for fact in looked
        ]
        used |= {item.fact for item in items}
        items.sort(key=lambda item: -_COLOURS.index(item.colour))
        worst = max(
            (item.colour for item in items if not item.against),
            key=_COLOURS.index,
            default=Colour.GREY,
        )
        regions.append(Painted(region=region.id, colour=worst, items=tuple(items)))
    alerts = tuple(_alerts(facts, content, today))
    for alert in alerts:
        used |= {*alert.facts, *alert.against}
    others = tuple(fact.id for fact in facts if fact.id not in used)
    return Portrait(regions=tuple(regions), alerts=alerts, others=others)


def _item(rule: Rule, fact: ResidentFact, content: PortraitContent, today: str) -> Item:
    dated = bool(fact.day)
    return Item(
        rule=rule.id,
        colour=rule.colour if dated or rule.colour is not Colour.RED else Colour.ORANGE,
        fact=fact.id,
        day=fact.day or fact.told_day,
        old=_is_old(fact, content.old_days, today),
        candidate=rule.candidate,
    )


def _hits(rule: Rule, facts: Iterable[ResidentFact], today: str) -> Iterator[ResidentFact]:
    for fact in facts:
        if fact.standing is Standing.REFUTED or not _has_code(fact, rule):
            continue
        if rule.active and fact.standing is not Standing.ACTIVE:
            continue
        if rule.within_days is not None and fact.day:
            age = _days_since(fact.day, today, latest=True)
            if age is not None and age > rule.within_days:
                continue
        if rule.unit and (
            fact.value is None
            or fact.unit != rule.unit
            or (rule.below is not None and not fact.value < rule.below)
            or (rule.least is not None and not fact.value >= rule.least)
        ):
            continue
        yield fact


def _falls(
    facts: Iterable[ResidentFact], content: PortraitContent, live: Answers
) -> dict[str, Answer]:
    """How far a sign has fallen below the newest value of the record, by its name."""
    found: dict[str, Answer] = {}
    for baseline in content.baselines:
        now = live.get(baseline.finding)
        values = [
            (fact.day, fact.value)
            for fact in facts
            if fact.value is not None and fact.day and fact.unit == baseline.unit
            if _has_code(fact, baseline)
        ]
        if values and isinstance(now, int | float):
            found[baseline.id] = max(values)[1] - now
    return found


def _alerts(
    facts: tuple[ResidentFact, ...], content: PortraitContent, today: str
) -> Iterator[Alert]:
    allergies = [_meant(AlertKind.ALLERGY, group, content, today) for group in _by_meaning(facts)]
    yield from sorted(
        (alert for alert in allergies if alert),
        key=lambda alert: -_SEVERITIES.index(alert.severity),
    )
    for infection in content.infections:
        of_it = [fact for fact in facts if _has_code(fact, infection)]
        if infection.active:
            of_it = [fact for fact in of_it if fact.standing is not Standing.PAST]
        positive = [fact for fact in of_it if fact.standing is not Standing.REFUTED]
        negative = [fact for fact in of_it if fact.standing is Standing.REFUTED]
        newest = max((fact.day for fact in positive), default="")
        if not positive or (
            infection.cleared and any(newest and fact.day > newest for fact in negative)
        ):
            continue
        stale = content.infection_old_days
        yield Alert(
            kind=AlertKind.INFECTION,
            id=infection.id,
            facts=tuple(fact.id for fact in positive),
            severity="",
            ppe=infection.ppe,
            day=newest,
            old=all(_is_old(fact, stale, today) for fact in positive),
            verified=any(fact.verified for fact in positive),
            mri=False,
            against=tuple(fact.id for fact in negative),
        )
    kinds: tuple[tuple[AlertKind, FactKind, tuple[Spoken, ...]], ...] = (
        (AlertKind.MEDICINE, FactKind.MEDICINE, content.medicines),
        (AlertKind.DIRECTIVE, FactKind.DIRECTIVE, content.directives),
        (AlertKind.DEVICE, FactKind.DEVICE, content.devices),
    )
    for kind, fact_kind, named in kinds:
        for one in named:
            saying = [fact for fact in facts if _says(fact, one, fact_kind)]
            if saying:
                alert = _alert(kind, one.id, saying, content, today)
                yield replace(alert, mri=one.id in content.no_mri)


def _says(fact: ResidentFact, one: Spoken, kind: FactKind) -> bool:
    if fact.standing is not Standing.ACTIVE:
        return False
    return (fact.kind is kind and one.id in fact.means) or _has_code(fact, one)


def _by_meaning(facts: Iterable[ResidentFact]) -> list[list[ResidentFact]]:
    """Allergies, one group an allergen; what nobody recognised stands alone."""
    groups: dict[str, list[ResidentFact]] = {}
    for fact in facts:
        if fact.kind is FactKind.ALLERGY:
            for name in fact.means or (f"?{fact.id}",):
                groups.setdefault(name, []).append(fact)
    nothing = groups.pop(NO_ALLERGY, [])
    if not groups:
        return [nothing] if nothing else []
    # "No allergy known" beside an allergy is the other source that disagrees.
    denied = [replace(fact, standing=Standing.REFUTED) for fact in nothing]
    return [[*group, *denied] for group in groups.values()]


def _meant(
    kind: AlertKind, group: list[ResidentFact], content: PortraitContent, today: str
) -> Alert | None:
    saying = [fact for fact in group if fact.standing is not Standing.REFUTED]
    if not saying:
        return None
    ids = {one.id for one in content.allergens}
    names = set(saying[0].means).intersection(*(fact.means for fact in saying)) & ids
    alert = _alert(kind, min(names, default=""), saying, content, today)
    against = tuple(fact.id for fact in group if fact.standing is Standing.REFUTED)
    return replace(alert, against=against)


def _alert(
    kind: AlertKind, ident: str, saying: list[ResidentFact], content: PortraitContent, today: str
) -> Alert:
    worst_first = sorted(saying, key=lambda fact: -_severity(fact))
    return Alert(
        kind=kind,
        id=ident,
        facts=tuple(fact.id for fact in worst_first),
        severity=_SEVERITIES[_severity(worst_first[0])],
        ppe="",
        day=worst_first[0].day or worst_first[0].told_day,
        old=all(_is_old(fact, content.old_days, today) for fact in saying),
        verified=any(fact.verified for fact in saying),
        mri=False,
        against=(),
    )


def _severity(fact: ResidentFact) -> int:
    return _SEVERITIES.index(fact.severity) if fact.severity in _SEVERITIES else 0


def _has_code(fact: ResidentFact, matcher: Codes) -> bool:
    """A code of ICD-10 and ATC is meant with everything below it, others exactly."""
    for code in fact.codes:
        if code.system == "icd10" and code.code.replace(".", "").startswith(matcher.icd10):
            return True
        if code.system == "atc" and code.code.startswith(matcher.atc):
            return True
        if code.system in ("loinc", "snomed") and code.code in matcher.exact:
            return True
    return False


def _is_old(fact: ResidentFact, days: int, today: str) -> bool:
    """Undated is old: nobody can say how fresh it is."""
    age = _days_since(fact.told_day or fact.day, today, latest=False)
    return age is None or age > days


def _days_since(day: str, today: str, *, latest: bool) -> int | None:
    """Of a year or month alone the last day, or the first; None: no day."""
    ends = (_LAST if latest else _FIRST).get(len(day), ("",))
    for end in ends:
        try:
            return (date.fromisoformat(today) - date.fromisoformat(day + end)).days
        except ValueError:
            continue
    return None
