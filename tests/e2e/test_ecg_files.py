"""ECG files: one of another device goes in at the vehicle, recordings come out at the hospital."""

from pathlib import Path

from playwright.sync_api import Page, expect
from test_ecg_viewer import WAIT_MS, a_case_with_ecg
from test_files import pick
from test_one_case import shot

from conftest import Node, SeatMaker
from factories.ecg_files import record
from goldenhour.wire.ecg_files import read_file, write_edf

MEDIA = "application/octet-stream"


def test_a_file_goes_in_at_the_vehicle_and_recordings_come_out_at_the_hospital(
    node: Node, seat: SeatMaker, tmp_path: Path
) -> None:
    crew, ward = a_case_with_ecg(node, seat)
    ward.page.get_by_test_id("ecg-door").wait_for(timeout=WAIT_MS)
    page = crew.page
    page.get_by_test_id("capture-files").click()
    sheet = page.get_by_test_id("files-sheet")
    pick(page, "ecg-file-input", "nothing.edf", MEDIA, b"no ECG at all")
    expect(sheet.get_by_test_id("refusal")).to_have_attribute("data-code", "ecg_unreadable")
    expect(sheet.get_by_test_id("file-ecg")).to_have_count(0)
    data = write_edf(record(1, begun_ms=1_790_000_000_000, device="HOUSE-3"))
    pick(page, "ecg-file-input", "old.edf", MEDIA, data)
    expect(page.get_by_test_id("ecg-file-kept")).to_be_visible()
    brought = sheet.get_by_test_id("file-ecg")
    expect(brought).to_have_count(1)
    shot(crew, "ecg-files-crew")
    with page.expect_download() as original:
        brought.get_by_test_id("ecg-take-original").click()
    assert Path(original.value.path()).read_bytes() == data

    page = ward.page
    page.get_by_test_id("ecg-files-open").click()
    dialog = page.get_by_test_id("ecg-files")
    expect(dialog.get_by_test_id("file-ecg")).to_have_count(1, timeout=WAIT_MS)
    recording = dialog.get_by_test_id("ecg-recording")
    recording.get_by_test_id("ecg-stretch-10").click()
    for form, ending in (("dicom", ".dcm"), ("edf", ".edf"), ("fhir", ".json")):
        kept = taken(page, form, tmp_path)
        assert kept.suffix == ending
        if form != "fhir":
            assert len(read_file(kept.read_bytes())[1].leads) == 12
    shot(ward, "ecg-files-ward")
    assert crew.errors == [] or all("400" in line for line in crew.errors)
    assert ward.errors == []


def taken(page: Page, form: str, folder: Path) -> Path:
    with page.expect_download() as waiting:
        page.get_by_test_id("ecg-recording").get_by_test_id(f"ecg-take-{form}").click()
    kept = folder / waiting.value.suggested_filename
    waiting.value.save_as(kept)
    return kept
