"""Telephone CPR: its script values by age group, and how its intervals are judged.

Rule 1: an interval without both stamps has no length and meets nothing.
"""

from goldenhour.domain.triage.protocol import Script
from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import SECOND_MS


class Metronome(Record):
    rate_per_min: int
    lowest_per_min: int
    highest_per_min: int


class Group(Record):
    """CPR values of one age group; `script` holds the steps."""

    script: str
    depth_cm: Text
    hands: Text
    offer_breaths: bool
    compressions: int
    breaths: int


class Goal(Record):
    """A time from the answered call; shorter than the limit meets it."""

    id: str
    title: Text
    minimum_s: int
    high_performing_s: int


class Tcpr(Record):
    about: About
    metronome: Metronome
    groups: tuple[Group, ...]
    goals: tuple[Goal, ...]
    stop_only_if: tuple[Text, ...]
    do_not_start_if: tuple[Text, ...]
    scripts: tuple[Script, ...]


class Interval(Record):
    goal_id: str
    length_s: float | None
    meets_minimum: bool
    meets_high_performing: bool


def judge_interval(goal: Goal, answered_ms: int | None, reached_ms: int | None) -> Interval:
    """How one measure of a call stands against its goal."""
    if answered_ms is None or reached_ms is None:
        return Interval(
            goal_id=goal.id, length_s=None, meets_minimum=False, meets_high_performing=False
        )
    length_s = (reached_ms - answered_ms) / SECOND_MS
    return Interval(
        goal_id=goal.id,
        length_s=length_s,
        meets_minimum=length_s < goal.minimum_s,
        meets_high_performing=length_s < goal.high_performing_s,
    )
