"""Before the click the first choice falls away: the dispatcher is shown it, and presses again."""

import json
from typing import Any

from acts import call_signs, close_case, end_run, open_case
from playwright.sync_api import Route, expect
from test_one_case import shot

from conftest import SeatMaker


def test_a_choice_that_fell_away_is_shown_before_anything_is_sent(seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    number = open_case(page, "学府路 6")
    before = call_signs(page)
    gone = page.get_by_test_id("candidate-1").locator(".call").inner_text().split()[0]
    then = page.get_by_test_id("candidate-2").locator(".call").inner_text().split()[0]

    def taken_meanwhile(route: Route) -> None:
        """What the server would say if another seat had just sent that unit."""
        answer = route.fetch()
        told: dict[str, Any] = answer.json()
        mine = [one for one in told["ranked"] if one["call_sign"] == gone]
        told["ranked"] = [one for one in told["ranked"] if one["call_sign"] != gone]
        told["skipped"] += [one | {"reasons": ["on_mission"]} for one in mine]
        route.fulfill(response=answer, body=json.dumps(told))

    page.route("**/api/recommend*", taken_meanwhile)
    page.get_by_test_id("dispatch").click()
    warning = page.get_by_test_id("choice-warning")
    expect(warning).to_contain_text(f"{gone} 现在不能派：执行任务中")
    expect(warning).to_contain_text(f"现在首选 {then}")
    assert call_signs(page) == before  # nothing was sent
    shot(desk, "dispatcher-choice")
    page.get_by_test_id("dispatch").click()
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    expect(warning).to_have_count(0)
    page.unroute("**/api/recommend*")
    (sent,) = call_signs(page) - before
    assert sent == then
    end_run(page, sent, "mistake")
    close_case(page, number)
    assert desk.errors == []
