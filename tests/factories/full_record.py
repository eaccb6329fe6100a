"""A case whose record holds something of everything that a record can hold."""

from typing import Any

from msgspec.structs import replace

from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app.record import whole_record
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Consciousness, Sex
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.device_alarm import DeviceAlarm, Priority
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.personal import Clear
from goldenhour.views.fold import Reveal
from goldenhour.views.whole_record import WholeRecord

BEFORE = (Milestone.ACKNOWLEDGED, Milestone.DEPARTED, Milestone.ON_SCENE, Milestone.AT_PATIENT)
AFTER = (Milestone.LOADED, Milestone.LEFT_SCENE, Milestone.AT_HOSPITAL)


def reveal(world: TestWorld) -> Reveal:
    rows = world.journal.personal.items()
    return Reveal({row: personal.content.decode() for row, (_, personal) in rows})


def read(world: TestWorld, patient_id: str, texts: Reveal | None = None) -> WholeRecord:
    whole = whole_record(world.journal.feed, texts or reveal(world), world.facts, patient_id)
    assert whole is not None
    return whole


async def write(world: TestWorld, patient_id: str, field: str, value: Any, *over: str) -> str:
    write_id = world.new_id()
    text = Clear(text=value) if isinstance(value, str) and field in TEXTS else None
    await world.accept(
        c.WriteField(
            patient_id=patient_id,
            write_id=write_id,
            field=field,
            value=None if text else value,
            text=text,
            over=over,
        ),
        actor="crew1",
        role="crew",
    )
    return write_id


TEXTS = ("complaint", "story", "past", "impression", "phone", "id_number", "address", "exam_text")

LOW_SPO2 = DeviceAlarm(
    device_id="monitor-1",
    key="spo2",
    event="MDC_EVT_LO_VAL_LT_LIM",
    source="MDC_PULS_OXIM_SAT_O2",
    nature="physiological",
    priority=Priority.HIGH,
    words="SPO2 LOW",
    value="82 %",
    limits=">90",
    silenced="",
    over=False,
)
LEAD_OFF = replace(LOW_SPO2, key="lead", words="导联脱落", value="", limits="", source="")
OWN_ALARMS = (
    LOW_SPO2,
    replace(LOW_SPO2, silenced="alert-acknowledged"),
    replace(LOW_SPO2, over=True),
    replace(LEAD_OFF, priority=Priority.LOW),
)


async def full_record(world: TestWorld) -> str:
    """Play it and return the patient's id."""
    await world.list_unit()
    await world.accept(c.SetDuty(unit_id="A-01", on_duty=True, crew=("周医生", "李护士")))
    await world.list_hospital()
    _, incident_id = await world.open_incident()
    await world.accept(c.SetComplaint(incident_id=incident_id, topic="chest_pain"))
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, *BEFORE)
    patient_id, _handover = await world.prealert(mission_id)
    crew = {"actor": "crew1", "role": "crew"}
    await world.accept(
        c.CorrectDemographic(
            patient_id=patient_id,
            name=Clear(text="周建民"),
            age_y=63,
            sex=Sex.MALE,
            reason="看了身份证",
        ),
        **crew,
    )
    for field, value in (
        ("complaint", "胸痛半小时"),
        ("story", "活动后突发"),
        ("past", "高血压"),
        ("phone", "13900002222"),
        ("id_number", "000000190001010000"),
        ("impression", "急性冠脉综合征"),
        ("allergies", ("penicillin", "虾")),
        ("onset_ms", world.clock.at_ms - 1_800_000),
        ("injury", False),
        ("skin", ("pale", "clammy")),
        ("pupil_left_mm", 3),
        ("pupil_light", "both"),
        ("pregnant", "unknown"),
        ("outcome", "transported"),
        ("condition_change", "same"),
    ):
        await write(world, patient_id, field, value)
    first = await write(world, patient_id, "weight_kg", 60)
    await write(world, patient_id, "weight_kg", 72.5, first)
    await write(world, patient_id, "last_meal_ms", world.clock.at_ms - 7_200_000)
    await write(world, patient_id, "last_meal_ms", world.clock.at_ms - 3_600_000)  # a conflict
    for minutes in range(3):
        world.clock.at_ms += 60_000 * minutes
        await world.accept(
            c.ChartVitals(patient_id=patient_id, vitals=vitals(world.clock.at_ms)),
            actor="monitor-1",
            role="vehicle",
        )
    for told in OWN_ALARMS:
        world.clock.at_ms += 1_000
        await world.accept(
            c.SetDeviceAlarm(patient_id=patient_id, told=told), actor="monitor-1", role="vehicle"
        )
    await world.accept(
        c.Observe(
            patient_id=patient_id,
            consciousness=Consciousness.ALERT,
            on_oxygen=True,
            gcs=15,
            pain=6,
        ),
        **crew,
    )
    await world.accept(
        c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.II, reason="胸痛"), **crew
    )
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="chest_pain"), **crew)
    await write(world, patient_id, "chest_pain.pain_character", "tearing")
    for entry_id, drug, dose, unit, route in (
        ("d1", "aspirin", 300, "mg", "po"),
        ("d2", "oxygen", 4, "L/min", "inh"),
        ("d3", "中药丸", None, "", "po"),
    ):
        await world.accept(
            c.GiveDrug(
                patient_id=patient_id,
                entry_id=entry_id,
                drug=drug,
                dose=dose,
                unit=unit,
                route=route,
                reason="医嘱",
            ),
            **crew,
        )
    await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id="d3", reason="未服"), **crew)
    for entry_id, procedure, region, result in (
        ("p1", "ecg_12", "", "done"),
        ("p2", "iv_access", "forearm_left", "failed"),
        ("p3", "刮痧", "back_upper", "done"),
    ):
        await world.accept(
            c.DoProcedure(
                patient_id=patient_id,
                entry_id=entry_id,
                procedure=procedure,
                region=region,
                result=result,
            ),
            **crew,
        )
    await world.accept(
        c.TakeNote(
            patient_id=patient_id, entry_id="n1", text=Clear(text="胸骨后压痛"), region="chest_left"
        ),
        **crew,
    )
    for entry_id, form, decision, relation in (
        ("f1", "treatment_consent", "agreed", "patient"),
        ("f2", "refusal", "refuses_measure", "relative"),
        ("f3", "belongings", "to_relative", "relative"),
    ):
        await world.accept(
            c.SignForm(
                patient_id=patient_id,
                entry_id=entry_id,
                form=form,
                decision=decision,
                signer=Clear(text="周建民"),
                relation=relation,
                signature=Clear(text="M20 120L80 40L140 130M200 60L320 60L260 150"),
                witness=Clear(text="王某"),
                details=Clear(text="手机一部"),
            ),
            **crew,
        )
    await world.accept(
        c.CorrectMilestone(
            mission_id=mission_id,
            milestone=Milestone.ON_SCENE,
            at_ms=world.clock.at_ms - 270_000,
            reason="按晚了",
        ),
        **crew,
    )
    await world.accept(c.SetDestination(mission_id=mission_id, hospital_id="h1", reason="专科"))
    await world.reach(mission_id, *AFTER)
    return patient_id
