"""The record on paper at the vehicle and at the centre, and its completeness on the case's page."""

from pathlib import Path

from acts import board_with_a_patient
from playwright.sync_api import Page, expect
from test_one_case import choose_hospital, fetch

from conftest import Node, SeatMaker

SHOTS = Path(__file__).parents[2] / "test-results"


def patient_of(page: Page, number: str) -> tuple[str, str]:
    """Ids of the case and of its only patient, as the quality officer reads them."""
    cases = fetch(page, f"/api/cases?q={number}")()
    assert isinstance(cases, list)
    incident_id = cases[0]["incident_id"]
    timeline = fetch(page, f"/api/cases/{incident_id}/timeline")()
    assert isinstance(timeline, dict)
    streams = {event["stream"] for event in timeline["events"]}
    (patient,) = [stream for stream in streams if stream.startswith("patient:")]
    return incident_id, patient.removeprefix("patient:")


def test_the_record_is_printed_where_it_was_written_and_where_it_is_judged(
    node: Node, seat: SeatMaker
) -> None:
    crew, run = board_with_a_patient(node, seat)
    number, call_sign = run.number, run.call_sign
    choose_hospital(crew.page)

    quality = seat("quality", "/review")
    incident_id, patient_id = patient_of(quality.page, number)
    quality.page.goto(f"{node.centre}/review/{incident_id}")
    panel = quality.page.get_by_test_id("completeness")
    expect(panel).to_contain_text("NEMSIS 3.5.1")
    SHOTS.mkdir(exist_ok=True)
    quality.page.screenshot(path=SHOTS / "completeness-closed.png")
    quality.page.get_by_test_id("nemsis-open").click()
    expect(panel).to_contain_text("eSituation.11")  # nobody wrote an impression
    quality.page.screenshot(path=SHOTS / "completeness.png")
    quality.page.get_by_test_id("tab-ws542").click()
    expect(quality.page.get_by_test_id("ws542")).to_contain_text("0/")
    quality.page.screenshot(path=SHOTS / "ws542.png")

    for one, origin in ((crew, node.vehicle), (quality, node.centre)):
        one.page.goto(f"{origin}/record/{patient_id}")
        paper = one.page.get_by_test_id("paper")
        for text in (number, "周建明", call_sign, "62", "未记录", "尚未签字", "规则未签发"):
            expect(paper).to_contain_text(text)
        expect(one.page.get_by_test_id("times")).to_contain_text("T10")
        fhir = fetch(one.page, f"/api/patients/{patient_id}/record.fhir.json")()
        assert isinstance(fhir, dict)
        assert fhir["type"] == "document"
        assert one.errors == []
    pdf = crew.page.pdf(path=SHOTS / "record.pdf", prefer_css_page_size=True)
    assert pdf.startswith(b"%PDF")
