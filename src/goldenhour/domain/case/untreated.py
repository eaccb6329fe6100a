"""A run that had nobody to treat is closed by its crew: with a reason, and signed.

Rule 1: it is said at the scene or after the end of the run, never with a patient on board.
Rule 2: where it is a person's own decision, that person signs, or a witness does in their stead.
Rule 3: said again, the newest stands; what was signed before stays in the journal.
"""

from typing import Final

from goldenhour.domain import commands as c
from goldenhour.domain.care.record_form import RecordForm
from goldenhour.domain.dispatch.events import NobodyTreated
from goldenhour.domain.dispatch.mission import ENDED, Mission, State
from goldenhour.kernel.outcome import Refused

MAY: Final = ENDED | {State.ON_SCENE, State.AT_PATIENT}
BEFORE: Final = frozenset({State.RESERVED, State.ASSIGNED, State.ACKNOWLEDGED, State.EN_ROUTE})


def decide(
    command: c.CloseUntreated, run: Mission | None, form: RecordForm
) -> NobodyTreated | Refused:
    if run is None:
        return Refused(code="absent", field="mission_id")
    if run.state in BEFORE:
        return Refused(code="not_at_scene")
    if run.state not in MAY:
        return Refused(code="patient_on_board")
    reason = next((one for one in form.nobody_treated if one.id == command.reason), None)
    if reason is None:
        return Refused(code="unknown_value", field="reason")
    if not command.name.strip():
        return Refused(code="name_required", field="name")
    if reason.signed and command.signer is None:
        return Refused(code="signer_required", field="signer")
    if reason.signed and command.signature is None and command.witness is None:
        return Refused(code="witness_required", field="witness")
    return NobodyTreated(
        entry_id=command.entry_id,
        reason=command.reason,
        name=command.name.strip(),
        signer=command.signer,
        signature=command.signature,
        witness=command.witness,
        details=command.details,
        form_version=form.about.version,
    )
