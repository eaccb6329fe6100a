"""Streets that the double of a road authority's feed may shut."""

import itertools
from pathlib import Path
from random import Random  # noqa: TID251 (a double is given its dice here)
from typing import Final

import numpy as np

from goldenhour.adapters.city.addresses import AddressIndex
from goldenhour.adapters.city.files import ADDRESSES_FILE, ROADS_FILE
from goldenhour.compute.roads import RoadNetwork
from goldenhour.kernel.geo import Point
from goldenhour.simulator.road_feed import Street

_STREETS: Final = 200
_LONG_M: Final = (120.0, 900.0)


def list_streets(city: Path, seed: int) -> list[Street]:
    """Street pieces that may be shut, with the names of the houses there; none: no map."""
    if not (city / ROADS_FILE).is_file():
        return []
    network = RoadNetwork.load(city / ROADS_FILE)
    fitting = np.flatnonzero(
        (network.piece_length_m >= _LONG_M[0]) & (network.piece_length_m <= _LONG_M[1])
    ).tolist()
    Random(seed).shuffle(fitting)  # noqa: S311 (a simulation, no secret)
    found: list[Street] = []
    with AddressIndex(city / ADDRESSES_FILE) as addresses:
        for piece in itertools.islice(fitting, _STREETS):
            span = slice(network.point_start[piece], network.point_start[piece + 1])
            line = tuple(
                Point(lat=float(lat), lon=float(lon))
                for lat, lon in zip(network.lat[span], network.lon[span], strict=True)
            )
            near = addresses.reverse(line[len(line) // 2])
            found.append(Street(name=near.label if near else "", line=line))
    return found
