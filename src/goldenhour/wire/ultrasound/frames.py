"""One frame of an instance as a picture that a browser shows.

Rule 1: uncompressed, RLE and baseline JPEG, in grey, RGB, YBR_FULL, YBR_FULL_422 and palette of up
        to 16 bits. Anything else is an UltrasoundError that says so: the file is offered instead.
Rule 2: a JPEG that the browser would colour rightly goes out as it came, once it has been decoded
        here to its end; everything else goes out as PNG, without loss.
Rule 3: the sizes are those that the instance states; a frame of another size is refused.
"""

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image as Pillow
from PIL.JpegImagePlugin import JpegImageFile

from goldenhour.wire.ecg_files.elements import Item, octets_of
from goldenhour.wire.ecg_files.record import EcgFileError
from goldenhour.wire.ultrasound.image import (
    JPEG,
    PIXELS,
    PLAIN,
    RLE,
    Image,
    UltrasoundError,
    elements_of,
    read_image,
)

_ITEM: Final = b"\xfe\xff\x00\xe0"
_END: Final = b"\xfe\xff\xdd\xe0"
_HEAD_BYTES: Final = 8
_JPEG_END: Final = b"\xff\xd9"
_RLE_HEAD_BYTES: Final = 64
_MAX_SEGMENTS: Final = 15
_GREYS: Final = ("MONOCHROME1", "MONOCHROME2")
_COLOURS: Final = ("RGB", "YBR_FULL", "YBR_FULL_422")
_PALETTE: Final = "PALETTE COLOR"
_PNG_EFFORT: Final = 1
Pixels = NDArray[np.uint8] | NDArray[np.uint16]


class Frame(NamedTuple):
    media: str
    data: bytes


def read_frame(data: bytes, number: int) -> Frame:
    """Counted from nought. Raises UltrasoundError."""
    image = read_image(data)
    if not 0 <= number < image.frames:
        raise UltrasoundError("frame", f"{number} is not below {image.frames}")
    try:
        found = elements_of(data)
        if image.syntax == JPEG:
            return _jpeg(image, _encapsulated(found, image, number))
        return _png(image, found, _pixels(found, image, number))
    except EcgFileError as error:
        raise UltrasoundError(error.field, error.reason) from error


def _pixels(found: Item, image: Image, number: int) -> Pixels:
    """Rows, columns, samples."""
    if image.syntax not in (*PLAIN, RLE):
        raise UltrasoundError("TransferSyntaxUID", f"{image.syntax} is not decoded here")
    if image.photometric not in (*_GREYS, *_COLOURS, _PALETTE):
        raise UltrasoundError("PhotometricInterpretation", f"{image.photometric!r} is not shown")
    if image.samples != (3 if image.photometric in _COLOURS else 1):
        raise UltrasoundError("SamplesPerPixel", f"{image.samples} with {image.photometric}")
    if image.bits not in (8, 16) or (image.bits == 16 and image.samples == 3):  # noqa: PLR2004
        raise UltrasoundError("BitsAllocated", f"{image.bits} are not shown")
    if image.syntax == RLE:
        return _rle(image, bytes(_encapsulated(found, image, number)))
    return _plain(found, image, number)


