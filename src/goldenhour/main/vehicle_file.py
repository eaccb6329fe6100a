"""The files that make a computer the computer of a vehicle, or a centre's fallback seat."""

from pathlib import Path

import msgspec

from goldenhour.app.devices import Seat, Vehicle

VEHICLES_FILE = "vehicles.json"
SEAT_FILE = "seat.json"


def read_vehicles(path: Path) -> tuple[Vehicle, ...]:
    """Raises SystemExit with a plain sentence."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=tuple[Vehicle, ...])
    except OSError as error:
        raise SystemExit(
            f"{path}: {error.strerror}. `goldenhour device add edge` at the centre makes it."
        ) from error
    except msgspec.DecodeError as error:
        raise SystemExit(f"{path}: {error}") from error


def read_seat(path: Path) -> Seat:
    """Raises SystemExit with a plain sentence."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Seat)
    except OSError as error:
        raise SystemExit(
            f"{path}: {error.strerror}. `goldenhour device add seat` at the centre makes it."
        ) from error
    except msgspec.DecodeError as error:
        raise SystemExit(f"{path}: {error}") from error
