"""A small city for virtual time: two stations, two hospitals, no roads (straight lines)."""

from typing import Any

from factories.world import facts
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.content.rules import load_rules
from goldenhour.domain.register.city import Bounds, City, CityHospital, CityUnit, Signal, Station
from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.main.register import CENTRE, enrolments_of, organisations_of
from goldenhour.main.virtual_city import START_MS
from goldenhour.simulator.demand import load_habits
from goldenhour.simulator.setup import Setup, VirtualClock
from goldenhour.simulator.vehicles import Way
from goldenhour.simulator.virtual import VirtualCity

SPEED_M_S = 11.0


class Straight:
    """Double of `Ways`: as the crow flies."""

    def find_way(self, source: Point, target: Point) -> Way:
        return Way(seconds=distance_m(source, target) / SPEED_M_S, points=(source, target))


def _point(north: float, east: float) -> Point:
    return Point(lat=31 + north / 111_000, lon=121 + east / 95_000)


def small_city() -> City:
    hospitals = tuple(
        CityHospital(
            id=f"h{n}",
            name=f"第{n}医院",
            name_en=f"Hospital {n}",
            point=_point(1_000 * n, -800 * n),
            capabilities=("ct_24h", "pci_24h", "thrombolysis"),
            assumed=False,
            beds=400,
        )
        for n in (1, 2)
    )
    stations = tuple(
        Station(id=f"s{n}", name=f"{n}站", name_en=f"Station {n}", point=_point(1_500 * n, 900 * n))
        for n in (0, 1)
    )
    units = tuple(
        CityUnit(
            id=f"{s.id}-{n}",
            call_sign=f"{s.id}-{n}".upper(),
            station_id=s.id,
            kind=UnitKind.ALS if n == 1 else UnitKind.BLS,
            assumed=False,
        )
        for s in stations
        for n in (1, 2)
    )
    return City(
        name="小城",
        name_en="Small",
        fictional=True,
        bounds=Bounds(south=30.9, west=120.9, north=31.1, east=121.1),
        centre=_point(0, 0),
        attribution="-",
        source_sha256="a" * 64,
        overrides_sha256=None,
        stations=stations,
        hospitals=hospitals,
        aeds=(),
        signals=tuple(
            Signal(id=f"x{n}", name="学府路 / 人民路", name_en="", point=_point(400 * n, 300 * n))
            for n in range(5)
        ),
        units=units,
    )


def virtual_city(*, seed: int = 1, calls_per_day: float = 120, **changes: Any) -> VirtualCity:
    city, rules = small_city(), load_rules()
    given: dict[str, Any] = {
        "city": city,
        "organisations": tuple(organisations_of(city)),
        "enrolments": enrolments_of(city),
        "centre": CENTRE,
        "facts": facts(),
        "dispatch": rules.dispatch,
        "destination": rules.destination,
        "habits": load_habits(),
        "seed": seed,
        "start_ms": START_MS,
        "calls_per_day": calls_per_day,
        "seats": 2,
        "travel": RoadTravel(None, rules.dispatch.crow_speed_kmh),
        "ways": Straight(),
    }
    return VirtualCity(Setup(**(given | changes)), VirtualClock(START_MS))
