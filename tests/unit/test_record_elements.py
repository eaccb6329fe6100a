"""The record against the elements of other standards: the lists, and what one case has filled."""

from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from msgspec.structs import replace

from factories.full_record import full_record, read
from factories.world import TestWorld, facts
from goldenhour import content
from goldenhour.adapters.web.record_routes import sheet_of
from goldenhour.content import ContentError
from goldenhour.content.exchange import load_exchange
from goldenhour.domain import commands as c
from goldenhour.domain.review.elements import Found, Usage
from goldenhour.kernel.telemetry import Numeric, Sign
from goldenhour.views.fold import Reveal
from goldenhour.views.places import completeness, texts
from goldenhour.views.whole_record import ChartedRow

CARE = facts().care
RULES = load_exchange(CARE)


def test_the_form_and_the_list_name_the_same_elements() -> None:
    by_form = {(f"field:{f.id}", ident) for f in CARE.form.list_fields() for ident in f.nemsis}
    by_list = {
        (place, element.id)
        for element in RULES.nemsis.elements
        for place in element.held
        if place.startswith("field:")
    }
    assert by_form == by_list


def test_the_list_has_every_element_that_must_be_there() -> None:
    """Counted in the data dictionary 3.5.1, group by group."""
    must = (Usage.MANDATORY, Usage.REQUIRED)
    found = Counter(e.id.partition(".")[0] for e in RULES.nemsis.elements if e.usage in must)
    assert found == {
        "eTimes": 9,
        "eResponse": 14,
        "eScene": 8,
        "ePatient": 7,
        "eSituation": 11,
        "eInjury": 3,
        "eHistory": 2,
        "eArrest": 15,
        "eVitals": 20,
        "eProcedures": 8,
        "eMedications": 9,
        "eDisposition": 18,
        "ePayment": 2,
    }


async def test_a_full_case_and_an_empty_one() -> None:
    world = TestWorld()
    care = world.facts.care
    found = completeness(read(world, await full_record(world)), care, RULES.nemsis)
    rows = {row.id: row.found for row in found.rows}
    assert rows["eSituation.04"] is rows["eVitals.06"] is rows["eMedications.03"] is Found.FILLED
    assert rows["eVitals.18"] is Found.EMPTY  # nobody measured the glucose
    assert rows["ePatient.14"] is Found.NOT_HELD
    assert rows["eArrest.01"] is rows["eInjury.03"] is Found.NOT_APPLICABLE
    assert 0 < found.filled < found.counted

    bare = TestWorld(seed=2)
    await bare.list_unit()
    _, incident_id = await bare.open_incident()
    mission_id, patient_id = await bare.assign(incident_id), bare.new_id()
    await bare.accept(c.RegisterPatient(patient_id=patient_id, mission_id=mission_id))
    empty = completeness(read(bare, patient_id), care, RULES.nemsis)
    rows = {row.id: row.found for row in empty.rows}
    assert rows["eSituation.04"] is rows["eVitals.06"] is rows["ePatient.25"] is Found.EMPTY
    assert empty.filled < found.filled


async def test_a_withdrawn_entry_fills_nothing() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    for entry_id in ("p1", "p2", "p3"):
        await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id=entry_id, reason="误记"))
    found = completeness(read(world, patient_id), world.facts.care, RULES.nemsis)
    rows = {row.id: row.found for row in found.rows}
    assert rows["eProcedures.03"] is Found.EMPTY


def test_the_map_to_ws_542_claims_nothing() -> None:
    assert all(row.element == row.name == "" and row.note for row in RULES.ws542.rows)


def test_a_filled_in_table_takes_the_place_of_ours_and_a_wrong_one_is_refused(
    tmp_path: Path,
) -> None:
    text = (files(content) / "ws542.toml").read_text(encoding="utf-8")
    note = f'note = "{RULES.ws542.rows[0].note}"'
    own = tmp_path / "ws542.toml"
    own.write_text(text.replace(note, 'element = "X01", name = "编号"', 1), encoding="utf-8")
    assert load_exchange(CARE, ws542=own).ws542.rows[0].element == "X01"
    for old, new, said in (
        ("node:T9", "node:T99", "node:T99"),
        ("node:T9", "node:T8", "stands twice"),
        (f", {note}", "", "needs the element"),
    ):
        own.write_text(text.replace(old, new, 1), encoding="utf-8")
        with pytest.raises(ContentError, match=said):
            load_exchange(CARE, ws542=own)


async def test_the_csv_has_a_line_a_place_and_no_formula() -> None:
    world = TestWorld()
    patient_id = await full_record(world)
    text = sheet_of(read(world, patient_id), world.facts.care, RULES.ws542).decode("utf-8-sig")
    lines = text.splitlines()
    assert len(lines) == 1 + len(RULES.ws542.rows)
    assert ",,主诉,field:complaint,胸痛半小时" in lines
    whole = read(world, patient_id, Reveal(dict.fromkeys(world.journal.personal, "=1+1")))
    assert (
        ",,主诉,field:complaint,'=1+1"
        in sheet_of(whole, world.facts.care, RULES.ws542).decode("utf-8-sig").splitlines()
    )


async def test_a_pressure_stands_once_at_the_time_of_its_measurement() -> None:
    world = TestWorld()
    whole = read(world, await full_record(world))
    sets = tuple(
        ChartedRow(
            at_ms=at_ms,
            device=device,
            values=(
                Numeric(sign=Sign.SPO2, value=97, note=""),
                Numeric(sign=Sign.NIBP_SYS, value=120, note="", age_ms=age_ms),
            ),
            origin="",
        )
        for at_ms, device, age_ms in (
            (600_000, "monitor-1", 0),
            (661_900, "monitor-1", 60_000),
            (720_000, "monitor-1", 117_000),  # too far off to be the same
            (720_000, "monitor-2", 120_000),  # another device measured it as well
        )
    )
    whole = replace(whole, charted=sets)
    clocks = ("08:10:00", "08:10:03", "08:10:00")
    assert texts(whole, CARE, "vitals:nibp_sys") == tuple(
        f"1970-01-01 {clock} 120" for clock in clocks
    )
    assert len(texts(whole, CARE, "vitals:spo2")) == len(sets)
