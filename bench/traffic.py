"""How soon 500 streets at new speeds count, and whether anybody who asks meanwhile has to wait.

On Porto with 300 units: from the moment when the speeds are told until an answer rests on them,
while whole questions ("whom do we send?", as `bench dispatch` asks) go on one after another. Held
up is what a question takes longer than the median of those asked while nothing changes; they go on
for a while after each change, since the next one is prepared for then. Beside it,
in turns, OSRM takes as many changed segments the way it is meant to: `osrm-customize`, the files
loaded anew, one table answered. Few streets, as when roads are shut, are changed beside that.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from pathlib import Path
from time import perf_counter
from typing import Any

import osmium

from goldenhour.adapters.city.roads import import_roads
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.main.memory import settle

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/property")]

from dispatch import JAM_STREETS, RULES, Jam, ask, percentile  # noqa: E402 (as above)
from dispatch_city import City  # noqa: E402 (as above)

UNITS = 300
FEW_STREETS = 25
"""As many as are shut at once where a market is held."""
INCIDENTS = 40
GOAL_SEEN_MS = 80.0
GOAL_HELD_UP_MS = 5.0
QUIET_QUESTIONS = 200
BETWEEN_QUESTIONS_S = 0.01
BETWEEN_CHANGES_S = 0.2
"""Speeds are learnt once a minute, and feeds are asked every quarter of one."""
SLOW_KMH = 7


async def change(
    city: City, travel: RoadTravel, jam: Jam, streets: int = JAM_STREETS
) -> tuple[float, list[float]]:
    """(until an answer rests on the new speeds, each question meanwhile), in ms."""
    asked_ms: list[float] = []
    scenes = list(city.scenes)
    update = jam.next(streets)
    begin = perf_counter()
    changing = asyncio.create_task(travel.change_speeds(update))
    seen_ms = 0.0
    while not seen_ms or perf_counter() - begin < seen_ms / 1_000 + BETWEEN_CHANGES_S:
        took = perf_counter()
        version = ask(city, travel, scenes[len(asked_ms) % len(scenes)]).metric_version
        asked_ms.append((perf_counter() - took) * 1_000)
        if not seen_ms and changing.done() and version >= changing.result():
            seen_ms = (perf_counter() - begin) * 1_000
        # Whoever asks the moment when it is done has no pause of ours to wait for.
        await asyncio.wait([changing], timeout=BETWEEN_QUESTIONS_S)
        if seen_ms:
            await asyncio.sleep(BETWEEN_QUESTIONS_S)
    return seen_ms, asked_ms


async def quiet(city: City, travel: RoadTravel) -> list[float]:
    """As often, with nothing changing."""
    asked_ms: list[float] = []
    scenes = list(city.scenes)
    for number in range(QUIET_QUESTIONS):
        took = perf_counter()
        ask(city, travel, scenes[number % len(scenes)])
        asked_ms.append((perf_counter() - took) * 1_000)
        await asyncio.sleep(BETWEEN_QUESTIONS_S)
    return asked_ms


def segments(extract: Path) -> Iterator[tuple[int, int]]:
    """Pairs of neighbouring nodes of the extract's streets."""
    for way in osmium.FileProcessor(str(extract), osmium.osm.WAY):
        assert isinstance(way, osmium.osm.Way)
        if way.tags.get("highway") in ("primary", "secondary", "tertiary", "residential"):
            yield from pairwise(node.ref for node in way.nodes)


async def measure(extract: Path, options: argparse.Namespace) -> dict[str, Any]:
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    travel = RoadTravel(network, RULES.dispatch.crow_speed_kmh)
    jam = Jam(network, seed=1)
    city = City(network, travel, UNITS, seed=UNITS)
    await city.open(INCIDENTS)
    found: dict[str, list[float]] = {name: [] for name in ("seen", "few", "asked", "quiet", "osrm")}
    with tempfile.TemporaryDirectory(prefix="goldenhour-bench-") as name:
        from dispatch_peers import OsrmTraffic  # noqa: PLC0415 (only `make bench` installs it)

        print("building OSRM", file=sys.stderr)
        peer = OsrmTraffic(extract, Path(name))
        # Every other one: a street's segments are neighbours.
        pairs = list(islice(segments(extract), 0, 2 * JAM_STREETS * options.peer_changes, 2))
        for repetition in range(options.repetitions):
            found["quiet"] += await quiet(city, travel)
            for _one in range(options.changes):
                seen_ms, asked_ms = await change(city, travel, jam)
                found["seen"].append(seen_ms)
                found["asked"] += asked_ms
            for _one in range(options.changes):
                found["few"].append((await change(city, travel, jam, FEW_STREETS))[0])
            if repetition < options.peer_changes:
                mine = pairs[repetition * JAM_STREETS :][:JAM_STREETS]
                begin = perf_counter()
                peer.change([(*pair, SLOW_KMH) for pair in mine])
                found["osrm"].append((perf_counter() - begin) * 1_000)
            print(f"repetition {repetition} done", file=sys.stderr)
    return summary(found)


def summary(found: dict[str, list[float]]) -> dict[str, Any]:
    seen_ms = statistics.median(found["seen"])
    usual_ms = statistics.median(found["quiet"])
    osrm_ms = statistics.median(found["osrm"])
    held_up = [max(0.0, took - usual_ms) for took in found["asked"]]
    return {
        "name": "traffic",
        "value": round(seen_ms, 1),
        "unit": f"ms until {JAM_STREETS} changed streets count in the next answer, median",
        "goal": f"<= {GOAL_SEEN_MS:.0f} ms; no question is held up by more than"
        f" {GOAL_HELD_UP_MS:.0f} ms",
        "pass": seen_ms <= GOAL_SEEN_MS and max(held_up) <= GOAL_HELD_UP_MS,
        "n": len(found["seen"]),
        "spread": {
            "min": round(min(found["seen"]), 1),
            "p99": round(percentile(found["seen"], 0.99), 1),
            "max": round(max(found["seen"]), 1),
        },
        "few_streets": {
            "streets": FEW_STREETS,
            "seen_ms_p50": round(statistics.median(found["few"]), 1),
            "seen_ms_p99": round(percentile(found["few"], 0.99), 1),
        },
        "held_up_ms": {
            "p50": round(percentile(held_up, 0.5), 2),
            "p99": round(percentile(held_up, 0.99), 2),
            "max": round(max(held_up), 2),
            "questions": len(held_up),
        },
        "quiet_ms": {
            "p50": round(usual_ms, 2),
            "p99": round(percentile(found["quiet"], 0.99), 2),
            "max": round(max(found["quiet"]), 2),
        },
        "peer": "osrm-customize, files loaded anew, one table answered, in ms",
        "peer_value": round(osrm_ms, 1),
        "ratio": round(osrm_ms / seen_ms, 1),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--changes", type=int, default=20, help="in each repetition")
    parser.add_argument("--peer-changes", type=int, default=5, help="of OSRM, one a repetition")
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("GOLDENHOUR_DATA", ROOT / "../shared/data"))
    extract = data / "cities/porto/porto.osm.pbf"
    if not extract.is_file():
        print(f"There is no {extract}: set GOLDENHOUR_DATA to the shared data.", file=sys.stderr)
        return 1
    settle()  # at its start, as the api
    result = asyncio.run(measure(extract, options))
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
