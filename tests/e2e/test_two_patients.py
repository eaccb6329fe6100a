"""Two patients in one vehicle: the monitor is on nobody until a band is read; a swap is mended."""

from acts import board_with_a_patient, timeline
from playwright.sync_api import Page, expect
from test_one_case import shot

from conftest import Node, SeatMaker

FIRST, SECOND, BAND, OTHER_BAND = "周建明", "林晓", "B-0001", "B-0002"


def register(page: Page, name: str) -> None:
    page.get_by_test_id("capture-patient").click()
    page.get_by_test_id("patient-sheet").wait_for()
    if page.get_by_test_id("patient-add").is_visible():
        page.get_by_test_id("patient-add").click()
    page.get_by_test_id("patient-name").fill(name)
    page.get_by_test_id("patient-save").click()
    expect(page.get_by_test_id("patient-save")).to_have_count(0)


def test_the_monitor_of_two_patients_is_bound_by_a_band(node: Node, seat: SeatMaker) -> None:
    crew, run = board_with_a_patient(node, seat, registered=False)
    page = crew.page
    register(page, FIRST)
    monitors = page.get_by_test_id("monitors")
    expect(monitors).to_contain_text(FIRST)
    expect(monitors).to_contain_text("按车绑定")

    register(page, SECOND)
    expect(monitors).to_contain_text("未绑定")
    expect(page.get_by_test_id("ecg-elsewhere")).to_be_visible()
    shot(crew, "crew-monitor-on-nobody")

    # A scanner is a keyboard that ends with Enter.
    monitors.get_by_role("button").first.click()
    expect(page.get_by_test_id("monitor-band")).to_be_focused()
    page.keyboard.type(BAND)
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("monitor-sheet")).to_contain_text("先选患者")
    page.get_by_test_id("monitor-patient").get_by_text(FIRST).click()
    shot(crew, "crew-monitor-bind")
    page.get_by_test_id("monitor-bind").click()
    expect(page.get_by_test_id("monitor-sheet")).to_have_count(0)
    expect(monitors).to_contain_text(FIRST)
    expect(monitors).to_contain_text(BAND)

    monitors.get_by_role("button").first.click()
    page.get_by_test_id("monitor-swap").click()
    page.get_by_role("button", name="−1 min").first.click()  # the beginning, before the band
    page.get_by_test_id("swap-patient").get_by_text(SECOND).click()
    page.get_by_test_id("reason").get_by_role("button").first.click()
    page.get_by_test_id("swap-save").click()
    expect(page.get_by_test_id("monitor-sheet")).to_have_count(0)
    monitors.get_by_role("button").first.click()
    page.get_by_test_id("monitor-swap").click()
    expect(page.get_by_test_id("swaps")).to_contain_text(SECOND)
    expect(page.get_by_test_id("swaps")).to_contain_text("导联接错人")
    shot(crew, "crew-monitor-swap")
    page.get_by_test_id("sheet-close").click()

    # A band that nobody wears is given to somebody who is registered, without a device; the triage
    # of its wearer opens then, and whenever it is scanned again.
    for given in (False, True):
        page.get_by_test_id("capture-patient").click()
        page.get_by_test_id("scan-band").click()
        expect(page.get_by_test_id("scan-code")).to_be_focused()
        page.keyboard.type(OTHER_BAND)
        page.keyboard.press("Enter")
        if not given:
            expect(page.get_by_test_id("scan-unworn")).to_contain_text(OTHER_BAND)
            shot(crew, "crew-band-unworn")
            page.locator("[data-testid^=scan-give-]").filter(has_text=SECOND).click()
        expect(page.get_by_test_id("patient-sheet")).to_have_count(0)
        expect(page.get_by_test_id("assess-sheet")).to_be_visible()
        expect(page.get_by_test_id("patient-line")).to_contain_text(SECOND)
        page.get_by_test_id("sheet-close").click()

    told = timeline(seat("quality", "/review").page, node, run.number)
    for words in ("未绑定：车上不止一名患者", f"腕带 {BAND}", OTHER_BAND, "更正设备", "导联接错人"):
        assert words in told
    assert crew.errors == []
