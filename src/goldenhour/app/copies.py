"""Copies of another node's streams (ADR 0026): checked, kept verbatim, and what follows from them.

Rule 1: bytes, versions and hashes are the other node's. A copy continues the chain that is here
        and hashes to what it says, or nothing of the message is kept.
Rule 2: nothing follows from a copied event: no claim, no timer, no effect, no right that it would
        give at home. What this node does about a run in a case of its own is a command of its own.
Rule 3: another node adds streams to a case of this one only where it was asked for a unit in it,
        or had it before.
Rule 4: the alerts of a case are each node's own and are not copied.
Rule 5: what cannot be kept is on record, with the reason and how often, until it is kept.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Final, Protocol

import structlog

from goldenhour.app.edge import PersonalText
from goldenhour.app.handle import World, fold, handle, recorded_of
from goldenhour.app.journal import (
    SYSTEM,
    Append,
    Conflict,
    Envelope,
    Head,
    Identity,
    Loaded,
    hash_of,
)
from goldenhour.app.ports import Clock
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.case.loading import node_org, unconfirmed_id, watch_alert_id
from goldenhour.domain.case.policy import case_stream, home_of
from goldenhour.domain.case.policy_incident import to_confirm_id
from goldenhour.domain.case.streams import is_open
from goldenhour.domain.dispatch import mission
from goldenhour.domain.intake.incident import Incident
from goldenhour.kernel import chain
from goldenhour.kernel.personal import Sealed, commitment
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import system_stamp

TOPICS: Final = ("call", "incident", "mission", "patient", "handover")
_log = structlog.get_logger(__name__)


def told_to(node: str) -> Identity:
    """Under which another node reads: what was shared with it and nothing else."""
    return Identity(orgs=(node_org(node),), topics=TOPICS)


class Copied(Record):
    """Events as they are stored, each stream in the order of its versions."""

    events: tuple[Envelope, ...]
    personal: tuple[PersonalText, ...]


class CopiesHello(Record):
    """What the asking node has of the asked one's streams: stream -> version."""

    known: dict[str, int]


class Unkept(StrEnum):
    """Why a stream of another node cannot be kept."""

    NOT_COPIED = "not_copied"  # of a kind that no node tells another
    DIFFERS = "differs"  # says otherwise what is here already
    GAP = "gap"  # does not follow what is here
    NOT_THEIRS = "not_theirs"  # is recorded by this node, or a third one
    NO_PART = "no_part"  # is of a case in which that node has none
    OTHER_TEXT = "other_text"  # comes with another text than its event commits to


class CopyRefusedError(Exception):
    """What another node says cannot be kept; nothing of it is."""

    def __init__(self, reason: Unkept, what: str) -> None:
        super().__init__(f"{what}: {reason}")
        self.reason = reason


class RefusedCopy(Record):
    node: str
    stream: str
    version: int
    """The newest that it told."""
    reason: str
    """An `Unkept`, of the newest."""
    first_ms: int
    last_ms: int
    times: int
    dismissed_ms: int | None
    dismissed_by: str


class KeptStream(Record):
    """What is to be added to one copy."""

    stream: str
    before: int
    previous: bytes
    version: int
    hash: bytes
    is_open: bool
    case_stream: str
    node: str
    """Whose the stream is from here on; empty: it was handed over to this one."""
    events: tuple[Envelope, ...]
    personal: tuple[PersonalText, ...]


class Kept(Record):
    """A message that was checked."""

    node: str
    org: str
    """The centre that the other node was registered for: to whom its cases are shown."""
    now_ms: int
    streams: tuple[KeptStream, ...]


class CopyStore(Protocol):
    async def list_told(self, node: str) -> dict[str, int]:
        """This node's own streams that the other one reads."""

    async def list_kept(self, node: str) -> dict[str, int]:
        """The copies of its streams."""

    async def list_open(self, node: str) -> list[str]:
        """Copies of its runs in open cases of this node, and the open cases shared with it."""

    async def read(self, known: Mapping[str, int], identity: Identity) -> Copied:
        """What is newer in these streams; it may be a part, and is never empty for long."""

    async def keep(self, kept: Kept) -> None:
        """Raises Conflict. What is kept was not refused."""

    async def refuse(
        self, node: str, stream: str, version: int, reason: Unkept, now_ms: int
    ) -> None: ...
    async def clear_refusal(self, node: str, stream: str) -> None: ...
    async def list_refused(self) -> list[RefusedCopy]:
        """The latest first."""
        ...

    async def dismiss_refused(self, node: str, stream: str, person: str, at_ms: int | None) -> bool:
        """None takes it back. Whether there is one."""
        ...

    async def append_with(self, kept: Kept, append: Append) -> None:
        """Both in one transaction; raises what the journal's append raises."""


