"""A hospital signs a reading of an ECG over the web, and an alert that it waits reaches it."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from factories.ecg_files import on_the_way
from factories.office import Office, opened, person
from goldenhour.adapters.postgres.pool import Database
from goldenhour.app.access import TOPICS, Role
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg import EcgPatient, LeadMeasured, Measured, judge
from goldenhour.domain.care.ecg_events import EcgInterpreted
from goldenhour.domain.care.events import Sex
from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.personal import Clear

HOSPITAL = Identity(orgs=("hospital:h1",), topics=TOPICS[Role.HOSPITAL])


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def send(office: Office, username: str, sequence: int, command: Any) -> tuple[int, str]:
    answer = await office.client.post(
        "/api/commands",
        json={
            "installation": f"page-of-{username}",
            "sequence": sequence,
            "command": msgspec.to_builtins(command),
        },
        headers=await office.cookie(username),
    )
    return answer.status_code, answer.json().get("code", "")


async def test_the_hospital_is_told_and_signs(office: Office, tmp_path: Any) -> None:
    world = office.world
    patient_id, _mission = await on_the_way(world, tmp_path)
    rules = world.facts.care.ecg
    leads = {lead: LeadMeasured(st_j_mm=3.0, r_mm=5.0, s_mm=-1.0) for lead in rules.standard}
    found = Measured(leads=leads, qrs_ms=90.0)
    await world.accept(
        c.RecordEcg(
            patient_id=patient_id,
            entry_id="e1",
            begun_ms=world.clock.at_ms - 10_000,
            lasts_ms=10_000,
            device="E-1",
            test=True,
            measured=found,
            findings=judge(found, EcgPatient(age_y=62, sex=Sex.MALE, confounders=()), rules),
        )
    )
    world.clock.at_ms += world.facts.limits.ecg_read_s * 1000
    await world.accept(c.CheckEcg(patient_id=patient_id))
    stream = f"alert:ecg_unread.{patient_id}"
    assert set(await world.journal.load([stream], HOSPITAL)) == {stream}
    await office.pump()
    reading = c.InterpretEcg(
        patient_id=patient_id,
        entry_id="r1",
        ecg_id="e1",
        text=Clear(text="下壁导联 ST 段抬高"),
        name="李医生",
    )
    assert await send(office, "dispatcher", 1, reading) == (403, "not_allowed")
    seen = c.AcknowledgeAlert(alert_id=f"ecg_unread.{patient_id}")
    assert (await send(office, "hospital1", 1, seen))[0] == 200
    # Signed by whoever is logged in, and by a physician: no page says who that is.
    assert await send(office, "hospital1", 2, reading) == (403, "physician_required")
    doctor = person("doctor1", Role.HOSPITAL, "hospital:h1", name="王医生", physician=True)
    await office.accounts.put_person(doctor, world.clock.at_ms)
    assert (await send(office, "doctor1", 1, reading))[0] == 200
    stream = f"patient:{patient_id}"
    patient = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(patient, Patient)
    kept = patient.record.entries[-1]
    assert isinstance(kept.entry, EcgInterpreted)
    assert (kept.entry.entry_id, kept.role, kept.by) == ("r1", "hospital", "doctor1")
    assert kept.entry.name == "王医生"
