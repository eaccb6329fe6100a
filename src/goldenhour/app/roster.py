"""The roster of many units: their weeks read together, since a person may stand in all of them.

Rule 1: every read is under the asker's identity; a shift that the asker may not see warns nobody.
Rule 2: a table is compared when it is shown and again when it is written. `digest` tells whether
        what would change is still what was shown.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence

import msgspec

from goldenhour.app.handle import fold, recorded_of
from goldenhour.app.journal import Identity, Journal
from goldenhour.domain.commands import ChangeShift, ImportRoster, PlanShift
from goldenhour.domain.register.events import (
    CrewMember,
    DutyKind,
    ShiftChanged,
    ShiftPlanned,
    ShiftWithdrawn,
)
from goldenhour.domain.register.roster import (
    WEEK_MS,
    Placed,
    Shift,
    UnitWeek,
    begin_of_week,
    roster_id,
)
from goldenhour.domain.register.roster_table import Compared, TableChange
from goldenhour.kernel.ids import Entropy, uuid7
from goldenhour.kernel.record import Record

_ENCODER = msgspec.json.Encoder(order="deterministic")


class RosterEntry(Record):
    """One thing that was done to a shift; what it does not say is None or empty."""

    shift_id: str
    kind: str
    """The kind of the event."""
    at_ms: int
    by: str
    """Id of a person; empty where it is unknown."""
    reason: str
    from_ms: int | None = None
    to_ms: int | None = None
    duty: DutyKind | None = None
    crew: tuple[CrewMember, ...] = ()


async def read_shifts(
    journal: Journal, identity: Identity, units: Iterable[str], weeks_ms: Iterable[int]
) -> dict[str, list[Shift]]:
    """By unit the shifts of these weeks and of the week before and after each."""
    begins = {begin_of_week(at_ms) + step for at_ms in weeks_ms for step in (-WEEK_MS, 0, WEEK_MS)}
    wanted = list(units)
    streams = [f"roster:{roster_id(unit, at_ms)}" for unit in wanted for at_ms in sorted(begins)]
    loaded = await journal.load(streams, identity)
    found: dict[str, list[Shift]] = {unit: [] for unit in wanted}
    for stream in streams:
        content = loaded.get(stream)
        week = fold(stream, content.events) if content else None
        if isinstance(week, UnitWeek):
            found[week.unit_id] += week.shifts
    return found


def place(shifts: Mapping[str, Sequence[Shift]]) -> list[Placed]:
    return [Placed(unit_id=unit, shift=one) for unit, mine in shifts.items() for one in mine]


def place_draft(placed: Sequence[Placed], draft: Placed) -> list[Placed]:
    """As it would be with this shift instead of the one of its id."""
    others = [one for one in placed if one.shift.shift_id != draft.shift.shift_id]
    return [*others, draft]


def place_table(placed: Sequence[Placed], changes: Sequence[TableChange]) -> list[Placed]:
    """As it would be; a new shift is called by its line."""
    changed = {one.was.shift_id for one in changes if one.was}
    kept = [one for one in placed if one.shift.shift_id not in changed]
    made = [
        Placed(
            unit_id=one.unit_id,
            shift=msgspec.structs.replace(one.now, shift_id=name_of(one)),
        )
        for one in changes
    ]
    return [*kept, *made]


def name_of(change: TableChange) -> str:
    return change.was.shift_id if change.was else f"line-{change.line}"


def digest(compared: Compared) -> str:
    """What would be written, and over what: another digest is another deed."""
    parts = [(one.unit_id, one.was, one.now) for one in compared.changes]
    return hashlib.sha256(_ENCODER.encode(parts)).hexdigest()


def import_of(
    changes: Sequence[TableChange], reason: str, now_ms: int, entropy: Entropy
) -> ImportRoster:
    """The command that carries out a table; it has one change at least."""
    parts: list[PlanShift | ChangeShift] = []
    for one in changes:
        kind = ChangeShift if one.was else PlanShift
        parts.append(
            kind(
                roster_id=roster_id(one.unit_id, one.now.from_ms),
                unit_id=one.unit_id,
                shift_id=one.now.shift_id or uuid7(now_ms, entropy),
                from_ms=one.now.from_ms,
                to_ms=one.now.to_ms,
                duty=one.now.duty,
                crew=one.now.crew,
                reason=reason,
            )
        )
    return ImportRoster(roster_id=parts[0].roster_id, parts=tuple(parts))


async def read_history(journal: Journal, identity: Identity, roster: str) -> list[RosterEntry]:
    """Everything that was done to a unit's week, the newest first."""
    stream = f"roster:{roster}"
    loaded = (await journal.load([stream], identity)).get(stream)
    entries: list[RosterEntry] = []
    for envelope in loaded.events if loaded else ():
        event = recorded_of(envelope).event
        if not isinstance(event, ShiftPlanned | ShiftChanged | ShiftWithdrawn):
            continue
        whole = None if isinstance(event, ShiftWithdrawn) else event
        entries.append(
            RosterEntry(
                shift_id=event.shift_id,
                kind=envelope.kind,
                at_ms=envelope.occurred_ms,
                by=envelope.actor,
                reason=event.reason,
                from_ms=whole.from_ms if whole else None,
                to_ms=whole.to_ms if whole else None,
                duty=whole.duty if whole else None,
                crew=whole.crew if whole else (),
            )
        )
    return entries[::-1]
