"""The protocol applied to an incident: from its recorded answers to the event `Determined`.

`evaluate.py` knows nothing of incidents and `intake` nothing of protocols; here they meet.
"""

from typing import Any

from msgspec.structs import replace

from goldenhour.domain.intake.events import Determined
from goldenhour.domain.intake.incident import Incident
from goldenhour.domain.triage.evaluate import Determination, evaluate
from goldenhour.domain.triage.levels import LevelPlan, Response
from goldenhour.domain.triage.protocol import Card, Kind, Protocol, check_answer
from goldenhour.kernel.condition import UNKNOWN, Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

COMPLAINT = "complaint"


class TriageContent(Record):
    """The release's protocol and level plans."""

    protocol: Protocol
    levels: tuple[LevelPlan, ...]
    responses: tuple[Response, ...] = ()
    """The first that names complaint and level counts."""

    def find_card(self, card_id: str) -> Card | None:
        return (
            self.protocol.entry
            if card_id == self.protocol.entry.about.id
            else self.protocol.cards.get(card_id)
        )

    def has_topic(self, topic: str) -> bool:
        return any(t.id == topic for t in self.protocol.topics.topics)

    def find_plan(self, level: str, topic: str = "") -> LevelPlan | None:
        """The level's, as the complaint changes it."""
        plan = next((plan for plan in self.levels if plan.level == level), None)
        asked = self.find_response(level, topic)
        if plan is None or asked is None:
            return plan
        return replace(
            plan,
            unit_kinds=asked.unit_kinds or plan.unit_kinds,
            crews=max(asked.crews, plan.crews),
        )

    def find_response(self, level: str, topic: str) -> Response | None:
        found = (one for one in self.responses if topic in one.topics and level in one.levels)
        return next(found, None)

    def dispatch_target_s(self, level: DispatchLevel) -> int | None:
        """How long a case of this level may wait for a unit; None: no target."""
        plan = self.find_plan(level)
        return plan.assign_within_s if plan else None

    def check(self, card_id: str, question_id: str, answer: Any) -> Refused | None:
        """The refusal of an answer that its question cannot have."""
        card = self.find_card(card_id)
        if card is None:
            return Refused(code="unknown_value", field="card")
        question = next((q for q in card.questions if q.id == question_id), None)
        if question is None:
            return Refused(code="unknown_value", field="question")
        problem = check_answer(question, UNKNOWN if answer is None else answer)
        return Refused(code=f"answer_{problem}", field="answer") if problem else None


def answers_of(state: Incident) -> dict[str, Answer]:
    """All answers by question id; what the intake form already holds needs no asking."""
    answers: dict[str, Answer] = {
        question: UNKNOWN if answer is None else answer
        for card in state.answers.values()
        for question, answer in card.items()
    }
    if state.location is not None:
        answers.setdefault("location", UNKNOWN)
    if state.topic:
        answers[COMPLAINT] = state.topic
    return answers


def determination(state: Incident, content: TriageContent) -> Determination:
    return evaluate(content.protocol, answers_of(state))


def determine(state: Incident, content: TriageContent) -> Determined:
    found = determination(state, content)
    return Determined(
        level=found.level,
        possible=found.worst_possible,
        complete=found.status is Status.COMPLETE,
        rules=tuple(f"{hit.card_id}@{hit.card_version}#{hit.row_id}" for hit in found.fired),
        flags=found.flags,
        plan=found.plan,
        scripts=found.scripts,
        topic=found.complaint or "",
    )


def next_questions(state: Incident, content: TriageContent) -> tuple[str, ...]:
    """What to ask now, in order; the call-back number belongs to the call, not to the patient."""
    asked = determination(state, content).next_questions
    return tuple(q for q in asked if q not in ("location", "callback"))


def levels_if(
    state: Incident, question_id: str, content: TriageContent
) -> dict[str, DispatchLevel | None]:
    """The level that each answer to one question would establish; empty where it has no options."""
    card = content.protocol.find_card(state.topic or None)
    sheets = (content.protocol.entry, card) if card else (content.protocol.entry,)
    question = next((q for sheet in sheets for q in sheet.questions if q.id == question_id), None)
    if question is None:
        return {}
    said: dict[str, Answer] = {option.id: option.id for option in question.options}
    if question.kind is Kind.BOOL:
        said = {"true": True, "false": False}
    elif question.kind is not Kind.CHOICE:
        return {}
    answers = answers_of(state)
    return {
        name: evaluate(content.protocol, answers | {question_id: answer}).level
        for name, answer in said.items()
    }
