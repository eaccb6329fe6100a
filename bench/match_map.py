"""How much of the way is told wrongly, from positions every 10 s and every 30 s.

On one town, ours, Meili and OSRM are given the same positions, drive by drive in turns. Wrong is
what was told and not driven (or driven the other way) plus what was driven and not told, as a share
of what was driven. Ways that some engine does not tell rightly even without errors are left out
(streets that its rules for cars close), so that all are judged on streets that all know.

Ours is told what a JT/T 808 terminal sends with every place, speed and heading, both with a
receiver's errors; Meili can be told neither, so ours from places alone stands beside it.
Two truths: ways over the importer's network, or ambulances in SUMO's traffic on the town's own net
(`--truth sumo`). What ours believes was set on drives of seeds 11 and 12 and of SUMO's seed 21;
judge it on others.
"""

import argparse
import itertools
import json
import os
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from time import process_time
from typing import Any, Final

import numpy as np

from goldenhour.adapters.city.roads import import_roads
from goldenhour.compute.roads import RoadNetwork, Snapper
from goldenhour.compute.roads.match import Matcher
from goldenhour.compute.roads.matched import Belief, Sight, stretches
from goldenhour.compute.roads.network import Floats
from goldenhour.kernel.geo import Point

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench")]

from match_drives import (  # noqa: E402 (as above)
    SHORTEST_M,
    Drive,
    Seen,
    drives,
    length_m,
    see,
    told_of,
    wrong_m,
)

SAMPLINGS_S: Final = (10, 30)
KNOWN_S: Final = 5
"""Sampling of the positions without error by which ways are chosen."""
KNOWN_SHARE: Final = 0.005
GOAL: Final = 0.5
MEILIS: Final = ("meili", "meili_told")
LANES_M: Final = 10.0
"""So far SUMO's lanes, and its ways through junctions, may lie from a street's line."""
TRUTHS: Final = {
    "network": "quickest ways on the importer's network at random speeds; no traffic simulation",
    "sumo": "ambulances in SUMO's traffic: speed factor 1.3, blue-light device, no sublanes",
}
REDRAWS: Final = 1_000

type Engine = Callable[[Seen], list[Floats]]


class Tally:
    """Of one engine at one sampling."""

    def __init__(self) -> None:
        self.wrong_m: list[float] = []
        self.points = 0
        self.cpu_s = 0.0

    @property
    def points_per_s(self) -> int:
        return round(self.points / self.cpu_s) if self.cpu_s else 0


def ours(network: RoadNetwork, *, places_only: bool = False) -> Engine:
    matcher = Matcher(network, Snapper(network), Belief())

    def match(seen: Seen) -> list[Floats]:
        sights = [
            Sight(
                at_ms=round(at_s * 1_000),
                point=Point(lat=lat, lon=lon),
                heading_deg=None if places_only or deg != deg else deg,  # noqa: PLR0124 (NaN)
                speed_m_s=None if places_only else speed_m_s,
            )
            for at_s, (lat, lon), deg, speed_m_s in zip(
                seen.at_s.tolist(),
                seen.points.tolist(),
                seen.heading_deg.tolist(),
                seen.speed_m_s.tolist(),
                strict=True,
            )
        ]
        return [
            network.line_of(stretch.arcs, stretch.start, stretch.end)
            for stretch in stretches(matcher.match(sights))
        ]

    return match


def open_peers(extract: Path, folder: Path) -> dict[str, Engine]:
    from match_peers import Osrm, convert, open_meili  # noqa: PLC0415 (`make bench` installs them)

    sigma_m = Belief().sigma_m
    for name in ("meili", "osrm"):
        (folder / name).mkdir()
    pbf = convert(extract, folder / "town.osm.pbf")
    meilis = open_meili(pbf, folder / "meili", sigma_m)
    found: dict[str, Engine] = {name: meili.match for name, meili in meilis.items()}
    osrm = Osrm(pbf, folder / "osrm", sigma_m)
    return found | {"osrm": osrm.match, "osrm_heading": osrm.match_headed}


def unknown_to(engines: dict[str, Engine], drive: Drive) -> list[str]:
    """The engines that do not know this way."""
    seen = see(drive, KNOWN_S, None)
    truth = told_of(drive, seen)
    most_m = KNOWN_SHARE * length_m(truth)
    return [
        name
        for name, match in engines.items()
        if wrong_m(match(seen), truth, drive.beside_m) > most_m
    ]


def driven_in_sumo(net: Path, folder: Path, seed: int) -> Iterator[Drive]:
    from eta_sumo import HOURS, drive  # noqa: PLC0415 (`make bench` installs it)

    for day in itertools.count():
        for hour in HOURS:
            for run in drive(net, folder, day, hour, seed * 1_000 + day * 24 + hour, every_s=1):
                line = Drive(run.points, run.at_s - run.at_s[0], LANES_M)
                if length_m(line.line) >= SHORTEST_M:
                    yield line


