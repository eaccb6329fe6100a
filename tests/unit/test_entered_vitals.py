"""Vital signs that a person typed: the same way as a monitor's, and out again."""

from typing import Any

import pytest

from factories.whole_case import vitals
from factories.world import TestWorld
from goldenhour.app import advise
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM
from goldenhour.domain import commands as c
from goldenhour.domain.care import assess
from goldenhour.domain.care.events import Consciousness, NotTaken, OutOfRange
from goldenhour.domain.care.patient import Patient
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import Sign
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.views.fold import Reveal
from goldenhour.views.record import record_row
from unit.test_monitors import view
from unit.test_record import patient

NORMAL = {
    Sign.NIBP_SYS: 122,
    Sign.NIBP_DIA: 78,
    Sign.PULSE: 82,
    Sign.RESP: 16,
    Sign.SPO2: 97,
    Sign.TEMP: 36.8,
}


def enter(patient_id: str, values: dict[Sign, float], **more: Any) -> c.EnterVitals:
    return c.EnterVitals(patient_id=patient_id, entry_id="v1", values=values, **more)


async def refuse(world: TestWorld, command: c.Command) -> Refused:
    answer = await world.send(command)
    assert isinstance(answer, Refused)
    return answer


async def state_of(world: TestWorld, patient_id: str) -> Patient:
    stream = f"patient:{patient_id}"
    state = fold(stream, (await world.journal.load([stream], SYSTEM))[stream].events)
    assert isinstance(state, Patient)
    return state


async def test_without_a_monitor_typed_signs_give_news2_and_a_level() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(
        c.Observe(patient_id=patient_id, consciousness=Consciousness.ALERT, on_oxygen=False)
    )
    await world.accept(enter(patient_id, NORMAL))
    state = await state_of(world, patient_id)
    assert state.scored is not None
    assert (state.scored.news2, state.scored.news2_missing) == (0, ("pregnant",))
    assert state.vitals[Sign.NIBP_SYS].value == 122


async def test_what_was_withdrawn_counts_no_more_and_stays_legible() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals(world.clock.at_ms)))
    before = await state_of(world, patient_id)
    await world.accept(enter(patient_id, {Sign.RESP: 40}))
    during = await state_of(world, patient_id)
    assert during.scored != before.scored
    await world.accept(c.WithdrawEntry(patient_id=patient_id, entry_id="v1", reason="写错病人"))
    after = await state_of(world, patient_id)
    assert (after.vitals, after.scored) == (before.vitals, before.scored)
    (entry,) = record_row(after, Reveal({}), world.facts.care).entries
    assert (entry.kind, entry.withdrawn, entry.values[0].value) == ("vitals", "写错病人", 40)


async def test_a_value_of_ten_minutes_ago_hides_no_newer_one() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    now_ms = world.clock.at_ms
    await world.accept(c.ChartVitals(patient_id=patient_id, vitals=vitals(now_ms)))
    newest = (await state_of(world, patient_id)).vitals[Sign.NIBP_SYS]
    earlier_ms = now_ms - 10 * MINUTE_MS
    await world.accept(
        enter(patient_id, {Sign.NIBP_SYS: 140, Sign.GLUCOSE: 5.4}, taken_ms=earlier_ms)
    )
    state = await state_of(world, patient_id)
    assert state.vitals[Sign.NIBP_SYS] == newest
    assert state.vitals[Sign.GLUCOSE].at_ms == earlier_ms


@pytest.mark.parametrize(
    ("values", "code", "field"),
    [
        ({}, "required", "values"),
        ({Sign.SPO2: 101}, "impossible_value", "spo2"),
        ({Sign.NIBP_SYS: 85, Sign.NIBP_DIA: 90}, "diastolic_above", "nibp_dia"),
        ({Sign.TEMP: 45}, "implausible", "temp"),
        ({Sign.PULSE: 0}, "implausible", "pulse"),
        ({Sign.NIBP_SYS: 90, Sign.NIBP_DIA: 80}, "implausible", "nibp_sys"),
    ],
)
async def test_a_slip_of_the_hand_is_named(
    values: dict[Sign, float], code: str, field: str
) -> None:
    world = TestWorld()
    refusal = await refuse(world, enter(await patient(world), values))
    assert (refusal.code, refusal.field) == (code, field)


