"""Taking what a vehicle or a fallback seat saw and did: always, in order of arrival, exactly once.

An item whose link in the vehicle's own hash chain does not hold is appended all the same, since the
vehicle is its authority; a copy is kept aside for a person. The chain is taken up behind it, so
that one break is reported once.

Whatever is kept aside raises an alert, once: at the seat that leads the case where it is of the
vehicle's own run, else at every desk of its centre. Who acknowledges it has looked at it.
"""

from collections.abc import Sequence
from itertools import batched
from typing import Any, Final, Protocol

import structlog

from goldenhour.app.edge import Aside, AsideItem, Upload, UploadAnswer, UploadItem
from goldenhour.app.handle import ATTEMPTS, Built, World, build, fold, handle
from goldenhour.app.journal import (
    SYSTEM,
    Append,
    ClaimHeld,
    Conflict,
    Head,
    Identity,
    IdentityReused,
    JournalOfMany,
    Loaded,
    Replayed,
)
from goldenhour.app.origin import origin_after
from goldenhour.app.ports import Clock
from goldenhour.app.vehicle_authority import named_before, other_of
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.care.events import (
    PatientJoined,
    PatientMerged,
)
from goldenhour.domain.care.file_events import FileMovedIn
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case.streams import event_kind
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.outcome import Write
from goldenhour.kernel.personal import PersonalRow, Sealed, commitment
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded, Stamp, system_stamp
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.views.render import log_row, small_facts

_log = structlog.get_logger()
_TOGETHER: Final = 64
"""Items of one transaction, which keeps others from their streams for as long as it takes."""


class Sender(Protocol):
    """Whose word an upload is, and what of it is theirs to say. A seat's: `app.seat_authority`."""

    @property
    def name(self) -> str:
        """As progress is kept under it: a vehicle's unit."""

    @property
    def org(self) -> str: ...

    @property
    def told_of(self) -> dict[str, str]:
        """Whose item was kept aside, as the alert names it."""

    @property
    def identity(self) -> Identity:
        """Under which it is read and written."""

    def refuses(self, item: UploadItem, events: list[tuple[str, Any]], states: case.States) -> str:
        """Why it may not say this; empty when it may."""


class ObservingWorld(World, Protocol):
    @property
    def journal(self) -> JournalOfMany: ...


class Progress(Record):
    """How far a vehicle's upload has come."""

    through: int
    origin: bytes | None
    """The vehicle's chain there; None where an older release did not keep it."""


Numbered = Sequence[tuple[int, NumericSet]]
"""Sets of vital signs with the sequence of the item that brought each."""


class UploadStore(Protocol):
    """Where the centre keeps how far each vehicle has come."""

    async def find_progress(self, installation: str) -> Progress | None: ...
    async def advance(
        self, installation: str, unit_id: str, progress: Progress, numerics: Numbered
    ) -> None:
        """One transaction: the new position, and the vital signs that lie behind the old one.

        A vehicle whose network died sends the same again over another one, more or less of it,
        while the first upload may still be at work: what was counted by then is written no more.
        """

    async def set_aside(
        self, installation: str, sequence: int, reason: str, content: bytes, now_ms: int
    ) -> None: ...
    async def find_aside(self, installation: str, sequence: int) -> str:
        """The reason; empty: it is not aside."""


class TelemetrySink(Protocol):
    def take_numerics(self, numerics: NumericSet) -> None: ...


class _Held:
    """What is known of the streams that an upload has touched.

    After hours without a link one item after the other writes on the same few. They are read and
    folded once, and followed by what each item appends.
    """

    def __init__(self) -> None:
        self.heads: dict[str, Head] = {}
        self.states: dict[str, case.State] = {}

    def take(self, loaded: dict[str, Loaded]) -> None:
        for stream, content in loaded.items():
            self.heads[stream] = content.head
            self._keep(stream, fold(stream, content.events))

    def follow(self, built: Built) -> None:
        """As a reader would find it now."""
        owners = built.append.owners
        for event in built.append.events:
            stream = event.stream
            self.heads[stream] = Head(version=event.version, hash=event.hash, org=owners[stream])
            self._keep(stream, built.after[stream])

    def forget(self) -> None:
        self.heads.clear()
        self.states.clear()

    def _keep(self, stream: str, state: case.State | None) -> None:
        if state is None:
            self.states.pop(stream, None)
        else:
            self.states[stream] = state


