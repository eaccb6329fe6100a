"""ECG files: lossless both ways, gaps marked, judged by programs that are not ours."""

import json
from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pyedflib
import pytest
from fhir.resources.R4B.observation import Observation
from msgspec.structs import replace
from pydantic import ValidationError
from pydicom.data import get_testdata_file

from factories.ecg import TWELVE
from factories.ecg_files import BEGUN_MS, DATA, GAPS, assert_same, dciodvfy, record
from goldenhour.adapters.web.ecg_file_routes import age_string
from goldenhour.wire.ecg_files import (
    EcgFileError,
    EcgRecord,
    Lead,
    cut,
    join,
    missing,
    read_dicom,
    read_edf,
    read_file,
    write_dicom,
    write_edf,
    write_fhir,
)
from goldenhour.wire.ecg_files.fhir import MAX_FHIR_VALUES
from goldenhour.wire.ecg_files.leads import STANDARD, name_in

FULL = {"subject": "p-1", "case": "20260713-0001", "sex": "F", "test": True}
ODD = Fraction(4883)
SAMPLE = Path(str(get_testdata_file("waveform_ecg.dcm")))


def ptb() -> EcgRecord:
    """A real infarction, 38 s at 1,000 Hz."""
    path = DATA / "s0010_re.dat"
    if not path.is_file():
        pytest.skip(f"shared data is not here: {path} (set GOLDENHOUR_DATA)")
    rows = np.fromfile(path, "<i2").reshape(-1, 12).astype(np.int32)
    leads = tuple(Lead(name=name, lsb_nv=Fraction(500)) for name in TWELVE)
    return EcgRecord(leads=leads, rate_hz=Fraction(1000), samples=rows, begun_ms=BEGUN_MS)


RECORDS: dict[str, Any] = {
    "plain": lambda: record(gaps=()),
    "gaps": lambda: record(more_gaps_of_last=((2000, 100),), **FULL),
    "one lead gone": lambda: record(gaps=(), more_gaps_of_last=((0, 5123),)),
    "odd scale": lambda: record(lsb_nv=ODD, zero_nv=Fraction(1500)),
    "three leads": lambda: record(leads=("I", "II", "MCL1"), count=777, gaps=()),
    "long": lambda: record(count=20_000, **FULL),
    "broken rate": lambda: record(rate_hz=Fraction(1001, 4), count=1000, gaps=((7, 3),)),
    "ptb": ptb,
}


# ---- both ways


@pytest.mark.parametrize("name", RECORDS)
def test_dicom_gives_back_what_it_got(name: str) -> None:
    made = RECORDS[name]()
    written = write_dicom(made)
    assert_same(read_dicom(written), made)
    assert read_file(written)[0] == "dicom"
    assert write_dicom(made) == written  # an archive knows it again


@pytest.mark.parametrize("name", RECORDS)
def test_edf_gives_back_what_it_got(name: str) -> None:
    made = RECORDS[name]()
    assert_same(read_edf(write_edf(made)), made)
    assert read_file(write_edf(made))[0] == "edf"


def test_a_record_without_a_time_stays_without_in_edf() -> None:
    made = record(begun_ms=None)
    assert_same(read_edf(write_edf(made)), made)


@pytest.mark.parametrize("write", [write_dicom, write_edf])
@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"lsb_nv": Fraction(1, 65_537)}, "lsb_nv"),
        ({"zero_nv": Fraction(1, 7), "lsb_nv": Fraction(1)}, ""),
        ({"rate_hz": Fraction(123_457, 1000)}, "rate_hz"),
        ({"leads": ("a lead with a name of forty characters..",)}, "leads"),
        ({"device": "心电" * 40}, ""),
    ],
)
def test_what_a_format_cannot_hold_is_refused(
    write: Any, changes: dict[str, Any], field: str
) -> None:
    with pytest.raises(EcgFileError) as refused:
        write(record(count=600, gaps=(), **changes))
    assert field in ("", refused.value.field)


