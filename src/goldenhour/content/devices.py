"""How makers of devices depart from the profile: `hl7_quirks.toml`, read and checked whole.

Apart from the other content, since only the listener in a vehicle reads it.
"""

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

from goldenhour import content
from goldenhour.content.check import ContentError, read_file
from goldenhour.wire.hl7v2.mdc import UNITS
from goldenhour.wire.hl7v2.quirks import Maker, QuirkTable

FILE = "hl7_quirks.toml"


def load_quirks(root: Traversable | None = None) -> QuirkTable:
    """Raises ContentError when the file must not be used."""
    table = read_file((root or files(content)) / FILE, QuirkTable)
    ids = [maker.id for maker in table.makers]
    for maker in table.makers:
        if ids.count(maker.id) > 1:
            raise ContentError(FILE, f"makers.{maker.id}: stands twice")
        _check(maker)
    return table


def _check(maker: Maker) -> None:
    where = f"makers.{maker.id}"
    patterns = {
        "sender": maker.sender,
        "facility": maker.facility,
        "device": maker.device,
        "code": maker.code,
    }
    if not any(patterns.values()):
        raise ContentError(FILE, f"{where}: needs a pattern to be known by")
    for name, pattern in patterns.items():
        try:
            re.compile(pattern)
        except re.error as error:
            raise ContentError(FILE, f"{where}.{name}: {error}") from error
    for sign, unit in maker.units.items():
        if not any(one.name == unit and sign in one.signs for one in UNITS):
            raise ContentError(FILE, f"{where}.units: {unit!r} is no unit of {sign}")
    for place in maker.prefer:
        if re.fullmatch(r"[0-9]+(\.[0-9]+)*", place) is None:
            raise ContentError(FILE, f"{where}.prefer: {place!r} is no place")
