"""Load, decide, append, react: the one way into the journal.

Rule 1: the answer follows the commit, never the other way round.
Rule 2: a lost race is no error: load again and decide again. The decider sees the new truth and
        refuses in words where that is right.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import NamedTuple, Protocol

import msgspec

from goldenhour.app.journal import (
    Append,
    ClaimHeld,
    Conflict,
    Envelope,
    Fired,
    Head,
    Identity,
    IdentityReused,
    Journal,
    Loaded,
    Outcome,
    Replayed,
)
from goldenhour.domain import case
from goldenhour.domain.case.policy import case_stream, home_of, parent
from goldenhour.domain.case.streams import encode_event, event_kind, is_open
from goldenhour.domain.commands import Command, EnterPaper, OpenIncident, OpenStandby, Reach
from goldenhour.kernel import chain
from goldenhour.kernel.ids import Entropy
from goldenhour.kernel.outcome import (
    At,
    Cancel,
    Claim,
    Effect,
    Grant,
    GrantUntil,
    Reaction,
    Refused,
    Write,
)
from goldenhour.kernel.personal import Clear, PersonalRow, Sealed, each_clear, seal_fields
from goldenhour.kernel.recorded import Recorded, Stamp
from goldenhour.kernel.time import china_date

ATTEMPTS = 20
"""A stream that moves on this often between load and append is a bug, not a busy night."""

_ENCODER = msgspec.json.Encoder(order="deterministic")


class World(Protocol):
    """What the application needs of the world to carry out a command."""

    @property
    def journal(self) -> Journal: ...
    @property
    def facts(self) -> case.Facts: ...
    @property
    def entropy(self) -> Entropy: ...


async def handle(
    command: Command, stamp: Stamp, identity: Identity, world: World, *, fired: Fired | None = None
) -> Outcome | Refused:
    """Carry out a command under an identity; a refusal is an ordinary answer."""
    fingerprint = fingerprint_of(command)
    sealed, personal = seal_fields(command, stamp.now_ms, world.entropy)
    facts = world.facts
    lost: dict[str, Loaded] | None = None
    for _attempt in range(ATTEMPTS):
        loaded, states = await _load(sealed, world.journal, identity)
        if loaded == lost:
            # Nothing moved that this identity can see: the id is taken by a stream of others.
            return Refused(code="exists")
        opens = isinstance(sealed, OpenIncident | OpenStandby | EnterPaper)
        if opens and not facts.case_number:
            # What was written on paper is counted on the day of its call.
            day = china_date(sealed.called_ms if isinstance(sealed, EnterPaper) else stamp.now_ms)
            number = await world.journal.next_case_number(day)
            facts = msgspec.structs.replace(facts, case_number=number)
        decided = case.decide(sealed, states, stamp, facts)
        if isinstance(decided, Refused) or not (decided.writes or fired):
            # A repeated command that was accepted the first time must not be refused by its own
            # effect ("already answered"), nor find nothing left to do: the first outcome stands.
            # A timer with nothing left to do goes on to the append, which removes it.
            try:
                before = await world.journal.find_replay(
                    stamp.installation, stamp.sequence, fingerprint
                )
            except IdentityReused:
                return Refused(code="identity_reused", field="sequence")
            if before is not None:
                return Outcome(versions=before)
            if isinstance(decided, Refused):
                return decided
        if refused := _refuse_copies(decided.writes, loaded):
            return refused
        append, _after = build(
            decided.writes,
            {stream: content.head for stream, content in loaded.items()},
            states,
            stamp,
            facts,
            fingerprint=fingerprint,
            personal=personal,
            fired=fired,
            occurred_ms=_occurred_ms(sealed, stamp),
            bygone=decided.bygone,
        )
        try:
            await world.journal.append(append, identity)
        except Conflict:
            lost = loaded
            continue
        except ClaimHeld as held:
            return Refused(code=f"{held.claim_kind}_claimed")
        except Replayed as replayed:
            return Outcome(versions=replayed.versions)
        except IdentityReused:
            return Refused(code="identity_reused", field="sequence")
        return Outcome(versions={e.stream: e.version for e in append.events})
    raise RuntimeError(f"{event_kind(command)} lost {ATTEMPTS} races in a row")


def _refuse_copies(writes: Sequence[Write], loaded: dict[str, Loaded]) -> Refused | None:
    """Another node's stream: the store would refuse it, this says whose it is."""
    nodes = (loaded[one.stream].head.node for one in writes if one.stream in loaded)
    home = next(filter(None, nodes), "")
    return Refused(code="of_other_node", detail=home) if home else None


def fingerprint_of(command: Command) -> bytes:
    """What tells a repeated command from another under the same identity.

    Personal text counts by its length alone: a hash of a telephone number could be guessed, and
    would outlive the erasure of the number.
    """
    plain = each_clear(command, lambda said: Clear(text=str(len(said.text))))
    return hashlib.sha256(_ENCODER.encode(plain)).digest()


def _occurred_ms(command: Command, stamp: Stamp) -> int:
    """A node supplied late occurred when the person says; everything else occurs now."""
    supplied = command.at_ms if isinstance(command, Reach) else None
    return stamp.now_ms if supplied is None else supplied


async def _load(
    command: Command, journal: Journal, identity: Identity
) -> tuple[dict[str, Loaded], dict[str, case.State]]:
    loaded: dict[str, Loaded] = {}
    states: dict[str, case.State] = {}
    asked: set[str] = set()
    while missing := case.needs(command, states) - asked:
        asked |= missing
        found = await journal.load(sorted(missing), identity)
        loaded |= found
        for stream, content in found.items():
            state = fold(stream, content.events)
            if state is not None:
                states[stream] = state
    return loaded, states


