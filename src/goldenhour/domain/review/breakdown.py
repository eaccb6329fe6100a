"""One indicator told apart: by hour, day, level, station, vehicle or seat, and its distribution.

Rule 1: the groups and the excluded together are everything that was measured; nothing is in two.
Rule 2: a missing time stands beside the distribution, never inside it.
Rule 3: the limit lies on an edge of the distribution, so no bar holds both sides of it.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from goldenhour.domain.review.kpi import (
    DIMENSIONS,
    Counted,
    Definition,
    Dimension,
    Figure,
    Kpi,
    KpiRules,
    Measure,
    figure,
    kpi_of,
)
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import HOUR_MS, china_date

MOST_BINS: Final = 30
MOST_LISTED: Final = 2_000
_WIDTHS_S: Final = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600)
_DAY_MS: Final = 24 * HOUR_MS


class Group(Record):
    key: str
    """Empty: not known of these."""
    figure: Figure


class Bin(Record):
    over_s: int
    """The bar counts more than this (the first one zero seconds as well)."""
    to_s: int | None
    """And at most this; None: everything longer."""
    n: int


class Breakdown(Record):
    kpi: Kpi
    counts: Counted
    by: Dimension
    dimensions: tuple[Dimension, ...]
    """By what this indicator can be told apart."""
    limit_s: int | None
    groups: tuple[Group, ...]
    bins: tuple[Bin, ...]
    measures: tuple[Measure, ...]
    """Newest first."""
    left_out: int
    """Measures that were too many to list."""


def breakdown(
    definition: Definition,
    rules: KpiRules,
    measures: Sequence[Measure],
    by: Dimension,
    *,
    from_ms: int,
    to_ms: int,
) -> Breakdown | None:
    """None where the indicator cannot be told apart like that."""
    if by not in DIMENSIONS[definition.of]:
        return None
    parts: dict[str, list[Measure]] = {key: [] for key in _expected(by, from_ms, to_ms)}
    for item in measures:
        parts.setdefault(item.groups[by], []).append(item)
    seconds = [m.seconds for m in measures if m.seconds is not None]
    newest = sorted(measures, key=lambda m: m.at_ms, reverse=True)
    return Breakdown(
        kpi=kpi_of(definition, rules, measures),
        counts=definition.of,
        by=by,
        dimensions=DIMENSIONS[definition.of],
        limit_s=definition.target_s,
        groups=tuple(
            Group(key=key, figure=figure(definition, part)) for key, part in sorted(parts.items())
        ),
        bins=bins(seconds, definition.target_s),
        measures=tuple(newest[:MOST_LISTED]),
        left_out=max(0, len(newest) - MOST_LISTED),
    )


def _expected(by: Dimension, from_ms: int, to_ms: int) -> Iterator[str]:
    """An hour or day in which nothing happened is shown as such."""
    match by:
        case Dimension.HOUR:
            yield from (f"{hour:02}" for hour in range(24))
        case Dimension.DAY:
            yield from (china_date(at_ms) for at_ms in range(from_ms, to_ms, _DAY_MS))
        case _:
            return


def bins(seconds: Sequence[int], limit_s: int | None) -> tuple[Bin, ...]:
    """Equal bars in the narrowest round width that fits; the last takes whatever is longer."""
    if not seconds:
        return ()
    top_s = max(*seconds, limit_s or 0, 1)
    fitting = [w for w in _WIDTHS_S if limit_s is None or limit_s % w == 0] or [limit_s or 1]
    width_s = next((w for w in fitting if top_s <= w * MOST_BINS), fitting[-1])
    count = min(MOST_BINS, -(-top_s // width_s))
    counts = [0] * count
    for value in seconds:
        counts[min(count - 1, max(0, -(-value // width_s) - 1))] += 1
    open_end = top_s > width_s * count
    return tuple(
        Bin(
            over_s=at * width_s,
            to_s=None if open_end and at == count - 1 else (at + 1) * width_s,
            n=n,
        )
        for at, n in enumerate(counts)
    )
