"""Pictures of a FAST examination that never was: speckle in a sector, organs, sometimes fluid.

Rule 1: SIMULATED stands in the pixels of every frame and in the instance itself (Synthetic Data,
        PS3.3 C.12.1.1.1), so that neither a screen nor another program takes it for a patient.
Rule 2: nothing in it is measured: the organs are ellipses, the fluid is the absence of speckle.
"""

from collections.abc import Sequence
from datetime import datetime
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence as DicomSequence
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    JPEGBaseline8Bit,
    UltrasoundImageStorage,
    UltrasoundMultiFrameImageStorage,
)

from goldenhour.kernel.record import Record

COLUMNS: Final = 640
ROWS: Final = 480
CM_PER_PX: Final = 0.035
FRAME_MS: Final = 50
LOOP_FRAMES: Final = 24
_APEX: Final = (COLUMNS / 2, -40.0)
_DEPTH: Final = (70.0, 500.0)
_HALF_ANGLE: Final = 0.62
_JPEG_QUALITY: Final = 88
_MARK: Final = "SIMULATED - NO PATIENT"
Pixels = NDArray[np.uint8]


class Window(Record):
    """One window of the examination: where its organs and its fluid would be."""

    label: str
    organs: tuple[tuple[float, float, float, float, float], ...]
    """Middle and half axes in pixels, brightness."""
    fluid: tuple[float, float, float, float]
    moves_px: float


WINDOWS: Final = (
    Window(
        label="Pericardium",
        organs=((320, 230, 150, 95, 0.35), (300, 235, 80, 55, 0.08), (380, 215, 40, 30, 0.1)),
        fluid=(320, 335, 150, 14),
        moves_px=7,
    ),
    Window(
        label="RUQ",
        organs=((230, 210, 190, 120, 0.5), (390, 280, 105, 62, 0.36), (390, 280, 50, 26, 0.75)),
        fluid=(322, 300, 95, 10),
        moves_px=5,
    ),
    Window(
        label="LUQ",
        organs=((260, 210, 130, 85, 0.46), (390, 300, 100, 60, 0.35), (390, 300, 48, 24, 0.72)),
        fluid=(325, 288, 80, 9),
        moves_px=5,
    ),
    Window(
        label="Pelvis",
        organs=((320, 200, 115, 70, 0.03), (330, 320, 120, 55, 0.42)),
        fluid=(320, 282, 100, 10),
        moves_px=2,
    ),
)


def still(
    window: Window, rng: np.random.Generator, *, fluid: bool, uids: Sequence[str], at: datetime
) -> Dataset:
    """`uids`: of the study, the series and the instance."""
    found = _head(window, uids, at)
    found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = UltrasoundImageStorage
    found.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    found.PixelData = draw(window, rng, fluid=fluid, phase=0.0).tobytes()
    return found


def loop(
    window: Window, rng: np.random.Generator, *, fluid: bool, uids: Sequence[str], at: datetime
) -> Dataset:
    found = _head(window, uids, at)
    found.SOPClassUID = found.file_meta.MediaStorageSOPClassUID = UltrasoundMultiFrameImageStorage
    found.file_meta.TransferSyntaxUID = JPEGBaseline8Bit
    found.NumberOfFrames, found.FrameTime = LOOP_FRAMES, FRAME_MS
    found.FrameIncrementPointer = 0x00181063
    found.LossyImageCompression = "01"
    state = rng.bit_generator.state
    frames = []
    for number in range(LOOP_FRAMES):
        rng.bit_generator.state = state  # the same tissue moves; it does not boil
        phase = 2 * np.pi * number / LOOP_FRAMES
        out = BytesIO()
        picture = Image.fromarray(draw(window, rng, fluid=fluid, phase=phase))
        picture.save(out, "JPEG", quality=_JPEG_QUALITY)
        frames.append(out.getvalue())
    found.PixelData = encapsulate(frames)
    found["PixelData"].VR = "OB"
    found["PixelData"].is_undefined_length = True
    return found


