"""What a physician reads in a measured ECG, and which ECGs wait for one.

Rule 1: only a person's signed reading ends the wait; that a rule finds nothing ends none.
Rule 2: a reading is corrected by those for whom it was signed, the crew or the hospital.
"""

from msgspec.structs import replace

from goldenhour.domain.care.ecg_events import EcgInterpreted, EcgRead
from goldenhour.domain.care.ecg_rules import Reading
from goldenhour.domain.care.record import CareRecord, Kept
from goldenhour.kernel.outcome import Refused


def list_unread(state: CareRecord) -> tuple[Kept, ...]:
    """The ECGs of which rules say "suspected" and which nobody has read."""
    read = {one.ecg_id for one in state.list_standing() if isinstance(one, EcgInterpreted)}
    return tuple(
        kept
        for kept in state.entries
        if isinstance(kept.entry, EcgRead)
        and not kept.withdrawn
        and kept.entry.findings.reading is Reading.SUSPECTED
        and kept.entry.entry_id not in read
    )


def decide_interpret(
    state: CareRecord, event: EcgInterpreted, role: str
) -> EcgInterpreted | Refused:
    if not event.name.strip():
        return Refused(code="name_required", field="name")
    if any(kept.entry.entry_id == event.entry_id for kept in state.entries):
        return Refused(code="exists", field="entry_id")
    standing = {kept.entry.entry_id: kept for kept in state.entries if not kept.withdrawn}
    ecg = standing.get(event.ecg_id)
    if ecg is None or not isinstance(ecg.entry, EcgRead):
        return Refused(code="absent", field="ecg_id")
    if event.corrects:
        before = standing.get(event.corrects)
        if before is None:
            return Refused(code="already_withdrawn", field="corrects")
        if not isinstance(before.entry, EcgInterpreted) or before.entry.ecg_id != event.ecg_id:
            return Refused(code="absent", field="corrects")
        if before.role != role:
            return Refused(code="reading_of_other", field="corrects")
        if not event.reason.strip():
            return Refused(code="reason_required", field="reason")
    return replace(event, name=event.name.strip(), reason=event.reason.strip())
