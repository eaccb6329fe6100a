"""The way of a run along the streets, from its stored positions."""

from collections.abc import Sequence
from itertools import pairwise

from goldenhour.compute.roads import RoadNetwork, Snapper
from goldenhour.compute.roads.match import Matcher
from goldenhour.compute.roads.matched import Belief, Placed, sight_of
from goldenhour.compute.roads.snap import NO_ARC
from goldenhour.domain.review.track import MatchedStep, MatchedStretch, MatchedWay, Unmatched
from goldenhour.kernel.geo import Point
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import SECOND_MS


class RoadMatching:
    """`app.ports.WayMatching` on one network; any thread may ask."""

    def __init__(self, network: RoadNetwork, snapper: Snapper) -> None:
        self._network = network
        self._snapper = snapper

    def match(self, fixes: Sequence[Fix], gap_ms: int) -> MatchedWay:
        sights = [sight for fix in fixes if (sight := sight_of(fix))]
        belief = Belief(gap_s=gap_ms / SECOND_MS)
        places = Matcher(self._network, self._snapper, belief).match(sights)
        nowhere = tuple(
            Unmatched(at_ms=place.at_ms, point=place.point)
            for place in places
            if place.arc == NO_ARC
        )
        driven = [place for place in places if place.arc != NO_ARC and not place.rides]
        begins = [n for n, place in enumerate(driven) if place.begins]
        return MatchedWay(
            stretches=tuple(
                self._stretch(driven[begin:end]) for begin, end in pairwise([*begins, len(driven)])
            ),
            unmatched=nowhere,
            used=len(places),
            matched=len(places) - len(nowhere),
        )

    def _stretch(self, driven: Sequence[Placed]) -> MatchedStretch:
        first = MatchedStep(at_ms=driven[0].at_ms, points=(driven[0].point,))
        steps = [
            MatchedStep(
                at_ms=place.at_ms,
                points=tuple(
                    Point(lat=lat, lon=lon)
                    for lat, lon in self._network.line_of(
                        place.way, before.fraction, place.fraction
                    ).tolist()
                ),
            )
            for before, place in pairwise(driven)
        ]
        return MatchedStretch(
            steps=(first, *steps), driven_m=sum(place.moved_m for place in driven)
        )
