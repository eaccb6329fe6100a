"""A live view: streams folded by the domain, rendered into rows, sent as what changed.

Rule 1: a view is `fresh(events)`; afterwards `apply(event)` gives exactly the rows that changed.
        Stale view + events == fresh view, for every view (tests/property).
Rule 2: a version that the view already has is skipped: a snapshot may be ahead of the feed.
Rule 3: rows are compared by value, so a patch carries nothing that did not change.
Rule 4: a stream whose late versions may still be replaced (a vehicle's own, not yet seen by the
        centre) is folded again whole, by `reload`; the result equals a fresh view.
Rule 5: a view that no screen follows is not drawn: rows are made when somebody asks for them.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from goldenhour.domain import case
from goldenhour.domain.case import State
from goldenhour.kernel.changes import Changes
from goldenhour.kernel.personal import Clear, Personal, Sealed
from goldenhour.kernel.record import Record
from goldenhour.kernel.recorded import Recorded
from goldenhour.views.rows import LogRow, Row

LOG_LENGTH: Final = 200

Key = tuple[str, str]
"""(table, id)"""


class Patch(Record):
    put: tuple[Row, ...]
    drop: tuple[Key, ...]

    @property
    def empty(self) -> bool:
        return not self.put and not self.drop


class Reveal:
    """Personal text by row id; what is erased or forbidden is simply not there."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._texts = dict(texts)

    def add(self, texts: Mapping[str, str]) -> None:
        self._texts |= texts

    def text(self, personal: Personal | None) -> str | None:
        match personal:
            case Sealed():
                return self._texts.get(personal.row)
            case Clear():
                return personal.text
            case None:
                return None

    def unknown(self, rows: Iterable[str]) -> list[str]:
        return [row for row in rows if row not in self._texts]

    def forget(self, rows: Iterable[str]) -> None:
        for row in rows:
            self._texts.pop(row, None)


