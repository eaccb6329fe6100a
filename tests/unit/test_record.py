"""The electronic record as a crew writes it: through decider, journal, fold and row."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care import assess
from goldenhour.domain.care.drug_given import drug_facts
from goldenhour.domain.care.events import Consciousness
from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.condition import Answers
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.views.fold import Reveal
from goldenhour.views.record import record_row
from goldenhour.views.rows import RecordRow


async def patient(world: TestWorld, age_y: float | None = 66) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=age_y))
    return patient_id


async def row(world: TestWorld, patient_id: str) -> RecordRow:
    stream = f"patient:{patient_id}"
    loaded = await world.journal.load([stream], SYSTEM)
    state = fold(stream, loaded[stream].events)
    assert isinstance(state, Patient)
    return record_row(state, Reveal({}), world.facts.care)


async def write(world: TestWorld, patient_id: str, field: str, value: Any, *over: str) -> str:
    write_id = world.new_id()
    await world.accept(
        c.WriteField(patient_id=patient_id, write_id=write_id, field=field, value=value, over=over)
    )
    return write_id


async def test_an_opened_sheet_fills_itself_and_follows_every_set() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="chest_pain"))
    (before,) = (await row(world, patient_id)).sheets
    assert "sbp_mmhg" not in {one.item_id for one in before.used}
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals(world.clock.at_ms)))
    (after,) = (await row(world, patient_id)).sheets
    assert {one.item_id: one.value for one in after.used}["sbp_mmhg"] == 92
    assert after.status == "partial"


async def test_an_answer_of_the_crew_changes_level_and_needs_at_once() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="chest_pain"))
    await write(world, patient_id, "chest_pain.pain_character", "tearing")
    (reading,) = (await row(world, patient_id)).sheets
    assert reading.level in ("I", "II")
    assert "dissection" in reading.needs


async def test_the_same_set_again_records_no_new_reading() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="chest_pain"))
    first = await world.accept(
        c.TakeNote(patient_id=patient_id, entry_id="n", text=Clear(text="a"))
    )
    observed = c.Observe(patient_id=patient_id, gcs=15)
    second = await world.accept(observed)
    third = await world.accept(observed)
    stream = f"patient:{patient_id}"
    grown = [one.versions[stream] for one in (first, second, third)]
    assert grown[2] - grown[1] == 1


async def test_a_stopped_drug_is_charted_with_its_reason_and_its_finding() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "allergies", ("nsaid",))
    await world.accept(
        c.GiveDrug(
            patient_id=patient_id,
            entry_id="d",
            drug="aspirin",
            dose=300,
            unit="mg",
            reason="医嘱",
        )
    )
    (entry,) = (await row(world, patient_id)).entries
    assert [finding.concern for finding in entry.findings] == ["allergy", "unchecked"]
    assert entry.reason == "医嘱"


@pytest.mark.parametrize(
    ("told", "drug"),
    [
        ("penicillin", "阿莫西林"),
        ("penicillin", "注射用青霉素钠"),
        ("penicillin", "Amoxicillin-clavulanate"),
        ("阿司匹林", "aspirin"),
        ("对阿司匹林过敏", "aspirin"),
        ("Aspirin ", "阿司匹林"),
        ("吗啡过敏", "morphine"),  # no allergen of the list: by the drug's own name
        ("MORPHINE", "morphine"),
        ("头孢克肟", "ceftriaxone"),
        ("安宫牛黄丸", "安宫牛黄丸"),
    ],
)
async def test_an_allergy_that_was_told_stops_the_drug(told: str, drug: str) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "allergies", (told,))
    refused = await world.send(c.GiveDrug(patient_id=patient_id, entry_id="d", drug=drug))
    assert isinstance(refused, Refused)
    assert (refused.code, (refused.detail or "").split(":")[0]) == ("drug_stopped", "allergy")


@pytest.mark.parametrize(
    ("told", "drug"),
    [
        ("none", "aspirin"),
        ("否认过敏", "aspirin"),
        ("penicillin", "aspirin"),
        ("sulfonamide", "magnesium_sulfate"),
        ("sulfonamide", "atropine sulfate"),
        ("左氧氟沙星", "oxygen"),  # whose name is one of its signs
        ("去甲肾上腺素", "epinephrine"),  # whose name is a part of it
        ("norepinephrine", "epinephrine"),
        ("虾", "虾青素"),
        ("", "morphine"),
    ],
)
async def test_an_allergy_to_another_thing_stops_nothing(told: str, drug: str) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "allergies", (told,))
    await world.accept(c.GiveDrug(patient_id=patient_id, entry_id="d", drug=drug))


async def test_none_known_on_another_tablet_hides_no_allergy() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "allergies", ("nsaid",))
    world.clock.at_ms += 1
    newer = await write(world, patient_id, "allergies", ("none",))
    given = c.GiveDrug(patient_id=patient_id, entry_id="d", drug="aspirin")
    refused = await world.send(given)
    assert isinstance(refused, Refused)
    assert refused.code == "drug_stopped"
    both = (await row(world, patient_id)).fields["allergies"]
    assert len(both) == 2
    await write(world, patient_id, "allergies", ("none",), newer, both[0].write_id)
    await world.accept(given)


async def test_a_class_taken_that_another_tablet_does_not_know_still_counts() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "taking", ("pde5",))
    world.clock.at_ms += 1
    await write(world, patient_id, "taking", ("insulin",))
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    assert drug_facts(state.record, {}, world.facts.care)["taking"] == ("pde5", "insulin")


async def facts_of(world: TestWorld, patient_id: str) -> Answers:
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    return drug_facts(state.record, {}, world.facts.care)


async def test_what_a_sheet_was_told_counts_for_the_drug_check() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "child.weight_kg", 14.5)
    await write(world, patient_id, "chest_pain.medicine_cautions", ("pde5", "bleeding"))
    await write(world, patient_id, "stroke.anticoagulant", value=True)
    await write(world, patient_id, "pregnant", value=False)
    await write(world, patient_id, "obstetric.pregnant", value=True)
    found = await facts_of(world, patient_id)
    assert found["weight_kg"] == 14.5
    assert found["taking"] == ("anticoagulant", "pde5")
    assert found["pregnant"] is True
    await write(world, patient_id, "trauma.weight_kg", 13)
    assert (await facts_of(world, patient_id))["weight_kg"] == 13
    await write(world, patient_id, "weight_kg", 15)
    assert (await facts_of(world, patient_id))["weight_kg"] == 15


async def test_of_two_weights_a_child_is_given_by_the_lower_until_somebody_decides() -> None:
    world = TestWorld()
    patient_id = await patient(world, age_y=3)
    first = await write(world, patient_id, "weight_kg", 12)
    world.clock.at_ms += 1
    second = await write(world, patient_id, "weight_kg", 21)
    assert (await facts_of(world, patient_id))["weight_kg"] == 12
    await write(world, patient_id, "weight_kg", 21, first, second)
    assert (await facts_of(world, patient_id))["weight_kg"] == 21


async def test_of_two_times_last_known_well_the_earlier_counts_for_the_window() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    now_ms = world.clock.at_ms
    await write(world, patient_id, "last_well_ms", now_ms - 300 * MINUTE_MS)
    world.clock.at_ms += 1
    await write(world, patient_id, "last_well_ms", now_ms - 60 * MINUTE_MS)
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    assert assess.findings_of(state, now_ms, world.facts.scores).lkw_min == 300


async def test_an_allergy_that_nobody_has_named_is_asked_for_and_stops_nothing() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await write(world, patient_id, "chest_pain.medicine_cautions", ("allergy",))

    async def asked(entry_id: str) -> bool:
        await world.accept(c.GiveDrug(patient_id=patient_id, entry_id=entry_id, drug="aspirin"))
        (found,) = [e for e in (await row(world, patient_id)).entries if e.id == entry_id]
        return any(one.about == "allergies" for one in found.findings)

    assert await asked("d1")
    await write(world, patient_id, "allergies", ("latex",))
    assert not await asked("d2")


async def test_that_nobody_asked_for_allergies_is_said_and_none_known_ends_it() -> None:
    world = TestWorld()
    patient_id = await patient(world)

    async def missing(entry_id: str) -> list[str]:
        await world.accept(c.GiveDrug(patient_id=patient_id, entry_id=entry_id, drug="glucose"))
        (found,) = [e for e in (await row(world, patient_id)).entries if e.id == entry_id]
        return [one.about for one in found.findings if one.concern == "unknown_fact"]

    assert await missing("d1") == ["allergies_unasked"]
    await write(world, patient_id, "allergies", ("none",))
    assert await missing("d2") == []


async def test_a_withdrawn_entry_stays_legible_and_counts_no_more() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.GiveDrug(patient_id=patient_id, entry_id="d", drug="atropine"))
    await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id="d", reason="未给"))
    (entry,) = (await row(world, patient_id)).entries
    assert (entry.what, entry.withdrawn) == ("atropine", "未给")


async def test_a_conflict_is_settled_by_writing_over_both() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    first = await write(world, patient_id, "weight_kg", 60)
    second = await write(world, patient_id, "weight_kg", 80)
    both = (await row(world, patient_id)).fields["weight_kg"]
    assert {one.value for one in both} == {60, 80}
    await write(world, patient_id, "weight_kg", 62, first, second)
    assert [one.value for one in (await row(world, patient_id)).fields["weight_kg"]] == [62]


async def test_what_the_signature_waits_for_follows_the_outcome() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    assert (await row(world, patient_id)).missing == ("complaint", "impression", "outcome")
    await write(world, patient_id, "outcome", "refused")
    assert (await row(world, patient_id)).missing == ("complaint", "impression", "form.refusal")
    await world.accept(
        c.SignForm(
            patient_id=patient_id,
            entry_id="f",
            form="refusal",
            decision="refuses_all",
            signer=Clear(text="李四"),
            relation="relative",
            witness=Clear(text="王五"),
        )
    )
    assert (await row(world, patient_id)).missing == ("complaint", "impression")


async def test_the_apgar_of_five_minutes_does_not_write_over_that_of_one() -> None:
    world = TestWorld()
    patient_id = await patient(world, age_y=0)
    await write(world, patient_id, "newborn.apgar_1min", 4)
    await write(world, patient_id, "newborn.apgar_5min", 8)
    fields = (await row(world, patient_id)).fields
    assert [fields[f"newborn.apgar_{n}min"][0].value for n in (1, 5)] == [4, 8]
    eleven = c.WriteField(
        patient_id=patient_id, write_id="w", field="newborn.apgar_10min", value=11
    )
    assert isinstance(await world.send(eleven), Refused)


@pytest.mark.parametrize(
    ("age_y", "seen", "relation", "doubts"),
    [
        (66, {"consciousness": Consciousness.ALERT, "gcs": 15}, "patient", ()),
        (66, {"consciousness": Consciousness.CONFUSED}, "patient", ("not_alert",)),
        (66, {"consciousness": Consciousness.ALERT, "gcs": 14}, "patient", ("not_alert",)),
        (17.9, {"consciousness": Consciousness.ALERT}, "patient", ("minor",)),
        (9, {}, "patient", ("minor", "not_assessed")),
        (9, {}, "guardian", ()),
    ],
)
async def test_a_form_keeps_what_spoke_against_the_patients_deciding_alone(
    age_y: float, seen: dict[str, Any], relation: str, doubts: tuple[str, ...]
) -> None:
    world = TestWorld()
    patient_id = await patient(world, age_y=age_y)
    if seen:
        await world.accept(c.Observe(patient_id=patient_id, **seen))
    if relation == "patient":
        assert (await row(world, patient_id)).doubts == doubts  # and the crew reads it before
    await world.accept(
        c.SignForm(
            patient_id=patient_id,
            entry_id="f",
            form="refusal",
            decision="refuses_transport",
            signer=Clear(text="李四"),
            relation=relation,
            signature=Clear(text="M0 0"),
            witness=Clear(text="王五"),
        )
    )
    (entry,) = (await row(world, patient_id)).entries
    assert entry.doubts == doubts


@pytest.mark.parametrize(
    ("form", "decision", "asks"),
    [
        ("belongings", "to_relative", True),
        ("refusal", "refuses_measure", True),
        ("refusal", "refuses_all", False),
    ],
)
async def test_nobody_signs_for_belongings_or_a_measure_that_no_paper_names(
    form: str, decision: str, *, asks: bool
) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    signed = c.SignForm(
        patient_id=patient_id,
        entry_id="f",
        form=form,
        decision=decision,
        signer=Clear(text="李四"),
        relation="relative",
        witness=Clear(text="王五"),
    )
    if asks:
        refused = await world.send(signed)
        assert isinstance(refused, Refused)
        assert (refused.code, refused.field) == ("details_required", "details")
    await world.accept(replace(signed, details=Clear(text="手机一部")))


async def test_a_signed_record_takes_an_addition_with_its_reason() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    for field in ("complaint", "impression"):
        await world.accept(
            c.WriteField(
                patient_id=patient_id, write_id=field, field=field, text=Clear(text="胸痛")
            )
        )
    await write(world, patient_id, "outcome", "treated_left")
    await world.accept(c.SignRecord(patient_id=patient_id, name="张医生"))
    await world.accept(
        c.WriteField(
            patient_id=patient_id, write_id="w", field="weight_kg", value=60, reason="家属补述"
        )
    )
    signed = await row(world, patient_id)
    assert signed.signed_by == "张医生"
    assert signed.fields["weight_kg"][0].reason == "家属补述"
