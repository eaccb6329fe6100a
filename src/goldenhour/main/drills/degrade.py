"""Parts of a centre down or slow, singly and in pairs: a unit is sent all the same.

One town on an embedded PostgreSQL, the web application in front of it, and a dispatcher's screen
that asks what it asks in every case, with and without each part: the map's tiles, the turn-by-turn
engine (which does not answer), the road graph, the addresses, the positions, the learnt arrivals.
A fault is a step that fails, or an answer that does not say what it does without. Nothing but the
route itself may take longer than half a second: the time judges the machine too, so tests look at
the faults alone.

Planted bug: the ranking waits for the turn-by-turn engine.
"""

import asyncio
import tempfile
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from itertools import combinations
from pathlib import Path
from typing import Any, Final

import httpx

from goldenhour.adapters.postgres.accounts import PostgresAccounts
from goldenhour.adapters.postgres.embedded import EmbeddedServer
from goldenhour.adapters.postgres.relay import move_once
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.adapters.web.identity import token_hash
from goldenhour.adapters.web.services import Services
from goldenhour.app.access import Organisation, Principal, Role
from goldenhour.app.accounts import Person
from goldenhour.app.learn import Learnt, Lore, learnt_of
from goldenhour.app.ports import Spot
from goldenhour.app.positions import Positions
from goldenhour.app.travel_times import Spots, Travel
from goldenhour.content.rules import load_rules
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.domain import commands as c
from goldenhour.domain.dispatch.arrival import Driven
from goldenhour.domain.dispatch.route import Language, Route, RouteFailure, RouteProblem
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.main.city import build_city
from goldenhour.main.city_parts import CityParts, open_city
from goldenhour.main.drills import authz_site as site
from goldenhour.main.drills import lab
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.simulator.cases import Step
from goldenhour.simulator.town import write_town

PARTS: Final = ("map", "routing", "roads", "addresses", "positions", "learnt")
NOTHING: Final[frozenset[str]] = frozenset()
GOAL_MS: Final = 500.0
SLOW_S: Final = 30.0
BUDGET_S: Final = 2.0
STATION, SCENE = Point(lat=31.2073941, lon=105.4005313), Point(lat=31.1973589, lon=105.4046218)
UNIT: Final = "A-01"
PRINCIPAL: Final = Principal(
    person_id="dispatcher",
    name="dispatcher",
    role=Role.DISPATCHER,
    org="centre",
    seat="03",
    unit_id="",
    hospital_id="",
)
TOKEN: Final = "0123456789abcdef"  # noqa: S105 (of a database that is gone afterwards)


def run(options: Options) -> Report:
    with lab.server() as running:
        return asyncio.run(_drill(running, options))


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


class Slow:
    """Double of a turn-by-turn engine that is too busy: nobody hears of it within the budget."""

    async def route(
        self,
        points: Sequence[Point],
        *,
        language: Language,
        avoid: Sequence[Sequence[Point]] = (),
        into_shut: bool = False,
    ) -> Route | RouteFailure:
        del points, language, avoid, into_shut
        await asyncio.sleep(min(SLOW_S, BUDGET_S))
        return RouteFailure(problem=RouteProblem.TOO_SLOW, detail=f"over {BUDGET_S} s")


class Waiting:
    """The planted bug: travel times that stand still as long as the engine does."""

    def __init__(self, travel: RoadTravel) -> None:
        self._travel = travel
        self.locate = travel.locate
        self.locate_fixed = travel.locate_fixed

    def times_to(self, target: Spot, sources: Spots) -> Travel:
        time.sleep(2 * GOAL_MS / 1_000)  # the drill's point
        return self._travel.times_to(target, sources)

    def times_from(self, source: Spot, targets: Spots) -> Travel:
        return self._travel.times_from(source, targets)


class Screen:
    """A dispatcher's screen: asks, says, and keeps how long each answer took."""

    def __init__(
        self,
        client: httpx.AsyncClient,
        faults: Counter[str],
        down: frozenset[str],
        pump: Callable[[], Awaitable[None]],
    ) -> None:
        self._client = client
        self._pump = pump
        self._faults = faults
        self.down = down
        self.sequence = 0
        self.slowest_ms = 0.0

    def expect(self, what: str, *, holds: bool) -> None:
        if not holds:
            name = f"{what} without {'+'.join(sorted(self.down)) or 'nothing'}"
            self._faults[name] += 1
            say(name)

    async def ask(self, path: str, **query: str) -> httpx.Response:
        return await self._timed(path, self._client.get(path, params=query))

    async def say(self, **command: Any) -> None:
        self.sequence += 1
        body = {"installation": "degrade-0", "sequence": self.sequence, "command": command}
        answer = await self._timed(command["kind"], self._client.post("/api/commands", json=body))
        self.expect(f"{command['kind']} is refused", holds=answer.status_code == 200)  # noqa: PLR2004 (HTTP)
        await self._pump()

    async def _timed(self, what: str, answer: Any) -> httpx.Response:
        begun = time.perf_counter()
        response: httpx.Response = await answer
        took_ms = (time.perf_counter() - begun) * 1_000
        if took_ms > self.slowest_ms:
            self.slowest_ms = took_ms
            say(f"{what}: {took_ms:.0f} ms without {'+'.join(sorted(self.down)) or 'nothing'}")
        return response


