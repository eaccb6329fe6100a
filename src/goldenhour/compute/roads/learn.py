"""How fast the streets are, learnt from how long vehicles took to drive along them.

What an arc takes, as a multiple of its free-flow time, is a product of four parts: what its kind of
street takes at this hour of the week, what the arc itself takes besides, what everything takes
today more than usual, and what this arc takes right now. Each part is a ratio of two sums of
seconds, driven and expected, with some seconds of "as expected" added to both.

Rule 1: what nobody drove is as expected, and nothing at all driven is free flow; little driven
        moves a part little.
Rule 2: sums, not means of ratios: the time of a whole way comes out right, and a short step, which
        is measured badly, counts little.
Rule 3: one odd drive (somebody waited on the way) is believed in part only.
Rule 4: what is old fades: habits over weeks, what is so today within the hour.
Rule 5: the cost of a turn stays that of the map; it is taken off what a drive took.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import Final, Self

import numpy as np

from goldenhour.compute.roads.matched import Placed
from goldenhour.compute.roads.network import Floats, Ints, Longs, RoadNetwork
from goldenhour.compute.roads.snap import NO_ARC
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, HOUR_MS, MINUTE_MS, SECOND_MS, to_datetime

KINDS_KMH: Final = (25.0, 45.0, 65.0)
"""Streets are of one kind between two of these free-flow speeds."""
HOURS: Final = 24
BINS: Final = 2 * HOURS
"""The hours of a working day, then those of a weekend's; in China's time."""
FADES_EVERY_MS: Final = 10 * SECOND_MS
"""Finer steps are not worth the work."""
_FIRST_WEEKEND_DAY: Final = 5
_DAY_MS: Final = 24 * HOUR_MS


class Learning(Record):
    """How readily is believed what was driven; each must be above zero."""

    kind_s: float
    """Driven seconds after which a kind of street at an hour counts half by its own drives."""
    arc_s: float
    today_s: float
    now_s: float
    forget_days: float
    """After so long a habit counts half."""
    today_min: float
    now_min: float
    least_s: float
    """Steps are joined until they took so long: a position is wrong by metres."""
    odd: float
    """A drive so many times as slow as usual, or as quick, is believed no more than that."""
    least_share: float
    """Of free flow; nothing is believed to be slower."""
    most_share: float

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            if not getattr(self, name) > 0:
                raise ValueError(f"{name}: must be above zero")


class Passage(Record, eq=False):
    """Arcs that were driven one after the other, and how long that took."""

    ended_ms: int
    arcs: Ints
    free_s: Floats
    """What the driven part of each arc takes at free flow."""
    turns_s: float
    seconds: float


def passages(network: RoadNetwork, places: Sequence[Placed], least_s: float) -> Iterator[Passage]:
    """What a matched track tells of its arcs; `places` are those of one vehicle, by time.

    A vehicle that has not moved yet tells nothing: the first passage begins when it was last seen
    where it stood.
    """
    arcs: list[int] = []
    free_s: list[float] = []
    turns_s = 0.0
    since_ms = 0
    before: Placed | None = None
    for place in places:
        if place.arc == NO_ARC:
            continue
        if place.begins or before is None:
            arcs, free_s, turns_s = [], [], 0.0
            before, since_ms = place, place.at_ms
            continue
        if place.rides:
            if not arcs and before.begins:
                since_ms = place.at_ms
            continue
        arcs.extend(place.way)
        free_s.extend(_free_s(network, place.way, before.fraction, place.fraction))
        turns_s += _turns_s(network, place.way)
        before = place
        seconds = (place.at_ms - since_ms) / SECOND_MS
        if seconds >= least_s and sum(free_s) > 0:
            yield Passage(
                ended_ms=place.at_ms,
                arcs=np.array(arcs, dtype=np.int32),
                free_s=np.array(free_s),
                turns_s=turns_s,
                seconds=seconds,
            )
            arcs, free_s, turns_s, since_ms = [], [], 0.0, place.at_ms


def _free_s(network: RoadNetwork, way: Sequence[int], start: float, end: float) -> Iterator[float]:
    last = len(way) - 1
    for n, arc in enumerate(way):
        share = (end if n == last else 1.0) - (start if n == 0 else 0.0)
        yield max(0.0, share) * float(network.arc_ds[arc]) / 10


def _turns_s(network: RoadNetwork, way: Sequence[int]) -> float:
    cost_ds = 0
    for arc, after in pairwise(way):
        first, end = np.searchsorted(network.turn_from, (arc, arc + 1))
        taken = network.turn_to[first:end] == after
        cost_ds += int(network.turn_cost_ds[first:end][taken].sum())
    return cost_ds / 10


def bin_of(at_ms: int) -> int:
    """The hour of the week, as the bins count it."""
    local = to_datetime(at_ms).astimezone(CHINA)
    return local.hour + (HOURS if local.weekday() >= _FIRST_WEEKEND_DAY else 0)


@dataclass(slots=True)
class Experience:
    """What is known of one network; K kinds of street, A arcs. All are seconds."""

    kind_drove: Floats
    """K x BINS."""
    kind_free: Floats
    arc_drove: Floats
    arc_expected: Floats
    now_drove: Floats
    now_expected: Floats
    today: Floats
    """Driven and expected."""
    at_ms: int = 0

    @classmethod
    def none(cls, network: RoadNetwork) -> Self:
        kinds, arcs = (len(KINDS_KMH) + 1, BINS), network.arc_count
        return cls(
            kind_drove=np.zeros(kinds),
            kind_free=np.zeros(kinds),
            arc_drove=np.zeros(arcs),
            arc_expected=np.zeros(arcs),
            now_drove=np.zeros(arcs),
            now_expected=np.zeros(arcs),
            today=np.zeros(2),
        )

    def to_bytes(self) -> bytes:
        out = io.BytesIO()
        arrays = {field.name: getattr(self, field.name) for field in fields(self)}
        np.savez_compressed(out, allow_pickle=False, **arrays)
        return out.getvalue()

    @classmethod
    def from_bytes(cls, data: bytes, network: RoadNetwork) -> Self:
        """Raises ValueError where these are not what is known of this network."""
        none = cls.none(network)
        try:
            with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
                found = {name: arrays[name] for name in arrays.files}
            known = cls(**(found | {"at_ms": int(found["at_ms"])}))
        except (
            OSError,
            KeyError,
            TypeError,
            ValueError,
            EOFError,
            zipfile.BadZipFile,
        ) as error:
            raise ValueError(f"experience: {error}") from error
        for field in fields(cls):
            if field.name != "at_ms" and (
                getattr(known, field.name).shape != getattr(none, field.name).shape
            ):
                raise ValueError(f"experience: {field.name} is of another network")
        return known


class StreetSpeeds:
    """Learns one network's speeds, drive by drive."""

    def __init__(
        self, network: RoadNetwork, learning: Learning, known: Experience | None = None
    ) -> None:
        self.known = known or Experience.none(network)
        self.learning = learning
        length_m = network.piece_length_m[network.arc_piece]
        self._kind = np.digitize(length_m * 36 / network.arc_ds, KINDS_KMH)

    def take(self, passage: Passage) -> None:
        """One more drive; drives come in about the order in which they ended.

        Each part learns from what the parts before it leave unsaid.
        """
        known, arcs, at = self.known, passage.arcs, bin_of(passage.ended_ms)
        self._fade(passage.ended_ms)
        kinds = self._kind[arcs]
        usual = passage.free_s * self._slowness(kinds, arcs, at)
        drove_s = self._believable_s(passage, float(usual.sum()))
        # Where in the passage the time went is not known: as it was to be expected.
        drove = drove_s * usual / usual.sum()
        np.add.at(known.kind_drove[:, at], kinds, drove)
        np.add.at(known.kind_free[:, at], kinds, passage.free_s)
        expected = passage.free_s * self._by_kind()[kinds, at]
        np.add.at(known.arc_drove, arcs, drove)
        np.add.at(known.arc_expected, arcs, expected)
        expected = expected * self._by_arc(arcs)
        known.today += (drove_s, expected.sum())
        expected = expected * self._today()
        np.add.at(known.now_drove, arcs, drove)
        np.add.at(known.now_expected, arcs, expected)

    def _believable_s(self, passage: Passage, usual_s: float) -> float:
        terms, free_s = self.learning, float(passage.free_s.sum())
        drove_s = passage.seconds - passage.turns_s
        drove_s = min(max(drove_s, usual_s / terms.odd), usual_s * terms.odd)
        return min(max(drove_s, free_s / terms.most_share), free_s / terms.least_share)

    def factors(self, at_ms: int) -> Floats:
        """Of each arc the share of its free-flow speed that is driven at this time."""
        self._fade(at_ms)
        every = np.arange(len(self._kind), dtype=np.int32)
        slow = self._slowness(self._kind, every, bin_of(at_ms))
        return np.asarray(np.clip(1 / slow, self.learning.least_share, self.learning.most_share))

    def by_hour(self) -> Floats:
        """The share of free flow at each bin, all kinds of street together."""
        known = self.known
        drove, free = known.kind_drove.sum(axis=0), known.kind_free.sum(axis=0)
        prior = self.learning.kind_s
        overall = (drove.sum() + prior) / (free.sum() + prior)
        return np.asarray((free + prior) / (drove + prior * overall))

    def driven_s(self) -> Floats:
        """Seconds driven in each bin, as far as they still count."""
        return np.asarray(self.known.kind_drove.sum(axis=0))

    def _by_kind(self) -> Floats:
        """K x BINS: a kind at an hour leans on the hour, the hour on the whole."""
        known, prior = self.known, self.learning.kind_s
        by_hour = 1 / self.by_hour()
        return np.asarray((known.kind_drove + prior * by_hour) / (known.kind_free + prior))

    def _by_arc(self, arcs: Ints) -> Floats:
        known, prior = self.known, self.learning.arc_s
        return np.asarray((known.arc_drove[arcs] + prior) / (known.arc_expected[arcs] + prior))

    def _now(self, arcs: Ints) -> Floats:
        known, prior = self.known, self.learning.now_s
        return np.asarray((known.now_drove[arcs] + prior) / (known.now_expected[arcs] + prior))

    def _slowness(self, kinds: Longs, arcs: Ints, at: int) -> Floats:
        """The product of all parts, for these arcs and their kinds."""
        habit = self._by_kind()[kinds, at] * self._by_arc(arcs)
        return np.asarray(habit * self._today() * self._now(arcs))

    def _today(self) -> float:
        drove, expected = self.known.today
        prior = self.learning.today_s
        return float((drove + prior) / (expected + prior))

    def _fade(self, at_ms: int) -> None:
        known, terms = self.known, self.learning
        passed_ms = at_ms - known.at_ms
        if passed_ms < FADES_EVERY_MS:
            return
        known.at_ms = at_ms
        habits = 0.5 ** (passed_ms / (terms.forget_days * _DAY_MS))
        known.kind_drove *= habits
        known.kind_free *= habits
        known.arc_drove *= habits
        known.arc_expected *= habits
        known.today *= 0.5 ** (passed_ms / (terms.today_min * MINUTE_MS))
        now = 0.5 ** (passed_ms / (terms.now_min * MINUTE_MS))
        known.now_drove *= now
        known.now_expected *= now
