"""What no map says and the product needs to run: units and hospital capabilities, invented.

Rule 1: everything made here carries `assumed`; nothing else in the import is made up.
Rule 2: each station gets one ALS and one BLS unit, called by the station's letter: A-01, A-02.
Letters go in the order of the stations, those of the overrides file last, so that adding a
station there renames no unit.
Rule 3: the larger a hospital (stated beds, then footprint), the more it is assumed to do; one
that the map marks `emergency=no` is assumed to do nothing.
"""

from string import ascii_uppercase
from typing import Final

from msgspec.structs import replace

from goldenhour.domain.register.city import CityHospital, CityUnit, Station
from goldenhour.domain.register.events import UnitKind

_LARGEST: Final = (
    "ct_24h",
    "thrombolysis",
    "pci_24h",
    "thrombectomy_24h",
    "neurosurgery_24h",
    "trauma_level",
    "pediatric_trauma",
    "poison",
    "dialysis",
    "isolation",
)
_SECOND: Final = ("ct_24h", "thrombolysis", "maternal_critical", "neonatal_critical", "dialysis")
_OTHERS: Final = ("ct_24h", "thrombolysis")


def assume_units(stations: list[Station]) -> list[CityUnit]:
    return [
        CityUnit(
            id=f"{station.id}-{number}",
            call_sign=f"{_letters(index)}-{number:02d}",
            station_id=station.id,
            kind=kind,
            assumed=True,
        )
        for index, station in enumerate(stations)
        for number, kind in enumerate((UnitKind.ALS, UnitKind.BLS), 1)
    ]


def assume_capabilities(
    hospitals: list[CityHospital], footprints_m2: dict[str, float], without: frozenset[str]
) -> list[CityHospital]:
    """Fills hospitals that are still `assumed`; `without` has the ids that get nothing."""
    by_size = sorted(
        (h for h in hospitals if h.id not in without),
        key=lambda h: (-(h.beds or 0), -footprints_m2.get(h.id, 0.0), h.id),
    )
    rank = {hospital.id: place for place, hospital in enumerate(by_size)}
    given = {0: _LARGEST, 1: _SECOND}
    return [
        replace(h, capabilities=given.get(rank[h.id], _OTHERS) if h.id in rank else ())
        if h.assumed
        else h
        for h in hospitals
    ]


def _letters(index: int) -> str:
    """A to Z, then AA, AB and so on."""
    name = ""
    index += 1
    while index:
        index, letter = divmod(index - 1, len(ascii_uppercase))
        name = ascii_uppercase[letter] + name
    return name
