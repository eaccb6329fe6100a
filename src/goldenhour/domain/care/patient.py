"""A patient of a case: who, how they are, and how severe a clinician says it is.

Rule 1: the computed level proposes, a clinician confirms; lowering needs a reason.
Rule 2: what a device measured stands here by its place in the run (`dispatch/monitors.py`); where
        that was corrected, sets, readings and scores come and go with it.
"""

from collections.abc import Iterable

from msgspec import field
from msgspec.structs import replace

from goldenhour.domain.care import (
    files,
    identity,
    own_alarms,
    portrait,
    portrait_ask,
    record,
    worse,
)
from goldenhour.domain.care.ecg_events import EcgRead
from goldenhour.domain.care.events import (
    SEEN,
    DemographicCorrected,
    DeviceAlarmed,
    DeviceSilent,
    EntryWithdrawn,
    LevelConfirmed,
    Observed,
    PatientJoined,
    PatientMerged,
    PatientParted,
    PatientRegistered,
    PatientUnmerged,
    RhythmAlarmed,
    Scored,
    Sex,
    VitalAlarmed,
    VitalsCharted,
    VitalsEntered,
    WorseningSeen,
)
from goldenhour.domain.care.file_events import (
    FileAdded,
    FileMovedIn,
    FileMovedOut,
    FileWithdrawn,
)
from goldenhour.domain.care.files import Files
from goldenhour.domain.care.identity import Identity
from goldenhour.domain.care.moved_events import VitalsMovedIn, VitalsMovedOut, is_covered
from goldenhour.domain.care.own_alarms import OwnAlarm
from goldenhour.domain.care.plausible import Alarm
from goldenhour.domain.care.portrait_ask import PortraitState
from goldenhour.domain.care.portrait_content import PortraitContent
from goldenhour.domain.care.portrait_events import PortraitAsked, PortraitFailed, PortraitTaken
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.rhythm import RhythmAlarming
from goldenhour.domain.care.worse import Best, What, Worsening
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.levels import TriageLevel, worst_triage
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.kernel.telemetry import BEYOND, HAND, Numeric, NumericSet, Sign


class Measured(Record):
    value: float | None
    note: str
    at_ms: int
    device_id: str = ""


class Alarming(Record):
    alarm: Alarm
    value: float
    """When it began to alarm so."""
    since_ms: int


class Patient(Record):
    incident_id: str
    mission_id: str
    unit_id: str
    name: Personal | None
    age_y: float | None
    sex: Sex
    vitals: dict[Sign, Measured]
    """The newest charted value of each sign."""
    vitals_ms: int | None
    observed: Observed | None
    scored: Scored | None
    history: tuple[tuple[int, Scored], ...]
    """Every change of the scores with its time, oldest first."""
    level: TriageLevel | None
    level_by: str
    level_ms: int | None
    registered_ms: int
    record: CareRecord = CareRecord()
    alarms: dict[Sign, Alarming] = field(default_factory=dict)
    """Signs that alarm now."""
    portrait: PortraitState | None = None
    worse: tuple[Worsening, ...] = ()
    """What got worse and nobody has seen yet."""
    best: Best = Best()
    letter: str = ""
    joined: tuple[str, ...] = ()
    """Ids of the records that are this person's too."""
    joined_ms: int | None = None
    """When the last of them was said to be."""
    merged_into: str = ""
    """The record that shows this one; empty: it stands for itself."""
    files: Files = ()
    charted: tuple[NumericSet, ...] = ()
    """The charted sets that count, oldest first."""
    observations: tuple[tuple[int, Observed], ...] = ()
    """Every observation with its time, oldest first."""
    lost_sets: tuple[NumericSet, ...] = ()
    """What a correction took; a later one gives it to whom it says, if nobody has it."""
    lost_ecgs: tuple[EcgRead, ...] = ()
    identity: Identity = Identity()
    """What was said of name, age and sex; those above are what follows from it."""
    seen_ms: dict[str, int] = field(default_factory=dict)
    """Since when each of `SEEN` is known as it stands."""
    rhythms: dict[str, RhythmAlarming] = field(default_factory=dict)
    """Devices whose live ECG alarms now."""
    rhythms_looked: dict[str, int] = field(default_factory=dict)
    """When a person last ended such an alarm of a device."""
    device_alarms: dict[str, OwnAlarm] = field(default_factory=dict)
    """What devices alarm by themselves now, by `own_alarms.name_of`."""
    past_alarms: tuple[OwnAlarm, ...] = ()
    """What they alarmed, and is over."""
    lost_alarms: tuple[OwnAlarm, ...] = ()
    """Of these what a correction took, as of the sets."""


