"""The learner: street speeds and arrival ranges from own runs, and the ways that they took.

It may die and come back alone.

It is a process of its own since it computes for seconds at a time, which nobody shall wait for.
What it learns lies in the database; whoever foretells arrivals follows it there.
"""

import asyncio
import contextlib
import os
from typing import Final

import structlog

from goldenhour.adapters.postgres.relay import Feed
from goldenhour.adapters.postgres.streets import PostgresStreets
from goldenhour.adapters.postgres.ways import PostgresWays
from goldenhour.adapters.routing.matching import RoadMatching
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.journal import SYSTEM
from goldenhour.app.learn import Learner, Learnt, Lore, factors_to_bytes, learnt_of, update_of
from goldenhour.app.live import Hub
from goldenhour.app.roads import stretches_of
from goldenhour.app.taught_speeds import TaughtSpeeds, taught_of
from goldenhour.app.ways import WayKeeper
from goldenhour.compute.roads import RoadNetwork
from goldenhour.compute.roads.learn import Experience, StreetSpeeds
from goldenhour.compute.roads.match import Matcher
from goldenhour.content.rules import load_rules
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.kernel.time import SECOND_MS
from goldenhour.main.city_parts import open_city
from goldenhour.main.node import Node, open_node
from goldenhour.main.settings import Settings
from goldenhour.main.until import stop_on_signal, until

_log = structlog.get_logger()

LOOK_S: Final = 60.0
FOLLOW_S: Final = 10.0
_POLITE: Final = 10
"""Whatever else runs here comes first."""


async def run_learner(settings: Settings) -> None:
    """Looks at the board again and again; without a road graph it only waits."""
    stopping = stop_on_signal()
    os.nice(_POLITE)
    async with open_node(settings, pool=2) as node:
        parts = open_city(settings.city_dir)
        try:
            network, snapper = parts.network, parts.travel.snapper
            if network is None or snapper is None:
                print("learner ready: no roads, so nothing to learn", flush=True)
                await stopping.wait()
            else:
                matcher = Matcher(network, snapper)
                keeper = WayKeeper(
                    matching=RoadMatching(network, snapper),
                    network=network.digest(),
                    gap_ms=load_rules().dispatch.fences.fresh_s * SECOND_MS,
                    tracks=node.telemetry,
                    ways=PostgresWays(node.database),
                )
                await _learn(node, matcher, parts.travel, keeper, stopping)
        finally:
            parts.close()


async def _learn(
    node: Node, matcher: Matcher, travel: RoadTravel, keeper: WayKeeper, stopping: asyncio.Event
) -> None:
    network = matcher.network
    store, digest = PostgresStreets(node.database), network.digest()
    learner = await open_learner(store, matcher, travel)
    hub = Hub(node.journal, Feed(node.database), node.world.facts, node.clock, drawn=False)
    scope = await hub.scope(SYSTEM)

    async def look() -> None:
        while not stopping.is_set():
            now_ms = node.clock.now_ms()
            await learner.look(scope.view, node.telemetry, now_ms)
            await keeper.look(scope.view, now_ms)
            factors = factors_to_bytes(learner.factors(now_ms))
            await store.put(digest, learner.lore, learner.speeds.known.to_bytes(), factors)
            # Forecasts are judged at the speeds that the screens go by.
            await travel.set_stretches(stretches_of(scope.view))
            await travel.change_speeds(update_of(factors, network))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), LOOK_S)

    async with asyncio.TaskGroup() as group:
        for work in (hub.run(), hub.sweep_for_ever(), look()):
            group.create_task(until(work, stopping))
        print("learner ready", flush=True)
        await stopping.wait()


async def open_learner(store: PostgresStreets, matcher: Matcher, travel: RoadTravel) -> Learner:
    """Where it left off; what cannot be read is learnt anew."""
    rules, network = load_street_speeds(), matcher.network
    lore, known = Lore(), None
    try:
        found = await store.find(network.digest())
        if found is not None:
            lore, known = found[0], Experience.from_bytes(found[1], network)
    except ValueError as error:
        lore = Lore()
        print(f"learner: beginning anew, {error}", flush=True)
    return Learner(
        matcher=matcher,
        speeds=StreetSpeeds(network, rules.streets, known),
        travel=travel,
        rules=rules.arrival,
        lore=lore,
    )


class Follower:
    """What was learnt, in a process that foretells arrivals: its roads are driven at that."""

    def __init__(self, store: PostgresStreets, network: RoadNetwork, travel: RoadTravel) -> None:
        self._store = store
        self._network = network
        self._travel = travel
        self._digest = network.digest()
        self._rules = load_street_speeds().arrival
        self.learnt: Learnt | None = None
        """None: nothing yet."""
        self._taught: TaughtSpeeds | None = None

    async def follow(self) -> None:
        """Take over what is newer."""
        than_ms = self.learnt.lore.learnt_ms if self.learnt else 0
        try:
            found = await self._store.find_newer(self._digest, than_ms)
            update = update_of(found[1], self._network) if found else None
        except ValueError as error:
            # The board goes on with what it has.
            _log.error("streets.unreadable", reason=str(error))
            return
        if found and update:
            await self._travel.change_speeds(update)
            self.learnt = learnt_of(found[0], self._rules)
            self._taught = taught_of(found[0], update.factors)

    def taught_for(self, network: str) -> TaughtSpeeds | None:
        """What a vehicle with this network is taught; None: it has another map, or nothing is."""
        return self._taught if network == self._digest else None

    async def run(self) -> None:
        while True:
            await self.follow()
            await asyncio.sleep(FOLLOW_S)
