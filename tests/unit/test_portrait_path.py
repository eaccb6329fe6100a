"""From the crew's word to the portrait's row and the drug check: through decider, journal, fold."""

from typing import Any

import msgspec
import pytest

from factories.residents import fact
from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.care.drug_given import drug_facts
from goldenhour.domain.care.patient import Patient, known_facts
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear, Sealed
from goldenhour.kernel.resident import FactKind, FactWords, Standing, Words
from goldenhour.views.fold import Reveal
from goldenhour.views.portrait import portrait_row
from goldenhour.views.rows import PortraitRow

ALLERGY = fact("a1", FactKind.ALLERGY, means=("penicillin",), severity="anaphylaxis")
NUMBER = Clear(text="11010519491231002X")
COPD = fact("c1", code="icd10|J44.9")
WORDS = Words(facts={"a1": FactWords(name="青霉素", reaction="过敏性休克", source="市人民医院")})


async def patient(world: TestWorld) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, age_y=66))
    return patient_id


async def identify(
    world: TestWorld, patient_id: str, write_id: str, field: str = "id_number"
) -> None:
    await world.accept(
        c.WriteField(
            patient_id=patient_id, write_id=write_id, field=field, text=NUMBER
        )
    )  # fmt: skip


async def taken(world: TestWorld, patient_id: str, ask_id: str, *facts: Any) -> Outcome:
    return await world.accept(
        c.RecordPortrait(
            patient_id=patient_id,
            ask_id=ask_id,
            facts=facts,
            words=Clear(text=msgspec.json.encode(WORDS).decode()),
        )
    )


async def row(world: TestWorld, patient_id: str) -> PortraitRow | None:
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    held = state.portrait.taken.event.words if state.portrait and state.portrait.taken else None
    texts = await world.journal.reveal([held.row], SYSTEM) if isinstance(held, Sealed) else {}
    return portrait_row(state, Reveal(texts), world.facts)


async def found(world: TestWorld, patient_id: str) -> PortraitRow:
    shown = await row(world, patient_id)
    assert shown is not None
    return shown


async def test_nobody_asked_is_no_portrait() -> None:
    world = TestWorld()
    assert await row(world, await patient(world)) is None


@pytest.mark.parametrize("field", ["id_number", "health_card"])
async def test_writing_who_it_is_asks_and_the_answer_is_shown(field: str) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1", field)
    assert (await found(world, patient_id)).state == "asking"
    await taken(world, patient_id, "w1", ALLERGY, COPD)
    shown = await found(world, patient_id)
    assert (shown.state, shown.field, shown.asked_by) == ("found", field, "person-1")
    (allergy,) = shown.alerts
    assert (allergy.id, allergy.name, allergy.cautions) == (
        "penicillin", "青霉素", ("cephalosporin",),
    )  # fmt: skip
    lungs = next(one for one in shown.regions if one.region == "lungs")
    assert lungs.colour == "orange"


async def test_words_that_were_erased_leave_the_codes() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", ALLERGY)
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    shown = portrait_row(state, Reveal({}), world.facts)
    assert shown is not None
    assert [(alert.id, alert.name) for alert in shown.alerts] == [("penicillin", None)]


async def test_asking_without_an_identity_is_refused() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    refused = await world.send(c.AskPortrait(patient_id=patient_id, ask_id="a1"))
    assert refused == Refused(code="identity_required", field="patient_id")
    await identify(world, patient_id, "w1")
    assert await world.send(c.AskPortrait(patient_id=patient_id, ask_id="w1")) == Refused(
        code="exists", field="ask_id"
    )
    curious = c.AskPortrait(patient_id=patient_id, ask_id="a2", basis="curious")
    assert await world.send(curious) == Refused(code="unknown_value", field="basis")


async def test_asked_anew_the_newest_word_on_who_it_is_counts() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    world.clock.at_ms += 1
    await identify(world, patient_id, "w2", "health_card")
    await world.accept(c.AskPortrait(patient_id=patient_id, ask_id="a3"))
    assert (await found(world, patient_id)).field == "health_card"


async def test_asked_again_the_old_portrait_stays_until_the_answer() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", ALLERGY)
    await world.accept(c.AskPortrait(patient_id=patient_id, ask_id="a2"))
    asking = await found(world, patient_id)
    assert (asking.state, len(asking.alerts)) == ("asking", 1)
    await world.accept(
        c.RecordPortrait(patient_id=patient_id, ask_id="a2", reason="no_answer", again=True)
    )
    failed = await found(world, patient_id)
    assert (failed.state, failed.reason, failed.again, len(failed.alerts)) == (
        "failed", "no_answer", True, 1,
    )  # fmt: skip


async def test_another_identity_takes_the_portrait_away() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", ALLERGY)
    await identify(world, patient_id, "w2")
    shown = await found(world, patient_id)
    assert (shown.state, shown.alerts) == ("asking", ())
    late = await taken(world, patient_id, "w1", ALLERGY)
    assert late.versions == {}
    assert (await found(world, patient_id)).alerts == ()


async def test_the_same_failure_is_told_once() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    said = c.RecordPortrait(patient_id=patient_id, ask_id="w1", reason="no_answer", again=True)
    assert (await world.accept(said)).versions
    assert (await world.accept(said)).versions == {}


@pytest.mark.parametrize("drug", ["amoxicillin", "阿莫西林", "penicillin", "注射用青霉素钠"])
async def test_an_allergy_of_the_record_stops_the_drug(drug: str) -> None:
    world = TestWorld()
    patient_id = await patient(world)
    given = c.GiveDrug(patient_id=patient_id, entry_id="e1", drug=drug)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", ALLERGY)
    refused = await world.send(given)
    assert isinstance(refused, Refused)
    assert refused.code == "drug_stopped"
    await identify(world, patient_id, "w2")
    await world.accept(given)


async def test_what_the_monitor_says_raises_a_region() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", COPD)
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals(world.clock.at_ms)))
    regions = {one.region: one for one in (await found(world, patient_id)).regions}
    # 92/58 at 104: the shock index is above one.
    assert regions["vessels"].colour == "red"
    assert [item.live for item in regions["vessels"].items] == [True]
    assert "uterus" in regions


async def test_a_medicine_of_the_record_counts_for_the_drug_check_and_a_former_one_not() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    now = fact("m1", FactKind.MEDICINE, means=("pde5",))
    before = fact("m2", FactKind.MEDICINE, means=("maoi",), standing=Standing.PAST)
    await taken(world, patient_id, "w1", now, before)
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    known = known_facts(state, world.facts.care.portrait)
    assert known["taking"] == ("pde5",)
    told = drug_facts(state.record, known, world.facts.care)
    assert told["taking"] == ("pde5",)


async def test_an_emptied_identity_drops_the_portrait_of_whoever_it_was() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await identify(world, patient_id, "w1")
    await taken(world, patient_id, "w1", ALLERGY)
    emptied = c.WriteField(patient_id=patient_id, write_id="w2", field="id_number", over=("w1",))
    await world.accept(emptied)
    assert await row(world, patient_id) is None
    await world.accept(c.GiveDrug(patient_id=patient_id, entry_id="d", drug="amoxicillin"))
    # An answer that was on its way changes nothing.
    await taken(world, patient_id, "w1", ALLERGY)
    assert await row(world, patient_id) is None
