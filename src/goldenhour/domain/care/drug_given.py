"""A drug that is given: checked against the formulary, and charted.

Rule 1: a drug that the check stops is charted with a reason.
"""

from msgspec.structs import replace

from goldenhour.domain.care import drugs, portrait
from goldenhour.domain.care.drugs import Given
from goldenhour.domain.care.events import DrugGiven
from goldenhour.domain.care.record import CLOCKS_DIFFER_MS, CareContent, CareRecord, has_entry
from goldenhour.kernel.condition import Answer, Answers
from goldenhour.kernel.outcome import Refused


def decide_drug(
    state: CareRecord,
    event: DrugGiven,
    content: CareContent,
    facts: Answers,
    now_ms: int,
    *,
    recorded_allergies: frozenset[str] | None,
) -> DrugGiven | Refused:
    """The event with what the formulary says of it; `facts` are what `known_facts` knows.

    `recorded_allergies` are those of the resident's record, beside those that were told; None: it
    does not speak of any, nor says that there are none.
    """
    if not event.drug.strip():
        return Refused(code="required", field="drug")
    if event.dose is not None and event.dose <= 0:
        return Refused(code="out_of_range", field="dose")
    if event.dose is not None and not event.unit:
        return Refused(code="required", field="unit")
    if event.given_ms > now_ms + CLOCKS_DIFFER_MS:
        return Refused(code="in_the_future", field="given_ms")
    if has_entry(state, event.entry_id):
        return Refused(code="exists", field="entry_id")
    given = [one for one in state.list_standing() if isinstance(one, DrugGiven)]
    asked = any(isinstance(one.value, tuple) for one in state.fields.get("allergies", ()))
    told = portrait.list_told_allergies(state.list_told("allergies"), content.portrait)
    known: frozenset[str] | None = told | (recorded_allergies or frozenset())
    if not known and drugs.UNNAMED_ALLERGY in state.list_yes():
        known = frozenset({drugs.UNNAMED_ALLERGY})
    elif not asked and recorded_allergies is None:
        known = None
    findings = drugs.check(
        content.formulary,
        _as_given(event),
        tuple(_as_given(one) for one in given),
        known,
        drug_facts(state, facts, content),
    )
    stop = next((one for one in findings if one.stops), None)
    if stop and not event.reason.strip():
        return Refused(code="drug_stopped", field="reason", detail=f"{stop.concern}: {stop.about}")
    about = content.formulary.about
    return replace(event, findings=findings, formulary=f"{about.id}@{about.version}")


def _as_given(event: DrugGiven) -> Given:
    return Given(
        drug=event.drug,
        dose=event.dose,
        unit=event.unit,
        at_ms=event.given_ms,
        route=event.route,
        dose_id=event.dose_id,
    )


def drug_facts(state: CareRecord, facts: Answers, content: CareContent) -> Answers:
    """What the formulary's conditions may ask, as far as it is known.

    The record, the sheets and the resident's record (in `facts`) count together: what is taken
    by one of them is taken, and a yes to pregnancy is not taken back by the other's no. The
    record's weight stands before that of a sheet; of two, in a conflict or of sheets, the lower.
    """
    given = tuple({one.drug for one in state.list_standing() if isinstance(one, DrugGiven)})
    known: dict[str, Answer] = dict(facts) | {"given": given}
    of_sheets_kg = [one for one in state.list_answers("weight_kg") if isinstance(one, int | float)]
    if weights := state.list_written("weight_kg") or of_sheets_kg:
        known["weight_kg"] = min(weights)
    if (pregnant := state.flag("pregnant")) is not None:
        known["pregnant"] = pregnant
    of_sheets = state.list_yes() & {one.id for one in content.portrait.medicines}
    taken = facts.get("taking", ())
    resident = taken if isinstance(taken, tuple) else ()
    if taking := dict.fromkeys((*state.list_told("taking"), *sorted(of_sheets), *resident)):
        known["taking"] = tuple(taking)
    elif isinstance(asked := state.value("taking"), tuple):
        known["taking"] = asked
    return known