async def _drill(running: EmbeddedServer, options: Options) -> Report:
    lacks = [frozenset(down) for n in range(3) for down in combinations(PARTS, n)]
    if options.n is not None:
        # Nothing and everything single first: a small number still has each part down once.
        lacks = lacks[: options.n]
    faults: Counter[str] = Counter()
    slowest_ms = 0.0
    with tempfile.TemporaryDirectory(prefix="goldenhour-degrade-") as folder:
        parts = _build(Path(folder))
        try:
            async with lab.opened(running) as database:
                clock = lab.LabClock()
                world = lab.LabWorld(database, clock, options.seed)
                accounts = PostgresAccounts(database)
                await _furnish(world, accounts, clock)
                whole = await site.services(database, world, accounts, clock)
                hub = whole.desk_of(PRINCIPAL).hub

                async def pump() -> None:
                    """The relay and the live views, one turn each."""
                    async with database.system() as connection:
                        await move_once(connection)
                    await hub.advance()

                # The first case of a process loads what all others find loaded.
                await _case(
                    _served(whole, parts, NOTHING, plant=False), world, NOTHING, faults, pump
                )
                faults.clear()
                for down in lacks:
                    hub.positions = Positions(parts.travel.locate)
                    if "positions" not in down:
                        hub.positions.take(_fix(world))
                    served = _served(whole, parts, down, plant=options.plant)
                    slowest_ms = max(slowest_ms, await _case(served, world, down, faults, pump))
        finally:
            parts.close()
    value = faults.total()
    return Report(
        name="degrade",
        value=value,
        unit="steps that failed, and answers that did not say what they did without",
        goal=0,
        passed=value == 0 and slowest_ms <= GOAL_MS,
        n=len(lacks),
        spread={"slowest_ms": round(slowest_ms, 1), "goal_ms": GOAL_MS, **faults},
    )


def _build(folder: Path) -> CityParts:
    write_town(folder / "town.osm.pbf", 1)
    build_city(folder / "town.osm.pbf", folder / "city", overrides=None, name=None, say=say)
    return open_city(folder / "city")


async def _furnish(world: lab.LabWorld, accounts: PostgresAccounts, clock: lab.LabClock) -> None:
    for ident, parent, kind in (
        ("city", "", "city"),
        ("centre", "city", "centre"),
        (f"unit:{UNIT}", "centre", "unit"),
    ):
        await accounts.put_organisation(
            Organisation(id=ident, parent=parent, kind=kind, name=ident, name_en=ident)
        )
    person = Person(
        id=PRINCIPAL.person_id,
        username=PRINCIPAL.name,
        name=PRINCIPAL.name,
        role=PRINCIPAL.role,
        org=PRINCIPAL.org,
        seat=PRINCIPAL.seat,
        unit_id="",
        hospital_id="",
        password_hash="",
        totp_secret="",
        active=True,
        demo=False,
    )
    await accounts.put_person(person, clock.at_ms)
    day_ms = 86_400_000
    await accounts.open_session(token_hash(TOKEN), person.id, clock.at_ms, clock.at_ms + day_ms)
    listed = c.ListUnit(
        unit_id=UNIT,
        call_sign=UNIT,
        station_id="s1",
        station_name="一站",
        station_point=STATION,
        unit_kind=UnitKind.ALS,
        assumed=True,
    )
    for command, role in (
        (listed, "system"),
        (c.SetDuty(unit_id=UNIT, on_duty=True, crew=("甲", "乙")), "crew"),
    ):
        await world.accept(Step(after_ms=0, command=command, role=role, org=f"unit:{UNIT}"))


def _served(whole: Services, parts: CityParts, down: frozenset[str], *, plant: bool) -> Services:
    """The centre without these parts."""
    crow_kmh = load_rules().dispatch.crow_speed_kmh
    travel: Any = RoadTravel(None, crow_kmh) if "roads" in down else parts.travel
    if plant and "routing" in down:
        travel = Waiting(travel)
    return replace(
        whole,
        city=parts.city,
        tiles=None if "map" in down else parts.tiles,
        addresses=None if "addresses" in down else parts.addresses,
        router=Slow() if "routing" in down else parts.router,
        travel=travel,
        learnt=lambda: None if "learnt" in down else _learnt(),
    )


