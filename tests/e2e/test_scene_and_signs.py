"""What only a person can judge counts for the level, and a crash score reaches the desk."""

from acts import open_case, send_unit
from playwright.sync_api import Page, expect
from test_one_case import press_next, register_patient

from conftest import SeatMaker


def at_patient(page: Page) -> None:
    page.get_by_test_id("accept").click()
    for milestone in ("departed", "on_scene", "at_patient"):
        press_next(page, milestone)
    register_patient(page)


def judge(page: Page) -> None:
    """One yes is said, found by its word, and taken back."""
    page.get_by_test_id("capture-level").click()
    page.get_by_test_id("judged-open").click()
    page.get_by_test_id("judged-search").fill("休克")
    yes = page.get_by_test_id("judged-shock-true")
    box = yes.bounding_box()
    assert box is not None
    assert box["height"] >= 60
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_test_id("judged-back")).to_contain_text("濒危")
    page.get_by_test_id("judged-search").fill("")
    page.get_by_test_id("judged-rest-mind").click()
    expect(page.get_by_test_id("judged-rest-mind")).to_have_count(0)
    expect(page.get_by_test_id("judged-self_harm_risk-false")).to_have_attribute(
        "aria-pressed", "true"
    )
    yes.click()
    expect(yes).to_have_attribute("aria-pressed", "false")
    page.get_by_test_id("judged-back").click()
    expect(page.get_by_test_id("judged-open")).to_contain_text("0 项为是")
    page.get_by_test_id("sheet-close").click()


def test_signs_count_for_the_level_and_a_crash_asks_the_desk(seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    open_case(desk.page, "学府路 6")
    call_sign = send_unit(desk.page)
    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    page = crew.page
    at_patient(page)
    judge(page)

    page.get_by_test_id("capture-assess").click()
    page.get_by_test_id("sheet-crash").click()
    page.get_by_test_id("item-crash.injured_count").locator("input").fill("4")
    page.get_by_test_id("item-crash.injured_count").locator("input").blur()
    page.get_by_test_id("crash.trapped-true").click()
    expect(page.get_by_test_id("crash.trapped-true")).to_have_attribute("aria-pressed", "true")

    alert = desk.page.get_by_test_id("alert-scene_asks").first
    expect(alert).to_contain_text("消防")
    alert.locator(".what").click()
    desk.page.get_by_test_id("scene-open").click()
    dialog = desk.page.get_by_test_id("scene-dialog")
    expect(dialog.get_by_test_id("scene-fire")).to_contain_text("破拆")
    expect(dialog.get_by_test_id("scene-centre")).to_contain_text("增派")
    dialog.get_by_test_id("scene-seen").click()
    expect(dialog.get_by_test_id("scene-seen")).to_have_count(0)
    expect(desk.page.get_by_test_id("alert-scene_asks")).to_have_count(0)
    assert crew.errors == []
    assert desk.errors == []
