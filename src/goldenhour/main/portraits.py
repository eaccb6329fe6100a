"""The worker's part in health portraits: effects of the journal, answered by a command."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from goldenhour.adapters.postgres.timers import DueEffect, Effects
from goldenhour.adapters.residents import FhirResidents, ResidentsConfig
from goldenhour.app.portraits import (
    NoRecord,
    ResidentService,
    answer_asking,
    command_of,
    load_asking,
)
from goldenhour.main.node import Node, say
from goldenhour.main.settings import Settings

POLL_S = 0.25
HOLD_MS = 60_000
"""Longer than the slowest answer of all pages that a crew would wait for."""
ATTEMPTS = 4
AT_ONCE = 3
"""One that the service leaves waiting must not hold up the next patient."""


async def run_portraits(node: Node, stopping: asyncio.Event) -> None:
    effects = Effects(node.database)

    async def ask() -> None:
        while not stopping.is_set():
            effect = await effects.claim("portrait", node.clock.now_ms(), HOLD_MS)
            if effect is None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), POLL_S)
                continue
            await answer(node, effects, effect, service)

    async with open_service(node.settings) as service, asyncio.TaskGroup() as group:
        for _ in range(AT_ONCE):
            group.create_task(ask())


@asynccontextmanager
async def open_service(settings: Settings) -> AsyncIterator[ResidentService | None]:
    """None: this node has no record service."""
    if not settings.residents_url:
        yield None
        return
    async with FhirResidents(_config(settings)) as service:
        yield service


def _config(settings: Settings) -> ResidentsConfig:
    return ResidentsConfig(
        url=settings.residents_url.rstrip("/"),
        token=Path(settings.residents_token_file).read_text(encoding="utf-8").strip(),
        ca_file=Path(settings.residents_ca) if settings.residents_ca else None,
    )


async def answer(
    node: Node, effects: Effects, effect: DueEffect, service: ResidentService | None
) -> None:
    patient_id, ask_id = effect.body["patient_id"], effect.body["ask_id"]
    asking = await load_asking(patient_id, ask_id, node.journal)
    if asking is None:
        await effects.finish(effect.key, "superseded", node.clock.now_ms())
        return
    found = await answer_asking(asking, node.world.facts.care.portrait, service)
    outcome = found.reason if isinstance(found, NoRecord) else "found"
    again = isinstance(found, NoRecord) and found.again and effect.attempts < ATTEMPTS
    if isinstance(found, NoRecord) and not again:
        found = NoRecord(reason=found.reason, detail=found.detail)
    # Whoever looked into a health record is told apart from whoever only worked on the case.
    await node.accounts.log_access(
        node.clock.now_ms(),
        asking.asked.by,
        f"portrait:{asking.asked.event.basis}",
        f"patient:{patient_id}",
        outcome,
    )
    command = command_of(patient_id, ask_id, found)
    await say(node, command, f"effect:{effect.key}", effect.attempts)
    if again:
        await effects.again(effect, outcome, node.clock.now_ms())
    else:
        await effects.finish(effect.key, outcome, node.clock.now_ms())