def draw(window: Window, rng: np.random.Generator, *, fluid: bool, phase: float) -> Pixels:
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(np.float64)
    shift = window.moves_px * np.sin(phase)
    bright = np.full((ROWS, COLUMNS), 0.28)
    for across, down, wide, high, level in window.organs:
        bright[_ellipse(x, y - shift, across, down, wide, high)] = level
    if fluid:
        bright[_ellipse(x, y - shift, *window.fluid)] = 0.01
    speckle = rng.rayleigh(0.8, (ROWS, COLUMNS))
    # Speckle is finer along the beam than across it.
    speckle = (speckle + np.roll(speckle, 1, 1) + np.roll(speckle, -1, 1)) / 3
    away, aside = np.hypot(x - _APEX[0], y - _APEX[1]), np.arctan2(x - _APEX[0], y - _APEX[1])
    inside = (away > _DEPTH[0]) & (away < _DEPTH[1]) & (np.abs(aside) < _HALF_ANGLE)
    value = np.where(inside, bright * speckle * (1.15 - away / 900), 0)
    picture = Image.fromarray((np.clip(value, 0, 1) * 255).astype(np.uint8))
    pen = ImageDraw.Draw(picture)
    pen.text((12, 10), window.label, fill=220, font_size=18)
    pen.text((12, ROWS - 34), _MARK, fill=255, font_size=22)
    pen.text((COLUMNS - 270, 10), _MARK, fill=255, font_size=20)
    for centimetre in range(1, int(ROWS * CM_PER_PX) + 1):
        at = centimetre / CM_PER_PX
        pen.line([(COLUMNS - 10, at), (COLUMNS - 4, at)], fill=150)
    return np.asarray(picture)


def _ellipse(  # noqa: PLR0917 (a place in the plane)
    x: NDArray[np.float64],
    y: NDArray[np.float64],
    across: float,
    down: float,
    wide: float,
    high: float,
) -> NDArray[np.bool_]:
    inside: NDArray[np.bool_] = ((x - across) / wide) ** 2 + ((y - down) / high) ** 2 < 1
    return inside


def _head(window: Window, uids: Sequence[str], at: datetime) -> Dataset:
    found = Dataset()
    found.file_meta = FileMetaDataset()
    found.SyntheticData = "YES"
    found.StudyInstanceUID, found.SeriesInstanceUID, found.SOPInstanceUID = uids
    found.file_meta.MediaStorageSOPInstanceUID = UID(uids[2])
    # A device that keeps the last patient's name: it must decide nothing.
    found.PatientName, found.PatientID = "SIMULATED^NOBODY", "SIMULATED"
    found.Modality, found.Manufacturer = "US", "GoldenHour double"
    found.AcquisitionDateTime = at.strftime("%Y%m%d%H%M%S")
    found.StudyDate, found.StudyTime = at.strftime("%Y%m%d"), at.strftime("%H%M%S")
    found.ImageComments = f"{window.label} SIMULATED"
    found.Rows, found.Columns, found.SamplesPerPixel = ROWS, COLUMNS, 1
    found.PhotometricInterpretation = "MONOCHROME2"
    found.BitsAllocated = found.BitsStored = 8
    found.HighBit, found.PixelRepresentation = 7, 0
    region = Dataset()
    region.RegionSpatialFormat, region.RegionDataType, region.RegionFlags = 1, 1, 0
    region.RegionLocationMinX0, region.RegionLocationMinY0 = 40, 30
    region.RegionLocationMaxX1, region.RegionLocationMaxY1 = COLUMNS - 40, ROWS - 16
    region.PhysicalUnitsXDirection = region.PhysicalUnitsYDirection = 3
    region.PhysicalDeltaX = region.PhysicalDeltaY = CM_PER_PX
    found.SequenceOfUltrasoundRegions = DicomSequence([region])
    return found
