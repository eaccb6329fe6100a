"""`goldenhour simulate --city demo --days 7 --seed 1`: a city in virtual time, and its indicators.

Rule 1: the same city, seed and days print the same figures and the same digest; only the last
        lines, the speed, differ.
"""

import gc
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from time import perf_counter
from typing import Final

import numpy as np
from msgspec.structs import replace

from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.app.ports import Place, Spot
from goldenhour.app.review import kpis_of
from goldenhour.app.travel_times import Spots, Travel
from goldenhour.compute import roads
from goldenhour.compute.roads import RoadNetwork, Snapper
from goldenhour.compute.roads.travel import CROW_DETOUR
from goldenhour.content.facts import load_facts
from goldenhour.content.rules import load_rules
from goldenhour.domain.register.city import City
from goldenhour.domain.review.kpi import Kpi
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.time import CHINA, HOUR_MS, from_datetime
from goldenhour.main.city_file import read_city
from goldenhour.main.register import CENTRE, enrolments_of, organisations_of
from goldenhour.simulator.demand import Habits, expected_calls_per_day, load_habits
from goldenhour.simulator.setup import Setup, VirtualClock
from goldenhour.simulator.vehicles import KMH_IN_M_S, Way
from goldenhour.simulator.virtual import VirtualCity

DAY_MS: Final = 24 * HOUR_MS
START_MS: Final = from_datetime(datetime(2026, 11, 23, 8, tzinfo=CHINA))
"""A Monday morning; any would do, but it must be the same each time."""
CALLS_PER_SEAT_DAY: Final = 60
FEWEST_SEATS: Final = 3
ROADS_FILE: Final = "roads.npz"


class Traffic:
    """Road times at the hour's share of free flow; the same on every road."""

    def __init__(self, habits: Habits, clock: VirtualClock) -> None:
        self._habits = habits
        self._clock = clock

    def slower(self) -> float:
        return 1 / self._habits.traffic_at(self._clock.at_ms)


class BusyTravel:
    """`TravelTimes` in traffic."""

    def __init__(self, free: RoadTravel, traffic: Traffic) -> None:
        self._free = free
        self._traffic = traffic

    def locate(self, places: Sequence[Place]) -> list[Spot]:
        return self._free.locate(places)

    def locate_fixed(self, point: Point) -> Spot:
        return self._free.locate_fixed(point)

    def times_to(self, target: Spot, sources: Spots) -> Travel:
        return self._slowed(self._free.times_to(target, sources))

    def times_from(self, source: Spot, targets: Spots) -> Travel:
        return self._slowed(self._free.times_from(source, targets))

    def _slowed(self, travel: Travel) -> Travel:
        return replace(travel, seconds=travel.seconds * self._traffic.slower())


class BusyWays:
    """The quickest way of a vehicle in traffic; straight on where no road is known."""

    def __init__(self, network: RoadNetwork, crow_speed_kmh: float, traffic: Traffic) -> None:
        self._snapper = Snapper(network)
        self._times = roads.TravelTimes.start(network, version=1)
        self._crow_speed_kmh = crow_speed_kmh
        self._traffic = traffic

    def find_way(self, source: Point, target: Point) -> Way:
        by = self._traffic.slower()
        here, there = (
            self._snapper.snap(
                np.array([[point.lat, point.lon]]), np.array([np.nan]), np.array([0.0])
            )
            for point in (source, target)
        )
        found = self._times.find_route(here, there)
        if found is None:
            metres = distance_m(source, target) * CROW_DETOUR
            seconds = metres / (self._crow_speed_kmh / KMH_IN_M_S)
            return Way(seconds=seconds * by, points=(source, target))
        line = tuple(Point(lat=lat, lon=lon) for lat, lon in found.points.tolist())
        return Way(seconds=found.seconds * by, points=(source, *line, target))


def build(
    city: City, folder: Path, *, seed: int, calls_per_day: float | None, seats: int | None
) -> VirtualCity:
    """Raises SystemExit where the city has no road graph."""
    path = folder / ROADS_FILE
    if not path.is_file():
        raise SystemExit(f"{path} is missing: build the city again")
    network = RoadNetwork.load(path)
    habits, rules = load_habits(), load_rules()
    clock = VirtualClock(START_MS)
    traffic = Traffic(habits, clock)
    crow_kmh = rules.dispatch.crow_speed_kmh
    per_day = calls_per_day or expected_calls_per_day(city, habits)
    return VirtualCity(
        Setup(
            city=city,
            organisations=tuple(organisations_of(city)),
            enrolments=enrolments_of(city),
            centre=CENTRE,
            facts=load_facts(),
            dispatch=rules.dispatch,
            destination=rules.destination,
            habits=habits,
            seed=seed,
            start_ms=START_MS,
            calls_per_day=per_day,
            seats=seats or max(FEWEST_SEATS, round(per_day / CALLS_PER_SEAT_DAY)),
            travel=BusyTravel(RoadTravel(network, crow_kmh), traffic),
            ways=BusyWays(network, crow_kmh, traffic),
        ),
        clock,
    )


def simulate(folder: Path, *, days: float, seed: int, calls_per_day: float | None) -> None:
    """Print indicators, digest and speed. Raises SystemExit with a plain sentence."""
    city = read_city(folder)
    if city is None:
        raise SystemExit(f"There is no city in {folder}: run `goldenhour city build` first.")
    virtual = build(city, folder, seed=seed, calls_per_day=calls_per_day, seats=None)
    # What is built now lives to the end: no use looking through it again and again.
    gc.collect()
    gc.freeze()
    began = perf_counter()
    virtual.run(START_MS + round(days * DAY_MS))
    spent_s = perf_counter() - began
    for line in report(virtual, days):
        print(line)
    print(f"digest {virtual.digest()}")
    simulated_s = days * DAY_MS / 1000
    events = len(virtual.journal.feed)
    print(
        f"{simulated_s / spent_s:,.0f} simulated seconds a second"
        f" ({spent_s:.1f} s; {events / spent_s:,.0f} events/s)"
    )


def report(virtual: VirtualCity, days: float) -> list[str]:
    end_ms = START_MS + round(days * DAY_MS)
    rules = load_rules()
    figures = kpis_of(virtual.journal.feed, rules.kpis, {}, from_ms=START_MS, to_ms=end_ms)
    calls = sum(stream.startswith("call:") for stream in virtual.journal.streams)
    cases = sum(stream.startswith("incident:") for stream in virtual.journal.streams)
    runs = sum(stream.startswith("mission:") for stream in virtual.journal.streams)
    refusals = ", ".join(f"{code} {n}" for code, n in sorted(virtual.refusals.items()))
    return [
        f"{calls} calls, {cases} cases, {runs} runs, {len(virtual.journal.feed)} events",
        f"refused: {refusals or 'nothing'}",
        *(_line(figure) for figure in figures),
    ]


def _line(figure: Kpi) -> str:
    if figure.value is None:
        value = "-"
    elif figure.unit == "share":
        value = f"{figure.value:.1%}"
    else:
        value = f"{figure.value:.0f} s (p50 {figure.p50}, p90 {figure.p90})"
    return f"{figure.code:<28} {value:<32} n {figure.n:<6} {figure.definition_en}"
