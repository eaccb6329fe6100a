"""A small world for tests: given time, given randomness, the release's content."""

import random
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from msgspec.structs import replace

from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM, Identity, Outcome
from goldenhour.app.memory import MemoryJournal
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.case import Facts
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import LocationSource
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.recorded import Stamp

START_MS = 1_795_300_000_000
PLACE = '{"label":"学府路 76 号","lat":50.86,"lon":9.70}'


@cache
def facts() -> Facts:
    return load_facts()


@dataclass
class FakeClock:
    at_ms: int = START_MS

    def now_ms(self) -> int:
        return self.at_ms


@dataclass
class TestWorld:
    """Carries out commands against a journal, in memory unless another is given."""

    __test__ = False

    journal: Any = field(default_factory=MemoryJournal)
    clock: FakeClock = field(default_factory=FakeClock)
    seed: int = 1
    sequence: int = 0
    node: str = ""

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    @property
    def entropy(self) -> Entropy:
        return self.random.randbytes

    @property
    def facts(self) -> Facts:
        return replace(facts(), node=self.node) if self.node else facts()

    def new_id(self) -> str:
        return uuid7(self.clock.at_ms, self.entropy)

    def stamp(self, **changes: Any) -> Stamp:
        self.sequence += 1
        given: dict[str, Any] = {
            "actor": "person-1",
            "seat": "03",
            "role": "dispatcher",
            "org": "centre",
            "installation": f"test:{self.node}" if self.node else "test",
            "sequence": self.sequence,
            "now_ms": self.clock.at_ms,
        }
        return Stamp(**(given | changes))

    async def send(
        self, command: c.Command, identity: Identity = SYSTEM, **changes: Any
    ) -> Outcome | Refused:
        return await handle(command, self.stamp(**changes), identity, self)

    async def accept(
        self, command: c.Command, identity: Identity = SYSTEM, **changes: Any
    ) -> Outcome:
        outcome = await self.send(command, identity, **changes)
        assert isinstance(outcome, Outcome), outcome
        return outcome

    # ---- a case in as few lines as its steps

    async def list_unit(self, unit_id: str = "A-01", **changes: Any) -> str:
        await self.accept(
            c.ListUnit(
                unit_id=unit_id,
                call_sign=unit_id,
                station_id="s1",
                station_name="一站",
                station_point=Point(lat=50.87, lon=9.71),
                unit_kind=UnitKind.ALS,
                assumed=True,
            ),
            org=f"unit:{unit_id}",
            **changes,
        )
        await self.accept(c.SetDuty(unit_id=unit_id, on_duty=True, crew=("甲", "乙")))
        return unit_id

    async def list_hospital(self, hospital_id: str = "h1") -> str:
        await self.accept(
            c.ListHospital(
                hospital_id=hospital_id,
                name="市人民医院",
                name_en="People's Hospital",
                point=Point(lat=50.88, lon=9.72),
                capabilities=("ct_24h",),
                assumed=True,
            ),
            org=f"hospital:{hospital_id}",
        )
        return hospital_id

    async def open_incident(self) -> tuple[str, str]:
        """A call answered and an incident that may be dispatched: (call, incident)."""
        call_id, incident_id = self.new_id(), self.new_id()
        await self.accept(c.Ring(call_id=call_id, number=Clear(text="13900001111"), line="typed"))
        await self.accept(c.Answer(call_id=call_id))
        await self.accept(c.OpenIncident(incident_id=incident_id, call_id=call_id))
        await self.accept(
            c.SetLocation(
                incident_id=incident_id,
                location=Clear(text=PLACE),
                source=LocationSource.TYPED,
                accuracy_m=15,
            )
        )
        for question, answer in (("conscious", True), ("breathing_normal", True)):
            await self.answer(incident_id, question, answer)
        return call_id, incident_id

    async def answer(
        self, incident_id: str, question: str, answer: Any, card: str = "entry"
    ) -> None:
        await self.accept(
            c.AnswerQuestion(incident_id=incident_id, card=card, question=question, answer=answer)
        )

    async def assign(self, incident_id: str, unit_id: str = "A-01") -> str:
        mission_id = self.new_id()
        await self.accept(c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id))
        return mission_id

    async def reach(self, mission_id: str, *milestones: Milestone) -> None:
        for milestone in milestones:
            self.clock.at_ms += 60_000
            await self.accept(
                c.Reach(mission_id=mission_id, milestone=milestone, source=Source.CREW)
            )

    async def prealert(self, mission_id: str, hospital_id: str = "h1") -> tuple[str, str]:
        patient_id, handover_id = self.new_id(), self.new_id()
        await self.accept(
            c.RegisterPatient(
                patient_id=patient_id, mission_id=mission_id, name=Clear(text="周建明"), age_y=62
            )
        )
        await self.accept(
            c.PreAlert(
                handover_id=handover_id,
                mission_id=mission_id,
                patient_id=patient_id,
                hospital_id=hospital_id,
                tier=Tier.ALERT,
            )
        )
        return patient_id, handover_id
