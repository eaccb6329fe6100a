"""The ways of ended runs along the streets, kept beside their positions.

Rule 1: a run's way is guessed once, some time after its end, when what its vehicle held back over a
        dead link has come. A guess says when it was made, on which roads, and from how many
        positions.
Rule 2: whoever reads is given the kept way while it rests on the positions that there are, or when
        these are deleted; if more have come since, the way is guessed anew for the reader.
Rule 3: the positions stay as they were sent; a way is never written over.
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from goldenhour.app.learn import Tracks
from goldenhour.app.ports import WayMatching
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.review.track import MatchedWay, spaced
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Fix
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS
from goldenhour.views.fold import Folded

PAGE_MS: Final = 2 * HOUR_MS
"""Of a run's way or signs, read at once."""
SETTLED_MS: Final = 10 * MINUTE_MS
MOST_MATCHED: Final = 1_800
"""Positions of a page that are matched to streets: one in 4 s, some seconds of work."""
MOST_RUNS: Final = 20
"""In one look; the next one finds the rest."""


class KeptWay(Record):
    """One page of a run's way."""

    matched_ms: int
    network: str
    """The digest of the roads."""
    stored: int
    """Positions that the page had."""
    way: MatchedWay


class Ways(Protocol):
    async def find(self, mission_id: str, from_ms: int) -> KeptWay | None:
        """The page that begins at this moment."""

    async def put(self, mission_id: str, from_ms: int, kept: KeptWay) -> None:
        """The first one stays."""

    async def list_kept(self, missions: Sequence[str]) -> set[str]:
        """Of these runs, those with a way."""


class Page(Record):
    from_ms: int
    to_ms: int
    """The last moment that belongs to it."""
    next_ms: int | None


def page_at(run: Mission, from_ms: int, now_ms: int) -> Page:
    """The part of a run that begins at this moment, or with the run."""
    begun_ms = run.since_ms if run.assigned_ms is None else run.assigned_ms
    last_ms = now_ms if run.ended_ms is None else run.ended_ms
    start_ms = max(begun_ms, from_ms)
    if start_ms + PAGE_MS <= last_ms:
        return Page(from_ms=start_ms, to_ms=start_ms + PAGE_MS - 1, next_ms=start_ms + PAGE_MS)
    return Page(from_ms=start_ms, to_ms=last_ms, next_ms=None)


def holds(kept: KeptWay, fixes: Sequence[Fix]) -> bool:
    """Rule 2."""
    return len(fixes) in (0, kept.stored)


@dataclass(frozen=True, slots=True)
class WayKeeper:
    matching: WayMatching
    network: str
    gap_ms: int
    tracks: Tracks
    ways: Ways

    async def look(self, view: Folded, now_ms: int) -> None:
        """Keep the ways of the runs that are over and have none."""
        over = dict(_settled(view, now_ms))
        kept = await self.ways.list_kept(list(over))
        for mission_id in [each for each in over if each not in kept][:MOST_RUNS]:
            await self._keep(mission_id, over[mission_id], now_ms)

    async def _keep(self, mission_id: str, run: Mission, now_ms: int) -> None:
        from_ms: int | None = 0
        while from_ms is not None:
            page = page_at(run, from_ms, now_ms)
            fixes = await self.tracks.list_track(run.unit_id, page.from_ms, page.to_ms)
            some = spaced(fixes, MOST_MATCHED)
            way = await asyncio.to_thread(self.matching.match, some, self.gap_ms)
            kept = KeptWay(matched_ms=now_ms, network=self.network, stored=len(fixes), way=way)
            await self.ways.put(mission_id, page.from_ms, kept)
            from_ms = page.next_ms


def _settled(view: Folded, now_ms: int) -> Iterator[tuple[str, Mission]]:
    for stream, run in view.states.items():
        if not isinstance(run, Mission) or run.ended_ms is None:
            continue
        if run.ended_ms + SETTLED_MS <= now_ms:
            yield stream.partition(":")[2], run
