"""How long it takes from place to place, as the application asks: many places as columns.

It stands beside `ports`, so that a process that asks for no times loads no arrays.
"""

from collections.abc import Sequence
from itertools import chain
from math import inf
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from goldenhour.app.ports import Place, Spot
from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record


class Spots(Record, eq=False):
    """Many spots as columns, for whoever asks about the same ones again and again."""

    points: NDArray[np.float64]
    """Rows of latitude and longitude in degrees."""
    arcs: NDArray[np.int32]
    """One column for each way that one may drive."""
    fractions: NDArray[np.float64]

    @classmethod
    def of(cls, spots: Sequence[Spot]) -> Self:
        flat = chain.from_iterable(
            (spot.point.lat, spot.point.lon, *spot.sides[0], *spot.sides[1]) for spot in spots
        )
        return cls.of_table(np.fromiter(flat, dtype=float, count=6 * len(spots)).reshape(-1, 6))

    @classmethod
    def of_table(cls, table: NDArray[np.float64]) -> Self:
        """Columns as in `positions.row_of`, without the time."""
        return cls(
            points=table[:, :2], arcs=table[:, 2::2].astype(np.int32), fractions=table[:, 3::2]
        )

    def __len__(self) -> int:
        return len(self.points)


class Leg(Record):
    seconds: float | None
    """None: nothing could be said, not even by the straight line."""
    estimated: bool
    """True where no road time was known and the straight line stood in."""


class Travel(Record, eq=False):
    """One entry for each place asked, in the order asked."""

    seconds: NDArray[np.float64]
    """Infinite: nothing could be said, not even by the straight line."""
    estimated: NDArray[np.bool_]
    """Where no road time was known and the straight line stood in."""
    metric_version: int
    """Of the speeds that the answer rests on; 0 without a road graph."""

    @property
    def legs(self) -> tuple[Leg, ...]:
        told = zip(self.seconds.tolist(), self.estimated.tolist(), strict=True)
        return tuple(Leg(seconds=s if s < inf else None, estimated=e) for s, e in told)


class TravelTimes(Protocol):
    """Road travel times; computed in memory, no third party is asked."""

    def locate(self, places: Sequence[Place]) -> list[Spot]:
        """Where on the roads vehicles are; asked when their positions arrive."""

    def locate_fixed(self, point: Point) -> Spot:
        """The same for what does not move (a scene, a station, a hospital), and remembered."""

    def times_to(self, target: Spot, sources: Spots) -> Travel: ...

    def times_from(self, source: Spot, targets: Spots) -> Travel: ...
