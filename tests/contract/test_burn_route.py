"""The burned surface and the formula's volume, as the crew's screen asks for them."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from factories.ecg_files import on_the_way
from factories.office import Office, opened
from goldenhour.adapters.postgres.pool import Database
from goldenhour.domain import commands as c


@pytest.fixture
async def office(database: Database) -> AsyncIterator[Office]:
    async with opened(database) as made:
        yield made


async def ask(office: Office, patient_id: str, who: str = "crew1", **query: Any) -> tuple[int, Any]:
    path = f"/api/patients/{patient_id}/burns"
    answer = await office.client.get(path, params=query, headers=await office.cookie(who))
    return answer.status_code, answer.json()


async def test_without_age_or_weight_there_is_no_number(office: Office, tmp_path: Any) -> None:
    patient_id, _ = await on_the_way(office.world, tmp_path)
    await office.world.accept(
        c.CorrectDemographic(patient_id=patient_id, reason="asked", age_y=None)
    )
    _, answer = await ask(office, patient_id, burned="left_arm:1")
    assert (answer["regions"], answer["tbsa_pct"], answer["fluid"]) == ([], None, None)
    await office.world.accept(c.CorrectDemographic(patient_id=patient_id, reason="card", age_y=40))
    _, answer = await ask(office, patient_id, burned="left_arm:1,trunk_front:0.5", palms=2)
    assert (answer["tbsa_pct"], answer["weight_kg"], answer["fluid"]) == (20, None, None)
    assert sum(region["pct"] for region in answer["regions"]) == 100


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"burned": "left_wing:1"}, "unknown_value"),
        ({"burned": "left_arm"}, "invalid"),
        ({"burned": "left_arm:nan"}, "out_of_range"),
        ({"burned": "left_arm:1.5"}, "out_of_range"),
        ({"palms": "-1"}, "invalid"),
    ],
)
async def test_what_cannot_be_is_named(
    office: Office, tmp_path: Any, query: dict[str, str], code: str
) -> None:
    patient_id, _ = await on_the_way(office.world, tmp_path)
    status, problem = await ask(office, patient_id, **query)
    assert (status, problem["code"]) == (400, code)
    assert problem["field"] == next(iter(query))


async def test_another_crews_patient_is_not_there(office: Office, tmp_path: Any) -> None:
    patient_id, _ = await on_the_way(office.world, tmp_path)
    assert (await ask(office, patient_id, "crew2"))[0] == 404
    assert (await ask(office, "none"))[0] == 404
