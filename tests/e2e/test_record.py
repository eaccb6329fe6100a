"""The ambulance as the first hospital room: a stroke assessed without a link, and its record."""

import re

from acts import board_with_a_patient
from playwright.sync_api import Page, Route, expect

from conftest import Node, SeatMaker


def write(page: Page, item: str, choice: str) -> None:
    """One touch; the answer stands when the touch is marked."""
    page.get_by_test_id(f"{item}-{choice}").click()
    expect(page.get_by_test_id(f"{item}-{choice}")).to_have_attribute("aria-pressed", "true")


def type_text(page: Page, field: str, words: str) -> None:
    box = page.get_by_test_id(f"item-{field}").locator("textarea")
    box.fill(words)
    box.blur()


def close(page: Page) -> None:
    page.get_by_test_id("sheet-close").click()


def press(page: Page, sign: str, keys: str) -> None:
    page.get_by_test_id(f"typed-{sign}").click()
    for key in keys:
        page.get_by_test_id(f"key-{key}").click()


def type_vital_signs(page: Page) -> None:
    """A slip is named, a rare value asked once more, and what was wrong is struck out."""
    page.get_by_test_id("capture-vitals").click()
    press(page, "nibp_sys", "178")
    press(page, "nibp_dia", "190")
    page.get_by_test_id("vitals-save").click()
    expect(page.get_by_test_id("refusal")).to_have_attribute("data-code", "diastolic_above")
    press(page, "nibp_dia", "⌫⌫⌫96")
    press(page, "temp", "26.5")
    page.get_by_test_id("typed-glucose").click()
    page.get_by_test_id("not-taken-no_device").click()
    page.get_by_test_id("vitals-save").click()
    expect(page.get_by_test_id("vitals-doubt")).to_contain_text("体温")
    page.get_by_test_id("vitals-confirm").click()
    entry = page.get_by_test_id("vitals-sheet").locator(".rec-entries li")
    expect(entry).to_contain_text("收缩压 178")
    entry.get_by_role("button").click()
    page.get_by_test_id("withdraw-reason").fill("体温记错")
    page.get_by_test_id("withdraw-go").click()
    expect(entry).to_have_attribute("data-gone", "true")
    press(page, "resp", "18")
    page.get_by_test_id("vitals-save").click()
    expect(entry).to_have_count(2)
    close(page)
    expect(page.get_by_test_id("vital-resp")).to_contain_text("18")


def examine_the_intubated(page: Page) -> None:
    page.get_by_test_id("capture-observe").click()
    page.get_by_test_id("gcs-VT").click()
    expect(page.get_by_test_id("gcs")).to_contain_text("E4VTM6")
    page.get_by_test_id("observe-save").click()
    expect(page.get_by_test_id("capture-observe")).to_contain_text("E4VTM6")


def test_a_stroke_assessed_without_a_link_sends_its_needs_and_a_signed_record(
    node: Node, seat: SeatMaker
) -> None:
    crew, _run = board_with_a_patient(node, seat)
    page = crew.page

    node.link.cut()
    type_vital_signs(page)
    examine_the_intubated(page)
    assess_a_stroke(page)
    give_in_spite_of_an_allergy(page)
    page.get_by_test_id("chart-procedure").click()
    page.get_by_test_id("region-forearm_left").click()
    page.get_by_test_id("procedure-iv_access").click()
    entries = page.get_by_test_id("chart-sheet").locator(".rec-entries li")
    expect(entries.filter(has_text="静脉通路")).to_contain_text("左前臂")
    measure_the_ecg(page)
    close(page)
    node.link.mend()

    page.get_by_test_id("capture-assess").click()
    page.get_by_test_id("sheet-stroke").click()
    page.get_by_test_id("to-destination").click()
    expect(page.get_by_test_id("need-thrombectomy_24h")).to_have_attribute("aria-pressed", "true")
    first = page.get_by_test_id("hospital-sheet").locator("[data-testid^=choose-]").first
    first.click()
    page.get_by_test_id("tier-alert").click()
    page.get_by_test_id("prealert-send").click()
    expect(page.get_by_test_id("prealert-send")).to_have_count(0)
    card = page.get_by_test_id("hospital-card").inner_text()
    name = next(line for line in card.splitlines() if "医院" in line or "保健院" in line).strip()
    account = next(a for a in node.accounts.values() if a["name"].startswith(name))
    ward = seat(account["username"], "/hospital")
    expect(ward.page.get_by_test_id("report")).to_contain_text("24 h 取栓")
    ward.page.get_by_test_id("show-record").click()
    record = ward.page.get_by_test_id("record-view")
    for words in ("卒中评估", "阿司匹林 300 mg", "静脉通路", "请医生判读"):
        expect(record).to_contain_text(words)

    sign_the_record(page)
    assert crew.errors == []
    assert ward.errors == []


