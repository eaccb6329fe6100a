"""What a DICOM ultrasound instance says of itself: size, frames, time, and how long a pixel is.

Rule 1: names and birthdays of a patient are not read at all. The patient's number is read to be
        held against the bands of a run, and is no part of what is known of a picture.
Rule 2: a pixel has a length only where the device says so in centimetres (PS3.3 C.8.5.5, Ultrasound
        Regions) or millimetres (Pixel Spacing). A region of time or of speed measures nothing.
Rule 3: what cannot be read is an UltrasoundError that names the element.
"""

import math
import struct
from typing import Final

from goldenhour.kernel.record import Record
from goldenhour.wire.ecg_files.elements import (
    TRANSFER_SYNTAX,
    Item,
    items_of,
    iter_text,
    octets_of,
    read_elements,
    text_of,
    word_of,
)
from goldenhour.wire.ecg_files.record import EcgFileError

MAX_IMAGE_BYTES: Final = 64 << 20
MAX_FRAMES: Final = 4_000
MAX_FRAME_PIXELS: Final = 4 << 20
MAX_REGIONS: Final = 32

IMPLICIT: Final = "1.2.840.10008.1.2"
EXPLICIT: Final = "1.2.840.10008.1.2.1"
JPEG: Final = "1.2.840.10008.1.2.4.50"
RLE: Final = "1.2.840.10008.1.2.5"
PLAIN: Final = (IMPLICIT, EXPLICIT)
OTHERS: Final = (
    *("1.2.840.10008.1.2.4.51", "1.2.840.10008.1.2.4.57", "1.2.840.10008.1.2.4.70"),
    *("1.2.840.10008.1.2.4.80", "1.2.840.10008.1.2.4.81", "1.2.840.10008.1.2.4.90"),
    *("1.2.840.10008.1.2.4.91", "1.2.840.10008.1.2.4.100", "1.2.840.10008.1.2.4.101"),
    *("1.2.840.10008.1.2.4.102", "1.2.840.10008.1.2.4.103"),
)
"""Compressed otherwise (JPEG of 12 bits, lossless JPEG, JPEG-LS, JPEG 2000, MPEG-2 and -4): kept,
and shown by other programs."""

PIXELS: Final = 0x7FE00010
_PLANAR: Final = 0x00280006
_CM: Final = 3
_MM_PER_CM: Final = 10
_LOW_PRIORITY: Final = 1
_SECOND_MS: Final = 1000
_LONGEST_FRAME_MS: Final = 10_000


class UltrasoundError(Exception):
    """The file is no picture that we can show; `field` is the element."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class Region(Record):
    """Pixels, both ends included."""

    left: int
    top: int
    right: int
    bottom: int
    mm_per_px_x: float
    mm_per_px_y: float


class Image(Record):
    syntax: str
    instance: str
    study: str
    device_time: str
    label: str
    rows: int
    columns: int
    frames: int
    frame_ms: float | None
    regions: tuple[Region, ...]
    """Those that measure, the more important first."""
    test: bool
    photometric: str
    samples: int
    planar: bool
    bits: int
    stored_bits: int
    signed: bool
    window: tuple[float, float] | None
    """Centre and width, for pictures of more than 8 bits."""


def read_image(data: bytes) -> Image:
    """Raises UltrasoundError."""
    try:
        return _image(elements_of(data))
    except EcgFileError as error:
        raise UltrasoundError(error.field, error.reason) from error


def read_patient_number(data: bytes) -> str:
    """What the device was told that the patient's number is; empty: nothing, or no instance."""
    try:
        return text_of(elements_of(data), 0x00100020, "PatientID").strip()
    except EcgFileError:
        return ""


def elements_of(data: bytes) -> Item:
    """Raises EcgFileError, as the reader of elements does."""
    if len(data) > MAX_IMAGE_BYTES:
        raise EcgFileError("file", f"longer than {MAX_IMAGE_BYTES} bytes")
    return read_elements(data, plain=PLAIN, encapsulated=(JPEG, RLE, *OTHERS))


def _image(found: Item) -> Image:
    rows, columns = _word(found, 0x00280010, "Rows"), _word(found, 0x00280011, "Columns")
    if not rows or not columns:
        raise UltrasoundError("Rows", "there are no pixels")
    if rows * columns > MAX_FRAME_PIXELS:
        raise UltrasoundError("Rows", f"{columns} x {rows} pixels are too many")
    frames = _number(found, 0x00280008, "NumberOfFrames")
    if frames is not None and not 1 <= frames <= MAX_FRAMES:
        raise UltrasoundError("NumberOfFrames", f"{frames:g} is not 1 to {MAX_FRAMES}")
    return Image(
        syntax=text_of(found, TRANSFER_SYNTAX, "TransferSyntaxUID"),
        instance=text_of(found, 0x00080018, "SOPInstanceUID"),
        study=text_of(found, 0x0020000D, "StudyInstanceUID"),
        device_time=_time(found),
        label=_label(found),
        rows=rows,
        columns=columns,
        frames=int(frames or 1),
        frame_ms=_frame_ms(found),
        regions=_regions(found, rows, columns),
        test=text_of(found, 0x0008001C, "SyntheticData") == "YES"
        or text_of(found, 0x00280300, "QualityControlImage") == "YES",
        photometric=text_of(found, 0x00280004, "PhotometricInterpretation"),
        samples=_word(found, 0x00280002, "SamplesPerPixel"),
        planar=_word(found, _PLANAR, "PlanarConfiguration") == 1,
        bits=_word(found, 0x00280100, "BitsAllocated"),
        stored_bits=_word(found, 0x00280101, "BitsStored"),
        signed=_word(found, 0x00280103, "PixelRepresentation") == 1,
        window=_window(found),
    )


