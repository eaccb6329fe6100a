"""The reference in-memory form of the journal: virtual time, unit tests, the contract suite's twin.

It holds to the same rules as the PostgreSQL journal, row-level security included; the contract
suite in tests/contract runs against both.
"""

from collections.abc import Sequence
from typing import Final

from goldenhour.app.journal import (
    SYSTEM,
    Append,
    ClaimHeld,
    Conflict,
    Envelope,
    Fired,
    Head,
    Identity,
    IdentityReused,
    Loaded,
    Replayed,
    TimerGone,
)
from goldenhour.domain.care.file_events import FileMovedIn
from goldenhour.domain.case import decode_event, kind_of
from goldenhour.domain.commands import Command
from goldenhour.kernel.outcome import Claim, Effect
from goldenhour.kernel.personal import PersonalRow, Sealed
from goldenhour.kernel.record import Record

_MOVED_IN: Final = str(FileMovedIn.__struct_config__.tag)


class MemoryTimer(Record):
    key: str
    due_ms: int
    command: Command


class MemoryJournal:
    def __init__(self) -> None:
        self.feed: list[Envelope] = []
        """Every event in the order of delivery; its index + 1 is the delivery number."""
        self.streams: dict[str, list[Envelope]] = {}
        self.owners: dict[str, str] = {}
        self.cases: dict[str, str] = {}
        """Stream -> the incident stream of its case."""
        self.open: dict[str, bool] = {}
        self.claims: dict[Claim, str] = {}
        self.timers: dict[str, MemoryTimer] = {}
        self.effects: dict[str, Effect] = {}
        self.grants: dict[str, dict[str, dict[str, int | None]]] = {}
        """Organisation -> stream -> cause -> until when."""
        self.shared: dict[str, dict[str, dict[str, int | None]]] = {}
        """The same by case -> organisation, of what is shared whole."""
        self.personal: dict[str, tuple[str, PersonalRow]] = {}
        self.quarantine: list[tuple[str, int, bytes]] = []
        self.fingerprints: dict[tuple[str, int], bytes] = {}
        self.now_ms = 0
        self._numbers: dict[str, int] = {}

    def may_read(self, stream: str, identity: Identity) -> bool:
        if identity == SYSTEM:
            return True
        if kind_of(stream) not in identity.topics:
            return False
        if self.owners.get(stream) in identity.orgs:
            return True
        return any(
            until_ms is None or until_ms > self.now_ms
            for org in identity.orgs
            for until_ms in self.grants.get(org, {}).get(stream, {}).values()
        )

    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        return {
            stream: Loaded(
                head=Head(
                    version=events[-1].version, hash=events[-1].hash, org=self.owners[stream]
                ),
                events=tuple(events),
            )
            for stream in streams
            if (events := self.streams.get(stream)) and self.may_read(stream, identity)
        }

    async def append(self, append: Append, identity: Identity) -> None:  # noqa: ARG002 (the port's form; the memory journal is written by tests and virtual time)
        self.now_ms = max(self.now_ms, append.now_ms)
        if append.fired:
            timer = self.timers.get(append.fired.key)
            if timer is None or timer.due_ms != append.fired.due_ms:
                raise TimerGone
        if not append.events:
            return
        first = append.events[0]
        before = await self.find_replay(first.installation, first.sequence, append.fingerprint)
        if before is not None:
            raise Replayed(before)
        for event in append.events:
            known = self.streams.get(event.stream, [])
            pending = [e for e in append.events if e.stream == event.stream]
            if pending[0].version != len(known) + 1:
                raise Conflict
        released = {claim for stream, claim in append.released if self.claims.get(claim) == stream}
        for _stream, claim in append.claimed:
            if claim in self.claims and claim not in released:
                raise ClaimHeld(claim.kind)
        self._commit(append, released)

    async def append_all(self, appends: Sequence[Append], identity: Identity) -> bool:
        try:
            for append in appends:
                await self.append(append, identity)
        except (Conflict, ClaimHeld, Replayed, IdentityReused, TimerGone):
            return False
        return True

    def _commit(self, append: Append, released: set[Claim]) -> None:
        if append.fired:
            del self.timers[append.fired.key]
        self.owners |= append.owners
        self.cases |= append.cases
        for stream, incident in append.cases.items():
            for org, causes in self.shared.get(incident, {}).items():
                self._grants_of(org, stream).update(causes)
        self.open |= append.open_streams
        for event in append.events:
            self.streams.setdefault(event.stream, []).append(event)
            self.feed.append(event)
            self.fingerprints[event.installation, event.sequence] = append.fingerprint
        for claim in released:
            del self.claims[claim]
        for stream, claim in append.claimed:
            self.claims[claim] = stream
        for _stream, key in append.cancelled:
            self.timers.pop(key, None)
        for _stream, timer in append.timers:
            self.timers[timer.key] = MemoryTimer(
                key=timer.key, due_ms=timer.due_ms, command=timer.command
            )
        for _stream, effect in append.effects:
            self.effects.setdefault(effect.key, effect)
        for grant in append.grants:
            streams = set(grant.streams)
            if grant.whole:
                streams |= {s for s, incident in self.cases.items() if incident in streams}
                for incident in grant.streams:
                    self.shared.setdefault(incident, {}).setdefault(grant.org, {})[grant.cause] = (
                        grant.until_ms
                    )
            for stream in streams:
                self._grants_of(grant.org, stream)[grant.cause] = grant.until_ms
        for limit in append.limits:
            for stream, causes in self.grants.get(limit.org, {}).items():
                if self.cases.get(stream) == limit.case_stream:
                    for cause in causes:
                        causes[cause] = limit.until_ms
        for stream, row in append.personal:
            self.personal[row.row] = (stream, row)
        for event in append.events:
            if event.kind == _MOVED_IN:
                self._take_caption_along(event)

    def _take_caption_along(self, event: Envelope) -> None:
        """As the database's trigger on the event (migration 0029)."""
        said = decode_event(event.body)
        if isinstance(said, FileMovedIn) and isinstance(said.caption, Sealed):
            stood, row = self.personal.get(said.caption.row, ("", None))
            if row is not None and stood == f"patient:{said.came_from}":
                self.personal[row.row] = (event.stream, row)

    def _grants_of(self, org: str, stream: str) -> dict[str, int | None]:
        return self.grants.setdefault(org, {}).setdefault(stream, {})

    async def find_replay(
        self, installation: str, sequence: int, fingerprint: bytes
    ) -> dict[str, int] | None:
        stored = self.fingerprints.get((installation, sequence))
        if stored is None:
            return None
        if stored != fingerprint:
            self.quarantine.append((installation, sequence, fingerprint))
            raise IdentityReused
        return {
            e.stream: e.version
            for e in self.feed
            if (e.installation, e.sequence) == (installation, sequence)
        }

    async def next_case_number(self, day: str) -> str:
        self._numbers[day] = self._numbers.get(day, 0) + 1
        return f"{day}-{self._numbers[day]:04d}"

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:
        found = {row: self.personal[row] for row in rows if row in self.personal}
        return {
            row: personal.content.decode()
            for row, (stream, personal) in found.items()
            if self.may_read(stream, identity)
        }

    async def find_written(self, texts: Sequence[str], identity: Identity) -> list[str]:
        wanted = {text.encode() for text in texts}
        found = [
            stream
            for stream, row in self.personal.values()
            if row.content in wanted
            and kind_of(stream) == "patient"
            and self.may_read(stream, identity)
        ]
        return list(dict.fromkeys(reversed(found)))

    async def due(self, now_ms: int, limit: int = 100) -> list[MemoryTimer]:
        self.now_ms = max(self.now_ms, now_ms)
        ripe = sorted(
            (t for t in self.timers.values() if t.due_ms <= now_ms), key=lambda t: t.due_ms
        )
        return ripe[:limit]

    async def drop(self, fired: Fired) -> None:
        timer = self.timers.get(fired.key)
        if timer and timer.due_ms == fired.due_ms:
            del self.timers[fired.key]
