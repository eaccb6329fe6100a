"""Asking the fleet's recorders for the cabin's video, which goes to their vehicle's own computer.

Rule 1: a recorder is asked when it has connected and when its vehicle is sent on a run: a stream
        ends with the computer that took it, and no recorder begins again by itself.
Rule 2: a terminal that does not know the order is not asked again on this line.
"""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING
from weakref import WeakSet

import structlog

from goldenhour.wire.jt808.messages import Result, TerminalAnswer
from goldenhour.wire.jt808.video import SendVideo

if TYPE_CHECKING:  # a connection knows its gateway, which knows this
    from goldenhour.adapters.jt808.connection import Connection

_log = structlog.get_logger()


class CabinVideo:
    def __init__(self, orders: Sequence[SendVideo]) -> None:
        """One order a channel; none: nobody is asked."""
        self._orders = orders
        self._asking: dict[Connection, asyncio.Task[None]] = {}
        self._cannot: WeakSet[Connection] = WeakSet()

    def ask(self, connection: "Connection") -> None:
        """Behind the caller's back; nothing while this line is being asked already."""
        if not self._orders or connection in self._cannot or connection in self._asking:
            return
        self._asking[connection] = asyncio.get_running_loop().create_task(self._ask(connection))

    async def _ask(self, connection: "Connection") -> None:
        try:
            await self._ask_each(connection)
        finally:
            del self._asking[connection]

    async def _ask_each(self, connection: "Connection") -> None:
        for order in self._orders:
            log = _log.bind(unit_id=connection.unit_id, channel=order.channel)
            try:
                answer = await connection.ask(order)
            except (ConnectionError, TimeoutError) as error:
                log.warning("jt808.video_no_answer", why=type(error).__name__)
                return
            result = answer.result if isinstance(answer, TerminalAnswer) else Result.OK
            log.info("jt808.video_asked", result=result)
            if result == Result.UNSUPPORTED:
                self._cannot.add(connection)
                return