def evolve(state: Patient | None, recorded: Recorded) -> Patient | None:
    event, at_ms = recorded.event, recorded.occurred_ms
    if isinstance(event, PatientRegistered):
        known = identity.evolve(Identity(), event, recorded)
        return state or Patient(
            incident_id=event.incident_id,
            mission_id=event.mission_id,
            unit_id=event.unit_id,
            name=event.name,
            age_y=event.age_y,
            sex=event.sex,
            vitals={},
            vitals_ms=None,
            observed=None,
            scored=None,
            history=(),
            level=None,
            level_by="",
            level_ms=None,
            registered_ms=at_ms,
            letter=event.letter,
            identity=known,
        )
    if state is None:
        return None
    match event:
        case DemographicCorrected():
            known = identity.evolve(state.identity, event, recorded)
            return replace(state, identity=known, name=known.name, age_y=known.age_y, sex=known.sex)
        case PatientJoined():
            joined = tuple(dict.fromkeys((*state.joined, event.other_id)))
            return replace(state, joined=joined, joined_ms=at_ms)
        case PatientParted():
            return replace(
                state, joined=tuple(one for one in state.joined if one != event.other_id)
            )
        case PatientMerged():
            return replace(state, merged_into=event.into)
        case PatientUnmerged():
            return replace(state, merged_into="")
        case VitalsCharted():
            vitals = measured_after(state.vitals, event.vitals, at_ms)
            charted = (*state.charted, event.vitals)
            return replace(state, vitals=vitals, vitals_ms=at_ms, charted=charted)
        case VitalsEntered():
            return _entered(state, event, recorded)
        case EntryWithdrawn():
            gone = f"{HAND}{event.entry_id}"
            kept = tuple(one for one in state.charted if one.device_id != gone)
            after = state if kept == state.charted else with_sets(state, kept)
            return replace(after, record=record.evolve(state.record, recorded))
        case VitalAlarmed():
            others = {sign: one for sign, one in state.alarms.items() if sign is not event.sign}
            if event.alarm is not None:
                others[event.sign] = Alarming(alarm=event.alarm, value=event.value, since_ms=at_ms)
            return replace(state, alarms=others)
        case RhythmAlarmed():
            rhythms = {name: one for name, one in state.rhythms.items() if name != event.device_id}
            if event.rhythm is not None:
                rhythms[event.device_id] = RhythmAlarming(rhythm=event.rhythm, since_ms=at_ms)
            looked = state.rhythms_looked
            if event.rhythm is None and recorded.role != "vehicle":
                looked = looked | {event.device_id: at_ms}
            return replace(state, rhythms=rhythms, rhythms_looked=looked)
        case DeviceAlarmed() | DeviceSilent():
            return _own_alarmed(state, event, at_ms)
        case Observed():
            fell = worse.by_sight(state.observed, event, at_ms) or worse.crept(
                state.best, state.observed, event, state.worse, at_ms
            )
            return replace(
                state,
                observed=event,
                observations=(*state.observations, (at_ms, event)),
                seen_ms=seen_after(state.seen_ms, state.observed, event, at_ms),
                worse=worse.put(state.worse, fell),
                best=worse.better(state.best, event),
            )
        case Scored():
            rose = worse.by_scores(state.scored, event, at_ms)
            if all(one.what is not What.NEWS2 for one in rose):
                rose += worse.crept(state.best, state.scored, event, state.worse, at_ms)
            return replace(
                state,
                scored=event,
                history=(*state.history, (at_ms, event)),
                worse=worse.put(state.worse, rose),
                best=worse.better(state.best, event),
            )
        case WorseningSeen():
            later = tuple(one for one in state.worse if one.at_ms > event.through_ms)
            return replace(state, worse=later, best=_looked(state))
        case LevelConfirmed():
            return replace(
                state,
                level=event.level,
                level_by=recorded.actor,
                level_ms=at_ms,
                worse=(),
                best=_looked(state),
            )
        case PortraitAsked() | PortraitTaken() | PortraitFailed():
            return replace(state, portrait=portrait_ask.evolve(state.portrait, recorded))
        case FileAdded() | FileWithdrawn() | FileMovedOut() | FileMovedIn():
            return replace(state, files=files.evolve(state.files, recorded))
        case VitalsMovedOut() | VitalsMovedIn():
            return _moved(state, event, recorded)
        case _:
            written = record.evolve(state.record, recorded)
            if written is state.record:
                return state
            stands = portrait_ask.still_said(state.portrait, written)
            return replace(state, record=written, portrait=stands)


