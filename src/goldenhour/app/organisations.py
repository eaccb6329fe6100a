"""The tree of organisations: what an administrator may make of it.

Rule 1: an organisation that has people, devices, parts or open missions is not closed, and one with
        open missions is not moved: whoever works in it would lose what they are working on.
Rule 2: units come from the city and from tables of vehicles (`app.vehicles`), hospitals from the
        city; their organisations are renamed, moved and closed here, but not made.
Rule 3: what was closed stays in the tree, since the journal names it for ever.
"""

from typing import Final, Literal, Protocol

from msgspec.structs import replace

from goldenhour.app.access import Organisation, Organisations
from goldenhour.kernel.outcome import Refused
from goldenhour.kernel.record import Record

Made = Literal["centre", "county", "station", "police", "fire", "volunteer"]

_PARENTS: Final[dict[str, frozenset[str]]] = {
    "city": frozenset(),
    "centre": frozenset({"city"}),
    "county": frozenset({"city", "centre"}),
    "station": frozenset({"centre", "county"}),
    "unit": frozenset({"station"}),
    "hospital": frozenset({"city", "county"}),
    "police": frozenset({"city", "county"}),
    "fire": frozenset({"city", "county"}),
    "volunteer": frozenset({"city", "county"}),
}
"""What may stand below what: a unit's missions belong to the centre above its station."""


class Holds(Record):
    """What organisations hold that nobody may take from under them."""

    people: int
    devices: int
    missions: int


class Register(Protocol):
    """The part of `Accounts` that is needed here."""

    async def holds(self, orgs: tuple[str, ...], now_ms: int) -> Holds: ...


def refuse_below(kind: str, parent: str, tree: Organisations) -> Refused | None:
    above = tree.rows.get(parent)
    if above is None:
        return Refused(code="unknown_value", field="parent")
    if above.closed_ms is not None:
        return Refused(code="org_closed", field="parent")
    if above.kind not in _PARENTS.get(kind, frozenset()):
        return Refused(code="org_not_below", field="parent")
    return None


async def change(
    row: Organisation, wanted: Organisation, tree: Organisations, register: Register, now_ms: int
) -> Organisation | Refused:
    """The row as it is to be stored; `wanted` differs from `row` in name, parent or closing."""
    if wanted.parent != row.parent:
        if wanted.parent in tree.subtree(row.id):
            return Refused(code="org_below_itself", field="parent")
        refused = refuse_below(row.kind, wanted.parent, tree)
        if refused:
            return refused
        if (await register.holds(tree.subtree(row.id), now_ms)).missions:
            return Refused(code="org_has_missions", field="parent")
    if wanted.closed_ms is not None and row.closed_ms is None:
        refused = await _refuse_close(row, tree, register, now_ms)
        if refused:
            return refused
    if wanted.closed_ms is None and row.closed_ms is not None:
        refused = refuse_below(row.kind, wanted.parent, tree)
        if refused:
            return refused
    return replace(wanted, edited_ms=now_ms)


async def _refuse_close(
    row: Organisation, tree: Organisations, register: Register, now_ms: int
) -> Refused | None:
    if not row.parent:
        return Refused(code="org_is_root", field="closed")
    parts = [tree.rows[org] for org in tree.subtree(row.id) if org != row.id]
    if any(part.closed_ms is None for part in parts):
        return Refused(code="org_has_parts", field="closed")
    held = await register.holds((row.id,), now_ms)
    if held.missions:
        return Refused(code="org_has_missions", field="closed", detail=str(held.missions))
    if held.people:
        return Refused(code="org_has_people", field="closed", detail=str(held.people))
    if held.devices:
        return Refused(code="org_has_devices", field="closed", detail=str(held.devices))
    return None
