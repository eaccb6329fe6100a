"""What `goldenhour run` tells the processes of its demo: accounts, and what is a double."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from goldenhour.app.access import Role
from goldenhour.app.accounts import DemoAccount
from goldenhour.main.settings import Settings, World

DEMO_FILE = "demo-accounts.json"
DOUBLES_FILE = "demo-doubles.json"
RECORDING = Path("formats", "jt1078_2.txt")
"""Packets of a real camera, a line each: the last field is one in hex."""
OUTSIDE = (
    *("caller", "terminals", "monitors", "ecg", "ultrasound"),
    *("residents", "card-reader", "callbacks", "roads"),
)
"""What reaches the platform from outside: a double in every demo."""
PEOPLE = ("dispatchers", "crews", "hospitals")
"""Who is simulated as well, unless `goldenhour run --alone` leaves every seat to a person."""


def refuse_live(settings: Settings) -> None:
    """Raises SystemExit."""
    if settings.world is World.LIVE:
        raise SystemExit("A live world starts no simulator.")


def read_demo_accounts(settings: Settings) -> tuple[DemoAccount, ...]:
    path = settings.state_dir / DEMO_FILE
    if not settings.demo or not path.is_file():
        return ()
    return msgspec.json.decode(path.read_bytes(), type=tuple[DemoAccount, ...])


def read_demo_desk(settings: Settings, org: str) -> tuple[DemoAccount, ...]:
    """Those who may log in at this centre's fallback seat."""
    return tuple(
        account
        for account in read_demo_accounts(settings)
        if account.org == org and account.role in (Role.DISPATCHER, Role.SUPERVISOR)
    )


def write_doubles(settings: Settings, *, alone: bool) -> None:
    # People first: a header that is too narrow cuts off the end.
    caller, *devices = OUTSIDE
    if settings.demo_cameras:
        devices.append("cameras")
    people = () if alone else PEOPLE
    names = (caller, *people, *devices)
    _doubles_path(settings).write_bytes(msgspec.json.encode(names))


def list_doubles(settings: Settings) -> tuple[str, ...]:
    """For the header of every screen; a demo that `goldenhour run` did not start has no people."""
    path = _doubles_path(settings)
    if not settings.demo:
        return ()
    if not path.is_file():
        return OUTSIDE
    return msgspec.json.decode(path.read_bytes(), type=tuple[str, ...])


def find_recording(environ: Mapping[str, str]) -> Path:
    """What the double of cabin cameras plays. Raises SystemExit: it has no video of its own."""
    folder = environ.get("GOLDENHOUR_DATA")
    path = Path(folder or ".") / RECORDING
    if not folder or not path.is_file():
        raise SystemExit(
            f"The cameras' double has no video of its own and sends nothing without {RECORDING} in"
            " the folder that GOLDENHOUR_DATA names."
        )
    return path


def _doubles_path(settings: Settings) -> Path:
    return settings.state_dir / DOUBLES_FILE
