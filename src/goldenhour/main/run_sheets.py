"""The worker's part in paper: a run sheet every minute, for the day when all screens are dark."""

import asyncio
import contextlib

import structlog

from goldenhour.adapters.paper import Spool, to_pdf
from goldenhour.app.live import Scope
from goldenhour.app.positions import Positions
from goldenhour.content.run_sheet import load_run_sheet
from goldenhour.main.node import Node
from goldenhour.views.run_sheet import run_sheet_of

_log = structlog.get_logger(__name__)


async def run_sheets(
    node: Node, scope: Scope, positions: Positions, stopping: asyncio.Event
) -> None:
    """A folder that cannot be written costs the sheet and nothing else."""
    content = load_run_sheet()
    topics = {t.id: t.zh for t in node.world.facts.triage.protocol.topics.topics}
    spool = Spool(node.settings.run_sheets_dir, content.kept)
    while not stopping.is_set():
        now_ms = node.clock.now_ms()
        devices = await node.accounts.list_devices("phone")
        phones = {device.unit_id: device.id for device in devices if device.enabled}
        sheet = run_sheet_of(
            scope.view,
            positions.fixes,
            phones=phones,
            topics=topics,
            content=content,
            now_ms=now_ms,
        )
        try:
            await asyncio.to_thread(lambda made=sheet: spool.put(to_pdf(made), made.made_ms))  # type: ignore[misc] # the default binds this turn's value
        except (OSError, ValueError) as error:
            _log.error("run_sheet.not_written", error=str(error))
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), content.every_s)