@pytest.mark.parametrize("write", [write_dicom, write_edf])
def test_more_than_sixteen_bits_are_refused(write: Any) -> None:
    made = record(count=600, gaps=())
    made.samples[3, 4] = 40_000
    with pytest.raises(EcgFileError, match=r"samples: .*16"):
        write(made)


def test_padding_is_no_number_that_a_sample_has() -> None:
    made = record(count=600, gaps=((10, 5),))
    made.samples[0, 0] = -32_768
    assert_same(read_dicom(write_dicom(made)), made)
    assert_same(read_edf(write_edf(made)), made)


# ---- conformance


@pytest.mark.parametrize("name", RECORDS)
def test_dciodvfy_finds_no_error(name: str, tmp_path: Path) -> None:
    path = tmp_path / "ecg.dcm"
    path.write_bytes(write_dicom(RECORDS[name]()))
    complaints = dciodvfy(path)
    if complaints is None:
        pytest.skip("dciodvfy is not installed (Debian: dicom3tools)")
    assert complaints == []


@pytest.mark.parametrize(
    ("age_y", "wanted"),
    [(5 / 365.25, "005D"), (2 / 12, "002M"), (14 / 12, "014M"), (2.0, "002Y"), (62.9, "062Y")],
)
def test_an_age_is_in_the_unit_that_counts(age_y: float, wanted: str, tmp_path: Path) -> None:
    """A child of two months is no newborn, and none is zero years old."""
    path = tmp_path / "ecg.dcm"
    path.write_bytes(write_dicom(record(age=age_string(age_y))))
    assert pydicom.dcmread(path).PatientAge == wanted
    assert read_dicom(path.read_bytes()).age == wanted
    assert dciodvfy(path) in (None, [])


def test_an_age_of_another_file_is_kept_as_it_is_and_nothing_else_is_one() -> None:
    assert read_dicom(write_dicom(record(age="003W"))).age == "003W"
    assert read_dicom(write_dicom(record())).age == ""
    with pytest.raises(EcgFileError):
        write_dicom(record(age="3W"))


def test_dciodvfy_is_a_judge(tmp_path: Path) -> None:
    """It complains of a vendor's file and of ours without a mandatory attribute."""
    if dciodvfy(SAMPLE) is None:
        pytest.skip("dciodvfy is not installed (Debian: dicom3tools)")
    assert dciodvfy(SAMPLE)
    file = pydicom.dcmread(BytesIO(write_dicom(record())))
    del file.WaveformSequence[0].WaveformBitsAllocated
    file.save_as(tmp_path / "broken.dcm")
    assert dciodvfy(tmp_path / "broken.dcm")


def test_which_sop_class_a_record_gets() -> None:
    def sop_class(made: EcgRecord) -> str:
        return str(pydicom.dcmread(BytesIO(write_dicom(made))).SOPClassUID)

    assert sop_class(record()) == "1.2.840.10008.5.1.4.1.1.9.1.1"
    assert sop_class(record(count=16_385)) == "1.2.840.10008.5.1.4.1.1.9.1.2"
    assert sop_class(record(leads=TWELVE[:8])) == "1.2.840.10008.5.1.4.1.1.9.1.2"


def test_pydicom_reads_the_same_voltages_and_the_marks() -> None:
    made = record(lsb_nv=ODD, zero_nv=Fraction(1500), **FULL)
    file = pydicom.dcmread(BytesIO(write_dicom(made)))
    group = file.WaveformSequence[0]
    assert int.from_bytes(group[0x5400100A].value, "little", signed=True) == -32_768
    assert np.array_equal(
        np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12) == -32_768, missing(made)
    )
    microvolt = np.where(missing(made), np.nan, made.samples * 4.883 + 1.5)
    measured = ~missing(made)
    assert np.allclose(file.waveform_array(0)[measured], microvolt[measured])
    assert (file.QualityControlSubject, file.Modality, file.PatientName) == ("YES", "ECG", "")
    assert file.AcquisitionDateTime == "20260921221320.123000+0800"
    codes = [c.ChannelSourceSequence[0].CodeValue for c in group.ChannelDefinitionSequence]
    assert codes[2:7] == ["2:61", "2:62", "2:63", "2:64", "2:3"]


