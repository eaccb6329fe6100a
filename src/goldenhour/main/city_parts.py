"""What a process opens of a city folder; every part may be absent and the board still works."""

from dataclasses import dataclass
from pathlib import Path

from goldenhour.adapters.city.addresses import AddressIndex
from goldenhour.adapters.city.files import (
    ADDRESSES_FILE,
    ROADS_FILE,
    TILES_FILE,
    VALHALLA_FOLDER,
)
from goldenhour.adapters.routing.adapter import Router
from goldenhour.adapters.routing.config import RoutingConfig
from goldenhour.adapters.routing.matching import RoadMatching
from goldenhour.adapters.routing.traffic import LiveTraffic
from goldenhour.adapters.routing.travel import RoadTravel
from goldenhour.compute.roads import RoadNetwork
from goldenhour.content.rules import load_rules
from goldenhour.domain.register.city import City
from goldenhour.main.city_file import read_city


@dataclass(frozen=True)
class CityParts:
    """What a process opens of a city folder; every part may be absent and the board still works."""

    city: City | None
    tiles: Path | None
    addresses: AddressIndex | None
    router: Router | None
    network: RoadNetwork | None
    travel: RoadTravel
    matching: RoadMatching | None

    def close(self) -> None:
        if self.addresses:
            self.addresses.close()
        if self.router:
            self.router.close()


def open_city(folder: Path) -> CityParts:
    roads, tiles, addresses = folder / ROADS_FILE, folder / TILES_FILE, folder / ADDRESSES_FILE
    valhalla = folder / VALHALLA_FOLDER
    network = RoadNetwork.load(roads) if roads.is_file() else None
    travel = RoadTravel(network, load_rules().dispatch.crow_speed_kmh)
    traffic = None
    if network and travel.snapper:
        traffic = LiveTraffic(network, travel.snapper)
        travel.heed = traffic.write
    return CityParts(
        city=read_city(folder),
        tiles=tiles if tiles.is_file() else None,
        addresses=AddressIndex(addresses) if addresses.is_file() else None,
        router=Router(RoutingConfig(tiles=valhalla), traffic) if valhalla.is_dir() else None,
        network=network,
        travel=travel,
        matching=RoadMatching(network, travel.snapper) if network and travel.snapper else None,
    )
