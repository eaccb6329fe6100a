"""Taking what a vehicle or a fallback seat saw and did: always, in order of arrival, exactly once.

An item whose link in the vehicle's own hash chain does not hold is appended all the same, since the
vehicle is its authority; a copy is kept aside for a person. The chain is taken up behind it, so
that one break is reported once.

Whatever is kept aside raises an alert, once: at the seat that leads the case where it is of the
vehicle's own run, else at every desk of its centre. Who acknowledges it has looked at it.
"""

from typing import Any, Final, Protocol

import structlog

from goldenhour.app.edge import Aside, AsideItem, Upload, UploadAnswer, UploadItem
from goldenhour.app.handle import ATTEMPTS, World, build, fold, handle
from goldenhour.app.journal import (
    SYSTEM,
    Append,
    ClaimHeld,
    Conflict,
    Head,
    Identity,
    IdentityReused,
    Loaded,
    Replayed,
)
from goldenhour.app.origin import origin_after
from goldenhour.app.ports import Clock
from goldenhour.domain import case
from goldenhour.domain import commands as c
from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.events import (
    PatientEvent,
    PatientJoined,
    PatientMerged,
    PatientRegistered,
)
from goldenhour.domain.care.file_events import FileEvent, FileMovedIn
from goldenhour.domain.care.moved_events import MovedEvent
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.portrait_events import PortraitAsked
from goldenhour.domain.case.streams import Unknown, event_kind
from goldenhour.domain.dispatch.events import (
    BandGiven,
    BandTaken,
    CallbackAsked,
    DestinationSet,
    HospitalAlerted,
    LeadsPlaced,
    MilestoneCorrected,
    MilestoneReached,
    MilestoneUndone,
    MonitorBound,
    MonitorCorrected,
    MonitorReleased,
    MonitorTakenOff,
    NobodyTreated,
    NumberShown,
    OrderRefused,
    RunFileAdded,
    RunFilePut,
    StandDownSeen,
)
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.events import (
    PreAlertCorrected,
    PreAlerted,
    PreAlertWithdrawn,
    Signed,
)
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.register.events import (
    BackInService,
    CheckTakenOver,
    DutyChanged,
    HelpCalled,
    HelpEnded,
    OutOfService,
    UnitChecked,
)
from goldenhour.domain.register.unit import Unit
from goldenhour.kernel.chain import GENESIS
from goldenhour.kernel.outcome import Write
from goldenhour.kernel.personal import PersonalRow, Sealed, commitment
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded, Stamp
from goldenhour.kernel.telemetry import NumericSet
from goldenhour.views.render import log_row, small_facts

_log = structlog.get_logger()

AUTHORITY: Final[dict[str, tuple[type, ...]]] = {
    "mission": (
        *(MilestoneReached, MilestoneUndone, MilestoneCorrected),
        *(DestinationSet, HospitalAlerted, RunFileAdded, RunFilePut),
        *(BandGiven, BandTaken),
        *(MonitorBound, MonitorReleased, MonitorTakenOff, MonitorCorrected, LeadsPlaced),
        *(CallbackAsked, NumberShown, StandDownSeen, NobodyTreated, OrderRefused),
    ),
    "patient": (
        *(*PatientEvent.__args__, *MovedEvent.__args__, *FileEvent.__args__),
        *(EcgRead, EcgInterpreted, PortraitAsked),
    ),
    "handover": (PreAlerted, PreAlertCorrected, PreAlertWithdrawn, Signed),
    "unit": (
        *(DutyChanged, UnitChecked, CheckTakenOver, OutOfService, BackInService),
        *(HelpCalled, HelpEnded),
    ),
}
"""What a vehicle may say of its own; everything else is another authority's word."""


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


class FromVehicle(Record):
    name: str
    """Its unit."""

    @property
    def org(self) -> str:
        return f"unit:{self.name}"

    @property
    def told_of(self) -> dict[str, str]:
        return {"unit_id": self.name}

    @property
    def identity(self) -> Identity:
        # Appended always, whatever the vehicle may still read by now.
        return SYSTEM

    def refuses(self, item: UploadItem, events: list[tuple[str, Any]], states: case.States) -> str:
        del item
        return _refusal(events, states, self.name)


class Progress(Record):
    """How far a vehicle's upload has come."""

    through: int
    origin: bytes | None
    """The vehicle's chain there; None where an older release did not keep it."""


class UploadStore(Protocol):
    """Where the centre keeps how far each vehicle has come."""

    async def find_progress(self, installation: str) -> Progress | None: ...
    async def advance(
        self, installation: str, unit_id: str, progress: Progress, numerics: list[NumericSet]
    ) -> None:
        """One transaction: the vital signs and the new position."""

    async def set_aside(
        self, installation: str, sequence: int, reason: str, content: bytes, now_ms: int
    ) -> None: ...
    async def find_aside(self, installation: str, sequence: int) -> str:
        """The reason; empty: it is not aside."""


