"""A fleet that was kept answers as one that was just made, whatever happened in between."""

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from factories.advice import fix_at
from factories.histories import History
from factories.world import facts
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import Grounds, ranking_for
from goldenhour.app.fleet import Fleet
from goldenhour.app.handle import recorded_of
from goldenhour.app.positions import Positions
from goldenhour.content.rules import load_rules
from goldenhour.domain import commands as c
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.changes import KEPT, Changes
from goldenhour.kernel.geo import Point
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

RULES = load_rules().dispatch
TRAVEL = RoadTravel(None, RULES.crow_speed_kmh)
STEPS = st.lists(
    st.tuples(st.sampled_from(["step", "list", "seen", "forget"]), st.integers(0, 20)), max_size=30
)


class Desk:
    """A view that follows a history, its positions and the fleet that is kept with both."""

    def __init__(self, history: History) -> None:
        self.history = history
        self.view = Folded(renderer(facts()), Reveal({}))
        self.positions = Positions(TRAVEL.locate)
        self.fleet = Fleet()
        self.folded = 0

    async def do(self, what: str, which: int) -> None:
        world = self.history.world
        unit_id = ("A-01", "A-02", "A-03")[which % 3]
        if what == "step":
            await self.history.step((which, which // 2))
        elif what == "list":  # a new one, another name, another kind or station
            await world.accept(
                c.ListUnit(
                    unit_id=unit_id,
                    call_sign=("A-01", "B-02", "Z-03", "A-00")[which % 4],
                    station_id="s1",
                    station_name="一站",
                    station_point=Point(lat=50.87, lon=9.70 + which / 100),
                    unit_kind=UnitKind.BLS if which % 2 else UnitKind.ALS,
                    assumed=False,
                )
            )
        elif what == "seen":
            at_ms = world.clock.at_ms
            place = Point(lat=50.8 + which / 100, lon=9.7)
            self.positions.take(fix_at(place, unit_id=unit_id, device_ms=at_ms, received_ms=at_ms))
        else:
            streams = sorted(self.view.states)
            self.view.forget(streams[which % max(1, len(streams)) :][:1])

    def ask(self, fleet: Fleet, **freed: Any) -> list[Any]:
        feed = self.history.journal.feed
        for envelope in feed[self.folded :]:
            self.view.apply(recorded_of(envelope))
        self.folded = len(feed)
        self.view.reveal.add(
            {row: p.content.decode() for row, (_s, p) in self.history.journal.personal.items()}
        )
        grounds = Grounds(
            view=self.view,
            positions=self.positions,
            travel=TRAVEL,
            facts=facts(),
            rules=RULES,
            now_ms=self.history.world.clock.at_ms,
            fleet=fleet,
        )
        cases = [s.partition(":")[2] for s in self.view.states if s.startswith("incident:")]
        return [ranking_for(grounds, ident, **freed) for ident in cases]


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)
@given(steps=STEPS)
async def test_a_kept_fleet_answers_as_a_new_one(steps: list[tuple[str, int]]) -> None:
    history = History()
    await history.begin()
    desk = Desk(history)
    for what, which in steps:
        await desk.do(what, which)
        assert desk.ask(desk.fleet) == desk.ask(Fleet())
        freed = frozenset({"A-01", "nobody"})
        assert desk.ask(desk.fleet, freed=freed) == desk.ask(Fleet(), freed=freed)


def test_who_missed_too_many_changes_is_told_so() -> None:
    changes = Changes()
    changes.note(["a", "b"])
    known = changes.count
    assert changes.since(known) == frozenset()
    changes.note(["b", "c"])
    assert changes.since(known) == {"b", "c"}
    changes.note(str(n) for n in range(KEPT - 2))
    assert changes.since(known) == {"b", "c"} | {str(n) for n in range(KEPT - 2)}
    changes.note(["d"])
    assert changes.since(known) is None
