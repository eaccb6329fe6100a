"""The worker: relay, timers, roots, geofences, portraits, calls to callers, shut roads.

It may die and come back alone.
"""

import asyncio
import contextlib
from pathlib import Path
from typing import Any

import msgspec

from goldenhour.adapters.bus.unix import BusServer
from goldenhour.adapters.postgres.evidence import load_key, run_roots
from goldenhour.adapters.postgres.painted import PostgresPainted, run_pruning
from goldenhour.adapters.postgres.relay import Feed, run_relay
from goldenhour.adapters.postgres.timers import Timers
from goldenhour.app.advise import propose_for
from goldenhour.app.journal import SYSTEM
from goldenhour.app.live import Hub
from goldenhour.app.positions import Positions
from goldenhour.app.timers import fire
from goldenhour.content.rules import load_rules
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.callbacks import run_callbacks
from goldenhour.main.metrics import metrics_on, watch_backlog
from goldenhour.main.node import Node, bus_paths, open_node, say
from goldenhour.main.portraits import run_portraits
from goldenhour.main.road_feed import run_road_feed
from goldenhour.main.run_sheets import run_sheets
from goldenhour.main.settings import Settings
from goldenhour.main.until import stop_on_signal, until

TIMER_POLL_S = 0.2
PARTITION_LOOK_S = 3600.0
RECENT_MS = 24 * HOUR_MS


async def run_worker(settings: Settings) -> None:
    """Relay, timers, roots, geofences, health portraits and calls to the caller."""
    stopping = stop_on_signal()
    with metrics_on(settings.worker_metrics_port, "worker_metrics_port"):
        await _work(settings, stopping)


async def _work(settings: Settings, stopping: asyncio.Event) -> None:
    async with open_node(settings, pool=4) as node, asyncio.TaskGroup() as group:
        key = load_key(settings.state_dir / "roots.key")
        outside = Path(settings.roots_folder) if settings.roots_folder else None
        work: list[Any] = [
            run_relay(node.database.worker_conninfo, stopping),
            _run_timers(node, stopping),
            run_roots(node.database, key, node.clock, outside, stopping),
            _watch_board(node, stopping),
            run_portraits(node, stopping),
            run_callbacks(node, stopping),
            run_pruning(PostgresPainted(node.database), node.clock, stopping),
            watch_backlog(node, stopping),
            _keep_partitions(node, stopping),
        ]
        for item in work:
            group.create_task(until(item, stopping))
        print("worker ready", flush=True)
        await stopping.wait()


async def _run_timers(node: Node, stopping: asyncio.Event) -> None:
    timers = Timers(node.database)
    while not stopping.is_set():
        due = await timers.due(node.clock.now_ms())
        for timer in due:
            await fire(timer, node.clock.now_ms(), node.world, timers)
        if not due:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), TIMER_POLL_S)


async def _keep_partitions(node: Node, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        await node.telemetry.make_partitions(node.clock.now_ms())
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), PARTITION_LOOK_S)


async def _watch_board(node: Node, stopping: asyncio.Event) -> None:
    """Propose time nodes from positions; print the run sheet; hear of shut roads."""
    hub = Hub(node.journal, Feed(node.database), node.world.facts, node.clock, drawn=False)
    scope = await hub.scope(SYSTEM)
    fixes: asyncio.Queue[Fix] = asyncio.Queue(maxsize=10_000)
    rules = load_rules()
    positions = Positions(credible=rules.dispatch.credible)
    for seen in await node.telemetry.list_latest(node.clock.now_ms() - RECENT_MS):
        positions.take(seen)

    def take(topic: str, payload: bytes) -> None:
        if topic == "fixes":
            for fix in msgspec.json.decode(payload, type=list[Fix]):
                # A vehicle that only seems to have jumped into a hospital's fence has not arrived.
                if positions.take(fix) and not fixes.full():
                    fixes.put_nowait(fix)

    async def propose() -> None:
        before: dict[str, tuple[Fix, ...]] = {}
        while True:
            fix = await fixes.get()
            earlier = before.get(fix.unit_id, ())
            command = propose_for(
                scope.view,
                fix,
                rules=rules.dispatch,
                now_ms=node.clock.now_ms(),
                before=earlier,
            )
            before[fix.unit_id] = (*earlier, fix)[-rules.dispatch.fences.agreeing :]
            if command is not None:
                await say(
                    node,
                    command,
                    f"geofence:{command.mission_id}:{command.milestone}:{command.confidence}",
                )

    async with (
        BusServer(bus_paths(node.settings)["worker"], take),
        asyncio.TaskGroup() as group,
    ):
        sheets = run_sheets(node, scope, positions, stopping)
        feed = run_road_feed(node, scope, stopping)
        works = (hub.run(), hub.sweep_for_ever(), propose(), sheets, feed)
        tasks = [group.create_task(work) for work in works]
        await stopping.wait()
        for task in tasks:
            task.cancel()
