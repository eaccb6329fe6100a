"""Finding a resident's other records: by a number that stands in both, as the asker may read."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from factories.memory_reader import MemoryReader
from factories.world import TestWorld
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.residents import Resident, find_resident
from goldenhour.domain import commands as c
from goldenhour.domain.care.id_card import check_digit
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.same_person import Identified, Named, list_forms, named, same_person
from goldenhour.domain.care.written import Written
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.kernel.personal import Clear

NUMBER, OTHER = "11010519491231002X", "110105194912310046"
CARD = "A1B2C3D4E5F6"


class Town:
    """Patients of several cases, each of a vehicle of its own."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.cases = 0

    async def patient(self, **numbers: str) -> str:
        world = self.world
        self.cases += 1
        unit_id = await world.list_unit(f"A-{self.cases:02}")
        _call, incident_id = await world.open_incident()
        mission_id = await world.assign(incident_id, unit_id)
        await world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE)
        patient_id = world.new_id()
        await world.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
        for field, text in numbers.items():
            await self.write(patient_id, field, text, f"{field}-1")
        return patient_id

    async def write(
        self, patient_id: str, field: str, text: str, write_id: str, *over: str
    ) -> None:
        command = c.WriteField(
            patient_id=patient_id,
            write_id=f"{patient_id[-12:]}-{write_id}",
            field=field,
            text=Clear(text=text),
            over=tuple(f"{patient_id[-12:]}-{one}" for one in over),
        )
        await self.world.accept(command)

    async def find(self, patient_id: str, identity: Identity = SYSTEM) -> Resident:
        journal = self.world.journal
        stream = f"patient:{patient_id}"
        patient = fold(stream, journal.streams[stream])
        assert isinstance(patient, Patient)
        reader = MemoryReader(journal)
        return await find_resident(patient, [patient_id], reader, journal, identity)


async def test_the_same_number_in_two_cases_is_one_resident() -> None:
    town = Town()
    first = await town.patient(id_number=NUMBER)
    small = await town.patient(id_number=NUMBER.lower())
    await town.patient(id_number=OTHER)
    await town.patient()
    found = await town.find(first)
    assert (found.standing, found.patients) == (Identified.KNOWN, (small,))
    assert (await town.find(small)).patients == (first,)


async def test_nobody_is_found_without_a_number() -> None:
    town = Town()
    await town.patient(id_number=NUMBER)
    found = await town.find(await town.patient())
    assert found == Resident(standing=Identified.UNKNOWN, patients=())


async def test_a_wrong_number_finds_nobody() -> None:
    town = Town()
    wrong = NUMBER[:-1] + "1"
    await town.patient(id_number=wrong)
    found = await town.find(await town.patient(id_number=wrong))
    assert found == Resident(standing=Identified.WRONG, patients=())


async def test_two_numbers_that_both_stand_find_nobody_until_one_is_written_over() -> None:
    town = Town()
    known = await town.patient(id_number=NUMBER)
    torn = await town.patient(id_number=NUMBER)
    await town.write(torn, "id_number", OTHER, "id_number-2")
    assert (await town.find(torn)).standing is Identified.DISPUTED
    assert (await town.find(known)).patients == ()
    await town.write(torn, "id_number", NUMBER, "id_number-3", "id_number-1", "id_number-2")
    assert (await town.find(torn)).patients == (known,)
    assert (await town.find(known)).patients == (torn,)


async def test_a_number_that_was_written_over_is_nobodys_any_more() -> None:
    town = Town()
    known = await town.patient(id_number=NUMBER)
    corrected = await town.patient(id_number=NUMBER)
    await town.write(corrected, "id_number", OTHER, "id_number-2", "id_number-1")
    assert (await town.find(known)).patients == ()


async def test_a_number_in_another_field_is_no_identity() -> None:
    town = Town()
    known = await town.patient(id_number=NUMBER)
    await town.patient(phone=NUMBER)
    assert (await town.find(known)).patients == ()


async def test_a_health_card_identifies_as_well_and_two_that_differ_part_one_number() -> None:
    town = Town()
    known = await town.patient(id_number=NUMBER, health_card=CARD)
    card_alone = await town.patient(health_card=CARD)
    await town.patient(id_number=NUMBER, health_card="B9B9B9B9")
    assert (await town.find(known)).patients == (card_alone,)


async def test_what_may_not_be_read_is_as_absent_as_none() -> None:
    town = Town()
    own, _theirs = await town.patient(id_number=NUMBER), await town.patient(id_number=NUMBER)
    reader = Identity(orgs=("unit:A-01",), topics=("patient", "mission"))
    town.world.journal.owners[f"patient:{own}"] = "unit:A-01"
    assert await town.find(own, reader) == Resident(standing=Identified.KNOWN, patients=())
    assert len((await town.find(own)).patients) == 1


async def test_a_number_that_the_reader_may_not_see_is_said_to_be_hidden() -> None:
    town = Town()
    own = await town.patient(id_number=NUMBER)
    nobody = Identity(orgs=(), topics=())
    assert (await town.find(own, nobody)).standing is Identified.HIDDEN


# ---- the comparison itself


NUMBERS = st.integers(1, 999).map(lambda n: f"110105194912310{n:02}"[:17].ljust(17, "0"))
VALID = NUMBERS.map(lambda text: text + check_digit(text))


def record(**texts: str) -> CareRecord:
    def written(field: str, text: str) -> Written:
        return Written(
            write_id=field, value=None, text=Clear(text=text), by="甲", at_ms=1, reason=""
        )

    return CareRecord(fields={field: (written(field, text),) for field, text in texts.items()})


@given(VALID, VALID)
def test_two_are_the_same_when_and_only_when_their_numbers_are(one: str, other: str) -> None:
    first, second = named(record(id_number=one), {}), named(record(id_number=other), {})
    assert same_person(first, second) is (one == other)
    assert same_person(first, second) is same_person(second, first)
    assert one in list_forms(first.numbers.values())


@pytest.mark.parametrize("one", [{}, {"id_number": NUMBER}])
def test_nothing_in_common_is_never_the_same(one: dict[str, Any]) -> None:
    without = Named(standing=Identified.UNKNOWN, numbers={})
    assert not same_person(Named(standing=Identified.KNOWN, numbers=one), without)
    assert not same_person(without, without)
