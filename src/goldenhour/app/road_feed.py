"""Roads that an authority's feed says are shut or slow: closures like those of a desk.

Rule 1: a closure is one entry as it stands, so that the same answer twice shuts nothing twice. An
        entry that changes is another closure; the old one goes when the new one is there.
Rule 2: what a desk opened stays open while the entry stands as it is.
Rule 3: an entry that is gone from one answer may be a slip of the feed; from two, the road is open.
        No answer, or one that cannot be read, opens nothing.
Rule 4: a feed that says nothing usable for long is told to every desk, once, until it speaks.
"""

import hashlib
from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from goldenhour.domain import commands as c
from goldenhour.domain.attention.alert import Alert
from goldenhour.domain.attention.alert import State as AlertState
from goldenhour.domain.commands import Command
from goldenhour.domain.dispatch.road import Road
from goldenhour.domain.dispatch.road_feed import FeedRules, Meaning, meaning_of
from goldenhour.domain.register.city import Bounds
from goldenhour.kernel.datum import Datum, to_wgs84
from goldenhour.kernel.geo import Point
from goldenhour.kernel.road_notice import Notice
from goldenhour.views.fold import Folded

ROLE: Final = "road_feed"
"""As whom it speaks; no person has this role."""
SILENT: Final = "road_feed_silent"
_PREFIX: Final = "road:feed."
_SUBJECT: Final = "road:feed"
_MARGIN_DEG: Final = 0.02


class FeedError(Exception):
    """No answer, or one that is no feed; says why, without any secret."""


class Follower:
    """What is to be said after each answer; the view is of everything that stands."""

    def __init__(self, rules: FeedRules, datum: Datum, area: Bounds | None) -> None:
        """`area` None: every notice counts, wherever it is."""
        self._rules = rules
        self._datum = datum
        self._area = area
        self._said: frozenset[str] = frozenset()
        """The entries of the last answer: a view lags, and forgets a road that was opened."""
        self._opened: set[str] = set()
        """Entries that a person has opened: what a desk opens stays open when the view forgets."""
        self._missed: frozenset[str] = frozenset()
        """Closures whose entry was gone from the last answer."""

    def follow(self, notices: Sequence[Notice], view: Folded, now_ms: int) -> list[Command]:
        wanted = dict(self._wanted(notices, now_ms))
        known = {
            stream.partition(":")[2]: state
            for stream, state in view.states.items()
            if stream.startswith(_PREFIX) and isinstance(state, Road)
        }
        standing = {ident for ident, road in known.items() if road.reopened_ms is None}
        self._opened |= {
            _entry_of(ident)
            for ident, road in known.items()
            if road.reopened_ms is not None and road.role not in (ROLE, "system")
        }
        settled = self._opened | {_entry_of(ident) for ident in standing}
        new = [
            self._closure(f"feed.{entry}.{now_ms}", notice, meaning)
            for entry, (notice, meaning) in wanted.items()
            if entry not in settled | self._said
        ]
        gone = {ident for ident in standing if _entry_of(ident) not in wanted}
        opened = [
            c.ReopenRoad(closure_id=ident, reason="open") for ident in sorted(gone & self._missed)
        ]
        self._said = frozenset(wanted)
        self._missed = frozenset(gone)
        return [*new, *opened]

    def _wanted(
        self, notices: Sequence[Notice], now_ms: int
    ) -> Iterator[tuple[str, tuple[Notice, Meaning]]]:
        for notice in notices:
            meaning = meaning_of(notice, self._rules, now_ms)
            if meaning is not None and (self._area is None or _meets(notice.line, self._area)):
                said = msgspec.json.encode((notice, meaning), order="deterministic")
                yield hashlib.sha256(said).hexdigest()[:32], (notice, meaning)

    def _closure(self, ident: str, notice: Notice, meaning: Meaning) -> c.CloseRoad:
        return c.CloseRoad(
            closure_id=ident,
            line=tuple(to_wgs84(point, self._datum) for point in notice.line),
            both_ways=notice.both_ways,
            share=meaning.share,
            reason=meaning.reason,
            label=notice.street,
            until_ms=notice.until_ms,
        )


def _meets(line: Sequence[Point], area: Bounds) -> bool:
    """A province's feed tells of roads that no vehicle of ours drives. A datum shifts by less."""
    return any(
        area.south - _MARGIN_DEG <= point.lat <= area.north + _MARGIN_DEG
        and area.west - _MARGIN_DEG <= point.lon <= area.east + _MARGIN_DEG
        for point in line
    )


def _entry_of(closure_id: str) -> str:
    """`feed.ENTRY.MOMENT`: an entry that comes back after it was gone is another closure."""
    return closure_id.split(".")[1]


def tell_silent(view: Folded, orgs: Sequence[str], since_ms: int) -> list[tuple[str, Command]]:
    """An alert for each of these organisations that has none standing, and whose it is."""
    standing = {org for org, _ident in _standing(view)}
    return [
        (
            org,
            c.RaiseAlert(
                alert_id=f"{SILENT}.{org}.{since_ms}",
                code=SILENT,
                priority=3,
                subject=_SUBJECT,
                incident_id="",
                owner="all",
                details={},
            ),
        )
        for org in orgs
        if org not in standing
    ]


def end_silence(view: Folded) -> list[tuple[str, Command]]:
    return [
        (org, c.ResolveAlert(alert_id=ident, reason="answered")) for org, ident in _standing(view)
    ]


def _standing(view: Folded) -> Iterator[tuple[str, str]]:
    """Organisation and alert."""
    for stream, state in view.states.items():
        if not isinstance(state, Alert) or state.code != SILENT:
            continue
        if state.state is not AlertState.RESOLVED:
            ident = stream.partition(":")[2]
            yield ident.removeprefix(f"{SILENT}.").rpartition(".")[0], ident
