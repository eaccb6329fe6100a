"""Whatever the bytes are, the reader gives a picture or an UltrasoundError, within its limits."""

import tracemalloc
from io import BytesIO
from pathlib import Path
from random import Random  # noqa: TID251 (a seeded one)

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image as Pillow
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset

from factories.ultrasound import clip, file_of, picture
from goldenhour.wire.ultrasound import UltrasoundError, read_frame, read_image

MUTATIONS = 400
"""Of each seed."""


def small_still() -> bytes:
    found = picture()
    found.Rows, found.Columns, found.PixelData = 16, 20, bytes(range(160)) * 2
    return file_of(found)


def small_loop() -> bytes:
    found: Dataset = clip()
    frames = [frame_of(shade) for shade in (30, 90, 150)]
    pieces = [b"", *(frame + b"\0" * (len(frame) % 2) for frame in frames)]
    items = (b"\xfe\xff\x00\xe0" + len(one).to_bytes(4, "little") + one for one in pieces)
    found.Rows, found.Columns, found.NumberOfFrames = 16, 20, 3
    found.PixelData = b"".join(items) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    return file_of(found)


def frame_of(shade: int) -> bytes:
    out = BytesIO()
    Pillow.new("L", (20, 16), shade).save(out, "JPEG")
    return out.getvalue()


SEEDS = {
    "still": small_still(),
    "loop": small_loop(),
    "rle": Path(str(get_testdata_file("SC_rgb_rle_2frame.dcm"))).read_bytes(),
}


def mutated(data: bytes, rng: Random) -> bytes:
    """A few bytes changed, cut out, doubled or put in."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(132, max(len(out), 133))
        match rng.randrange(5):
            case 0:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                del out[at : at + rng.randrange(1, 40)]
            case 2:
                out[at:at] = out[at : at + rng.randrange(1, 40)]
            case 3:
                words = (b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"9999")
                out[at : at + 4] = rng.choice(words)
            case _:
                del out[at:]
    return bytes(out)


def outcome(data: bytes) -> str:
    try:
        image = read_image(data)
        for number in {0, image.frames - 1}:
            made = read_frame(data, number)
            assert Pillow.open(BytesIO(made.data)).size == (image.columns, image.rows)
    except UltrasoundError as error:
        return error.field
    return "read"


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files(name: str) -> None:
    rng = Random(f"ultrasound {name}")
    outcomes = [outcome(mutated(SEEDS[name], rng)) for _ in range(MUTATIONS)]
    # The mutations are worth something: they spoil files, and some live on.
    assert MUTATIONS // 100 < outcomes.count("read") < MUTATIONS * 9 // 10
    assert len(set(outcomes)) > 5


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=600))
@example(b"")
def test_any_bytes(data: bytes) -> None:
    for framed in (data, b"\0" * 128 + b"DICM" + data):
        outcome(framed)


def test_a_small_file_that_claims_much_costs_little() -> None:
    """A JPEG of 60,000 x 60,000 in a head that says 20 x 16."""
    found = clip()
    frame = bytearray(frame_of(1))
    at = frame.index(b"\xff\xc0") + 5
    frame[at : at + 4] = (60_000).to_bytes(2, "big") * 2
    body = bytes(frame) + b"\0" * (len(frame) % 2)
    found.Rows, found.Columns, found.NumberOfFrames = 16, 20, 1
    found.PixelData = (
        b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0" + len(body).to_bytes(4, "little") + body
    ) + b"\xfe\xff\xdd\xe0\0\0\0\0"
    data = file_of(found)
    tracemalloc.start()
    try:
        with pytest.raises(UltrasoundError, match="PixelData"):
            read_frame(data, 0)
        assert tracemalloc.get_traced_memory()[1] < 20_000_000
    finally:
        tracemalloc.stop()
