"""Records of one case that are one person's: kept apart, shown as one.

Rule 1: nothing is copied, so nothing is lost: each record keeps what was said on it, and the one
        that they were merged into is shown with what the others hold.
Rule 2: a field that two of them hold is a conflict, as of two tablets out of reach of each other:
        both values are shown until somebody writes over both. Of age and sex so what differs.
Rule 3: of the levels that clinicians confirmed the most severe stands, until one is confirmed on
        the record that shows both. Of what was seen the newest stands.
Rule 4: a merged record still takes what its own crew does at the patient; quick capture never
        blocks. It is signed and announced no more by itself.
"""

from collections.abc import Iterable

from msgspec.structs import replace

from goldenhour.domain.care import identity
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.written import Written
from goldenhour.kernel.levels import worst_triage


def together(first: Patient, others: Iterable[Patient]) -> Patient:
    """The first with what the others hold beside it; its own word stands where only one can."""
    whole = first
    for other in others:
        whole = _with(whole, other)
    return whole


def _with(one: Patient, other: Patient) -> Patient:
    vitals = dict(one.vitals)
    for sign, measured in other.vitals.items():
        if sign not in vitals or vitals[sign].at_ms < measured.at_ms:
            vitals[sign] = measured
    charted = [at_ms for at_ms in (one.vitals_ms, other.vitals_ms) if at_ms is not None]
    history = tuple(sorted((*one.history, *other.history), key=lambda change: change[0]))
    seen = max(one, other, key=_seen_ms)
    judged = _judged(one, other)
    known = identity.together(one.identity, other.identity)
    return replace(
        one,
        identity=known,
        name=one.name or other.name,
        age_y=known.age_y,
        sex=known.sex,
        vitals=vitals,
        vitals_ms=max(charted, default=None),
        observed=seen.observed,
        observations=seen.observations,
        seen_ms=seen.seen_ms,
        scored=history[-1][1] if history else None,
        history=history,
        level=judged.level,
        level_by=judged.level_by,
        level_ms=judged.level_ms,
        record=_records(one.record, other.record),
        alarms=other.alarms | one.alarms,
        rhythms=other.rhythms | one.rhythms,
        device_alarms=other.device_alarms | one.device_alarms,
        past_alarms=(*one.past_alarms, *other.past_alarms),
        # Another vehicle's is its own crew's to see, and no other may say that it was.
        worse=(*one.worse, *(other.worse if other.unit_id == one.unit_id else ())),
        portrait=one.portrait or other.portrait,
    )


def _seen_ms(one: Patient) -> int:
    return one.observations[-1][0] if one.observations else -1


def _judged(one: Patient, other: Patient) -> Patient:
    """Whose confirmed level stands."""
    own_ms = -1 if one.level_ms is None else one.level_ms
    if other.level is None or (one.joined_ms is not None and own_ms > one.joined_ms):
        return one
    return one if one.level and worst_triage((one.level, other.level)) is one.level else other


def _records(one: CareRecord, other: CareRecord) -> CareRecord:
    replaced = one.replaced | other.replaced
    fields = {
        name: _standing((*one.fields.get(name, ()), *other.fields.get(name, ())), replaced)
        for name in dict.fromkeys((*one.fields, *other.fields))
    }
    sheets = one.sheets | other.sheets
    sheets |= {name: reading for name, reading in one.sheets.items() if reading is not None}
    return CareRecord(
        fields=fields,
        replaced=replaced,
        entries=tuple(sorted((*one.entries, *other.entries), key=lambda kept: kept.at_ms)),
        sheets=sheets,
        signed=one.signed,
    )


def _standing(writes: tuple[Written, ...], replaced: frozenset[str]) -> tuple[Written, ...]:
    """As `record.evolve` orders them."""
    standing = {one.write_id: one for one in writes if one.write_id not in replaced}
    return tuple(sorted(standing.values(), key=lambda one: (one.at_ms, one.write_id)))