class TelemetrySink(Protocol):
    def take_numerics(self, numerics: NumericSet) -> None: ...


class Observer:
    """The centre's side of the upload."""

    def __init__(self, world: World, store: UploadStore, clock: Clock, sink: TelemetrySink) -> None:
        self._world = world
        self._store = store
        self._clock = clock
        self._sink = sink

    async def take(self, upload: Upload, sender: Sender) -> UploadAnswer:
        installation = f"edge:{upload.installation}"
        known = await self._store.find_progress(installation)
        through, origin = (known.through, known.origin) if known else (0, GENESIS)
        aside: dict[int, str] = {}
        held: dict[str, Loaded] = {}
        counted = through
        try:
            for item in upload.items:
                if item.sequence <= through:
                    if (reason := await self._why_aside(installation, sender, item)) is not None:
                        aside[item.sequence] = reason
                    continue
                if item.sequence != through + 1:
                    break  # a hole: the vehicle sends it again from where we are
                if origin is not None:
                    linked = origin_after(origin, upload.installation, item)
                    if item.origin != linked:
                        await self._keep_aside(installation, sender, item, "origin_broken")
                if item.events:
                    reason = await self._append(installation, sender, item, held)
                    if reason:
                        aside[item.sequence] = reason
                        await self._keep_aside(installation, sender, item, reason)
                through, origin = item.sequence, item.origin
                if item.numerics is not None and item.numerics.unit_id == sender.name:
                    progress = Progress(through=through, origin=origin)
                    await self._store.advance(installation, sender.name, progress, [item.numerics])
                    counted = through
                    self._sink.take_numerics(item.numerics)
        finally:
            # Events have an identity of their own, which vital signs have not: if this is lost they
            # come again and are known. So the count of several is written once.
            if through > counted:
                progress = Progress(through=through, origin=origin)
                await self._store.advance(installation, sender.name, progress, [])
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
        stamp = Stamp(
            actor="system",
            seat="",
            role="system",
            org=sender.org,
            installation=f"aside:{installation}:{reason}",
            sequence=item.sequence,
            now_ms=self._clock.now_ms(),
        )
        await handle(raised, stamp, SYSTEM, self._world)

    async def _lead(
        self, events: list[tuple[str, Any]], sender: Sender
    ) -> tuple[str, Incident] | None:
        """The case of the sender's own run that this is about."""
        _loaded, states = await self._load(events, SYSTEM)
        for state in states.values():
            if isinstance(state, Mission | Patient | Handover) and state.unit_id == sender.name:
                stream = case.stream_id("incident", state.incident_id)
                loaded = await self._world.journal.load([stream], SYSTEM)
                found = fold(stream, loaded[stream].events) if stream in loaded else None
                return (stream, found) if isinstance(found, Incident) else None
        return None

    async def _append(
        self, installation: str, sender: Sender, item: UploadItem, held: dict[str, Loaded]
    ) -> str:
        """Append the item's events; a reason when they are to be kept aside instead.

        `held`: what is known of the streams that this upload has touched. After hours without a
        link one after the other writes on the same few: they are read once.
        """
        events = [(e.stream, case.decode_event(e.body)) for e in item.events]
        personal = [
            PersonalRow(row=p.row, salt=p.salt, content=p.content)  # type: ignore[arg-type] # an Id is text
            for p in item.personal
        ]
        if not _commitments_hold([event for _s, event in events], personal):
            return "commitment_mismatch"
        now_ms = self._clock.now_ms()
        stamp = Stamp(
            actor=item.actor,
            seat=item.seat,
            role=item.role,
            org=sender.org,
            installation=installation,
            sequence=item.sequence,
            now_ms=now_ms,
        )
        lost: dict[str, Loaded] | None = None
        for _attempt in range(ATTEMPTS):
            loaded, states = await self._load(events, sender.identity, held)
            if loaded == lost and sender.identity != SYSTEM:
                # Nothing moved that this sender can see: the stream is not, or no longer, its own.
                return "not_readable"
            reason = sender.refuses(item, events, states)
            if reason:
                return reason
            writes: dict[str, list[Any]] = {}
            for stream, event in events:
                writes.setdefault(stream, []).append(event)
            append = build(
                [Write(stream=s, events=tuple(e)) for s, e in writes.items()],
                loaded,
                states,
                stamp,
                self._world.facts,
                fingerprint=item.fingerprint,
                personal=personal,
                # A clock ahead of ours cannot have seen the future; the device's own time stays
                # provable through `origin`.
                occurred_ms=min(item.occurred_ms, now_ms),
                origin=item.origin,
            )
            try:
                await self._world.journal.append(append, sender.identity)
            except Conflict:
                held.clear()
                lost = loaded
                continue
            except Replayed:
                return ""
            except IdentityReused:
                return "identity_reused"
            except ClaimHeld as claim:
                # Its unit was sent elsewhere meanwhile: a person has to look at both.
                return f"{claim.claim_kind}_claimed"
            _hold(held, append)
            return ""
        raise RuntimeError(f"an upload of {sender.name} lost {ATTEMPTS} races in a row")

    async def _load(
        self,
        events: list[tuple[str, Any]],
        identity: Identity,
        held: dict[str, Loaded] | None = None,
    ) -> tuple[dict[str, Loaded], dict[str, case.State]]:
        streams = {stream for stream, _event in events}
        for _stream, event in events:
            for kind in ("mission", "patient"):
                if ident := getattr(event, f"{kind}_id", ""):
                    streams.add(case.stream_id(kind, ident))
            if isinstance(event, PatientJoined | PatientMerged):
                streams.add(case.stream_id("patient", _other_of(event)))
            if isinstance(event, FileMovedIn):
                streams.update(case.stream_id("patient", one) for one in _before(event))
        held = {} if held is None else held
        if missing := sorted(streams - held.keys()):
            held |= await self._world.journal.load(missing, identity)
        loaded = {stream: held[stream] for stream in sorted(streams & held.keys())}
        states: dict[str, case.State] = {}
        for stream, content in loaded.items():
            state = fold(stream, content.events)
            if state is not None:
                states[stream] = state
        return loaded, states


