"""The whole record of one patient, composed from the events of its case.

Rule 1: what a reader may not read is not among the envelopes, and what may not be revealed is not
        in `reveal`; nothing here widens either.
Rule 2: nothing that was written is left out: a replaced value stands beside the one that replaced
        it, with both writers.
"""

from collections.abc import Iterable, Iterator, Sequence

from msgspec.structs import replace

from goldenhour.app.handle import recorded_of
from goldenhour.app.journal import Envelope
from goldenhour.app.review import case_files, head_of
from goldenhour.domain import case
from goldenhour.domain.care import identity
from goldenhour.domain.care.events import (
    DemographicCorrected,
    FieldWritten,
    LevelConfirmed,
    Observed,
    PatientRegistered,
)
from goldenhour.domain.care.file_events import FileMovedIn, FileMovedOut
from goldenhour.domain.care.identity import FIELDS, Identity
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut
from goldenhour.domain.care.own_alarms import End, OwnAlarm, name_of
from goldenhour.domain.care.patient import Patient, list_alarms
from goldenhour.domain.case import Facts
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.domain.handover.prealert import Handover
from goldenhour.domain.register.unit import Unit
from goldenhour.domain.review.timeline import nodes
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.telemetry import HAND
from goldenhour.views.fold import Folded, Reveal
from goldenhour.views.missions import mission_row
from goldenhour.views.render import handover_row, patient_row, renderer
from goldenhour.views.whole_record import (
    ChartedRow,
    ConfirmedRow,
    ObservedRow,
    OriginRow,
    OwnAlarmRow,
    ReplacedRow,
    WholeRecord,
)


def whole_record(
    envelopes: Iterable[Envelope], reveal: Reveal, facts: Facts, patient_id: str
) -> WholeRecord | None:
    """None when the patient or the run is not among the envelopes."""
    told = [recorded_of(envelope) for envelope in envelopes]
    view = Folded(renderer(facts), reveal)
    view.apply_all(told)
    stream = f"patient:{patient_id}"
    patient = view.states.get(stream)
    if not isinstance(patient, Patient):
        return None
    run = view.states.get(f"mission:{patient.mission_id}")
    if not isinstance(run, Mission):
        return None
    own = [recorded for recorded in told if recorded.stream == stream]
    typed_by = {
        f"{HAND}{kept.entry.entry_id}": kept.by
        for record in (patient, *_joined(patient, view).values())
        for kept in record.record.entries
    }
    records = {"": patient, **_joined(patient, view)}
    origins = {f"patient:{ident or patient_id}": ident for ident in records}
    of_all = [recorded for recorded in told if recorded.stream in origins]
    found = case_files(view.states, told).get(patient.incident_id)
    handovers = [
        (name.partition(":")[2], state)
        for name, state in view.states.items()
        if isinstance(state, Handover) and state.patient_id == patient_id
    ]
    call_sign = run.call_sign
    return WholeRecord(
        patient=patient_row(patient_id, patient, view, facts),
        named=patient.name is not None,
        case=head_of(found, reveal, facts) if found else None,
        mission=mission_row(patient.mission_id, run, facts, run.level, reveal),
        crew=_crew(told, run),
        nodes=tuple(node for node in nodes(found) if node.call_sign in ("", call_sign))
        if found
        else (),
        handovers=tuple(handover_row(ident, state, reveal, facts) for ident, state in handovers),
        charted=tuple(
            sorted(
                (
                    ChartedRow(
                        at_ms=one.received_ms,
                        device=one.device_id,
                        values=one.values,
                        origin=ident,
                        by=typed_by.get(one.device_id, ""),
                    )
                    for ident, record in records.items()
                    for one in record.charted
                ),
                key=lambda row: row.at_ms,
            )
        ),
        observed=tuple(
            _observed(r, r.event, origins[r.stream])
            for r in of_all
            if isinstance(r.event, Observed)
        ),
        confirmed=tuple(
            ConfirmedRow(
                at_ms=r.occurred_ms,
                by=r.actor,
                level=r.event.level,
                proposed=r.event.proposed or "",
                reason=r.event.reason,
                origin=origins[r.stream],
            )
            for r in of_all
            if isinstance(r.event, LevelConfirmed)
        ),
        device_alarms=tuple(
            sorted(
                (
                    row
                    for ident, record in records.items()
                    for row in _alarmed(list_alarms(record), ident)
                ),
                key=lambda row: row.begun_ms,
            )
        ),
        origins={
            ident: OriginRow(call_sign=_call_sign(record, view), letter=record.letter)
            for ident, record in records.items()
            if ident
        },
        replaced=tuple(
            sorted(
                (*_rewritten(own, reveal), *_renamed(own, reveal), *_moved(own)),
                key=lambda row: row.at_ms,
            )
        ),
    )


def writers(whole: WholeRecord) -> frozenset[str]:
    """Ids of everybody and everything that wrote the record."""
    record = whole.patient.record
    told = (
        *(one.by for writes in record.fields.values() for one in writes),
        *(who for entry in record.entries for who in (entry.by, entry.withdrawn_by)),
        *(row.by for row in whole.charted),
        *(row.by for row in whole.observed),
        *(row.by for row in whole.confirmed),
        *(who for row in whole.replaced for who in (row.by, row.was_by)),
        *(node.actor for node in whole.nodes),
    )
    return frozenset(told) - {""}


def _joined(patient: Patient, view: Folded) -> dict[str, Patient]:
    """The records that were merged into this one, of those that the reader may read."""
    found = ((ident, view.states.get(f"patient:{ident}")) for ident in patient.joined)
    return {ident: record for ident, record in found if isinstance(record, Patient)}


