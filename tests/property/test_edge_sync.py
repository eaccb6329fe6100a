"""A vehicle and its centre, with the link cut anywhere: nothing lost, nothing doubled, in order."""

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.edge_centre import UNIT, Centre, numeric_set
from factories.world import FakeClock, TestWorld, facts
from goldenhour.adapters.edge import EdgeStore
from goldenhour.adapters.edge.store import LANES
from goldenhour.app.edge import UploadItem, vitals_lane
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import EVERYONE, Scope
from goldenhour.app.origin import origin_after
from goldenhour.app.uplinks import DataClass
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.events import Milestone, Source
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.personal import Clear
from goldenhour.views.rows import Row

ACTS = (
    *("crew", "patient", "vitals"),  # at the vehicle
    *("dispatch", "correct"),  # at the centre
    *("upload", "request_lost", "answer_lost", "sent_twice"),
    *("feed", "feed_lost", "power_cut"),
)
MILESTONES = tuple(Milestone)


class Pair:
    """A centre, a vehicle, and a bad link between them."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.centre = Centre(self.clock)
        self.path = folder / "edge.sqlite"
        self.world = TestWorld(clock=self.clock, seed=2)
        self.items: dict[DataClass, list[UploadItem]] = {lane: [] for lane in LANES}
        self.vitals = 0
        self._open()

    def _open(self) -> None:
        self.store = EdgeStore(self.path, self.world.entropy, self.clock)
        self.world.journal = self.store

    async def begin(self) -> None:
        await self.centre.world.list_unit(UNIT)
        _, incident = await self.centre.world.open_incident()
        self.incident = incident
        self.mission = await self.centre.world.assign(incident)
        await self.act("feed", 0)
        self.scope = await self._fresh_scope()

    async def _fresh_scope(self) -> Scope:
        scope = Scope(SYSTEM, self.store, facts(), self.clock)
        await scope.start(self.store)
        return scope

    async def act(self, what: str, which: int) -> None:
        self.clock.at_ms += 1_000
        match what:
            case "crew":
                reach = c.Reach(
                    mission_id=self.mission,
                    milestone=MILESTONES[which % len(MILESTONES)],
                    source=Source.CREW,
                )
                await self.world.send(reach, org=f"unit:{UNIT}")
            case "patient":
                patient = c.RegisterPatient(
                    patient_id=self.world.new_id(),
                    mission_id=self.mission,
                    name=Clear(text="周建明"),
                )
                await self.world.send(patient, org=f"unit:{UNIT}")
            case "vitals":
                self.vitals += 1
                await self.store.append_numerics([numeric_set(self.clock.at_ms)])
            case "dispatch":
                divert = c.SetDestination(mission_id=self.mission, hospital_id="h1", reason="专科")
                await self.centre.world.send(divert)
                await self.centre.world.answer(self.incident, "conscious", which % 2 == 0)
            case "correct":
                correct = c.CorrectMilestone(
                    mission_id=self.mission,
                    milestone=MILESTONES[which % len(MILESTONES)],
                    at_ms=self.clock.at_ms - 500,
                    reason="电台",
                )
                await self.centre.world.send(correct)
            case "upload" | "request_lost" | "answer_lost" | "sent_twice":
                await self._upload(what, LANES[which % 2], limit_bytes=1 + which * 400)
            case "feed" | "feed_lost":
                message = await self.centre.feed(await self.store.known())
                if what == "feed":
                    assert await self.store.take(message) == ()
            case "power_cut":
                await self.store.close()
                self._open()
                self.scope._reader = self.store

    async def _upload(self, what: str, lane: DataClass, limit_bytes: int) -> None:
        upload = await self.store.next_upload(limit_bytes, lane)
        if upload is None or what == "request_lost":
            return
        known = len(self.items[lane])
        self.items[lane].extend(item for item in upload.items if item.sequence > known)
        answer = await self.centre.upload(upload)
        if what == "sent_twice":
            assert await self.centre.upload(upload) == answer
        if what != "answer_lost":
            await self.store.confirm(answer, lane)

    async def heal(self) -> None:
        while self.store.pending_count():
            await self.act("upload", 2)
            await self.act("upload", 3)
        await self.act("feed", 0)

    async def shown(self) -> dict[str, Row]:
        """The vehicle's screen, which has only ever been advanced; it must equal a fresh one."""
        if rows := await self.store.after(self.scope.at):
            await self.scope.advance(rows, {s: frozenset({EVERYONE}) for _n, s, _q in rows})
        fresh = await self._fresh_scope()
        screen = {f"{type(row).__name__} {row.id}": row for row in self.scope.view.snapshot()}
        assert screen == {f"{type(r).__name__} {r.id}": r for r in fresh.view.snapshot()}
        return screen


@settings(
    max_examples=30, deadline=None, database=None, suppress_health_check=[HealthCheck.too_slow]
)
@given(acts=st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 8)), max_size=30))
async def test_whatever_the_link_does_both_sides_end_alike(acts: list[tuple[str, int]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        pair = Pair(Path(folder))
        try:
            await pair.begin()
            for what, which in acts:
                await pair.act(what, which)
                await pair.shown()
            await pair.heal()
            await check(pair)
        finally:
            await pair.store.close()


async def check(pair: Pair) -> None:
    centre = pair.centre.journal
    assert pair.centre.aside == []
    # Both hold the same streams, event by event, as the centre linked them.
    mine = await pair.store.list_streams(list(centre.streams), SYSTEM)
    known = await pair.store.known()
    assert mine == [e for stream in sorted(known) for e in centre.streams[stream]]
    # Every item arrived once, in its order; so did every set of vital signs.
    source = f"edge:{pair.store.installation}"
    arrived = [(e.sequence, e.part) for e in centre.feed if e.installation == source]
    events, vitals = (pair.items[lane] for lane in LANES)
    assert arrived == [(i.sequence, e.part) for i in events for e in i.events]
    assert pair.centre.numerics == [i.numerics for i in vitals]
    assert len(pair.centre.numerics) == pair.vitals
    # The origin of what arrived can be recomputed from what was sent, in each lane.
    name = pair.store.installation
    for items, lane in ((events, name), (vitals, vitals_lane(name))):
        assert [i.sequence for i in items] == list(range(1, len(items) + 1))
        origin = GENESIS
        for item in items:
            origin = origin_after(origin, lane, item)
            assert item.origin == origin
    await pair.shown()
