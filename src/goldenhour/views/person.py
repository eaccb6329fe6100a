"""Who a patient is on a screen: what they are called, and which records are theirs."""

from collections.abc import Mapping, Sequence

from goldenhour.domain.care import unknown
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.case import Facts, State
from goldenhour.domain.dispatch.mission import Mission
from goldenhour.views.fold import Folded
from goldenhour.views.rows import WorkingName, WrittenRow


def joined(state: Patient, view: Folded) -> list[Patient]:
    """The records that were merged into this one, as far as the reader may read them."""
    found = (view.states.get(f"patient:{ident}") for ident in state.joined)
    return [one for one in found if isinstance(one, Patient)]


def differing(state: Patient, said: Mapping[str, Sequence[WrittenRow]]) -> tuple[str, ...]:
    """Of name, age and sex what two people said differently; of names only those that are read."""
    names = {one.text for one in said.get("name", ()) if one.text}
    return (("name",) if len(names) > 1 else ()) + state.identity.conflicts


def working_name(state: Patient, run: State | None, facts: Facts) -> WorkingName:
    """Empty where the reader may not read the run, which gives the case and the vehicle."""
    if not isinstance(run, Mission):
        return WorkingName()
    said = unknown.working_name(
        facts.care.form.unknown,
        sex=state.sex,
        number=run.incident_number,
        call_sign=run.call_sign,
        letter=state.letter,
    )
    return WorkingName(zh=said.zh, en=said.en)
