"""Delivering due timers as ordinary commands."""

from typing import Protocol

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, Fired, TimerGone
from goldenhour.domain.commands import Command
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.recorded import Stamp, system_stamp


class DueTimer(Protocol):
    @property
    def key(self) -> str: ...
    @property
    def due_ms(self) -> int: ...
    @property
    def command(self) -> Command: ...


class TimerStore(Protocol):
    async def drop(self, fired: Fired) -> None:
        """It is done, though nothing was written for it; one set anew since then stays."""


def timer_stamp(key: str, due_ms: int, now_ms: int) -> Stamp:
    """A timer's identity is its key and its due time: fired twice, it is still one deed."""
    return system_stamp(f"timer:{key}", due_ms, now_ms)


async def fire(due: DueTimer, now_ms: int, world: World, store: TimerStore) -> bool:
    """True when this call answered the timer; False when it was answered or set anew meanwhile."""
    stamp = timer_stamp(due.key, due.due_ms, now_ms)
    fired = Fired(key=due.key, due_ms=due.due_ms)
    try:
        outcome = await handle(due.command, stamp, SYSTEM, world, fired=fired)
    except TimerGone:
        return False
    if isinstance(outcome, Refused) or not outcome.versions:
        await store.drop(fired)
    return True
