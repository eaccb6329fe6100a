"""Score tables and guided sheets: each is checked alone, then against what it names.

Rule 1: an input has one definition: of its own in a table or a sheet, or in `inputs.toml` for all.
Rule 2: a choice that a condition compares with must be one of the item's choices.
Rule 3: bands leave no gap, and a sheet asks whatever its scores need and no finding gives.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.resources.abc import Traversable
from typing import Final

from msgspec.structs import replace

from goldenhour.content.check import ContentError, check_names, read_file
from goldenhour.domain.care.findings import NAMES
from goldenhour.domain.care.items import Item, ItemKind, Points
from goldenhour.domain.care.scores import ScoreTable, asked_by, rows_of
from goldenhour.domain.care.sheets import Section, Sheet
from goldenhour.domain.care.triage import JUDGED, Asked, LevelTable
from goldenhour.domain.handover.choose import DestinationRules
from goldenhour.domain.register.city import CAPABILITIES
from goldenhour.kernel.condition import UNKNOWN, asks_of, parse
from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record

OTHER_TABLES: Final = ("burns.", "gcs.", "triage_")
"""Files beside the tables of points, by the head of their names."""


class Inputs(Record):
    """What several tables and sheets ask, in one wording."""

    about: About
    items: tuple[Item, ...]


def read_scores(root: Traversable) -> dict[str, ScoreTable]:
    """Every table of points of a folder, by id."""
    return {
        table.about.id: table
        for file in _list_files(root / "scores")
        if not file.name.startswith(OTHER_TABLES)
        for table in [read_file(file, ScoreTable)]
    }


def check_scores(tables: Mapping[str, ScoreTable], inputs: Inputs) -> None:
    _check_items(inputs.about.id, inputs.items)
    shared = {item.id: item for item in inputs.items}
    for table in tables.values():
        where = f"scores/{table.about.id}"
        _check_items(where, table.items)
        if clash := {item.id for item in table.items} & (NAMES | set(shared)):
            raise ContentError(where, f"items: {min(clash)!r} is the name of a shared input")
        if missing := set(table.uses) - set(tables):
            raise ContentError(where, f"uses: there is no table {min(missing)!r}")
        items = {**shared, **{item.id: item for item in table.items}}
        whens = _table_conditions(table)
        check_names(where, whens, NAMES | set(items) | set(table.parameters) | _results(table.uses))
        _check_choices(where, whens, items)
        if unknown := set(table.decimals) - NAMES - set(items):
            raise ContentError(where, f"decimals: there is no {min(unknown)!r}")
        _check_bands(where, table)


def read_sheets(
    root: Traversable, tables: Mapping[str, ScoreTable], inputs: Inputs
) -> tuple[Sheet, ...]:
    """Every sheet of a folder, with the items that it asks by name filled in."""
    destination = read_file(root / "destination.toml", DestinationRules)
    words = {word.id for word in destination.conditions} | {
        word.id for word in destination.nearest_if
    }
    sheets: list[Sheet] = []
    for file in _list_files(root / "sheets"):
        sheet = _filled(read_file(file, Sheet), tables, inputs)
        _check_sheet(f"sheets/{file.name}", sheet, tables, frozenset(words))
        sheets.append(sheet)
    return tuple(sheets)


def judged_sheet(table: LevelTable) -> Sheet:
    """The sheet that asks what only a person can judge, group by group; the level table counts it.

    Each item is answered by itself: what nobody has answered is unknown.
    """
    where = table.about.id
    asked: tuple[Asked, ...] = (*table.asked, *table.judged)
    if wrong := {one.system for one in asked} ^ {one.id for one in table.systems}:
        raise ContentError(where, f"systems: {min(wrong)!r} is not on both sides")
    if unknown := {one.id for one in table.asked} - NAMES:
        raise ContentError(where, f"asked: there is no finding {min(unknown)!r}")
    if table.judged_title is None:
        raise ContentError(where, "judged_title: the sheet needs one")
    sheet = Sheet(
        about=replace(table.about, id=JUDGED, title=table.judged_title),
        sections=tuple(
            Section(
                id=system.id,
                zh=system.zh,
                en=system.en,
                items=tuple(
                    Item(id=one.id, kind=ItemKind.FLAG, zh=one.zh, en=one.en)
                    for one in asked
                    if one.system == system.id
                ),
            )
            for system in table.systems
        ),
        actions=(),
    )
    _check_items(where, sheet.list_items())
    return sheet


def _list_files(folder: Traversable) -> list[Traversable]:
    try:
        found = sorted(folder.iterdir(), key=lambda file: file.name)
    except OSError as error:
        raise ContentError(folder.name, str(error)) from error
    return [file for file in found if file.name.endswith(".toml")]


def _filled(sheet: Sheet, tables: Mapping[str, ScoreTable], inputs: Inputs) -> Sheet:
    shared = {item.id: item for item in inputs.items}

    def asked(section: Section) -> Iterator[Item]:
        for name in section.ask:
            if name in shared:
                yield shared[name]
            elif name in tables:
                yield from tables[name].items
            else:
                raise ContentError(
                    f"sheets/{sheet.about.id}",
                    f"sections.{section.id}.ask: there is no input or table {name!r}",
                )

    sections = tuple(
        replace(section, ask=(), items=(*asked(section), *section.items))
        for section in sheet.sections
    )
    return replace(sheet, sections=sections)


def _check_sheet(
    where: str, sheet: Sheet, tables: Mapping[str, ScoreTable], destination_words: frozenset[str]
) -> None:
    items = {item.id: item for item in sheet.list_items()}
    _check_items(where, sheet.list_items())
    for place, name in enumerate(sheet.scores):
        if name not in tables:
            raise ContentError(where, f"scores: there is no table {name!r}")
        table = tables[name]
        if late := set(table.uses) - set(sheet.scores[:place]):
            raise ContentError(where, f"scores: {name!r} needs {min(late)!r} before it")
        asked = {ask for when in _table_conditions(table) for ask in asked_by(when)}
        given = NAMES | set(items) | set(table.parameters) | _results(table.uses)
        if unasked := asked - given:
            raise ContentError(
                where, f"scores: {name!r} needs {min(unasked)!r}, which is not asked"
            )
    if bool(sheet.levels) != bool(sheet.otherwise):
        raise ContentError(where, "otherwise: a sheet with levels, and only that, needs one")
    for kind in ("levels", "actions", "needs", "responses", "contradictions", "sections"):
        ids = [row.id for row in getattr(sheet, kind)]
        if doubled := [row_id for row_id in ids if ids.count(row_id) > 1]:
            raise ContentError(where, f"{kind}: {doubled[0]!r} is used twice")
    whens = [
        sheet.applies,
        *(row.when for row in sheet.levels),
        *(row.when for row in sheet.actions),
        *(row.when for row in sheet.needs),
        *(row.when for row in sheet.responses),
        *(row.when for row in sheet.contradictions),
    ]
    check_names(where, whens, NAMES | set(items) | _results(sheet.scores))
    _check_choices(where, whens, items)
    _check_band_names(where, whens, tables)
    for row in sheet.needs:
        if unknown := set(row.capabilities) - set(CAPABILITIES):
            raise ContentError(where, f"needs.{row.id}: no capability {min(unknown)!r}")
        if unknown := set(row.conditions) - destination_words:
            raise ContentError(where, f"needs.{row.id}: no condition {min(unknown)!r}")


def _results(score_ids: Iterable[str]) -> set[str]:
    return {f"{kind}_{name}" for name in score_ids for kind in ("score", "band")}


def _table_conditions(table: ScoreTable) -> list[str]:
    return [
        table.applies,
        *(row.when for row in rows_of(table)),
        *(band.when for band in table.bands),
        *(clash.when for clash in table.contradictions),
    ]


def _check_items(where: str, items: Sequence[Item]) -> None:
    ids = [item.id for item in items]
    for item in items:
        if ids.count(item.id) > 1:
            raise ContentError(where, f"items: {item.id!r} is asked twice")
        chosen = item.kind in (ItemKind.CHOICE, ItemKind.CHOICES)
        choices = [choice.id for choice in item.choices]
        if chosen != bool(choices) or len(choices) != len(set(choices)) or UNKNOWN in choices:
            raise ContentError(where, f"items.{item.id}.choices: needs each choice once")
        if item.kind is ItemKind.NUMBER and (
            item.low is None or item.high is None or item.low >= item.high
        ):
            raise ContentError(where, f"items.{item.id}: a number needs low and high")
        if item.fills_from and item.fills_from not in NAMES:
            raise ContentError(where, f"items.{item.id}.fills_from: no {item.fills_from!r}")


def _check_choices(where: str, whens: Iterable[str], items: Mapping[str, Item]) -> None:
    """A condition compares an item with its choices only."""
    for when in filter(None, whens):
        for ask in asks_of(parse(when)):
            item = items.get(ask.name)
            if item is None or not item.choices or ask.op == "set":
                continue
            against = ask.against if isinstance(ask.against, tuple) else (ask.against,)
            listed = {choice.id for choice in item.choices} | {UNKNOWN}
            if ask.op not in ("==", "in") or not set(against) <= listed:
                raise ContentError(where, f"{ask.name!r} has no such choice: {when}")


def _check_band_names(where: str, whens: Iterable[str], tables: Mapping[str, ScoreTable]) -> None:
    for when in filter(None, whens):
        for ask in asks_of(parse(when)):
            table = tables.get(ask.name.removeprefix("band_"))
            if table is None or not ask.name.startswith("band_"):
                continue
            against = ask.against if isinstance(ask.against, tuple) else (ask.against,)
            if not set(against) <= {band.id for band in table.bands}:
                raise ContentError(where, f"{ask.name!r} has no such band: {when}")


def _check_bands(where: str, table: ScoreTable) -> None:
    """Every total that the rows can give lies in a band, whomever it is of."""
    parts: dict[str, list[Points]] = {}
    for row in rows_of(table):
        parts.setdefault(row.part, []).append(row.points)
    if not parts:
        raise ContentError(where, "rows: the table gives no points")
    if table.method == "first" and (len(parts) != 1 or table.rows[-1].when):
        raise ContentError(where, "rows: `first` needs one part and a last row without condition")
    for when in {band.when for band in table.bands}:
        bands = [band for band in table.bands if band.when == when]
        totals = [band.from_total for band in bands]
        if table.worse == "low":
            best = sum(max(points) for points in parts.values())
            whole = totals == sorted(totals, reverse=True) and totals[0] >= best
        else:
            default: list[Points] = [] if table.method == "first" else [0]
            best = sum(min([*default, *points]) for points in parts.values())
            whole = totals == sorted(totals) and totals[0] <= best and not bands[0].single_part
        if not whole:
            raise ContentError(where, f"bands: {bands[0].id!r} and its followers leave a gap")
