"""The city folder's own description, read without what builds it or searches it."""

from pathlib import Path

import msgspec

from goldenhour.adapters.city.files import CITY_FILE
from goldenhour.domain.register.city import City


def read_city(folder: Path) -> City | None:
    path = folder / CITY_FILE
    return msgspec.json.decode(path.read_bytes(), type=City) if path.is_file() else None
