"""Who calls, when, from where, and what they would say: the truth behind the calls.

Rule 1: the n-th call of a seed is always the same call, whatever happens around it.
Rule 2: figures stand in `demand.toml`; questions are answered by the protocol's own definitions, so
        a new card needs nothing here.
"""

import math
from enum import StrEnum
from importlib.resources import files
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from goldenhour import simulator
from goldenhour.domain.intake.events import Disposition
from goldenhour.domain.intake.incident import Answer
from goldenhour.domain.register.city import City
from goldenhour.domain.triage.protocol import Kind, Question
from goldenhour.kernel.condition import UNKNOWN
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, HOUR_MS, SECOND_MS, to_datetime
from goldenhour.simulator.caller import Caller, CallersConfig, CallerWriter
from goldenhour.simulator.deeds import CrewDeed, SeatDeed, WardDeed
from goldenhour.simulator.monitor import Profile

YEAR_MS: Final = 365 * 24 * HOUR_MS
COUNTED_ONCE: Final = (("city", "town"), ("neighbourhood", "village", "hamlet"))
"""Kinds of place that do not contain one another; whichever of them has counted more people."""
FILE: Final = "demand.toml"
Range = tuple[float, float]
Share = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=1)]
Hourly = Annotated[tuple[Annotated[float, Meta(gt=0)], ...], Meta(min_length=24, max_length=24)]


class Complaint(Record):
    topic: str
    weight: float
    course: Profile
    yes: dict[str, float] = msgspec.field(default_factory=dict)
    """Question -> share of yes, where it differs from what all callers say."""


class AnswerHabits(Record):
    yes: dict[str, float]
    other_yes: float
    first_option: float
    none_of_many: float
    unknown: float
    minutes: tuple[int, int]
    ages_y: tuple[int, int]


class SeatHabits(Record):
    pace_s: dict[SeatDeed, Range]
    asks_without_level: Count
    most_questions: Count
    accuracies_m: Annotated[tuple[Count, ...], Meta(min_length=1)]


class CrewHabits(Record):
    pace_s: dict[CrewDeed, Range]
    ages_y: tuple[int, int]
    unsigned_s: Range


class WardHabits(Record):
    pace_s: dict[WardDeed, Range]
    names: Annotated[tuple[str, ...], Meta(min_length=1)]
    bed_shares: dict[str, Share]
    fewest_beds: Count
    beds_unsaid: Count
    stay_min: Count
    report_again_min: Count


class Habits(Record):
    """Content: `simulator/demand.toml`."""

    version: int
    calls_per_person_year: float
    calls_per_unit_day: float
    hours: Hourly
    days: Annotated[tuple[float, ...], Meta(min_length=7, max_length=7)]
    traffic: Hourly
    abandon_share: float
    abandon_after_s: Range
    not_an_emergency: dict[Disposition, float]
    second_caller_share: float
    second_after_s: Range
    reached_on_ring_back: float
    complaints: tuple[Complaint, ...]
    answers: AnswerHabits
    seat: SeatHabits
    crew: CrewHabits
    ward: WardHabits

    def traffic_at(self, now_ms: int) -> float:
        """Road speed as a share of free flow, on every road alike."""
        return self.traffic[to_datetime(now_ms).astimezone(CHINA).hour]


def load_habits(raw: bytes | None = None) -> Habits:
    """By default those of `demand.toml`; raises ValueError with the field that is wrong."""
    raw = raw or (files(simulator) / FILE).read_bytes()
    try:
        habits = msgspec.toml.decode(raw, type=Habits)
    except msgspec.DecodeError as error:
        raise ValueError(f"{FILE}: {error}") from error
    _check_paces("seat", habits.seat.pace_s, SeatDeed)
    _check_paces("crew", habits.crew.pace_s, CrewDeed)
    _check_paces("ward", habits.ward.pace_s, WardDeed)
    if "ed" not in habits.ward.bed_shares:
        raise ValueError(f"{FILE}: ward.bed_shares: the emergency department (ed) is missing")
    return habits


def _check_paces[K: StrEnum](who: str, paces: dict[K, Range], deeds: type[K]) -> None:
    for deed in deeds:
        if deed not in paces:
            raise ValueError(f"{FILE}: {who}.pace_s.{deed} is missing")
        shortest_s, longest_s = paces[deed]
        if not 0 <= shortest_s <= longest_s:
            raise ValueError(f"{FILE}: {who}.pace_s.{deed}: not from less to more")


def expected_calls_per_day(city: City, habits: Habits) -> float:
    """By its people; a city whose map does not count them, by what its units can do."""
    people = max(
        sum(place.population or 0 for place in city.localities if place.kind in kinds)
        for kinds in COUNTED_ONCE
    )
    if people:
        return people * habits.calls_per_person_year * 24 * HOUR_MS / YEAR_MS
    return habits.calls_per_unit_day * max(len(city.units), 1)


class Emergency(Record):
    """One call with the truth behind it."""

    number: int
    """Of the seed's calls; from 1."""
    rings_ms: int
    caller: Caller
    disposition: Disposition
    """INCIDENT for an emergency; else what the call turns out to be."""
    complaint: Complaint
    age_y: int
    sex: str
    reached: bool
    """On a ring-back."""
    second_of: int
    """The number of the earlier call about the same emergency; 0: its own."""


