"""When the live ECG and the numbers of a vehicle alarm, for whom, and where it stands."""

from typing import Any

import pytest
from msgspec.structs import replace

from factories.aboard import person, register, run, view
from factories.memory_reader import MemoryReader
from factories.world import TestWorld
from goldenhour.app.access import COMMANDS, Role
from goldenhour.app.alarming import Alarming, Heard
from goldenhour.app.chart import place
from goldenhour.app.journal import SYSTEM, Append, Identity, StoreFullError
from goldenhour.app.live import Scope
from goldenhour.content import load
from goldenhour.domain import commands as c
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.care.rhythm import RhythmWatch, watch_rhythm
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import ORDER
from goldenhour.kernel.telemetry import Numeric, NumericSet, Rhythm, Sign

RULES = load().rhythm
ECG = "E-1"
NO_BEAT, CHAOTIC, BEATS, UNCLEAR = Rhythm.NO_BEAT, Rhythm.CHAOTIC, Rhythm.BEATS, Rhythm.UNCLEAR


def told(*seen: Rhythm, looked_ms: int | None = None) -> list[Rhythm | None]:
    """What alarms after each second's look."""
    before, standing, found = None, None, []
    for second, rhythm in enumerate(seen):
        item = RhythmWatch(seen=rhythm, since_ms=second * 1000)
        before, standing = watch_rhythm(before, item, standing, looked_ms, RULES)
        found.append(standing)
    return found


def test_it_begins_at_once_and_ends_after_five_seconds_of_beats() -> None:
    assert told(BEATS, NO_BEAT, *[BEATS] * 6) == [None, *[NO_BEAT] * 6, None]
    assert told(NO_BEAT, *[BEATS, NO_BEAT] * 10)[-1] is NO_BEAT


def test_it_becomes_the_other_one_after_five_seconds_as_well() -> None:
    assert told(CHAOTIC, *[NO_BEAT] * 6) == [*[CHAOTIC] * 6, NO_BEAT]


def test_what_cannot_be_judged_begins_nothing_and_ends_nothing() -> None:
    assert told(*[UNCLEAR] * 9) == [None] * 9
    assert told(NO_BEAT, *[UNCLEAR] * 9) == [NO_BEAT] * 10


def test_after_a_person_has_looked_it_begins_anew_a_minute_later() -> None:
    after = told(*[NO_BEAT] * 62, looked_ms=0)
    assert after == [*[None] * 60, NO_BEAT, NO_BEAT]


