"""One value of a field, as somebody wrote it."""

from goldenhour.kernel.condition import Answer
from goldenhour.kernel.personal import Personal
from goldenhour.kernel.record import Record


class Written(Record):
    write_id: str
    value: Answer | None
    text: Personal | None
    by: str
    at_ms: int
    reason: str
