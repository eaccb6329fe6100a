"""What stands at a place of the record: places are named as content names them, KIND:NAME.

Rule 1: a place that holds nothing gives nothing; there is no default and no zero.
Rule 2: a withdrawn entry stands nowhere. Of a conflict every value is told.
Rule 3: what was measured stands at the time of its measurement, and once, though a device tells it
        again with every message.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import timedelta, timezone
from typing import Final

from goldenhour.domain.care.items import Item, ItemKind
from goldenhour.domain.care.record import CareContent
from goldenhour.domain.review.elements import (
    COUNTED,
    Completeness,
    Element,
    ElementList,
    ElementRow,
    Found,
)
from goldenhour.kernel.condition import Answer
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import BEYOND, Numeric, Sign
from goldenhour.kernel.time import to_datetime
from goldenhour.views.rows import EntryRow
from goldenhour.views.whole_record import ChartedRow, WholeRecord

KINDS: Final = (
    "node", "mission", "case", "person", "field", "yes", "item", "sheet", "vitals",
    "observed", "level", "entry", "procedure", "form", "handover",
)  # fmt: skip
PRESSURES: Final = frozenset({Sign.NIBP_SYS, Sign.NIBP_DIA, Sign.NIBP_MEAN})
"""Of one inflation of the cuff."""
_JITTER_MS: Final = 2_000
"""How much the times of one measurement differ that is told in several messages."""
_CHINA: Final = timezone(timedelta(hours=8))


class MeasuredAt(Record):
    """Values of one charted set that were measured together."""

    place: int
    """Of the set."""
    at_ms: int
    device: str
    by: str
    """Who typed it; empty: the device told it."""
    values: tuple[Numeric, ...]


def list_measured(
    charted: Iterable[ChartedRow], together: Collection[str] = PRESSURES
) -> Iterator[MeasuredAt]:
    """Every measurement once; those of the signs `together` as one, as old as its oldest."""
    known: dict[tuple[str, frozenset[tuple[Sign, float | None, str]]], list[int]] = {}
    for place, row in enumerate(charted):
        panel = tuple(n for n in row.values if n.sign in together)
        alone = ((n,) for n in row.values if n.sign not in together)
        for values in (*alone, panel) if panel else alone:
            age_ms = max(n.age_ms for n in values)
            at_ms = row.at_ms - age_ms
            said = row.device, frozenset((n.sign, n.value, n.note) for n in values)
            times = known.setdefault(said, [])
            # Without an age it was measured anew, though it be the same.
            if age_ms and any(abs(at_ms - other_ms) <= _JITTER_MS for other_ms in times):
                continue
            times.append(at_ms)
            yield MeasuredAt(place=place, at_ms=at_ms, device=row.device, by=row.by, values=values)


def completeness(whole: WholeRecord, care: CareContent, listed: ElementList) -> Completeness:
    idle = {
        group.id
        for group in listed.groups
        if not any(texts(whole, care, place) for place in group.applies)
    }

    def found(element: Element) -> Found:
        if element.id.partition(".")[0] in idle:
            return Found.NOT_APPLICABLE
        if not element.held:
            return Found.NOT_HELD
        filled = any(texts(whole, care, place) for place in element.held)
        return Found.FILLED if filled else Found.EMPTY

    rows = tuple(
        ElementRow(
            id=element.id,
            usage=element.usage,
            zh=element.zh,
            found=found(element),
            held=element.held,
            reason=element.reason,
        )
        for element in listed.elements
    )
    counted = [r for r in rows if r.usage in COUNTED and r.found is not Found.NOT_APPLICABLE]
    return Completeness(
        standard=listed.about.title.zh,
        filled=sum(row.found is Found.FILLED for row in counted),
        counted=len(counted),
        rows=rows,
    )


def texts(whole: WholeRecord, care: CareContent, place: str) -> tuple[str, ...]:
    """What stands there, in words; empty: nothing."""
    kind, _, name = place.partition(":")
    return tuple(_texts(whole, care, kind, name))


def _texts(whole: WholeRecord, care: CareContent, kind: str, name: str) -> Iterator[str]:
    record = whole.patient.record
    standing = [entry for entry in record.entries if not entry.withdrawn]
    match kind:
        case "node":
            yield from (clock(node.at_ms) for node in whole.nodes if node.code == name)
        case "mission" if name == "stood_down":
            if whole.mission.state == "stood_down" and whole.mission.ended_ms is not None:
                yield clock(whole.mission.ended_ms)
        case "mission" | "case" | "person":
            holder = {"mission": whole.mission, "case": whole.case, "person": whole.patient}[kind]
            value = getattr(holder, name, None)
            if value not in (None, "", "unknown"):
                yield str(value)
        case "field":
            field = care.form.find_field(name)
            for written in record.fields.get(name, ()):
                if written.text is not None:
                    yield written.text
                elif written.value is not None and field is not None:
                    yield words(field, written.value)
        case "yes":
            yield from ("yes" for written in record.fields.get(name, ()) if written.value is True)
        case "item":
            sheet_id, _, item_id = name.partition(".")
            sheet = care.find_sheet(sheet_id)
            item = sheet.find_item(item_id) if sheet else None
            for reading in record.sheets:
                for used in reading.used if reading.sheet == sheet_id else ():
                    if used.item_id == item_id and item is not None:
                        yield words(item, used.value)
        case "sheet":
            for reading in record.sheets:
                if reading.sheet == name:
                    yield reading.level or reading.status
        case "vitals":
            for measured in list_measured(whole.charted):
                for numeric in measured.values:
                    if name not in (numeric.sign, "any"):
                        continue
                    if numeric.value is not None:
                        yield f"{clock(measured.at_ms)} {numeric.value:g}"
                    elif numeric.note in BEYOND:
                        yield f"{clock(measured.at_ms)} {numeric.note}"
        case "observed":
            for seen in whole.observed:
                value = getattr(seen, name)
                if value is not None and value != "":
                    yield f"{clock(seen.at_ms)} {value}"
        case "level":
            yield from (f"{clock(row.at_ms)} {row.level}" for row in whole.confirmed)
        case "entry":
            yield from (_entry(entry, care) for entry in standing if entry.kind == name)
        case "procedure" | "form":
            yield from (
                _entry(entry, care)
                for entry in standing
                if entry.kind == kind and entry.what == name
            )
        case "handover":
            yield from (clock(row.sent_ms) for row in whole.handovers)


def _entry(entry: EntryRow, care: CareContent) -> str:
    known: Iterable[tuple[str, str]] = (
        *((one.id, one.zh) for one in care.form.procedures),
        *((form.id, form.title.zh) for form in care.form.forms),
        *((drug.id, drug.name.zh) for drug in care.formulary.drugs),
    )
    name = dict(known).get(entry.what, entry.what)
    amount = "" if entry.dose is None else f"{entry.dose:g} {entry.unit}"
    parts = (clock(entry.at_ms), name, amount, entry.route, entry.result, entry.text or "")
    return " ".join(part for part in parts if part)


def words(item: Item, value: Answer) -> str:
    """A value in the words of its item."""
    named = {choice.id: choice.zh for choice in item.choices}
    if isinstance(value, tuple):
        return "、".join(named.get(one, one) for one in value)
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int | float):
        return clock(int(value)) if item.kind is ItemKind.TIME else f"{value:g} {item.unit}".strip()
    return "未知" if value == "unknown" else named.get(value, value)


def clock(at_ms: int) -> str:
    """China's wall clock: the table is read by people."""
    return to_datetime(at_ms).astimezone(_CHINA).isoformat(sep=" ", timespec="seconds")[:19]
