"""The boxes of a vehicle's computer: for each unit the one whose node commands it, and the others.

The crew works on the first; the others go on uploading what they hold, and refuse orders.
"""

import asyncio
from collections.abc import Sequence

import structlog

from goldenhour.app import obeyed
from goldenhour.app.journal import StoreFullError
from goldenhour.app.live import Scope
from goldenhour.app.ports import Clock
from goldenhour.main.box import Box

_log = structlog.get_logger(__name__)


class Homes:
    def __init__(self, boxes: Sequence[Box], clock: Clock, changed: asyncio.Event) -> None:
        """`changed` is set when another box has come to command a unit."""
        self._clock = clock
        self._changed = changed
        self._of: dict[str, list[Box]] = {}
        for box in boxes:
            self._of.setdefault(box.vehicle.unit_id, []).append(box)
        self._scopes: dict[str, list[Scope]] = {}
        self._chosen: dict[str, Box] = {}
        self._told: dict[str, tuple[str, tuple[str, ...]]] = {}

    async def choose(self) -> dict[str, Box]:
        """By unit; before anything is heeded."""
        for unit_id, boxes in self._of.items():
            self._scopes[unit_id] = [await box.hub.scope(box.identity) for box in boxes]
            self._chosen[unit_id] = self._commanding(unit_id)
        return dict(self._chosen)

    async def heed(self, unit_id: str) -> None:
        """One of its boxes has heard something. Asks no hub: one of them is telling it."""
        views = [scope.view for scope in self._scopes[unit_id]]
        heard = obeyed.highest(unit_id, views)
        if not heard[0]:
            return
        for box, view in zip(self._of[unit_id], views, strict=True):
            world, now_ms = box.desk.world, self._clock.now_ms()
            try:
                await obeyed.refuse_lower(unit_id, view, heard, world, now_ms)
            except StoreFullError as error:
                # The crew still reads of the task; the next word that comes refuses it.
                _log.error("vehicle.order_not_refused", unit_id=unit_id, reason=repr(error))
        self._told[unit_id] = heard[1], obeyed.list_refused(unit_id, views)
        if self._commanding(unit_id) is not self._chosen[unit_id]:
            self._changed.set()

    def told(self, unit_id: str) -> tuple[str, tuple[str, ...]]:
        """For the crew: the node that commands it, where that was ever changed; cases refused."""
        return self._told.get(unit_id, ("", ()))

    def _commanding(self, unit_id: str) -> Box:
        boxes = self._of[unit_id]
        heard = obeyed.highest(unit_id, [scope.view for scope in self._scopes[unit_id]])
        return boxes[obeyed.choose(heard, [box.vehicle.node for box in boxes])]