def test_edflib_reads_the_same_integers_and_the_gaps(tmp_path: Path) -> None:
    made = record(lsb_nv=ODD, more_gaps_of_last=((2000, 100),), **FULL)
    path = tmp_path / "ecg.edf"
    path.write_bytes(write_edf(made))
    with pyedflib.EdfReader(str(path)) as file:
        assert file.getSignalLabels() == [f"ECG {name}" for name in TWELVE]
        assert file.getSampleFrequencies().tolist() == [500.0] * 12
        assert file.starttime_subsecond == 1_230_000  # of 100 ns
        onsets, durations, texts = file.readAnnotations()
        for place, lead in enumerate(made.leads):
            digital = file.readSignal(place, digital=True)
            wanted = np.full(5500, file.digital_min(place))
            wanted[:5123] = np.where(missing(made)[:, place], wanted[:5123], made.samples[:, place])
            assert np.array_equal(digital, wanted)
            header = file.getSignalHeader(place)
            scale = (header["physical_max"] - header["physical_min"]) / (
                header["digital_max"] - header["digital_min"]
            )
            assert scale == pytest.approx(float(lead.lsb_nv) / 1000, rel=1e-12)
    noted = {
        (round(o * 500), round(max(d, 0) * 500), t)
        for o, d, t in zip(onsets, durations, texts, strict=True)
    }
    assert {(700, 321, "Signal gap"), (4000, 1, "Signal gap")} < noted
    assert {(2000, 100, "Signal gap@@ECG V6"), (5123, 0, "Recording ends")} < noted


def test_edflib_opens_a_file_that_begins_at_any_millisecond(tmp_path: Path) -> None:
    """The onset of every data record holds the fraction of the start, as a decimal text."""
    path = tmp_path / "ecg.edf"
    second_ms = BEGUN_MS - BEGUN_MS % 1000
    for ms in range(0, 1000, 7):
        made = record(count=1500, gaps=(), leads=("I",), begun_ms=second_ms + ms)
        path.write_bytes(write_edf(made))
        pyedflib.EdfReader(str(path)).close()
        assert read_edf(write_edf(made)).begun_ms == second_ms + ms


def test_a_file_of_edflib_is_read(tmp_path: Path) -> None:
    """Another codec's header: mV, an own range, a second kind of signal, no annotations of ours."""
    rows = record(count=1500, gaps=()).samples
    path = tmp_path / "other.edf"
    with pyedflib.EdfWriter(str(path), 4, file_type=pyedflib.FILETYPE_EDFPLUS) as file:
        voltage = {
            "dimension": "mV",
            "sample_frequency": 250,
            "prefilter": "",
            "transducer": "",
            "physical_min": -8.192,
            "physical_max": 8.1915,
            "digital_min": -16_384,
            "digital_max": 16_383,
        }
        file.setSignalHeaders(
            [
                voltage | {"label": "ECG II"},
                voltage | {"label": "EKG V1"},
                voltage | {"label": "aVF"},
                voltage | {"label": "SpO2", "dimension": "%", "sample_frequency": 1},
            ]
        )
        parts = [np.ascontiguousarray(rows[:, n]) for n in range(3)]
        file.writeSamples([*parts, np.full(6, 97, np.int32)], digital=True)
    found = read_edf(path.read_bytes())
    assert np.array_equal(found.samples, rows[:, :3])
    assert [lead.name for lead in found.leads] == ["II", "V1", "aVF"]
    assert {lead.lsb_nv for lead in found.leads} == {Fraction(500)}
    assert {lead.zero_nv for lead in found.leads} == {Fraction(0)}
    assert found.rate_hz == 250
    assert found.notes == ("signal 'SpO2' left out",)


