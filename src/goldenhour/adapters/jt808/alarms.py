"""Alarms of terminals by which a crew calls for help: the emergency button, a collision.

Rule 1: an alarm calls when it rises. While it stands it is the same call, on a new line too.
Rule 2: one that comes out of a blind zone calls as well, unless it is history by then: terminals
        let the bit of their button fall when its report is answered, so no other may follow.
Rule 3: a report whose call could not be told is not answered, so that it comes again.
"""

import asyncio
from collections.abc import Iterable, Sequence
from typing import Final

from goldenhour.app.terminals import HelpLine
from goldenhour.kernel.telemetry import Fix
from goldenhour.wire.jt808.position import ALARMS

_NONE: Final[frozenset[str]] = frozenset()


class Alarms:
    """Of all terminals, across their connections."""

    def __init__(self, line: HelpLine | None, names: Iterable[str], max_age_ms: int) -> None:
        """Without a line nothing calls."""
        self._line = line
        self._names = frozenset(names) if line else _NONE
        self._max_age_ms = max_age_ms
        self._standing: dict[str, frozenset[str]] = {}
        """By terminal."""
        self._under_way: set[asyncio.Task[None]] = set()
        self.bits: Final = sum(1 << n for n, name in ALARMS.items() if name in self._names)
        """Reports with none of them need no look."""

    def list_new(self, phone: str, fixes: Sequence[Fix]) -> list[tuple[str, Fix]]:
        """Of one message: the alarms that call, each with the report that tells it."""
        found: list[tuple[str, Fix]] = []
        standing = self._standing.get(phone, _NONE)
        for fix in fixes:
            raised = self._names.intersection(fix.alarms)
            if not fix.catch_up or fix.received_ms - fix.device_ms <= self._max_age_ms:
                found += [(name, fix) for name in sorted(raised - standing)]
            standing = raised
            if not fix.catch_up:
                self._standing[phone] = standing
        return found

    def fell(self, phone: str) -> None:
        """None of them stands at this terminal, or none was told."""
        self._standing.pop(phone, None)

    async def call(self, calls: Iterable[tuple[str, Fix]]) -> None:
        """Goes on when its line ends meanwhile, which may come of what it tells."""
        telling = asyncio.create_task(self._tell(calls))
        self._under_way.add(telling)
        telling.add_done_callback(self._under_way.discard)
        await asyncio.shield(telling)

    async def _tell(self, calls: Iterable[tuple[str, Fix]]) -> None:
        assert self._line is not None
        for name, fix in calls:
            await self._line.call(name, fix)
