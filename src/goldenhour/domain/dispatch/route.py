"""A way to drive, with what to do at each turn. It advises a crew and decides nothing."""

from enum import StrEnum

from goldenhour.kernel.geo import Point
from goldenhour.kernel.record import Record


class Language(StrEnum):
    CHINESE = "zh-CN"
    ENGLISH = "en"


class Turn(StrEnum):
    DEPART = "depart"
    ARRIVE = "arrive"
    CONTINUE = "continue"
    SLIGHT_RIGHT = "slight_right"
    RIGHT = "right"
    SHARP_RIGHT = "sharp_right"
    U_TURN = "u_turn"
    SHARP_LEFT = "sharp_left"
    LEFT = "left"
    SLIGHT_LEFT = "slight_left"
    RAMP = "ramp"
    RAMP_RIGHT = "ramp_right"
    RAMP_LEFT = "ramp_left"
    KEEP_STRAIGHT = "keep_straight"
    KEEP_RIGHT = "keep_right"
    KEEP_LEFT = "keep_left"
    MERGE = "merge"
    ROUNDABOUT_ENTER = "roundabout_enter"
    ROUNDABOUT_EXIT = "roundabout_exit"
    FERRY = "ferry"


class Lane(Record):
    """One lane before a turn, as the map's `turn:lanes` has it."""

    ways: tuple[Turn, ...]
    """Where it leads; empty: the map does not say."""
    fits: bool
    """It may be taken for this turn."""


class Manoeuvre(Record):
    turn: Turn
    text: str
    streets: tuple[str, ...]
    """What it leads into; empty where the street has no name."""
    begin_index: int
    """Where it begins in the route's points."""
    seconds: float
    metres: float
    """From this manoeuvre to the next."""
    roundabout_exit: int | None
    """Which exit to take, counted from the entry."""
    lanes: tuple[Lane, ...] = ()
    """Before it, from the left; empty where the map does not tell."""


class Route(Record):
    points: tuple[Point, ...]
    seconds: float
    metres: float
    manoeuvres: tuple[Manoeuvre, ...]


class RouteProblem(StrEnum):
    OFF_ROAD = "off_road"
    """A place has no road near it."""
    NO_WAY = "no_way"
    """The places are on roads that do not meet."""
    TOO_SLOW = "too_slow"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"
    """There are no routing tiles, or the engine failed."""


class RouteFailure(Record):
    """A value, not an exception: a board without a route is still a board."""

    problem: RouteProblem
    detail: str
