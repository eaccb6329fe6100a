"""The file that makes a computer the computer of a vehicle: its key and what hangs in it."""

from pathlib import Path

import msgspec

from goldenhour.app.devices import Vehicle

VEHICLES_FILE = "vehicles.json"


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
