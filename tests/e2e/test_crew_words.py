"""What a crew says and how it ends: kept over a reload, corrected, signed without a patient.

And what it says before it drives: the check of the shift, and who takes the vehicle over.
"""

from acts import close_case, end_run, open_case, send_unit
from playwright.sync_api import Page, expect
from test_crew_screen import FAR_MS, target, whole
from test_one_case import choose_hospital, press_next, register_patient, shot
from test_turned_away import look_at

from conftest import Node, SeatMaker

COMMANDS = "**/api/commands"


def reach_unanswered(page: Page, milestone: str) -> None:
    """The tablet has lost its box: what is pressed waits, and outlives a reload."""
    page.route(COMMANDS, lambda route: route.abort())
    button = page.get_by_test_id("next")
    expect(button).to_have_attribute("data-milestone", milestone)
    button.click()
    waiting = page.get_by_test_id("unsent-mine")
    expect(waiting).to_contain_text("未送出 1 条")
    page.reload()
    expect(waiting).to_contain_text("未送出 1 条", timeout=FAR_MS)
    whole(waiting)


def test_the_check_of_a_shift_is_handed_over_with_a_second_signature(
    node: Node, seat: SeatMaker
) -> None:
    call_sign = max(user for user in node.accounts if user.startswith("crew-"))[5:].upper()
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page
    note = page.get_by_test_id("shift-note")
    expect(note).to_contain_text("本班还没有做班前检查")
    target(page.get_by_test_id("shift-open"))
    page.get_by_test_id("shift-open").click()
    sheet = page.get_by_test_id("shift-sheet")
    page.get_by_test_id("shift-name").fill("李敏")
    # Vehicle, oxygen, drugs, devices, communication: nothing is taken for checked.
    expect(page.get_by_test_id("shift-save")).to_have_count(0)
    numbers = sheet.locator("[data-testid$=-number]")
    for place in range(numbers.count()):
        least_most = str(numbers.nth(place).get_attribute("placeholder"))
        numbers.nth(place).fill(least_most.rpartition("–")[2])
    yes = sheet.locator("[data-testid$=-true]")
    for place in range(yes.count()):
        yes.nth(place).click()
    target(page.get_by_test_id("shift-drug_box-false"))
    page.get_by_test_id("shift-drug_box-false").click()
    fuel = page.get_by_test_id("shift-fuel-number")
    fuel.fill("250")
    expect(page.get_by_test_id("shift-fuel")).to_contain_text("请填 0 至 100 的数")
    expect(page.get_by_test_id("shift-save")).to_have_count(0)
    fuel.fill("40")
    shot(crew, "crew-shift-check")
    page.get_by_test_id("shift-save").click()
    expect(sheet).to_have_count(0)
    for words in ("李敏", "接班人还没有签字", "油电不足", "药品缺失或过期"):
        expect(note).to_contain_text(words)

    page.get_by_test_id("shift-open").click()
    take_over = page.get_by_test_id("shift-take-over")
    expect(take_over).to_contain_text("药品缺失或过期")
    page.get_by_test_id("shift-taker").fill("李敏")
    expect(take_over).to_contain_text("须由两个人签字")
    expect(page.get_by_test_id("shift-sign")).to_have_count(0)
    page.get_by_test_id("shift-taker").fill("赵强")
    page.get_by_test_id("shift-sign").scroll_into_view_if_needed()
    target(page.get_by_test_id("shift-sign"))
    shot(crew, "crew-shift-hand-over")
    page.get_by_test_id("shift-sign").click()
    expect(take_over).to_have_count(0)
    expect(page.get_by_test_id("shift-earlier")).to_contain_text("李敏 → 赵强")
    page.get_by_test_id("sheet-close").click()
    expect(note).to_contain_text("赵强 已接班签字")
    shot(crew, "crew-shift-done")

    desk = seat("dispatcher", "/dispatcher")
    defects = desk.page.get_by_test_id(f"defects-{call_sign}")
    expect(defects).to_contain_text("油电不足、药品缺失或过期")
    for used in (desk, crew):
        assert used.errors == []


