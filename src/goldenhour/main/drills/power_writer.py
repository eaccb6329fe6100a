"""The writer of the power drill: one set of vital signs after another, said once it is durable.

python -m goldenhour.main.drills.power_writer STORE [--plant]
"""

import sys
from itertools import count
from pathlib import Path

from goldenhour.adapters.edge import schema
from goldenhour.adapters.edge.ledger import Ledger
from goldenhour.kernel.telemetry import Numeric, NumericSet, Sign
from goldenhour.main.clock import SystemClock, entropy


def main(path: Path, *, plant: bool) -> None:
    if plant:
        # The store refuses to open like this, so its own check must be deceived as well.
        schema.PRAGMAS = ("pragma journal_mode = wal", "pragma synchronous = normal")  # type: ignore[misc] # the planted bug
        schema._FULL = 1  # type: ignore[misc] # noqa: SLF001 (as above)
    clock = SystemClock()
    ledger = Ledger(path, entropy, clock.now_ms())
    for number in count(1):
        ledger.append_numerics(
            [
                NumericSet(
                    device_id="monitor",
                    unit_id="A-01",
                    device_ms=number,
                    received_ms=clock.now_ms(),
                    values=(Numeric(sign=Sign.SPO2, value=97.0, note=""),),
                )
            ]
        )
        print(number, flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), plant="--plant" in sys.argv[2:])
