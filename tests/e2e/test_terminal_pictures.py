"""An administrator asks a vehicle's terminal for a picture, and sees it."""

from acts import refusal
from playwright.sync_api import expect
from test_one_case import shot
from test_who_may_speak import open_devices

from conftest import Node, SeatMaker

NUMBER = "13900000000"
"""The demo's first terminal."""
WIDTH_PX = 640


def test_a_picture_is_taken_and_seen(node: Node, seat: SeatMaker) -> None:
    del node
    admin = seat("admin", "/admin")
    page = admin.page
    open_devices(page)
    page.get_by_test_id(f"terminal-{NUMBER}").click()
    expect(page.get_by_test_id("terminal-state")).to_contain_text("在线")
    channel, take = page.get_by_test_id("picture-channel"), page.get_by_test_id("picture-take")
    channel.fill("0")
    take.click()
    refusal(page, "required")
    outcome = page.get_by_test_id("picture-outcome")
    for number, words in (("9", "终端没有这个通道"), ("1", "终端已执行")):
        channel.fill(number)
        take.click()
        expect(outcome).to_contain_text(f"通道 {number}")
        expect(outcome).to_contain_text(words)
    row = page.get_by_test_id("media-1")
    expect(row).to_contain_text("平台下发指令 · 图像 · 通道 1")
    row.get_by_test_id("media-view").click()
    picture = row.get_by_test_id("media-picture")
    expect(picture).to_be_visible()
    expect(picture).to_have_js_property("naturalWidth", WIDTH_PX)
    picture.scroll_into_view_if_needed()
    shot(admin, "admin-terminal-picture")
    with page.expect_download() as download:
        row.get_by_test_id("media-file").click()
    assert download.value.suggested_filename.startswith(f"{NUMBER}-1-")
    assert download.value.path().read_bytes().startswith(b"\xff\xd8\xff")
    assert admin.errors == []
