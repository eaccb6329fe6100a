"""What a dispatching seat is shown of a patient: how severe, where and with whom, and no more.

The record and the portrait are for those who treat: crew, hospital, and quality afterwards. What a
crew scored of a scene is of no patient: it says what the centre, the police and the fire service
are asked for.
Source: design.md rule 14 and the law on personal information (only what the task needs).
"""

from collections.abc import Iterable
from typing import Final

from msgspec.structs import replace

from goldenhour.views.rows import LogRow, PatientRow, RecordRow, Row

_NOTHING = RecordRow(
    sheets=(), fields={}, entries=(), missing=(), doses={}, signed_by="", signed_ms=None
)
TOLD: Final = frozenset(
    {
        "patient.registered.v1",
        "patient.joined.v1",
        "patient.parted.v1",
        "patient.observed.v1",
        "patient.scored.v1",
        "patient.level_confirmed.v1",
        "patient.vital_alarmed.v1",
        "patient.rhythm_alarmed.v1",
        "patient.device_alarmed.v1",
        "patient.device_silent.v1",
        "patient.worsening_seen.v1",
    }
)
"""Events of a patient that say no more than the patient's row does; the log tells of no other."""


def for_desk(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(_less(row) for row in rows if not _of_the_record(row))


def _less(row: Row) -> Row:
    if not isinstance(row, PatientRow):
        return row
    scene = tuple(one for one in row.record.sheets if one.response is not None)
    return replace(row, record=replace(_NOTHING, sheets=scene), portrait=None)


def _of_the_record(row: Row) -> bool:
    return isinstance(row, LogRow) and row.stream.startswith("patient:") and row.kind not in TOLD
