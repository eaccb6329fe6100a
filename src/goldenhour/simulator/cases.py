"""Whole emergencies as the commands that people and vehicles would send, for drills and tests.

Rule 1: every case comes from the given dice; the same dice give the same case.
Rule 2: all names, numbers and addresses are invented, and none resembles another.
"""

from collections.abc import Callable, Iterator
from random import Random  # noqa: TID251 (a simulator rolls the dice that it is given)
from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Consciousness, Sex
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.domain.handover.events import Tier
from goldenhour.domain.intake.events import CallField, Disposition, LocationSource
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign

_SURNAMES: Final = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨"
_GIVEN: Final = "建明秀英志强丽华国庆桂兰海燕永刚"
_ROADS: Final = ("学府路", "滨江大道", "人民路", "安澜大街", "望河巷")
_COMPLAINTS: Final = ("chest_pain", "stroke", "breathing", "traffic", "bleeding")


class Step(Record):
    """One command and who sends it, `after_ms` later than the step before."""

    after_ms: int
    command: c.Command
    role: str
    org: str
    seat: str = ""

    def stamp(self, installation: str, sequence: int, now_ms: int) -> Stamp:
        return Stamp(
            actor=f"{self.role}-1",
            seat=self.seat,
            role=self.role,
            org=self.org,
            installation=installation,
            sequence=sequence,
            now_ms=now_ms,
        )


def dispatcher(after_ms: int, command: c.Command) -> Step:
    return Step(after_ms=after_ms, command=command, role="dispatcher", org="centre", seat="03")


def list_unit(unit_id: str) -> Iterator[Step]:
    org = f"unit:{unit_id}"
    command = c.ListUnit(
        unit_id=unit_id,
        call_sign=unit_id,
        station_id="s1",
        station_name="一站",
        station_point=Point(lat=31.20, lon=121.40),
        unit_kind=UnitKind.ALS,
        assumed=True,
    )
    yield Step(after_ms=0, command=command, role="system", org=org)
    on_duty = c.SetDuty(unit_id=unit_id, on_duty=True, crew=("甲", "乙"))
    yield Step(after_ms=0, command=on_duty, role="crew", org=org)


def list_hospital(hospital_id: str) -> Iterator[Step]:
    command = c.ListHospital(
        hospital_id=hospital_id,
        name="市人民医院",
        name_en="People's Hospital",
        point=Point(lat=31.21, lon=121.41),
        capabilities=("ct_24h",),
        assumed=True,
    )
    yield Step(after_ms=0, command=command, role="system", org=f"hospital:{hospital_id}")


def close_road(closure_id: str, org: str) -> Step:
    command = c.CloseRoad(
        closure_id=closure_id, line=(Point(lat=31.2, lon=121.4), Point(lat=31.2, lon=121.41))
    )
    return Step(after_ms=0, command=command, role="dispatcher", org=org)


def call_to_dispatchable(
    dice: Random, new_id: Callable[[], str]
) -> tuple[str, str, Iterator[Step]]:
    """(call, incident, steps): a call answered, located and asked, ready for a unit."""
    call_id, incident_id = new_id(), new_id()
    return call_id, incident_id, _call_steps(dice, call_id, incident_id)


def _call_steps(dice: Random, call_id: str, incident_id: str) -> Iterator[Step]:
    number = Clear(text=f"1390{dice.randrange(10**7):07d}")
    place = (
        f'{{"label":"{dice.choice(_ROADS)} {dice.randrange(1, 400)} 号",'
        f'"lat":{31 + dice.random() / 2:.5f},"lon":{121 + dice.random() / 2:.5f}}}'
    )
    located = c.SetLocation(
        incident_id=incident_id,
        location=Clear(text=place),
        source=LocationSource.TYPED,
        accuracy_m=dice.choice((15, 50, 200)),
    )
    yield Step(
        after_ms=0,
        command=c.Ring(call_id=call_id, number=number, line="120"),
        role="system",
        org="centre",
    )
    yield dispatcher(dice.randrange(1_000, 9_000), c.Answer(call_id=call_id))
    yield dispatcher(500, c.OpenIncident(incident_id=incident_id, call_id=call_id))
    yield dispatcher(dice.randrange(3_000, 15_000), located)
    for question in ("conscious", "breathing_normal"):
        answered = c.AnswerQuestion(
            incident_id=incident_id,
            card="entry",
            question=question,
            answer=dice.choice((True, True, True, False)),
        )
        yield dispatcher(dice.randrange(2_000, 6_000), answered)


