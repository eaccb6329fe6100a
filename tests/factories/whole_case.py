"""One case from the call to the bed, in virtual time and from a seed."""

from factories.world import TestWorld
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import Consciousness
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.intake.events import Disposition
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign

BEFORE_THE_DOOR = (
    Milestone.ACKNOWLEDGED,
    Milestone.DEPARTED,
    Milestone.ON_SCENE,
    Milestone.AT_PATIENT,
)
TO_THE_DOOR = (Milestone.LOADED, Milestone.LEFT_SCENE, Milestone.AT_HOSPITAL)


async def whole_case(world: TestWorld) -> str:
    """Play it and return the incident's id; every person acts a minute after the one before."""
    await world.list_unit()
    await world.list_hospital()
    call_id, incident_id = await world.open_incident()
    await world.accept(c.SetComplaint(incident_id=incident_id, topic="chest_pain"))
    mission_id = await world.assign(incident_id)
    await world.reach(mission_id, *BEFORE_THE_DOOR)
    patient_id, handover_id = await world.prealert(mission_id)
    await world.accept(
        c.Observe(
            patient_id=patient_id,
            consciousness=Consciousness.ALERT,
            on_oxygen=False,
            gcs=15,
            pain=7,
        )
    )
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals(world.clock.at_ms)))
    await world.accept(c.ConfirmLevel(patient_id=patient_id, level=TriageLevel.I))
    await world.accept(c.SetDestination(mission_id=mission_id, hospital_id="h1"), role="crew")
    await world.accept(c.AcknowledgePreAlert(handover_id=handover_id, name="王立群", bay="抢救 1"))
    await world.reach(mission_id, *TO_THE_DOOR)
    for side in ("crew", "hospital"):
        await world.accept(c.Sign(handover_id=handover_id, side=side, name=f"{side} 签字"))
    await world.reach(mission_id, Milestone.HANDED_OVER, Milestone.CLEARED)
    await world.accept(c.EndCall(call_id=call_id, disposition=Disposition.INCIDENT))
    await world.accept(c.CloseIncident(incident_id=incident_id, reason="handed_over"))
    return incident_id


def vitals(at_ms: int) -> NumericSet:
    measured = {
        Sign.HEART_RATE: 104.0,
        Sign.SPO2: 93.0,
        Sign.RESP: 24.0,
        Sign.NIBP_SYS: 92.0,
        Sign.NIBP_DIA: 58.0,
        Sign.TEMP: 36.4,
    }
    return NumericSet(
        device_id="monitor-1",
        unit_id="A-01",
        device_ms=at_ms,
        received_ms=at_ms,
        values=tuple(Numeric(sign=s, value=v, note="") for s, v in measured.items()),
    )
