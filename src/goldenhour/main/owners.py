"""Which vehicle a device hangs in: bound by vehicle, never by name. And who hangs in none."""

from collections.abc import Mapping

from goldenhour.app.strangers import StrangerBook, Way
from goldenhour.main.box import Box


class Owners:
    """The directory of one listener."""

    def __init__(self, boxes: Mapping[str, Box], book: StrangerBook, way: Way) -> None:
        self._boxes = boxes
        self._book = book
        self._way = way

    async def find_unit(self, device_id: str) -> str | None:
        return self._find(device_id, "unknown_device")

    def refused(self, device_id: str, reason: str) -> None:
        """A message of it cannot be read."""
        self._find(device_id, reason)

    def _find(self, device_id: str, reason: str) -> str | None:
        found = (unit for unit, box in self._boxes.items() if box.hangs_here(device_id))
        unit_id = next(found, None)
        if unit_id is not None:
            self._book.forget(self._way, device_id)
        else:
            self._book.hear(self._way, device_id, reason)
        return unit_id