def measure_the_ecg(page: Page) -> None:
    """Until the leads have been on for long enough; before that the crew is told so."""
    reading = page.get_by_test_id("ecg-reading")
    for _turn in range(20):
        page.get_by_test_id("ecg-measure").click()
        answer = reading.or_(page.locator("[data-testid=refusal][data-code=no_ecg]"))
        expect(answer.first).to_be_visible()
        if reading.is_visible():
            break
        page.wait_for_timeout(1_000)
    expect(reading).to_contain_text("请医生判读")


def assess_a_stroke(page: Page) -> None:
    page.get_by_test_id("capture-assess").click()
    page.get_by_test_id("sheet-stroke").click()
    reading = page.get_by_test_id("reading-stroke")
    reading.wait_for()
    # What the monitor says stands there before anybody has typed.
    pulse = page.get_by_test_id("item-stroke.heart_rate_per_min").locator("input")
    expect(pulse).to_have_attribute("placeholder", re.compile(r"\d+（实时）"))
    for item, choice in (
        ("cpss_face", "true"),
        ("lams_face", "droop"),
        ("lams_arm", "falls"),
        ("lams_grip", "weak"),
    ):
        write(page, f"stroke.{item}", choice)
    answer_before_it_is_stored(page)
    expect(reading).to_contain_text("危重")
    expect(reading).to_contain_text("24 h 取栓")
    close(page)


def answer_before_it_is_stored(page: Page) -> None:
    """It stands while the vehicle's computer is silent, and goes back when that refuses it."""
    item = page.get_by_test_id("item-stroke.cpss_arm")
    drifts = page.get_by_test_id("stroke.cpss_arm-true")
    held: list[Route] = []
    page.route("**/api/commands", lambda route: held.insert(0, route))
    with page.expect_request("**/api/commands"):
        drifts.click()
    expect(drifts).to_have_attribute("aria-pressed", "true")
    expect(item).to_have_attribute("data-unstored", "saving")
    held[0].continue_()
    page.unroute("**/api/commands")
    expect(item).not_to_have_attribute("data-unstored", re.compile("."))
    expect(drifts).to_have_attribute("aria-pressed", "true")

    refusal = {"code": "unknown_value", "field": "value", "detail": ""}
    page.route("**/api/commands", lambda route: route.fulfill(status=409, json=refusal))
    page.get_by_test_id("stroke.cpss_arm-false").click()
    expect(item.get_by_test_id("refusal")).to_have_attribute("data-code", "unknown_value")
    expect(drifts).to_have_attribute("aria-pressed", "true")
    page.unroute("**/api/commands")


def give_in_spite_of_an_allergy(page: Page) -> None:
    page.get_by_test_id("capture-record").click()
    page.get_by_test_id("section-history").click()
    write(page, "allergies", "nsaid")
    close(page)
    page.get_by_test_id("capture-chart").click()
    page.get_by_test_id("drug-aspirin").click()
    expect(page.get_by_test_id("drug-minded")).to_contain_text("非甾体")
    page.get_by_test_id("dose").fill("300")
    page.get_by_test_id("drug-give").click()
    expect(page.get_by_test_id("drug-stop")).to_contain_text("过敏")
    page.get_by_test_id("drug-reason").fill("心内科医嘱")
    page.get_by_test_id("drug-give").click()
    given = page.get_by_test_id("chart-sheet").locator(".rec-entries li")
    expect(given.filter(has_text="阿司匹林")).to_contain_text("心内科医嘱")


def sign_the_record(page: Page) -> None:
    page.get_by_test_id("capture-record").click()
    page.get_by_test_id("section-sign").click()
    expect(page.get_by_test_id("record-sign")).to_be_disabled()
    page.get_by_test_id("section-complaint").click()
    type_text(page, "complaint", "突发左侧无力")
    page.get_by_test_id("section-outcome").click()
    type_text(page, "impression", "卒中?")
    write(page, "outcome", "transported")
    write(page, "condition_change", "same")
    page.get_by_test_id("section-sign").click()
    page.get_by_test_id("record-name").fill("李医生")
    page.get_by_test_id("record-sign").click()
    expect(page.get_by_test_id("record-signed")).to_contain_text("李医生")