class Demand:
    """The calls of a city in order, from a seed."""

    def __init__(
        self, city: City, habits: Habits, *, seed: int, start_ms: int, calls_per_day: float
    ) -> None:
        """`calls_per_day`: what a normal day brings; the hours and days shape it."""
        self._habits = habits
        self._seed = seed
        self._per_ms = calls_per_day / (24 * HOUR_MS)
        self._hour_mean = math.fsum(habits.hours) / len(habits.hours)
        self._day_mean = math.fsum(habits.days) / len(habits.days)
        self._peak = max(habits.hours) * max(habits.days) / self._hour_mean / self._day_mean
        self._times = Random(f"{seed}/times")  # noqa: S311 (a simulation, no secret)
        config = CallersConfig(duplicate_share=0, abandon_share=0)
        self._writer = CallerWriter(config, city, Random(f"{seed}/places"))  # noqa: S311 (as above)
        self._at_ms = start_ms
        self._number = 0
        self._second: Emergency | None = None

    def next(self) -> Emergency:
        """The next call: of a new emergency, or a second one about the last."""
        if self._second is not None:
            found, self._second = self._second, None
            return found
        self._at_ms = self._next_ms(self._at_ms)
        self._number += 1
        emergency = self._draw(self._number, self._at_ms)
        habits = self._habits
        dice = self._dice(self._number, "second")
        if (
            emergency.disposition is Disposition.INCIDENT
            and dice.random() < habits.second_caller_share
        ):
            self._number += 1
            delay_ms = round(dice.uniform(*habits.second_after_s) * SECOND_MS)
            number = f"{emergency.caller.number[:3]}{dice.randrange(10**8):08d}"
            self._second = msgspec.structs.replace(
                emergency,
                number=self._number,
                rings_ms=emergency.rings_ms + delay_ms,
                caller=msgspec.structs.replace(emergency.caller, number=number, patience_s=None),
                second_of=emergency.number,
            )
            self._at_ms += delay_ms
        return emergency

    def _next_ms(self, after_ms: int) -> int:
        """By thinning: candidates at the highest rate, each kept by its hour's share of it."""
        at_ms = float(after_ms)
        while True:
            at_ms += self._times.expovariate(self._per_ms * self._peak)
            if self._times.random() * self._peak < self._share(int(at_ms)):
                return int(at_ms)

    def _share(self, at_ms: int) -> float:
        when = to_datetime(at_ms).astimezone(CHINA)
        hour, day = self._habits.hours[when.hour], self._habits.days[when.weekday()]
        return hour / self._hour_mean * day / self._day_mean

    def _draw(self, number: int, rings_ms: int) -> Emergency:
        habits, dice = self._habits, self._dice(number, "truth")
        caller = self._writer.next_caller(rings_ms)
        if dice.random() < habits.abandon_share:
            patience_s = dice.uniform(*habits.abandon_after_s)
            caller = msgspec.structs.replace(caller, patience_s=patience_s)
        others = list(habits.not_an_emergency.items())
        share = dice.random()
        disposition = Disposition.INCIDENT
        for other, weight in others:
            if share < weight:
                disposition = other
                break
            share -= weight
        weights = [complaint.weight for complaint in habits.complaints]
        return Emergency(
            number=number,
            rings_ms=rings_ms,
            caller=caller,
            disposition=disposition,
            complaint=dice.choices(habits.complaints, weights)[0],
            age_y=dice.randint(*habits.answers.ages_y),
            sex=dice.choice(("female", "male")),
            reached=dice.random() < habits.reached_on_ring_back,
            second_of=0,
        )

    def _dice(self, number: int, purpose: str) -> Random:
        return Random(f"{self._seed}/{number}/{purpose}")  # noqa: S311 (as above)


def answer(question: Question, truth: Emergency, habits: AnswerHabits, seed: int) -> Answer:
    """What this caller says; the same question gets the same answer again."""
    dice = Random(f"{seed}/{truth.second_of or truth.number}/{question.id}")  # noqa: S311 (as above)
    fixed: dict[str, Answer] = {"age_y": truth.age_y, "sex": truth.sex, "count": 1}
    if question.id in fixed:
        return fixed[question.id]
    yes = truth.complaint.yes
    if question.id not in yes and dice.random() < habits.unknown:
        return UNKNOWN
    match question.kind:
        case Kind.BOOL:
            share = yes.get(question.id, habits.yes.get(question.id, habits.other_yes))
            return dice.random() < share
        case Kind.CHOICE:
            first, *others = [option.id for option in question.options]
            return (
                first if dice.random() < habits.first_option or not others else dice.choice(others)
            )
        case Kind.MANY:
            if dice.random() < habits.none_of_many:
                return ()
            return (dice.choice([option.id for option in question.options]),)
        case Kind.INT:
            return 1
        case Kind.DURATION:
            low, high = habits.minutes
            return round(math.exp(dice.uniform(math.log(low), math.log(high))))
        case Kind.AGE:
            return truth.age_y
        case Kind.TOPIC:
            return truth.complaint.topic
        case Kind.TEXT:
            return UNKNOWN
