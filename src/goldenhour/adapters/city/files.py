"""The names inside a city folder."""

from typing import Final

CITY_FILE: Final = "city.json"
ADDRESSES_FILE: Final = "addresses.sqlite"
TILES_FILE: Final = "tiles.pmtiles"
VALHALLA_FOLDER: Final = "valhalla"
ROADS_FILE: Final = "roads.npz"
