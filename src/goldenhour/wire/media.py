"""What a captured file is, by its first bytes: a name and a header can be anything."""

from typing import Final

HEAD_BYTES: Final = 64
"""So many are enough to tell."""
_JPEG: Final = b"\xff\xd8\xff"
_EBML: Final = b"\x1a\x45\xdf\xa3"
_MP4_AT: Final = slice(4, 8)


def is_media(media_type: str, head: bytes) -> bool:
    """Whether a file that begins so can be of this type; False for a type that nobody captures."""
    match media_type:
        case "image/jpeg":
            return head.startswith(_JPEG)
        case "audio/webm":
            # Matroska in general and WebM in particular: the kind of document stands in the head.
            return head.startswith(_EBML) and b"webm" in head[:HEAD_BYTES]
        case "video/mp4":
            return head[_MP4_AT] == b"ftyp"
        case _:
            return False
