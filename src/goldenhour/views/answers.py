"""Answers of the query interface (docs/interfaces/web-api.md) that are no rows of a live view.

A hospital's place in the ranking, an indicator, a node and an interval are already records of the
domain in the shape that screens take; only what is composed for a screen stands here.
"""

from goldenhour.domain.dispatch.events import Candidate
from goldenhour.domain.review.timeline import Interval, Node
from goldenhour.kernel.record import Record
from goldenhour.views.rows import LogRow


class RecommendAnswer(Record):
    ranked: tuple[Candidate, ...]
    skipped: tuple[Candidate, ...]
    metric_version: int
    computed_ms: int
    shortfall: tuple[str, ...]


class LevelIfAnswer(Record):
    answer: str
    """The id of an option; `true` or `false` of a question of yes and no."""
    level: str
    """R0-R5, at least; empty: still not known."""


class EtaAnswer(Record):
    """When a vehicle under way will be where it is bound for."""

    mission_id: str
    unit_id: str
    to: str
    """scene, hospital"""
    seconds: int | None
    estimated: bool
    """No road time was known."""
    position_age_s: int | None
    """None: never seen; its station's place was used."""
    computed_ms: int


class SeatAnswer(Record):
    """A seat of the centre and whether somebody sits there."""

    seat: str
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
    label: str
    """The place as revealed to the reader; empty where erased or forbidden."""
    call_signs: tuple[str, ...]
    hospital: str


class TimelineAnswer(Record):
    case: CaseAnswer
    nodes: tuple[Node, ...]
    events: tuple[LogRow, ...]
    intervals: tuple[Interval, ...]
