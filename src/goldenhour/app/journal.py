"""The journal as the application needs it.

Rule 1: one `append` is one transaction: events, claims, timers, effects, grants and personal rows
        are durable together or not at all, and the call returns only afterwards.
Rule 2: the pair (installation, sequence) is the identity of a command. The same pair with the same
        bytes gives the first outcome again; with other bytes it is an alarm and nothing is written.
Rule 3: what a reader may see is decided by the identity that it reads under, in the store itself.
"""

from collections.abc import Mapping, Sequence
from typing import Protocol

from msgspec import field

from goldenhour.kernel import chain
from goldenhour.kernel.outcome import At, Claim, Effect, Grant, GrantUntil
from goldenhour.kernel.personal import PersonalRow
from goldenhour.kernel.record import Record


class Identity(Record):
    """On whose behalf the store is read or written; row-level security knows nothing else."""

    orgs: tuple[str, ...]
    """Organisations whose streams may be read; `*` for the system's own processes."""
    topics: tuple[str, ...]
    """Stream kinds that the role's purpose covers."""


SYSTEM = Identity(orgs=("*",), topics=("*",))


class Envelope(Record):
    """An event exactly as it is stored and hashed."""

    stream: str
    version: int
    kind: str
    body: bytes
    actor: str
    seat: str
    role: str
    org: str
    """The organisation that said it."""
    installation: str
    sequence: int
    part: int
    occurred_ms: int
    received_ms: int
    origin: bytes
    """The uploader's own hash of the event, empty for events born here."""
    previous_hash: bytes
    hash: bytes


def hash_of(event: Envelope, previous: bytes) -> bytes:
    """As it has to be behind `previous`."""
    return chain.link(
        previous,
        stream=event.stream,
        version=event.version,
        body=event.body,
        actor=event.actor,
        seat=event.seat,
        role=event.role,
        org=event.org,
        installation=event.installation,
        sequence=event.sequence,
        part=event.part,
        occurred_ms=event.occurred_ms,
        received_ms=event.received_ms,
        origin=event.origin,
    )


class Head(Record):
    version: int
    hash: bytes
    org: str
    """The organisation that owns the stream."""
    node: str = ""
    """The node whose stream this is a copy of, which alone appends to it; empty: this one."""


class Loaded(Record):
    head: Head
    events: tuple[Envelope, ...]


class Fired(Record):
    """A timer as it was read. One that was set anew since then is another one."""

    key: str
    due_ms: int


class Append(Record):
    """One transaction."""

    events: tuple[Envelope, ...]
    fingerprint: bytes
    """SHA-256 of the command's bytes."""
    owners: dict[str, str]
    """Stream -> owning organisation, for every stream written."""
    open_streams: dict[str, bool]
    claimed: tuple[tuple[str, Claim], ...]
    released: tuple[tuple[str, Claim], ...]
    timers: tuple[tuple[str, At], ...]
    """(stream whose event asked for it, timer); no key is both here and cancelled."""
    cancelled: tuple[tuple[str, str], ...]
    """(stream, key)"""
    effects: tuple[tuple[str, Effect], ...]
    grants: tuple[Grant, ...]
    limits: tuple[GrantUntil, ...]
    """Applied after the grants, to every stream of the case."""
    personal: tuple[tuple[str, PersonalRow], ...]
    """(stream, row): the row is readable by whoever may read the stream."""
    now_ms: int
    cases: dict[str, str]
    """Stream -> the incident stream whose case it belongs to, where it belongs to one."""
    moved: dict[str, str] = field(default_factory=dict)
    """Stream -> the other node that appends to it from now on."""
    fired: Fired | None = None
    """The timer that this append answers; it is removed in the same transaction."""


class Conflict(Exception):  # noqa: N818 (no error: somebody else was first, load again)
    """A stream has moved on since it was loaded."""


class StoreFullError(Exception):
    """The disk under the store is full: nothing was written, and everything before stands."""


class ClaimHeld(Exception):  # noqa: N818 (a refusal of the store)
    def __init__(self, claim_kind: str) -> None:
        super().__init__(claim_kind)
        self.claim_kind = claim_kind


class Replayed(Exception):  # noqa: N818 (no error: the deed was done before)
    """The command was carried out before; `versions` is what it wrote then."""

    def __init__(self, versions: Mapping[str, int]) -> None:
        super().__init__("replayed")
        self.versions = dict(versions)


class IdentityReused(Exception):  # noqa: N818 (named after what happened)
    """The pair (installation, sequence) came again with other bytes; it was kept aside."""


class TimerGone(Exception):  # noqa: N818 (no error: cancelled or answered by somebody else)
    """The timer that this append answers is no longer there as it was read."""


class Journal(Protocol):
    async def load(self, streams: Sequence[str], identity: Identity) -> dict[str, Loaded]:
        """The streams that exist and that the identity may read."""

    async def append(self, append: Append, identity: Identity) -> None:
        """Raises Conflict, ClaimHeld, Replayed, IdentityReused or TimerGone; else it is durable."""

    async def find_replay(
        self, installation: str, sequence: int, fingerprint: bytes
    ) -> dict[str, int] | None:
        """What the command wrote when it came first; None if it never came."""

    async def next_case_number(self, day: str) -> str:
        """Counted within a day, `YYYYMMDD-NNNN`; one may be lost, none is given twice."""


class JournalOfMany(Journal, Protocol):
    """A journal that also takes many appends at once, as a vehicle brings them after hours."""

    async def append_all(self, appends: Sequence[Append], identity: Identity) -> bool:
        """In this order. True: all are durable.

        False: one of them would not do. Those before it may be durable or not, so each has to be
        appended by itself, which says what is wrong with it.
        """


class PersonalStore(Protocol):
    async def reveal(self, rows: Sequence[str], identity: Identity) -> dict[str, str]:
        """Row id -> text, of the rows that exist and that the identity may read."""


class Outcome(Record, tag="accepted", tag_field="outcome"):
    versions: dict[str, int]
    """Stream -> its version after the command."""
