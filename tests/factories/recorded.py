"""Events of every kind with literal content, and the facts of their recording."""

from typing import Any, Final

from factories.world import START_MS
from goldenhour.content import load
from goldenhour.domain.attention import events as attention
from goldenhour.domain.care import events as care
from goldenhour.domain.care import file_events as files
from goldenhour.domain.care import moved_events as moved
from goldenhour.domain.care import portrait_events as portrait
from goldenhour.domain.care.drugs import Concern, Finding
from goldenhour.domain.care.ecg import EcgPatient, LeadMeasured, Measured, judge
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.items import Origin, Used
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.dispatch import events as dispatch
from goldenhour.domain.handover import events as handover
from goldenhour.domain.intake import events as intake
from goldenhour.domain.register import events as register
from goldenhour.kernel.content import Status
from goldenhour.kernel.device_alarm import Priority
from goldenhour.kernel.files import FileKind, TakenSource
from goldenhour.kernel.geo import Point
from goldenhour.kernel.ids import Id
from goldenhour.kernel.levels import DispatchLevel, TriageLevel
from goldenhour.kernel.personal import Sealed
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.resident import Code, FactKind, ResidentFact, Standing
from goldenhour.kernel.telemetry import Numeric, NumericSet, Rhythm, Sign

SEALED: Final = Sealed(row=Id("row-1"), commitment="00" * 32)
POINT: Final = Point(lat=50.87, lon=9.71)
VITALS: Final = NumericSet(
    device_id="monitor-1",
    unit_id="A-01",
    device_ms=START_MS,
    received_ms=START_MS,
    values=(Numeric(sign=Sign.SPO2, value=93.0, note=""),),
)
MEASURED: Final = Measured(
    leads={"V2": LeadMeasured(st_j_mm=2.0), "V3": LeadMeasured(st_j_mm=2.1)},
    heart_rate_per_min=88,
    qrs_ms=92,
)
SCORED: Final = care.Scored(
    news2=5,
    news2_band="medium",
    news2_missing=(),
    level=TriageLevel.II,
    level_reasons=(),
    level_missing=(),
    complete=True,
    table_version="news2@1",
)
_RUN: Final = {
    "incident_id": "i1",
    "incident_number": "20261121-0001",
    "unit_id": "A-01",
    "call_sign": "A-01",
}

