"""A vehicle's journal, reader and feed, and its queue of uploads: the `Ledger` off the event loop.

Rule 1: one thread does all the work on SQLite, so that calls follow one another in their order.
Rule 2: one vehicle, or one fallback seat, is one identity: whoever is logged in on it may read what
        it holds, and the centre decides what that is. The ports' identities are not looked at.
Rule 3: claims, timers, effects and grants of an append are the centre's: it reacts when it receives
        the event.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Final

from sqlcipher3 import dbapi2 as sqlite3

from goldenhour.adapters.edge.ledger import Ledger
from goldenhour.adapters.edge.uploads import Uploads
from goldenhour.adapters.edge.vitals import Vitals
from goldenhour.app.edge import Aside, FeedMessage, Roster, Upload, UploadAnswer
from goldenhour.app.handle import fold
from goldenhour.app.journal import Append, Envelope, Identity, Loaded, StoreFullError
from goldenhour.app.live import EVERYONE, list_shown
from goldenhour.app.ports import Clock
from goldenhour.app.uplinks import DataClass
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.telemetry import Fix, NumericSet

LANES: Final = (DataClass.EVENTS, DataClass.VITALS)
"""What is uploaded as items, each lane in its own dense order."""


class EdgeStore:
    """`app.journal.Journal`, `app.live.Reader` and `app.live.Feed` of one vehicle."""

    rewrites = True
    """Own events move behind what the centre says."""

    def __init__(
        self,
        path: Path,
        installation_entropy: Entropy,
        clock: Clock,
        key: bytes | None = None,
        series: str = "",
    ) -> None:
        """Open the file, or make it at the first start; raises StoreError.

        With a key of 32 bytes it is encrypted, as in every vehicle; a rig may do without.
        `series`: of the case numbers that a fallback seat gives; empty at a vehicle.
        """
        self._path = path
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="edge-store")
        self._woken: set[asyncio.Event] = set()
        try:
            opening = self._worker.submit(
                Ledger, path, installation_entropy, clock.now_ms(), key, series
            )
            self._ledger = opening.result()
            self._pending = self._worker.submit(self._count_pending).result()
            self._roster = self._worker.submit(self._ledger.people.find_roster).result()
        except BaseException:
            self._worker.shutdown()
            raise

    async def close(self) -> None:
        await self._run(self._ledger.close)
        self._worker.shutdown()

    @property
    def installation(self) -> str:
        """Made at the first start, kept for ever."""
        return self._ledger.installation

    # ---- app.journal.Journal

    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:  # noqa: ARG002 (rule 2)
        return await self._run(lambda: self._ledger.load(streams))

    async def append(self, append: Append, identity: Identity) -> None:  # noqa: ARG002 (rule 2)
        await self._change(lambda: self._ledger.append(append))

    async def find_replay(
        self, installation: str, sequence: int, fingerprint: bytes
    ) -> dict[str, int] | None:
        return await self._run(
            lambda: self._ledger.find_replay(installation, sequence, fingerprint)
        )

    async def next_case_number(self, day: str) -> str:
        return await self._run(lambda: self._ledger.next_case_number(day))

    # ---- app.live.Reader

    async def list_open(self, identity: Identity, since_ms: int) -> list[Envelope]:  # noqa: ARG002 (rule 2)
        """Every event of the streams that `list_shown` names, in stream order."""

        def work() -> list[Envelope]:
            found = ((stream, self._ledger.events(stream)) for stream in self._ledger.streams())
            held = {stream: events for stream, events in found if events}
            states = {stream: fold(stream, events) for stream, events in held.items()}
            changed_ms = {stream: events[-1].received_ms for stream, events in held.items()}
            shown = list_shown(states, changed_ms, since_ms)
            return [e for stream, events in held.items() if stream in shown for e in events]

        return await self._run(work)

    async def list_streams(self, streams: Sequence[str], identity: Identity) -> list[Envelope]:  # noqa: ARG002 (rule 2)
        return await self._run(
            lambda: [e for stream in sorted(streams) for e in self._ledger.events(stream)]
        )

    async def list_seqs(self, seqs: Sequence[int], identity: Identity) -> list[Envelope]:
        """The streams that these deliveries touched, whole."""
        return await self.list_streams(
            list(await self._run(lambda: self._ledger.delivered(seqs))), identity
        )

    async def readable(self, streams: Sequence[str], identity: Identity) -> set[str]:  # noqa: ARG002 (rule 2)
        return set(await self.owners(streams))

    async def owners(self, streams: Sequence[str]) -> dict[str, str]:
        return await self._run(lambda: self._ledger.owners(streams))

    async def readers(self, streams: Sequence[str]) -> dict[str, frozenset[str]]:
        return dict.fromkeys(streams, frozenset({EVERYONE}))

    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:  # noqa: ARG002 (rule 2)
        return await self._run(lambda: self._ledger.reveal(rows))

    # ---- app.live.Feed

    async def last(self) -> int:
        return await self._run(self._ledger.last_delivery)

    async def after(self, delivery: int, limit: int = 2000) -> list[tuple[int, str, int]]:
        return await self._run(lambda: self._ledger.deliveries_after(delivery, limit))

    async def wake_ups(self, poll_s: float = 1.0) -> AsyncGenerator[None]:
        """Yields at first, after every change of this process, and every `poll_s` anyway."""
        woken = asyncio.Event()
        self._woken.add(woken)
        try:
            while True:
                yield
                with suppress(TimeoutError):
                    async with asyncio.timeout(poll_s):
                        await woken.wait()
                woken.clear()
        finally:
            self._woken.discard(woken)

    # ---- vital signs

    async def append_numerics(self, sets: Sequence[NumericSet]) -> None:
        await self._change(lambda: self._ledger.append_numerics(sets))

    async def list_track(self, unit_id: str, from_ms: int, to_ms: int) -> list[Fix]:  # noqa: ARG002 (the port's form)
        """A vehicle keeps no track of itself; the centre has it."""
        return []

    async def list_numerics(self, unit_id: str, from_ms: int, to_ms: int) -> list[NumericSet]:
        """From the first time, before the second one, oldest first."""
        return await self._run(lambda: self._ledger.vitals.list_numerics(unit_id, from_ms, to_ms))

    # ---- the link's side

    def pending_count(self) -> int:
        """Items that are not known to be durable at the centre."""
        return sum(self._pending.values())

    def pending_of(self, lane: DataClass) -> int:
        return self._pending[lane]

    async def list_aside(self, since_ms: int) -> list[Aside]:
        """What was recorded since then and the centre has kept aside."""
        return await self._run(lambda: self._ledger.uploads.list_aside(since_ms))

    async def next_upload(
        self, limit_bytes: int, lane: DataClass = DataClass.EVENTS
    ) -> Upload | None:
        return await self._run(lambda: self._lane(lane).next_upload(limit_bytes))

    async def confirm(self, answer: UploadAnswer, lane: DataClass = DataClass.EVENTS) -> None:
        """Raises ProtocolError."""
        if lane is DataClass.EVENTS:
            await self._change(lambda: self._ledger.confirm(answer))
        else:
            await self._change(lambda: self._ledger.confirm_vitals(answer))

    def _lane(self, lane: DataClass) -> Uploads | Vitals:
        return self._ledger.uploads if lane is DataClass.EVENTS else self._ledger.vitals

    def _count_pending(self) -> dict[DataClass, int]:
        return {lane: self._lane(lane).pending() for lane in LANES}

    async def known(self) -> dict[str, int]:
        """Stream -> the centre's version that is here."""
        return await self._run(self._ledger.known)

    async def take(self, message: FeedMessage) -> tuple[str, ...]:
        """Raises ProtocolError; gives the streams that must be sent again from their beginning."""
        return await self._change(lambda: self._ledger.take(message))

    # ---- people

    async def put_roster(self, roster: Roster) -> None:
        await self._run(lambda: self._ledger.people.put_roster(roster))
        self._roster = roster

    def find_roster(self) -> Roster | None:
        """The newest that ever arrived."""
        return self._roster

    async def open_session(
        self, token_hash: bytes, person_id: str, now_ms: int, expires_ms: int
    ) -> None:
        await self._run(
            lambda: self._ledger.people.open_session(token_hash, person_id, now_ms, expires_ms)
        )

    async def find_session(self, token_hash: bytes, now_ms: int) -> str | None:
        """The person of an open session."""
        return await self._run(lambda: self._ledger.people.find_session(token_hash, now_ms))

    async def close_session(self, token_hash: bytes) -> None:
        await self._run(lambda: self._ledger.people.close_session(token_hash))

    async def revoke_sessions(self, person_id: str) -> None:
        await self._run(lambda: self._ledger.people.revoke_sessions(person_id))

    async def _run[T](self, work: Callable[[], T]) -> T:
        try:
            return await asyncio.get_running_loop().run_in_executor(self._worker, work)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_FULL:
                raise
            raise StoreFullError(f"{self._path}: {error}") from error

    async def _change[T](self, work: Callable[[], T]) -> T:
        """A change, with what follows from it for the screens and for the link."""

        def job() -> T:
            result = work()
            self._pending = self._count_pending()
            return result

        try:
            return await self._run(job)
        finally:
            for woken in self._woken:
                woken.set()
