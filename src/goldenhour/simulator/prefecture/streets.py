"""Streets before they are ways of the map: lines with a name and a class; plans of towns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from shapely.geometry import LineString, Polygon

from goldenhour.simulator.town_map import Place

RANK: Final = {
    "motorway": 9, "trunk": 8, "primary": 7, "motorway_link": 6, "secondary": 5, "tertiary": 4,
    "unclassified": 3, "residential": 2, "living_street": 1, "service": 0,
}  # fmt: skip
SPEED_KMH: Final = {
    "motorway": 100, "trunk": 70, "primary": 60, "motorway_link": 40, "secondary": 50,
    "tertiary": 40, "unclassified": 40, "residential": 30, "living_street": 15, "service": 15,
}  # fmt: skip
HALF_ROAD_M: Final = {
    "motorway": 24.0, "trunk": 18.0, "primary": 18.0, "motorway_link": 9.0, "secondary": 14.0,
    "tertiary": 11.0, "unclassified": 7.0, "residential": 7.5, "living_street": 5.0, "service": 4.0,
}  # fmt: skip
"""From the middle of the road to where plots begin."""
_STEP_M: Final = 90


@dataclass(eq=False)
class Street:
    line: LineString
    name: str
    highway: str
    town: str
    """The settlement that it belongs to; empty between settlements."""
    tags: dict[str, str] = field(default_factory=dict)
    marks: dict[Place, dict[str, str]] = field(default_factory=dict)
    """Tags of its own vertices, such as a gate's."""
    level: int = 0
    """Streets meet at grade on one level only; ends on another line's vertex always join."""


class Arterial(NamedTuple):
    """A street of a town's plan, on the town's lattice."""

    name: str
    highway: str
    at: float
    """Its place on the other axis."""
    first: float
    last: float


@dataclass(eq=False)
class Town:
    """A settlement: its ground, and what is laid out in it step by step."""

    key: str
    """Its own name; streets and places carry it."""
    outline: Polygon
    middle: Place
    population: int
    kind: str
    """city, seat, township or village"""
    county: str
    target_ha: Callable[[Place], float]
    """The size of a block at a place."""


def lay(
    arterial: Arterial, place: Callable[[float, float], Place], town: str, *, along: bool
) -> Street:
    steps = max(1, round(abs(arterial.last - arterial.first) / _STEP_M))
    span = arterial.last - arterial.first
    ats = [arterial.first + span * step / steps for step in range(steps + 1)]
    places = [place(at, arterial.at) if along else place(arterial.at, at) for at in ats]
    return Street(LineString(places), arterial.name, arterial.highway, town)
