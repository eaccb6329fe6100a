"""The people of a virtual city: who they are, when they look, and when they do what they found.

Rule 1: everybody acts through an office of their own, under their own identity.
Rule 2: a person looks again only when something concerns them (`concern.py`), or after `LOOK_MS`.
"""

from collections.abc import Iterable
from random import Random  # noqa: TID251 (a simulator makes its dice from its seed)
from typing import TYPE_CHECKING, Any, Final

from goldenhour.app.access import Principal, Role
from goldenhour.app.journal import Outcome
from goldenhour.domain import commands as c
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.time import MINUTE_MS, SECOND_MS
from goldenhour.simulator.crew import CrewMind
from goldenhour.simulator.mind import Due, Mind, RankedHospital
from goldenhour.simulator.seat import SeatConfig, SeatMind
from goldenhour.simulator.sight import at_once
from goldenhour.simulator.ward import WardMind
from goldenhour.views.answers import RecommendAnswer

if TYPE_CHECKING:
    from goldenhour.simulator.virtual import VirtualCity

LOOK_MS: Final = 10 * MINUTE_MS
"""Hospitals look again though nothing happened: beds become free by themselves."""


class VirtualOffice:
    """An `Office` of one person."""

    def __init__(self, city: "VirtualCity", principal: Principal) -> None:
        self._city = city
        self.principal = principal
        self._sequence = 0

    def new_id(self) -> str:
        return self._city.new_id()

    async def send(self, command: c.Command) -> Outcome | Refused:
        self._sequence += 1
        return self._city.submit(self.principal, self._sequence, command)

    async def recommend(self, incident_id: str) -> RecommendAnswer | None:
        return self._city.recommend(incident_id)

    async def rank_hospitals(self, mission_id: str) -> list[RankedHospital]:
        return self._city.rank_hospitals(mission_id, self.principal.unit_id)


def office_of(
    city: "VirtualCity",
    role: Role,
    org: str,
    *,
    seat: str,
    unit_id: str = "",
    hospital_id: str = "",
) -> VirtualOffice:
    principal = Principal(
        person_id=f"sim-{role}-{seat}-{hospital_id}",
        name=seat,
        role=role,
        org=org,
        seat=seat,
        unit_id=unit_id,
        hospital_id=hospital_id,
    )
    return VirtualOffice(city, principal)


class _Person:
    def __init__(self, mind: Mind[Any], office: VirtualOffice, rng: Random) -> None:
        self.mind = mind
        self.office = office
        self.rng = rng
        self.planned: Due | None = None
        self.plan = 0
        """Counts plans, so that one that was dropped is known when its time comes."""


class Crowd:
    """By name: `seat:03`, `unit:A-01`, `hospital:h1`."""

    def __init__(self, city: "VirtualCity") -> None:
        self._city = city
        self._people: dict[str, _Person] = {}

    @property
    def names(self) -> list[str]:
        return list(self._people)

    def principal_of(self, name: str) -> Principal:
        return self._people[name].office.principal

    def come(self) -> None:
        """Everybody takes their place and looks."""
        setup = self._city.setup
        protocol = setup.facts.triage.protocol
        for number in range(1, setup.seats + 1):
            seat = f"{number:02d}"
            config = SeatConfig(seat=seat, courtesy_s=0, seed=setup.seed)
            office = office_of(self._city, Role.DISPATCHER, setup.centre, seat=seat)
            rng = self._rng(seat)
            mind = SeatMind(config, self._city.truths, protocol, setup.habits, rng)
            self._people[f"seat:{seat}"] = _Person(mind, office, rng)
        for unit in setup.city.units:
            org, seat, rng = f"unit:{unit.id}", unit.call_sign, self._rng(unit.id)
            office = office_of(self._city, Role.CREW, org, seat=seat, unit_id=unit.id)
            crew = CrewMind(unit.id, f"{unit.call_sign} 班组", setup.habits.crew, rng)
            self._people[org] = _Person(crew, office, rng)
        for hospital in setup.city.hospitals:
            org, rng = f"hospital:{hospital.id}", self._rng(hospital.id)
            office = office_of(self._city, Role.HOSPITAL, org, seat="ED", hospital_id=hospital.id)
            ward = WardMind(hospital.id, hospital.beds, setup.habits.ward, rng)
            self._people[org] = _Person(ward, office, rng)
        self.wake(self.names)
        self._city.at(setup.start_ms + LOOK_MS, self._look)

    def wake(self, names: Iterable[str]) -> None:
        city = self._city
        for name in names:
            person = self._people.get(name)
            if person is None:
                continue
            live = city.sight_of(person.office.principal.unit_id).live
            found = person.mind.find_next(live, city.clock.at_ms)
            if found == person.planned:
                continue
            person.planned = found
            person.plan += 1
            if found is not None:
                wait_ms = round(person.rng.uniform(*found.wait_s) * SECOND_MS)
                plan = person.plan
                city.at(
                    city.clock.at_ms + wait_ms,
                    lambda name=name, plan=plan: self._act(name, plan),  # type: ignore[misc] # the defaults bind this turn's values
                )

    def forget_plans(self) -> None:
        """Of whoever works at the centre's screens, which have gone dark."""
        for name, person in self._people.items():
            if not name.startswith("unit:"):
                person.planned = None
                person.plan += 1

    def _act(self, name: str, plan: int) -> None:
        person = self._people[name]
        if person.plan != plan or person.planned is None:
            return
        due, person.planned = person.planned, None
        live = self._city.sight_of(person.office.principal.unit_id).live
        at_once(person.mind.do(due, live, person.office))
        self.wake([name])

    def _look(self) -> None:
        self._city.at(self._city.clock.at_ms + LOOK_MS, self._look)
        self.wake([name for name in self._people if not name.startswith("unit:")])

    def _rng(self, purpose: str) -> Random:
        return Random(f"{self._city.setup.seed}/{purpose}")  # noqa: S311 (a simulation, no secret)
