"""What deciders and policies return: values, never side effects."""

from typing import Any

from goldenhour.kernel.record import Record


class Refused(Record, tag="refused", tag_field="outcome"):
    """A command that may not happen; a value, not an exception.

    `code` is stable on the wire and is the key of the message catalogues; `field` names the field
    of the command at fault, or is empty.
    """

    code: str
    field: str = ""
    detail: str = ""


class Write(Record):
    """New events for one stream, to follow its present version."""

    stream: str
    events: tuple[Any, ...]
    at_ms: tuple[int, ...] = ()
    """When each of them occurred; empty: all when the command says."""
    owner: str = ""
    """The organisation that owns a new stream; empty: that of the stream above it, else of whoever
    says it."""


class Accepted(Record):
    writes: tuple[Write, ...]
    bygone: bool = False
    """It is all over already: nothing follows from it, no timer, no deed outside, no right."""


class Effect(Record):
    """Something to do outside, at least once; the result returns as a command."""

    kind: str
    key: str
    """Identifies the effect for its executor: the same key is the same deed."""
    body: dict[str, str]


class At(Record):
    """A durable timer: `command` is delivered at `due_ms`. A new `At` of a key replaces it."""

    key: str
    due_ms: int
    command: Any


class Cancel(Record):
    key: str


class Claim(Record):
    """What a stream holds alone. Two streams can never hold the same claim: the store refuses."""

    kind: str
    key: str


class Grant(Record):
    """Another organisation may read these streams until the given time; None: until further word.

    A later grant with the same cause replaces the earlier one; with another it stands beside it,
    and the organisation reads a stream as long as one of them holds.
    """

    org: str
    streams: tuple[str, ...]
    until_ms: int | None
    cause: str
    """The stream that the right follows from: a run, or one patient's hand-over."""
    whole: bool = False
    """`streams` is a case's incident: the right is to all streams of the case, and to those that
    begin in it later."""


class GrantUntil(Record):
    """Whatever the organisation may read of a case, it may read until then and no longer."""

    org: str
    case_stream: str
    until_ms: int


Reaction = Effect | At | Cancel | Grant | GrantUntil
