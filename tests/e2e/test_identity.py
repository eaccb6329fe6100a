"""Who the patient is: an identity card on the vehicle's reader, and the record behind it."""

from acts import open_case
from playwright.sync_api import expect
from test_one_case import press_next

from conftest import SeatMaker
from goldenhour.simulator.residents import list_people


def test_a_card_is_taken_over_by_one_press_and_the_record_is_asked_for(seat: SeatMaker) -> None:
    person = list_people(1, 1)[0]
    desk = seat("dispatcher", "/dispatcher")
    open_case(desk.page, "学府路 6")
    before = desk.page.locator("[data-testid^=active-]").count()
    desk.page.get_by_test_id("dispatch").click()
    active = desk.page.locator("[data-testid^=active-]").nth(before)
    active.wait_for()
    call_sign = str(active.get_attribute("data-testid")).removeprefix("active-")
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page
    page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene", "at_patient"):
        press_next(page, milestone)
    expect(page.get_by_test_id("link-card-reader")).to_contain_text("读卡器")

    page.get_by_test_id("capture-patient").click()
    page.get_by_test_id("patient-name").fill("无名")
    page.get_by_test_id("read-card").click()
    proposal = page.get_by_test_id("card-proposal")
    for words in (person.name, person.id_number, "无名 · 不同"):
        expect(proposal).to_contain_text(words)
    page.get_by_test_id("take-card").click()
    expect(page.get_by_test_id("patient-sheet")).to_have_count(0)
    expect(page.get_by_test_id("patient-line")).to_contain_text(person.name)

    page.get_by_test_id("capture-patient").click()
    page.get_by_test_id("patient-portrait").click()
    expect(page.get_by_test_id("portrait")).to_have_attribute("data-state", "found")
    expect(page.get_by_test_id("portrait-alerts")).to_contain_text("青霉素")
    assert crew.errors == []
    assert desk.errors == []
