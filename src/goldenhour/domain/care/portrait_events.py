"""Asking for a resident's record, and what came of it."""

from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record
from goldenhour.kernel.resident import ResidentFact


class PortraitAsked(Record, tag="patient.portrait_asked.v1", tag_field="kind"):
    """Somebody may look into a resident's record; who and when stands in the envelope."""

    ask_id: str
    field: str
    """The record's field that says who it is."""
    write_id: str
    """The write of that field; another write is perhaps another person."""
    basis: str
    """Why it may be read: an emergency, or the patient's consent."""


class PortraitTaken(Record, tag="patient.portrait_taken.v1", tag_field="kind"):
    ask_id: str
    facts: tuple[ResidentFact, ...]
    words: Personal | None
    """`kernel.resident.Words` as JSON: what the facts are called, where they come from."""
    not_understood: int
    rules: str
    """id@version of the content by which its words were read."""


class PortraitFailed(Record, tag="patient.portrait_failed.v1", tag_field="kind"):
    ask_id: str
    reason: str
    detail: str
    """For whoever runs the service; never anything of the person."""
    again: bool
    """It is asked again by itself."""


PortraitEvent = PortraitAsked | PortraitTaken | PortraitFailed