class Between(Record):
    """The other node and this one."""

    node: str
    org: str
    """As `Kept.org`."""
    own: str


def check(between: Between, copied: Copied, loaded: Mapping[str, Loaded], now_ms: int) -> Kept:
    """`loaded`: of the streams that are named, and of their cases, what is here. Pure.

    Raises CopyRefusedError.
    """
    grouped: dict[str, list[Envelope]] = {}
    for event in copied.events:
        grouped.setdefault(event.stream, []).append(event)
    texts = {one.row: one for one in copied.personal}
    streams = (_check(between, events, loaded, texts) for events in grouped.values())
    # Whatever belongs to a case comes behind it.
    ordered = sorted(filter(None, streams), key=lambda one: one.stream != one.case_stream)
    return Kept(node=between.node, org=between.org, now_ms=now_ms, streams=tuple(ordered))


def _check(
    between: Between,
    events: Sequence[Envelope],
    loaded: Mapping[str, Loaded],
    texts: Mapping[str, PersonalText],
) -> KeptStream | None:
    node, stream = between.node, events[0].stream
    if stream.partition(":")[0] not in TOPICS:
        raise CopyRefusedError(Unkept.NOT_COPIED, stream)
    here = loaded.get(stream)
    known = here.events if here else ()
    before, previous = (known[-1].version, known[-1].hash) if known else (0, chain.GENESIS)
    fresh: list[Envelope] = []
    version, digest = before, previous
    for event in events:
        if event.version <= before:
            # Of a case that was handed over here this is all that its old home can say.
            if known[event.version - 1].hash != event.hash:
                raise CopyRefusedError(Unkept.DIFFERS, f"{stream}@{event.version}")
            continue
        if event.version != version + 1 or event.hash != hash_of(event, digest):
            raise CopyRefusedError(Unkept.GAP, f"{stream}@{event.version}")
        version, digest = event.version, event.hash
        fresh.append(event)
    if not fresh:
        return None
    if here is not None and here.head.node != node:
        raise CopyRefusedError(Unkept.NOT_THEIRS, stream)
    state = fold(stream, (*known, *fresh))
    above = case_stream(stream, state)
    _refuse_unasked(node, stream, above, loaded)
    return KeptStream(
        stream=stream,
        before=before,
        previous=previous,
        version=version,
        hash=digest,
        is_open=is_open(state),
        case_stream=above,
        node="" if home_of(state) == between.own else node,
        events=tuple(fresh),
        personal=tuple(_personal(fresh, texts)),
    )


def _refuse_unasked(node: str, stream: str, above: str, loaded: Mapping[str, Loaded]) -> None:
    found = loaded.get(above)
    if found is None or found.head.node == node:
        return
    own = fold(above, found.events)
    if isinstance(own, Incident) and node in {*own.nodes, *(ask.node for ask in own.asks)}:
        return
    raise CopyRefusedError(Unkept.NO_PART, f"{stream} of {above}")


def _personal(events: Sequence[Envelope], texts: Mapping[str, PersonalText]) -> list[PersonalText]:
    """The rows that these events point to; what was erased there comes without."""
    found = []
    for event in events:
        decoded = recorded_of(event).event
        for name in getattr(decoded, "__struct_fields__", ()):
            sealed = getattr(decoded, name)
            row = texts.get(sealed.row) if isinstance(sealed, Sealed) else None
            if row is None:
                continue
            if commitment(row.salt, row.content) != sealed.commitment:
                raise CopyRefusedError(Unkept.OTHER_TEXT, f"{event.stream}@{event.version}")
            found.append(row)
    return found


def named_by(copied: Copied) -> set[str]:
    """The streams that have to be loaded to check it: their own, and those of their cases."""
    streams = {event.stream for event in copied.events}
    for event in copied.events:
        if ident := getattr(recorded_of(event).event, "incident_id", ""):
            streams.add(case.stream_id("incident", ident))
    return streams


def loaded_with(loaded: Mapping[str, Loaded], kept: Kept) -> dict[str, Loaded]:
    """As a reader would find it afterwards."""
    after = dict(loaded)
    for one in kept.streams:
        before = after.get(one.stream)
        head = Head(version=one.version, hash=one.hash, org=kept.org, node=one.node)
        events = (*before.events, *one.events) if before else one.events
        after[one.stream] = Loaded(head=head, events=events)
    return after


def _alert(alert_id: str, stream: str, found: Incident, reason: str, other: str) -> c.RaiseAlert:
    return c.RaiseAlert(
        alert_id=alert_id,
        code=alert_id.partition(".")[0],
        priority=1 if found.moved else 2,
        subject=stream,
        incident_id=stream.partition(":")[2],
        owner="all",
        details={"number": found.number, "to": other, "reason": reason},
    )


