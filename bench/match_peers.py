"""The peers of `match-map`: Meili (Valhalla's trace_attributes) and OSRM's match.

Both run in this process, on the same extract, and are told the same of the receiver as ours. Meili
is asked with its own settings too; the better of its two answers counts. Neither takes a speed, and
Meili no heading: a point of its trace is a place with accuracy, radius and time and no more
(valhalla/meili/measurement.h). A right or a wrong heading in its request moves no street of its
answers, only where the first and the last edge are cut. OSRM takes headings and is asked with them
as well.
"""

import json
from pathlib import Path
from typing import Any, Final

import numpy as np
import osmium
import osrm
import valhalla

from dispatch_peers import build_osrm
from goldenhour.adapters.city.valhalla_tiles import build_valhalla
from goldenhour.adapters.routing.adapter import decode_shape
from goldenhour.adapters.routing.config import engine_config
from goldenhour.compute.roads.network import Floats
from match_drives import Seen

EPOCH_S: Final = 1_795_300_000
BEARING_RANGE_DEG: Final = 45


def convert(extract: Path, target: Path) -> Path:
    """As `.osm.pbf`, sorted, which both can read."""
    reader = osmium.MergeInputReader()
    reader.add_file(str(extract))
    with osmium.SimpleWriter(str(target)) as writer:
        reader.apply(writer)
    return target


def open_meili(pbf: Path, folder: Path, sigma_m: float) -> "dict[str, Meili]":
    tiles, scratch = folder / "tiles", folder / "scratch"
    scratch.mkdir()
    build_valhalla(pbf, tiles, scratch)
    return {"meili": Meili(tiles, None), "meili_told": Meili(tiles, sigma_m)}


class Meili:
    def __init__(self, tiles: Path, sigma_m: float | None) -> None:
        """`sigma_m`: the receiver's error; without it Meili's own settings stand."""
        config = engine_config(tiles)
        self._options: dict[str, float] = {}
        if sigma_m is not None:
            config["meili"]["default"]["sigma_z"] = sigma_m
            self._options = {"gps_accuracy": sigma_m}
        self._engine: Any = valhalla.Actor(config)

    def match(self, seen: Seen) -> list[Floats]:
        question = {
            "shape": [
                {"lat": lat, "lon": lon, "time": EPOCH_S + at_s}
                for (lat, lon), at_s in zip(seen.points.tolist(), seen.at_s.tolist(), strict=True)
            ],
            "use_timestamps": True,
            "costing": "auto",
            "shape_match": "map_snap",
            "trace_options": self._options,
            "filters": {
                "attributes": ["shape", "edge.begin_shape_index", "edge.end_shape_index"],
                "action": "include",
            },
        }
        try:
            told = json.loads(self._engine.trace_attributes(json.dumps(question)))
        except valhalla.ValhallaError:  # its word for "no match"
            return []
        line = line_of(told["shape"])
        # Edge by edge: between two that do not meet the shape has a leap.
        return [line[e["begin_shape_index"] : e["end_shape_index"] + 1] for e in told["edges"]]


class Osrm:
    def __init__(self, pbf: Path, folder: Path, sigma_m: float) -> None:
        self._sigma_m = sigma_m
        self._engine: Any = osrm.OSRM(
            storage_config=str(build_osrm(pbf, folder)),
            algorithm="CH",
            use_shared_memory=False,
            max_locations_map_matching=-1,
        )

    def match_headed(self, seen: Seen) -> list[Floats]:
        return self.match(seen, headed=True)

    def match(self, seen: Seen, *, headed: bool = False) -> list[Floats]:
        bearings = [
            (round(deg) % 360, BEARING_RANGE_DEG) if deg == deg else None  # noqa: PLR0124 (not NaN)
            for deg in seen.heading_deg.tolist()
        ]
        question = osrm.MatchParameters(
            coordinates=[(lon, lat) for lat, lon in seen.points.tolist()],
            timestamps=[EPOCH_S + int(at_s) for at_s in seen.at_s],
            radiuses=[self._sigma_m] * len(seen.at_s),
            bearings=bearings if headed else [],
            geometries="polyline6",
            overview="full",
        )
        try:
            told = self._engine.Match(question)
        except RuntimeError:  # its word for "no match"
            return []
        return [line_of(matching["geometry"]) for matching in told["matchings"]]


def line_of(encoded: str) -> Floats:
    return np.array([(point.lat, point.lon) for point in decode_shape(encoded)]).reshape(-1, 2)
