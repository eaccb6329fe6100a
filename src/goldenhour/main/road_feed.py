"""The worker's part in a road authority's feed: asked for ever, told as closures."""

import asyncio
import contextlib
from pathlib import Path

import structlog

from goldenhour.adapters.road_feed import FeedConfig, HttpRoadFeed
from goldenhour.app.handle import handle
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Scope
from goldenhour.app.road_feed import ROLE, FeedError, Follower, end_silence, tell_silent
from goldenhour.content.road_feed import load_road_feed
from goldenhour.domain.commands import Command
from goldenhour.domain.dispatch.road_feed import FeedRules
from goldenhour.kernel.recorded import Stamp
from goldenhour.kernel.time import SECOND_MS
from goldenhour.main.city_file import read_city
from goldenhour.main.node import Node
from goldenhour.main.settings import Settings

_log = structlog.get_logger(__name__)
_DESKS = ("centre", "county")
"""Kinds of organisation whose desks are told that the feed is silent."""


async def run_road_feed(node: Node, scope: Scope, stopping: asyncio.Event) -> None:
    """At once over where this node has no feed."""
    config = _config(node.settings)
    if config is None:
        return
    rules = load_road_feed()
    async with HttpRoadFeed(config) as feed:
        asking = Asking(node, scope, rules)
        while not stopping.is_set():
            await asking.once(feed)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), rules.poll_s)


class Asking:
    """What is known from one question to the next."""

    def __init__(self, node: Node, scope: Scope, rules: FeedRules) -> None:
        city = read_city(node.settings.city_dir)
        self._node = node
        self._scope = scope
        self._rules = rules
        self._follower = Follower(
            rules, node.settings.road_feed_datum, city.bounds if city else None
        )
        self._usable_ms = node.clock.now_ms()
        """When the feed last said something that could be used."""
        self._bad: frozenset[str] = frozenset()

    async def once(self, feed: HttpRoadFeed) -> None:
        now_ms = self._node.clock.now_ms()
        try:
            notices, bad = await feed.read()
        except FeedError as error:
            _log.warning("road_feed.no_answer", why=str(error))
            if now_ms - self._usable_ms > self._rules.silent_s * SECOND_MS:
                await self._tell_silent()
            return
        self._usable_ms = now_ms
        for one in bad:
            if one.id not in self._bad:
                _log.warning("road_feed.bad_entry", id=one.id, field=one.field, why=one.problem)
        self._bad = frozenset(one.id for one in bad)
        for org, command in end_silence(self._scope.view):
            await _say(self._node, command, org)
        for command in self._follower.follow(notices, self._scope.view, now_ms):
            await _say(self._node, command, "")

    async def _tell_silent(self) -> None:
        rows = await self._node.accounts.list_organisations()
        desks = [row.id for row in rows if row.kind in _DESKS and row.closed_ms is None]
        for org, command in tell_silent(self._scope.view, desks, self._usable_ms):
            await _say(self._node, command, org)


def _config(settings: Settings) -> FeedConfig | None:
    if not settings.road_feed_url:
        return None
    return FeedConfig(
        url=settings.road_feed_url,
        token=Path(settings.road_feed_token_file).read_text(encoding="utf-8").strip(),
        ca_file=Path(settings.road_feed_ca) if settings.road_feed_ca else None,
    )


async def _say(node: Node, command: Command, org: str) -> None:
    """Said once, whatever the feed repeats: what it is about is its name."""
    about = getattr(command, "closure_id", "") or getattr(command, "alert_id", "")
    stamp = Stamp(
        actor="system",
        seat="",
        role=ROLE,
        org=org,
        installation=f"road_feed:{type(command).__name__}:{about}",
        sequence=1,
        now_ms=node.clock.now_ms(),
    )
    await handle(command, stamp, SYSTEM, node.world)
