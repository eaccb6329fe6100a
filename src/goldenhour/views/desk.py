"""What a dispatching seat is shown of a patient: how severe, where and with whom, and no more.

The record and the portrait are for those who treat: crew, hospital, and quality afterwards.
Source: design.md rule 14 and the law on personal information (only what the task needs).
"""

from collections.abc import Iterable

from msgspec.structs import replace

from goldenhour.views.rows import PatientRow, RecordRow, Row

_NOTHING = RecordRow(
    sheets=(), fields={}, entries=(), missing=(), doses={}, signed_by="", signed_ms=None
)


def for_desk(rows: Iterable[Row]) -> tuple[Row, ...]:
    return tuple(
        replace(row, record=_NOTHING, portrait=None) if isinstance(row, PatientRow) else row
        for row in rows
    )