EVENTS: Final[tuple[Record, ...]] = (
    intake.CallRang(number=SEALED, line="typed", location=None),
    intake.CallAnswered(),
    intake.CallAbandoned(),
    intake.CallRungBack(reached=False),
    intake.CallFieldRecorded(field=intake.CallField.WHAT, value=SEALED),
    intake.CallLinked(incident_id="i1"),
    intake.CallEnded(disposition=intake.Disposition.ADVICE),
    intake.IncidentOpened(number="20261121-0001", call_id="c1"),
    intake.StandbyOpened(number="20261121-0002", occasion="城市马拉松", from_ms=1, until_ms=2),
    intake.PaperEntered(paper_number="P-000123"),
    intake.LocationSet(location=SEALED, source=intake.LocationSource.TYPED, accuracy_m=15),
    intake.ComplaintSet(topic="chest_pain"),
    intake.QuestionAnswered(
        card="entry", card_version="1", question="breathing_normal", answer=True
    ),
    intake.Determined(
        level=DispatchLevel.R1,
        possible=DispatchLevel.R0,
        complete=False,
        rules=("entry@1#E4",),
        flags=(),
        plan=("als",),
        scripts=(),
        topic="",
    ),
    intake.LevelOverridden(level=DispatchLevel.R2, reason="seen by a doctor"),
    intake.InstructionGiven(instruction="recovery_position", step="start"),
    intake.CallJoined(call_id="c2"),
    intake.MissionLinked(mission_id="m1", unit_id="A-01", reserved=False),
    intake.IncidentClosed(reason="done"),
    intake.IncidentReopened(reason="called again"),
    dispatch.Assigned(**_RUN, level="R1", proposal=None),
    dispatch.OrderRefused(epoch=2, node="county"),
    dispatch.Reserved(**_RUN, due_ms=START_MS + 3_600_000, latest_ms=START_MS + 4_800_000),
    dispatch.Activated(),
    dispatch.MilestoneReached(
        milestone=dispatch.Milestone.ON_SCENE,
        source=dispatch.Source.CREW,
        point=POINT,
        supplied_late=False,
    ),
    dispatch.MilestoneProposed(
        milestone=dispatch.Milestone.DEPARTED,
        distance_m=120,
        confidence=dispatch.Confidence.FAIR,
        doubts=(dispatch.Doubt.SINGLE,),
        sight=dispatch.FenceSight(
            age_s=2,
            inside_m=20,
            error_m=15,
            error_told=True,
            satellites=9,
            speed_kmh=31.0,
            fixes=1,
            tablet=False,
        ),
    ),
    dispatch.MilestoneUndone(milestone=dispatch.Milestone.ON_SCENE),
    dispatch.MilestoneCorrected(
        milestone=dispatch.Milestone.ON_SCENE, at_ms=START_MS - 1, reason="clock"
    ),
    dispatch.StoodDown(reason="cancelled"),
    dispatch.StandDownSeen(),
    dispatch.NobodyTreated(
        entry_id="e1",
        reason="refused",
        name="李",
        signer=SEALED,
        signature=None,
        witness=SEALED,
        details=None,
        form_version=2,
    ),
    dispatch.DestinationSet(hospital_id="h1", hospital_name="市人民医院", reasons=("nearest",)),
    dispatch.TaskTextSent(outcome="delivered"),
    dispatch.RunFileAdded(
        sha256="cd" * 32,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=300_000,
        taken_ms=START_MS,
        taken_source=TakenSource.RECEIVED,
        device="US-1",
    ),
    dispatch.RunFilePut(sha256="cd" * 32, patient_id="p1", reason=""),
    dispatch.CallbackAsked(callback_id="k1"),
    dispatch.CallbackAnswered(callback_id="k1", outcome="connected"),
    dispatch.NumberShown(reason="no_link"),
    dispatch.HospitalAlerted(handover_id="h1", patient_id="p1"),
    dispatch.BandGiven(patient_id="p1", band="B-0001"),
    dispatch.MonitorBound(device_id="monitor-1", patient_id="p1", band="B-0001"),
    dispatch.BandTaken(patient_id="p1", band="B-0001", reason="戴错人"),
    dispatch.MonitorReleased(device_id="monitor-1"),
    dispatch.MonitorTakenOff(device_id="monitor-1"),
    dispatch.LeadsPlaced(
        device_id="monitor-1", placement="right_v4r", names={"V4": "V4R"}, from_ms=1
    ),
    dispatch.SceneAlarmed(
        device_id="monitor-1", what="spo2", how="critical_low", priority=Priority.HIGH
    ),
    dispatch.MonitorCorrected(
        correction_id="k1",
        device_id="monitor-1",
        from_ms=START_MS - 60_000,
        to_ms=START_MS,
        patient_id="p1",
        reason="leads were on the other",
    ),
    care.PatientRegistered(
        incident_id="i1",
        mission_id="m1",
        unit_id="A-01",
        name=SEALED,
        age_y=62,
        sex=care.Sex.MALE,
    ),
    care.DemographicCorrected(name=None, age_y=63, sex=care.Sex.MALE, reason="identity card"),
    care.PatientJoined(other_id="p2", hospital_ids=("h1",), reason="登记了两次"),
    care.PatientMerged(into="p1", hospital_ids=(), reason="登记了两次"),
    care.PatientParted(other_id="p2", hospital_ids=("h1",), reason="是两个人"),
    care.PatientUnmerged(out_of="p1", hospital_ids=(), reason="是两个人"),
    care.VitalsCharted(vitals=VITALS),
    care.VitalsEntered(
        entry_id="e0",
        taken_ms=START_MS,
        values=(
            Numeric(sign=Sign.RESP, value=18, note=""),
            Numeric(sign=Sign.TEMP, value=None, note=f"{care.NOT_TAKEN}no_device"),
        ),
    ),
    care.Observed(consciousness=care.Consciousness.ALERT, on_oxygen=False, gcs=15, pain=4),
    SCORED,
    care.LevelConfirmed(level=TriageLevel.II, proposed=TriageLevel.II, reason=""),
    care.WorseningSeen(through_ms=START_MS),
    care.RhythmAlarmed(device_id="E-1", rhythm=Rhythm.NO_BEAT),
    care.DeviceAlarmed(
        device_id="monitor-1",
        key="MDC_EVT_LEAD_OFF||1.7.0.196680|",
        event="MDC_EVT_LEAD_OFF",
        source="",
        nature="technical",
        priority=Priority.LOW,
        words="MDC_EVT_LEAD_OFF",
        value="",
        limits="",
        silenced="",
        over=False,
        passing=False,
    ),
    care.DeviceSilent(device_id="monitor-1", since_ms=START_MS),
    care.VitalAlarmed(sign=Sign.SPO2, alarm=Alarm.CRITICAL_LOW, value=78, limit_id="everyone"),
    care.DrugGiven(
        entry_id="e1",
        drug="aspirin",
        dose=300,
        unit="mg",
        route="po",
        given_ms=START_MS,
        findings=(Finding(concern=Concern.UNCHECKED, stops=False, about="aspirin"),),
        formulary="formulary@1",
        reason="",
    ),
    care.ProcedureDone(
        entry_id="e2", procedure="tourniquet", region="thigh_left", result="done", done_ms=START_MS
    ),
    care.NoteTaken(entry_id="e3", text=SEALED, region=""),
    care.EntryWithdrawn(entry_id="e2", reason="记错"),
    care.FieldWritten(write_id="w1", field="weight_kg", value=62.5, text=None, over=(), reason=""),
    care.SheetOpened(sheet="stroke"),
    portrait.PortraitAsked(ask_id="w2", field="id_number", write_id="w2", basis="emergency"),
    portrait.PortraitTaken(
        ask_id="w2",
        facts=(
            ResidentFact(
                id="Condition/c1",
                kind=FactKind.CONDITION,
                standing=Standing.ACTIVE,
                codes=(Code(system="icd10", code="J44.9"),),
                day="2019",
                told_day="2026-09-30",
                verified=True,
            ),
        ),
        words=SEALED,
        not_understood=1,
        rules="portrait@1",
    ),
    portrait.PortraitFailed(ask_id="w2", reason="no_answer", detail="", again=True),
    care.SheetRead(
        sheet="stroke",
        version=1,
        status=Status.PARTIAL,
        used=(Used(item_id="face", value=True, origin=Origin.PERSON),),
        level=TriageLevel.II,
        response=None,
        scores=(care.SheetScore(table="lams@1", total=4, band="likely", complete=True),),
        reasons=("face",),
        responses=(),
        actions=("glucose",),
        needs=("lvo",),
        missing=("glucose_mmol_l",),
        contradictions=(),
    ),
    care.FormSigned(
        entry_id="e4",
        form="refusal",
        form_version=1,
        decision="refuses_all",
        signer=SEALED,
        relation="relative",
        signature=None,
        witness=SEALED,
        details=None,
    ),
    EcgRead(
        entry_id="e5",
        begun_ms=START_MS,
        lasts_ms=10_000,
        device="ecg-1",
        test=True,
        measured=MEASURED,
        findings=judge(
            MEASURED, EcgPatient(age_y=55, sex=care.Sex.MALE, confounders=()), load().ecg
        ),
    ),
    EcgInterpreted(
        entry_id="e6",
        ecg_id="e5",
        text=SEALED,
        name="李医生",
        corrects="",
        reason="",
    ),
    files.FileAdded(
        sha256="ab" * 32,
        file_kind=FileKind.PHOTO,
        media_type="image/jpeg",
        size_bytes=120_000,
        taken_ms=START_MS,
        taken_source=TakenSource.TABLET,
        device="",
        caption=SEALED,
    ),
    files.FileWithdrawn(sha256="ab" * 32, file_kind=FileKind.PHOTO, reason="拍错"),
    files.FileMovedOut(
        sha256="ab" * 32,
        file_kind=FileKind.PHOTO,
        taken_ms=START_MS,
        device="",
        correction_id="k1",
        reason="leads were on the other",
    ),
    files.FileMovedIn(
        sha256="cd" * 32,
        file_kind=FileKind.ULTRASOUND,
        media_type="application/dicom",
        size_bytes=900_000,
        taken_ms=START_MS,
        taken_source=TakenSource.RECEIVED,
        device="US-1",
        caption=None,
        by="US-1",
        at_ms=START_MS,
        org="unit:A-01",
        came_from="p2",
        brought_to="p2",
        correction_id="k1",
        reason="leads were on the other",
    ),
    care.RecordSigned(name="张医生", form_version=1),
    moved.VitalsMovedOut(
        correction_id="k1",
        device_id="monitor-1",
        from_ms=START_MS - 60_000,
        to_ms=START_MS,
        reason="leads were on the other",
        sets=1,
        scores=(moved.ScoredAt(at_ms=START_MS, scored=SCORED),),
    ),
    moved.VitalsMovedIn(
        correction_id="k1",
        device_id="monitor-1",
        from_ms=START_MS - 60_000,
        to_ms=START_MS,
        reason="leads were on the other",
        sets=(VITALS,),
        ecgs=(),
        scores=(moved.ScoredAt(at_ms=START_MS, scored=SCORED),),
    ),
    handover.PreAlerted(
        **_RUN,
        mission_id="m1",
        patient_id="p1",
        hospital_id="h1",
        tier=handover.Tier.ALERT,
        needs=("pci_24h",),
        eta_s=600,
        summary=SEALED,
    ),
    handover.PreAlertAcknowledged(name="韩晓", bay="2"),
    handover.PreAlertCorrected(
        changed=("needs", "summary"),
        tier=handover.Tier.ALERT,
        needs=("ct",),
        eta_s=None,
        summary=SEALED,
    ),
    handover.PreAlertDeathTold(died_ms=START_MS),
    handover.PreAlertDeclined(reason="no bed"),
    handover.PreAlertWithdrawn(reason="re-routed"),
    handover.Signed(side="crew", name="李卫"),
    attention.AlertRaised(
        code="not_departed",
        priority=1,
        subject="mission:m1",
        incident_id="i1",
        owner="03",
        details={},
    ),
    intake.CaseOffered(org="county", org_name="县分中心", seat="", reason="辖区"),
    intake.OfferEnded(outcome=intake.OfferOutcome.DECLINED, reason="无车", org="county"),
    intake.CaseTaken(from_org="centre", from_seat="03", org_name="县分中心", reason="", unasked=""),
    intake.UnitAsked(
        mission_id="m2", unit_id="B-01", call_sign="B-01", node="city", due_ms=START_MS + 20_000
    ),
    intake.AskEnded(mission_id="m2", outcome=intake.AskOutcome.REFUSED, code="unit_claimed"),
    intake.UnitTaken(mission_id="m1", call_sign="A-01", for_number="20261121-0002"),
    dispatch.RoadClosed(
        line=(POINT, Point(lat=50.871, lon=9.71)),
        both_ways=True,
        share=0,
        reason=dispatch.RoadReason.CRASH,
        label="滨江大道",
        until_ms=START_MS + 3_600_000,
    ),
    dispatch.RoadChanged(share=0.5, until_ms=None),
    dispatch.RoadReopened(reason="open"),
    attention.AlertAcknowledged(),
    attention.AlertEscalated(owner="supervisor"),
    attention.AlertMoved(owner="05"),
    attention.AlertResolved(reason="moving"),
    register.UnitListed(
        call_sign="A-01",
        station_id="s1",
        station_name="一站",
        station_point=POINT,
        unit_kind=register.UnitKind.ALS,
        assumed=True,
    ),
    register.StationListed(name="北站", name_en="North", point=POINT, phone="", assumed=True),
    register.DutyChanged(on_duty=True, crew=("甲", "乙")),
    register.UnitChecked(
        check_id="k1",
        name="甲",
        answers={"fuel": 40.0, "brakes_tyres": True},
        defects=("fuel",),
        content="shift_check@1",
    ),
    register.CheckTakenOver(check_id="k1", name="乙"),
    register.OutOfService(reason="refuel"),
    register.BackInService(),
    register.HelpCalled(point=POINT),
    register.HelpEnded(reason="安全", since_ms=START_MS),
    register.UnitHomed(unit_id="A-01", node="county", epoch=1, here=True, reason="市节点失联"),
    register.ShiftPlanned(
        unit_id="A-01",
        shift_id="s1",
        from_ms=START_MS,
        to_ms=START_MS + 43_200_000,
        duty=register.DutyKind.EMERGENCY,
        crew=(register.CrewMember(name="甲", function=register.CrewFunction.DRIVER),),
        reason="",
    ),
    register.ShiftChanged(
        shift_id="s1",
        from_ms=START_MS,
        to_ms=START_MS + 28_800_000,
        duty=register.DutyKind.RESERVE,
        crew=(),
        reason="ill",
    ),
    register.ShiftWithdrawn(shift_id="s1", reason="planned twice"),
    register.HospitalListed(
        name="市人民医院",
        name_en="People's Hospital",
        point=POINT,
        capabilities=("ct_24h",),
        assumed=True,
    ),
    register.BedsReported(free={"ed": 3}),
    register.DiversionSet(diverting=True, reason="power"),
)
"""One event of every kind of this release."""


def example[T: Record](kind: type[T]) -> T:
    """The literal event of a type."""
    return next(event for event in EVENTS if isinstance(event, kind))


def recorded(event: Any, stream: str = "", **changes: Any) -> Recorded:
    kind = event.__struct_config__.tag.partition(".")[0]
    given: dict[str, Any] = {
        "stream": stream or f"{kind}:x1",
        "version": 1,
        "event": event,
        "actor": "person-1",
        "seat": "03",
        "role": "dispatcher",
        "org": "centre",
        "occurred_ms": START_MS,
        "received_ms": START_MS,
        "installation": "test",
    }
    return Recorded(**(given | changes))
