"""The worker's part in a crew's calls to the caller: effects, answered by a command."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from goldenhour.adapters.postgres.timers import DueEffect, Effects
from goldenhour.adapters.telephone import HttpCallPlatform, PlatformConfig
from goldenhour.app.callbacks import CallPlatform, order_of, put_through
from goldenhour.domain.commands import AnswerCallback
from goldenhour.main.node import Node, case_view, say
from goldenhour.main.settings import Settings

POLL_S = 0.25
HOLD_MS = 120_000
"""Longer than both may ring together."""


async def run_callbacks(node: Node, stopping: asyncio.Event) -> None:
    """Each order on its own: it lasts as long as two telephones ring."""
    effects = Effects(node.database)
    async with _open(_config(node.settings)) as platform, asyncio.TaskGroup() as group:
        while not stopping.is_set():
            effect = await effects.claim("callback", node.clock.now_ms(), HOLD_MS)
            if effect is not None:
                group.create_task(answer(node, effects, effect, platform))
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), POLL_S)


def _config(settings: Settings) -> PlatformConfig | None:
    """None: this node has no such platform."""
    if not settings.callback_url:
        return None
    return PlatformConfig(
        url=settings.callback_url.rstrip("/"),
        token=Path(settings.callback_token_file).read_text(encoding="utf-8").strip(),
        ca_file=Path(settings.callback_ca) if settings.callback_ca else None,
    )


@asynccontextmanager
async def _open(config: PlatformConfig | None) -> AsyncIterator[CallPlatform | None]:
    if config is None:
        yield None
        return
    async with HttpCallPlatform(config) as platform:
        yield platform


async def answer(
    node: Node, effects: Effects, effect: DueEffect, platform: CallPlatform | None
) -> None:
    mission_id, callback_id = effect.body["mission_id"], effect.body["callback_id"]
    order = order_of(await case_view(node, mission_id), mission_id, callback_id)
    if order is None:
        await effects.finish(effect.key, "superseded", node.clock.now_ms())
        return
    phones = await node.accounts.list_devices("phone")
    own = (phone.id for phone in phones if phone.enabled and phone.unit_id == order.unit_id)
    outcome = await put_through(
        order,
        next(own, None),
        platform,
        begun=effect.attempts > 1,
        now_ms=node.clock.now_ms(),
        within_s=node.world.facts.limits.callback_s,
    )
    # Whoever had a caller rung up is told apart from whoever only worked on the case.
    await node.accounts.log_access(
        node.clock.now_ms(), order.asked.by, "callback", f"mission:{mission_id}", outcome
    )
    command = AnswerCallback(mission_id=mission_id, callback_id=callback_id, outcome=outcome)
    await say(node, command, f"effect:{effect.key}", effect.attempts)
    await effects.finish(effect.key, outcome, node.clock.now_ms())
