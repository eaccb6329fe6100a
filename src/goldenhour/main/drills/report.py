"""What a drill is given and what it answers: one JSON line, and an exit code."""

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from goldenhour.kernel.record import Record

RED: Final = 1


class Options(Record):
    n: int | None = None
    """How many tampers, messages, races or kills; None: the drill's own number."""
    seed: int = 1
    plant: bool = False
    """Plant the drill's bug: it must then turn red."""


class Report(Record):
    name: str
    value: float
    unit: str
    goal: float
    passed: bool = msgspec.field(name="pass")
    n: int
    spread: dict[str, float]
    """Further figures by name: minima, maxima, what the value is made of."""

    def print(self) -> int:
        """Print the line and return the exit code: 0 only when the goal was met."""
        print(msgspec.json.encode(self).decode(), flush=True)
        return 0 if self.passed else RED


def start(run: Callable[[Options], Report], arguments: Sequence[str] | None) -> int:
    """The command line of a drill; the report is the last line printed."""
    parser = argparse.ArgumentParser(description=sys.modules[run.__module__].__doc__)
    parser.add_argument("--n", type=int, help="how many; by default the drill's own number")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--plant", action="store_true", help="plant the drill's bug: must be red")
    given = parser.parse_args(arguments)
    return run(Options(n=given.n, seed=given.seed, plant=given.plant)).print()


def say(text: str) -> None:
    """Progress, for a person; standard output belongs to the report."""
    print(text, file=sys.stderr, flush=True)
