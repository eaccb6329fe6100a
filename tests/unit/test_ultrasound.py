"""Ultrasound instances: other makers' files against pydicom's own decoder, and what a pixel is."""

from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image as Pillow
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_color_lut, pixel_array

from factories.ultrasound import clip, file_of, picture
from goldenhour.wire.ultrasound import UltrasoundError, read_frame, read_image

OTHERS = (
    *("examples_rgb_color.dcm", "examples_palette.dcm", "examples_ybr_color.dcm"),
    *("SC_rgb_rle.dcm", "SC_rgb_rle_2frame.dcm", "SC_rgb_small_odd.dcm"),
    *("SC_ybr_full_422_uncompressed.dcm", "SC_jpeg_no_color_transform.dcm"),
    *("SC_rgb_dcmtk_+eb+cr.dcm", "SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_small_odd_jpeg.dcm"),
)
"""The first three are ultrasound devices' own; all are part of pydicom's wheel."""


def sample(name: str) -> bytes:
    path = get_testdata_file(name, download=False)
    if path is None:
        pytest.skip(f"this pydicom has no {name}")
    return Path(str(path)).read_bytes()


def shown(data: bytes, number: int = 0) -> Any:
    return np.asarray(Pillow.open(BytesIO(read_frame(data, number).data))).astype(int)


@pytest.mark.parametrize("name", OTHERS)
def test_another_makers_picture_is_what_pydicom_reads(name: str) -> None:
    data = sample(name)
    image, found = read_image(data), pydicom.dcmread(BytesIO(data))
    last = image.frames - 1
    truth = pixel_array(found, index=last if image.frames > 1 else None)
    if image.photometric == "PALETTE COLOR":
        truth = apply_color_lut(truth, found) >> 8
    assert np.abs(shown(data, last) - truth).max() <= 1


def test_a_pixel_is_as_long_as_the_device_says() -> None:
    image = read_image(sample("examples_ybr_color.dcm"))
    assert (image.frames, image.frame_ms, len(image.regions)) == (30, 33.333, 1)
    region = image.regions[0]
    assert (region.left, region.top, region.right, region.bottom) == (84, 31, 595, 414)
    assert region.mm_per_px_x == pytest.approx(0.5105, abs=1e-4)
    own = read_image(file_of(picture()))
    assert own.regions[0].mm_per_px_x == pytest.approx(0.35)
    assert own.test


def test_a_region_of_time_measures_nothing_and_neither_does_none() -> None:
    found = picture()
    found.SequenceOfUltrasoundRegions[0].PhysicalUnitsXDirection = 4  # seconds: an M-mode
    assert read_image(file_of(found)).regions == ()
    del found.SequenceOfUltrasoundRegions
    assert read_image(file_of(found)).regions == ()
    found.PixelSpacing = [0.2, 0.1]
    (region,) = read_image(file_of(found)).regions
    assert (region.mm_per_px_x, region.mm_per_px_y) == (0.1, 0.2)


def test_no_name_is_read() -> None:
    assert "NOBODY" not in repr(read_image(file_of(picture())))


def test_the_mark_stands_in_the_pixels() -> None:
    """Text is brighter than tissue; the same picture without it has nothing there."""
    for number in (0, 12):
        corner = shown(file_of(clip()), number)[440:470, 12:320]
        assert (corner > 200).sum() > 500


def test_frames_without_a_table_end_with_their_jpeg() -> None:
    found = clip()
    frames = [read_frame(file_of(found), n).data for n in range(3)]
    pieces = [piece for f in frames for piece in (f[:1000], f[1000:] + b"\0" * (len(f) % 2))]
    item = b"".join(b"\xfe\xff\x00\xe0" + len(p).to_bytes(4, "little") + p for p in pieces)
    found.NumberOfFrames = 3
    found.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0" + item + b"\xfe\xff\xdd\xe0\0\0\0\0"
    data = file_of(found)
    for number, frame in enumerate(frames):
        assert read_frame(data, number).data.rstrip(b"\0") == frame.rstrip(b"\0")


@pytest.mark.parametrize(
    ("name", "field"),
    [
        ("examples_jpeg2k.dcm", "TransferSyntaxUID"),
        ("JPGExtended.dcm", "TransferSyntaxUID"),
        ("SC_rgb_small_odd_big_endian.dcm", "TransferSyntaxUID"),
        ("SC_rgb_rle_32bit.dcm", "BitsAllocated"),
    ],
)
def test_what_is_not_shown_says_so(name: str, field: str) -> None:
    with pytest.raises(UltrasoundError) as raised:
        read_frame(sample(name), 0)
    assert raised.value.field == field


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"Rows": 0}, "Rows"),
        ({"Rows": 65535, "Columns": 65535}, "Rows"),
        ({"NumberOfFrames": 0}, "NumberOfFrames"),
        ({"NumberOfFrames": 2_000_000_000}, "NumberOfFrames"),
        ({"PixelData": b"\0\0"}, "PixelData"),
        ({"PhotometricInterpretation": "CMYK"}, "PhotometricInterpretation"),
        ({"SamplesPerPixel": 3}, "SamplesPerPixel"),
    ],
)
def test_a_false_head_is_named(changes: dict[str, Any], field: str) -> None:
    found = picture()
    for name, value in changes.items():
        setattr(found, name, value)
    with pytest.raises(UltrasoundError) as raised:
        read_frame(file_of(found), 0)
    assert raised.value.field == field