def emergency(
    dice: Random, new_id: Callable[[], str], unit_id: str, hospital_id: str
) -> Iterator[Step]:
    """One case from the ring to the closed incident: about 30 events in 6 streams."""
    call_id, incident_id, calling = call_to_dispatchable(dice, new_id)
    yield from calling
    topic = c.SetComplaint(incident_id=incident_id, topic=dice.choice(_COMPLAINTS))
    yield dispatcher(2_000, topic)
    name = dice.choice(_SURNAMES) + dice.choice(_GIVEN) + dice.choice(_GIVEN)
    for field, said in (
        (CallField.WHAT, f"{name}{dice.randrange(20, 95)} 岁,刚才突然不适"),
        (CallField.MEETING_POINT, f"{dice.randrange(1, 30)} 号楼下有人接"),
    ):
        noted = c.RecordCallField(call_id=call_id, field=field, value=Clear(text=said))
        yield dispatcher(dice.randrange(2_000, 8_000), noted)
    mission_id = new_id()
    assign = c.Assign(mission_id=mission_id, incident_id=incident_id, unit_id=unit_id)
    yield dispatcher(dice.randrange(2_000, 20_000), assign)
    yield dispatcher(9_000, c.EndCall(call_id=call_id, disposition=Disposition.INCIDENT))
    yield from _run(dice, new_id, assign, hospital_id, name)
    yield dispatcher(30_000, c.CloseIncident(incident_id=incident_id, reason="handed over"))


def _run(
    dice: Random, new_id: Callable[[], str], assign: c.Assign, hospital_id: str, name: str
) -> Iterator[Step]:
    mission_id, unit_id = assign.mission_id, assign.unit_id
    patient_id, handover_id = new_id(), new_id()

    def crew(after_ms: int, command: c.Command) -> Step:
        return Step(after_ms=after_ms, command=command, role="crew", org=f"unit:{unit_id}")

    for milestone in Milestone:
        reach = c.Reach(mission_id=mission_id, milestone=milestone, source=Source.CREW)
        yield crew(dice.randrange(5_000, 300_000), reach)
        if milestone is Milestone.AT_PATIENT:
            registered = c.RegisterPatient(
                patient_id=patient_id,
                mission_id=mission_id,
                name=Clear(text=name),
                age_y=dice.randrange(20, 95),
                sex=dice.choice((Sex.MALE, Sex.FEMALE)),
            )
            yield crew(20_000, registered)
            seen = c.Observe(patient_id=patient_id, consciousness=Consciousness.ALERT, pain=4)
            yield crew(20_000, seen)
            yield crew(30_000, _vitals(dice, patient_id, unit_id))
        if milestone is Milestone.LOADED:
            prealert = c.PreAlert(
                handover_id=handover_id,
                mission_id=mission_id,
                patient_id=patient_id,
                hospital_id=hospital_id,
                tier=Tier.ALERT,
                summary=Clear(text=f"{name},持续胸痛 {dice.randrange(10, 90)} 分钟"),
            )
            yield crew(10_000, prealert)
            taken = c.AcknowledgePreAlert(handover_id=handover_id, name="王护士", bay="2")
            org = f"hospital:{hospital_id}"
            yield Step(after_ms=20_000, command=taken, role="hospital", org=org)


def _vitals(dice: Random, patient_id: str, unit_id: str) -> c.ChartVitals:
    given = {
        Sign.HEART_RATE: dice.randrange(50, 140),
        Sign.SPO2: dice.randrange(85, 100),
        Sign.RESP: dice.randrange(10, 30),
        Sign.NIBP_SYS: dice.randrange(80, 200),
    }
    values = tuple(Numeric(sign=sign, value=float(v), note="") for sign, v in given.items())
    vitals = NumericSet(
        device_id="monitor-1", unit_id=unit_id, device_ms=None, received_ms=0, values=values
    )
    return c.ChartVitals(patient_id=patient_id, vitals=vitals)