def _call_sign(record: Patient, view: Folded) -> str:
    run = view.states.get(f"mission:{record.mission_id}")
    return run.call_sign if isinstance(run, Mission) else ""


def _alarmed(alarms: Iterable[OwnAlarm], origin: str) -> Iterator[OwnAlarmRow]:
    moments: dict[str, list[OwnAlarm]] = {}
    for one in alarms:
        if one.end is End.MOMENT:
            moments.setdefault(name_of(one.told), []).append(one)
        else:
            yield _alarm_row(one, origin)
    for same in moments.values():
        row = _alarm_row(same[-1], origin)
        begun_ms, ended_ms = same[0].since_ms, same[-1].since_ms
        yield replace(row, begun_ms=begun_ms, ended_ms=ended_ms, times=len(same))


def _alarm_row(one: OwnAlarm, origin: str) -> OwnAlarmRow:
    told, silent_ms = one.told, one.silent_ms
    if silent_ms is not None and one.ended_ms is not None and one.ended_ms <= silent_ms:
        silent_ms = None  # what was cut off earlier knows nothing of it
    return OwnAlarmRow(
        device=told.device_id,
        event=told.event,
        source=told.source,
        nature=told.nature,
        priority=one.highest,
        words=told.words,
        value=told.value,
        limits=told.limits,
        begun_ms=one.since_ms,
        ended_ms=one.ended_ms,
        end=one.end,
        times=1,
        quiet=one.quiet,
        quiet_ms=one.quiet_ms,
        silent_ms=silent_ms,
        origin=origin,
    )


def _observed(recorded: Recorded, event: Observed, origin: str) -> ObservedRow:
    parts = event.gcs_parts
    return ObservedRow(
        at_ms=recorded.occurred_ms,
        by=recorded.actor,
        consciousness=event.consciousness or "",
        on_oxygen=event.on_oxygen,
        gcs=event.gcs,
        pain=event.pain,
        origin=origin,
        gcs_text=parts.text if parts else "",
        gcs_eye=parts.eye if parts else None,
        gcs_verbal=parts.verbal if parts else None,
        gcs_motor=parts.motor if parts else None,
    )


def _crew(told: Sequence[Recorded], run: Mission) -> tuple[str, ...]:
    """Who was on duty when the run began; a later shift is another crew."""
    unit: case.State | None = None
    stream = f"unit:{run.unit_id}"
    begun_ms = run.since_ms if run.assigned_ms is None else run.assigned_ms
    for recorded in told:
        if recorded.stream == stream and recorded.occurred_ms <= begun_ms:
            unit = case.evolve(stream, unit, recorded)
    return unit.crew if isinstance(unit, Unit) else ()


def _rewritten(own: Sequence[Recorded], reveal: Reveal) -> Iterator[ReplacedRow]:
    """Every write that a later one has seen and replaced."""
    writes = {r.event.write_id: (r, r.event) for r in own if isinstance(r.event, FieldWritten)}
    for later, event in writes.values():
        for write_id in event.over:
            if write_id in writes:
                before, was = writes[write_id]
                yield _replaced(
                    event.field, before, later, event.reason, reveal, was=was.value, text=was.text
                )


def _renamed(own: Sequence[Recorded], reveal: Reveal) -> Iterator[ReplacedRow]:
    """Name, age and sex as they were before somebody corrected them."""
    known = Identity()
    for later in own:
        event = later.event
        if not isinstance(event, PatientRegistered | DemographicCorrected):
            continue
        reason = event.reason if isinstance(event, DemographicCorrected) else ""
        after = identity.evolve(known, event, later)
        for name in FIELDS:
            new = after.said.get(name, ())
            now = {(one.value, reveal.text(one.text)) for one in new}
            for was in known.said.get(name, ()):
                said = was.value is not None or was.text is not None
                if said and was not in new and (was.value, reveal.text(was.text)) not in now:
                    yield ReplacedRow(
                        item=name,
                        was=was.value,
                        was_text=reveal.text(was.text),
                        was_by=was.by,
                        was_ms=was.at_ms,
                        personal=was.text is not None,
                        by=later.actor,
                        at_ms=later.occurred_ms,
                        reason=reason,
                    )
        known = after


def _moved(own: Sequence[Recorded]) -> Iterator[ReplacedRow]:
    """What left the record, or came to it: how many sets and alarms, and files one by one."""
    for later in own:
        event = later.event
        match event:
            case VitalsMovedOut():
                counts = {"monitor_out": event.sets, "own_alarm_out": event.alarms}
            case VitalsMovedIn():
                counts = {"monitor_in": len(event.sets), "own_alarm_in": len(event.alarms)}
            case FileMovedOut():
                counts = {f"file_out.{event.file_kind}": 1}
            case FileMovedIn():
                counts = {f"file_in.{event.file_kind}": 1}
            case _:
                continue
        of_file = isinstance(event, FileMovedOut | FileMovedIn)
        for item, count in counts.items():
            if not count and item.startswith("own_alarm"):
                continue
            yield ReplacedRow(
                item=item,
                was=count,
                was_text=None,
                was_by=event.device if of_file else event.device_id,
                was_ms=event.taken_ms if of_file else event.from_ms,
                personal=False,
                by=later.actor,
                at_ms=later.occurred_ms,
                reason=event.reason,
            )


def _replaced(
    item: str,
    before: Recorded,
    later: Recorded,
    reason: str,
    reveal: Reveal,
    *,
    was: Answer | None = None,
    text: Personal | None = None,
) -> ReplacedRow:
    return ReplacedRow(
        item=item,
        was=was,
        was_text=reveal.text(text),
        was_by=before.actor,
        was_ms=before.occurred_ms,
        personal=text is not None,
        by=later.actor,
        at_ms=later.occurred_ms,
        reason=reason,
    )
