"""What the fleet drove today, as quality reads it."""

from playwright.sync_api import expect
from test_one_case import shot

from conftest import Node, SeatMaker


def test_the_mileage_of_the_fleet_is_read_and_taken_along(node: Node, seat: SeatMaker) -> None:
    del node
    office = seat("quality", "/fleet")
    page = office.page
    row = page.get_by_test_id("fleet-A-01")
    # How far it went is the day's own matter; that its terminal came, the page sees by itself.
    expect(row.locator("td").last).not_to_have_text("0", timeout=60_000)
    with page.expect_download() as download:
        page.get_by_test_id("fleet-csv").click()
    assert download.value.path().read_text(encoding="utf-8-sig").startswith("车号,站点,")
    shot(office, "fleet")
    page.get_by_test_id("fleet-until").fill("2020-01-01")
    expect(page.get_by_test_id("fleet")).to_contain_text("请选起止日期")
    assert office.errors == []
