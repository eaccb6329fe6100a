"""What happens to a call, and to the incident that it opens, before anybody is sent."""

from enum import StrEnum

from goldenhour.kernel.levels import DispatchLevel
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class CallField(StrEnum):
    """What a call-taker writes down; saved field by field."""

    CALLBACK = "callback"
    WHAT = "what"
    PATIENT_NAME = "patient_name"
    MEETING_POINT = "meeting_point"
    NOTE = "note"


class Disposition(StrEnum):
    """How a call ended; every call ends with one."""

    INCIDENT = "incident"
    DUPLICATE = "duplicate"
    ADVICE = "advice"
    NUISANCE = "nuisance"
    WRONG_NUMBER = "wrong_number"
    TEST = "test"
    TRANSFERRED = "transferred"
    NO_CONTACT = "no_contact"


class LocationSource(StrEnum):
    TYPED = "typed"
    ADDRESS_INDEX = "address_index"
    MAP_PIN = "map_pin"
    OPERATOR = "operator"
    REGISTRY = "registry"


class CallRang(Record, tag="call.rang.v1", tag_field="kind"):
    number: Personal
    line: str
    """`typed` for a call without telephony, else the trunk or gateway."""
    location: Personal | None
    """JSON of a `CallerLocation` when the operator gave one."""


class CallAnswered(Record, tag="call.answered.v1", tag_field="kind"):
    pass


class CallAbandoned(Record, tag="call.abandoned.v1", tag_field="kind"):
    pass


class CallRungBack(Record, tag="call.rung_back.v1", tag_field="kind"):
    reached: bool


class CallFieldRecorded(Record, tag="call.field_recorded.v1", tag_field="kind"):
    field: CallField
    value: Personal


class CallLinked(Record, tag="call.linked.v1", tag_field="kind"):
    incident_id: str


class CallEnded(Record, tag="call.ended.v1", tag_field="kind"):
    disposition: Disposition


CallEvent = (
    CallRang
    | CallAnswered
    | CallAbandoned
    | CallRungBack
    | CallFieldRecorded
    | CallLinked
    | CallEnded
)


class IncidentOpened(Record, tag="incident.opened.v1", tag_field="kind"):
    number: str
    """Case number of the day, `YYYYMMDD-NNNN`."""
    call_id: str


class StandbyOpened(Record, tag="incident.standby_opened.v1", tag_field="kind"):
    """A case without a call: units stand by at an occasion, and there may never be a patient."""

    number: str
    """As in `IncidentOpened`."""
    occasion: str
    from_ms: int
    until_ms: int


class PaperEntered(Record, tag="incident.entered_from_paper.v1", tag_field="kind"):
    """The case was written by hand first; its times are those of the paper."""

    paper_number: str
    """Of the pre-numbered form."""


class LocationSet(Record, tag="incident.location_set.v1", tag_field="kind"):
    location: Personal
    """JSON of a `Location`: label and point are personal, since they tell where a patient lives."""
    source: LocationSource
    accuracy_m: int


class ComplaintSet(Record, tag="incident.complaint_set.v1", tag_field="kind"):
    topic: str
    """Id of one of the 33 complaint topics."""


class QuestionAnswered(Record, tag="incident.question_answered.v1", tag_field="kind"):
    card: str
    """`entry` or the id of a complaint card."""
    card_version: str
    question: str
    answer: bool | int | float | str | tuple[str, ...] | None
    """None: the caller was asked and does not know."""


class Determined(Record, tag="incident.determined.v1", tag_field="kind"):
    """The protocol's result changed. It proposes; the level counts until a person overrides it."""

    level: DispatchLevel | None
    possible: DispatchLevel | None
    """The worst level that open questions could still give."""
    complete: bool
    rules: tuple[str, ...]
    flags: tuple[str, ...]
    plan: tuple[str, ...]
    scripts: tuple[str, ...]
    """Instructions to read; the first belongs to the most severe row."""
    topic: str
    """The topic that a rule forced, or empty."""


