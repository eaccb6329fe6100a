"""No bed anywhere, a hospital that says no, a desk that chooses, a crew that chooses last."""

import re

from acts import (
    close_case,
    end_run,
    open_case,
    send_unit,
    short,
    slow_line,
    timeline,
)
from playwright.sync_api import Locator, Page, expect
from test_one_case import choose_hospital, press_next, register_patient

from conftest import Node, Seat, SeatMaker


def report_no_bed(page: Page) -> None:
    page.get_by_test_id("report-beds").click()
    fields = page.get_by_test_id("beds-dialog").locator("input")
    for i in range(fields.count()):
        fields.nth(i).fill("0")
    page.get_by_test_id("beds-save").dblclick()
    expect(page.get_by_test_id("beds-dialog")).to_have_count(0)


def prealert(page: Page) -> None:
    page.get_by_test_id("tier-alert").click()
    page.get_by_test_id("mist-M").fill("胸痛 30 分钟")
    page.get_by_test_id("prealert-send").dblclick()
    expect(page.get_by_test_id("prealert-send")).to_have_count(0)


def choose(page: Page, hospital_id: str) -> None:
    page.get_by_test_id("choose-hospital").click()
    page.get_by_test_id(f"choose-{hospital_id}").click()
    page.get_by_test_id("prealert-sheet").wait_for()


def send_to(page: Page, call_sign: str, hospital_id: str, reason: str) -> None:
    """The desk chooses for the crew, never without a reason."""
    page.get_by_test_id(f"active-{call_sign}").click()
    page.get_by_test_id("destination").click()
    expect(page.get_by_test_id(f"destination-{hospital_id}")).to_be_visible()
    expect(page.get_by_test_id(f"send-to-{hospital_id}")).to_have_count(0)
    page.get_by_test_id("destination-reason").fill(reason)
    page.get_by_test_id(f"send-to-{hospital_id}").dblclick()
    expect(page.get_by_test_id("destination-dialog")).to_have_count(0)


def acknowledge(page: Page, name: str) -> None:
    page.get_by_test_id("acknowledge").click()
    page.get_by_test_id("ack-name").fill(name)
    page.get_by_test_id("ack-bay").fill("抢救 1")
    page.get_by_test_id("ack-save").dblclick()
    expect(page.get_by_test_id("ack-dialog")).to_have_count(0)


def arrival(page: Page, number: str) -> Locator:
    """The case's row: others may be on their way to the same hospital."""
    rows = page.get_by_test_id("inbound-board").locator("[data-testid^=inbound-]")
    return rows.filter(has_text=short(number))


def look_at(page: Page, number: str) -> None:
    arrival(page, number).click(position={"x": 5, "y": 5})
    expect(page.get_by_test_id("patient-head")).to_contain_text(number)


def sees_no_more(page: Page, number: str) -> None:
    """The open screen loses the case, and asking again brings nothing back."""
    expect(arrival(page, number)).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(number)
    page.reload()
    page.get_by_test_id("inbound-board").wait_for()
    expect(page.locator("body")).not_to_contain_text(number)


