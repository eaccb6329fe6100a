"""What every piece of clinical content, and every result drawn from it, must carry.

Rule 1: content is versioned data with its sources and its sign-off state, never a constant in code.
Rule 2: a result says whether all its inputs were there; a missing input is never "normal".
"""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from goldenhour.kernel.record import Record


class SignOff(StrEnum):
    UNSIGNED = "unsigned"
    """Nobody answers for it yet: for training and simulation, or under local responsibility."""
    SIGNED = "signed"
    """A medical director has released this version; who and when is an event of its stream."""


class Text(Record):
    zh: Annotated[str, Meta(min_length=1)]
    en: Annotated[str, Meta(min_length=1)]


class About(Record):
    id: Annotated[str, Meta(pattern="^[a-z][a-z0-9_]*$")]
    version: Annotated[int, Meta(ge=1)]
    title: Text
    sources: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Where the content comes from; what was not checked against its source says so."""
    sign_off: SignOff


class Status(StrEnum):
    COMPLETE = "complete"
    PARTIAL = "partial"
    """Inputs are missing: the result is a lower bound ("at least")."""
    NOT_APPLICABLE = "not_applicable"
    """The patient is outside the gate of the table (age, pregnancy): there is no number."""
    CONTRADICTORY = "contradictory"
    """Two inputs cannot both be true: there is no number until a person corrects one."""
