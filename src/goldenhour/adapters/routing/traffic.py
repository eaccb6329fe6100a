"""Live street speeds for the turn-by-turn engine: the traffic file that it maps into memory.

The file holds a word of 64 bits for each directed edge of the engine's tiles, in their order
(Valhalla, baldr/traffictile.h, version 3). The engine reads a word when it looks at the edge, so
what is written here counts with the next route and nothing is loaded anew.

Rule 1: an edge that is none of our arcs has no live speed: the engine goes by its own.
Rule 2: a shut arc is a closed edge, in its direction alone.
Rule 3: every process has a file of its own, which has no name any more once the engine holds it.
"""

import io
import mmap
import struct
import tarfile
import tempfile
import threading
from itertools import pairwise
from math import cos, radians
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from valhalla.baldr import GraphId
from valhalla.baldr.utils import GraphUtils

from goldenhour.compute.roads import RoadNetwork, Snapper
from goldenhour.compute.roads.network import Floats, Ints
from goldenhour.compute.roads.snap import MOVING_M_S, NO_ARC

_HEADER: Final = struct.Struct("<2Q4I")
"""Tile, time, edges, version, spare, spare."""
_VERSION: Final = 3
_STEP_KMH: Final = 2.0
_TOP: Final = 125
"""Higher numbers mean other things than a speed."""
_WHOLE_EDGE: Final = 255 << 28
"""The first of the three speeds holds for the whole edge, and is valid."""
_SAME_M: Final = 5.0
"""Both graphs come from one extract; what lies farther off is another street."""

type Words = NDArray[np.uint64]


class LiveTraffic:
    """`open` when the engine begins; `write` whenever speeds change, from any thread."""

    def __init__(self, network: RoadNetwork, snapper: Snapper) -> None:
        length_m = network.piece_length_m[network.arc_piece]
        self._free_kmh = length_m * 36 / network.arc_ds
        self._snapper = snapper
        self._lock = threading.Lock()
        self._factors = np.ones(network.arc_count)
        self._tiles: list[tuple[Words, Ints]] = []
        """Of each tile the words, and of each of them the arc, NO_ARC where there is none."""

    def open(self, tiles: Path, config: dict[str, Any]) -> Path:
        """Make the file for these tiles; `config` is the engine's own.

        The path may be unlinked as soon as the engine has opened it.
        """
        graph = GraphUtils(config)
        with tempfile.NamedTemporaryFile(suffix=".tar", delete=False) as made:
            path = Path(made.name)
        names = sorted(file.relative_to(tiles) for file in tiles.rglob("*.gph"))
        arcs = []
        with tarfile.open(path, "w") as tar:
            for name in names:
                tile = GraphId.from_tile_path(str(name))
                count = graph.get_graph_tile_header(tile).directededgecount
                data = _HEADER.pack(tile.value, 0, count, _VERSION, 0, 0) + bytes(8 * count)
                member = tarfile.TarInfo(str(name))
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
                arcs.append(self._arcs_of([graph.get_edge_shape(tile + n) for n in range(count)]))
        with tarfile.open(path) as tar, path.open("r+b") as file:
            mapped = mmap.mmap(file.fileno(), 0)
            found = [
                np.frombuffer(mapped, "<u8", len(own), member.offset_data + _HEADER.size)
                for member, own in zip(tar.getmembers(), arcs, strict=True)
            ]
        with self._lock:
            self._tiles = list(zip(found, arcs, strict=True))
        self.write(self._factors)
        return path

    def write(self, factors: Floats) -> None:
        """Each arc at this share of free flow from now on; 0 is shut."""
        steps = np.clip(np.rint(self._free_kmh * factors / _STEP_KMH), 1, _TOP)
        speed = np.where(factors == 0, 0, steps).astype(np.uint64)
        words = speed | speed << np.uint64(7) | np.uint64(_WHOLE_EDGE)
        with self._lock:
            self._factors = factors
            for tile, arcs in self._tiles:
                known = arcs != NO_ARC
                tile[known] = words[arcs[known]]

    def _arcs_of(self, shapes: list[list[tuple[float, float]]]) -> Ints:
        """By the longest piece of each shape, where the direction is surest."""
        if not shapes:
            return np.array([], dtype=np.int32)
        here, there = np.moveaxis(np.array([_longest(shape) for shape in shapes]), 1, 0)
        middle = (here + there)[:, ::-1] / 2
        east, north = (there - here).T
        heading_deg = np.degrees(np.arctan2(east * np.cos(np.radians(middle[:, 0])), north)) % 360
        snaps = self._snapper.snap(middle, heading_deg, np.full(len(middle), 2 * MOVING_M_S))
        # A second arc means that nothing there leads this way.
        sure = (snaps.arcs[:, 1] == NO_ARC) & (snaps.off_road_m <= _SAME_M)
        return np.where(sure, snaps.arcs[:, 0], NO_ARC).astype(np.int32)


def _longest(shape: list[tuple[float, float]]) -> tuple[tuple[float, float], tuple[float, float]]:
    """Longitude and latitude of both ends."""
    squeeze = cos(radians(shape[0][1]))

    def span(part: tuple[tuple[float, float], tuple[float, float]]) -> float:
        (west, south), (east, north) = part
        return ((east - west) * squeeze) ** 2 + (north - south) ** 2

    return max(pairwise(shape), key=span)