def test_a_patient_is_turned_away_until_somebody_takes_them(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene", "at_patient"):
        press_next(crew.page, milestone)
    register_patient(crew.page)

    wards: dict[str, Seat] = {}
    for username in ("hospital1", "hospital2", "hospital3"):
        ward = seat(username, "/hospital")
        report_no_bed(ward.page)
        name = node.accounts[username]["name"].removesuffix(" 急诊")
        wards[name] = ward

    # No bed anywhere is said at every hospital, and still one can be chosen.
    crew.page.get_by_test_id("capture-hospital").click()
    ranked = crew.page.get_by_test_id("hospital-sheet").locator("[data-testid^=rank-]")
    expect(ranked).to_have_count(len(wards))
    ids: dict[str, str] = {}
    for i in range(len(wards)):
        expect(ranked.nth(i)).to_contain_text("无空床")
        text = ranked.nth(i).inner_text()
        (name,) = [name for name in wards if name in text]
        ids[name] = str(ranked.nth(i).get_attribute("data-testid")).removeprefix("rank-")
    crew.page.keyboard.press("Escape")
    first = choose_hospital(crew.page)
    second, third = [name for name in wards if name != first]

    # The first says no; the desk is alarmed, the crew told, and the first sees nothing more.
    page = wards[first].page
    look_at(page, number)
    page.get_by_test_id("decline").click()
    expect(page.get_by_test_id("decline-save")).to_have_count(0)
    page.get_by_test_id("refusal-no_bed").click()
    page.get_by_test_id("decline-save").dblclick()
    expect(desk.page.get_by_test_id("alert-prealert_declined")).to_be_visible()
    expect(crew.page.get_by_test_id("prealert-answer")).to_contain_text("拒")
    sees_no_more(page, number)

    # The crew tries the second. The desk sends it to the third while the crew writes: nobody is
    # told by mistake, and the crew says it again.
    choose(crew.page, ids[second])
    expect(crew.page.get_by_test_id("hospital-card")).to_contain_text(second)
    send_to(desk.page, call_sign, ids[third], "先问第三家")
    expect(crew.page.get_by_test_id("prealert-moved")).to_contain_text(third)
    expect(crew.page.get_by_test_id("prealert-send")).to_be_disabled()
    crew.page.keyboard.press("Escape")
    expect(crew.page.get_by_test_id("hospital-card")).to_contain_text(third)
    choose(crew.page, ids[second])
    # At once, and not when the run's row has followed: somebody quick would alert the first again.
    assert second in crew.page.get_by_test_id("prealert-sheet").inner_text()
    prealert(crew.page)
    look_at(wards[second].page, number)
    acknowledge(wards[second].page, "王立群")
    expect(crew.page.get_by_test_id("prealert-answer")).to_contain_text("王立群")
    expect(desk.page.get_by_test_id("alert-prealert_declined")).to_have_count(0)

    # The desk chooses the third, never without a reason; the second is let go, the third told.
    send_to(desk.page, call_sign, ids[third], "导管室在第三家")
    expect(crew.page.get_by_test_id("desk-chose")).to_contain_text("导管室在第三家")
    expect(crew.page.get_by_test_id("hospital-card")).to_contain_text(third)
    sees_no_more(wards[second].page, number)

    # The crew knows better: its own later choice stands, and the second is told again. The third,
    # whose line lags, still says yes and is told in words.
    with slow_line(wards[third].page) as freeze:
        page = wards[third].page
        look_at(page, number)
        page.get_by_test_id("acknowledge").click()
        page.get_by_test_id("ack-name").fill("陈岚")
        page.get_by_test_id("ack-bay").fill("2")
        freeze()
        crew.page.get_by_test_id("choose-hospital").click()
        crew.page.get_by_test_id(f"choose-{ids[second]}").click()
        expect(crew.page.get_by_test_id("hospital-sheet")).to_have_count(0)
        page.get_by_test_id("ack-save").click()
        # Five seconds after it was withdrawn the case is nothing that this hospital may know of.
        refused = page.get_by_test_id("ack-dialog").get_by_test_id("refusal")
        expect(refused).to_have_attribute("data-code", re.compile("handover_withdrawn|absent"))
        expect(refused).to_contain_text(re.compile("撤回|无权查看"))
        look_at(wards[second].page, number)
    expect(crew.page.get_by_test_id("desk-chose")).to_have_count(0)
    expect(desk.page.get_by_test_id(f"active-{call_sign}")).to_contain_text("医院未确认")

    # The run is called off: the second waits for nobody.
    end_run(desk.page, call_sign, "refused")
    sees_no_more(wards[second].page, number)
    close_case(desk.page, number)
    told = timeline(seat("quality", "/review").page, node, number)
    for words in (first, second, third, "先问第三家", "导管室在第三家", "抢救 1"):
        assert words in told, f"{words} is missing in: {told}"
    for used in (desk, crew, *wards.values()):
        assert used.errors == []
