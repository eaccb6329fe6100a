"""An earlier ECG beside this one: found, on one paper, with the difference of the numbers."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from test_ecg_viewer import A4_ACROSS_PT, a_case_with_ecg, number
from test_one_case import shot
from test_record import measure_the_ecg
from test_record_paper import patient_of

from conftest import Node, SeatMaker, run_node
from factories.ecg_files import record
from goldenhour.wire.ecg_files import write_edf

BRING = """async ([path, octets]) =>
  (await fetch(path, {method: 'POST', body: new Uint8Array(octets)})).status"""


@pytest.fixture(scope="module")
def node() -> Iterator[Node]:
    """Of its own: the case stays open, and other tests count cases."""
    yield from run_node()


def test_an_earlier_ecg_stands_beside_this_one(node: Node, seat: SeatMaker) -> None:
    crew, ward = a_case_with_ecg(node, seat)
    page = ward.page
    page.get_by_test_id("ecgcmp-open").click()
    compared = page.get_by_test_id("ecgcmp")
    expect(compared).to_contain_text("本次病例还没有心电测量或导入文件")
    expect(page.get_by_test_id("ecgcmp-search")).to_have_attribute("data-search", "unknown")
    expect(page.get_by_test_id("ecgcmp-search")).to_contain_text("不按姓名查")
    shot(ward, "ecg-compare-none")
    page.keyboard.press("Escape")
    expect(compared).to_have_count(0)

    crew.page.get_by_test_id("capture-chart").click()
    crew.page.get_by_test_id("chart-procedure").click()
    measure_the_ecg(crew.page)
    read_by_a_physician(crew.page, page)
    quality = seat("quality", "/review")
    _incident, patient_id = patient_of(quality.page, "")  # there is one case
    bring_a_file(page, patient_id)

    page.reload()
    page.get_by_test_id("ecgcmp-open").click()
    older, newer = page.get_by_test_id("ecg-older"), page.get_by_test_id("ecg-newer")
    expect(older).to_be_visible()
    expect(newer).to_be_visible()
    left, right = older.bounding_box(), newer.bounding_box()
    assert left is not None
    assert right is not None
    assert left["x"] < right["x"]
    expect(compared).to_contain_text("HOUSE-3")
    expect(compared).to_contain_text("疑似，请医生判读")
    for speed, gain in ((50, 20), (25, 5), (25, 10)):
        page.get_by_test_id(f"ecgcmp-speed-{speed}").click()
        page.get_by_test_id(f"ecgcmp-gain-{gain}").click()
        expect(page.get_by_test_id("ecgcmp-scale")).to_have_text(f"{speed} mm/s · {gain} mm/mV")
        assert number(older, "data-px-a-mm") == number(newer, "data-px-a-mm")
    page.get_by_test_id("ecgcmp-true-size").click()
    assert number(older, "data-px-a-mm") == number(newer, "data-px-a-mm")
    table = page.get_by_test_id("ecgcmp-table")
    for words in ("心率", "PR", "QRS", "QTcF", "电轴", "ST V2 (mm)", "差值"):
        expect(table).to_contain_text(words)
    shot(ward, "ecg-compare")
    printed(page)
    page.keyboard.press("Escape")
    expect(compared).to_have_count(0)
    assert ward.errors == []


def read_by_a_physician(crew: Page, ward: Page) -> None:
    """Signed on board, the hospital reads it; corrected, both stay."""
    crew.get_by_test_id("ecg-read-open").click()
    crew.get_by_test_id("ecg-read-text").fill("窦性心律，未见ST抬高")
    crew.get_by_test_id("ecg-read-name").fill("陈静")
    crew.get_by_test_id("ecg-read-sign").click()
    expect(crew.get_by_test_id("ecg-read")).to_contain_text("陈静")
    expect(crew.get_by_test_id("ecg-waits")).to_have_count(0)
    expect(ward.get_by_test_id("ecg-read").first).to_contain_text("未见ST抬高")
    crew.get_by_test_id("ecg-read-open").click()
    crew.get_by_test_id("ecg-read-text").fill("下壁ST抬高")
    crew.get_by_test_id("ecg-read-reason").fill("复核")
    crew.get_by_test_id("ecg-read-name").fill("陈静")
    crew.get_by_test_id("ecg-read-sign").click()
    expect(ward.get_by_test_id("ecg-read").nth(1)).to_contain_text("下壁ST抬高")
    expect(ward.locator("[data-testid=ecg-read][data-gone]")).to_contain_text("复核")


def printed(page: Page) -> None:
    """Both in the print's own millimetres, and so at one scale."""
    page.evaluate("window.print = () => {}")
    page.get_by_test_id("ecgcmp-print").click()
    sheets = page.get_by_test_id("print-pair").get_by_test_id("print-sheet")
    expect(sheets).to_have_count(2)
    page.emulate_media(media="print")
    measure = "e => e.getBoundingClientRect().width / e.viewBox.baseVal.width"
    for sheet in sheets.all():
        assert abs(sheet.locator("svg").evaluate(measure) - 96 / 25.4) < 0.01
    pdf = page.pdf(prefer_css_page_size=True, print_background=True)
    assert len(re.findall(A4_ACROSS_PT, pdf)) == 3
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")
    expect(page.get_by_test_id("print-pair")).to_have_count(0)


def bring_a_file(page: Page, patient_id: str) -> None:
    data = write_edf(record(1, begun_ms=1_790_000_000_000, device="HOUSE-3"))
    path = f"/api/ecg/files?patient_id={patient_id}&name=old.edf"
    assert page.evaluate(BRING, [path, list(data)]) == 201
