"""Answers of the query interface (docs/interfaces/web-api.md) that are no rows of a live view.

A hospital's place in the ranking, an indicator, a node and an interval are already records of the
domain in the shape that screens take; only what is composed for a screen stands here.
"""

from msgspec import field

from goldenhour.domain.dispatch.arrival import ArrivalRange, ForecastQuality
from goldenhour.domain.dispatch.events import Candidate
from goldenhour.domain.dispatch.window import Keeping
from goldenhour.domain.review.timeline import Interval, Node
from goldenhour.domain.review.track import MatchedWay, Reading, TrackFix
from goldenhour.kernel.record import Record
from goldenhour.views.replay import Choice, ClockOf, Frame
from goldenhour.views.rows import HandoverRow, LogRow, PatientRow


class RecommendAnswer(Record):
    ranked: tuple[Candidate, ...]
    skipped: tuple[Candidate, ...]
    metric_version: int
    computed_ms: int
    shortfall: tuple[str, ...]
    ranges: dict[str, ArrivalRange]
    """By unit, of the first ranked; a unit without one: how sure its arrival is, is not known."""


class LevelIfAnswer(Record):
    answer: str
    """The id of an option; `true` or `false` of a question of yes and no."""
    level: str
    """R0-R5, at least; empty: still not known."""


class TogetherAnswer(Record):
    """Which unit for this case, where several wait at once."""

    incident_id: str
    candidate: Candidate | None
    """With the reason why it is not the first choice; None: there is none for it."""
    first_call_sign: str
    """The first choice for this case alone."""
    first_for: str
    """The number of the graver case that is to get it instead; empty: there is none."""
    first_for_level: str


class RedirectAnswer(Record):
    """A unit on its way to a milder case that would reach this one sooner."""

    mission_id: str
    candidate: Candidate
    """With what is gained here and lost there."""
    sooner_s: int | None
    """Than the first free unit; None: there is none."""
    from_number: str
    """Of the case that it would leave."""
    from_level: str
    instead_call_sign: str
    """Who could go there; empty: nobody is free."""
    later_s: int | None


class EtaAnswer(Record):
    """When a vehicle under way will be where it is bound for."""

    mission_id: str
    unit_id: str
    to: str
    """scene, hospital"""
    seconds: int | None
    range: ArrivalRange | None
    """None: how sure that is, is not known."""
    estimated: bool
    """No road time was known."""
    position_age_s: int | None
    """None: never seen; its station's place was used."""
    computed_ms: int


class WindowAnswer(Record):
    """How a reservation stands: when it is to be activated, and whether that still suffices."""

    mission_id: str
    unit_id: str
    keeping: Keeping
    road_s: int | None
    """From where the unit is to the pick-up; None: not known."""
    estimated: bool
    """No road time was known."""
    activate_ms: int
    """So that it arrives when it is wanted at the earliest."""
    busy: bool
    """The unit is on another run now."""
    computed_ms: int


class HourSpeed(Record):
    """How fast the streets are in an hour of the week."""

    weekend: bool
    hour: int
    """In China's time."""
    share: float
    """Of free flow, all streets together."""
    driven_s: float
    """How much was driven in it, as far as that still counts."""


class LearntAnswer(Record):
    """What own runs have taught of speeds and arrivals."""

    learnt_ms: int
    quality: ForecastQuality | None
    """None: no drive could be compared yet."""
    fewest: int
    """From so many drives on, arrivals have a range."""
    aimed: float
    """The share of drives that a range is to hold."""
    hours: tuple[HourSpeed, ...]


class CentreAnswer(Record):
    """A centre of the network, to which a case may be handed."""

    id: str
    name: str
    name_en: str
    kind: str
    """centre, county"""


class SeatAnswer(Record):
    """A seat of the centre, or of one below it, and whether somebody sits there."""

    seat: str
    org: str
    name: str
    role: str
    present: bool
    """A screen of theirs is open and connected."""


class DuplicateAnswer(Record):
    """An open incident that may be the same emergency."""

    incident_id: str
    number: str
    distance_m: int
    minutes: int
    """Between the two openings."""
    label: str
    topic: str


class CaseAnswer(Record):
    incident_id: str
    number: str
    opened_ms: int
    closed_ms: int | None
    level: str
    """R0-R5, or empty: never known."""
    topic: str
    occasion: str
    """Of a standby; empty for an emergency."""
    label: str
    """The place as revealed to the reader; empty where erased or forbidden."""
    call_signs: tuple[str, ...]
    hospital: str
    node: str
    """The other node that records it and counts it (ADR 0026); empty: this one."""


class VehicleClock(Record):
    """A vehicle's clock against the centre's."""

    unit_id: str
    call_sign: str
    heard_ms: int
    offset_ms: int
    """To be added to the vehicle's clock."""
    uncertainty_ms: int


class TimelineAnswer(Record):
    case: CaseAnswer
    nodes: tuple[Node, ...]
    events: tuple[LogRow, ...]
    intervals: tuple[Interval, ...]
    clocks: tuple[VehicleClock, ...] = ()
    """What was heard of the clocks of its vehicles meanwhile, and just before and after."""
    copies: dict[str, str] = field(default_factory=dict)
    """Those of its streams that another node records (ADR 0026), with its name."""


class CasePatientsAnswer(Record):
    """Every patient record of a case, the merged ones too, and their hand-overs."""

    patients: tuple[PatientRow, ...]
    handovers: tuple[HandoverRow, ...]


class ReplayAnswer(Record):
    clock: ClockOf
    begun_ms: int
    ended_ms: int
    """The last event's moment."""
    frames: tuple[Frame, ...]
    choices: tuple[Choice, ...]


class TrackAnswer(Record):
    mission_id: str
    unit_id: str
    call_sign: str
    fixes: tuple[TrackFix, ...]
    stored: int
    """Positions that this page was thinned from."""
    next_ms: int | None
    """Ask again from here; None: this was the last page."""


class MatchedAnswer(Record):
    """The same page as `TrackAnswer`, along the streets; each page is matched by itself."""

    mission_id: str
    unit_id: str
    call_sign: str
    way: MatchedWay
    matched_ms: int
    """When it was guessed: some time after the run, or now."""
    stored: int
    """Positions of this page."""
    next_ms: int | None


class ReadingsAnswer(Record):
    mission_id: str
    unit_id: str
    call_sign: str
    readings: tuple[Reading, ...]
    """By sign, then by time."""
    stored: int
    """Sets of the monitor that this page was thinned from."""
    next_ms: int | None


class SeatPainted(Record):
    """When a seat's screen had shown what is asked about."""

    seat: str
    person: str
    role: str
    at_ms: int | None
    """None: its screen was open, and never came so far."""
    before: int | None
    """The delivery that it had shown last before; None: its screen was not open yet."""


class PaintedAnswer(Record):
    delivery: int | None
    """The event's number on the screens; None: not numbered yet."""
    received_ms: int
    seats: tuple[SeatPainted, ...]
    """By time, those that never showed it last. Only seats that may read it by themselves."""