class Folded:
    """The streams of a view, with the rows that a screen's renderer made of them."""

    def __init__(self, render: "Renderer", reveal: Reveal, *, drawn: bool = True) -> None:
        self.states: dict[str, State] = {}
        self.versions: dict[str, int] = {}
        self.changed_ms: dict[str, int] = {}
        """When the newest event of each stream was received."""
        self.rows: dict[Key, Row] = {}
        self.log: list[LogRow] = []
        self.reveal = reveal
        self.changes = Changes()
        """Streams that changed or whose neighbours did."""
        self._render = render
        self._drawn = drawn
        self._touching: dict[str, set[str]] = {}
        self._personal: dict[str, set[str]] = {}
        """Stream -> ids of the personal rows that its events point to."""

    def apply(self, recorded: Recorded) -> Patch:
        """Fold one event and render what it touches."""
        return self.apply_all((recorded,))

    def apply_all(self, recordeds: Iterable[Recorded]) -> Patch:
        """Fold events in order, then render what they touch: once, and not once an event."""
        touched: dict[str, None] = {}
        lines: list[LogRow] = []
        for recorded in recordeds:
            stream = recorded.stream
            if recorded.version <= self.versions.get(stream, 0):
                continue
            self._take(recorded)
            before = self.states.get(stream)
            state = case.evolve(stream, before, recorded)
            if state is not None:
                self.states[stream] = state
                self._index(stream, state)
            touched[stream] = None
            line = self._line(recorded, before, self.states.get(stream))
            if line is not None:
                lines.append(line)
        affected = dict.fromkeys(other for stream in touched for other in self._affected(stream))
        self.changes.note(affected)
        put: list[Row] = []
        drop: list[Key] = []
        for stream in affected:
            self._refresh(stream, put, drop)
        too_many = max(0, len(self.log) + len(lines) - LOG_LENGTH)
        drop.extend(("log", line.id) for line in self.log[:too_many])
        self.log = [*self.log, *lines][too_many:]
        put.extend(lines[-LOG_LENGTH:])
        return Patch(put=tuple(put), drop=tuple(drop))

    def forget(self, streams: Iterable[str]) -> Patch:
        """Streams that the reader may not see any more, or that have left the screen."""
        drop: list[Key] = []
        gone = frozenset(streams)
        rows = self._rows_of(gone)
        for stream in gone:
            self.changes.note(self._affected(stream))
            self._unlink(stream, self.states.pop(stream, None))
            self._leave(stream)
            key = key_of(stream)
            if self.rows.pop(key, None) is not None:
                drop.append(key)
        self.reveal.forget(rows - self._rows_of(self._personal))
        # A line of the log tells of the stream as much as its row does.
        drop.extend(("log", line.id) for line in self.log if line.stream in gone)
        self.log = [line for line in self.log if line.stream not in gone]
        return Patch(put=(), drop=tuple(drop))

    def reload(self, stream: str, recordeds: Sequence[Recorded]) -> Patch:
        """Fold one stream from scratch; no events: it is not there any more."""
        before = set(self._affected(stream))
        self._unlink(stream, self.states.pop(stream, None))
        state: State | None = None
        lines: list[LogRow] = []
        for recorded in recordeds:
            before_it, state = state, case.evolve(stream, state, recorded)
            line = self._line(recorded, before_it, state)
            if line is not None:
                lines.append(line)
        self._leave(stream)
        for recorded in recordeds:
            self._take(recorded)
        if state is not None:
            self.states[stream] = state
            self._index(stream, state)
        put: list[Row] = []
        drop: list[Key] = []
        affected = sorted(before | set(self._affected(stream)))
        self.changes.note(affected)
        for other in affected:
            self._refresh(other, put, drop)
        self._replace_lines(stream, lines, put, drop)
        return Patch(put=tuple(put), drop=tuple(drop))

    def refresh_all(self) -> Patch:
        put: list[Row] = []
        drop: list[Key] = []
        for stream in list(self.states):
            self._refresh(stream, put, drop)
        return Patch(put=tuple(put), drop=tuple(drop))

    def snapshot(self) -> tuple[Row, ...]:
        return (*self.rows.values(), *self.log)

    def list_rows(self) -> list[Row]:
        """All rows as of now, of a view that is not drawn as well; without the log."""
        if self._drawn:
            return list(self.rows.values())
        made = (self._row(stream) for stream in self.states)
        return [row for row in made if row is not None]

    def _row(self, stream: str) -> Row | None:
        state = self.states.get(stream)
        return self._render.row(key_of(stream)[1], state, self) if state is not None else None

    def _line(self, recorded: Recorded, before: State | None, after: State | None) -> LogRow | None:
        return self._render.log(recorded, before, after) if self._drawn else None

    def _refresh(self, stream: str, put: list[Row], drop: list[Key]) -> None:
        if not self._drawn:
            return
        key = key_of(stream)
        row = self._row(stream)
        before = self.rows.get(key)
        if row == before:
            return
        if row is None:
            del self.rows[key]
            drop.append(key)
        else:
            self.rows[key] = row
            put.append(row)

    def _index(self, stream: str, state: State) -> None:
        for other in links(state):
            self._touching.setdefault(other, set()).add(stream)
            self._touching.setdefault(stream, set()).add(other)

    def _unlink(self, stream: str, state: State | None) -> None:
        """Undo `_index`, except where the other stream points back by itself."""
        for other in links(state) if state is not None else ():
            back = self.states.get(other)
            if back is None or stream not in links(back):
                self._part(stream, other)
                self._part(other, stream)

    def _part(self, stream: str, other: str) -> None:
        touching = self._touching.get(stream, set())
        touching.discard(other)
        if not touching:
            self._touching.pop(stream, None)

    def _take(self, recorded: Recorded) -> None:
        self.versions[recorded.stream] = recorded.version
        self.changed_ms[recorded.stream] = recorded.received_ms
        if rows := personal_rows(recorded):
            self._personal.setdefault(recorded.stream, set()).update(rows)

    def _rows_of(self, streams: Iterable[str]) -> set[str]:
        return {row for stream in streams for row in self._personal.get(stream, ())}

    def _leave(self, stream: str) -> None:
        self.versions.pop(stream, None)
        self.changed_ms.pop(stream, None)
        self._personal.pop(stream, None)

    def _replace_lines(
        self, stream: str, lines: Iterable[LogRow], put: list[Row], drop: list[Key]
    ) -> None:
        """A version may now hold another event, so the lines find their place by their time."""
        before = {line.id: line for line in self.log}
        others = (line for line in self.log if line.stream != stream)
        self.log = sorted([*others, *lines], key=lambda line: line.received_ms)[-LOG_LENGTH:]
        put.extend(line for line in self.log if before.pop(line.id, None) != line)
        drop.extend(("log", ident) for ident in before)

    def _affected(self, stream: str) -> list[str]:
        """The stream and its neighbours: a unit's row tells its mission, a mission its level."""
        return [stream, *sorted(self._touching.get(stream, ()))]

    def linked(self, stream: str, kind: str) -> list[str]:
        """Ids of the neighbours of a kind, oldest first (ids are time-ordered)."""
        prefix = f"{kind}:"
        return sorted(
            other.removeprefix(prefix)
            for other in self._touching.get(stream, ())
            if other.startswith(prefix) and other in self.states
        )


class Renderer(Record):
    """How a screen makes rows of states."""

    row: Callable[[str, State | None, Folded], Row | None]
    log: Callable[[Recorded, State | None, State | None], LogRow | None]
    """From an event and its subject before and after it."""


TABLE: Final = {
    "call": "calls",
    "incident": "incidents",
    "mission": "missions",
    "patient": "patients",
    "handover": "handovers",
    "alert": "alerts",
    "unit": "units",
    "hospital": "hospitals",
    "road": "roads",
}


def key_of(stream: str) -> Key:
    kind, _, ident = stream.partition(":")
    return (TABLE.get(kind, kind), ident)


def links(state: State) -> tuple[str, ...]:
    """The streams whose rows show something of this one."""
    found: list[str] = []
    for field, kind in (
        ("incident_id", "incident"),
        ("mission_id", "mission"),
        ("unit_id", "unit"),
        ("patient_id", "patient"),
    ):
        ident = getattr(state, field, "")
        if ident:
            found.append(f"{kind}:{ident}")
    found.extend(f"call:{ident}" for ident in getattr(state, "calls", ()))
    found.extend(f"mission:{ident}" for ident in getattr(state, "missions", ()))
    found.extend(f"patient:{ident}" for ident in getattr(state, "joined", ()))
    return tuple(found)


def personal_rows(recorded: Recorded) -> list[str]:
    """Ids of the personal rows that an event points to."""
    event = recorded.event
    names = getattr(event, "__struct_fields__", ())
    values = (getattr(event, name) for name in names)
    return [value.row for value in values if isinstance(value, Sealed)]
