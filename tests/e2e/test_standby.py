"""Units wait at an occasion: a case without a call, a run without a patient."""

from acts import close_case, refusal, send_unit, short, timeline
from playwright.sync_api import expect
from test_one_case import press_next

from conftest import Node, SeatMaker


def test_a_standby_from_the_desk_to_the_end_without_a_patient(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    page = desk.page
    page.get_by_test_id("new-standby").click()
    page.get_by_test_id("standby-occasion").fill("城市马拉松 东门医疗点")
    page.get_by_test_id("standby-from").fill("2099-01-01T08:00")
    page.get_by_test_id("standby-until").fill("2099-01-01T07:00")
    page.get_by_test_id("standby-go").click()
    assert "结束" in refusal(page, "ends_before_it_begins")
    page.get_by_test_id("standby-until").fill("2099-01-01T12:00")
    page.get_by_test_id("standby-go").dblclick()
    expect(page.get_by_test_id("standby-dialog")).to_have_count(0)
    expect(page.get_by_test_id("standby-facts")).to_contain_text("城市马拉松")
    number = page.get_by_test_id("case-number").inner_text()
    expect(page.get_by_test_id(f"pending-{short(number)}")).to_contain_text("保障任务")

    # A place is all that it needs; nobody is asked whether somebody breathes.
    expect(page.get_by_test_id("dispatch")).to_have_count(0)
    page.get_by_test_id("address-input").click()
    page.get_by_test_id("address-input").fill("学府路 6")
    page.get_by_test_id("address-0").click()
    call_sign = send_unit(page)

    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    expect(crew.page.get_by_test_id("new-task")).to_contain_text("城市马拉松")
    crew.page.get_by_test_id("accept").click()
    expect(crew.page.get_by_test_id("task-card")).to_contain_text("保障时间")
    for milestone in ("departed", "on_scene"):
        press_next(crew.page, milestone)

    # Somebody falls ill, and it was a mistake; then the occasion is over.
    crew.page.get_by_test_id("standby-patient").click()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "loaded")
    crew.page.get_by_test_id("undo").click()
    expect(crew.page.get_by_test_id("next")).to_have_attribute("data-milestone", "cleared")
    crew.page.get_by_test_id("next").click()
    expect(crew.page.get_by_test_id("idle")).to_be_visible(timeout=15_000)
    expect(page.get_by_test_id(f"active-{call_sign}")).to_have_count(0)
    close_case(page, number)
    quality = seat("quality", "/review")
    assert "城市马拉松" in timeline(quality.page, node, number)