def _hold(held: dict[str, Loaded], append: Append) -> None:
    """As a reader would find it now."""
    for event in append.events:
        before = held.get(event.stream)
        head = Head(version=event.version, hash=event.hash, org=append.owners[event.stream])
        events = (*before.events, event) if before else (event,)
        held[event.stream] = Loaded(head=head, events=events)


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


def _refusal(events: list[tuple[str, Any]], states: case.States, unit_id: str) -> str:
    """Why a vehicle may not say this; empty when it may."""
    for stream, event in events:
        # What only a newer vehicle can read is kept and passed on, not folded.
        said = AUTHORITY.get(case.kind_of(stream), ())
        if not said or not isinstance(event, (*said, Unknown)):
            return "not_its_authority"
        state = states.get(stream)
        if case.kind_of(stream) == "unit":
            owner = stream.partition(":")[2]
        elif isinstance(state, Mission | Patient | Handover):
            owner = state.unit_id
        elif isinstance(event, PatientRegistered | PreAlerted):
            owner = event.unit_id if _about_its_run(event, states) else ""
        else:
            owner = ""
        if owner != unit_id:
            return "not_its_run"
        if isinstance(event, Signed) and event.side != "crew":
            return "not_its_signature"
        if isinstance(event, PatientJoined | PatientMerged) and not _both_its_own(
            event, state, states
        ):
            return "not_its_run"
        if isinstance(event, FileMovedIn) and not _within_its_run(event, state, states):
            return "not_its_run"
    return ""


def _other_of(event: PatientJoined | PatientMerged) -> str:
    return event.other_id if isinstance(event, PatientJoined) else event.into


def _both_its_own(
    event: PatientJoined | PatientMerged, state: case.State | None, states: case.States
) -> bool:
    """A merging gives rights on the other record, so a vehicle merges its own of one case alone."""
    other = states.get(case.stream_id("patient", _other_of(event)))
    return (
        isinstance(state, Patient)
        and isinstance(other, Patient)
        and (other.unit_id, other.incident_id) == (state.unit_id, state.incident_id)
    )


def _before(event: FileMovedIn) -> set[str]:
    """Whom the file stood at, and whom it was brought to."""
    return {event.came_from, event.brought_to} - {""}


def _within_its_run(event: FileMovedIn, state: case.State | None, states: case.States) -> bool:
    """It gives a right to bytes that were brought to another patient: of the same run alone."""
    others = [states.get(case.stream_id("patient", ident)) for ident in _before(event)]
    return isinstance(state, Patient) and all(
        isinstance(other, Patient) and other.mission_id == state.mission_id for other in others
    )


def _about_its_run(event: PatientRegistered | PreAlerted, states: case.States) -> bool:
    """Rights follow from what these events name, so all of it must be of one run."""
    run = states.get(case.stream_id("mission", event.mission_id))
    if not isinstance(run, Mission):
        return False
    if (event.incident_id, event.unit_id) != (run.incident_id, run.unit_id):
        return False
    if isinstance(event, PatientRegistered):
        return True
    person = states.get(case.stream_id("patient", event.patient_id))
    return isinstance(person, Patient) and person.unit_id == event.unit_id


def _commitments_hold(events: list[Any], rows: list[PersonalRow]) -> bool:
    """Every row that came along is the one that an event committed to."""
    promised = {
        value.row: value.commitment
        for event in events
        for name in getattr(event, "__struct_fields__", ())
        if isinstance(value := getattr(event, name), Sealed)
    }
    return all(promised.get(row.row) == commitment(row.salt, row.content) for row in rows)
