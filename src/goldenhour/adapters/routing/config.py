"""How the router is set up: where the tiles are, and how long anyone waits for it."""

from pathlib import Path
from typing import Any, Final

import valhalla

from goldenhour.kernel.record import Record

MOST_AVOIDED: Final = 5_000
"""Places that one question may shut; the engine looks each of them up."""


class RoutingConfig(Record):
    tiles: Path
    """The `valhalla` folder of an imported city."""
    budget_s: float = 2.0
    """After this the caller has a failure in hand and goes on; the board never waits for a map."""


def engine_config(tiles: Path) -> dict[str, Any]:
    """Valhalla's own configuration for reading these tiles and nothing else."""
    config: dict[str, Any] = valhalla.get_config(tile_extract="", tile_dir=tiles)
    for key in ("admin", "timezone", "landmarks", "transit_dir", "transit_feeds_dir"):
        config["mjolnir"].pop(key, None)
    config["mjolnir"].pop("traffic_extract", None)
    config["service_limits"]["max_exclude_locations"] = MOST_AVOIDED
    return config
