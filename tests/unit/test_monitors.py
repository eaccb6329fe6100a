"""Which patient a monitor is on: by the vehicle, by a band, nobody; and put right afterwards."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from factories.aboard import person, register, run, view
from factories.ecg import TWELVE, packets_of, synthetic
from factories.memory_reader import MemoryReader
from factories.recorded import MEASURED, recorded
from factories.whole_case import vitals
from factories.world import TestWorld, facts
from goldenhour.adapters.ecg import SegmentStore, strip_of
from goldenhour.app import advise
from goldenhour.app.access import TOPICS, Principal, Role, may_send
from goldenhour.app.alarming import Alarming
from goldenhour.app.chart import chart, doubt_clock, names_other
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Identity
from goldenhour.app.live import OwnNumerics, Scope
from goldenhour.app.record import whole_record
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg import EcgPatient, judge
from goldenhour.domain.care.events import Consciousness, Sex
from goldenhour.domain.care.patient import measured_after
from goldenhour.domain.dispatch.events import (
    Milestone,
    MonitorBound,
    MonitorCorrected,
    MonitorReleased,
)
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.dispatch.monitors import Monitors, evolve
from goldenhour.domain.review.track import readings
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.telemetry import BELOW_RANGE, Numeric, NumericSet, Sign
from goldenhour.kernel.time import MINUTE_MS
from goldenhour.main.box import Box
from goldenhour.views.fold import Reveal
from goldenhour.views.rows import MissionRow

DEVICE = "monitor-1"
METER = "meter-1"


async def speak(world: TestWorld, item: NumericSet | None = None) -> NumericSet:
    """A minute later the device sends a set, and the vehicle takes it."""
    world.clock.at_ms += MINUTE_MS
    now_ms = world.clock.at_ms
    said = vitals(now_ms) if item is None else item
    world.sequence += 1
    await chart(said, view(world), world, org="unit:A-01", sequence=world.sequence)
    return said


def meter(at_ms: int, value: float | None, note: str = "", device_ms: int | None = 1) -> NumericSet:
    return NumericSet(
        device_id=METER,
        unit_id="A-01",
        device_ms=device_ms,
        received_ms=at_ms,
        values=(Numeric(sign=Sign.GLUCOSE, value=value, note=note),),
    )


def devices(world: TestWorld, mission_id: str) -> Monitors:
    stream = f"mission:{mission_id}"
    state = fold(stream, world.journal.streams[stream])
    assert isinstance(state, Mission)
    return state.devices


def row(world: TestWorld, mission_id: str) -> MissionRow:
    found = view(world).rows[("missions", mission_id)]
    assert isinstance(found, MissionRow)
    return found


async def two_aboard() -> tuple[TestWorld, str, str, str]:
    """A run with two patients, and whose the monitor is nobody has said."""
    world = TestWorld()
    mission_id = await run(world)
    return world, mission_id, await register(world, mission_id), await register(world, mission_id)


async def bind(world: TestWorld, mission_id: str, patient_id: str, band: str = "B1") -> None:
    await world.accept(
        c.BindMonitor(mission_id=mission_id, device_id=DEVICE, band=band, patient_id=patient_id)
    )


def correct(mission_id: str, patient_id: str, from_ms: int, to_ms: int, **more: Any) -> c.Command:
    given: dict[str, Any] = {"correction_id": "k1", "device_id": DEVICE, "reason": "导联接错人"}
    return c.CorrectMonitor(
        mission_id=mission_id,
        patient_id=patient_id,
        from_ms=from_ms,
        to_ms=to_ms,
        **(given | more),
    )


async def test_the_only_patient_of_a_vehicle_has_its_monitor() -> None:
    world = TestWorld()
    mission_id = await run(world)
    await speak(world)
    assert devices(world, mission_id).places == ()  # nobody is there yet
    patient_id = await register(world, mission_id)
    await speak(world)
    (shown,) = row(world, mission_id).monitors
    assert (shown.device_id, shown.patient_id, shown.band) == (DEVICE, patient_id, "")
    assert person(world, patient_id).vitals[Sign.SPO2].value == 93
    await speak(world)
    assert len(devices(world, mission_id).places) == 1  # said once


async def test_a_pressure_that_is_told_again_is_as_old_as_its_measurement() -> None:
    world = TestWorld()
    mission_id = await run(world)
    patient_id = await register(world, mission_id)
    world.clock.at_ms += 60 * MINUTE_MS
    values = (
        Numeric(sign=Sign.SPO2, value=93.0, note=""),
        Numeric(sign=Sign.NIBP_SYS, value=121.0, note="", age_ms=40 * 60_000),
    )
    item = await speak(world, replace(vitals(world.clock.at_ms + MINUTE_MS), values=values))
    told = person(world, patient_id).vitals
    assert told[Sign.SPO2].at_ms == item.received_ms
    assert told[Sign.NIBP_SYS].at_ms == item.received_ms - 40 * 60_000
    scored = person(world, patient_id).scored
    assert scored is not None
    assert "sbp_mmhg" in scored.news2_missing


async def test_a_pressure_of_whoever_wore_the_monitor_before_is_not_the_next_ones() -> None:
    world = TestWorld()
    mission_id = await run(world)
    first = await register(world, mission_id)
    await speak(world)
    second = await register(world, mission_id)
    await speak(world)
    world.clock.at_ms += 1_000
    await bind(world, mission_id, second)
    told = (
        Numeric(sign=Sign.SPO2, value=97.0, note=""),
        Numeric(sign=Sign.NIBP_SYS, value=82.0, note="", age_ms=90_000),
    )
    await speak(world, replace(vitals(world.clock.at_ms + MINUTE_MS), values=told))
    assert set(person(world, second).vitals) == {Sign.SPO2}
    assert person(world, first).vitals[Sign.SPO2].value == 93


async def test_a_pressure_of_before_the_run_is_not_its_patients() -> None:
    world = TestWorld()
    await world.list_unit()
    _, incident_id = await world.open_incident()
    before_ms = world.clock.at_ms
    world.clock.at_ms += MINUTE_MS
    mission_id = await world.assign(incident_id)
    patient_id = await register(world, mission_id)

    def told(age_ms: int) -> NumericSet:
        pressure = Numeric(sign=Sign.NIBP_SYS, value=82.0, note="", age_ms=age_ms)
        return replace(vitals(world.clock.at_ms + MINUTE_MS), values=(pressure,))

    item = told(world.clock.at_ms + MINUTE_MS - before_ms)
    await speak(world, item)
    assert Sign.NIBP_SYS not in person(world, patient_id).vitals
    (shown,) = advise.worn_by(view(world), patient_id, [item])
    assert shown.values == ()
    item = await speak(world, told(MINUTE_MS // 2))
    assert person(world, patient_id).vitals[Sign.NIBP_SYS].value == 82.0
    assert advise.worn_by(view(world), patient_id, [item]) == [item]


async def test_a_pressure_of_when_the_monitor_was_on_nobody_is_nobodys() -> None:
    world = TestWorld()
    mission_id = await run(world)
    await register(world, mission_id)
    await speak(world)
    second = await register(world, mission_id)
    await speak(world)  # two aboard, and nobody has said whose it is
    world.clock.at_ms += MINUTE_MS
    await bind(world, mission_id, second, "B2")
    told = (
        Numeric(sign=Sign.SPO2, value=97.0, note=""),
        Numeric(sign=Sign.NIBP_SYS, value=82.0, note="", age_ms=90_000),
    )
    await speak(world, replace(vitals(world.clock.at_ms + MINUTE_MS), values=told))
    assert set(person(world, second).vitals) == {Sign.SPO2}


def test_a_pressure_that_is_told_again_gives_way_to_what_another_device_has_measured() -> None:
    def told(device_id: str, at_ms: int, value: float, age_ms: int = 0) -> NumericSet:
        sign = Numeric(sign=Sign.NIBP_SYS, value=value, note="", age_ms=age_ms)
        return replace(vitals(at_ms), device_id=device_id, values=(sign,))

    known = measured_after({}, told("m1", 1_000_000, 82.0), 1_000_000)
    again = told("m2", 1_060_000, 120.0, age_ms=25 * MINUTE_MS)
    assert measured_after(known, again, 1_060_000) == known


async def test_with_a_second_patient_the_monitor_is_on_nobody_until_it_is_bound() -> None:
    world = TestWorld()
    mission_id = await run(world)
    first = await register(world, mission_id)
    await speak(world)
    second = await register(world, mission_id)
    unbound = await speak(world)
    assert row(world, mission_id).monitors[0].patient_id == ""
    assert len(person(world, first).charted) == 1
    assert person(world, second).charted == ()
    assert advise.worn_by(view(world), second, [unbound]) == []

    world.clock.at_ms += 1_000
    await bind(world, mission_id, second, " B1 ")
    bound = await speak(world)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.band) == (second, "B1")
    assert row(world, mission_id).bands == {"B1": second}
    assert len(person(world, first).charted) == 1
    assert person(world, second).charted == (bound,)
    assert advise.worn_by(view(world), first, [unbound, bound]) == []
    assert advise.worn_by(view(world), second, [unbound, bound]) == [bound]


async def test_a_known_band_alone_says_who_and_the_same_band_again_says_nothing() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    for patient_id, band in ((first, "B1"), (second, "B2")):
        await bind(world, mission_id, patient_id, band)
    again = c.BindMonitor(mission_id=mission_id, device_id=DEVICE, band="B1")
    await world.accept(again)
    assert row(world, mission_id).monitors[0].patient_id == first
    before = len(world.journal.feed)
    await world.accept(again)
    assert len(world.journal.feed) == before


async def test_a_band_is_given_without_a_device_and_binds_one_later() -> None:
    world, mission_id, first, second = await two_aboard()
    given = c.GiveBand(mission_id=mission_id, patient_id=second, band=" B7 ")
    await world.accept(given)
    shown = row(world, mission_id)
    assert (shown.bands, shown.monitors) == ({"B7": second}, ())
    before = len(world.journal.feed)
    await world.accept(given)  # the same again says nothing
    assert len(world.journal.feed) == before
    await speak(world)
    await world.accept(c.BindMonitor(mission_id=mission_id, device_id=DEVICE, band="B7"))
    assert row(world, mission_id).monitors[0].patient_id == second
    assert person(world, first).charted == ()


def test_a_crew_alone_gives_bands() -> None:
    command = c.GiveBand(mission_id="m", patient_id="p", band="B7")
    may = {
        role
        for role in Role
        if may_send(
            Principal(
                person_id="x", name="", role=role, org="", seat="", unit_id="", hospital_id=""
            ),
            command,
        )
    }
    assert may == {Role.CREW}


async def test_what_a_person_bound_outlives_what_the_vehicle_would_say() -> None:
    world = TestWorld()
    mission_id = await run(world)
    patient_id = await register(world, mission_id)
    await speak(world)
    await bind(world, mission_id, patient_id)
    await register(world, mission_id)
    await speak(world)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.band) == (patient_id, "B1")
    assert len(person(world, patient_id).charted) == 2


async def test_a_device_that_a_person_took_off_is_on_nobody_until_it_is_put_back() -> None:
    world = TestWorld()
    mission_id = await run(world)
    only = await register(world, mission_id)
    await speak(world)
    off = c.TakeOffMonitor(mission_id=mission_id, device_id=DEVICE)
    await world.accept(off)
    before = len(world.journal.feed)
    await world.accept(off)  # the same again says nothing
    assert len(world.journal.feed) == before
    bench = await speak(world)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.off) == ("", True)
    assert len(person(world, only).charted) == 1
    assert advise.worn_by(view(world), only, [bench]) == []
    assert not devices(world, mission_id).is_on(DEVICE, bench.received_ms, {only})
    alarming = Alarming()
    for late_s in (0, 20):
        item = vitals(world.clock.at_ms + late_s * 1000)
        await alarming.take_numerics(item, view(world), world, org="unit:A-01", sequence=900)
    assert (person(world, only).alarms, alarming.list_unrecorded()) == ({}, ())

    await world.accept(c.PutBackMonitor(mission_id=mission_id, device_id=DEVICE))
    await speak(world)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.off) == (only, False)
    assert len(person(world, only).charted) == 2


async def test_a_device_that_was_bound_by_a_band_is_put_back_by_that_band() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    await bind(world, mission_id, second)
    off = c.TakeOffMonitor(mission_id=mission_id, device_id=DEVICE)
    back = c.PutBackMonitor(mission_id=mission_id, device_id=DEVICE)
    for step in (off, back):
        world.clock.at_ms += 1_000
        await world.accept(step)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.band, shown.off) == (second, "B1", False)
    for step in (off, c.TakeBand(mission_id=mission_id, band="B1", reason="戴错人"), back):
        world.clock.at_ms += 1_000
        await world.accept(step)
    (shown,) = row(world, mission_id).monitors
    assert (shown.patient_id, shown.band, shown.off) == ("", "", False)
    assert person(world, first).charted == ()


async def test_a_band_taken_back_frees_its_code_and_what_was_bound_by_it() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    await bind(world, mission_id, first)
    world.clock.at_ms += 1_000
    await world.accept(c.TakeBand(mission_id=mission_id, band=" B1 ", reason="戴错人"))
    shown = row(world, mission_id)
    assert (shown.bands, shown.monitors[0].patient_id) == ({}, "")
    await speak(world)
    assert person(world, first).charted == person(world, second).charted == ()
    await bind(world, mission_id, second)
    await speak(world)
    assert len(person(world, second).charted) == 1


async def test_a_correction_to_nobody_takes_what_was_charted_and_a_later_one_gives_it_back() -> (
    None
):
    world = TestWorld()
    mission_id = await run(world)
    only = await register(world, mission_id)
    await speak(world)
    from_ms = world.clock.at_ms + 1
    bench = await speak(world)
    await world.accept(reading(only, world.clock.at_ms))
    before = person(world, only)
    to_ms = world.clock.at_ms + 1
    world.clock.at_ms += 1_000
    await world.accept(correct(mission_id, "", from_ms, to_ms))
    after = person(world, only)
    assert [one.received_ms for one in after.charted] == [before.charted[0].received_ms]
    assert list(after.record.list_standing()) == []
    assert advise.worn_by(view(world), only, [bench]) == []
    assert row(world, mission_id).monitor_corrections[0].patient_id == ""

    await world.accept(correct(mission_id, only, from_ms, to_ms, correction_id="k2"))
    again = person(world, only)
    assert again.charted == before.charted
    assert [one.entry_id for one in again.record.list_standing()] == [
        one.entry_id for one in before.record.list_standing()
    ]
    assert (again.lost_sets, again.lost_ecgs) == ((), ())


async def test_whom_the_device_names_is_compared_with_the_band_and_binds_nothing() -> None:
    world, mission_id, first, second = await two_aboard()
    item = await speak(world)
    assert not names_other(item, "B2", view(world))  # bound by nothing: there is nothing to compare
    for patient_id, band in ((second, "B2"), (first, "B1")):
        await bind(world, mission_id, patient_id, band)
    assert names_other(item, "B2", view(world))
    assert not names_other(item, "B1", view(world))
    assert not names_other(item, "", view(world))
    said = replace(vitals(world.clock.at_ms + MINUTE_MS), mismatch=True)
    await speak(world, said)
    assert person(world, first).charted == (said,)
    assert person(world, second).charted == ()


async def test_an_alarm_of_one_patient_needs_its_own_ten_seconds() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    alarming = Alarming()
    for patient_id, band in ((first, "B1"), (second, "B2")):
        await bind(world, mission_id, patient_id, band)
        for second_of in (0, 6):
            item = vitals(world.clock.at_ms + second_of * 1000)
            world.sequence += 10
            await alarming.take_numerics(
                item, view(world), world, org="unit:A-01", sequence=world.sequence
            )
        world.clock.at_ms += 7_000
    # Thirteen seconds of a low saturation in all, and no more than six of them at one patient.
    assert person(world, first).alarms == {}
    assert person(world, second).alarms == {}


async def test_a_swap_put_right_moves_sets_scores_and_readings_and_keeps_what_was() -> None:
    world, mission_id, first, second = await two_aboard()
    for patient_id in (first, second):
        await world.accept(
            c.Observe(patient_id=patient_id, consciousness=Consciousness.ALERT, on_oxygen=False)
        )
    await speak(world)
    await bind(world, mission_id, first)
    right = await speak(world)
    from_ms = world.clock.at_ms + 1
    wrong = await speak(world)
    await world.accept(reading(first, world.clock.at_ms))
    to_ms = world.clock.at_ms + 1
    world.clock.at_ms += 1_000
    assert len(person(world, second).history) == 1  # what was seen, and nothing measured
    before = len(world.journal.streams[f"patient:{first}"])

    await world.accept(correct(mission_id, second, from_ms, to_ms))

    after, other = person(world, first), person(world, second)
    assert after.charted == (right,)
    assert after.vitals[Sign.SPO2].at_ms == right.received_ms
    assert after.vitals_ms == right.received_ms
    assert other.charted == (wrong,)
    newest_ms, newest = other.history[-1]
    assert (newest_ms, newest.news2) == (wrong.received_ms, after.history[-1][1].news2)
    assert other.scored == newest
    (old,) = after.record.entries
    (new,) = other.record.entries
    assert (old.withdrawn, new.withdrawn) == ("导联接错人", "")
    assert old.entry == new.entry
    # The journal only grew, and the run says who, when and why.
    assert len(world.journal.streams[f"patient:{first}"]) > before
    (said,) = row(world, mission_id).monitor_corrections
    assert (said.by, said.at_ms, said.reason) == ("person-1", world.clock.at_ms, "导联接错人")
    assert advise.worn_by(view(world), first, [right, wrong]) == [right]
    assert advise.worn_by(view(world), second, [right, wrong]) == [wrong]


async def test_the_paper_names_what_left_it_and_what_came() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    await bind(world, mission_id, first)
    begun_ms = world.clock.at_ms
    wrong = await speak(world)
    world.clock.at_ms += 1_000
    await world.accept(correct(mission_id, second, begun_ms, world.clock.at_ms))
    for patient_id, item, sets in ((first, "monitor_out", 0), (second, "monitor_in", 1)):
        whole = whole_record(world.journal.feed, Reveal({}), facts(), patient_id)
        assert whole is not None
        assert [one.at_ms for one in whole.charted] == [wrong.received_ms] * sets
        (told,) = whole.replaced
        assert (told.item, told.was, told.was_by, told.reason) == (item, 1, DEVICE, "导联接错人")


async def test_a_swap_and_back_again_is_as_before() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    await bind(world, mission_id, first)
    begun_ms = world.clock.at_ms
    item = await speak(world)
    await world.accept(reading(first, world.clock.at_ms))
    world.clock.at_ms += 1_000
    end_ms = world.clock.at_ms
    was = person(world, first)
    await world.accept(correct(mission_id, second, begun_ms, end_ms))
    await world.accept(correct(mission_id, first, begun_ms, end_ms, correction_id="k2"))
    now = person(world, first)
    assert (now.charted, now.vitals, now.scored) == (was.charted, was.vitals, was.scored)
    assert now.history == was.history
    assert [kept.withdrawn for kept in now.record.entries] == [""]
    assert person(world, second).charted == ()
    assert advise.worn_by(view(world), first, [item]) == [item]


async def test_after_the_hand_over_only_the_quality_desk_puts_it_right() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    await bind(world, mission_id, first)
    begun_ms = world.clock.at_ms
    item = await speak(world)
    await world.reach(mission_id, Milestone.HANDED_OVER, Milestone.CLEARED)
    command = correct(mission_id, second, begun_ms, world.clock.at_ms)
    refused = await world.send(command, SYSTEM, role="crew")
    assert isinstance(refused, Refused)
    assert refused.code == "already_handed_over"
    await world.accept(command, SYSTEM, role="quality")
    assert person(world, second).charted == (item,)


async def test_a_meter_is_charted_at_once_and_the_same_message_once() -> None:
    world = TestWorld()
    mission_id = await run(world)
    patient_id = await register(world, mission_id)
    await speak(world)
    now_ms = world.clock.at_ms
    for item in (
        meter(now_ms + 1_000, 2.1),
        meter(now_ms + 2_000, 2.1),  # repeated: the same time by its own clock
        meter(now_ms + 3_000, 2.1, device_ms=2),
    ):
        world.sequence += 1
        await chart(item, view(world), world, org="unit:A-01", sequence=world.sequence)
    state = person(world, patient_id)
    spots = [one.received_ms for one in state.charted if one.device_id == METER]
    assert spots == [now_ms + 1_000, now_ms + 3_000]
    # The other signs keep their own times.
    assert state.vitals[Sign.SPO2].at_ms == now_ms


async def test_a_meter_that_says_lo_is_charted_without_a_number() -> None:
    world = TestWorld()
    mission_id = await run(world)
    patient_id = await register(world, mission_id)
    await speak(world, meter(world.clock.at_ms + MINUTE_MS, 5.0))
    await speak(world, meter(world.clock.at_ms + MINUTE_MS, None, BELOW_RANGE, device_ms=2))
    measured = person(world, patient_id).vitals[Sign.GLUCOSE]
    assert (measured.value, measured.note) == (None, BELOW_RANGE)


async def test_who_may_read_one_patient_hears_nothing_of_the_other() -> None:
    world = TestWorld()
    await world.list_hospital()
    mission_id = await run(world)
    first, _ = await world.prealert(mission_id)
    second = await register(world, mission_id)
    item = await speak(world)
    identity = Identity(orgs=("hospital:h1",), topics=TOPICS[Role.HOSPITAL])
    for patient_id, band, heard in ((second, "B2", False), (first, "B1", True)):
        await bind(world, mission_id, patient_id, band)
        reader = MemoryReader(world.journal)
        scope = Scope(identity, reader, facts(), world.clock)
        await scope.start(reader)
        assert scope.shows_unit("A-01")
        assert scope.shows_numerics(item) is heard


async def test_a_screen_is_told_of_a_device_what_its_wearer_was_measured_with() -> None:
    world, mission_id, first, second = await two_aboard()
    await speak(world)
    reader = MemoryReader(world.journal)
    scope = Scope(SYSTEM, reader, facts(), world.clock)
    await scope.start(reader)
    shown = OwnNumerics(scope)

    async def put_on(patient_id: str, band: str) -> None:
        world.clock.at_ms += MINUTE_MS
        await bind(world, mission_id, patient_id, band)
        await scope.take_streams([f"mission:{mission_id}"])

    def told(age_ms: int) -> NumericSet:
        world.clock.at_ms += MINUTE_MS
        pressure = Numeric(sign=Sign.NIBP_SYS, value=82.0, note="", age_ms=age_ms)
        item = vitals(world.clock.at_ms)
        return replace(item, values=(*item.values, pressure))

    await put_on(first, "B1")
    item = told(MINUTE_MS // 2)
    assert shown.list_new([item]) == [item]
    assert shown.list_new([item]) == []
    await put_on(second, "B2")
    # What it said last is taken back; its cuff's pressure is not told of the other one.
    assert shown.list_new([item]) == [replace(item, values=())]
    again = told(2 * MINUTE_MS)
    assert shown.list_new([again]) == [replace(again, values=again.values[:-1])]
    own = told(MINUTE_MS // 2)
    assert shown.list_new([own]) == [own]


def reading(patient_id: str, at_ms: int) -> c.RecordEcg:
    patient = EcgPatient(age_y=62, sex=Sex.UNKNOWN, confounders=())
    return c.RecordEcg(
        patient_id=patient_id,
        entry_id="ecg-1",
        begun_ms=at_ms,
        lasts_ms=10_000,
        device=DEVICE,
        test=True,
        measured=MEASURED,
        findings=judge(MEASURED, patient, facts().care.ecg),
    )


@given(st.permutations(range(5)))
def test_what_arrives_late_takes_its_place_in_time(order: list[int]) -> None:
    said: list[MonitorBound | MonitorReleased] = [
        MonitorBound(device_id=DEVICE, patient_id="p1", band=""),
        MonitorReleased(device_id=DEVICE),
        MonitorBound(device_id=DEVICE, patient_id="p2", band="B2"),
        MonitorReleased(device_id="other"),
        MonitorBound(device_id=DEVICE, patient_id="p1", band="B1"),
    ]
    state = Monitors()
    for at in order:
        state = evolve(state, said[at], recorded(said[at], occurred_ms=at * 10))
    seen = [state.wearer_at(DEVICE, at_ms) for at_ms in (-1, 0, 9, 10, 20, 39, 40)]
    assert seen == [None, "p1", "p1", "", "p2", "p2", "p1"]
    assert state.wearer_at("other", 29) is None


def test_the_latest_correction_of_a_moment_counts() -> None:
    state = Monitors()
    for ident, from_ms, to_ms, patient_id in (("a", 0, 100, "p1"), ("b", 50, 60, "p2")):
        event = MonitorCorrected(
            correction_id=ident,
            device_id=DEVICE,
            from_ms=from_ms,
            to_ms=to_ms,
            patient_id=patient_id,
            reason="x",
        )
        state = evolve(state, event, recorded(event))
    assert [state.wearer_at(DEVICE, at_ms) for at_ms in (49, 50, 59, 60, 100)] == [
        *("p1", "p2", "p2", "p1"),
        None,
    ]


# ---- an ECG device that speaks no HL7


async def test_an_ecg_device_has_a_place_and_is_bound_by_a_band(tmp_path: Path) -> None:
    """It is on the only patient; on nobody once there are two; then on whom a person says."""
    world, store = TestWorld(), SegmentStore(tmp_path)
    mission_id = await run(world)
    packets = packets_of(synthetic(1, 400, 50), 50, TWELVE)

    async def scope(_identity: object) -> Any:
        return SimpleNamespace(view=view(world))

    box: Any = SimpleNamespace(
        vehicle=SimpleNamespace(unit_id="A-01"),
        strips=store,
        hub=SimpleNamespace(scope=scope),
        identity=None,
        desk=SimpleNamespace(world=world),
    )

    async def play(second: int) -> str | None:
        """Two seconds of it, a key packet among them; where the device is then."""
        world.clock.at_ms += 1_000
        part = packets[second * 5 : second * 5 + 10]
        await Box.take_strips(box, [strip_of(p, "A-01", world.clock.at_ms) for p in part])
        state = view(world).states[f"mission:{mission_id}"]
        assert isinstance(state, Mission)
        place = state.devices.find_place("E-1")
        return place.patient_id if place else None

    assert await play(0) is None  # nobody is aboard
    one = await register(world, mission_id)
    assert await play(2) == one
    other = await register(world, mission_id)
    assert await play(4) == ""
    await world.accept(
        c.BindMonitor(mission_id=mission_id, device_id="E-1", band="B2", patient_id=other)
    )
    assert await play(6) == other
    await store.close()


def test_a_time_of_which_nothing_was_said_is_the_only_patients() -> None:
    said = Monitors()
    own = frozenset({"p1", "joined"})
    assert said.list_stretches(DEVICE, own, 0, 100) == ((0, 100),)
    for at_ms, patient_id in ((20, "p1"), (30, "joined")):
        event = MonitorBound(device_id=DEVICE, patient_id=patient_id, band="")
        said = evolve(said, event, recorded(event, occurred_ms=at_ms))
    assert said.list_stretches(DEVICE, own, 0, 100) == ((0, 100),)
    assert said.list_stretches("other", own, 0, 100) == ((0, 100),)
    gone = MonitorReleased(device_id=DEVICE)
    said = evolve(said, gone, recorded(gone, occurred_ms=50))
    # Somebody else is aboard: what was before the first word may be theirs.
    assert said.list_stretches(DEVICE, own, 0, 100) == ((20, 50),)
    assert said.list_stretches("other", own, 0, 100) == ()
    put_right = MonitorCorrected(
        correction_id="k",
        device_id=DEVICE,
        from_ms=40,
        to_ms=80,
        patient_id="p2",
        reason="r",
    )
    said = evolve(said, put_right, recorded(put_right, occurred_ms=90))
    assert said.list_stretches(DEVICE, own, 0, 100) == ((20, 40),)
    assert said.list_stretches(DEVICE, frozenset({"p2"}), 0, 100) == ((40, 80),)
    assert said.list_stretches(DEVICE, own, 40, 40) == ()


def test_a_device_whose_clock_is_wrong_is_shown_by_the_time_of_arrival() -> None:
    limits = facts().limits
    most_ms = limits.screen.device_clock_off_s * 1000
    now_ms = 10_000_000

    def shown(device_ms: int | None) -> int:
        item = doubt_clock(meter(now_ms, 97, device_ms=device_ms), limits)
        assert item.device_ms == device_ms
        (reading,) = readings([item])
        return reading.at_ms

    assert shown(now_ms - most_ms) == now_ms - most_ms
    assert [shown(now_ms - 3_600_000), shown(now_ms + most_ms + 1), shown(None)] == [now_ms] * 3