class Observer:
    """The centre's side of the upload."""

    def __init__(
        self, world: ObservingWorld, store: UploadStore, clock: Clock, sink: TelemetrySink
    ) -> None:
        self._world = world
        self._store = store
        self._clock = clock
        self._sink = sink

    async def take(self, upload: Upload, sender: Sender) -> UploadAnswer:
        installation = f"edge:{upload.installation}"
        known = await self._store.find_progress(installation)
        through, origin = (known.through, known.origin) if known else (0, GENESIS)
        aside: dict[int, str] = {}
        held = _Held()
        counted = through
        fresh: list[UploadItem] = []
        numerics: list[tuple[int, NumericSet]] = []
        try:
            for item in upload.items:
                if item.sequence <= through:
                    if (reason := await self._why_aside(installation, sender, item)) is not None:
                        aside[item.sequence] = reason
                elif item.sequence == through + len(fresh) + 1:
                    fresh.append(item)
                else:
                    break  # a hole: the vehicle sends it again from where we are
            for some in batched(fresh, _TOGETHER):
                linked = _linked(origin, upload.installation, some)
                together = all(linked) and await self._append_all(installation, sender, some, held)
                for item, is_linked in zip(some, linked, strict=True):
                    if not is_linked:
                        await self._keep_aside(installation, sender, item, "origin_broken")
                    reason = (
                        "" if together else await self._append(installation, sender, item, held)
                    )
                    if reason:
                        aside[item.sequence] = reason
                        await self._keep_aside(installation, sender, item, reason)
                    through, origin = item.sequence, item.origin
                    if item.numerics is not None and item.numerics.unit_id == sender.name:
                        numerics.append((item.sequence, item.numerics))
        finally:
            # Events have an identity of their own: if this is lost they come again and are known.
            # Vital signs have none, so they go with the count: one write, also after hours.
            if through > counted:
                progress = Progress(through=through, origin=origin)
                await self._store.advance(installation, sender.name, progress, numerics)
                for _sequence, shown in numerics:
                    self._sink.take_numerics(shown)
        return UploadAnswer(through=through, set_aside=tuple(aside), reasons=aside)

    async def _why_aside(self, installation: str, sender: Sender, item: UploadItem) -> str | None:
        """Of an item that comes again: kept aside the first time, or with other bytes now."""
        if not item.events:
            return None
        try:
            before = await self._world.journal.find_replay(
                installation, item.sequence, item.fingerprint
            )
        except IdentityReused:
            await self._alert(installation, sender, item, "identity_reused")
            return "identity_reused"
        if before is not None:
            return None
        return await self._store.find_aside(installation, item.sequence)

    async def _keep_aside(
        self, installation: str, sender: Sender, item: UploadItem, reason: str
    ) -> None:
        _log.warning("edge.set_aside", installation=installation, reason=reason)
        await self._store.set_aside(
            installation,
            item.sequence,
            reason,
            b"\n".join(e.body for e in item.events),
            self._clock.now_ms(),
        )
        await self._alert(installation, sender, item, reason)

    async def _alert(
        self, installation: str, sender: Sender, item: UploadItem, reason: str
    ) -> None:
        """The item's own identity names it, so that it is raised once however often it comes."""
        alert_id = f"set_aside.{installation}.{item.sequence}.{reason}"
        own, own_unit = case.stream_id("alert", alert_id), case.stream_id("unit", sender.name)
        loaded = await self._world.journal.load([own, own_unit], SYSTEM)
        if own in loaded:
            return
        events = [(e.stream, case.decode_event(e.body)) for e in item.events]
        lead = await self._lead(events, sender)
        unit = fold(own_unit, loaded[own_unit].events) if own_unit in loaded else None
        details = {**sender.told_of, "aside": reason}
        if isinstance(unit, Unit):
            details["call_sign"] = unit.call_sign
        if events:
            first = events[0][1]
            details = {**small_facts(first), **details, "event": event_kind(first)}
        raised = c.RaiseAlert(
            alert_id=alert_id,
            code="set_aside",
            priority=2,
            subject=lead[0] if lead else (own_unit if unit else own),
            incident_id=lead[0].partition(":")[2] if lead else "",
            owner=(lead[1].seat if lead else "") or "all",
            details=details,
        )
        stamp = system_stamp(
            f"aside:{installation}:{reason}", item.sequence, self._clock.now_ms(), org=sender.org
        )
        await handle(raised, stamp, SYSTEM, self._world)

    async def _lead(
        self, events: list[tuple[str, Any]], sender: Sender
    ) -> tuple[str, Incident] | None:
        """The case of the sender's own run that this is about."""
        _heads, states = await self._load(events, SYSTEM, _Held())
        for state in states.values():
            if isinstance(state, Mission | Patient | Handover) and state.unit_id == sender.name:
                stream = case.stream_id("incident", state.incident_id)
                loaded = await self._world.journal.load([stream], SYSTEM)
                found = fold(stream, loaded[stream].events) if stream in loaded else None
                return (stream, found) if isinstance(found, Incident) else None
        return None

    async def _append_all(
        self, installation: str, sender: Sender, items: Sequence[UploadItem], held: _Held
    ) -> bool:
        """Append their events in one transaction; False: each has to be looked at by itself."""
        if len(items) == 1:
            return False
        appends: list[Append] = []
        for item in items:
            if item.events:
                built = await self._build(installation, sender, item, held)
                if isinstance(built, str):
                    held.forget()
                    return False
                held.follow(built)
                appends.append(built.append)
        if not appends:
            return True  # vital signs
        done = await self._world.journal.append_all(appends, sender.identity)
        if not done:
            held.forget()
        return done

    async def _append(
        self, installation: str, sender: Sender, item: UploadItem, held: _Held
    ) -> str:
        """Append the item's events; a reason when they are to be kept aside instead."""
        if not item.events:
            return ""
        lost: list[tuple[str, int]] = []
        for _attempt in range(ATTEMPTS):
            built = await self._build(installation, sender, item, held)
            if isinstance(built, str):
                return built
            place = [(event.stream, event.version) for event in built.append.events]
            if place == lost and sender.identity != SYSTEM:
                # Nothing moved that this sender can see: the stream is not, or no longer, its own.
                return "not_readable"
            try:
                await self._world.journal.append(built.append, sender.identity)
            except Conflict:
                held.forget()
                lost = place
                continue
            except Replayed:
                return ""
            except IdentityReused:
                return "identity_reused"
            except ClaimHeld as claim:
                # Its unit was sent elsewhere meanwhile: a person has to look at both.
                return f"{claim.claim_kind}_claimed"
            held.follow(built)
            return ""
        raise RuntimeError(f"an upload of {sender.name} lost {ATTEMPTS} races in a row")

    async def _build(
        self, installation: str, sender: Sender, item: UploadItem, held: _Held
    ) -> Built | str:
        """The transaction that follows from the item; a reason when the sender may not say it."""
        events = [(e.stream, case.decode_event(e.body)) for e in item.events]
        personal = [
            PersonalRow(row=p.row, salt=p.salt, content=p.content)  # type: ignore[arg-type] # an Id is text
            for p in item.personal
        ]
        if not _commitments_hold([event for _s, event in events], personal):
            return "commitment_mismatch"
        heads, states = await self._load(events, sender.identity, held)
        if reason := sender.refuses(item, events, states):
            return reason
        writes: dict[str, list[Any]] = {}
        for stream, event in events:
            writes.setdefault(stream, []).append(event)
        now_ms = self._clock.now_ms()
        return build(
            [Write(stream=s, events=tuple(e)) for s, e in writes.items()],
            heads,
            states,
            Stamp(
                actor=item.actor,
                seat=item.seat,
                role=item.role,
                org=sender.org,
                installation=installation,
                sequence=item.sequence,
                now_ms=now_ms,
            ),
            self._world.facts,
            fingerprint=item.fingerprint,
            personal=personal,
            # A clock ahead of ours cannot have seen the future; the device's own time stays
            # provable through `origin`.
            occurred_ms=min(item.occurred_ms, now_ms),
            origin=item.origin,
        )

    async def _load(
        self,
        events: list[tuple[str, Any]],
        identity: Identity,
        held: _Held,
    ) -> tuple[dict[str, Head], dict[str, case.State]]:
        streams = {stream for stream, _event in events}
        for _stream, event in events:
            for kind in ("mission", "patient"):
                if ident := getattr(event, f"{kind}_id", ""):
                    streams.add(case.stream_id(kind, ident))
            if isinstance(event, PatientJoined | PatientMerged):
                streams.add(case.stream_id("patient", other_of(event)))
            if isinstance(event, FileMovedIn):
                streams.update(case.stream_id("patient", one) for one in named_before(event))
        if missing := sorted(streams - held.heads.keys()):
            held.take(await self._world.journal.load(missing, identity))
        known = sorted(streams & held.heads.keys())
        return (
            {stream: held.heads[stream] for stream in known},
            {stream: held.states[stream] for stream in known if stream in held.states},
        )