def _learnt() -> Learnt:
    rules = load_street_speeds().arrival
    drive = Driven(ended_ms=1, foretold_s=300, took_s=330, low_s=None, high_s=None)
    return learnt_of(Lore(learnt_ms=1, driven=(drive,) * rules.fewest), rules)


async def _case(
    served: Services,
    world: lab.LabWorld,
    down: frozenset[str],
    faults: Counter[str],
    pump: Callable[[], Awaitable[None]],
) -> float:
    """One emergency at this desk; the slowest answer in milliseconds."""
    call_id, incident_id, mission_id = (world.new_id() for _ in range(3))
    transport = httpx.ASGITransport(site.make_app(served))  # type: ignore[arg-type] # Litestar's own ASGI types
    cookie = {"cookie": f"{site.COOKIE}={TOKEN}"}
    async with httpx.AsyncClient(
        transport=transport, base_url="https://centre.local", headers=cookie
    ) as client:
        desk = Screen(client, faults, down, pump)
        desk.sequence = world.dice.randrange(1, 2**50)
        await desk.say(
            kind="call.ring", call_id=call_id, number={"as": "clear", "text": "139"}, line="typed"
        )
        await desk.say(kind="call.answer", call_id=call_id)
        await desk.say(kind="incident.open", incident_id=incident_id, call_id=call_id)
        found = await desk.ask("/api/address/search", q="学府路 6")
        known = found.status_code == 200 and len(found.json()) > 0  # noqa: PLR2004 (HTTP)
        desk.expect("addresses are not as they are", holds=known != ("addresses" in down))
        place = f'{{"label":"学府路 6 号","lat":{SCENE.lat},"lon":{SCENE.lon}}}'
        await desk.say(
            kind="incident.set_location",
            incident_id=incident_id,
            location={"as": "clear", "text": place},
            source="typed",
            accuracy_m=15,
        )
        await desk.say(
            kind="incident.answer",
            incident_id=incident_id,
            card="entry",
            question="breathing_normal",
            answer=True,
        )
        tiles = await desk.ask("/tiles/city.pmtiles")
        desk.expect("the map is not as it is", holds=(tiles.status_code < 400) != ("map" in down))  # noqa: PLR2004 (HTTP)
        # The line on the map may come late; nobody waits for it.
        line = asyncio.create_task(
            client.get("/api/route/proposed", params={"unit_id": UNIT, "incident_id": incident_id})
        )
        await asyncio.sleep(0)
        await _advised(desk, incident_id)
        await desk.say(
            kind="mission.assign", mission_id=mission_id, incident_id=incident_id, unit_id=UNIT
        )
        etas = (await desk.ask("/api/etas")).json()
        desk.expect("no arrival", holds=[one["unit_id"] for one in etas] == [UNIT])
        route = await line
        desk.expect(
            "the route is not as it is",
            holds=(route.status_code == 200) != ("routing" in down),  # noqa: PLR2004 (HTTP)
        )
        await desk.say(kind="mission.stand_down", mission_id=mission_id, reason="cancelled")
        await desk.say(kind="call.end", call_id=call_id, disposition="incident")
        await desk.say(kind="incident.close", incident_id=incident_id, reason="drill")
        return desk.slowest_ms


async def _advised(desk: Screen, incident_id: str) -> None:
    answer = await desk.ask("/api/recommend", incident_id=incident_id)
    ranked = answer.json().get("ranked", []) if answer.is_success else []
    desk.expect("nobody is proposed", holds=[one["unit_id"] for one in ranked] == [UNIT])
    if ranked:
        first, down = ranked[0], desk.down
        desk.expect("the estimate is hidden", holds=first["estimated"] == ("roads" in down))
        unseen = first["position_age_s"] is None
        desk.expect("the position is hidden", holds=unseen == ("positions" in down))
        ranged = UNIT in answer.json()["ranges"]
        desk.expect("a range from nothing", holds=ranged == down.isdisjoint({"roads", "learnt"}))


def _fix(world: lab.LabWorld) -> Fix:
    now_ms = world.clock.now_ms()
    return Fix(
        unit_id=UNIT,
        point=STATION,
        speed_kmh=0.0,
        heading_deg=0,
        altitude_m=0,
        device_ms=now_ms,
        received_ms=now_ms,
        catch_up=False,
        mileage_km=None,
        satellites=None,
        alarms=(),
    )
