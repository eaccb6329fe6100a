"""Whatever the bytes are, a reader gives a record or an EcgFileError, and keeps its limits."""

import tracemalloc
from fractions import Fraction
from io import BytesIO
from random import Random  # noqa: TID251 (a seeded one)

import pydicom
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from factories.ecg_files import record
from goldenhour.wire.ecg_files import (
    MAX_FILE_BYTES,
    MAX_VALUES,
    EcgFileError,
    EcgRecord,
    read_dicom,
    read_edf,
    read_file,
    write_dicom,
    write_edf,
)
from goldenhour.wire.ecg_files.elements import MAX_ELEMENTS

MUTATIONS = 2_000
"""Of each seed."""
_SMALL = record(
    count=300, gaps=((20, 7),), leads=("I", "II", "V1"), test=True, subject="p", sex="M"
)


def vendors() -> bytes:
    """Another maker's file with only so many of its samples that the head is most of it."""
    file = pydicom.dcmread(str(get_testdata_file("waveform_ecg.dcm")))
    for group in file.WaveformSequence:
        group.NumberOfWaveformSamples = 20
        group.WaveformData = group.WaveformData[: 20 * 12 * 2]
    out = BytesIO()
    file.save_as(out)
    return out.getvalue()


SEEDS = {
    "own dicom": write_dicom(_SMALL),
    "vendor's dicom": vendors(),
    "own edf": write_edf(_SMALL),
    "discontinuous edf": write_edf(_SMALL).replace(b"EDF+C", b"EDF+D", 1),
}
_READERS = (read_dicom, read_edf, read_file)