def test_a_discontinuous_edf_has_a_gap() -> None:
    """EDF+D, made of our own continuous file: its second second began half a second later."""
    written = bytearray(write_edf(record(count=1500, gaps=(), leads=("I", "II"))))
    written[192:197] = b"EDF+D"
    assert written.count(b"+1.123\x14") == written.count(b"+2.123\x14") == 1
    later = bytes(written).replace(b"+1.123\x14", b"+1.623\x14")
    later = later.replace(b"+2.123\x14", b"+2.623\x14").replace(b"+3.123\x14", b"+3.623\x14")
    found = read_edf(later)
    assert found.gaps == ((500, 250),)
    assert found.count == 1750
    with pytest.raises(EcgFileError, match="overlap"):
        read_edf(later.replace(b"+1.623\x14", b"+0.623\x14"))


# ---- FHIR


def fhir(made: EcgRecord) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(write_fhir(made, "Patient/1"))
    return found


@pytest.mark.parametrize("name", ["plain", "gaps", "odd scale", "three leads", "broken rate"])
def test_fhir_is_valid_and_says_the_same(name: str) -> None:
    made = RECORDS[name]()
    written = fhir(made)
    Observation.model_validate(written)
    mask = missing(made)
    for place, component in enumerate(written["component"]):
        sampled = component["valueSampledData"]
        words = sampled["data"].split(" ")
        assert np.array_equal(np.array([word == "E" for word in words]), mask[:, place])
        values = [0 if word == "E" else int(word) for word in words]
        assert np.array_equal(values, made.samples[:, place])
        assert Fraction(str(sampled["factor"])) * 1000 == made.leads[place].lsb_nv
        assert Fraction(str(sampled["origin"]["value"])) * 1000 == made.leads[place].zero_nv
        assert abs(Fraction(str(sampled["period"])) * made.rate_hz / 1000 - 1) < Fraction(1, 10**15)


def test_test_data_carries_its_label_and_nothing_else_does() -> None:
    assert fhir(record(test=True))["meta"]["security"][0]["code"] == "HTEST"
    assert "meta" not in fhir(record())


@pytest.mark.parametrize(
    "spoil",
    [
        lambda written: written.pop("status"),
        lambda written: written.update(bogus=1),
        lambda written: written["effectivePeriod"].update(start="yesterday"),
        lambda written: written["component"][0]["valueSampledData"].pop("origin"),
        lambda written: written["component"][0]["valueSampledData"].pop("dimensions"),
        lambda written: written["component"][0]["valueSampledData"].update(period="x"),
    ],
)
def test_the_judge_of_fhir_rejects_what_is_wrong(spoil: Any) -> None:
    written = fhir(record(count=50, gaps=()))
    spoil(written)
    with pytest.raises(ValidationError):
        Observation.model_validate(written)


def test_fhir_refuses_what_is_too_long_or_has_no_decimal() -> None:
    count = MAX_FHIR_VALUES // 12 + 1
    zeros = replace(record(gaps=()), samples=np.zeros((count, 12), np.int32))
    with pytest.raises(EcgFileError, match="range"):
        write_fhir(zeros)
    with pytest.raises(EcgFileError, match="lsb_nv"):
        write_fhir(record(count=50, gaps=(), lsb_nv=Fraction(10, 3)))


# ---- other makers' files


def test_the_sample_of_pydicom_is_read_and_its_median_beat_left_out() -> None:
    found = read_dicom(SAMPLE.read_bytes())
    assert [lead.name for lead in found.leads] == list(TWELVE)
    assert {lead.lsb_nv for lead in found.leads} == {Fraction(1250)}
    assert (found.count, found.rate_hz, found.gaps) == (10_000, 1000, ())
    assert found.notes == ("1 further multiplex groups left out",)
    group = pydicom.dcmread(SAMPLE).WaveformSequence[0]
    wanted = np.frombuffer(group.WaveformData, "<i2").reshape(-1, 12)
    assert np.array_equal(found.samples, wanted)
    assert_same(read_dicom(write_dicom(found)), found, "notes")


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lead aVR", "aVR"), ("ECG V1", "V1"), ("Lead I (Einthoven)", "I"), ("ECG-II", "II"),
        ("MDC_ECG_LEAD_AVR", "aVR"), ("ECG MCL1", "MCL1"), ("v3r", "V3R"),
        ("Lead -aVR", "-aVR"), ("ECG -aVR", "-aVR"), ("-AVR", "-AVR"), ("Lead - aVR", "Lead - aVR"),
        ("ECG II-V5", "II-V5"), ("V1 - V2", "V1 - V2"), ("V1 -V2", "V1 -V2"),
        ("ECG I \u2212 II", "ECG I \u2212 II"), ("II minus V5", "II minus V5"),
    ],
)  # fmt: skip
def test_a_lead_turned_round_and_a_difference_are_no_standard_lead(text: str, name: str) -> None:
    assert name_in(text) == name


