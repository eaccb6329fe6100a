"""Every screen as a person sees it: whole, in words, in its font, without scrolling its frame.

The pictures are written to test-results/screens; docs/reference/screens.md shows a set of them.
"""

from pathlib import Path

import pytest
from acts import answer_next, send_unit
from pictures import allowed, compare, differ
from playwright.sync_api import Browser, Page, expect
from test_one_case import choose_hospital, press_next, register_patient, take_call

from conftest import Node, Seat, SeatMaker

SHOTS = Path(__file__).parents[2] / "test-results" / "screens"
RAW_KEY = (
    r"\b(?:errors|state|log|alert|alert_name|reason|shortfall|level|milestone|review|crew|care"
    r"|hospital|ui|map|admin|double|task_text|flag|fact)\.[a-z][a-z0-9_]*"
)
"""How a text without words looks: its key."""
SIZES = {"small": (1366, 768), "tablet": (820, 1180), "phone": (390, 844)}
CALM_MS = 600
"""For what is drawn late: the charts, and a map that is about to move."""
BY_CHANCE = (
    ".crew-proposal, .crew-alarms, .hs-alarms, .vital-alarms, [data-testid=monitor-place],"
    " [data-testid=row-alarm], [data-testid=link-disk], .hs-done, .hs-case:not(.sel),"
    " [data-testid=undo], [data-testid=ended-runs], [data-testid=ended-open]"
    " { display: none !important }"
    " .hs-case.alarm { background: var(--sel) !important }"
)
"""A proposed node, a patient who gets worse, a second device, a run of the tests before at its end
or at the same hospital, what can be undone for some seconds: all move what is below them, or colour
it. How full the disk is, is the machine's."""
UNDRAWN_MAP = ".ghm .canvas:not([data-drawn]):visible"


def check(page: Page, errors: list[str], name: str) -> None:
    """The picture, and what holds for every screen."""
    page.locator("#root > *").first.wait_for()
    expect(page.get_by_test_id("opening")).to_have_count(0)
    page.evaluate("document.fonts.ready.then(() => true)")
    page.wait_for_timeout(CALM_MS)
    expect(page.locator(UNDRAWN_MAP)).to_have_count(0)
    SHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SHOTS / f"{name}.png", style=BY_CHANCE)
    compare(SHOTS / f"{name}.png")
    assert errors == []
    frame = page.evaluate(
        "() => { const e = document.scrollingElement;"
        " return [e.scrollWidth - innerWidth, e.scrollHeight - innerHeight] }"
    )
    assert frame[0] <= 0, f"{name} scrolls to the side by {frame[0]} px"
    if not name.startswith("login-phone"):
        assert frame[1] <= 0, f"{name} scrolls down by {frame[1]} px"
    shown = page.locator("body").inner_text()
    raw = page.evaluate("([text, key]) => text.match(new RegExp(key, 'g'))", [shown, RAW_KEY])
    assert raw is None, f"{name} shows keys instead of words: {raw}"
    assert page.evaluate("document.fonts.check('14px \"Noto Sans SC\"', '黄金时间急救')")


def dress(page: Page, *, theme: str = "", lang: str = "") -> None:
    """Press the switches of the header until the screen looks as asked for."""
    if theme and page.locator("html").get_attribute("data-theme") != theme:
        page.get_by_test_id("theme").click()
        expect(page.locator("html")).to_have_attribute("data-theme", theme)
    if lang and (page.locator("html").get_attribute("lang") or "zh-CN") != lang:
        page.get_by_test_id("lang").click()
        expect(page.locator("html")).to_have_attribute("lang", lang)


@pytest.mark.parametrize(("name", "width", "height"), [("desk", 1920, 1080), ("phone", 390, 844)])
def test_login(node: Node, browser: Browser, name: str, width: int, height: int) -> None:
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": width, "height": height}, locale="zh-CN"
    )
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(f"{node.centre}/login")
    page.get_by_test_id("login-username").wait_for()
    check(page, errors, f"login-{name}")
    context.close()


def all_dresses(seat: Seat, name: str) -> None:
    """Both themes in both languages."""
    for lang, suffix in (("zh-CN", ""), ("en", "-en")):
        for theme in ("dark", "light"):
            dress(seat.page, theme=theme, lang=lang)
            check(seat.page, seat.errors, f"{name}-{theme}{suffix}")
    dress(seat.page, theme="dark", lang="zh-CN")


def all_sizes(seat: Seat, name: str) -> None:
    """A small desk, a tablet upright and a telephone; afterwards the size that it had."""
    before = seat.page.viewport_size
    assert before is not None
    for size, (width, height) in SIZES.items():
        seat.page.set_viewport_size({"width": width, "height": height})
        check(seat.page, seat.errors, f"{name}-{size}")
    seat.page.set_viewport_size(before)


