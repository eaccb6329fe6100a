"""What a centre has learnt of its streets, as its vehicles are taught it.

Rule 1: a vehicle is taught each street's speed as the centre drives it now, and how the hours of
        the week differ. Cut off, it turns the hour and nothing else: what is so today stays until
        the next word.
Rule 2: speeds are of one road network, named by its digest: with another map nothing is taught.
Rule 3: a road that is shut is no speed: it comes with the feed, as for every screen.
"""

import zlib

import numpy as np

from goldenhour.app.learn import Lore
from goldenhour.compute.roads import RoadNetwork, SpeedUpdate
from goldenhour.compute.roads.learn import BINS, bin_of
from goldenhour.compute.roads.network import Floats
from goldenhour.kernel.record import Record

_STEPS = 100
"""A byte tells hundredths of the free-flow speed, up to two and a half times it."""
_LEAST, _MOST = 1, 255


class TaughtSpeeds(Record):
    learnt_ms: int
    by_hour: tuple[float, ...]
    """Of each bin of the week the share of free flow, all streets together."""
    factors: bytes
    """Compressed: a byte an arc, in hundredths of free flow, at the hour of `learnt_ms`."""


def taught_of(lore: Lore, factors: Floats) -> TaughtSpeeds | None:
    """None: nothing was learnt of the hours yet."""
    if len(lore.by_hour) != BINS:
        return None
    steps = np.clip(np.rint(factors * _STEPS), _LEAST, _MOST).astype(np.uint8)
    return TaughtSpeeds(
        learnt_ms=lore.learnt_ms,
        by_hour=lore.by_hour,
        # Most arcs were never driven and share a few figures.
        factors=zlib.compress(steps.tobytes()),
    )


def update_at(taught: TaughtSpeeds, network: RoadNetwork, at: int) -> SpeedUpdate:
    """Every arc at its factor in this bin of the week. Raises ValueError for another network's."""
    try:
        steps = np.frombuffer(zlib.decompress(taught.factors), dtype=np.uint8)
    except zlib.error as error:
        raise ValueError(f"factors: {error}") from error
    if len(steps) != network.arc_count:
        raise ValueError(f"factors: {len(steps)} for {network.arc_count} arcs")
    if len(taught.by_hour) != BINS or not all(share > 0 for share in taught.by_hour):
        raise ValueError(f"by_hour: needs {BINS} shares above zero")
    turned = taught.by_hour[at] / taught.by_hour[bin_of(taught.learnt_ms)]
    factors = np.clip(steps / _STEPS * turned, _LEAST / _STEPS, _MOST / _STEPS)
    return SpeedUpdate(arcs=np.arange(network.arc_count, dtype=np.int32), factors=factors)
