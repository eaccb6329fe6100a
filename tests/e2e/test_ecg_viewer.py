"""The 12-lead ECG on a whole screen: frozen, measured, filtered, compared and printed.

The ECG is a recording that is played again, so what is on the paper is known to be there.
"""

import re
from pathlib import Path

from acts import board_with_a_patient
from playwright.sync_api import Locator, Page, expect
from test_one_case import choose_hospital
from test_screens import check, dress

from conftest import Node, Seat, SeatMaker

SHOTS = Path(__file__).parents[2] / "test-results"
WAIT_MS = 60_000
MORE_THAN_A_PAPER_MS = 12_000
A4_ACROSS_PT = rb"/MediaBox \[0 0 84[12][.0-9]* 59[456]"
OF_THIS_MINUTE = ".ecg-head .when, .ecg-head .gh-m { visibility: hidden }"


def a_case_with_ecg(node: Node, seat: SeatMaker) -> tuple[Seat, Seat]:
    """A patient on the way whose ECG both the crew and the hospital see."""
    crew, _run = board_with_a_patient(node, seat)
    hospital = choose_hospital(crew.page)
    accounts = node.accounts.items()
    taking = next(
        user
        for user, account in accounts
        if user.startswith("hospital") and account["name"].startswith(hospital)
    )
    return crew, seat(taking, "/hospital")


def drag(page: Page, over: Locator, right: int, up: int) -> None:
    box = over.bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + right, y - up, steps=4)
    page.mouse.up()


def number(element: Locator, name: str) -> float:
    return float(str(element.get_attribute(name)))


def ink(page: Page) -> str:
    """What is drawn on the paper, as a picture."""
    drawn = page.get_by_test_id("ecg-sheet").evaluate("canvas => canvas.toDataURL()")
    assert isinstance(drawn, str)
    return drawn


def test_the_ecg_is_read_on_a_whole_screen(node: Node, seat: SeatMaker) -> None:
    crew, ward = a_case_with_ecg(node, seat)
    page = ward.page
    page.get_by_test_id("ecg-door").dblclick(timeout=WAIT_MS)
    viewer = page.get_by_test_id("ecg-viewer")
    sheet = page.get_by_test_id("ecg-sheet")
    expect(viewer).to_contain_text("周建明")
    expect(viewer).to_contain_text("演示回放")
    scrolled_and_frozen(page, viewer)
    scaled(page, sheet)
    measured(page, viewer)
    filtered(page)
    compared(page, viewer)
    printed(page)
    page.keyboard.press("Escape")  # the comparison
    for theme in ("light", "dark"):
        page.keyboard.press("Escape")
        expect(viewer).to_have_count(0)
        dress(page, theme=theme)
        page.get_by_test_id("ecg-open").click()
        page.keyboard.press("f")
        expect(viewer).to_have_attribute("data-frozen", "true")
        page.add_style_tag(content=OF_THIS_MINUTE)
        check(page, ward.errors, f"ecg-viewer-{theme}")
    on_the_crews_tablet(crew)
    electrodes_moved(crew, ward)


def scrolled_and_frozen(page: Page, viewer: Locator) -> None:
    begun = number(viewer, "data-end")
    expect(viewer).not_to_have_attribute("data-end", f"{begun:.0f}")  # it moves by itself
    # Until the record is longer than one paper: otherwise its beginning is its end.
    while number(viewer, "data-end") < begun + MORE_THAN_A_PAPER_MS:
        page.wait_for_timeout(500)
    page.keyboard.press("f")
    expect(viewer).to_have_attribute("data-frozen", "true")
    stood = number(viewer, "data-end")
    page.keyboard.press("ArrowLeft")
    expect(viewer).to_have_attribute("data-end", f"{stood - 1000:.0f}")
    page.keyboard.press("Home")
    first = number(viewer, "data-end")
    assert first < stood
    page.keyboard.press("End")
    assert number(viewer, "data-end") >= stood
    expect(page.get_by_test_id("ecg-when")).to_contain_text(re.compile(r"\d\d:\d\d:\d\d"))


def scaled(page: Page, sheet: Locator) -> None:
    seconds = number(sheet, "data-seconds")
    page.get_by_test_id("speed-50").click()
    expect(sheet).not_to_have_attribute("data-seconds", f"{seconds:.2f}")
    assert number(sheet, "data-seconds") < 0.6 * seconds
    page.get_by_test_id("gain-20").click()
    expect(page.get_by_test_id("ecg-scale")).to_have_text("50 mm/s · 20 mm/mV")
    for layout in ("12x1", "6x2", "3x4"):
        page.get_by_test_id(f"layout-{layout}").click()
    page.get_by_test_id("speed-25").click()
    page.get_by_test_id("gain-10").click()


