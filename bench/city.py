"""A whole city in virtual time: simulated seconds a second, on one core.

Every call goes through decide, evolve, react, timers and the in-memory journal with its hash chain;
dispatchers, crews and hospitals act through the product's own commands; positions are computed when
something asks. The city is the one that is built here (`goldenhour city build`), its fleet made as
large as asked. Runs are repeated with other seeds; the goal is the issue's own, 1,000 times.
"""

import argparse
import gc
import json
import os
import statistics
import sys
from collections.abc import Sequence
from time import perf_counter, process_time

from msgspec.structs import replace

from goldenhour.domain.register.city import City, CityUnit
from goldenhour.kernel.time import HOUR_MS, SECOND_MS
from goldenhour.main import virtual_city
from goldenhour.main.city_file import read_city
from goldenhour.main.settings import load_settings

GOAL = 1_000


def enlarged(city: City, vehicles: int) -> City:
    """As many units as asked: the city's own, then copies at the same stations in turn."""
    units = list(city.units[:vehicles])
    for number in range(len(units), vehicles):
        like = city.units[number % len(city.units)]
        name = f"{like.call_sign}-{number}"
        units.append(
            CityUnit(
                id=f"{like.id}-{number}",
                call_sign=name,
                station_id=like.station_id,
                kind=like.kind,
                assumed=like.assumed,
            )
        )
    return replace(city, units=tuple(units))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--hours", type=float, default=24.0, help="virtual, of one run")
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--vehicles", type=int, default=224)
    parser.add_argument("--calls-per-day", type=float, default=450)
    options = parser.parse_args(arguments)
    folder = load_settings(os.environ).city_dir
    city = read_city(folder)
    if city is None:
        raise SystemExit(f"There is no city in {folder}: run `goldenhour city build` first.")
    city = enlarged(city, options.vehicles)
    speeds, wall, cases, events = [], [], [], []
    for seed in range(1, options.repetitions + 1):
        virtual = virtual_city.build(
            city, folder, seed=seed, calls_per_day=options.calls_per_day, seats=None
        )
        gc.collect()
        began, cpu = perf_counter(), process_time()
        virtual.run(virtual_city.START_MS + round(options.hours * HOUR_MS))
        spent, spent_cpu = perf_counter() - began, process_time() - cpu
        simulated_s = options.hours * HOUR_MS / SECOND_MS
        speeds.append(simulated_s / spent)
        wall.append(simulated_s / spent_cpu)
        opened = sum(stream.startswith("incident:") for stream in virtual.journal.streams)
        cases.append(opened / spent)
        events.append(len(virtual.journal.feed) / spent)
        print(f"seed {seed}: {speeds[-1]:,.0f} x, {opened} cases", file=sys.stderr)
    value = statistics.median(speeds)
    print(
        json.dumps(
            {
                "name": "city",
                "value": round(value),
                "unit": "simulated seconds a second",
                "goal": f">= {GOAL}",
                "pass": value >= GOAL,
                "n": options.repetitions,
                "spread": {
                    "min": round(min(speeds)),
                    "max": round(max(speeds)),
                    "per_cpu_second": round(statistics.median(wall)),
                    "cases_per_s": round(statistics.median(cases), 1),
                    "events_per_s": round(statistics.median(events)),
                },
                "peer": "real time",
                "peer_value": 1,
                "ratio": round(value),
            }
        )
    )
    return 0 if value >= GOAL else 1


if __name__ == "__main__":
    sys.exit(main())