class Vehicle:
    """A run, its devices, and a disk that may be full."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.alarming = Alarming()
        self.append = self.world.journal.append
        self.mission_id = ""

    async def begin(self) -> None:
        self.mission_id = await run(self.world)
        await self.world.reach(self.mission_id, *ORDER[: ORDER.index(Milestone.ON_SCENE) + 1])

    def fill(self, monkeypatch: pytest.MonkeyPatch, *, full: bool) -> None:
        async def refuse(_append: Append, _identity: Identity) -> None:
            raise StoreFullError("full")

        monkeypatch.setattr(self.world.journal, "append", refuse if full else self.append)

    async def see(self, rhythm: Rhythm, device_id: str = ECG) -> None:
        self.world.clock.at_ms += 1_000
        heard = Heard(device_id, rhythm, self.world.clock.at_ms)
        await self.alarming.take_rhythm(
            "A-01", heard, view(self.world), self.world, org="unit:A-01"
        )

    async def measure(self, seconds: int, spo2: float, sign: Sign = Sign.SPO2) -> None:
        for _ in range(seconds):
            self.world.clock.at_ms += 1_000
            now_ms = self.world.clock.at_ms
            item = NumericSet(
                device_id="m1",
                unit_id="A-01",
                device_ms=None,
                received_ms=now_ms,
                values=(Numeric(sign=sign, value=spo2, note=""),),
            )
            await self.alarming.take_numerics(
                item, view(self.world), self.world, org="unit:A-01", sequence=now_ms * 10
            )

    def on_screens_alone(self) -> list[tuple[str, list[Any]]]:
        return [
            (row.patient_id, [*(one.alarm for one in row.alarms), *(r.rhythm for r in row.rhythms)])
            for row in self.alarming.list_unrecorded()
        ]


async def test_a_suspicion_stands_in_the_record_until_beats_are_back() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.see(NO_BEAT)
    standing = person(box.world, patient_id).rhythms
    assert [(device, one.rhythm) for device, one in standing.items()] == [(ECG, NO_BEAT)]
    assert box.on_screens_alone() == []
    for _ in range(6):
        await box.see(BEATS)
    assert person(box.world, patient_id).rhythms == {}


async def test_a_person_at_the_patient_ends_it_and_it_begins_anew() -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    await box.see(CHAOTIC)
    seen = c.SeeRhythm(patient_id=patient_id, device_id=ECG)
    await box.world.accept(seen, role="crew")
    await box.see(CHAOTIC)
    assert person(box.world, patient_id).rhythms == {}
    # What is over already is no refusal, and no event.
    before = len(box.world.journal.feed)
    await box.world.accept(seen, role="crew")
    assert len(box.world.journal.feed) == before
    for _ in range(61):
        await box.see(CHAOTIC)
    assert person(box.world, patient_id).rhythms[ECG].rhythm is CHAOTIC


def test_only_a_crew_says_that_it_has_looked() -> None:
    assert COMMANDS[c.SeeRhythm] == {Role.CREW}


async def test_before_a_registration_numbers_alarm_on_the_screens_and_then_in_the_record() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(10, 75)
    assert box.on_screens_alone() == []
    await box.measure(1, 75)
    assert box.on_screens_alone() == [("", [Alarm.CRITICAL_LOW])]
    patient_id = await register(box.world, box.mission_id)
    await box.measure(1, 75)
    assert person(box.world, patient_id).alarms[Sign.SPO2].alarm is Alarm.CRITICAL_LOW
    assert box.on_screens_alone() == []


async def test_on_the_way_to_the_scene_nobody_of_the_run_can_wear_it() -> None:
    box = Vehicle()
    box.mission_id = await run(box.world)
    await box.measure(20, 75)
    await box.see(CHAOTIC)
    assert box.on_screens_alone() == []


async def test_of_two_without_a_band_it_is_asked_whose_it_is() -> None:
    box = Vehicle()
    await box.begin()
    one, other = [await register(box.world, box.mission_id) for _ in range(2)]
    await box.measure(11, 75)
    assert box.on_screens_alone() == [("", [Alarm.CRITICAL_LOW])]
    assert person(box.world, one).alarms == person(box.world, other).alarms == {}


async def test_what_is_on_nobody_is_over_when_it_is_within_and_when_the_run_is() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(11, 75)
    await box.measure(11, 97)
    assert box.on_screens_alone() == []
    await box.measure(11, 75)
    await box.world.accept(
        c.StandDown(mission_id=box.mission_id, reason="cancelled"), role="dispatcher"
    )
    await box.measure(1, 75)
    assert box.on_screens_alone() == []


async def test_electrodes_that_hang_on_nobody_alarm_once_they_have_had_beats() -> None:
    box = Vehicle()
    await box.begin()
    await box.see(NO_BEAT)
    assert box.on_screens_alone() == []
    await box.see(BEATS)
    await box.see(NO_BEAT)
    assert box.on_screens_alone() == [("", [NO_BEAT])]
    other = Vehicle()
    await other.begin()
    await other.see(CHAOTIC)
    assert other.on_screens_alone() == [("", [CHAOTIC])]


async def test_on_a_full_disk_it_alarms_on_the_screens_and_is_recorded_when_there_is_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    box.fill(monkeypatch, full=True)
    await box.measure(11, 75)
    begun_ms = box.world.clock.at_ms
    await box.see(NO_BEAT)
    assert box.on_screens_alone() == [(patient_id, [Alarm.CRITICAL_LOW, NO_BEAT])]
    assert person(box.world, patient_id).alarms == {}
    box.fill(monkeypatch, full=False)
    await box.measure(1, 75)
    state = person(box.world, patient_id)
    assert state.alarms[Sign.SPO2].since_ms == begun_ms
    assert state.rhythms[ECG].rhythm is NO_BEAT
    assert box.on_screens_alone() == []


async def test_what_began_and_ended_on_a_full_disk_leaves_nothing_on_the_screens(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    box = Vehicle()
    await box.begin()
    patient_id = await register(box.world, box.mission_id)
    box.fill(monkeypatch, full=True)
    await box.measure(11, 75)
    await box.measure(11, 97)
    assert box.on_screens_alone() == []
    box.fill(monkeypatch, full=False)
    await box.measure(1, 97)
    assert person(box.world, patient_id).alarms == {}


async def test_a_correction_takes_the_suspicion_off_whom_the_device_was_not_on() -> None:
    box = Vehicle()
    await box.begin()
    first, second = [await register(box.world, box.mission_id) for _ in range(2)]
    now_ms = box.world.clock.at_ms
    await place(
        ECG, "A-01", view(box.world), box.world, org="unit:A-01", sequence=now_ms, now_ms=now_ms
    )
    await box.world.accept(
        c.BindMonitor(mission_id=box.mission_id, device_id=ECG, band="B1", patient_id=first)
    )
    from_ms = box.world.clock.at_ms
    await box.see(NO_BEAT)
    box.world.clock.at_ms += 1_000
    await box.world.accept(
        c.CorrectMonitor(
            correction_id="k1",
            mission_id=box.mission_id,
            device_id=ECG,
            patient_id=second,
            from_ms=from_ms,
            to_ms=box.world.clock.at_ms,
            reason="导联接错人",
        ),
        role="crew",
    )
    assert person(box.world, first).rhythms == {}


async def test_a_screen_is_told_what_is_in_no_record_of_its_own_runs_and_patients_alone() -> None:
    box = Vehicle()
    await box.begin()
    await box.measure(11, 75)
    rows = box.alarming.list_unrecorded()
    reader = MemoryReader(box.world.journal)
    scope = Scope(SYSTEM, reader, box.world.facts, box.world.clock)
    await scope.start(reader)
    assert scope.list_unrecorded(rows) == rows
    for other in ({"mission_id": "m9"}, {"patient_id": "p9"}):
        assert scope.list_unrecorded([replace(rows[0], **other)]) == ()