def _looked(state: Patient) -> Best:
    """From now on it is held against this."""
    return Best(scored=state.scored, gcs=state.observed.gcs if state.observed else None)


def seen_after(
    before: dict[str, int], last: Observed | None, seen: Observed, at_ms: int
) -> dict[str, int]:
    """When each was seen; what says something else than before was looked at, whoever says not."""

    def value(one: Observed | None, name: str) -> object:
        found = getattr(one, name, None)
        # Of parts that nobody can test there is no sum, and they were seen.
        return one.gcs_parts if one and name == "gcs" and found is None else found

    after: dict[str, int] = {}
    for name in SEEN:
        kept = name in seen.as_before and name in before and value(seen, name) == value(last, name)
        if value(seen, name) is not None:
            after[name] = before[name] if kept else at_ms
    return after


def measured_after(
    before: dict[Sign, Measured], item: NumericSet, at_ms: int
) -> dict[Sign, Measured]:
    """The newest of each sign; a monitor without its probe does not wipe out the thermometer."""
    after = dict(before)
    for n in item.values:
        known = before.get(n.sign)
        if not _says(n) and known and _says(known) and known.device_id != item.device_id:
            continue
        measured_ms = at_ms - n.age_ms
        if n.age_ms and known and _says(known) and known.at_ms > measured_ms:
            continue  # told again, and another device has measured since
        after[n.sign] = Measured(
            value=n.value, note=n.note, at_ms=measured_ms, device_id=item.device_id
        )
    return after


def _says(one: Numeric | Measured) -> bool:
    return one.value is not None or one.note in BEYOND


def with_sets(state: Patient, sets: Iterable[NumericSet]) -> Patient:
    """The patient as if exactly these sets had been charted."""
    charted = tuple(sorted(sets, key=lambda one: one.received_ms))
    vitals: dict[Sign, Measured] = {}
    for one in charted:
        vitals = measured_after(vitals, one, one.received_ms)
    newest_ms = charted[-1].received_ms if charted else None
    return replace(state, charted=charted, vitals=vitals, vitals_ms=newest_ms)


def _own_alarmed(state: Patient, event: DeviceAlarmed | DeviceSilent, at_ms: int) -> Patient:
    if isinstance(event, DeviceSilent):
        own = own_alarms.fall_silent(state.device_alarms, event.device_id, event.since_ms)
        return replace(state, device_alarms=own)
    own, past = own_alarms.evolve(state.device_alarms, state.past_alarms, event, at_ms)
    return replace(state, device_alarms=own, past_alarms=past)


def list_alarms(state: Patient) -> tuple[OwnAlarm, ...]:
    """Everything that devices alarmed by themselves at this patient, over or not."""
    return (*state.past_alarms, *state.device_alarms.values())


