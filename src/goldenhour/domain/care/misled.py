"""Which measurements look better than the patient is: an oximeter takes carbon monoxide for oxygen.

Rule 1: which one, and when, is content (`misleads` in `content/vitals.toml`), asked of what the
        sheets were told; of two answers the graver one counts.
Rule 2: such a value is no normal one and none that is missing: see `assess`.
"""

from collections.abc import Iterable

from goldenhour.domain.care.plausible import Misleading
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.scores import asked_by, truth_of
from goldenhour.kernel.condition import Answer


def list_misleading(record: CareRecord, rows: Iterable[Misleading]) -> tuple[Misleading, ...]:
    """The rows that hold."""
    return tuple(row for row in rows if truth_of(row.when, _told(record, asked_by(row.when))))


def list_misled(record: CareRecord, rows: Iterable[Misleading]) -> frozenset[str]:
    """Findings that prove nothing normal."""
    return frozenset(row.finding for row in list_misleading(record, rows))


def _told(record: CareRecord, names: Iterable[str]) -> dict[str, Answer]:
    told: dict[str, Answer] = {}
    for name in names:
        said = record.list_said(name)
        chosen = tuple(one for some in said if isinstance(some, tuple) for one in some)
        numbers = [one for one in said if isinstance(one, bool | int | float)]
        if chosen:
            told[name] = chosen
        elif numbers:
            told[name] = max(numbers)
    return told