def switch(page: Page, name: str) -> None:
    """One of the switches in the tablet's menu, which is closed again."""
    menu = page.get_by_test_id("crew-menu")
    if not menu.is_visible():
        page.get_by_test_id("menu").click()
    menu.get_by_test_id(name).click()
    if menu.is_visible():
        page.get_by_test_id("menu").click()
    expect(menu).to_have_count(0)


def crew_dresses(seat: Seat, name: str) -> None:
    """Day and night in both languages; afterwards as before."""
    check(seat.page, seat.errors, name)
    for press, now in (("theme", "-other"), ("language", "-other-en"), ("theme", "-en")):
        switch(seat.page, press)
        check(seat.page, seat.errors, f"{name}{now}")
    switch(seat.page, "language")


def read_notices(page: Page) -> None:
    """That runs of the tests before were called off: one button says so of all."""
    if page.get_by_test_id("called-off").count():
        page.get_by_test_id("called-off-seen").click()
        expect(page.get_by_test_id("called-off")).to_have_count(0)


def drive(seat: Seat, name: str) -> None:
    """A driver's screen locks while the vehicle moves; the passenger's side opens it."""
    switch(seat.page, "place")
    seat.page.get_by_test_id("driver-lock").wait_for()
    expect(seat.page.get_by_test_id("capture-patient")).to_have_count(0)
    check(seat.page, seat.errors, f"{name}-driver")
    seat.page.get_by_test_id("driver-open").click()
    expect(seat.page.get_by_test_id("capture-patient")).to_be_visible()
    switch(seat.page, "place")


def test_one_case_on_all_screens(node: Node, seat: SeatMaker) -> None:
    desk = seat("dispatcher", "/dispatcher")
    desk.page.get_by_test_id("units-all").wait_for()
    all_dresses(desk, "dispatcher-empty")
    take_call(desk.page)
    desk.page.get_by_test_id("location-inset").wait_for()
    expect(desk.page.locator(".ghm-eta")).to_be_visible()
    check(desk.page, desk.errors, "dispatcher-taking")
    desk.page.keyboard.press("Escape")
    desk.page.get_by_test_id("command").fill("/")
    desk.page.get_by_test_id("command-hints").wait_for()
    check(desk.page, desk.errors, "dispatcher-command")
    desk.page.get_by_test_id("command").press("Escape")
    call_sign = send_unit(desk.page)
    answer_next(desk.page)

    crew = seat(f"crew-{call_sign.lower()}", "/crew", width=1280, height=800, vehicle=True)
    crew.page.get_by_test_id("accept").wait_for()
    read_notices(crew.page)
    check(crew.page, crew.errors, "crew-new-task")
    crew.page.get_by_test_id("accept").click()
    press_next(crew.page, "departed")
    crew.page.get_by_test_id("way-map").wait_for()
    crew_dresses(crew, "crew-driving")
    drive(crew, "crew")
    for milestone in ("on_scene", "at_patient"):
        press_next(crew.page, milestone)
    register_patient(crew.page)
    hospital = choose_hospital(crew.page)
    crew.page.get_by_test_id("ecg").wait_for()
    check(crew.page, crew.errors, "crew-task")
    expect(crew.page.get_by_test_id("patient-line")).to_contain_text("周建明")

    named = {a["name"]: name for name, a in node.accounts.items()}
    wards = {name: user for name, user in named.items() if user.startswith("hospital")}
    taking = next(user for name, user in wards.items() if name.startswith(hospital))
    ward = seat(taking, "/hospital")
    ward.page.get_by_test_id("acknowledge").wait_for()
    ward.page.get_by_test_id("ecg-age").wait_for()
    ward.page.locator("canvas.ecg-canvas[data-recorded=whole]").wait_for()
    all_dresses(ward, "hospital-patient")
    all_sizes(ward, "hospital-patient")
    ward.page.get_by_test_id("wall").click()
    check(ward.page, ward.errors, "hospital-wall")
    ward.page.get_by_test_id("wall").click()
    empty = seat(next(u for u in wards.values() if u != taking), "/hospital")
    empty.page.get_by_test_id("wall").wait_for()
    check(empty.page, empty.errors, "hospital-empty")

    all_dresses(desk, "dispatcher-running")
    all_sizes(desk, "dispatcher-running")
    other = next(
        u for u in node.accounts if u.startswith("crew-") and not u.endswith(call_sign.lower())
    )
    idle = seat(other, "/crew", width=1280, height=800, vehicle=True)
    idle.page.get_by_test_id("idle").wait_for()
    read_notices(idle.page)
    check(idle.page, idle.errors, "crew-idle")
    idle.page.get_by_test_id("menu").click()
    idle.page.get_by_test_id("theme").click()
    check(idle.page, idle.errors, "crew-idle-other-theme")


