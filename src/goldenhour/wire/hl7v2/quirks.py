"""How makers depart from the profile: the rows of a table that is content.

Rule 1: a row applies where every pattern that it gives is found in the message. Several may apply:
        what they add is taken together.
Rule 2: a row that does not apply changes nothing.
"""

import re
from collections.abc import Iterable

from msgspec import field

from goldenhour.kernel.content import About
from goldenhour.kernel.record import Record
from goldenhour.kernel.telemetry import Sign


class Maker(Record):
    id: str
    source: str
    """Where it was seen, or whose word it is."""
    sender: str = ""
    """Regular expressions, searched in MSH-3, in MSH-4, in each OBX-18 and in each OBX-3."""
    facility: str = ""
    device: str = ""
    code: str = ""
    names: dict[str, Sign] = field(default_factory=dict)
    """Names beside those of `mdc.METRICS`: aliases, older editions, typing errors."""
    private: dict[str, Sign] = field(default_factory=dict)
    """Codes of the maker's own, as CODE^SYSTEM."""
    name_first: bool = False
    """Its codes are wrong and its names right."""
    units: dict[Sign, str] = field(default_factory=dict)
    """The unit of a sign where OBX-6 is empty, by its name in `mdc.UNITS`."""
    no_values: tuple[float, ...] = ()
    """Numbers that stand for "no value"."""
    prefer: tuple[str, ...] = ()
    """Places (beginnings of OBX-4) whose value is taken where several report a sign."""
    clock_doubted: bool = False
    """Its times are kept and not shown."""
    reads_answers: bool = True
    """False: it never reads; nothing is sent to it."""


class QuirkTable(Record):
    about: About
    makers: tuple[Maker, ...]


def list_makers(
    makers: Iterable[Maker],
    *,
    sender: str,
    facility: str,
    devices: Iterable[str],
    codes: Iterable[str],
) -> tuple[Maker, ...]:
    """The rows that apply to a message with these texts."""
    devices, codes = tuple(devices), tuple(codes)
    return tuple(
        maker
        for maker in makers
        if _is_found(maker.sender, (sender,))
        and _is_found(maker.facility, (facility,))
        and _is_found(maker.device, devices)
        and _is_found(maker.code, codes)
    )


def _is_found(pattern: str, texts: tuple[str, ...]) -> bool:
    return not pattern or any(re.search(pattern, text) for text in texts)
