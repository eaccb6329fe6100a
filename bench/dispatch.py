"""The whole answer "whom do we send?": ranked, with reasons, for 300 and 1,000 units in Porto.

Timed is `advise.recommend_for`, the function behind /api/recommend: travel times of all units at
live speeds, gates, ranking, reasons. Before each question some units have moved and one has come on
duty or gone off, so that nothing stays prepared between two questions. Beside it, in turns, OSRM's
table and Valhalla's `timedistancematrix` answer the times alone. Every answer given is then
compared with a plain Dijkstra on another form of the graph. How soon new speeds count is
`bench traffic`.
"""

import argparse
import asyncio
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np

from goldenhour.adapters.city.roads import import_roads
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.advise import Grounds, recommend_for
from goldenhour.app.travel_times import Spots
from goldenhour.compute.roads import RoadNetwork, Snapper, Snaps, SpeedUpdate
from goldenhour.content.rules import load_rules
from goldenhour.main.memory import settle
from goldenhour.views.answers import RecommendAnswer

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench"), str(ROOT / "tests/property")]

from roads_oracle import oracle_s  # noqa: E402 (as above: the independent Dijkstra of the tests)

from dispatch_city import NOW_MS, City  # noqa: E402 (the folders beside this one, named above)

GOALS_MS = {300: (1.0, 3.0), 1_000: (1.5, 3.5)}
"""Units -> p50 and p99."""
GOAL_RATIO = 20.0
INCIDENTS = 40
MOVES = 0.1
"""The share of units that report between two questions."""
JAM_STREETS = 500
RULES = load_rules()

type Asked = tuple[str, RecommendAnswer]


class Took(NamedTuple):
    wall_ms: float
    cpu_ms: float
    """Of this process: what a machine that others use too can still tell."""


def timed(work: Callable[[], object]) -> Took:
    begin, spent = perf_counter(), process_time()
    work()
    return Took((perf_counter() - begin) * 1_000, (process_time() - spent) * 1_000)


def percentile(values: Sequence[float], share: float) -> float:
    return float(np.percentile(values, 100 * share))


class Jam:
    """Changes of speed by whole streets: both directions of some pieces, each time others."""

    def __init__(self, network: RoadNetwork, seed: int) -> None:
        self.factors = np.ones(network.arc_count)
        """What the oracle is told."""
        self._network = network
        self._rng = np.random.default_rng(seed)

    def next(self, streets: int = JAM_STREETS) -> SpeedUpdate:
        pieces = self._rng.choice(len(self._network.forward), streets, replace=False)
        sides = np.concatenate((self._network.forward[pieces], self._network.backward[pieces]))
        arcs = sides[sides >= 0]
        speeds = self._rng.choice(np.array([0.0, 0.2, 0.5, 1.0, 1.3]), size=len(arcs))
        self.factors[arcs] = speeds
        return SpeedUpdate(arcs=arcs, factors=speeds)


def ask(city: City, travel: RoadTravel, incident_id: str) -> RecommendAnswer:
    grounds = Grounds(
        view=city.view,
        positions=city.positions,
        travel=travel,
        facts=city.facts,
        rules=RULES.dispatch,
        now_ms=NOW_MS,
        fleet=city.fleet,
    )
    answer = recommend_for(grounds, incident_id)
    assert isinstance(answer, RecommendAnswer), answer
    return answer


def count_wrong(
    network: RoadNetwork, jam: Jam, city: City, travel: RoadTravel, incidents: Sequence[str]
) -> tuple[int, int]:
    """(answers that differ from Dijkstra, answers compared): exact times and shown seconds."""
    snapper = Snapper(network)
    wrong = compared = 0
    spots = {unit: city.positions.find_spot(unit) for unit in city.positions.fixes}
    for incident_id in incidents:
        target = travel.locate_fixed(city.scenes[incident_id])
        legs = travel.times_to(target, Spots.of([spot for spot in spots.values() if spot])).legs
        answer = ask(city, travel, incident_id)
        shown = {u.unit_id: u for u in (*answer.ranked, *answer.skipped)}
        sources = snapped(snapper, city)
        there = snapper.find_nearest(city.scenes[incident_id])
        assert isinstance(there, Snaps)
        true_s = oracle_s(network, jam.factors, sources, there)
        for unit, leg, seconds in zip(spots, legs, true_s, strict=True):
            exact = None if np.isinf(seconds) else float(np.float32(seconds))
            told = None if leg.estimated else leg.seconds
            short = None if shown[unit].estimated else shown[unit].eta_s
            compared += 1
            wrong += told != exact or short != (None if exact is None else round(exact))
    return wrong, compared


def snapped(snapper: Snapper, city: City) -> Snaps:
    """Every unit's newest position, snapped here and now, all at once."""
    fixes = list(city.positions.fixes.values())
    points = [(fix.point.lat, fix.point.lon) for fix in fixes if fix.point]
    return snapper.snap(
        np.array(points),
        np.array([fix.heading_deg for fix in fixes], dtype=float),
        np.array([fix.speed_kmh / 3.6 for fix in fixes]),
    )