@pytest.mark.parametrize(
    ("user", "path", "ready"),
    [
        ("quality", "/review", "nodes"),
        ("quality", "/kpi", "kpi-groups"),
        ("admin", "/admin", "person-admin"),
    ],
)
def test_offices(seat: SeatMaker, user: str, path: str, ready: str) -> None:
    office = seat(user, path)
    office.page.get_by_test_id(ready).wait_for()
    all_dresses(office, path.strip("/"))


def test_a_case_played_again(seat: SeatMaker) -> None:
    """By mouse and keyboard, by both clocks; the newest case of the tests before this one."""
    office = seat("quality", "/review")
    page = office.page
    page.get_by_test_id("open-replay").click()
    at = page.get_by_test_id("at")
    at.wait_for()
    begun = at.inner_text()
    expect(page.get_by_test_id("units-then")).to_contain_text("未派车")
    page.keyboard.press("End")
    expect(at).not_to_have_text(begun)
    choice = page.get_by_test_id("choice").first
    expect(choice).to_contain_text("派出")
    expect(page.locator("[data-testid=event-track] li[aria-current]")).to_be_in_viewport()
    page.keyboard.press("Home")
    expect(at).to_have_text(begun)
    expect(choice).to_have_count(0)
    page.get_by_test_id("x60").click()
    page.keyboard.press(" ")
    expect(at).not_to_have_text(begun)
    page.keyboard.press(" ")
    stopped = at.inner_text()
    page.keyboard.press("ArrowRight")
    expect(at).not_to_have_text(stopped)
    page.get_by_test_id("clock-seen").click()
    expect(page.get_by_test_id("clock-seen")).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("End")
    page.locator("[data-testid=map] [data-unit]").first.wait_for()
    all_dresses(office, "replay")
    page.set_viewport_size({"width": 1280, "height": 800})
    check(page, office.errors, "replay-tablet")
    # The streets that it drove, beside what was reported; as it happened, since nobody saw it then.
    page.set_viewport_size({"width": 1920, "height": 1080})
    dress(page, lang="zh-CN")
    page.get_by_test_id("clock-seen").click()
    expect(page.get_by_test_id("matched")).to_have_count(0)
    page.get_by_test_id("clock-happened").click()
    page.keyboard.press("End")
    page.get_by_test_id("matched").click()
    expect(page.get_by_test_id("matched-told")).to_contain_text("的位置已匹配")
    page.wait_for_timeout(CALM_MS)
    page.screenshot(path=SHOTS.parent / "replay-matched.png")


def test_what_a_seat_had_shown_and_the_case_as_evidence(seat: SeatMaker) -> None:
    office = seat("quality", "/review")
    page = office.page
    row = page.locator("[data-testid=events] tr", has_text="立案").first
    row.get_by_role("button").click()
    shown = page.get_by_test_id("painted")
    expect(shown.locator("tbody tr").first).to_contain_text("席 01")
    check(page, office.errors, "review-painted")
    page.keyboard.press("Escape")
    page.get_by_test_id("open-evidence").click()
    with page.expect_download() as download:
        page.get_by_test_id("evidence-go").click()
    assert download.value.suggested_filename.endswith(".evidence")
    content = Path(download.value.path()).read_bytes()
    assert b"goldenhour-evidence-1" in content
    expect(page.get_by_test_id("evidence")).to_have_count(0)


def test_the_cases_behind_an_indicator(seat: SeatMaker) -> None:
    office = seat("quality", "/kpi")
    page = office.page
    page.get_by_test_id("kpi-departure_3min").click()
    page.get_by_test_id("by-unit").click()
    group = page.locator("[data-testid=kpi-groups] [data-testid^=group-]").first
    group.click()
    expect(page.get_by_test_id("kpi-cases").locator("tbody tr").first).to_contain_text(
        group.inner_text()
    )
    all_dresses(office, "kpi-detail")
    with page.expect_download() as download:
        page.get_by_test_id("csv").click()
    text = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "departure_3min" in text
    page.emulate_media(media="print")
    page.screenshot(path=SHOTS / "kpi-print.png", full_page=True)
    page.emulate_media(media="screen")
    page.get_by_test_id("kpi-cases").get_by_role("link", name="复盘回放").first.click()
    page.get_by_test_id("replay").wait_for()
    assert office.errors == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("dispatcher-running-dark", "dispatcher-running-light"),
        ("hospital-patient-light", "hospital-empty"),
        ("crew-idle", "crew-task"),
        ("crew-driving", "crew-driving-other"),
        ("review-light", "kpi-light"),
        ("login-desk", "review-light"),
    ],
)
def test_one_screen_does_not_pass_for_another(one: str, other: str) -> None:
    assert differ(one, other) > allowed(one)
