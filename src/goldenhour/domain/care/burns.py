"""How much of the body is burned, and the fluid volume of the formula; it orders nothing.

Rule 1: an unknown age, weight or surface gives no number; nothing stands in for it.
Rule 2: the hours count from the burn, not from the first contact.
"""

import math
from collections.abc import Mapping
from typing import Final

from goldenhour.kernel.content import About, Text
from goldenhour.kernel.record import Record
from goldenhour.kernel.time import MINUTE_MS

HOUR_MS: Final = 60 * MINUTE_MS


class BurnRegion(Record):
    id: str
    pct: float
    """Of an adult's body surface."""
    title: Text
    child_pct: float | None = None
    """Of a child's, where it differs."""


class BurnTable(Record):
    about: About
    child_below_y: int
    child_pivot_y: int
    child_head_pct: float
    """A child's head at the pivot age; it is larger by one for each year before that."""
    child_legs_pct: float
    """Both legs of a child, with the buttocks; smaller by one for each year before that age."""
    regions: tuple[BurnRegion, ...]
    palm_pct: float
    fluid_ml_per_kg_pct: float
    fluid_h: int
    first_part: float
    first_h: int


class BurnFluid(Record):
    total_ml: float
    first_ml: float
    """Within `first_until_ms`."""
    first_until_ms: int | None
    """None while the time of the burn is not known."""
    until_ms: int | None


def region_pct(table: BurnTable, age_y: float) -> dict[str, float]:
    """What each region is of the body surface, in percent, in completed years of age."""
    pct = {region.id: region.pct for region in table.regions}
    if age_y < table.child_below_y:
        before = table.child_pivot_y - math.floor(age_y)
        pct |= {r.id: r.child_pct for r in table.regions if r.child_pct is not None}
        pct["head"] = table.child_head_pct + before
        pct["left_leg"] = pct["right_leg"] = (table.child_legs_pct - before) / 2
    return pct


def burned_pct(
    table: BurnTable, age_y: float | None, burned: Mapping[str, float], palms: float = 0
) -> float | None:
    """The burned surface from the burned share (0-1) of each region and palms of the patient."""
    if age_y is None:
        return None
    pct = region_pct(table, age_y)
    area = sum(pct[region] * share for region, share in burned.items()) + palms * table.palm_pct
    return min(area, 100.0)


def burn_fluid(
    table: BurnTable, weight_kg: float | None, tbsa_pct: float | None, burned_at_ms: int | None
) -> BurnFluid | None:
    if weight_kg is None or tbsa_pct is None:
        return None
    total_ml = table.fluid_ml_per_kg_pct * weight_kg * tbsa_pct
    return BurnFluid(
        total_ml=total_ml,
        first_ml=total_ml * table.first_part,
        first_until_ms=None if burned_at_ms is None else burned_at_ms + table.first_h * HOUR_MS,
        until_ms=None if burned_at_ms is None else burned_at_ms + table.fluid_h * HOUR_MS,
    )