def _plain(found: Item, image: Image, number: int) -> Pixels:
    raw = octets_of(found, PIXELS, "PixelData")
    count = image.rows * image.columns
    if image.photometric == "YBR_FULL_422":
        size = count * 2
    else:
        size = count * image.samples * (image.bits // 8)
    part = raw[number * size : (number + 1) * size]
    if len(part) != size:
        raise UltrasoundError("PixelData", f"frame {number} is not all there")
    if image.bits == 16:  # noqa: PLR2004 (bits)
        return np.frombuffer(part, "<u2").reshape(image.rows, image.columns, 1)
    flat = np.frombuffer(part, np.uint8)
    if image.photometric == "YBR_FULL_422":
        if image.columns % 2:
            raise UltrasoundError("Columns", "odd, and colours are for pairs")
        y1, y2, blue, red = flat.reshape(-1, 4).T
        wide = np.stack([np.stack([y1, y2], 1).ravel(), np.repeat(blue, 2), np.repeat(red, 2)], 1)
        return wide.reshape(image.rows, image.columns, 3)
    if image.planar and image.samples > 1:
        return flat.reshape(image.samples, image.rows, image.columns).transpose(1, 2, 0)
    return flat.reshape(image.rows, image.columns, image.samples)


# ---- encapsulated frames (PS3.5 A.4)


def _fragments(raw: bytes | memoryview) -> Iterator[memoryview]:
    view, at = memoryview(raw), 0
    while at + _HEAD_BYTES <= len(view):
        head = bytes(view[at : at + 4])
        if head == _END:
            return
        (length,) = struct.unpack_from("<I", view, at + 4)
        at += _HEAD_BYTES
        if head != _ITEM or at + length > len(view):
            raise UltrasoundError("PixelData", "a fragment is cut short")
        yield view[at : at + length]
        at += length
    raise UltrasoundError("PixelData", "it has no end")


def _encapsulated(found: Item, image: Image, number: int) -> bytes | memoryview:
    pieces = list(_fragments(octets_of(found, PIXELS, "PixelData")))
    if not pieces:
        raise UltrasoundError("PixelData", "there is nothing in it")
    table, fragments = pieces[0], pieces[1:]
    if len(fragments) == image.frames:
        return fragments[number]
    if image.frames == 1:
        return b"".join(fragments)
    if len(table) == 4 * image.frames:
        offsets = [one[0] for one in struct.iter_unpack("<I", table)]
        end = offsets[number + 1] if number + 1 < len(offsets) else None
        return b"".join(_between(fragments, offsets[number], end))
    frames = _by_jpeg_end(fragments) if image.syntax == JPEG else []
    if len(frames) != image.frames:
        raise UltrasoundError("PixelData", f"{len(fragments)} fragments for {image.frames} frames")
    return b"".join(frames[number])


def _between(fragments: list[memoryview], first: int, end: int | None) -> Iterator[memoryview]:
    at = 0
    for fragment in fragments:
        if at >= first and (end is None or at < end):
            yield fragment
        at += _HEAD_BYTES + len(fragment)


def _by_jpeg_end(fragments: list[memoryview]) -> list[list[memoryview]]:
    """Without a table, a frame ends where its JPEG does."""
    frames: list[list[memoryview]] = [[]]
    for fragment in fragments:
        frames[-1].append(fragment)
        if bytes(fragment[-3:]).rstrip(b"\0").endswith(_JPEG_END):
            frames.append([])
    return [frame for frame in frames if frame]


def _jpeg(image: Image, raw: bytes | memoryview) -> Frame:
    data = bytes(raw)
    try:
        # Its head only; the size is compared before anything is decoded.
        with JpegImageFile(BytesIO(data)) as picture:
            if picture.size != (image.columns, image.rows):
                raise UltrasoundError("PixelData", f"a JPEG of {picture.size}")
            if image.photometric in ("YBR_FULL", "YBR_FULL_422", "MONOCHROME2"):
                picture.load()
                if picture.mode in ("L", "RGB"):
                    return Frame("image/jpeg", data)
            if image.photometric == "RGB" and "adobe_transform" not in picture.info:
                # Nothing in the stream says that it is no YBR, so Pillow would turn it.
                picture.draft("YCbCr", None)
            if picture.mode not in ("L", "RGB", "YCbCr"):
                raise UltrasoundError("PixelData", f"a JPEG of mode {picture.mode}")
            pixels: NDArray[np.uint8] = np.asarray(picture)
    except (OSError, SyntaxError, ValueError, struct.error) as error:
        raise UltrasoundError("PixelData", "the JPEG is broken") from error
    return _as_png(255 - pixels if image.photometric == "MONOCHROME1" else pixels)


def _rle(image: Image, raw: bytes) -> Pixels:
    """PS3.5 Annex G: a segment for each byte of each sample, the most significant first."""
    if len(raw) < _RLE_HEAD_BYTES:
        raise UltrasoundError("PixelData", "the RLE header is cut short")
    count, *offsets = struct.unpack_from("<16I", raw)
    wanted = image.samples * (image.bits // 8)
    if count != wanted or count > _MAX_SEGMENTS:
        raise UltrasoundError("PixelData", f"{count} RLE segments instead of {wanted}")
    size = image.rows * image.columns
    ends = [*offsets[1:count], len(raw)]
    planes = [
        np.frombuffer(_unpacked(raw[first:end], size), np.uint8)
        for first, end in zip(offsets[:count], ends, strict=True)
    ]
    if image.bits == 16:  # noqa: PLR2004 (bits)
        whole = np.stack(planes, 1).copy().view(">u2").astype(np.uint16)
        return whole.reshape(image.rows, image.columns, 1)
    return np.stack(planes, 1).reshape(image.rows, image.columns, image.samples)


def _unpacked(data: bytes, size: int) -> bytes:
    out, at = bytearray(), 0
    while len(out) < size:
        if at + 1 >= len(data):
            raise UltrasoundError("PixelData", "an RLE segment is cut short")
        count = data[at]
        if count < 128:  # noqa: PLR2004 (as the standard has it)
            out += data[at + 1 : at + 2 + count]
            at += 2 + count
        else:
            if count > 128:  # noqa: PLR2004 (as above; 128 itself does nothing)
                out += data[at + 1 : at + 2] * (257 - count)
            at += 2 if count > 128 else 1  # noqa: PLR2004 (as above)
    return bytes(out[:size])


# ---- to a PNG


def _png(image: Image, found: Item, pixels: Pixels) -> Frame:
    if image.photometric == _PALETTE:
        return _as_png(_palette(found, pixels[:, :, 0]))
    if image.photometric in ("YBR_FULL", "YBR_FULL_422"):
        turned = Pillow.fromarray(np.ascontiguousarray(pixels, np.uint8), "YCbCr").convert("RGB")
        return _as_png(np.asarray(turned))
    if image.photometric == "RGB":
        return _as_png(np.ascontiguousarray(pixels, np.uint8))
    grey = _grey(image, pixels[:, :, 0])
    return _as_png(255 - grey if image.photometric == "MONOCHROME1" else grey)


def _grey(image: Image, plane: Pixels) -> NDArray[np.uint8]:
    if plane.dtype == np.uint8 and image.window is None and not image.signed:
        return plane.astype(np.uint8, copy=False)
    values = plane.view(np.int16 if plane.itemsize > 1 else np.int8) if image.signed else plane
    top = (1 << min(max(image.stored_bits, 1), 16)) - 1
    centre, width = image.window or ((0.0 if image.signed else top / 2), float(top))
    scaled = (values.astype(np.float64) - (centre - width / 2)) * (255 / width)
    return np.clip(scaled, 0, 255).astype(np.uint8)


def _palette(found: Item, plane: Pixels) -> NDArray[np.uint8]:
    tables = []
    for offset, colour in enumerate(("Red", "Green", "Blue")):
        field = f"{colour}PaletteColorLookupTable"
        described = octets_of(found, 0x00281101 + offset, f"{field}Descriptor")
        if len(described) != 6:  # noqa: PLR2004 (three words)
            raise UltrasoundError(f"{field}Descriptor", "it has not three numbers")
        entries, first, bits = struct.unpack("<3H", described)
        entries = entries or 1 << 16
        raw = octets_of(found, 0x00281201 + offset, f"{field}Data")
        # Some devices pack entries of 8 bits into bytes, others into words of their own.
        wide = len(raw) >= 2 * entries
        if bits not in (8, 16) or len(raw) < entries:
            raise UltrasoundError(f"{field}Data", f"{len(raw)} bytes for {entries} entries")
        table = np.frombuffer(raw, "<u2" if wide else np.uint8, entries)
        index = np.clip(plane.astype(np.int32) - first, 0, entries - 1)
        tables.append((table >> 8 if wide and bits == 16 else table).astype(np.uint8)[index])  # noqa: PLR2004
    return np.stack(tables, 2)


def _as_png(pixels: NDArray[np.uint8]) -> Frame:
    out = BytesIO()
    mode = "L" if pixels.ndim == 2 or pixels.shape[2] == 1 else "RGB"  # noqa: PLR2004 (dimensions)
    squeezed = pixels[:, :, 0] if mode == "L" and pixels.ndim > 2 else pixels  # noqa: PLR2004
    picture = Pillow.fromarray(np.ascontiguousarray(squeezed))
    picture.save(out, "PNG", compress_level=_PNG_EFFORT)
    return Frame("image/png", out.getvalue())
