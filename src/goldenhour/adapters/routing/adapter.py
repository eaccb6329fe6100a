"""Turn-by-turn routes from Valhalla.

Rule 1: nothing is raised into the caller: a route or a typed failure.
Rule 2: the engine is not thread-safe, so one worker thread owns it. A caller waits for its budget
and no longer; an answer that comes later is dropped.
Rule 3: it goes by the live speeds, and knows what is shut and in which direction. Only a way that
begins or ends on a shut street is asked for otherwise: the engine has no way into a closed edge.
"""

import asyncio
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import pairwise
from typing import Any, Final

import valhalla

from goldenhour.adapters.routing.config import MOST_AVOIDED, RoutingConfig, engine_config
from goldenhour.adapters.routing.phrases import LANE_WAYS, TURNS, say_in_chinese
from goldenhour.adapters.routing.traffic import LiveTraffic
from goldenhour.domain.dispatch.route import (
    Lane,
    Language,
    Manoeuvre,
    Route,
    RouteFailure,
    RouteProblem,
    Turn,
)
from goldenhour.kernel.geo import Point, distance_m

_MOST_POINTS: Final = 20
_SHAPE_SCALE: Final = 1e6
_METRES_PER_KM: Final = 1_000
_OFF_CROSSING_M: Final = 2.0
# Valhalla's error codes, from its API reference.
_PROBLEMS: Final = {
    **dict.fromkeys((170, 171), RouteProblem.OFF_ROAD),
    **dict.fromkeys((154, 441, 442, 443, 445), RouteProblem.NO_WAY),
}


class Router:
    """`close` it when done. A folder without tiles makes every route a failure, not a crash."""

    def __init__(self, config: RoutingConfig, traffic: LiveTraffic | None = None) -> None:
        self._config = config
        self._traffic = traffic
        self._worker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="routing")
        self._engine: Any = None
        # To match the engine's edges with ours takes seconds: longer than who asks first may wait.
        self._worker.submit(self._warm)

    def close(self) -> None:
        self._worker.shutdown(wait=True, cancel_futures=True)

    async def route(
        self,
        points: Sequence[Point],
        *,
        language: Language,
        avoid: Sequence[Sequence[Point]] = (),
        into_shut: bool = False,
    ) -> Route | RouteFailure:
        """From the first point to the last, through those between; never along these lines.

        `into_shut`: it begins or ends on a shut street, which is none of the lines. They are then
        shut in both directions, and so they are where no live speeds are known.
        """
        if not 2 <= len(points) <= _MOST_POINTS:  # noqa: PLR2004 (a route has two ends)
            return RouteFailure(
                problem=RouteProblem.BAD_REQUEST, detail=f"points: 2 to {_MOST_POINTS}"
            )
        try:
            work = asyncio.get_running_loop().run_in_executor(
                self._worker, self._route, tuple(points), language, _within(avoid), into_shut
            )
        except RuntimeError:  # the executor's word for "closed"
            return RouteFailure(problem=RouteProblem.UNAVAILABLE, detail="closed")
        try:
            return await asyncio.wait_for(work, self._config.budget_s)
        except TimeoutError:
            return RouteFailure(
                problem=RouteProblem.TOO_SLOW, detail=f"over {self._config.budget_s} s"
            )

    def _route(
        self,
        points: tuple[Point, ...],
        language: Language,
        avoid: tuple[Point, ...],
        into_shut: bool,
    ) -> Route | RouteFailure:
        told = avoid if into_shut or self._traffic is None else ()
        request = {
            "locations": [{"lat": point.lat, "lon": point.lon} for point in points],
            "exclude_locations": [{"lat": point.lat, "lon": point.lon} for point in told],
            "costing": "auto",
            "costing_options": {"auto": {"ignore_closures": into_shut}},
            # "Now": without it live speeds count for nothing.
            "date_time": {"type": 0},
            "turn_lanes": True,
            "directions_options": {"language": "en-US", "units": "kilometers"},
        }
        try:
            if self._engine is None:
                self._engine = self._begin()
            return _read(self._engine.route(request)["trip"], language)
        except valhalla.ValhallaError as error:
            problem = _PROBLEMS.get(error.code, RouteProblem.UNAVAILABLE)
            return RouteFailure(problem=problem, detail=str(error))
        except Exception as error:  # noqa: BLE001 (a foreign engine; Rule 1)
            return RouteFailure(problem=RouteProblem.UNAVAILABLE, detail=repr(error))

    def _warm(self) -> None:
        with suppress(Exception):  # said to whoever asks for a route
            self._engine = self._begin()

    def _begin(self) -> Any:
        config = engine_config(self._config.tiles)
        if self._traffic is None:
            return valhalla.Actor(config)
        path = self._traffic.open(self._config.tiles, config)
        config["mjolnir"]["traffic_extract"] = str(path)
        try:
            return valhalla.Actor(config)
        finally:
            path.unlink()