def mutated(data: bytes, rng: Random) -> bytes:
    """A few bytes changed, cut out, doubled or put in; mostly near the head, where fields are."""
    out = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 4, 16))):
        at = rng.randrange(max(len(out) // rng.choice((1, 2, 8)), 1))
        match rng.randrange(6):
            case 0:
                out[at : at + 1] = bytes([rng.randrange(256)])
            case 1:
                out[at : at + 1] = bytes([out[at] ^ 1 << rng.randrange(8)]) if out else b""
            case 2:
                del out[at : at + rng.randrange(1, 40)]
            case 3:
                out[at:at] = out[at : at + rng.randrange(1, 40)]
            case 4:
                out[at : at + 4] = rng.choice(
                    (b"\xff" * 4, b"\0" * 4, b"\xff\xff\xff\x7f", b"9999")
                )
            case _:
                del out[rng.randrange(1, len(out) + 1) :]
        if not out:
            break
    return bytes(out)


def assert_sound(found: EcgRecord) -> None:
    count, leads = found.samples.shape
    assert count >= 1
    assert count * leads <= MAX_VALUES
    assert leads == len(found.leads)
    assert found.rate_hz > 0
    for lead in found.leads:
        assert isinstance(lead.lsb_nv, Fraction)
        assert lead.lsb_nv
        assert all(0 <= first < first + length <= count for first, length in lead.gaps)


def outcome(data: bytes) -> str:
    try:
        assert_sound(read_file(data)[1])
    except EcgFileError as error:
        return error.field
    return "read"


@pytest.mark.parametrize("name", SEEDS)
def test_mutated_files(name: str) -> None:
    rng = Random(f"ecg {name}")
    outcomes = [outcome(mutated(SEEDS[name], rng)) for _ in range(MUTATIONS)]
    # The mutations are worth something: they spoil files, and some live on.
    assert MUTATIONS // 100 < outcomes.count("read") < MUTATIONS * 9 // 10
    assert len(set(outcomes)) > 10


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
@example(b"")
@example(b"0       ")
def test_any_bytes(data: bytes) -> None:
    for reader in _READERS:
        for framed in (data, b"\0" * 128 + b"DICM" + data, b"0".ljust(8) + data):
            try:
                reader(framed)
            except EcgFileError:
                continue


# ---- limits


def peak_bytes(data: bytes) -> int:
    """The most that reading these bytes took beside them."""
    tracemalloc.start()
    try:
        outcome(data)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
    tag = group.to_bytes(2, "little") + number.to_bytes(2, "little")
    if vr in (b"SQ", b"OW"):
        return tag + vr + b"\0\0" + len(value).to_bytes(4, "little") + value
    return tag + vr + len(value).to_bytes(2, "little") + value


def dicom_of(body: bytes, syntax: bytes = b"1.2.840.10008.1.2.1\0") -> bytes:
    return b"\0" * 128 + b"DICM" + element(2, 0x10, b"UI", syntax) + body


ITEM = b"\xfe\xff\x00\xe0"
SCALED = write_dicom(record(count=300, gaps=(), lsb_nv=Fraction("12345.678901")))
HOSTILE = {
    "elements": dicom_of(element(9, 1, b"UI", b"") * (3 * MAX_ELEMENTS)),
    "elements, as items": dicom_of(element(9, 1, b"SQ", (ITEM + b"\0" * 4) * (3 * MAX_ELEMENTS))),
    "elements, implicit": dicom_of(
        b"\x09\0\x01\0\xff\xff\xff\xff" + (ITEM + b"\0" * 4) * (3 * MAX_ELEMENTS),
        b"1.2.840.10008.1.2\0",
    ),
    "sequence": dicom_of(
        (element(9, 1, b"SQ", b"")[:8] + b"\xff" * 4 + ITEM + b"\xff" * 4) * 5_000
    ),
    "TransferSyntaxUID": dicom_of(b"\x78\x9c" * 10_000, b"1.2.840.10008.1.2.1.99"),
    # Four thousand million samples, and a scale of ten thousand million digits.
    "NumberOfWaveformSamples": SEEDS["own dicom"].replace(
        b"\x3a\x00\x10\x00UL\x04\x00" + (300).to_bytes(4, "little"),
        b"\x3a\x00\x10\x00UL\x04\x00" + b"\xff" * 4,
    ),
    "ChannelSensitivity": SCALED.replace(b"12.345678901", b"1e9999999999"),
}
"""By the field that is named, or its first word."""


def tiny_records() -> bytes:
    """An EDF whose data records are one sample each: every one would be an object of its own."""
    head = bytearray(SEEDS["own edf"][: 256 * 2])
    head[184:192], head[236:244], head[252:256] = b"512     ", b"2000000 ", b"1   "
    fields = (
        *(b"ECG I".ljust(16), b" " * 80, b"uV".ljust(8), b"-1".ljust(8), b"1".ljust(8)),
        *(b"-10".ljust(8), b"10".ljust(8), b" " * 80, b"1".ljust(8), b" " * 32),
    )
    head[256:512] = b"".join(fields)
    return bytes(head) + b"\0\1" * 2_000_000


def endless_pause() -> bytes:
    """An EDF+D whose second data record begins a day after the first: 43 million samples."""
    written = write_edf(record(count=1500, gaps=(), leads=("I", "II")))
    assert written.count(b"+1.123\x14\x14") == written.count(b"+2.123\x14\x14") == 1
    paused = written.replace(b"EDF+C", b"EDF+D", 1).replace(b"+1.123\x14\x14", b"+86400\x14\x14")
    return paused.replace(b"+2.123\x14\x14", b"+86401\x14\x14")


HOSTILE["num_data_records, tiny"] = tiny_records()
HOSTILE["num_data_records, far apart"] = endless_pause()


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_and_cost_little(name: str) -> None:
    assert outcome(HOSTILE[name]) == name.partition(",")[0]
    assert peak_bytes(HOSTILE[name]) < 40_000_000


def test_a_long_file_is_refused_unread() -> None:
    for head in (b"\0" * 128 + b"DICM", b"0".ljust(8)):
        data = head + bytes(MAX_FILE_BYTES)
        with pytest.raises(EcgFileError, match="file"):
            read_file(data)
