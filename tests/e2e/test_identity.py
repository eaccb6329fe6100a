"""Who the patient is: an identity card on the vehicle's reader, and the record behind it."""

from acts import board_with_a_patient
from playwright.sync_api import expect

from conftest import Node, SeatMaker
from goldenhour.simulator.residents import list_people


def test_a_card_is_taken_over_by_one_press_and_the_record_is_asked_for(
    node: Node, seat: SeatMaker
) -> None:
    person = list_people(1, 1)[0]
    crew, _run = board_with_a_patient(node, seat, registered=False)
    page = crew.page
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