async def measure(extract: Path, options: argparse.Namespace) -> dict[str, Any]:
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    travel = RoadTravel(network, RULES.dispatch.crow_speed_kmh)
    jam = Jam(network, seed=1)
    await travel.change_speeds(jam.next())
    cities = {units: City(network, travel, units, seed=units) for units in GOALS_MS}
    for city in cities.values():
        await city.open(INCIDENTS)
    ours: dict[int, list[list[Took]]] = {units: [] for units in GOALS_MS}
    peers: dict[str, dict[int, list[list[Took]]]] = {}
    placing_ms: list[float] = []
    with tempfile.TemporaryDirectory(prefix="goldenhour-bench-") as folder:
        engines = {} if options.without_peers else open_peers(extract, Path(folder))
        peers = {name: {units: [] for units in GOALS_MS} for name in engines}
        for repetition in range(options.repetitions):
            await travel.change_speeds(jam.next())
            for units, city in cities.items():
                scenes = list(city.scenes)
                runs: list[Took] = []
                for number in range(options.questions):
                    begin = perf_counter()
                    moved = city.move(MOVES)
                    placing_ms.append((perf_counter() - begin) * 1_000 / max(1, moved))
                    await city.change_duty()
                    incident_id = scenes[number % len(scenes)]
                    runs.append(timed(lambda: ask(city, travel, incident_id)))  # noqa: B023 (called at once)
                ours[units].append(runs)
                for name, engine in engines.items():
                    points = [fix.point for fix in city.positions.fixes.values() if fix.point]
                    peers[name][units].append(
                        [
                            timed(lambda: engine.ask(question))  # noqa: B023 (called at once)
                            for question in (
                                engine.prepare(points, city.scenes[scene])
                                for scene in scenes[: options.peer_questions]
                            )
                        ]
                    )
            print(f"repetition {repetition} done", file=sys.stderr)
    wrong = compared = 0
    for city in cities.values():
        some = list(city.scenes)[: options.oracle_scenes]
        found = count_wrong(network, jam, city, travel, some)
        wrong, compared = wrong + found[0], compared + found[1]
    return {
        "ours": ours,
        "peers": peers,
        "wrong": wrong,
        "compared": compared,
        "placing_ms": statistics.median(placing_ms),
    }


def open_peers(extract: Path, folder: Path) -> dict[str, Any]:
    from dispatch_peers import Osrm, Valhalla  # noqa: PLC0415 (only `make bench` installs them)

    engines = {}
    for kind in (Osrm, Valhalla):
        print(f"building {kind.__name__}", file=sys.stderr)
        (folder / kind.__name__).mkdir()
        engines[kind.__name__.lower()] = kind(extract, folder / kind.__name__)
    return engines


def told(runs: list[list[Took]]) -> dict[str, float]:
    """Medians over the repetitions of each one's p50 and p99, in milliseconds."""

    def median(share: float, values: Callable[[Took], float]) -> float:
        return round(statistics.median(percentile(list(map(values, r)), share) for r in runs), 2)

    return {
        "p50": median(0.5, lambda took: took.wall_ms),
        "p99": median(0.99, lambda took: took.wall_ms),
        "cpu_p50": median(0.5, lambda took: took.cpu_ms),
    }


def summary(found: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    ours = {units: told(runs) for units, runs in found["ours"].items()}
    peers = {
        name: {units: told(runs) for units, runs in by_units.items()}
        for name, by_units in found["peers"].items()
    }
    osrm = peers.get("osrm", {})
    ratios = {units: round(osrm[units]["p50"] / ours[units]["p50"], 1) for units in osrm}
    cpu_ratios = {u: round(osrm[u]["cpu_p50"] / ours[u]["cpu_p50"], 1) for u in osrm}
    p99s = [percentile([took.wall_ms for took in r], 0.99) for r in found["ours"][1_000]]
    in_time = all(
        ours[units]["p50"] <= p50 and ours[units]["p99"] <= p99
        for units, (p50, p99) in GOALS_MS.items()
    )
    return {
        "name": "dispatch",
        "value": ours[1_000]["p50"],
        "unit": "ms, p50 of the whole answer for 1,000 units",
        "goal": f"p50 and p99 in ms {GOALS_MS}; >= {GOAL_RATIO:.0f} x OSRM; 0 wrong",
        "pass": in_time
        and bool(ratios)
        and min(ratios.values()) >= GOAL_RATIO
        and found["wrong"] == 0,
        "n": options.repetitions * options.questions,
        "spread": {
            "ms": ours,
            "p99_min": round(min(p99s), 2),
            "p99_max": round(max(p99s), 2),
        },
        "peer": "OSRM CH table, times alone, p50 for 1,000 units in ms",
        "peer_value": osrm[1_000]["p50"] if osrm else None,
        "ratio": ratios.get(1_000),
        "ratios": ratios,
        "cpu_ratios": cpu_ratios,
        "peers_ms": peers,
        "wrong": found["wrong"],
        "compared": found["compared"],
        "placing_ms_per_position": round(found["placing_ms"], 4),
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--questions", type=int, default=200, help="in each repetition")
    parser.add_argument("--peer-questions", type=int, default=5, help="of each peer, as above")
    parser.add_argument("--oracle-scenes", type=int, default=10, help="compared with Dijkstra")
    parser.add_argument("--without-peers", action="store_true", help="quick; never passes")
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("GOLDENHOUR_DATA", ROOT / "../shared/data"))
    extract = data / "cities/porto/porto.osm.pbf"
    if not extract.is_file():
        print(f"There is no {extract}: set GOLDENHOUR_DATA to the shared data.", file=sys.stderr)
        return 1
    settle()  # at its start, as the api
    result = summary(asyncio.run(measure(extract, options)), options)
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
