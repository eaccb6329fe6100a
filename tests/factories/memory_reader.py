"""The reading side of the journal in memory: `app.live.Reader` and `app.live.Feed`."""

from collections.abc import AsyncGenerator, Sequence

from goldenhour.app.handle import fold
from goldenhour.app.journal import Envelope, Identity
from goldenhour.app.live import list_shown
from goldenhour.app.memory import MemoryJournal


class MemoryReader:
    """Every stream is read from its beginning; `rewrites` is the caller's to choose."""

    def __init__(self, journal: MemoryJournal, *, rewrites: bool = False) -> None:
        self.journal = journal
        self.rewrites = rewrites

    async def list_open(self, identity: Identity, since_ms: int) -> list[Envelope]:
        held = {
            stream: events
            for stream, events in sorted(self.journal.streams.items())
            if self.journal.may_read(stream, identity)
        }
        states = {stream: fold(stream, events) for stream, events in held.items()}
        changed_ms = {stream: events[-1].received_ms for stream, events in held.items()}
        shown = list_shown(states, changed_ms, since_ms)
        return [e for stream, events in held.items() if stream in shown for e in events]

    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]:
        return [
            event
            for stream in sorted(streams)
            if self.journal.may_read(stream, identity)
            for event in self.journal.streams.get(stream, ())
        ]

    async def list_seqs(self, seqs: Sequence[int], identity: Identity) -> list[Envelope]:
        found = (self.journal.feed[seq - 1] for seq in seqs)
        return [event for event in found if self.journal.may_read(event.stream, identity)]

    async def readable(self, streams: Sequence[str], identity: Identity) -> set[str]:
        return {s for s in await self.owners(streams) if self.journal.may_read(s, identity)}

    async def owners(self, streams: Sequence[str]) -> dict[str, str]:
        return {s: self.journal.owners[s] for s in streams if s in self.journal.streams}

    async def readers(self, streams: Sequence[str]) -> dict[str, frozenset[str]]:
        return {
            s: frozenset(
                {owner, *(org for org, given in self.journal.grants.items() if s in given)}
            )
            for s, owner in (await self.owners(streams)).items()
        }

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:
        return await self.journal.reveal(rows, identity)

    async def last(self) -> int:
        return len(self.journal.feed)

    async def after(self, delivery: int, limit: int = 2000) -> list[tuple[int, str, int]]:
        rows = enumerate(self.journal.feed, start=1)
        return [(n, event.stream, n) for n, event in rows if n > delivery][:limit]

    async def wake_ups(self, poll_s: float = 1.0) -> AsyncGenerator[None]:  # noqa: ARG002 (the port's form; tests advance by themselves)
        yield
