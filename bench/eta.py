"""How wrong a foretold arrival is, and how often its range holds, on days that nobody has seen.

Ambulances drive in SUMO's traffic on Bad Hersfeld's net (`eta_sumo.py`), which is the truth. The
first days teach, as the learner does it: every drive is foretold before anything is learnt from it.
The last day is judged, and taught by as well, as in service. Beside ours stand OSRM's car time on
the same extract, the same times the one factor that fits the teaching days best (a fairer peer: it
knows then that an ambulance is quicker), and our own map at free flow.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from goldenhour.adapters.city.roads import import_roads
from goldenhour.compute.roads import Snapper, TravelTimes
from goldenhour.compute.roads.learn import StreetSpeeds, passages
from goldenhour.compute.roads.match import Matcher
from goldenhour.compute.roads.matched import Sight
from goldenhour.compute.roads.network import Floats
from goldenhour.content.street_speeds import load_street_speeds
from goldenhour.domain.dispatch.arrival import Driven, drag_of, judge, range_of, spread_of, tells
from goldenhour.kernel.geo import Point

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "bench")]

from eta_sumo import HOURS, Run, drive, receive  # noqa: E402 (as above)

MONDAY_MS: Final = 1_795_363_200_000
"""2026-11-23 00:00 in China."""
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
SIGMA_M: Final = 7.0
GOAL_RATIO: Final = 0.5
GOAL_WITHIN: Final = (0.78, 0.82)


class Osrm:
    """OSRM's car time from place to place."""

    def __init__(self, pbf: Path, folder: Path) -> None:
        import osrm  # noqa: PLC0415 (`make bench` installs it)

        from dispatch_peers import build_osrm  # noqa: PLC0415 (as above)

        self._osrm = osrm
        self._engine: Any = osrm.OSRM(
            storage_config=str(build_osrm(pbf, folder)), algorithm="CH", use_shared_memory=False
        )

    def seconds(self, points: Floats) -> float:
        ends = [(lon, lat) for lat, lon in points[[0, -1]].tolist()]
        try:
            told = self._engine.Route(self._osrm.RouteParameters(coordinates=ends))
        except RuntimeError:  # its word for "no way"
            return float("nan")
        return float(told["routes"][0]["duration"])


def list_runs(net: Path, folder: Path, options: argparse.Namespace) -> list[Run]:
    found: list[Run] = []
    for day in range(options.days):
        for hour in HOURS:
            seed = options.seed * 1_000 + day * 24 + hour
            runs = list(drive(net, folder, day, hour, seed))
            print(f"day {day}, {hour} h: {len(runs)} ambulances", file=sys.stderr)
            found += sorted(runs, key=lambda run: run.begun_s + run.took_s)
    return found


def measure(data: Path, options: argparse.Namespace) -> dict[str, Any]:
    extract = data / "bad-hersfeld.osm.gz"
    network = import_roads(extract, lambda _stage, _done, _total: None).network
    rules = load_street_speeds()
    snapper = Snapper(network)
    matcher, speeds = Matcher(network, snapper), StreetSpeeds(network, rules.streets)
    free = TravelTimes.start(network, version=1)
    live = free
    rng = np.random.default_rng(options.seed)
    rows: list[tuple[int, float, float, float, float]] = []
    driven: list[Driven] = []
    with tempfile.TemporaryDirectory(prefix="goldenhour-bench-") as name:
        folder = Path(name)
        from match_peers import convert  # noqa: PLC0415 (`make bench` installs its engines)

        (folder / "osrm").mkdir()
        peer = Osrm(convert(extract, folder / "extract.osm.pbf"), folder / "osrm")
        for run in list_runs(data / "bad-hersfeld.net.xml.gz", folder, options):
            begun_ms = MONDAY_MS + run.day * DAY_MS + run.hour * HOUR_MS + round(run.begun_s * 1e3)
            drag = drag_of(driven, rules.arrival)
            live = live.with_speeds(speeds.factors(begun_ms) / drag, live.version + 1)
            start, end = (snapper.snap(run.points[[row]]) for row in (0, -1))
            ours, plain = (float(at.times_to(end, start).seconds[0]) for at in (live, free))
            theirs = peer.seconds(run.points)
            if not np.isfinite([ours, plain, theirs]).all():
                continue
            rows.append((run.day, run.took_s, ours, plain, theirs))
            if tells(ours, run.took_s, rules.arrival):
                span = range_of(spread_of(driven, rules.arrival), round(ours))
                driven.append(
                    Driven(
                        ended_ms=begun_ms + round(run.took_s * 1e3),
                        foretold_s=ours,
                        took_s=run.took_s,
                        low_s=span.low_s if span else None,
                        high_s=span.high_s if span else None,
                        drag=drag,
                    )
                )
            at_s, seen = receive(run, SIGMA_M, rng)
            sights = [
                Sight(
                    at_ms=begun_ms + round((one_s - run.begun_s) * 1e3),
                    point=Point(lat=lat, lon=lon),
                )
                for one_s, (lat, lon) in zip(at_s.tolist(), seen.tolist(), strict=True)
            ]
            for passage in passages(network, matcher.match(sights), rules.streets.least_s):
                speeds.take(passage)
    return summary(np.array(rows), driven, options)


def summary(rows: Floats, driven: list[Driven], options: argparse.Namespace) -> dict[str, Any]:
    last = rows[:, 0] == options.days - 1
    taught, judged = rows[~last], rows[last]
    fit = float(np.median(taught[:, 1] / taught[:, 4]))

    def error_s(foretold: Floats) -> float:
        return float(np.abs(foretold - judged[:, 1]).mean())

    ours, plain, theirs = (error_s(judged[:, column]) for column in (2, 3, 4))
    fitted = error_s(judged[:, 4] * fit)
    begun_ms = MONDAY_MS + (options.days - 1) * DAY_MS
    quality = judge(
        [one for one in driven if one.ended_ms >= begun_ms], load_street_speeds().arrival
    )
    within = quality.within / quality.ranged if quality and quality.ranged else 0.0
    return {
        "name": "eta",
        "value": round(ours / theirs, 3),
        "unit": "our mean error of an arrival, as a share of OSRM's car time's",
        "goal": f"<= {GOAL_RATIO}; {GOAL_WITHIN[0]:.0%} to {GOAL_WITHIN[1]:.0%} within the range",
        "pass": ours / theirs <= GOAL_RATIO and GOAL_WITHIN[0] <= within <= GOAL_WITHIN[1],
        "n": len(judged),
        "taught": len(taught),
        "mean_error_s": {
            "ours": round(ours, 1),
            "free flow": round(plain, 1),
            "osrm": round(theirs, 1),
            f"osrm times {fit:.2f}": round(fitted, 1),
        },
        "mean_took_s": round(float(judged[:, 1].mean()), 1),
        "within": round(within, 3),
        "ranged": quality.ranged if quality else 0,
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--days", type=int, default=4, help="the last one is judged")
    options = parser.parse_args(arguments)
    data = Path(os.environ.get("GOLDENHOUR_DATA", ROOT.parent / "shared" / "data"))
    try:
        result = measure(data / "cities" / "bad-hersfeld", options)
    except subprocess.CalledProcessError as error:
        raise SystemExit(f"SUMO: {error.stderr.decode()[-2000:]}") from error
    print(json.dumps(result, ensure_ascii=False))
    return 0 if result["pass"] else 1


if __name__ == "__main__":
    sys.exit(main())
