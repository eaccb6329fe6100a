"""The health portrait of a patient as a screen shows it.

It is painted as of the newest charting, since a view has no clock of its own.
"""

from typing import Final

import msgspec

from goldenhour.domain.care import assess, findings
from goldenhour.domain.care.patient import Patient
from goldenhour.domain.care.portrait import Alert, AlertKind, Item, paint
from goldenhour.domain.care.portrait_ask import PortraitState
from goldenhour.domain.care.portrait_content import Colour
from goldenhour.domain.case import Facts
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.resident import FactWords, ResidentFact, Words
from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.views.fold import Reveal
from goldenhour.views.rows import (
    PortraitAlertRow,
    PortraitItemRow,
    PortraitRegionRow,
    PortraitRow,
)

_WORDS: Final = msgspec.json.Decoder(Words)


def portrait_row(patient: Patient, reveal: Reveal, facts: Facts) -> PortraitRow | None:
    state = patient.portrait
    if state is None:
        return None
    content = facts.care.portrait
    taken = state.taken.event if state.taken else None
    held = taken.facts if taken else ()
    words = _words(state, reveal)
    at_ms = max(patient.vitals_ms or 0, state.taken.at_ms if state.taken else state.asked.at_ms)
    today = to_datetime(at_ms).astimezone(CHINA).date().isoformat()
    painted = paint(held, content, _live(patient, at_ms, facts), today)
    by_id = {fact.id: fact for fact in held}
    return PortraitRow(
        state=_state(state),
        reason=state.failed.event.reason if state.failed else "",
        detail=state.failed.event.detail if state.failed else "",
        again=state.failed.event.again if state.failed else False,
        field=state.asked.event.field,
        basis=state.asked.event.basis,
        asked_by=state.asked.by,
        asked_ms=state.asked.at_ms,
        taken_ms=state.taken.at_ms if state.taken else None,
        rules=taken.rules if taken else "",
        as_of_day=max((fact.told_day for fact in held), default=""),
        regions=tuple(
            PortraitRegionRow(
                region=region.region,
                colour=region.colour,
                items=tuple(_item(item, words) for item in region.items),
            )
            for region in painted.regions
        ),
        alerts=tuple(_alert(alert, by_id, words, facts) for alert in painted.alerts),
        others=tuple(_of_fact(by_id[ident], words) for ident in painted.others),
        contacts=words.contacts,
        not_understood=taken.not_understood if taken else 0,
    )


def _state(state: PortraitState) -> str:
    if state.failed:
        return "failed"
    answered = state.taken and state.taken.event.ask_id == state.asked.event.ask_id
    return "found" if answered else "asking"


def _words(state: PortraitState, reveal: Reveal) -> Words:
    """Erased or forbidden, the facts stay without their names."""
    text = reveal.text(state.taken.event.words) if state.taken else None
    try:
        return _WORDS.decode(text) if text else Words()
    except msgspec.DecodeError:  # of a newer release
        return Words()


def _live(patient: Patient, at_ms: int, facts: Facts) -> dict[str, Answer]:
    """What is known of the patient now: signs, and answers of the assessments."""
    live: dict[str, Answer] = {}
    for name in patient.record.sheets:
        for item, value in patient.record.list_values(f"{name}.").items():
            # Asked in two assessments, a yes is not taken back by the other's no.
            live[item] = value or live.get(item, value)
    known = findings.known(assess.findings_of(patient, at_ms, facts.scores))
    known |= assess.misled_of(patient, at_ms, facts.scores)
    return live | known | {"sex": str(patient.sex)}


def _item(item: Item, words: Words) -> PortraitItemRow:
    said = words.facts.get(item.fact, FactWords())
    return PortraitItemRow(
        rule=item.rule,
        colour=item.colour,
        name=said.name or None,
        source=said.source or None,
        day=item.day,
        live=item.fact == "",
        old=item.old,
        candidate=item.candidate,
        against=item.against,
    )


def _of_fact(fact: ResidentFact, words: Words, *, against: bool = False) -> PortraitItemRow:
    said = words.facts.get(fact.id, FactWords())
    code = f"{fact.codes[0].system} {fact.codes[0].code}" if fact.codes else ""
    return PortraitItemRow(
        rule="",
        colour=Colour.GREY,
        name=said.name or code or None,
        source=said.source or None,
        day=fact.day or fact.told_day,
        live=False,
        old=False,
        candidate=False,
        against=against,
    )


def _alert(
    alert: Alert, by_id: dict[str, ResidentFact], words: Words, facts: Facts
) -> PortraitAlertRow:
    said = words.facts.get(alert.facts[0], FactWords())
    near = facts.care.formulary.cross.get(alert.id, ()) if alert.kind is AlertKind.ALLERGY else ()
    return PortraitAlertRow(
        kind=alert.kind,
        id=alert.id,
        name=said.name or None,
        reaction=said.reaction or None,
        source=said.source or None,
        severity=alert.severity,
        ppe=alert.ppe,
        day=alert.day,
        old=alert.old,
        verified=alert.verified,
        mri=alert.mri,
        cautions=tuple(near),
        against=tuple(_of_fact(by_id[ident], words, against=True) for ident in alert.against),
    )
