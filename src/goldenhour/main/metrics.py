"""What worker and gateway tell Prometheus, on a loopback port of their own.

The api and the vehicles tell it at /metrics of their web server, to loopback alone.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

import psycopg
import structlog
from prometheus_client import Gauge, start_http_server

from goldenhour.adapters.postgres.backlog import read_backlog
from goldenhour.main.node import Node

LOOK_S: Final = 5.0
_log = structlog.get_logger()
_DELIVERED = Gauge("goldenhour_events_delivered", "Events that have a delivery number")
_ROWS = Gauge("goldenhour_relay_waiting_events", "Committed events without a delivery number")
_AGE = Gauge("goldenhour_relay_lag_seconds", "How long the oldest of them has waited")
_TIMERS = Gauge("goldenhour_timers_overdue", "Timers that are due and not answered")
_EFFECTS = Gauge("goldenhour_effects_waiting", "Effects that are not done")


@contextmanager
def metrics_on(port: int | None, setting: str) -> Iterator[None]:
    """Raises SystemExit when the port is taken."""
    if port is None:
        yield
        return
    try:
        server, thread = start_http_server(port, addr="127.0.0.1")
    except OSError as error:
        raise SystemExit(f"{setting}: port {port} on 127.0.0.1: {error.strerror}") from error
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


async def watch_backlog(node: Node, stopping: asyncio.Event) -> None:
    while not stopping.is_set():
        try:
            found = await read_backlog(node.database, node.clock.now_ms())
        except psycopg.Error as error:
            _log.warning("metrics.no_answer", error=str(error))
        else:
            _DELIVERED.set(found.delivered)
            _ROWS.set(found.outbox_rows)
            _AGE.set(found.outbox_age_ms / 1000)
            _TIMERS.set(found.timers_overdue)
            _EFFECTS.set(found.effects_waiting)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), LOOK_S)
