"""Live pictures of one camera in slices, from a vehicle to its centre.

    1: begins anew, 0: goes on, u8 | `DEVICE/CHANNEL`, ASCII | line feed | a part of the stream

Rule 1: the stream is of units as in a segment file. Where it begins anew, what was not whole of the
        stream before is dropped.
Rule 2: a stream that is no row of whole units is refused, at the latest after the longest unit.
"""

from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.jt1078.assemble import MAX_UNIT_BYTES
from goldenhour.wire.jt1078.segment import Kept, read_kept

MOST_HELD_BYTES: Final = MAX_UNIT_BYTES + 128 * 1024
"""The longest unit that is not whole, and a slice behind it."""
_FEED: Final = b"\n"


class Slice(Record):
    camera: str
    anew: bool
    part: bytes


def write_slice(item: Slice) -> bytes:
    return bytes([item.anew]) + item.camera.encode("ascii") + _FEED + item.part


def read_slice(data: bytes) -> Slice:
    """Raises ValueError for what is none."""
    name, found, part = data[1:].partition(_FEED)
    if not found or data[0] > 1:
        raise ValueError("no slice of a camera")
    return Slice(camera=name.decode("ascii"), anew=data[0] == 1, part=part)


class Joiner:
    """Of one camera."""

    def __init__(self) -> None:
        self._held = b""

    def put(self, item: Slice) -> list[Kept]:
        """The units that are whole now; raises ValueError when it is no stream of units."""
        self._held = item.part if item.anew else self._held + item.part
        units, taken = read_kept(self._held)
        self._held = self._held[taken:]
        if len(self._held) > MOST_HELD_BYTES:
            raise ValueError("a unit has no end")
        return units