class Copier:
    """Takes what other nodes tell of their streams."""

    def __init__(self, world: World, store: CopyStore, clock: Clock) -> None:
        self._world = world
        self._store = store
        self._clock = clock

    async def known(self, node: str) -> dict[str, int]:
        return await self._store.list_kept(node)

    async def take(self, node: str, org: str, copied: Copied) -> None:
        """Keep it, and do what this node does about it. What comes twice changes nothing."""
        await self.follow(await self.keep(node, org, copied))

    async def keep(self, node: str, org: str, copied: Copied) -> list[str]:
        """The streams that are here now. One that cannot be kept keeps out no other."""
        streams = []
        for stream in dict.fromkeys(event.stream for event in copied.events):
            events = tuple(event for event in copied.events if event.stream == stream)
            try:
                await self._keep(node, org, Copied(events=events, personal=copied.personal))
            except CopyRefusedError as error:
                _log.error("peer.copy_refused", node=node, error=str(error))
                version, now_ms = max(event.version for event in events), self._clock.now_ms()
                await self._store.refuse(node, stream, version, error.reason, now_ms)
                continue
            streams.append(stream)
        return streams

    async def _keep(self, node: str, org: str, copied: Copied) -> None:
        while True:
            loaded = await self._world.journal.load(sorted(named_by(copied)), SYSTEM)
            # A copy of before may be all that names its case.
            cases = {case_stream(s, fold(s, one.events)) for s, one in loaded.items()} - {""}
            if missing := cases - loaded.keys():
                loaded |= await self._world.journal.load(sorted(missing), SYSTEM)
            between = Between(node=node, org=org, own=self._world.facts.node)
            kept = check(between, copied, loaded, self._clock.now_ms())
            if not kept.streams:
                for stream in {event.stream for event in copied.events}:
                    await self._store.clear_refusal(node, stream)
                return
            try:
                await self._store.keep(kept)
            except Conflict:
                continue  # another message of this node was quicker
            return

    async def catch_up(self, node: str) -> None:
        """What a process that died between a copy and what follows of it has left undone."""
        await self.follow(await self._store.list_open(node))

    async def follow(self, streams: Sequence[str]) -> None:
        """What this node does about a copy, each deed once however often it is looked at.

        Runs of other nodes in cases of this one are linked, and missed when they are called off; of
        cases of other nodes the desks are told that they are offered, or have been handed over.
        """
        for stream, loaded in (await self._world.journal.load(list(streams), SYSTEM)).items():
            match fold(stream, loaded.events):
                case mission.Mission() as run if loaded.head.node:
                    await self._follow_run(stream, run, loaded.head.version)
                case Incident() as found:
                    await self._follow_case(stream, found, loaded.head.node)
                case _:
                    pass

    async def _follow_run(self, stream: str, run: mission.Mission, version: int) -> None:
        names = {"incident_id": run.incident_id, "mission_id": stream.partition(":")[2]}
        await self._say(c.LinkRun(**names), f"linked:{stream}", 1)
        # What this node watched for has happened there.
        waited = {mission.State.ASSIGNED: (), mission.State.ACKNOWLEDGED: (c.CheckAcknowledged,)}
        for check in waited.get(run.state, (c.CheckAcknowledged, c.CheckDeparted)):
            alert_id = watch_alert_id(check(mission_id=names["mission_id"]))
            ended = c.ResolveAlert(alert_id=alert_id, reason=str(run.state))
            await self._say(ended, f"{check.__name__}:{stream}", version)
        if run.state is mission.State.STOOD_DOWN:
            await self._say(c.LoseRun(**names), f"lost:{stream}", version)

    async def _follow_case(self, stream: str, found: Incident, home: str) -> None:
        own, ident, times = self._world.facts.node, stream.partition(":")[2], found.offers
        offered = f"case_offered.{ident}.{times}"
        to_us = found.offer is not None and found.offer.is_to(node_org(own), "")
        if home and to_us and found.offer is not None:
            raised = _alert(offered, stream, found, found.offer.reason, home)
            await self._say(raised, f"offered:{stream}", times)
        elif own in found.nodes or home:
            ended = c.ResolveAlert(alert_id=offered, reason="taken")
            await self._say(ended, f"offer_over:{stream}", max(times, 1))
        if found.moved and not home:
            other = next(one for one in reversed(found.nodes) if one != own)
            raised = _alert(to_confirm_id(ident), stream, found, "", other)
            await self._say(raised, f"to_confirm:{stream}", times)
        if home and own in found.nodes and not found.moved:
            told = c.ResolveAlert(alert_id=unconfirmed_id(ident), reason="taken")
            await self._say(told, f"confirmed:{stream}", times)

    async def _say(self, command: c.Command, installation: str, sequence: int) -> None:
        stamp = system_stamp(installation, sequence, self._clock.now_ms())
        await handle(command, stamp, SYSTEM, self._world)
