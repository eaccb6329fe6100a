"""The peers of `dispatch`: OSRM's table and Valhalla's `timedistancematrix`, on the same extract.

Both are asked for the times alone, many sources to one target. They snap every place in each
question; that is their interface. Both run in this process, so no socket is between.
"""

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import osrm
import valhalla

from goldenhour.adapters.city.valhalla_tiles import build_valhalla
from goldenhour.adapters.routing.config import engine_config
from goldenhour.kernel.geo import Point

PAIRS_MAX = 10_000


def build_osrm(extract: Path, folder: Path) -> Path:
    """OSRM's files of a `.osm.pbf`, contracted, for the car profile that the wheel brings."""
    home = Path(osrm.__file__).parent
    source = folder / extract.name
    source.symlink_to(extract.resolve())
    base = folder / extract.name.removesuffix(".osm.pbf")
    for program, *arguments in (
        ("osrm-extract", "-p", str(home / "share/profiles/car.lua"), str(source)),
        ("osrm-contract", f"{base}.osrm"),
    ):
        subprocess.run(  # noqa: S603 (the wheel's own programs, no shell)
            [str(home / "bin" / program), *arguments], check=True, capture_output=True
        )
    return base.with_name(f"{base.name}.osrm")


class Osrm:
    """Contraction hierarchies."""

    def __init__(self, extract: Path, folder: Path) -> None:
        self._engine: Any = osrm.OSRM(
            storage_config=str(build_osrm(extract, folder)),
            algorithm="CH",
            use_shared_memory=False,
            max_locations_distance_table=PAIRS_MAX,
        )

    def prepare(self, sources: Sequence[Point], target: Point) -> Any:
        return osrm.TableParameters(
            coordinates=[(p.lon, p.lat) for p in (*sources, target)],
            sources=list(range(len(sources))),
            destinations=[len(sources)],
            annotations=["duration"],
            generate_hints=False,
        )

    def ask(self, question: Any) -> None:
        assert self._engine.Table(question)["durations"]


class Valhalla:
    def __init__(self, extract: Path, folder: Path) -> None:
        tiles, scratch = folder / "tiles", folder / "scratch"
        scratch.mkdir()
        build_valhalla(extract, tiles, scratch)
        config = engine_config(tiles)
        config["thor"]["source_to_target_algorithm"] = "timedistancematrix"
        config["service_limits"]["auto"]["max_matrix_location_pairs"] = PAIRS_MAX
        self._engine = valhalla.Actor(config)

    def prepare(self, sources: Sequence[Point], target: Point) -> Any:
        return json.dumps(
            {
                "sources": [{"lat": p.lat, "lon": p.lon} for p in sources],
                "targets": [{"lat": target.lat, "lon": target.lon}],
                "costing": "auto",
                "verbose": False,
            }
        )

    def ask(self, question: Any) -> None:
        assert self._engine.matrix(question)
