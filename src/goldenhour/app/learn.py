"""Street speeds and arrival ranges, from the runs themselves.

A look at the board finds the drives with a patient waiting or aboard: to the scene and to the
hospital. What their vehicles drove since the last look teaches the street speeds; a drive that
has ended is compared with what was foretold for it when it began.

Rule 1: a forecast is made before anything is learnt from its own drive.
Rule 2: a time that a person entered or corrected afterwards is no measurement.
Rule 3: all is read before anything is learnt: a look that fails is made again whole.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np
from msgspec import field
from msgspec.structs import replace

from goldenhour.app.advise import route_ends
from goldenhour.app.live import SHOWN_AFTER_END_MS
from goldenhour.app.ports import Place
from goldenhour.app.travel_times import Spots, TravelTimes
from goldenhour.compute.roads import RoadNetwork, SpeedUpdate
from goldenhour.compute.roads.learn import HOURS, Passage, StreetSpeeds, passages
from goldenhour.compute.roads.match import Matcher
from goldenhour.compute.roads.matched import sight_of
from goldenhour.compute.roads.network import Floats
from goldenhour.domain.dispatch.arrival import (
    ArrivalRange,
    ArrivalRules,
    Driven,
    ForecastQuality,
    Spread,
    drag_of,
    judge,
    range_of,
    spread_of,
    tells,
)
from goldenhour.domain.dispatch.events import Milestone
from goldenhour.domain.dispatch.mission import Mission, Node
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS
from goldenhour.views.answers import HourSpeed, LearntAnswer
from goldenhour.views.fold import Folded

_LEGS: Final = (
    ("scene", Milestone.DEPARTED, Milestone.ON_SCENE),
    ("hospital", Milestone.LEFT_SCENE, Milestone.AT_HOSPITAL),
)


MOST_LEGS: Final = 100
"""Of one look, the oldest: their tracks are in memory together."""


class Leg(Record):
    """A drive of a run."""

    mission_id: str
    unit_id: str
    to: str
    begun_ms: int
    ended_ms: int | None
    """None: it goes on."""
    arrived: bool
    """By a time that was measured."""

    @property
    def key(self) -> str:
        return f"{self.mission_id}:{self.to}"


class Heard(Record):
    """What was done about a drive."""

    until_ms: int
    """Passages up to here are learnt."""
    foretold_s: float | None = None
    drag: float = 1.0
    """In that forecast."""
    range: ArrivalRange | None = None
    over: bool = False


class Lore(Record):
    """What is kept between looks, besides the street speeds."""

    learnt_ms: int = 0
    drives: dict[str, Heard] = field(default_factory=dict)
    driven: tuple[Driven, ...] = ()
    by_hour: tuple[float, ...] = ()
    """As `StreetSpeeds.by_hour`."""
    driven_s: tuple[float, ...] = ()


class Learnt(Record):
    """What a process that foretells arrivals goes by."""

    lore: Lore
    rules: ArrivalRules
    spread: Spread | None
    quality: ForecastQuality | None


class Tracks(Protocol):
    async def list_track(self, unit_id: str, from_ms: int, to_ms: int) -> list[Fix]: ...


class LearntStore(Protocol):
    """What was learnt of one network, by its digest."""

    async def put(self, network: str, lore: Lore, experience: bytes, factors: bytes) -> None: ...

    async def find(self, network: str) -> tuple[Lore, bytes] | None:
        """With the experience."""

    async def find_newer(self, network: str, than_ms: int) -> tuple[Lore, bytes] | None:
        """With the factors; None: nothing was learnt since."""


def learnt_of(lore: Lore, rules: ArrivalRules) -> Learnt:
    return Learnt(
        lore=lore,
        rules=rules,
        spread=spread_of(lore.driven, rules),
        quality=judge(lore.driven, rules),
    )


def answer_of(learnt: Learnt) -> LearntAnswer:
    lore = learnt.lore
    return LearntAnswer(
        learnt_ms=lore.learnt_ms,
        quality=learnt.quality,
        fewest=learnt.rules.fewest,
        aimed=learnt.rules.high - learnt.rules.low,
        hours=tuple(
            HourSpeed(weekend=at >= HOURS, hour=at % HOURS, share=share, driven_s=driven_s)
            for at, (share, driven_s) in enumerate(zip(lore.by_hour, lore.driven_s, strict=True))
        ),
    )


def list_legs(view: Folded) -> Iterator[Leg]:
    for stream, run in view.states.items():
        if not isinstance(run, Mission):
            continue
        for to, begins, ends in _LEGS:
            begun, ended = run.find_node(begins), run.find_node(ends)
            if begun is None or not _is_measured(begun):
                continue
            yield Leg(
                mission_id=stream.partition(":")[2],
                unit_id=run.unit_id,
                to=to,
                begun_ms=begun.at_ms,
                ended_ms=ended.at_ms if ended else run.ended_ms,
                arrived=ended is not None and _is_measured(ended),
            )


def _is_measured(node: Node) -> bool:
    return not node.supplied_late and node.original_ms is None


def _is_back(leg: Leg, lore: Lore) -> bool:
    """Its case had left the view, and is there again since somebody wrote in it: it was learnt."""
    ended_ms = leg.ended_ms
    return ended_ms is not None and ended_ms < lore.learnt_ms - SHOWN_AFTER_END_MS


@dataclass(slots=True)
class Learner:
    """Learns one network's speeds, and how far off its forecasts are."""

    matcher: Matcher
    speeds: StreetSpeeds
    travel: TravelTimes
    """At the speeds that screens go by: forecasts are made with it."""
    rules: ArrivalRules
    lore: Lore
    drag: float = 1.0
    """In the times of `travel`."""

    def factors(self, now_ms: int) -> Floats:
        """For each arc the share of free flow that screens go by; `travel` is to have them next."""
        self.drag = drag_of(self.lore.driven, self.rules)
        return self.speeds.factors(now_ms) / self.drag

    async def look(self, view: Folded, tracks: Tracks, now_ms: int) -> None:
        legs = list(list_legs(view))
        drives = self.lore.drives
        going = [
            leg
            for leg in legs
            if not (drives[leg.key].over if leg.key in drives else _is_back(leg, self.lore))
        ]
        # After a long absence the next looks find the rest.
        going = sorted(going, key=lambda leg: leg.begun_ms)[:MOST_LEGS]
        driven = [
            await tracks.list_track(leg.unit_id, leg.begun_ms, leg.ended_ms or now_ms)
            for leg in going
        ]
        spread = spread_of(self.lore.driven, self.rules)
        heard = [
            drives.get(leg.key) or self._foretell(view, leg, track, spread)
            for leg, track in zip(going, driven, strict=True)
        ]
        taught = await asyncio.to_thread(self._teach, going, heard, driven)
        ended = [
            one
            for leg, known in zip(going, taught, strict=True)
            for one in _compare(leg, known, self.rules)
        ]
        known_now = drives | {leg.key: one for leg, one in zip(going, taught, strict=True)}
        self.lore = Lore(
            learnt_ms=now_ms,
            drives={leg.key: known_now[leg.key] for leg in legs if leg.key in known_now},
            driven=(*self.lore.driven, *ended)[-self.rules.most :],
            by_hour=tuple(self.speeds.by_hour().tolist()),
            driven_s=tuple(self.speeds.driven_s().tolist()),
        )

    def _foretell(
        self, view: Folded, leg: Leg, track: Sequence[Fix], spread: Spread | None
    ) -> Heard:
        """What a screen would have shown when the drive began."""
        first = next((fix for fix in track if fix.point), None)
        starts = {leg.unit_id: first} if first else {}
        ends = route_ends(view, starts, leg.mission_id, leg.to)
        if ends is None:
            return Heard(until_ms=leg.begun_ms)
        start, end = self.travel.locate([Place(point=point) for point in ends])
        answer = self.travel.times_to(end, Spots.of([start])).legs[0]
        if answer.seconds is None or answer.estimated:
            return Heard(until_ms=leg.begun_ms)
        return Heard(
            until_ms=leg.begun_ms,
            foretold_s=answer.seconds,
            drag=self.drag,
            range=range_of(spread, round(answer.seconds)),
        )

    def _teach(
        self, legs: Sequence[Leg], heard: Sequence[Heard], tracks: Sequence[Sequence[Fix]]
    ) -> list[Heard]:
        """Takes what was driven since the last look, all vehicles by time."""
        fresh: list[Passage] = []
        taught: list[Heard] = []
        for leg, known, track in zip(legs, heard, tracks, strict=True):
            # A tablet's receiver is slow to follow: nobody's speed is learnt from it.
            driven = [fix for fix in track if not fix.tablet]
            places = self.matcher.match([sight for fix in driven if (sight := sight_of(fix))])
            least_s = self.speeds.learning.least_s
            own = [
                passage
                for passage in passages(self.matcher.network, places, least_s)
                if passage.ended_ms > known.until_ms
            ]
            until_ms = own[-1].ended_ms if own else known.until_ms
            taught.append(replace(known, until_ms=until_ms, over=leg.ended_ms is not None))
            fresh.extend(own)
        for passage in sorted(fresh, key=lambda one: one.ended_ms):
            self.speeds.take(passage)
        return taught


def _compare(leg: Leg, heard: Heard, rules: ArrivalRules) -> Iterator[Driven]:
    """The drive that is over, where it can be compared with its forecast."""
    if not (leg.arrived and leg.ended_ms is not None and heard.foretold_s is not None):
        return
    took_s = (leg.ended_ms - leg.begun_ms) / SECOND_MS
    if tells(heard.foretold_s, took_s, rules):
        yield Driven(
            ended_ms=leg.ended_ms,
            foretold_s=heard.foretold_s,
            took_s=took_s,
            low_s=heard.range.low_s if heard.range else None,
            high_s=heard.range.high_s if heard.range else None,
            drag=heard.drag,
        )


def factors_to_bytes(factors: Floats) -> bytes:
    return factors.astype("<f4").tobytes()


def update_of(data: bytes, network: RoadNetwork) -> SpeedUpdate:
    """Every arc of the network at its factor. Raises ValueError where they are another's."""
    factors = np.frombuffer(data, dtype="<f4").astype(float)
    if len(factors) != network.arc_count:
        raise ValueError(f"factors: {len(factors)} for {network.arc_count} arcs")
    return SpeedUpdate(arcs=np.arange(network.arc_count, dtype=np.int32), factors=factors)
