"""Virtual time over the journal in memory: what is due fires, in order."""

from factories.world import TestWorld
from goldenhour.app.timers import fire


async def pass_time(world: TestWorld, seconds: float) -> int:
    """Let time pass from timer to timer, so that each fires at its own moment; the number fired."""
    journal, until_ms = world.journal, world.clock.at_ms + int(seconds * 1000)
    fired = 0
    while ripe := [t for t in journal.timers.values() if t.due_ms <= until_ms]:
        timer = min(ripe, key=lambda t: t.due_ms)
        world.clock.at_ms = max(world.clock.at_ms, timer.due_ms)
        fired += await fire(timer, world.clock.at_ms, world, journal)
        assert fired < 10_000, f"{timer.key} is answered again and again"
    world.clock.at_ms = until_ms
    journal.now_ms = max(journal.now_ms, until_ms)
    return fired
