"""A record as DICOM: 12-lead ECG where it is one, else General ECG.

Rule 1: the standard twelve leads at 200 to 1,000 Hz and up to 16,384 samples are a 12-lead ECG
        (PS3.3 A.34.3); any other record of up to 24 leads is a General ECG (A.34.4), whose length
        is free.
Rule 2: a gap is Waveform Padding Value (5400,100A), a number that no sample of the record has.
Rule 3: test data is marked thrice: Quality Control Subject, the series' description, and an
        annotation that a viewer prints on the strip.
Rule 4: the same record gives the same bytes and the same UIDs, so that an archive knows it again.
"""

import hashlib
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from io import BytesIO
from typing import Final

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    GeneralECGWaveformStorage,
    TwelveLeadECGWaveformStorage,
)

from goldenhour.kernel.time import CHINA, to_datetime
from goldenhour.wire.ecg_files.leads import STANDARD, scp_number
from goldenhour.wire.ecg_files.record import AGE, EcgFileError, EcgRecord, Lead, missing

IMPLEMENTATION: Final = "GOLDENHOUR_1"
TEST_TEXT: Final = "TEST DATA: a replayed recording, no patient"
_TWELVE_LEAD_SAMPLES: Final = 16_384
_MAX_LEADS: Final = 24
_RATES_HZ: Final = (200, 1000)
_LEAST, _GREATEST = -0x8000, 0x7FFF
_NUMBER_CHARS: Final = 16
"""Of a decimal string."""
_SHORT_CHARS: Final = 16
_LONG_CHARS: Final = 64


def write_dicom(record: EcgRecord) -> bytes:
    """Raises EcgFileError where DICOM cannot hold the record exactly."""
    names = tuple(lead.name for lead in record.leads)
    if not _RATES_HZ[0] <= record.rate_hz <= _RATES_HZ[1]:
        raise EcgFileError(
            "rate_hz", f"{float(record.rate_hz):g} Hz, DICOM's ECGs have 200 to 1000"
        )
    if len(names) > _MAX_LEADS:
        raise EcgFileError("leads", f"{len(names)}, a General ECG has at most {_MAX_LEADS}")
    if record.begun_ms is None:
        raise EcgFileError("begun_ms", "DICOM needs the time of acquisition")
    twelve = sorted(names) == sorted(STANDARD) and record.count <= _TWELVE_LEAD_SAMPLES
    sop_class = TwelveLeadECGWaveformStorage if twelve else GeneralECGWaveformStorage
    group = _multiplex_group(record)
    of_whom = (record.case, record.subject)
    study = _uid("study", *(of_whom if any(of_whom) else (record.device, str(record.begun_ms))))
    content = hashlib.sha256(group.WaveformData).hexdigest()
    about = (study, record.device, str(record.begun_ms), repr(record.leads), content)

    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = _uid("instance", *about)
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = _uid("implementation", IMPLEMENTATION)
    meta.ImplementationVersionName = IMPLEMENTATION

    file = Dataset()
    file.file_meta = meta
    file.SpecificCharacterSet = "ISO_IR 192"
    file.SOPClassUID = sop_class
    file.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    _describe_patient(file, record)
    _describe_study(file, record, record.begun_ms, study)
    file.SeriesInstanceUID = _uid("series", study, record.device, str(twelve))
    file.AcquisitionContextSequence = []
    if record.test:
        file.WaveformAnnotationSequence = [_annotation(TEST_TEXT)]
    file.WaveformSequence = [group]
    out = BytesIO()
    file.save_as(out, enforce_file_format=True)
    return out.getvalue()


def _describe_patient(file: Dataset, record: EcgRecord) -> None:
    file.PatientName = ""
    file.PatientID = _text(record.subject, _LONG_CHARS, "subject")
    file.PatientBirthDate = ""
    file.PatientSex = record.sex
    if record.test:
        file.QualityControlSubject = "YES"
    if record.age:
        if not AGE.fullmatch(record.age):
            raise EcgFileError("age", f"{record.age} is no age")
        file.PatientAge = record.age