def _within(lines: Sequence[Sequence[Point]]) -> tuple[Point, ...]:
    """Places inside the streets of these lines: a crossing would shut the cross street too."""
    return tuple(
        Point(lat=(here.lat + there.lat) / 2, lon=(here.lon + there.lon) / 2)
        for line in lines
        for here, there in pairwise(line)
        if distance_m(here, there) > _OFF_CROSSING_M
    )[:MOST_AVOIDED]


def _read(trip: dict[str, Any], language: Language) -> Route:
    points: list[Point] = []
    manoeuvres: list[Manoeuvre] = []
    for leg in trip["legs"]:
        shape = decode_shape(leg["shape"])
        # A leg begins where the last one ended; the shared point is kept once.
        offset = max(0, len(points) - 1)
        points.extend(shape[1:] if points else shape)
        manoeuvres.extend(_manoeuvre(told, offset, language) for told in leg["maneuvers"])
    summary = trip["summary"]
    return Route(
        points=tuple(points),
        seconds=summary["time"],
        metres=summary["length"] * _METRES_PER_KM,
        manoeuvres=tuple(manoeuvres),
    )


def _manoeuvre(told: dict[str, Any], offset: int, language: Language) -> Manoeuvre:
    turn = TURNS.get(told["type"], Turn.CONTINUE)
    # At the turn itself the street may bear a name that it loses soon after.
    streets = tuple(told.get("begin_street_names") or told.get("street_names") or ())
    metres = told["length"] * _METRES_PER_KM
    exit_number = told.get("roundabout_exit_count")
    return Manoeuvre(
        turn=turn,
        text=told["instruction"]
        if language is Language.ENGLISH
        else say_in_chinese(turn, streets, metres, exit_number),
        streets=streets,
        begin_index=told["begin_shape_index"] + offset,
        seconds=told["time"],
        metres=metres,
        roundabout_exit=exit_number,
        lanes=tuple(_lane(one) for one in told.get("lanes", ())),
    )


def _lane(told: dict[str, int]) -> Lane:
    """Valhalla marks the best lanes as active and the others that serve as valid."""
    directions = told["directions"]
    return Lane(
        ways=tuple(turn for bit, turn in LANE_WAYS.items() if directions & bit),
        fits=bool(told.get("active", 0) or told.get("valid", 0)),
    )


def decode_shape(encoded: str) -> list[Point]:
    """An encoded polyline of six decimals: zigzag differences in groups of five bits."""
    numbers: list[int] = []
    value = shift = 0
    for letter in encoded:
        bits = ord(letter) - 63
        value |= (bits & 0x1F) << shift
        shift += 5
        if bits < 0x20:  # noqa: PLR2004 (the sixth bit says that more follows)
            numbers.append(~(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    points: list[Point] = []
    lat = lon = 0
    for d_lat, d_lon in zip(numbers[::2], numbers[1::2], strict=True):
        lat, lon = lat + d_lat, lon + d_lon
        points.append(Point(lat=lat / _SHAPE_SCALE, lon=lon / _SHAPE_SCALE))
    return points