def fold(stream: str, events: Sequence[Envelope]) -> case.State | None:
    state: case.State | None = None
    for envelope in events:
        state = case.evolve(stream, state, recorded_of(envelope))
    return state


def recorded_of(envelope: Envelope) -> Recorded:
    return Recorded(
        stream=envelope.stream,
        version=envelope.version,
        event=case.decode_event(envelope.body),
        actor=envelope.actor,
        seat=envelope.seat,
        role=envelope.role,
        org=envelope.org,
        occurred_ms=envelope.occurred_ms,
        received_ms=envelope.received_ms,
        installation=envelope.installation,
    )


class Built(NamedTuple):
    append: Append
    after: dict[str, case.State | None]
    """The streams once that is stored, as whoever reads them then will find them."""


def build(
    writes: Sequence[Write],
    heads: Mapping[str, Head],
    states: dict[str, case.State],
    stamp: Stamp,
    facts: case.Facts,
    *,
    fingerprint: bytes,
    personal: Sequence[PersonalRow],
    fired: Fired | None = None,
    occurred_ms: int,
    origin: bytes = b"",
    bygone: bool = False,
) -> Built:
    """The transaction that follows from the decided events. Pure."""
    envelopes: list[Envelope] = []
    after: dict[str, case.State | None] = dict(states)
    reactions: list[tuple[str, Reaction]] = []
    claimed: list[tuple[str, Claim]] = []
    released: list[tuple[str, Claim]] = []
    owners: dict[str, str] = {}
    for write in sorted(writes, key=lambda w: w.stream):
        stream = write.stream
        head = heads.get(stream)
        before = after.get(stream)
        version, previous = (head.version, head.hash) if head else (0, chain.GENESIS)
        times = write.at_ms or (occurred_ms,) * len(write.events)
        for event, at_ms in zip(write.events, times, strict=True):
            version += 1
            body = encode_event(event)
            digest = chain.link(
                previous,
                stream=stream,
                version=version,
                body=body,
                actor=stamp.actor,
                seat=stamp.seat,
                role=stamp.role,
                org=stamp.org,
                installation=stamp.installation,
                sequence=stamp.sequence,
                part=len(envelopes),
                occurred_ms=at_ms,
                received_ms=stamp.now_ms,
                origin=origin,
            )
            envelope = Envelope(
                stream=stream,
                version=version,
                kind=event_kind(event),
                body=body,
                actor=stamp.actor,
                seat=stamp.seat,
                role=stamp.role,
                org=stamp.org,
                installation=stamp.installation,
                sequence=stamp.sequence,
                part=len(envelopes),
                occurred_ms=at_ms,
                received_ms=stamp.now_ms,
                origin=origin,
                previous_hash=previous,
                hash=digest,
            )
            previous = digest
            envelopes.append(envelope)
            recorded = recorded_of(envelope)
            after[stream] = case.evolve(stream, after.get(stream), recorded)
            if not bygone:
                reactions += [(stream, r) for r in case.react(after[stream], recorded, facts)]
        held, wanted = case.claims(before), case.claims(after[stream])
        claimed.extend((stream, claim) for claim in wanted - held)
        released.extend((stream, claim) for claim in held - wanted)
        begun = write.owner or _owner(after[stream], heads, owners, stamp)
        owners[stream] = head.org if head else begun
    # A text is kept as long as what speaks of it.
    homes = {
        value.row: write.stream
        for write in writes
        for event in write.events
        for name in getattr(event, "__struct_fields__", ())
        if isinstance(value := getattr(event, name), Sealed)
    }
    # Set and cancelled in one transaction: the last word on a key counts.
    timed = {r.key: (stream, r) for stream, r in reactions if isinstance(r, At | Cancel)}
    append = Append(
        events=tuple(envelopes),
        fingerprint=fingerprint,
        owners=owners,
        open_streams={w.stream: is_open(after[w.stream]) for w in writes},
        claimed=tuple(claimed),
        released=tuple(released),
        timers=tuple((stream, r) for stream, r in timed.values() if isinstance(r, At)),
        cancelled=tuple((stream, r.key) for stream, r in timed.values() if isinstance(r, Cancel)),
        effects=tuple((stream, r) for stream, r in reactions if isinstance(r, Effect)),
        grants=tuple(r for _stream, r in reactions if isinstance(r, Grant)),
        limits=tuple(r for _stream, r in reactions if isinstance(r, GrantUntil)),
        personal=tuple((homes.get(one.row, writes[0].stream), one) for one in personal)
        if writes
        else (),
        fired=fired,
        now_ms=stamp.now_ms,
        cases={
            write.stream: found
            for write in writes
            if (found := case_stream(write.stream, after[write.stream]))
        },
        moved={
            write.stream: home
            for write in writes
            if (home := home_of(after[write.stream])) not in ("", facts.node)
        },
    )
    return Built(append, after)


def _owner(
    state: case.State | None, heads: Mapping[str, Head], owners: dict[str, str], stamp: Stamp
) -> str:
    """A mission, patient, pre-alert or alert belongs to whoever owns its incident or subject."""
    above = parent(state)
    if above in owners:
        return owners[above]
    head = heads.get(above)
    return head.org if head else stamp.org