def with_alarms(state: Patient, alarms: Iterable[OwnAlarm]) -> Patient:
    standing, past = own_alarms.part(alarms)
    return replace(state, device_alarms=standing, past_alarms=past)


def _entered(state: Patient, event: VitalsEntered, recorded: Recorded) -> Patient:
    """By the time of its measurement: a value of ten minutes ago hides no newer one."""
    written = record.evolve(state.record, recorded)
    if written is state.record:
        return state
    typed = NumericSet(
        device_id=f"{HAND}{event.entry_id}",
        unit_id=state.unit_id,
        device_ms=None,
        received_ms=event.taken_ms,
        values=event.values,
    )
    return replace(with_sets(state, (*state.charted, typed)), record=written)


def _moved(state: Patient, event: VitalsMovedOut | VitalsMovedIn, recorded: Recorded) -> Patient:
    if isinstance(event, VitalsMovedIn):
        after = with_sets(state, (*state.charted, *event.sets))
        after = replace(
            after,
            lost_sets=tuple(one for one in state.lost_sets if one not in event.sets),
            lost_ecgs=tuple(one for one in state.lost_ecgs if one not in event.ecgs),
        )
        after = with_alarms(after, own_alarms.join((*list_alarms(state), *event.alarms)))
        lost = (
            one
            for one in state.lost_alarms
            if not any(own_alarms.overlap(one, come) for come in event.alarms)
        )
        after = replace(after, lost_alarms=tuple(lost))
    else:
        gone = tuple(
            one for one in state.charted if is_covered(event, one.device_id, one.received_ms)
        )
        ecgs = (
            one
            for one in state.record.list_standing()
            if isinstance(one, EcgRead) and is_covered(event, one.device, one.begun_ms)
        )
        after = replace(
            with_sets(state, (one for one in state.charted if one not in gone)),
            lost_sets=(*state.lost_sets, *gone),
            lost_ecgs=(*state.lost_ecgs, *ecgs),
        )
        own_gone, own_left = own_alarms.cut(
            list_alarms(state), event.device_id, event.from_ms, event.to_ms
        )
        after = with_alarms(replace(after, lost_alarms=(*state.lost_alarms, *own_gone)), own_left)
        # An alarm that began on another patient is none of this one.
        own = {
            sign: one
            for sign, one in state.alarms.items()
            if not event.from_ms <= one.since_ms < event.to_ms
        }
        rhythms = {
            device_id: one
            for device_id, one in state.rhythms.items()
            if not is_covered(event, device_id, one.since_ms)
        }
        after = replace(after, alarms=own, rhythms=rhythms)
    before = tuple(one for one in state.history if one[0] < event.from_ms)
    history = (*before, *((one.at_ms, one.scored) for one in event.scores))
    scored = history[-1][1] if history else None
    return replace(
        after,
        history=history,
        scored=scored,
        best=replace(after.best, scored=scored),
        record=record.evolve(state.record, recorded),
    )


def known_facts(state: Patient, content: PortraitContent) -> dict[str, Answer]:
    """Age, that a man is not pregnant (others have to be asked), and the resident's medicines."""
    known: dict[str, Answer] = {}
    if state.age_y is not None:
        known["age_y"] = state.age_y
    if state.sex is Sex.MALE:
        known["pregnant"] = False
    taken = state.portrait.taken if state.portrait else None
    if medicines := portrait.list_medicines(taken.event.facts if taken else (), content):
        known["taking"] = tuple(sorted(medicines))
    return known


def decide_confirm(
    state: Patient | None, level: TriageLevel, reason: str
) -> LevelConfirmed | Refused:
    if state is None:
        return Refused(code="absent", field="patient_id")
    proposed = state.scored.level if state.scored else None
    lowers = (
        proposed is not None and proposed != level and (worst_triage((proposed, level)) == proposed)
    )
    if lowers and not reason.strip():
        return Refused(code="reason_required", field="reason")
    return LevelConfirmed(level=level, proposed=proposed, reason=reason)