class LevelOverridden(Record, tag="incident.level_overridden.v1", tag_field="kind"):
    level: DispatchLevel
    reason: str


class InstructionGiven(Record, tag="incident.instruction_given.v1", tag_field="kind"):
    instruction: str
    step: str
    """`start`, `first_compression`, `stop` or the id of a step."""


class CallJoined(Record, tag="incident.call_joined.v1", tag_field="kind"):
    call_id: str


class MissionLinked(Record, tag="incident.mission_linked.v1", tag_field="kind"):
    """A unit was sent or reserved, or a reservation became a dispatch; in the same deed."""

    mission_id: str
    unit_id: str
    reserved: bool


class UnitTaken(Record, tag="incident.unit_taken.v1", tag_field="kind"):
    """The only unit on its way was sent to a graver case: this one waits again."""

    mission_id: str
    call_sign: str
    for_number: str
    """Of the graver case."""


class CaseOffered(Record, tag="incident.offered.v1", tag_field="kind", omit_defaults=True):
    """Another seat or centre is asked to take the case; until then it stays where it is."""

    org: str
    """The centre; the case's own where a colleague is asked."""
    org_name: str
    seat: str
    """Of a colleague; empty: whoever answers at the other centre."""
    reason: str
    node: str = ""
    """This one, where another node is asked."""


class OfferOutcome(StrEnum):
    WITHDRAWN = "withdrawn"
    DECLINED = "declined"


class OfferEnded(Record, tag="incident.offer_ended.v1", tag_field="kind"):
    outcome: OfferOutcome
    reason: str
    org: str
    """The centre that was asked."""


class CaseTaken(Record, tag="incident.taken.v1", tag_field="kind", omit_defaults=True):
    """Seat and organisation that recorded this lead the case from now on."""

    from_org: str
    from_seat: str
    org_name: str
    """Of the centre that has it now."""
    reason: str
    """Empty where it had been offered."""
    unasked: str
    """Another centre that was asked and is not any more; empty: none."""
    node: str = ""
    """The node that records the case from here on, behind this word of the one before; that node
    says by another one of these that it has it. Empty: no other node."""
    from_node: str = ""


class UnitAsked(Record, tag="incident.unit_asked.v1", tag_field="kind"):
    """Another node is asked for a unit that it alone assigns (ADR 0026)."""

    mission_id: str
    """Of the run that is to be."""
    unit_id: str
    call_sign: str
    node: str
    due_ms: int
    """Not answered by then, the ask has ended."""
    from_node: str = ""
    """This one, which records the case."""


class AskOutcome(StrEnum):
    """How an ask, or the run that came of it, ended."""

    REFUSED = "refused"
    UNANSWERED = "unanswered"
    WITHDRAWN = "withdrawn"
    RECALL_REFUSED = "recall_refused"
    """The run that was to be called off goes on."""
    CALLED_OFF = "called_off"
    """By its own node, or refused by the vehicle."""


class AskEnded(Record, tag="incident.ask_ended.v1", tag_field="kind"):
    mission_id: str
    outcome: AskOutcome
    code: str = ""
    """Of the refusal."""
    detail: str = ""
    reason: str = ""
    """A person's words, where it was withdrawn."""


class IncidentClosed(Record, tag="incident.closed.v1", tag_field="kind"):
    reason: str


class IncidentReopened(Record, tag="incident.reopened.v1", tag_field="kind"):
    reason: str


IncidentEvent = (
    IncidentOpened
    | StandbyOpened
    | PaperEntered
    | LocationSet
    | ComplaintSet
    | QuestionAnswered
    | Determined
    | LevelOverridden
    | InstructionGiven
    | CallJoined
    | MissionLinked
    | UnitTaken
    | CaseOffered
    | OfferEnded
    | CaseTaken
    | UnitAsked
    | AskEnded
    | IncidentClosed
    | IncidentReopened
)
