"""Units that wait at an occasion: a run without a patient, until somebody becomes one."""

from factories.world import PLACE, START_MS, TestWorld, facts
from goldenhour.app.handle import fold
from goldenhour.app.journal import SYSTEM, Outcome
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission, State
from goldenhour.domain.intake.events import LocationSource
from goldenhour.domain.intake.incident import Incident, Standby
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.views.fold import Reveal
from goldenhour.views.missions import mission_row

HOUR_MS = 3_600_000


class Occasion:
    """A standby, as far as its place."""

    def __init__(self) -> None:
        self.world = TestWorld()
        self.incident_id = self.world.new_id()

    async def open(self) -> Outcome:
        return await self.world.accept(
            c.OpenStandby(
                incident_id=self.incident_id,
                occasion="城市马拉松",
                from_ms=START_MS + HOUR_MS,
                until_ms=START_MS + 5 * HOUR_MS,
            )
        )

    async def place(self) -> None:
        await self.world.accept(
            c.SetLocation(
                incident_id=self.incident_id,
                location=Clear(text=PLACE),
                source=LocationSource.MAP_PIN,
                accuracy_m=15,
            )
        )

    async def send(self) -> str:
        await self.world.list_unit()
        return await self.world.assign(self.incident_id)

    async def incident(self) -> Incident:
        state = await self._state(f"incident:{self.incident_id}")
        assert isinstance(state, Incident)
        return state

    async def mission(self, mission_id: str) -> Mission:
        state = await self._state(f"mission:{mission_id}")
        assert isinstance(state, Mission)
        return state

    async def _state(self, stream: str) -> object:
        return fold(stream, (await self.world.journal.load([stream], SYSTEM))[stream].events)


async def test_it_has_a_case_number_and_needs_a_place_and_no_answer() -> None:
    it = Occasion()
    await it.open()
    opened = await it.incident()
    assert opened.number
    assert opened.standby == Standby(
        occasion="城市马拉松", from_ms=START_MS + HOUR_MS, until_ms=START_MS + 5 * HOUR_MS
    )
    await it.world.list_unit()
    refused = await it.world.send(
        c.Assign(mission_id=it.world.new_id(), incident_id=it.incident_id, unit_id="A-01")
    )
    assert refused == Refused(code="not_dispatchable_yet", field="location")
    await it.place()
    assert (await it.mission(await it.world.assign(it.incident_id))).standby


async def test_a_reserved_unit_knows_it_too() -> None:
    it = Occasion()
    await it.open()
    await it.world.list_unit()
    mission_id = it.world.new_id()
    await it.world.accept(
        c.Reserve(
            mission_id=mission_id,
            incident_id=it.incident_id,
            unit_id="A-01",
            due_ms=START_MS + HOUR_MS,
        )
    )
    assert (await it.mission(mission_id)).standby


async def test_a_crew_waits_without_limit_and_ends_where_it_stands() -> None:
    it = Occasion()
    await it.open()
    await it.place()
    mission_id = await it.send()
    await it.world.reach(mission_id, Milestone.DEPARTED, Milestone.ON_SCENE)
    row = mission_row(mission_id, await it.mission(mission_id), facts(), "", Reveal({}))
    assert (row.next_milestone, row.limit_s) == (Milestone.CLEARED, None)
    assert facts().limits.state_s.get(State.ON_SCENE) is not None
    await it.world.reach(mission_id, Milestone.CLEARED)
    assert (await it.mission(mission_id)).state is State.CLEARED


async def test_somebody_who_falls_ill_there_is_a_patient_as_any_other() -> None:
    it = Occasion()
    await it.open()
    await it.place()
    mission_id = await it.send()
    await it.world.reach(mission_id, Milestone.ON_SCENE, Milestone.AT_PATIENT)
    await it.world.accept(c.RegisterPatient(patient_id=it.world.new_id(), mission_id=mission_id))
    row = mission_row(mission_id, await it.mission(mission_id), facts(), "", Reveal({}))
    assert row.next_milestone is Milestone.LOADED
    assert row.limit_s == facts().limits.state_s.get(State.AT_PATIENT)
