"""A working city for `dispatch`: units on real streets, runs under way, incidents that wait.

Everything comes from the seed and goes through the product's own commands, so that what is asked is
the view that the api keeps.
"""

from random import Random  # noqa: TID251 (a benchmark makes its dice from its seed)

import numpy as np

from goldenhour.app.fleet import Fleet
from goldenhour.app.handle import handle, recorded_of
from goldenhour.app.journal import SYSTEM
from goldenhour.app.memory import MemoryJournal
from goldenhour.app.positions import Positions
from goldenhour.app.travel_times import TravelTimes
from goldenhour.compute.roads import RoadNetwork
from goldenhour.content.facts import load_facts
from goldenhour.domain import commands as c
from goldenhour.domain.intake.events import LocationSource
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Clear
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.telemetry import Fix
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.render import renderer

NOW_MS = 1_795_300_000_000
ON_MISSION = 0.3
MOVING = 0.5
NOISE_DEG = 0.0001
"""A position error of some 10 m."""


class World:
    """What `handle` needs, in memory; its clock stands still."""

    def __init__(self, seed: int) -> None:
        self.journal = MemoryJournal()
        self.facts = load_facts()
        self._dice = Random(seed)
        self._sequence = 0

    @property
    def entropy(self) -> Entropy:
        return self._dice.randbytes

    def new_id(self) -> str:
        return uuid7(NOW_MS, self.entropy)

    async def say(self, command: c.Command) -> None:
        self._sequence += 1
        stamp = Stamp(
            actor="person-1",
            seat="03",
            role="dispatcher",
            org="centre",
            installation="bench",
            sequence=self._sequence,
            now_ms=NOW_MS,
        )
        outcome = await handle(command, stamp, SYSTEM, self)
        if isinstance(outcome, Refused):
            raise RuntimeError(f"{command!r} was refused: {outcome.code}")  # noqa: TRY004 (not a type)


class City:
    """The view, the positions and the scenes of a city with so many units."""

    def __init__(self, network: RoadNetwork, travel: TravelTimes, units: int, seed: int) -> None:
        self.positions = Positions(travel.locate)
        self.facts = load_facts()
        self.rng = np.random.default_rng(seed)
        self._network = network
        self._world = World(seed)
        self._units = [f"U-{number:04}" for number in range(units)]
        self._told_ms = NOW_MS
        self._told = 0
        self._away = ""
        self.fleet = Fleet()
        self.scenes: dict[str, Point] = {}
        """Incident -> place."""

    async def open(self, incidents: int) -> None:
        for place, unit_id in zip(self._places(len(self._units)), self._units, strict=True):
            kind = UnitKind.ALS if self.rng.random() < 0.5 else UnitKind.BLS
            await self._world.say(
                c.ListUnit(
                    unit_id=unit_id,
                    call_sign=unit_id,
                    station_id="s1",
                    station_name="一站",
                    station_point=place,
                    unit_kind=kind,
                    assumed=True,
                )
            )
            await self._world.say(c.SetDuty(unit_id=unit_id, on_duty=True, crew=("甲", "乙")))
        for place in self._places(incidents):
            self.scenes[await self._open_incident(place)] = place
        scenes = list(self.scenes)
        for unit_id in self._units:
            if self.rng.random() < ON_MISSION:
                incident_id = scenes[int(self.rng.integers(len(scenes)))]
                await self._world.say(
                    c.Assign(
                        mission_id=self._world.new_id(), incident_id=incident_id, unit_id=unit_id
                    )
                )
        self.view = Folded(renderer(self.facts), Reveal(self._texts()))
        self._follow()
        self.move(1.0)

    async def change_duty(self) -> None:
        """A unit goes off duty, or the one that did comes back."""
        back, self._away = self._away, ""
        if not back:
            self._away = self._units[int(self.rng.integers(len(self._units)))]
        unit_id = back or self._away
        await self._world.say(
            c.SetDuty(unit_id=unit_id, on_duty=bool(back), crew=("甲", "乙") if back else ())
        )
        self._follow()

    def _follow(self) -> None:
        """Brings the view to what was said last."""
        feed = self._world.journal.feed
        for envelope in feed[self._told :]:
            self.view.apply(recorded_of(envelope))
        self._told = len(feed)

    def move(self, share: float) -> int:
        """So many of the units report a new position, which is placed as the api does it."""
        who = [unit_id for unit_id in self._units if self.rng.random() < share]
        self._told_ms += 1
        for unit_id, place in zip(who, self._places(len(who)), strict=True):
            moving = self.rng.random() < MOVING
            self.positions.take(
                Fix(
                    unit_id=unit_id,
                    point=place,
                    speed_kmh=40.0 if moving else 0.0,
                    heading_deg=int(self.rng.integers(360)),
                    altitude_m=0,
                    device_ms=self._told_ms,
                    received_ms=self._told_ms,
                    catch_up=False,
                    mileage_km=None,
                    satellites=None,
                    alarms=(),
                )
            )
        self.positions.find_spot("")
        return len(who)

    def _places(self, count: int) -> list[Point]:
        network = self._network
        at = self.rng.integers(len(network.lat), size=count)
        lat = network.lat[at] + self.rng.normal(0, NOISE_DEG, count)
        lon = network.lon[at] + self.rng.normal(0, NOISE_DEG, count)
        return [Point(lat=y, lon=x) for y, x in zip(lat.tolist(), lon.tolist(), strict=True)]

    async def _open_incident(self, place: Point) -> str:
        call_id, incident_id = self._world.new_id(), self._world.new_id()
        location = f'{{"label":"学府路 76 号","lat":{place.lat},"lon":{place.lon}}}'
        said: tuple[c.Command, ...] = (
            c.Ring(call_id=call_id, number=Clear(text="13900001111"), line="typed"),
            c.Answer(call_id=call_id),
            c.OpenIncident(incident_id=incident_id, call_id=call_id),
            c.SetLocation(
                incident_id=incident_id,
                location=Clear(text=location),
                source=LocationSource.TYPED,
                accuracy_m=15,
            ),
            *(
                c.AnswerQuestion(
                    incident_id=incident_id, card="entry", question=question, answer=True
                )
                for question in ("conscious", "breathing_normal")
            ),
            c.OverrideLevel(incident_id=incident_id, level=DispatchLevel.R1, reason="bench"),
        )
        for command in said:
            await self._world.say(command)
        return incident_id

    def _texts(self) -> dict[str, str]:
        rows = self._world.journal.personal
        return {row: personal.content.decode() for row, (_, personal) in rows.items()}
