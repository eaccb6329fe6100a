"""Delivering due timers as ordinary commands."""

from typing import Protocol

from goldenhour.app.handle import World, handle
from goldenhour.app.journal import SYSTEM, TimerGone
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
    async def drop(self, key: str, now_ms: int) -> None: ...


def timer_stamp(key: str, due_ms: int, now_ms: int) -> Stamp:
    """A timer's identity is its key and its due time: fired twice, it is still one deed."""
    return system_stamp(f"timer:{key}", due_ms, now_ms)


async def fire(due: DueTimer, now_ms: int, world: World, store: TimerStore) -> bool:
    """True when this call answered the timer; False when somebody else had."""
    stamp = timer_stamp(due.key, due.due_ms, now_ms)
    try:
        outcome = await handle(due.command, stamp, SYSTEM, world, timer_key=due.key)
    except TimerGone:
        return False
    if isinstance(outcome, Refused) or not outcome.versions:
        await store.drop(due.key, now_ms)
    return True