def _describe_study(file: Dataset, record: EcgRecord, begun_ms: int, study: UID) -> None:
    begun = to_datetime(begun_ms).astimezone(CHINA)
    date, clock = f"{begun:%Y%m%d}", f"{begun:%H%M%S.%f}"
    file.TimezoneOffsetFromUTC = f"{begun:%z}"
    file.StudyInstanceUID = study
    file.StudyDate, file.StudyTime = date, clock
    file.ContentDate, file.ContentTime = date, clock
    file.AcquisitionDateTime = f"{date}{clock}{begun:%z}"
    file.ReferringPhysicianName = ""
    file.StudyID = _text(record.case, _SHORT_CHARS, "case")
    file.AccessionNumber = ""
    file.Modality = "ECG"
    file.SeriesNumber = 1
    file.InstanceNumber = 1
    file.SeriesDescription = TEST_TEXT if record.test else "Pre-hospital ECG"
    file.Manufacturer = ""
    file.ManufacturerModelName = _text(record.device, _LONG_CHARS, "device")


def _multiplex_group(record: EcgRecord) -> Dataset:
    mask = missing(record)
    measured = record.samples[~mask]
    if measured.size and not (measured.min() >= _LEAST and measured.max() <= _GREATEST):
        raise EcgFileError("samples", "more than 16 bits, DICOM's ECGs have no more")
    group = Dataset()
    group.WaveformOriginality = "ORIGINAL"
    group.NumberOfWaveformChannels = len(record.leads)
    group.NumberOfWaveformSamples = record.count
    group.SamplingFrequency = _decimal(record.rate_hz, "rate_hz")
    group.MultiplexGroupLabel = "RHYTHM"
    group.ChannelDefinitionSequence = [
        _channel(number, lead) for number, lead in enumerate(record.leads, start=1)
    ]
    group.WaveformBitsAllocated = 16
    group.WaveformSampleInterpretation = "SS"
    samples = record.samples
    if mask.any():
        padding = _unused_number(measured)
        group.add_new(0x5400100A, "OW", padding.to_bytes(2, "little", signed=True))
        samples = np.where(mask, padding, samples)
    group.WaveformData = samples.astype("<i2").tobytes()
    group["WaveformData"].VR = "OW"
    return group


def _unused_number(measured: NDArray[np.int32]) -> int:
    used = np.unique(measured)
    free = np.setdiff1d(np.arange(_LEAST, _GREATEST + 1), used, assume_unique=True)
    if not free.size:
        raise EcgFileError("gaps", "every number of 16 bits is a sample, none is left for gaps")
    return int(free[0])


def _channel(number: int, lead: Lead) -> Dataset:
    channel = Dataset()
    channel.WaveformChannelNumber = number
    channel.ChannelLabel = _text(lead.name, _SHORT_CHARS, "leads")
    known = scp_number(lead.name)
    channel.ChannelSourceSequence = [
        _code(lead.name, "99GOLDENHOUR", f"Lead {lead.name}")
        if known is None
        else _code(f"2:{known}", "MDC", f"Lead {lead.name}")
    ]
    channel.ChannelSensitivity = _decimal(lead.lsb_nv / 1000, "lsb_nv")
    channel.ChannelSensitivityUnitsSequence = [_code("uV", "UCUM", "microvolt")]
    channel.ChannelSensitivityCorrectionFactor = "1"
    channel.ChannelBaseline = _decimal(lead.zero_nv / 1000, "zero_nv")
    channel.ChannelSampleSkew = "0"
    channel.WaveformBitsStored = 16
    return channel


def _annotation(text: str) -> Dataset:
    annotation = Dataset()
    annotation.UnformattedTextValue = text
    annotation.ReferencedWaveformChannels = [1, 0]
    annotation.AnnotationGroupNumber = 1
    return annotation


def _code(value: str, scheme: str, meaning: str) -> Dataset:
    code = Dataset()
    code.CodeValue = value
    code.CodingSchemeDesignator = scheme
    code.CodeMeaning = meaning
    return code


def _decimal(value: Fraction, field: str) -> str:
    """A decimal string that is exactly the value."""
    try:
        text = format((Decimal(value.numerator) / Decimal(value.denominator)).normalize(), "f")
    except InvalidOperation as error:
        raise EcgFileError(field, f"{value} is no number of DICOM") from error
    if Fraction(text) != value or len(text) > _NUMBER_CHARS:
        raise EcgFileError(field, f"{value} has no exact decimal of {_NUMBER_CHARS} characters")
    return text


def _text(value: str, limit: int, field: str) -> str:
    if len(value) > limit or not value.isprintable() or "\\" in value:
        raise EcgFileError(field, f"{value!r} is no text of at most {limit} characters")
    return value


def _uid(*parts: str) -> UID:
    """Of a name: PS3.5 B.2 with 128 bits of a hash in the place of a UUID."""
    digest = hashlib.sha256("\0".join(parts).encode()).digest()
    return UID(f"2.25.{int.from_bytes(digest[:16])}")
