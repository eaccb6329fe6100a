"""A virtual day of a whole city in which links are cut, devices lie and processes die, from a seed.

Everybody works on: the invariants of ARCHITECTURE.md must hold at the end. `--n` is the count of
virtual hours; the same seed is the same day, and the report names the command that plays it again.

Planted bug: the journal forgets which commands it has taken: a repeated one is a second deed.
"""

import os
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from goldenhour.adapters.city.files import ROADS_FILE
from goldenhour.kernel.time import HOUR_MS
from goldenhour.main.city import ensure_city
from goldenhour.main.city_file import read_city
from goldenhour.main.drills.report import Options, Report, say, start
from goldenhour.main.settings import load_settings
from goldenhour.main.virtual_city import START_MS, build
from goldenhour.simulator import invariants
from goldenhour.simulator.trouble import CityTrouble
from goldenhour.simulator.virtual import VirtualCity

N: Final = 24
SHOWN: Final = 20


class Forgetful(dict[tuple[str, int], bytes]):
    """The planted bug."""

    def get(self, _key: object, _default: object = None) -> None:  # type: ignore[override] # that is the bug
        return None


def run(options: Options) -> Report:
    hours = options.n or N
    with ExitStack() as stack:
        folder = _city_folder(stack)
        city = read_city(folder)
        if city is None or not city.units:
            raise SystemExit(f"There is no city with vehicles in {folder}: nothing would happen.")
        virtual = build(city, folder, seed=options.seed, calls_per_day=None, seats=None)
    if options.plant:
        virtual.journal.fingerprints = Forgetful()
    trouble = CityTrouble(virtual, options.seed)
    faults = _live(virtual, hours) + trouble.noticed
    for fault in faults[:SHOWN]:
        say(fault)
    if faults:
        say(f"again: goldenhour drill sim --seed {options.seed} --n {hours}")
    return Report(
        name="sim",
        value=len(faults),
        unit="invariants that did not hold",
        goal=0,
        passed=not faults,
        n=len(virtual.journal.feed),
        spread={name: float(count) for name, count in trouble.counts.items()}
        | {"hours": hours, "units": len(city.units), "commands": virtual.commands},
    )


def main(arguments: Sequence[str] | None = None) -> int:
    return start(run, arguments)


def _live(virtual: VirtualCity, hours: int) -> list[str]:
    """An exception is a fault like any other, told with what has been reached."""
    for hour in range(1, hours + 1):
        try:
            virtual.run(START_MS + hour * HOUR_MS)
        except Exception as error:  # noqa: BLE001 (whatever it is: it is what the drill looks for)
            return [f"hour {hour}: {type(error).__name__}: {error}", *invariants.broken(virtual)]
    return invariants.broken(virtual)


def _city_folder(stack: ExitStack) -> Path:
    """The city that is built here, else the small town, built for the occasion."""
    own = load_settings(os.environ).city_dir
    if (own / ROADS_FILE).is_file():
        return own
    made = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="goldenhour-sim-"))) / "city"
    ensure_city(made, source=None, overrides=None, town=True, say=say)
    return made


if __name__ == "__main__":
    sys.exit(main())