def test_a_lead_of_cabrera_stays_what_it_is_in_a_file() -> None:
    made = record(count=600, gaps=(), leads=("I", "-aVR", "II-V5"))
    assert_same(read_edf(write_edf(made)), made)
    written = write_dicom(made)
    assert_same(read_dicom(written), made)
    file = pydicom.dcmread(BytesIO(written))
    (source,) = file.WaveformSequence[0].ChannelDefinitionSequence[1].ChannelSourceSequence
    # SCP-ECG's number for the turned lead, which we do not write.
    source.CodeValue, source.CodingSchemeDesignator = "2:65", "MDC"
    source.CodeMeaning = "Lead -aVR"
    out = BytesIO()
    file.save_as(out)
    names = [lead.name for lead in read_dicom(out.getvalue()).leads]
    assert names == ["I", "-aVR", "II-V5"]
    assert not set(names[1:]) & set(STANDARD)


@pytest.mark.parametrize(
    ("kind", "bits", "low", "high"), [("SB", 8, -128, 127), ("UB", 8, 0, 255), ("US", 16, 0, 65535)]
)
@pytest.mark.parametrize("implicit", [False, True])
def test_other_sample_types_units_and_corrections(
    kind: str, bits: int, low: int, high: int, implicit: bool
) -> None:
    file = pydicom.dcmread(BytesIO(write_dicom(record(count=500, gaps=()))))
    group = file.WaveformSequence[0]
    values = np.random.default_rng(4).integers(low, high, (500, 12), endpoint=True)
    group.WaveformBitsAllocated, group.WaveformSampleInterpretation = bits, kind
    group.WaveformData = values.astype(f"<{'u' if low == 0 else 'i'}{bits // 8}").tobytes()
    for channel in group.ChannelDefinitionSequence:
        channel.ChannelSensitivity = "0.0025"
        channel.ChannelSensitivityCorrectionFactor = "1.2"
        channel.ChannelBaseline = "-0.5"
        channel.ChannelSensitivityUnitsSequence[0].CodeValue = "mV"
    if implicit:
        file.file_meta.TransferSyntaxUID = pydicom.uid.ImplicitVRLittleEndian
    out = BytesIO()
    file.save_as(out, implicit_vr=implicit, little_endian=True, enforce_file_format=True)
    found = read_dicom(out.getvalue())
    assert np.array_equal(found.samples, values)
    assert {(lead.lsb_nv, lead.zero_nv) for lead in found.leads} == {
        (Fraction(3000), Fraction(-500_000))
    }


# ---- parts and joints


def test_a_part_keeps_its_gaps_and_its_time() -> None:
    made = record()
    part = cut(made, 600, 1100)
    assert part.gaps == ((100, 321),)
    assert part.begun_ms == BEGUN_MS + 1200
    assert np.array_equal(part.samples, made.samples[600:1100])
    with pytest.raises(EcgFileError, match="range: no samples"):
        cut(made, 9000, 9001)


def test_joined_parts_are_the_whole_with_a_gap_between() -> None:
    made = record()
    whole = join([cut(made, 0, 600), cut(made, 1100, made.count)])
    assert whole.gaps == ((600, 500), (4000, 1))
    assert np.array_equal(whole.samples[1100:], made.samples[1100:])
    with pytest.raises(EcgFileError, match="leads"):
        join([made, record(leads=("I", "II"))])
    with pytest.raises(EcgFileError, match="range"):
        join([made, replace(made, begun_ms=BEGUN_MS + 30 * 86_400_000)])


def test_the_gaps_of_the_factory_are_those_of_the_record() -> None:
    assert record().gaps == GAPS
