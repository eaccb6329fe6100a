"""What a terminal took, of the wire, in the platform's words."""

import hashlib
from typing import Final

from goldenhour.adapters.jt808.fixes import to_fix
from goldenhour.app.ports import TerminalProfile
from goldenhour.app.terminal_media import Announced, MediaRow
from goldenhour.kernel.geo import Point
from goldenhour.wire.jt808.media import Media, MediaEvent, MediaFormat, MediaKind, Occasion

_KINDS: Final[dict[int, str]] = {kind: kind.name.lower() for kind in MediaKind}
_FORMATS: Final[dict[int, str]] = {form: form.name.lower() for form in MediaFormat}
_OCCASIONS: Final[dict[int, str]] = {why: why.name.lower() for why in Occasion}
_SHOWN: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png"}


def to_announced(event: MediaEvent, phone: str, heard_ms: int) -> Announced:
    return Announced(
        phone=phone,
        media_id=event.media_id,
        kind=_KINDS.get(event.kind, str(event.kind)),
        format=_FORMATS.get(event.format, str(event.format)),
        occasion=_OCCASIONS.get(event.occasion, str(event.occasion)),
        channel=event.channel,
        heard_ms=heard_ms,
    )


def to_row(
    media: Media, phone: str, unit_id: str, received_ms: int, profile: TerminalProfile
) -> MediaRow:
    said, place = to_announced(media.event, phone, received_ms), media.position
    point: Point | None = None
    taken_ms: int | None = None
    if place is not None:
        fix = to_fix(place, unit_id, received_ms, catch_up=True, profile=profile)
        point, taken_ms = fix.point, None if place.device_ms is None else fix.device_ms
    return MediaRow(
        phone=phone,
        media_id=said.media_id,
        sha256=hashlib.sha256(media.data).hexdigest(),
        size_bytes=len(media.data),
        unit_id=unit_id,
        kind=said.kind,
        format=said.format,
        occasion=said.occasion,
        channel=said.channel,
        point=point,
        taken_ms=taken_ms,
        received_ms=received_ms,
        media_type=next((kind for mark, kind in _SHOWN.items() if media.data.startswith(mark)), ""),
    )
