"""Live views: one fold a scope class, kept in memory, advanced by the feed.

Rule 1: a scope class is an identity. Bodies are read once a class and under that identity, so that
        row-level security decides what a screen can ever receive.
Rule 2: a snapshot is taken at a delivery number that was read before the events; events after it
        that the snapshot already holds are skipped by their stream version.
Rule 3: a right that ends takes its rows off the screen in about `SWEEP_S`; a right that begins
        brings the whole stream, and what that stream points to.
Rule 4: a delivery is read only for the classes whose organisations own its stream or were ever
        given it; for a city's other vehicles and hospitals its number alone moves on.
Rule 5: where the reader rewrites streams (a vehicle's own computer, whose versions are provisional
        until the centre has spoken), whatever a delivery touches is folded again whole.
Rule 6: a case leaves a view whole, `SHOWN_AFTER_END_MS` after the last event of its last stream
        that was open; a view that was made later and one that ran all the time hold the same.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from itertools import islice
from typing import Final, Protocol

from msgspec.structs import replace

from goldenhour.app.chart import find_run, find_wearer, own_values
from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import Envelope, Identity
from goldenhour.app.ports import Clock
from goldenhour.app.positions import Locate, Positions, without_roads
from goldenhour.domain.case import Facts, State
from goldenhour.domain.case.policy import case_stream
from goldenhour.domain.case.streams import is_open
from goldenhour.domain.dispatch.credible import Credible
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.kernel.time import HOUR_MS, MINUTE_MS
from goldenhour.views.fold import Folded, Key, Patch, Reveal, links, personal_rows
from goldenhour.views.render import renderer
from goldenhour.views.rows import Row, UnrecordedRow

KEPT_PATCHES: Final = 5000
KEPT_MS: Final = 10 * MINUTE_MS
"""A screen that was away for less than both resumes; a longer absence gets it all."""
SWEEP_S: Final = 2.0
EVERYONE: Final = "*"
Heed = Callable[[Folded], Awaitable[object]]
SHOWN_AFTER_END_MS: Final = 24 * HOUR_MS


class Feed(Protocol):
    async def last(self) -> int: ...
    async def after(self, delivery: int, limit: int = 2000) -> list[tuple[int, str, int]]: ...
    def wake_ups(self, poll_s: float = 1.0) -> AsyncIterator[None]: ...


class Reader(Protocol):
    @property
    def rewrites(self) -> bool:
        """Whether a version, once read, may later hold another event."""

    async def list_open(self, identity: Identity, since_ms: int) -> list[Envelope]: ...
    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]: ...
    async def list_seqs(self, seqs: Sequence[int], identity: Identity) -> list[Envelope]: ...
    async def readable(self, streams: Sequence[str], identity: Identity) -> set[str]: ...
    async def owners(self, streams: Sequence[str]) -> dict[str, str]: ...
    async def readers(self, streams: Sequence[str]) -> dict[str, frozenset[str]]:
        """Whose each stream is and to whom it was ever granted; `EVERYONE` where that is not asked.

        It may name too many, since the reading itself is under the identity, and never too few.
        """

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]: ...


class Numbered(Record):
    """A patch with the delivery number up to which the view is now true."""

    at: int
    made_ms: int
    put: tuple[Row, ...]
    drop: tuple[Key, ...]


class Scope:
    """One identity's view."""

    def __init__(
        self, identity: Identity, reader: Reader, facts: Facts, clock: Clock, *, drawn: bool = True
    ) -> None:
        self.identity = identity
        self.view = Folded(renderer(facts), Reveal({}), drawn=drawn)
        self.at = 0
        self.patches: deque[Numbered] = deque()
        self._complete_after = 0
        """Whoever has seen this delivery can resume from the patches kept."""
        self._dropped = 0
        self.changed = asyncio.Condition()
        self.followers = 0
        self.heed: Heed | None = None
        """What has to know of a change before any screen does."""
        self._reader = reader
        self._clock = clock

    async def start(self, feed: Feed) -> None:
        self.at = await feed.last()
        since_ms = self._clock.now_ms() - SHOWN_AFTER_END_MS
        await self._fold(await self._reader.list_open(self.identity, since_ms))
        self._complete_after = self.at

    async def advance(
        self, rows: Sequence[tuple[int, str, int]], readers: Mapping[str, frozenset[str]]
    ) -> None:
        """Fold the events of these deliveries and tell the followers."""
        at = rows[-1][0]
        mine = {EVERYONE, *self.identity.orgs}
        touched = {
            stream
            for _d, stream, _s in rows
            if EVERYONE in self.identity.orgs or not mine.isdisjoint(readers.get(stream, ()))
        }
        if not touched:
            self.at = at
            return
        if self._reader.rewrites:
            whole = await self._reader.list_streams(sorted(touched), self.identity)
            await self._tell(await self._fold(whole, reload=sorted(touched)), at)
            return
        seqs = [seq for _d, stream, seq in rows if stream in touched]
        envelopes = await self._reader.list_seqs(seqs, self.identity)
        gaps = self._list_gaps(envelopes)
        if gaps:
            whole = await self._reader.list_streams(sorted(gaps), self.identity)
            envelopes = [*whole, *envelopes]
        if any(s.startswith("incident:") and s not in self.view.states for s in gaps):
            # A case that was begun elsewhere: it has streams that nothing here points to.
            since_ms = self._clock.now_ms() - SHOWN_AFTER_END_MS
            envelopes = [*await self._reader.list_open(self.identity, since_ms), *envelopes]
        await self._tell(await self._fold(envelopes), at)

    def _list_gaps(self, envelopes: Sequence[Envelope]) -> set[str]:
        """Streams of which more is missing here than these events, which come in their order."""
        versions: dict[str, int] = {}
        gaps: set[str] = set()
        for event in envelopes:
            known = versions.get(event.stream, self.view.versions.get(event.stream, 0))
            if event.version > known + 1:
                gaps.add(event.stream)
            versions[event.stream] = max(known, event.version)
        return gaps

    async def take_streams(self, streams: Sequence[str]) -> None:
        await self._fold(await self._reader.list_streams(streams, self.identity))

    async def sweep(self) -> None:
        """Take off what may not be read any more and what ended long ago."""
        streams = list(self.view.states)
        kept = await self._reader.readable(streams, self.identity)
        since_ms = self._clock.now_ms() - SHOWN_AFTER_END_MS
        kept &= list_shown(self.view.states, self.view.changed_ms, since_ms)
        gone = [stream for stream in streams if stream not in kept]
        if gone:
            patch = self.view.forget(gone)
            await self._tell([patch, self.view.refresh_all()], self.at)

    async def _fold(self, envelopes: Iterable[Envelope], reload: Sequence[str] = ()) -> list[Patch]:
        """Fold events in order, then whatever they newly point to, until nothing is missing.

        Streams to reload are among the events whole, or not at all when they are gone.
        """
        patches: list[Patch] = []
        tried: set[str] = set()
        waiting = list(envelopes)
        while waiting or reload:
            recorded = [recorded_of(e) for e in waiting]
            wanted = self.view.reveal.unknown(r for e in recorded for r in personal_rows(e))
            self.view.reveal.add(await self._reader.reveal(wanted, self.identity))
            patches.extend(
                self.view.reload(stream, [r for r in recorded if r.stream == stream])
                for stream in reload
            )
            reload = ()
            # What was reloaded has its versions already and is skipped here.
            patches.append(self.view.apply_all(recorded))
            missing = {
                other
                for r in recorded
                if (state := self.view.states.get(r.stream)) is not None
                for other in links(state)
                if other not in self.view.states
            } - tried
            tried |= missing
            waiting = (
                await self._reader.list_streams(sorted(missing), self.identity) if missing else []
            )
        return patches

    async def _tell(self, patches: Sequence[Patch], at: int) -> None:
        if self.heed is not None:
            await self.heed(self.view)
        put: dict[Key, Row] = {}
        drop: dict[Key, None] = {}
        for patch in patches:
            for row in patch.put:
                key = (row.__struct_config__.tag, row.id)
                put[str(key[0]), key[1]] = row
                drop.pop((str(key[0]), key[1]), None)
            for key in patch.drop:
                put.pop(key, None)
                drop[key] = None
        async with self.changed:
            self.at = at
            now_ms = self._clock.now_ms()
            self.patches.append(
                Numbered(at=at, made_ms=now_ms, put=tuple(put.values()), drop=tuple(drop))
            )
            while len(self.patches) > KEPT_PATCHES or self.patches[0].made_ms < now_ms - KEPT_MS:
                self._complete_after = self.patches.popleft().at
                self._dropped += 1
            self.changed.notify_all()

    @property
    def position(self) -> int:
        """Where a follower stands who has just been given a snapshot."""
        return self._dropped + len(self.patches)

    def find_position(self, after: int | None) -> int | None:
        """Where to go on for one who has painted a delivery; None: only a snapshot will do.

        A patch that took rows off without a new delivery carries the number before it, so the last
        painted number is given again; whole rows may be put twice.
        """
        if after is None or after > self.at or after < self._complete_after:
            return None
        return self._dropped + sum(1 for patch in self.patches if patch.at < after)

    def patches_from(self, position: int) -> list[Numbered] | None:
        """What a follower has not had yet; None: it was too slow and needs a snapshot."""
        if position < self._dropped:
            return None
        return list(islice(self.patches, position - self._dropped, None))

    def shows_unit(self, unit_id: str) -> bool:
        """Whether telemetry of this unit belongs on this screen."""
        return f"unit:{unit_id}" in self.view.states or any(
            getattr(state, "unit_id", "") == unit_id and is_open(state)
            for stream, state in self.view.states.items()
            if stream.startswith("mission:")
        )

    def shows_numerics(self, item: NumericSet) -> bool:
        """A patient whom the reader may not read is not read by the monitor either."""
        if not self.shows_unit(item.unit_id):
            return False
        run = find_run(self.view, item.unit_id)
        said = run[1].devices.find_place(item.device_id) if run else None
        return not said or not said.patient_id or f"patient:{said.patient_id}" in self.view.states

    def list_unrecorded(self, rows: Iterable[UnrecordedRow]) -> tuple[UnrecordedRow, ...]:
        return tuple(
            row
            for row in rows
            if f"mission:{row.mission_id}" in self.view.states
            and (not row.patient_id or f"patient:{row.patient_id}" in self.view.states)
        )


