"""Who a patient is, said by two people who cannot see each other: nothing is lost or hidden."""

from itertools import permutations
from typing import Any

import pytest
from msgspec.structs import replace

from factories.recorded import recorded
from factories.world import TestWorld, facts
from goldenhour.app.handle import fold, recorded_of
from goldenhour.content import load
from goldenhour.domain import commands as c
from goldenhour.domain.care import identity, merge
from goldenhour.domain.care.alarms import Watch, watch
from goldenhour.domain.care.events import DemographicCorrected, PatientRegistered, Sex
from goldenhour.domain.care.identity import Identity
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.plausible import Alarm
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer
from goldenhour.views.rows import PatientRow


async def registered(world: TestWorld, **who: Any) -> str:
    await world.list_unit()
    _, incident_id = await world.open_incident()
    mission_id = await world.assign(incident_id)
    patient_id = world.new_id()
    await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id, **who))
    return patient_id


def state_of(world: TestWorld, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    state = fold(stream, world.journal.streams[stream])
    assert isinstance(state, Patient)
    return state


def row_of(world: TestWorld, patient_id: str) -> PatientRow:
    folded = Folded(renderer(facts()), Reveal({}))
    for envelope in world.journal.feed:
        folded.apply(recorded_of(envelope))
    row = folded.rows[("patients", patient_id)]
    assert isinstance(row, PatientRow)
    return row


async def by_two(world: TestWorld, first: dict[str, Any], second: dict[str, Any]) -> str:
    """Two tablets show the same patient; each is corrected without having seen the other."""
    patient_id = await registered(world)
    stood = state_of(world, patient_id).identity
    seen = {name: stood.standing(name) for name in identity.FIELDS}
    for said in (first, second):
        world.clock.at_ms += 1_000
        await world.accept(
            c.CorrectDemographic(patient_id=patient_id, reason="家属告知", seen=seen, **said)
        )
    return patient_id


async def test_two_ages_that_differ_are_both_kept_shown_and_unknown() -> None:
    world = TestWorld()
    patient_id = await by_two(world, {"age_y": 62.0}, {"age_y": 26.0})
    state = state_of(world, patient_id)
    assert (state.identity.ages, state.age_y) == ((62.0, 26.0), None)
    row = row_of(world, patient_id)
    assert (row.differs, row.age_y) == (("age_y",), None)
    assert [one.value for one in row.identity["age_y"]] == [62.0, 26.0]

    signed = await world.send(c.SignRecord(patient_id=patient_id, name="李护士"))
    assert isinstance(signed, Refused)
    assert (signed.code, signed.detail) == ("record_conflict", "age_y")

    await world.accept(c.CorrectDemographic(patient_id=patient_id, reason="核对证件", age_y=62.0))
    assert state_of(world, patient_id).age_y == 62.0
    assert row_of(world, patient_id).differs == ()


async def test_what_two_people_say_of_different_fields_stands_both() -> None:
    world = TestWorld()
    patient_id = await by_two(world, {"age_y": 62.0}, {"sex": Sex.FEMALE})
    state = state_of(world, patient_id)
    assert (state.age_y, state.sex, state.identity.conflicts) == (62.0, Sex.FEMALE, ())


async def test_two_sexes_that_differ_are_no_sex_and_the_same_twice_is_one() -> None:
    world = TestWorld()
    patient_id = await by_two(world, {"sex": Sex.MALE}, {"sex": Sex.FEMALE})
    assert state_of(world, patient_id).sex is Sex.UNKNOWN
    world = TestWorld()
    patient_id = await by_two(world, {"sex": Sex.MALE}, {"sex": Sex.MALE})
    assert (state_of(world, patient_id).sex, row_of(world, patient_id).differs) == (Sex.MALE, ())


async def test_who_knows_is_not_contradicted_by_who_does_not() -> None:
    world = TestWorld()
    patient_id = await by_two(world, {"age_y": 62.0}, {"age_y": None})
    assert state_of(world, patient_id).age_y == 62.0


async def test_two_records_of_one_person_show_both_ages() -> None:
    world = TestWorld()
    first = state_of(world, await registered(world, age_y=62, sex=Sex.MALE))
    world = TestWorld()
    stream = "patient:other"
    event = PatientRegistered(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=26, sex=Sex.MALE
    )
    known = identity.evolve(Identity(), event, replace(recorded(event), stream=stream))
    whole = merge.together(first, [replace(first, age_y=26, identity=known)])
    assert (whole.age_y, whole.sex, whole.identity.ages) == (None, Sex.MALE, (62.0, 26.0))


async def test_of_two_names_the_newest_is_called_and_both_stand() -> None:
    world = TestWorld()
    patient_id = await by_two(world, {"name": Clear(text="周虚构")}, {"name": Clear(text="邹虚构")})
    assert len(state_of(world, patient_id).identity.standing("name")) == 2


def corrected(write_id: str, over: dict[str, tuple[str, ...]] | None, **who: Any) -> Any:
    given = {"name": None, "age_y": None, "sex": Sex.UNKNOWN, "reason": "x"} | who
    event = DemographicCorrected(write_id=write_id, over=over, **given)
    return event, replace(recorded(event), stream="patient:p1")


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_order_of_arrival_plays_no_part(order: tuple[int, ...]) -> None:
    began = PatientRegistered(
        incident_id="i", mission_id="m", unit_id="u", name=None, age_y=1, sex=Sex.UNKNOWN
    )
    at = replace(recorded(began), stream="patient:p1")
    first = ("first.patient:p1",)
    said = [
        corrected("a", {"age_y": first}, age_y=62.0),
        corrected("b", {"age_y": first}, age_y=26.0),
        corrected("c", {"age_y": ("a",)}, age_y=63.0),
    ]
    state = identity.evolve(Identity(), began, at)
    for place in order:
        state = identity.evolve(state, *said[place])
    assert set(state.standing("age_y")) == {"b", "c"}


def test_what_was_said_before_writes_had_ids_still_replaces_all() -> None:
    state = Identity()
    for age_y in (62.0, 63.0):
        state = identity.evolve(state, *corrected("", None, age_y=age_y, sex=Sex.MALE))
    assert (state.age_y, state.sex) == (63.0, Sex.MALE)


async def test_of_two_ages_the_one_that_alarms_counts() -> None:
    """Fifteen breaths are too few for an infant, and forty too many for a man of sixty-two."""
    table = load().vitals
    world = TestWorld()
    patient_id = await by_two(world, {"age_y": 0.5}, {"age_y": 62.0})
    state = state_of(world, patient_id)

    def alarms(state: Patient, value: float) -> list[Alarm | None]:
        seen, found = Watch(), []
        for at_ms in (0, 11_000):
            item = NumericSet(
                device_id="m",
                unit_id="u",
                device_ms=None,
                received_ms=at_ms,
                values=(Numeric(sign=Sign.RESP, value=value, note=""),),
            )
            seen, changes = watch(seen, item, state, table)
            found += [change.alarm for change in changes]
        return found

    infant, adult = (replace(state, age_y=age_y) for age_y in (0.5, 62.0))
    for value in (15.0, 40.0):
        both = alarms(state, value)
        assert both == (alarms(infant, value) or alarms(adult, value))
        assert both
