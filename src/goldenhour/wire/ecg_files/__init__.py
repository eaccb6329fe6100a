"""ECG files, bytes <-> values: DICOM, EDF+ and FHIR. docs/interfaces/ecg-files.md.

`EcgRecord` is what all of them give and take. Readers raise EcgFileError for whatever the bytes
are; writers raise it for what their format cannot hold exactly.
"""

from goldenhour.wire.ecg_files.dicom import write_dicom
from goldenhour.wire.ecg_files.dicom_read import read_dicom
from goldenhour.wire.ecg_files.edf import write_edf
from goldenhour.wire.ecg_files.edf_read import read_edf
from goldenhour.wire.ecg_files.fhir import write_fhir
from goldenhour.wire.ecg_files.record import (
    MAX_FILE_BYTES,
    MAX_VALUES,
    EcgFileError,
    EcgRecord,
    Lead,
    check_size,
    cut,
    join,
    missing,
    with_gaps,
)

__all__ = [
    "MAX_FILE_BYTES",
    "MAX_VALUES",
    "EcgFileError",
    "EcgRecord",
    "Lead",
    "check_size",
    "cut",
    "join",
    "missing",
    "read_dicom",
    "read_edf",
    "read_file",
    "with_gaps",
    "write_dicom",
    "write_edf",
    "write_fhir",
]


def read_file(data: bytes) -> tuple[str, EcgRecord]:
    """`dicom` or `edf`, by what the bytes say, and the record. Raises EcgFileError."""
    if data[128:132] == b"DICM":
        return "dicom", read_dicom(data)
    if data[:8].rstrip() == b"0":
        return "edf", read_edf(data)
    raise EcgFileError("file", "neither DICOM nor EDF")
