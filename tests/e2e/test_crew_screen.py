"""What a crew must see on 1280 x 800 whatever else stands there: answer, alarm, call for help."""

from typing import Any

from acts import (
    close_case,
    end_run,
    open_case,
    send_unit,
)
from playwright.sync_api import Locator, expect
from test_one_case import choose_hospital, press_next, register_patient, shot
from test_turned_away import look_at

from conftest import Node, SeatMaker

TARGET_PX = 60
FAR_MS = 40_000


def whole(found: Locator) -> Any:
    """In the screen, cut by no box around it, and covered by nothing."""
    expect(found).to_be_visible()
    seen = found.evaluate(
        """element => {
          const box = element.getBoundingClientRect()
          let [top, bottom] = [0, innerHeight]
          for (let up = element.parentElement; up; up = up.parentElement) {
            if (getComputedStyle(up).overflowY === 'visible') continue
            const around = up.getBoundingClientRect()
            top = Math.max(top, around.top)
            bottom = Math.min(bottom, around.bottom)
          }
          const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2)
          const uncovered = element.contains(over) || over?.contains(element)
          const cut = box.top < top - 1 || box.bottom > bottom + 1
          return { height: box.height, cut, uncovered }
        }"""
    )
    assert seen["height"] > 0, seen
    assert not seen["cut"], seen
    assert seen["uncovered"], seen
    return seen


def expect_at(found: Locator, y: float) -> None:
    """In the next picture: until then what came above may have moved it, and nobody sees that."""
    now = found.evaluate(
        """element => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(
          () => done(element.getBoundingClientRect().y))))"""
    )
    assert abs(now - y) <= 1


def target(found: Locator) -> None:
    assert whole(found)["height"] >= TARGET_PX - 1


def test_the_answer_an_alarm_and_a_call_for_help(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page

    # One tap on the new task rings the caller up.
    target(page.get_by_test_id("callback"))
    shot(crew, "crew-new-task-caller")
    page.get_by_test_id("callback").click()
    expect(page.get_by_test_id("callback-state")).to_be_visible()
    page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene", "at_patient"):
        press_next(page, milestone)
    register_patient(page)
    hospital = choose_hospital(page)
    (ward_name,) = [a for a, row in node.accounts.items() if row["name"].startswith(hospital)]
    ward = seat(ward_name, "/hospital")
    look_at(ward.page, number)
    ward.page.get_by_test_id("acknowledge").click()
    ward.page.get_by_test_id("ack-name").fill("王立群")
    ward.page.get_by_test_id("ack-bay").fill("抢救 1")
    ward.page.get_by_test_id("ack-save").click()
    answer = page.get_by_test_id("prealert-answer")
    expect(answer).to_contain_text("王立群")
    page.get_by_test_id("ecg").wait_for()
    expect(page.get_by_test_id("link-ecg")).to_contain_text("心电")
    expect(page.get_by_test_id("link-monitor")).to_contain_text("周建明")

    # An alarm: the centre is out of reach. It moves nothing that is about to be touched.
    page.get_by_test_id("capture-assess").click()
    page.get_by_test_id("sheet-chest_pain").click()
    asked = page.locator(".rec-item").nth(2)
    expect(page.get_by_test_id("reading-chest_pain")).to_be_visible()
    stood = asked.bounding_box()
    node.link.cut()
    alarm = page.get_by_test_id("silence-link")
    expect(alarm).to_be_visible(timeout=FAR_MS)
    assert stood is not None
    expect_at(asked, stood["y"])
    page.get_by_test_id("sheet-close").click()
    for theme in ("", "-other"):
        whole(answer)
        target(page.get_by_test_id("choose-hospital"))
        target(page.get_by_test_id("open-sign"))
        target(page.get_by_test_id("monitors").get_by_role("button"))
        target(page.get_by_test_id("ecg-open"))
        target(alarm.get_by_role("button"))
        whole(page.get_by_test_id("patient-line"))
        shot(crew, f"crew-alarm{theme}")
        page.get_by_test_id("menu").click()
        whole(page.get_by_test_id("logout"))
        whole(page.get_by_test_id("crew-menu").get_by_role("button", name="关闭"))
        expect(page.get_by_test_id("crew-menu")).not_to_contain_text("unit:")
        shot(crew, f"crew-menu{theme}")
        page.get_by_test_id("theme").click()
        page.get_by_test_id("menu").click()

    # No sheet covers it, nor whose the monitor is.
    page.get_by_test_id("capture-record").click()
    page.get_by_test_id("sheet-close").wait_for()
    target(alarm.get_by_role("button"))
    whole(page.get_by_test_id("link-monitor"))
    shot(crew, "crew-alarm-sheet")
    page.get_by_test_id("sheet-close").click()

    # Help that is called now has not left the vehicle, and nobody is told otherwise.
    page.get_by_test_id("menu").click()
    page.get_by_test_id("sos").hover()
    page.mouse.down()
    said = page.get_by_test_id("sos-state")
    expect(said).to_contain_text("还没有发出")
    page.mouse.up()
    whole(said)
    shot(crew, "crew-help-unsent")
    node.link.mend()
    expect(said).to_contain_text("还没有人确认", timeout=FAR_MS)
    alert = desk.page.get_by_test_id("alert-sos")
    alert.locator(".what").click()
    expect(desk.page.get_by_test_id(f"active-{call_sign}")).to_contain_text("呼救")
    expect(desk.page.get_by_test_id(f"help-{call_sign}")).to_be_visible()
    shot(desk, "dispatcher-help")
    desk.page.get_by_test_id("ack-sos").click()
    expect(said).to_contain_text("已确认求助", timeout=FAR_MS)
    shot(crew, "crew-help-answered")
    # The desk has spoken with the crew; the crew reads who ended it and why, and may call again.
    desk.page.get_by_test_id("end-help").click()
    desk.page.get_by_test_id("reason-1").click()
    expect(desk.page.get_by_test_id(f"help-{call_sign}")).to_have_count(0)
    over = page.get_by_test_id("sos-over")
    expect(over).to_contain_text("已与车组通话", timeout=FAR_MS)
    whole(over)
    shot(crew, "crew-help-over")
    target(page.get_by_test_id("sos-over-seen"))
    page.get_by_test_id("sos-over-seen").click()
    expect(over).to_have_count(0)
    page.get_by_test_id("menu").click()
    page.get_by_test_id("sos").hover()
    page.mouse.down()
    expect(said).to_be_visible()
    page.mouse.up()
    page.get_by_test_id("sos-reason").fill("人已离开")
    page.get_by_test_id("sos-end").click()
    expect(page.get_by_test_id("sos-bar")).to_have_count(0)

    end_run(desk.page, call_sign, "refused")
    close_case(desk.page, number)
    for used in (desk, crew, ward):
        assert used.errors == []
