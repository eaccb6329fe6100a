"""Valhalla's routing tiles of a city, from the same extract as everything else.

Valhalla reads sorted `.osm.pbf` only, so any other form is converted first.
"""

import json
import subprocess
from pathlib import Path

import osmium
import valhalla

from goldenhour.adapters.city.errors import CityError, Problem


def build_valhalla(source: Path, target: Path, scratch: Path) -> None:
    """Fills the folder `target`; `scratch` is a folder for what is thrown away after."""
    target.mkdir()
    if not source.name.endswith(".osm.pbf"):
        source = _convert(source, scratch / "sorted.osm.pbf")
    config = valhalla.get_config(tile_extract="", tile_dir=target)
    # Country borders, time zones and traffic are not built: without them Valhalla drives on the
    # right and knows no legal defaults, which holds for the mainland.
    for key in ("admin", "timezone", "landmarks", "transit_dir", "transit_feeds_dir"):
        config["mjolnir"].pop(key, None)
    config["mjolnir"].pop("traffic_extract", None)
    config_path = scratch / "valhalla.json"
    config_path.write_text(json.dumps(config), encoding="utf-8")
    program = valhalla.PYVALHALLA_DIR / "bin" / "valhalla_build_tiles"
    run = subprocess.run(  # noqa: S603 (our own wheel's program, no shell)
        [str(program), "-c", str(config_path), str(source)],
        capture_output=True,
        text=True,
        check=False,
        cwd=scratch,
    )
    if run.returncode != 0 or not any(target.rglob("*.gph")):
        raise CityError(Problem.ROUTING_FAILED, source.name, (run.stderr or run.stdout)[-500:])


def _convert(source: Path, target: Path) -> Path:
    reader = osmium.MergeInputReader()
    reader.add_file(str(source))
    with osmium.SimpleWriter(str(target)) as writer:
        reader.apply(writer)
    return target
