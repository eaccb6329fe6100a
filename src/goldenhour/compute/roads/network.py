"""The road graph of a city: one set of arrays, built once, read by everybody, never changed.

Rule 1: the vertices of the graph are arcs (one direction of one street piece), its edges are turns;
        so a turn can be banned or cost time.
Rule 2: a turn weighs the time of the arc that it leaves plus its own cost; a distance from arc e to
        arc f therefore counts all of e and nothing of f.
Rule 3: a banned turn stays an edge and is marked, so a vehicle exempt from the ban needs other
        weights, not another graph.
Rule 4: times are whole deciseconds (`*_ds`) at free flow; places are WGS-84 degrees.
"""

import hashlib
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

from goldenhour.kernel.geo import EARTH_RADIUS_M
from goldenhour.kernel.record import Record

type Floats = NDArray[np.float64]
type Ints = NDArray[np.int32]
type Longs = NDArray[np.int64]
type Flags = NDArray[np.bool_]

FORMAT: Final = 1
"""Raised when the fields or their meaning change; an older file is then built anew."""


class NetworkFileError(Exception):
    """A saved network that cannot be used; `field` names the part that is wrong."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"{field}: {problem}")
        self.field = field


class RoadNetwork(Record, eq=False):
    """P street pieces, A arcs, T turns, N points.

    Piece g has the points `point_start[g]:point_start[g + 1]`; `forward[g]` and `backward[g]` are
    its arcs along and against those points, -1 where driving that way is not allowed.
    """

    lat: Floats
    lon: Floats
    point_start: Ints
    piece_way: Longs
    """The way of the source map, P."""
    piece_length_m: Floats
    forward: Ints
    backward: Ints
    arc_piece: Ints
    arc_ds: Ints
    turn_from: Ints
    """Arc that the turn leaves, T, ascending."""
    turn_to: Ints
    turn_cost_ds: Ints
    turn_banned: Flags
    order: Ints
    """Contraction order of the arcs, least important first."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            getattr(self, name).flags.writeable = False

    @property
    def arc_count(self) -> int:
        return len(self.arc_piece)

    def digest(self) -> str:
        """The same for the same arcs under the same numbers: what was said of one holds again."""
        told = hashlib.sha256()
        for name in ("piece_way", "arc_piece", "forward", "arc_ds", "turn_from", "turn_to"):
            told.update(np.ascontiguousarray(getattr(self, name)).tobytes())
        return told.hexdigest()

    def reverse_of(self, arc: int) -> int:
        """The arc of the other direction, -1 on a one-way street."""
        piece = self.arc_piece[arc]
        return int(self.forward[piece] + self.backward[piece]) - arc

    def is_backward(self, arc: int) -> bool:
        return bool(self.backward[self.arc_piece[arc]] == arc)

    def line_of(self, arcs: Sequence[int], start: float, end: float) -> Floats:
        """Rows of latitude and longitude along these arcs, between fractions of the first and last.

        Where both are the same place, that place is the one row.
        """
        last = len(arcs) - 1
        parts = [
            self._part(arc, start if i == 0 else 0.0, end if i == last else 1.0)
            for i, arc in enumerate(arcs)
        ]
        line = np.concatenate(parts)
        moves = np.ones(len(line), dtype=np.bool_)
        moves[1:] = (line[1:] != line[:-1]).any(axis=1)
        return np.asarray(line[moves])

    def _part(self, arc: int, start: float, end: float) -> Floats:
        """The points of an arc between two fractions of its length."""
        piece = self.arc_piece[arc]
        span = slice(self.point_start[piece], self.point_start[piece + 1])
        lat, lon = self.lat[span], self.lon[span]
        if self.is_backward(arc):
            lat, lon = lat[::-1], lon[::-1]
        if (start, end) == (0.0, 1.0):
            return np.column_stack((lat, lon))
        steps_m = haversine_m(lat[:-1], lon[:-1], lat[1:], lon[1:])
        along_m = np.concatenate(([0.0], np.cumsum(steps_m)))
        low, high = start * along_m[-1], end * along_m[-1]
        at = np.concatenate(([low], along_m[(along_m > low) & (along_m < high)], [high]))
        return np.column_stack((np.interp(at, along_m, lat), np.interp(at, along_m, lon)))

    def save(self, path: Path) -> None:
        """One uncompressed .npz; a half-written file never bears the name."""
        part = path.with_name(path.name + ".part")
        arrays = {name: getattr(self, name) for name in self.__struct_fields__}
        with part.open("wb") as file:
            np.savez(file, allow_pickle=False, format=np.int32(FORMAT), **arrays)
        part.replace(path)

    @classmethod
    def load(cls, path: Path) -> Self:
        try:
            if not zipfile.is_zipfile(path):  # numpy would try other formats, with other errors
                raise NetworkFileError("file", f"{path.name} is missing or no .npz archive")
            with path.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files}
        except (OSError, ValueError, EOFError, zipfile.BadZipFile) as error:
            raise NetworkFileError("file", str(error)) from error
        if found.pop("format", None) != FORMAT:
            raise NetworkFileError("format", f"is not {FORMAT}; import the city again")
        for name in cls.__struct_fields__:
            if name not in found:
                raise NetworkFileError(name, "is missing")
        network = cls(**{name: found[name] for name in cls.__struct_fields__})
        network.check()
        return network

    def check(self) -> None:
        """Indices inside their arrays: compiled code does not look whether they are."""
        points, pieces, arcs = len(self.lat), len(self.piece_way), self.arc_count
        turns = len(self.turn_from)
        lengths = {
            "lon": points, "point_start": pieces + 1, "piece_length_m": pieces,
            "forward": pieces, "backward": pieces, "arc_ds": arcs, "turn_to": turns,
            "turn_cost_ds": turns, "turn_banned": turns, "order": arcs,
        }  # fmt: skip
        for name, length in lengths.items():
            if getattr(self, name).shape != (length,):
                raise NetworkFileError(name, f"does not have {length} entries")
        limits = {
            "point_start": (0, points), "forward": (-1, arcs - 1), "backward": (-1, arcs - 1),
            "arc_piece": (0, pieces - 1), "arc_ds": (1, MAX_DS), "turn_from": (0, arcs - 1),
            "turn_to": (0, arcs - 1), "turn_cost_ds": (0, MAX_DS),
        }  # fmt: skip
        for name, (low, high) in limits.items():
            values = getattr(self, name)
            if values.size and not (values.min() >= low and values.max() <= high):
                raise NetworkFileError(name, f"has a value outside {low} to {high}")
        if not np.array_equal(np.sort(self.order), np.arange(arcs)):
            raise NetworkFileError("order", "is not a permutation of the arcs")


MAX_DS: Final = 36_000
"""No street piece and no turn takes longer than an hour, however slow the traffic is said to be."""


def haversine_m(lat_a: Floats, lon_a: Floats, lat_b: Floats, lon_b: Floats) -> Floats:
    """Great-circle distances in metres between places in degrees."""
    half_lat = np.sin(np.radians(lat_b - lat_a) / 2)
    half_lon = np.sin(np.radians(lon_b - lon_a) / 2)
    h = half_lat**2 + np.cos(np.radians(lat_a)) * np.cos(np.radians(lat_b)) * half_lon**2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.minimum(1.0, np.sqrt(h))))