async def test_the_implausible_is_kept_as_confirmed_and_the_impossible_never() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    sure = (Sign.TEMP, Sign.SPO2)
    refusal = await refuse(world, enter(patient_id, {Sign.SPO2: 101}, confirmed=sure))
    assert refusal.code == "impossible_value"
    await world.accept(enter(patient_id, {Sign.TEMP: 26, Sign.SPO2: 98}, confirmed=sure))
    (entry,) = record_row(await state_of(world, patient_id), Reveal({}), world.facts.care).entries
    assert entry.confirmed == (Sign.TEMP,)


async def test_not_taken_has_a_reason_and_takes_no_values_place() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(enter(patient_id, {Sign.TEMP: 36.5}))
    refused = c.EnterVitals(
        patient_id=patient_id, entry_id="v2", not_taken={Sign.TEMP: NotTaken.REFUSED}
    )
    await world.accept(refused)
    state = await state_of(world, patient_id)
    assert state.vitals[Sign.TEMP].value == 36.5
    last = record_row(state, Reveal({}), world.facts.care).entries[-1]
    assert (last.values[0].value, last.values[0].note) == (None, "not taken: refused")


async def test_a_sign_is_taken_or_not() -> None:
    world = TestWorld()
    both = enter(await patient(world), {Sign.TEMP: 36.5}, not_taken={Sign.TEMP: NotTaken.NO_TIME})
    refusal = await refuse(world, both)
    assert (refusal.code, refusal.field) == ("taken_and_not", "not_taken")


async def test_the_trend_shows_them_among_the_monitors_sets() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(enter(patient_id, NORMAL))
    (typed,) = advise.list_typed(view(world), patient_id, 0)
    assert typed.received_ms == world.clock.at_ms
    assert advise.list_typed(view(world), patient_id, world.clock.at_ms + 1) == []


async def test_lo_counts_as_the_low_glucose_that_it_is_and_hides_no_number_before_it() -> None:
    world = TestWorld()
    patient_id = await patient(world)
    await world.accept(enter(patient_id, {Sign.GLUCOSE: 6.1}))
    await world.accept(c.OpenSheet(patient_id=patient_id, sheet="stroke"))
    low = c.EnterVitals(
        patient_id=patient_id, entry_id="v2", out_of_range={Sign.GLUCOSE: OutOfRange.LO}
    )
    await world.accept(low)
    state = await state_of(world, patient_id)
    # It stays what the meter showed, also in the entry.
    assert (state.vitals[Sign.GLUCOSE].value, state.vitals[Sign.GLUCOSE].note) == (
        None,
        "below range",
    )
    assert state.scored is not None
    assert state.scored.level is TriageLevel.I
    rows = {one.partition("#")[2] for one in state.scored.level_reasons}
    assert {"glucose_1", "hypoglycaemia"} <= rows
    assert "glucose_mmol_l" not in state.scored.level_missing
    _, until_ms = assess.valid_until(state, world.facts.scores)
    assert "glucose_mmol_l" in until_ms


async def test_hi_of_a_thermometer_is_a_fever_and_other_signs_have_no_range() -> None:
    world = TestWorld()
    patient_id = await patient(world)

    def shown(sign: Sign) -> c.EnterVitals:
        return c.EnterVitals(
            patient_id=patient_id, entry_id="v1", out_of_range={sign: OutOfRange.HI}
        )

    refusal = await refuse(world, shown(Sign.SPO2))
    assert (refusal.code, refusal.field) == ("unknown_value", "spo2")
    await world.accept(shown(Sign.TEMP))
    state = await state_of(world, patient_id)
    assert state.scored is not None
    assert any(one.endswith("#temp_1") for one in state.scored.level_reasons)