def test_what_had_no_answer_is_sent_after_a_reload_and_a_pre_alert_is_corrected(
    node: Node, seat: SeatMaker
) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 6")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page
    page.get_by_test_id("accept").click()
    reach_unanswered(page, "departed")
    shot(crew, "crew-unsent")
    page.unroute(COMMANDS)
    expect(page.get_by_test_id("unsent-mine")).to_have_count(0, timeout=FAR_MS)
    expect(page.get_by_test_id("next")).to_have_attribute("data-milestone", "on_scene")

    for milestone in ("on_scene", "at_patient"):
        press_next(page, milestone)
    register_patient(page)
    hospital = choose_hospital(page)
    (ward_name,) = [a for a, row in node.accounts.items() if row["name"].startswith(hospital)]
    ward = seat(ward_name, "/hospital")
    look_at(ward.page, number)

    def accept(bay: str) -> None:
        ward.page.get_by_test_id("acknowledge").click()
        ward.page.get_by_test_id("ack-name").fill("王立群")
        ward.page.get_by_test_id("ack-bay").fill(bay)
        ward.page.get_by_test_id("ack-save").click()
        expect(ward.page.get_by_test_id("ack-save")).to_have_count(0)

    accept("抢救 1")
    answer = page.get_by_test_id("prealert-answer")
    expect(answer).to_contain_text("王立群", timeout=FAR_MS)
    correct = page.get_by_test_id("correct-prealert")
    target(correct)
    correct.click()
    needs = page.locator("[data-testid^=need-][aria-pressed=false]")
    needs.first.click()
    page.get_by_test_id("mist-S").fill("血压下降 80/50")
    shot(crew, "crew-correct-prealert")
    page.get_by_test_id("prealert-send").click()
    expect(page.get_by_test_id("prealert-send")).to_have_count(0)
    expect(answer).not_to_contain_text("王立群")
    told = ward.page.get_by_test_id("answer").get_by_test_id("corrected")
    expect(told).to_contain_text("需求、病情摘要", timeout=FAR_MS)
    shot(ward, "hospital-corrected")
    accept("抢救 2")
    expect(answer).to_contain_text("抢救 2", timeout=FAR_MS)

    end_run(desk.page, call_sign, "refused")
    close_case(desk.page, number)
    for used in (desk, crew, ward):
        assert used.errors == []


def test_a_run_without_a_patient_is_signed_and_printed(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    number = open_case(desk.page, "学府路 8")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page
    page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene"):
        press_next(page, milestone)
    target(page.get_by_test_id("untreated"))
    end_run(desk.page, call_sign, "no_patient")
    page.get_by_test_id("called-off-seen").click(timeout=FAR_MS)
    run = page.get_by_test_id(f"untreated-run-{number}")
    expect(run).to_contain_text("未说明原因")
    run.get_by_test_id("untreated-open").click()
    page.get_by_test_id("untreated-reason-refused").click()
    expect(page.get_by_test_id("untreated-first")).to_contain_text("当事人签署")
    page.get_by_test_id("untreated-signer").fill("张某")
    page.get_by_test_id("untreated-witness").fill("王某")
    shot(crew, "crew-untreated")
    page.get_by_test_id("untreated-sign").click()
    expect(page.get_by_test_id("untreated-signed")).to_contain_text("当事人拒绝救治")
    paper = crew.context.new_page()
    paper.goto(f"{node.vehicle}{page.get_by_test_id('untreated-print').get_attribute('href')}")
    expect(paper.get_by_test_id("paper")).to_contain_text("王某")
    expect(paper.get_by_test_id("paper")).to_contain_text(number)
    page.get_by_test_id("sheet-close").click()
    expect(run).to_contain_text("已签")
    close_case(desk.page, number)
    for used in (desk, crew):
        assert used.errors == []
