"""What the demo's vehicles, devices and simulated people go by.

Rule 1: a double is a process of its own, and a node starts many: this loads neither a database nor
        a web server.
"""

from hashlib import sha256
from typing import Final

from goldenhour.domain.register.city import CityUnit
from goldenhour.simulator.meters import MeterKind

DEMO_PASSWORD = "demo-120"  # noqa: S105 (known to everybody, and refused outside demo mode)

_FIRST_PHONE: Final = 13_800_000_000
_METERS: Final = {MeterKind.GLUCOSE: "02000001", MeterKind.THERMOMETER: "02000002"}

SIMULATED_SEATS = ("11", "12", "13")
"""Where simulated dispatchers sit, beside the seats that are left for people."""


def simulated_seat(seat: str) -> str:
    """The username."""
    return f"sim-seat{seat}"


def edge_key(unit: CityUnit, secret: str) -> str:
    """A demo vehicle's key; a real one is drawn at random and carried to the vehicle."""
    return sha256(f"{secret}/{unit.id}".encode()).hexdigest()


def monitor_id(number: int) -> str:
    """EUI-64 of the n-th demo monitor, from a locally administered range."""
    return f"02000000{number:08X}"


def meter_id(number: int, kind: MeterKind) -> str:
    """EUI-64 of the glucose meter or the thermometer of the n-th demo vehicle."""
    return f"{_METERS[kind]}{number:08X}"


def scanner_title(number: int) -> str:
    """Application entity title of the n-th demo ultrasound device."""
    return f"SIM-US-{number:04d}"


def phone_number(number: int) -> str:
    """Of the telephone in the n-th demo vehicle; nobody is rung up there."""
    return f"{_FIRST_PHONE + number}"


def camera_number(number: int) -> str:
    """Of the n-th demo recorder of cabin cameras; no telephone number begins so."""
    return f"99{number:010d}"
