"""A journal in memory and what people see of it: the centre's, or a cut-off vehicle's own."""

from collections.abc import Coroutine, Iterable
from typing import Any

from goldenhour.app.handle import recorded_of
from goldenhour.app.memory import MemoryJournal
from goldenhour.domain import case
from goldenhour.kernel.ids import Entropy
from goldenhour.simulator.api import Live
from goldenhour.views.fold import Folded, Reveal, personal_rows
from goldenhour.views.render import renderer


class World:
    """What `handle` works on."""

    def __init__(self, facts: case.Facts, entropy: Entropy, journal: MemoryJournal) -> None:
        self.journal = journal
        self.facts = facts
        self.entropy = entropy


def at_once[T](work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that waits for nothing."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError("something waits in virtual time")


class Sight:
    def __init__(self, world: World) -> None:
        self.world = world
        self.view = Folded(renderer(world.facts), Reveal({}))
        self.live = Live()
        self._folded = 0

    def fold(self) -> list[str]:
        """Bring the view up to the journal; the streams that were touched, each once."""
        touched: dict[str, None] = {}
        feed = self.world.journal.feed
        while self._folded < len(feed):
            recorded = recorded_of(feed[self._folded])
            self._folded += 1
            self._reveal(personal_rows(recorded))
            patch = self.view.apply(recorded)
            self.live.fold(patch.put, patch.drop)
            touched[recorded.stream] = None
        return list(touched)

    def forget(self, streams: Iterable[str]) -> None:
        for patch in (self.view.forget(streams), self.view.refresh_all()):
            self.live.fold(patch.put, patch.drop)

    def restart(self) -> None:
        """As after the death of the process: the same sight, made anew from the journal."""
        kept, fixes = set(self.view.states), self.live.fixes
        self.view = Folded(renderer(self.world.facts), Reveal({}))
        self.live = Live(fixes=fixes.values())
        for event in self.world.journal.feed[: self._folded]:
            if event.stream in kept:
                recorded = recorded_of(event)
                self._reveal(personal_rows(recorded))
                patch = self.view.apply(recorded)
                self.live.fold(patch.put, patch.drop)

    def _reveal(self, rows: Iterable[str]) -> None:
        personal = self.world.journal.personal
        self.view.reveal.add({row: personal[row][1].content.decode() for row in rows})
