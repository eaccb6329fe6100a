"""Cases compete for units: one is told whom to leave a unit for, another takes one on its way."""

import json

from acts import call_signs, close_case, end_run, open_case, open_existing, send_unit, short
from playwright.sync_api import Page, Route, expect
from test_one_case import shot

from conftest import SeatMaker


def set_level(page: Page, level: str) -> None:
    page.get_by_test_id("level").click()
    page.get_by_test_id(f"override-{level}").click()
    page.get_by_test_id("override-reason").fill("试验")
    page.get_by_test_id("override-go").click()
    expect(page.get_by_test_id("level")).to_have_attribute("data-level", level)


def test_the_milder_case_leaves_the_nearest_unit_to_the_graver(seat: SeatMaker) -> None:
    first, second = seat("dispatcher", "/dispatcher"), seat("dispatcher2", "/dispatcher")
    grave = open_case(first.page, "学府路 6")
    set_level(first.page, "R1")
    mild = open_case(second.page, "学府路 6")
    set_level(second.page, "R2")
    said = second.page.get_by_test_id("together")
    expect(said).to_contain_text(f"留给 {short(grave)} 号（R1）")
    nearest = second.page.get_by_test_id("candidate-1").locator(".call").inner_text().split()[0]
    assert nearest in said.inner_text()
    expect(first.page.get_by_test_id("together")).to_have_count(0)
    shot(second, "dispatcher-together")
    before = call_signs(second.page)
    second.page.get_by_test_id("together-send").click()
    expect(second.page.get_by_test_id("together")).to_have_count(0)
    expect(second.page.get_by_test_id("dispatch")).to_have_count(0)
    (sent,) = call_signs(second.page) - before
    assert sent != nearest
    end_run(second.page, sent, "mistake")
    close_case(second.page, mild)
    close_case(first.page, grave)
    for used in (first, second):
        assert used.errors == []


def test_a_unit_on_its_way_is_turned_to_a_graver_case_and_the_other_waits_again(
    seat: SeatMaker,
) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    mild = open_case(page, "学府路 6")
    set_level(page, "R3")
    unit = send_unit(page)
    etas = page.evaluate("async () => (await fetch('/api/etas')).json()")
    units = page.evaluate("async () => (await fetch('/api/city')).json()")["units"]
    unit_id = next(one["id"] for one in units if one["call_sign"] == unit)
    run = next(one["mission_id"] for one in etas if one["unit_id"] == unit_id)

    def nearly_there(route: Route) -> None:
        """Where the demo's vehicles stand is theirs: here this one passes by the graver case."""
        offer = {
            "mission_id": run,
            "candidate": {
                "unit_id": unit_id,
                "call_sign": unit,
                "eta_s": 95,
                "estimated": False,
                "position_age_s": 3,
                "reasons": [f"redirected_from:{mild}", "sooner_by:260", "leaves_none"],
            },
            "sooner_s": 260,
            "from_number": mild,
            "from_level": "R3",
            "instead_call_sign": "",
            "later_s": None,
        }
        route.fulfill(body=json.dumps([offer]), content_type="application/json")

    page.route("**/api/recommend/redirects*", nearly_there)
    grave = open_case(page, "学府路 2")
    set_level(page, "R0")
    offered = page.get_by_test_id(f"redirect-{unit}")
    expect(offered).to_contain_text(f"{unit} 正去 {short(mild)} 号（R3）")
    expect(offered).to_contain_text(f"{short(mild)} 号暂时无车，重新候车")
    shot(desk, "dispatcher-redirect")
    page.get_by_test_id(f"turn-{unit}").click()
    expect(offered).to_have_count(0)
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    page.unroute("**/api/recommend/redirects*")
    # The case that was left stands among those that wait, and says why.
    expect(page.get_by_test_id(f"pending-{short(mild)}")).to_be_visible()
    expect(page.locator("body")).to_contain_text("本案重新候车")
    end_run(page, unit, "mistake")
    close_case(page, grave)
    open_existing(page, mild)
    expect(page.get_by_test_id("dispatch")).to_be_visible()
    close_case(page, mild)
    assert desk.errors == []


def test_another_unit_takes_the_place_of_one_that_is_out(seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    number = open_case(page, "学府路 6")
    unit = send_unit(page)
    page.get_by_test_id(f"active-{unit}").click()
    page.get_by_test_id("relieve").click()
    dialog = page.get_by_test_id("relieve-dialog")
    others = dialog.locator("[data-testid^=relieve-]")
    expect(others.first).to_be_visible()
    shot(desk, "dispatcher-relieve")
    chosen = str(others.first.get_attribute("data-testid")).removeprefix("relieve-")
    assert chosen != unit
    others.first.click()
    expect(dialog).to_have_count(0)
    expect(page.get_by_test_id(f"active-{chosen}")).to_be_visible()
    expect(page.get_by_test_id(f"active-{unit}")).to_have_count(0)
    end_run(page, chosen)
    close_case(page, number)
    assert desk.errors == []
