"""Which of many things changed, for whoever keeps something that follows from them.

The keeper remembers the count of changes that it knows; `since` names what changed after that. So
what is kept is never older than what it was made of, and nobody has to be told anything.
"""

from collections import deque
from collections.abc import Iterable
from itertools import islice
from typing import Final

KEPT: Final = 5_000
"""More than these make everything anew; it bounds memory."""


class Changes:
    def __init__(self) -> None:
        self.count = 0
        self._newest: deque[str] = deque(maxlen=KEPT)

    def note(self, idents: Iterable[str]) -> None:
        for ident in idents:
            self.count += 1
            self._newest.append(ident)

    def since(self, count: int) -> frozenset[str] | None:
        """None: too many to tell."""
        missed = self.count - count
        if missed > len(self._newest):
            return None
        return frozenset(islice(reversed(self._newest), missed))