def measured(page: Page, viewer: Locator) -> None:
    """A drag of so many millimetres is so many milliseconds and millivolts."""
    mm = number(page.get_by_test_id("ecg-sheet"), "data-px-a-mm")
    page.get_by_test_id("tool-caliper").click()
    drag(page, page.get_by_test_id("calipers"), round(20 * mm), round(10 * mm))
    text = page.get_by_test_id("caliper-text")
    before = str(text.text_content())
    found = re.match(r"(\d+) ms · (\d+) .* · \+([\d.]+) mV", before)
    assert found is not None, before
    assert abs(int(found[1]) - 800) <= 10
    assert abs(int(found[2]) - 75) <= 1
    assert abs(float(found[3]) - 1.0) <= 0.03
    page.get_by_test_id("caliper-to").focus()
    page.keyboard.press("ArrowRight")
    expect(text).not_to_have_text(before)
    page.keyboard.press("m")
    expect(page.get_by_test_id("march-line").nth(4)).to_be_attached()
    page.keyboard.press("Escape")
    expect(text).to_have_count(0)
    expect(viewer).to_be_visible()


def filtered(page: Page) -> None:
    expect(page.get_by_test_id("ecg-filter")).to_have_text("未滤波")
    for _second in range(3):  # the newest ones may still be coming in
        page.keyboard.press("ArrowLeft")
    plain = ink(page)
    page.get_by_test_id("high-0.5").click()
    page.get_by_test_id("notch-50").click()
    expect(page.get_by_test_id("ecg-filter")).to_contain_text("陷波 50 Hz")
    expect(page.get_by_test_id("ecg-filter")).to_contain_text("高通 0.5 Hz")
    assert ink(page) != plain
    # Off again it is what it was: nothing that is stored was touched.
    page.get_by_test_id("high-0").click()
    page.get_by_test_id("notch-50").click()
    expect(page.get_by_test_id("ecg-filter")).to_have_text("未滤波")
    assert ink(page) == plain
    page.get_by_test_id("low-40").click()


def compared(page: Page, viewer: Locator) -> None:
    page.keyboard.press("d")
    first, second = page.get_by_test_id("side-a"), page.get_by_test_id("side-b")
    expect(page.get_by_test_id("compare-stacked")).to_be_visible()
    assert number(first, "data-end") < number(second, "data-end")
    moved = number(first, "data-end")
    page.keyboard.press("ArrowRight")
    expect(first).to_have_attribute("data-end", f"{moved + 1000:.0f}")
    page.get_by_test_id("beats").click()
    # Ten seconds of this recording hold ten beats or more, whole or not.
    beats = viewer.locator("canvas[data-beats]").get_attribute("data-beats")
    assert beats is not None
    assert min(int(count) for count in beats.split()) >= 5, beats


def printed(page: Page) -> None:
    sheets = page.get_by_test_id("print-sheet")
    expect(sheets).to_have_count(2)
    text = str(sheets.first.text_content())
    for words in ("周建明", "演示回放", "25 mm/s · 10 mm/mV", "低通 40 Hz", "第 1 页，共 2 页"):
        assert words in text
    assert "医生判读" not in text, "a caution without a reading"
    page.emulate_media(media="print")
    # A standard pulse is 10 mm high and ten seconds are 250 mm: in the print's own millimetres.
    svg = sheets.first.locator("svg")
    size = svg.evaluate("e => [e.getBoundingClientRect().width, e.viewBox.baseVal.width]")
    assert abs(size[0] / size[1] - 96 / 25.4) < 0.01
    assert "v-10" in str(page.get_by_test_id("print-pulse").first.get_attribute("d"))
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    page.emulate_media(media="screen")
    SHOTS.mkdir(exist_ok=True)
    (SHOTS / "ecg.pdf").write_bytes(pdf)
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == 2
    assert re.search(A4_ACROSS_PT, pdf), "not A4 across"


def on_the_crews_tablet(crew: Seat) -> None:
    page = crew.page
    page.get_by_test_id("ecg-open").click(timeout=WAIT_MS)
    page.get_by_test_id("as-sweep").click()
    expect(page.get_by_test_id("ecg-sweep")).to_be_visible()
    page.get_by_test_id("freeze").click()
    expect(page.get_by_test_id("ecg-viewer")).to_have_attribute("data-frozen", "true")
    page.keyboard.press("Escape")
    expect(page.get_by_test_id("ecg-viewer")).to_have_count(0)
    page.get_by_test_id("ecg-door").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_test_id("ecg-viewer")).to_be_visible()
    page.keyboard.press("Escape")
    assert crew.errors == []


def electrodes_moved(crew: Seat, ward: Seat) -> None:
    """Said once, both read V7 to V9 where V4 to V6 were; undone, both read the standard leads."""
    page, moved = crew.page, "leads-moved"
    ward.page.keyboard.press("Escape")  # the viewer
    page.get_by_test_id("leads-open").click()
    page.get_by_test_id("leads-place-posterior").click()
    page.screenshot(path=SHOTS / "crew-leads.png")
    page.get_by_test_id("leads-save").click()
    expect(page.get_by_test_id("leads-sheet")).to_have_count(0)
    for seat in (crew, ward):
        expect(seat.page.get_by_test_id(moved)).to_contain_text("V7-V9")
    ward.page.screenshot(path=SHOTS / "hospital-leads.png")
    page.get_by_test_id("leads-open").click()
    page.get_by_test_id("leads-undo").click()
    for seat in (crew, ward):
        expect(seat.page.get_by_test_id(moved)).to_have_count(0)
    assert crew.errors == ward.errors == []