def _linked(origin: bytes | None, installation: str, items: Sequence[UploadItem]) -> list[bool]:
    """Whether each goes on from the vehicle's chain as it stood before it; None: not known."""
    before = [origin, *(item.origin for item in items)]
    return [
        known is None or item.origin == origin_after(known, installation, item)
        for known, item in zip(before, items, strict=False)
    ]


def not_taken(aside: Aside) -> AsideItem:
    """As the crew reads it."""
    recorded = Recorded(
        stream=aside.stream,
        version=aside.sequence,
        event=case.decode_event(aside.body),
        actor=aside.actor,
        seat=aside.seat,
        role=aside.role,
        org="",
        occurred_ms=aside.occurred_ms,
        received_ms=aside.received_ms,
        installation="",
    )
    row = log_row(recorded, None, None)
    return AsideItem(sequence=aside.sequence, reason=aside.reason, event=row)


def _commitments_hold(events: list[Any], rows: list[PersonalRow]) -> bool:
    """Every row that came along is the one that an event committed to."""
    promised = {
        value.row: value.commitment
        for event in events
        for name in getattr(event, "__struct_fields__", ())
        if isinstance(value := getattr(event, name), Sealed)
    }
    return all(promised.get(row.row) == commitment(row.salt, row.content) for row in rows)
