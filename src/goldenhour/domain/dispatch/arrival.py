"""How far an arrival that was foretold was from the real one, and so how sure the next one is.

Rule 1: a range is what earlier drives showed, never a guess: too few of them give no range.
Rule 2: what a drive was foretold is what was known when it began, so that the figures say how
        good the forecast is and not how well it is remembered.
Rule 3: a short way errs by more of itself than a long one; drives are compared with their like.
Rule 4: a range holds the figure that it stands beside.
Rule 5: what drives take longer than their streets alone (getting away, waiting to turn, arriving)
        is a share of every time, the same for all: the forecast is right in the middle, and who
        arrives first stays first.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import inf
from statistics import median

from goldenhour.kernel.record import Record


class Driven(Record):
    """A drive that is over."""

    ended_ms: int
    foretold_s: float
    took_s: float
    low_s: int | None
    """The range that was foretold with it; None: there was none then."""
    high_s: int | None
    drag: float = 1.0
    """`drag_of` as it was in the forecast."""

    @property
    def ratio(self) -> float:
        return self.took_s / self.foretold_s

    @property
    def own_drag(self) -> float:
        return self.ratio * self.drag


class ArrivalRules(Record):
    like_s: tuple[float, ...]
    """Ways are alike between two of these foretold times."""
    low: float
    """The share of drives that is sooner than the range."""
    high: float
    fewest: int
    """Without so many drives alike, and in all, there is no range."""
    most: int
    """The newest count."""
    shortest_s: float
    """A shorter way, foretold or driven, says nothing: the vehicle was there already."""


class Band(Record):
    """Of ways alike: the range as shares of the foretold time."""

    below_s: float | None
    """None: however long."""
    drives: int
    low: float
    high: float


class Spread(Record):
    bands: tuple[Band, ...]
    """By length; the last one has no end."""


class ArrivalRange(Record):
    low_s: int
    high_s: int


class ForecastQuality(Record):
    """How good forecasts were, over the drives that count."""

    drives: int
    error_s: float
    """Half of all were less wrong."""
    bias: float
    """The middle drive took so much of its foretold time: 1.1 is a tenth longer."""
    ranged: int
    """Drives with a range."""
    within: int
    """Of those that arrived inside it."""


def tells(foretold_s: float, took_s: float, rules: ArrivalRules) -> bool:
    """Whether a drive says anything about forecasts."""
    return min(foretold_s, took_s) >= rules.shortest_s


def drag_of(driven: Sequence[Driven], rules: ArrivalRules) -> float:
    """The middle drive took so many times what its streets alone take; 1.0: too few drives."""
    newest = driven[-rules.most :]
    return median(one.own_drag for one in newest) if len(newest) >= rules.fewest else 1.0


def spread_of(driven: Sequence[Driven], rules: ArrivalRules) -> Spread | None:
    """As forecasts are made now; None: too few drives."""
    newest = driven[-rules.most :]
    if len(newest) < rules.fewest:
        return None
    drag = drag_of(driven, rules)
    whole = sorted(one.own_drag / drag for one in newest)
    bands = []
    for low_s, high_s in pairwise((0.0, *rules.like_s, inf)):
        own = sorted(one.own_drag / drag for one in newest if low_s <= one.foretold_s < high_s)
        told = own if len(own) >= rules.fewest else whole
        bands.append(
            Band(
                below_s=None if high_s == inf else high_s,
                drives=len(own),
                low=_quantile(told, rules.low),
                high=_quantile(told, rules.high),
            )
        )
    return Spread(bands=tuple(bands))


def range_of(spread: Spread | None, eta_s: int | None) -> ArrivalRange | None:
    """None: nothing is known of how sure the figure is, or there is no figure."""
    if spread is None or eta_s is None:
        return None
    band = next(b for b in spread.bands if b.below_s is None or eta_s < b.below_s)
    return ArrivalRange(
        low_s=min(eta_s, round(eta_s * band.low)), high_s=max(eta_s, round(eta_s * band.high))
    )


def judge(driven: Sequence[Driven], rules: ArrivalRules) -> ForecastQuality | None:
    """None: there was no drive."""
    newest = driven[-rules.most :]
    if not newest:
        return None
    ranged = [d for d in newest if d.low_s is not None and d.high_s is not None]
    return ForecastQuality(
        drives=len(newest),
        error_s=median(abs(one.took_s - one.foretold_s) for one in newest),
        bias=median(one.ratio for one in newest),
        ranged=len(ranged),
        within=sum((d.low_s or 0) <= d.took_s <= (d.high_s or 0) for d in ranged),
    )


def _quantile(ordered: Sequence[float], share: float) -> float:
    """Of n drives the k-th, as the next drive is foretold: k = share * (n + 1), inside the n.

    Between neighbours by the straight line (Hyndman and Fan 1996, definition 6).
    """
    place = share * (len(ordered) + 1) - 1
    place = min(max(place, 0.0), len(ordered) - 1.0)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])
