"""The look at reservations by the road, in the process that knows the roads."""

import asyncio
from typing import Final

import psycopg
import structlog

from goldenhour.app.live import Hub
from goldenhour.app.travel_times import TravelTimes
from goldenhour.app.windows import checks_for, windows_for
from goldenhour.main.node import Node, say

LOOK_S: Final = 10.0

_log = structlog.get_logger(__name__)


async def watch_windows(node: Node, hub: Hub, travel: TravelTimes) -> None:
    while True:
        await asyncio.sleep(LOOK_S)
        try:
            await look(node, hub, travel)
        except psycopg.Error:
            # The next look asks again, and the timers ask by the clock.
            _log.warning("windows_not_looked_at", exc_info=True)


async def look(node: Node, hub: Hub, travel: TravelTimes) -> None:
    now_ms = node.clock.now_ms()
    get_away_s = node.world.facts.limits.depart_s
    asked: set[str] = set()
    for view in hub.list_watched():
        answers = windows_for(view, hub.positions, travel, get_away_s=get_away_s, now_ms=now_ms)
        for check in checks_for(view, answers):
            if check.mission_id not in asked:
                asked.add(check.mission_id)
                await say(node, check, f"window:{check.mission_id}", now_ms)
