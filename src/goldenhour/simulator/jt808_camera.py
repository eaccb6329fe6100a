"""The camera of a terminal double: a drawn picture, its number, and what goes wrong with it.

Rule 1: DOUBLE stands in the pixels, so that nobody takes it for a place.
Rule 2: a picture stays until the platform has it; what was not answered on one link goes out again
        on the next, under the same number.
"""

from datetime import datetime
from io import BytesIO
from random import Random  # noqa: TID251 (a simulator makes generators from the one it is given)
from typing import Final

from PIL import Image, ImageDraw

from goldenhour.kernel.record import Record
from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.simulator import jt808_frames as frames

SIZE: Final = (640, 480)
_BY_ORDER: Final = 0
_KEPT: Final = 4
_BROKEN_HEAD_BYTES: Final = 20
_BROKEN_BYTES: Final = 2_000


class CameraFaults(Record):
    """Chances: that a picture is sent once more after it arrived, or is no JPEG after its head."""

    twice: float = 0.0
    broken: float = 0.0


class Picture(Record):
    media_id: int
    event: bytes
    """The body of its 0x0800."""
    body: bytes
    """Of its 0x0801."""


class Camera:
    """All channels of one terminal."""

    def __init__(
        self, who: frames.Identity, channels: tuple[int, ...], faults: CameraFaults, rng: Random
    ) -> None:
        self._who, self._channels, self._faults, self._rng = who, channels, faults, rng
        self._taken = 0
        self._waiting: dict[int, Picture] = {}
        self._serials: dict[int, int] = {}

    def has(self, channel: int) -> bool:
        return channel in self._channels

    def take(self, channel: int, position_body: bytes, at_ms: int) -> Picture:
        self._taken += 1
        event = frames.picture_event(self._taken, _BY_ORDER, channel)
        data = draw(f"{self._who.phone} CH{channel}", to_datetime(at_ms).astimezone(CHINA))
        if self._rng.random() < self._faults.broken:
            data = data[:_BROKEN_HEAD_BYTES] + bytes(_BROKEN_BYTES)
        body = frames.picture(event, position_body, data)
        taken = Picture(media_id=self._taken, event=event, body=body)
        self._waiting[taken.media_id] = taken
        if len(self._waiting) > _KEPT:
            del self._waiting[next(iter(self._waiting))]
        return taken

    def sent(self, picture: Picture, first_serial: int) -> None:
        self._serials[picture.media_id] = first_serial

    def first_serial(self, media_id: int) -> int:
        """Of the parts in which it went out last; -1, which is none: it never did."""
        return self._serials.get(media_id, -1)

    def list_unanswered(self) -> list[Picture]:
        return list(self._waiting.values())

    def answered(self, media_id: int) -> list[Picture]:
        """The platform has it; what is sent once more all the same."""
        picture = self._waiting.pop(media_id, None)
        again = picture is not None and self._rng.random() < self._faults.twice
        return [picture] if picture is not None and again else []


def draw(label: str, taken: datetime) -> bytes:
    """A JPEG of a road that is none."""
    image = Image.linear_gradient("L").resize(SIZE).convert("RGB")
    pen = ImageDraw.Draw(image)
    pen.polygon([(250, 480), (310, 200), (330, 200), (390, 480)], fill="dimgray")
    pen.text((20, 20), f"DOUBLE  {label}  {taken:%Y-%m-%d %H:%M:%S}", fill="white")
    out = BytesIO()
    image.save(out, "JPEG")
    return out.getvalue()