def _word(found: Item, tag: int, field: str) -> int:
    return word_of(found, tag, field) if tag in found else 0


def _number(found: Item, tag: int, field: str) -> float | None:
    text = text_of(found, tag, field)
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        raise UltrasoundError(field, f"{text[:20]!r} is no number") from None
    if not math.isfinite(number):
        raise UltrasoundError(field, "it is not finite")
    return number


def _time(found: Item) -> str:
    """Of the exposure, else of the content, else of the study; whole seconds."""
    whole = text_of(found, 0x0008002A, "AcquisitionDateTime")
    if not whole:
        for day, time in ((0x00080023, 0x00080033), (0x00080020, 0x00080030)):
            if whole := text_of(found, day, "Date"):
                whole += text_of(found, time, "Time")
                break
    whole = whole[:14]
    return whole if whole.isdigit() else ""


def _label(found: Item) -> str:
    """What the device calls the view: its comment on the picture, else on the series."""
    for tag, field in ((0x00204000, "ImageComments"), (0x0008103E, "SeriesDescription")):
        if text := text_of(found, tag, field, "utf-8"):
            return "".join(c for c in text[:64] if c.isprintable())
    return ""


def _frame_ms(found: Item) -> float | None:
    time_ms = _number(found, 0x00181063, "FrameTime")
    if not time_ms:
        # The first of a vector is nought by definition; the next is the first that says something.
        vector = [v for v in iter_text(found, 0x00181065, "FrameTimeVector") if v][1:2]
        try:
            time_ms = float(vector[0]) if vector else None
        except ValueError:
            time_ms = None
    for tag, field in ((0x00180040, "CineRate"), (0x00082144, "RecommendedDisplayFrameRate")):
        if not time_ms and (rate := _number(found, tag, field)):
            time_ms = _SECOND_MS / rate
    return time_ms if time_ms and 1 <= time_ms <= _LONGEST_FRAME_MS else None


def _window(found: Item) -> tuple[float, float] | None:
    centre = _number(found, 0x00281050, "WindowCenter")
    width = _number(found, 0x00281051, "WindowWidth")
    return None if centre is None or not width or width < 1 else (centre, width)


def _regions(found: Item, rows: int, columns: int) -> tuple[Region, ...]:
    items = items_of(found, 0x00186011, "SequenceOfUltrasoundRegions")
    if len(items) > MAX_REGIONS:
        raise UltrasoundError("SequenceOfUltrasoundRegions", f"more than {MAX_REGIONS}")
    read = [
        (_long(item, 0x00186016, "RegionFlags") & _LOW_PRIORITY, _region(item)) for item in items
    ]
    measured = sorted(((low, one) for low, one in read if one), key=lambda pair: pair[0])
    if measured:
        return tuple(one for _low, one in measured)
    spacing = list(iter_text(found, 0x00280030, "PixelSpacing"))
    try:
        # Between rows first, that is, downwards.
        y, x = (float(one) for one in spacing)
    except ValueError:
        return ()
    if not (_length(x) and _length(y)):
        return ()
    return (
        Region(left=0, top=0, right=columns - 1, bottom=rows - 1, mm_per_px_x=x, mm_per_px_y=y),
    )


def _region(item: Item) -> Region | None:
    """None where it measures no length."""
    across = _word(item, 0x00186024, "PhysicalUnitsXDirection")
    down = _word(item, 0x00186026, "PhysicalUnitsYDirection")
    if (across, down) != (_CM, _CM):
        return None
    x, y = _double(item, 0x0018602C, "PhysicalDeltaX"), _double(item, 0x0018602E, "PhysicalDeltaY")
    if not (_length(x) and _length(y)):
        return None
    return Region(
        left=_long(item, 0x00186018, "RegionLocationMinX0"),
        top=_long(item, 0x0018601A, "RegionLocationMinY0"),
        right=_long(item, 0x0018601C, "RegionLocationMaxX1"),
        bottom=_long(item, 0x0018601E, "RegionLocationMaxY1"),
        # A delta below nought counts against the screen's direction; a length has none.
        mm_per_px_x=abs(x) * _MM_PER_CM,
        mm_per_px_y=abs(y) * _MM_PER_CM,
    )


def _length(value: float) -> bool:
    return math.isfinite(value) and value != 0


def _long(item: Item, tag: int, field: str) -> int:
    return word_of(item, tag, field, 4) if tag in item else 0


def _double(item: Item, tag: int, field: str) -> float:
    raw = octets_of(item, tag, field)
    if len(raw) != 8:  # noqa: PLR2004 (the bytes of a double)
        raise UltrasoundError(field, f"{len(raw)} bytes instead of 8")
    value: float = struct.unpack("<d", raw)[0]
    return value
