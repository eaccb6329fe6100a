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
    base = _extract(extract, folder)
    _run("osrm-contract", str(base))
    return base


def _extract(extract: Path, folder: Path) -> Path:
    source = folder / extract.name
    source.symlink_to(extract.resolve())
    profile = Path(osrm.__file__).parent / "share/profiles/car.lua"
    _run("osrm-extract", "-p", str(profile), str(source))
    return folder / f"{extract.name.removesuffix('.osm.pbf')}.osrm"


def _run(program: str, *arguments: str) -> None:
    path = Path(osrm.__file__).parent / "bin" / program
    subprocess.run([str(path), *arguments], check=True, capture_output=True)  # noqa: S603 (the wheel's own programs, no shell)


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


class OsrmTraffic:
    """Multi-level Dijkstra: the hierarchy that is made to take new speeds."""

    def __init__(self, extract: Path, folder: Path) -> None:
        self._base = _extract(extract, folder)
        self._speeds = folder / "speeds.csv"
        _run("osrm-partition", str(self._base))
        self.change([])

    def change(self, segments: Sequence[tuple[int, int, int]]) -> None:
        """(node, node, km/h), both ways; done when a table at these speeds is answered."""
        lines = [f"{a},{b},{kmh}\n{b},{a},{kmh}\n" for a, b, kmh in segments]
        self._speeds.write_text("".join(lines), encoding="ascii")
        told = ("--segment-speed-file", str(self._speeds)) if segments else ()
        _run("osrm-customize", *told, str(self._base))
        engine: Any = osrm.OSRM(
            storage_config=str(self._base), algorithm="MLD", use_shared_memory=False
        )
        table = osrm.TableParameters(coordinates=[(-8.62, 41.15), (-8.61, 41.16)])
        assert engine.Table(table)["durations"]


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
