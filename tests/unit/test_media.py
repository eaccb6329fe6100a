"""What a file is, by its first bytes."""

import pytest

from goldenhour.wire.media import is_media

JPEG = b"\xff\xd8\xff\xe1\x00\x10Exif"
WEBM = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282847765626d")
MATROSKA = bytes.fromhex("1a45dfa39f4286810142f7810142f2810442f381084282886d6174726f736b61")
MP4 = b"\x00\x00\x00\x20ftypisom"


@pytest.mark.parametrize("media_type", ["image/jpeg", "audio/webm", "video/mp4"])
@pytest.mark.parametrize("head", [JPEG, WEBM, MATROSKA, MP4, b"", b"<svg"])
def test_each_type_knows_its_own_beginning(media_type: str, head: bytes) -> None:
    own = {"image/jpeg": JPEG, "audio/webm": WEBM, "video/mp4": MP4}[media_type]
    assert is_media(media_type, head) == (head == own)


def test_a_type_that_nobody_captures_is_never_it() -> None:
    assert not is_media("image/svg+xml", b"<svg")
