"""An earlier ECG beside this one: found, on one paper, with the difference of the numbers."""

from playwright.sync_api import Page, expect
from test_ecg_viewer import a_case_with_ecg, number
from test_one_case import shot
from test_record import measure_the_ecg
from test_record_paper import patient_of

from conftest import Node, Seat, SeatMaker
from factories.ecg_files import record
from goldenhour.wire.ecg_files import write_edf

BRING = """async ([path, octets]) =>
  (await fetch(path, {method: 'POST', body: new Uint8Array(octets)})).status"""


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
    call_sign = crew.page.get_by_test_id("call-sign").inner_text()
    doctor = seat(f"doctor-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    signed_by_a_physician(crew, ward, doctor, f"医生（{call_sign}）")
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
    page.keyboard.press("Escape")
    expect(compared).to_have_count(0)
    assert ward.errors == []


def signed_by_a_physician(crew: Seat, ward: Seat, doctor: Seat, name: str) -> None:
    """In the own account and by no other, on board; and read at the hospital."""
    expect(crew.page.get_by_test_id("ecg-read-who")).to_contain_text("医生本人的账号")
    expect(crew.page.get_by_test_id("ecg-read-open")).to_have_count(0)
    page = doctor.page
    page.get_by_test_id("capture-chart").click()
    page.get_by_test_id("chart-procedure").click()
    page.get_by_test_id("ecg-read-open").click()
    expect(page.get_by_test_id("ecg-read-as")).to_contain_text(name)
    page.get_by_test_id("ecg-read-text").fill("下壁 ST 段抬高")
    shot(doctor, "crew-ecg-read")
    box = page.get_by_test_id("ecg-read-sign").bounding_box()
    assert box is not None
    assert box["height"] >= 60
    page.get_by_test_id("ecg-read-sign").click()
    expect(crew.page.get_by_test_id("ecg-read")).to_contain_text(name)
    said = ward.page.get_by_test_id("ecg").get_by_test_id("ecg-said")
    expect(said).to_contain_text("下壁 ST 段抬高")
    shot(ward, "hospital-ecg-read")
    crew.page.keyboard.press("Escape")


def bring_a_file(page: Page, patient_id: str) -> None:
    data = write_edf(record(1, begun_ms=1_790_000_000_000, device="HOUSE-3"))
    path = f"/api/ecg/files?patient_id={patient_id}&name=old.edf"
    assert page.evaluate(BRING, [path, list(data)]) == 201
