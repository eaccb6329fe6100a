"""The four triage levels as they are shown: content, with both printed names."""

from goldenhour.kernel.content import Text
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.record import Record


class TriageGrade(Record):
    """A level, or one half of level IV."""

    level: TriageLevel
    grade: str
    name_2011: str
    """The name of the MoH 2011 draft, in common use on regional platforms."""
    name_2018: str
    """The name of the 2018 consensus."""
    name_en: str
    colour: str
    response_limit_min: int
    """End of triage assessment to doctor contact; local configuration may set another."""
    area: Text
    reassess_min: int | None = None
    """How often a waiting patient is looked at again; 0 is continuously, None is never."""
