"""A sheet with the answers that stand in the record.

Rule 1: an answer that counts from a moment is as old as that moment by now.
Rule 2: where an item has two answers, of two tablets that were out of reach of each other, each is
        tried and the graver reading counts. Where they matter the sheet is not complete: the item
        is missing until somebody writes over both.
Rule 3: an answer that a misleading device gave (`unproved`) is at least so bad, and proves nothing.
"""

from collections.abc import Collection, Mapping

from msgspec.structs import replace

from goldenhour.domain.care.findings import Findings
from goldenhour.domain.care.record import CareRecord
from goldenhour.domain.care.scores import NOTHING, ScoreTable
from goldenhour.domain.care.sheets import Sheet, SheetReading, read_sheet
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.content import Status
from goldenhour.kernel.levels import TriageLevel
from goldenhour.kernel.time import MINUTE_MS


def read_answered(
    state: CareRecord,
    sheet: Sheet,
    tables: Mapping[str, ScoreTable],
    findings: Findings,
    now_ms: int,
    *,
    misled: Mapping[str, Answer] = NOTHING,
    unproved: Collection[str] = (),
) -> SheetReading:
    """`misled`: what such devices show without having been typed."""

    def read(told: CareRecord) -> SheetReading:
        answers = grown(told, sheet, now_ms)
        proved = {name: value for name, value in answers.items() if name not in unproved}
        typed = {name: value for name, value in answers.items() if name in unproved}
        return read_sheet(sheet, tables, proved, findings, {**misled, **typed})

    newest = read(state)
    disputed = {
        item.id: writes
        for item in sheet.list_items()
        if len(writes := state.fields.get(f"{sheet.about.id}.{item.id}", ())) > 1
    }
    others = [
        read(replace(state, fields=state.fields | {f"{sheet.about.id}.{ident}": (one,)}))
        for ident, writes in disputed.items()
        for one in writes[:-1]
    ]
    if all(_gravity(one) == _gravity(newest) for one in others):
        return newest
    gravest = min((newest, *others), key=_gravity)
    return replace(
        gravest,
        status=Status.PARTIAL,
        level=gravest.level if gravest.reasons else None,
        missing=tuple(dict.fromkeys((*disputed, *gravest.missing))),
    )


def _gravity(one: SheetReading) -> tuple[int, str, int]:
    """Least is gravest: level, response, and how much is needed of a hospital."""
    order = list(TriageLevel)
    level = order.index(one.level) if one.level else len(order)
    return level, str(one.response or "~"), -len(one.needs)


def grown(state: CareRecord, sheet: Sheet, now_ms: int) -> dict[str, Answer]:
    """The answers, those that count from a moment as they stand by now."""
    prefix = f"{sheet.about.id}."
    answers = state.list_values(prefix)
    for item in sheet.list_items():
        value = answers.get(item.id)
        if item.since and isinstance(value, int | float) and not isinstance(value, bool):
            began_ms = began(state, f"{prefix}{item.id}")
            if began_ms is not None:
                ago_min = max(value, (now_ms - began_ms) // MINUTE_MS)
                answers[item.id] = ago_min if item.high is None else min(ago_min, item.high)
    return answers


def began(state: CareRecord, field: str) -> int | None:
    """The moment that a person told in minutes when they wrote the field."""
    written = state.fields.get(field)
    value = written[-1].value if written else None
    if not written or isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return written[-1].at_ms - round(value * MINUTE_MS)