class OwnNumerics:
    """The vital signs that one screen is told, of whoever wears the device and of nobody else.

    Rule 1: a value that was measured on the wearer before is left out: a monitor repeats it.
    Rule 2: when a device goes to another patient, what it said last is taken back at once; of a
            monitor that speaks once a minute it would stand there for so long.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._told: dict[str, tuple[NumericSet, str | None]] = {}

    def list_new(self, newest: Iterable[NumericSet]) -> list[NumericSet]:
        return [told for item in newest if (told := self._new(item)) is not None]

    def _new(self, item: NumericSet) -> NumericSet | None:
        view = self._scope.view
        run = find_run(view, item.unit_id)
        said = run[1].devices.find_place(item.device_id) if run else None
        wearer = said.patient_id if said else None
        before, worn_before = self._told.get(item.device_id, (None, None))
        if (item is before and wearer == worn_before) or not self._scope.shows_numerics(item):
            return None
        self._told[item.device_id] = (item, wearer)
        if item is before and worn_before is not None:
            return replace(item, values=())
        worn = find_wearer(view, item.unit_id, item.device_id)
        return item if worn is None else replace(item, values=own_values(item, view, *worn))


def list_shown(
    states: Mapping[str, State | None], changed_ms: Mapping[str, int], since_ms: int
) -> set[str]:
    """The streams that are open or changed since, and the others of their cases (rule 6)."""
    shown = {s for s, state in states.items() if is_open(state) or changed_ms[s] >= since_ms}
    cases = {case_stream(stream, states[stream]) for stream in shown} - {""}
    return shown | {s for s, state in states.items() if case_stream(s, state) in cases}


class Hub:
    """All scopes of a process, the newest telemetry, and the loop that advances them."""

    def __init__(
        self,
        reader: Reader,
        feed: Feed,
        facts: Facts,
        clock: Clock,
        locate: Locate = without_roads,
        *,
        credible: Credible | None = None,
        drawn: bool = True,
    ) -> None:
        """`drawn`: screens follow its views."""
        self.positions = Positions(locate, credible)
        self.numerics: dict[str, NumericSet] = {}
        """The newest set of each device."""
        self.unrecorded: tuple[UnrecordedRow, ...] = ()
        """What alarms here and stands in no record."""
        self.watching: Counter[str] = Counter()
        """How many open screens each person has."""
        self._reader = reader
        self._feed = feed
        self._facts = facts
        self._clock = clock
        self._drawn = drawn
        self._scopes: dict[Identity, Scope] = {}
        self._starting = asyncio.Lock()
        self._at = 0

    async def scope(self, identity: Identity) -> Scope:
        """The identity's view, made when the first reader asks."""
        async with self._starting:
            found = self._scopes.get(identity)
            if found is None:
                found = Scope(identity, self._reader, self._facts, self._clock, drawn=self._drawn)
                await found.start(self._feed)
                self._scopes[identity] = found
        return found

    async def lead(self, identity: Identity, heed: Heed) -> None:
        """This view comes before all others: they hear of a change when it has been heeded.

        To be called before anybody asks for a view.
        """
        scope = await self.scope(identity)
        scope.followers += 1  # it is kept
        scope.heed = heed
        await heed(scope.view)

    def list_watched(self) -> list[Folded]:
        """The views that somebody looks at now."""
        return [scope.view for scope in self._scopes.values() if scope.followers]

    def count_followers(self) -> int:
        return sum(scope.followers for scope in self._scopes.values())

    async def case_view(self, stream: str, identity: Identity) -> Folded:
        """A stream with all that it points to, folded once for the occasion."""
        return await self.streams_view([stream], identity)

    async def streams_view(self, streams: Sequence[str], identity: Identity) -> Folded:
        """These streams and all that they point to, folded once for the occasion."""
        scope = Scope(identity, self._reader, self._facts, self._clock)
        await scope.take_streams(streams)
        return scope.view

    async def run(self) -> None:
        async with self._starting:
            # A view that was made before this loop has seen nothing since.
            seen = [scope.at for scope in self._scopes.values()]
            self._at = min([await self._feed.last(), *seen])
        async for _wake in self._feed.wake_ups():
            await self.advance()

    async def advance(self) -> None:
        while rows := await self._feed.after(self._at):
            async with self._starting:
                readers = await self._reader.readers(sorted({stream for _d, stream, _s in rows}))
                for scope in self._scopes.values():
                    fresh = [row for row in rows if row[0] > scope.at]
                    if fresh:
                        await scope.advance(fresh, readers)
            self._at = rows[-1][0]

    async def sweep_for_ever(self) -> None:
        """One scope after another over the time: all at once would hold up what people wait for."""
        while True:
            turn = list(self._scopes.items())
            if not turn:
                await asyncio.sleep(SWEEP_S)
            for identity, scope in turn:
                await asyncio.sleep(SWEEP_S / len(turn))
                if scope.followers == 0 and len(self._scopes) > 64:  # noqa: PLR2004 (a bound on memory, not a rule)
                    del self._scopes[identity]
                    continue
                async with self._starting:
                    await scope.sweep()

    def take_numerics(self, numerics: NumericSet) -> None:
        self.numerics[numerics.device_id] = numerics