def measure(city: Path, options: argparse.Namespace) -> dict[str, Any]:
    extract = city / f"{city.name}.osm.gz"
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    rng = np.random.default_rng(options.seed)
    with tempfile.TemporaryDirectory(prefix="goldenhour-bench-") as folder:
        engines = {"ours": ours(network)}
        if not options.without_peers:
            engines |= open_peers(extract, Path(folder))
        unknown: dict[str, int] = dict.fromkeys(engines, 0)
        known: list[Drive] = []
        if options.truth == "sumo":
            (Path(folder) / "sumo").mkdir()
            net = city / f"{city.name}.net.xml.gz"
            driven = driven_in_sumo(net, Path(folder) / "sumo", options.seed)
        else:
            driven = drives(network, rng)
        while len(known) < options.drives:
            drive = next(driven)
            strangers = unknown_to(engines, drive)
            for name in strangers:
                unknown[name] += 1
            if not strangers:
                known.append(drive)
        print(f"{len(known)} ways that all know; not known: {unknown}", file=sys.stderr)
        engines["ours_places"] = ours(network, places_only=True)
        driven_m = dict.fromkeys(SAMPLINGS_S, 0.0)
        found = {every_s: {name: Tally() for name in engines} for every_s in SAMPLINGS_S}
        for number, drive in enumerate(known):
            for every_s in SAMPLINGS_S:
                seen = see(drive, every_s, np.random.default_rng((options.seed, number, every_s)))
                truth = told_of(drive, seen)
                driven_m[every_s] += length_m(truth)
                # Whoever is first finds a cold cache: each begins in its turn.
                names = list(engines)
                for name in names[number % len(names) :] + names[: number % len(names)]:
                    tally = found[every_s][name]
                    began = process_time()
                    lines = engines[name](seen)
                    tally.cpu_s += process_time() - began
                    tally.points += len(seen.at_s)
                    tally.wrong_m.append(wrong_m(lines, truth, drive.beside_m))
    return {"found": found, "unknown": unknown, "driven_m": driven_m}


def ratio_range(mine: Sequence[float], theirs: Sequence[float]) -> list[float]:
    """95 % of the ratios of sums when drives are drawn again."""
    rng = np.random.default_rng(1)
    drawn = rng.integers(len(mine), size=(REDRAWS, len(mine)))
    ratios = np.array(mine)[drawn].sum(1) / np.maximum(np.array(theirs)[drawn].sum(1), 1e-9)
    return [round(float(np.quantile(ratios, q)), 3) for q in (0.025, 0.975)]


def summary(result: dict[str, Any], options: argparse.Namespace) -> dict[str, Any]:
    found: dict[int, dict[str, Tally]] = result["found"]
    driven_m: dict[int, float] = result["driven_m"]
    ratios: dict[str, dict[int, float]] = {"ours": {}, "ours_places": {}}
    ranges: dict[int, list[float]] = {}
    for every_s, tallies in found.items():
        meilis = [tallies[name].wrong_m for name in MEILIS if name in tallies]
        if meilis:
            best = min(meilis, key=sum)
            ranges[every_s] = ratio_range(tallies["ours"].wrong_m, best)
            for name, of_name in ratios.items():
                of_name[every_s] = round(sum(tallies[name].wrong_m) / max(sum(best), 1e-9), 3)
    worst = max(ratios["ours"].values(), default=None)
    return {
        "name": "match-map",
        "value": worst,
        "unit": "wrong length, ours over Meili's, the worse of 10 s and 30 s",
        "goal": f"<= {GOAL}",
        "pass": worst is not None and worst <= GOAL,
        "n": options.drives,
        "spread": {
            "ratio": ratios["ours"],
            "ratio_95": ranges,
            "ratio_places": ratios["ours_places"],
        },
        "peer": "the better of Meili's own settings and Meili told our sigma",
        "wrong_share": {
            every_s: {
                name: round(sum(t.wrong_m) / driven_m[every_s], 5) for name, t in tallies.items()
            }
            for every_s, tallies in found.items()
        },
        "points_per_s": {
            every_s: {name: t.points_per_s for name, t in tallies.items()}
            for every_s, tallies in found.items()
        },
        "driven_km": {every_s: round(m / 1_000, 1) for every_s, m in driven_m.items()},
        "not_known": result["unknown"],
        "truth": TRUTHS[options.truth],
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drives", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--truth", choices=TRUTHS, default="network")
    parser.add_argument("--without-peers", action="store_true", help="quick; never passes")
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("GOLDENHOUR_DATA", ROOT / "../shared/data"))
    city = data / "cities/bad-hersfeld"
    if not city.is_dir():
        print(f"There is no {city}: set GOLDENHOUR_DATA to the shared data.", file=sys.stderr)
        return 1
    result = summary(measure(city, options), options)
    print(json.dumps(result))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
