"""A city as the importer found it: stations, hospitals, AEDs, signals and units.

Rule 1: a position and a name come from the map or from the overrides file; they are never invented.
Rule 2: units and hospital capabilities are on no map; where the importer invented them, `assumed`
is true, every screen says 推定, and the overrides file replaces them.
Rule 3: an id comes from the map's own object (`n`, `w` or `r` and its number), so that a second
import of the same object gives the same id; what the overrides file adds begins with `local-`.
"""

from enum import StrEnum
from typing import Final

from goldenhour.domain.register.events import UnitKind
from goldenhour.kernel.geo import Point, distance_m
from goldenhour.kernel.record import Record

CAPABILITIES: Final = (
    "pci_24h",
    "thrombolysis",
    "thrombectomy_24h",
    "ct_24h",
    "neurosurgery_24h",
    "trauma_level",
    "pediatric_trauma",
    "burn",
    "maternal_critical",
    "neonatal_critical",
    "poison",
    "hyperbaric",
    "ecmo",
    "dialysis",
    "antivenom",
    "isolation",
)
"""What a hospital may be able to do; the ids are those of the destination rules."""


class Bounds(Record):
    south: float
    west: float
    north: float
    east: float


class StationLevel(StrEnum):
    """The rank of a station among the three levels of rescue."""

    CENTRE = "centre"
    """The city's own, beside its dispatch centre."""
    SUBCENTRE = "subcentre"
    """A county's: it leads the stations that name it as their parent."""
    STATION = "station"


class Station(Record):
    id: str
    name: str
    name_en: str
    point: Point
    level: StationLevel = StationLevel.STATION
    parent: str = ""
    """The sub-centre that leads it; empty: the city's centre does."""


class FirstAidPoint(Record):
    """Where first help is kept without a vehicle, as in a village."""

    id: str
    name: str
    name_en: str
    point: Point


class Locality(Record):
    """A named place with its people, for whoever must know where calls come from."""

    id: str
    name: str
    name_en: str
    kind: str
    """As mapped: city, town, village, suburb, quarter, neighbourhood, hamlet. The larger kinds
    count the people of the smaller ones within them again."""
    point: Point
    population: int | None
    """As mapped; None where the map does not say."""


class CityHospital(Record):
    id: str
    name: str
    name_en: str
    point: Point
    capabilities: tuple[str, ...]
    assumed: bool
    """True: the capabilities are invented. Place and name are the map's."""
    beds: int | None
    """All beds as the map or the overrides file state them; None where neither does."""


class Aed(Record):
    id: str
    name: str
    name_en: str
    point: Point
    access: str
    """As mapped: yes, private, customers ...; empty where unknown, which is not "open"."""
    opening_hours: str
    """In OpenStreetMap's notation; empty where unknown."""


class Signal(Record):
    id: str
    name: str
    """The streets that meet here; empty where none has a name."""
    name_en: str
    point: Point


class CityUnit(Record):
    id: str
    call_sign: str
    station_id: str
    kind: UnitKind
    assumed: bool


class City(Record):
    name: str
    name_en: str
    fictional: bool
    bounds: Bounds
    centre: Point
    attribution: str
    """Must stand on every map of this city."""
    source_sha256: str
    overrides_sha256: str | None
    stations: tuple[Station, ...]
    hospitals: tuple[CityHospital, ...]
    aeds: tuple[Aed, ...]
    signals: tuple[Signal, ...]
    units: tuple[CityUnit, ...]
    points: tuple[FirstAidPoint, ...] = ()
    localities: tuple[Locality, ...] = ()
    core: Bounds | None = None
    """The part where most of it lies, which a screen shows first; None where it is all."""


CENTRE_AREA: Final = "centre"
"""Of the stations that no sub-centre leads."""


def area_of(station: Station) -> str:
    """The id of the sub-centre whose area a station belongs to."""
    leads = station.id if station.level is StationLevel.SUBCENTRE else CENTRE_AREA
    return station.parent or leads


def area_at(city: City, point: Point) -> str:
    """The area of the station that is nearest in a straight line; empty: there is no station."""
    nearest = min(city.stations, key=lambda s: distance_m(s.point, point), default=None)
    return area_of(nearest) if nearest else ""


class AddressKind(StrEnum):
    HOUSE = "house"
    STREET = "street"
    PLACE = "place"
    POI = "poi"


class AddressHit(Record):
    """One answer of the address index. The person at the seat chooses; nothing is taken unseen."""

    kind: AddressKind
    label: str
    label_en: str
    locality: str
    """The town or quarter around it, to tell two streets of one name apart; may be empty."""
    point: Point
    score: float
    """1 is a perfect match; comparable within one answer only."""
    span: tuple[int, int] | None
    """Which letters of `label` matched; None where another form of the name did."""
    distance_m: float | None
    """From the given point; None where none was given."""
